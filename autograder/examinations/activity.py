"""Examinations of `activity`: architectures, their comparison, and the best model.

Architectures are built here for two input shapes and examined as they are. The comparison is examined on the runs
that were kept; nothing long is trained again, but one short run is. The best model is asked about windows of people
whom nobody has met: they are drawn from the signal model of the embedded sample, with a seed that only the examiner
has.
"""

import contextlib
import functools
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.channel import Candidate, CandidateError, Remote, kind_of
from autograder.examinations import sweeps
from autograder.examinations.keras_layers import IDENTITIES
from autograder.examinations.keras_models import (
    KerasModel,
    NotAllowed,
    family,
    hidden_layers,
    predict,
    read_model,
    recompute,
    require_loss,
    require_trainable,
    require_truth,
)
from autograder.examinations.short_runs import Claims, short_run
from autograder.examinations.sweeps import Row, Sweep
from autograder.examine import Context, Examination, Lost, Part, ask_each
from autograder.records import Score
from helpers.data import activity, activity_signals
from helpers.results import Run

Array = np.ndarray

SHAPE, N_CLASSES = (activity_signals.WINDOW, len(activity_signals.CHANNELS)), len(activity_signals.ACTIVITIES)
OTHER_SHAPE, OTHER_CLASSES = (160, SHAPE[1]), 4
LEAST = 5
FAMILIES = ("MLP", "CNN", "RNN", "mixture")

COMPARISON = Sweep(
    exercise="comparison",
    variable="comparison",
    setting={"architecture": str, "regularised": bool, "batch_size": int, "epochs": int},
    metrics={
        "val_accuracy": sweeps.UNIT,
        "test_accuracy": sweeps.UNIT,
        "parameters": (1, 10**9),
        "seconds": (0, 10**7),
    },
    seeds=3,
    least={"architecture": 3, "batch_size": 2, "epochs": 2},  # that there are five costs in `architectures`
    grid=("architecture", "regularised"),
)

NEW_SUBJECTS, WINDOWS_EACH = 8, 4
FULL_ACCURACY = 0.75
"""Accuracy on windows of new people that earns all points; docs/results.md has the distribution over seeds."""
NO_ACCURACY = 0.35
"""Accuracy that earns none: telling rest from walking and guessing within them."""
REAL_WINDOWS = "the real test windows"
SIMULATED_WINDOWS = "simulated windows of new people, by models that learned from simulated ones"
FOREIGN_WINDOWS = "simulated windows of new people, by models that learned from real ones"
"""The leaderboards: what differs in what a model learned from or is asked about is not compared."""
FOREIGN_ACCURACY, FOREIGN_NOTHING = 0.45, 0.25
"""The same on simulated windows for a model that knows real ones: CNNs reach about 0.59 there, an MLP 0.51."""


# --- architectures --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Built:
    """A model that a builder gave: where it is, and as it describes itself."""

    remote: Remote
    model: KerasModel


def _builders(candidate: Candidate) -> dict[str, Remote]:
    """``ARCHITECTURES``; Lost when it has not the agreed form."""
    builders = candidate.lookup("ARCHITECTURES")
    if not isinstance(builders, dict) or not all(isinstance(name, str) for name in builders):
        raise Lost(f"ARCHITECTURES should be a dict from names to functions, got {kind_of(builders)}.")
    for name, builder in builders.items():
        if not isinstance(builder, Remote) or builder.kind in ("Sequential", "Functional"):
            raise Lost(f"ARCHITECTURES[{name!r}] should be a function (input_shape, n_classes) that builds a new model,"
                       f" got {kind_of(builder)}.")  # fmt: skip
    return builders


def _names(candidate: Candidate) -> set[str]:
    """The names in ``ARCHITECTURES``; none where it has not the agreed form, which costs in `architectures`."""
    try:
        return set(_builders(candidate))
    except (Lost, CandidateError):
        return set()


def _build(candidate: Candidate, builder: Remote, name: str, shape: tuple[int, int], n_classes: int) -> Built:
    """What a builder gives for this shape. Lost when it raises, or gives no model of allowed layers."""
    try:
        remote = candidate.call(builder, shape, n_classes, arrays="numpy")
    except CandidateError as error:
        raise Lost(f"ARCHITECTURES[{name!r}]({shape}, {n_classes}) raised {error}.") from None
    if not isinstance(remote, Remote):
        raise Lost(f"ARCHITECTURES[{name!r}] should return a keras.Model, got {kind_of(remote)}. Is `return` missing?")
    what = f"ARCHITECTURES[{name!r}]({shape}, {n_classes})"
    try:
        return Built(remote, read_model(candidate, remote, name=what, input_shape=shape))
    except CandidateError as error:
        raise Lost(f"{what} cannot be read: {error}.") from None


def _form(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """At least five builders; what they build is kept for the parts below."""
    builders = _builders(candidate)
    built: dict[str, Built] = {}
    refused: dict[str, str] = {}
    context.memory["architectures"], context.memory["refused"] = built, refused
    failed: list[str] = []
    for name, builder in list(builders.items())[:40]:
        try:
            built[name] = _build(candidate, builder, name, SHAPE, N_CLASSES)
        except Lost as lost:
            if isinstance(lost, NotAllowed):
                refused[name] = lost.message
            else:
                failed.append(lost.message)
    if len(builders) < LEAST:
        raise Lost(f"ARCHITECTURES has {len(builders)} entries, {LEAST} or more are asked for.",
                   earned=len(builders) / LEAST / 2)  # fmt: skip
    if failed:
        raise Lost(" ".join(failed[:3]), earned=1 - len(failed) / len(builders))


def _built(context: Context) -> dict[str, Built]:
    """The architectures that could be read; Lost when there are none."""
    built: dict[str, Built] = context.memory.get("architectures", {})
    if not built:
        raise Lost("no architecture could be examined, see above.")
    return built


def _allowed(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """Nothing but layers of the list."""
    refused: dict[str, str] = context.memory.get("refused", {})
    if refused:
        raise Lost(" ".join(list(refused.values())[:3]))
    _built(context)


def _families(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """A pure MLP, a pure CNN, a pure RNN and a mixture are among them, and each is a network."""
    found: dict[str, list[str]] = {kind: [] for kind in FAMILIES}
    shallow: list[str] = []
    for name, item in _built(context).items():
        with contextlib.suppress(Lost):  # a model that does not fit together is of no kind; it costs below
            (found[family(item.model)] if hidden_layers(item.model) > 0 else shallow).append(name)
    missing = [kind for kind in FAMILIES if not found[kind]]
    if missing:
        told = ", ".join(f"{name!r} is {_a(kind)}" for kind, names in found.items() for name in names)
        told += "".join(f", {name!r} has no hidden layer" for name in shallow)
        words = {"mixture": "a mixture"} | {kind: f"a pure {kind}" for kind in FAMILIES[:3]}
        raise Lost(
            f"ARCHITECTURES lacks {' and '.join(words[kind] for kind in missing)}: by what their layers do, "
            f"{told.lstrip(', ')}. A SimpleRNN on a single time step carries no state, and Dense layers on a "
            "flattened sequence of states are an MLP on top of an RNN.",
            earned=1 - len(missing) / len(FAMILIES),
        )


def _a(kind: str) -> str:
    return {"MLP": "an MLP", "CNN": "a CNN", "RNN": "an RNN", "mixture": "a mixture"}[kind]


def _truth(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """Each model gives what its layers and weights give, for as many classes as asked for."""
    inputs = rng.normal(scale=0.5, size=(4, *SHAPE)).astype(np.float32)
    for item in _built(context).values():
        require_truth(item.model, inputs, predict(candidate, item.remote, inputs, N_CLASSES, item.model.name))


def _other_shape(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """Builders follow their arguments, and build a new model at each call."""
    builders, built = _builders(candidate), _built(context)

    def ask(name: str) -> None:
        again = _build(candidate, builders[name], name, SHAPE, N_CLASSES)
        if candidate.keras_shared(built[name].remote, again.remote):
            raise Lost(f"{again.model.name}, called twice, gives models that share weights: the second begins where "
                       "the first was trained to. Is each layer made inside of the function?")  # fmt: skip
        try:
            _require_other_shape(_build(candidate, builders[name], name, OTHER_SHAPE, OTHER_CLASSES).model)
        except Lost as lost:
            raise Lost(f"{lost.message} Do shapes and the number of classes follow the arguments?") from None

    ask_each(built, ask)


def _require_other_shape(model: KerasModel) -> None:
    if model.example_shape != OTHER_SHAPE:
        raise Lost(f"{model.name} expects inputs of shape {model.input_shape}.")
    # What it says is enough: that it computes what it says was seen for the other shape.
    outputs = recompute(model, np.zeros((1, *OTHER_SHAPE)))
    if outputs.shape != (1, OTHER_CLASSES):
        raise Lost(f"{model.name} gives outputs of shape {outputs.shape} for one example.")


def _compiled(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """Compiled, with a loss for integer labels that fits the output; something is trained.

    Nothing is fitted here: the gradient of a SimpleRNN over 128 steps takes seconds, and the comparison shows it.
    """

    def ask(item: Built) -> None:
        require_loss(candidate, item.remote, item.model, rng)
        require_trainable(item.model)

    ask_each(_built(context).values(), ask, lambda item: item.model.name)


ARCHITECTURES = Examination(
    "architectures",
    (
        Part("five builders or more", 0.15, _form),
        Part("allowed layers", 0.15, _allowed),
        Part("a pure MLP, CNN and RNN, and a mixture", 0.3, _families),
        Part("outputs are those of the layers", 0.1, _truth),
        Part("other shapes", 0.1, _other_shape),
        Part("compiled for integer labels, trainable", 0.2, _compiled),
    ),
    seconds=40.0,
)


# --- comparison -----------------------------------------------------------------------------------------------


def _all_architectures(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """Every architecture of the notebook is compared, with and without regularisation."""
    rows = sweeps.rows_of(context, COMPARISON)
    compared = {row["architecture"] for row in rows}
    names = _names(candidate)
    missing = sorted(names - compared)
    # Runs of architectures that are not there (any more) are examined as what they are.
    if missing and compared <= names:
        raise Lost(f"comparison has no rows for {', '.join(missing)[:200]} of ARCHITECTURES.")
    if {row["regularised"] for row in rows} != {True, False}:
        raise Lost("comparison should have every architecture with and without regularisation.")
    for name in compared:
        for regularised in (True, False):
            counts = {r["parameters"] for r in rows if (r["architecture"], r["regularised"]) == (name, regularised)}
            if len(counts) > 1 or not all(count == int(count) for count in counts):
                raise Lost(f"comparison: {name} has {', '.join(f'{n:g}' for n in sorted(counts))} parameters; the same "
                           "architecture should have the same number in every run.")  # fmt: skip


def _split_by_subject(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """No person's windows on both sides, for people whom the examiner draws."""
    for n_subjects, mixed in ((9, False), (5, True), (2, True)):
        names = rng.choice(30, size=n_subjects, replace=False) + 1
        subjects = np.repeat(names, rng.integers(12, 20, size=n_subjects))
        if mixed:
            subjects = rng.permutation(subjects)
        _require_split(candidate.call("validation_split", subjects, arrays="numpy"), subjects)


def _require_split(reply: Any, subjects: Array) -> None:
    asked = f"validation_split on {len(subjects)} windows of {len(set(subjects.tolist()))} subjects"
    if not isinstance(reply, tuple | list) or len(reply) != 2:
        raise Lost(f"{asked} should return (train_indices, validation_indices), got {kind_of(reply)}.")
    train, validation = (_indices(part, len(subjects), asked) for part in reply)
    together = np.sort(np.concatenate([train, validation]))
    if set(together.tolist()) == set(subjects.tolist()):
        raise Lost(f"{asked} returned the numbers of the subjects; indices of their windows are asked for.")
    if not len(train) or not len(validation):
        raise Lost(f"{asked}: one of the two sides is empty.")
    if not np.array_equal(together, np.arange(len(subjects))):
        raise Lost(f"{asked}: every window should be on one of the two sides, once. Is the argument used?")
    shared = set(subjects[train].tolist()) & set(subjects[validation].tolist())
    if shared:
        raise Lost(f"{asked}: windows of {len(shared)} subjects are on both sides. Overlapping windows of one person "
                   "share half of their samples, so the validation accuracy would be far too good.")  # fmt: skip
    if len(validation) > 2 * len(train) and len(set(subjects.tolist())) > 2:
        raise Lost(f"{asked}: the validation side is much larger than the training side. Are they exchanged?")


def _indices(part: Any, n: int, asked: str) -> Array:
    part = np.asarray(part) if isinstance(part, list) else part
    if isinstance(part, np.ndarray) and part.dtype == bool and part.shape == (n,):
        raise Lost(f"{asked} should return indices of windows, got boolean masks: np.flatnonzero gives indices.")
    if not isinstance(part, np.ndarray) or part.dtype.kind not in "iu" or part.ndim != 1:
        raise Lost(f"{asked} should return two arrays of indices of windows, got {kind_of(part)}. Are they the "
                   "subjects?")  # fmt: skip
    if len(part) and not (part.min() >= 0 and part.max() < n):
        raise Lost(f"{asked} should return indices of windows from 0 to {n - 1}, got {part.min()} to {part.max()}.")
    return part


def _seconds(run: Row) -> float:
    return float(run["seconds"])


COUNTED_ON = {"val_accuracy": 60, "test_accuracy": 420}
"""Windows of the sample by which accuracies are counted: of one subject at least, and of all test subjects."""
CLAIMS = Claims(COMPARISON, "Activity", COUNTED_ON, modest=0.9, cost=_seconds)
"""Short trainings of small networks reach 0.7 to 0.9 on the sample (docs/results.md)."""


def _architecture_is_right(candidate: Candidate, rng: np.random.Generator, run: Run) -> None:
    """The architecture of a run is there, has its number of parameters, and is what `architectures` asks for."""
    builders, name = _builders(candidate), str(run.setting["architecture"])
    if name not in builders:
        raise Lost(f"ARCHITECTURES has no {name!r} any more.")
    regularised = bool(run.setting["regularised"])
    remote = candidate.call(builders[name], SHAPE, N_CLASSES, regularised=regularised, arrays="numpy")
    model = read_model(candidate, remote, name=name, input_shape=SHAPE)
    if model.parameters != run.metrics["parameters"]:
        raise Lost(f"ARCHITECTURES[{name!r}] is another one than it was.")
    inputs = rng.normal(scale=0.5, size=(4, *SHAPE)).astype(np.float32)
    require_truth(model, inputs, predict(candidate, remote, inputs, N_CLASSES, name))
    require_loss(candidate, remote, model, rng)
    require_trainable(model)


COMPARED = Examination(
    "comparison",
    (
        Part("comparison: form", 0.05, sweeps.form(COMPARISON)),
        Part(
            "complete: seeds, batch sizes, epochs, with and without regularisation", 0.15, sweeps.complete(COMPARISON)
        ),
        Part("every architecture", 0.15, _all_architectures),
        Part("the table is that of the kept runs", 0.15, sweeps.follows_runs(COMPARISON)),
        Part("seeds used", 0.1, sweeps.seeds_used(COMPARISON, "val_accuracy")),
        Part("split by subject", 0.25, _split_by_subject),
        Part("a short run, made again, comes near", 0.15, short_run(CLAIMS, _architecture_is_right)),
    ),
    seconds=60.0,
)


# --- best model -------------------------------------------------------------------------------------------------


def _best_name(candidate: Candidate, context: Context) -> str:
    name = candidate.lookup("best_architecture")
    known = _names(candidate) | {str(row["architecture"]) for row in _kept_rows(context)}
    if not isinstance(name, str):
        raise Lost(f"best_architecture should be a name, a key of ARCHITECTURES, got {kind_of(name)}.")
    if name not in known:
        raise Lost(f"best_architecture is {name[:60]!r}, which is no key of ARCHITECTURES.")
    return name


def _chosen_by_validation(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """The name is the one that the validation accuracies choose, of the kept runs or of those in the table."""
    name = _best_name(candidate, context)
    found = [rows for rows in (_kept_rows(context), _table_rows(candidate)) if rows]
    if not found:
        raise Lost("no runs of the comparison came with the hand-in: there is nothing to choose by.")
    if any(name in _winners(rows, "val_accuracy") for rows in found):
        return
    hint = ""
    if any(name in _winners(rows, "test_accuracy") for rows in found):
        hint = " It is the best on the test windows: what they say must not decide."
    raise Lost(f"best_architecture is {name!r}, but by validation accuracy comparison has another one in front.{hint}")


def _kept_rows(context: Context) -> list[Row]:
    """The kept runs of the comparison that have what a choice needs."""
    wanted = {*COMPARISON.setting, "val_accuracy", "test_accuracy"}
    rows = [run.setting | {"seed": run.seed} | run.metrics for run in context.runs if run.exercise == "comparison"]
    return [row for row in rows if wanted <= set(row)]


def _table_rows(candidate: Candidate) -> list[Row]:
    """The rows of the notebook's table; none when it has not the agreed form, which costs in `comparison`."""
    try:
        return sweeps.read_rows(candidate.lookup("comparison"), COMPARISON)
    except (Lost, CandidateError):
        return []


def _winners(rows: list[Row], metric: str) -> set[str]:
    """Architectures that are best by the mean over a setting's seeds, by a single run, or by the mean of their runs."""

    def group(*columns: str) -> dict[Any, list[Row]]:
        groups: dict[Any, list[Row]] = {}
        for row in rows:
            groups.setdefault(tuple(row[column] for column in columns), []).append(row)
        return groups

    best: set[str] = set()
    for columns in (("architecture",), tuple(COMPARISON.setting), (*COMPARISON.setting, "seed")):
        means = {key: float(np.mean([row[metric] for row in found])) for key, found in group(*columns).items()}
        top = max(means.values())
        best |= {str(key[0]) for key, mean in means.items() if mean >= top - 1e-9}
    return best


def _of_that_architecture(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """best_model is built like ARCHITECTURES[best_architecture], if that is there, and gives what its layers give."""
    model = read_model(candidate, _best_model(candidate), name="best_model")
    inputs = _new_windows(rng, 2, 2)[0]
    require_truth(model, inputs, predict(candidate, "best_model", inputs, N_CLASSES, "best_model"))
    name = _best_name(candidate, context)
    if name not in _names(candidate):
        return
    twin = _build(candidate, _builders(candidate)[name], name, SHAPE, N_CLASSES).model
    if _structure(model) != _structure(twin):
        raise Lost(f"best_model is not built like ARCHITECTURES[{name!r}]: it has {_told(model)}, where that has "
                   f"{_told(twin)}.")  # fmt: skip


def _best_model(candidate: Candidate) -> Remote:
    try:
        model = candidate.lookup("best_model")
    except CandidateError as error:
        raise Lost(f"the notebook does not set best_model: {error.message}. Do the kept weights come with the "
                   "hand-in?") from None  # fmt: skip
    if not isinstance(model, Remote):
        raise Lost(f"best_model should be a trained keras.Model, got {kind_of(model)}.")
    return model


def _structure(model: KerasModel) -> list[tuple[str, list[tuple[int, ...]]]]:
    """Layers and the shapes of their weights, without those that only regularise."""
    return [
        (layer.kind, sorted(value.shape for value in layer.weights.values()))
        for layer in model.layers
        if layer.kind not in (*IDENTITIES, "InputLayer") and not layer.kind.startswith("ops.")
    ]


def _told(model: KerasModel) -> str:
    kinds = [kind for kind in model.kinds if kind not in (*IDENTITIES, "InputLayer")]
    return f"{', '.join(kinds)[:300]} with {model.parameters} parameters"


def _as_claimed(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """The kept run's accuracy on the test windows is the model's."""
    run = _best_run(context)
    test = _test_windows(_trained_on_sample(run))
    if test is None:
        return  # the examiner does not hold the data that the accuracies were measured on (docs/security.md)
    accuracy = _accuracy(candidate, *test)
    claimed = run.metrics.get("test_accuracy", -1.0)
    # One window more or less may fall on the other side on another machine, some more where a mirror rounds.
    if not abs(accuracy - claimed) <= max(1.5 / len(test[1]), 0.0 if _trained_on_sample(run) else 0.005):
        raise Lost(f"best_model reaches {accuracy:.3f} on the test windows; the kept run claims {claimed:.3f}. Do the "
                   "kept weights belong to this model?")  # fmt: skip


def _trained_on_sample(run: Run) -> bool:
    return run.data.get("source", "sample") == "sample"


def _best_runs(context: Context) -> list[Run]:
    return [run for run in context.runs if run.exercise == "best_model"]


def _best_run(context: Context) -> Run:
    runs = _best_runs(context)
    if not runs:
        raise Lost("no trained model came with the hand-in: run the cell that trains best_model and hand in the saved "
                   "notebook.")  # fmt: skip
    return runs[-1]


@functools.cache
def _test_windows(of_sample: bool) -> tuple[Array, Array] | None:
    """Test windows and labels of the sample, or of the real data where they are at hand."""
    with contextlib.redirect_stdout(None):  # what it says of itself is for notebooks
        data = activity.load(source="sample" if of_sample else "auto", progress=False)
    return data.test.arrays if of_sample or data.source != "sample" else None


def _new_windows(rng: np.random.Generator, subjects: int, each: int) -> tuple[Array, Array]:
    windows, labels, _ = activity_signals.windows(rng, subjects, windows_each=each)
    return windows, labels


def _accuracy(candidate: Candidate, windows: Array, labels: Array) -> float:
    outputs = predict(candidate, "best_model", windows, N_CLASSES, "best_model")
    return float((outputs.argmax(axis=1) == labels).mean())


def _new_people(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """Accuracy on windows of people whom the model has never met: simulated ones, or those of the real test set.

    A model that was trained on real windows is asked about the real test windows where the examiner has them, and
    told what it reaches; where not, less is expected of it on simulated ones, since they differ from what it knows.
    """
    _best_model(candidate)
    runs = _best_runs(context)
    real = bool(runs) and not _trained_on_sample(runs[-1])
    test = _test_windows(False) if real else None
    windows, labels = test or _new_windows(rng, NEW_SUBJECTS, WINDOWS_EACH)
    enough, nothing = (FOREIGN_ACCURACY, FOREIGN_NOTHING) if real and test is None else (FULL_ACCURACY, NO_ACCURACY)
    accuracy = _accuracy(candidate, windows, labels)
    board = REAL_WINDOWS if test is not None else FOREIGN_WINDOWS if real else SIMULATED_WINDOWS
    context.scores.append(Score(board, round(accuracy * len(labels)), len(labels)))
    if accuracy < enough:
        earned = max(0.0, (accuracy - nothing) / (enough - nothing))
        raise Lost(f"best_model recognises {accuracy:.0%} of {len(labels)} windows of people whom it has never met; "
                   f"{enough:.0%} earns all points (guessing: {1 / N_CLASSES:.0%}).", earned)  # fmt: skip
    if test is not None:
        raise Lost(f"for the leaderboard: {accuracy:.2%} of the {len(labels)} real test windows are right.", earned=1)


BEST_MODEL = Examination(
    "best_model",
    (
        Part("best_architecture: chosen by validation", 0.25, _chosen_by_validation),
        Part("best_model: of that architecture, as it says", 0.2, _of_that_architecture),
        Part("best_model: as claimed", 0.15, _as_claimed),
        Part("best_model: new people", 0.4, _new_people),
    ),
    seconds=20.0,
)

EXAMINATIONS = (ARCHITECTURES, COMPARED, BEST_MODEL)
