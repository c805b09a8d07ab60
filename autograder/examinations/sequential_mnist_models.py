"""Examinations of `recurrent_models` and of the bonus exercise `antisymmetric_cell`.

A model is judged by what it computes. Where its recurrent layers are torch's and its head is one linear layer, what
goes into the head is read off its logits (there are more classes than features) and compared with states that are
computed here from the parameters alone; how they are pooled over time is the student's choice. Layers of the
student's own, and other heads, are judged by what can be seen from outside: every step counts, in its place, each
sequence by itself, and sizes and gates are as asked for.
"""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import least_squares, nnls

from autograder.channel import Candidate, CandidateError, kind_of
from autograder.examinations.torch_layers import Layer, random_parameters, recurrent_layers, unroll
from autograder.examine import Context, Examination, Lost, Part, ask_each

Array = np.ndarray

REQUIRED = ("rnn", "gru", "lstm")
OPTIONAL = ("bidirectional", "antisymmetric")
KIND_BY_GATES = {1: "rnn", 3: "gru", 4: "lstm"}
HIDDEN, CLASSES = 6, 37
"""More classes than any model of these sizes has features, so that the features follow from the logits."""
STEPS = 5
"""Fewer steps than hidden units, so that the weights of a pooling over time follow from the features."""
LONG = 150
"""Steps of a sequence that is longer than those of the small digits; 784 would take seconds with cells by hand."""
SAME = 2e-4
"""Largest difference of numbers of order 1 that are the same but for float32: it stays below 1e-5."""
EFFECT = 1e-6
"""Smallest difference that a changed step makes in some logit of order 1; that of repeated calls is 0."""


# --- a model of the candidate's -----------------------------------------------------------------------------------


@dataclass
class Model:
    """A model with random parameters that the examiner set, and how its call is written in messages."""

    candidate: Candidate
    rng: np.random.Generator
    kind: str
    hidden: int = HIDDEN
    layers: int = 1
    classes: int = CLASSES
    parameters: dict[str, Array] = field(init=False)

    def __post_init__(self) -> None:
        self.text = f"build_model({self.kind!r}, {self.hidden}, {self.layers}, {self.classes})"
        self.remote = self.candidate.construct("build_model", self.kind, self.hidden, self.layers, self.classes)
        try:
            own = self.candidate.parameters(self.remote)
        except CandidateError:
            raise Lost(f"{self.text} should return an nn.Module, got {kind_of(self.remote)}.") from None
        if not own:
            raise Lost(f"{self.text} has no parameters: nothing could be trained.")
        self.parameters = random_parameters(self.rng, own)
        self.candidate.set_parameters(self.remote, self.parameters)

    def sequences(self, batch: int, steps: int = STEPS) -> Array:
        """Pixels in [0, 1], (batch, steps, 1)."""
        return self.rng.random((batch, steps, 1)).astype(np.float32)

    def logits(self, x: Array) -> Array:
        """What the model answers, checked for form: (batch, classes) in float32, finite."""
        logits = self.candidate.call(self.remote, x)
        due, asked = (len(x), self.classes), f"{self.text} called with sequences of shape {x.shape}"
        if not isinstance(logits, np.ndarray):
            raise Lost(f"{asked} should give one tensor of logits of shape {due}, got {kind_of(logits)}.")
        if logits.shape != due:
            hint = ""
            if logits.shape in ((x.shape[1], self.classes), (1, x.shape[1], self.classes)):
                hint = " Is the batch the first axis (batch_first=True), and is an average taken over time?"
            elif logits.shape in ((len(x), x.shape[1], self.classes), (x.shape[1], len(x), self.classes)):
                hint = " One answer for each sequence is asked for, not one for each step."
            elif logits.shape == (self.classes,):
                hint = " Does a squeeze() drop the batch of one?"
            elif logits.shape == (self.layers, len(x), self.classes):
                hint = " The last layer's state is h_n[-1]."
            raise Lost(f"{asked} should give logits of shape {due}, got {logits.shape}.{hint}")
        if logits.dtype != np.float32 or not np.isfinite(logits).all():
            raise Lost(f"{asked} should give finite float32 logits, got {logits.dtype}.")
        return logits


def _differ(a: Array, b: Array, least: float = EFFECT) -> bool:
    return bool(np.abs(a - b).max() > least * max(1.0, float(np.abs(a).max())))


def _close(a: Array, b: Array) -> bool:
    return a.shape == b.shape and not _differ(a, b, SAME)


Look = Callable[[Candidate, np.random.Generator, str], None]


def _of_each_kind(look: Look) -> Callable[[Candidate, np.random.Generator, Context], None]:
    """A part that looks at each required kind, and earns a third for each that is right."""

    def part(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
        ask_each(REQUIRED, lambda kind: look(candidate, rng, kind), lambda kind: f"build_model({kind!r}, ...)")

    return part


# --- what can be seen from outside --------------------------------------------------------------------------------


def _any_length(candidate: Candidate, rng: np.random.Generator, kind: str) -> None:
    """Logits for batches and sequences of any length, and for any number of classes."""
    model = Model(candidate, rng, kind, layers=2)
    for batch, steps in ((4, 7), (1, 5), (3, 1), (2, 12)):
        model.logits(model.sequences(batch, steps))
    small = Model(candidate, rng, kind, hidden=3, classes=4)
    small.logits(small.sequences(2))
    _whole_sequence(candidate, rng, kind)


def _whole_sequence(candidate: Candidate, rng: np.random.Generator, kind: str) -> None:
    """The second half of a long sequence counts too: MNIST has 784 pixels, the small digits 64."""
    for _ in range(3):  # by chance it may count for nothing once
        model = Model(candidate, rng, kind)
        x = model.sequences(2, LONG)
        changed = x.copy()
        changed[:, LONG // 2 :] = 1 - changed[:, LONG // 2 :]
        if _differ(model.logits(x), model.logits(changed)):
            return
    raise Lost(
        f"{model.text}: the last {LONG // 2} of {LONG} pixels change no logit, as if only the beginning of a long "
        "sequence were read. Is a number of steps written into the model, or is it read backwards?"
    )


def _each_by_itself(candidate: Candidate, rng: np.random.Generator, kind: str) -> None:
    """A sequence's logits depend on it alone, on every step of it, and on the order of the steps."""
    silent = ""
    for _ in range(3):  # that parameters which were drawn by chance hide an effect happens once, not three times
        model = Model(candidate, rng, kind)
        x = model.sequences(7)
        logits = model.logits(x)
        if _differ(logits, model.logits(x)):
            raise Lost(f"{model.text}, called twice with the same sequences, gives two answers. Is the state kept from "
                       "one call to the next, or is there dropout at inference?")  # fmt: skip
        if any(not _close(logits[i : i + 1], model.logits(x[i : i + 1])) for i in (1, 4)):
            raise Lost(f"{model.text}: a sequence alone gets other logits than among others. Is the batch the first "
                       "axis (batch_first=True), and is the average taken over time, not over the batch?")  # fmt: skip
        silent = _without_effect(model, x, logits)
        if not silent:
            return
    raise Lost(silent)


def _without_effect(model: Model, x: Array, logits: Array) -> str:
    """In words, a step that has no effect on the logits, or that their order has none; empty when all is right."""
    for t in range(x.shape[1]):
        changed = x.copy()
        changed[:, t] = 1 - changed[:, t]
        if not _differ(logits, model.logits(changed)):
            which = "last" if t == x.shape[1] - 1 else f"{t + 1}th" if t > 2 else ("first", "second", "third")[t]
            return (f"{model.text}: another value of the {which} of {x.shape[1]} pixels changes no logit. Is the state "
                    "carried from step to step, and is what goes into the output layer taken from the last step or "
                    "from all of them?")  # fmt: skip
    swapped = x[:, [1, 0, *range(2, x.shape[1])]]
    if not _differ(logits, model.logits(swapped), 1e-5):
        return (f"{model.text}: two pixels in the other order give the same logits. Is the state carried from step to "
                "step?")  # fmt: skip
    return ""


def _sizes(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """The numbers of parameters grow as those of a recurrent network of that kind do."""

    def count(kind: str, hidden: int, layers: int = 1) -> int:
        model = Model(candidate, rng, kind, hidden, layers, 3)
        return sum(value.size for value in model.parameters.values())

    gates = {}
    for kind in REQUIRED:
        small, middle, large = (count(kind, hidden) for hidden in (8, 16, 24))
        if small == middle:
            raise Lost(f"build_model({kind!r}, hidden_size, ...) has {small} parameters for 8 hidden units and for 16. "
                       "Is hidden_size passed on?")  # fmt: skip
        gates[kind] = (large - 2 * middle + small) / (2 * 8**2)
        if count(kind, 8, layers=2) - small < 8**2:
            raise Lost(f"build_model({kind!r}, 8, num_layers, 3) has not the parameters of one more layer for "
                       "num_layers=2 than for 1. Is num_layers passed on?")  # fmt: skip
    for kind, least in (("rnn", 1), ("gru", 2), ("lstm", 3)):
        if gates[kind] < least - 0.01:
            raise Lost(f"build_model({kind!r}, ...) has too few parameters for its gates: {gates[kind]:g} matrices "
                       "from state to state for one layer.")  # fmt: skip
    if gates["gru"] <= gates["rnn"] or gates["lstm"] <= gates["rnn"]:
        raise Lost("build_model: 'gru' or 'lstm' has no more parameters than 'rnn', so it lacks its gates. Is the kind "
                   "passed on?")  # fmt: skip


def _gradients(candidate: Candidate, rng: np.random.Generator, kind: str) -> None:
    model = Model(candidate, rng, kind, layers=2)
    x = model.sequences(5)
    weights = rng.normal(size=(len(x), CLASSES)).astype(np.float32)
    gradients = candidate.gradients(model.remote, x, weights=weights).parameters
    missing = sorted(name for name, gradient in gradients.items() if gradient is None)
    if missing or not gradients:
        raise Lost(f"{model.text}: gradients of the logits do not reach {', '.join(missing[:3])}. Is something "
                   "detached, frozen, or not used?")  # fmt: skip


def _kinds(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """ValueError for what is no kind. What is wrong with an optional kind is said, and costs nothing."""
    for kind in ("transformer", "cnn", ""):
        try:
            built = candidate.construct("build_model", kind, 4, 1, 3)
        except CandidateError as error:
            if error.kind == "ValueError":
                continue
            raise Lost(f"build_model({kind!r}, 4, 1, 3) should raise a ValueError, got {error}.") from None
        raise Lost(f"build_model({kind!r}, 4, 1, 3) should raise a ValueError, got {kind_of(built)}.")
    candidate.construct("build_model", "gru", 4, 1, 3)  # a function that refuses every kind is none
    try:
        _each_by_itself(candidate, rng, "bidirectional")
        _explained(candidate, rng, "bidirectional")
    except Lost as lost:
        raise Lost(f"{lost.message} (This kind is optional: it costs nothing.)", earned=1) from None
    except CandidateError as error:
        if error.kind != "ValueError":
            told = f"build_model('bidirectional', ...): your code raised {error}."
            raise Lost(f"{told} (This kind is optional: it costs nothing.)", earned=1) from None


# --- what its weights say -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class States:
    """Hidden states (batch, time, hidden) of one layer in one direction, in the order in which they were computed."""

    values: Array
    last_layer: bool
    backward: bool = False
    cell: Array | None = None
    """An LSTM's c after the last step."""


def _explained(candidate: Candidate, rng: np.random.Generator, kind: str) -> None:
    """The logits are those of recurrent layers of this kind with the model's own weights."""
    for layers in (1, 2):
        model = Model(candidate, rng, kind, layers=layers)
        x = model.sequences(8)
        logits = model.logits(x)
        found = recurrent_layers(model.parameters)
        stacks = _stacks(model, found.layers)
        features = _features(model, found.others, logits)
        if stacks and features is not None:
            _require_pooled(model, stacks, x, features)


def _stacks(model: Model, layers: Sequence[Layer]) -> list[list[Layer]]:
    """The model's recurrent layers as stacks that each begin at the pixels; none when they are not torch's alone."""
    directions = [d for layer in layers for d in (layer.forward, layer.backward) if d is not None]
    if not directions:
        return []
    kinds = {KIND_BY_GATES.get(direction.gates) for direction in directions}
    if model.kind in REQUIRED and kinds != {model.kind}:
        raise Lost(f"{model.text}: by their weights its recurrent layers are of the kind "
                   f"{' and '.join(map(str, sorted(map(str, kinds))))}. Is the kind passed on?")  # fmt: skip
    # In two directions some give each of them half of the units.
    sizes = {model.hidden, model.hidden // 2} if model.kind == "bidirectional" else {model.hidden}
    if any(direction.hidden_size not in sizes for direction in directions):
        raise Lost(f"{model.text} has layers of {directions[0].hidden_size} units. Is hidden_size passed on?")
    stacks: list[list[Layer]] = []
    for layer in layers:
        if layer.forward.input_size == 1:
            stacks.append([])
        if not stacks:
            return []  # something of the student's own lies between the pixels and the first layer
        stacks[-1].append(layer)
    if any(len(stack) != model.layers for stack in stacks):
        raise Lost(f"{model.text} has {len(stacks[0])} recurrent layers one after the other. Is num_layers passed on?")
    both = len(stacks) == 2 or any(layer.backward for layer in layers)
    if both != (model.kind == "bidirectional"):
        what = "should read each sequence in both directions" if not both else "should read each sequence forwards only"
        raise Lost(f"{model.text} {what}.")
    return stacks


def _features(model: Model, others: dict[str, Array], logits: Array) -> Array | None:
    """What goes into the output layer, (batch, features); None where that is no single linear layer."""
    matrices = [value for value in others.values() if value.ndim == 2]
    biases = [value for value in others.values() if value.ndim == 1]
    if len(matrices) != 1 or len(biases) > 1 or len(others) > len(matrices) + len(biases):
        return None
    weight = matrices[0].astype(np.float64)
    bias = biases[0] if biases else np.zeros(model.classes)
    if weight.shape[0] != model.classes or bias.shape != (model.classes,) or weight.shape[1] >= model.classes:
        return None
    if (logits >= 0).all() and np.allclose(logits.sum(axis=1), 1, atol=1e-4):
        raise Lost(
            f"{model.text} gives probabilities: a softmax is applied. Return the logits, as cross-entropy wants."
        )
    # Logits count up to what is added to all classes alike, as log_softmax does.
    centred = (logits - bias) - (logits - bias).mean(axis=1, keepdims=True)
    columns = weight - weight.mean(axis=0)
    features, *_ = np.linalg.lstsq(columns, centred.T, rcond=None)
    if not _close(centred, (columns @ features).T):
        raise Lost(f"{model.text}: its logits are not those of its output layer. Is something applied to them?")
    return features.T


def _require_pooled(model: Model, stacks: list[list[Layer]], x: Array, features: Array) -> None:
    """Lost unless the features are states of these layers, pooled over time in whatever way."""
    units = stacks[0][0].forward.hidden_size
    if features.shape[1] % units:
        return  # not states alone: what can be seen from outside is looked at elsewhere
    blocks = np.split(features, features.shape[1] // units, axis=1)
    kinds = ("rnn_tanh", "rnn_relu") if stacks[0][0].forward.gates == 1 else ("",)
    problem = ""
    for rnn, (scale, shift) in itertools.chain(
        ((kind, (1.0, 0.0)) for kind in kinds),
        ((kind, other) for kind in kinds for other in _other_inputs(stacks, kind, x, blocks)),
    ):
        found = _unexplained(model, blocks, _states(stacks, rnn, scale * x + shift))
        if not found:
            return
        problem = problem or found
    raise Lost(f"{model.text}: {problem}")


def _states(stacks: list[list[Layer]], rnn: str, x: Array) -> list[States]:
    """The states of all layers. A second stack, where there is one, reads backwards."""
    found = []
    for number, stack in enumerate(stacks):
        inputs = x[:, ::-1].astype(np.float64) if number else x.astype(np.float64)
        for layer in stack:
            last = layer is stack[-1]
            outputs, final = unroll(layer.forward, rnn or KIND_BY_GATES[layer.forward.gates], inputs)
            cell = final[1] if isinstance(final, tuple) else None
            found.append(States(outputs, last, bool(number), cell))
            if layer.backward is not None:
                backward, final = unroll(layer.backward, rnn or KIND_BY_GATES[layer.backward.gates], inputs[:, ::-1])
                cell = final[1] if isinstance(final, tuple) else None
                found.append(States(backward, last, True, cell))
                outputs = np.concatenate([outputs, backward[:, ::-1]], axis=2)
            inputs = outputs
    return found


def _unexplained(model: Model, blocks: list[Array], states: list[States]) -> str:
    """In words, what is wrong with the features; empty when each block of them is a pooling of some layer's states."""
    sources = [[s for s in states if _is_pooling(block, s)] for block in blocks]
    # Where a relu leaves nothing but zeros, a block is the first state as well as the last one.
    early = [
        s
        for block in blocks
        for s in states
        if _matches(block, s.values[:, 0]) and not any(_matches(block, other.values[:, -1]) for other in states)
    ]
    if any(not s.backward for s in early):
        return "the state after the first pixel goes into the output layer, which has seen nothing of the rest."
    if early:
        return ("of the backward direction the state at the last pixel goes into the output layer: it has read that "
                "pixel only. Its final state is h_n[-1], or the output at the first pixel.")  # fmt: skip
    if not all(sources):
        return (f"its logits are not those that {model.kind!r} layers with these weights give. Are the sequences "
                "changed on the way, or steps left out, or is an average taken over the wrong axis?")  # fmt: skip
    if not any(s.last_layer for found in sources for s in found):
        return "the first layer's states go into the output layer; the layers above it are not used."
    if model.kind == "bidirectional" and {s.backward for found in sources for s in found} != {True, False}:
        return "only one of the two directions goes into the output layer."
    return ""


def _matches(block: Array, pooled: Array) -> bool:
    """Whether the features are these, perhaps squashed."""
    return any(_close(block, pooled if f is None else f(pooled)) for f in (None, np.tanh, lambda v: np.maximum(v, 0)))


def _is_pooling(block: Array, states: States) -> bool:
    h = states.values
    usual = [h[:, -1], h.mean(axis=1), h.max(axis=1), h.min(axis=1), h.sum(axis=1)]
    if any(_matches(block, pooled) for pooled in usual + ([] if states.cell is None else [states.cell])):
        return True
    # Any weights over time, of each sequence its own (attention), as long as the last step has its share.
    shares = []
    for feature, over_time in zip(block, h, strict=True):
        weights, _ = nnls(over_time.T, feature)
        if not _close(feature, over_time.T @ weights):
            return False
        shares.append(weights[-1])
    return max(shares) > 1e-3


def _other_inputs(stacks: list[list[Layer]], rnn: str, x: Array, blocks: list[Array]) -> Iterator[tuple[float, float]]:
    """Scales and shifts of the pixels under which the last state, or the mean, of the last layer are the features.

    Some standardise the pixels with constants inside of the model, which is as right as not to.
    """
    poolings: tuple[Callable[[Array], Array], ...] = (lambda h: h[:, -1], lambda h: h.mean(axis=1))
    for pool in poolings:

        def off(guess: Array, pool: Callable[[Array], Array] = pool) -> Array:
            # Within bounds: a relu network would grow beyond all numbers.
            scale, shift = np.clip(guess, -20, 20)
            return (pool(_states(stacks, rnn, scale * x + shift)[-1].values) - blocks[-1]).ravel()

        for start in ((1.0, -0.5), (2.0, -1.0), (3.2, -0.4)):
            fit = least_squares(off, start, max_nfev=30)
            if np.abs(fit.fun).max() < SAME:
                yield float(fit.x[0]), float(fit.x[1])


RECURRENT_MODELS = Examination(
    "recurrent_models",
    (
        Part("logits for batches and sequences of any length", 0.2, _of_each_kind(_any_length)),
        Part("each sequence by itself, every step in its place", 0.25, _of_each_kind(_each_by_itself)),
        Part("hidden size, layers and gates as asked for", 0.15, _sizes),
        Part("logits are those of its layers", 0.25, _of_each_kind(_explained)),
        Part("gradients reach all weights", 0.05, _of_each_kind(_gradients)),
        Part("other kinds: ValueError", 0.1, _kinds),
    ),
)
