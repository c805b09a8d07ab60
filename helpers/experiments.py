"""Sweeps: one function, tried with several settings, each of them with several seeds.

A sweep calls `function(seed=..., **setting)` for every pair of setting and seed, and keeps what it returns as soon
as it is there (`helpers.results`: a file beside the notebook, and an output of the notebook's cell). So a sweep
that was interrupted, or whose cell is run again, goes on where it was. What the function trains, and on what, is its
own business; it has to seed its generators with the seed that it gets. Nothing is drawn here (see `helpers.plots`),
and torch and tensorflow are not imported.
"""

import itertools
import json
import numbers
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from helpers.results import MAX_RUNS, MissingResults, Results, Run, grading, plain

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

Function: TypeAlias = "Callable[..., Any]"
"""Returns metrics, (metrics, weights) or (metrics, weights, history): see `Sweep.run`."""

FUNCTIONS: dict[str, Function] = {}
"""Exercise → the function that its sweep was last run with in this session, so that a single run can be made again."""


def grid(**choices: Iterable[Any]) -> list[dict[str, Any]]:
    """All combinations of the choices as a list of settings; the last name varies fastest.

    `grid(units=[32, 64], batch_size=[16])` is `[{"units": 32, "batch_size": 16}, {"units": 64, "batch_size": 16}]`.
    Raises ValueError for a name without a choice, and for a bare string, which would be taken letter by letter.
    """
    lists = {}
    for name, values in choices.items():
        if isinstance(values, str):
            raise ValueError(f"{name}={values!r} is one string: write a list, {name}=[{values!r}]")
        lists[name] = list(values)
        if not lists[name]:
            raise ValueError(f"{name} has no value to choose from")
    return [dict(zip(lists, values, strict=True)) for values in itertools.product(*lists.values())]


class Sweep:
    """Runs of one exercise: every setting with every seed, kept in `folder/<exercise>`.

    settings: dicts with the same keys (see `grid`), whose values are strings, numbers or booleans. seeds: different
    whole numbers from 0 on. again: compute anew; the runs that are kept are replaced as soon as the first new one is
    there, so set it back to False to go on after an interruption. data: kept with every run, for example where the
    examples came from. Raises ValueError when the settings or seeds are not like that, or too many.
    """

    def __init__(
        self,
        exercise: str,
        settings: Sequence[Mapping[str, Any]],
        seeds: Iterable[int],
        folder: "str | Path" = "results",
        again: bool = False,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        self.settings = _checked_settings(settings)
        self.seeds = _checked_seeds(seeds)
        if len(self.settings) * len(self.seeds) > MAX_RUNS:
            raise ValueError(f"{len(self.settings)} settings × {len(self.seeds)} seeds are more than {MAX_RUNS} runs")
        self.data = plain(data or {})
        self.results = Results(exercise, folder, again)

    @property
    def pairs(self) -> list[tuple[dict[str, Any], int]]:
        """All (setting, seed) of the sweep, in the order in which they are run."""
        return list(itertools.product(self.settings, self.seeds))

    def missing(self) -> list[tuple[dict[str, Any], int]]:
        """The (setting, seed) that have not been run yet."""
        kept = self._kept()
        return [pair for pair in self.pairs if _key(*pair) not in kept]

    def run(self, function: Function) -> "pd.DataFrame":
        """Run what has not been run yet; the table of the whole sweep (see `table`).

        function(seed=..., **setting) returns a dict of metrics (name: number), or (metrics, weights) with the
        weights as arrays by name (or None), or (metrics, weights, history) with lists of numbers by name, one for each
        epoch. A progress bar tells the time that is left. Raises ValueError when the function
        returns something else.

        While grading nothing is computed again. If runs are missing, the table is that of all that came with the
        hand-in, whatever their settings; MissingResults when none came.
        """
        FUNCTIONS[self.results.exercise] = function
        missing = self.missing()
        if grading() and missing:
            return self._handed_in(len(missing))
        self.results.kept()  # shows what is there again: the outputs of a cell that is run again are gone
        if missing:
            self._compute(function, missing)
        return self.table()

    def _handed_in(self, missing: int) -> "pd.DataFrame":
        advice = "run the notebook from top to bottom, save it, hand it in"
        lacking = f"{missing} of {len(self.pairs)} runs of {self.results.exercise} did not come with the hand-in"
        runs = list(self._kept().values())
        if not runs:
            raise MissingResults(f"{lacking}: {advice}")
        print(f"{lacking}; the table is that of the {len(runs)} runs that did: {advice}")
        return _table(runs)

    def table(self) -> "pd.DataFrame":
        """One row a run, in the order of the sweep: the columns of the setting, `seed`, then the metrics.

        Runs that are missing are left out, and so are kept ones of other settings or seeds. A metric that was not
        finite is nan.
        """
        kept = self._kept()
        return _table([kept[key] for pair in self.pairs if (key := _key(*pair)) in kept], [*self.settings[0], "seed"])

    def _kept(self) -> dict[str, Run]:
        return {_key(run.setting, run.seed): run for run in self.results.runs()}

    def _compute(self, function: Function, missing: list[tuple[dict[str, Any], int]]) -> None:
        from tqdm import tqdm

        done = len(self.pairs) - len(missing)
        with tqdm(total=len(self.pairs), initial=done, desc=self.results.exercise, unit="run", file=sys.stdout) as bar:
            for setting, seed in missing:
                bar.set_postfix(setting | {"seed": seed})
                metrics, weights, history = _answer(function(seed=seed, **setting), setting)
                self.results.keep(
                    setting=setting, seed=seed, metrics=metrics, data=self.data, weights=weights, history=history
                )
                bar.update()


def _table(runs: Sequence[Run], columns: Sequence[str] = ()) -> "pd.DataFrame":
    """One row a run; these columns when there is none."""
    import pandas as pd

    rows = [run.setting | {"seed": run.seed} | run.metrics for run in runs]
    return pd.DataFrame(rows, columns=None if rows else list(columns))


def summarise(table: "pd.DataFrame", by: str | Sequence[str], value: str) -> "pd.DataFrame":
    """Mean, sample standard deviation (ddof 1) and number of runs of a column, over the rows that agree in `by`.

    Returns a DataFrame with the columns `mean`, `std` and `n` and the values of `by` as its index, in the order in
    which they appear. One nan among the runs makes mean and std nan: a run that failed is not left out in silence.
    The std of a single run is nan. Raises ValueError when the table lacks a column.
    """
    by = [by] if isinstance(by, str) else list(by)
    require_columns(table, [*by, value])
    groups = table.groupby(by if len(by) > 1 else by[0], sort=False, dropna=False)[value]
    return groups.agg(
        mean=lambda values: values.mean(skipna=False),
        std=lambda values: values.std(ddof=1, skipna=False),
        n="size",
    )


def require_columns(table: "pd.DataFrame", columns: Sequence[str]) -> None:
    """ValueError that names what is missing unless the table has these columns, and a row."""
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise ValueError(f"the table has no column {', '.join(map(repr, missing))}; it has {list(table.columns)}")
    if not len(table):
        raise ValueError("the table has no rows: run the sweep first")


def _key(setting: Mapping[str, Any], seed: int) -> str:
    """What names a run: 32 and 32.0, or 1 and True, are different here, though equal as Python sees them."""
    return json.dumps([dict(setting), seed], sort_keys=True)


def _checked_settings(settings: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    if isinstance(settings, Mapping):
        raise ValueError("settings should be a list of dicts: use grid(...) to make one of lists of choices")
    checked = [plain(setting) for setting in settings]
    if not checked or not checked[0]:
        raise ValueError("a sweep needs one setting or more, each a dict with one key or more")
    for setting in checked:
        if set(setting) != set(checked[0]):
            raise ValueError(f"all settings need the same keys, but {setting} and {checked[0]} differ in them")
        if "seed" in setting:
            raise ValueError("'seed' is no part of a setting: give the seeds as the sweep's seeds")
        for name, value in setting.items():
            if not isinstance(value, str | int | float):
                raise ValueError(f"{name}={value!r}: a setting's values are strings, numbers or booleans")
    if len({_key(setting, 0) for setting in checked}) < len(checked):
        raise ValueError("a setting occurs twice in the sweep")
    return checked


def _checked_seeds(seeds: Iterable[int]) -> list[int]:
    seeds = list(seeds)
    if not all(isinstance(seed, int | np.integer) and not isinstance(seed, bool) and seed >= 0 for seed in seeds):
        raise ValueError(f"seeds are whole numbers from 0 on, not {seeds}")
    if not seeds or len(set(seeds)) < len(seeds):
        raise ValueError(f"give one seed or more, all different, not {seeds}")
    return [int(seed) for seed in seeds]


def _answer(
    answer: Any, setting: Mapping[str, Any]
) -> tuple[dict[str, float], Mapping[str, Any] | None, Mapping[str, list[float]] | None]:
    """Metrics, weights and history of what the function returned, or a ValueError that says what it should return."""
    metrics, weights, history = (
        (*answer, None, None)[:3] if isinstance(answer, tuple) and answer else (answer, None, None)
    )
    if not isinstance(metrics, Mapping) or not metrics:
        raise ValueError(
            "the function of a sweep should return a dict of metrics, such as {'val_accuracy': 0.9}, or (metrics, "
            f"weights), but it returned {type(answer).__name__}"
        )
    for name, value in metrics.items():
        if name == "seed" or name in setting:
            raise ValueError(f"the metric {name!r} has the name of something that was chosen: give it another name")
        if not isinstance(value, numbers.Real) or isinstance(value, bool):
            raise ValueError(f"the metric {name!r} should be a number, but it is {value!r:.80}")
    if weights is not None and not isinstance(weights, Mapping):
        raise ValueError(f"weights should be a dict of arrays by name, but they are a {type(weights).__name__}")
    if history is not None and not isinstance(history, Mapping):
        raise ValueError(f"a history should be a dict of lists by name, but it is a {type(history).__name__}")
    return {name: float(value) for name, value in metrics.items()}, weights, history
