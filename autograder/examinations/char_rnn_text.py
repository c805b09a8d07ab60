"""Examinations of `vocabulary` and `batches`: from a text to ids, and from ids to batches that go on.

Texts are drawn over several scripts. The ids of a batch are all different ones, so that each tells where in the text
it came from: what is asked for are properties of these places, and every way of cutting a text into rows that has
them is right.
"""

import itertools
import string
import unicodedata
from pathlib import Path

import numpy as np

from autograder.channel import Candidate, CandidateError, Remote, kind_of
from autograder.examine import Context, Examination, Lost, Part

Array = np.ndarray
Pair = tuple[Array, Array]
"""x and y of one batch."""

INSTRUMENTS = (Path(__file__).parent / "char_rnn_instruments.py").read_text()
"""What is defined in the candidate to ask it: models of known logits and the like. It knows no answer."""

PLAIN = string.ascii_letters + string.digits + " .,;:!?'\"-()\n\t"
ANY = "àéîöüßñçøåłžśčřðþæœΑλφωбджиш中文漢字ひらが가나עבר\u0301\u00a0…–—“”\U0001f600\U0001d11e"
UNKNOWN = "§Ж☂ŵ\u2603\U0001f680"
MANY = "".join(map(chr, range(0x4E00, 0x4E00 + 700)))
"""More characters than a byte can number, as a text in Chinese has."""


# --- vocabulary -----------------------------------------------------------------------------------------


def draw_text(rng: np.random.Generator, n_symbols: int, length: int, pool: str = PLAIN) -> str:
    """A text of this length in which each of n_symbols different characters occurs."""
    symbols = rng.permutation(list(pool))[:n_symbols]
    rest = rng.choice(symbols, length - n_symbols)
    return "".join(rng.permutation(np.concatenate([symbols, rest])))


def _encode(candidate: Candidate, vocabulary: Remote, text: str, n_symbols: int) -> Array:
    """The candidate's ids of a text. Lost unless they are (n,) whole numbers 0..n_symbols-1."""
    ids = candidate.call(vocabulary, text, method="encode", arrays="numpy")
    called = f"Vocabulary.encode of {len(text)} characters"
    if not isinstance(ids, Array):
        raise Lost(f"{called} should return a LongTensor, got {kind_of(ids)}.")
    if ids.shape != (len(text),):
        raise Lost(f"{called} should have the shape ({len(text)},), one id for each character, got {ids.shape}.")
    if ids.dtype != np.int64:
        raise Lost(f"{called} should be a LongTensor (int64), got {ids.dtype}.")
    if len(ids) and not 0 <= ids.min() <= ids.max() < n_symbols:
        raise Lost(f"{called} with {n_symbols} different characters in the vocabulary: the ids should lie in "
                   f"0..{n_symbols - 1}, but they reach from {ids.min()} to {ids.max()}.")  # fmt: skip
    return ids


def _decode(candidate: Candidate, vocabulary: Remote, ids: Array) -> str:
    text = candidate.call(vocabulary, ids, method="decode")
    if not isinstance(text, str):
        raise Lost(f"Vocabulary.decode of a LongTensor of shape {ids.shape} should return a string, got "
                   f"{kind_of(text)}.")  # fmt: skip
    return text


def _size(candidate: Candidate, vocabulary: Remote) -> int:
    size = candidate.call(vocabulary, method="__len__", arrays="numpy")
    return size if isinstance(size, int) else -1


def _to_ids(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    candidate.define(INSTRUMENTS)
    for n_symbols, pool in ((30, PLAIN), (40, PLAIN + ANY), (400, MANY)):
        text = draw_text(rng, n_symbols, 5 * n_symbols, pool)
        vocabulary = candidate.construct("Vocabulary", text)
        size = _size(candidate, vocabulary)
        if size != n_symbols:
            raise Lost(f"len of a Vocabulary of a text with {n_symbols} different characters should be {n_symbols}, "
                       f"got {size}. Is every character there once, upper and lower case apart, spaces "
                       "too?")  # fmt: skip
        ids = _encode(candidate, vocabulary, text, n_symbols)
        pairs = set(zip(text, ids.tolist(), strict=True))
        if len(pairs) != n_symbols or len(set(ids.tolist())) != n_symbols:
            raise Lost("Vocabulary.encode: every character should have one id of its own, but some share an id or have "
                       "several.")  # fmt: skip
        kind = candidate.call("_examined_kind", candidate.attribute(vocabulary, "encode"), text, arrays="numpy")
        if not isinstance(kind, str) or kind != "Tensor":
            raise Lost(f"Vocabulary.encode should return a LongTensor, got a {str(kind)[:60]}.")


def _and_back(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    for n_symbols, pool in ((35, PLAIN), (40, PLAIN + ANY), (30, ANY)):
        text = f" \n{draw_text(rng, n_symbols, 150, pool)}\t "  # white space at the ends counts as well
        n_symbols = len(set(text))
        vocabulary = candidate.construct("Vocabulary", text)
        other = "".join(rng.choice(list(text), 80))
        for given in (text, other):
            back = _decode(candidate, vocabulary, _encode(candidate, vocabulary, given, n_symbols))
            if back != given:
                raise Lost(f"Vocabulary: decode(encode(text)) should be the text, but of {len(given)} characters "
                           f"{_unlike(back, given)}.")  # fmt: skip


def _unlike(back: str, given: str) -> str:
    if len(back) != len(given):
        return f"{len(back)} came back"
    return f"{sum(a != b for a, b in zip(back, given, strict=True))} came back as others"


def _unknown(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    candidate.define(INSTRUMENTS)
    text = draw_text(rng, 40, 120)
    vocabulary = candidate.construct("Vocabulary", text)
    encode = candidate.attribute(vocabulary, "encode")
    for character in map(str, rng.permutation(list(UNKNOWN))[:3]):
        place = int(rng.integers(5, 30))
        error = candidate.call("_examined_error", encode, text[:place] + character + text[place : 2 * place])
        asked = f"Vocabulary.encode of a text with {character!a}, which the vocabulary does not have"
        if not isinstance(error, dict) or not isinstance(error.get("kinds"), list):
            raise Lost(f"{asked}: expected a ValueError, but it returned. Is an unknown character left out, or "
                       "replaced?")  # fmt: skip
        kinds = [str(kind)[:60] for kind in error["kinds"]]
        kind = kinds[0] if kinds else ""
        if "ValueError" not in kinds:
            raise Lost(f"{asked}: expected a ValueError, got {kind}.")
        if not _names(str(error.get("message", "")), character):
            raise Lost(f"{asked}: the message of the {kind} should name the character.")
    _encode(candidate, vocabulary, text, 40)


def _names(message: str, character: str) -> bool:
    """Whether a message names a character: itself, escaped, by its code or by its name."""
    forms = (character, ascii(character)[1:-1], f"{ord(character):x}", str(ord(character)))
    return any(form.lower() in message.lower() for form in (*forms, unicodedata.name(character)))


def _of_its_own(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """Vocabularies side by side do not mix; the characters in the order of their ids give the same ids."""
    texts = [draw_text(rng, n_symbols, 150, PLAIN + ANY) for n_symbols in (60, 45, 70)]
    vocabularies = [candidate.construct("Vocabulary", text) for text in texts]
    for text, vocabulary in zip(texts, vocabularies, strict=True):
        n_symbols = len(set(text))
        ids = _encode(candidate, vocabulary, text, n_symbols)
        if _decode(candidate, vocabulary, ids) != text:
            raise Lost("Vocabulary: a second vocabulary changes what the first one does. Does each keep its own "
                       "characters in self?")  # fmt: skip
        in_order = _decode(candidate, vocabulary, np.arange(n_symbols))
        again = candidate.construct("Vocabulary", in_order)
        if not np.array_equal(_encode(candidate, again, text, n_symbols), ids):
            raise Lost("Vocabulary: the same characters get other ids when the text has them in another order, so that "
                       "a model that was trained before could not be used again. A set has no fixed "
                       "order.")  # fmt: skip


def _smallest(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    vocabulary = candidate.construct("Vocabulary", draw_text(rng, 20, 60))
    _encode(candidate, vocabulary, "", 20)
    if _decode(candidate, vocabulary, np.zeros(0, np.int64)) != "":
        raise Lost("Vocabulary.decode of no ids should be the empty string.")
    single = candidate.construct("Vocabulary", "ω" * 3)
    if _encode(candidate, single, "ωω", 1).tolist() != [0, 0] or _size(candidate, single) != 1:
        raise Lost("Vocabulary of a text with one character: it should have the id 0, and the length 1.")


VOCABULARY = Examination(
    "vocabulary",
    (
        Part("characters to ids", 0.3, _to_ids),
        Part("and back", 0.3, _and_back),
        Part("unknown characters", 0.2, _unknown),
        Part("each vocabulary its own, always the same", 0.1, _of_its_own),
        Part("no characters, and one", 0.1, _smallest),
    ),
)


# --- batches --------------------------------------------------------------------------------------------

BYTE = 256
LONG = 2_000
"""Ids of a long text: that all ids of a batch are below 256 does not happen by chance."""


class Stream:
    """Ids that are all different, so that each tells its place in the text, and the candidate's batches of them."""

    def __init__(self, rng: np.random.Generator, length: int, batch_size: int, seq_length: int) -> None:
        self.ids = rng.permutation(length).astype(np.int64)
        self.place = np.argsort(self.ids)
        self.shape = (batch_size, seq_length)
        # Rows may begin at multiples of whole pieces, or where the text divided by the rows puts them.
        self.fewest = max(0, (length // batch_size - 1) // seq_length)
        self.most = max(0, length - 1) // (batch_size * seq_length)
        self.call_text = f"stream_batches of {length} ids, batch_size {batch_size}, seq_length {seq_length}"

    def batches(self, candidate: Candidate) -> list[Pair]:
        """All batches as places in the text. Lost unless they have the right form and number."""
        batches = [self._places(pair) for pair in self._read(candidate, self.most + 1)]
        if len(batches) > self.most:
            raise Lost(f"{self.call_text} should give {_count(self.fewest, self.most)}, but there are more. Does it go "
                       "on behind the end of the text?")  # fmt: skip
        if len(batches) < self.fewest:
            raise Lost(f"{self.call_text} should give {_count(self.fewest, self.most)}, got {len(batches)}.")
        return batches

    def first_batches(self, candidate: Candidate) -> list[Pair]:
        """Those that every right answer gives, as places in the text: what is wrong at the end costs elsewhere."""
        batches = [self._places(pair) for pair in self._read(candidate, self.fewest)]
        if len(batches) < 2:
            raise Lost(f"{self.call_text} should give {_count(self.fewest, self.most)}, got {len(batches)}.")
        return batches

    def _read(self, candidate: Candidate, most: int) -> list[tuple]:
        given = candidate.call("stream_batches", self.ids, *self.shape)
        if isinstance(given, list | tuple):
            return [self._pair(item) for item in given[:most]]
        if not isinstance(given, Remote):
            raise Lost(f"{self.call_text} should be an iterator over pairs (x, y), got {kind_of(given)}.")
        pairs: list[tuple] = []
        iterator = candidate.call(given, method="__iter__")
        while len(pairs) < most:
            try:
                pairs.append(self._pair(candidate.call(iterator, method="__next__")))
            except CandidateError as error:
                if error.kind != "StopIteration":
                    raise
                break
        return pairs

    def _pair(self, item: object) -> tuple:
        if not isinstance(item, list | tuple) or len(item) != 2:
            raise Lost(f"{self.call_text}: each item should be a pair (x, y), got {kind_of(item)}.")
        return tuple(item)

    def _places(self, pair: tuple) -> Pair:
        return self._places_of(pair[0], "x"), self._places_of(pair[1], "y")

    def _places_of(self, given: object, which: str) -> Array:
        if not isinstance(given, Array):
            raise Lost(f"{self.call_text}: {which} should be a LongTensor, got {kind_of(given)}.")
        if given.shape != self.shape:
            cut = given.ndim == 2 and len(given) == self.shape[0] and given.shape[1] < self.shape[1]
            hint = " Is an incomplete end left out?" if cut else ""
            raise Lost(f"{self.call_text}: {which} should have the shape {self.shape}, got {given.shape}.{hint}")
        if given.dtype != np.int64:
            raise Lost(f"{self.call_text}: {which} should be a LongTensor (int64), got {given.dtype}.")
        if not 0 <= given.min() <= given.max() < len(self.ids):
            raise Lost(f"{self.call_text}: {which} has ids that the text does not have. Is something filled up?")
        if len(self.ids) > LONG and given.max() < BYTE:
            raise Lost(f"{self.call_text}: no id of {which} is {BYTE} or more, though the text has such ids. Which "
                       "type do they pass through?")  # fmt: skip
        return np.asarray(self.place[given])


def _count(fewest: int, most: int) -> str:
    if not most:
        return "no batch"
    return f"{most} batch{'es' if most > 1 else ''}" + (f" (or {fewest})" if fewest < most else "")


def _a_stream(rng: np.random.Generator) -> Stream:
    """A text that is cut into a few batches, with something left over."""
    batch_size, seq_length = int(rng.integers(3, 6)), int(rng.integers(6, 10))
    length = batch_size * seq_length * 4 + int(rng.integers(batch_size + 2, batch_size * seq_length))
    return Stream(rng, length, batch_size, seq_length)


def _a_long_stream(rng: np.random.Generator) -> Stream:
    """A text of more than a hundred batches, and of more ids than a byte has values."""
    return Stream(rng, 4 * 6 * 110 + int(rng.integers(6, 24)), 4, 6)


def _form(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    for _ in range(2):
        stream = _a_stream(rng)
        stream.first_batches(candidate)


def _one_later(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    for _ in range(3):
        stream = _a_stream(rng)
        for x, y in stream.first_batches(candidate):
            if not (y - x == 1).all():
                raise Lost(f"{stream.call_text}: y should hold, for each character of x, the one that follows it in "
                           f"the text. {_shifted(x, y)}")  # fmt: skip


def _shifted(x: Array, y: Array) -> str:
    """What y seems to be, in words."""
    if (y[:, :-1] - x[:, :-1] == 1).all():
        return "It does not for the last character of each row: which one follows it?"
    for by, words in ((0, "Here y is x itself."), (-1, "Here it is one earlier: are x and y exchanged?")):
        if (y - x == by).all():
            return words
    steps = set((y - x)[:, 0].tolist())
    return f"Here it is {steps.pop()} later." if len(steps) == 1 else ""


def _go_on(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    for stream in (_a_stream(rng), _a_stream(rng), _a_long_stream(rng)):
        xs = [x for x, _ in stream.first_batches(candidate)]
        if any((np.diff(x, axis=1) != 1).any() for x in xs):
            raise Lost(f"{stream.call_text}: a row of x should be a piece of the text, character after character. Do "
                       "rows and columns get mixed up in a reshape?")  # fmt: skip
        for before, after in itertools.pairwise(xs):
            if not (after[:, 0] == before[:, -1] + 1).all():
                raise Lost(f"{stream.call_text}: row b of a batch should go on where row b of the batch before ended. "
                           f"{_not_on(before, after)}")  # fmt: skip


def _not_on(before: Array, after: Array) -> str:
    if (before[1:, 0] == before[:-1, -1] + 1).all():
        return "Here row b + 1 of the same batch does: a state that is carried would belong to another place."
    if (after[:, 0] == before[:, -1]).all():
        return "Here the last character of a row comes again as the first of the next."
    if (after[:, 0] == before[:, 0] + 1).all():
        return "Here every batch begins one character after the batch before."
    return "Are the batches shuffled?"


def _the_end(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    batch_size, seq_length = int(rng.integers(2, 5)), int(rng.integers(4, 8))
    piece = batch_size * seq_length
    rest = int(rng.integers(2, piece))
    for length in (3 * piece + rest, 3 * piece + 1, 4 * piece - 1, 2 * piece, piece + 1):
        stream = Stream(rng, length, batch_size, seq_length)
        batches = stream.batches(candidate)
        read = np.concatenate([x.ravel() for x, _ in batches]) if batches else np.zeros(0, int)
        if len(set(read.tolist())) < len(read):
            raise Lost(f"{stream.call_text}: characters are read more than once. Does the text begin anew at its end, "
                       "or do rows overlap?")  # fmt: skip
        if len(read) and read.min() > 0:
            raise Lost(f"{stream.call_text}: the text should be read from its first character on.")
        # Behind the last character of the text comes nothing that could be predicted. (y - x = 1 is asked for above.)
        if any((y < x - 1).any() for x, y in batches):
            raise Lost(f"{stream.call_text}: at the end of the text, y holds characters that come before those of x. "
                       "Does the text go round?")  # fmt: skip
    _a_long_stream(rng).batches(candidate)
    _too_short(candidate, rng)


def _too_short(candidate: Candidate, rng: np.random.Generator) -> None:
    stream = Stream(rng, 20, 4, 6)
    try:
        stream.batches(candidate)
    except CandidateError as error:
        if error.kind != "ValueError":
            raise Lost(f"{stream.call_text} has no complete batch: expected none, but it raised {error}.") from None


def _arguments(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    for batch_size, seq_length in ((1, 7), (5, 1), (1, 1)):
        stream = Stream(rng, 31, batch_size, seq_length)
        if any((np.diff(x, axis=1) != 1).any() for x, _ in stream.batches(candidate)):
            raise Lost(f"{stream.call_text}: the rows of x are not pieces of the text.")
    stream = _a_stream(rng)
    kept = candidate.put(stream.ids)
    first, second = stream.first_batches(candidate), stream.first_batches(candidate)
    if len(first) != len(second) or not np.array_equal(first, second):
        raise Lost(f"{stream.call_text}: called twice, it does not give the same batches.")
    other = Stream(rng, len(stream.ids), *stream.shape)
    if any((np.diff(x, axis=1) != 1).any() for x, _ in other.first_batches(candidate)):
        raise Lost(f"{stream.call_text}: called with another text of the same length, it does not give that text's "
                   "batches. Is something kept from one call to the next?")  # fmt: skip
    given = candidate.call("stream_batches", kept, *stream.shape)
    if isinstance(given, Remote):
        candidate.call(candidate.call(given, method="__iter__"), method="__next__")
    if not np.array_equal(candidate.get(kept), stream.ids):
        raise Lost(f"{stream.call_text} changed the ids that it was given.")


BATCHES = Examination(
    "batches",
    (
        Part("pairs of LongTensors (batch_size, seq_length)", 0.2, _form),
        Part("y is x one character later", 0.25, _one_later),
        Part("rows go on from batch to batch", 0.3, _go_on),
        Part("the end of the text", 0.15, _the_end),
        Part("other sizes, the same again", 0.1, _arguments),
    ),
)
