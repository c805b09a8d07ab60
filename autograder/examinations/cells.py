"""Examinations of `lstm_cell` and `gru_cell`: a cell is judged by what it computes, not by how it is written.

A cell with input and hidden size 1 is a scalar function of (x, h) and, for an LSTM, c. The examiner sets all
parameters itself and fits the family of right cells to what comes back (`autograder.recurrence`); then every gate must
be live and independent, and larger sizes, missing states, missing biases, batches, gradients and side effects are
looked at one by one. `cell_misconceptions` finds the words for a cell that does not fit.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.channel import Candidate, CandidateError, Remote
from autograder.examinations.cell_misconceptions import explain_gru, explain_lstm
from autograder.examine import LIBRARY_RECURRENT_LAYERS, Context, Examination, Lost, Part
from autograder.recurrence import (
    SHARED,
    CellFit,
    Questions,
    Weights,
    dead,
    draw_parameters,
    fit_gru,
    fit_lstm,
    gru_questions,
    lstm_questions,
    parts,
    shared,
    unmoved,
)

Values = NDArray[Any]

DRAWS = 4
"""Sets of parameters at size 1: two gates that agree by chance in one do not in four."""

SAME = 1e-5
"""Largest difference of outputs of order 1 that are the same but for float32 in another order of summation."""

TRAINING_CALL = "_examined_in_training"
IN_TRAINING = f"""
def {TRAINING_CALL}(module, *arguments):
    module.train()
    return module(*arguments)
"""
"""Defined in the candidate: calls a module in training mode, as the channel by itself does not."""

LARGEST = 1e6
"""No state that the examiner asks for comes near this; beyond it sums of squares might overflow."""


@dataclass(frozen=True)
class Kind:
    """What tells an LSTM cell from a GRU cell for the examiner."""

    name: str
    states: tuple[str, ...]
    outputs: tuple[str, ...]
    formula: str
    gates: dict[str, str]
    larger: tuple[tuple[int, int], ...]

    @property
    def is_lstm(self) -> bool:
        return len(self.states) == 2

    def questions(self, input_size: int, hidden_size: int, rng: np.random.Generator) -> Questions:
        return (lstm_questions if self.is_lstm else gru_questions)(input_size, hidden_size, rng)

    def fit(self, questions: Questions, outputs: Sequence[Values], rng: np.random.Generator) -> CellFit:
        if self.is_lstm:
            return fit_lstm(questions, outputs[0], outputs[1], rng)
        return fit_gru(questions, outputs[0], rng)

    def explain(self, questions: Questions, outputs: Sequence[Values], found: CellFit, rng: np.random.Generator) -> str:
        if self.is_lstm:
            return " ".join(explain_lstm(questions, outputs[0], outputs[1], found, rng))
        return explain_gru(questions, outputs[0], rng)


LSTM = Kind(
    "LSTMCell",
    ("h", "c"),
    ("hy", "cy"),
    "cy = f * c + i * g, hy = o * tanh(cy), where f, i, o are sigmoids and g a tanh of affine functions of x and h",
    {"f": "the forget gate", "i": "the input gate", "g": "the candidate", "o": "the output gate"},
    ((3, 2), (2, 2), (2, 5)),
)
GRU = Kind(
    "GRUCell",
    ("h",),
    ("hy",),
    "a mixture of h and a candidate n by an update gate z, where n is a tanh and a reset gate r acts on h in it",
    {"z": "the update gate", "r": "the reset gate", "a": "the candidate", "b": "the candidate"},
    ((3, 2), (2, 2), (2, 3)),
)


# --------------------------------------------------------------------------------------------------------------
# A cell of the candidate's, and answers in the form that is due


@dataclass
class Cell:
    """A constructed cell of the candidate's, and how its calls are written in messages."""

    candidate: Candidate
    kind: Kind
    input_size: int
    hidden_size: int
    bias: bool = True
    remote: Remote = field(init=False)

    def __post_init__(self) -> None:
        # bias=True stays unsaid: the default is examined with it.
        options = {} if self.bias else {"bias": False}
        with_bias = "" if self.bias else ", bias=False"
        self.text = f"{self.kind.name}({self.input_size}, {self.hidden_size}{with_bias})"
        self.remote = self._asked(
            self.text,
            lambda: self.candidate.construct(self.kind.name, self.input_size, self.hidden_size, **options),
        )

    def call_text(self, given: bool = True) -> str:
        state = "(h, c)" if self.kind.is_lstm else "h"
        return f"{self.text}(x, {state})" if given else f"{self.text}(x)"

    def parameters(self) -> dict[str, Values]:
        """The cell's parameters of real numbers, by name."""
        try:
            values = self.candidate.parameters(self.remote)
        except CandidateError as error:
            raise Lost(
                f"{self.text} should be an nn.Module with parameters, but asking for them raised "
                f"{error.kind}: {error.message}"
            ) from None
        return {name: value for name, value in values.items() if value.dtype.kind == "f"}

    def draw(self, rng: np.random.Generator) -> dict[str, Values]:
        """Set all parameters to new random values, and return them."""
        drawn = draw_parameters(self.parameters(), self.input_size, self.hidden_size, rng)
        self.candidate.set_parameters(self.remote, drawn)
        return drawn

    def ask(self, x: Any, states: Sequence[Any] | None, batch: int) -> list[Values]:
        """Call the cell; its outputs, each (batch, hidden_size), finite. `states` None leaves hx out."""
        text = self.call_text(given=states is not None)
        arguments = [x] if states is None else [x, tuple(states) if self.kind.is_lstm else states[0]]
        value = self._asked(text, lambda: self.candidate.call(self.remote, *arguments))
        shape = (batch, self.hidden_size)
        return self._outputs(value, shape, f"{text} with x of shape {(batch, self.input_size)}")

    def gradients(self, x: Values, states: Sequence[Values], weights: Sequence[Values]) -> Any:
        hx = tuple(states) if self.kind.is_lstm else states[0]
        wanted = tuple(weights) if self.kind.is_lstm else weights[0]
        text = f"{self.call_text()} and then backward()"
        return self._asked(text, lambda: self.candidate.gradients(self.remote, x, hx, weights=wanted))

    def _outputs(self, value: Any, shape: tuple[int, int], asked: str) -> list[Values]:
        names = self.kind.outputs
        expected = f"({', '.join(names)}), a tuple of two tensors" if self.kind.is_lstm else "hy, one tensor"
        values = list(value) if isinstance(value, tuple | list) else [value]
        pair = isinstance(value, tuple | list) == self.kind.is_lstm
        if not pair or len(values) != len(names) or not all(isinstance(v, np.ndarray) for v in values):
            raise Lost(f"{asked}: expected {expected}, got {describe(value)}.")
        for name, array in zip(names, values, strict=True):
            if array.shape != shape:
                squeezed = " Does a squeeze() drop a dimension?" if array.ndim < 2 else ""
                raise Lost(f"{asked}: expected {name} of shape {shape}, got {array.shape}.{squeezed}")
            if array.dtype.kind != "f":
                raise Lost(f"{asked}: expected {name} in float32, got {array.dtype}.")
            if not np.isfinite(array).all():
                raise Lost(f"{asked}: {name} holds values that are not finite (nan or inf).")
            if np.any(np.abs(array) > LARGEST):
                raise Lost(f"{asked}: {name} holds values beyond {LARGEST:.0e}, although no gate exceeds one.")
        return values

    def _asked(self, text: str, question: Callable[[], Any]) -> Any:
        try:
            return question()
        except CandidateError as error:
            # An answer that is not there yet is told from a wrong one by this exception.
            if error.kind == "NotImplementedError":
                raise
            where = f" ({error.where})" if error.where else ""
            raise Lost(f"{text}: your code raised {error.kind}: {error.message}{where}") from None


def describe(value: Any) -> str:
    """What came, in words: its type, and for arrays their shapes."""
    if isinstance(value, np.ndarray):
        return f"a tensor of shape {value.shape}"
    if isinstance(value, tuple | list):
        if len(value) > 4:
            return f"a {type(value).__name__} of {len(value)}"
        return f"a {type(value).__name__} of {len(value)} ({', '.join(map(describe, value))})"
    if isinstance(value, Remote):
        return f"an object of type {value.kind[:60]}"
    return "None" if value is None else f"a {type(value).__name__}"


def draw_states(kind: Kind, shape: tuple[int, int], rng: np.random.Generator) -> list[Values]:
    return [rng.uniform(-1.0, 1.0, shape).astype(np.float32) for _ in kind.states]


def asked_with(questions: Questions) -> list[Values]:
    return [questions.h] if questions.c is None else [questions.h, questions.c]


# --------------------------------------------------------------------------------------------------------------
# The recurrence with one unit


def recurrence(kind: Kind, candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """At input and hidden size 1, the values are those of a right cell, and no gate is constant."""
    context.memory[kind.name] = []
    cell = _smallest_cell(kind, candidate, rng, context)
    fits = []
    for _ in range(DRAWS):
        cell.draw(rng)
        questions, outputs, found = _fit(cell, rng)
        if not found.fits:
            hint = kind.explain(questions, outputs, found, rng) if cell.hidden_size == 1 else ""
            raise Lost(
                f"{cell.call_text()} on random x and states: expected {kind.formula}. {_best(found)} {hint}".strip()
            )
        fits.append(found)
    context.memory[kind.name] = fits
    constant = constant_gates(kind, fits)
    if constant:
        raise Lost(
            f"{cell.call_text()} on random x and states: {_listed(constant)} has no effect that varies with x and h. "
            "Is it computed, and used where it belongs?"
        )


def _smallest_cell(kind: Kind, candidate: Candidate, rng: np.random.Generator, context: Context) -> Cell:
    """The cell of one unit; of two if that one does not give what is due, as with a squeeze().

    That costs among the batches then, and the recurrence may be right all the same.
    """
    sizes = f"{kind.name} sizes"
    if sizes not in context.memory:
        context.memory[sizes] = (1, 1)
        try:
            cell = Cell(candidate, kind, 1, 1)
            cell.ask(*_random_call(kind, 1, 1, 8, rng))
        except Lost:
            context.memory[sizes] = (2, 2)
    return Cell(candidate, kind, *context.memory[sizes])


def _random_call(
    kind: Kind, input_size: int, hidden_size: int, batch: int, rng: np.random.Generator
) -> tuple[Values, list[Values], int]:
    """Random x and states within [-1, 1], and the batch size."""
    x = rng.uniform(-1.0, 1.0, (batch, input_size)).astype(np.float32)
    return x, draw_states(kind, (batch, hidden_size), rng), batch


def _fit(cell: Cell, rng: np.random.Generator) -> tuple[Questions, list[Values], CellFit]:
    """Ask the cell as its parameters are, and fit its family to what comes."""
    questions = cell.kind.questions(cell.input_size, cell.hidden_size, rng)
    outputs = cell.ask(questions.x, asked_with(questions), len(questions.x))
    return questions, outputs, cell.kind.fit(questions, outputs, rng)


def _best(found: CellFit) -> str:
    return f"No choice of weights explains what came: at best it is off by {found.residual:.2g}."


def constant_gates(kind: Kind, fits: Sequence[CellFit]) -> list[str]:
    """Names of the gates (and the candidate) for which neither x nor h matters."""
    missing = {(key.gate, key.operand) for key in dead(fits)}
    live = {
        kind.gates[g] for g, columns in fits[0].columns.items() for o in set(columns) - {"1"} if (g, o) not in missing
    }
    return [name for name in dict.fromkeys(kind.gates.values()) if name not in live]


def gates(kind: Kind, candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """Every gate has its own weights on x and on h and its own bias, all of them registered parameters."""
    cell = _smallest_cell(kind, candidate, rng, context)
    if not cell.parameters():
        raise Lost(
            f"{cell.text} has no parameters. Are its weights nn.Parameter or nn.Linear, and attributes of the cell?"
        )
    fits = _known_fits(kind, candidate, rng, context)
    fixed = unmoved(fits)
    if fixed:
        raise Lost(
            f"{cell.text}: {_weights(kind, fixed)} did not change when all of named_parameters() were set anew. "
            "Is everything that is trained an nn.Parameter or nn.Linear, and an attribute of the cell?"
        )
    missing = dead(fits)
    if missing:
        raise Lost(f"{cell.call_text()}: {_weights(kind, missing)} should have an effect, but there is none.")
    alike = shared(fits)
    if alike:
        a, b = alike[0]
        raise Lost(
            f"{cell.text}: {kind.gates[a.gate]} and {kind.gates[b.gate]} use the same weights"
            f"{OPERANDS[a.operand]}. Has each gate parameters of its own?"
        )


OPERANDS = {"x": " on x", "h": " on h", "1": " as bias"}


def _known_fits(kind: Kind, candidate: Candidate, rng: np.random.Generator, context: Context) -> list[CellFit]:
    """What `recurrence` found; without that, nothing that is built on it can be judged."""
    if kind.name not in context.memory:
        # The part of that name was run for another candidate process; its message stands already.
        with suppress(Lost):
            recurrence(kind, candidate, rng, context)
    if not context.memory[kind.name]:
        raise Lost("Not looked at: it builds on the recurrence, which must be right first.")
    return list(context.memory[kind.name])


def _weights(kind: Kind, keys: Sequence[Weights]) -> str:
    texts = dict.fromkeys(
        f"the {'bias' if key.operand == '1' else f'weight on {key.operand}'} of {kind.gates[key.gate]}" for key in keys
    )
    return _listed(list(texts))


def _listed(texts: Sequence[str]) -> str:
    unique = list(dict.fromkeys(texts))
    return unique[0] if len(unique) == 1 else f"{', '.join(unique[:-1])} and {unique[-1]}"


# --------------------------------------------------------------------------------------------------------------
# Larger sizes


def larger_sizes(kind: Kind, candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """With several inputs and units, every unit follows the recurrence and depends on all of x and h."""
    # Weights that the examiner cannot set may be small by chance; that costs elsewhere.
    settable = not unmoved(_known_fits(kind, candidate, rng, context))
    for input_size, hidden_size in kind.larger:
        cell = Cell(candidate, kind, input_size, hidden_size)
        fits = []
        for _ in range(2 if hidden_size == 2 else 1):
            cell.draw(rng)
            questions, _, found = _fit(cell, rng)
            if not found.fits:
                raise Lost(f"{cell.call_text()} on random x and states: {_best(found)} {_larger_hint(cell, questions)}")
            fits.append(found)
        if settable:
            _check_mixing(cell, fits)
        # One draw of a few weights could agree by chance; two could not.
        alike = [pair for pair in shared(fits) if pair[0].operand != "1"] if len(fits) > 1 else []
        if alike:
            a, b = alike[0]
            raise Lost(
                f"{cell.text}: {kind.gates[a.gate]} of unit {a.unit} and {kind.gates[b.gate]} of unit {b.unit} "
                f"use the same weights{OPERANDS[a.operand]}. Do the slices of the gates overlap, "
                "or is a gate one number for all units?"
            )
        if settable and len(fits) > 1:
            _check_told_apart(cell, fits)


def _larger_hint(cell: Cell, questions: Questions) -> str:
    """With one unit the recurrence is right: do rows or units get mixed up?"""
    few = slice(0, 3)
    states = [state[few] for state in asked_with(questions)]
    whole = cell.ask(questions.x, asked_with(questions), len(questions.x))
    part = cell.ask(questions.x[few], states, 3)
    if not all(_agree(w[few], p) for w, p in zip(whole, part, strict=True)):
        return "Rows of a batch influence each other. Is something summed, normalised or chunked along the batch?"
    if cell.input_size == cell.hidden_size:  # the sizes that differ come first
        return "With an input_size that is not the hidden_size it is right. Does the code ask whether they are equal?"
    return (
        "With one hidden unit it is right. Are gates or units mixed up, by a slice, a chunk or a reshape along the "
        "wrong dimension?"
    )


def _check_mixing(cell: Cell, fits: Sequence[CellFit]) -> None:
    """Every unit's gates depend on all of x and h; with reset before the product, on h through all reset gates."""
    for key in dead(fits):
        if key.operand == "1":
            continue
        columns = np.array(fits[0].columns[key.gate])
        effect = np.max([np.abs(one.effects[key.gate][key.unit]) for one in fits], axis=0)[columns == key.operand]
        elementwise = key.operand == "h" and int(np.sum(effect >= np.max(effect) / 10)) == 1
        hint = " Is h multiplied by its weights element by element, so that units do not mix?" if elementwise else ""
        raise Lost(
            f"{cell.call_text()}: {cell.kind.gates[key.gate]} of unit {key.unit} does not depend on all of "
            f"{key.operand}.{hint}"
        )


def _check_told_apart(cell: Cell, fits: Sequence[CellFit]) -> None:
    """No gate weighs all components of x, or of h, alike: that would be a sum of them."""
    drawn = [parts(one) for one in fits]
    for key, row in drawn[0].items():
        if len(row) > 1 and all(np.ptp(one[key]) < SHARED for one in drawn):
            raise Lost(
                f"{cell.call_text()}: in {cell.kind.gates[key.gate]} all components of {key.operand} have the same "
                "weight. Is their sum or mean used, or is a matrix filled with one column?"
            )


# --------------------------------------------------------------------------------------------------------------
# States and biases that are left out


def initial_state(kind: Kind, candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """Without hx the cell starts from zeros, at any batch size and whatever it was asked before."""
    cell = Cell(candidate, kind, 3, 5)
    cell.draw(rng)
    # Sizes repeat, after calls that leave large numbers in memory: what is uninitialised does not stay zero then.
    for batch in (4, 1, 33, 4, 5, 33, 4):
        x = rng.uniform(-1.0, 1.0, (batch, 3)).astype(np.float32)
        zeros = [np.zeros((batch, 5), np.float32) for _ in kind.states]
        expected = cell.ask(x, zeros, batch)
        for _ in range(3):
            cell.ask(x, [50.0 + state for state in draw_states(kind, (batch, 5), rng)], batch)
        came = cell.ask(x, None, batch)
        again = cell.ask(x, None, batch)
        _check_zero_state(cell, expected, came, again)
    text = f"{cell.text}(x, None)"
    value = cell._asked(text, lambda: candidate.call(cell.remote, x, None))
    came = cell._outputs(value, (4, 5), text)
    _check_zero_state(cell, expected, came, came)


def _check_zero_state(cell: Cell, expected: Sequence[Values], came: Sequence[Values], again: Sequence[Values]) -> None:
    for name, e, c, a in zip(cell.kind.outputs, expected, came, again, strict=True):
        if not _agree(c, a) or not _agree(e, c):
            off = max(np.max(np.abs(e - c)), np.max(np.abs(e - a)))
            raise Lost(
                f"{cell.call_text(given=False)}: expected the same {name} as from a state of zeros, but it is off by "
                f"{off:.2g}. Does the initial state come from uninitialised memory (torch.Tensor(n, m) and "
                "torch.empty are not zeros), from random numbers, or from the call before?"
            )


def no_bias(kind: Kind, candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """With bias=False the recurrence is the same, with no bias in any gate."""
    _known_fits(kind, candidate, rng, context)
    input_size, hidden_size = context.memory[f"{kind.name} sizes"]
    cell = Cell(candidate, kind, input_size, hidden_size, bias=False)
    for _ in range(2):
        cell.draw(rng)
        _, _, found = _fit(cell, rng)
        if not found.fits:
            raise Lost(f"{cell.call_text()} on random x and states: {_best(found)} With a bias it is right.")
        if constant_gates(kind, [found]):
            # It costs elsewhere, and what is the bias of a gate without anything else is not determined.
            return
        biased = [kind.gates[gate] for gate, rows in found.gates.items() if np.any(np.abs(rows[:, -1]) > SHARED)]
        if biased:
            raise Lost(
                f"{cell.call_text()}: expected no bias, but there is one in {_listed(biased)}. "
                "Is bias=False passed on to every layer, and nothing added besides?"
            )


# --------------------------------------------------------------------------------------------------------------
# Batches, gradients, side effects


def batches(kind: Kind, candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """Shapes and float32 at all sizes, with every row of a batch on its own."""
    for input_size, hidden_size in ((3, 5), (5, 3), (4, 4), (1, 1)):
        cell = Cell(candidate, kind, input_size, hidden_size)
        cell.draw(rng)
        x = rng.uniform(-1.0, 1.0, (16, input_size)).astype(np.float32)
        states = draw_states(kind, (16, hidden_size), rng)
        whole = cell.ask(x, states, 16)
        for name, array in zip(kind.outputs, whole, strict=True):
            if array.dtype != np.float32:
                raise Lost(f"{cell.call_text()} on float32: expected {name} in float32, got {array.dtype}.")
        for batch in (1, 2, 3, 4, 5, 7):
            rows = slice(16 - batch, 16)
            part = cell.ask(x[rows], [state[rows] for state in states], batch)
            for name, w, p in zip(kind.outputs, whole, part, strict=True):
                if not _agree(w[rows], p):
                    off = np.max(np.abs(w[rows] - p))
                    raise Lost(
                        f"{cell.call_text()}: the same rows in a batch of {batch} and in one of 16 should give the "
                        f"same {name}, but differ by {off:.2g}. Do rows of a batch influence each other, or are batch "
                        "and units mixed up?"
                    )
        _check_dtype_without_state(cell, x)


def _check_dtype_without_state(cell: Cell, x: Values) -> None:
    for name, array in zip(cell.kind.outputs, cell.ask(x, None, len(x)), strict=True):
        if array.dtype != np.float32:
            raise Lost(f"{cell.call_text(given=False)} on float32: expected {name} in float32, got {array.dtype}.")


STEP = 0.05
"""Of central differences of fourth order, for functions that vary over distances of order 1 in float32."""

STENCIL = ((-2, 1 / 12), (-1, -8 / 12), (1, 8 / 12), (2, -1 / 12))

GRADIENT_ERROR = 3e-3
"""Largest difference to a derivative of order 1 by central differences, see `tests/test_cell_examinations.py`."""


def gradients(kind: Kind, candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """Gradients of all inputs and parameters agree with central differences of the cell's own values."""
    batch, input_size, hidden_size = 5, 3, 4
    cell = Cell(candidate, kind, input_size, hidden_size)
    drawn = cell.draw(rng)
    operands = [rng.uniform(-1.0, 1.0, (batch, input_size)).astype(np.float32)]
    operands += draw_states(kind, (batch, hidden_size), rng)
    weights = [rng.choice([-1.0, 1.0], (batch, hidden_size)).astype(np.float32) for _ in kind.outputs]
    expected = _input_differences(cell, operands, weights)
    found = cell.gradients(operands[0], operands[1:], weights)

    # Differences say nothing at the kinks of a wrong cell with relu, say; that no gradient arrives is clear anyway.
    smooth = bool(context.memory.get(kind.name))
    wrong = []
    arrived = [*found.inputs, *[None] * len(operands)]
    for name, value, wanted in zip(("x", *kind.states), arrived, expected, strict=False):
        none = value is None or not np.any(value)
        if (smooth or none) and not _close(_gradient(value, wanted.shape), wanted):
            wrong.append(f"{name} (none arrives)" if none else name)
    if smooth:
        wrong += _wrong_parameters(cell, drawn, operands, weights, found.parameters, rng)
    if wrong:
        raise Lost(
            f"{cell.call_text()} and then backward(): the gradient is not the derivative of what the cell computes "
            f"for {_listed(wrong[:6])}. Is something detached, or computed outside of torch or under no_grad "
            "(detach, data, item, numpy, torch.tensor of a result)?"
        )


def _gradient(value: Values | None, shape: tuple[int, ...]) -> Values:
    """A gradient as float64; zeros where none arrived, nan where what came is no gradient of that shape."""
    if value is None:
        return np.zeros(shape)
    if value.shape != shape or value.dtype.kind != "f":
        return np.full(shape, np.nan)
    return value.astype(np.float64)


def _close(value: Values, wanted: Values) -> bool:
    return bool(np.all(np.abs(value - wanted) <= GRADIENT_ERROR))


def _input_differences(cell: Cell, operands: Sequence[Values], weights: Sequence[Values]) -> list[Values]:
    """Derivatives of the weighted sum of outputs by x and the states, from one call with shifted rows."""
    batch = len(operands[0])
    shifted: list[list[Values]] = [[] for _ in operands]
    for which, operand in enumerate(operands):
        for column in range(operand.shape[1]):
            for offset, _ in STENCIL:
                for k, other in enumerate(operands):
                    rows = other.copy()
                    if k == which:
                        rows[:, column] += np.float32(offset * STEP)
                    shifted[k].append(rows)
    joined = [np.concatenate(rows) for rows in shifted]
    outputs = cell.ask(joined[0], joined[1:], len(joined[0]))
    sums = _weighted(outputs, [np.tile(w, (len(joined[0]) // batch, 1)) for w in weights]).reshape(
        -1, len(STENCIL), batch
    )
    slopes = np.einsum("ksb,s->bk", sums, [factor for _, factor in STENCIL]) / STEP
    return np.split(slopes, np.cumsum([o.shape[1] for o in operands])[:-1], axis=1)


def _weighted(outputs: Sequence[Values], weights: Sequence[Values]) -> Values:
    """The weighted sum of the outputs, by row."""
    return np.asarray(sum((o.astype(np.float64) * w).sum(axis=1) for o, w in zip(outputs, weights, strict=True)))


def _wrong_parameters(
    cell: Cell,
    drawn: dict[str, Values],
    operands: Sequence[Values],
    weights: Sequence[Values],
    found: dict[str, Values | None],
    rng: np.random.Generator,
) -> list[str]:
    """Names of the parameters whose gradient is not the derivative along random directions."""

    def disagrees(names: Sequence[str]) -> bool:
        directions = {name: rng.standard_normal(drawn[name].shape) for name in names}
        length = np.sqrt(sum(np.sum(d**2) for d in directions.values()))
        wanted = 0.0
        for offset, factor in STENCIL:
            moved = {n: (drawn[n] + offset * STEP * d / length).astype(drawn[n].dtype) for n, d in directions.items()}
            cell.candidate.set_parameters(cell.remote, {**drawn, **moved})
            outputs = cell.ask(operands[0], operands[1:], len(operands[0]))
            wanted += factor * float(np.sum(_weighted(outputs, weights))) / STEP
        came = sum(float(np.sum(_gradient(found.get(n), d.shape) * d)) for n, d in directions.items()) / length
        return not abs(came - wanted) <= GRADIENT_ERROR

    if not drawn or not any(disagrees(list(drawn)) for _ in range(3)):
        return []
    return [f"parameter {name[:60]}" for name in list(drawn)[:24] if disagrees([name])] or ["the parameters together"]


def side_effects(kind: Kind, candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """A call changes none of its arguments, none of the parameters, and not the next call's result."""
    cell = Cell(candidate, kind, 3, 4)
    drawn = cell.draw(rng)
    batch = 11
    operands = [rng.uniform(-1.0, 1.0, (batch, 3)).astype(np.float32), *draw_states(kind, (batch, 4), rng)]
    kept = [candidate.put(operand) for operand in operands]
    first = cell.ask(kept[0], kept[1:], batch)
    for name, before, remote in zip(("x", *kind.states), operands, kept, strict=True):
        after = candidate.get(remote)
        if not isinstance(after, np.ndarray) or after.shape != before.shape or not np.array_equal(after, before):
            raise Lost(
                f"{cell.call_text()} changed the caller's {name}. Is there an operation in place, such as += or mul_, "
                "or an assignment to its elements?"
            )
    cell.ask(operands[0][::-1].copy(), [2.0 * state for state in operands[1:]], batch)
    for name, value in cell.parameters().items():
        if name in drawn and not np.array_equal(value, drawn[name]):
            raise Lost(f"{cell.call_text()} changed the cell's parameter {name[:60]}.")
    second = cell.ask(operands[0], operands[1:], batch)
    for name, a, b in zip(kind.outputs, first, second, strict=True):
        if not _agree(a, b):
            off = np.max(np.abs(a - b))
            raise Lost(
                f"{cell.call_text()} called again with equal arguments gave another {name} (off by {off:.2g}). "
                "Does the cell remember something from call to call, or draw random numbers?"
            )
    _check_training_mode(cell, operands, second)


def _check_training_mode(cell: Cell, operands: Sequence[Values], expected: Sequence[Values]) -> None:
    """In training mode, which all other parts leave out, the cell computes the same."""
    cell.candidate.define(IN_TRAINING)
    states = tuple(operands[1:]) if cell.kind.is_lstm else operands[1]
    text = f"{cell.call_text()} in training mode"
    value = cell._asked(text, lambda: cell.candidate.call(TRAINING_CALL, cell.remote, operands[0], states))
    came = cell._outputs(value, expected[0].shape, text)
    for name, a, b in zip(cell.kind.outputs, expected, came, strict=True):
        if not _agree(a, b):
            raise Lost(
                f"{text} gave another {name} than in evaluation mode (off by {np.max(np.abs(a - b)):.2g}). Is there "
                "a dropout, or a normalisation over the batch, that the formula does not have?"
            )


def _agree(a: Values, b: Values) -> bool:
    return bool(np.all(np.abs(a - b) <= SAME))


# --------------------------------------------------------------------------------------------------------------


def _examination(exercise: str, kind: Kind) -> Examination:
    def part(name: str, weight: float, question: Callable[..., None]) -> Part:
        def ask(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
            question(kind, candidate, rng, context)

        return Part(name, weight, ask)

    weighted = (
        part("recurrence", 0.35, recurrence),
        part("gates", 0.15, gates),
        part("larger sizes", 0.15, larger_sizes),
        part("initial state", 0.05, initial_state),
        part("bias=False", 0.1, no_bias),
        part("batches", 0.1, batches),
        part("gradients", 0.05, gradients),
        part("side effects", 0.05, side_effects),
    )
    return Examination(exercise, weighted, forbidden=tuple(LIBRARY_RECURRENT_LAYERS))


LSTM_CELL = _examination("lstm_cell", LSTM)
GRU_CELL = _examination("gru_cell", GRU)
