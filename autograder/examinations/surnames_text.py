"""Examinations of `alphabet` and `one_hot`: from names to characters, and from characters to arrays.

Names are drawn over several scripts. Both exercises are plain functions of their arguments, so what they return is
compared with what is right; a part asks for one property each, so that the message can name what is missing.
"""

from collections.abc import Sequence

import numpy as np

from autograder.channel import Candidate, kind_of
from autograder.examine import Context, Examination, Lost, Part

Array = np.ndarray

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
MARKED = "áčďéěíňóřšťúůýžąćęłśźżàâçèêëîïôœùûäöüßãõñđơưạảấầẩẫậắằẳẵặẹẻẽềểễệỉĩịỏọốồổỗộớờởỡợụủũứừửữựỳỵỷỹ"
OTHERS = "Łukąшкиβδω김李'- \u0301\U0001d4d0"
UNKNOWN = "#@%"


def _names(rng: np.random.Generator, letters: str, n: int, longest: int = 9) -> list[str]:
    """n names of 1 to `longest` of these characters."""
    drawn = [rng.choice(list(letters), rng.integers(1, longest + 1)) for _ in range(n)]
    return ["".join(characters) for characters in drawn]


# --- alphabet -------------------------------------------------------------------------------------------


def _alphabet(candidate: Candidate, names: Sequence[str] | Array, what: str) -> list[str]:
    """The candidate's alphabet of these names. Lost unless it is a list of single characters."""
    given = candidate.call("build_alphabet", names, arrays="numpy")
    if isinstance(given, Array) and given.dtype.kind == "U":
        raise Lost(f"build_alphabet({what}) should return a list, got a numpy array.")
    if not isinstance(given, list):
        raise Lost(f"build_alphabet({what}) should return a list, got {kind_of(given)}.")
    found = [item.item() if isinstance(item, Array) and item.ndim == 0 else item for item in given]
    if not all(isinstance(item, str) and len(item) == 1 for item in found):
        raise Lost(f"build_alphabet({what}) should return a list of single characters.")
    return found


def _require_alphabet(found: list[str], names: Sequence[str], what: str) -> None:
    right = sorted(set("".join(names)))
    if found == right:
        return
    if sorted(set(found)) != right:
        missing, extra = sorted(set(right) - set(found)), sorted(set(found) - set(right))
        raise Lost(f"build_alphabet({what}): {len(missing)} characters are missing (first {_shown(missing)}), "
                   f"{len(extra)} are not in the names (first {_shown(extra)}).")  # fmt: skip
    if len(found) > len(right):
        raise Lost(f"build_alphabet({what}): some characters occur more than once; each should be there once.")
    raise Lost(f"build_alphabet({what}): the characters are right, but not in sorted order.")


def _sorted_and_distinct(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    for n in (40, 1):
        names = _names(rng, LETTERS, n)
        what = f"{n} names of letters from A to z"
        _require_alphabet(_alphabet(candidate, names, what), names, what)


def _as_they_are(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    for letters, what in ((LETTERS + MARKED, "names with marked letters"), (OTHERS, "names in several scripts")):
        names = [*_names(rng, letters, 60), "e\u0301 É"]
        _require_alphabet(_alphabet(candidate, names, what), names, f"{what}, as they are")


def _from_the_argument(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    names = _names(rng, LETTERS + MARKED, 30)
    as_array = np.array(names)
    what = "a numpy array of names"
    _require_alphabet(_alphabet(candidate, as_array, what), names, what)
    for edge in (" Ueda", "Ueda-", "\tUeda "):  # characters that stand at the edge of a name and nowhere else
        _require_alphabet(_alphabet(candidate, [edge, "Lee"], "two names"), [edge, "Lee"], "two names")


ALPHABET = Examination(
    "alphabet",
    (
        Part("sorted, each character once", 0.5, _sorted_and_distinct),
        Part("names as they are, in any script", 0.3, _as_they_are),
        Part("from the argument alone", 0.2, _from_the_argument),
    ),
)


# --- one_hot ----------------------------------------------------------------------------------------------


def expected_one_hot(names: Sequence[str], alphabet: Sequence[str], max_length: int) -> Array:
    """What is right: float32 (n, max_length, len(alphabet))."""
    place = {character: k for k, character in enumerate(alphabet)}
    encoded = np.zeros((len(names), max_length, len(alphabet)), np.float32)
    for i, name in enumerate(names):
        for t, character in enumerate(name[:max_length]):
            if character in place:
                encoded[i, t, place[character]] = 1
    return encoded


def _encoded(candidate: Candidate, names: Sequence[str] | Array, alphabet: list[str], max_length: int) -> Array:
    """The candidate's array. Lost unless it has the right shape and numbers."""
    given = candidate.call("one_hot_encode", names, alphabet, max_length, arrays="numpy")
    called = f"one_hot_encode of {len(names)} names, {len(alphabet)} characters, max_length {max_length}"
    if not isinstance(given, Array):
        raise Lost(f"{called} should return a numpy array, got {kind_of(given)}.")
    shape = (len(names), max_length, len(alphabet))
    if given.shape != shape:
        raise Lost(f"{called} should have the shape {shape}, got {given.shape}.")
    return given


def _compare(candidate: Candidate, names: list[str], alphabet: list[str], max_length: int, hint: str) -> None:
    found = _encoded(candidate, names, alphabet, max_length)
    right = expected_one_hot(names, alphabet, max_length)
    wrong = (found != right).any(axis=(1, 2))
    if wrong.any():
        raise Lost(f"one_hot_encode: {wrong.sum()} of {len(names)} names are wrong. {hint}")


def _draw(rng: np.random.Generator, n: int = 25, longest: int = 7) -> tuple[list[str], list[str]]:
    """Names, the first of them repeated at the end, and an alphabet, as build_alphabet gives it, with characters that
    they do not have.
    """
    letters = "".join(rng.permutation(list(LETTERS + MARKED))[:20])
    names = _names(rng, letters, n, longest)
    return [*names, names[0]], sorted(set(letters) | {"'", "-"})


def _shape_and_dtype(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    names, alphabet = _draw(rng)
    for given in (names, np.array(names), names[:1]):
        found = _encoded(candidate, given, alphabet, 11)
        if found.dtype != np.float32:
            raise Lost(f"one_hot_encode should return float32, got {found.dtype}: models compute in float32.")


def _characters(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    for max_length in (7, 12, 12):  # twice the same shape: nothing of the call before may be left
        names, alphabet = _draw(rng)
        found, right = (
            _encoded(candidate, names, alphabet, max_length),
            expected_one_hot(names, alphabet, max_length),
        )
        if not (found == right).all():
            raise Lost("one_hot_encode: " + _likely(found, right, names))
    shuffled = [str(character) for character in rng.permutation(alphabet)]
    _compare(candidate, names, shuffled, 7, "The alphabet that is passed is in another order than sorted: column k "
             "stands for alphabet[k].")  # fmt: skip
    edges = [f" {name}" for name in names] + [f"{name} " for name in names]
    _compare(candidate, edges, [" ", *alphabet], 9, "A space at the edge of a name is a character like others.")


def _likely(found: Array, right: Array, names: list[str]) -> str:
    """What may be wrong with an array that should have ones at the characters' places, in words."""
    if not np.isin(found, (0, 1)).all():
        return "there should be zeros and ones only."
    padded = [np.roll(row, right.shape[1] - len(name), axis=0) for row, name in zip(right, names, strict=True)]
    if (found == np.stack(padded)).all():
        return "padding stands in front of the names; it belongs behind them."
    if (found[:, 1:] == right[:, :-1]).all() or (found[:, :-1] == right[:, 1:]).all():
        return "all characters stand one row away from their place: character number t belongs into row t, from 0 on."
    if (found == right[:, ::-1]).all() or any((f == r[: len(n)][::-1]).all() for f, r, n in _rows(found, right, names)):
        return "the characters are in reverse order."
    rows = found.sum(axis=2)
    if (rows.sum(axis=1) != [len(name) for name in names]).any():
        return (
            "a name should have as many ones as known characters, one in each of their rows; rows behind it are zero."
        )
    return "the ones are in the wrong places: row t is the character number t, column k is alphabet[k]."


def _rows(found: Array, right: Array, names: list[str]) -> list[tuple[Array, Array, str]]:
    return [(f[: len(n)], r, n) for f, r, n in zip(found, right, names, strict=True) if len(set(n)) > 2]


def _cut(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    names, alphabet = _draw(rng, longest=14)
    _compare(candidate, names, alphabet, 5, "Longer names are cut off behind max_length characters: the first stay.")


def _unknown(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    names, alphabet = _draw(rng)
    spoiled = [_insert(name, str(rng.choice(list(UNKNOWN))), int(rng.integers(0, len(name) + 1))) for name in names]
    hint = "A character that is not in the alphabet gets a row of zeros; those behind it keep their places."
    _compare(candidate, spoiled, alphabet, 10, hint)
    other_case = [name.swapcase() for name in names if len(name.swapcase()) == len(name)]
    hint = "A letter whose capital or small form alone is in the alphabet is unknown too: it gets a row of zeros."
    _compare(candidate, other_case, [c for c in alphabet if c.swapcase() not in alphabet], 10, hint)


def _insert(name: str, character: str, place: int) -> str:
    return name[:place] + character + name[place:]


def _empty(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    names, alphabet = _draw(rng)
    _compare(candidate, [*names, "", UNKNOWN], alphabet, 9, "An empty name has zeros only.")
    _compare(candidate, names[:1], alphabet[:1], 1, "Arrays of one row and one column are arrays too.")


ONE_HOT = Examination(
    "one_hot",
    (
        Part("shape and float32", 0.25, _shape_and_dtype),
        Part("known characters in their places", 0.35, _characters),
        Part("cut off at the maximum length", 0.15, _cut),
        Part("unknown characters", 0.15, _unknown),
        Part("empty names and small sizes", 0.1, _empty),
    ),
)


def _shown(characters: Sequence[str]) -> str:
    return ", ".join(ascii(character) for character in characters[:3]) or "none"
