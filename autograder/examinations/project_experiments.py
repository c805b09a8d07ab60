"""Examination of `experiments`: the study of the project, whatever was varied in it.

Which columns of the table are settings and which were measured is taken from the runs that were kept, so that a team is
free in what it varies and measures; with that the checks of `sweeps` do the rest. Nothing is trained, and nobody's data
are needed. Whether the study is a good one, and its data not too easy, a person judges by the report.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from autograder.channel import Candidate, CandidateError, Table, kind_of
from autograder.examinations import sweeps
from autograder.examinations.sweeps import UNIT, Row, Sweep
from autograder.examine import Context, Examination, Lost, Part
from helpers.results import Run

EXERCISE, VARIABLE = "experiments", "experiment_results"
SETTINGS = SEEDS = 3
"""How many settings are asked for at least, each with how many seeds."""
VALIDATION, BASELINE = "val_", "baseline"
"""With these begin the names of validation metrics, and of a baseline's columns or settings."""
OTHERS = ("train_", "test_")
"""With these begin the names of other metrics that are compared with the kept runs."""
MOST = 1e12
"""Above this no metric is a measured one."""
ROUNDED = 6e-4
"""By how much a figure may differ from that of its run: who rounds to three decimals has invented nothing."""
MAX_COLUMNS = 200
SHARES = ("accuracy", "f1", "precision", "recall")
"""What is in the name of a metric that lies in [0, 1]."""
POSITIVE = ("loss", "rmse", "mse", "mae", "bits", "nats", "perplexity")
"""What is in the name of a metric that is not negative."""


@dataclass(frozen=True)
class Study:
    """A table that was read. all_rows: what was chosen, and the seed; rows: those whose metrics are numbers."""

    all_rows: list[Row]
    rows: list[Row]
    sweep: Sweep


Judge = Callable[[Study, Context], None]


# --- parts ----------------------------------------------------------------------------------------------------


def _form(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """The table can be read: seeds, something that was chosen, a validation metric that is possible.

    Data and network are not there at grading, and a notebook that needs them stops before it sets the table. Then the
    kept runs are the table: that costs this part and no other.
    """
    runs = _kept(context)
    try:
        table = candidate.lookup(VARIABLE)
    except CandidateError as error:
        if runs:
            context.memory[VARIABLE] = _read(_table_of(runs), runs)
        raise Lost(f"the notebook does not set {VARIABLE} when it runs without your data and without a network: "
                   f"{error.message}. Are data loaded outside of the data function? The rest is examined on the "
                   f"{len(runs)} runs that were kept.") from None  # fmt: skip
    study = context.memory[VARIABLE] = _read(table, runs)
    failed = len(study.all_rows) - len(study.rows)
    if failed:
        raise Lost(f"{VARIABLE}: in {failed} of {len(study.all_rows)} rows a validation or baseline metric is nan. "
                   "Repeat a run that failed, with a smaller learning rate for example; the other rows are examined "
                   "as they are.")  # fmt: skip


def _complete(study: Study, context: Context) -> None:
    """Enough settings, each with its seeds, once each. A baseline needs no seeds: it draws nothing."""
    networks = [row for row in study.all_rows if not _is_baseline(row, study.sweep)]
    settings = {tuple(row[name] for name in study.sweep.setting) for row in networks}
    if len(settings) < SETTINGS:
        raise Lost(f"{VARIABLE} holds {len(settings)} settings that are no baseline; {SETTINGS} or more are asked for.")
    sweeps.require_complete(networks, study.sweep)


def _kept_runs(study: Study, context: Context) -> None:
    """Every row is a run that was kept, with the same figures."""
    sweeps.require_runs(study.rows, context.runs, study.sweep)


def _seeds_used(study: Study, context: Context) -> None:
    """In some setting, seeds make a difference, and for some seed, settings do: in one validation metric at least."""
    networks = [row for row in study.rows if not _is_baseline(row, study.sweep)]
    found = []
    for metric in (name for name in study.sweep.metrics if name.startswith(VALIDATION)):
        try:
            return sweeps.require_different_runs(networks, study.sweep, metric)
        except Lost as lost:
            found.append(lost)
    raise found[0]


def _baseline(study: Study, context: Context) -> None:
    """A simple method's figure stands beside the networks', and was kept with the runs."""
    levels = [name for name in study.sweep.metrics if name.startswith(BASELINE)]
    if not levels and not any(_is_baseline(row, study.sweep) for row in study.rows):
        raise Lost(f"{VARIABLE} has no baseline that was kept with the runs: a column whose name begins with "
                   f"{BASELINE}, or rows in which a setting begins with {BASELINE}. What does a method without a "
                   "network reach on the same validation examples?")  # fmt: skip


def _judged(judge: Judge) -> Callable[[Candidate, np.random.Generator, Context], None]:
    """A part that looks at the rows which `_form` read."""

    def question(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
        if VARIABLE not in context.memory:
            raise Lost(f"{VARIABLE} could not be read, see above.")
        judge(context.memory[VARIABLE], context)

    return question


# --- reading a table of which only little is known ---------------------------------------------------------------


def _kept(context: Context) -> list[Run]:
    return [run for run in context.runs if run.exercise == EXERCISE]


def _table_of(runs: Sequence[Run]) -> Table:
    """The table that the kept runs make: those with the same columns as the latest; others are older tries."""
    latest = max(runs, key=lambda run: str(run.environment.get("kept", "")))
    chosen = [
        run for run in runs if set(run.setting) == set(latest.setting) and set(run.metrics) == set(latest.metrics)
    ]
    rows = [run.setting | {"seed": run.seed} | run.metrics for run in chosen]
    return Table({name: [row[name] for row in rows] for name in rows[0]})


def _read(table: Any, runs: Sequence[Run]) -> Study:
    """Rows of the table, and what in it was chosen and measured. Lost when it has not the form that is asked for."""
    if not isinstance(table, Table):
        raise Lost(f"{VARIABLE} should be a pandas DataFrame with one row a run, got {kind_of(table)}.")
    names = list(table.columns)
    if len(names) > MAX_COLUMNS or not all(isinstance(name, str) for name in names):
        raise Lost(f"{VARIABLE} should have columns with names, {MAX_COLUMNS} at most.")
    if not any(name.startswith(VALIDATION) for name in names):
        raise Lost(f"{VARIABLE} has no validation metric: a column whose name begins with {VALIDATION}. By what were "
                   "settings compared?")  # fmt: skip
    if not runs:
        raise Lost(f"no runs of {EXERCISE} came with the hand-in: hand in the saved notebook with its outputs, or the "
                   "folder results. Was the table made by study(...)?")  # fmt: skip
    told = {name for run in runs for name in run.setting}
    measured = {name for run in runs for name in run.metrics} - told
    setting = {
        name: _kind([run.setting[name] for run in runs if name in run.setting]) for name in names if name in told
    }
    if not setting:
        raise Lost(f"{VARIABLE} has no column that says what was chosen; the kept runs vary {sweeps.listed(told)}.")
    metrics = {name: _range(name) for name in names if name in measured and _is_judged(name, runs)}
    if not any(name.startswith(VALIDATION) for name in metrics):
        raise Lost(f"{VARIABLE}: none of its validation metrics was kept with the runs, which hold "
                   f"{sweeps.listed(measured)}.")  # fmt: skip
    sweep = Sweep(EXERCISE, VARIABLE, setting, metrics, seeds=SEEDS, tolerance=ROUNDED)
    all_rows = sweeps.read_rows(table, replace(sweep, metrics={}))
    places = [i for i, row in enumerate(all_rows) if not any(_is_nan(row[name]) for name in metrics)]
    if not places:
        raise Lost(f"{VARIABLE}: in every row a validation or baseline metric is nan.")
    finite = Table({name: [values[i] for i in places] for name, values in table.columns.items()})
    return Study(all_rows, sweeps.read_rows(finite, sweep), sweep)


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _is_judged(name: str, runs: Sequence[Run]) -> bool:
    """Whether the table must tell this metric as it was kept: those of validation and baselines, and of training and
    test where every run has them. Time and the like are left alone."""
    if name.startswith((VALIDATION, BASELINE)):
        return True
    return name.startswith(OTHERS) and all(math.isfinite(run.metrics.get(name, math.nan)) for run in runs)


def _range(name: str) -> tuple[float, float]:
    """What a metric of this name can be."""
    if any(word in name for word in SHARES):
        return UNIT
    return (0.0, MOST) if any(word in name for word in POSITIVE) else (-MOST, MOST)


def _kind(values: Sequence[Any]) -> type:
    """The type of a setting's values: float for any numbers, as pandas may have made of them."""
    kinds = {type(value) for value in values}
    if kinds <= {int, float}:
        return int if kinds == {int} else float
    return kinds.pop() if len(kinds) == 1 and kinds <= {str, bool} else object


def _is_baseline(row: Row, sweep: Sweep) -> bool:
    return any(isinstance(row[name], str) and row[name].startswith(BASELINE) for name in sweep.setting)


PARTS = (
    Part("form", 0.15, _form),
    Part("settings and seeds", 0.25, _judged(_complete)),
    Part("every row is a kept run", 0.3, _judged(_kept_runs)),
    Part("seeds make a difference", 0.15, _judged(_seeds_used)),
    Part("baseline", 0.15, _judged(_baseline)),
)
EXAMINATIONS: tuple[Examination, ...] = (Examination(EXERCISE, PARTS),)
