"""Parts of an examination that every sweep needs: the table that a notebook holds, against the runs that were kept.

A sweep exercise asks for a pandas DataFrame with one row a run: what was chosen, the seed, what came out. The parts
here check its form, that it is complete, that each row is a kept run, and that the seeds were used. Nothing is
trained; `short_runs` makes one short run again. What cannot be found is in docs/security.md.
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograder.channel import Candidate, CandidateError, Table, kind_of
from autograder.examine import Context, Lost, Question
from helpers.results import Run

Row = dict[str, Any]
"""A run as the table tells it: column name to string, number or boolean."""

UNIT = (0.0, 1.0)
"""The range of an accuracy."""
TOLERANCE = 1e-6
"""By how much a figure of the table may differ from that of its run: what writing and reading a number may cost."""
MAX_ROWS = 1000


@dataclass(frozen=True)
class Sweep:
    """What an exercise asks for.

    exercise: under which the runs are kept. variable: the notebook's DataFrame. setting: the columns of what was
    chosen, each with the type of its values (int, float, str or bool; object for any of them). metrics: the columns of
    what came out, each with the least and the largest value that is possible. seeds: how many every setting needs.
    least: of a column of the setting, how many different values there must be. grid: columns of the setting of which
    every combination of the values that occur must be there. tolerance: by how much a metric may differ from the kept
    one, or by which share of it where it is larger than 1.
    """

    exercise: str
    variable: str
    setting: Mapping[str, type]
    metrics: Mapping[str, tuple[float, float]]
    seeds: int = 1
    least: Mapping[str, int] = field(default_factory=dict)
    grid: tuple[str, ...] = ()
    tolerance: float = TOLERANCE


# --- questions, to be used as parts ---------------------------------------------------------------------------


def form(sweep: Sweep) -> Question:
    """The table has the agreed columns, with values of the agreed types in the ranges that are possible."""

    def question(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
        context.memory[_place(sweep)] = read_rows(_lookup(candidate, sweep.variable), sweep)

    return question


def complete(sweep: Sweep) -> Question:
    """Every setting has its seeds, once each; enough values were tried, in every combination."""

    def question(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
        require_complete(rows_of(context, sweep), sweep)

    return question


def follows_runs(sweep: Sweep) -> Question:
    """Every row of the table is a run that was kept, with the same figures."""

    def question(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
        require_runs(rows_of(context, sweep), context.runs, sweep)

    return question


def seeds_used(sweep: Sweep, metric: str) -> Question:
    """The runs of a setting are not all the same, and neither are the settings."""

    def question(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
        require_different_runs(rows_of(context, sweep), sweep, metric)

    return question


def rows_of(context: Context, sweep: Sweep) -> list[Row]:
    """The rows that `form` read. Lost when they could not be read: what is wrong was said there."""
    if _place(sweep) not in context.memory:
        raise Lost(f"{sweep.variable} could not be read, see above.")
    rows: list[Row] = context.memory[_place(sweep)]
    return rows


# --- what they check ------------------------------------------------------------------------------------------


def read_rows(table: Any, sweep: Sweep) -> list[Row]:
    """The rows of a candidate's table, with the columns of the sweep, and others as they are. Lost if it has not
    the agreed form."""
    name = sweep.variable
    if not isinstance(table, Table):
        raise Lost(f"{name} should be a pandas DataFrame with one row a run, got {kind_of(table)}.")
    missing = [column for column in (*sweep.setting, "seed", *sweep.metrics) if column not in table.columns]
    if missing:
        raise Lost(f"{name} has no column {', '.join(missing)}; its columns are {listed(table.columns)}.")
    if not 0 < len(table) <= MAX_ROWS:
        raise Lost(f"{name} has {len(table)} rows: it should have one for each run, {MAX_ROWS} at most.")
    rows = [{column: _plain(values[i]) for column, values in table.columns.items()} for i in range(len(table))]
    for row in rows:
        for column, kind in (*sweep.setting.items(), ("seed", int)):
            row[column] = _typed(row[column], kind, f"{name}: {column}")
        for column, (low, high) in sweep.metrics.items():
            row[column] = _in_range(row[column], low, high, f"{name}: {column} of {_words(row, sweep)}")
    return rows


def require_complete(rows: Sequence[Row], sweep: Sweep) -> None:
    """Lost unless every setting has its seeds, once each, enough values were tried, and no combination is missing."""
    seeds: dict[tuple[Any, ...], list[int]] = {}
    for row in rows:
        seeds.setdefault(_setting(row, sweep), []).append(row["seed"])
        if len(set(seeds[_setting(row, sweep)])) < len(seeds[_setting(row, sweep)]):
            raise Lost(f"{sweep.variable} has two rows for {_words(row, sweep)}, seed {row['seed']}: one run, one row.")
    for column, least in sweep.least.items():
        found = {row[column] for row in rows}
        if len(found) < least:
            raise Lost(f"{sweep.variable} tries {len(found)} values of {column} ({listed(found)}); "
                       f"{least} or more are asked for.")  # fmt: skip
    if sweep.grid:
        _require_grid(rows, sweep)
    few = [(setting, len(found)) for setting, found in seeds.items() if len(found) < sweep.seeds]
    if few:
        setting, number = few[0]
        words = " ".join(f"{name}={value}" for name, value in zip(sweep.setting, setting, strict=True))
        raise Lost(f"{sweep.variable}: {len(few)} of {len(seeds)} settings have fewer than {sweep.seeds} seeds, for "
                   f"example {words[:200]} only {number}.")  # fmt: skip


def _require_grid(rows: Sequence[Row], sweep: Sweep) -> None:
    """Lost when a combination of values that occur is missing."""
    there = {tuple(row[column] for column in sweep.grid) for row in rows}
    values = [sorted({row[column] for row in rows}, key=str) for column in sweep.grid]
    if math.prod(map(len, values)) > MAX_ROWS:
        raise Lost(f"{sweep.variable}: there are too many values for a grid of {' × '.join(sweep.grid)}.")
    missing = [cell for cell in itertools.product(*values) if cell not in there]
    if missing:
        words = " ".join(f"{name}={value}" for name, value in zip(sweep.grid, missing[0], strict=True))
        raise Lost(f"{sweep.variable}: {len(missing)} combinations of {' × '.join(sweep.grid)} are missing, for "
                   f"example {words[:200]}. Was the sweep interrupted?")  # fmt: skip


def require_runs(rows: Sequence[Row], runs: Sequence[Run], sweep: Sweep) -> None:
    """Lost when a row is no kept run, or has other figures than it."""
    kept: dict[int, list[Run]] = {}
    for run in runs:
        if run.exercise == sweep.exercise:
            kept.setdefault(run.seed, []).append(run)
    if not kept:
        raise Lost(f"no runs came with the hand-in: run the cells of {sweep.exercise} and hand in the saved notebook "
                   "with its outputs, or the folder results.")  # fmt: skip
    for row in rows:
        same = [run for run in kept.get(row["seed"], []) if _is_setting(run, row, sweep)]
        if not same:
            raise Lost(f"{sweep.variable} has a row for {_words(row, sweep)}, seed {row['seed']}, but no such run came "
                       "with the hand-in.")  # fmt: skip
        wrong = [_differing(run, row, sweep) for run in same]
        if all(wrong):
            column = str(wrong[0])
            raise Lost(f"{sweep.variable}: {column} of {_words(row, sweep)}, seed {row['seed']}, is {row[column]:.6g}, "
                       "but the run that was kept says otherwise.")  # fmt: skip


def runs_of_table(rows: Sequence[Row], runs: Sequence[Run], sweep: Sweep) -> list[Run]:
    """The kept runs that are rows of the table, with the same figures."""
    by_seed: dict[int, list[Row]] = {}
    for row in rows:
        by_seed.setdefault(row["seed"], []).append(row)
    return [
        run
        for run in runs
        if run.exercise == sweep.exercise
        and any(_is_setting(run, row, sweep) and not _differing(run, row, sweep) for row in by_seed.get(run.seed, []))
    ]


def require_different_runs(rows: Sequence[Row], sweep: Sweep, metric: str) -> None:
    """Lost when the seeds make no difference in any setting, or the settings make none for any seed.

    A single pair of equal figures is no proof: on 30 examples, two good models are often right equally often. So all
    settings together must be without any spread.
    """
    by_setting: dict[Any, set[float]] = {}
    by_seed: dict[Any, set[float]] = {}
    for row in rows:
        by_setting.setdefault(_setting(row, sweep), set()).add(row[metric])
        by_seed.setdefault(row["seed"], set()).add(row[metric])
    if len({value for values in by_setting.values() for value in values}) == 1 and len(rows) > 2:
        raise Lost(
            f"{sweep.variable}: {metric} is the same in all {len(rows)} rows. Was one model evaluated every time?"
        )
    if len(by_seed) > 1 and all(len(values) == 1 for values in by_setting.values()):
        raise Lost(f"{sweep.variable}: {metric} does not depend on the seed in any of {len(by_setting)} settings. "
                   "Does the function seed its generators with its seed before it builds the model?")  # fmt: skip
    if len(by_setting) > 2 and all(len(values) == 1 for values in by_seed.values()):
        raise Lost(f"{sweep.variable}: {metric} does not depend on the setting, for any seed. Is what was chosen "
                   "passed on to the model and its training?")  # fmt: skip


def require_agreement(reached: float, claimed: Sequence[float], examples: int, what: str) -> None:
    """Lost when an accuracy that was reached here is far from those that are claimed for other seeds.

    examples: on how many it was counted. Far is more than four standard deviations, of the spread over the seeds and
    of the counting together; four of each, since few seeds make a poor estimate of their spread.
    """
    mean = float(np.mean(claimed))
    spread = float(np.std(claimed, ddof=1)) if len(claimed) > 1 else 0.0
    counting = math.sqrt(max(mean * (1 - mean), 1 / examples) / examples)
    if abs(reached - mean) > 4 * math.hypot(spread, counting):
        raise Lost(f"{what} reaches {reached:.3f} here; the table claims {mean:.3f} ± {spread:.3f} over {len(claimed)} "
                   "seeds. Were the models changed after the sweep, or the figures taken from other data?")  # fmt: skip


# --- values that came from a candidate --------------------------------------------------------------------------


def _place(sweep: Sweep) -> str:
    return f"rows of {sweep.variable}"


def _lookup(candidate: Candidate, name: str) -> Any:
    try:
        return candidate.lookup(name)
    except CandidateError as error:
        raise Lost(f"the notebook does not set {name}: {error.message}. Did the sweep's cell run to its end, and do "
                   "the kept results come with the hand-in?") from None  # fmt: skip


def _plain(value: Any) -> Any:
    """A scalar as Python has it: numpy's come as arrays without an axis."""
    return value.item() if isinstance(value, np.ndarray) and value.ndim == 0 else value


def _typed(value: Any, kind: type, what: str) -> Any:
    """The value as one of this type; object: any of them. A whole number may have come as a float, as pandas keeps it
    beside a nan."""
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if kind is int and isinstance(value, float) and value.is_integer():
        return int(value)
    right = isinstance(value, kind) and isinstance(value, bool) == (kind is bool)
    if kind is object:
        right = isinstance(value, str | int | float)
    if not right or (isinstance(value, float) and not math.isfinite(value)):
        names = {int: "whole numbers", float: "numbers", str: "strings", bool: "True or False"}
        names[object] = "strings, numbers, or True or False"
        raise Lost(f"{what} should be {names[kind]}, but one is {_short(value)}.")
    return value


def _in_range(value: Any, low: float, high: float, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Lost(f"{what} should be a number, but it is {_short(value)}.")
    if math.isnan(value):
        raise Lost(f"{what} is nan: a run that failed has to be repeated, with a smaller learning rate for example.")
    if not low <= value <= high:
        hint = " Is it in percent?" if (low, high) == UNIT and 1 < value <= 100 else ""
        raise Lost(f"{what} is {value:.6g}, outside [{low:g}, {high:g}].{hint}")
    return float(value)


def _setting(row: Row, sweep: Sweep) -> tuple[Any, ...]:
    return tuple(row[column] for column in sweep.setting)


def _is_setting(run: Run, row: Row, sweep: Sweep) -> bool:
    """Whether the run has the row's setting. What else a student chose counts where the table tells it."""
    if not set(sweep.setting) <= set(run.setting):
        return False
    return all(_same(value, row[name]) for name, value in run.setting.items() if name in row)


def _differing(run: Run, row: Row, sweep: Sweep) -> str | None:
    """The first metric in which run and row differ. A kept nan agrees with nothing."""
    for column in sweep.metrics:
        kept = run.metrics.get(column, math.nan)
        if not abs(kept - row[column]) <= sweep.tolerance * max(1.0, abs(kept)):
            return column
    return None


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) <= 1e-9 * max(1.0, abs(one))
    return type(one) is type(other) and bool(one == other)


def _words(row: Row, sweep: Sweep) -> str:
    return " ".join(f"{column}={row[column]}" for column in sweep.setting)[:200]


def listed(values: Any) -> str:
    """Ten of these values as text, cut short."""
    shown = sorted(map(str, values))
    return ", ".join(value[:40] for value in shown[:10]) + (", …" if len(shown) > 10 else "")


def _short(value: Any) -> str:
    return repr(value)[:60] if isinstance(value, str | int | float | None) else f"a {kind_of(value)}"
