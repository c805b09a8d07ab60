"""Feedback: one HTML page per student and notebook, with marks, messages, comments and the student's answers.

Made by nbgrader's own GenerateFeedback with three parts of ours, which nbgrader_config.py names too:

- `WithholdHidden` takes out of the notebook what students must not see, wherever it stands: hidden tests and
  mark schemes in sources, and outputs and tracebacks that quote them; metadata goes.
- `SummariseMarks` reads marks, comments and late penalty from the gradebook and the parts from the verdict, and looks
  up what there is to read about them: explanations, and right answers where the course's settings allow it.
- `FeedbackExporter` makes the page. It holds no script and loads nothing; what students wrote is escaped, or
  cleaned where it is shown as HTML. Formulas are MathML (formulas.py).

Not safe in threads: nbgrader's converter changes the process's working directory while it runs.
"""

import ast
import base64
import functools
import glob
import html
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from bleach.sanitizer import Cleaner
from bs4 import BeautifulSoup
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from nbconvert.exporters.exporter import Exporter, ResourcesDict
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat.notebooknode import NotebookNode, from_dict
from nbformat.v4 import new_output
from nbgrader.api import Gradebook, MissingEntry, SubmittedNotebook
from nbgrader.converters import GenerateFeedback
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from traitlets import default

from autograder.channel import ANSI
from autograder.comments import Library, load_comments
from autograder.course import Course, CourseError, open_course
from autograder.files import replace_folder, scratch_folder
from autograder.formulas import Formulas, insert
from autograder.grade import shared_verdict_file, verdict_file
from autograder.notebooks import asks_for_report, bonus_of, grade_id, nbgrader_of, role, split_hidden, split_mark_scheme
from autograder.records import UNANSWERED, UNGRADED, ExerciseVerdict, PartResult, SubmissionVerdict, status_of
from autograder.release import (
    listening_logger,
    logged_cause,
    read_master,
    visible_lines,
)
from helpers.report_check import Finding

PREPROCESSORS = ["autograder.feedback.SummariseMarks", "autograder.feedback.WithholdHidden"]
EXPORTER = "autograder.feedback.FeedbackExporter"

MAX_OUTPUT_LINES = 120
"""A longer text output is shown with its beginning and its end."""
MAX_OUTPUT_CHARACTERS = 20_000
MAX_CLEANED = 1_000_000
"""Characters of HTML, but for pictures in it."""
MAX_MARKDOWN = 35_000
"""Characters of one text, but for pictures in it: a parser's time grows with the square of a hostile one."""
MAX_SEARCHED = 10_000_000
"""Characters that the parser of HTML may read in vain, which takes about a second."""
MAX_CODE = 30_000
"""Characters of one cell in colours; longer ones are shown in black."""
MAX_FORMATTED = 1_000_000
"""Characters of a notebook's code, markdown and HTML that are formatted; what goes beyond is shown as text."""
LONG_BLANK = re.compile(r"\s{1000}")
"""White space that the lexer of Python reads again from each of its lines."""
MAX_NESTING = 100
"""Elements within elements; cleaning takes time that grows with their square."""
MAX_PICTURE_CHARACTERS = 6 * 1024 * 1024
"""A picture (base64 or SVG) above this is left out; figures of a notebook have some 100 KB."""

PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
SHOWN_KINDS = ("image/svg+xml", *PICTURES, "text/html", "text/markdown", "text/latex", "text/plain")
"""The forms of a rich output that a page shows, the best first."""

WITHHELD = "[not shown: part of the tests]"

# ---------------------------------------------------------------------------------------------------
# Writing feedback


def feedback(course: Course, assignment: str, students: list[str] | None = None) -> list[Path]:
    """Write feedback/<student>/<assignment>/<notebook>.html for all graded students, or the ones named.

    Each student's folder is replaced when all its pages are made, or not at all. Returns the pages. Raises
    CourseError, after all others are written, when a page could not be made.
    """
    course.source_notebooks(assignment)  # a clear error for an unknown assignment
    load_comments(course)  # and for a wrong setting, or a mistake in the markers' comments
    graded = graded_students(course, assignment)
    unknown = sorted(set(students or []) - set(graded))
    if unknown:
        raise CourseError(
            f"{assignment} of {', '.join(unknown)} is not graded: run `coursework grade {assignment}` first"
        )
    written: list[Path] = []
    failures: list[str] = []
    for student in graded if students is None else students:
        try:
            written += _write_pages(course, assignment, student)
        except NbGraderException as error:
            failures.append(f"{student} ({error})")
    if failures:
        raise CourseError(f"no feedback on {assignment} could be made for {'; '.join(failures)}")
    return written


def graded_students(course: Course, assignment: str) -> list[str]:
    """The students with a graded notebook of the assignment, sorted."""
    pattern = f"*/{glob.escape(assignment)}/*.ipynb"
    return sorted({path.parent.parent.name for path in course.autograded.glob(pattern)})


def _write_pages(course: Course, assignment: str, student: str) -> list[Path]:
    with scratch_folder(course) as scratch:
        config = course.config()
        config.CourseDirectory.feedback_directory = str(scratch / "feedback")
        config.CourseDirectory.assignment_id = assignment
        config.CourseDirectory.student_id = glob.escape(student)
        config.CourseDirectory.ignore = ["*"]  # nbgrader copies the files beside the notebook; a page needs none
        config.GenerateFeedback.preprocessors = PREPROCESSORS
        config.GenerateFeedback.exporter_class = EXPORTER
        log, messages = listening_logger()
        converter = GenerateFeedback(coursedir=CourseDirectory(config=config), config=config, log=log)
        try:
            converter.start()
        except NbGraderException as error:
            raise NbGraderException(logged_cause(messages, error)) from error
        target = course.feedback / student / assignment
        replace_folder(scratch / "feedback" / student / assignment, target, scratch / "before")
    return sorted(target.glob("*.html"))


# ---------------------------------------------------------------------------------------------------
# What is withheld


# Possessive, here and below: what matches only a part of a long text would take the square of its length.
_LINE_NUMBER = re.compile(r"^\s*+(?:-*+>)?\s*+\d++\s")
_NOISE = re.compile(r"[\s\\'\"]+")
_CELL_FRAME = re.compile(r"^\s*(?:Cell In|Input In|<ipython-input|File <ipython-input|File \S*ipykernel_)")
_WHOLE_LINE_FROM = 8


@dataclass(frozen=True)
class Secrets:
    """Fragments that nobody may read: lines of hidden regions and the longer texts in them.

    Compared without white space, quotes, backslashes and colours, so that a fragment is found in a
    traceback, in a `repr` and in JSON. Lines of less than 8 characters count only where they stand alone.
    """

    fragments: tuple[str, ...] = ()
    short_lines: frozenset[str] = frozenset()

    @classmethod
    def of(cls, hidden: Iterable[str], visible: Iterable[str]) -> "Secrets":
        """The secrets of some hidden regions, less what can be read in visible texts anyway."""
        seen = "\n".join(map(squash, visible))
        found = {squash(text) for region in hidden for text in [*region.split("\n"), *_texts_in(region)]}
        found = {text for text in found if any(char.isalnum() for char in text) and text not in seen}
        short = frozenset(text for text in found if len(text) < _WHOLE_LINE_FROM)
        return cls(tuple(sorted(found - short)), short)

    def in_line(self, line: str) -> bool:
        """Whether one line quotes a secret."""
        plain = ANSI.sub("", line)
        squashed = squash(plain)
        if any(fragment in squashed for fragment in self.fragments):
            return True
        return squash(_LINE_NUMBER.sub("", plain, count=1)) in self.short_lines

    def in_text(self, text: str) -> bool:
        """Whether a text quotes a secret, also one that is broken over several lines."""
        squashed = squash(ANSI.sub("", text))
        lines = set(text.split("\n"))
        return any(fragment in squashed for fragment in self.fragments) or any(map(self.in_line, lines))

    def redact(self, text: str) -> str:
        """The text with each run of lines that quote a secret replaced by one line that says so."""
        kept: list[str] = []
        lines = text.split("\n")
        withheld = {line for line in set(lines) if self.in_line(line)}
        for line in lines:
            if line not in withheld:
                kept.append(line)
            elif kept[-1:] != [WITHHELD]:
                kept.append(WITHHELD)
        redacted = "\n".join(kept)
        return f"{WITHHELD}\n" if self.in_text(redacted.replace(WITHHELD, "")) else redacted


def squash(text: str) -> str:
    """A text as it is compared: without white space, quotes and backslashes."""
    return _NOISE.sub("", text)


def _texts_in(code: str) -> list[str]:
    """The string constants of at least 8 characters in a piece of Python; none when it is no Python."""
    try:
        nodes = list(ast.walk(ast.parse(code)))
    except (SyntaxError, ValueError):
        return []
    texts = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return [text for text in texts if len(squash(text)) >= _WHOLE_LINE_FROM]


def hidden_regions(notebook: NotebookNode) -> list[str]:
    """The hidden tests and mark schemes of a notebook; not its solutions, which a student may well have written."""
    regions = [split(cell.source)[1] for cell in notebook.cells for split in (split_hidden, split_mark_scheme)]
    return [region for region in regions if region.strip()]


def secrets_of(masters: list[NotebookNode], graded: NotebookNode) -> Secrets:
    """What of the masters and of a graded notebook its student must not see.

    What the student wrote into answers and added cells is no secret to its author.
    """
    own = [c.source for c in graded.cells if role(c) == "answer" or not nbgrader_of(c)]
    shown = [line for master in masters for line in visible_lines(master)]
    return Secrets.of([r for notebook in [*masters, graded] for r in hidden_regions(notebook)], [*own, *shown])


class WithholdHidden(NbGraderPreprocessor):
    """Takes hidden tests and mark schemes out of sources, outputs and metadata; rubrics go altogether."""

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        course = open_course(Path.cwd())  # nbgrader's converters change into the course's folder
        sources = course.source_notebooks(resources["nbgrader"]["assignment"])
        masters = [read_master(path) for path in sources]
        given = {cell.id for master in masters for cell in master.cells if role(cell) != "answer"}
        return withhold(nb, secrets_of(masters, nb), given), resources


def withhold(notebook: NotebookNode, secrets: Secrets, given: Collection[str] = ()) -> NotebookNode:
    """A copy of a graded notebook that holds none of the secrets outside of the student's own answers.

    `given`: ids of the cells that come from the master; they are told apart from the student's by a mark.
    """
    cells = [_open_cell(cell, secrets, cell.get("id") in given) for cell in notebook.cells if role(cell) != "rubric"]
    return from_dict({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})


_KEPT_NBGRADER = ("grade_id", "grade", "solution", "locked", "task", "points", "cell_type", "schema_version")


def _open_cell(cell: NotebookNode, secrets: Secrets, given: bool) -> dict[str, Any]:
    kept = {key: value for key, value in nbgrader_of(cell).items() if key in _KEPT_NBGRADER}
    source = split_mark_scheme(split_hidden(cell.source)[0])[0]
    plain: dict[str, Any] = {
        "id": cell.get("id", ""),
        "cell_type": cell.cell_type,
        "metadata": {"coursework": {"given": given}, **({"nbgrader": kept} if kept else {})},
        "source": source.rstrip("\n"),
    }
    if cell.cell_type == "code":
        plain["execution_count"] = None
        plain["outputs"] = [_open_output(output, secrets) for output in cell.get("outputs", [])]
    elif cell.get("attachments"):
        plain["attachments"] = cell.attachments
    return plain


def _open_output(output: NotebookNode, secrets: Secrets) -> NotebookNode:
    if output.output_type == "stream":
        return new_output("stream", name=output.name, text=secrets.redact(ANSI.sub("", output.text)))
    if output.output_type == "error":
        return _open_error(output, secrets)
    data = {kind: value for kind, value in output.data.items() if kind in SHOWN_KINDS and isinstance(value, str)}
    if any(secrets.in_text(_readable(kind, value)) for kind, value in data.items() if kind not in PICTURES):
        return new_output("stream", name="stdout", text=f"{WITHHELD}\n")
    return new_output(output.output_type, data=data)


def _readable(kind: str, text: str) -> str:
    """What a reader of an output sees as text, and what stands in its source."""
    if kind in ("text/html", "image/svg+xml", "text/markdown"):
        # Behind the last '>' there is no tag to look for.
        tagged, end, rest = text.rpartition(">")
        return f"{text}\n{html.unescape(re.sub(r'<[^>]*>', '', tagged + end) + rest)}"
    return text


def _open_error(output: NotebookNode, secrets: Secrets) -> NotebookNode:
    """An error without the frames that quote a hidden test.

    An error that passed through a hidden test keeps only the frames of the student's cells and its kind:
    its message may hold the inputs or is the hidden test's own, and other frames lie in the examiner's code.
    """
    whole = [*output.traceback, f"{output.ename}: {output.evalue}"]
    if not any(secrets.in_text(frame) for frame in whole):
        return new_output("error", ename=output.ename, evalue=output.evalue, traceback=output.traceback)
    kept = [frame for frame in output.traceback if _CELL_FRAME.match(ANSI.sub("", frame))]
    kept = [frame for frame in kept if not secrets.in_text(frame)]
    kind = output.ename if not secrets.in_text(output.ename) else "Error"
    return new_output("error", ename=kind, evalue=WITHHELD, traceback=[*kept, f"{kind} {WITHHELD}"])


# ---------------------------------------------------------------------------------------------------
# Marks


@dataclass(frozen=True)
class About:
    """What there is to read about a part, whatever it earned. `answer` is empty unless it may be shown."""

    explanation: str = ""
    answer: str = ""


@dataclass
class Row:
    """One marked cell: points of the gradebook, parts of the verdict, the marker's words.

    `parts` is empty when the points do not come from a verdict. `pending`: a person has yet to mark it. `about`: by the
    names of parts, of those about which there is something to read.
    """

    exercise: str
    kind: Literal["code", "written"]
    points: float
    max: float
    status: str
    pending: bool = False
    parts: list[PartResult] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    about: dict[str, About] = field(default_factory=dict)
    title: str = ""
    """What the notebook calls the exercise; empty where it has no table of exercises."""

    @property
    def lost(self) -> list[PartResult]:
        return [part for part in self.parts if part.earned < 1]

    @property
    def earned(self) -> list[PartResult]:
        return [part for part in self.parts if part.earned >= 1]

    @property
    def not_answered(self) -> dict[str, About]:
        """What is to be read about the parts of an exercise that was not answered."""
        return {} if self.parts else self.about


@dataclass
class Summary:
    """What stands at the top of the page. `total` has the late penalty taken off."""

    student: str
    assignment: str
    notebook: str
    rows: list[Row]
    max: float
    total: float
    late_penalty: float = 0.0
    comments: list[str] = field(default_factory=list)
    report: list[Finding] = field(default_factory=list)
    """What the check says about the report that belongs to this notebook, if one does."""

    @property
    def pending(self) -> bool:
        return any(row.pending for row in self.rows)


class SummariseMarks(NbGraderPreprocessor):
    """Puts a `Summary` into the resources, and takes out of test cells what it repeats."""

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        place = resources["nbgrader"]
        course = open_course(Path.cwd())
        verdict = read_verdict(course, place["assignment"], place["student"])
        with Gradebook(place["db_url"]) as gradebook:
            try:
                entry = gradebook.find_submission_notebook(place["notebook"], place["assignment"], place["student"])
            except MissingEntry as error:
                raise NbGraderException(f"the gradebook does not know this submission: {error}") from error
            summary = summarise(nb, entry, verdict, place["student"], place["assignment"], place["notebook"])
        expand(summary, _comments(course))
        secrets = secrets_of([read_master(path) for path in course.source_notebooks(place["assignment"])], nb)
        shown = _shows_answers(course, place["assignment"])
        for row in summary.rows:
            row.messages = [secrets.redact(message) for message in row.messages]
            row.parts = [_redacted(part, secrets) for part in row.parts]
            row.about = _about(place["assignment"], row, shown)
        if verdict is not None and asks_for_report(nb):
            summary.report = verdict.report
        resources["coursework_summary"] = summary
        told = {row.exercise for row in summary.rows if row.parts or row.messages}
        for cell in nb.cells:
            if role(cell) == "test" and exercise_of(cell) in told:
                cell.outputs = _without_verdict(cell.get("outputs", []))
        return nb, resources


def _redacted(part: PartResult, secrets: Secrets) -> PartResult:
    return PartResult(part.name, part.weight, part.earned, secrets.redact(part.message))


def _shows_answers(course: Course, assignment: str) -> bool:
    """Whether the settings allow that right answers are shown."""
    try:
        return assignment in course.settings().show_answers
    except CourseError as error:
        raise NbGraderException(str(error)) from error


def _comments(course: Course) -> Library:
    try:
        return load_comments(course)
    except CourseError as error:
        raise NbGraderException(str(error)) from error


def expand(summary: Summary, library: Library) -> None:
    """Put the texts of reusable comments in the place of their keys."""
    for row in summary.rows:
        row.comments = [library.expand(summary.assignment, row.exercise, comment) for comment in row.comments]
    summary.comments = [library.expand(summary.assignment, "", comment) for comment in summary.comments]


def _about(assignment: str, row: Row, shown: bool) -> dict[str, About]:
    """What there is to read about an exercise's parts, by their names.

    Right answers only where they may be ``shown``, and without them nothing about an exercise that was not answered:
    who has not tried yet may still hand in.
    """
    from autograder.examine import examinations  # numpy and the examinations: only where there is something to look up

    examination = examinations(assignment).get(row.exercise)
    if examination is None or not (row.parts or (shown and row.status == UNANSWERED)):
        return {}
    parts = [part for part in examination.parts if part.explanation or (shown and part.answer)]
    return {part.name: About(part.explanation, part.answer if shown else "") for part in parts}


def read_verdict(course: Course, assignment: str, student: str) -> SubmissionVerdict | None:
    """The verdict that counts for a student, of the own hand-in or the team's; None when there is none."""
    shared = shared_verdict_file(course, assignment, student)
    path = shared if shared.is_file() else verdict_file(course, assignment, student)
    return SubmissionVerdict.from_json(path.read_bytes()) if path.is_file() else None


def exercise_of(cell: NotebookNode) -> str:
    """The exercise that a marked cell belongs to."""
    name = grade_id(cell) or ""
    return name.removesuffix("_test") if role(cell) == "test" else name


def summarise(
    notebook: NotebookNode,
    entry: SubmittedNotebook,
    verdict: SubmissionVerdict | None,
    student: str,
    assignment: str,
    name: str,
) -> Summary:
    """All marks of one submitted notebook, in the notebook's order."""
    verdicts = {found.exercise: found for found in verdict.exercises} if verdict else {}
    grades = {grade.name: grade for grade in entry.grades}
    comments = {comment.name: comment.manual_comment for comment in entry.comments if comment.manual_comment}
    marked = [cell for cell in notebook.cells if grade_id(cell) in grades and role(cell) != "rubric"]
    rows = [_row(cell, grades[grade_id(cell)], verdicts.get(exercise_of(cell)), comments) for cell in marked]
    titles = titles_of(notebook)
    for row in rows:
        row.title = titles.get(row.exercise, "")
    penalty = float(entry.late_submission_penalty or 0.0)
    return Summary(
        student=student,
        assignment=assignment,
        notebook=name,
        rows=rows,
        max=float(entry.max_score),
        total=max(0.0, float(entry.score) - penalty),
        late_penalty=penalty,
        comments=list(comments.values()),
    )


_TITLED = re.compile(r"^\|(?P<title>[^|\n]+)\| *`(?P<id>\w+)` *\|", re.MULTILINE)
"""``| 1. LSTM cell | `lstm_cell` | 4 |``: a line of the table at the top of a notebook."""


def titles_of(notebook: NotebookNode) -> dict[str, str]:
    """Exercise → its title, of the first text that has a table of exercises."""
    texts = (cell.source for cell in notebook.cells if cell.cell_type == "markdown" and role(cell) != "answer")
    table = next((text for text in texts if _TITLED.search(text)), "")
    return {found["id"]: found["title"].strip() for found in _TITLED.finditer(table)}


def _row(cell: NotebookNode, grade: Any, verdict: ExerciseVerdict | None, comments: dict[str, str]) -> Row:
    """One row; takes the comments that belong to it out of `comments`."""
    exercise = exercise_of(cell)
    kind: Literal["code", "written"] = "code" if role(cell) == "test" else "written"
    bonus = bonus_of(cell)
    points, maximum = float(grade.score), bonus or float(grade.max_score)
    row = Row(exercise, kind, points, maximum, status_of(points / maximum if maximum else 1.0))
    row.pending = bool(grade.needs_manual_grade) and grade.manual_score is None
    if verdict is not None and (verdict.status == UNGRADED or _agree(verdict.points, grade.auto_score)):
        row.parts, row.messages = list(verdict.parts), [] if verdict.parts else list(verdict.messages)
        if grade.manual_score is None and not grade.extra_credit:
            row.status = verdict.status
        if verdict.status == UNGRADED:
            row.messages = []  # what failed was ours, and is the instructor's to read
    if kind == "written" and grade.auto_score == 0 and grade.manual_score is None:
        row.status = UNANSWERED
    if kind == "code" and grade.manual_score is not None and not _agree(grade.manual_score, grade.auto_score):
        row.notes.append(f"set by the marker; the examination gave {format_points(grade.auto_score or 0.0)}")
    if bonus:
        row.notes.append("a bonus exercise: its points come on top of the maximum")
    if grade.extra_credit:
        row.notes.append(f"with {format_points(grade.extra_credit)} extra")
    names = (exercise, f"{exercise}_test", f"{exercise}_rubric")
    row.comments = [comments.pop(name) for name in names if name in comments]
    return row


def _agree(points: float | None, others: float | None) -> bool:
    return points is not None and others is not None and abs(points - others) < 0.005


def _without_verdict(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """The outputs of a test cell less the examiner's lines and number, which the table tells better."""
    kept = list(outputs)
    if kept and kept[-1].output_type == "execute_result":
        kept.pop()
    if kept and kept[-1].output_type == "stream" and kept[-1].text.startswith("Examiner: "):
        kept.pop()
    return kept


# ---------------------------------------------------------------------------------------------------
# The page


class FeedbackExporter(Exporter):
    """A page of feedback from a notebook that went through WithholdHidden and SummariseMarks."""

    output_mimetype = "text/html"

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(  # type: ignore[override]  # as in nbconvert's own exporters to text
        self, nb: NotebookNode, resources: Any = None, **kw: Any
    ) -> tuple[str, Any]:
        nb, resources = super().from_notebook_node(nb, resources, **kw)
        if "coursework_summary" not in resources:
            raise NbGraderException(f"GenerateFeedback.preprocessors must be {PREPROCESSORS}")
        page = page_environment().get_template("feedback.html.j2")
        summary = resources["coursework_summary"]
        return page.render(summary=summary, blocks=blocks_of(nb), code_style=_code_style()), resources


@functools.cache
def page_environment() -> Environment:
    """The templates of this package. Everything is escaped unless it is Markup; a wrong name raises."""
    environment = Environment(
        loader=PackageLoader("autograder"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["points"] = format_points
    environment.filters["words"] = marker_words
    environment.filters["breakable"] = breakable
    return environment


def format_points(points: float) -> str:
    """Points for people: 3, 2.5, 0.33."""
    return f"{round(points, 2):g}"


_KEY = re.compile(r"^(#+)(?=[^\s#])", re.MULTILINE)


def marker_words(comment: str) -> Markup:
    """A marker's comment; a key without a text is shown as it was typed: nbconvert would make a heading of it."""
    return safe_markdown(_KEY.sub(r"\\\1", comment))


def breakable(name: str) -> Markup:
    """An identifier that may be broken behind its underscores, for narrow screens."""
    return Markup("_<wbr>").join(name.split("_"))


BlockKind = Literal["instructions", "given", "answer", "test", "added"]


@dataclass
class Block:
    """A piece of the notebook on the page. `folded` ones can be opened by their title."""

    kind: BlockKind
    title: str
    body: Markup
    outputs: list[Markup] = field(default_factory=list)
    exercise: str = ""
    folded: bool = False


_TITLES = {"given": "Given code", "test": "Visible test", "added": "Your own cell", "answer": "Your answer"}


def blocks_of(notebook: NotebookNode) -> list[Block]:
    """The notebook's cells for the page: answers open, what was given folded and neighbours joined."""
    blocks: list[Block] = []
    left = MAX_FORMATTED
    for cell in notebook.cells:
        left -= _formatted(cell)
        block = _block(cell, plain=left < 0)
        before = blocks[-1] if blocks else None
        if before and before.kind == block.kind == "instructions":
            before.body += block.body
        elif block.body or block.outputs:
            blocks.append(block)
    return blocks


_FORMATTED = ("text/html", "text/markdown", "text/latex")


def _formatted(cell: NotebookNode) -> int:
    """Characters of a cell that parsers read."""
    data = (output.get("data", {}) for output in cell.get("outputs", []))
    return len(cell.source) + sum(len(forms.get(kind, "")) for forms in data for kind in _FORMATTED)


def _block(cell: NotebookNode, *, plain: bool = False) -> Block:
    """plain: what would have to be formatted is shown as text."""
    kind = _kind(cell)
    kinds = [kind for kind in SHOWN_KINDS if not (plain and kind in _FORMATTED)]
    outputs = [shown for output in cell.get("outputs", []) if (shown := _shown(output, kinds))]
    if plain:
        body = Markup("<pre>{}</pre>").format(cell.source)
    elif cell.cell_type == "code":
        body = _code(cell.source)
    elif cell.cell_type == "markdown":
        body = safe_markdown(cell.source, cell.get("attachments"))
    else:
        body = Markup('<pre class="text">{}</pre>').format(cell.source)
    title = _first_heading(cell.source) if kind == "instructions" else _TITLES[kind]
    exercise = exercise_of(cell) if kind in ("answer", "test") else ""
    return Block(kind, title, body, outputs, exercise, folded=kind in ("instructions", "given", "test"))


def _kind(cell: NotebookNode) -> BlockKind:
    found = role(cell)
    if found in ("answer", "test"):
        return "answer" if found == "answer" else "test"
    if not cell.metadata.get("coursework", {}).get("given") and found != "given":
        return "added"
    return "given" if cell.cell_type == "code" else "instructions"


def _first_heading(source: str) -> str:
    found = re.search(r"^#{1,6}\s+(.+?)\s*#*\s*$", source, re.MULTILINE)
    return re.sub(r"[*_`$]", "", found.group(1)) if found else "Instructions"


def _code(source: str) -> Markup:
    if len(source) > MAX_CODE or LONG_BLANK.search(source):
        return Markup('<div class="code"><pre>{}</pre></div>').format(source)
    return Markup(highlight(source, PythonLexer(stripnl=False), HtmlFormatter(cssclass="code"))) if source else Markup()


def _code_style() -> Markup:
    """Pygments' colours for code; 'friendly' stays readable on paper in grey."""
    return Markup(HtmlFormatter(style="friendly").get_style_defs(".code"))


# --- outputs ---------------------------------------------------------------------------------------


def _shown(output: NotebookNode, kinds: Sequence[str] = SHOWN_KINDS) -> Markup:
    """One output as HTML; empty when it holds nothing that a page can show."""
    if output.output_type == "stream":
        return _text(output.text, "text stderr" if output.name == "stderr" else "text")
    if output.output_type == "error":
        lines = output.traceback or [f"{output.ename}: {output.evalue}"]
        return _text("\n".join(lines), "text error")
    forms = (_shown_as(kind, output.data) for kind in kinds if kind in output.data)
    return next((markup for markup in forms if markup), Markup())


def _shown_as(kind: str, data: dict[str, Any]) -> Markup:
    value = data[kind]
    if kind == "image/svg+xml":  # as an image an SVG can neither run scripts nor load anything
        return _picture(kind, base64.b64encode(value.encode("utf-8", "replace")).decode(), data)
    if kind in PICTURES:
        return _picture(kind, "".join(value.split()), data)
    if kind == "text/html":
        return safe_html(value)
    if kind == "text/markdown" or (kind == "text/latex" and _ONE_FORMULA.fullmatch(value)):
        return safe_markdown(value)
    return _text(value, "text")


def _picture(kind: str, encoded: str, data: dict[str, Any]) -> Markup:
    if len(encoded) > MAX_PICTURE_CHARACTERS or not re.fullmatch(r"[A-Za-z0-9+/=]+", encoded):
        return Markup()
    plain = data.get("text/plain")
    alt = f"Picture from the notebook: {plain[:100]}" if isinstance(plain, str) and plain else "Picture"
    return Markup('<img src="data:{};base64,{}" alt="{}">').format(kind, encoded, alt)


def _text(text: str, style: str) -> Markup:
    """Text of a terminal: colours dropped, only the last state of a progress bar, the middle of a long one left out."""
    lines = [line.rstrip("\r").rsplit("\r", 1)[-1] for line in ANSI.sub("", text).rstrip("\n").split("\n")]
    if len(lines) > MAX_OUTPUT_LINES:
        half = MAX_OUTPUT_LINES // 2
        lines = [*lines[:half], f"[{len(lines) - 2 * half} lines left out]", *lines[-half:]]
    shown = "\n".join(lines)
    if len(shown) > MAX_OUTPUT_CHARACTERS:
        shown = f"{shown[:MAX_OUTPUT_CHARACTERS]}\n[{len(shown) - MAX_OUTPUT_CHARACTERS} characters left out]"
    return Markup('<pre class="{}">{}</pre>').format(style, shown) if shown.strip() else Markup()


# --- HTML that students wrote -----------------------------------------------------------------------


_TAG_NAMES = (
    "a abbr b blockquote br caption code dd del details div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins"
    " kbd li mark ol p pre q s samp small span strong sub summary sup table tbody td tfoot th thead tr u ul var"
)
_TAGS = frozenset(_TAG_NAMES.split())
_DROPPED_WITH_CONTENT = ["script", "style", "iframe", "object", "embed", "template", "noscript", "svg", "math", "title"]
_ONE_FORMULA = re.compile(r"\s*(\${1,2})[^$]+\1\s*")
"""What `IPython.display.Math` gives."""
_DATA_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]+")


class _Renderer(IPythonRenderer):
    """Markdown as HTML with marks in the place of formulas; those that cannot be converted stay as they were typed."""

    def __init__(self, formulas: Formulas, attachments: dict[str, Any]) -> None:
        super().__init__(escape=False, attachments=attachments, exclude_anchor_links=True)
        self.formulas = formulas

    def inline_math(self, body: str) -> str:
        return self.formulas.keep(f"${body}$", body, display=False) or super().inline_math(body)

    def block_math(self, body: str) -> str:
        return self.formulas.keep(f"$${body}$$", body, display=True) or super().block_math(body)

    def latex_environment(self, name: str, body: str) -> str:
        source = f"\\begin{{{name}}}{body}\\end{{{name}}}"
        return self.formulas.keep(source, source, display=True) or super().latex_environment(name, body)


def safe_markdown(source: str, attachments: dict[str, Any] | None = None) -> Markup:
    """Markdown of a student or marker as HTML without scripts, styles and anything that is loaded from elsewhere.

    Formulas are MathML.
    """
    if len(_DATA_PICTURE.sub("", source)) > MAX_MARKDOWN:
        return Markup("<pre>{}</pre>").format(source)
    formulas = Formulas()
    try:
        rendered = MarkdownWithMath(renderer=_Renderer(formulas, attachments or {})).render(source)
    except Exception:  # nbconvert's renderer raises for lost attachments, and whatever a text can make it raise
        return Markup("<pre>{}</pre>").format(source)
    return _cleaned(rendered, formulas) if _can_be_cleaned(rendered) else Markup("<pre>{}</pre>").format(source)


_TAG = re.compile(r"<(?P<end>/?)(?P<name>[A-Za-z]++)[^<>]*+>")
_ALONE = frozenset(("br", "hr", "img", "input", "meta", "link", "col", "wbr"))


def nesting(text: str) -> int:
    """How deep the elements of an HTML text are nested, at most; quick, and never too low for what is closed."""
    depth = deepest = 0
    for tag in _TAG.finditer(text):
        if tag["name"].lower() not in _ALONE:
            depth += -1 if tag["end"] else 1
            deepest = max(deepest, depth)
    return deepest


def _can_be_cleaned(text: str) -> bool:
    """In reasonable time: parsers read on to the text's end for each '<' that opens no tag."""
    plain = _DATA_PICTURE.sub("", text)
    unclosed = plain.count("<") - sum(1 for _ in _TAG.finditer(plain))
    return len(plain) <= MAX_CLEANED and unclosed * len(plain) <= MAX_SEARCHED and nesting(plain) <= MAX_NESTING


def safe_html(text: str) -> Markup:
    """HTML of a student with harmless elements only: no scripts, styles, forms, ids or remote pictures.

    A page that loads a picture from elsewhere tells its owner who reads it and when; its text stands instead. What is
    too long or too deeply nested to be cleaned in reasonable time is shown as it was typed.
    """
    if not _can_be_cleaned(text):
        return Markup("<pre>{}</pre>").format(text)
    return _cleaned(text, Formulas())


def _cleaned(text: str, formulas: Formulas) -> Markup:
    """See `safe_html`; with formulas in the place of their marks."""
    soup = BeautifulSoup(text, "html.parser")
    for element in soup.find_all(_DROPPED_WITH_CONTENT):
        element.decompose()
    for picture in soup.find_all("img"):
        if not _DATA_PICTURE.fullmatch(str(picture.get("src", ""))):
            picture.replace_with(f"[picture not shown: {picture.get('alt') or 'without description'}]")
        elif not picture.get("alt"):
            picture["alt"] = "Picture"
    for element in soup.find_all(["audio", "video"]):
        element.replace_with(f"[{'sound' if element.name == 'audio' else 'film'} not shown]")
    cleaner = Cleaner(
        tags=_TAGS,
        attributes=_allowed,
        protocols={"http", "https", "mailto", "data"},
        strip=True,
        filters=[insert(formulas)],
    )
    cleaned = cleaner.clean(str(soup))
    return Markup(cleaned) if cleaned.strip() else Markup()


def _allowed(tag: str, name: str, value: str) -> bool:
    if tag == "img":
        return name == "alt" or (name == "src" and _DATA_PICTURE.fullmatch(value) is not None)
    if tag == "a":
        return name == "href" and value.lower().startswith(("http://", "https://", "mailto:"))
    return tag in ("td", "th") and name in ("colspan", "rowspan", "scope")
