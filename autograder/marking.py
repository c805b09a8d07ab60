"""What is marked by a person: dealt among the markers, listed with where to click, and taken in from tables.

`share` deals the written answers of an assignment, by student (all answers of a hand-in to one marker) or by exercise
(all answers to one exercise). A deal is stable: what was dealt stays where it is, and hand-ins that come later go to
those who have least. A team is dealt as one, at the hand-in that counts. The deal is kept in
``.coursework/marking/<assignment>.json``; the marks themselves are in nbgrader's gradebook alone, wherever they were
given.

`table` lists answers for those who mark in a spreadsheet, and `enter` takes points and comments from such a table: all
or nothing, in one transaction. Each row of a table holds a short digest of what the gradebook held when it was made
(``as_of``). A mark that changed since is not overwritten without being told.
"""

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbgrader.api import (
    Comment,
    Grade,
    MissingEntry,
    SubmittedNotebook,
)

from autograder.course import Course, CourseError
from autograder.export import safe_cell
from autograder.feedback import format_points
from autograder.files import locked, write_file
from autograder.gradebook import gradebook_url, has_gradebook, opened_gradebook, rows_of
from autograder.marks import Recorder
from autograder.notebooks import exercises, read_notebook
from autograder.settings import marker_names, read_table
from autograder.teams import copied_from

TO_MARK, REVIEW, MARKED, BLANK = "to mark", "review", "marked", "blank"
"""What an answer may be: waiting for points; marked, and graded again since; marked; left as it was released."""
OPEN = (TO_MARK, REVIEW)

BY = ("student", "exercise")


@dataclass(frozen=True)
class Written:
    """A written exercise of an assignment."""

    id: str
    notebook: str
    max: float


@dataclass(frozen=True)
class Answer:
    """A written answer in the gradebook. ``entry``: nbgrader's number of the submitted notebook.

    ``team``: the others who have its marks, sorted.
    """

    student: str
    team: tuple[str, ...]
    exercise: Written
    entry: str
    points: float | None
    comment: str
    state: str

    @property
    def people(self) -> tuple[str, ...]:
        """All who get its marks."""
        return (self.student, *self.team)

    def as_of(self) -> str:
        return digest(self.points, self.comment)


def digest(points: float | None, comment: str) -> str:
    """What a table says of the marks that it was made from."""
    return hashlib.sha256(json.dumps([points, comment]).encode()).hexdigest()[:8]


def written_exercises(course: Course, assignment: str) -> list[Written]:
    """The exercises that a person marks, in the order of the notebooks."""
    return [
        Written(exercise.id, path.stem, exercise.points)
        for path in course.source_notebooks(assignment)
        for exercise in exercises(read_notebook(path.read_bytes()))
        if exercise.test is None
    ]


def answers(course: Course, assignment: str) -> list[Answer]:
    """All written answers in the gradebook, by student and exercise; those of a team once."""
    written = {exercise.id: exercise for exercise in written_exercises(course, assignment)}
    if not written or not has_gradebook(gradebook_url(course)):
        return []
    copies = copied_from(course, assignment)
    with opened_gradebook(course) as book:
        said = {
            (student, cell): comment or ""
            for student, _, cell, comment in book.db.execute(rows_of(Comment, assignment, Comment.manual_comment))
        }
        columns = (Grade.manual_score, Grade.auto_score, Grade.needs_manual_grade, SubmittedNotebook.id)
        rows = [row for row in book.db.execute(rows_of(Grade, assignment, *columns)) if row[2] in written]
    found = []
    for student, notebook, cell, manual, automatic, needs, entry in rows:
        if student in copies or notebook != written[cell].notebook:
            continue
        team = tuple(sorted(member for member, source in copies.items() if source == student))
        state = _state(manual, automatic, bool(needs))
        found.append(Answer(student, team, written[cell], entry, manual, said.get((student, cell), ""), state))
    order = {name: place for place, name in enumerate(written)}
    return sorted(found, key=lambda answer: (answer.student, order[answer.exercise.id]))


def _state(manual: float | None, automatic: float | None, needs: bool) -> str:
    if manual is not None:
        return REVIEW if needs else MARKED
    return BLANK if not needs and automatic == 0 else TO_MARK


# --- the deal ---------------------------------------------------------------------------------------------------


@dataclass
class Deal:
    """Who marks what. ``dealt``: student (each member of a team) or exercise → marker."""

    by: str
    among: tuple[str, ...]
    dealt: dict[str, str] = field(default_factory=dict)

    def marker(self, answer: Answer) -> str:
        """Who marks an answer; empty when it was not dealt yet."""
        return self.dealt.get(answer.student if self.by == "student" else answer.exercise.id, "")

    def markers(self) -> list[str]:
        """All who have something, in the order in which they were named; then those who are not among them any more."""
        return list(dict.fromkeys([*self.among, *sorted(set(self.dealt.values()))]))


def deal_file(course: Course, assignment: str) -> Path:
    return course.work / "marking" / f"{assignment}.json"


def read_deal(course: Course, assignment: str) -> Deal | None:
    """The kept deal; None when nothing was dealt. CourseError for a damaged file."""
    path = deal_file(course, assignment)
    if not path.is_file():
        return None
    try:
        said = json.loads(path.read_bytes())
        return Deal(str(said["by"]), tuple(said["among"]), dict(said["dealt"]))
    except (ValueError, KeyError, TypeError) as error:
        raise CourseError(f"{path} is damaged ({error}): remove it and share out again") from error


@dataclass
class Shared:
    """What `share` did, for people."""

    deal: Deal
    lines: list[str]


def share(
    course: Course,
    assignment: str,
    among: Iterable[str] | None = None,
    by: str = "",
    *,
    anew: bool = False,
) -> Shared:
    """Deal what is not dealt yet, and what lies with somebody who does not mark any more.

    ``among``, ``by``: by default the course's settings, else those of the last deal. ``anew``: deal everything again
    but for students whose marking has begun. CourseError when nobody is named, or when the deal went the other way.
    """
    if not written_exercises(course, assignment):
        raise CourseError(f"{assignment} has no exercise that is marked by a person", 2)
    course.work.mkdir(parents=True, exist_ok=True)
    with locked(course.work / "marking.lock"):
        before = read_deal(course, assignment)
        deal = _wanted(course, assignment, among, by, before)
        found = answers(course, assignment)
        if before is not None and before.by == deal.by:
            deal.dealt = dict(before.dealt)
        elif before is not None and not anew:
            raise CourseError(
                f"{assignment} is shared out by {before.by}: --anew shares all of it out by {deal.by} instead", 2
            )
        if anew:
            deal.dealt = {unit: marker for unit, marker in deal.dealt.items() if unit in _begun(found, deal)}
        old = dict(deal.dealt)
        _deal(deal, found)
        write_file(deal_file(course, assignment), json.dumps(vars(deal), indent=1).encode())
    return Shared(deal, _told(course, assignment, deal, found, old))


def _wanted(course: Course, assignment: str, among: Iterable[str] | None, by: str, before: Deal | None) -> Deal:
    settings = course.settings()
    try:
        named = marker_names(among) if among is not None else settings.markers or (before.among if before else ())
    except ValueError as error:
        raise CourseError(f"--among: {error}", 2) from error
    if not named:
        raise CourseError("say who marks: --among anna,ben, or c.Coursework.markers in nbgrader_config.py", 2)
    if by and by not in BY:
        raise CourseError(f"--by {by}: it must be one of {', '.join(BY)}", 2)
    # An option of the last time holds on; without one the setting counts.
    return Deal(by or (before.by if before else settings.marking_by), named)


def _units(found: list[Answer], deal: Deal) -> dict[tuple[str, ...], list[Answer]]:
    """What is dealt as one (a student with the members of the team, or an exercise) → its answers that are no blanks.

    A hand-in without any answer is nobody's work.
    """
    units: dict[tuple[str, ...], list[Answer]] = {}
    for answer in found:
        if answer.state != BLANK:
            unit = answer.people if deal.by == "student" else (answer.exercise.id,)
            units.setdefault(unit, []).append(answer)
    return units


def _begun(found: list[Answer], deal: Deal) -> set[str]:
    """Units of which something is marked."""
    units = _units(found, deal)
    return {name for unit, of_unit in units.items() if any(a.state == MARKED for a in of_unit) for name in unit}


def _deal(deal: Deal, found: list[Answer]) -> None:
    """Give each unit that nobody has to the marker with least; in each round of equals in the order of their names.

    What is finished stays with its marker, also when that one is not among the markers any more.
    """
    units = _units(found, deal)
    weights = {unit: _weight(deal, of_unit) for unit, of_unit in units.items()}
    load = dict.fromkeys(deal.among, 0.0)
    waiting = []
    for unit, of_unit in units.items():
        marker = next((deal.dealt[name] for name in unit if name in deal.dealt), "")
        finished = all(answer.state not in OPEN for answer in of_unit)
        if marker in load or (marker and finished):
            deal.dealt.update(dict.fromkeys(unit, marker))
            if marker in load:
                load[marker] += weights[unit]
        else:
            waiting.append(unit)
    # The heaviest first, so that few units of unequal weight come out even.
    for unit in sorted(waiting, key=lambda unit: (-weights[unit], unit)):
        marker = min(deal.among, key=lambda name: load[name])
        deal.dealt.update(dict.fromkeys(unit, marker))
        load[marker] += weights[unit]


def _weight(deal: Deal, of_unit: list[Answer]) -> float:
    """The work that a unit is: a hand-in is one, an exercise as much as its points."""
    return 1.0 if deal.by == "student" else of_unit[0].exercise.max


def _told(course: Course, assignment: str, deal: Deal, found: list[Answer], old: dict[str, str]) -> list[str]:
    lines = [place.line() for place in progress(found, deal)]
    units = _units(found, deal)
    moved = [unit for unit in units if unit[0] in old and deal.dealt[unit[0]] != old[unit[0]]]
    lines += [f"{unit[0]}: from {old[unit[0]]} to {deal.dealt[unit[0]]}" for unit in moved]
    without = [marker for marker in deal.among if marker not in deal.dealt.values()]
    if without and units:
        what = "hand-ins" if deal.by == "student" else "exercises"
        lines.append(f"nothing for {', '.join(without)}: there are {len(units)} {what} to share out")
    waiting = sorted(set(course.students(assignment)) - {name for answer in found for name in answer.people})
    if waiting:
        lines.append(f"not graded yet, so not shared out: {', '.join(waiting)}")
    return lines


# --- how far it is ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """How far one marker is; ``marker`` is empty for what is not shared out. Of a team the hand-in counts once."""

    marker: str
    hand_ins: int
    hand_ins_left: int
    answers: int
    answers_left: int

    def line(self) -> str:
        who = self.marker or "not shared out"
        return (
            f"{who}: {self.answers_left} of {self.answers} answers left,"
            f" in {self.hand_ins_left} of {self.hand_ins} hand-ins"
        )


def progress(found: list[Answer], deal: Deal | None) -> list[Place]:
    """How far each marker is; without a deal nothing is shared out."""
    by: dict[str, list[Answer]] = {marker: [] for marker in (deal.among if deal else ())}
    for answer in found:
        if answer.state != BLANK:
            by.setdefault(deal.marker(answer) if deal else "", []).append(answer)
    return [_place(marker, of_marker) for marker, of_marker in by.items()]


def _place(marker: str, of_marker: list[Answer]) -> Place:
    left = [answer for answer in of_marker if answer.state in OPEN]
    hand_ins, hand_ins_left = (len({answer.student for answer in group}) for group in (of_marker, left))
    return Place(marker, hand_ins, hand_ins_left, len(of_marker), len(left))


# --- tables ---------------------------------------------------------------------------------------------------------

COLUMNS = (
    "marker",
    "student",
    "team",
    "exercise",
    "state",
    "max",
    "points",
    "comment",
    "formgrader",
    "as_of",
)
NEEDED = ("student", "exercise", "points", "comment")


def chosen(
    course: Course, assignment: str, deal: Deal | None, marker: str = "", *, everything: bool = False
) -> list[Answer]:
    """The answers of a marker (or of all) that are still to be marked, or all that are no blanks."""
    if marker and (deal is None or marker not in deal.markers()):
        known = ", ".join(deal.markers()) if deal else "nobody: run 'coursework marking share'"
        raise CourseError(f"{assignment}: nothing was shared out to '{marker}' (known: {known})", 2)
    return [
        answer
        for answer in answers(course, assignment)
        if answer.state != BLANK
        and (everything or answer.state in OPEN)
        and (not marker or (deal is not None and deal.marker(answer) == marker))
    ]


def address(base: str, answer: Answer) -> str:
    """The page of formgrader on which an answer is marked."""
    return f"{base}/formgrader/submissions/{answer.entry}/"


def row(answer: Answer, deal: Deal | None, base: str) -> dict[str, Any]:
    """An answer as a row of a table."""
    return {
        "marker": deal.marker(answer) if deal else "",
        "student": answer.student,
        "team": " ".join(answer.team),
        "exercise": answer.exercise.id,
        "state": answer.state,
        "max": answer.exercise.max,
        "points": answer.points,
        "comment": answer.comment,
        "formgrader": address(base, answer),
        "as_of": answer.as_of(),
    }


def table(rows: Iterable[Mapping[str, Any]], columns: Iterable[str]) -> bytes:
    """Rows as CSV, with no formula in it; a comment keeps its lines."""
    names = list(columns)
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(names)
    for one in rows:
        writer.writerow([_cell(one[name]) for name in names])
    return text.getvalue().encode()


def _cell(value: Any) -> Any:
    """`safe_cell`, line by line: only a cell's beginning can make it a formula."""
    if not isinstance(value, str) or "\n" not in value:
        return safe_cell(value)
    first, *others = value.split("\n")
    return "\n".join([str(safe_cell(first)), *("".join(c for c in line if c.isprintable()) for line in others)])


@dataclass
class Entry:
    """A row of a table that is to be entered: None leaves what is there."""

    line: int
    student: str
    exercise: Written
    points: float | None
    comment: str | None
    as_of: str


@dataclass
class Entered:
    """What `enter` found: ``problems`` in the table or with what others set, and then nothing was entered."""

    lines: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


class _Refused(Exception):
    """There are problems: nothing of the transaction stays."""


def enter(course: Course, assignment: str, path: Path, *, over: bool = False) -> Entered:
    """Take points and comments of a table into the gradebook, all or nothing.

    An empty cell leaves what is there. ``over``: overwrite also what was changed since the table was made, and say so.
    CourseError when the table cannot be read or the database refuses.
    """
    found = Entered()
    entries = _entries(course, assignment, path, found.problems)
    if found.problems:
        return found
    if not entries or not has_gradebook(gradebook_url(course)):
        found.problems += [] if entries else ["there is neither a point nor a comment in it"]
        found.problems += ["nothing is graded yet: run 'coursework grade'"] if entries else []
        return found
    with Recorder(course) as recorder:

        def change(book: Any, place: Callable[[str, Path], None]) -> None:
            found.lines, found.problems = [], []
            for entry in entries:
                _enter(book, assignment, entry, over, found)
            if found.problems:
                raise _Refused

        failures = recorder.together(
            assignment, {entry.student for entry in entries}, change, f"{path.name} could not be entered"
        )
    if found.problems:
        found.lines = []
    elif failures:
        raise CourseError(failures[0])
    return found


def _entries(course: Course, assignment: str, path: Path, problems: list[str]) -> list[Entry]:
    """The rows that say something; what is wrong with others goes to ``problems``."""
    try:
        (_, header), *rows = read_table(path, texts=("comment",))
    except ValueError as error:
        raise CourseError(f"{path}: {error}", 2) from error
    missing = [name for name in NEEDED if name not in header]
    if missing:
        raise CourseError(f"{path}, line 1: there is no column '{missing[0]}' (wanted: {', '.join(NEEDED)})", 2)
    known = {exercise.id: exercise for exercise in written_exercises(course, assignment)}
    found: dict[tuple[str, str], Entry] = {}
    for line, cells in rows:
        where = f"line {line}"
        student, exercise = (_plain(cells.get(name, "")) for name in ("student", "exercise"))
        points, comment = cells.get("points", ""), _plain(cells.get("comment", ""))
        if not points and not comment:
            continue
        try:
            if cells.get(""):
                raise ValueError(f"it has more cells than the first line: {cells['']!r}")
            if exercise not in known:
                raise ValueError(f"'{exercise}' is no exercise that a person marks (known: {', '.join(known)})")
            if (student, exercise) in found:
                raise ValueError(f"{student}, {exercise} stands further up, in line {found[student, exercise].line}")
            value = _points(points, known[exercise]) if points else None
        except ValueError as error:
            problems.append(f"{where}: {error}")
            continue
        as_of = _plain(cells.get("as_of", ""))
        found[student, exercise] = Entry(line, student, known[exercise], value, comment or None, as_of)
    return list(found.values())


def _plain(cell: str) -> str:
    """A cell as it was before `safe_cell` made it text."""
    return cell[1:] if cell[:1] == "'" and safe_cell(cell[1:]) != cell[1:] else cell


def _points(text: str, exercise: Written) -> float:
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        raise ValueError(f"{exercise.id}: {text!r} is no number of points") from None
    if not 0 <= value <= exercise.max:  # not-a-number is not, either
        raise ValueError(f"{exercise.id}: {text} is not between 0 and {format_points(exercise.max)} points")
    return value


def _enter(book: Any, assignment: str, entry: Entry, over: bool, found: Entered) -> None:
    """One row, within the transaction; a conflict goes to the problems."""
    where = f"{entry.student}, {entry.exercise.id}"
    place = (entry.exercise.id, entry.exercise.notebook, assignment, entry.student)
    try:
        grade = book.find_grade(*place)
        said = book.find_comment(*place)
    except MissingEntry:
        found.problems.append(f"line {entry.line}: {entry.student} has no graded hand-in of {assignment}")
        return
    now, comment = grade.manual_score, said.manual_comment or ""
    same = entry.as_of == digest(now, comment)
    points = entry.points if entry.points is not None and entry.points != now else None
    words = entry.comment if entry.comment is not None and entry.comment != _shown(comment) else None
    for value, old in (
        (points, None if now is None else f"{format_points(now)} points"),
        (words, f"the comment {comment!r}" if comment else None),
    ):
        if value is None or old is None or same:
            continue
        told = f"{where}: the gradebook has {old}, set by somebody since the table was made"
        if not entry.as_of:
            told = f"{where}: the gradebook has {old}, and the table does not say that this was known (no as_of)"
        if over:
            found.lines.append(f"{told}: overwritten")
        else:
            found.problems.append(f"line {entry.line}: {told}: --over overwrites it")
    if points is not None:
        grade.manual_score, grade.needs_manual_grade = points, False
        before = "" if now is None else f"{format_points(now)} -> "
        found.lines.append(f"{where}: {before}{format_points(points)} of {format_points(entry.exercise.max)} points")
    if words is not None:
        said.manual_comment = words
        found.lines.append(f"{where}: comment")


def _shown(comment: str) -> str:
    """A comment as it comes back from a table."""
    return _plain("\n".join(line.rstrip("\r") for line in str(_cell(comment)).strip().split("\n")))
