"""What every sweep is examined by: the notebook's table against the runs that came with it."""

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from autograder.channel import local_candidate
from autograder.examinations import sweeps
from autograder.examinations.sweeps import UNIT, Sweep, require_agreement
from autograder.examine import Context, Lost, Part, run_part
from helpers.results import Run

SWEEP = Sweep(
    exercise="rnn_sweep",
    variable="rnn_sweep_results",
    setting={"units": int, "cell": str, "mask": bool},
    metrics={"val_accuracy": UNIT, "seconds": (0.0, math.inf)},
    seeds=2,
    least={"units": 3, "cell": 2},
    grid=("units", "cell"),
)
PARTS = [
    Part("form", 0.25, sweeps.form(SWEEP)),
    Part("complete", 0.25, sweeps.complete(SWEEP)),
    Part("runs", 0.25, sweeps.follows_runs(SWEEP)),
    Part("seeds", 0.25, sweeps.seeds_used(SWEEP, "val_accuracy")),
]


def table() -> pd.DataFrame:
    """3 units × 2 cells × 2 seeds."""
    rng = np.random.default_rng(0)
    rows = [
        {"units": units, "cell": cell, "mask": True, "seed": seed, "val_accuracy": rng.uniform(), "seconds": 1.5}
        for units in (8, 16, 32)
        for cell in ("RNN", "GRU")
        for seed in (0, 1)
    ]
    return pd.DataFrame(rows)


def kept(table: pd.DataFrame, exercise: str = "rnn_sweep") -> list[Run]:
    chosen, metrics = ("units", "cell", "mask"), ("val_accuracy", "seconds")
    return [
        Run(exercise, {k: row[k] for k in chosen}, int(row["seed"]), {k: float(row[k]) for k in metrics})
        for row in table.to_dict(orient="records")
    ]


def examine(value: Any, runs: list[Run] | None = None) -> dict[str, str]:
    """The messages of the parts that are lost, by name."""
    namespace = {} if value is None else {"rnn_sweep_results": value}
    context = Context(runs=kept(table()) if runs is None else runs)
    candidate = local_candidate(namespace)
    done = [run_part(part, candidate, np.random.default_rng(0), context) for part in PARTS]
    return {part.name: part.message for part in done if part.earned < 1}


def test_a_genuine_sweep_passes() -> None:
    assert examine(table()) == {}


def test_the_order_of_rows_and_columns_and_other_columns_do_not_count() -> None:
    shuffled = table().sample(frac=1, random_state=1)
    assert examine(shuffled[sorted(shuffled.columns)].assign(remark="mine")) == {}


def test_runs_of_other_settings_and_exercises_do_not_disturb() -> None:
    older = table().assign(units=64, val_accuracy=0.1)
    assert examine(table(), kept(older) + kept(table()) + kept(table().assign(val_accuracy=0.2), "best_model")) == {}


def test_what_pandas_turned_into_floats_is_still_whole() -> None:
    assert examine(table().astype({"units": float, "seed": float})) == {}


def test_a_setting_that_the_exercise_does_not_ask_for_tells_runs_apart() -> None:
    wide = table().assign(rate=0.01)
    runs = [dataclasses.replace(run, setting=run.setting | {"rate": rate}) for run in kept(table()) for rate in (0.01,)]
    others = [
        dataclasses.replace(run, setting=run.setting | {"rate": 0.1}, metrics=run.metrics | {"val_accuracy": 0.0})
        for run in kept(table())
    ]
    assert examine(wide, others + runs) == {}
    assert "no such run" in examine(wide.assign(rate=0.5), others + runs)["runs"]


def test_without_the_table_every_part_is_lost_and_one_says_why() -> None:
    lost = examine(None)
    assert set(lost) == {"form", "complete", "runs", "seeds"}
    assert "does not set rnn_sweep_results" in lost["form"] and "see above" in lost["runs"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.to_dict(), "should be a pandas DataFrame"),
        (lambda t: t.drop(columns=["seed", "seconds"]), "no column seed, seconds"),
        (lambda t: t[:0], "has 0 rows"),
        (lambda t: t.assign(val_accuracy=t["val_accuracy"] * 50 + 20), "Is it in percent?"),
        (lambda t: t.assign(seconds=-1.0), r"seconds of units=8 cell=RNN mask=True is -1, outside \[0, inf\]"),
        (lambda t: t.assign(val_accuracy=t["val_accuracy"].where(t.index != 3)), "is nan: a run that failed"),
        (lambda t: t.assign(val_accuracy="0.9"), "should be a number, but it is '0.9'"),
        (lambda t: t.assign(val_accuracy=True), "should be a number, but it is True"),
        (lambda t: t.assign(units=8.5), "units should be whole numbers, but one is 8.5"),
        (lambda t: t.assign(seed=t["seed"].astype(str)), "seed should be whole numbers"),
        (lambda t: t.assign(cell=3), "cell should be strings"),
        (lambda t: t.assign(mask=1), "mask should be True or False"),
        (lambda t: t.assign(cell=[["RNN"]] * len(t)), "but one is a list"),
        (lambda t: pd.concat([t] * 100), "1200 rows"),
    ],
)
def test_a_table_of_another_form_is_told_what_is_wrong(change: Callable[[Any], Any], message: str) -> None:
    with pytest.raises(Lost, match=message):
        raise Lost(examine(change(table()))["form"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t[t["units"] != 16], "tries 2 values of units .16|tries 2 values of units"),
        (lambda t: t[~((t["units"] == 16) & (t["cell"] == "GRU"))], "for example units=16 cell=GRU"),
        (lambda t: t[t.index != 5], "1 of 6 settings have fewer than 2 seeds, for example units=16 cell=RNN"),
        (lambda t: t.assign(seed=0), "two rows for units=8 cell=RNN mask=True, seed 0"),
        (lambda t: pd.concat([t, t[:1]]), "one run, one row"),
    ],
)
def test_what_is_missing_from_a_sweep_is_named(change: Callable[[Any], Any], message: str) -> None:
    with pytest.raises(Lost, match=message):
        raise Lost(examine(change(table()))["complete"])


def test_a_figure_that_no_run_has_is_found() -> None:
    better = table()
    better.loc[7, "val_accuracy"] = 0.999
    message = examine(better)["runs"]
    assert "val_accuracy of units=16 cell=GRU mask=True, seed 1, is 0.999" in message
    assert "0.999" not in message.split("but", 1)[1], "what the run says is not given away"


def test_an_altered_run_is_found() -> None:
    runs = kept(table())
    runs[4] = dataclasses.replace(runs[4], metrics={"val_accuracy": 0.99, "seconds": 1.5})
    assert set(examine(table(), runs)) == {"runs"}


@pytest.mark.parametrize("metrics", [{"val_accuracy": math.nan, "seconds": 1.5}, {"seconds": 1.5}, {}])
def test_a_run_without_the_figure_proves_nothing(metrics: dict[str, float]) -> None:
    runs = [dataclasses.replace(run, metrics=metrics) for run in kept(table())]
    assert set(examine(table(), runs)) == {"runs"}


def test_a_table_without_runs_proves_nothing() -> None:
    assert "no runs came with the hand-in" in examine(table(), [])["runs"]
    assert "no such run" in examine(table(), kept(table())[:-1])["runs"]
    assert "no such run" in examine(table(), [dataclasses.replace(run, setting={}) for run in kept(table())])["runs"]


@pytest.mark.parametrize(
    ("by", "message"),
    [("setting", "does not depend on the seed"), ("seed", "does not depend on the setting"), (None, "is the same in")],
)
def test_figures_without_any_spread_are_found(by: str | None, message: str) -> None:
    same = table()
    columns = {"setting": ["units", "cell"], "seed": ["seed"], None: None}[by]
    same["val_accuracy"] = same.groupby(columns)["val_accuracy"].transform("first") if columns else 0.5
    lost = examine(same, kept(same))
    assert set(lost) == {"seeds"} and message in lost["seeds"]


def test_equal_figures_of_some_settings_are_no_proof() -> None:
    some = table()
    some.loc[:9, "val_accuracy"] = 0.9
    assert examine(some, kept(some)) == {}


def test_an_accuracy_agrees_within_the_spread_of_seeds_and_of_counting() -> None:
    claimed = [0.90, 0.92, 0.88]
    for reached in (0.90, 0.99, 0.80):
        require_agreement(reached, claimed, 100, "CNN")
    with pytest.raises(Lost, match=r"CNN reaches 0\.600 here; the table claims 0\.900 ± 0\.020"):
        require_agreement(0.6, claimed, 100, "CNN")
    with pytest.raises(Lost):
        require_agreement(0.5, [1.0], 100, "CNN")
    require_agreement(0.98, [1.0], 100, "CNN")
