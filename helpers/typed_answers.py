"""Typed answers to questions: how a letter, several letters, an order, pairs, a number or a few words are read.

What is right is not known here. A visible test says with the `check_...` functions whether an answer can be read at
all; whoever marks it reads it with the same `read_...` functions, so that nobody loses points for a comma. These raise
ValueError with what is expected. A blank answer ("", None, an empty list) is no error of form: see `helpers.forms`.
"""

import ast
import decimal
import math
import numbers
import operator
import re
import unicodedata
from collections.abc import Callable
from typing import Any

MAX_CHARACTERS = 200
"""A longer text is no answer to a question of this kind."""

_UNITS = {
    "share": {"": 1.0, "% percent": 0.01},
    "time": {
        "µs us microsecond microseconds": 1e-6,
        "ms msec millisecond milliseconds": 1e-3,
        "s sec secs second seconds": 1.0,
        "min mins minute minutes": 60.0,
        "h hr hrs hour hours": 3600.0,
    },
    "memory": {
        "b byte bytes": 1.0,
        "kb kbyte kbytes kilobyte kilobytes": 1e3,
        "mb mbyte mbytes megabyte megabytes": 1e6,
        "gb gbyte gbytes gigabyte gigabytes": 1e9,
        "kib kibibyte kibibytes": 1024.0,
        "mib mebibyte mebibytes": 1024.0**2,
        "gib gibibyte gibibytes": 1024.0**3,
    },
}
UNITS: dict[str, tuple[str, float]] = {
    name: (kind, size)
    for kind, units in _UNITS.items()
    for names, size in units.items()
    for name in names.split() or [""]
}
"""Unit, in small letters → what it measures, and how much of that kind's basic unit it is (1, s, byte)."""

_NUMBER = re.compile(
    r"""[≈~=]?\s*(?P<sign>[+-]?)\s*
        (?P<digits>\d+(?:[ _'’\u00a0\u202f]\d{3})+(?:[.,]\d+)?|\d+(?:,\d{3})+\.\d+|[\d.,]*\d[.,]?)
        (?:\s*/\s*(?P<below>\d+(?:\.\d+)?))?
        (?:e(?P<e>[+-]?\d{1,3})|\s*[x×*·]\s*10\s*(?:\^|\*\*)\s*\(?(?P<ten>[+-]?\d{1,3})\)?)?
        \s*(?P<unit>[^\d\s].*)?""",
    re.VERBOSE | re.IGNORECASE,
)

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_ABOUT = re.compile(
    r"(?:[A-Za-z]\w{0,9}['′]?\s*=\s*)?(?:(?:about|approx(?:\.|imately)?|roughly|circa|ca\.?)\s+)?", re.I
)
"""What may stand before a number: "h_2 = ", "about "."""
_REMARK = re.compile(r"(?<=[\w%.])\s+\([^()]*\)$")
"""What may stand behind it in brackets."""
_PAIR = re.compile(r"(\d)[\W_]{0,5}([A-Za-z])(?![A-Za-z])")
_TURNED_PAIR = re.compile(r"(?<![A-Za-z])([A-Za-z])[\W_]{0,5}(\d)")
_OPERATIONS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


def is_blank(value: Any) -> bool:
    """Whether nothing was answered: None, an empty list, or a text of white space."""
    if isinstance(value, str):
        return not value.strip()
    return value is None or (isinstance(value, list | tuple | dict) and not value)


# --- reading ----------------------------------------------------------------------------------------


def read_letter(value: Any, letters: str) -> str:
    """One of `letters`, in upper case. 'b', '(B)', 'B.' and 'option B' are all B."""
    found = _letters_in(value)
    if len(found) != 1 or found not in letters:
        raise ValueError(f"one letter of {_listed(letters)} is expected")
    return found


def read_letters(value: Any, letters: str) -> str:
    """One or several of `letters`, in alphabetical order, each once. 'c, a', 'AC', 'A and C', ['A', 'C'] are all AC."""
    found = _letters_in(value)
    if not found or set(found) - set(letters):
        raise ValueError(f"letters of {_listed(letters)} are expected, such as {letters[0]}{letters[2]}")
    return "".join(sorted(set(found)))


def read_order(value: Any, letters: str) -> str:
    """All of `letters`, each once, in the order that was given.

    'B D A C', 'b, d, a, c', 'B -> D -> A -> C' and '1. B 2. D 3. A 4. C' are all BDAC.
    """
    text = _text(value)
    found = _by_number(text, len(letters)) if re.search(r"\d", text) else _letters_in(text)
    if sorted(found) != sorted(letters):
        raise ValueError(f"each of {_listed(letters)} once is expected, in order, such as {letters[::-1]}")
    return found


def read_pairs(value: Any, letters: str) -> str:
    """The letters of the items 1, 2, 3, ..., each of `letters` once.

    '1C 2A 3B', '1-C, 2-A, 3-B', 'C1 A2 B3', {1: 'C', 2: 'A', 3: 'B'} and 'CAB' are all CAB.
    """
    if isinstance(value, dict):
        value = " ".join(f"{key}{item}" for key, item in value.items())
    text = _text(value)
    found = _by_number(text, len(letters)) if re.search(r"\d", text) else _letters_in(text)
    if sorted(found) != sorted(letters):
        items = ", ".join(f"{number}{letter}" for number, letter in enumerate(letters[::-1], start=1))
        raise ValueError(f"a letter for each item, each of {_listed(letters)} once, is expected, such as {items}")
    return found


def read_number(value: Any, unit: str = "") -> float:
    """A finite number in `unit` (a key of UNITS). A bare number is taken to be in that unit.

    12, '12', '12.0', '1.2e1', '1.2 × 10^1', '24/2', '3 * 2**2', 'about 12', '0.012 s' for the unit ms; also numbers of
    numpy and torch. A comma before exactly three digits
    groups thousands, unless a lone 0 stands before it; any other comma is a decimal one: '8,874' is 8874, '0,125' and
    '2,5' are fractions.
    """
    if isinstance(value, bool):
        raise ValueError(f"a number is expected, not {value}")
    if getattr(value, "shape", None) == () and hasattr(value, "item"):  # of numpy or torch
        value = value.item()
    if isinstance(value, numbers.Real | decimal.Decimal):
        return _finite(value)
    if isinstance(value, tuple) and all(isinstance(item, int) for item in value):
        raise ValueError("one number is expected: write its decimal point as a point, or the number in quotes")
    text = _plain_number(_text(value))
    match = _NUMBER.fullmatch(text)
    computed = _computed(text) if match is None or (match["unit"] or "").startswith(("*", "^", "×", "·")) else None
    if computed is not None:
        return _finite(computed[0] * _factor(computed[1], unit))
    if match is None:
        raise ValueError("a number is expected" + (f", such as 12 or '12 {unit}'" if unit else ", such as 12 or 0.5"))
    number = float(f"{match['sign']}{_plain_digits(match['digits'])}e{match['e'] or match['ten'] or 0}")
    if match["below"]:
        if float(match["below"]) == 0:
            raise ValueError("a finite number is expected")
        number /= float(match["below"])
    return _finite(number * _factor((match["unit"] or "").strip().rstrip("."), unit))


def read_words(value: Any) -> str:
    """A few words as they were typed."""
    text = _text(value)
    if not any(character.isalnum() for character in text):
        raise ValueError("a word or a few are expected")
    return text


def _text(value: Any) -> str:
    """A text, or the texts of a list one after the other."""
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        value = ", ".join(value)
    if not isinstance(value, str):
        raise ValueError(f"a text in quotes is expected, not {type(value).__name__}")
    if len(value) > MAX_CHARACTERS:
        raise ValueError(f"at most {MAX_CHARACTERS} characters are expected")
    return value.strip()


def _by_number(text: str, n: int) -> str:
    """The letters that stand behind the numbers 1 to n, or all before them; '' unless each number has its letter."""
    pairs = _PAIR.findall(text)
    if re.match(r"\W*[A-Za-z]", text):
        pairs = [(number, letter) for letter, number in _TURNED_PAIR.findall(text)]
    by_number = {int(number): letter.upper() for number, letter in pairs}
    complete = len(pairs) == n == len(re.findall(r"\d", text)) and len(re.findall(r"[^\W\d_]", text)) == n
    return "".join(by_number.get(number, "") for number in range(1, n + 1)) if complete else ""


def _plain_number(text: str) -> str:
    """A number without what may stand beside it, with signs as Python has them: '≈ 5.2 × 10⁻³' gives '5.2 × 10^-3'."""
    text = re.sub(r"(?<=10)[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda power: "^" + power[0].translate(_SUPERSCRIPTS), text)
    text = unicodedata.normalize("NFKC", text).replace("−", "-").replace("\u2044", "/").replace("per cent", "percent")
    return _REMARK.sub("", _ABOUT.sub("", text.lstrip("≈~= "), count=1))


def _computed(text: str) -> tuple[float, str] | None:
    """Value and unit of a text such as '256*40/1e6' or '500 * 0.05 s'; None when it is nothing of the kind."""
    match = re.fullmatch(r"([\d.e+\-*/^()×·\s]*[\d.)])\s*([^\W\d]\w*|%)?", text)
    if match is None:
        return None
    try:
        tree = ast.parse(match[1].replace("^", "**").replace("×", "*").replace("·", "*").strip(), mode="eval")
        return _value_of(tree.body), match[2] or ""
    except (SyntaxError, ArithmeticError, ValueError):
        return None


def _value_of(node: ast.expr) -> float:
    """The value of numbers that are added, multiplied and so on, in float64: no power takes long."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return float(node.value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value_of(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATIONS:
        value = _OPERATIONS[type(node.op)](_value_of(node.left), _value_of(node.right))
        if isinstance(value, float):  # the root of a negative number is none
            return value
    raise ValueError("not a computation with numbers")


def _letters_in(value: Any) -> str:
    """The letters of an answer without what stands between them, in upper case; '' when anything else is in it."""
    text = re.sub(r"(?i)\b(?:and|then|options?|answers?)\b", " ", _text(value))
    found = re.sub(r"[\W_]+", "", text)
    return found.upper() if found.isascii() and found.isalpha() else ""


def _plain_digits(digits: str) -> str:
    """Digits with an optional decimal point, as Python reads them."""
    digits = re.sub(r"[ _'’\u00a0\u202f]", "", digits)
    grouped = re.fullmatch(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?", digits)
    digits = digits.replace(",", "" if grouped else ".")
    if digits.count(".") > 1:
        raise ValueError(f"a number is expected, and {digits!r} is none")
    return digits


def _factor(given: str, unit: str) -> float:
    """What a number in the unit `given` is multiplied by to be in `unit`; 1 when none is given."""
    if not given:
        return 1.0
    kind, size = UNITS.get(given.casefold().replace("μ", "µ"), ("", 0.0))
    wanted, basic = UNITS[unit.casefold()]
    if kind != wanted:
        raise ValueError(f"a number is expected{f' in {unit}' if unit else ''}, not in {given[:20]!r}")
    return size / basic


def _finite(number: numbers.Real | decimal.Decimal | float) -> float:
    try:
        found = float(number)
    except OverflowError:  # a whole number of more than 308 digits
        found = math.inf
    if not math.isfinite(found):
        raise ValueError("a finite number is expected")
    return found


def _listed(letters: str) -> str:
    return ", ".join(letters)


# --- visible tests ----------------------------------------------------------------------------------


def check_letter(letters: str, **answers: Any) -> None:
    """Name and value of answers that are to be one letter; AssertionError for one that cannot be read as such."""
    _check(lambda value: read_letter(value, letters), answers)


def check_letters(letters: str, **answers: Any) -> None:
    """As `check_letter`, for answers of one or several letters."""
    _check(lambda value: read_letters(value, letters), answers)


def check_order(letters: str, **answers: Any) -> None:
    """As `check_letter`, for an order of all letters."""
    _check(lambda value: read_order(value, letters), answers)


def check_pairs(letters: str, **answers: Any) -> None:
    """As `check_letter`, for a letter for each item."""
    _check(lambda value: read_pairs(value, letters), answers)


def check_number(unit: str = "", **answers: Any) -> None:
    """As `check_letter`, for numbers, bare or with a unit of the same kind."""
    _check(lambda value: read_number(value, unit), answers)


def check_words(**answers: Any) -> None:
    """As `check_letter`, for a few words."""
    _check(read_words, answers)


def _check(read: Callable[[Any], Any], answers: dict[str, Any]) -> None:
    for name, value in answers.items():
        if is_blank(value):
            continue
        try:
            read(value)
        except ValueError as error:
            raise AssertionError(f"{name} = {_shown(value)}: {error}.") from None


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
