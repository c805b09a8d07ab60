"""The roster: who takes part, so that missing hand-ins are known and a platform's names lead to students.

A CSV file whose first line names the columns, in any order: our names (`COLUMNS`) or those of the export that a
learning platform gives (`OTHER_NAMES`). A roster with one damaged row is refused as a whole, with every damaged row's
line: half a class in the gradebook is worse than none.
"""

import contextlib
import re
import unicodedata
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from autograder.course import CONFIG_NAME, Course, CourseError
from autograder.settings import Settings, read_table

COLUMNS = ("id", "last_name", "first_name", "email", "section", "lms_id", "username", "sis_id")
"""Only ``id`` is needed. ``lms_id``: the platform's own number of a person (Canvas: ID), ``username``: what they log in
with (Canvas: SIS Login ID), ``sis_id``: Canvas's SIS User ID."""

OTHER_NAMES = MappingProxyType(
    {
        "student_id": "id",
        "id number": "id",  # Moodle
        "last name": "last_name",
        "surname": "last_name",  # Moodle before 4
        "first name": "first_name",
        "email address": "email",
        "e-mail": "email",
        "groups": "section",
        "lms_user_id": "lms_id",  # nbgrader
        "user name": "username",
        "sis login id": "username",  # Canvas
        "sis user id": "sis_id",
    }
)
"""Other headings that are understood, without regard to capital letters."""

MAX_LENGTH = 128
"""Characters of a cell: what nbgrader's gradebook holds."""

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_ID = re.compile(r"(?=.*[A-Za-z0-9])[A-Za-z0-9@_][A-Za-z0-9@._-]{0,63}(?<!\.)")


@dataclass(frozen=True)
class Student:
    """One row. Empty where the roster says nothing; ``line`` is its line in the file."""

    id: str
    last_name: str = ""
    first_name: str = ""
    email: str = ""
    section: str = ""
    lms_id: str = ""
    username: str = ""
    sis_id: str = ""
    line: int = 0

    @property
    def name(self) -> str:
        """The name as it is read out, else the id."""
        return f"{self.first_name} {self.last_name}".strip() or self.id


class RosterError(CourseError):
    """A roster that cannot be used; ``problems`` are the damaged rows, a line each."""

    def __init__(self, path: Path, problems: list[str]) -> None:
        self.problems = problems
        more = f" (and {len(problems) - 1} more: 'coursework roster' lists them)" if len(problems) > 1 else ""
        super().__init__(f"{path.name}: {problems[0]}{more}")


@dataclass
class Roster:
    """The students by id, and ways to find them."""

    students: dict[str, Student]
    path: Path | None = None
    _by: dict[str, dict[str, list[Student]]] = field(default_factory=dict, init=False, repr=False)

    def find(self, *, exact: Iterable[str] = (), lms_id: str = "", name: str = "") -> list[Student]:
        """The students that the clues lead to, the surest clue first: one when they are known, several when not.

        ``exact``: what may be an id, user name, e-mail address (or the part before its @) or SIS id; ``lms_id``: the
        platform's number of a person; ``name``: a full name in either order, however it is written.
        """
        if lms_id and (found := self._look_up("lms_id", lms_id)):
            return found
        for clue in exact:
            for kind in ("id", "username", "sis_id", "email", "mailbox"):
                if clue and (found := self._look_up(kind, clue)):
                    return found
        found = self._look_up("name", letters(name)) if letters(name) else []
        # Somebody whose number is known to be another one only has the same name.
        return [student for student in found if not (lms_id and student.lms_id)]

    def _look_up(self, kind: str, clue: str) -> list[Student]:
        if kind not in self._by:
            table: dict[str, list[Student]] = {}
            for student in self.students.values():
                for key in {key for key in _keys(student, kind) if key}:
                    table.setdefault(key, []).append(student)
            self._by[kind] = table
        return self._by[kind].get(clue if kind == "name" else clue.casefold(), [])


def _keys(student: Student, kind: str) -> list[str]:
    if kind == "name":
        first, last = student.first_name, student.last_name
        return [letters(first + last), letters(last + first)] if first and last else []
    if kind == "mailbox":
        return [student.email.partition("@")[0].casefold()]
    return [str(getattr(student, kind)).casefold()]


def letters(name: str) -> str:
    """A name's letters and digits, small and without accents: what is left of it on every platform."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(char for char in plain if char.isalnum())


def read_roster(path: Path) -> Roster:
    """The roster in a CSV file; RosterError with every damaged row."""
    try:
        (_, header), *rows = read_table(path)
    except ValueError as error:
        raise RosterError(path, [str(error)]) from error
    if {"Student", "ID", "SIS Login ID"} <= header.keys():
        raise RosterError(
            path,
            [
                "line 1: it is Canvas's gradebook, whose ID is not the students': name the columns lms_id (its ID),"
                " username (SIS Login ID), last_name, first_name, and id for what your hand-ins are filed under"
            ],
        )
    names = {heading: _column(heading) for heading in header}
    if "id" not in names.values():
        known = ", ".join(COLUMNS)
        told = f"line 1: there is no column 'id' that holds the students' ids (columns: {known})"
        if len(header) == 1:
            told += "; columns are separated by commas, semicolons or tabs"
        raise RosterError(path, [told])
    doubled = [name for name in COLUMNS if list(names.values()).count(name) > 1]
    if doubled:
        raise RosterError(path, [f"line 1: two columns hold the same, {doubled[0]!r}"])
    students: dict[str, Student] = {}
    problems: list[str] = []
    seen: dict[tuple[str, str], int] = {}
    for line, row in rows:
        cells = {column: row.get(heading, "") for heading, column in names.items() if column}
        student = Student(**cells, line=line)
        wrong = _wrong(student, row, seen)
        problems += [f"line {line}: {what}" for what in wrong]
        if not wrong:
            students[student.id] = student
    if not students and not problems:
        problems = ["there is no student in it"]
    if problems:
        raise RosterError(path, problems)
    return Roster(students, path)


def _column(heading: str) -> str:
    """Our name of a column; empty for one that we have no use for."""
    plain = heading.strip().casefold()
    return plain if plain in COLUMNS else OTHER_NAMES.get(plain, "")


def _wrong(student: Student, row: dict[str, str], seen: dict[tuple[str, str], int]) -> list[str]:
    """What is wrong with a row; notes in ``seen`` what must not be there again."""
    if row.get(""):
        return [f"it has more cells than the first line has columns: {row['']!r}"]
    if not student.id:
        return ["it has no id"]
    problems = []
    if not _ID.fullmatch(student.id):
        problems.append(f"{student.id!r} cannot be an id: use letters, digits, '-', '_', '.' and '@', at most 64")
    if student.email and not _EMAIL.fullmatch(student.email):
        problems.append(f"{student.email!r} is no e-mail address")
    for name in COLUMNS:
        value = str(getattr(student, name))
        if len(value) > MAX_LENGTH or not value.isprintable():
            problems.append(f"{name} is longer than {MAX_LENGTH} characters or cannot be printed")
    for name in ("id", "email", "lms_id", "username", "sis_id"):
        value = str(getattr(student, name)).casefold()
        earlier = seen.setdefault((name, value), student.line) if value else student.line
        if earlier != student.line:
            problems.append(f"its {name}, {value!r}, stands in line {earlier} already")
    return problems


# --- the course's roster ---------------------------------------------------------------------------------------


def roster_file(course: Course, settings: Settings) -> Path:
    """The roster that the settings name, else where ``coursework roster FILE`` keeps one."""
    return settings.roster or course.work / "roster.csv"


def load_roster(course: Course) -> Roster | None:
    """The course's roster; None when there is none. RosterError for a damaged one."""
    path = roster_file(course, course.settings())
    return read_roster(path) if path.is_file() else None


@dataclass(frozen=True)
class Entered:
    """What ``enter`` did to the gradebook, as ids."""

    added: list[str]
    changed: list[str]
    unknown: list[str]
    """Students of the gradebook who are not on the roster. They stay."""


def keep_roster(course: Course, path: Path | None) -> Roster:
    """The roster of this file, kept as the course's; without a file the course's own.

    CourseError when there is none, and when the configuration names another one. Nothing is kept of a damaged one.
    """
    from autograder.files import write_file

    settings = course.settings()
    configured = settings.roster
    if path is None:
        found = load_roster(course)
        if found is None:
            raise CourseError(
                f"there is no roster: name a CSV file, here or as c.Coursework.roster in {CONFIG_NAME}", 2
            )
        return found
    if not path.is_file():
        raise CourseError(f"there is no file {path}", 2)
    if configured is not None and path.resolve() != configured.resolve():
        raise CourseError(f"{CONFIG_NAME} names another roster, {configured}: change it there, or leave {path} out", 2)
    roster = read_roster(path)
    if configured is None:
        write_file(roster_file(course, settings), path.read_bytes())
    return roster


def enter(course: Course, roster: Roster) -> Entered:
    """Put the roster's students into nbgrader's gradebook, which is made when missing: all of them or none."""
    from nbgrader.api import Gradebook
    from nbgrader.api import Student as Row
    from sqlalchemy.exc import DBAPIError, SAWarning

    from autograder.gradebook import cause, gradebook_url
    from autograder.late import enter_deadlines

    url = gradebook_url(course)
    added, changed = [], []
    try:
        with contextlib.chdir(course.root), Gradebook(url.render_as_string(hide_password=False)) as book:
            rows = {row.id: row for row in book.students}
            for student in roster.students.values():
                row = rows.get(student.id)
                if row is None:
                    row = Row(id=student.id)
                    book.db.add(row)
                    added.append(student.id)
                said = {
                    "first_name": student.first_name,
                    "last_name": student.last_name,
                    "email": student.email,
                    "lms_user_id": student.lms_id,
                }
                new = {name: value for name, value in said.items() if value and getattr(row, name) != value}
                for name, value in new.items():
                    setattr(row, name, value)
                if new and student.id in rows:
                    changed.append(student.id)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SAWarning)  # nbgrader's own mappings
                book.db.commit()
                enter_deadlines(course, book)
    except (DBAPIError, ImportError) as error:
        raise CourseError(f"the gradebook {url.render_as_string()} cannot be used: {cause(error)}") from error
    return Entered(added, changed, sorted(set(rows) - set(roster.students)))


def missing(course: Course, roster: Roster, assignment: str) -> list[str]:
    """The ids of the students on the roster who handed in nothing for an assignment, nor did their team; sorted."""
    from autograder.teams import teams_of

    in_teams = {member for team in teams_of(course, assignment).teams for member in team.members}
    return sorted(set(roster.students) - set(course.students(assignment)) - in_teams)
