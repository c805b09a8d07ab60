"""The gradebook on SQLite and on PostgreSQL: the same marks, and two instructors at work at once."""

import functools
import multiprocessing
import os
import shutil
import sys
from collections.abc import Callable
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
import tiny_course
from graded_course import contents, gradebook, on_gradebook
from marked_class import graded, mark_the_class
from nbgrader.api import Gradebook
from postgres import postgres, postgres_url  # noqa: F401  (fixtures)
from small_course import ASSIGNMENT, make_course
from sqlalchemy import URL, create_engine, inspect, text

import autograder.grade
from autograder.course import Course
from autograder.execute import Job
from autograder.feedback import feedback
from autograder.grade import grade_class
from autograder.gradebook import gradebook_url, make_tables
from autograder.marks import Recorder
from autograder.records import SubmissionVerdict
from autograder.release import ensure_in_gradebook, release
from autograder.report import recorded_marks, report

needs_bubblewrap = pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
FORK = multiprocessing.get_context("fork")
EACH = 12
"""Submissions that each of two instructors records."""


@pytest.fixture(params=["sqlite", "postgresql"])
def course(request: pytest.FixtureRequest, tmp_path: Path) -> Course:
    made = make_course(tmp_path / "course")
    if request.param == "postgresql":
        on_gradebook(made, request.getfixturevalue("postgres_url"))
    release(made, ASSIGNMENT)
    return made


def taken(course: Course, submissions: list[tuple[Job, SubmissionVerdict]], begin: Barrier) -> None:
    """What one instructor's process does; a failure ends it with another exit code than 0."""
    with Recorder(course) as recorder:
        begin.wait()
        for job, verdict in submissions:
            failures = recorder.record(job, verdict)
            assert failures == [], failures


def at_once(*works: Callable[[Barrier], None]) -> None:
    """Run each in a process of its own, begun at the same moment."""
    begin = FORK.Barrier(len(works))
    processes = [FORK.Process(target=work, args=(begin,)) for work in works]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * len(works)


def automatic(course: Course) -> dict[str, float | None]:
    """The automatic mark of `double` by student."""
    found = contents(course)
    return {key[0]: value[0] for key, value in found.items() if isinstance(key, tuple) and key[-1] == "double_test"}


# --- the same marks ---------------------------------------------------------------------------------------------


def test_a_class_has_the_same_marks_in_both(tmp_path, postgres_url):  # noqa: F811
    here = make_course(tmp_path / "sqlite")
    there = on_gradebook(make_course(tmp_path / "postgresql"), postgres_url)
    for each in (here, there):
        release(each, ASSIGNMENT)
        with Recorder(each) as recorder:

            def take(job: Job, verdict: SubmissionVerdict, recorder: Recorder = recorder) -> None:
                assert recorder.record(job, verdict) == []

            mark_the_class(each, take)
    assert contents(here) == contents(there)
    assert recorded_marks(here, ASSIGNMENT) == recorded_marks(there, ASSIGNMENT)
    assert not (there.root / "gradebook.db").exists()


def test_entering_an_assignment_again_keeps_the_marks(course):
    with Recorder(course) as recorder:
        assert recorder.record(*graded(course, "ada", 3.0, 1.0)) == []
    before = contents(course)
    ensure_in_gradebook(course, ASSIGNMENT)
    release(course, ASSIGNMENT)
    assert contents(course) == before


# --- two instructors at once --------------------------------------------------------------------------------------


def test_two_record_different_submissions_at_once(course):
    ours = [graded(course, f"a{i}", float(i % 5), 1.0) for i in range(EACH)]
    theirs = [graded(course, f"b{i}", float(i % 5), 2.0) for i in range(EACH)]
    at_once(lambda begin: taken(course, ours, begin), lambda begin: taken(course, theirs, begin))
    expected = {f"{who}{i}": float(i % 5) for i in range(EACH) for who in "ab"}
    assert automatic(course) == expected
    assert all((course.autograded / student / ASSIGNMENT).is_dir() for student in expected)


def test_two_record_the_same_new_students_at_once(course):
    """Each process makes the student where there is none: neither may stumble over the other's."""
    submissions = [graded(course, f"s{i}", 3.0, 1.0) for i in range(EACH)]
    at_once(*[lambda begin: taken(course, submissions, begin)] * 2)
    assert automatic(course) == {f"s{i}": 3.0 for i in range(EACH)}


def marked_by_hand(course: Course, students: list[str], begin: Barrier) -> None:
    """What formgrader does when a marker enters points and a comment."""
    begin.wait()
    for student in students:
        with gradebook(course) as book:
            grade = book.find_grade("essay", ASSIGNMENT, ASSIGNMENT, student)
            grade.manual_score, grade.extra_credit, grade.needs_manual_grade = 4.0, 0.5, False
            book.db.commit()
            book.find_comment("essay", ASSIGNMENT, ASSIGNMENT, student).manual_comment = f"for {student}"
            book.db.commit()


def test_one_records_again_while_the_other_marks_by_hand(course):
    students = [f"s{i}" for i in range(EACH)]
    with Recorder(course) as recorder:
        for student in students:
            assert recorder.record(*graded(course, student, 1.0, 1.0)) == []
    again = [graded(course, student, 4.0, 2.0) for student in students]
    at_once(lambda begin: taken(course, again, begin), lambda begin: marked_by_hand(course, students, begin))
    found = contents(course)
    for student in students:
        place = (student, ASSIGNMENT, ASSIGNMENT)
        assert found[*place, "grade", "double_test"] == (4.0, None, None, False)
        assert found[*place, "grade", "halve_test"] == (2.0, None, None, False)
        # Whether it is to be looked at again depends on who came first, as in nbgrader.
        assert found[*place, "grade", "essay"][:3] == (None, 4.0, 0.5)
        assert found[*place, "comment", "essay"] == (None, f"for {student}")


def test_a_mark_that_is_entered_during_the_transaction_waits_for_its_end(tmp_path, postgres_url, monkeypatch):  # noqa: F811
    """On PostgreSQL the rows are locked from the moment that they are read: no mark by hand is missed or lost."""
    course = on_gradebook(make_course(tmp_path), postgres_url)
    release(course, ASSIGNMENT)
    with Recorder(course) as recorder:
        assert recorder.record(*graded(course, "ada", 1.0, 1.0)) == []
        refused = []

        def enter_meanwhile(*arguments: object) -> None:
            with Gradebook(postgres_url) as book:
                book.db.execute(autograder.marks.text("SET lock_timeout = '50ms'"))
                book.find_grade("double_test", ASSIGNMENT, ASSIGNMENT, "ada").manual_score = 2.0
                with pytest.raises(autograder.marks.DBAPIError) as held:
                    book.db.commit()
                refused.append(str(held.value))

        monkeypatch.setattr(Recorder, "_put_in_place", enter_meanwhile)
        assert recorder.record(*graded(course, "ada", 4.0, 2.0)) == []
    assert len(refused) == 1 and "lock timeout" in refused[0]
    assert automatic(course) == {"ada": 4.0}


# --- the whole way ----------------------------------------------------------------------------------------------------


@needs_bubblewrap
def test_a_class_is_released_graded_told_and_reported_on_postgresql(tmp_path, postgres_url, monkeypatch):  # noqa: F811
    folder = tmp_path / "course"
    course = on_gradebook(tiny_course.make_course(folder), postgres_url)
    (course.root / "gradebook.db").unlink()  # of the release above, before the address was set
    release(course, tiny_course.ASSIGNMENT)
    for student, source in (("ada", tiny_course.RIGHT), ("ben", tiny_course.WRONG), ("cleo", None)):
        tiny_course.hand_in(course, student, source)
    graded_report = grade_class(course, [tiny_course.ASSIGNMENT], workers=1)
    assert graded_report.complete, graded_report.failures
    marks = recorded_marks(course, tiny_course.ASSIGNMENT)
    assert marks["ada"].total == tiny_course.POINTS
    assert 0 <= marks["ben"].total < tiny_course.POINTS
    assert marks["cleo"].total == 0
    with gradebook(course) as book:
        by_nbgrader = {entry.student.id: entry.score for entry in book.assignment_submissions(tiny_course.ASSIGNMENT)}
    assert by_nbgrader == {student: entry.total for student, entry in marks.items()}
    pages = feedback(course, tiny_course.ASSIGNMENT)
    assert len(pages) == 3
    assert "ada" in report(course).read_text()
    assert not (course.root / "gradebook.db").exists()


def made_first(course: Course, begin: Barrier) -> None:
    begin.wait()
    make_tables(course)


def test_a_new_gradebook_is_made_once_as_nbgrader_makes_it_and_without_its_program(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    postgres_url: str,  # noqa: F811
) -> None:
    on_sqlite, on_server = make_course(tmp_path / "one"), make_course(tmp_path / "other")
    on_gradebook(on_server, postgres_url)
    with monkeypatch.context() as patch:
        patch.setenv("PATH", str(tmp_path))  # no `alembic` there
        at_once(*[functools.partial(made_first, course) for course in (on_sqlite, on_server) for _ in range(2)])
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    stock = f"sqlite:///{tmp_path}/stock.db"
    with Gradebook(stock):
        pass
    assert schema(stock)["alembic_version"]
    for course in (on_sqlite, on_server):
        assert schema(gradebook_url(course)) == schema(stock)


def schema(url: str | URL) -> dict[str, list[str]]:
    """Table → its columns; of the table that names the revision, what stands in it."""
    engine = create_engine(url)
    with engine.connect() as connection:
        inspector = inspect(connection)
        found = {name: sorted(c["name"] for c in inspector.get_columns(name)) for name in inspector.get_table_names()}
        found["alembic_version"] = list(connection.execute(text("SELECT version_num FROM alembic_version")).scalars())
    engine.dispose()
    return found
