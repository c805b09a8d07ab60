"""The laboratory of the project: from data and a network to a study over settings and seeds.

A study asks one question. `experiment` puts the student's data function and model function together, `study` runs all
settings with all seeds and keeps every run (`helpers.experiments.Sweep`), `QUESTIONS` holds settings for the questions
that are suggested. Data are made by `helpers.sequences`, networks trained by `helpers.networks`, simple methods
compared by `helpers.baselines`.
"""

import inspect
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from helpers.baselines import MAIN_METRIC, baseline_outputs, best_of, methods, scores, too_easy
from helpers.experiments import Sweep, grid, require_columns, summarise
from helpers.networks import OPTIMIZERS, Curve, parameters_of, predict, train
from helpers.results import runs_from_folder
from helpers.seeding import seed_everything
from helpers.sequences import Data, check_task

if TYPE_CHECKING:
    import pandas as pd

BASELINE = "baseline"
"""With this word begin the columns of a baseline's metrics, and the names of baselines among the settings."""
LEAST_SETTINGS = LEAST_SEEDS = 3
"""What the exercise asks for: so many settings, each with so many seeds."""
RESULT_PREFIXES = ("train_", "val_", "test_", BASELINE)
"""With these begin the columns of a study that were measured."""
RESULT_NAMES = ("seconds", "parameters", "best_epoch")
"""Further columns that were measured."""


def experiment(
    make_data: Callable[..., Data],
    build: Callable[..., Any],
    task: str,
    *,
    parts: Sequence[str] = ("train", "validation"),
    **training: Any,
) -> Callable[..., Any]:
    """A function of seed and setting for `study`, put together of the student's data and model functions.

    make_data(...) returns `Data`; build(...) a model of torch or Keras that is not trained yet. Each takes the names
    of the setting that it has as arguments; `train` takes its own (`batch_size`, `optimizer`, `lr`, ...); one that
    nobody takes is an error. build may also ask for `input_shape`, `outputs`, `seed` and `data`. It may train by
    itself, with any library, and return a dict of metrics (or metrics and weights): then they are taken as they are.
    training: what is the same in all runs. parts: what is scored; test only once everything is decided.

    Metrics are named `train_...`, `val_...`, `test_...`, with the best simple method's on the same examples beside
    them, `baseline_val_...`. A setting `method` that begins with "baseline: " is that method of scikit-learn.
    """
    check_task(task)
    fixed = {name: value for name, value in training.items() if name not in _names_of(train)}
    if fixed:
        raise ValueError(f"train() knows no {', '.join(fixed)}; it knows {', '.join(sorted(_names_of(train)))}")
    cache: dict[str, Any] = {}

    def run(seed: int, **setting: Any) -> Any:
        names = {"data": _names_of(make_data), "build": _names_of(build), "train": _names_of(train)}
        _require_used(setting, set().union(*names.values()) | {"method"}, build)
        chosen = {name: value for name, value in setting.items() if name in names["data"]}
        if cache.get("chosen") != repr(chosen):
            data = make_data(**chosen)
            cache.update(chosen=repr(chosen), data=data, levels=_levels(data, task, parts))
        data, levels = cache["data"], cache["levels"]
        method = str(setting.get("method", ""))
        if method.startswith(f"{BASELINE}: "):
            name = method.removeprefix(f"{BASELINE}: ")
            return _scored(lambda part: baseline_outputs(name, data, task, part), data, task, parts) | levels
        seed_everything(seed)
        given = {"input_shape": data.input_shape, "outputs": data.outputs(task), "seed": seed, "data": data}
        model = build(**_taken(build, {**given, **setting}))
        if isinstance(model, Mapping | tuple):
            return model
        options = training | {name: value for name, value in setting.items() if name in names["train"]}
        begin = time.perf_counter()
        curve = train(model, data, task, seed=seed, **options)
        seconds = time.perf_counter() - begin
        found = _scored(lambda part: predict(model, data.part(part)[0], task), data, task, parts)
        counts = {"best_epoch": curve.best_epoch, "parameters": parameters_of(model), "seconds": round(seconds, 2)}
        return found | levels | counts, None, {"train_loss": curve.train_loss, "val_loss": curve.val_loss}

    return run


def study(
    function: Callable[..., Any],
    settings: Sequence[Mapping[str, Any]],
    seeds: Sequence[int] = (0, 1, 2),
    *,
    exercise: str = "experiments",
    again: bool = False,
    folder: str = "results",
    data: Mapping[str, Any] | None = None,
) -> "pd.DataFrame":
    """Every setting with every seed, each run kept as it ends; one row a run (see `helpers.experiments.Sweep`).

    function(seed=..., **setting) returns a dict of metrics: `experiment` makes one, any other does as well. Says what
    the table lacks for the exercise. While grading nothing is computed: neither data nor networks are needed then.
    """
    table = Sweep(exercise, settings, seeds, folder, again, data).run(function)
    for remark in remarks(table):
        print(remark)
    return table


def kept_curve(seed: int, *, exercise: str = "experiments", folder: str = "results", **setting: Any) -> Curve:
    """Losses of each epoch of a run that was kept. Raises KeyError when there is no such run, or it has no losses."""
    for run in runs_from_folder(folder):
        if (run.exercise, run.seed, run.setting) == (exercise, seed, setting) and "val_loss" in run.history:
            return Curve(run.history["train_loss"], run.history["val_loss"], int(run.metrics["best_epoch"]))
    raise KeyError(f"no losses of {setting} with seed {seed} are kept in {folder}/{exercise}")


def setting_columns(table: "pd.DataFrame") -> list[str]:
    """The columns that were chosen: all but `seed` and what was measured.

    A column of your own whose fractions differ in every row was measured, too: a setting is there with several seeds.
    """
    return [
        str(name)
        for name, values in table.items()
        if name != "seed"
        and name not in RESULT_NAMES
        and not str(name).startswith(RESULT_PREFIXES)
        and not (len(table) > 1 and values.dtype.kind == "f" and values.is_unique)
    ]


def lacking(table: "pd.DataFrame") -> list[str]:
    """What a study lacks for the exercise, one line each; none is an empty list."""
    chosen = setting_columns(table)
    if "seed" not in table.columns or not chosen or not len(table):
        return ["The table needs rows, a column seed, and a column for what was chosen: let study(...) make it."]
    found = []
    seeds = table[~_is_baseline(table)].groupby(chosen, sort=False, dropna=False)["seed"].nunique()
    if len(seeds) < LEAST_SETTINGS:
        found.append(f"{LEAST_SETTINGS} settings or more are asked for; there are {len(seeds)}.")
    if len(seeds) and seeds.min() < LEAST_SEEDS:
        found.append(f"{LEAST_SEEDS} seeds or more for each setting are asked for; one setting has {seeds.min()}.")
    if table.duplicated([*chosen, "seed"]).any():
        found.append("A setting and seed occur twice: one run, one row.")
    measured = [name for name in table.columns if str(name).startswith("val_")]
    if not measured:
        found.append("There is no validation metric: let its name begin with val_.")
    elif table[measured].isna().any(axis=None):
        found.append("A validation metric is nan: repeat that run, with a smaller learning rate for example.")
    if not _levels_in(table) and not _is_baseline(table).any():
        found.append(
            "There is no baseline: a column baseline_val_..., or rows in which a setting begins with baseline."
        )
    return found


def remarks(table: "pd.DataFrame") -> list[str]:
    """What a study lacks, and what it should know about itself: that its data are too easy. One line each."""
    levels = _levels_in(table)
    warnings = [
        too_easy(task, table[name].max())
        for name, task in (("baseline_val_accuracy", "classification"), ("baseline_val_r2", "regression"))
        if name in levels
    ]
    return lacking(table) + [warning for warning in warnings if warning]


def _levels_in(table: "pd.DataFrame") -> list[str]:
    """The columns that hold a baseline's metric."""
    return [str(name) for name in table.columns if str(name).startswith(f"{BASELINE}_")]


def overfitting(table: "pd.DataFrame", by: str, metric: str, larger_is_better: bool = True) -> "pd.DataFrame":
    """Where a network begins to over-fit: training and validation metric over `by`, in ascending order.

    metric: the name behind `train_` and `val_`. Returns the means over all runs of each value of `by` (columns `train`,
    `val`, `val_std`, `gap`), and `overfits`: the training metric is better than with the value that is best in
    validation, and the validation metric is worse by more than the spread over runs (the larger of both standard
    deviations).
    """
    require_columns(table, [by, f"train_{metric}", f"val_{metric}"])
    sign = 1.0 if larger_is_better else -1.0
    learned, checked = (summarise(table, by, f"{part}_{metric}").sort_index() for part in ("train", "val"))
    found = learned[["mean"]].rename(columns={"mean": "train"})
    found["val"], found["val_std"] = checked["mean"], checked["std"]
    found["gap"] = sign * (found["train"] - found["val"])
    best = found.loc[(sign * found["val"]).idxmax()]
    spread = np.maximum(found["val_std"].fillna(0.0), np.nan_to_num(best["val_std"]))
    worse = sign * (best["val"] - found["val"]) > spread
    found["overfits"] = worse & (sign * (found["train"] - best["train"]) > 0)
    return found


def _is_baseline(table: "pd.DataFrame") -> "pd.Series":
    """Which rows are those of a baseline: a setting begins with that word."""
    chosen = table[setting_columns(table)]
    return chosen.apply(lambda column: column.map(lambda value: str(value).startswith(BASELINE))).any(axis=1)


def _levels(data: Data, task: str, parts: Sequence[str]) -> dict[str, float]:
    """The best simple method's main metric on each part but the training part."""
    metric = MAIN_METRIC[task]
    found = {}
    for part in parts:
        if part != "train":
            table = [scores(task, data.part(part)[1], baseline_outputs(name, data, task, part)) for name in
                     methods(data, task, stronger=False)]  # fmt: skip
            found[f"{BASELINE}_{_short(part)}_{metric}"] = best_of(task, [row[metric] for row in table])
    return found


def _scored(outputs: Callable[[str], np.ndarray], data: Data, task: str, parts: Sequence[str]) -> dict[str, float]:
    found = {}
    for part in parts:
        for name, value in scores(task, data.part(part)[1], outputs(part)).items():
            found[f"{_short(part)}_{name}"] = value
    return found


def _short(part: str) -> str:
    return "val" if part == "validation" else part


def _names_of(function: Callable[..., Any]) -> set[str]:
    """Names of the arguments that a setting may fill."""
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    names = {name for name, item in inspect.signature(function).parameters.items() if item.kind in kinds}
    return names - {"model", "data", "task", "seed"} if function is train else names


def _taken(function: Callable[..., Any], offered: Mapping[str, Any]) -> dict[str, Any]:
    """What of that the function takes: all of it if it has **names."""
    parameters = inspect.signature(function).parameters.values()
    if any(item.kind is inspect.Parameter.VAR_KEYWORD for item in parameters):
        return dict(offered)
    return {name: value for name, value in offered.items() if name in _names_of(function)}


def _require_used(setting: Mapping[str, Any], names: set[str], build: Callable[..., Any]) -> None:
    unused = [name for name in setting if name not in names and name not in _taken(build, setting)]
    if unused:
        raise ValueError(
            f"the setting has {', '.join(map(repr, unused))}, but neither the data function nor the model function has "
            "an argument of that name: it would make no difference"
        )


# --- suggested questions --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Question:
    """A question for a study: what it asks, values to try, and what has to be watched."""

    asks: str
    choices: Mapping[str, Sequence[Any]]
    watch: str

    def settings(self, **choices: Sequence[Any]) -> list[dict[str, Any]]:
        """The settings of the study; choices replace or add values, for example `window=[8, 16]`."""
        return grid(**{**self.choices, **choices})


CELLS = ("RNN", "GRU", "LSTM")

QUESTIONS: dict[str, Question] = {
    "cell type": Question(
        "Which cell suits these data, at equal numbers of parameters?",
        {"cell": CELLS, "units": [16, 32, 64]},
        "An LSTM has four times the parameters of a plain RNN with as many units, a GRU three times.",
    ),
    "layers": Question(
        "What does a second, third, fourth recurrent layer bring?",
        {"cell": CELLS, "layers": [1, 2, 4]},
        "More layers are more parameters too: compare with one layer of more units.",
    ),
    "units until it overfits": Question(
        "From how many units on does training go on getting better while validation gets worse?",
        {"units": [2, 4, 8, 16, 32, 64, 128, 256]},
        "Train until the training loss stops falling; show the training metric beside the validation metric.",
    ),
    "regularisation": Question(
        "Which cell gains from dropout, which from weight decay?",
        {"cell": CELLS, "dropout": [0.0, 0.25, 0.5], "weight_decay": [0.0, 0.001]},
        "Begin with a network that overfits: there is nothing to regularise in one that does not.",
    ),
    "optimizer": Question(
        "Which optimizer gets furthest in a given number of epochs, and how much does its learning rate matter?",
        {"optimizer": tuple(OPTIMIZERS), "lr": [0.001, 0.004, 0.016]},
        "Each optimizer has a learning rate of its own: compare the best of each, not all at one.",
    ),
    "batch size": Question(
        "What do larger batches cost, what do they save?",
        {"batch_size": [16, 32, 64, 128, 256]},
        "Four times the batch is a quarter of the steps in an epoch: hold epochs or steps, and say which.",
    ),
    "padding": Question(
        "Does it matter whether short sequences are filled up before or after?",
        {"cell": CELLS, "padding": ["before", "after"]},
        "Padding after a sequence is read last: mask it, or read the state at the sequence's end, or see what happens.",
    ),
    "reversed": Question(
        "Is a sequence easier to understand from its end?",
        {"cell": CELLS, "reverse": [False, True]},
        "Reverse the sequence, not its padding.",
    ),
    "window": Question(
        "How long must a window be, compared with what is known about the series?",
        {"cell": CELLS, "window": [4, 8, 16, 32, 64]},
        "Windows of all lengths must have the same targets (longest=...), or the scores belong to different examples.",
    ),
    "methods": Question(
        "Is a recurrent network better than methods that know nothing of order?",
        {"method": ["baseline: ridge", "baseline: k-NN", "baseline: gradient boosting", *CELLS]},
        "The same split, the same targets, the same effort in choosing settings for every method.",
    ),
}
"""The suggested questions. Their names are those of arguments: your data and model functions take what they need."""


def questions_table() -> "pd.DataFrame":
    """The suggested questions: what is asked, the names and values of the settings, what to watch."""
    import pandas as pd

    rows = [
        {
            "question": name,
            "asks": item.asks,
            "settings": "; ".join(f"{key}: {', '.join(map(str, values))}" for key, values in item.choices.items()),
            "watch": item.watch,
        }
        for name, item in QUESTIONS.items()
    ]
    return pd.DataFrame(rows).set_index("question")
