"""Examinations of `rnn_classifier` and `deep_rnn_classifier`: recurrent classifiers in Keras.

A model is read as plain data and computed once more from its weights (``keras_models``); that padding is masked is
seen in what it gives: the same characters with all-zero rows elsewhere have the same probabilities. At the end the
model is trained on a small set by its own optimizer and loss.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.channel import Candidate, CandidateError, Remote
from autograder.examinations import keras_models
from autograder.examinations.keras_layers import KNOWN
from autograder.examinations.keras_models import KerasModel
from autograder.examine import Context, Examination, Lost, Part, Question

Array = np.ndarray

ALLOWED = tuple(kind for kind in KNOWN if not kind.startswith("Conv"))
TIME, CHARACTERS, CLASSES = 9, 6, 4
SAME = 1e-3
"""Largest difference between probabilities that count as equal: float32, through a recurrence."""
LEARNED, STEPS, BATCH = 0.7, 60, 90
"""Accuracy on the small set that must be reached, after how many steps with all of its strings."""


@dataclass(frozen=True)
class Kind:
    """One of the two exercises: its function, and how many layers of how many units are asked for."""

    function: str
    units: tuple[tuple[int, ...], ...]

    def argument(self, units: tuple[int, ...]) -> int | list[int]:
        """What the function takes as `units`."""
        return list(units) if self.function == "build_deep_rnn_classifier" else units[0]

    def called(self, shape: tuple[int, int], n_classes: int, units: tuple[int, ...]) -> str:
        return f"{self.function}({shape}, {n_classes}, {self.argument(units)})"


SHALLOW = Kind("build_rnn_classifier", ((7,), (1,), (12,)))
DEEP = Kind("build_deep_rnn_classifier", ((5, 7), (3, 6, 4), (8, 8)))


def _build(candidate: Candidate, kind: Kind, shape: tuple[int, int], n_classes: int, units: tuple[int, ...]) -> Remote:
    model = candidate.call(kind.function, shape, n_classes, kind.argument(units), arrays="numpy")
    if not isinstance(model, Remote):
        raise Lost(f"{kind.called(shape, n_classes, units)} should return a keras.Model, got {type(model).__name__}.")
    return model


def draw(rng: np.random.Generator, n: int, shape: tuple[int, int], longest: int = 0) -> Array:
    """One-hot strings float32 (n, time, characters) of 1 to `longest` characters, padded behind."""
    time, characters = shape
    names = np.zeros((n, time, characters), np.float32)
    for name in names:
        length = int(rng.integers(1, (longest or time) + 1))
        name[np.arange(length), rng.integers(0, characters, length)] = 1
    return names


def _layers(kind: Kind) -> Question:
    """The layers are those that are asked for, and the predictions are theirs."""

    def question(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
        shape, units = (TIME, CHARACTERS), kind.units[0]
        remote = _build(candidate, kind, shape, CLASSES, units)
        name = kind.called(shape, CLASSES, units)
        model = keras_models.read_model(candidate, remote, name=name, input_shape=shape, allowed=ALLOWED)
        _require_recurrent_layers(model, units)
        inputs = draw(rng, 40, shape)
        outputs = keras_models.predict(candidate, remote, inputs, CLASSES, name)
        keras_models.require_truth(model, inputs, outputs)

    return question


def _require_recurrent_layers(model: KerasModel, units: tuple[int, ...]) -> None:
    """Lost unless the SimpleRNN layers that the output depends on have these sizes, in this order."""
    made = keras_models.calls(model)
    found = tuple(call.layer.weights["recurrent_kernel"].shape[0] for call in made if call.layer.kind == "SimpleRNN")
    if found != units:
        raise Lost(f"{model.name} should have SimpleRNN layers of {list(units)} units, one after the other; "
                   f"it has {list(found)}.")  # fmt: skip
    names = [call.layer.name for call in made if call.layer.kind == "SimpleRNN"]
    if len(set(names)) < len(names):
        raise Lost(f"{model.name} calls one SimpleRNN layer more than once: each layer needs weights of its own.")
    places = [place for place, call in enumerate(made) if call.layer.kind == "SimpleRNN"]
    for number, (lower, upper) in enumerate(itertools.pairwise(places), start=2):
        if not keras_models.reads_sequence(made, upper, lower):
            raise Lost(f"{model.name}: the recurrent layer number {number} does not read the states of the one before "
                       "it at every time step. Do they stand one on the other?")  # fmt: skip
    if keras_models.family(model) != "RNN":
        raise Lost(f"{model.name}: a classifier that reads all time steps side by side (Flatten) needs no recurrence; "
                   "use what the recurrent layer gives after its last step.")  # fmt: skip


def _masked(kind: Kind) -> Question:
    """All-zero rows make no difference, wherever they stand."""

    def question(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
        shape = (TIME, CHARACTERS)
        remote = _build(candidate, kind, shape, CLASSES, kind.units[0])
        name = kind.called(shape, CLASSES, kind.units[0])
        names = draw(rng, 30, shape, longest=TIME - 3)
        front, inside = np.roll(names, 3, axis=1), names.copy()
        inside[:, 1:] = 0
        inside[:, 3:] = names[:, 1:-2]
        plain, *others = (keras_models.predict(candidate, remote, x, CLASSES, name) for x in (names, front, inside))
        _require_live(plain, name)
        for other, where in zip(others, ("in front", "for unknown characters inside"), strict=True):
            difference = float(np.abs(other - plain).max())
            if difference > SAME:
                raise Lost(
                    f"{name}: names whose all-zero rows stand {where} get other probabilities (largest difference "
                    f"{difference:.2g}) than with the padding behind. Is padding masked?"
                )
        _require_letters_read(candidate, kind)

    return question


def _require_letters_read(candidate: Candidate, kind: Kind) -> None:
    """No character is taken for padding: in front of another one, each makes a difference.

    With 16 units a layer of rectified units is dead for a character once in 65,000 times, so it need not be a tanh.
    """
    shape, units = (TIME, CHARACTERS), (16,) * len(kind.units[0])
    called = kind.called(shape, CLASSES, units)
    one, two = np.zeros((2, CHARACTERS, *shape), np.float32)
    letters, behind = np.arange(CHARACTERS), (np.arange(CHARACTERS) + 1) % CHARACTERS
    one[letters, 0, behind] = 1
    two[letters, 0, letters] = two[letters, 1, behind] = 1
    remote = _build(candidate, kind, shape, CLASSES, units)
    shorter, longer = (keras_models.predict(candidate, remote, x, CLASSES, called) for x in (one, two))
    skipped = int((np.abs(longer - shorter).max(axis=1) < 1e-7).sum())
    if skipped:
        raise Lost(f"{called}: {skipped} of {CHARACTERS} characters make no difference in front of another one. Does "
                   "the mask look at all columns, and is it True where there is something to read?")  # fmt: skip


def _require_live(outputs: Array, name: str) -> None:
    if np.ptp(outputs, axis=0).max() < 1e-6:
        raise Lost(f"{name} gives all names the same probabilities: what it reads does not reach the output.")


def _output_and_loss(kind: Kind) -> Question:
    """Probabilities by one softmax, float32, and a loss for integer labels."""

    def question(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
        shape = (TIME, CHARACTERS)
        remote = _build(candidate, kind, shape, CLASSES, kind.units[0])
        name = kind.called(shape, CLASSES, kind.units[0])
        model = keras_models.read_model(candidate, remote, name=name, input_shape=shape, allowed=ALLOWED)
        outputs = keras_models.predict(candidate, remote, draw(rng, 20, shape), CLASSES, name)
        softmaxes = keras_models.softmaxes_at_the_end(model)
        if softmaxes == 0 or np.abs(outputs.sum(axis=1) - 1).max() > SAME or outputs.min() < 0:
            raise Lost(f"{name} should give probabilities: end with a softmax over the {CLASSES} classes.")
        keras_models.require_loss(candidate, remote, model, rng)

    return question


def _sizes(kind: Kind) -> Question:
    """Other shapes, numbers of classes and units, a batch of one; a new model each time, of an unchanged list."""

    def question(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
        _require_left_alone(candidate, kind)
        for shape, n_classes, units in (((4, 11), 2, kind.units[1]), ((13, 3), 7, kind.units[2])):
            remote = _build(candidate, kind, shape, n_classes, units)
            name = kind.called(shape, n_classes, units)
            model = keras_models.read_model(candidate, remote, name=name, input_shape=shape, allowed=ALLOWED)
            _require_recurrent_layers(model, units)
            keras_models.predict(candidate, remote, draw(rng, 1, shape), n_classes, name)

    return question


def _require_left_alone(candidate: Candidate, kind: Kind) -> None:
    """Called twice, the function gives two models, and the list of units is as it was."""
    shape, n_classes, units = (4, 11), 2, kind.units[1]
    called, argument = kind.called(shape, n_classes, units), kind.argument(units)
    given = candidate.put(argument, arrays="numpy") if isinstance(argument, list) else argument
    first, second = (candidate.call(kind.function, shape, n_classes, given, arrays="numpy") for _ in range(2))
    if isinstance(given, Remote) and (left := candidate.get(given)) != argument:
        raise Lost(f"{called} changes the list that it is given, to {str(left)[:60]}: whoever called it uses that "
                   "list again.")  # fmt: skip
    if isinstance(first, Remote) and isinstance(second, Remote):
        for model in (first, second):
            keras_models.read_model(candidate, model, name=called, input_shape=shape, allowed=ALLOWED)
        if candidate.keras_shared(first, second):
            raise Lost(f"{called}, called twice, gives models that share weights: the second begins where the first "
                       "was trained to. Is each layer made inside of the function?")  # fmt: skip


def _learns(kind: Kind) -> Question:
    """The model as it is compiled learns 90 strings of three classes, each with letters of its own.

    All are in one batch, since every other shape would be traced once more, and many times in one epoch, since
    Keras's work between epochs takes longer than the steps.
    """

    def question(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
        shape, units, n = (4, 9), tuple(4 * size for size in kind.units[2]), BATCH
        labels = rng.permutation(np.arange(n) % 3)
        names = np.zeros((n, *shape), np.float32)
        for name, label in zip(names, labels, strict=True):
            length = int(rng.integers(2, 5))
            name[np.arange(length), 3 * label + rng.integers(0, 3, length)] = 1
        remote = _build(candidate, kind, shape, 3, units)
        called = kind.called(shape, 3, units)
        try:
            candidate.keras_fit(remote, np.tile(names, (STEPS, 1, 1)), np.tile(labels, STEPS), 1, BATCH)
        except CandidateError as error:
            raise Lost(f"{called}: fit with integer labels raises {error.kind}: {error.message[:200]}. "
                       f"{keras_models.question_about_loss(error)}") from None  # fmt: skip
        outputs = keras_models.predict(candidate, remote, names, 3, called)
        accuracy = float((outputs.argmax(axis=1) == labels).mean())
        if accuracy < LEARNED:
            raise Lost(
                f"{called}, trained for {STEPS} steps with {n} easy strings of three classes, is right about "
                f"{accuracy:.0%} of them. Are loss, optimizer and learning rate such that it learns?"
            )
        short = names[~names[:, -1].any(axis=1)]
        behind, front = (
            keras_models.predict(candidate, remote, x, 3, called) for x in (short, np.roll(short, 1, axis=1))
        )
        if len(short) and np.abs(front - behind).max() > SAME:
            raise Lost(f"{called}, once it is trained: padding makes a difference that it did not make before. Does a "
                       "layer with trained weights or statistics stand in front of the mask?")  # fmt: skip

    return question


def _examination(exercise: str, kind: Kind) -> Examination:
    parts: tuple[tuple[str, float, Callable[[Kind], Any]], ...] = (
        ("layers", 0.25, _layers),
        ("padding makes no difference", 0.25, _masked),
        ("output and loss", 0.25, _output_and_loss),
        ("other sizes", 0.1, _sizes),
        ("learns a small set", 0.15, _learns),
    )
    return Examination(
        exercise, tuple(Part(name, weight, question(kind)) for name, weight, question in parts), seconds=60.0
    )


RNN_CLASSIFIER = _examination("rnn_classifier", SHALLOW)
DEEP_RNN_CLASSIFIER = _examination("deep_rnn_classifier", DEEP)
