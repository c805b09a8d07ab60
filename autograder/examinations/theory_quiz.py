"""Examinations of the notebook `quiz`: five sections of questions, settings of two networks, a GRU network in torch.

What is right in the sections stands in theory_quiz.yaml; how it is marked, in `autograder.questions`.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from autograder.channel import Candidate, CandidateError, kind_of
from autograder.examinations.torch_layers import IN_TRAINING, Direction, recurrent_layers, unroll
from autograder.examine import Context, Examination, Lost, Part
from autograder.questions import examination, looked_up, plain, read_bank, shown
from helpers.typed_answers import is_blank, read_number, read_words

Array = np.ndarray

BANK = read_bank(Path(__file__).with_suffix(".yaml"))

# --- settings of two networks -----------------------------------------------------------------------------------

MOST_PARAMETERS = 100_000
FORECAST_INPUTS, FORECAST_STEPS, FORECAST_OUTPUTS, CHARACTERS = 3, 7 * 24, 24, 96
MAX_LAYERS = 100


def _number(candidate: Candidate, name: str) -> float:
    value = looked_up(candidate, name, number=True)
    if is_blank(value):
        raise Lost(f"{name} is not answered.")
    try:
        return read_number(value)
    except ValueError as error:
        raise Lost(f"{name} = {shown(value)} cannot be read: {error}.") from None


def _whole(candidate: Candidate, name: str, most: int = 10**9) -> int:
    number = _number(candidate, name)
    if number != int(number) or not 1 <= number <= most:
        raise Lost(f"{name} = {number:g}: a whole number from 1 to {most:,} is expected.")
    return int(number)


def _is(candidate: Candidate, name: str, *accepted: str) -> None:
    value = candidate.lookup(name)
    if is_blank(value):
        raise Lost(f"{name} is not answered.")
    try:
        words = plain(read_words(value))
    except ValueError as error:
        raise Lost(f"{name} = {shown(value)} cannot be read: {error}.") from None
    if words not in {plain(wording) for wording in accepted}:
        raise Lost(f"{name} = {shown(value)} is not right.")


def _all_of(*checks: Callable[[], None]) -> None:
    """Make all checks; Lost with all their messages, in proportion to those that fail."""
    messages = []
    for check in checks:
        try:
            check()
        except Lost as lost:
            messages.append(lost.message)
    if messages:
        raise Lost(" ".join(messages), 1 - len(messages) / len(checks))


def _equals(candidate: Candidate, name: str, due: float, why: str) -> Callable[[], None]:
    def check() -> None:
        number = _number(candidate, name)
        if number != due:
            raise Lost(f"{name} = {number:g} is not right: {why}")

    return check


def _forecast_sizes(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    _all_of(
        _equals(candidate, "forecast_inputs", FORECAST_INPUTS, "how many numbers come at one hour?"),
        _equals(candidate, "forecast_steps", FORECAST_STEPS, "how many hours are read, one at each step?"),
        _equals(candidate, "forecast_outputs", FORECAST_OUTPUTS, "how many numbers are forecast at once?"),
    )


def lstm_parameters(inputs: int, hidden: int, layers: int, outputs: int) -> int:
    """Parameters of torch's nn.LSTM with two biases a gate, and of an nn.Linear with bias behind it."""
    first = 4 * hidden * (inputs + hidden + 2)
    others = (layers - 1) * 4 * hidden * (2 * hidden + 2)
    return first + others + outputs * (hidden + 1)


def _forecast_network(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """Dropout that has an effect, and the largest hidden size within the bound."""
    layers = _whole(candidate, "forecast_layers", MAX_LAYERS)
    hidden = _whole(candidate, "forecast_hidden")

    def dropout() -> None:
        rate = _number(candidate, "forecast_dropout")
        if not 0.1 <= rate <= 0.5:
            raise Lost(f"forecast_dropout = {rate:g}: between 0.1 and 0.5 is asked for.")
        if layers == 1:
            raise Lost(
                f"forecast_dropout = {rate:g} has no effect with forecast_layers = 1: where does nn.LSTM apply it?"
            )

    def size() -> None:
        if hidden & (hidden - 1):
            raise Lost(f"forecast_hidden = {hidden}: a power of two is asked for.")
        for tried, fits in ((hidden, True), (2 * hidden, False)):
            count = lstm_parameters(FORECAST_INPUTS, tried, layers, FORECAST_OUTPUTS)
            if (count <= MOST_PARAMETERS) != fits:
                told = "are more than allowed" if fits else "are still allowed"
                which = (
                    f"forecast_hidden = {hidden}" if fits else f"forecast_hidden = {hidden} is not the largest: twice"
                )
                raise Lost(f"{which}: the {count:,} parameters with {layers} layers {told}.")

    _all_of(dropout, size)


def _forecast_training(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    _all_of(
        lambda: _is(
            candidate, "forecast_loss", "mean squared error", "mean square error", "MSE", "MSELoss", "nn.MSELoss"
        ),
        lambda: _is(candidate, "forecast_split", "by time", "in time", "chronological", "chronologically"),
    )


def _text_outputs(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    _all_of(
        _equals(candidate, "text_outputs", CHARACTERS, "between how many characters is chosen?"),
        lambda: _is(
            candidate, "text_loss", "cross-entropy", "cross-entropy loss", "CrossEntropyLoss", "nn.CrossEntropyLoss"
        ),
    )


def _text_writing(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    _all_of(
        lambda: _is(candidate, "text_bidirectional", "no"),
        lambda: _is(candidate, "text_state", "carried on", "carried over", "carried"),
        _equals(candidate, "text_divisor", 1, "with which divisor do the probabilities stay as they are?"),
    )


LSTM_SETTINGS = Examination(
    "lstm_settings",
    (
        Part("sizes of the forecast", 0.2, _forecast_sizes),
        Part("layers, dropout and hidden size", 0.3, _forecast_network),
        Part("loss and split of the forecast", 0.2, _forecast_training),
        Part("outputs and loss of the generator", 0.15, _text_outputs),
        Part("the generator's direction, state and divisor", 0.15, _text_writing),
    ),
)

# --- a GRU network ------------------------------------------------------------------------------------------------

VOCABULARY, EMBEDDING, HIDDEN, CLASSES = 23, 5, 7, 4
"""Nothing in common, so that mixed-up sizes show."""
SAME = 1e-4
"""Largest difference of logits of order 1 that are the same but for float32: it stays below 1e-5."""
EFFECT = 1e-6
"""Smallest difference that another word makes in some logit of order 1; that of repeated calls is 0."""
CALL = f"GRUClassifier({VOCABULARY}, {EMBEDDING}, {HIDDEN}, {CLASSES})"


class _Network:
    """A network of the candidate's with parameters that the examiner has set."""

    def __init__(self, candidate: Candidate, rng: np.random.Generator) -> None:
        self.candidate = candidate
        self.remote = candidate.construct("GRUClassifier", VOCABULARY, EMBEDDING, HIDDEN, CLASSES)
        try:
            own = candidate.parameters(self.remote)
        except CandidateError:
            raise Lost(f"{CALL} should be an nn.Module, got {kind_of(self.remote)}.") from None
        if not own:
            raise Lost(f"{CALL} has no parameters: nothing could be trained.")
        self.parameters = {
            name: rng.normal(scale=0.7, size=value.shape).astype(np.float32) for name, value in own.items()
        }
        candidate.set_parameters(self.remote, self.parameters)

    def logits(self, ids: Array, lengths: Array) -> Array:
        """What the network answers, checked for form."""
        logits = self.candidate.call(self.remote, ids, lengths)
        asked, due = f"{CALL}, called with ids of shape {ids.shape},", (len(ids), CLASSES)
        if not isinstance(logits, np.ndarray):
            raise Lost(f"{asked} should give one tensor of logits of shape {due}, got {kind_of(logits)}.")
        if logits.shape != due:
            hint = " Is the state of one step taken, of each text?" if logits.ndim == 3 else ""
            hint = hint or (" Does a squeeze() drop the batch of one?" if len(ids) == 1 and logits.ndim == 1 else "")
            raise Lost(f"{asked} should give logits of shape {due}, got {logits.shape}.{hint}")
        if logits.dtype != np.float32:
            raise Lost(f"{asked} should give float32 logits, got {logits.dtype}.")
        if not np.isfinite(logits).all():
            raise Lost(f"{asked} gives logits that are not finite.")
        return logits


def _texts(rng: np.random.Generator, lengths: Array, time: int) -> Array:
    """Ids of texts of these lengths, padded with 0 to `time`: int64 (batch, time)."""
    ids = rng.integers(1, VOCABULARY, size=(len(lengths), time))
    ids[np.arange(time) >= lengths[:, None]] = 0
    return ids.astype(np.int64)


def _lengths(*lengths: int) -> Array:
    return np.array(lengths, np.int64)


def _shapes(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    network = _Network(candidate, rng)
    for lengths in (_lengths(6, 6, 6), _lengths(4), _lengths(1, 1), _lengths(2, 5, 3, 5)):
        network.logits(_texts(rng, lengths, int(lengths.max())), lengths)


def _recomputed(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """For texts of one length, the logits are those of the network's own layers."""
    network = _Network(candidate, rng)
    lengths = _lengths(6, 6, 6, 6, 6)
    ids = _texts(rng, lengths, 6)
    logits = network.logits(ids, lengths)
    table, gru, weight, bias = _layers(network.parameters)
    inputs = table[ids].astype(np.float64)
    states, _ = unroll(gru, "gru", inputs)
    right = states[:, -1] @ weight.T + bias
    if _same(logits, right):
        return
    across, _ = unroll(gru, "gru", inputs.swapaxes(0, 1))
    backwards, _ = unroll(gru, "gru", inputs[:, ::-1])
    probabilities = np.exp(right) / np.exp(right).sum(axis=1, keepdims=True)
    mistakes = {
        "the state after the first word seems to be taken": states[:, 0] @ weight.T + bias,
        "the state before the last word seems to be taken": states[:, -2] @ weight.T + bias,
        "the states seem to be averaged over the words": states.mean(axis=1) @ weight.T + bias,
        "the states seem to be added up over the words": states.sum(axis=1) @ weight.T + bias,
        "the GRU seems to take the texts of the batch for time (batch_first=True)": across[-1] @ weight.T + bias,
        "the texts seem to be read backwards": backwards[:, -1] @ weight.T + bias,
        "a softmax seems to be applied: return the logits": probabilities,
        "a log-softmax seems to be applied: return the logits": np.log(probabilities),
        "a relu seems to lie before the linear layer": np.maximum(states[:, -1], 0) @ weight.T + bias,
    }
    likely = [words for words, values in mistakes.items() if _same(logits, values)]
    raise Lost(
        f"{CALL} on texts without padding: the logits are not its linear layer applied to its GRU's state after the "
        f"last word.{f' Likely: {likely[0]}.' if likely else ''}"
    )


def _same(a: Array, b: Array) -> bool:
    return a.shape == b.shape and bool(np.allclose(a, b, rtol=0, atol=SAME))


def _layers(parameters: dict[str, Array]) -> tuple[Array, Direction, Array, Array]:
    """Embedding (words, embedding), GRU, weight (classes, hidden) and bias (classes,) among a network's parameters."""
    found = recurrent_layers(parameters)
    one = len(found.layers) == 1 and found.layers[0].backward is None
    if not one or found.layers[0].forward.gates != 3:
        raise Lost(f"{CALL} should have one GRU layer that reads forwards, and no other recurrent layer.")
    gru = found.layers[0].forward
    if gru.input_size != EMBEDDING or gru.hidden_size != HIDDEN:
        raise Lost(f"{CALL} has a GRU from {gru.input_size} to {gru.hidden_size} numbers. Are embedding_size and "
                   "hidden_size passed on, in this order?")  # fmt: skip
    by_shape = {value.shape: value for value in found.others.values()}
    table, weight = by_shape.get((VOCABULARY, EMBEDDING)), by_shape.get((CLASSES, HIDDEN))
    bias = by_shape.get((CLASSES,), np.zeros(CLASSES))
    if table is None or weight is None or len(found.others) > 3:
        shapes = ", ".join(str(value.shape) for value in found.others.values()) or "none"
        raise Lost(f"{CALL} should have, beside its GRU, the weights of one nn.Embedding (vocab_size, embedding_size) "
                   f"and of one nn.Linear from hidden_size to n_classes; their shapes are {shapes[:200]}.")  # fmt: skip
    return table, gru, weight, bias


def _padding(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """Each text gets the logits that it gets alone and unpadded; its last word counts."""
    network = _Network(candidate, rng)
    lengths = _lengths(3, 6, 1, 4, 5)
    ids = _texts(rng, lengths, 6)
    logits = network.logits(ids, lengths)
    alone = np.concatenate([network.logits(ids[i : i + 1, :n], lengths[i : i + 1]) for i, n in enumerate(lengths)])
    wrong = ~np.isclose(logits, alone, rtol=0, atol=SAME).all(axis=1)
    if wrong.any():
        told = ", ".join(str(n) for n in lengths[wrong])
        raise Lost(
            f"{CALL}: of texts with 3, 6, 1, 4 and 5 words in one batch, those with {told} get other logits than alone "
            "and without padding. Is the state taken after the last word of each text, in the order of the batch?"
        )
    more = np.pad(ids, ((0, 0), (0, 3)))
    if not _same(logits, network.logits(more, lengths)):
        raise Lost(f"{CALL}: three more columns of padding change the logits. Is the state taken after the last word?")
    for i, n in enumerate(lengths):
        changed = ids.copy()
        changed[i, n - 1] = 1 + changed[i, n - 1] % (VOCABULARY - 1)
        if np.abs(network.logits(changed, lengths)[i] - logits[i]).max() < EFFECT:
            raise Lost(f"{CALL}: another last word, of a text of {n} words, does not change its logits.")


def _apart_and_trained(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    network = _Network(candidate, rng)
    lengths = _lengths(5, 2, 5, 3)
    ids = _texts(rng, lengths, 5)
    logits = network.logits(ids, lengths)
    changed = ids.copy()
    changed[0, :5] = 1 + changed[0, :5] % (VOCABULARY - 1)
    others = network.logits(changed, lengths)
    if not _same(others[1:], logits[1:]):
        raise Lost(f"{CALL}: another first text changes the logits of the others. Is the batch the first axis of the "
                   "GRU (batch_first=True)?")  # fmt: skip
    if np.abs(others[0] - logits[0]).max() < EFFECT:
        raise Lost(f"{CALL}: other words do not change the logits of their text.")
    candidate.define(IN_TRAINING)
    seed = int(rng.integers(2**31))
    first, second = (candidate.call("_examined_in_training", network.remote, seed, ids, lengths) for _ in range(2))
    if not isinstance(first, np.ndarray) or not isinstance(second, np.ndarray) or not _same(first, second):
        raise Lost(f"{CALL} in training mode: the same texts get other logits the second time. Is a state kept from "
                   "one batch to the next?")  # fmt: skip
    weights = rng.normal(size=logits.shape).astype(np.float32)
    gradients = candidate.gradients(network.remote, ids, lengths, weights=weights).parameters
    without = [name for name in network.parameters if gradients.get(name) is None or not np.any(gradients[name])]
    if without:
        raise Lost(f"{CALL}: no gradient reaches {', '.join(without[:3])[:200]}. Is something detached, frozen or not "
                   "used?")  # fmt: skip


GRU_NETWORK = Examination(
    "gru_network",
    (
        Part("shapes", 0.2, _shapes),
        Part("logits are those of its layers", 0.3, _recomputed),
        Part("the state after the last word", 0.3, _padding),
        Part("each text by itself, gradients reach all weights", 0.2, _apart_and_trained),
    ),
)


EXAMINATIONS: tuple[Examination, ...] = (
    *(examination(exercise, questions) for exercise, questions in BANK.items()),
    LSTM_SETTINGS,
    GRU_NETWORK,
)
