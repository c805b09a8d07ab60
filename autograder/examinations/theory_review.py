"""Examinations of the notebook `review`: forms of mapping, numbers of parameters, training curves.

All answers are plain values. Each is compared with what is right; what is wrong is compared with what comes out under
the usual misconceptions, so that the message can name the one that it looks like. The sizes of `own_parameter_count`
follow from the STUDENT_ID that stands in the notebook; whether it is the candidate's own is not known here.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, TypeVar

import numpy as np

from autograder.channel import Candidate, kind_of
from autograder.examine import Context, Examination, Lost, Part, ask_each
from helpers.theory import Sizes, own_sizes, read_form, read_network, read_whole_number

Value = TypeVar("Value")


def _read(reader: Callable[[Any, str], Value], value: Any, what: str) -> Value:
    """An answer as one of the readers of `helpers.theory` takes it. Lost when it is blank or not to be read."""
    if value is None or (isinstance(value, str) and not value.strip()):
        raise Lost(f"{what} is not answered.")
    try:
        return reader(value, what)
    except ValueError as error:
        raise Lost(f"{error}.") from None


def _dictionary(candidate: Candidate, name: str) -> dict[Any, Any]:
    """A global that should be a dictionary. Lost unless it is one."""
    found = candidate.lookup(name)
    if not isinstance(found, dict):
        raise Lost(f"{name} should be a dictionary, as it was given, got {kind_of(found)}.")
    return found


# --- sequence_mapping -----------------------------------------------------------------------------------

TASKS = {
    "one-to-one": {
        "digit_image": "Is there any sequence here, when the picture comes as a whole?",
        "house_price": "Do the twelve facts come one after the other, so that their order matters?",
    },
    "one-to-many": {
        "image_caption": "How many pictures go in, and how many words come out?",
        "melody_of_genre": "How many genres go in, and how many notes come out?",
    },
    "many-to-one": {
        "review_sentiment": "How many judgements come out, however long the review is?",
        "activity_window": "How many activities come out of one window of 128 samples?",
    },
    "many-to-many aligned": {
        "part_of_speech": "Does each word have an output of its own, or is the number of outputs free?",
        "video_frames": "Does each frame have an output of its own, and can it come before the video has ended?",
    },
    "many-to-many unaligned": {
        "translation": "Must the translation have as many words as the sentence, and in the same places?",
        "summary": "Is the summary one output, or a sequence? Is it as long as the article?",
    },
}
"""Right form → task → what someone who names another form may not have asked themselves."""


def _tasks_of(form: str) -> Part:
    """The part about the tasks that have this form."""

    def question(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
        mapping = _dictionary(candidate, "MAPPING")

        def ask(task: str) -> None:
            if _read(read_form, mapping.get(task), f"MAPPING['{task}']") != form:
                raise Lost(f"MAPPING['{task}'] is another form. {TASKS[form][task]}")

        ask_each(TASKS[form], ask)

    return Part(form, 0.2, question)


SEQUENCE_MAPPING = Examination("sequence_mapping", tuple(_tasks_of(form) for form in TASKS))


# --- numbers of parameters ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Network:
    """Two recurrent layers and a softmax layer that reads the last state.

    `gates`: how often a layer has a matrix for its input, one for its state and biases (4 in an LSTM). `biases`: bias
    vectors for each of these. The other fields are right as they are by default; each is one misconception otherwise.
    """

    gates: int = 1
    biases: int = 1
    directions: int = 1
    reads_state: bool = True
    reads_below: bool = True
    """The second layer reads the first one; otherwise it reads the input, as the first one does."""
    reads_both: bool = True
    """What lies above a layer of two directions reads the states of both."""
    layers: tuple[int, ...] = (1, 2)
    output: bool = True
    output_bias: bool = True

    def parameters(self, sizes: Sizes) -> int:
        """Number of weights and biases."""
        seen = self.directions if self.reads_both else 1
        below = seen * sizes.hidden_1 if self.reads_below else sizes.features
        of_layer = {1: self._layer(sizes.features, sizes.hidden_1), 2: self._layer(below, sizes.hidden_2)}
        total = sum(self.directions * of_layer[layer] for layer in self.layers)
        top = sizes.hidden_2 if 2 in self.layers else sizes.hidden_1
        return total + self.output * (seen * top + self.output_bias) * sizes.classes

    def _layer(self, inputs: int, hidden: int) -> int:
        return self.gates * hidden * (inputs + self.reads_state * hidden + self.biases)


def misconceptions(right: Network, sizes: Sizes) -> Iterator[tuple[int, str]]:
    """Numbers that come out under a misconception, with a question that leads out of it; likelier ones first."""
    other = 3 - right.biases
    fields: list[tuple[dict[str, Any], str]] = [
        ({"biases": 0, "output_bias": False}, "Is there any bias in it?"),
        ({"biases": 0}, "Do the recurrent layers have biases?"),
        ({"output_bias": False}, "Does the softmax layer have biases?"),
        ({"biases": other}, f"How many bias vectors are asked for? It looks like {other}."),
        ({"output": False}, "Is the softmax layer in it?"),
        ({"reads_state": False}, "A layer reads its input. What else does it read at each step?"),
        ({"reads_below": False}, "What does the second layer read at each step?"),
        ({"layers": (1,)}, "Are both recurrent layers in it?"),
        ({"layers": (2,)}, "Are both recurrent layers in it?"),
    ]
    if right.directions == 2:
        fields += [
            ({"directions": 1}, "This looks like one direction only."),
            ({"reads_both": False}, "How many numbers does a layer hand upwards that is read in both directions?"),
        ]
    for changed, question in fields:
        yield replace(right, **changed).parameters(sizes), question
    gates_question = "How often does this cell have a matrix for its input, a matrix for its state and biases?"
    for gates in {1, 2, 3, 4} - {right.gates}:
        yield replace(right, gates=gates).parameters(sizes), gates_question
        yield replace(right, gates=gates, biases=other).parameters(sizes), gates_question
    if right.directions == 2:
        one_way = replace(right, directions=1)
        yield 2 * one_way.parameters(sizes), "Is the softmax layer there once or twice, and what does it read?"
        above = "Both the second layer and the softmax layer lie above a layer of two directions: what does each read?"
        for reader in (1, 2):
            unseen = (2 * right.gates * sizes.hidden_2 * sizes.hidden_1, sizes.hidden_2 * sizes.classes)[reader - 1]
            yield right.parameters(sizes) - unseen, above
    recurrent = replace(right, output=False).parameters(sizes)
    for number in (sizes.time * right.parameters(sizes), right.parameters(sizes) + (sizes.time - 1) * recurrent):
        yield number, "Does each step have weights of its own, or are those of one step used again in the next?"


def _likely(found: int, right: Network, sizes: Sizes) -> str:
    """A question that leads on from a wrong number."""
    for number, question in misconceptions(right, sizes):
        if found == number:
            return question
    if found <= 0:
        return "A number of parameters is above 0."
    rough = "far too large" if found > 3 * right.parameters(sizes) else "not right"
    return f"It is {rough}. Write down each matrix with its rows and columns, and each bias, layer by layer."


COURSEWORK = Sizes(time=100, features=30, hidden_1=32, hidden_2=64, classes=10)
SIMPLE_RNN = Network()


def _weights(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """The matrices are counted rightly, whatever becomes of the biases."""
    found = _read(read_whole_number, candidate.lookup("N_PARAMETERS"), "N_PARAMETERS")
    matrices = replace(SIMPLE_RNN, biases=0, output_bias=False).parameters(COURSEWORK)
    hidden_1, hidden_2, classes = COURSEWORK.hidden_1, COURSEWORK.hidden_2, COURSEWORK.classes
    counted = {a * hidden_1 + b * hidden_2 + c * classes for a, b, c in product(range(3), range(3), range(2))}
    if found - matrices not in counted:
        raise Lost(f"N_PARAMETERS: the weights are not counted right. {_likely(found, SIMPLE_RNN, COURSEWORK)}")


def _biases(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """All of it is right."""
    found = _read(read_whole_number, candidate.lookup("N_PARAMETERS"), "N_PARAMETERS")
    if found != SIMPLE_RNN.parameters(COURSEWORK):
        raise Lost(f"N_PARAMETERS is not the number of weights and biases. {_likely(found, SIMPLE_RNN, COURSEWORK)}")


PARAMETER_COUNT = Examination("parameter_count", (Part("weights", 0.5, _weights), Part("with biases", 0.5, _biases)))

NETWORKS = {
    "SimpleRNN": {"rnn_one_bias": Network(1, 1), "rnn_two_biases": Network(1, 2)},
    "LSTM": {"lstm_one_bias": Network(4, 1), "lstm_two_biases": Network(4, 2)},
    "GRU": {"gru_one_bias": Network(3, 1), "gru_two_biases": Network(3, 2)},
    "bidirectional": {
        "bidirectional_lstm_one_bias": Network(4, 1, directions=2),
        "bidirectional_gru_two_biases": Network(3, 2, directions=2),
    },
}
"""Part → key of OWN_PARAMETERS → the network."""


def _sizes(candidate: Candidate) -> Sizes:
    """The sizes that belong to the STUDENT_ID of the notebook. Lost when there is none."""
    student_id = candidate.lookup("STUDENT_ID")
    try:
        return own_sizes(student_id)
    except TypeError:
        raise Lost(f"STUDENT_ID should be a text, got {kind_of(student_id)}: the sizes follow from it.") from None
    except ValueError:
        raise Lost("STUDENT_ID is blank: the sizes follow from it.") from None


def _own_numbers(name: str) -> Part:
    """The part about the networks of this name."""

    def question(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
        sizes, given = _sizes(candidate), _dictionary(candidate, "OWN_PARAMETERS")
        numbers = {re.sub(r"[\W_]", "", key.casefold()): value for key, value in given.items() if isinstance(key, str)}

        def ask(key: str) -> None:
            what, network = f"OWN_PARAMETERS['{key}']", NETWORKS[name][key]
            found = _read(read_whole_number, numbers.get(key.replace("_", "")), what)
            if found != network.parameters(sizes):
                raise Lost(f"{what} is not the number for the sizes of your id. {_likely(found, network, sizes)}")

        ask_each(NETWORKS[name], ask)

    return Part(name, 0.25, question)


OWN_PARAMETER_COUNT = Examination("own_parameter_count", tuple(_own_numbers(name) for name in NETWORKS))


# --- curves ---------------------------------------------------------------------------------------------

MODELS = {"A": "LSTM", "B": "RNN", "C": "GRU"}
"""What the columns of data/theory/curves.csv are. Nothing that students get says it."""


def _said(candidate: Candidate, curve: str) -> str:
    """What the candidate says that a curve is. Lost when that is blank or no name of a network."""
    return _read(read_network, candidate.lookup(f"{curve}_model"), f"{curve}_model")


def _is_rnn(candidate: Candidate, curve: str) -> bool:
    try:
        return _said(candidate, curve) == "RNN"
    except Lost:  # what is blank costs points in the part that asks for it
        return False


def _plain(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """The plain RNN is the right curve, and no other one."""
    (plain,) = (curve for curve, name in MODELS.items() if name == "RNN")
    others = [curve for curve in MODELS if curve != plain and _is_rnn(candidate, curve)]
    if _said(candidate, plain) != "RNN" or others:
        raise Lost(
            "the plain RNN is not the curve that you name. The marked numbers lie up to 50 steps back: over how many "
            "steps does its gradient reach, and what can it learn from then?"
        )


def _gated(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """LSTM and GRU are the right curves."""
    if any(_said(candidate, curve) != name for curve, name in MODELS.items() if name != "RNN"):
        raise Lost(
            "LSTM and GRU are not both where you say. Both begin with gates that are half open: in which of the two "
            "does more have to be learned before a number is kept and shown?"
        )


CURVES = Examination("curves", (Part("plain RNN", 0.5, _plain), Part("LSTM and GRU", 0.5, _gated)))

EXAMINATIONS: tuple[Examination, ...] = (SEQUENCE_MAPPING, PARAMETER_COUNT, OWN_PARAMETER_COUNT, CURVES)
