"""The examinations of `char_rnn` over the answer bank, without a sandbox, and of results that are handed in."""

import functools
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch
from char_rnn_notebook import candidate, namespace, of
from torch import nn

from autograder.channel import Candidate, local_candidate
from autograder.examinations import char_rnn_training as training
from autograder.examinations.char_rnn import EXAMINATIONS
from autograder.examinations.char_rnn_sampling import ALPHA, Known, _probability, _softmax, bits_of_each
from autograder.examine import Context, run_part
from autograder.records import PartResult
from helpers.ngrams import ngram_bits
from helpers.results import Run
from helpers.seeding import seed_everything

BY_EXERCISE = {examination.exercise: examination for examination in EXAMINATIONS}
SEEDS = {"vocabulary": 5, "batches": 5, "char_rnn_model": 2, "sampling": 1, "perplexity": 3, "training": 1}
SHORT_RUNS = tuple(part.name for part in BY_EXERCISE["training"].parts if part.name.startswith("train_char_rnn"))


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def ask(
    exercise: str, answers: Candidate, seed: int = 0, parts: Sequence[str] = (), runs: Sequence[Run] = ()
) -> dict[str, PartResult]:
    """These parts of an examination by name, or all; of `training` those that need no results."""
    context = Context(runs=list(runs))
    parts = parts or (SHORT_RUNS if exercise == "training" else ())
    found = {}
    for part in BY_EXERCISE[exercise].parts:
        if not parts or part.name in parts:
            seed_everything(seed)
            found[part.name] = run_part(part, answers, np.random.default_rng(seed), context)
    return found


def lost(found: dict[str, PartResult]) -> dict[str, str]:
    return {name: part.message for name, part in found.items() if part.earned < 1}


def answers(*, right: bool) -> list[Any]:
    return [pytest.param(e, name, id=name) for e in BY_EXERCISE for name in of(e, right=right)]


@functools.cache
def first_messages(exercise: str, name: str) -> dict[str, str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return lost(ask(exercise, candidate(name)))


@pytest.mark.parametrize("exercise", BY_EXERCISE)
def test_the_reference_is_right(exercise):
    reference = candidate()
    for seed in range(SEEDS[exercise]):
        assert lost(ask(exercise, reference, seed)) == {}


@pytest.mark.parametrize(("exercise", "name"), answers(right=True))
def test_right_answers_pass_with_any_seed(exercise, name):
    given = candidate(name)
    for seed in range(SEEDS[exercise]):
        assert lost(ask(exercise, given, seed)) == {}


@pytest.mark.parametrize(("exercise", "name"), answers(right=False))
def test_wrong_answers_lose(exercise, name):
    messages = first_messages(exercise, name)
    assert messages
    assert all(messages.values())


@pytest.mark.parametrize(("exercise", "name"), [(e, n) for e in ("vocabulary", "batches") for n in of(e, right=False)])
def test_wrong_answers_lose_with_any_seed(exercise, name):
    given = candidate(name)
    assert all(lost(ask(exercise, given, seed)) for seed in range(1, 4))


WORDS = {
    "vocabulary_set_order": "A set has no fixed order",
    "vocabulary_unknown_left_out": "left out, or replaced",
    "vocabulary_key_error": "expected a ValueError, got KeyError",
    "vocabulary_error_names_nothing": "should name the character",
    "vocabulary_numpy_ids": "should return a LongTensor, got a numpy.ndarray",
    "vocabulary_empty_is_float": "got float32",
    "batches_y_not_shifted": "y is x itself",
    "batches_y_shifted_twice": "2 later",
    "batches_cross_the_end": "Does the text go round?",
    "batches_rolled_in_rows": "It does not for the last character of each row",
    "batches_rows_one_after_the_other": "a state that is carried would belong to another place",
    "batches_shuffled": "Are the batches shuffled?",
    "batches_incomplete_end": "Is an incomplete end left out?",
    "batches_overlapping": "begins one character after the batch before",
    "batches_exchanged": "are x and y exchanged?",
    "batches_endless": "there are more",
    "batches_columns_for_rows": "Do rows and columns get mixed up",
    "model_state_ignored": "Is the argument state used?",
    "model_batch_taken_for_time": "the layers take the axis of the batch for time",
    "model_softmax_output": "returns probabilities",
    "model_bidirectional": "read the text backwards too",
    "model_cell_ignored": "Is the argument cell used?",
    "model_num_layers_ignored": "Is num_layers passed on?",
    "model_state_kept_in_self": "Is a state kept in self",
    "model_cell_state_dropped": "all of it?",
    "model_detached_each_step": "Is the state detached inside of forward?",
    "model_last_hidden_everywhere": "the hidden state after the last character is used at every place",
    "model_ids_as_numbers": "Does an embedding turn ids into vectors?",
    "model_first_layer_out": "only the first recurrent layer is used",
    "sampling_temperature_wrong_way": "the temperature works the wrong way round",
    "sampling_temperature_after_softmax": "the temperature has no effect",
    "sampling_argmax_always": "nothing is sampled",
    "sampling_negative_log_softmax": "log-probabilities seem to be taken for probabilities",
    "sampling_log_softmax_as_probabilities": "probability tensor contains",
    "sampling_last_character_of_the_prompt": "only the last character of the prompt",
    "sampling_last_character_twice": "the last character of the prompt seems to be read twice",
    "sampling_state_not_carried": "the state seems not to be carried",
    "sampling_generator_ignored": "Is everything drawn from the generator",
    "sampling_seeded_anew": "for generators of different seeds",
    "sampling_softmax_over_the_batch": "all characters are equally likely",
    "sampling_softmax_twice": "a softmax seems to be taken twice",
    "sampling_prompt_left_out": "should begin with the prompt",
    "perplexity_nats": "these are nats",
    "perplexity_perplexity": "this is the perplexity",
    "perplexity_mean_over_vocabulary": "divided by the size of the vocabulary",
    "perplexity_not_shifted": "compared with the prediction of itself",
    "perplexity_divided_by_all": "the first one is not predicted",
    "perplexity_mean_probability": "the mean is taken before the logarithm",
    "perplexity_negative": "the sign is wrong",
    "training_not_clipped": "Are they clipped",
    "training_clipped_before_backward": "after they have been computed",
    "training_state_not_carried": "begin with a fresh state",
    "training_state_not_detached": "still carries gradients",
    "training_state_from_shuffled_batches": "rows get the state of a row",
    "training_states_mixed_across_rows": "rows get the state of a row",
    "training_random_batches": "Are batches shuffled",
    "training_in_nats": "Are these bits",
    "training_train_bpc_in_nats": "not nats or perplexity",
    "training_gradients_add_up": "What sets gradients to zero?",
    "training_pair_not_detached": "'tuple' object has no attribute 'detach'",
    "training_on_validation": "trains on the validation characters",
    "training_target_not_shifted": "is the next character the target?",
    "training_whole_text_at_once": "does a pass over a short text consist of one batch?",
    "training_other_columns": "has no column train_bpc, validation_bpc",
    "training_returns_model": "should return a pandas DataFrame",
    "training_batches_too_large": "Do its batches fit",
}


@pytest.mark.parametrize(("name", "words"), WORDS.items(), ids=WORDS.keys())
def test_messages_name_the_mistake(name, words):
    exercise = {"model": "char_rnn_model"}.get(name.partition("_")[0], name.partition("_")[0])
    messages = first_messages(exercise, name)
    assert any(words in message for message in messages.values()), messages


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("batches_y_not_shifted", "y is x one character later"),
        ("model_softmax_output", "embedding, recurrent layers, output"),
        ("model_state_ignored", "pieces with the state carried equal the whole"),
        ("sampling_temperature_wrong_way", "distribution at other temperatures"),
        ("sampling_temperature_zero_divides", "temperature 0 is greedy"),
        ("sampling_last_character_of_the_prompt", "the whole prompt counts"),
        ("sampling_generator_ignored", "the generator decides"),
        ("perplexity_state_not_carried", "long texts, with the state carried"),
        ("training_not_clipped", "train_char_rnn: gradients clipped"),
        ("training_state_not_carried", "train_char_rnn: state carried"),
        ("training_in_nats", "train_char_rnn: a table with true figures"),
        ("training_pair_not_detached", "train_char_rnn: an LSTM's pair of states"),
    ],
)
def test_one_mistake_costs_one_part(name, part):
    exercise = {"model": "char_rnn_model"}.get(name.partition("_")[0], name.partition("_")[0])
    assert set(first_messages(exercise, name)) == {part}


def test_stand_ins_for_what_training_builds_on_pass():
    defined = namespace({"vocabulary": "", "batches": "", "char_rnn_model": "", "perplexity": ""})
    answer = defined["train_char_rnn"]
    exec(training.STAND_INS, defined)
    defined["train_char_rnn"] = answer
    stand_ins = local_candidate(defined)
    assert lost(ask("training", stand_ins)) == {}
    for exercise in ("vocabulary", "batches", "char_rnn_model", "perplexity"):
        found = lost(ask(exercise, stand_ins))
        # Of the vocabulary only what a trained model needs.
        assert not found or exercise == "vocabulary"


def test_kept_weights_load_into_the_stand_in_under_other_names():
    defined = namespace()
    exec(training.STAND_INS, defined)
    stand_in = defined["CharRNN"](7, 5, 5, 2, "LSTM")
    others = {f"my.{k.replace('rnn.', 'core.').replace('output', 'head')}": v for k, v in stand_in.state_dict().items()}
    fresh = defined["CharRNN"](7, 5, 5, 2, "LSTM", dropout=0.2)
    fresh.load_state_dict(others)
    ids = torch.arange(7)[None]
    assert torch.equal(fresh(ids)[0], stand_in(ids)[0])
    with pytest.raises(RuntimeError, match="have nothing for"):
        defined["CharRNN"](7, 5, 6, 2, "LSTM").load_state_dict(others)


# --- what right answers are measured by ---------------------------------------------------------------------------


def test_a_right_sampler_hardly_ever_looks_wrong():
    values = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        known = Known.draw(rng, 7, 5, pair=False)
        likely = _softmax(known.table * rng.choice([0.6, 1.0, 2.0]))
        totals = rng.integers(0, 5, 1000)
        found = (rng.random(1000)[:, None] > likely.cumsum(axis=1)[totals]).sum(axis=1).clip(max=6)
        values.append(_probability(totals, found, likely))
    assert min(values) > 1e-4 > ALPHA
    assert 0.35 < np.mean(values) < 0.65  # they are probabilities: as uniform as those of a chi-square test can be


def test_known_bits_are_those_of_the_model():
    rng = np.random.default_rng(2)
    known = Known.draw(rng, 6, 7, pair=True)
    given = local_candidate({})
    given.define(training.INSTRUMENTS)
    ids = rng.integers(0, 6, 40)
    logits, state = given.call(known.construct(given), ids[None, :-1])
    log_likely = logits[0] - np.log(np.exp(logits[0]).sum(axis=1, keepdims=True))
    expected = -log_likely[np.arange(39), ids[1:]] / np.log(2)
    assert np.allclose(bits_of_each(known, ids), expected, atol=1e-5)
    assert isinstance(state, tuple)


def test_the_source_has_the_entropy_that_is_said_and_no_short_memory():
    ids = training.draw_source(np.random.default_rng(0), 60_000)
    bits = [ngram_bits(ids[:50_000], ids[50_000:], training.SYMBOLS, context) for context in (0, 1, 2)]
    assert bits[0] == pytest.approx(np.log2(12), abs=0.02)
    assert bits[1] == pytest.approx(np.log2(12), abs=0.02)
    assert bits[2] == pytest.approx(training.entropy(), abs=0.06)


# --- the model that was handed in ---------------------------------------------------------------------------------

N_SYMBOLS = 20
ON_TRAINED = tuple(part.name for part in BY_EXERCISE["training"].parts if part.name.startswith("trained model"))
LOGITS, BITS, CLAIM = ON_TRAINED


class Counted(nn.Module):
    """Predicts from the two characters before, by counting them; mixed with ignorance. It looks ahead if told to."""

    def __init__(self, train: np.ndarray, knowledge: float = 1.0, ahead: bool = False) -> None:
        super().__init__()
        counts = np.full((N_SYMBOLS,) * 3, 0.02)
        np.add.at(counts, (train[:-2], train[1:-1], train[2:]), 1)
        likely = knowledge * counts / counts.sum(axis=2, keepdims=True) + (1 - knowledge) / N_SYMBOLS
        self.register_buffer("log_likely", torch.from_numpy(np.log(likely)).float())
        self.ahead = ahead

    def forward(self, ids: torch.Tensor, state: torch.Tensor | None = None) -> tuple[torch.Tensor, torch.Tensor]:
        first = torch.zeros_like(ids[:, :1]) if state is None else state
        before = torch.cat([first, ids[:, :-1]], dim=1)
        logits = self.log_likely[before, ids]
        if self.ahead:
            logits[:, :-1] = 20.0 * nn.functional.one_hot(ids[:, 1:], N_SYMBOLS)
        return logits, ids[:, -1:]


@functools.cache
def text(length: int = 40_000, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    likely = rng.dirichlet(np.full(N_SYMBOLS, 0.15), (N_SYMBOLS, N_SYMBOLS)).cumsum(axis=2)
    ids, draws = [0, 1], rng.random(length)
    for t in range(2, length):
        ids.append(min(int(np.searchsorted(likely[ids[-2], ids[-1]], draws[t])), N_SYMBOLS - 1))
    return np.array(ids)


def kept(ids: np.ndarray, claimed: float, **change: Any) -> list[Run]:
    train, validation = ids[: len(ids) * 9 // 10], ids[len(ids) * 9 // 10 :]
    weights = {"w": np.zeros(1), "text.train": train.astype(np.uint8), "text.validation": validation.astype(np.uint8)}
    run = {
        "exercise": "training",
        "setting": {"cell": "GRU"},
        "seed": 0,
        "metrics": {"validation_bpc": claimed},
        "data": {"vocabulary": "".join(map(chr, range(97, 97 + N_SYMBOLS)))},
        "weights": weights,
    }
    return [Run(**(run | change))]


def handed_in(model: Any, runs: Sequence[Run]) -> dict[str, PartResult]:
    names = {} if model is None else {"trained_model": model}
    return ask("training", local_candidate(names), seed=1, parts=ON_TRAINED, runs=runs)


def reached(model: nn.Module, ids: np.ndarray) -> float:
    rows = training.sample_rows(ids[len(ids) * 9 // 10 :])
    logits = model(torch.from_numpy(rows[:, :-1]))[0].numpy()
    return float(training._bits(logits, rows[:, 1:]).mean())


def test_a_model_as_good_as_counting_pairs_earns_everything():
    model = Counted(text()[:36_000])
    assert lost(handed_in(model, kept(text(), reached(model, text())))) == {}


def test_points_fall_with_the_bits_on_unseen_text():
    earned = []
    for knowledge in (1.0, 0.55, 0.3, 0.0):
        model = Counted(text()[:36_000], knowledge)
        parts = handed_in(model, kept(text(), reached(model, text())))
        earned.append(parts[BITS].earned)
        assert set(lost(parts)) <= {BITS}
    assert earned[0] == 1
    assert earned == sorted(earned, reverse=True)
    assert 0 < earned[1] < 1
    assert earned[3] == 0


def test_a_claim_in_nats_is_found():
    model = Counted(text()[:36_000])
    parts = handed_in(model, kept(text(), reached(model, text()) * np.log(2)))
    assert set(lost(parts)) == {CLAIM}
    assert "Are these bits" in parts[CLAIM].message
    assert CLAIM in lost(handed_in(model, kept(text(), float("nan"))))


def test_a_model_that_looks_ahead_is_found():
    parts = handed_in(Counted(text()[:36_000], ahead=True), kept(text(), 0.0))
    assert "knows what it is to predict" in parts[LOGITS].message


def test_a_text_that_repeats_itself_says_nothing():
    ids = np.tile(text(4_000, seed=3), 10)
    message = handed_in(Counted(ids), kept(ids, 0.1))[BITS].message
    assert "the text repeats itself" in message


def test_a_validation_text_out_of_the_training_text_says_nothing():
    ids = text().copy()
    ids[36_000:] = ids[10_000:14_000]
    assert "the text repeats itself" in handed_in(Counted(ids), kept(ids, 1.0))[BITS].message


@pytest.mark.parametrize(
    ("runs", "words"),
    [
        ([], "no results came with the hand-in"),
        (kept(text(), 2.0, weights=None), "has no weights"),
        (kept(text(), 2.0, weights={"w": np.zeros(1)}), "should hold the ids of its text under 'text.train'"),
        (kept(text(), 2.0, data={}), "should name its vocabulary"),
        (kept(text(), 2.0, data={"vocabulary": "aab"}), "should name its vocabulary"),
        (kept(text(), 2.0, data={"vocabulary": "abc"}), "do not all belong to its vocabulary of 3"),
        (kept(text()[:9_000], 2.0), "too short"),
        (kept(text(), 2.0, exercise="char_rnn_report"), "no results came with the hand-in"),
    ],
)
def test_what_is_missing_is_said(runs, words):
    parts = handed_in(Counted(text()), runs)
    assert set(lost(parts)) == set(ON_TRAINED)
    assert all(words in part.message for part in parts.values()), parts


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (None, "does not set trained_model"),
        (lambda ids, state=None: torch.zeros(*ids.shape, N_SYMBOLS), "should return (logits, state)"),
        (lambda ids, state=None: (torch.zeros(len(ids), N_SYMBOLS), None), "should return (logits, state)"),
        (lambda ids, state=None: (torch.full((*ids.shape, N_SYMBOLS), torch.nan), None), "not finite"),
        (lambda ids, state=None: 1 // 0, "ZeroDivisionError"),
    ],
)
def test_a_trained_model_that_does_not_answer_is_told(model, words):
    parts = handed_in(model, kept(text(), 2.0))
    assert set(lost(parts)) == set(ON_TRAINED)
    assert words in parts[LOGITS].message


def test_large_vocabularies_are_read_in_pieces(monkeypatch):
    asked = []

    def model(ids, state=None):
        asked.append(ids.shape[1])
        return torch.zeros(*ids.shape, 3000), None

    rows = np.zeros((16, 1001), np.int64)
    logits = training._logits(local_candidate({"trained_model": model}), rows[:, :-1], 3000)
    assert logits.shape == (16, 1000, 3000)
    assert max(asked) * 16 * 3000 <= 4e6
