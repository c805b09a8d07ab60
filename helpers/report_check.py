"""The check of a project's report: pages, size of type, parts, figures, a curve. Run it before you hand in.

    from helpers.report_check import check_report
    print(check_report("report.pdf"))

or, in a terminal, `python -m helpers.report_check report.pdf`. It needs pdfplumber.

Each point is a `Finding`. The check reads what can be read off a page, and no more: whether a part says the right
things is for the person who marks it. Reports are expected in English.

- Pages: MIN_PAGES to MAX_PAGES, from the first page (a title page counts) to the last one that holds text or a figure
  before the references. A page on which the references begin counts only if something stands before them. An appendix
  behind the references does not count, one before them does, and so does any part that goes on behind them.
- Size of type: of running text, that is paragraphs over most of a column's width. Headings, captions, tables, formulas,
  program text, footnotes that are short, page headers, references and appendix do not decide.
- Parts: see PARTS. A heading stands in a line of its own and is larger than the text, bold, in capitals, or numbered.
- Figures: a caption begins with "Figure 3:" or "Fig. 3." and has a picture or a drawing above or below it; the text
  refers to it.
- Curve: the caption of a figure, or the text in its drawing, names a loss, an accuracy or an error, and epochs, steps
  or iterations (or a learning curve, a loss curve and the like).
"""

import json
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from helpers.pdf_pages import Page, UnreadablePdf, read_pages
from helpers.report_text import PARTS, Figure, Part, Reading, is_picture

MIN_PAGES, MAX_PAGES = 10, 12
MIN_SIZE = 11.0
"""Points."""
SIZE_TOLERANCE = 0.15
"""LaTeX's 11 pt is 10.95 of TeX's points, which are 10.91 of a PDF's; other programs round by some hundredths."""
MAX_SMALLER = 0.25
"""Of the letters of running text, how many may be smaller: long captions and tables with sentences look like it."""


@dataclass(frozen=True)
class Finding:
    """One point: ``pages`` are where it shows (counted from 1), ``advice`` says what to do when it is not ``ok``."""

    name: str
    ok: bool
    message: str
    pages: list[int] = field(default_factory=list)
    advice: str = ""

    @property
    def title(self) -> str:
        """What the point is called in front of people."""
        return TITLES.get(self.name, self.name)

    @property
    def told(self) -> str:
        """The message, with the pages."""
        return f"{self.message} ({pages_in_words(self.pages)})" if self.pages else self.message

    def __str__(self) -> str:
        told = f"{'ok    ' if self.ok else 'NOT OK'}  {self.title}: {self.told}"
        return told if self.ok or not self.advice else f"{told}\n        {self.advice[0].upper()}{self.advice[1:]}."


@dataclass(frozen=True)
class Report:
    """All findings about one file."""

    file: str
    findings: list[Finding]

    @property
    def ok(self) -> bool:
        return all(finding.ok for finding in self.findings)

    def as_dict(self) -> dict[str, object]:
        return {"file": self.file, "ok": self.ok, "findings": [asdict(finding) for finding in self.findings]}

    def __str__(self) -> str:
        return "\n".join([self.file, *map(str, self.findings)])


TITLES = {
    "hand_in": "Handing in",
    "readable": "The file",
    "pages": "Length",
    "font_size": "Size of type",
    "part_data": "Part on the data",
    "part_problem": "Part on problem and loss",
    "part_split": "Part on the split",
    "part_experiments": "Part on experiments",
    "part_discussion": "Discussion",
    "part_references": "References",
    "figures": "Figures",
    "figure_references": "Figures in the text",
    "curve": "Loss or accuracy curve",
}
"""What the points are called in front of people, in their order."""

_LOSS = re.compile(
    r"\b(loss(es)?|cost function|objective|cross-? ?entropy|likelihood|squared error|absolute error|criterion)\b"
)
_BROKEN_MENTION = re.compile(r"\bfig(?:ure|\.)?s?\.?\s*\?\?", re.IGNORECASE)
_METRIC = re.compile(
    r"\b(loss(es)?|accurac(y|ies)|errors?|perplexit(y|ies)|bits per character|bpc|cross-? ?entropy|nll|likelihood|"
    r"r?mse|mae|mape|f1)\b",
    re.IGNORECASE,
)
_PROGRESS = re.compile(
    r"\bepochs?\b|(?<!time )(?<!time-)\bsteps?\b|\biterations?\b|\bupdates?\b|\b(during|over|in the course of)"
    r" (the )?training\b|\btraining history\b|\bconverge\w*|"
    r"\b(learning|training|validation|test|loss|accuracy|error|perplexity)[- ]curves?\b",
    re.IGNORECASE,
)


def check_report(path: Path | str) -> Report:
    """Look at a report. A file that cannot be read gives one finding, ``readable``.

    Raises ImportError, with one line that says what to install, when pdfplumber is missing.
    """
    path = Path(path)
    try:
        pages = read_pages(path)
        _refuse_pictures_of_text(pages)
    except UnreadablePdf as reason:
        return Report(path.name, [Finding("readable", False, str(reason), [], reason.advice)])
    return Report(path.name, _findings(Reading(pages)))


def _refuse_pictures_of_text(pages: list[Page]) -> None:
    """A scan, with its text recognised or not, and text that is drawn or has no meaning: nothing can be said of it."""
    covered = [page.number for page in pages if _is_scanned(page)]
    if 2 * len(covered) > len(pages):
        raise UnreadablePdf(
            f"its pages are pictures ({pages_in_words(covered)}), as from a scanner",
            "export the PDF from the program that the report is written in, so that its text is text",
        )
    unnamed = [page.number for page in pages if page.unnamed > 0.3]
    if 2 * len(unnamed) > len(pages):
        raise UnreadablePdf(
            "its letters have no names, so that its text can be printed but neither searched nor read aloud",
            "embed fonts with Unicode when you export it (in LaTeX: \\usepackage{lmodern})",
        )
    if sum(page.letters for page in pages) < 100:
        raise UnreadablePdf(
            "it holds next to no text" + ("" if any(p.images or p.strokes for p in pages) else ": its pages are blank"),
            "export the PDF from the program that the report is written in, so that its text is text",
        )


def _is_scanned(page: Page) -> bool:
    whole = page.width * page.height
    share = max((image.width * image.height / whole for image in page.images), default=0.0) if whole else 0.0
    return share > 0.85 or (share > 0.4 and page.letters < 20)


# --- the points -------------------------------------------------------------------------------------------------


def _findings(reading: Reading) -> list[Finding]:
    return [
        Finding("readable", True, f"{len(reading.pages)} pages with text"),
        _length(reading),
        _font_size(reading),
        *(_part(reading, part) for part in PARTS),
        _references_finding(reading),
        _figures_finding(reading),
        _figure_references(reading),
        _curve(reading),
    ]


def _length(reading: Reading) -> Finding:
    pages = reading.body_pages()
    count = len(pages)
    if reading.references is None:
        how = "counted to the end, since no references were found"
    else:
        how = f"without the references, which begin on page {reading.references.page}"
    told = f"{count} page{'' if count == 1 else 's'}, {how}"
    advice, where = "", pages[-1:]
    if count < MIN_PAGES:
        advice = f"write {MIN_PAGES} to {MAX_PAGES} pages: say more about the experiments and what they show"
    elif count > MAX_PAGES:
        advice = f"at most {MAX_PAGES} pages: keep what your question needs, put the rest into an appendix"
        where = pages[MAX_PAGES:]
    return Finding("pages", not advice, told, where if advice else [], advice)


def _font_size(reading: Reading) -> Finding:
    body = reading.body()
    sizes = reading.sizes(body)
    if not sizes:
        advice = "write paragraphs; text that stands only in tables, lists of words or pictures does not count"
        return Finding("font_size", False, "no running text was found", [], advice)
    size, total = sizes.most_common(1)[0][0], sum(sizes.values())
    smaller = sum(n for found, n in sizes.items() if found < MIN_SIZE - SIZE_TOLERANCE)
    advice = f"set the body text in at least {MIN_SIZE:g} pt (in LaTeX: \\documentclass[11pt]{{article}})"
    if size < MIN_SIZE - SIZE_TOLERANCE:
        return Finding(
            "font_size", False, f"the body text is set in {size:.1f} pt", _small_pages(reading, body), advice
        )
    if smaller > MAX_SMALLER * total:
        told = f"{smaller / total:.0%} of the running text is smaller than {MIN_SIZE:g} pt"
        return Finding("font_size", False, told, _small_pages(reading, body), advice)
    return Finding("font_size", True, f"the body text is set in {size:.1f} pt")


def _small_pages(reading: Reading, body: Sequence[int]) -> list[int]:
    """Pages with more small running text than other."""
    pages = {reading.blocks[position].page for position in body}
    found = []
    for page in sorted(pages):
        sizes = reading.sizes(p for p in body if reading.blocks[p].page == page)
        small = sum(n for size, n in sizes.items() if size < MIN_SIZE - SIZE_TOLERANCE)
        if 2 * small > sum(sizes.values()):
            found.append(page)
    return found


def _part(reading: Reading, part: Part) -> Finding:
    heading = next((h for h in reading.headings if reading.is_of(h, part)), None)
    if heading is None:
        advice = f'give it a heading of its own, such as "{part.examples}", in a line of its own'
        return Finding(part.name, False, f"there is no heading for {part.called}", [], advice)
    if part.name == "part_problem" and not _LOSS.search(reading.section(part).lower()):
        told = f'"{_short(heading.shown)}" does not speak of a loss'
        return Finding(part.name, False, told, [heading.page], "write down the loss that is minimised, as a formula")
    return Finding(part.name, True, f'"{_short(heading.shown)}"', [heading.page])


def _references_finding(reading: Reading) -> Finding:
    if reading.references is None:
        advice = 'put the list of what you cite at the end, below a heading "References" in a line of its own'
        return Finding("part_references", False, "there is no heading for references", [], advice)
    page = reading.references.page
    below = reading.blocks[reading.references.position : reading.back]
    if sum(line.letters for block in below for line in block.lines) < len(reading.references.text) + 20:
        told = "nothing stands below the heading"
        return Finding("part_references", False, told, [page], "list what you cite: data, methods, programs")
    return Finding("part_references", True, f'"{_short(reading.references.shown)}"', [page])


def _figures_finding(reading: Reading) -> Finding:
    caption = 'write a caption that begins with "Figure 1:" directly above or below each picture'
    if not reading.figures:
        lonely = [p.number for p in reading.pages if any(map(is_picture, p.images))]
        told = "there is no figure with a caption" + (", though there are pictures" if lonely else "")
        return Finding("figures", False, told, lonely, caption)
    empty = [figure for figure in reading.figures if not figure.has_picture]
    if empty:
        told = f"no picture or drawing was found at {_figures(f.number for f in empty)}"
        return Finding("figures", False, told, _unique(f.page for f in empty), caption)
    count = len(reading.figures)
    told = f"{count} figure{'' if count == 1 else 's'} with a caption"
    return Finding("figures", True, told, _unique(f.page for f in reading.figures))


def _figure_references(reading: Reading) -> Finding:
    captions = {figure.number: figure for figure in reading.figures}
    unused = [figure for figure in reading.figures if figure.number not in reading.mentions]
    unknown = {number: pages for number, pages in reading.mentions.items() if number not in captions}
    broken = _unique(page for page, text in reading.text_by_page() if _BROKEN_MENTION.search(text))
    if not captions:
        told = "there is no figure with a caption to refer to"
        return Finding("figure_references", False, told, [], "show figures, and say in the text what they show")
    problems, pages, advice = [], [], []
    if unused:
        problems.append(f"{_figures(f.number for f in unused)} {'is' if len(unused) == 1 else 'are'} not mentioned")
        pages += [figure.page for figure in unused]
        advice.append("say in the text what each figure shows, by its number")
    if unknown:
        problems.append(f"{_figures(unknown)} {'is' if len(unknown) == 1 else 'are'} mentioned and not there")
        pages += [page for found in unknown.values() for page in found]
        advice.append('give each figure that you mention a caption that begins with "Figure" and its number')
    if broken:
        problems.append("a reference is broken (Figure ??)")
        pages += broken
        advice.append("run LaTeX twice, and compare \\ref with \\label")
    if problems:
        return Finding("figure_references", False, "; ".join(problems), _unique(pages), "; ".join(advice))
    return Finding("figure_references", True, "every figure is mentioned in the text")


def _curve(reading: Reading) -> Finding:
    def speaks(pattern: re.Pattern[str], figure: Figure) -> bool:
        return bool(pattern.search(f"{figure.caption} {figure.inside}"))

    shown = [figure for figure in reading.figures if figure.has_picture]
    curves = [f for f in shown if speaks(_METRIC, f) and speaks(_PROGRESS, f)]
    if curves:
        return Finding("curve", True, _figures([curves[0].number]), [curves[0].page])
    near = [f for f in shown if speaks(_METRIC, f)]
    advice = 'plot training and validation loss over epochs, and say so in the caption ("Loss over epochs of ...")'
    if near:
        told = f"{_figures(f.number for f in near)} may show one, but neither caption nor axis names epochs or steps"
        return Finding("curve", False, told, _unique(f.page for f in near), advice)
    return Finding("curve", False, "no figure speaks of a loss or an accuracy over epochs or steps", [], advice)


# --- words ------------------------------------------------------------------------------------------------------


def _figures(found: Iterable[str]) -> str:
    return _listed("Figure", "Figures", list(found))


def pages_in_words(found: Sequence[int]) -> str:
    """ "page 3", "pages 3 to 6 and 9"."""
    runs: list[list[int]] = []
    for page in sorted(set(found)):
        if runs and page == runs[-1][1] + 1:
            runs[-1][1] = page
        else:
            runs.append([page, page])
    words = [str(first) if first == last else f"{first} to {last}" for first, last in runs]
    return _listed("page", "pages", words) if len(set(found)) > 1 else f"page {words[0]}"


def _listed(one: str, many: str, words: list[str]) -> str:
    shown = words if len(words) <= 8 else [*words[:7], f"{len(words) - 7} more"]
    text = shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
    return f"{many if len(words) > 1 or ' ' in text else one} {text}"


def _unique(pages: Iterable[int]) -> list[int]:
    return sorted(set(pages))


def _short(text: str) -> str:
    line = "".join(c if c.isprintable() else " " for c in text)
    return line if len(line) <= 70 else f"{line[:69]}…"


def main(arguments: Sequence[str] | None = None, say: Callable[[str], object] = print) -> int:
    """The check as a program: 0 when all is well, 1 when a point is not, 2 for wrong usage. With --json, as JSON."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    as_json = "--json" in words
    paths = [word for word in words if word != "--json"]
    if len(paths) != 1:
        say("usage: python -m helpers.report_check [--json] REPORT.pdf")
        return 2
    try:
        report = check_report(paths[0])
    except ImportError as error:
        say(str(error))
        return 1
    say(json.dumps(report.as_dict()) if as_json else str(report))
    return 0 if report.ok else 1


if __name__ == "__main__":
    sys.exit(main())
