"""The examination of `experiments`, in process: every answer of the bank on the reference's runs, and made-up runs."""

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from autograder.bank import Answer, parse_answer
from autograder.channel import local_candidate
from autograder.examinations.project_experiments import EXAMINATIONS
from autograder.examine import Context, run_part
from autograder.records import PartResult
from helpers.results import Run, runs_from_folder

ROOT = Path(__file__).parent.parent
ANSWERS = {path.stem: parse_answer(path) for path in (ROOT / "tests").glob("*answers/project/*experiments_*.py")}
RESULTS = ROOT / "source" / "project" / "results"
PARTS = EXAMINATIONS[0].parts


def ask(defined: dict[str, Any], runs: list[Run]) -> dict[str, PartResult]:
    """All parts of the examination by name."""
    context, candidate = Context(runs=runs), local_candidate(defined)
    return {part.name: run_part(part, candidate, np.random.default_rng(0), context) for part in PARTS}


def lost(found: dict[str, PartResult]) -> dict[str, str]:
    return {name: part.message for name, part in found.items() if part.earned < 1}


def answered(answer: Answer, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, PartResult]:
    """What the examination finds when this answer comes with the reference's runs, and the answer's own."""
    from helpers import experiments, laboratory, results, sequences
    from helpers.data import mackey_glass
    from helpers.seeding import seed_everything

    (folder / "results").mkdir()
    for exercise in RESULTS.iterdir():
        (folder / "results" / exercise.name).mkdir()
        for file in exercise.iterdir():
            (folder / "results" / exercise.name / file.name).symlink_to(file)
    for name, text in answer.files.items():
        (folder / name).write_text(text)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COURSEWORK_GRADING", "1")
    monkeypatch.delenv("COURSEWORK_RETRAIN", raising=False)
    defined: dict[str, Any] = {"np": np, "pd": pd, "seed_everything": seed_everything, "series": mackey_glass.load()}
    for module in (experiments, laboratory, results, sequences):
        defined |= {name: value for name, value in vars(module).items() if not name.startswith("_")}
    try:
        exec(answer.replaced["experiments"], defined)
    except FileNotFoundError:
        assert "data_loaded_outside" in answer.path.stem
    return ask(defined, runs_from_folder("results"))


@pytest.mark.parametrize("name", sorted(name for name in ANSWERS if name.startswith("right_")))
def test_right_answers_lose_nothing(name, tmp_path, monkeypatch):
    assert lost(answered(ANSWERS[name], tmp_path, monkeypatch)) == {}


WORDS = {
    "experiments_baseline_added_by_hand": "no baseline that was kept",
    "experiments_best_seed_of_each": "fewer than 3 seeds",
    "experiments_data_loaded_outside": "without your data",
    "experiments_diverged": "is nan",
    "experiments_improved": "the run that was kept says otherwise",
    "experiments_invented": "none of its validation metrics was kept",
    "experiments_list_of_dicts": "a pandas DataFrame",
    "experiments_means_for_runs": "does not depend on the seed",
    "experiments_no_baseline": "no baseline that was kept",
    "experiments_no_validation": "no validation metric",
    "experiments_rows_twice": "one run, one row",
    "experiments_summary_table": "no validation metric",
    "experiments_training_for_validation": "val_r2 of cell=RNN window=4, seed 0",
    "experiments_two_seeds": "fewer than 3 seeds",
    "experiments_two_settings": "2 settings",
    "experiments_without_settings": "what was chosen",
}


def test_every_wrong_answer_has_its_message():
    assert set(WORDS) == {name for name in ANSWERS if not name.startswith("right_")}


@pytest.mark.parametrize(("name", "words"), WORDS.items(), ids=WORDS.keys())
def test_wrong_answers_lose_and_are_told_why(name, words, tmp_path, monkeypatch):
    messages = lost(answered(ANSWERS[name], tmp_path, monkeypatch))
    assert any(words in message for message in messages.values()), messages


# --- made-up runs -----------------------------------------------------------------------------------------------


def runs_of(
    settings: Iterable[dict[str, Any]], seeds: Iterable[int] = (0, 1, 2), spread: float = 0.01, **metrics: float
) -> list[Run]:
    """Kept runs whose accuracy depends on the setting's place, and by `spread` on the seed."""
    return [
        Run("experiments", setting, seed, {"val_accuracy": 0.5 + place / 20 + seed * spread, **metrics})
        for place, setting in enumerate(settings)
        for seed in seeds
    ]


def frame(runs: list[Run]) -> pd.DataFrame:
    return pd.DataFrame([run.setting | {"seed": run.seed} | run.metrics for run in runs])


BASELINE = {"baseline_val_accuracy": 0.4}
UNITS = [{"units": 8}, {"units": 16}, {"units": 32}]


def test_any_setting_of_any_type_is_examined():
    settings = [{"cell": "GRU", "reverse": r, "dropout": d} for r in (False, True) for d in (0, 0.5)]
    runs = runs_of(settings, **BASELINE)
    assert lost(ask({"experiment_results": frame(runs)}, runs)) == {}


def test_a_setting_of_words_and_numbers_is_examined():
    runs = runs_of([{"patience": "none"}, {"patience": 2}, {"patience": 5}], **BASELINE)
    assert lost(ask({"experiment_results": frame(runs)}, runs)) == {}


def test_seeds_that_make_no_difference_are_found():
    runs = runs_of(UNITS, spread=0.0, **BASELINE)
    assert set(lost(ask({"experiment_results": frame(runs)}, runs))) == {"seeds make a difference"}


def test_settings_that_make_no_difference_are_found():
    runs = [
        Run("experiments", s, seed, {"val_bits": 2 + seed / 9, "baseline_val_bits": 3})
        for s in UNITS
        for seed in (0, 1, 2)
    ]
    assert (
        "does not depend on the setting"
        in lost(ask({"experiment_results": frame(runs)}, runs))["seeds make a difference"]
    )


def test_one_metric_in_which_seeds_differ_is_enough():
    runs = runs_of(UNITS, val_f1=0.5, **BASELINE)
    assert lost(ask({"experiment_results": frame(runs)}, runs)) == {}


def test_percent_is_told():
    runs = [
        Run("experiments", run.setting, run.seed, {"val_accuracy": 60.0 + run.seed, **BASELINE})
        for run in runs_of(UNITS)
    ]
    assert "in percent" in lost(ask({"experiment_results": frame(runs)}, runs))["form"]


def test_a_run_that_failed_costs_the_form_alone():
    runs = runs_of(UNITS, **BASELINE)
    runs[4] = Run("experiments", runs[4].setting, runs[4].seed, {"val_accuracy": math.nan, **BASELINE})
    assert set(lost(ask({"experiment_results": frame(runs)}, runs))) == {"form"}


def test_training_metrics_are_compared_and_times_are_not():
    runs = runs_of(UNITS, train_accuracy=0.9, seconds=3.0, **BASELINE)
    assert lost(ask({"experiment_results": frame(runs).assign(seconds=1.0)}, runs)) == {}
    assert set(lost(ask({"experiment_results": frame(runs).assign(train_accuracy=0.8)}, runs))) == {
        "every row is a kept run"
    }


def test_runs_of_an_older_try_with_other_settings_are_left_alone():
    runs = runs_of(UNITS, **BASELINE)
    older = [Run("experiments", {"layers": 1}, 0, {"val_loss": 2.0})]
    assert lost(ask({"experiment_results": frame(runs)}, older + runs)) == {}


def test_runs_of_another_exercise_do_not_count():
    runs = [Run("final_runs", run.setting, run.seed, run.metrics) for run in runs_of(UNITS, **BASELINE)]
    messages = lost(ask({"experiment_results": frame(runs)}, runs))
    assert len(messages) == len(PARTS)
    assert "no runs of experiments" in messages["form"]


def test_a_notebook_that_stopped_is_examined_on_its_latest_runs():
    older = [Run("experiments", {"layers": 1}, 0, {"val_loss": 2.0}, {"kept": "2024-01-01"})]
    runs = [
        Run(run.exercise, run.setting, run.seed, run.metrics, {"kept": "2024-02-01"})
        for run in runs_of(UNITS, **BASELINE)
    ]
    assert set(lost(ask({}, runs + older))) == {"form"}
    assert len(lost(ask({}, []))) == len(PARTS)


@pytest.mark.parametrize(
    "table", [None, 5, "table", [1], {"val_accuracy": [1]}, pd.DataFrame(), pd.DataFrame({0: [1]})]
)
def test_what_is_no_table_earns_nothing(table):
    assert len(lost(ask({"experiment_results": table}, runs_of(UNITS, **BASELINE)))) == len(PARTS)


@pytest.mark.parametrize("value", [None, math.inf, "much", [1], True])
def test_metrics_that_are_no_numbers_are_told(value):
    runs = runs_of(UNITS, **BASELINE)
    table = frame(runs).astype({"val_accuracy": object})
    table.at[2, "val_accuracy"] = value
    assert "form" in lost(ask({"experiment_results": table}, runs))
