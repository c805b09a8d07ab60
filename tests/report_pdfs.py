"""Reports as PDFs, for the tests of their check: a small typesetter that fills exactly the pages that it is told to."""

import io
import itertools
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from reportlab.lib.pagesizes import A4, A5
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

MARGIN = 50.0
WORDS = re.findall(
    r"\S+",
    "sequence hidden state window network layer gradient sample series weight batch output input forecast baseline "
    "recurrent unit gate memory value model signal seed mean deviation scale noise trend period lag figure-free",
)
PARTS = (
    "1 Introduction",
    "2 Data set",
    "3 Problem and loss",
    "4 Training, validation and test data",
    "5 Experiments and results",
    "6 Discussion and conclusions",
)


def words(seed: int) -> Iterator[str]:
    """Words without end that say nothing: no sentence of them names a part, a figure or a loss."""
    rng = random.Random(seed)
    for number in itertools.count(1):
        word = rng.choice(WORDS)
        yield f"{word}." if number % 12 == 0 else word


@dataclass
class Typesetter:
    """Draws running text, headings, figures and entries of references from the top of a page to its foot."""

    size: float = 11.0
    columns: int = 1
    paper: tuple[float, float] = A5
    """A small page is read in a third of the time that a large one takes."""
    leading: float = 1.25
    font: str = "Times-Roman"
    header: str = ""
    password: str = ""
    out: io.BytesIO = field(default_factory=io.BytesIO)

    def __post_init__(self) -> None:
        encrypt = None
        if self.password:
            from reportlab.lib.pdfencrypt import StandardEncryption

            encrypt = StandardEncryption(self.password, ownerPassword="owner", strength=128)
        self.canvas = Canvas(self.out, pagesize=self.paper, encrypt=encrypt)
        self.page, self.column, self.y = 1, 0, self.height - MARGIN
        self.gutter = 14.0
        self.width = (self.paper[0] - 2 * MARGIN - self.gutter * (self.columns - 1)) / self.columns
        self.source = words(7)

    @property
    def height(self) -> float:
        return self.paper[1]

    @property
    def x(self) -> float:
        return MARGIN + self.column * (self.width + self.gutter)

    def room(self, height: float) -> bool:
        return self.y - height >= MARGIN

    def next_column(self) -> None:
        self.y = self.height - MARGIN
        if self.column + 1 < self.columns:
            self.column += 1
        else:
            self.next_page()

    def next_page(self) -> None:
        self._margins()
        self.canvas.showPage()
        self.page, self.column, self.y = self.page + 1, 0, self.height - MARGIN

    def _margins(self) -> None:
        self.canvas.setFont("Helvetica", 8)
        self.canvas.drawCentredString(self.paper[0] / 2, MARGIN - 25, str(self.page))
        if self.header:
            self.canvas.drawString(MARGIN, self.height - MARGIN + 20, self.header)

    def line(self, text: str, font: str = "", size: float = 0.0, x: float = 0.0) -> None:
        size = size or self.size
        if not self.room(size * self.leading):
            self.next_column()
        self.y -= size * self.leading
        self.canvas.setFont(font or self.font, size)
        self.canvas.drawString(self.x + x, self.y, text)

    def heading(self, text: str, font: str = "Helvetica-Bold", size: float = 0.0) -> None:
        size = size or self.size * 1.3
        if not self.room(4 * size):
            self.next_column()
        self.y -= size
        for part in self.split(text, font, size):
            self.line(part, font, size)
        self.y -= 0.4 * size

    def running_line(self, font: str, size: float) -> str:
        text = next(self.source)
        while True:
            longer = f"{text} {next(self.source)}"
            if self.canvas.stringWidth(longer, font, size) > self.width:
                return text
            text = longer

    def paragraph(self, lines: int, first: str = "", size: float = 0.0, font: str = "") -> None:
        size, font = size or self.size, font or self.font
        for text in self.split(first, font, size) if first else []:
            self.line(text, font, size)
        for _ in range(lines):
            self.line(self.running_line(font, size), font, size)
        self.y -= 0.5 * size

    def split(self, text: str, font: str, size: float) -> list[str]:
        lines = [""]
        for word in text.split():
            longer = f"{lines[-1]} {word}".strip()
            if self.canvas.stringWidth(longer, font, size) > self.width:
                lines.append(word)
            else:
                lines[-1] = longer
        return lines

    def fill(self, size: float = 0.0, leave: float = 0.0, font: str = "") -> None:
        """Running text to the foot of the page, or down to ``leave`` points above it."""
        page, size = self.page, size or self.size
        while self.page == page:
            left = int((self.y - MARGIN - leave) // (size * self.leading))
            if self.column + 1 < self.columns and left < 2:
                self.next_column()
            elif left < 2:
                return
            else:
                self.paragraph(min(7, left - 1), size=size, font=font)

    def figure(
        self, caption: str, *, picture: str = "drawing", labels: Sequence[str] = (), height: float = 120
    ) -> None:
        """A figure with its caption below; ``labels``: names of the x and the y axis."""
        if not self.room(height + 60):
            self.next_column()
        self.y -= height + 10
        if picture == "drawing":
            self._plot(labels, height)
        elif picture == "image":
            self.canvas.drawImage(noise(), self.x + 30, self.y, self.width - 60, height)
        self.y -= 8
        for text in self.split(caption, self.font, self.size - 1):
            self.line(text, size=self.size - 1)
        self.y -= self.size

    def _plot(self, labels: Sequence[str], height: float) -> None:
        canvas, x, width = self.canvas, self.x + 40, self.width - 80
        bottom = self.y + 28
        canvas.rect(x, bottom, width, height - 28)
        for tick in range(8):
            canvas.line(x + width * tick / 8, bottom, x + width * tick / 8, bottom - 3)
        path = canvas.beginPath()
        path.moveTo(x, bottom + height - 40)
        for point in range(1, 30):
            path.lineTo(x + width * point / 30, bottom + 5 + (height - 45) / (1 + 0.2 * point))
        canvas.drawPath(path)
        canvas.setFont("Helvetica", 8)
        if labels:
            canvas.drawCentredString(x + width / 2, bottom - 20, labels[0])
            canvas.saveState()
            canvas.translate(x - 20, bottom + height / 2 - 14)
            canvas.rotate(90)
            canvas.drawCentredString(0, 0, labels[1])
            canvas.restoreState()

    def references(self, entries: int, heading: str = "References") -> None:
        if heading:
            self.heading(heading)
        for number in range(1, entries + 1):
            self.line(f"[{number}] A. Author and B. Author. {self.running_line(self.font, self.size)[:40]}.")
            self.line(f"Journal of Made-up Results {number}, 2020.", x=18)
            self.y -= 4

    def bytes(self) -> bytes:
        self._margins()
        self.canvas.save()
        return self.out.getvalue()


def noise(width: int = 40, height: int = 30) -> ImageReader:
    from PIL import Image

    return ImageReader(Image.frombytes("L", (width, height), random.Random(3).randbytes(width * height)))


CURVE = "Figure 1: Training and validation loss of the GRU over 40 epochs, mean of five seeds."
OTHER = "Figure 2: Two windows of the series, with their forecast."
MENTIONS = "Figure 1 shows how the training went, and Fig. 2 what the model makes of unseen windows."


def report_pdf(
    pages: int = 11,
    *,
    size: float = 11.0,
    columns: int = 1,
    parts: Sequence[str] = PARTS,
    curve: str = CURVE,
    other: str = OTHER,
    mentions: str = MENTIONS,
    picture: str = "drawing",
    labels: Sequence[str] = (),
    references: int = 12,
    reference_heading: str = "References",
    references_share_a_page: bool = False,
    appendix: int = 0,
    small: float = 0.0,
    small_pages: int = 0,
    first: str = "",
    loss: str = "The loss is the mean squared error over all windows.",
    **options: Any,
) -> bytes:
    """A report whose body fills ``pages`` pages (3 or more); by default one that passes every point.

    ``references``: entries of the list; with ``references_share_a_page`` it begins on the last page of the body.
    ``appendix``: pages behind them. ``small_pages`` of the body are set in ``small`` points.
    """
    setter = Typesetter(size=size, columns=columns, **({"paper": A4} if columns > 1 else {}) | options)
    setter.heading("On the memory of small networks", size=20)
    setter.paragraph(0, "A. Student and B. Student, November 2026")
    if first:
        setter.paragraph(2, first)
    titles = list(parts)
    mention = (pages - 1) // 2
    for page in range(1, pages + 1):
        last = page == pages
        for title in titles[: -(-len(titles) // (pages - page + 1))] if titles else []:
            setter.heading(title)
            titles.remove(title)
            setter.paragraph(3, loss if re.search("loss|problem|task", title.lower()) else "")
        if page == mention and mentions:
            setter.paragraph(2, mentions)
        if page == mention + 1 and curve:
            setter.figure(curve, picture=picture, labels=labels)
        if page == mention + 2 and other:
            setter.figure(other, picture=picture)
        setter.fill(size=small if page <= small_pages else 0.0, leave=200 if last and references_share_a_page else 0.0)
        if not last:
            setter.next_page()
    if references or reference_heading:
        if not references_share_a_page:
            setter.next_page()
        setter.references(references, reference_heading)
    for number in range(appendix):
        setter.next_page()
        if number == 0:
            setter.heading("Appendix A: further settings")
        setter.fill()
    return setter.bytes()


def scan(pages: int = 11) -> bytes:
    """Pages that are pictures."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4)
    for _ in range(pages):
        canvas.drawImage(noise(), 0, 0, *A4)
        canvas.showPage()
    canvas.save()
    return out.getvalue()
