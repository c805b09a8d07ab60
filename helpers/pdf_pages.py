"""A PDF as lines of text and boxes of pictures, page by page, in reading order: what the check of reports looks at.

Read with pdfplumber, which need not be there for anything else. Lines come from the places of the characters: a row
of words is cut at the white between two columns and at wide gaps, and each column is read before the next one.
Coordinates are points (1/72 inch) from the upper left corner of a page. Nothing is judged here.
"""

import logging
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

MAX_BYTES = 32 * 1024 * 1024
MAX_PAGES = 60
"""A report of 12 pages has some more for references and an appendix; the text of many more pages takes minutes."""

_WORD_GAP = 0.15
"""Of the size of type: white from which a new word begins. TeX sets no space characters; its spaces are 0.2 or more."""
_CELL_GAP = 2.5
"""Of the size of type: white within a row from which a new line begins, as between cells of a table."""
_SAME_ROW = 0.5
"""Words stand in one row when they overlap vertically by this part of the lower of them."""
_GUTTER_FREE = 0.65
"""Of the rows of a page, how many must leave the white between two columns free (titles and wide figures do not)."""
_GUTTER_ROWS = 8

_BOLD = re.compile(r"bold|black|heavy|semibold|demi|medi(?!um)|cmbx|cmssbx|ecbx|sfbx|,b\b|-bd?\b", re.IGNORECASE)
_LIGATURES = {"(cid:27)": "ff", "(cid:28)": "fi", "(cid:29)": "fl", "(cid:30)": "ffi", "(cid:31)": "ffl"}
"""Where TeX's bitmap fonts (T1 encoding) have them, which tell nothing of what their characters mean."""
_CID = re.compile(r"\(cid:\d+\)")


class UnreadablePdf(Exception):
    """The file cannot be looked at. The message says in one line what it is; ``advice`` what to do."""

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(message)
        self.advice = advice


EXPORT_AGAIN = "make the PDF again, with the program that the report is written in, and open it once before handing in"


@dataclass(frozen=True)
class Box:
    x0: float
    top: float
    x1: float
    bottom: float

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        return self.bottom - self.top

    def meets(self, other: "Box") -> bool:
        """Whether two boxes share a point."""
        return self.beside(other) and self.top <= other.bottom and other.top <= self.bottom

    def beside(self, other: "Box") -> bool:
        """Whether two boxes share a part of the page's width."""
        return self.x0 <= other.x1 and other.x0 <= self.x1

    def joined(self, other: "Box") -> "Box":
        return Box(
            min(self.x0, other.x0), min(self.top, other.top), max(self.x1, other.x1), max(self.bottom, other.bottom)
        )


@dataclass(frozen=True)
class Line:
    """Words that stand beside each other in one column. ``page`` counts from 1.

    ``size``: the size of type of most letters; ``sizes``: letters by size. ``bold``, ``typewriter`` (all characters
    equally wide): of nearly all letters. ``alone``: no other words stand in its row of its column. ``turned``: it
    runs upwards or downwards.
    """

    page: int
    text: str
    box: Box
    size: float
    sizes: Counter[float]
    bold: bool
    bold_start: bool
    typewriter: bool
    alone: bool
    column: int
    turned: bool = False

    @property
    def letters(self) -> int:
        return sum(self.sizes.values())


@dataclass
class Page:
    """``lines`` in reading order. ``strokes``: boxes of drawn lines and curves. ``unnamed``: share of characters that
    the PDF does not say the meaning of."""

    number: int
    width: float
    height: float
    columns: int = 1
    lines: list[Line] = field(default_factory=list)
    images: list[Box] = field(default_factory=list)
    strokes: list[Box] = field(default_factory=list)
    unnamed: float = 0.0

    @property
    def letters(self) -> int:
        return sum(line.letters for line in self.lines)


def read_pages(path: Path | str) -> list[Page]:
    """The pages of a PDF. Raises UnreadablePdf with a reason in words, ImportError when pdfplumber is missing."""
    path = Path(path)
    _refuse_at_sight(path)
    pdfplumber = _pdfplumber()
    try:
        with _quiet("pdfminer"), pdfplumber.open(path) as pdf:
            _refuse_many_pages(pdf)
            pages = []
            for page in pdf.pages:
                pages.append(_page(page))
                page.close()  # a page keeps what was read of it
    except UnreadablePdf:
        raise
    except MemoryError:
        raise UnreadablePdf("reading it takes too much memory", _DRAWINGS) from None
    except RecursionError:
        raise UnreadablePdf("its parts are nested too deeply, or in a circle", EXPORT_AGAIN) from None
    except Exception as error:  # whatever a damaged file makes the parser raise
        raise _explained(error) from error
    if not pages:
        raise UnreadablePdf("it has no pages", EXPORT_AGAIN)
    return pages


@contextmanager
def _quiet(name: str) -> Iterator[None]:
    """Without the warnings of a library: an author can do nothing about a font without a bounding box."""
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


_DRAWINGS = "save figures of many thousand points as PNG and put these into the report"


def _refuse_at_sight(path: Path) -> None:
    if not path.is_file():
        raise UnreadablePdf(f"there is no file {path.name}", "give the path of the report's PDF")
    size = path.stat().st_size
    if size == 0:
        raise UnreadablePdf("the file is empty", EXPORT_AGAIN)
    if size > MAX_BYTES:
        raise UnreadablePdf(
            f"it has {size / 2**20:.0f} MiB; at most {MAX_BYTES // 2**20} are read",
            "save pictures in it with fewer pixels (200 per inch are enough for print)",
        )
    with path.open("rb") as file:
        if b"%PDF-" not in file.read(1024):
            raise UnreadablePdf("it is no PDF, whatever its name says", "export the report as PDF")


def _pdfplumber() -> Any:
    try:
        import pdfplumber
    except ImportError:
        raise ImportError("a report is checked with pdfplumber: install it with `pip install pdfplumber`") from None
    return pdfplumber


def _refuse_many_pages(pdf: Any) -> None:
    from pdfminer.pdfpage import PDFPage

    if len(list(islice(PDFPage.create_pages(pdf.doc), MAX_PAGES + 1))) > MAX_PAGES:
        raise UnreadablePdf(f"it has more than {MAX_PAGES} pages", "hand in the report alone")


def _explained(error: Exception) -> UnreadablePdf:
    """What the parser's exception means to the author of a report."""
    names = [type(found).__name__ for found in (error, *error.args, error.__cause__, error.__context__)]
    if any("Password" in name or "Encryption" in name for name in names):
        return UnreadablePdf(
            "it is encrypted: it cannot be read without a password",
            "export it without a password and without restrictions",
        )
    said = " ".join(str(error).split())[:120]
    return UnreadablePdf(f"it is damaged ({type(error).__name__}{f': {said}' if said else ''})", EXPORT_AGAIN)


# --- one page -----------------------------------------------------------------------------------------------


def _page(page: Any) -> Page:
    found = Page(int(page.page_number), float(page.width), float(page.height))
    words = page.extract_words(x_tolerance_ratio=_WORD_GAP, y_tolerance=2, return_chars=True, char_dir_rotated="btt")
    words = [word for word in words if 0 <= word["x0"] < found.width and 0 <= word["top"] < found.height]
    found.lines = list(_lines(found, words))
    found.images = [_clipped(image, found) for image in page.images]
    found.strokes = [_clipped(stroke, found) for group in (page.curves, page.lines, page.rects) for stroke in group]
    characters = [c["text"] for word in words for c in word["chars"]]
    unnamed = sum(text not in _LIGATURES and bool(_CID.fullmatch(text)) for text in characters)
    found.unnamed = unnamed / len(characters) if characters else 0.0
    return found


def _clipped(thing: dict[str, Any], page: Page) -> Box:
    x0, x1 = (min(max(float(thing[name]), 0.0), page.width) for name in ("x0", "x1"))
    top, bottom = (min(max(float(thing[name]), 0.0), page.height) for name in ("top", "bottom"))
    return Box(x0, top, x1, bottom)


def _lines(page: Page, words: list[dict[str, Any]]) -> Iterator[Line]:
    """Lines in reading order: what spans both columns parts the page, above it the left column comes first."""
    rows = [sorted(row, key=lambda word: word["x0"]) for row in _rows([w for w in words if w["upright"]])]
    gutter = _gutter(rows, page.width)
    page.columns = 1 if gutter is None else 2
    left: list[Line] = []
    right: list[Line] = []
    for row in rows:
        if gutter is None or any(word["x0"] < gutter < word["x1"] for word in row):
            yield from (*left, *right)
            left, right = [], []
            yield from _cells(page, row, 0)
        else:
            left += _cells(page, [word for word in row if word["x1"] <= gutter], 1)
            right += _cells(page, [word for word in row if word["x0"] >= gutter], 2)
    yield from (*left, *right)
    yield from _turned(page, [word for word in words if not word["upright"]])


def _turned(page: Page, words: list[dict[str, Any]]) -> Iterator[Line]:
    """Text that runs upwards or downwards, such as the name of a plot's y axis or the caption of a turned figure."""
    lying = []
    for word in words:
        downwards = word["chars"][0]["matrix"][1] < 0
        text = word["text"][::-1] if downwards else word["text"]  # words are read upwards
        along = (word["top"], word["bottom"]) if downwards else (-word["bottom"], -word["top"])
        lying.append(
            {"x0": along[0], "x1": along[1], "top": word["x0"], "bottom": word["x1"], "is": word, "text": text}
        )
    for row in _rows(lying):
        in_order = sorted(row, key=lambda word: word["x0"])
        line = _line(page, [{**word["is"], "text": word["text"]} for word in in_order], 0, alone=False)
        yield replace(line, turned=True)


def _rows(words: Iterable[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Words grouped by their height on the page, from above."""
    rows: list[list[dict[str, Any]]] = []
    spans: list[tuple[float, float]] = []
    for word in sorted(words, key=lambda word: (word["top"], word["x0"])):
        height = word["bottom"] - word["top"]
        for index in range(len(rows) - 1, max(-1, len(rows) - 6), -1):
            top, bottom = spans[index]
            shared = min(bottom, word["bottom"]) - max(top, word["top"])
            if shared > _SAME_ROW * min(height, bottom - top):
                rows[index].append(word)
                if height > bottom - top:  # the largest type decides where a row lies
                    spans[index] = (word["top"], word["bottom"])
                break
        else:
            rows.append([word])
            spans.append((word["top"], word["bottom"]))
    order = sorted(range(len(rows)), key=lambda index: spans[index])
    return [rows[index] for index in order]


def _gutter(rows: list[list[dict[str, Any]]], width: float) -> float | None:
    """The x of the white between two columns; None when there is one column."""
    best: tuple[float, float] | None = None
    for step in range(21):
        x = width * (0.4 + 0.01 * step)
        crossed = sum(any(word["x0"] - 2 < x < word["x1"] + 2 for word in row) for row in rows)
        before = sum(row[0]["x1"] < x for row in rows)
        after = sum(row[-1]["x0"] > x for row in rows)
        free = 1 - crossed / len(rows) if rows else 0.0
        enough = min(before, after) >= max(_GUTTER_ROWS, len(rows) // 5)
        # In one column of ragged or short lines most of the right half is free, but what stands there is not flush.
        begins = Counter(
            round(min(word["x0"] for word in row if word["x0"] > x) / 3) for row in rows if row[-1]["x0"] > x
        )
        flush = max((begins[near] + begins[near + 1] for near in begins), default=0)
        if enough and free >= _GUTTER_FREE and 2 * flush >= after and (best is None or free > best[0]):
            best = (free, x)
    return best[1] if best else None


def _cells(page: Page, row: list[dict[str, Any]], column: int) -> list[Line]:
    """The lines of one row of one column: it is cut where the white is wide."""
    parts: list[list[dict[str, Any]]] = []
    for word in row:
        if parts and word["x0"] - parts[-1][-1]["x1"] <= _CELL_GAP * max(word["bottom"] - word["top"], 4.0):
            parts[-1].append(word)
        else:
            parts.append([word])
    return [_line(page, part, column, alone=len(parts) == 1) for part in parts]


def _line(page: Page, words: list[dict[str, Any]], column: int, *, alone: bool) -> Line:
    characters = [c for word in words for c in word["chars"]]
    letters = [c for c in characters if c["text"].isalpha() or c["text"] in _LIGATURES]
    sizes = Counter(round(float(c["size"]), 1) for c in letters)
    everything = Counter(round(float(c["size"]), 1) for c in characters)
    bold = [bool(_BOLD.search(str(c["fontname"]).partition("+")[2] or str(c["fontname"]))) for c in letters]
    box = Box(
        min(word["x0"] for word in words),
        min(word["top"] for word in words),
        max(word["x1"] for word in words),
        max(word["bottom"] for word in words),
    )
    return Line(
        page=page.number,
        text=readable(" ".join(word["text"] for word in words)),
        box=box,
        size=(sizes or everything).most_common(1)[0][0],
        sizes=sizes,
        bold=bool(letters) and sum(bold) >= 0.9 * len(bold),
        bold_start=len(bold) >= 3 and all(bold[:3]),
        typewriter=_typewriter(letters),
        alone=alone,
        column=column,
    )


def _typewriter(letters: list[dict[str, Any]]) -> bool:
    """Whether all letters are equally wide, though some of them are of those that differ in other fonts."""
    if len({c["text"] for c in letters}) < 4 or not any(c["text"] in "ijltfr" for c in letters):
        return False
    widths = sorted((float(c["x1"]) - float(c["x0"])) / max(float(c["size"]), 0.1) for c in letters)
    return widths[-1 - len(widths) // 20] - widths[len(widths) // 20] < 0.02


def readable(text: str) -> str:
    """Text of a PDF as it is searched: ligatures taken apart, no soft hyphens, no characters without a name."""
    for code, letters in _LIGATURES.items():
        text = text.replace(code, letters)
    return unicodedata.normalize("NFKC", _CID.sub("", text).replace("\u00ad", "-"))
