"""Examinations of `rnn_model` and `bidirectional_model`.

The examiner sets all parameters itself, drives the cells of ``rnn_cell_list`` step by step with calls of its
own, applies ``fc`` itself, and compares the logits. It does not matter how a model unrolls its recurrence.
When they differ, the logits of well-known mistakes are computed from the same cells, and the one that
explains what came is named.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from autograder.channel import Candidate, CandidateError, Remote
from autograder.examinations.cells import IN_TRAINING, TRAINING_CALL
from autograder.examinations.torch_layers import random_parameters
from autograder.examine import LIBRARY_RECURRENT_LAYERS, Context, Examination, Lost, Part, ask_each

MODES = ("LSTM", "GRU", "RNN_TANH", "RNN_RELU")
TOLERANCE = 2e-4
"""Largest difference of logits of order 1: float32 in another order of summation stays below 1e-5."""
LONG = 32
"""Steps of the notebook's clips; mistakes that show at shorter sequences have been told before."""
STAND_IN_CELLS = (Path(__file__).parent / "stand_in_cells.py").read_text()

Array = np.ndarray


@dataclass(frozen=True)
class Sizes:
    """Sizes of one model and of one input: nothing in common, so that mixed-up dimensions show."""

    batch: int = 4
    time: int = 5
    features: int = 3
    hidden: int = 6
    layers: int = 2
    classes: int = 4

    def arguments(self, bias: bool = True) -> tuple:
        return (self.features, self.hidden, self.layers, bias, self.classes)


class Model:
    """A constructed model of the candidate with parameters that the examiner has set."""

    def __init__(
        self,
        candidate: Candidate,
        rng: np.random.Generator,
        name: str,
        mode: str,
        sizes: Sizes,
        bias: bool = True,
    ) -> None:
        self.candidate, self.name, self.mode, self.sizes = candidate, name, mode, sizes
        self.remote = candidate.construct(name, mode, *sizes.arguments(bias))
        self.call_text = f"{name}({mode!r}, {', '.join(map(str, sizes.arguments(bias)))})"
        self.parameters = candidate.parameters(self.remote)
        if any(value.dtype.kind != "f" for value in self.parameters.values()):
            raise Lost(f"{self.call_text} has parameters that are not floating-point numbers.")
        candidate.set_parameters(self.remote, random_parameters(rng, self.parameters))
        self.input = rng.normal(size=(sizes.batch, sizes.time, sizes.features)).astype(np.float32)

    def cells(self, attribute: str = "rnn_cell_list") -> list[Remote]:
        """The cells of one direction, one per layer."""
        holder = self.candidate.attribute(self.remote, attribute)
        if not isinstance(holder, Remote):
            if not isinstance(holder, list | tuple) or not all(isinstance(cell, Remote) for cell in holder):
                raise Lost(f"{self.call_text}.{attribute} should hold one cell per layer.")
            cells = list(holder)
        else:
            cells = self.candidate.items(holder)
        if len(cells) != self.sizes.layers:
            raise Lost(
                f"{self.call_text}.{attribute} holds {len(cells)} cells; expected one per layer, {self.sizes.layers}."
            )
        return cells

    def logits(self, *states: Any, x: Array | None = None) -> Array:
        """What the model answers for its input, or another of that shape: checked, (batch, classes) in float32."""
        logits = self.candidate.call(self.remote, self.input if x is None else x, *states)
        shape = (self.sizes.batch, self.sizes.classes)
        asked = f"{self.call_text} called with an input of shape {self.input.shape}"
        if not isinstance(logits, np.ndarray):
            raise Lost(f"{asked}: expected one tensor of logits of shape {shape}, got {_kind(logits)}.")
        if logits.shape != shape:
            hint = " Does a squeeze() drop the batch of one?" if 1 in (self.sizes.batch, self.sizes.time) else ""
            raise Lost(f"{asked}: expected logits of shape {shape}, got {logits.shape}.{hint}")
        if logits.dtype != np.float32:
            raise Lost(f"{asked}: expected float32 logits, got {logits.dtype}.")
        if not np.isfinite(logits).all():
            raise Lost(
                f"{asked}: the logits are not finite. Does a state start from uninitialised memory, "
                "as with torch.Tensor(n, m) or torch.empty?"
            )
        return logits

    def fc(self, hidden: Array) -> Array:
        """The output layer, applied by the examiner; NaN where the hidden state has another width."""
        fc = self.candidate.attribute(self.remote, "fc")
        if not isinstance(fc, Remote):
            raise Lost(f"{self.call_text}.fc should be the output layer, an nn.Linear.")
        # By the last part of their names: a Linear inside a Sequential is a linear layer too.
        parameters = {k.rpartition(".")[2]: v for k, v in self.candidate.parameters(fc).items()}
        weight, classes = parameters.get("weight"), self.sizes.classes
        bias = parameters.get("bias", np.zeros(classes, np.float32))
        numbers = weight is not None and weight.dtype.kind == bias.dtype.kind == "f"
        if weight is None or not numbers or weight.shape[:-1] != (classes,) or bias.shape != (classes,):
            raise Lost(f"{self.call_text}.fc should be an nn.Linear with {self.sizes.classes} outputs.")
        if weight.shape[1] != hidden.shape[1]:
            return np.full((len(hidden), self.sizes.classes), np.nan, np.float32)
        return hidden @ weight.T + bias

    def zeros(self) -> list:
        """An initial state of zeros for every layer."""
        h = np.zeros((self.sizes.batch, self.sizes.hidden), np.float32)
        return [(h, h) if self.mode == "LSTM" else h for _ in range(self.sizes.layers)]

    def unroll(self, cells: list[Remote], x: Array, states: list, *, carry: bool = True) -> list[list[Array]]:
        """Hidden states by layer and time, from calls of the cells; ``carry=False`` begins anew at every step."""
        layers = []
        for cell, first in zip(cells, states, strict=True):
            state, outputs = first, []
            for t in range(x.shape[1]):
                new = self.candidate.call(cell, x[:, t], state if carry else first)
                outputs.append(_hidden(new, (self.sizes.batch, self.sizes.hidden)))
                state = new
            layers.append(outputs)
            x = np.stack(outputs, axis=1)
        return layers


def _hidden(new: Any, shape: tuple[int, int]) -> Array:
    """The hidden state in what a cell returned: h, or the first of (h, c)."""
    hidden = new[0] if isinstance(new, tuple | list) and new else new
    if not isinstance(hidden, np.ndarray) or hidden.dtype.kind != "f" or hidden.shape != shape:
        got = f"shape {hidden.shape}" if isinstance(hidden, np.ndarray) else _kind(new)
        raise Lost(f"a cell of rnn_cell_list should return a hidden state of shape {shape}, but returned {got}.")
    return hidden


def _kind(value: Any) -> str:
    if isinstance(value, Remote):
        return f"an object of type {value.kind}"
    if isinstance(value, tuple | list):
        return f"a {type(value).__name__} of {len(value)}"
    return "None (is there a return?)" if value is None else f"a {type(value).__name__}"


def _difference(a: Array, b: Array) -> float:
    return float(np.abs(a - b).max()) if a.shape == b.shape else float("nan")


def _equal(a: Array, b: Array) -> bool:
    return a.shape == b.shape and bool(np.allclose(a, b, rtol=0, atol=TOLERANCE))


# --- expected logits, and those of well-known mistakes ------------------------------------------------------


def _expected_one_direction(model: Model, states: list | None = None) -> Array:
    layers = model.unroll(model.cells(), model.input, states or model.zeros())
    return model.fc(layers[-1][-1])


def _mistakes_one_direction(model: Model) -> dict[str, Callable[[], Array]]:
    cells, x, zeros = model.cells(), model.input, model.zeros()
    layers = model.unroll(cells, x, zeros)

    def raw_input() -> Array:
        return model.fc(model.unroll(cells[-1:], x, zeros[-1:])[-1][-1])

    return {
        "the output after the first time step seems to be used instead of the last": lambda: model.fc(layers[-1][0]),
        "the outputs seem to be averaged over time": lambda: model.fc(np.mean(layers[-1], axis=0)),
        "the outputs seem to be summed over time": lambda: model.fc(np.sum(layers[-1], axis=0)),
        "the first layer's hidden state seems to go into fc": lambda: model.fc(layers[0][-1]),
        "the state seems not to be carried from one time step to the next": lambda: model.fc(
            model.unroll(cells, x, zeros, carry=False)[-1][-1]
        ),
        "the layers above the first seem to be fed the input instead of the hidden states below": raw_input,
        "all layers seem to be the first layer's cell": lambda: model.fc(
            model.unroll([cells[0]] * len(cells), x, zeros)[-1][-1]
        ),
        "the sequence seems to be read backwards": lambda: model.fc(model.unroll(cells, x[:, ::-1], zeros)[-1][-1]),
        "a softmax seems to be applied: return the logits": lambda: _softmax(model.fc(layers[-1][-1])),
    }


def _expected_bidirectional(model: Model) -> Array:
    forward = model.unroll(model.cells(), model.input, model.zeros())
    backward = model.unroll(model.cells("rnn_cell_list_rev"), model.input[:, ::-1], model.zeros())
    return model.fc(np.concatenate([forward[-1][-1], backward[-1][-1]], axis=1))


def _mistakes_bidirectional(model: Model) -> dict[str, Callable[[], Array]]:
    x, zeros = model.input, model.zeros()
    cells, cells_rev = model.cells(), model.cells("rnn_cell_list_rev")
    forward = model.unroll(cells, x, zeros)[-1]
    backward = model.unroll(cells_rev, x[:, ::-1], zeros)[-1]

    def both(a: Array, b: Array) -> Array:
        return model.fc(np.concatenate([a, b], axis=1))

    return {
        "fc gets [backward, forward] instead of [forward, backward]": lambda: both(backward[-1], forward[-1]),
        "the backward stack seems to read the sequence forwards": lambda: both(
            forward[-1], model.unroll(cells_rev, x, zeros)[-1][-1]
        ),
        "the backward direction seems to use the forward direction's cells": lambda: both(
            forward[-1], model.unroll(cells, x[:, ::-1], zeros)[-1][-1]
        ),
        "the forward direction seems to use the backward direction's cells": lambda: both(
            model.unroll(cells_rev, x, zeros)[-1][-1], backward[-1]
        ),
        "the backward direction's first step is used: it has then seen only the last element of the sequence": (
            lambda: both(forward[-1], backward[0])
        ),
        "both directions' first steps seem to be used": lambda: both(forward[0], backward[0]),
        "the forward direction's first step seems to be used": lambda: both(forward[0], backward[-1]),
        "the two directions seem to be added, not concatenated": lambda: model.fc(forward[-1] + backward[-1]),
        "both halves seem to come from the forward direction": lambda: both(forward[-1], forward[-1]),
        "the outputs seem to be averaged over time": lambda: both(np.mean(forward, axis=0), np.mean(backward, axis=0)),
        "the state seems not to be carried from one time step to the next": lambda: both(
            model.unroll(cells, x, zeros, carry=False)[-1][-1],
            model.unroll(cells_rev, x[:, ::-1], zeros, carry=False)[-1][-1],
        ),
        "a softmax seems to be applied: return the logits": lambda: _softmax(both(forward[-1], backward[-1])),
    }


def _softmax(logits: Array) -> Array:
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def _likely(model: Model, logits: Array, mistakes: Callable[[Model], dict[str, Callable[[], Array]]]) -> str:
    """The mistake whose logits these are; empty when none fits."""
    for words, compute in mistakes(model).items():
        try:
            if _equal(logits, compute()):
                return f" Likely: {words}."
        except CandidateError:
            continue  # with this mistake the sizes would not fit: it is not this one
    return " Are all steps read, however many there are?" if model.sizes.time > LONG else ""


# --- parts ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Kind:
    """What differs between the two exercises."""

    name: str
    lists: tuple[str, ...]
    expected: Callable[[Model], Array]
    mistakes: Callable[[Model], dict[str, Callable[[], Array]]]
    into_fc: str


ONE = Kind(
    "RNNModel",
    ("rnn_cell_list",),
    _expected_one_direction,
    _mistakes_one_direction,
    "the last layer's hidden state after the last time step",
)
BOTH = Kind(
    "BidirRecurrentModel",
    ("rnn_cell_list", "rnn_cell_list_rev"),
    _expected_bidirectional,
    _mistakes_bidirectional,
    "[forward, backward]: the final hidden states of the last layers of both directions",
)


def _compare(kind: Kind, model: Model) -> None:
    logits = model.logits()
    expected = kind.expected(model)
    if not _equal(logits, expected):
        raise Lost(
            f"{model.call_text} on an input of shape {model.input.shape}: the logits are not fc applied to "
            f"{kind.into_fc} (largest difference {_difference(logits, expected):.2g})."
            + _likely(model, logits, kind.mistakes)
        )
    _require_live(model, logits)
    if model.mode in ("RNN_TANH", "RNN_RELU"):
        for name in kind.lists:
            _require_nonlinearity(model, name)
    if not _equal(model.logits(), logits):
        raise Lost(f"{model.call_text}: the same input gives other logits the second time. Is a state kept in self?")


def _require_live(model: Model, logits: Array) -> None:
    """Logits that ignore the input would agree with cells that ignore it.

    Relus may all be off, though, and over many steps the first one may be forgotten to the last digit.
    """
    if model.mode == "RNN_RELU" or model.sizes.time > LONG:
        return
    changed = model.input.copy()
    changed[:, 0] += 1
    other = model.candidate.call(model.remote, changed)
    if isinstance(other, np.ndarray) and np.array_equal(other, logits):
        raise Lost(f"{model.call_text}: changing the first element of the sequences does not change the logits.")


def _require_nonlinearity(model: Model, name: str) -> None:
    """A tanh stays within [-1, 1] and takes both signs; a relu is never negative and grows with its input."""
    first = model.cells(name)[0]
    h = np.zeros((model.sizes.batch, model.sizes.hidden), np.float32)
    # Large inputs of either sign: the units of one row may all lie on one side by chance.
    probes = [sign * 20 * model.input[:, 0] for sign in (1, -1)]
    new = np.stack([_hidden(model.candidate.call(first, x, h), h.shape) for x in probes])
    relu = bool((new >= 0).all() and (new > 1).any())
    tanh = bool((np.abs(new) <= 1).all() and (new < 0).any())
    if not (relu if model.mode == "RNN_RELU" else tanh):
        expected = "relu" if model.mode == "RNN_RELU" else "tanh"
        raise Lost(f"{model.call_text}.{name}: the cells do not seem to use {expected}. Is the nonlinearity passed on?")


def _logits(kind: Kind) -> Callable[[Candidate, np.random.Generator, Context], None]:
    def part(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
        def ask(mode: str) -> None:
            _compare(kind, Model(candidate, rng, kind.name, mode, Sizes()))

        ask_each(MODES, ask, lambda mode: f"{kind.name} with mode {mode!r}")

    return part


def _other_sizes(kind: Kind) -> Callable[[Candidate, np.random.Generator, Context], None]:
    def part(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
        for mode, sizes in (
            ("LSTM", Sizes(batch=1, time=4)),
            ("GRU", Sizes(time=1, layers=3)),
            ("RNN_TANH", Sizes(batch=1, time=1, layers=1, classes=2)),
            ("LSTM", Sizes(features=5, hidden=5, layers=3, batch=2, time=3)),
            ("RNN_RELU", Sizes(batch=6, hidden=2)),
            # Longer than the clips that the notebook has, so that no length is taken for granted.
            ("GRU", Sizes(batch=2, time=37, hidden=3, layers=1)),
        ):
            _compare(kind, Model(candidate, rng, kind.name, mode, sizes))

    return part


def _structure(kind: Kind) -> Callable[[Candidate, np.random.Generator, Context], None]:
    def part(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
        for mode in ("LSTM", "RNN_TANH"):
            for bias in (True, False):
                # Three layers: the upper two have equal sizes, so that one cell could be used for both.
                model = Model(candidate, rng, kind.name, mode, Sizes(layers=3), bias)
                _require_registered(model, kind)
                _require_bias(model, kind, mode, bias)

    return part


def _require_registered(model: Model, kind: Kind) -> None:
    """Every cell's parameters are the model's own, each of them once per layer and direction."""
    cells = [cell for name in kind.lists for cell in model.cells(name)]
    per_cell = [sum(p.size for p in model.candidate.parameters(cell).values()) for cell in cells]
    in_cells = sum(v.size for k, v in model.parameters.items() if not k.startswith("fc."))
    if in_cells < sum(per_cell):
        raise Lost(
            f"{model.call_text} registers {in_cells} parameters of cells where its {len(cells)} cells have "
            f"{sum(per_cell)}: an optimizer would not train them all. Are the cells in a plain list instead of an "
            "nn.ModuleList, or is one cell used more than once?"
        )


def _require_bias(model: Model, kind: Kind, mode: str, bias: bool) -> None:
    cell_class = {"LSTM": "LSTMCell", "GRU": "GRUCell"}.get(mode, "BasicRNNCell")
    for name in kind.lists:
        for layer, cell in enumerate(model.cells(name)):
            n_in = model.sizes.features if layer == 0 else model.sizes.hidden
            twin = model.candidate.construct(cell_class, n_in, model.sizes.hidden, bias)
            expected = sorted(p.shape for p in model.candidate.parameters(twin).values())
            if sorted(p.shape for p in model.candidate.parameters(cell).values()) != expected:
                raise Lost(
                    f"{model.call_text}.{name}[{layer}] has not the parameters of "
                    f"{cell_class}({n_in}, {model.sizes.hidden}, bias={bias}). Is bias passed on, and is the input "
                    "of the layers above the first the hidden state below?"
                )


def _initial_state(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    lost = []
    for mode in ("LSTM", "GRU", "RNN_TANH"):
        model = Model(candidate, rng, ONE.name, mode, Sizes(layers=3))

        def draw(model: Model = model) -> Array:
            return rng.normal(size=(model.sizes.batch, model.sizes.hidden)).astype(np.float32)

        states = [(draw(), draw()) if mode == "LSTM" else draw() for _ in range(3)]
        kept = candidate.put(states)
        try:
            logits, asked = (
                model.logits(kept),
                f"{model.call_text}(input, hx) with a list of each layer's state",
            )
        except CandidateError as error:
            lost.append(f"{model.call_text}(input, hx) raised {error}.")
            continue
        if _equal(logits, _expected_one_direction(model)):
            lost.append(f"{asked}: the logits are those without hx. Is hx ignored?")
        elif not _equal(logits, _expected_one_direction(model, states)):
            turned = _equal(logits, _expected_one_direction(model, states[::-1]))
            lost.append(
                f"{asked}: the logits are not those of stacks that begin in these states."
                + (" Likely: the layers get each other's states." if turned else "")
            )
        if not _same(candidate.get(kept), states):
            lost.append(f"{asked}: the caller's states were changed in place.")
        if not _equal(model.logits(model.zeros()), model.logits()):
            lost.append(f"{model.call_text}: zeros as hx and no hx give different logits.")
    if lost:
        raise Lost(" ".join(lost))


def _same(a: Any, b: Any) -> bool:
    if isinstance(b, np.ndarray):
        return isinstance(a, np.ndarray) and np.array_equal(a, b)
    return isinstance(a, type(b)) and len(a) == len(b) and all(map(_same, a, b))


def _unknown_mode(kind: Kind) -> Callable[[Candidate, np.random.Generator, Context], None]:
    def part(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
        for mode in ("lstm", "RNN", "TRANSFORMER"):
            asked = f"{kind.name}({mode!r}, 3, 6, 2, True, 4)"
            try:
                candidate.construct(kind.name, mode, *Sizes().arguments())
            except CandidateError as error:
                if error.kind == "ValueError":
                    continue
                raise Lost(f"{asked}: expected a ValueError for an unknown mode, got {error}.") from None
            raise Lost(f"{asked}: expected a ValueError for an unknown mode, but a model was built.")
        # A class that refuses every mode is no model.
        candidate.construct(kind.name, "GRU", *Sizes().arguments())

    return part


def _gradients(kind: Kind) -> Callable[[Candidate, np.random.Generator, Context], None]:
    """Gradients against central differences of the examiner's own calls."""

    def part(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
        for mode in ("LSTM", "GRU"):
            model = Model(candidate, rng, kind.name, mode, Sizes(layers=2, time=4))
            weights = rng.normal(size=(model.sizes.batch, model.sizes.classes)).astype(np.float32)
            gradients = candidate.gradients(model.remote, model.input, weights=weights)
            asked = f"{model.call_text}: gradients of a weighted sum of the logits"
            if any(g is None for g in gradients.parameters.values()):
                names = [n for n, g in gradients.parameters.items() if g is None]
                raise Lost(f"{asked} do not reach {', '.join(sorted(names)[:3])}. Is something detached, or not used?")
            gradient = gradients.inputs[0] if gradients.inputs else None
            if gradient is None or gradient.shape != model.input.shape or gradient.dtype.kind != "f":
                raise Lost(f"{asked} do not reach the input. Is something detached or converted to numpy?")
            for t in (0, model.sizes.time - 1):
                direction = np.zeros_like(model.input)
                direction[:, t] = rng.normal(size=direction[:, t].shape)
                expected = _slope(model, weights, direction)
                got = float((gradient * direction).sum())
                if abs(got - expected) > 0.03 * max(abs(expected), 0.05):
                    raise Lost(
                        f"{asked} with respect to time step {t} of the input: expected {expected:.3g} along a random "
                        f"direction, got {got:.3g}. Is a state detached on the way?"
                    )
            _require_same_in_training(model)

    return part


def _require_same_in_training(model: Model) -> None:
    """In training mode, which all other parts leave out, the logits are the same."""
    model.candidate.define(IN_TRAINING)
    logits = model.candidate.call(TRAINING_CALL, model.remote, model.input)
    if not isinstance(logits, np.ndarray) or not _equal(logits, model.logits()):
        raise Lost(
            f"{model.call_text}: in training mode the logits are others than in evaluation mode. Is something applied "
            "in one of the two only, such as dropout or a softmax, or normalised over the batch?"
        )


def _slope(model: Model, weights: Array, direction: Array, step: float = 5e-3) -> float:
    values = [model.logits(x=(model.input + sign * step * direction).astype(np.float32)) * weights for sign in (1, -1)]
    return float((values[0] - values[1]).sum(dtype=np.float64) / (2 * step))


def _examination(exercise: str, kind: Kind, *extra: Part) -> Examination:
    return Examination(
        exercise,
        (
            Part("logits in all four modes", 0.45 if extra else 0.55, _logits(kind)),
            Part("a batch of one, a sequence of one, other sizes", 0.15 if extra else 0.2, _other_sizes(kind)),
            Part("cells registered, bias passed on", 0.15, _structure(kind)),
            *extra,
            Part("gradients", 0.05, _gradients(kind)),
            Part("unknown mode", 0.05, _unknown_mode(kind)),
        ),
        builds_on=("lstm_cell", "gru_cell"),
        stand_ins=STAND_IN_CELLS,
        forbidden=tuple(LIBRARY_RECURRENT_LAYERS),
    )


RNN_MODEL = _examination("rnn_model", ONE, Part("initial state", 0.15, _initial_state))
BIDIRECTIONAL_MODEL = _examination("bidirectional_model", BOTH)
