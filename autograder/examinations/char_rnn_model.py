"""Examination of `char_rnn_model`: logits for every character, and a state that goes on.

Torch's own layers are allowed. Where a model has the parameters of an embedding, of torch's recurrent layers and of a
linear layer, and no others, its logits are computed once more from these. A model with further parameters (a norm, a
layer of the student's own) is right when it behaves as asked: pieces with the state carried give what the whole gives,
no character knows of a later one, rows do not mix, the sizes are those of the arguments. In training mode all of this
has to hold as well; dropout is then made the same each time by a seed.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.channel import Candidate, Remote, kind_of
from autograder.examinations.torch_layers import (
    GATES,
    IN_TRAINING,
    Direction,
    random_parameters,
    recurrent_layers,
    unroll,
)
from autograder.examine import Context, Examination, Lost, Part, ask_each

Array = np.ndarray

CELLS = {"RNN": ("rnn_tanh", "rnn_relu"), "GRU": ("gru",), "LSTM": ("lstm",)}
"""The kinds of recurrent layers that each cell may be."""
TOLERANCE = 2e-4
"""Largest difference of logits of order 1: float32 in another order of summation stays below 1e-5."""
VOCABULARY, EMBEDDING, HIDDEN = 11, 5, 7
"""Sizes of the models that are asked: nothing in common, so that mixed-up dimensions show."""
BYTE = 256


class Model:
    """A constructed model of the candidate with parameters that the examiner has set."""

    def __init__(
        self,
        candidate: Candidate,
        rng: np.random.Generator,
        cell: str,
        num_layers: int = 2,
        vocabulary: int = VOCABULARY,
    ) -> None:
        self.candidate, self.cell, self.num_layers, self.vocabulary = candidate, cell, num_layers, vocabulary
        arguments = (vocabulary, EMBEDDING, HIDDEN, num_layers, cell)
        self.call_text = f"CharRNN{arguments!r}"
        self.remote = candidate.construct("CharRNN", *arguments)
        given = candidate.parameters(self.remote)
        if not given:
            raise Lost(f"{self.call_text} has no parameters. Are the layers attributes of an nn.Module?")
        if any(value.dtype != np.float32 for value in given.values()):
            raise Lost(f"{self.call_text} has parameters that are not float32.")
        self.parameters = random_parameters(rng, given)
        candidate.set_parameters(self.remote, self.parameters)

    def __call__(self, ids: Array, state: Any = None) -> tuple[Array, Any]:
        """Logits float32 (batch, time, vocabulary) and the state as it came. Lost when they have not this form."""
        reply = self.candidate.call(self.remote, ids, *(() if state is None else (state,)))
        return self._checked(reply, ids)

    def in_training(self, seed: int, ids: Array, state: Any = None) -> Array:
        """Logits in training mode; the same seed gives the same dropout."""
        arguments = (ids,) if state is None else (ids, state)
        return self._checked(self.candidate.call("_examined_in_training", self.remote, seed, *arguments), ids)[0]

    def _checked(self, reply: Any, ids: Array) -> tuple[Array, Any]:
        called = f"{self.call_text} called with ids of shape {ids.shape}"
        if not isinstance(reply, tuple | list) or len(reply) != 2:
            raise Lost(f"{called} should return the pair (logits, state), got {kind_of(reply)}.")
        logits, state = reply
        shape = (*ids.shape, self.vocabulary)
        if not isinstance(logits, Array) or logits.shape != shape:
            got = f"shape {logits.shape}" if isinstance(logits, Array) else kind_of(logits)
            raise Lost(f"{called}: expected logits of shape {shape}, one for each character of the vocabulary at each "
                       f"place, got {got}.")  # fmt: skip
        if logits.dtype != np.float32 or not np.isfinite(logits).all():
            raise Lost(f"{called}: expected finite float32 logits, got {logits.dtype}.")
        if state is None:
            raise Lost(f"{called} should return the state after the last character, got None.")
        return logits, state


def _ids(rng: np.random.Generator, batch: int = 3, time: int = 9) -> Array:
    return rng.integers(0, VOCABULARY, (batch, time))


def _equal(a: Array, b: Array) -> bool:
    return a.shape == b.shape and bool(np.allclose(a, b, rtol=0, atol=TOLERANCE))


# --- the logits computed once more ------------------------------------------------------------------------


class Plain:
    """The parts of a model that is an embedding, recurrent layers and an output layer, and nothing else."""

    def __init__(self, table: Array, layers: list[Direction], weight: Array, bias: Array) -> None:
        self.table, self.layers, self.weight, self.bias = table, layers, weight, bias

    def logits(self, ids: Array, kind: str, layers: int | None = None) -> Array:
        return self.output(self.hidden(ids, kind, layers))

    def hidden(self, ids: Array, kind: str, layers: int | None = None) -> Array:
        values = self.table[ids]
        for layer in self.layers[:layers]:
            values, _ = unroll(layer, kind, values)
        return values

    def output(self, hidden: Array) -> Array:
        return hidden @ self.weight.T + self.bias


def plain_parts(parameters: dict[str, Array]) -> Plain | None:
    """These parts, found by names of torch's layers and by shapes; None for a model that has others or further ones."""
    found = recurrent_layers(parameters)
    if not found.layers or any(layer.backward for layer in found.layers):
        return None
    by_shape: dict[tuple[int, ...], list[Array]] = {}
    for value in found.others.values():
        by_shape.setdefault(value.shape, []).append(np.asarray(value, np.float64))

    def take(*shape: int) -> Array | None:
        return by_shape[shape].pop() if by_shape.get(shape) else None

    hidden = found.layers[-1].forward.hidden_size
    weight, bias = take(VOCABULARY, hidden), take(VOCABULARY)
    size = found.layers[0].forward.input_size
    table, turned, of_table = take(VOCABULARY, size), take(size, VOCABULARY), take(size)
    if table is None and turned is not None:  # a linear layer of one-hot vectors is an embedding, too
        table, turned, of_table = turned.T + (0 if of_table is None else of_table), None, None
    left = [turned, of_table, *(value for values in by_shape.values() for value in values)]
    if weight is None or table is None or any(value is not None for value in left):
        return None
    layers = [layer.forward for layer in found.layers]
    return Plain(table, layers, weight, np.zeros(VOCABULARY) if bias is None else bias)


def _recomputed(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    lowest = []

    def ask(cell: str) -> None:
        for num_layers in (1, 2):
            lowest.append(_compare(Model(candidate, rng, cell, num_layers), _ids(rng)))

    _of_each_cell(ask)
    # One model may have such weights that all its logits are positive; six do not.
    if min(lowest) >= 0:
        raise Lost("CharRNN never gives a negative logit. Is there a nonlinearity behind the output layer?")


def _of_each_cell(ask: Callable[[str], None]) -> None:
    ask_each(CELLS, ask, lambda cell: f"CharRNN with the cell {cell!r}")


def _compare(model: Model, ids: Array) -> float:
    """The lowest logit. Lost when they are not those of the plain parts, or these not what the arguments ask for."""
    logits, _ = model(ids)
    _require_logits(model, logits)
    parts = plain_parts(model.parameters)
    if parts is None:
        return float(logits.min())
    sizes = {(layer.hidden_size, layer.gates) for layer in parts.layers}
    if {gates for _, gates in sizes} != {GATES[CELLS[model.cell][0]]}:
        raise Lost(f"{model.call_text}: its recurrent layers do not have the matrices of this cell. Is the argument "
                   "cell used?")  # fmt: skip
    if len(parts.layers) != model.num_layers:
        raise Lost(f"{model.call_text}: expected {model.num_layers} recurrent layers, found {len(parts.layers)}. Is "
                   "num_layers passed on?")  # fmt: skip
    if parts.table.shape != (VOCABULARY, EMBEDDING) or {size for size, _ in sizes} != {HIDDEN}:
        raise Lost(f"{model.call_text}: embedding_size should be {EMBEDDING} and hidden_size {HIDDEN}, but the layers "
                   "have other sizes.")  # fmt: skip
    kinds = CELLS[model.cell]
    expected = [parts.logits(ids, kind) for kind in kinds]
    if not any(_equal(logits, right) or _equal(logits, _log_softmax(right)) for right in expected):
        raise Lost(f"{model.call_text}: the logits are not the output layer's of the last recurrent layer's hidden "
                   f"states of the embedded characters.{_likely(parts, kinds[0], ids, logits)}")  # fmt: skip
    return float(logits.min())


def _require_logits(model: Model, logits: Array) -> None:
    if (logits >= 0).all() and np.allclose(logits.sum(axis=-1), 1, atol=1e-3):
        raise Lost(f"{model.call_text} returns probabilities: return the logits. Where does the softmax belong?")


def _likely(parts: Plain, kind: str, ids: Array, logits: Array) -> str:
    """The mistake whose logits these are; empty when none fits."""
    mixed = parts.logits(ids.T, kind).swapaxes(0, 1)
    right = parts.logits(ids, kind)
    mistakes = {
        "the layers take the axis of the batch for time": mixed,
        "only the first recurrent layer is used": parts.logits(ids, kind, layers=1),
        "the hidden state after the last character is used at every place": np.repeat(
            right[:, -1:], ids.shape[1], axis=1
        ),
        "a tanh is applied to the logits": np.tanh(right),
    }
    for words, wrong in mistakes.items():
        if _equal(logits, wrong):
            return f" Likely: {words}."
    return ""


def _log_softmax(logits: Array) -> Array:
    """Logits of the same probabilities: a model that gives these is right."""
    highest = logits.max(axis=-1, keepdims=True)
    return logits - highest - np.log(np.exp(logits - highest).sum(axis=-1, keepdims=True))


# --- behaviour --------------------------------------------------------------------------------------------


def _form(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    for cell, num_layers, batch, time in (("LSTM", 2, 3, 9), ("GRU", 1, 1, 4), ("RNN", 3, 4, 1), ("LSTM", 1, 1, 1)):
        model = Model(candidate, rng, cell, num_layers)
        logits, _ = model(_ids(rng, batch, time))
        if np.ptp(logits) < 1e-6:
            raise Lost(f"{model.call_text}: all logits are the same number.")


def _pieces(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """A text in pieces, with the state carried from one to the next, gives the logits of the whole."""

    def ask(cell: str) -> None:
        for batch, cuts in ((3, (4, 5, 8)), (1, (1, 2, 6))):
            _require_pieces(Model(candidate, rng, cell), _ids(rng, batch), cuts)

    _of_each_cell(ask)


def _require_pieces(model: Model, ids: Array, cuts: tuple[int, ...]) -> None:
    whole, _ = model(ids)
    pieces = np.split(ids, cuts, axis=1)
    outputs, state = [], None
    for piece in pieces:
        logits, state = model(piece, state)
        outputs.append(logits)
    if _equal(np.concatenate(outputs, axis=1), whole):
        return
    asked = f"{model.call_text} on pieces of {[piece.shape[1] for piece in pieces]} characters, the state carried on"
    anew = np.concatenate([model(piece)[0] for piece in pieces], axis=1)
    if _equal(np.concatenate(outputs, axis=1), anew):
        raise Lost(f"{asked}: every piece is read as if it were the beginning. Is the argument state used?")
    raise Lost(f"{asked}: the logits are not those of the whole. Is the state that is returned the one after the last "
               "character, all of it?")  # fmt: skip


def _causal(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    for cell in CELLS:
        model = Model(candidate, rng, cell)
        ids = _ids(rng)
        logits, _ = model(ids)
        place = int(rng.integers(3, 6))
        changed = ids.copy()
        changed[1, place] = (changed[1, place] + 1 + rng.integers(VOCABULARY - 1)) % VOCABULARY
        other, _ = model(changed)
        asked = f"{model.call_text}: a changed character at place {place} of row 1"
        if not _equal(other[1, :place], logits[1, :place]):
            raise Lost(f"{asked} changes the logits of places before it. Does the model read the text backwards too, "
                       "or is a softmax taken over time?")  # fmt: skip
        if not _equal(other[[0, 2]], logits[[0, 2]]):
            raise Lost(f"{asked} changes the logits of other rows. Which axis do the layers take for time?")
        if np.abs(other[1, place] - logits[1, place]).max() < TOLERANCE:
            raise Lost(f"{asked} does not change the logits at that place.")
        if np.abs(other[1, place + 1 :] - logits[1, place + 1 :]).max() < TOLERANCE:
            raise Lost(f"{asked} does not change any later logits. Does the hidden state reach the output?")
        _require_causal_in_training(model, rng, ids, changed, place)


def _require_causal_in_training(model: Model, rng: np.random.Generator, ids: Array, changed: Array, place: int) -> None:
    """The same with the dropout of training, and with what else is different there."""
    model.candidate.define(IN_TRAINING)
    seed = int(rng.integers(2**31))
    logits, other = model.in_training(seed, ids), model.in_training(seed, changed)
    if not _equal(model.in_training(seed, ids), logits):
        return  # a state that is kept costs elsewhere
    if not _equal(other[1, :place], logits[1, :place]) or not _equal(other[[0, 2]], logits[[0, 2]]):
        raise Lost(f"{model.call_text} in training mode: a changed character changes the logits before it, or of other "
                   "rows. Is something computed over the batch or over time, such as a mean?")  # fmt: skip


def _sizes(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """Every argument makes the model larger when it grows; the cells rank as their gates do."""

    def size(
        vocab_size: int = VOCABULARY,
        embedding: int = EMBEDDING,
        hidden: int = HIDDEN,
        layers: int = 2,
        cell: str = "GRU",
    ) -> int:
        model = candidate.construct("CharRNN", vocab_size, embedding, hidden, layers, cell)
        return sum(value.size for value in candidate.parameters(model).values())

    base = size()
    larger = {
        "vocab_size": size(vocab_size=VOCABULARY + 2),
        "embedding_size": size(embedding=EMBEDDING + 1),
        "hidden_size": size(hidden=HIDDEN + 1),
        "num_layers": size(layers=3),
    }
    for name, number in larger.items():
        if number <= base:
            raise Lost(f"CharRNN has {base} parameters and {number} with a larger {name}. Is that argument used, and "
                       "are all layers registered?")  # fmt: skip
    if larger["vocab_size"] - base < 2 * (EMBEDDING + HIDDEN):
        raise Lost("CharRNN: each further character of the vocabulary should add a vector of its own that is learned, "
                   "and a logit. Does an embedding turn ids into vectors?")  # fmt: skip
    _require_all_ids(candidate, rng)
    if not size(cell="RNN") < base < size(cell="LSTM"):
        raise Lost("CharRNN: the models with the cells 'RNN', 'GRU' and 'LSTM' should have more parameters in this "
                   "order. Is the argument cell used?")  # fmt: skip


def _require_all_ids(candidate: Candidate, rng: np.random.Generator) -> None:
    """A vocabulary may have more characters than a byte can number."""
    model = Model(candidate, rng, "GRU", 1, vocabulary=BYTE + VOCABULARY)
    ids = rng.integers(0, VOCABULARY, (1, 4))
    if _equal(model(ids)[0], model(ids + BYTE)[0]):
        raise Lost(f"{model.call_text}: ids that differ by {BYTE} give the same logits. Which type do the ids pass "
                   "through?")  # fmt: skip


def _same_and_trainable(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """The same ids give the same logits; gradients reach all parameters, back through time."""
    for cell in ("GRU", "LSTM"):
        model = Model(candidate, rng, cell)
        ids = _ids(rng, time=6)
        logits, state = model(ids)
        if not _equal(model(ids)[0], logits):
            raise Lost(f"{model.call_text}: the same ids without a state give other logits the second time. Is a state "
                       "kept in self, or something left to chance?")  # fmt: skip
        _require_state_used(model, rng, ids, state)
        if _has_objects(state):
            continue  # a state of the student's own making: its gradient cannot be asked for
        weights = np.zeros_like(logits)
        weights[:, -1] = rng.normal(size=weights[:, -1].shape)
        gradients = candidate.gradients(model.remote, ids, weights=(weights, _zeros_like(state))).parameters
        missing = sorted(name for name, value in model.parameters.items() if not _is_like(gradients.get(name), value))
        asked = f"{model.call_text}: gradients of the last logits"
        if missing:
            raise Lost(f"{asked} do not reach {', '.join(missing[:3])}. Is something detached, or not used?")
        direction = {n: rng.normal(size=value.shape).astype(np.float32) for n, value in model.parameters.items()}
        found = {name: gradient for name, gradient in gradients.items() if gradient is not None}
        got = sum(float((found[name] * d).sum(dtype=np.float64)) for name, d in direction.items())
        expected = _slope(model, ids, weights, direction)
        if abs(got - expected) > 0.05 * max(abs(expected), 0.5):
            raise Lost(f"{asked} along a random direction of the parameters: expected {expected:.3g}, got {got:.3g}. "
                       "Is the state detached inside of forward?")  # fmt: skip


def _require_state_used(model: Model, rng: np.random.Generator, ids: Array, state: Any) -> None:
    """A state that is given is used in training mode too, is not written into, and nothing else is remembered."""
    model.candidate.define(IN_TRAINING)
    seed = int(rng.integers(2**31))
    fresh, given, again = (model.in_training(seed, ids, s) for s in (None, state, None))
    asked = f"{model.call_text} in training mode"
    if not _equal(fresh, again):
        raise Lost(f"{asked}: the same ids without a state give other logits the second time. None stands for zeros: "
                   "is a state kept in self?")  # fmt: skip
    kept = model.candidate.put(state)
    first, second = model(ids, kept)[0], model(ids, kept)[0]
    if _equal(fresh, given) and not _equal(model(ids)[0], first):  # one that is never used costs elsewhere
        raise Lost(f"{asked}: the logits are the same with a state and without. Is the argument state used in each "
                   "mode?")  # fmt: skip
    if not _equal(first, second):
        raise Lost(f"{model.call_text}: called twice with the same ids and the same state, it gives other logits the "
                   "second time. Is the state that was given written into?")  # fmt: skip


def _is_like(gradient: Array | None, parameter: Array) -> bool:
    return gradient is not None and gradient.dtype.kind == "f" and gradient.shape == parameter.shape


def _slope(model: Model, ids: Array, weights: Array, direction: dict[str, Array], step: float = 2e-3) -> float:
    values = []
    for sign in (1, -1):
        moved = {name: model.parameters[name] + np.float32(sign * step) * d for name, d in direction.items()}
        model.candidate.set_parameters(model.remote, moved)
        values.append((model(ids)[0] * weights).sum(dtype=np.float64))
    return float((values[0] - values[1]) / (2 * step))


def _has_objects(state: Any) -> bool:
    if isinstance(state, tuple | list):
        return any(map(_has_objects, state))
    return isinstance(state, Remote) or not isinstance(state, Array) or state.dtype.kind != "f"


def _zeros_like(state: Any) -> Any:
    return tuple(map(_zeros_like, state)) if isinstance(state, tuple | list) else np.zeros_like(state)


CHAR_RNN_MODEL = Examination(
    "char_rnn_model",
    (
        Part("logits and a state", 0.15, _form),
        Part("embedding, recurrent layers, output", 0.3, _recomputed),
        Part("pieces with the state carried equal the whole", 0.25, _pieces),
        Part("no character knows of a later one, rows do not mix", 0.15, _causal),
        Part("sizes and cells as asked for", 0.05, _sizes),
        Part("the same again, and gradients", 0.1, _same_and_trainable),
    ),
)
