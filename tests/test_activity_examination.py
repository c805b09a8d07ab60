"""The examinations of `activity`: the bank's answers put before them, and what is said about each mistake."""

from dataclasses import replace
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
from activity_answers import BEST, answers, made_up_runs, notebook, reference

from autograder.channel import Candidate, local_candidate
from autograder.examinations import activity
from autograder.examinations.activity import (
    ARCHITECTURES,
    BEST_MODEL,
    COMPARED,
    FOREIGN_WINDOWS,
    REAL_WINDOWS,
    SIMULATED_WINDOWS,
)
from autograder.examine import Context, Examination, run_part
from autograder.records import PartResult, Score
from helpers.results import Run


def ask(
    examination: Examination, candidate: Candidate, runs: list[Run] | None = None, scores: list[Score] | None = None
) -> dict[str, PartResult]:
    context = Context(runs=made_up_runs() if runs is None else runs, scores=[] if scores is None else scores)
    rng = np.random.default_rng
    return {part.name: run_part(part, candidate, rng(0), context) for part in examination.parts}


def lost(parts: dict[str, PartResult]) -> dict[str, str]:
    return {name: part.message for name, part in parts.items() if part.earned < 1}


# --- architectures ----------------------------------------------------------------------------------------------

FORM, LAYERS, KINDS, TRUTH, SHAPES, LOSS = (part.name for part in ARCHITECTURES.parts)

MISTAKES = {
    "architectures_only_four": (FORM, "has 4 entries"),
    "architectures_no_pure_rnn": (KINDS, "lacks a pure RNN"),
    "architectures_no_mixture": (KINDS, "lacks a mixture"),
    "architectures_no_mlp": (KINDS, "lacks a pure MLP"),
    "architectures_mlp_without_hidden_layer": (KINDS, "'mlp' has no hidden layer"),
    "architectures_flatten_before_the_rnn": (KINDS, "'rnn' is an MLP"),
    "architectures_flatten_behind_the_rnn": (KINDS, "'rnn' is a mixture"),
    "architectures_return_sequences_forgotten": (FORM, "expected ndim=3, found ndim=2"),
    "architectures_return_sequences_on_the_last": (TRUTH, "expected outputs of shape (4, 6), got (4, 32, 6)"),
    "architectures_flatten_forgotten": (TRUTH, "expected outputs of shape (4, 6), got (4, 128, 6)"),
    "architectures_lstm": (LAYERS, "LSTM is not allowed"),
    "architectures_gru": (LAYERS, "GRU is not allowed"),
    "architectures_bidirectional": (LAYERS, "Bidirectional is not allowed"),
    "architectures_lambda": (LAYERS, "Lambda is not allowed"),
    "architectures_separable": (LAYERS, "SeparableConv1D is not allowed"),
    "architectures_own_layer_with_a_known_name": (TRUTH, "cannot be checked: the examiner does not compute Dense"),
    "architectures_call_replaced": (TRUTH, "not those of its layers"),
    "architectures_own_activation": (TRUTH, "with the activation 'swish_by_hand'"),
    "architectures_subclassed_model": (FORM, "a keras.Sequential or a functional"),
    "architectures_nothing_returned": (FORM, "Is `return` missing?"),
    "architectures_model_instead_of_function": (FORM, "should be a function (input_shape, n_classes)"),
    "architectures_list": (FORM, "should be a dict from names to functions, got list"),
    "architectures_convolution_of_width_one": (KINDS, "lacks a pure CNN"),
    "architectures_classes_hard_coded": (SHAPES, "follow the arguments"),
    "architectures_shape_hard_coded": (SHAPES, "follow the arguments"),
    "architectures_softmax_missing": (LOSS, "its output is no softmax"),
    "architectures_softmax_twice": (LOSS, "goes through softmax twice"),
    "architectures_softmax_in_the_loss_too": (LOSS, "applies a second one"),
    "architectures_categorical_loss": (LOSS, "coding of the labels"),
    "architectures_squared_error": (LOSS, "coding of the labels"),
    "architectures_binary_loss": (LOSS, "coding of the labels"),
    "architectures_not_compiled": (LOSS, "is not compiled"),
    "architectures_frozen": (LOSS, "has no weights that are trained"),
    "architectures_learning_rate_zero": (LOSS, "learning rate 0"),
    "architectures_cached": (SHAPES, "called twice, gives models that share weights"),
    "architectures_shared_layer": (SHAPES, "called twice, gives models that share weights"),
    "architectures_dropout_always": (TRUTH, "Dropout called with training=True"),
    "architectures_kernel_one": (KINDS, "lacks a pure CNN"),
}


@pytest.mark.parametrize("name", sorted(answers("architectures")))
def test_answers_of_the_bank_to_architectures(name: str) -> None:
    found = lost(ask(ARCHITECTURES, notebook(answers("architectures")[name], "architectures")))
    if name.startswith("right_"):
        assert found == {}
    else:
        part, words = MISTAKES[name]
        assert words in found[part], found


def test_the_reference_of_these_tests_is_right() -> None:
    assert lost(ask(ARCHITECTURES, notebook(None, "architectures"))) == {}


def test_a_layer_that_is_not_allowed_costs_in_one_part_alone() -> None:
    answer = answers("architectures")["architectures_lambda"]
    place = reference()
    place["ARCHITECTURES"]["another_mlp"] = place["build_mlp"]
    exec(answer.added[0][1], place)
    assert set(lost(ask(ARCHITECTURES, local_candidate(place)))) == {LAYERS}


# --- comparison -------------------------------------------------------------------------------------------------

TABLE, COMPLETE, EVERY, RUNS, SEEDS, SPLIT, *_ = (part.name for part in COMPARED.parts)

COMPARISONS = {
    "comparison_split_of_shuffled_windows": (SPLIT, "are on both sides"),
    "comparison_split_at_four_fifths": (SPLIT, "are on both sides"),
    "comparison_split_every_fifth_window": (SPLIT, "are on both sides"),
    "comparison_split_stratified_by_subject": (SPLIT, "are on both sides"),
    "comparison_split_exchanged": (SPLIT, "Are they exchanged?"),
    "comparison_split_of_subjects": (SPLIT, "numbers of the subjects"),
    "comparison_split_as_masks": (SPLIT, "np.flatnonzero"),
    "comparison_split_drops_windows": (SPLIT, "every window should be on one of the two sides"),
    "comparison_split_fixed_subjects": (SPLIT, "one of the two sides is empty"),
    "comparison_split_of_the_global_data": (SPLIT, "Is the argument used?"),
    "comparison_one_seed": (COMPLETE, "fewer than 3 seeds"),
    "comparison_two_seeds": (COMPLETE, "fewer than 3 seeds"),
    "comparison_one_batch_size": (COMPLETE, "1 values of batch_size"),
    "comparison_one_number_of_epochs": (COMPLETE, "1 values of batch_size"),
    "comparison_always_regularised": (EVERY, "with and without regularisation"),
    "comparison_never_regularised": (EVERY, "with and without regularisation"),
    "comparison_architecture_left_out": (EVERY, "no rows for rnn"),
    "comparison_regularised_for_some_only": (COMPLETE, "combinations of architecture × regularised are missing"),
    "comparison_table_invented": (RUNS, "the run that was kept says otherwise"),
    "comparison_validation_reported_as_test": (RUNS, "the run that was kept says otherwise"),
    "comparison_runs_that_nobody_made": (RUNS, "no such run came"),
    "comparison_in_percent": (TABLE, "Is it in percent?"),
    "comparison_columns_renamed": (TABLE, "has no column val_accuracy"),
    "comparison_means_instead_of_runs": (COMPLETE, "fewer than 3 seeds"),
    "comparison_seeds_not_used": (SEEDS, "does not depend on the seed"),
}


TRAINED = {"comparison_runs_invented", "comparison_one_epoch_whatever_is_asked"}
"""What only a run that is made again shows; `coursework bank` grades them."""


@pytest.mark.parametrize("name", sorted(answers("comparison").keys() - TRAINED))
def test_answers_of_the_bank_to_comparison(name: str) -> None:
    found = lost(ask(COMPARED, notebook(answers("comparison")[name], "comparison")))
    if name.startswith("right_"):
        assert found == {}
    else:
        part, words = COMPARISONS[name]
        assert words in found[part], found


def test_architectures_that_are_wrong_do_not_cost_in_the_comparison() -> None:
    place = reference()
    runs = made_up_runs()
    place["comparison"] = pd.DataFrame([run.setting | {"seed": run.seed} | run.metrics for run in runs])
    place["ARCHITECTURES"] = list(place["ARCHITECTURES"].values())
    assert lost(ask(COMPARED, local_candidate(place), runs)) == {}


# --- best model ---------------------------------------------------------------------------------------------------

CHOSEN, BUILT, CLAIMED, PEOPLE = (part.name for part in BEST_MODEL.parts)


CHOICES = {
    "best_model_no_key": "is 'CNN', which is no key of ARCHITECTURES",
    "best_model_function_instead_of_key": "should be a name, a key of ARCHITECTURES, got function",
    "best_model_another_architecture": "another one in front",
    "best_model_worst_on_validation": "another one in front",
    "best_model_chosen_by_test": "what they say must not decide",
}


@pytest.mark.parametrize("name", sorted(answers("best_model")))
def test_answers_of_the_bank_to_best_model(name: str) -> None:
    """What they choose; what the chosen model can do is for `coursework bank` to show."""
    found = lost(ask(BEST_MODEL, notebook(answers("best_model")[name], "best_model")))
    if name.startswith("right_"):
        assert CHOSEN not in found
    else:
        assert CHOICES[name] in found[CHOSEN]


@pytest.fixture
def labels_known_by(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Windows whose first value tells the class, so that a model without training can be right or wrong about them."""

    def windows(n: int) -> tuple[np.ndarray, np.ndarray]:
        labels = np.arange(n) % activity.N_CLASSES
        return np.zeros((n, *activity.SHAPE), np.float32) + labels[:, None, None].astype(np.float32), labels

    monkeypatch.setattr(activity, "_new_windows", lambda rng, subjects, each: windows(60))
    monkeypatch.setattr(activity, "_test_windows", lambda of_sample: windows(60) if of_sample else None)


def best_model(classes: int) -> keras.Model:
    """Built like BEST, and sure of the class that all nine signals say, as long as it is below ``classes``."""
    model = reference()["ARCHITECTURES"][BEST](activity.SHAPE, activity.N_CLASSES)
    kernel, bias, dense, offsets = (np.zeros_like(weight) for weight in model.get_weights())
    # Feature k is how far the signal lies above k - 1; the class is where the slope of a piecewise line ends.
    kernel[4, 0, :] = 1.0
    bias[:] = -np.arange(len(bias)) + 0.5
    for k in range(classes):
        # relu(x - k + 1/2) is 0 below class k, and grows by 1 with each class
        dense[k, k] += 20
        if k + 1 < len(dense):
            dense[k + 1, k] -= 60
    model.set_weights([kernel, bias, dense, offsets])
    return model


def handed_in(
    model: Any, name: Any = BEST, claim: float = 1.0, source: str = "sample", scores: list[Score] | None = None
) -> dict[str, PartResult]:
    place = reference()
    runs = made_up_runs()
    place["comparison"] = pd.DataFrame([run.setting | {"seed": run.seed} | run.metrics for run in runs])
    place |= {"best_architecture": name, "best_model": model}
    kept = Run(
        "best_model", {"architecture": name}, 0, {"val_accuracy": 0.9, "test_accuracy": claim}, data={"source": source}
    )
    return ask(BEST_MODEL, local_candidate(place), [*runs, kept], scores)


def test_a_model_that_is_right_about_new_people_earns_everything(labels_known_by: Any) -> None:
    assert lost(handed_in(best_model(6))) == {}


def test_accuracy_on_new_people_earns_in_between(labels_known_by: Any) -> None:
    parts = handed_in(best_model(3), claim=0.5)
    assert set(lost(parts)) == {PEOPLE}
    assert 0 < parts[PEOPLE].earned < 1
    assert "people whom it has never met" in parts[PEOPLE].message
    assert handed_in(best_model(0))[PEOPLE].earned == 0


def test_claims_are_compared_with_what_the_model_does_on_the_sample(labels_known_by: Any) -> None:
    assert "the kept run claims 0.900" in lost(handed_in(best_model(6), claim=0.9))[CLAIMED]
    assert lost(handed_in(best_model(6), claim=0.9, source="full")) == {}


def test_a_model_that_was_trained_on_real_windows_meets_real_ones(labels_known_by: Any, monkeypatch: Any) -> None:
    assert handed_in(best_model(3), source="full")[PEOPLE].earned == 1, "of simulated windows it need not know as many"
    real = np.zeros((80, *activity.SHAPE), np.float32), np.zeros(80, np.int64)
    monkeypatch.setattr(activity, "_test_windows", lambda of_sample: real)
    parts = handed_in(best_model(6), source="mirror")
    assert lost(parts) == {}
    assert "for the leaderboard: 100.00% of the 80 real test windows" in parts[PEOPLE].message
    assert "the kept run claims 0.900" in lost(handed_in(best_model(6), source="full", claim=0.9))[CLAIMED]


@pytest.mark.parametrize("source, board", [("sample", SIMULATED_WINDOWS), ("full", FOREIGN_WINDOWS)])
def test_what_a_model_reaches_is_kept_for_the_leaderboard(labels_known_by: Any, source: str, board: str) -> None:
    for known in (6, 3):
        scores: list[Score] = []
        handed_in(best_model(known), claim=known / 6, source=source, scores=scores)
        assert [score.board for score in scores] == [board]
        assert (scores[0].right, scores[0].of) == (10 * known, 60)


def test_real_test_windows_have_a_leaderboard_of_their_own(labels_known_by: Any, monkeypatch: Any) -> None:
    real = np.zeros((80, *activity.SHAPE), np.float32), np.zeros(80, np.int64)
    monkeypatch.setattr(activity, "_test_windows", lambda of_sample: real)
    scores: list[Score] = []
    handed_in(best_model(6), source="full", scores=scores)
    assert scores == [Score(REAL_WINDOWS, 80, 80)]


def test_the_choice_is_that_of_the_validation_accuracy(labels_known_by: Any) -> None:
    assert "what they say must not decide" in lost(handed_in(best_model(6), name="cnn_rnn"))[CHOSEN]
    assert "has another one in front" in lost(handed_in(best_model(6), name="mlp"))[CHOSEN]
    assert "no key of ARCHITECTURES" in lost(handed_in(best_model(6), name="CNN"))[CHOSEN]
    assert "should be a name" in lost(handed_in(best_model(6), name=3))[CHOSEN]


def test_the_model_is_of_the_architecture_that_was_chosen(labels_known_by: Any) -> None:
    other = reference()["build_cnn"](activity.SHAPE, activity.N_CLASSES)
    assert "is not built like ARCHITECTURES['cnn_fine']" in lost(handed_in(other))[BUILT]
    assert "should be a trained keras.Model" in lost(handed_in("cnn_fine"))[BUILT]
    forbidden = keras.Sequential([keras.Input(activity.SHAPE), keras.layers.LSTM(4), keras.layers.Dense(6)])
    assert "LSTM is not allowed" in lost(handed_in(forbidden))[BUILT]


def test_a_model_that_did_not_come_along_is_told(labels_known_by: Any) -> None:
    place = reference() | {"best_architecture": BEST}
    runs = made_up_runs()
    place["comparison"] = pd.DataFrame([run.setting | {"seed": run.seed} | run.metrics for run in runs])
    found = lost(ask(BEST_MODEL, local_candidate(place), [replace(run, exercise="comparison") for run in runs]))
    assert "Do the kept weights come with the hand-in?" in found[PEOPLE]
    assert "no trained model came with the hand-in" in found[CLAIMED]
    assert CHOSEN not in found
