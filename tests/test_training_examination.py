"""The examination of `training`: short runs of the bank's answers, and made-up results that are handed in."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from reference_cells import given
from torch import nn

from autograder.bank import parse_answer
from autograder.channel import Candidate, local_candidate
from autograder.examinations import training
from autograder.examinations.training import PAIRS, STAND_INS, TRAINING
from autograder.examine import Context, run_part
from autograder.records import PartResult
from helpers.results import Run
from helpers.seeding import seed_everything
from helpers.training import History, evaluate, fit, predict_logits

ANSWERS = {path.stem: path for path in Path(__file__).parent.glob("*answers/speech_commands/*training*.py")}
PARTS = {part.name.removeprefix("train_models: ").partition(",")[0]: part for part in TRAINING.parts}
SHORT_RUNS = ("form", "reports what its models reach", "learns from its arguments", "keeps the best state")


def ask(names: Sequence[str], candidate: Candidate, runs: Sequence[Run] = (), seed: int = 0) -> dict[str, PartResult]:
    """These parts of the examination, in order, by name."""
    context = Context(runs=list(runs))
    return {name: run_part(PARTS[name], candidate, np.random.default_rng(seed), context) for name in names}


def lost(parts: dict[str, PartResult]) -> set[str]:
    return {name for name, part in parts.items() if part.earned < 1}


# --- short runs ------------------------------------------------------------------------------------------------


BUILD_MODEL = """
def build_model(model, mode, n_features, n_classes):
    kind = {"RNN": RNNModel, "Bidir": BidirRecurrentModel}[model]
    return kind(mode, n_features, HIDDEN_SIZE, NUM_LAYERS, True, n_classes)
"""
"""As the notebook gives it."""


def notebook(name: str, epochs: int) -> Candidate:
    """The notebook after this answer of the bank, with stand-ins for the models."""
    seed_everything(0)  # answers that draw without a seed of their own do the same every time
    namespace: dict[str, Any] = given()
    exec(STAND_INS, namespace)
    helpers = (History, evaluate, fit, predict_logits, seed_everything)
    namespace.update({helper.__name__: helper for helper in helpers})
    settings = {"HIDDEN_SIZE": 32, "NUM_LAYERS": 3, "LEARNING_RATE": 0.003, "SEED": 0, "HISTORIES": {}}
    namespace.update(settings, EPOCHS=epochs, MODES=("LSTM", "GRU", "RNN_TANH", "RNN_RELU"), device="cpu")
    namespace["WORDS"] = ("one", "two", "three")
    exec(BUILD_MODEL, namespace)
    exec(parse_answer(ANSWERS[name]).replaced["training"], namespace)
    return local_candidate(namespace)


@pytest.mark.parametrize(
    "name",
    [
        "right_training_own_loop",
        "right_training_best_model_copied",
        "right_training_sorted_with_more_columns",
        "right_training_three_classes",
        "right_training_features_of_the_course",
    ],
)
def test_right_answers_pass_the_short_runs(name):
    parts = ask(SHORT_RUNS, notebook(name, epochs=30))
    assert lost(parts) == set(), [part.message for part in parts.values() if part.message]


FORM = {
    "training_accuracy_in_percent": "accuracies lie in [0, 1], not in percent",
    "training_accuracy_as_text": "accuracies lie in [0, 1]",
    "training_column_names_wrong": "has no column 'model'",
    "training_table_as_list": "should be a pandas DataFrame, got list",
    "training_keys_mode_first": "keys (model, mode)",
    "training_keys_joined_to_strings": "keys (model, mode), got ['Bidir_GRU'",
    "training_one_mode_missing": "one row for each of",
    "training_only_table_returned": "should return (DataFrame, dict of models)",
    "training_models_and_table_exchanged": "should be a pandas DataFrame, got dict",
    "training_state_dicts_returned": "should hold the trained models themselves",
    "training_bidir_is_plain": "is not an BidirRecurrentModel(",
    "training_hidden_size_ignored": "20, 32, 3, True, 3)",
    "training_modes_mislabelled": "the model under",
    "training_unanswered": "your code raised NotImplementedError",
}


@pytest.mark.parametrize(("name", "words"), FORM.items(), ids=FORM.keys())
def test_the_form_of_what_is_returned(name, words):
    parts = ask(SHORT_RUNS[:2], notebook(name, epochs=1))
    assert "form" in lost(parts)
    assert words in parts["form"].message


BEHAVIOUR = {
    "training_last_state_kept": ("keeps the best state", "those of the last epoch"),
    "training_last_epoch_instead_of_best": ("keeps the best state", "those of the last epoch"),
    "training_best_state_not_copied": ("keeps the best state", "copy it"),
    "training_trains_on_validation_too": ("keeps the best state", "trained on"),
    "training_reports_training_accuracy": ("keeps the best state", "counted over the validation set alone"),
    "training_mean_of_batches": ("keeps the best state", "a mean over batches of unequal size"),
    "training_labels_shuffled": ("learns from its arguments", "Do features and labels stay together"),
    "training_no_optimizer_step": ("learns from its arguments", "does the optimizer step"),
}


@pytest.mark.parametrize(("name", "part", "words"), [(name, *rest) for name, rest in BEHAVIOUR.items()])
def test_what_the_short_runs_show(name, part, words):
    parts = ask(SHORT_RUNS, notebook(name, epochs=30))
    assert part in lost(parts)
    assert words in parts[part].message


# --- results that were handed in ---------------------------------------------------------------------------------


class Oracle(nn.Module):
    """Knows the clips that it is asked about, and is wrong on the first ``mistakes`` of them."""

    def __init__(self, features: np.ndarray, labels: np.ndarray, mistakes: int = 0, value: float = 1.0) -> None:
        super().__init__()
        self.known = torch.from_numpy(np.array(features[:, 0]))
        answers = torch.from_numpy(np.array(labels))
        answers[:mistakes] = (answers[:mistakes] + 1) % 3
        self.logits = value * nn.functional.one_hot(answers, 3).float()

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        return self.logits[torch.cdist(input[:, 0], self.known).argmin(dim=1)]


WORDS = ["one", "two", "three"]


def kept(best: tuple[str, str] = ("RNN", "GRU"), **data: Any) -> list[Run]:
    """Eight kept runs of which the best came with weights."""
    return [
        Run(
            "training",
            {"model": model, "mode": mode},
            0,
            {"val_accuracy": 0.9 if (model, mode) == best else 0.5, "test_accuracy": 0.8},
            data={"words": WORDS, "source": "full", **data},
            weights={"w": np.zeros(1)} if (model, mode) == best else None,
        )
        for model, mode in PAIRS
    ]


def table(runs: Sequence[Run]) -> pd.DataFrame:
    return pd.DataFrame([run.setting | run.metrics for run in runs])


FORM_OF_RESULTS, CHOSEN, VOICES = "results: eight models", "best model: chosen by validation", "best model: new voices"


def handed_in(runs: Sequence[Run], results: Any = None, model: nn.Module | None = None) -> dict[str, PartResult]:
    results = table(runs) if results is None else results
    candidate = local_candidate({"results": results, "best_model": model or clips_model()})
    return ask((FORM_OF_RESULTS, CHOSEN, VOICES), candidate, runs)


def clips_model(mistakes: int = 0, value: float = 1.0) -> Oracle:
    return Oracle(*training.examiners_clips(tuple(WORDS)), mistakes, value)


def test_honest_results_earn_everything():
    parts = handed_in(kept())
    assert lost(parts) == set(), [part.message for part in parts.values()]


def test_results_without_runs_say_what_to_do():
    runs = kept()
    parts = ask((FORM_OF_RESULTS, CHOSEN, VOICES), local_candidate({"results": table(runs)}), [])
    assert lost(parts) == set(parts)
    assert "no results came with the hand-in" in parts[VOICES].message


def test_a_notebook_that_sets_no_results_is_told_so():
    parts = ask((FORM_OF_RESULTS,), local_candidate({}), kept())
    assert "the notebook does not set results" in parts[FORM_OF_RESULTS].message


def test_figures_that_were_not_kept_are_found():
    results = table(kept())
    results.loc[3, "val_accuracy"] = 0.6
    assert "the run that was kept says otherwise" in handed_in(kept(), results)[FORM_OF_RESULTS].message


def test_a_kept_nan_vouches_for_nothing():
    runs = kept()
    runs[0].metrics["val_accuracy"] = float("nan")
    results = table(kept())
    assert FORM_OF_RESULTS in lost(handed_in(runs, results))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.drop(index=2), "missing"),
        (lambda t: t.assign(val_accuracy=t.val_accuracy * 100), "not in percent"),
        (lambda t: t.drop(columns="test_accuracy"), "has no column 'test_accuracy'"),
        (lambda t: t.assign(val_accuracy=float("nan")), "is nan"),
        (lambda t: t.to_dict(), "should be a pandas DataFrame, got dict"),
        (lambda t: None, "should be a pandas DataFrame, got NoneType"),
    ],
)
def test_the_form_of_results(change, words):
    runs = kept()
    candidate = local_candidate({"results": change(table(runs)), "best_model": clips_model()})
    assert words in ask((FORM_OF_RESULTS,), candidate, runs)[FORM_OF_RESULTS].message


def test_the_best_model_is_the_one_with_the_best_validation_accuracy():
    runs = kept()
    results = table(runs)
    results.loc[7, "val_accuracy"] = 0.95
    message = handed_in(runs, results)[CHOSEN].message
    assert "another has a higher val_accuracy" in message
    assert "never by the test set" in message


def test_on_the_sample_the_claimed_accuracy_is_that_of_the_model(monkeypatch):
    features, labels = training.examiners_clips(tuple(WORDS))
    samples = {"validation": (features[:50], labels[:50]), "test": (features[50:100], labels[50:100])}
    monkeypatch.setattr(training, "_sample", lambda split, words: samples[split])
    runs = kept(source="sample")
    # 5 of the first 50 and none of the next 50 wrong: not the 0.8 that results claims of the test set.
    message = handed_in(runs, model=clips_model(mistakes=5))[CHOSEN].message
    assert "best_model reaches 1.000 on the test clips; results claims 0.800" in message
    for run in runs:
        run.metrics["test_accuracy"] = 1.0
    assert CHOSEN not in lost(handed_in(runs, model=clips_model(mistakes=5)))
    assert "reaches 0.600 on the validation clips" in handed_in(runs, model=clips_model(mistakes=20))[CHOSEN].message


def test_accuracy_on_new_voices_earns_by_how_far_it_lies_above_guessing():
    total = len(training.examiners_clips(tuple(WORDS))[1])
    earned = [
        handed_in(kept(), model=clips_model(mistakes=round(total * wrong)))[VOICES].earned
        for wrong in (0.25, 0.35, 0.45, 0.6)
    ]
    assert earned[0] == 1
    assert 0 < earned[2] < earned[1] < 1
    assert earned[3] == 0


@pytest.mark.parametrize(
    "words", [[], ["one"], ["one", "one", "one"], ["one", "two"], "one", 5, [1, 2, 3], [["one"], ["two"], ["three"]]]
)
def test_fewer_words_are_no_easier_task(words):
    parts = handed_in(kept(words=words))
    assert parts[VOICES].earned == 0
    assert "3 words" in parts[VOICES].message


def test_words_that_the_examiner_does_not_have_are_named():
    assert "no clips of ['zebra']" in handed_in(kept(words=["one", "two", "zebra"]))[VOICES].message


@pytest.mark.parametrize("statistics", [{"mean": ["x"] * 20, "std": [1] * 20}, {"mean": [[1], [1, 2]], "std": {}}])
def test_statistics_that_are_no_numbers_are_told(statistics):
    assert "lists of numbers" in handed_in(kept(**statistics))[VOICES].message


def test_the_model_is_asked_with_the_statistics_it_was_trained_with():
    features, labels = training.examiners_clips(tuple(WORDS))
    mean, std = features.mean(axis=(0, 1)), features.std(axis=(0, 1))
    standardised = ((features - mean) / std).astype(np.float32)
    runs = kept(mean=mean.tolist(), std=std.tolist())
    assert VOICES not in lost(handed_in(runs, model=Oracle(standardised, labels)))


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (lambda x: x[:, 0].sum(dim=1), "should return logits (batch, classes)"),
        (lambda x: x[:1, 0], "should return logits (batch, classes)"),
        (lambda x: "one", "should return logits (batch, classes)"),
        (lambda x: np.full((len(x), 3), "one"), "should return logits (batch, classes)"),
        (lambda x: x[:, 0, :0], "should return logits (batch, classes)"),
        (lambda x: x[:, 0] * float("nan"), "not finite"),
        (lambda x: 1 // 0, "ZeroDivisionError"),
    ],
)
def test_a_best_model_that_does_not_answer_is_told(model, words):
    runs = kept()
    candidate = local_candidate({"results": table(runs), "best_model": model})
    part = ask((VOICES,), candidate, runs)[VOICES]
    assert part.earned == 0
    assert words in part.message
