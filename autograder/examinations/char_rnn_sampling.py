"""Examinations of `sampling` and `perplexity`: what ``generate`` and ``bits_per_character`` make of known logits.

Both are called with a model and a vocabulary of the examiner's, defined in the candidate as text. The logits depend on
a running total of all characters read so far, modulo a small number: they tell whether a state was carried, and a
single character that is left out, read twice or read from a fresh state changes all that come later. What a text, or
a number of bits, should be is computed here; where it is not, the same is computed for well-known mistakes, and the
one that explains what came is named.
"""

import math
import string
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from autograder.channel import Candidate, Remote, kind_of
from autograder.examinations.char_rnn_text import INSTRUMENTS
from autograder.examine import Context, Examination, Lost, Part

Array = np.ndarray

SYMBOLS = "abcdeghknorstuxyzäöéπωжяш .\n"
MANY = string.ascii_letters + "äöéπωжяш"
ALPHA = 1e-6
"""A right answer fails one test of a distribution once in a million times."""
SAMPLED = 1000
"""Characters sampled for each such test."""
COLD = 0.02
"""A temperature at which the most likely character comes all but always."""
CLOSE = 2.5e-4
"""Factor by which logits come so close to each other that temperatures down to 1e-4 are not greedy; from 1e-5 on they
are, as exp(-0.8 · 2.5e-4 / 1e-5) shows."""
LIKELY, SELDOM, SELDOM_SHARE = 8, 52, 0.08
"""Characters that are likely, those that are seldom, and the probability of all of these together."""
TOLERANCE = 1e-3
"""Bits by which a figure may differ: sums of float32 stay well below."""

STAND_IN_BATCHES = '''
def stream_batches(ids, batch_size, seq_length):
    """Takes and gives what the exercise `batches` asks for."""
    steps = (len(ids) - 1) // (batch_size * seq_length) * seq_length
    x, y = (ids[begin : begin + batch_size * steps].reshape(batch_size, steps) for begin in (0, 1))
    return zip(x.split(seq_length, dim=1), y.split(seq_length, dim=1)) if steps else iter(())
'''


@dataclass(frozen=True)
class Known:
    """A model of known logits: see ``_ExaminedModel`` of the instruments."""

    table: Array
    steps: Array
    pair: bool

    @classmethod
    def draw(cls, rng: np.random.Generator, n_symbols: int, totals: int, pair: bool) -> "Known":
        table = rng.normal(size=(totals, n_symbols))
        # One character of each row stands out, another one in each where there are enough: what is greedy leaves no
        # doubt, and tells the total.
        table[np.arange(totals), np.resize(rng.permutation(n_symbols), totals)] = table.max(axis=1) + 0.8
        # All steps occur, none is 0: every character moves the total.
        steps = rng.permutation(np.resize(np.arange(1, totals), n_symbols))
        return cls(table.astype(np.float32), steps.astype(np.int64), pair)

    @property
    def n_symbols(self) -> int:
        return self.table.shape[1]

    def construct(self, candidate: Candidate) -> Remote:
        return candidate.construct("_ExaminedModel", self.table, self.steps, self.pair)

    def scaled(self, factor: float) -> "Known":
        return Known(self.table * np.float32(factor), self.steps, self.pair)

    def totals(self, ids: Array, before: int = 0) -> Array:
        """The running total after each character."""
        return (before + np.cumsum(self.steps[ids])) % len(self.table)

    def greedy(self, ids: Array, length: int, before: int = 0) -> Array:
        """The most likely characters that follow these."""
        total, found = int(self.totals(ids, before)[-1]), []
        for _ in range(length):
            found.append(int(self.table[total].argmax()))
            total = (total + int(self.steps[found[-1]])) % len(self.table)
        return np.array(found, dtype=np.int64)


class Setting:
    """A known model and a vocabulary in the candidate, and calls of ``generate`` with them."""

    def __init__(self, candidate: Candidate, rng: np.random.Generator, pair: bool, totals: int = 5) -> None:
        candidate.define(INSTRUMENTS)
        self.candidate, self.rng = candidate, rng
        self.use(Known.draw(rng, 7, totals, pair), "".join(rng.permutation(list(SYMBOLS))[:7]))

    def use(self, known: Known, symbols: str = "") -> None:
        """Take another model, and perhaps another vocabulary."""
        self.known, self.model = known, known.construct(self.candidate)
        if symbols:
            self.symbols = symbols
            self.vocabulary = self.candidate.construct("_ExaminedVocabulary", symbols)

    def text(self, ids: Array) -> str:
        return "".join(self.symbols[i] for i in ids)

    def generate(self, ids: Array, length: int, temperature: float, seed: int | None = None, drawn: int = 0) -> Array:
        """Ids of the characters that follow the prompt. Lost unless the text has the right form.

        drawn: how many numbers the generator has given before.
        """
        prompt = self.text(ids)
        seed = int(self.rng.integers(2**31)) if seed is None else seed
        generator = self.candidate.construct("_examined_generator", seed, drawn)
        given = self.candidate.call(
            "generate", self.model, self.vocabulary, prompt, length, temperature, generator, arrays="numpy"
        )
        called = f"generate with a prompt of {len(prompt)} characters, length {length}, temperature {temperature:g}"
        if not isinstance(given, str):
            raise Lost(f"{called} should return a string, got {kind_of(given)}.")
        if not given.startswith(prompt):
            raise Lost(f"{called}: the text should begin with the prompt.")
        if len(given) != len(prompt) + length:
            raise Lost(f"{called}: expected the prompt and {length} further characters, got {len(given) - len(prompt)} "
                       "further ones.")  # fmt: skip
        if not set(given) <= set(self.symbols):
            raise Lost(f"{called}: there are characters that the vocabulary does not have.")
        return np.array([self.symbols.index(c) for c in given[len(prompt) :]], dtype=np.int64)


# --- sampling ---------------------------------------------------------------------------------------------


def _form(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    for pair, prompt, length in ((False, 1, 20), (True, 6, 1), (False, 5, 0), (True, 1, 33)):
        setting = Setting(candidate, rng, pair)
        setting.generate(rng.integers(0, 7, prompt), length, 1.0)


def _greedy(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """With temperature 0 the text is the most likely one, character by character."""
    for pair in (False, True):
        setting = Setting(candidate, rng, pair)
        known, prompt = setting.known, rng.integers(0, 7, 1)
        found = setting.generate(prompt, 40, 0)
        if not np.array_equal(found, known.greedy(prompt, 40)):
            words = _likely_path(known, prompt, found)
            raise Lost("generate with temperature 0 should always take the most likely character, given all before "
                       f"it.{words}")  # fmt: skip
        again = setting.generate(prompt, 40, 0.0)
        if not np.array_equal(again, found):
            raise Lost("generate with temperature 0 gives another text for another generator: nothing is left to "
                       "chance there.")  # fmt: skip
        setting.use(known.scaled(CLOSE))
        if not np.array_equal(setting.generate(prompt, 40, 0), known.greedy(prompt, 40)):
            raise Lost("generate with temperature 0, where several characters are almost equally likely, does not "
                       "always take the likeliest of them. Is there a small temperature in place of 0?")  # fmt: skip


def _likely_path(known: Known, prompt: Array, found: Array) -> str:
    mistakes = {
        "the state seems not to be carried from one character to the next": _stateless_path(known, prompt, len(found)),
        "the last character of the prompt seems to be read twice": known.greedy(
            np.append(prompt, prompt[-1]), len(found)
        ),
        "only the last character of the prompt seems to be read": known.greedy(prompt[-1:], len(found)),
        "the last character of the prompt seems not to be read": known.greedy(prompt[:-1], len(found))
        if len(prompt) > 1
        else np.zeros(0),
    }
    return next((f" Likely: {words}." for words, path in mistakes.items() if np.array_equal(path, found)), "")


def _stateless_path(known: Known, prompt: Array, length: int) -> Array:
    path = [int(prompt[-1])]
    for _ in range(length):
        path.append(int(known.table[known.steps[path[-1]] % len(known.table)].argmax()))
    return np.array(path[1:])


def _whole_prompt(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """Prompts that end alike go on as all of their characters ask for."""
    for pair in (False, True):
        setting = Setting(candidate, rng, pair)
        known = setting.known
        for prompt in (*_telling_prompts(rng, known), *_long_prompts(rng, known)):
            right = known.greedy(prompt, 12)
            # A mistake about temperature 0, or about other ones, costs elsewhere.
            if np.array_equal(setting.generate(prompt, 12, COLD), right):
                continue
            path = setting.generate(prompt, 12, 0)
            if not np.array_equal(path, right):
                raise Lost(f"generate with a prompt of {len(prompt)} characters: the text does not go on as the whole "
                           f"prompt asks for.{_likely_path(known, prompt, path)}")  # fmt: skip


def _telling_prompts(rng: np.random.Generator, known: Known) -> list[Array]:
    """Prompts with one last character, on which leaving out, or reading twice, what comes first or last would show."""
    last = int(rng.integers(0, known.n_symbols))
    found: list[Array] = []
    while len(found) < 2:
        prompt = np.append(rng.integers(0, known.n_symbols, int(rng.integers(4, 12))), last)
        others = (prompt[-1:], np.append(prompt, last), prompt[:-1], prompt[1:])
        paths = [known.greedy(other, 12).tolist() for other in others]
        if known.greedy(prompt, 12).tolist() not in paths:
            found.append(prompt)
    return found


def _long_prompts(rng: np.random.Generator, known: Known) -> list[Array]:
    """Three of which every part counts: left out, it moves the total, but for one part in five."""
    return [rng.integers(0, known.n_symbols, int(rng.integers(150, 400))) for _ in range(3)]


def _distribution(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """Sampled characters follow softmax(logits / temperature), by a chi-square test in each state of the model."""
    for pair, temperature in ((False, 0.5), (True, 1.6), (False, 1.0)):
        setting = Setting(candidate, rng, pair)
        prompt = rng.integers(0, 7, 1)
        found = setting.generate(prompt, SAMPLED, temperature)
        if not _fits(setting.known, _totals_before(setting.known, prompt, found), found, 1 / temperature):
            raise Lost(f"generate with temperature {temperature:g}: {SAMPLED} characters are not distributed as the "
                       "model's logits at this temperature ask "
                       f"for.{_likely_distribution(setting.known, prompt, found, temperature)}")  # fmt: skip
    _seldom(candidate, rng)


def _seldom(candidate: Candidate, rng: np.random.Generator) -> None:
    """Characters that are seldom come as often as they should, at high temperatures and at low ones."""
    setting = Setting(candidate, rng, pair=False)
    symbols = "".join(rng.permutation(list(MANY)))
    weights = np.where(np.arange(len(symbols)) < LIKELY, (1 - SELDOM_SHARE) / LIKELY, SELDOM_SHARE / SELDOM)
    likely = weights * np.exp(0.3 * rng.normal(size=len(symbols)))
    likely /= likely.sum()
    found = []
    for temperature in (0.7, 1.0, 3.0):
        # Whatever the total is, the logits are the same: what is wrong with the state costs elsewhere.
        table = np.tile(temperature * np.log(likely), (2, 1)).astype(np.float32)
        setting.use(Known(table, np.ones(len(symbols), np.int64), pair=False), symbols)
        found.append(setting.generate(rng.integers(0, LIKELY, 3), SAMPLED, temperature))
    if any(_probability(np.zeros_like(ids), ids, likely[None]) <= ALPHA for ids in (*found, np.concatenate(found))):
        raise Lost(f"generate, where a few of {len(symbols)} characters are likely: {SAMPLED} characters at each of "
                   "the temperatures 0.7, 1 and 3 are not distributed as the model's logits ask for. Can the seldom "
                   "ones come, too, and is every temperature used as it is given?")  # fmt: skip


def _totals_before(known: Known, prompt: Array, found: Array) -> Array:
    """The running total on which each sampled character was to depend."""
    return known.totals(np.concatenate([prompt, found[:-1]]))[len(prompt) - 1 :]


def _fits(known: Known, totals: Array, found: Array, factor: float) -> bool:
    """Whether the characters found at these totals may have the probabilities softmax(factor · logits)."""
    return _probability(totals, found, _softmax(factor * known.table)) > ALPHA


def _probability(totals: Array, found: Array, likely: Array) -> float:
    """Of a chi-square value as large as this, or larger; likely (totals, symbols): probabilities in each row."""
    chi, degrees = 0.0, 0
    for total, row in enumerate(likely):
        counts = np.bincount(found[totals == total], minlength=len(row)).astype(float)
        expected = counts.sum() * row
        rare = expected < 5  # of these only the sum is compared
        pairs = [(counts[~rare], expected[~rare])]
        if expected[rare].sum() >= 5:
            pairs.append((counts[rare].sum(keepdims=True), expected[rare].sum(keepdims=True)))
        elif counts[rare].sum() > 30:
            return 0.0
        cells = sum(len(expected) for _, expected in pairs)
        if cells > 1:
            chi += sum(float(((seen - expected) ** 2 / expected).sum()) for seen, expected in pairs)
            degrees += cells - 1 if not rare.any() or len(pairs) > 1 else cells
    return float(stats.chi2.sf(chi, degrees)) if degrees else 1.0


def _likely_distribution(known: Known, prompt: Array, found: Array, temperature: float) -> str:
    totals = _totals_before(known, prompt, found)
    stateless = known.steps[np.append(prompt[-1:], found[:-1])] % len(known.table)
    if np.array_equal(known.table[totals].argmax(axis=1), found):
        return " The most likely character comes every time: nothing is sampled."
    logits, right = known.table.astype(float), _softmax(known.table / temperature)
    log_likely = np.log(_softmax(logits))
    mistakes: dict[str, tuple[Array, Array]] = {
        "the temperature works the wrong way round: a high one should make the text more surprising": (
            totals,
            _softmax(logits * temperature),
        ),
        "the temperature has no effect, as where it acts behind the softmax": (totals, _softmax(logits)),
        "all characters are equally likely, whatever the logits": (totals, np.full_like(right, 1 / known.n_symbols)),
        "a softmax seems to be taken twice": (totals, _softmax(right)),
        "log-probabilities seem to be taken for probabilities": (totals, _shares(-log_likely / temperature)),
        "the state seems not to be carried from one character to the next": (stateless, right),
        "the last character of the prompt seems to be read twice": (
            _totals_before(known, np.append(prompt, prompt[-1]), found),
            right,
        ),
    }
    for words, (places, likely) in mistakes.items():
        if _probability(places, found, likely) > ALPHA:
            return f" Likely: {words}."
    return ""


def _softmax(logits: Array) -> Array:
    powers = np.exp(logits.astype(float) - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def _shares(weights: Array) -> Array:
    return weights / weights.sum(axis=1, keepdims=True)


def _reproducible(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """The generator, and it alone, decides."""
    setting = Setting(candidate, rng, pair=False)
    setting.use(setting.known.scaled(0.2))  # many characters are likely
    prompt = rng.integers(0, 7, 3)
    first, second = (int(seed) for seed in rng.choice(2**31, 2, replace=False))

    def text(seed: int, global_seed: int, drawn: int = 0) -> list[int]:
        candidate.call("_examined_global_seed", global_seed, arrays="numpy")
        return setting.generate(prompt, 60, 1.0, seed, drawn).tolist()

    if text(first, 1) != text(first, 2):
        raise Lost("generate with two generators of the same seed gives different texts. Is everything drawn from the "
                   "generator that is passed?")  # fmt: skip
    if text(first, 1) == text(second, 1):
        raise Lost("generate gives the same text for generators of different seeds. Is the generator used?")
    if text(first, 1) == text(first, 1, drawn=5):
        raise Lost("generate gives the text of a fresh generator for one from which numbers were drawn before. Does it "
                   "set the generator's seed itself?")  # fmt: skip


SAMPLING = Examination(
    "sampling",
    (
        Part("the prompt and further characters", 0.15, _form),
        Part("temperature 0 is greedy", 0.2, _greedy),
        Part("the whole prompt counts", 0.2, _whole_prompt),
        Part("distribution at other temperatures", 0.3, _distribution),
        Part("the generator decides", 0.15, _reproducible),
    ),
)


# --- perplexity -------------------------------------------------------------------------------------------


def bits_of_each(known: Known, ids: Array, totals: Array | None = None) -> Array:
    """-log2 of the probability of each character but the first, (n - 1,)."""
    totals = known.totals(ids[:-1]) if totals is None else totals
    likely = _softmax(known.table)
    return -np.log2(likely[totals, ids[1:]])


def _measured(candidate: Candidate, model: Remote, ids: Array) -> float:
    """What bits_per_character says. Lost unless it is a number."""
    given = candidate.call("bits_per_character", model, ids)
    value = given.item() if isinstance(given, Array) and given.ndim == 0 else given
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Lost(f"bits_per_character of {len(ids)} ids should return a float, got {kind_of(given)}.")
    return float(value)


def _require_bits(candidate: Candidate, known: Known, ids: Array) -> None:
    model = known.construct(candidate)
    given, bits = _measured(candidate, model, ids), bits_of_each(known, ids)
    if not abs(given - bits.mean()) <= TOLERANCE:
        raise Lost(f"bits_per_character of {len(ids)} ids: expected {bits.mean():.4f} with a model of known logits, "
                   f"got {given:.4f}.{_likely_bits(known, ids, given)}")  # fmt: skip
    again = _measured(candidate, model, ids) if len(ids) < 100 else given
    if abs(again - given) > TOLERANCE:
        raise Lost(f"bits_per_character of {len(ids)} ids: {given:.4f}, and {again:.4f} when it is called once more "
                   "with the same model and ids. Is a state kept from one call to the next?")  # fmt: skip


def _likely_bits(known: Known, ids: Array, given: float) -> str:
    bits = bits_of_each(known, ids)
    mean, n = float(bits.mean()), len(ids)
    alone = known.steps[ids[:-1]] % len(known.table)
    likely = _softmax(known.table)
    itself = -np.log2(likely[known.totals(ids[:-1]), ids[:-1]])
    mistakes: dict[str, Callable[[], float]] = {
        "these are nats, with the natural logarithm": lambda: mean * math.log(2),
        "this is the perplexity": lambda: 2 ** min(mean, 100.0),
        "the sign is wrong": lambda: -mean,
        "this is the sum over all characters": lambda: mean * (n - 1),
        "it is divided by the number of ids: the first one is not predicted": lambda: mean * (n - 1) / n,
        "it is divided by the size of the vocabulary as well": lambda: mean / known.n_symbols,
        "the mean is taken before the logarithm": lambda: -math.log2(float((2**-bits).mean())),
        "each character is compared with the prediction of itself, not of the next one": lambda: float(itself.mean()),
        "each prediction seems to begin with a fresh state": lambda: float(bits_of_each(known, ids, alone).mean()),
        "the first character seems to count as well, or the last not": lambda: float(bits[:-1].mean()),
    }
    for words, compute in mistakes.items():
        if len(bits) > 1 and abs(given - compute()) <= TOLERANCE:
            return f" Likely: {words}."
    return ""


def _short_text(rng: np.random.Generator, known: Known, length: int) -> Array:
    return rng.integers(0, known.n_symbols, length)


def _uneven_text(rng: np.random.Generator, known: Known, length: int) -> Array:
    """A text whose end is far less likely than its beginning: a part that counts too much, or not at all, shows."""
    ranked = known.table.argsort(axis=1)
    ids, total = [int(rng.integers(known.n_symbols))], 0
    for place in range(1, length):
        total = (total + int(known.steps[ids[-1]])) % len(known.table)
        likely = -1 if rng.random() < 0.8 else int(rng.integers(known.n_symbols))
        ids.append(int(ranked[total, likely if place < 0.9 * length else rng.integers(3)]))
    return np.array(ids)


def _known_bits(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    candidate.define(INSTRUMENTS)
    for pair in (False, True):
        known = Known.draw(rng, 6, 7, pair)
        _require_bits(candidate, known, _short_text(rng, known, int(rng.integers(40, 60))))


def _long_texts(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    candidate.define(INSTRUMENTS)
    # Of pieces of round sizes, the last has one character to be read or foretold: there it is easily lost.
    for pair, length in ((False, 1001), (True, 1002), (False, 1025), (True, 1026), (True, 12_000)):
        known = Known.draw(rng, 6, 7, pair)
        length += int(rng.integers(1, 800)) if length > 10_000 else 0
        _require_bits(candidate, known, _uneven_text(rng, known, length))


def _shortest(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    candidate.define(INSTRUMENTS)
    for length in (2, 3):
        known = Known.draw(rng, 6, 7, pair=length == 3)
        _require_bits(candidate, known, _short_text(rng, known, length))


PERPLEXITY = Examination(
    "perplexity",
    (
        Part("bits of a model of known logits", 0.5, _known_bits),
        Part("long texts, with the state carried", 0.35, _long_texts),
        Part("two characters, and three", 0.15, _shortest),
    ),
    builds_on=("batches",),
    stand_ins=STAND_IN_BATCHES,
)
