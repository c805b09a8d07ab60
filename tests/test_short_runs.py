"""One short run of a sweep, made again: what is lost, what is left alone, and which run is chosen."""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from autograder.channel import Candidate, local_candidate
from autograder.examinations import short_runs, surnames, sweeps
from autograder.examinations.short_runs import FAR, SECONDS, Claims, allowed, cheapest, on_sample, short_run
from autograder.examinations.sweeps import UNIT, Row, Sweep
from autograder.examine import Context, Lost, Part, run_part
from helpers import experiments
from helpers.data import store
from helpers.results import Run

SWEEP = Sweep(
    exercise="made_up_sweep",
    variable="table",
    setting={"units": int},
    metrics={"val_accuracy": UNIT},
    seeds=2,
)
ON_SAMPLE = {"data": {"Made up": ["sample"]}}
Function = Callable[..., Any]


@pytest.fixture(autouse=True)
def _a_session_of_its_own(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What loaders and sweeps have noted, without what other tests did."""
    monkeypatch.setattr(store, "LOADED", {"Made up": ["sample"]})
    monkeypatch.setattr(experiments, "FUNCTIONS", {})
    yield


def kept(claims: dict[int, list[float]], environment: dict[str, Any] | None = None) -> list[Run]:
    """units → the accuracies of the seeds 0, 1, ..."""
    said = ON_SAMPLE if environment is None else environment
    return [
        Run(SWEEP.exercise, {"units": units}, seed, {"val_accuracy": value}, environment=said)
        for units, values in claims.items()
        for seed, value in enumerate(values)
    ]


def units(run: Row) -> Any:
    return run["units"]


CLAIMS = Claims(SWEEP, "Made up", {"val_accuracy": 300}, modest=0.55, cost=units)


def lost(function: Function, runs: list[Run], sound: Function = lambda *_: None) -> str:
    """The message of the part; empty when it is not lost."""
    experiments.FUNCTIONS[SWEEP.exercise] = function
    table = pd.DataFrame([run.setting | {"seed": run.seed} | run.metrics for run in runs])
    part = Part("short run", 1.0, short_run(CLAIMS, sound))
    candidate, context = local_candidate({"table": table}), Context(runs=runs)
    rng = np.random.default_rng(0)
    assert run_part(Part("form", 1.0, sweeps.form(SWEEP)), candidate, rng, context).earned == 1
    found = run_part(part, candidate, rng, context)
    assert found.earned == (0 if found.message else 1)
    return found.message


def reaches(value: float) -> Function:
    return lambda seed, units: {"val_accuracy": value + 0.001 * seed}


HONEST = {8: [0.60, 0.62], 16: [0.64, 0.65]}
INVENTED = {8: [0.98, 0.99], 16: [0.985, 0.991]}


def test_claims_that_the_function_reaches_pass() -> None:
    assert lost(reaches(0.59), kept(HONEST)) == ""


def test_a_function_that_reaches_more_than_was_kept_passes() -> None:
    assert lost(reaches(0.9), kept(HONEST)) == ""


def test_invented_claims_are_lost_and_the_message_names_both_figures() -> None:
    message = lost(reaches(0.6), kept(INVENTED))
    assert "val_accuracy was kept as 0.985 on average, but the function of the sweep reaches 0.601" in message
    assert "units=8" in message and "RETRAIN = True" in message


def test_one_training_that_goes_astray_is_no_reason_to_doubt() -> None:
    """Seed 0 fails here, as one in ten may; the other one comes near."""
    astray = {0: 0.05, 1: 0.61}
    assert lost(lambda seed, units: {"val_accuracy": astray[seed]}, kept(HONEST)) == ""


def test_modest_claims_are_not_doubted_and_cost_no_run() -> None:
    def never(seed: int, units: int) -> dict[str, float]:
        raise AssertionError("nothing is to be trained")

    assert lost(never, kept({8: [0.5, 0.54]})) == ""


def test_who_validates_on_others_than_the_sweep_did_is_taken_at_the_best_of_all_accuracies() -> None:
    both = replace(SWEEP, metrics={"val_accuracy": UNIT, "test_accuracy": UNIT})
    claims = replace(CLAIMS, sweep=both, examples={"val_accuracy": 300, "test_accuracy": 300})
    runs = [replace(run, metrics={"val_accuracy": 0.9, "test_accuracy": 0.5}) for run in kept(HONEST)]
    assert list(claims.doubtful(runs)) == ["val_accuracy"]
    assert not short_runs._too_good(runs, 0.8, claims)
    assert short_runs._too_good(runs, 0.7, claims)


def test_every_kept_seed_is_tried_before_a_claim_is_doubted() -> None:
    asked: list[int] = []

    def note(seed: int, units: int) -> dict[str, float]:
        asked.append(seed)
        return {"val_accuracy": 0.5}

    assert lost(note, kept({8: [0.99] * 5}))
    assert len(asked) == len(set(asked)) == short_runs.SEEDS


def test_an_honest_claim_costs_one_run() -> None:
    asked: list[int] = []

    def note(seed: int, units: int) -> dict[str, float]:
        asked.append(seed)
        return {"val_accuracy": 0.6}

    assert lost(note, kept(HONEST)) == ""
    assert len(asked) == 1


def test_the_whole_setting_reaches_the_function_and_weights_beside_the_metrics_do_not_disturb() -> None:
    runs = [replace(run, setting=run.setting | {"rate": 0.1}) for run in kept(HONEST)]

    def function(seed: int, units: int, rate: float) -> Any:
        return {"val_accuracy": np.float32(6 * rate)}, {"w": np.zeros(3)}

    assert lost(function, runs) == ""


def test_the_cheapest_setting_is_chosen() -> None:
    runs = kept({16: [0.6, 0.6], 8: [0.7, 0.7], 4: [0.3, 0.4]})
    assert [run.setting for run in cheapest(runs, CLAIMS)] == [{"units": 8}] * 2
    assert lost(lambda seed, units: {"val_accuracy": 0.6 if units == 8 else 0.0}, kept(HONEST)) == ""


@pytest.mark.parametrize(
    "environment",
    [{}, {"data": {"Made up": ["mirror"]}}, {"data": {"Made up": ["sample", "full"]}}, {"data": {"Digits": ["sample"]}},
     {"data": "sample"}],
)  # fmt: skip
def test_runs_that_do_not_say_that_they_were_made_on_the_sample_are_left_alone(environment: dict[str, Any]) -> None:
    assert lost(reaches(0.1), kept(INVENTED, environment)) == ""


def test_what_the_sweep_itself_noted_of_the_data_counts_first() -> None:
    (run, *_) = kept(HONEST)
    assert on_sample(run, "Made up")
    assert not on_sample(replace(run, data={"source": "mirror"}), "Made up")
    assert on_sample(replace(run, environment={}, data={"source": "sample"}), "Made up")


def test_where_the_notebook_has_other_data_here_nothing_is_compared() -> None:
    store.LOADED["Made up"] = ["full"]
    assert lost(reaches(0.1), kept(INVENTED)) == ""


def test_a_run_that_takes_too_long_is_broken_off_and_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(short_runs, "SECONDS", 0.05)

    def endless(seed: int, units: int) -> dict[str, float]:
        while True:
            with contextlib.suppress(Exception):  # a student's own
                time.perf_counter()

    assert lost(endless, kept(INVENTED)) == ""


def test_rows_that_differ_from_their_runs_are_not_claims_of_the_function() -> None:
    rows = [{"units": 8, "seed": 0, "val_accuracy": 0.5}, {"units": 8, "seed": 1, "val_accuracy": 0.99}]
    found = sweeps.runs_of_table(rows, kept({8: [0.5, 0.6]}), SWEEP)
    assert [run.seed for run in found] == [0]


def test_a_mistake_in_what_the_function_builds_on_costs_there() -> None:
    def unsound(candidate: Candidate, rng: np.random.Generator, run: Run) -> None:
        raise Lost("the model is wrong")

    assert lost(reaches(0.1), kept(HONEST), unsound) == ""
    assert lost(lambda seed, units: undefined, kept(HONEST), unsound) == ""  # type: ignore[name-defined]  # noqa: F821


def test_a_function_that_raises_is_told() -> None:
    message = lost(lambda seed, units: undefined, kept(HONEST))  # type: ignore[name-defined]  # noqa: F821
    assert "the function of the sweep raised NameError" in message and "units=8" in message


@pytest.mark.parametrize("answer", [{"accuracy": 0.6}, ({}, None), {"val_accuracy": float("nan")}])
def test_a_function_without_the_metric_is_lost(answer: Any) -> None:
    assert "val_accuracy" in lost(lambda seed, units: answer, kept(HONEST))


def test_nobody_widens_the_bounds_by_an_invented_spread() -> None:
    assert allowed([0.95, 0.95], 300) == FAR
    assert allowed([0.99, 0.6], 300) == 2 * FAR
    assert FAR < allowed([0.60, 0.66], 300) < 2 * FAR


def test_the_surnames_of_the_sample_are_as_many_as_the_examination_says() -> None:
    from helpers.data.surnames import load

    assert len(load(source="sample", progress=False).validation) == surnames.VALIDATION_NAMES
    assert store.LOADED["Surnames"] == ["sample"]


def test_the_bound_of_a_run_fits_into_the_examination_with_every_seed() -> None:
    assert surnames.RNN_SWEEP.seconds > 2 * short_runs.SEEDS * SECONDS
