"""Marks as tables: `coursework export` for Moodle, Canvas and spreadsheets, and `nbgrader export` without formulas.

A mark that is not final is said and left empty, never written as 0: what waits for a person, what was not graded, and
what was handed in again since.

No table holds a formula. nbgrader puts ids, names, addresses and assignments into the file as they are. A spreadsheet
takes a cell that begins with ``=``, ``+``, ``-`` or ``@`` for a formula, which can fetch pages and, where allowed,
start programs; and a comma or a line break in a name shifts the marks of everybody below. Here every text is quoted,
and one that would be a formula begins with an apostrophe, which spreadsheets take for "this is text" (OWASP, "CSV
Injection").
"""

import csv
import html
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbgrader.api import Assignment, Grade, Gradebook, MissingEntry, Student, SubmittedAssignment
from nbgrader.plugins import ExportPlugin
from nbgrader.utils import parse_utc
from sqlalchemy import select

from autograder import lms
from autograder.comments import load_comments
from autograder.course import Course, CourseError
from autograder.feedback import expand, format_points, read_verdict, secrets_of, summarise
from autograder.files import write_file
from autograder.gradebook import gradebook_url, has_gradebook, opened_gradebook
from autograder.notebooks import nbgrader_of, read_notebook
from autograder.release import read_master
from autograder.roster import Roster, load_roster
from autograder.roster import Student as Listed
from autograder.settings import utc

COLUMNS = (
    "assignment",
    "duedate",
    "timestamp",
    "student_id",
    "last_name",
    "first_name",
    "email",
    "raw_score",
    "late_submission_penalty",
    "score",
    "max_score",
)
"""The columns of nbgrader's own export, in its order."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a text must not begin with; spreadsheets take the wide signs for the narrow ones."""


class SafeCsv(ExportPlugin):
    """Marks as CSV in UTF-8; ``--to`` names the file (``grades.csv``), ``--student`` and ``--assignment`` choose."""

    def export(self, gradebook: Gradebook) -> None:
        target = Path(self.to or "grades.csv")
        students = [s for s in gradebook.students if self._wanted(s.id, self.student)]
        assignments = [a for a in gradebook.assignments if self._wanted(a.name, self.assignment)]
        aside = target.with_name(f"{target.name}.new")
        with aside.open("w", newline="", encoding="utf-8") as file:
            table = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC)
            table.writerow(COLUMNS)
            for assignment in assignments:
                for student in students:
                    table.writerow([safe_cell(value) for value in _row(gradebook, assignment, student)])
        aside.replace(target)
        self.log.info("Exported the marks of %s students to %s", len(students), target)

    @staticmethod
    def _wanted(name: str, chosen: list[Any]) -> bool:
        return not chosen or name in map(str, chosen)


def safe_cell(value: Any) -> Any:
    """A value for one cell: numbers as they are, text on one line and never a formula, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, int | float):
        return value
    text = str(value) if isinstance(value, datetime) else "".join(c if c.isprintable() else " " for c in str(value))
    return f"'{text}" if str(value).lstrip(" \u00a0").startswith(_FORMULA) else text


def _row(gradebook: Gradebook, assignment: Assignment, student: Student) -> list[Any]:
    """The values of one student and assignment in the order of COLUMNS; zero where nothing was handed in."""
    try:
        submission = gradebook.find_submission(assignment.name, student.id)
    except MissingEntry:
        timestamp, raw, penalty = None, 0.0, 0.0
    else:
        timestamp, raw, penalty = submission.timestamp, submission.score, submission.late_submission_penalty
    score = max(0.0, raw - (penalty or 0.0))
    who = [student.id, student.last_name, student.first_name, student.email]
    return [assignment.name, assignment.duedate, timestamp, *who, raw, penalty, score, assignment.max_score]


# --- `coursework export` ----------------------------------------------------------------------------------------

FORMATS = ("csv", "moodle", "canvas")

GRADED, WAITING, UNGRADED, OUTDATED, MISSING = "graded", "waiting", "ungraded", "outdated", "missing"
"""What a mark may be: final; waiting for a person; handed in and not graded; graded, and another hand-in has come
since; nothing was handed in."""

SAID = {
    WAITING: "wait for marks by hand and are left empty",
    UNGRADED: "were handed in and not graded, and are left empty: run 'coursework grade'",
    OUTDATED: "were handed in again since they were graded, and are left empty: run 'coursework grade'",
}


@dataclass(frozen=True)
class Mark:
    """What a student has for an assignment. ``points``: with the late penalty taken off; None: left empty."""

    student: str
    assignment: str
    status: str
    max: float
    points: float | None = None
    raw: float | None = None
    penalty: float = 0.0
    handed_in: str = ""
    due: str = ""
    feedback: str = ""

    @property
    def percent(self) -> float | None:
        return None if self.points is None or not self.max else round(100 * self.points / self.max, 2)


@dataclass
class Exported:
    """What ``export`` wrote, and what the instructor should know of it."""

    path: Path
    marks: list[Mark]
    notes: list[str]


def export(
    course: Course,
    assignments: list[str],
    kind: str,
    out: Path,
    *,
    percent: bool = False,
    feedback: bool = False,
    missing: str = "",
    worksheet: Path | None = None,
) -> Exported:
    """Write the marks of these assignments for a spreadsheet or a learning platform.

    ``kind``: one of FORMATS. ``missing``: 'zero' or 'empty' for those who handed in nothing; by default zero once the
    configured deadline has passed, empty before it and where there is none. ``worksheet``: Moodle's grading worksheet
    of one assignment, which is filled in. CourseError when what is asked for cannot be had.
    """
    if kind == "canvas" and feedback:
        raise CourseError("Canvas imports no comments with marks: leave --feedback out, and hand out feedback/", 2)
    if worksheet is not None and (kind != "moodle" or len(assignments) != 1):
        raise CourseError("--worksheet belongs to --format moodle and one assignment, which must be named", 2)
    roster, notes = load_roster(course), list[str]()
    people = _people(course, roster, assignments)
    strangers = sorted(set(people) - set(roster.students)) if roster else []
    if strangers and kind != "csv":
        # Moodle refuses a file with one unknown student, Canvas would make a new one.
        notes.append(f"not on the roster, and left out: {', '.join(strangers)}")
        people = {student: person for student, person in people.items() if student not in strangers}
    marks = [mark for name in assignments for mark in _marks(course, name, sorted(people), missing, feedback)]
    notes += _notes(marks, assignments)
    shown = _Shown(course.settings().platform_names, percent, feedback)
    if worksheet is not None:
        rows = _worksheet(worksheet, people, marks, shown, notes)
    else:
        rows = {"csv": _plain, "moodle": _moodle, "canvas": _canvas}[kind](people, marks, assignments, shown)
    if kind != "csv" and worksheet is None:
        notes += _lacking(kind, people)
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_NONNUMERIC).writerows([[safe_cell(cell) for cell in row] for row in rows])
    write_file(out, text.getvalue().encode())
    return Exported(out, marks, notes)


def _people(course: Course, roster: Roster | None, assignments: list[str]) -> dict[str, Listed]:
    """All who should stand in the table: the roster's, the gradebook's, and whose hand-in lies in submitted/."""
    found = dict(roster.students) if roster else {}
    if has_gradebook(gradebook_url(course)):
        with opened_gradebook(course) as book:
            for row in book.students:
                said = (row.last_name or "", row.first_name or "", row.email or "", "", row.lms_user_id or "")
                found.setdefault(row.id, Listed(row.id, *said))
    for assignment in assignments:
        for student in course.students(assignment):
            found.setdefault(student, Listed(student))
    return found


# --- marks


def _marks(course: Course, assignment: str, students: list[str], missing: str, feedback: bool) -> list[Mark]:
    """The mark of each student for one assignment."""
    settings, now = course.settings(), datetime.now(UTC)
    whole = maximum(course, assignment)
    handed_in = set(course.students(assignment))
    found: dict[str, Mark] = {}
    if has_gradebook(gradebook_url(course)):
        with opened_gradebook(course) as book:
            query = select(SubmittedAssignment).join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
            for entry in book.db.scalars(query.where(Assignment.name == assignment)):
                if entry.student_id in students:
                    found[entry.student_id] = _graded(course, entry, whole, feedback)
    for student in students:
        if student in found:
            continue
        if student in handed_in:
            found[student] = Mark(student, assignment, UNGRADED, whole)
            continue
        deadline = settings.deadline(student, assignment)
        zero = missing == "zero" if missing else deadline is not None and deadline < now
        due = "" if deadline is None else f"{utc(deadline)}"
        found[student] = Mark(student, assignment, MISSING, whole, 0.0 if zero else None, due=due)
    return [found[student] for student in students]


def maximum(course: Course, assignment: str) -> float:
    """The points of an assignment, by its masters; bonus exercises raise it not."""
    cells = [cell for path in course.source_notebooks(assignment) for cell in read_master(path).cells]
    return sum(float(nbgrader_of(cell).get("points", 0)) for cell in cells if nbgrader_of(cell).get("grade"))


def _graded(course: Course, entry: SubmittedAssignment, whole: float, feedback: bool) -> Mark:
    student, assignment = entry.student_id, entry.assignment.name
    raw, lost = float(entry.score), float(entry.late_submission_penalty or 0.0)
    when, due = (str(time or "") for time in (entry.timestamp, entry.duedate if entry.assignment.duedate else None))
    status = GRADED
    if _is_outdated(course, entry):
        status = OUTDATED
    elif entry.needs_manual_grade and any(_is_pending(grade) for made in entry.notebooks for grade in made.grades):
        verdict = read_verdict(course, assignment, student)
        status = WAITING if verdict is None or verdict.complete else UNGRADED
    points = round(max(0.0, raw - lost), 4) if status == GRADED else None
    said = _feedback(course, entry) if feedback and status == GRADED else ""
    return Mark(student, assignment, status, whole, points, raw, lost, when, due, said)


def _is_pending(grade: Grade) -> bool:
    """Whether a person has yet to give points, as on the feedback page. A rubric's own row, which stock nbgrader
    lets wait for ever, counts as nothing: its points belong to the answer."""
    return bool(grade.needs_manual_grade) and grade.manual_score is None and not grade.name.endswith("_rubric")


def _is_outdated(course: Course, entry: SubmittedAssignment) -> bool:
    """Whether what lies in submitted/ was handed in at another time than what the gradebook knows."""
    path = course.submitted / entry.student_id / entry.assignment.name / "timestamp.txt"
    if not path.is_file():
        return False
    try:
        return bool(parse_utc(path.read_text(encoding="utf-8").strip() or None) != entry.timestamp)
    except ValueError:  # 'coursework grade' says that it holds no time
        return True


def _feedback(course: Course, entry: SubmittedAssignment) -> str:
    """What the feedback page says, in one line: points, messages of lost parts and the marker's comments."""
    student, assignment = entry.student_id, entry.assignment.name
    masters = [read_master(path) for path in course.source_notebooks(assignment)]
    verdict, library = read_verdict(course, assignment, student), load_comments(course)
    said: list[str] = []
    for handed_in in sorted(entry.notebooks, key=lambda notebook: str(notebook.name)):
        path = course.autograded / student / assignment / f"{handed_in.name}.ipynb"
        if not path.is_file():
            continue
        notebook = read_notebook(path.read_bytes())
        secrets = secrets_of(masters, notebook)
        summary = summarise(notebook, handed_in, verdict, student, assignment, handed_in.name)
        expand(summary, library)
        for row in summary.rows:
            lost = [part.message for part in row.lost if part.message] or row.messages
            words = [f"{row.exercise}: {format_points(row.points)} of {format_points(row.max)}"]
            words += dict.fromkeys(secrets.redact(message) for message in lost)  # parts may be lost for one reason
            words += [f"Comment: {comment}" for comment in row.comments]
            said.append(" - ".join(" ".join(word.split()) for word in words))
        said += [f"Comment: {' '.join(comment.split())}" for comment in summary.comments]
    lost_points = float(entry.late_submission_penalty or 0.0)
    if lost_points:
        said.append(f"Handed in late: {format_points(lost_points)} points taken off")
    return " | ".join(said)


def _notes(marks: list[Mark], assignments: list[str]) -> list[str]:
    """What is not simply a mark, a line each."""
    notes = []
    for assignment in assignments:
        of_assignment = [mark for mark in marks if mark.assignment == assignment]
        graded = sum(mark.status == GRADED for mark in of_assignment)
        notes.append(f"{assignment}: {graded} of {len(of_assignment)} have their mark")
        for status, said in SAID.items():
            names = [mark.student for mark in of_assignment if mark.status == status]
            if names:
                notes.append(f"{assignment}: {len(names)} {said}: {', '.join(names)}")
        for points, said in ((0.0, "have 0"), (None, "are left empty (--missing zero gives 0)")):
            names = [mark.student for mark in of_assignment if mark.status == MISSING and mark.points == points]
            if names:
                notes.append(f"{assignment}: {len(names)} handed in nothing and {said}: {', '.join(names)}")
    return notes


# --- tables


@dataclass(frozen=True)
class _Shown:
    """How marks are written."""

    names: Mapping[str, str]
    percent: bool
    feedback: bool

    def name(self, assignment: str) -> str:
        return self.names.get(assignment, assignment)

    def mark(self, mark: Mark) -> float | str:
        value = mark.percent if self.percent else mark.points
        return "" if value is None else round(value, 2)


def _by_student(marks: list[Mark]) -> dict[tuple[str, str], Mark]:
    return {(mark.student, mark.assignment): mark for mark in marks}


def _in_order(people: dict[str, Listed]) -> list[Listed]:
    return sorted(people.values(), key=lambda who: (who.last_name.casefold(), who.first_name.casefold(), who.id))


def _plain(people: dict[str, Listed], marks: list[Mark], assignments: list[str], shown: _Shown) -> list[list[Any]]:
    """A row for each assignment and student: nbgrader's own columns, and what it lacks."""
    by = _by_student(marks)
    rows: list[list[Any]] = [[*COLUMNS, *(["percent"] if shown.percent else []), "section", "status"]]
    rows[0] += ["feedback"] if shown.feedback else []
    for assignment in assignments:
        for who in _in_order(people):
            mark = by[who.id, assignment]
            row: list[Any] = [assignment, mark.due, mark.handed_in, who.id, who.last_name, who.first_name, who.email]
            row += [mark.raw if mark.points is not None else None, mark.penalty, mark.points, mark.max]
            rows.append([*row, *([mark.percent] if shown.percent else []), who.section, mark.status])
            rows[-1] += [mark.feedback] if shown.feedback else []
    return rows


def _moodle(people: dict[str, Listed], marks: list[Mark], assignments: list[str], shown: _Shown) -> list[list[Any]]:
    """Moodle's grade import from CSV: https://docs.moodle.org/311/en/Grade_import.

    The headings are those that Moodle's own grade export and the tests of its import use
    (grade/import/csv/tests/load_data_test.php). Which column is what is chosen in Moodle: "Email address" or "ID
    number" tells who it is, "Assignment: ..." is the grade, "Feedback: ..." its feedback. Moodle takes feedback for
    HTML, so its signs are written out.
    """
    by = _by_student(marks)
    rows: list[list[Any]] = [["First name", "Last name", "ID number", "Email address"]]
    for assignment in assignments:
        rows[0].append(f"Assignment: {shown.name(assignment)}")
        rows[0] += [f"Feedback: {shown.name(assignment)}"] if shown.feedback else []
    for who in _in_order(people):
        row: list[Any] = [who.first_name, who.last_name, who.id, who.email]
        for assignment in assignments:
            mark = by[who.id, assignment]
            row.append(shown.mark(mark))
            row += [html.escape(mark.feedback, quote=False)] if shown.feedback else []
        rows.append(row)
    return rows


def _canvas(people: dict[str, Listed], marks: list[Mark], assignments: list[str], shown: _Shown) -> list[list[Any]]:
    """Canvas's gradebook import, as its lib/gradebook_importer.rb and lib/gradebook_exporter.rb have it.

    For people: https://teaching.resources.osu.edu/toolsets/carmencanvas/guides/calculating-final-grades/
    import-csv-file-carmen-grades. "Section" must be the last column before the
    assignments; a student is found by ID, else by SIS User ID, SIS Login ID, else by name. An assignment is found by
    its name, "Title (1234)" with Canvas's number being sure. An empty cell changes nothing.
    """
    by = _by_student(marks)
    head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    worth = {mark.assignment: mark.max for mark in marks}
    rows: list[list[Any]] = [[*head, *map(shown.name, assignments)]]
    rows.append(["    Points Possible", "", "", "", "", *(worth.get(assignment, "") for assignment in assignments)])
    for who in _in_order(people):
        name = f"{who.last_name}, {who.first_name}" if who.last_name and who.first_name else who.name
        cells = [shown.mark(by[who.id, assignment]) for assignment in assignments]
        if shown.percent:
            cells = [cell if cell == "" else f"{cell:g}%" for cell in cells]
        rows.append([name, who.lms_id, who.sis_id, who.username, who.section, *cells])
    return rows


def _lacking(kind: str, people: dict[str, Listed]) -> list[str]:
    """Whom the platform may not recognise."""
    if kind == "moodle":
        lacking = [who.id for who in people.values() if not who.email]
        what = "have no e-mail address: map 'ID number' in Moodle if that is what your ids are"
    else:
        lacking = [who.id for who in people.values() if not (who.lms_id or who.sis_id or who.username)]
        what = "have neither lms_id nor sis_id nor username on the roster: Canvas goes by their names"
    return [f"{len(lacking)} {what}: {', '.join(lacking)}"] if lacking else []


def _worksheet(
    path: Path, people: dict[str, Listed], marks: list[Mark], shown: _Shown, notes: list[str]
) -> list[list[Any]]:
    """Moodle's grading worksheet with grades and comments filled in; every other cell stays as it is.

    Its columns and what Moodle reads of them: see ``lms.read_worksheet``. Moodle passes over a grade that is empty,
    out of range or older than its own; the last is what "Last modified (grade)" is for.
    """
    try:
        participants = lms.read_worksheet(path)
        header, *rows = [
            row for row in csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")) if row
        ]
    except ValueError as error:
        raise CourseError(f"{path}: {error}", 2) from error
    columns = {name.strip().casefold(): index for index, name in enumerate(header)}
    grade, comments = columns[lms.GRADE.casefold()], columns.get(lms.COMMENTS.casefold())
    most, locked = columns.get(lms.MAXIMUM.casefold()), columns.get("grade can be changed")
    if shown.feedback and comments is None:
        raise CourseError(f"{path}: there is no column {lms.COMMENTS!r}: switch feedback comments on in Moodle", 2)
    by = {mark.student: mark for mark in marks}
    roster = Roster(people)
    filled = set()
    for row in rows:
        row += [""] * (len(header) - len(row))
        who = participants[lms.participant(row[columns[lms.IDENTIFIER.casefold()]])]
        found = roster.find(exact=(who.id_number, who.email), name=who.name)
        if len(found) != 1:
            notes.append(f"{row[columns[lms.IDENTIFIER.casefold()]]}, {who.name or who.email}, leads to nobody here")
            continue
        mark = by[found[0].id]
        filled.add(mark.student)
        value = shown.mark(mark)
        if locked is not None and row[locked].strip().casefold() == "no":
            notes.append(f"{mark.student}: Moodle lets nobody change this grade")
        if most is not None and (limit := _number(row[most])) is not None and isinstance(value, float):
            worth = 100.0 if shown.percent else mark.max
            if limit != worth:
                raise CourseError(
                    f"{path}: the assignment is worth {limit:g} in Moodle and {worth:g} here: give --percent where"
                    " Moodle's maximum is 100, or change it there",
                    2,
                )
            if value > limit:
                notes.append(f"{mark.student}: {value:g} is more than Moodle's maximum; {limit:g} was entered")
                value = limit
        row[grade] = value if value == "" else f"{value:.2f}"
        if shown.feedback and comments is not None and mark.feedback:
            row[comments] = html.escape(mark.feedback, quote=False)
    absent = sorted(set(by) - filled)
    if absent:
        notes.append(f"not in the worksheet: {', '.join(absent)}")
    return [header, *rows]


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None
