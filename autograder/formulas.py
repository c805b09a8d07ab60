r"""Formulas of prose and of students' answers as MathML, which a page without scripts can show.

latex2mathml reads the LaTeX. What it gives is not safe to print: its own writing takes back the escaping of text, and
it hands styles, links and sizes on as they were typed. So its tree is copied here, and nothing comes along but the
elements and attributes that are named below, with the values that are named below. The copy also puts right what
browsers draw differently from TeX, since they know MathML Core alone: letters in other fonts, ``aligned``, names of
functions. A formula that cannot be converted, or that is too long or too deep, is None: it stays as it was typed.

`Formulas` keeps the formulas of one text out of the way while the text is formatted and cleaned: a mark stands for
each, and `InsertFormulas`, a filter for bleach, puts the elements there as tokens, which are escaped like all others.
"""

import html
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from uuid import uuid4
from xml.etree.ElementTree import Element, SubElement

from bleach.html5lib_shim import Filter
from latex2mathml.converter import convert_to_element
from latex2mathml.symbols_parser import convert_symbol

MAX_CHARACTERS = 1000
"""The longest formula that is converted; the longest of our notebooks has some 500."""
MAX_CHARACTERS_OF_TEXT = 20_000
"""Of all formulas of one text. The slowest that we found take some 5 s together, ordinary ones a tenth of that."""
MAX_WIDTH = 75
"""Letters side by side, about as wide as a sheet of A4: a formula is not broken into lines, its source is."""
WIDE = 20
"""From so many letters on a formula in a line may scroll by itself: on a telephone it is wider than the page."""
MAX_DEPTH = 40
"""Elements within elements; three fractions within each other have 10."""

_TAG_NAMES = (
    "math mfrac mi mn mo mover mpadded mphantom mroot mrow mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr"
    " munder munderover"
)
_TAGS = frozenset(_TAG_NAMES.split())
_TRUTH = re.compile("true|false")
_SIZE = re.compile(r"[0-2](\.\d{1,3})?em")
_VALUES: Mapping[str, Mapping[str, re.Pattern[str]]] = {
    "math": {"display": re.compile("block|inline")},
    "mo": {
        **dict.fromkeys(("fence", "largeop", "movablelimits", "separator", "stretchy"), _TRUTH),
        **dict.fromkeys(("lspace", "maxsize", "minsize", "rspace"), _SIZE),
        "form": re.compile("prefix|infix|postfix"),
    },
    "mfrac": {"linethickness": re.compile("0")},
    "mover": {"accent": _TRUTH},
    "mpadded": {"width": re.compile("0")},
    "mspace": {"width": re.compile(r"-?[0-2](\.\d{1,3})?em")},
    "mstyle": {"displaystyle": _TRUTH, "scriptlevel": re.compile("[0-2]")},
    "mtable": {"displaystyle": _TRUTH},
}
"""Element → attribute → what it may say, as a whole."""

_SAME = "array align* split cases matrix pmatrix bmatrix Bmatrix vmatrix Vmatrix smallmatrix"
_ENVIRONMENTS = {
    **{name: name for name in _SAME.split()},
    "aligned": "split",  # which latex2mathml does not know
    "align": "align*",  # of which it numbers the lines
    "gathered": "matrix",
    "gather": "matrix",
    "gather*": "matrix",
    "displaymath": "",
    "equation": "",
    "equation*": "",
}
"""Environment → what it is to latex2mathml; empty: nothing at all."""
_ENVIRONMENT = re.compile(r"\\(begin|end)\s*\{([A-Za-z]+\*?)\}")
_DEFINITION = re.compile(
    r"\\(?:(?:re|provide)?newcommand|newenvironment|DeclareMathOperator|[egx]?def|let)(?![A-Za-z])"
)
"""A definition that uses itself twice doubles the formula: twenty of them make a million symbols."""
_COMMENT = re.compile(r"(?<!\\)%")
"""To LaTeX the rest of the line is nothing; who wrote "95% of" meant otherwise."""
_EMPTY_END = re.compile(r"&\s*(?=\\end\b)")
_ARG_MAX = re.compile(r"\\operatorname\*?\s*\{\s*arg\s*(?:\\[,;: ])?\s*(max|min)\s*\}")
_ENTITY = re.compile(r"&#x[0-9A-Fa-f]{1,6};")
"""How latex2mathml writes symbols into texts."""
_ESCAPED = re.compile(r"\\([_%&#${} ])")
_FONTS = {
    "bold": "mathbf",
    "bold-italic": "mathbfit",
    "double-struck": "mathbb",
    "fraktur": "mathfrak",
    "monospace": "mathtt",
    "sans-serif": "mathsf",
    "sans-serif-italic": "mathsfit",
    "script": "mathcal",
}
_ARGUMENTS = {
    **dict.fromkeys(("mfrac", "mover", "mroot", "msub", "msup", "munder"), 2),
    **dict.fromkeys(("msubsup", "munderover"), 3),
}
_SPACES = {
    "negativethinmathspace": "-0.167em",
    "negativemediummathspace": "-0.222em",
    "negativethickmathspace": "-0.278em",
    "thinmathspace": "0.167em",
    "thickmathspace": "0.278em",
}
_THIN = "0.167em"
_PLAIN = frozenset("/|\u2016\u2223")
"""Set without the space that browsers put around them, and no taller than a letter: a/b, |x|."""
_CLOSING = frozenset((*")]}|!", "\u2016", "\u27e9"))
_PRIMES = re.compile("[\u2032-\u2034\u2057]+")
_SIGNS = frozenset("+\u2212\u00b1")
_LEFT_OUT = frozenset(("&", "{", "}", "#", "$"))
"""Marks of LaTeX that are no symbols: a formula in which one is left was not understood."""


class NotUnderstood(Exception):
    """LaTeX that has no faithful MathML here."""


def as_mathml(latex: str, display: bool = False) -> Element | None:
    """A formula, without its delimiters, as MathML of the whitelist; None when it is to stay as it was typed."""
    if len(latex) > MAX_CHARACTERS or _DEFINITION.search(latex) or _COMMENT.search(latex):
        return None
    try:
        made = _copy(convert_to_element(_known(latex), display="block" if display else "inline"), MAX_DEPTH)
    except Exception:  # latex2mathml has a dozen errors of its own, and any other for what its authors did not think of
        return None
    return made if _width(made) <= MAX_WIDTH else None


def _known(latex: str) -> str:
    """The formula in the environments and commands that latex2mathml knows."""

    def environment(found: re.Match[str]) -> str:
        if found[2] not in _ENVIRONMENTS:
            raise NotUnderstood(found[0])
        name = _ENVIRONMENTS[found[2]]
        return f"\\{found[1]}{{{name}}}" if name else ""

    with_ends = _EMPTY_END.sub("& {} ", _ENVIRONMENT.sub(environment, latex))  # it drops a row whose last cell is empty
    return _ARG_MAX.sub(r"\\arg\1", with_ends).strip()


def _copy(read: Element, depth: int) -> Element:
    """The element with what may stand on a page, and nothing else of it."""
    if depth == 0 or read.tag not in _TAGS or len(read) != _ARGUMENTS.get(read.tag, len(read)):
        raise NotUnderstood(read.tag)
    made = Element(read.tag, _attributes(read))
    made.text = _text(read)
    if made.tag == "mo" and len(made.text) > 1 and made.text.isalpha():
        made.tag = "mi"  # as of operatorname: a name, which needs no operator's space before a parenthesis
    made.extend(_copy(child, depth - 1) for child in read)
    if made.tag in ("msup", "msubsup") and _PRIMES.fullmatch(made[-1].text or ""):
        return _primed(made)
    if made.tag == "mrow":
        return _one_name(made)
    return _spaced(made) if made.tag in ("math", "mtd") else made


def _attributes(read: Element) -> dict[str, str]:
    named = dict(read.attrib)
    if read.tag == "mspace":
        named["width"] = _SPACES.get(named.get("width", ""), named.get("width", ""))
    if read.tag == "mo" and (symbol := _symbols(read.text)) in _PLAIN and named.get("fence") != "true":
        named["stretchy"] = "false"  # or |x| beside a fraction grows as tall as that
        if symbol != "\u2223":  # that of a condition, p(x | y)
            named |= {"lspace": "0em", "rspace": "0em"}
    kept = {
        name: value
        for name, value in named.items()
        if (known := _VALUES.get(read.tag, {}).get(name)) and known.fullmatch(value)
    }
    if read.tag == "mi" and named.get("mathvariant") == "normal":
        kept["mathvariant"] = "normal"
    if read.tag == "mtd" and named.get("columnalign") in ("left", "right"):
        kept["class"] = named["columnalign"]  # the page's style aligns by it: MathML Core has no columnalign
    return kept


def _symbols(text: str | None) -> str:
    return _ENTITY.sub(lambda found: html.unescape(found[0]), text or "")


def _text(read: Element) -> str:
    text = _symbols(read.text)
    if read.tag == "mtext":
        text = _ESCAPED.sub(r"\1", text)
    elif read.tag in ("mi", "mn"):
        font = _FONTS.get(read.get("mathvariant", ""), "")
        text = "".join(_in_font(letter, font) for letter in text) if font else text
    if "\\" in text or (read.tag == "mi" and read.text in _LEFT_OUT) or (read.tag == "mo" and not text):
        raise NotUnderstood(text)
    return text


def _in_font(letter: str, font: str) -> str:
    """The letter of Unicode's mathematical alphabets: MathML Core has no other fonts."""
    code = convert_symbol(f"\\{font}{{{letter}}}")
    return chr(int(code, 16)) if code else letter


def _primed(script: Element) -> Element:
    """Primes beside their letter: they are high as they are, and as a superscript too small to be seen."""
    row = Element("mrow")
    row.append(script[0])
    SubElement(row, "mo", lspace="0em", rspace="0em").text = script[-1].text
    if script.tag == "msup":
        return row
    made = Element("msub")
    made.extend((row, script[1]))
    return made


def _one_name(row: Element) -> Element:
    r"""A row of upright letters, as of \mathrm{diag}, as one name; any other row with its names spaced."""
    letters = [child.text or "" for child in row if child.tag == "mi" and child.get("mathvariant") == "normal"]
    if len(letters) == len(row) > 1 and all(letter.isalpha() for letter in letters):
        name = Element("mi")
        name.text = "".join(letters)
        return name
    return _spaced(row)


def _spaced(row: Element) -> Element:
    """The row with a thin space between a function's name and what it is applied to, as TeX sets it: log p."""
    made = Element(row.tag, row.attrib)
    made.text = row.text
    before: Element | None = None
    for child in row:
        if before is not None and _is_name(before) and child.tag not in ("mo", "mspace", "mtext"):
            SubElement(made, "mspace", width=_THIN)
        if child.tag == "mo" and child.text in _SIGNS and _begins(before):
            child.set("form", "prefix")  # the sign of a number, close to it
        made.append(child)
        before = child
    return made


def _begins(before: Element | None) -> bool:
    """Whether what follows begins a term: nothing stands before it, or an operator that is no closing bracket."""
    return before is None or (before.tag == "mo" and before.text not in _CLOSING and before.get("form") != "postfix")


def _is_name(element: Element) -> bool:
    """Whether it is a name of several letters, or one with an index or exponent."""
    if element.tag in ("msub", "msup", "msubsup", "munder") and len(element):
        return _is_name(element[0])
    return element.tag == "mi" and len(element.text or "") > 1 and (element.text or "").isalpha()


def _width(element: Element) -> float:
    """About how wide a formula is, in letters; indices and prose are smaller."""
    parts = [_width(child) for child in element]
    if element.tag == "mspace":
        return float(element.get("width", "0em").removesuffix("em"))
    if element.tag in ("mfrac", "mover", "mtable", "munder", "munderover"):
        return max(parts, default=0.0)
    if element.tag in ("msub", "msubsup", "msup"):
        return parts[0] + 0.7 * max(parts[1:])
    return len(element.text or "") * (0.7 if element.tag == "mtext" else 1.0) + sum(parts)


# ---------------------------------------------------------------------------------------------------
# Formulas in a text that is cleaned


class Formulas:
    """The formulas of one text, each behind a mark that nobody can guess, and so nobody can have typed."""

    def __init__(self) -> None:
        self.name = uuid4().hex
        self.mark = re.compile(rf"{self.name}-(\d+);")
        self.left = MAX_CHARACTERS_OF_TEXT
        self.elements: list[Element] = []
        self.sources: list[str] = []

    def keep(self, source: str, latex: str, display: bool) -> str | None:
        """The mark that stands for a formula; None when it stays as `source`, which has its delimiters."""
        if not display and latex[:1].isspace() != latex[-1:].isspace():
            return None  # "it costs $5 and $6" is no formula
        self.left -= len(latex)
        element = as_mathml(latex, display) if self.left >= 0 else None
        if element is None:
            return None
        self.elements.append(element)
        self.sources.append(source)
        return f"{self.name}-{len(self.elements) - 1};"

    def as_typed(self, text: str) -> str:
        """A text with the sources of its formulas in the place of their marks."""
        return self.mark.sub(lambda found: self.sources[int(found[1])], text)

    def tokens(self, number: int) -> Iterator[dict[str, Any]]:
        """One formula as html5lib's tokens, with a wrapper that may scroll where it is wide."""
        element = self.elements[number]
        block = element.get("display") == "block"
        if block or _width(element) > WIDE:
            yield _start("span", {"class": "formula" if block else "wide formula"})
            yield from _tokens(element)
            yield {"type": "EndTag", "name": "span", "namespace": None}
        else:
            yield from _tokens(element)


def insert(formulas: Formulas) -> Callable[[Any], "InsertFormulas"]:
    """The filter for one text, as bleach's `Cleaner` wants it."""
    return lambda source: InsertFormulas(source, formulas)


class InsertFormulas(Filter):
    """Puts formulas where their marks stand in text; in an attribute, such as a picture's description, their source."""

    def __init__(self, source: Any, formulas: Formulas) -> None:
        super().__init__(source)
        self.formulas = formulas

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for token in super().__iter__():
            if token["type"] == "Characters":
                yield from self._characters(token["data"])
            elif token["type"] in ("StartTag", "EmptyTag"):
                yield token | {"data": {key: self.formulas.as_typed(value) for key, value in token["data"].items()}}
            else:
                yield token

    def _characters(self, text: str) -> Iterator[dict[str, Any]]:
        for place, piece in enumerate(self.formulas.mark.split(text)):
            if place % 2:
                yield from self.formulas.tokens(int(piece))
            elif piece:
                yield {"type": "Characters", "data": piece}


def _tokens(element: Element) -> Iterator[dict[str, Any]]:
    yield _start(element.tag, element.attrib)
    if element.text:
        yield {"type": "Characters", "data": element.text}
    for child in element:
        yield from _tokens(child)
    yield {"type": "EndTag", "name": element.tag, "namespace": None}


def _start(name: str, attributes: Mapping[str, str]) -> dict[str, Any]:
    data = {(None, key): value for key, value in attributes.items()}
    return {"type": "StartTag", "name": name, "namespace": None, "data": data}
