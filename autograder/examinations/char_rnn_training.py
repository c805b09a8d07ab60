"""Examination of `training`: the model that was handed in, and short runs of ``train_char_rnn``.

Training is not repeated. The kept run brings the ids of its text, so that any text may be used: the examiner asks the
trained model for its logits on the validation part, character after character, and compares its bits per character
with those of an n-gram model of the training part (helpers.ngrams).

``train_char_rnn`` itself is called on a text that is drawn here, with a model of the examiner's that learns fast and
takes notes (the instruments): which ids it was trained on, from which call its state came and whether that carried a
gradient, how large the gradient was when the optimizer made its step. The text is a second-order Markov chain: of the
two characters before, each alone says nothing about the next, so that the entropy is known and a model that does not
learn stays at log2 of the number of symbols.
"""

import functools
import hashlib
import itertools
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from autograder.channel import Candidate, CandidateError, Remote, Table, kind_of
from autograder.examinations.char_rnn_sampling import STAND_IN_BATCHES
from autograder.examinations.char_rnn_text import INSTRUMENTS
from autograder.examine import Context, Examination, Lost, Part
from helpers.ngrams import character_bits
from helpers.results import Run

Array = np.ndarray

STAND_INS = STAND_IN_BATCHES + "\n\n" + (Path(__file__).parent / "char_rnn_stand_ins.py").read_text()

LEAST_TRAIN, LEAST_VALIDATION = 15_000, 1_500
"""Ids of the kept text below which no figure means much; the loader takes no text that would give fewer."""
ROWS, ROW, WARM_UP = 16, 1_000, 50
"""The sample of the validation text: rows, characters of each, and those at its beginning that are not counted."""
FULL_RATIO = 1.05
"""Bits per character, relative to the n-gram model with two characters of context, that earn all points. None are
earned at the bits of the one with a single character of context. docs/results.md has what networks reach."""
EASY = 0.5
"""Bits per character of an n-gram model below which a text is too easy: it repeats itself."""
COPIED = 0.5
"""Share of the validation text that may occur in the training text word for word."""
CLAIMED = 0.1
"""Bits by which the claimed validation_bpc may differ from the sample's, beside the sample's own spread."""

SYMBOLS, TRAIN, VALIDATION = 12, 6_000, 3_000
SURE = 0.66
"""Probability that the character comes which the two before ask for; else one of all, all equally likely."""
LEARNED, UNLEARNED = 2.6, 3.4
"""Bits on the validation text of the short run that earn all points, and none; docs/results.md has the distribution."""
TRUE = 0.25
"""Bits by which the table's figures of the short run may differ from what the model really does."""
CLIPPED = 2_000.0
"""Norm of a gradient at a step that no sensible clipping leaves; unclipped it is a thousand times larger."""


# --- what was handed in -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class HandedIn:
    """The kept run with the ids of its text, and the size of its vocabulary."""

    run: Run
    train: Array
    validation: Array
    n_symbols: int


def _handed_in(context: Context) -> HandedIn:
    """The latest kept run that has weights. Lost when there is none, or its text is not there to be examined."""
    runs = [run for run in context.runs if run.exercise == "training"]
    if not runs:
        raise Lost("no results came with the hand-in: run the training cell and hand in the saved notebook with its "
                   "outputs, or the folder results.")  # fmt: skip
    with_weights = [run for run in runs if run.weights]
    if not with_weights:
        raise Lost("the kept run has no weights: the trained model is missing from the hand-in.")
    run = max(with_weights, key=lambda run: str(run.environment.get("kept", "")))
    characters = run.data.get("vocabulary")
    if not isinstance(characters, str) or len(set(characters)) != len(characters) or len(characters) < 2:
        raise Lost("the kept run should name its vocabulary: the characters in the order of their ids, as one string.")
    texts = [_ids(run, f"text.{name}", len(characters)) for name in ("train", "validation")]
    if len(texts[0]) < LEAST_TRAIN or len(texts[1]) < LEAST_VALIDATION:
        raise Lost(f"the kept text is too short to be judged by: {len(texts[0])} ids for training and {len(texts[1])} "
                   f"for validation; {LEAST_TRAIN} and {LEAST_VALIDATION} at least. Take a longer text.")  # fmt: skip
    return HandedIn(run, texts[0], texts[1], len(characters))


def _ids(run: Run, name: str, n_symbols: int) -> Array:
    ids = (run.weights or {}).get(name)
    if ids is None or ids.ndim != 1 or ids.dtype.kind not in "iu":
        raise Lost(f"the kept run should hold the ids of its text under {name!r}.")
    if len(ids) and not 0 <= int(ids.min()) <= int(ids.max()) < n_symbols:
        raise Lost(f"the ids of the kept text under {name!r} do not all belong to its vocabulary of {n_symbols}.")
    return ids.astype(np.int64)


def sample_rows(validation: Array) -> Array:
    """Pieces of the validation text, evenly spaced: (rows, length + 1), one character more than is predicted."""
    length = min(ROW, (len(validation) - 1) // 2)
    rows = max(1, min(ROWS, (len(validation) - 1) // length))
    starts = np.linspace(0, len(validation) - length - 1, rows).astype(int)
    return np.stack([validation[start : start + length + 1] for start in starts])


@dataclass(frozen=True)
class Baselines:
    """Bits per character of n-gram models on the rows of the sample, by characters of context; how much is copied."""

    bits: dict[int, float]
    copied: float


_BASELINES: dict[bytes, Baselines] = {}


def baselines(train: Array, validation: Array, n_symbols: int) -> Baselines:
    """What counting reaches on the sample of the validation text. Kept: a class often has one text."""
    key = hashlib.sha256(train.tobytes() + b"|" + validation.tobytes()).digest()
    if key not in _BASELINES:
        if len(_BASELINES) > 100:
            _BASELINES.clear()
        _BASELINES[key] = _count(train, sample_rows(validation), n_symbols)
    return _BASELINES[key]


def _count(train: Array, rows: Array, n_symbols: int) -> Baselines:
    bits = {}
    for context in (1, 2, 5):
        # One long row: the characters at the beginning of each, which see another row's end, are not counted.
        each = character_bits(train, rows.ravel(), n_symbols, context).reshape(rows.shape)
        bits[context] = float(each[:, 1 + WARM_UP :].mean())
    text = "".join(map(chr, train))
    pieces = ["".join(map(chr, row[start : start + 40])) for row in rows for start in range(0, rows.shape[1] - 40, 97)]
    return Baselines(bits, float(np.mean([piece in text for piece in pieces])))


def _logits(candidate: Candidate, ids: Array, n_symbols: int) -> Array:
    """Logits (rows, time, n_symbols) of the handed-in model, read in pieces with the state carried."""
    piece = max(1, int(4e6) // (len(ids) * n_symbols))
    outputs, state = [], None
    for start in range(0, ids.shape[1], piece):
        part = ids[:, start : start + piece]
        reply = candidate.call("trained_model", part, *(() if state is None else (state,)))
        logits, state = reply if isinstance(reply, tuple | list) and len(reply) == 2 else (None, None)
        if not isinstance(logits, Array) or logits.dtype.kind != "f" or logits.shape != (*part.shape, n_symbols):
            raise Lost(f"trained_model should return (logits, state) with logits of shape {(*part.shape, n_symbols)} "
                       f"for ids of shape {part.shape}.")  # fmt: skip
        if not np.isfinite(logits).all():
            raise Lost("trained_model returns logits that are not finite. Did its training diverge?")
        outputs.append(logits)
    return np.concatenate(outputs, axis=1)


def _bits(logits: Array, following: Array) -> Array:
    """-log2 of the probability of each following character, shaped as these."""
    highest = logits.max(axis=-1, keepdims=True)
    total = np.log(np.exp((logits - highest).astype(np.float64)).sum(axis=-1)) + highest[..., 0]
    chosen = np.take_along_axis(logits, following[..., None], axis=-1)[..., 0]
    return np.asarray((total - chosen) / math.log(2))


def _asked(candidate: Candidate, context: Context) -> tuple[HandedIn, Array, Array, Array]:
    """What was handed in, the sample's rows, the model's logits and bits (rows, length) on them; asked for once."""
    if "trained" not in context.memory:
        handed_in = _handed_in(context)
        try:
            candidate.lookup("trained_model")
        except CandidateError as error:
            raise Lost(f"the notebook does not set trained_model: {error.message}. Does the kept run belong to this "
                       "notebook?") from None  # fmt: skip
        rows = sample_rows(handed_in.validation)
        logits = _logits(candidate, rows[:, :-1], handed_in.n_symbols)
        context.memory["trained"] = handed_in, rows, logits, _bits(logits, rows[:, 1:])[:, WARM_UP:]
    found: tuple[HandedIn, Array, Array, Array] = context.memory["trained"]
    return found


def _causal(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """The model answers for its text, and no later character changes earlier logits."""
    handed_in, rows, logits, _ = _asked(candidate, context)
    place = int(rng.integers(WARM_UP, 200))
    changed = rows[:, : place + 20].copy()
    changed[:, place:] = rng.integers(0, handed_in.n_symbols, changed[:, place:].shape)
    other = _logits(candidate, changed, handed_in.n_symbols)
    if np.abs(other[:, :place] - logits[:, :place]).max() > 1e-2:
        raise Lost("trained_model: changed characters at the end of a text change the logits before them, so the model "
                   "knows what it is to predict.")  # fmt: skip


def _against_ngrams(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    handed_in, _, _, bits = _asked(candidate, context)
    counted = baselines(handed_in.train, handed_in.validation, handed_in.n_symbols)
    if min(counted.bits.values()) < EASY or counted.copied > COPIED:
        raise Lost("the text repeats itself: what the validation part holds stands in the training part already, so "
                   "that nothing can be said about unseen text. Take another text, or leave repeated parts "
                   "out.")  # fmt: skip
    reached = float(bits.mean())
    full, none = FULL_RATIO * counted.bits[2], max(counted.bits[1], FULL_RATIO * counted.bits[2] + 0.2)
    if reached > full:
        raise Lost(f"trained_model needs {reached:.2f} bits per character on unseen text. Counting which characters "
                   f"follow each pair of characters needs {counted.bits[2]:.2f}; up to {full:.2f} earns all points, "
                   f"from {none:.2f} on none. Longer training, or a larger "
                   "model?", (none - reached) / (none - full))  # fmt: skip


def _as_claimed(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    handed_in, _, _, bits = _asked(candidate, context)
    claimed = handed_in.run.metrics.get("validation_bpc", math.nan)
    reached = float(bits.mean())
    spread = float(bits.mean(axis=1).std(ddof=1)) / math.sqrt(len(bits)) if len(bits) > 1 else 0.2
    if not abs(claimed - reached) <= CLAIMED + 6 * spread:
        raise Lost(f"trained_model needs {reached:.2f} bits per character on the validation text; the kept run claims "
                   f"{claimed:.2f}. Are these bits, of the model as it was kept?")  # fmt: skip


# --- short runs -------------------------------------------------------------------------------------------


@functools.cache
def entropy() -> float:
    """Bits per character of the source: what a model that knows it all needs."""
    sure, other = SURE + (1 - SURE) / SYMBOLS, (1 - SURE) / SYMBOLS
    return -sure * math.log2(sure) - (SYMBOLS - 1) * other * math.log2(other)


def draw_source(rng: np.random.Generator, length: int) -> Array:
    """A text of the source that is drawn with `rng`: ids (length,)."""
    one, two = rng.permutation(SYMBOLS), rng.permutation(SYMBOLS)
    surprises = rng.random(length) >= SURE
    ids = rng.integers(0, SYMBOLS, length)
    for t in range(2, length):
        if not surprises[t]:
            ids[t] = (one[ids[t - 1]] + two[ids[t - 2]]) % SYMBOLS
    return ids


def _is_of_training(call: Any) -> bool:
    """Whether this is ``INSTRUMENTS``' note of a call that was trained on; what a candidate forges may be anything."""
    if not isinstance(call, dict) or call.get("trained") is not True:
        return False
    ids = call.get("ids")
    return (
        isinstance(ids, Array)
        and ids.ndim == 2
        and ids.dtype == np.int64
        and bool(((ids >= 0) & (ids < SYMBOLS)).all())
        and all(type(call.get(name)) is int for name in ("number", "from"))
        and all(type(call.get(name)) is bool for name in ("left", "in_order", "gradient"))
    )


class ShortRun:
    """What one call of ``train_char_rnn`` returned, and the notes of the model that was trained."""

    def __init__(self, candidate: Candidate, rng: np.random.Generator, pair: bool, sizes: tuple[int, int]) -> None:
        ids = draw_source(rng, sum(sizes))
        self.train, self.validation = ids[: sizes[0]], ids[sizes[0] :]
        self.text = _text(ids)
        candidate.define(INSTRUMENTS)
        reply = candidate.call("_examined_run", SYMBOLS, pair, self.train, self.validation)
        model = reply.get("model") if isinstance(reply, dict) else None
        if not isinstance(model, Remote):
            raise Lost("train_char_rnn should train the model that it is given.")
        self.table = reply.get("table")
        calls, norms = reply.get("calls"), reply.get("norms")
        self.calls = [call for call in calls if _is_of_training(call)] if isinstance(calls, list) else []
        self.norms = [norm for norm in norms if isinstance(norm, float)] if isinstance(norms, list) else []
        self.bits = {
            name: _bits_of_short_run(candidate, model, ids)
            for name, ids in (("train", self.train), ("validation", self.validation))
        }


def _bits_of_short_run(candidate: Candidate, model: Remote, ids: Array) -> float:
    reply = candidate.call(model, ids[None, :-1])
    logits = reply[0] if isinstance(reply, tuple) and reply else None
    if not isinstance(logits, Array) or logits.shape != (1, len(ids) - 1, SYMBOLS) or not np.isfinite(logits).all():
        raise Lost("train_char_rnn: after it, the model's logits are not finite numbers. Does its training diverge?")
    return float(_bits(logits, ids[None, 1:]).mean())


def _run(context: Context) -> ShortRun:
    if "run" not in context.memory:
        raise Lost("train_char_rnn did not come to its end, see above.")
    run: ShortRun = context.memory["run"]
    return run


def _table(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """One short run; its table has the agreed form and true figures."""
    context.memory["run"] = run = ShortRun(candidate, rng, pair=False, sizes=(TRAIN, VALIDATION))
    steps, train, validation = _columns(run.table)
    if any(after <= before for before, after in itertools.pairwise(steps)):
        raise Lost("the DataFrame of train_char_rnn: step should grow from row to row.")
    wrong = "the DataFrame of train_char_rnn: {} is {:.2f}, but the model needs {:.2f} bits per character there. {}"
    reached = run.bits["validation"]
    row = min((len(steps) - 1, validation.index(min(validation))), key=lambda row: abs(validation[row] - reached))
    if abs(validation[row] - reached) > TRUE:
        raise Lost(wrong.format("validation_bpc", validation[row], reached,
                                "Are these bits, over the validation ids, of the model as it is left?"))  # fmt: skip
    reached = run.bits["train"]
    for value in (train[row], max(train)):
        if value < reached - TRUE or value > max(math.log2(SYMBOLS) + 0.5, reached + TRUE):
            raise Lost(wrong.format("train_bpc", value, reached, "Are these bits, not nats or perplexity?"))


def _columns(table: Any) -> tuple[list[float], list[float], list[float]]:
    """step, train_bpc, validation_bpc."""
    if not isinstance(table, Table):
        raise Lost(f"train_char_rnn should return a pandas DataFrame, got {kind_of(table)}.")
    missing = [name for name in ("step", "train_bpc", "validation_bpc") if name not in table.columns]
    if missing:
        raise Lost(f"the DataFrame of train_char_rnn has no column {', '.join(missing)}.")
    if not len(table):
        raise Lost(f"the DataFrame of train_char_rnn is empty after {TRAIN} training characters. Do its batches fit "
                   "into a short text?")  # fmt: skip
    steps, train, validation = (_numbers(table, name) for name in ("step", "train_bpc", "validation_bpc"))
    return steps, train, validation


def _numbers(table: Table, name: str) -> list[float]:
    values = [value.item() if isinstance(value, Array) and value.ndim == 0 else value for value in table.columns[name]]
    if not all(isinstance(value, int | float) and abs(value) < math.inf for value in values):
        raise Lost(f"the DataFrame of train_char_rnn: {name} should hold finite numbers.")
    return [float(value) for value in values]


def _learns(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    run = _run(context)
    reached = run.bits["validation"]
    _require_own_text(run)
    left = sum(call["left"] is True for call in run.calls)
    if left > 0.9 * len(run.calls) - 1 and len(run.calls) > 4:
        raise Lost("train_char_rnn: when a gradient is computed, that of the step before is still there, and the two "
                   "add up. What sets gradients to zero?", 0.5)  # fmt: skip
    if reached > LEARNED:
        earned = max(0.0, (UNLEARNED - reached) / (UNLEARNED - LEARNED))
        raise Lost(f"train_char_rnn on {TRAIN} characters with an entropy of {entropy():.2f} bits leaves a model that "
                   f"needs {reached:.2f} bits on the validation characters; one that knows nothing needs "
                   f"{math.log2(SYMBOLS):.2f}. Are there enough steps on a short text, are gradients set to zero "
                   "before each, and is the next character the target?", earned)  # fmt: skip


def _require_own_text(run: ShortRun) -> None:
    """Lost when what the model was trained on does not stand in the training text."""
    text, unseen = run.text[: len(run.train)], run.text[len(run.train) :]
    rows = [_text(row) for call in run.calls for row in call["ids"]]
    foreign = [row for row in rows if row not in text]
    if len(foreign) > 0.5 * len(rows):
        raise Lost("train_char_rnn: the rows that the model is trained on do not stand in the training text. Do rows "
                   "and columns get mixed up?")  # fmt: skip
    if any(row in unseen for row in foreign):
        raise Lost("train_char_rnn trains on the validation characters, too.")


def _text(ids: Array) -> str:
    return "".join(chr(97 + int(i)) for i in ids)


def _carried(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """States come from the call that read what stands before."""
    run = _trained(context)
    carried = missed = stale = unrelated = 0
    for before, call in zip(run.calls, run.calls[1:], strict=False):
        if call["from"] >= 0 and call["in_order"] is not True:
            unrelated += 1
        elif _goes_on(run, before, call):
            carried += call["from"] == before["number"]
            missed += call["from"] < 0
            stale += 0 <= call["from"] < before["number"]
        else:
            unrelated += call["from"] >= 0
    if not carried and not missed and not stale and not unrelated:
        raise Lost(f"train_char_rnn on {TRAIN} characters: no batch goes on where the batch before ended. Are batches "
                   "shuffled, or does a pass over a short text consist of one batch?")  # fmt: skip
    if carried < missed:
        raise Lost("train_char_rnn: batches go on where the batch before ended, but begin with a fresh state. Is the "
                   "state that the model returns carried on?")  # fmt: skip
    if carried < stale:
        raise Lost("train_char_rnn: batches go on where the batch before ended, but get the state of an earlier one. "
                   "Is it the state that the model has just returned that is carried on?")  # fmt: skip
    # At the beginning of each further pass, the state from the end of the text does no harm.
    if unrelated > carried:
        raise Lost("train_char_rnn: rows get the state of a row that does not stand before them in the text.")


def _trained(context: Context) -> ShortRun:
    run = _run(context)
    if len(run.calls) < 2:
        raise Lost(f"train_char_rnn made {len(run.calls)} steps of training with {TRAIN} characters. Do its batches "
                   "fit into a short text?")  # fmt: skip
    return run


def _goes_on(run: ShortRun, before: dict, call: dict) -> bool:
    """Whether each row of a call stands, in the training text, right behind the same row of the call before."""
    ends, begins = before["ids"][:, -12:], call["ids"][:, :12]
    return len(ends) == len(begins) and all(_text(a) + _text(b) in run.text for a, b in zip(ends, begins, strict=True))


def _detached(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    _require_detached(_trained(context))


def _require_detached(run: ShortRun) -> None:
    carrying = sum(call["gradient"] for call in run.calls)
    if carrying:
        raise Lost(f"train_char_rnn: the state that comes into a batch still carries gradients in {carrying} of "
                   f"{len(run.calls)} steps, so that back-propagation is not truncated there. Is all of it "
                   "detached?")  # fmt: skip


def _clipped(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    run = _trained(context)
    if not run.norms:
        raise Lost("train_char_rnn: no optimizer of torch.optim makes a step on all parameters of the model.")
    highest = max(run.norms)
    if not highest <= CLIPPED:
        raise Lost("train_char_rnn: gradients that were far too large reach the optimizer's step as they are (a norm "
                   f"of {highest:.1g}). Are they clipped, after they have been computed and before they are "
                   "used?")  # fmt: skip


def _pair(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """A model whose state is a pair of tensors, as an LSTM's, is trained as well."""
    run = ShortRun(candidate, rng, pair=True, sizes=(TRAIN, VALIDATION))
    if not run.calls:
        raise Lost("train_char_rnn made no step of training with a model whose state is a pair, as an LSTM's.")
    _require_detached(run)


TRAINING = Examination(
    "training",
    (
        Part("trained model: logits for its text", 0.1, _causal),
        Part("trained model: bits per character on unseen text", 0.3, _against_ngrams),
        Part("trained model: as claimed", 0.1, _as_claimed),
        Part("train_char_rnn: a table with true figures", 0.1, _table),
        Part("train_char_rnn: learns", 0.1, _learns),
        Part("train_char_rnn: state carried", 0.1, _carried),
        Part("train_char_rnn: state detached", 0.05, _detached),
        Part("train_char_rnn: gradients clipped", 0.1, _clipped),
        Part("train_char_rnn: an LSTM's pair of states", 0.05, _pair),
    ),
    seconds=60.0,
    builds_on=("vocabulary", "batches", "char_rnn_model", "perplexity"),
    stand_ins=STAND_INS,
)
