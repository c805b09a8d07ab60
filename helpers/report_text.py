"""The text of a report as it is built: paragraphs, headings, parts, captions and figures, and where the body ends.

Made of the lines and boxes of `helpers.pdf_pages`. What a heading looks like, what belongs to a caption and what is
running text is read off places, sizes and weights of type, as a reader does; reports are expected in English. Nothing
is judged here: `helpers.report_check` does that.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from helpers.pdf_pages import Box, Line, Page


@dataclass(frozen=True)
class Part:
    """A required part: found by its ``heading`` (a pattern, in lower case and without the number)."""

    name: str
    called: str
    heading: re.Pattern[str]
    examples: str


_SPLIT = (
    r"data splits?\b|data partition\w*|splits?\b( of the data)?|splitting\b( the data)?|partition\w*|"
    r"cross-? ?validation\b|hold-? ?out\b( data)?|"
    r"train(ing)?( (data|sets?))?((( ?[,/&+-] ?)|(,? and ))(validation|testing|test|dev|development|evaluation)\b)+"
    r"( (data|sets?))*"
)
PARTS = (
    Part("part_data", "the data", re.compile(r"\b(data|data ?-?sets?|corpus|corpora|data ?bases?)\b"), "Data set"),
    Part(
        "part_problem",
        "problem and loss",
        re.compile(
            r"\b(problem|tasks?|loss|losses|objectives?|cost|criterion|goals?|formulation|cross-entropy|metrics?)\b"
        ),
        "Problem and loss",
    ),
    Part("part_split", "the split", re.compile(rf"\b({_SPLIT})"), "Training, validation and test data"),
    Part(
        "part_experiments",
        "the experiments",
        re.compile(r"\b(experiment\w*|results?|evaluation|study|studies|ablations?|findings)\b"),
        "Experiments and results",
    ),
    Part(
        "part_discussion",
        "a discussion",
        re.compile(r"\b(discussions?|conclusions?|concluding|outlook|limitations?|lessons learn\w*)\b"),
        "Discussion and conclusions",
    ),
)
"""The required parts but for the references."""

_REFERENCES = re.compile(r"(references|bibliography|works cited|literature( cited)?|sources|references and sources)")
_APPENDIX = re.compile(r"(appendix|appendices|annex|supplement\w*)\b")
_LETTERED = re.compile(r"[A-H](\.\d+)*[.:]?\s+\S")
"""How LaTeX numbers the sections of an appendix."""
_NUMBER = re.compile(r"^(?:(?:section|chapter|part)\s+)?(?:\d+(?:\.\d+)*|[IVX]+|[A-Z](?:\.\d+)*)(?:[.):]\s*|\s+)(?=\S)")
_CAPTION = re.compile(
    r"^fig(?:ure|\.)?\s*(\d+(?:\.\d+)*|[a-z]\.?\d+)(?:[a-h]|\([a-h]\))?\s*(?P<end>[:.|–—-]|$|\s)", re.IGNORECASE
)
_TABLE_CAPTION = re.compile(r"^(table|tab\.|listing|algorithm)\s+\w+\s*[:.|]", re.IGNORECASE)
_ONE = r"(?:\d+(?:\.\d+)*|[A-Z]\.?\d+)\s*(?:[a-h]\b|\([a-h]\))?"
_MENTION = re.compile(
    rf"\bfig(?:ure|\.)?(?P<plural>s)?\.?\s*\(?(?P<numbers>{_ONE}(?:\s*(?:,\s*and|,|and|&|or|to|–|-)\s*"
    rf"(?:fig(?:ure|\.)\s*)?{_ONE})*)",
    re.IGNORECASE,
)

_RUNNING_LETTERS = 30
_RUNNING_WIDTH = 0.6
"""Of its column's width, the least that the widest line of a paragraph takes."""
_SMALLEST_PICTURE = 30.0
"""Points, in width and height."""
_FEW_STROKES = 8
"""A table with rules has fewer; a plot has axes, ticks and a curve."""
_MAX_HEADING_WORDS = 12


@dataclass
class Block:
    """Lines that belong together: a paragraph, a caption, a heading. ``figure``: its number when it is a caption."""

    lines: list[Line]
    figure: str = ""

    @property
    def page(self) -> int:
        return self.lines[0].page

    @cached_property
    def box(self) -> Box:
        box = self.lines[0].box
        for line in self.lines[1:]:
            box = box.joined(line.box)
        return box

    @property
    def text(self) -> str:
        return joined([line.text for line in self.lines])


@dataclass(frozen=True)
class Heading:
    """``position``: of its first block in the reading order. ``text``: in lower case, without its number."""

    position: int
    page: int
    text: str
    shown: str
    numbered: bool


@dataclass(frozen=True)
class Figure:
    number: str
    page: int
    caption: str
    inside: str
    """What is written in the drawing."""
    has_picture: bool


class Reading:
    """One report, as it is read: from pages to blocks, headings, parts and figures.

    Positions are indices of ``blocks``, which stand in reading order. ``running`` tells which of them are paragraphs
    of running text, ``references`` is the heading above the list of references, ``end`` and ``back`` are the positions
    between which references and appendix lie.
    """

    def __init__(self, pages: list[Page]) -> None:
        self.pages = pages
        self.lines = without_margins(pages)
        self.widths = column_widths(self.lines)
        self.pitch = common_pitch(self.lines)
        self.blocks = blocks(self.lines, self.pitch, self.widths)
        self.running = [self._is_running(block) for block in self.blocks]
        self.body_size = self._most_frequent_size(range(len(self.blocks)))
        self.headings = self._headings()
        self.references = self._references()
        self.end, self.back = self._body()

    # --- paragraphs -----------------------------------------------------------------------------------------

    def _is_running(self, block: Block) -> bool:
        """A paragraph of running text: as wide as its column, in type of various widths, neither caption nor table."""
        if block.figure or _TABLE_CAPTION.match(block.lines[0].text) or _in_contents(block.lines[0]):
            return False
        wide = [
            line
            for line in block.lines
            if line.alone
            and not line.typewriter
            and line.letters >= _RUNNING_LETTERS
            and line.box.width >= _RUNNING_WIDTH * self.widths[min(line.column, 1)]
        ]
        return bool(wide) and 2 * len(wide) >= len(block.lines) - 1

    def sizes(self, positions: Iterable[int]) -> Counter[float]:
        """Letters of running text by size of type."""
        sizes: Counter[float] = Counter()
        for position in positions:
            if self.running[position]:
                for line in self.blocks[position].lines:
                    sizes += line.sizes
        return sizes

    def _most_frequent_size(self, positions: Iterable[int]) -> float:
        sizes = self.sizes(positions)
        return sizes.most_common(1)[0][0] if sizes else 0.0

    # --- headings -------------------------------------------------------------------------------------------

    def _headings(self) -> list[Heading]:
        found = []
        title = self._title()
        for position, block in enumerate(self.blocks):
            heading = None if position in title else self._heading(position, block)
            if heading is not None:
                found.append(heading)
        return found

    def _title(self) -> set[int]:
        """Blocks of the report's title, which names its subject and no part: the largest type of the first page."""
        first = [position for position, block in enumerate(self.blocks) if block.page == 1]
        largest = max((self.blocks[position].lines[0].size for position in first), default=0.0)
        again = any(
            line.size >= largest - 0.3 for block in self.blocks if block.page > 1 for line in block.lines if line.alone
        )
        title = {p for p in first if not again and self.blocks[p].lines[0].size >= largest - 0.3}
        opening = first[:1] if first and not self.blocks[first[0]].text[:1].isdigit() else []
        return title | {p for p in opening if len(self.blocks[p].text.split()) > 2}

    @staticmethod
    def _numbered(text: str) -> bool:
        return bool(_NUMBER.match(text))

    def _heading(self, position: int, block: Block) -> Heading | None:
        """The heading that a block is, or begins with."""
        first = block.lines[0]
        if block.figure or not first.alone or _in_contents(first) or first.typewriter:
            return None
        lines = [first]
        for line in block.lines[1:]:
            if not (line.alone and abs(line.size - first.size) < 0.3 and line.bold == first.bold):
                break
            lines.append(line)
        styled = self._styled(first)
        if not styled:
            lines = lines[:1]
        text = joined([line.text for line in lines]).strip()
        plain = _NUMBER.sub("", text).strip().rstrip(".:").lower()
        words = plain.split()
        if not words or len(words) > _MAX_HEADING_WORDS or not any(c.isalpha() for c in plain):
            return None
        if not styled and not (self._numbered(text) and len(words) <= 6 and self._stands_apart(position, block)):
            return None
        return Heading(position, block.page, plain, text, self._numbered(text))

    def _styled(self, line: Line) -> bool:
        """Larger than the text, bold, or in capitals."""
        letters = [c for c in line.text if c.isalpha()]
        capitals = len(letters) >= 4 and all(c.isupper() for c in letters)
        return line.size > 1.07 * self.body_size or (line.bold and line.size > 0.9 * self.body_size) or capitals

    def _stands_apart(self, position: int, block: Block) -> bool:
        """Whether a numbered line in the type of the text is a heading, and no item of a list.

        It is alone in its block, does not end like a sentence, and text follows it that is not numbered.
        """
        following = self.blocks[position + 1] if position + 1 < len(self.blocks) else None
        before = self.blocks[position - 1] if position else None
        if len(block.lines) > 1 or block.lines[0].text.rstrip()[-1:] in ".;,":
            return False
        numbered = [b for b in (before, following) if b and b.page == block.page and self._numbered(b.text)]
        return following is not None and not numbered and following.lines[0].letters > 20

    # --- where the body ends --------------------------------------------------------------------------------

    def _references(self) -> Heading | None:
        """The last heading that says so; where pages repeat it at their head, the first of these."""
        found: Heading | None = None
        for heading in reversed(self.headings):
            if _REFERENCES.fullmatch(heading.text):
                found = heading
            elif found is not None and any(part.heading.search(heading.text) for part in PARTS):
                break
        return found

    def _body(self) -> tuple[int, int]:
        """Positions between which the references lie; what follows the second is body again.

        Without references all is body. An appendix behind them is not.
        """
        if self.references is None:
            return len(self.blocks), len(self.blocks)
        start = self.references.position
        for heading in self.headings:
            if heading.position <= start:
                continue
            if _APPENDIX.match(heading.text) or _LETTERED.match(heading.shown):
                break
            if any(part.heading.search(heading.text) for part in PARTS) and (
                heading.numbered == self._parts_are_numbered()
            ):
                return start, heading.position
        return start, len(self.blocks)

    def _parts_are_numbered(self) -> bool:
        """Whether the headings before the references have numbers: entries of a list may look like others."""
        parts = [h for h in self.headings if any(part.heading.search(h.text) for part in PARTS)]
        parts = [h for h in parts if self.references is None or h.position < self.references.position]
        return 2 * sum(h.numbered for h in parts) > len(parts)

    def body(self) -> list[int]:
        """Positions of the blocks of the body."""
        return [*range(self.end), *range(self.back, len(self.blocks))]

    def body_pages(self) -> list[int]:
        """The pages that count."""
        if self.references is None:
            return [page.number for page in self.pages]
        first = self.references.page
        behind = {self.blocks[position].page for position in range(self.back, len(self.blocks))}
        before = [p for p in range(self.end) if self.blocks[p].page == first]
        # A line or two may be the head of the page.
        shared = any(self.running[p] or self.blocks[p].figure for p in before) or len(before) > 2
        last = first if shared else first - 1
        return sorted({*range(1, last + 1), *behind})

    # --- figures --------------------------------------------------------------------------------------------

    @cached_property
    def figures(self) -> list[Figure]:
        """By caption, in reading order; of two captions with one number the first."""
        found: dict[str, Figure] = {}
        for position, block in enumerate(self.blocks):
            if block.figure and block.figure not in found:
                found[block.figure] = self._figure(position, block)
        return list(found.values())

    def _figure(self, position: int, caption: Block) -> Figure:
        page = self.pages[caption.page - 1]
        if caption.lines[0].turned:  # of a figure that lies on its side
            there = any(map(is_picture, page.images)) or len(page.strokes) >= _FEW_STROKES
            return Figure(caption.figure, page.number, caption.text, " ".join(line.text for line in page.lines), there)
        other = [
            b.box
            for p, b in enumerate(self.blocks)
            if p != position and b.page == page.number and (self.running[p] or b.figure) and b.box.beside(caption.box)
        ]
        above = max((box.bottom for box in other if box.bottom <= caption.box.top + 2), default=0.0)
        below = min((box.top for box in other if box.top >= caption.box.bottom - 2), default=page.height)
        for top, bottom in ((above, caption.box.top), (caption.box.bottom, below)):
            drawing = _drawing(page, Box(caption.box.x0, top, caption.box.x1, bottom))
            if drawing is not None:
                words = [line.text for line in page.lines if _lies_in(line.box, drawing, top, bottom)]
                return Figure(caption.figure, page.number, caption.text, " ".join(words), True)
        return Figure(caption.figure, page.number, caption.text, "", False)

    @cached_property
    def mentions(self) -> dict[str, list[int]]:
        """Numbers of figures that the text refers to, with the pages where it does."""
        found: dict[str, list[int]] = {}
        there = {figure.number for figure in self.figures}
        for page, text in self.text_by_page():
            for mention in _MENTION.finditer(text):
                first, *more = numbers(mention.group("numbers"))
                # "Figure 3, 40 epochs" means one figure, "Figure 3 and 4" may mean two.
                more = more if mention.group("plural") else [number for number in more if number in there]
                for number in (first, *more):
                    found.setdefault(number, []).append(page)
        return found

    def text_by_page(self) -> list[tuple[int, str]]:
        """The text without captions; a mention that is broken over two blocks is found as well."""
        pages: dict[int, list[str]] = {}
        for block in self.blocks:
            kept = [line.text for line in block.lines if not _in_contents(line)]
            if not block.figure and kept:
                pages.setdefault(block.page, []).extend(kept)
        found = [(page, joined(lines)) for page, lines in sorted(pages.items())]
        tails = [(page, f"{text[-12:]} {after[:30]}") for (page, text), (_, after) in pairwise(found)]
        return [*found, *tails]

    # --- parts ----------------------------------------------------------------------------------------------

    def is_of(self, heading: Heading, part: Part) -> bool:
        if self.references is not None and self.end <= heading.position < self.back:
            return False  # among the references, or in the appendix
        text = heading.text
        if part.name == "part_data":  # "Data split" is no part on the data
            text = re.sub(_SPLIT, " ", text)
        return bool(part.heading.search(text))

    def section(self, part: Part) -> str:
        """The text below all headings of a part, up to the next heading of another one."""
        text = []
        for heading in self.headings:
            if self.is_of(heading, part):
                others = [h.position for h in self.headings if h.position > heading.position]
                others = [p for p in others if any(h.position == p and self._of_any(h, part) for h in self.headings)]
                end = min(others, default=len(self.blocks))
                text += [block.text for block in self.blocks[heading.position : end]]
        return joined(text)

    def _of_any(self, heading: Heading, but: Part) -> bool:
        return any(self.is_of(heading, part) for part in PARTS if part is not but)


# --- from lines to blocks ---------------------------------------------------------------------------------------


def without_margins(pages: list[Page]) -> list[Line]:
    """All lines but page numbers and what several pages repeat at their head or foot."""
    heads = _repeated([_edge_row(page, head=True) for page in pages])
    feet = _repeated([_edge_row(page, head=False) for page in pages])
    kept = []
    for page in pages:
        aside = {id(line) for line in (*heads.get(page.number, ()), *feet.get(page.number, ()))}
        kept += [
            line
            for line in page.lines
            if id(line) not in aside and not (_is_page_number(line) and _at_the_edge(line, page))
        ]
    return kept


def _edge_row(page: Page, *, head: bool) -> list[Line]:
    """The lines that stand highest, or lowest, on a page, in its margin."""
    lines = [line for line in page.lines if not line.turned and _at_the_edge(line, page)]
    lines = [line for line in lines if (line.box.top < page.height / 2) == head]
    if not lines:
        return []
    edge = min(line.box.top for line in lines) if head else max(line.box.bottom for line in lines)
    return [line for line in lines if abs((line.box.top if head else line.box.bottom) - edge) < 3]


def _repeated(rows: list[list[Line]]) -> dict[int, list[Line]]:
    """By page, the rows whose words stand on two pages or more (numbers may differ)."""
    words = [re.sub(r"\W|\d", "", "".join(line.text for line in row)) for row in rows]
    times = Counter(word for word, row in zip(words, rows, strict=True) if row)
    return {row[0].page: row for word, row in zip(words, rows, strict=True) if row and times[word] > 1}


def _is_page_number(line: Line) -> bool:
    return bool(re.fullmatch(r"[-–—\s]*(page\s+)?(\d{1,3}|[ivx]+)(\s*(/|of)\s*\d{1,3})?[-–—\s]*", line.text.lower()))


def _at_the_edge(line: Line, page: Page) -> bool:
    return line.box.top > 0.88 * page.height or line.box.bottom < 0.12 * page.height


def column_widths(lines: list[Line]) -> tuple[float, float]:
    """Widths of text that goes over the page, and of text in one of two columns: nearly the widest lines."""

    def width(chosen: list[Line]) -> float:
        widths = sorted(line.box.width for line in chosen if line.letters >= _RUNNING_LETTERS)
        return widths[int(0.9 * (len(widths) - 1))] if widths else 1.0

    return width([line for line in lines if not line.column]), width([line for line in lines if line.column])


def common_pitch(lines: list[Line]) -> float:
    """The most frequent distance from line to line, in sizes of type."""
    pitches: Counter[float] = Counter()
    for above, line in pairwise(lines):
        if _same_column(above, line) and abs(above.size - line.size) < 0.2 and min(above.letters, line.letters) > 20:
            pitch = (line.box.bottom - above.box.bottom) / line.size
            if 0.8 < pitch < 3.5:
                pitches[round(pitch, 1)] += 1
    return pitches.most_common(1)[0][0] if pitches else 1.2


def _same_column(above: Line, below: Line) -> bool:
    return above.page == below.page and above.column == below.column and below.box.bottom > above.box.bottom


def blocks(lines: list[Line], pitch: float, widths: tuple[float, float]) -> list[Block]:
    """Lines gathered into blocks: one ends at a wider gap, another size of type, or a short last line."""
    found: list[Block] = []
    for line in lines:
        above = found[-1].lines[-1] if found else None
        apart = above is None or not _belongs(found[-1], above, line, pitch, widths)
        figure = _caption_number(line, apart)
        if apart or figure:
            found.append(Block([line], figure))
        else:
            found[-1].lines.append(line)
    return found


def _belongs(block: Block, above: Line, line: Line, pitch: float, widths: tuple[float, float]) -> bool:
    if (
        above.turned
        or line.turned
        or not _same_column(above, line)
        or abs(above.size - line.size) > 0.3
        or not above.box.beside(line.box)
    ):
        return False
    if line.box.bottom - above.box.bottom > 1.3 * max(pitch, 1.2) * line.size:
        return False
    if above.bold != line.bold and (above.alone or line.alone) and not block.figure:
        return False
    short = above.box.x1 < block.lines[0].box.x0 + 0.8 * widths[min(above.column, 1)]
    return not (short and above.text.rstrip().endswith((".", "!", "?", ":")))


def _caption_number(line: Line, apart: bool) -> str:
    """The figure that a caption beginning with this line is of; empty for any other line.

    "Figure 3. The loss falls" may also stand within a paragraph, where a sentence ends in front of it or a line break.
    """
    match = _CAPTION.match(line.text)
    if not match or _in_contents(line):
        return ""
    end = match.group("end")
    certain = end in (":", "|", "–", "—") or (apart and end == ".")
    bare = apart and (line.bold_start or match.end() >= len(line.text.rstrip()))
    return match.group(1).upper() if certain or bare else ""


def _in_contents(line: Line) -> bool:
    """A line of a table of contents or list of figures: dots that lead to a page number."""
    return bool(re.search(r"(\.\s?){4,}\s*\d*$", line.text))


def joined(lines: Sequence[str]) -> str:
    """Lines as one text; words that were divided at the end of a line are put together."""
    text = ""
    for line in lines:
        if text.endswith("-") and text[-2:-1].isalpha() and line[:1].islower():
            text = text[:-1] + line
        else:
            text = f"{text} {line}" if text else line
    return text


# --- figures ----------------------------------------------------------------------------------------------------


def is_picture(box: Box) -> bool:
    return box.width >= _SMALLEST_PICTURE and box.height >= _SMALLEST_PICTURE


def _drawing(page: Page, space: Box) -> Box | None:
    """Box of the picture or drawing in a space above or below a caption; None when there is none."""

    there = [
        (box, is_picture(box) and box in images)
        for images in (set(page.images),)
        for box in (*page.images, *page.strokes)
        if space.top - 2 <= (box.top + box.bottom) / 2 <= space.bottom + 2
    ]
    around, chosen = space, [found for found in there if found[0].beside(space)]
    for _ in range(3):  # a short caption lies below a part of its drawing only
        for box, _image in chosen:
            around = Box(min(around.x0, box.x0), space.top, max(around.x1, box.x1), space.bottom)
        chosen = [found for found in there if found[0].beside(around)]
    if not any(image for _, image in chosen) and len(chosen) < _FEW_STROKES:
        return None
    drawing = chosen[0][0]
    for box, _image in chosen:
        drawing = drawing.joined(box)
    return drawing if is_picture(drawing) else None


def _lies_in(box: Box, drawing: Box, top: float, bottom: float) -> bool:
    """Text in a drawing or right beside it, where the names of axes stand."""
    near = Box(drawing.x0 - 40, max(top, drawing.top - 40), drawing.x1 + 40, min(bottom, drawing.bottom + 40))
    return near.x0 <= box.x0 and box.x1 <= near.x1 and near.top - 2 <= box.top and box.bottom <= near.bottom + 2


def numbers(mention: str) -> list[str]:
    """Figures that are meant by "3", "3a and 4", "3(a)", "2-5", "2 to 5", "A.1"."""
    found: list[str] = []
    parts = re.split(rf"({_ONE})", mention.upper(), flags=re.IGNORECASE)
    for index in range(1, len(parts), 2):
        number = re.sub(r"\s*\(?[A-H]\)?$", "", parts[index]) if parts[index][:1].isdigit() else parts[index]
        if parts[index - 1].strip() in ("-", "–", "TO") and found and number.isdigit() and found[-1].isdigit():
            first, last = int(found[-1]), int(number)
            if first < last <= first + 50:
                found += [str(n) for n in range(first + 1, last)]
        found.append(number.strip())
    return found
