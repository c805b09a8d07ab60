"""The answer bank: right and wrong ways of answering, graded by the very path that ``coursework grade`` takes.

Every file is one student's answers (see CONTRIBUTING.md for the format). Exercises that it does not give take
the reference's answer. What the header expects is compared with the points that were given. On request a right answer
must also pass the visible tests, which are what its author sees.

A file with ``tries:`` in its header is an attack: it may spoil its own other exercises, so nothing is expected of
those that ``expect`` does not name. ``evidence:`` is what the instructor must be told about it, and ``# %% hand-in`` is
Python that makes the hand-in's bytes; both are for the tests, and a bank with such a section is refused.
"""

import copy
import io
import re
import shutil
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import yaml
from nbformat import NotebookNode

from autograder.collect import collect
from autograder.course import CONFIG_NAME, Course, CourseError
from autograder.grade import grade_class
from autograder.notebooks import IDENTITY, answer_cells, grade_id, marker_line, read_notebook, to_bytes
from autograder.records import UNGRADED, ExerciseVerdict, SubmissionVerdict

FULL, LOST, NONE = "full", "lost", "none"
ANY = "any"
"""What is expected of an exercise that an attack does not name."""
_SECTION = re.compile(r"^# %% (?P<title>.+?)\s*$", re.MULTILINE)
TOLERANCE = 0.01
"""Points by which an expected fraction may be missed."""


@dataclass(frozen=True)
class Answer:
    """One file of the bank. ``expect`` is 'full' or maps exercise ids to full, lost, none or a fraction.

    ``tries`` is set for attacks: what it tries. ``evidence``: a regular expression. ``hand_in``: Python, never carried
    out here.
    """

    path: Path
    assignment: str
    expect: str | dict[str, Any]
    why: str
    replaced: dict[str, str]
    added: list[tuple[str, str]]
    files: dict[str, str]
    tries: str = ""
    evidence: str = ""
    hand_in: str = ""

    @property
    def right(self) -> bool:
        return self.expect == FULL

    def expected(self, exercise: str) -> Any:
        if isinstance(self.expect, str):
            return FULL
        return self.expect.get(exercise, ANY if self.tries else FULL)


def parse_answer(path: Path) -> Answer:
    """Read one answer; CourseError in one line when its header or sections are not in the format."""
    text = path.read_text()
    parts = re.split(r"^# ---\s*$", text, maxsplit=2, flags=re.MULTILINE)
    try:
        header = yaml.safe_load("\n".join(line.removeprefix("#").removeprefix(" ") for line in parts[1].splitlines()))
        assignment, expect = header["assignment"], header["expect"]
        why, tries, evidence = (str(header.get(name) or "") for name in ("why", "tries", "evidence"))
        sections = parts[2]
    except yaml.YAMLError as error:
        problem = str(getattr(error, "problem", None) or error).splitlines()[0]
        raise CourseError(
            f"{path}: the header is no YAML: {problem} (text with ': ' or quotes goes in quotes)"
        ) from None
    except (IndexError, KeyError, TypeError):
        raise CourseError(f"{path}: the header needs '# ---' lines around assignment, expect and why") from None
    if not _known_expectation(expect):
        raise CourseError(f"{path}: expect is 'full', or maps exercise ids to full, lost, none or a fraction")
    replaced, added, files, hand_in = {}, [], {}, ""
    titles = list(_SECTION.finditer(sections))
    for title, end in zip(titles, [*(t.start() for t in titles[1:]), len(sections)], strict=False):
        body = sections[title.end() : end].strip("\n") + "\n"
        words = title["title"].split(maxsplit=1)
        if words[0] == "after" and len(words) == 2:
            added.append((words[1], body))
        elif words[0] == "file" and len(words) == 2:
            files[words[1]] = body
        elif words == ["hand-in"]:
            hand_in = body
        else:
            replaced[title["title"]] = body
    return Answer(path, assignment, expect, why or tries, replaced, added, files, tries, evidence, hand_in)


def _known_expectation(expect: Any) -> bool:
    if not isinstance(expect, dict):
        return bool(expect == FULL)
    return all(
        value in (FULL, LOST, NONE) or (isinstance(value, int | float) and 0 <= value <= 1) for value in expect.values()
    )


def find_answers(paths: list[Path]) -> list[Answer]:
    """All answers in these files and below these folders, sorted by path."""
    files = [f for path in paths for f in (sorted(path.rglob("*.py")) if path.is_dir() else [path])]
    for path in files:
        if not path.is_file():
            raise CourseError(f"there is no answer bank at {path}", 2)
    if not files:
        raise CourseError(f"no answers (*.py) below {', '.join(map(str, paths))}", 2)
    return [parse_answer(path) for path in files]


def every_nth(answers: list[Answer], n: int) -> list[Answer]:
    """Of each assignment the first, the (n + 1)th and so on: a sample that is the same each time."""
    assignments = {answer.assignment: [a for a in answers if a.assignment == answer.assignment] for answer in answers}
    return [answer for group in assignments.values() for answer in group[::n]]


# --- composing --------------------------------------------------------------------------------------------


def compose(course: Course, answer: Answer, student: str, team: Sequence[str] = ()) -> bytes:
    """A hand-in (zip) with these answers: the release's notebooks filled in, and the reference's results.

    Its members tell no time, so that the zip's own counts, and the same answers give the same bytes.
    """
    known: set[str] = set()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as hand_in:

        def add(name: str, data: bytes) -> None:
            hand_in.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)

        for source in course.source_notebooks(answer.assignment):
            master = read_notebook(source.read_bytes())
            known |= {str(grade_id(cell)) for cell in answer_cells(master)}
            release = read_notebook((course.release / answer.assignment / source.name).read_bytes())
            add(source.name, to_bytes(fill_in(master, release, answer, student, team)))
        results = course.source / answer.assignment / "results"
        kept = {
            (Path("results") / path.relative_to(results)).as_posix(): path.read_bytes()
            for path in sorted(p for p in results.rglob("*") if p.is_file())
        }
        for name, data in {**kept, **{name: text.encode() for name, text in answer.files.items()}}.items():
            add(name, data)
    unknown = {*answer.replaced, *(place for place, _ in answer.added)} - known
    if unknown:
        raise CourseError(f"{answer.path}: {answer.assignment} has no exercise {', '.join(sorted(unknown))}")
    return archive.getvalue()


def fill_in(
    master: NotebookNode, release: NotebookNode, answer: Answer, student: str, team: Sequence[str] = ()
) -> NotebookNode:
    """The released notebook with this answer's cells, and the reference's where it gives none."""
    solutions = {str(grade_id(cell)): cell for cell in answer_cells(master)}
    filled = copy.deepcopy(release)
    cells = []
    for cell in filled.cells:
        name = grade_id(cell) or ""
        cells.append(cell)
        if name in solutions:
            source = answer.replaced.get(name) or reference_source(solutions[name])
            if name == IDENTITY:
                source = f'STUDENT_ID = "{student}"\nTEAM = {list(team)}'
            cell.source = f"{marker_line(name, cell.cell_type)}\n{source}".rstrip("\n")
        for place, text in answer.added:
            if place == name:
                cells.append(nbformat.v4.new_code_cell(text.rstrip("\n")))
    filled.cells = cells
    return filled


def reference_source(cell: NotebookNode) -> str:
    """The reference's answer without the lines that delimit its solution."""
    lines = cell.source.split("\n")
    return "\n".join(line for line in lines if "BEGIN SOLUTION" not in line and "END SOLUTION" not in line)


def make_course(course: Course, root: Path) -> Course:
    """A course folder of its own at ``root``, with the source, release and configuration of ``course``."""
    root.mkdir(parents=True, exist_ok=True)
    for folder in (course.source, course.release):
        shutil.copytree(folder, root / folder.name, dirs_exist_ok=True)
    shutil.copy(course.root / CONFIG_NAME, root / CONFIG_NAME)
    return Course(root.resolve())


# --- grading and judging ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Finding:
    """What one exercise of one answer got against what was expected; with ``visible_tests`` also from these."""

    answer: Answer
    expected: Any
    verdict: ExerciseVerdict
    visible_tests: bool = False

    @property
    def contradicted(self) -> str:
        """What a visible test says against a right answer; empty when it says nothing."""
        return self.verdict.contradicted if self.answer.right else ""

    @property
    def ok(self) -> bool:
        points, maximum = self.verdict.points, self.verdict.max
        if self.verdict.status == UNGRADED:
            return False
        if self.expected == ANY:
            return True
        if self.visible_tests and self.contradicted:
            return False
        if self.expected == FULL:
            return points == maximum
        if self.expected == LOST:
            return points < maximum
        if self.expected == NONE:
            return points == 0
        return abs(points - float(self.expected) * maximum) <= TOLERANCE

    def row(self) -> dict:
        return {
            "answer": str(self.answer.path),
            "exercise": self.verdict.exercise,
            "expected": self.expected,
            "points": self.verdict.points,
            "max": self.verdict.max,
            "ok": self.ok,
        }


def run_bank(
    course: Course,
    paths: list[Path],
    root: Path,
    *,
    every: int = 1,
    workers: int = 0,
    sandboxed: bool = True,
    visible_tests: bool = False,
    on_start: Callable[[int], None] = lambda count: None,
    on_done: Callable[[SubmissionVerdict], None] = lambda verdict: None,
) -> list[Finding]:
    """Compose, collect and grade all answers, or every nth of each assignment, in a course of their own at ``root``.

    ``visible_tests``: a right answer that fails one of these is a miss, whatever its points.
    """
    answers = every_nth(find_answers(paths), every)
    for answer in answers:
        if answer.hand_in:
            raise CourseError(f"{answer.path}: its hand-in section is Python that only the tests carry out", 2)
    bank = make_course(course, root)
    names = {f"a{number:04d}_{answer.path.stem}"[:60]: answer for number, answer in enumerate(answers)}
    incoming = root / "incoming"
    for name, answer in names.items():
        place = incoming / answer.assignment
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{name}.zip").write_bytes(compose(bank, answer, name))
    assignments = sorted({answer.assignment for answer in answers})
    for assignment in assignments:
        collected = collect(bank, sorted((incoming / assignment).iterdir()))
        if collected.unplaced:
            raise CourseError(f"the bank's own hand-in could not be placed: {collected.unplaced[0]}")
    report = grade_class(
        bank,
        assignments,
        workers=workers,
        sandboxed=sandboxed,
        on_start=on_start,
        on_done=on_done,
    )
    if report.failures:
        raise CourseError(report.failures[0])
    verdicts = {verdict.student: verdict for verdict in report.verdicts}
    return [
        Finding(answer, answer.expected(exercise.exercise), exercise, visible_tests)
        for name, answer in names.items()
        for exercise in verdicts[name].exercises
    ]


def summary(findings: list[Finding]) -> list[str]:
    """Lines for people: per assignment right answers accepted and wrong ones caught, then every miss."""
    lines = []
    for assignment in sorted({f.answer.assignment for f in findings}):
        own = [f for f in findings if f.answer.assignment == assignment]
        missed = {f.answer.path for f in own if not f.ok}
        counts = []
        for right, words in ((True, "right answers accepted"), (False, "wrong answers caught")):
            paths = {f.answer.path for f in own if f.answer.right == right}
            counts.append(f"{words} {len(paths - missed)}/{len(paths)}")
        lines.append(f"{assignment}: {', '.join(counts)}")
        for f in own:
            if not f.ok:
                got = f"{f.verdict.points:g} of {f.verdict.max:g} ({f.verdict.status})"
                lines.append(f"  miss: {f.answer.path}: {f.verdict.exercise}: expected {f.expected}, got {got}")
                lines += [f"    {message}" for message in f.verdict.messages]
            if f.contradicted:
                lines.append(f"  {f.answer.path}: {f.verdict.exercise}: its visible test fails: {f.contradicted}")
    return lines
