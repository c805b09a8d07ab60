"""What a wrong cell most likely does instead: families of well-known mistakes, fitted to what it computed.

All of this happens at input and hidden size 1 and only after the right family did not fit. A misconception is named
in a message only if its own family explains the values to within rounding errors.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autograder.recurrence import (
    TOLERANCE,
    Array,
    CellFit,
    Dual,
    Family,
    Questions,
    fit,
    fit_lstm,
    identity,
    logistic,
    read_lstm,
    relu,
    sigmoid,
    tanh,
)

STARTS, ITERATIONS = 24, 60
"""A misconception that is missed for want of starts only costs the hint, so fewer do than for a verdict."""


@dataclass(frozen=True)
class Misconception:
    """A wrong formula, and what to tell the student whose cell computes it."""

    hint: str
    family: Family


Terms = Mapping[str, Dual]
Given = Mapping[str, Array]


def _one(hint: str, terms: dict[str, str], formula: Callable[[Terms, Given], Dual]) -> Misconception:
    return Misconception(hint, Family(hint, terms, lambda t, given: [formula(t, given)]))


def explain(misconceptions: Sequence[Misconception], features: Given, target: Array, rng: np.random.Generator) -> str:
    """The hint of the first misconception that explains the values, or an empty text."""
    for wrong in misconceptions:
        if fit(wrong.family, features, [target], rng, starts=[STARTS], iterations=ITERATIONS).fits:
            return wrong.hint
    return ""


# --------------------------------------------------------------------------------------------------------------
# LSTM

_IG = {"i": "xh1", "g": "xh1"}
_FIG = {"f": "xh1", **_IG}

# Special cases stand before the families that contain them.
CELL_STATE = (
    _one(
        "Are hx, and with it h and c, ignored?",
        {"i": "x1", "g": "x1"},
        lambda t, v: sigmoid(t["i"]) * tanh(t["g"]),
    ),
    _one(
        "Is the old cell state left out of the new one?",
        _IG,
        lambda t, v: sigmoid(t["i"]) * tanh(t["g"]),
    ),
    _one(
        "Is the forget gate applied to h instead of c?",
        _FIG,
        lambda t, v: sigmoid(t["f"]) * v["h"] + sigmoid(t["i"]) * tanh(t["g"]),
    ),
    _one(
        "hx is (h, c): is it unpacked in the other order?",
        {"f": "xc1", "i": "xc1", "g": "xc1"},
        lambda t, v: sigmoid(t["f"]) * v["h"] + sigmoid(t["i"]) * tanh(t["g"]),
    ),
    _one(
        "Is tanh already applied to the new cell state itself, and not only where the hidden state is computed?",
        _FIG,
        lambda t, v: tanh(sigmoid(t["f"]) * v["c"] + sigmoid(t["i"]) * tanh(t["g"])),
    ),
)

FORGET_GATE = (
    _one("Is the forget gate squashed by tanh instead of the sigmoid?", {"f": "xh1"}, lambda t, v: tanh(t["f"])),
    _one("Is the sigmoid of the forget gate missing?", {"f": "xh1"}, lambda t, v: identity(t["f"])),
    _one("Is the forget gate squashed by relu instead of the sigmoid?", {"f": "xh1"}, lambda t, v: relu(t["f"])),
    _one(
        "Are two gates multiplied where only the forget gate belongs?",
        {"f": "xh1", "i": "xh1"},
        lambda t, v: sigmoid(t["f"]) * sigmoid(t["i"]),
    ),
)

ADDED = (
    _one(
        "Is the candidate squashed by the sigmoid instead of tanh?", _IG, lambda t, v: sigmoid(t["i"]) * sigmoid(t["g"])
    ),
    _one("Is the candidate's tanh missing?", _IG, lambda t, v: sigmoid(t["i"]) * t["g"]),
    _one("Is the candidate squashed by relu instead of tanh?", _IG, lambda t, v: sigmoid(t["i"]) * relu(t["g"])),
    _one("Is the input gate squashed by tanh instead of the sigmoid?", _IG, lambda t, v: tanh(t["i"]) * tanh(t["g"])),
    _one("Is the sigmoid of the input gate missing?", _IG, lambda t, v: t["i"] * tanh(t["g"])),
    _one("Is h taken where the candidate belongs?", {"i": "xh1"}, lambda t, v: sigmoid(t["i"]) * v["h"]),
    _one(
        "Is the input gate added instead of multiplied?",
        _IG,
        lambda t, v: sigmoid(t["i"]) + tanh(t["g"]),
    ),
)

HIDDEN_STATE = (
    _one("Is the tanh of the new cell state missing?", {"o": "xh1"}, lambda t, v: sigmoid(t["o"]) * v["cy"]),
    _one(
        "Is the hidden state computed from the old cell state instead of the new one?",
        {"o": "xh1"},
        lambda t, v: sigmoid(t["o"]) * np.tanh(v["c"]),
    ),
    _one(
        "Is the output gate squashed by tanh instead of the sigmoid?",
        {"o": "xh1"},
        lambda t, v: tanh(t["o"]) * np.tanh(v["cy"]),
    ),
    _one("Is the sigmoid of the output gate missing?", {"o": "xh1"}, lambda t, v: t["o"] * np.tanh(v["cy"])),
    _one(
        "Is the new cell state squashed by the sigmoid instead of tanh?",
        {"o": "xh1"},
        lambda t, v: sigmoid(t["o"]) * logistic(v["cy"]),
    ),
    _one(
        "Is the new cell state squashed by relu instead of tanh?",
        {"o": "xh1"},
        lambda t, v: sigmoid(t["o"]) * np.maximum(v["cy"], 0.0),
    ),
    _one(
        "Is the output gate inside the tanh instead of outside?",
        {"o": "xh1"},
        lambda t, v: tanh(sigmoid(t["o"]) * v["cy"]),
    ),
    _one(
        "Is the hidden state computed from the candidate instead of the new cell state?",
        {"o": "xh1", "g": "xh1"},
        lambda t, v: sigmoid(t["o"]) * tanh(t["g"]),
    ),
    _one(
        "Is the hidden state computed from the old h instead of the new cell state?",
        {"o": "xh1"},
        lambda t, v: sigmoid(t["o"]) * np.tanh(v["h"]),
    ),
)


def explain_lstm(questions: Questions, hy: NDArray, cy: NDArray, found: CellFit, rng: np.random.Generator) -> list[str]:
    """What is wrong with an LSTM cell of one unit, as sentences: for each part of the formula that does not hold."""
    if np.array_equal(hy, cy):
        return ["The hidden state and the cell state that came are the same. Is one of them returned twice?"]
    if fit_lstm(questions, cy, hy, rng).fits:
        return ["The values fit with the two exchanged: expected (hy, cy), in this order."]

    features = {name: f[:, 0] if name in ("x", "h", "c") else f for name, f in questions.features().items()}
    assert questions.c is not None
    features["cy"] = cy[:, 0].astype(np.float64)
    features["xc1"] = np.column_stack([questions.x, questions.c, np.ones(len(cy))]).astype(np.float64)
    wrong = {name for name, residual in found.residuals.items() if residual > TOLERANCE}
    sentences = []
    reading = read_lstm(questions, cy)
    points = {"xh1": features["xh1"][: len(reading.added)], "h": features["h"][: len(reading.added)]}

    if "straight" in wrong or np.max(np.abs(reading.kept)) <= TOLERANCE:
        hint = explain(CELL_STATE, features, features["cy"], rng)
        if "straight" not in wrong:
            hint = hint or "Is the old cell state part of it?"
            sentences.append(f"The new cell state does not depend on c as f * c + i * g does. {hint}")
        else:
            hint = hint or "Do the gates depend on c?"
            sentences.append(f"The new cell state is not of the form f * c + something that c is not in. {hint}")
    elif "added" in wrong or "forget" in wrong:
        if "forget" in wrong:
            range_ = f"{reading.kept.min():.2f} to {reading.kept.max():.2f}"
            hint = explain(FORGET_GATE, points, reading.kept[:, 0], rng)
            sentences.append(
                f"What c is multiplied with (here {range_}) is not the sigmoid of an affine function of x and h. {hint}"
            )
        if "added" in wrong:
            hint = explain(ADDED, points, reading.added[:, 0], rng)
            sentences.append(f"What is added to f * c is not i * g, a sigmoid times a tanh. {hint}")
    if "output" in wrong:
        hint = explain(HIDDEN_STATE, features, hy[:, 0].astype(np.float64), rng)
        # Where the gates depend on c, o does so too: that is the same mistake, said already.
        if hint or "straight" not in wrong:
            sentences.append(f"The new hidden state is not o * tanh(cy) of the new cell state that came. {hint}")
    return [sentence.strip() for sentence in sentences]


# --------------------------------------------------------------------------------------------------------------
# GRU

_ZRAB = {"z": "xh1", "r": "xh1", "a": "x1", "b": "h1"}


def _gru(hint: str, formula: Callable[[Dual, Dual, Dual, Dual, Array], Dual]) -> Misconception:
    """A wrong GRU of the affines z, r, a (of x) and b (of h), and of h; none of them squashed yet."""
    return _one(hint, _ZRAB, lambda t, v: formula(t["z"], t["r"], t["a"], t["b"], v["h"]))


def _mix(z: Dual, n: Dual, h: Array) -> Dual:
    return n + z * (h - n)


GRU = (
    _one(
        "Is hx ignored?",
        {"z": "x1", "a": "x1"},
        lambda t, v: sigmoid(t["z"]) * tanh(t["a"]),
    ),
    _gru("Is the candidate's tanh missing?", lambda z, r, a, b, h: _mix(sigmoid(z), a + sigmoid(r) * b, h)),
    _gru(
        "Is the candidate squashed by the sigmoid instead of tanh?",
        lambda z, r, a, b, h: _mix(sigmoid(z), sigmoid(a + sigmoid(r) * b), h),
    ),
    _gru(
        "Is the candidate squashed by relu instead of tanh?",
        lambda z, r, a, b, h: _mix(sigmoid(z), relu(a + sigmoid(r) * b), h),
    ),
    _gru(
        "Is the reset gate squashed by tanh instead of the sigmoid?",
        lambda z, r, a, b, h: _mix(sigmoid(z), tanh(a + tanh(r) * b), h),
    ),
    _gru(
        "Is the update gate squashed by tanh instead of the sigmoid?",
        lambda z, r, a, b, h: _mix(tanh(z), tanh(a + sigmoid(r) * b), h),
    ),
    _gru(
        "Is the sigmoid of the update gate missing?",
        lambda z, r, a, b, h: _mix(z, tanh(a + sigmoid(r) * b), h),
    ),
    _gru(
        "Is the sigmoid of the reset gate missing?",
        lambda z, r, a, b, h: _mix(sigmoid(z), tanh(a + r * b), h),
    ),
    _gru(
        "Do the shares of the candidate and of the old state add up to one?",
        lambda z, r, a, b, h: sigmoid(z) * (tanh(a + sigmoid(r) * b) + h),
    ),
    _gru(
        "Does the update gate weigh only one of the candidate and the old state?",
        lambda z, r, a, b, h: sigmoid(z) * tanh(a + sigmoid(r) * b) + h,
    ),
    _gru(
        "Does the update gate weigh only one of the candidate and the old state?",
        lambda z, r, a, b, h: sigmoid(z) * h + tanh(a + sigmoid(r) * b),
    ),
    _gru(
        "Is the old state left out of the mixture?",
        lambda z, r, a, b, h: sigmoid(z) * tanh(a + sigmoid(r) * b),
    ),
    _gru(
        "Is the step from the old state towards the candidate taken with the wrong sign?",
        lambda z, r, a, b, h: h + sigmoid(z) * (h - tanh(a + sigmoid(r) * b)),
    ),
    _gru(
        "Is the reset gate applied to the candidate after its tanh?",
        lambda z, r, a, b, h: _mix(sigmoid(z), sigmoid(r) * tanh(a + b), h),
    ),
    _gru(
        "Is the reset gate applied to the input instead of the hidden state?",
        lambda z, r, a, b, h: _mix(sigmoid(z), tanh(sigmoid(r) * a + b), h),
    ),
    _gru(
        "Is the reset gate applied to the input, too?",
        lambda z, r, a, b, h: _mix(sigmoid(z), tanh(sigmoid(r) * (a + b)), h),
    ),
    _gru(
        "Is the state after the reset, r * h, carried on instead of h itself?",
        lambda z, r, a, b, h: (1.0 - sigmoid(z)) * tanh(a + sigmoid(r) * b) + sigmoid(z) * (sigmoid(r) * h),
    ),
    _gru(
        "Is tanh applied to the new hidden state?",
        lambda z, r, a, b, h: tanh(_mix(sigmoid(z), tanh(a + sigmoid(r) * b), h)),
    ),
    _gru(
        "Are the shares of the mixture taken from two different gates?",
        lambda z, r, a, b, h: sigmoid(z) * tanh(a + sigmoid(r) * b) + sigmoid(r) * h,
    ),
)


def explain_gru(questions: Questions, hy: NDArray, rng: np.random.Generator) -> str:
    """What a GRU cell of one unit that does not fit may do instead, or an empty text."""
    features = {name: f[:, 0] if name in ("x", "h") else f for name, f in questions.features().items()}
    return explain(GRU, features, hy[:, 0].astype(np.float64), rng)
