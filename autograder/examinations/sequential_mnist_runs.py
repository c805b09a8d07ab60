"""Examinations of `final_runs` and `results_table`: the benchmark's last runs, and the table that sums them up.

Nothing long is trained again. The kept runs are checked for form, against the notebook's table, and against the models
whose weights came along; `final_run` is called on planted data (see `sequential_mnist_planted`), where it shows what it
trains on, what it counts, and whether its seed is used. Where one run is short, it is repeated on the sample.
"""

import contextlib
import functools
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from autograder.channel import Candidate, CandidateError, Remote, Table, kind_of
from autograder.examinations import sweeps
from autograder.examinations.sequential_mnist_choice import STAND_INS, read_chosen
from autograder.examinations.sequential_mnist_models import REQUIRED
from autograder.examinations.sequential_mnist_pixels import expected_sequences
from autograder.examinations.sequential_mnist_planted import (
    EXAMPLES,
    SETS,
    TEST,
    TRAINING,
    VALIDATION,
    Contest,
    Ground,
    planted,
)
from autograder.examinations.torch_layers import GATES as TORCH_GATES
from autograder.examinations.torch_layers import recurrent_layers, unroll
from autograder.examine import Context, Examination, Lost, Part
from helpers.data import mnist
from helpers.results import Run

Array = np.ndarray

FINAL = sweeps.Sweep(
    exercise="final_runs",
    variable="final_results",
    setting={"kind": str},
    metrics={"train_accuracy": sweeps.UNIT, "test_accuracy": sweeps.UNIT},
    seeds=5,
    least={"kind": len(REQUIRED)},
)
SHARES = {TRAINING: 0.85, VALIDATION: 0.4, TEST: 0.6}
"""Planted accuracies; their sums and means are all different."""
EARLY_SHARE = 0.95
"""Of the test set, as long as a model has seen little more than one epoch."""
SHORT_RUN = 2.0
"""Seconds on a CPU that a kept run may have taken to be repeated here."""
OFF_BY = 0.008
"""By how much an accuracy on the test set may differ from the kept one: another device rounds otherwise, and of 360
images two or three may fall on the other side."""
REAL_IMAGES = 100
"""Of the full test set, whose sequences take long, as many are looked at."""


# --- final_runs: what was kept -----------------------------------------------------------------------------------


def _every_kind(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """Five seeds or more for each of the required kinds, in the settings that were chosen."""
    rows = sweeps.rows_of(context, FINAL)
    missing = [kind for kind in REQUIRED if kind not in {row["kind"] for row in rows}]
    if missing:
        raise Lost(f"final_results has no rows for {', '.join(map(repr, missing))}.")
    sweeps.require_complete(rows, FINAL)


def _as_chosen(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """The kept runs have the settings that were chosen, one for each kind."""
    rows = sweeps.rows_of(context, FINAL)
    chosen = read_chosen(candidate)
    for kind in dict.fromkeys(row["kind"] for row in rows):
        runs = _runs_of(context, kind)
        wanted = chosen.get(kind)
        if wanted is None:
            raise Lost(f"final_results has rows for {kind!r}, for which chosen has no setting.")
        if runs and not any(_has(run.setting, wanted) for run in runs):
            raise Lost(f"the final runs of {kind!r} were not made in the setting that was chosen. Was the selection "
                       "made again after them?")  # fmt: skip


def _has(whole: Mapping[str, Any], part: Mapping[str, Any]) -> bool:
    return all(name in whole and whole[name] == value for name, value in part.items())


def _runs_of(context: Context, kind: str) -> list[Run]:
    return [run for run in context.runs if run.exercise == "final_runs" and run.setting.get("kind") == kind]


def _weights_as_claimed(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """Models with the kept weights reach the kept test accuracies; a short run, repeated, agrees with the others."""
    rows = sweeps.rows_of(context, FINAL)
    lost = []
    for kind in REQUIRED:
        with_weights = [run for run in _runs_of(context, kind) if run.weights is not None]
        if not with_weights:
            lost.append(f"no weights came with the final runs of {kind!r}.")
            continue
        try:
            _require_claim(candidate, with_weights[-1])
        except Lost as error:
            lost.append(error.message)
    if lost:
        raise Lost(" ".join(lost[:2]), earned=1 - len(lost) / len(REQUIRED))
    _repeat_short_run(candidate, rows, context)


def _require_claim(candidate: Candidate, run: Run) -> None:
    """The run's weights give the run's test accuracy, in a model of the notebook's build_model or by our computation.

    The latter since a mistake in an earlier exercise, changed after the runs, costs there.
    """
    test = _test_images(run.data.get("source") == "sample")
    if test is None:
        return  # the examiner does not hold the data that it was measured on (docs/security.md)
    images, labels = test
    claimed = run.metrics.get("test_accuracy", math.nan)
    counting = 4 * math.sqrt(max(claimed * (1 - claimed), 1 / len(labels)) / len(labels))
    allowed = OFF_BY if run.data.get("source") == "sample" else counting
    permutation = _permutation(candidate, images) if run.data.get("permuted") else None
    try:
        reached = [_accuracy(_answers(candidate, run, images, permutation), labels)]
        problem = (
            f"reach {reached[0]:.3f} on the test images; the kept run claims {claimed:.3f}. Is test_accuracy that "
        )
        problem += "of the model whose weights were kept, counted on the test set?"
    except CandidateError as error:
        reached = []
        problem = (
            f"do not fit the notebook's build_model: {error.kind}: {error.message[:300]}. Was it changed after the "
        )
        problem += "runs?"
    if any(abs(value - claimed) <= allowed for value in reached):
        return
    own = (_accuracy(logits, labels) for logits in _own_logits(run, expected_sequences(images, permutation)))
    if not any(abs(value - claimed) <= allowed for value in own):
        raise Lost(f"the kept weights of {run.setting['kind']!r}, seed {run.seed}, {problem}")


def _permutation(candidate: Candidate, images: Array) -> Array:
    """The notebook's PERMUTATION."""
    permutation = candidate.lookup("PERMUTATION")
    steps = images.shape[1] * images.shape[2]
    if not isinstance(permutation, np.ndarray) or sorted(permutation.ravel().tolist()) != list(range(steps)):
        raise Lost(f"PERMUTATION should hold each of {steps} places once.")
    return permutation


def _answers(candidate: Candidate, run: Run, images: Array, permutation: Array | None) -> Any:
    """What the notebook's model of this kind, with the run's weights, answers to images."""
    sizes = (run.setting.get(name) for name in ("hidden_size", "num_layers"))
    model = candidate.construct("build_model", str(run.setting["kind"]), *sizes, mnist.N_CLASSES)
    candidate.call(model, dict(run.weights or {}), method="load_state_dict")
    given = () if permutation is None else (permutation,)
    return candidate.call(model, candidate.construct("to_sequences", images, *given))


def _own_logits(run: Run, sequences: Array) -> Iterator[Array]:
    """What torch's layers with the run's weights and one linear layer give, for the usual ways of pooling over time."""
    found = recurrent_layers(run.weights or {})
    matrices = [value for value in found.others.values() if value.ndim == 2]
    biases = [value for value in found.others.values() if value.ndim == 1]
    if not found.layers or len(matrices) != 1 or len(biases) > 1:
        return
    for kind in [kind for kind, gates in TORCH_GATES.items() if gates == found.layers[0].forward.gates]:
        inputs = sequences.astype(np.float64)
        try:
            for layer in found.layers:
                inputs, _ = unroll(layer.forward, kind, inputs)
            for pooled in (inputs[:, -1], inputs.mean(axis=1), inputs.max(axis=1)):
                yield pooled @ matrices[0].T + (biases[0] if biases else 0.0)
        except ValueError:  # sizes that do not fit together
            return


def _accuracy(logits: Any, labels: Array) -> float:
    """The share of right answers; nan for what are no logits."""
    if not isinstance(logits, np.ndarray) or logits.shape != (len(labels), mnist.N_CLASSES):
        return math.nan
    return float((logits.argmax(axis=1) == labels).mean())


@functools.cache
def _test_images(of_sample: bool) -> tuple[Array, Array] | None:
    """Test images and labels of the sample, or some of the full data set where it is at hand."""
    with contextlib.redirect_stdout(None):  # what it says of itself is for notebooks
        data = mnist.load(source="sample" if of_sample else "auto", progress=False)
    if of_sample:
        return data.test.arrays
    return None if data.source == "sample" else data.test.take(np.arange(REAL_IMAGES)).arrays


def _repeat_short_run(candidate: Candidate, rows: list[sweeps.Row], context: Context) -> None:
    """Where a run took little time on a CPU, on the sample, it is made once more, with one of its seeds."""
    short = [
        run
        for run in context.runs
        if run.exercise == "final_runs"
        and run.data.get("source") == "sample"
        and run.data.get("device", "cpu") == "cpu"
        and 0 < run.metrics.get("seconds", math.inf) <= SHORT_RUN
        and run.seed in {row["seed"] for row in rows}
        and run.setting.get("kind") in {row["kind"] for row in rows}
    ]
    if not short:
        return
    run = min(short, key=lambda run: run.metrics["seconds"])
    kind = str(run.setting["kind"])
    setting = {name: value for name, value in run.setting.items() if name != "kind"}
    reached = _metrics(candidate.call("final_run", kind, setting, run.seed, arrays="numpy"), kind)
    claimed = [row["test_accuracy"] for row in rows if row["kind"] == kind]
    test = _test_images(True)
    assert test is not None
    sweeps.require_agreement(reached["test_accuracy"], claimed, len(test[1]), f"final_run({kind!r}, ..., {run.seed})")


# --- final_runs: what final_run does -----------------------------------------------------------------------------


def _metrics(reply: Any, kind: str) -> dict[str, float]:
    """The metrics that ``final_run`` returned. Lost unless it returned (metrics, model)."""
    asked = f"final_run({kind!r}, setting, seed)"
    if not isinstance(reply, tuple | list) or len(reply) != 2 or not isinstance(reply[0], dict):
        raise Lost(f"{asked} should return (metrics, model), a dict and the trained model, got {kind_of(reply)}.")
    if not isinstance(reply[1], Remote):
        raise Lost(f"{asked} should return the trained model beside the metrics, got {kind_of(reply[1])}.")
    found = {}
    for name in FINAL.metrics:
        value = reply[0].get(name)
        value = value.item() if isinstance(value, np.ndarray) and value.ndim == 0 else value
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            hint = " Is it in percent, or a loss?" if isinstance(value, int | float) and 1 < value <= 100 else ""
            raise Lost(f"{asked} should give {name}, a number in [0, 1].{hint}")
        found[name] = float(value)
    return found


def _final_run(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """final_run on planted data: what it trains on, what it counts, whether the seed is used."""
    seeds = [int(seed) for seed in rng.choice(1000, size=2, replace=False)]
    kind = REQUIRED[rng.integers(len(REQUIRED))]
    with planted(candidate, rng) as ground:
        shares = {name: {(None, None): SHARES.get(name, 0.0)} for name in SETS}
        # After the first epoch it is better on the test set: whoever keeps the best epoch there reports this.
        contest = Contest({}, shares, {TEST: EARLY_SHARE})
        variables = {"train": TRAINING, "validation": VALIDATION, "test": TEST}
        setting = _setting(ground, candidate, kind)
        states = []
        lost = []
        for seed in (seeds[0], seeds[0], seeds[1]):
            ground.plant(contest, variables)
            reply = ground.ask("final_run", kind, setting, seed)
            built, trained = ground.notes()
            states.append([note[3] for note in built])
        metrics, test_share = _metrics(reply, kind), EARLY_SHARE if ground.ended_early() else SHARES[TEST]
    asked = f"final_run({kind!r}, setting, seed)"
    if not built:
        raise Lost(f"{asked} builds no model with build_model.")
    if {note[0] for note in built} != {kind}:
        raise Lost(f"{asked} builds a model of another kind. Is kind passed on?")
    sizes = setting.get("hidden_size"), setting.get("num_layers")
    if any(
        wanted is not None and wanted != got for note in built for wanted, got in zip(sizes, note[1:3], strict=True)
    ):
        lost.append((0.25, f"{asked} does not build the model of the setting that it is given."))
    lost += _wrong_counts(asked, metrics, test_share)
    lost += _wrong_training(asked, trained)
    if states[0] != states[1]:
        lost.append((0.25, f"{asked}, called twice with the same seed, begins with different weights. Seed the "
                     "generators before the model is built."))  # fmt: skip
    elif states[0] == states[2]:
        lost.append((0.25, f"{asked} begins with the same weights for two seeds. Is its seed used?"))
    if lost:
        raise Lost(" ".join(message for _, message in lost), earned=1 - sum(cost for cost, _ in lost))


def _setting(ground: Ground, candidate: Candidate, kind: str) -> dict[str, Any]:
    """A whole setting as the notebook hands it to final_run: its defaults and what was chosen, but a short training."""
    defaults = ground.ask("_planted_defaults")
    setting = {str(name): value for name, value in defaults.items()} if isinstance(defaults, dict) else {}
    with contextlib.suppress(Lost):  # what is wrong with the choices costs elsewhere
        setting |= read_chosen(candidate).get(kind, {})
    return setting | {"hidden_size": 7, "num_layers": 2} | ({"epochs": 2} if "epochs" in setting else {})


def _wrong_counts(asked: str, metrics: Mapping[str, float], test_share: float) -> list[tuple[float, str]]:
    """(share of the part that is lost, message) for each figure that is not the model's accuracy.

    ``test_share``: that of the test set at the end of the training.
    """
    n = EXAMPLES
    together = (n[TRAINING] * SHARES[TRAINING] + n[VALIDATION] * SHARES[VALIDATION]) / (n[TRAINING] + n[VALIDATION])
    wrong = []
    if abs(metrics["train_accuracy"] - together) > 1e-6:
        told = (
            f"{asked}: train_accuracy should be counted on all examples that the model was trained on, those of train "
        )
        told += "and validation."
        hints = {
            TRAINING: " It is that of train alone.",
            VALIDATION: " It is that of validation alone.",
            TEST: " It is that of the test set.",
        }
        hint = next(
            (words for name, words in hints.items() if abs(metrics["train_accuracy"] - SHARES[name]) < 1e-6), ""
        )
        wrong.append((0.25, told + (hint or " Do sequences and labels stay together when the two sets are joined?")))
    if abs(metrics["test_accuracy"] - test_share) > 1e-6:
        early = " It is that of an earlier epoch, at which the test set was recognised better: what is reported was "
        early += "chosen by it then. The test set decides nothing."
        hint = early if abs(metrics["test_accuracy"] - EARLY_SHARE) < 1e-6 else ""
        hint = hint or " Is it counted on other examples, or before the training?"
        wrong.append((0.5, f"{asked}: test_accuracy is not the trained model's accuracy on the test set.{hint}"))
    return wrong


def _wrong_training(asked: str, trained: set[str]) -> list[tuple[float, str]]:
    if not trained:
        return [(0.5, f"{asked} trains nothing: no backward pass was made.")]
    if TEST in trained:
        return [(1.0, f"{asked} trains on the test set.")]
    if not {TRAINING, VALIDATION} <= trained:
        left = "validation" if TRAINING in trained else "train"
        return [(0.5, f"{asked} does not train on the examples of {left}: once the setting is chosen, train and "
                      "validation together are the training set.")]  # fmt: skip
    return []


FINAL_RUNS = Examination(
    "final_runs",
    (
        Part("final_results: form", 0.1, sweeps.form(FINAL)),
        Part("five seeds or more for each kind", 0.2, _every_kind),
        Part("the table is that of the kept runs", 0.15, sweeps.follows_runs(FINAL)),
        Part("the settings are those that were chosen", 0.1, _as_chosen),
        Part("seeds and kinds make a difference", 0.1, sweeps.seeds_used(FINAL, "test_accuracy")),
        Part("final_run: trains on all, counts what it says, uses its seed", 0.2, _final_run),
        Part("kept weights reach what is claimed", 0.15, _weights_as_claimed),
    ),
    seconds=60.0,
    builds_on=("pixel_sequences", "recurrent_models", "search_space", "model_selection"),
    stand_ins=STAND_INS,
)


# --- results_table -----------------------------------------------------------------------------------------------

COLUMNS = {
    "train_mean": ("train_accuracy", "mean"),
    "train_std": ("train_accuracy", "std"),
    "test_mean": ("test_accuracy", "mean"),
    "test_std": ("test_accuracy", "std"),
}
FRAME = "from pandas import DataFrame as _examined_frame"
"""Defined in the candidate: makes a table out of its columns."""

Rows = dict[str, list[Any]]
"""Columns of a table of results."""


def _draw_results(rng: np.random.Generator) -> Rows:
    """Results of three or four kinds, with different numbers of seeds, in any order."""
    kinds = [str(kind) for kind in rng.permutation(["rnn", "gru", "lstm", "bidirectional", "antisymmetric"])]
    rows = []
    for kind in kinds[: rng.integers(3, 5)]:
        centre, width = rng.uniform(0.5, 0.9), rng.uniform(0.01, 0.09)
        for seed in range(int(rng.integers(5, 9))):
            if seed != 1:  # two runs with the same accuracies, as happens with few images, are two runs all the same
                train, test = np.clip(centre + width * rng.normal(size=2) + (0.05, 0.0), 0, 1)
            rows.append((kind, seed, float(train), float(test)))
    rows = [rows[i] for i in rng.permutation(len(rows))]
    names = ("kind", "seed", "train_accuracy", "test_accuracy")
    return {name: list(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)}


def _of_kind(rows: Rows, kind: str, column: str) -> Array:
    return np.array([value for value, own in zip(rows[column], rows["kind"], strict=True) if own == kind])


STATISTICS: dict[str, Callable[[Array], Any]] = {
    "mean": np.mean,
    "std": lambda values: np.std(values, ddof=1),
    "population standard deviation": np.std,
    "variance": lambda values: np.var(values, ddof=1),
    "standard error of the mean": lambda values: np.std(values, ddof=1) / math.sqrt(len(values)),
    "median": np.median,
    "maximum": np.max,
    "minimum": np.min,
    "range": np.ptp,
}
"""The two statistics that are asked for, and those that are taken for them."""


def _summary(candidate: Candidate, rows: Rows) -> tuple[list[Any], str | None, dict[str, list[Any]], Remote]:
    """Index, its name and the columns of what ``summarise`` makes of these rows, and the table that it was given."""
    candidate.define(FRAME)
    given = candidate.construct("_examined_frame", rows)
    reply = candidate.construct("summarise", given)
    if reply.kind != "DataFrame":
        raise Lost(f"summarise(final_results) should return a pandas DataFrame, got {kind_of(reply)}.")
    table = candidate.get(reply)
    index = candidate.attribute(reply, "index")
    if not isinstance(table, Table) or not isinstance(index, Remote):
        raise Lost("summarise(final_results) should return a pandas DataFrame.")
    labels, name = candidate.call(index, method="tolist", arrays="numpy"), candidate.attribute(index, "name")
    plain = isinstance(labels, list) and all(isinstance(label, str | int | float) for label in labels)
    return labels if plain else [], name if isinstance(name, str) else None, dict(table.columns), given


def _table_form(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    rows = _draw_results(rng)
    labels, name, columns, _ = _summary(candidate, rows)
    missing = [column for column in COLUMNS if column not in columns]
    if missing:
        hint = " Are they in two levels, as after agg with a list?" if any(c.startswith("(") for c in columns) else ""
        raise Lost(f"summarise(final_results) has no column {', '.join(missing)}; its columns are "
                   f"{', '.join(map(str, columns))[:150]}.{hint}")  # fmt: skip
    if sorted(map(str, labels)) != sorted(set(rows["kind"])):
        hint = " Is kind a column of it? set_index makes it the index." if "kind" in columns else ""
        raise Lost(f"summarise(final_results) should have one row for each kind, with the kinds as its index, got the "
                   f"index {', '.join(map(str, labels))[:100] or '(two levels)'}.{hint}")  # fmt: skip
    if name != "kind":
        raise Lost("summarise(final_results): the index should be named kind.")


def _table_values(statistic: str) -> Any:
    """The columns of this statistic, 'mean' or 'std', hold it, kind by kind."""

    def question(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
        for _ in range(2):
            rows = _draw_results(rng)
            labels, _, columns, _ = _summary(candidate, rows)
            kinds = labels if sorted(map(str, labels)) == sorted(set(rows["kind"])) else columns.get("kind", [])
            if sorted(map(str, kinds)) != sorted(set(rows["kind"])):
                raise Lost("summarise(final_results) does not tell which row is whose, see above.")
            for column, (source, wanted) in COLUMNS.items():
                if wanted == statistic:
                    _require_values(columns.get(column), kinds, rows, column, source, wanted)

    return question


def _require_values(found: Any, kinds: list[Any], rows: Rows, column: str, source: str, wanted: str) -> None:
    """Lost unless the column holds this statistic of the column `source`, kind by kind."""
    values = [value.item() if isinstance(value, np.ndarray) and value.ndim == 0 else value for value in found or []]
    if len(values) != len(kinds) or not all(type(value) in (int, float) for value in values):
        raise Lost(f"summarise(final_results): {column} should hold numbers, one for each kind.")

    def right(name: str, of: str = source) -> Array:
        return np.array([STATISTICS[name](_of_kind(rows, str(kind), of)) for kind in kinds])

    def are(expected: Any) -> bool:
        return bool(np.allclose(values, expected, rtol=0, atol=1e-8))

    if are(right(wanted)):
        return
    what = f"summarise(final_results): {column}"
    for name in STATISTICS:
        if name != wanted and are(right(name)):
            hint = " The squares are to be divided by n - 1." if name.startswith("population") else ""
            raise Lost(f"{what} is the {name} of {source}.{hint}")
    other = "test_accuracy" if source == "train_accuracy" else "train_accuracy"
    if are(right(wanted, other)):
        raise Lost(f"{what} is computed from {other}.")
    if are(100 * right(wanted)):
        raise Lost(f"{what} is in percent; accuracies lie in [0, 1].")
    if any(are(right(wanted).round(digits)) for digits in (2, 3, 4)):
        raise Lost(f"{what} is rounded: round where numbers are shown, not in the table.")
    if are(STATISTICS[wanted](np.array(rows[source]))):
        raise Lost(f"{what} is that of all kinds together; asked for is one for each kind.")
    raise Lost(f"{what} is wrong: asked for is the {'mean' if wanted == 'mean' else 'sample standard deviation'} of "
               f"{source} over the seeds of a kind.")  # fmt: skip


def _table_of_its_argument(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """It depends on its argument alone, which stays as it is; a new kind, and other columns, are welcome."""
    rows = _draw_results(rng)
    rows["kind"] = ["transformer" if kind == rows["kind"][0] else kind for kind in rows["kind"]]
    rows |= {"seconds": [float(value) for value in rng.uniform(1, 9, len(rows["kind"]))]}
    labels, _, columns, given = _summary(candidate, rows)
    kinds = set(map(str, labels)) | set(map(str, columns.get("kind", [])))
    if not set(rows["kind"]) <= kinds:
        raise Lost("summarise(final_results) should have one row for each kind in its argument. Is the argument used, "
                   "or the notebook's own final_results, or a fixed list of kinds?")  # fmt: skip
    after = candidate.get(given)
    if not isinstance(after, Table) or after.columns.keys() != rows.keys() or len(after) != len(rows["kind"]):
        raise Lost("summarise(final_results) changes its argument in place.")


RESULTS_TABLE = Examination(
    "results_table",
    (
        Part("one row for each kind, four columns", 0.25, _table_form),
        Part("means", 0.25, _table_values("mean")),
        Part("sample standard deviations", 0.35, _table_values("std")),
        Part("from the argument alone, which stays as it is", 0.15, _table_of_its_argument),
    ),
)
