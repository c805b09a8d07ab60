"""The examinations of `sequential_mnist`: the bank's answers put before them, and what is said about each mistake."""

import contextlib
import dataclasses
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from sequential_mnist_notebook import CHOSEN, answers, candidate, made_up_runs, namespace
from torch import nn

from autograder.channel import Candidate, local_candidate
from autograder.examinations import sequential_mnist_runs as runs_examination
from autograder.examinations.sequential_mnist import EXAMINATIONS
from autograder.examinations.sequential_mnist_planted import (
    ELSEWHERE,
    EXAMPLES,
    SETS,
    TEST,
    TRAINING,
    VALIDATION,
    cut_space,
    draw_contest,
    draw_examples,
    planted,
    sizes_of,
)
from autograder.examine import Context, examinations, fraction, run_parts
from autograder.records import PartResult
from helpers.results import Run

BY_NAME = {examination.exercise: examination for examination in EXAMINATIONS}
PAIRS = [(exercise, name) for exercise in BY_NAME for name in sorted(answers(exercise))]


def ask(exercise: str, asked: Candidate, runs: list[Run] | None = None, seed: int = 0) -> list[PartResult]:
    done: list[PartResult] = []
    context = Context(runs=list(made_up_runs()) if runs is None else runs)
    with contextlib.redirect_stdout(io.StringIO()):
        run_parts(BY_NAME[exercise], asked, lambda: np.random.default_rng(seed), context, done)
    return done


def lost(done: list[PartResult]) -> dict[int, str]:
    """Messages of the parts that are not right, by the number of the part."""
    return {number: part.message for number, part in enumerate(done) if part.earned < 1}


# --- the bank ---------------------------------------------------------------------------------------------------------

MISTAKES = {
    # pixel_sequences
    "pixels_batch_of_one_squeezed": (0, "Does a squeeze() drop the batch of one?"),
    "pixels_column_by_column": (1, "the pixels are read column by column"),
    "pixels_divided_by_256": (1, "are the pixels divided by 256?"),
    "pixels_float64": (0, "models compute in float32"),
    "pixels_from_minus_one": (1, "the pixels lie in [-1, 1]; asked for is [0, 1]"),
    "pixels_images_changed": (1, "row by row from the top left"),
    "pixels_images_permuted": (2, "pixels of different images are mixed"),
    "pixels_images_reordered": (3, "changes the caller's images in place"),
    "pixels_inverse_permutation": (2, "step t should show pixel number permutation[t]"),
    "pixels_inverted": (1, "black and white are exchanged"),
    "pixels_not_scaled": (1, "0 to 255 should become 0 to 1"),
    "pixels_numpy_array": (0, "should return a torch tensor, got a numpy array"),
    "pixels_of_the_notebooks_data": (0, "should have the shape (4, 15, 1), got (4, 64, 1)"),
    "pixels_permutation_anew_for_each_image": (2, "the same permutation goes for all images"),
    "pixels_permutation_drawn_instead": (2, "Is the argument used, and not a new one drawn?"),
    "pixels_permutation_ignored": (2, "Is it used, and is the result returned?"),
    "pixels_rows_as_steps": (0, "One step is one pixel here, not a row"),
    "pixels_scaled_by_their_maximum": (1, "divided by the largest value of these images"),
    "pixels_scaled_image_by_image": (1, "each image is divided by its own largest value"),
    "pixels_square_images_transposed": (1, "images of shape (4, 5, 5): the pixels are read column by column"),
    "pixels_standardised_by_themselves": (1, "mean 0 and standard deviation 1"),
    "pixels_time_first": (0, "The batch comes first, the steps second"),
    "pixels_without_feature_axis": (0, "Each step has a feature axis, of one value"),
    # recurrent_models
    "models_answer_for_each_step": (3, "One answer for each sequence is asked for, not one for each step"),
    "models_bag_of_pixels": (1, "Is the state carried from step to step?"),
    "models_batch_taken_for_time": (1, "Is the batch the first axis (batch_first=True)"),
    "models_detached": (4, "Is something detached, frozen, or not used?"),
    "models_dropout_always": (1, "is there dropout at inference?"),
    "models_every_second_pixel": (1, "the second of 5 pixels changes no logit"),
    "models_first_layers_state": (3, "the layers above it are not used"),
    "models_first_output": (3, "the state after the first pixel goes into the output layer"),
    "models_fixed_length": (0, "mat1 and mat2 shapes cannot be multiplied"),
    "models_hidden_size_fixed": (3, "Is hidden_size passed on?"),
    "models_key_error_for_unknown_kind": (5, "should raise a ValueError, got KeyError"),
    "models_kind_ignored": (3, "Is the kind passed on?"),
    "models_layers_ignored": (3, "Is num_layers passed on?"),
    "models_lstm_bidirectional": (3, "should read each sequence forwards only"),
    "models_mean_over_the_batch": (1, "is the average taken over time, not over the batch?"),
    "models_random_first_state": (1, "gives two answers"),
    "models_sixty_four_steps": (0, "Is a number of steps written into the model"),
    "models_relu_on_the_logits": (3, "Is something applied to them?"),
    "models_softmax": (3, "a softmax is applied"),
    "models_squeeze": (0, "Does a squeeze() drop the batch of one?"),
    "models_state_kept_between_calls": (1, "Is the state kept from one call to the next"),
    "models_state_not_carried": (1, "Is the state carried from step to step"),
    "models_ten_classes": (0, "should give logits of shape (4, 37), got (4, 10)"),
    "models_unknown_kind_accepted": (5, "should raise a ValueError, got RecurrentModel"),
    # antisymmetric_cell
    "cell_epsilon_and_gamma_exchanged": (0, "Are epsilon and gamma exchanged?"),
    "cell_epsilon_trained": (4, "epsilon would be trained"),
    "cell_frozen_matrix": (4, "Are W, V and b all parameters, and used anew at each call?"),
    "cell_gamma_everywhere": (1, "it is multiplied by the identity matrix"),
    "cell_gamma_forgotten": (2, "Is gamma used?"),
    "cell_gamma_outside": (0, "with all else inside of the tanh"),
    "cell_gamma_trained": (4, "gamma would be trained"),
    "cell_gamma_with_plus": (2, "Check the sign"),
    "cell_input_forgotten": (0, "x has no effect"),
    "cell_library_rnn": (0, "has no attribute 'RNNCell'"),
    "cell_no_gradient": (4, "Is something detached, or converted to numpy?"),
    "cell_old_state_forgotten": (0, "the step is added to it"),
    "cell_one_number_bias": (0, "It is a vector"),
    "cell_plain_w": (1, "Is the matrix transposed, and taken off itself, whenever"),
    "cell_relu": (0, "with all else inside of the tanh"),
    "cell_size_of_the_batch": (0, "with all else inside of the tanh"),
    "cell_state_begins_with_ones": (3, "should begin in the state zero"),
    "cell_state_changed_in_place": (3, "changes the caller's state in place"),
    "cell_state_inside_the_tanh": (0, "the change is added to h, outside of the tanh"),
    "cell_state_required": (3, "missing 1 required positional argument"),
    "cell_step_taken_off": (2, "Check the sign"),
    "cell_w_plus_its_transpose": (1, "Is Wᵀ added instead of taken off?"),
    "cell_without_bias": (0, "there is no constant b inside of the tanh"),
    "cell_without_epsilon": (0, "epsilon scales it"),
    "cell_without_tanh": (0, "where is the tanh?"),
    # search_space
    "space_bare_values": (0, "should be a list of the values that are tried, got int"),
    "space_list_of_settings": (0, "Is the level of the kinds missing?"),
    "space_negative_rate": (2, "should hold numbers above 0"),
    "space_one_hyper_parameter": (1, "has 1 hyper-parameters with two different values"),
    "space_one_value_each": (1, "has 0 hyper-parameters with two different values"),
    "space_repeated_values": (1, "has 0 hyper-parameters with two different values"),
    "space_seed_chosen": (2, "a seed is no hyper-parameter"),
    "space_size_never_varied": (2, "hidden_size or num_layers should be among its hyper-parameters"),
    "space_sizes_with_fractions": (2, "should hold whole numbers above 0"),
    "space_unknown_kind": (0, "has 'transformer', which build_model does not know"),
    "space_without_kinds": (0, "Is the level of the kinds missing?"),
    "space_without_lstm": (0, "SEARCH_SPACE has no entry for 'lstm'"),
    # model_selection
    "select_accuracy_comes_along": (1, "Is the accuracy, or something else, returned with it?"),
    "select_best_never_updated": (1, "Does the test set take part in the choice"),
    "select_by_hand": (3, "builds models of 0 of 2 sizes"),
    "select_by_test": (1, "Does the test set take part in the choice"),
    "select_by_test_and_validation": (1, "Does the test set take part in the choice"),
    "select_by_test_images": (1, "Does the test set take part in the choice"),
    "select_by_training": (1, "Is it the training set that decides"),
    "select_by_training_and_validation": (1, "Is it the training set that decides"),
    "select_first_setting": (1, "Is it the training set that decides"),
    "select_kind_ignored": (3, "Is kind passed on?"),
    "select_least": (1, "Does the test set take part in the choice"),
    "select_never_trained": (3, "no backward pass was made"),
    "select_on_the_notebooks_own_sets": (3, "trains on other data than its argument train"),
    "select_one_at_a_time": (3, "builds models of 1 of 2 sizes"),
    "select_remembered": (2, "Is something remembered from call to call?"),
    "select_returns_a_model": (1, "should return the chosen setting, a dict, got _PlantedModel"),
    "select_setting_not_passed_on": (3, "builds models of 1 of 2 sizes"),
    "select_trains_on_validation_too": (3, "trains on the validation set"),
    # final_runs
    "final_best_of_the_seeds": (2, "the run that was kept says otherwise"),
    "final_best_epoch_on_test": (5, "The test set decides nothing"),
    "final_in_percent": (5, "Is it in percent, or a loss?"),
    "final_kind_ignored": (5, "Is kind passed on?"),
    "final_labels_misjoined": (5, "Do sequences and labels stay together"),
    "final_loss_instead_of_accuracy": (5, "Is it in percent, or a loss?"),
    "final_lstm_left_out": (1, "final_results has no rows for 'lstm'"),
    "final_means_instead_of_runs": (1, "fewer than 5 seeds"),
    "final_metrics_alone": (5, "should return (metrics, model)"),
    "final_never_trained": (5, "no backward pass was made"),
    "final_one_seed_repeated": (1, "one run, one row"),
    "final_seed_ignored": (5, "Is its seed used?"),
    "final_seeded_after_the_model": (5, "Seed the generators before the model is built"),
    "final_seeds_all_equal": (0, "does not set final_results"),
    "final_setting_ignored": (5, "does not build the model of the setting"),
    "final_table_made_better": (2, "the run that was kept says otherwise"),
    "final_three_seeds": (1, "fewer than 5 seeds"),
    "final_train_accuracy_of_train_alone": (5, "It is that of train alone"),
    "final_trains_on_test_too": (5, "trains on the test set"),
    "final_validation_reported_as_test": (5, "Is it counted on other examples, or before the training?"),
    "final_without_validation": (5, "does not train on the examples of validation"),
    # results_table
    "table_argument_changed": (3, "changes its argument in place"),
    "table_best_seed": (1, "train_mean is the maximum of train_accuracy"),
    "table_equal_runs_dropped": (1, "train_mean is wrong"),
    "table_exchanged": (1, "train_mean is computed from test_accuracy"),
    "table_fixed_kinds": (0, "should have one row for each kind"),
    "table_in_percent": (1, "train_mean is in percent; accuracies lie in [0, 1]"),
    "table_index_without_name": (0, "the index should be named kind"),
    "table_kind_as_column": (0, "set_index makes it the index"),
    "table_median": (1, "train_mean is the median of train_accuracy"),
    "table_of_the_notebooks_runs": (0, "should have one row for each kind"),
    "table_over_all_kinds": (1, "that of all kinds together"),
    "table_population_deviation": (2, "The squares are to be divided by n - 1"),
    "table_range": (2, "train_std is the range of train_accuracy"),
    "table_rounded": (1, "round where numbers are shown, not in the table"),
    "table_standard_error": (2, "train_std is the standard error of the mean of train_accuracy"),
    "table_two_levels": (0, "Are they in two levels, as after agg with a list?"),
    "table_variance": (2, "train_std is the variance of train_accuracy"),
}
"""Wrong answer → a part that it loses, by its number, and words of the message."""


@pytest.mark.parametrize(("exercise", "name"), PAIRS, ids=[name for _, name in PAIRS])
def test_answers_of_the_bank(exercise: str, name: str) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        asked = candidate(answers(exercise)[name], exercise)
    done = ask(exercise, asked)
    if name.startswith("right_"):
        assert lost(done) == {}
    else:
        part, words = MISTAKES[name]
        assert words in lost(done).get(part, ""), lost(done)


def test_every_wrong_answer_has_its_mistake() -> None:
    assert MISTAKES.keys() == {name for _, name in PAIRS if not name.startswith("right_")}


@pytest.mark.parametrize("exercise", BY_NAME)
def test_the_reference_earns_everything(exercise: str) -> None:
    done = ask(exercise, candidate(exercise=exercise))
    assert fraction(BY_NAME[exercise], done) == 1, lost(done)


def test_every_exercise_is_examined() -> None:
    assert list(examinations("sequential_mnist")) == list(BY_NAME)


# --- models: what is optional -----------------------------------------------------------------------------------------


def with_bidirectional(forward: Callable[[Any, torch.Tensor], torch.Tensor]) -> Candidate:
    place = namespace(until="recurrent_models")
    required = place["build_model"]

    class Both(nn.Module):
        def __init__(self, hidden_size: int, num_layers: int, n_classes: int) -> None:
            super().__init__()
            self.layers = nn.GRU(1, hidden_size, num_layers, batch_first=True, bidirectional=True)
            self.fc = nn.Linear(2 * hidden_size, n_classes)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return forward(self, x)

    def build_model(kind: str, *sizes: int) -> nn.Module:
        return Both(*sizes) if kind == "bidirectional" else required(kind, *sizes)

    return local_candidate(place | {"build_model": build_model})


def test_what_is_wrong_with_an_optional_kind_is_said_and_costs_nothing() -> None:
    done = ask("recurrent_models", with_bidirectional(lambda model, x: model.fc(model.layers(x)[0][:, -1])))
    assert fraction(BY_NAME["recurrent_models"], done) == 1
    assert "it has read that pixel only" in done[-1].message and "it costs nothing" in done[-1].message


def test_an_optional_kind_that_is_right_is_not_spoken_of() -> None:
    def both_ends(model: Any, x: torch.Tensor) -> torch.Tensor:
        state = model.layers(x)[1]
        return model.fc(torch.cat((state[-2], state[-1]), dim=1))

    for forward in (both_ends, lambda model, x: model.fc(model.layers(x)[0].mean(dim=1))):
        done = ask("recurrent_models", with_bidirectional(forward))
        assert [part.message for part in done] == [""] * len(done)


# --- the contest ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [16, 64, 784])
def test_no_two_examples_have_the_same_sum(steps: int) -> None:
    for seed in range(2):
        examples = draw_examples(np.random.default_rng(seed), steps)
        sums = examples.images.sum(axis=1, dtype=np.int64)
        assert len(set(sums.tolist())) == sum(EXAMPLES.values()) == len(examples.names)
        sequences, labels = examples.pair(TEST)
        assert sequences.shape == (EXAMPLES[TEST], steps, 1) and set(labels.tolist()) == set(range(10))


@pytest.mark.parametrize("n", [2, 3, 4, 6, 9])
def test_no_set_but_the_validation_set_prefers_the_winner(n: int) -> None:
    sizes = [(size, None) for size in range(n)]
    for seed in range(50):
        preferred: dict[str, set[bool]] = {}
        for place in (n // 3, 2 * n // 3):
            contest = draw_contest(np.random.default_rng(seed), sizes, place)
            assert max(sizes, key=lambda size: contest.shares[VALIDATION][size]) == sizes[place]
            for name in (TRAINING, TEST, ELSEWHERE):
                for weight in (0.0, 0.5, 1.0):
                    total = {
                        size: contest.shares[name][size] + weight * contest.shares[VALIDATION][size] for size in sizes
                    }
                    preferred.setdefault(name, set()).add(max(sizes, key=total.__getitem__) == sizes[place])
        for name, found in preferred.items():
            assert found == {False} or (n == 2 and found == {True, False}), name


def test_what_was_planted_is_gone_afterwards() -> None:
    place = namespace(until="model_selection")
    before = dict(place)
    with planted(local_candidate(place), np.random.default_rng(0)) as ground:
        contest = draw_contest(np.random.default_rng(0), [(8, None), (16, None)], 0)
        ground.plant(contest, {"train": ELSEWHERE, "validation": ELSEWHERE, "test": TEST}, {"rnn": {}})
        assert place["build_model"] is not before["build_model"] and place["SEARCH_SPACE"] == {"rnn": {}}
        assert len(place["test"][1]) == len(place["data"].test.labels) == EXAMPLES[TEST]
        assert place["DEFAULTS"]["epochs"] == 2
        ground.ask("_planted_turn_labels")
    assert {name: place[name] for name in before} == before
    assert place["data"] is before["data"] and place["test"] is before["test"]


def test_the_planted_model_reaches_what_was_planted() -> None:
    place = namespace(until="model_selection")
    sizes = [(8, 1), (8, 2), (16, 1), (16, 2)]
    contest = draw_contest(np.random.default_rng(3), sizes, 1)
    variables = {"train": TRAINING, "validation": VALIDATION, "test": TEST}
    with planted(local_candidate(place), np.random.default_rng(3)) as ground:
        ground.plant(contest, variables)
        for size in sizes:
            setting = dict(zip(("hidden_size", "num_layers"), size, strict=True))
            model, _ = place["train_setting"]("gru", setting, place["train"], 0)
            for variable, name in variables.items():
                assert place["accuracy"](model, place[variable]) == pytest.approx(contest.shares[name][size])
        built, trained = ground.notes()
    assert [note[:3] for note in built] == [["gru", *size] for size in sizes] and trained == {TRAINING}
    assert set(SETS) == set(EXAMPLES)


def test_a_large_search_space_is_cut_and_a_small_one_is_not() -> None:
    assert cut_space({"hidden_size": [8, 16], "learning_rate": [0.1, 0.2]}) is None
    large = {
        "hidden_size": [8, 16, 32, 64],
        "learning_rate": [1, 2, 3],
        "epochs": [200, 50, 100],
        "batch_size": [8, 16],
    }
    small = cut_space(large)
    assert small is not None and small["epochs"] == [50] and small["hidden_size"] == [8, 16, 32]
    assert sizes_of(small) == [(8, None), (16, None), (32, None)]
    assert cut_space({"num_layers": [1, 2], "epochs": [200, 100]}) == {"num_layers": [1, 2], "epochs": [100]}


def test_whoever_tries_all_of_a_large_search_space_is_right() -> None:
    place = namespace(until="model_selection")
    place["SEARCH_SPACE"] = {
        kind: {"hidden_size": [8, 16, 32, 64], "num_layers": [1, 2, 3], "learning_rate": [0.001, 0.003]}
        for kind in ("rnn", "gru", "lstm")
    }
    own_grid = {kind: place["grid"](**space) for kind, space in place["SEARCH_SPACE"].items()}
    place["grid"] = lambda **space: own_grid["gru"]  # made before the examination, and so never cut
    done = ask("model_selection", local_candidate(place))
    assert set(lost(done)) == {0}, "what was chosen is no longer in the search space, and nothing else is wrong"


# --- kept runs --------------------------------------------------------------------------------------------------------


def changed(runs: list[Run], which: Callable[[Run], bool], **changes: Any) -> list[Run]:
    return [dataclasses.replace(run, **changes) if which(run) else run for run in runs]


def of_rnn(run: Run) -> bool:
    return run.exercise == "final_runs" and run.setting["kind"] == "rnn" and run.weights is not None


WEIGHTS = len(BY_NAME["final_runs"].parts) - 1


def finals(**changes: Any) -> Candidate:
    """The notebook behind its final runs, with other globals. In one dict, which is that of its functions too."""
    place = namespace(until="final_runs")
    place["final_results"] = place["Sweep"](place["SEEDS"]).run(None)
    place.update(changes)
    return local_candidate(place)


def test_weights_of_another_model_are_found() -> None:
    runs = list(made_up_runs())
    better = changed(runs, of_rnn, metrics={"train_accuracy": 0.9, "test_accuracy": 0.6})
    assert "the kept run claims 0.600" in lost(ask("final_runs", candidate(exercise="final_runs"), better))[WEIGHTS]
    done = ask("final_runs", candidate(exercise="final_runs"), changed(runs, of_rnn, weights=None))
    assert lost(done) == {WEIGHTS: "no weights came with the final runs of 'rnn'."}
    done = ask("final_runs", candidate(exercise="final_runs"), changed(runs, of_rnn, weights={"a": np.zeros(3)}))
    assert "do not fit the notebook's build_model" in lost(done)[WEIGHTS]


def test_models_that_were_changed_after_the_runs_cost_elsewhere() -> None:
    for broken in (lambda *sizes: nn.Linear(1, 10), lambda *sizes: 1 / 0):
        assert WEIGHTS not in lost(ask("final_runs", finals(build_model=broken)))
    unscaled = finals(to_sequences=lambda images, *_: torch.as_tensor(images).flatten(1).float()[:, :, None])
    assert lost(ask("final_runs", unscaled)) == {}


def test_permuted_runs_are_looked_at_in_their_order() -> None:
    runs = [dataclasses.replace(run, data=run.data | {"permuted": True}) for run in made_up_runs()]
    assert lost(ask("final_runs", finals(PERMUTATION=np.arange(64)), runs)) == {}
    assert "each of 64 places once" in lost(ask("final_runs", finals(PERMUTATION=np.zeros(64, int)), runs))[WEIGHTS]


def test_runs_on_other_data_are_not_held_against_the_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs_examination.mnist, "load", lambda source, progress: pytest.fail("loaded the sample"))
    monkeypatch.setattr(runs_examination, "_test_images", lambda of_sample: None)
    runs = [dataclasses.replace(run, data=run.data | {"source": "full"}) for run in made_up_runs()]
    claims = changed(runs, of_rnn, weights={"a": np.zeros(3)})
    assert lost(ask("final_runs", candidate(exercise="final_runs"), claims)) == {}


def test_runs_of_another_setting_than_the_chosen_one_are_found() -> None:
    others = CHOSEN | {"gru": {"hidden_size": 32, "learning_rate": 0.003}}
    assert "not made in the setting that was chosen" in lost(ask("final_runs", finals(chosen=others)))[3]
    assert "should be a dict from kinds to settings" in lost(ask("final_runs", finals(chosen=None)))[3]


def test_short_runs_are_repeated_and_agree_or_not() -> None:
    calls = []

    def reaching(accuracy: float) -> Candidate:
        place = namespace(until="final_runs")
        place["final_results"] = place["Sweep"](place["SEEDS"]).run(None)
        real = place["final_run"]

        def final_run(kind: str, setting: dict[str, Any], seed: int) -> Any:
            if len(place["test"][1]) < 100:  # the planted one
                return real(kind, setting, seed)
            calls.append((kind, seed, set(setting) == set(place["DEFAULTS"])))
            return {"train_accuracy": 0.85, "test_accuracy": accuracy}, nn.Linear(1, 1)

        place["final_run"] = final_run
        return local_candidate(place)

    short = [
        dataclasses.replace(run, metrics=run.metrics | {"seconds": 0.5}) if of_rnn(run) else run
        for run in made_up_runs()
    ]
    assert lost(ask("final_runs", reaching(0.9))) == {} and calls == []
    assert lost(ask("final_runs", reaching(0.1), short)) == {}
    assert calls == [("rnn", 0, True)]
    assert "reaches 0.900 here" in lost(ask("final_runs", reaching(0.9), short))[WEIGHTS]


def test_choices_are_kept_runs_out_of_the_search_space() -> None:
    place = namespace(until="model_selection")

    def said(chosen: Any, runs: list[Run] | None = None) -> str:
        place["chosen"] = chosen
        return lost(ask("model_selection", local_candidate(place), runs)).get(0, "")

    assert said(CHOSEN) == ""
    assert "'lstm'" in said({kind: setting for kind, setting in CHOSEN.items() if kind != "lstm"})
    assert "no such run came" in said(CHOSEN | {"gru": {"hidden_size": 32, "learning_rate": 0.01}})
    assert "no runs of model_selection came" in said(CHOSEN, [])
    odd = {"hidden_size": 48, "learning_rate": 0.01}
    runs = [*made_up_runs(), Run("model_selection", {"kind": "gru"} | odd, 0, {"val_accuracy": 0.9})]
    assert "no setting out of SEARCH_SPACE" in said(CHOSEN | {"gru": odd}, runs)
    assert "should be a dict from kinds to settings" in said([1, 2])
