"""Examination of `training`: the results that were handed in, the model that came with them, and one short run.

Training is not repeated. The kept runs are checked for form and consistency, the handed-in model is asked
about clips that no student has heard, and ``train_models`` is run twice on small data drawn here: once to
see that it learns and reports what its models do, once with validation labels that contradict the training
labels, on which longer training makes the accuracy worse, so that keeping the best state shows.
"""

import contextlib
import functools
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autograder.channel import Candidate, CandidateError, Remote, Table, kind_of
from autograder.examinations.models import MODES, STAND_IN_CELLS
from autograder.examine import Context, Examination, Lost, Part
from helpers.data import speech_commands
from helpers.results import Run

Array = np.ndarray
Split = tuple[Array, Array]

KINDS = {"RNN": "RNNModel", "Bidir": "BidirRecurrentModel"}
PAIRS = tuple(itertools.product(KINDS, MODES))
HIDDEN_SIZE, NUM_LAYERS = 32, 3

CLIPS = Path(__file__).with_name("speech_commands_clips.npz")
STAND_INS = STAND_IN_CELLS + "\n\n" + (Path(__file__).parent / "stand_in_models.py").read_text()

CHANCE = 1 / 3
FULL_ACCURACY = 0.7
"""Accuracy on the examiner's clips that earns all points; docs/results.md has the distribution over seeds."""
NO_ACCURACY = 0.45
"""Accuracy that earns none: a model that guesses reaches it once in five hundred times."""

TOY_TIME, TOY_FEATURES, TOY_CLASSES = 2, 20, 3
TOY_TRAIN, TOY_VALIDATION = 30, 65
"""65: whoever averages over batches of 8, 16, 32 or 64 gives the single example that is left over too much weight."""


# --- what was handed in ---------------------------------------------------------------------------------


def _results(candidate: Candidate) -> dict[tuple[str, str], dict[str, float]]:
    """The notebook's ``results`` by (model, mode); Lost when it has not the agreed form."""
    try:
        table = candidate.lookup("results")
    except CandidateError as error:
        raise Lost(f"the notebook does not set results: {error.message}. Did the training cell run, and do the "
                   "kept results come with the hand-in?") from None  # fmt: skip
    rows = _rows(table, "results", ("val_accuracy", "test_accuracy"))
    if set(rows) != set(PAIRS):
        missing = sorted(set(PAIRS) - set(rows))
        raise Lost(f"results should have one row for each of the eight models; missing: {missing}.")
    return rows


def _rows(table: Any, name: str, numbers: tuple[str, ...]) -> dict[tuple[str, str], dict[str, float]]:
    if not isinstance(table, Table):
        raise Lost(f"{name} should be a pandas DataFrame, got {kind_of(table)}.")
    for column in ("model", "mode", *numbers):
        if column not in table.columns:
            raise Lost(f"{name} has no column {column!r}; its columns are {sorted(table.columns)[:10]}.")
    lengths = {len(column) if isinstance(column, list) else -1 for column in table.columns.values()}
    if len(lengths) != 1 or lengths == {-1}:
        raise Lost(f"{name} has columns of different lengths.")
    rows: dict[tuple[str, str], dict[str, float]] = {}
    for i, pair in enumerate(zip(table.columns["model"], table.columns["mode"], strict=False)):
        values = {column: table.columns[column][i] for column in numbers}
        for column, value in values.items():
            if isinstance(value, np.ndarray):
                value = value.item() if value.ndim == 0 else None
            if not isinstance(value, int | float) or not 0 <= value <= 1:
                raise Lost(f"{name}: {column} of {pair} is {value!r}; accuracies lie in [0, 1], not in percent.")
            values[column] = float(value)
        model, mode = map(str, pair)
        rows[model, mode] = values
    return rows


def _best_run(context: Context) -> Run:
    """The kept run that came with weights: the model that was handed in."""
    runs = [run for run in context.runs if run.exercise == "training"]
    if not runs:
        raise Lost("no results came with the hand-in: run the training cell and hand in the saved notebook.")
    with_weights = [run for run in runs if run.weights is not None]
    if not with_weights:
        raise Lost("none of the kept runs has weights: the best model is missing from the hand-in.")
    return max(with_weights, key=lambda run: run.metrics.get("val_accuracy", 0.0))


def _pair(run: Run) -> tuple[str, str]:
    return str(run.setting.get("model")), str(run.setting.get("mode"))


def _words(run: Run, known: Sequence[str]) -> tuple[str, ...]:
    """The words that a run says its classes are: as many as were asked for, since fewer are easier to tell apart."""
    words = run.data.get("words", speech_commands.WORDS)
    plain = isinstance(words, list | tuple) and all(isinstance(word, str) for word in words)
    if not plain or len(set(words)) != len(words) or len(words) != len(speech_commands.WORDS):
        raise Lost(f"the kept run of the best model should name its {len(speech_commands.WORDS)} words.")
    if not set(words) <= set(known):
        raise Lost(f"the examiner has no clips of {sorted(set(words) - set(known))}; it has {list(known)}.")
    return tuple(words)


def _results_form(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """Eight rows, accuracies, and no other figures than those of the kept runs."""
    rows = _results(candidate)
    kept = {_pair(run): run for run in context.runs if run.exercise == "training"}
    for pair, row in rows.items():
        run = kept.get(pair)
        if run is None:
            raise Lost(f"results has a row for {pair}, but no run of it came with the hand-in.")
        for name, value in row.items():
            if not abs(run.metrics.get(name, -1.0) - value) <= 1e-6:  # a kept nan agrees with nothing
                raise Lost(f"results: {name} of {pair} is {value:.4f}, but the run that was kept says otherwise.")


def _chosen_by_validation(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """The handed-in model is the one with the best validation accuracy, and predicts what is claimed."""
    rows, run = _results(candidate), _best_run(context)
    pair = _pair(run)
    best = max(row["val_accuracy"] for row in rows.values())
    if pair not in rows or rows[pair]["val_accuracy"] < best - 1e-9:
        raise Lost(f"the model handed in is {pair}, but another has a higher val_accuracy ({best:.3f}). "
                   "Choose by validation accuracy, never by the test set.")  # fmt: skip
    if run.data.get("source") != "sample":
        return  # the examiner does not hold the data that the accuracies were measured on (docs/security.md)
    for split, name in (("validation", "val_accuracy"), ("test", "test_accuracy")):
        features, labels = _sample(split, _words(run, speech_commands.WORDS))
        accuracy = float((_predict(candidate, "best_model", _standardised(features, run)) == labels).mean())
        # One clip more or less may fall on the other side on another machine.
        if abs(accuracy - rows[pair][name]) > 1.5 / len(labels):
            raise Lost(f"best_model reaches {accuracy:.3f} on the {split} clips; results claims {rows[pair][name]:.3f}."
                       " Do the kept weights belong to these classes, and is best_model the model with the best "
                       "validation accuracy?")  # fmt: skip


def _new_clips(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """Accuracy of the handed-in model on clips of voices that no student has."""
    run = _best_run(context)
    features, labels = examiners_clips(_words(run, _clip_words()))
    accuracy = float((_predict(candidate, "best_model", _standardised(features, run)) == labels).mean())
    if accuracy < FULL_ACCURACY:
        earned = max(0.0, (accuracy - NO_ACCURACY) / (FULL_ACCURACY - NO_ACCURACY))
        raise Lost(f"best_model recognises {accuracy:.0%} of {len(labels)} clips by voices that it has never heard; "
                   f"{FULL_ACCURACY:.0%} earns all points (guessing: {CHANCE:.0%}).", earned)  # fmt: skip


def _standardised(features: Array, run: Run) -> Array:
    """Features as the handed-in model was trained on them: with the statistics kept with its run."""
    try:
        mean, std = (np.asarray(run.data.get(name, []), np.float32) for name in ("mean", "std"))
    except (ValueError, TypeError):
        raise Lost("the mean and std of the best model's kept run should be lists of numbers.") from None
    if mean.shape != features.shape[-1:] or std.shape != mean.shape or not (std > 0).all():
        return features  # trained without standardising
    return speech_commands.standardise(features, mean, std)


@functools.cache
def _sample(split: str, words: tuple[str, ...]) -> Split:
    with contextlib.redirect_stdout(None):  # what it says of itself is for notebooks
        data = speech_commands.load(words=words, source="sample", progress=False)
    return getattr(data, split).arrays


@functools.cache
def _clip_words() -> tuple[str, ...]:
    with np.load(CLIPS, allow_pickle=False) as stored:
        return tuple(map(str, stored["words"]))


@functools.cache
def examiners_clips(words: tuple[str, ...]) -> Split:
    """Raw MFCC (n, 32, 20) and labels (n,) of the examiner's clips of these words."""
    with np.load(CLIPS, allow_pickle=False) as stored:
        spoken = stored["words"][stored["labels"]]
        chosen = np.isin(spoken, words)
        labels = np.asarray([words.index(word) for word in spoken[chosen]])
        return stored["features"][chosen], labels


def _predict(candidate: Candidate, model: Remote | str, features: Array) -> Array:
    """Predicted class ids (n,) of a model of the candidate."""
    logits = candidate.call(model, np.ascontiguousarray(features, np.float32))
    name = model if isinstance(model, str) else "the trained model"
    if (
        not isinstance(logits, np.ndarray)
        or logits.dtype.kind != "f"
        or logits.shape[:-1] != (len(features),)
        or not logits.size
    ):
        raise Lost(f"{name} should return logits (batch, classes) for features of shape {features.shape}.")
    if not np.isfinite(logits).all():
        raise Lost(f"{name} returns logits that are not finite.")
    return logits.argmax(axis=1)


# --- the short runs -----------------------------------------------------------------------------------------


def _toy(rng: np.random.Generator, n: int, prototypes: Array) -> Split:
    """Sequences (n, time, features) of standard normal noise on a class's own course over time; labels (n,)."""
    labels = rng.permutation(np.arange(n) % TOY_CLASSES)
    noise = rng.normal(size=(n, TOY_TIME, TOY_FEATURES))
    return (prototypes[labels] + noise).astype(np.float32), labels.astype(np.int64)


def _draw_toy(rng: np.random.Generator) -> tuple[Split, Split]:
    prototypes = rng.normal(scale=2.0, size=(TOY_CLASSES, TOY_TIME, TOY_FEATURES))
    return _toy(rng, TOY_TRAIN, prototypes), _toy(rng, TOY_VALIDATION, prototypes)


class ShortRun:
    """What one call of ``train_models`` returned: rows by (model, mode), and the models."""

    def __init__(self, candidate: Candidate, train: Split, validation: Split) -> None:
        reply = candidate.call("train_models", train, validation, arrays="numpy")
        if not isinstance(reply, tuple | list) or len(reply) != 2:
            raise Lost(f"train_models should return (DataFrame, dict of models), got {kind_of(reply)}.")
        table, models = reply
        self.rows = _rows(table, "the DataFrame of train_models", ("val_accuracy",))
        if set(self.rows) != set(PAIRS) or len(table) != len(PAIRS):
            raise Lost(f"the DataFrame of train_models should have one row for each of {PAIRS}; it has {len(table)}.")
        if not isinstance(models, dict) or set(models) != set(PAIRS):
            keys = sorted(map(str, models))[:8] if isinstance(models, dict) else kind_of(models)
            raise Lost(f"train_models should return the models in a dict with the keys (model, mode), got {keys}.")
        if not all(isinstance(model, Remote) for model in models.values()):
            raise Lost("the dict of train_models should hold the trained models themselves.")
        self.models: dict[tuple[str, str], Remote] = models

    def accuracies(self, candidate: Candidate, data: Split) -> dict[tuple[str, str], float]:
        """What the models really reach, by the examiner's own count."""
        return {pair: float((_predict(candidate, m, data[0]) == data[1]).mean()) for pair, m in self.models.items()}


def _run_form(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """One short run on data that can be learned; each model is of the kind that its key says."""
    train, validation = _draw_toy(rng)
    run = ShortRun(candidate, train, validation)
    context.memory["learned"] = (run, train, validation)
    for (kind, mode), model in run.models.items():
        parameters = candidate.parameters(model)
        twin = candidate.construct(KINDS[kind], mode, TOY_FEATURES, HIDDEN_SIZE, NUM_LAYERS, True, TOY_CLASSES)
        shapes = {name: value.shape for name, value in candidate.parameters(twin).items()}
        expected = f"{KINDS[kind]}({mode!r}, {TOY_FEATURES}, {HIDDEN_SIZE}, {NUM_LAYERS}, True, {TOY_CLASSES})"
        wrong = f"train_models: the model under {(kind, mode)} is not an {expected}."
        if {name: value.shape for name, value in parameters.items()} != shapes:
            raise Lost(wrong)
        candidate.set_parameters(twin, parameters)
        probe = validation[0][:8]
        answers = [candidate.call(m, probe) for m in (model, twin)]
        if not all(isinstance(a, np.ndarray) and a.dtype.kind == "f" and a.shape == (8, TOY_CLASSES) for a in answers):
            raise Lost(f"train_models: the model under {(kind, mode)} does not return logits (batch, classes).")
        if not np.allclose(answers[0], answers[1], atol=1e-4):
            raise Lost(wrong + " Are modes mixed up?")


def _reported(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """The reported validation accuracies are those of the returned models."""
    run, _, validation = _learned(context)
    _require_truth(run, run.accuracies(candidate, validation))


def _require_truth(run: ShortRun, real: dict[tuple[str, str], float]) -> None:
    wrong = {pair for pair in PAIRS if abs(real[pair] - run.rows[pair]["val_accuracy"]) > 1.5 / TOY_VALIDATION}
    if wrong:
        pair = min(wrong)
        raise Lost(
            f"train_models reports val_accuracy {run.rows[pair]['val_accuracy']:.3f} for {pair}, but the returned "
            f"model reaches {real[pair]:.3f} on that validation set ({len(wrong)} of 8 models). Is the state with the "
            "best validation accuracy put back, and the accuracy counted over the validation set alone, each example "
            "once (a mean over batches of unequal size is something else)?"
        )


def _learns(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """Gated models learn an easy task from the data that were passed; plain ones need not."""
    run, train, validation = _learned(context)
    # Labels torn from their features may agree by luck on one of the two sets, seldom on both.
    mean = min(_gated_mean(run.accuracies(candidate, data)) for data in (train, validation))
    if mean < 0.8:
        raise Lost(
            f"train_models on {TOY_TRAIN} easy sequences: its LSTM and GRU models reach {mean:.2f}. Do features and "
            "labels stay together, are the arguments used (not the notebook's globals), and does the optimizer step?"
        )


def _gated_mean(accuracies: dict[tuple[str, str], float]) -> float:
    return float(np.mean([accuracies[pair] for pair in PAIRS if pair[1] in ("LSTM", "GRU")]))


def _learned(context: Context) -> tuple[ShortRun, Split, Split]:
    if "learned" not in context.memory:
        raise Lost("train_models did not return what is asked for, see above.")
    return context.memory["learned"]


def _keeps_best(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """With contradicting validation labels, training only lowers the validation accuracy."""
    _learned(context)
    train, (features, labels) = _draw_toy(rng)
    contradicting = (features, (labels + 1) % TOY_CLASSES)
    run = ShortRun(candidate, train, contradicting)
    real = run.accuracies(candidate, contradicting)
    mean = _gated_mean(real)
    if mean > 0.5:
        raise Lost("the models fit labels that occur in the validation set only: it seems to be trained on.")
    if mean < 0.15:
        raise Lost(
            "on a validation set on which longer training makes the accuracy worse, the returned models are those of "
            "the last epoch. Keep a copy of the best state (state_dict shares its memory: copy it) and put it back."
        )
    _require_truth(run, real)


TRAINING = Examination(
    "training",
    (
        Part("results: eight models", 0.1, _results_form),
        Part("best model: chosen by validation, as claimed", 0.15, _chosen_by_validation),
        Part("best model: new voices", 0.3, _new_clips),
        Part("train_models: form, each model under its key", 0.15, _run_form),
        Part("train_models: reports what its models reach", 0.1, _reported),
        Part("train_models: learns from its arguments", 0.1, _learns),
        Part("train_models: keeps the best state", 0.1, _keeps_best),
    ),
    seconds=60.0,
    builds_on=("lstm_cell", "gru_cell", "rnn_model", "bidirectional_model"),
    stand_ins=STAND_INS,
)
