"""The examinations of `surnames`: the reference, answers of the bank, and what the imbalanced strings are like."""

from collections.abc import Sequence

import numpy as np
import pytest
from surnames_notebook import ANSWERS, candidate

from autograder.bank import parse_answer
from autograder.channel import Candidate
from autograder.examinations import surnames_imbalance
from autograder.examinations.surnames import EXAMINATIONS
from autograder.examinations.surnames_imbalance import CLASSES, STRINGS, Task, balanced_accuracy, untreated_optimum
from autograder.examinations.surnames_text import expected_one_hot
from autograder.examine import Context, run_part
from autograder.records import PartResult
from helpers.seeding import seed_everything

BY_EXERCISE = {examination.exercise: examination for examination in EXAMINATIONS}
TEXT = ("alphabet", "one_hot")
# Parts that train a model are slow: most answers are put before the others only.
TRAINING = {"learns a small set"}


def ask(exercise: str, answers: Candidate, parts: Sequence[str] = (), seed: int = 0) -> dict[str, PartResult]:
    """All parts of an examination by name, or those that are named."""
    context = Context()
    found = {}
    for part in BY_EXERCISE[exercise].parts:
        if not parts or part.name in parts:
            seed_everything(seed)
            found[part.name] = run_part(part, answers, np.random.default_rng(seed), context)
    return found


def lost(found: dict[str, PartResult]) -> dict[str, str]:
    return {name: part.message for name, part in found.items() if part.earned < 1}


def of(exercises: Sequence[str], *, right: bool) -> list[tuple[str, str]]:
    """(exercise, name) of the bank's answers, right or wrong, to these exercises."""
    found = [(next(iter(parse_answer(path).replaced)), name) for name, path in sorted(ANSWERS.items())]
    return [pair for pair in found if pair[0] in exercises and pair[1].startswith("right_") == right]


@pytest.fixture(scope="module")
def reference() -> Candidate:
    return candidate()


# --- text ---


@pytest.mark.parametrize("exercise", TEXT)
def test_the_reference_is_right(exercise, reference):
    assert lost(ask(exercise, reference)) == {}


@pytest.mark.parametrize(("exercise", "name"), of(TEXT, right=True))
def test_right_answers_about_text_pass(exercise, name):
    for seed in range(20):
        assert lost(ask(exercise, candidate(name), seed=seed)) == {}


@pytest.mark.parametrize(("exercise", "name"), of(TEXT, right=False))
def test_wrong_answers_about_text_lose_with_any_seed(exercise, name):
    if name == "alphabet_from_global_data":
        pytest.skip("needs the data of the notebook")
    for seed in range(20):
        assert lost(ask(exercise, candidate(name), seed=seed))


WORDS = {
    "alphabet_not_sorted": "not in sorted order",
    "alphabet_is_a_string": "should return a list, got str",
    "alphabet_with_repeats": "more than once",
    "alphabet_lower_case": "are missing",
    "one_hot_float64": "should return float32, got float64",
    "one_hot_off_by_one": "one row away from their place",
    "one_hot_padded_in_front": "padding stands in front",
    "one_hot_reversed": "in reverse order",
    "one_hot_axes_exchanged": "should have the shape",
    "one_hot_unknown_left_out": "keep their places",
    "one_hot_unknown_crashes": "your code raised ValueError",
    "one_hot_too_long_crashes": "your code raised IndexError",
    "one_hot_last_characters_kept": "the first stay",
}


@pytest.mark.parametrize(("name", "words"), WORDS.items(), ids=WORDS.keys())
def test_messages_name_the_mistake(name, words):
    messages = lost(ask(name.split("_")[0] if name[0] == "a" else "one_hot", candidate(name)))
    assert any(words in message for message in messages.values()), messages


def test_what_is_expected_of_one_hot():
    encoded = expected_one_hot(["ba?", ""], ["a", "b"], 4)
    assert encoded.dtype == np.float32
    assert encoded[0].tolist() == [[0, 1], [1, 0], [0, 0], [0, 0]]
    assert not encoded[1].any()


# --- models ---

MODELS = ("rnn_classifier", "deep_rnn_classifier")
QUICK = tuple(part.name for part in BY_EXERCISE["rnn_classifier"].parts if part.name not in TRAINING)


@pytest.mark.parametrize("exercise", MODELS)
def test_the_references_models_are_right(exercise, reference):
    assert lost(ask(exercise, reference)) == {}


# What they learn is shown where the answer bank is graded.
@pytest.mark.parametrize(("exercise", "name"), of(MODELS, right=True))
def test_right_models_pass(exercise, name):
    answers = candidate(name)
    for seed in (0, 1):
        assert lost(ask(exercise, answers, QUICK, seed=seed)) == {}


@pytest.mark.parametrize(("exercise", "name"), of(MODELS, right=False))
def test_wrong_models_lose(exercise, name):
    parts = TRAINING if name in ("rnn_learning_rate_zero", "rnn_classifier_batchnorm_before_mask") else QUICK
    assert lost(ask(exercise, candidate(name), tuple(parts)))


MODEL_WORDS = {
    "rnn_not_masked": "Is padding masked?",
    "rnn_masked_with_wrong_value": "Is padding masked?",
    "rnn_softmax_missing": "end with a softmax",
    "rnn_softmax_twice": "from_logits",
    "rnn_two_softmaxes": "softmax twice",
    "rnn_loss_for_one_hot_labels": "Which loss belongs to this coding of the labels?",
    "rnn_mean_squared_error": "Which loss belongs to this coding of the labels?",
    "rnn_lstm_instead": "the layer LSTM is not allowed",
    "rnn_units_fixed": "it has [64]",
    "rnn_not_compiled": "is not compiled",
    "rnn_flattened_sequence": "Flatten",
    "deep_return_sequences_forgotten": "your code raised ValueError",
    "deep_always_two_layers": "one after the other",
    "deep_last_state_repeated": "Is padding masked?",
}


@pytest.mark.parametrize(("name", "words"), MODEL_WORDS.items(), ids=MODEL_WORDS.keys())
def test_messages_name_the_models_mistake(name, words):
    exercise = "deep_rnn_classifier" if name.startswith("deep") else "rnn_classifier"
    messages = lost(ask(exercise, candidate(name), QUICK))
    assert any(words in message for message in messages.values()), messages


# --- imbalance ---


def test_strings_are_probabilities():
    likely = surnames_imbalance.probabilities()
    assert np.allclose(likely.sum(axis=1), 1)
    assert likely.shape == (CLASSES, len(STRINGS))


def test_between_untreated_and_treated_there_is_room_for_the_gain():
    treated = balanced_accuracy(surnames_imbalance.probabilities().argmax(axis=0))
    assert treated - untreated_optimum() > 1.5 * surnames_imbalance.GAIN
    assert balanced_accuracy(np.zeros(len(STRINGS), int)) == pytest.approx(1 / CLASSES)


def test_each_string_is_drawn_as_often_as_expected():
    likely = surnames_imbalance.probabilities()[0]
    for seed in range(20):
        drawn = surnames_imbalance.systematic(np.random.default_rng(seed), likely, 300)
        counts = np.bincount(drawn, minlength=len(STRINGS))
        assert counts.sum() == 300
        assert np.abs(counts - 300 * likely).max() < 1


def test_the_task_is_as_it_says():
    task = Task(np.random.default_rng(3))
    sizes = np.bincount(task.train[1])
    assert sorted(sizes, reverse=True) == sorted(surnames_imbalance.SIZES, reverse=True)
    assert set(np.unique(task.train[0].sum(axis=(1, 2)))) == set(surnames_imbalance.LENGTHS)
    columns = task.train[0].any(axis=(0, 1)), task.planted.any(axis=(0, 1))
    assert columns[0].sum() == CLASSES
    assert not (columns[0] & columns[1]).any()
    assert set(task.planted_labels) == set(range(CLASSES))
    perfect = task.labels_of[surnames_imbalance.probabilities().argmax(axis=0)]
    assert task.balanced_accuracy(perfect) > untreated_optimum() + surnames_imbalance.GAIN


def test_the_references_treatment_passes(reference):
    assert lost(ask("class_imbalance", reference)) == {}


IMBALANCE_WORDS = {
    "imbalance_untreated": "Does the treatment act on the training",
    "imbalance_frequent_class_dropped": "1 of 4 classes are never predicted",
    "imbalance_untrained": "Does the treatment act on the training",
    "imbalance_trained_on_validation": "trained on the validation set",
    "imbalance_class_number_from_notebook": "expected outputs of shape",
    "imbalance_returns_history": "History",
}


@pytest.mark.parametrize(("name", "words"), IMBALANCE_WORDS.items(), ids=IMBALANCE_WORDS.keys())
def test_treatments_that_are_none(name, words):
    messages = lost(ask("class_imbalance", candidate(name)))
    assert any(words in message for message in messages.values()), messages


def test_another_treatment_passes():
    assert lost(ask("class_imbalance", candidate("right_imbalance_over_sampling"))) == {}
