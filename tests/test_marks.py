"""Taking marks: the same as nbgrader's own, all or nothing, and never an old mark for a new one."""

import json
import multiprocessing
import os
import shutil
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from graded_course import clean_notebook, contents, gradebook, keep, mark, on_gradebook, released_course, with_outputs
from marked_class import LATE_PLUGIN, ON_TIME, graded, mark_the_class, number, verdict_of
from nbformat.v4 import new_output
from nbgrader.api import Grade, TaskCell
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import determine_grade
from postgres import postgres, postgres_url  # noqa: F401  (fixtures)
from small_course import ASSIGNMENT, cell_of, make_course

import autograder.marks
import autograder.nbgrader_hooks
from autograder.course import Course, CourseError
from autograder.execute import Job
from autograder.gradebook import opened_gradebook
from autograder.marks import INDEXES, Recorder, record
from autograder.notebooks import read_notebook
from autograder.records import UNGRADED, SubmissionVerdict
from autograder.release import release
from autograder.report import recorded_marks


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A released course, to be copied: releasing takes seconds."""
    return released_course(tmp_path_factory.mktemp("template"))


@pytest.fixture
def course(template: Course, tmp_path: Path) -> Course:
    return Course(shutil.copytree(template.root, tmp_path / "course"))


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autograder.marks.time, "sleep", lambda seconds: None)


def autograded(course: Course, student: str) -> Any:
    return read_notebook((course.autograded / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_bytes())


def grade_of(course: Course, student: str, cell: str) -> tuple:
    """Automatic and manual mark, and whether a person is to look."""
    with gradebook(course) as book:
        grade = book.find_grade(cell, ASSIGNMENT, ASSIGNMENT, student)
        return grade.auto_score, grade.manual_score, grade.needs_manual_grade


def ungraded(verdict: SubmissionVerdict, *names: str) -> SubmissionVerdict:
    """The verdict with these exercises left ungraded by a failure of ours."""
    for exercise in verdict.exercises:
        if exercise.exercise in names:
            exercise.points, exercise.status, exercise.messages = 0.0, UNGRADED, ["examiner: MemoryError()"]
    verdict.digest += "-ungraded"
    return verdict


# --- as nbgrader takes them -----------------------------------------------------------------------------------


def by_nbgrader(course: Course, job: Job) -> None:
    """nbgrader's own autograde over a graded notebook, but for running it."""
    steps = "DeduplicateIds OverwriteKernelspec OverwriteCells CheckCellMetadata"
    timestamp = course.submitted / job.student / ASSIGNMENT / "timestamp.txt"
    graded = course.graded / job.student / ASSIGNMENT
    if timestamp.is_file():
        (graded / "timestamp.txt").write_bytes(timestamp.read_bytes())
    config = course.config()
    config.CourseDirectory.submitted_directory = str(course.graded)
    config.CourseDirectory.assignment_id, config.CourseDirectory.student_id = ASSIGNMENT, job.student
    config.Autograde.sanitize_preprocessors = [f"nbgrader.preprocessors.{name}" for name in steps.split()]
    config.Autograde.autograde_preprocessors = [
        "nbgrader.preprocessors.SaveAutoGrades",
        "nbgrader.preprocessors.AssignLatePenalties",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    converter = Autograde(coursedir=CourseDirectory(config=config), config=config)
    converter.force = True
    converter.start()


def files_below(folder: Path) -> dict[str, tuple[int, Any]]:
    """Mode and content of each file; a notebook's as data."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = path.read_text()
            parsed = json.loads(content) if path.suffix == ".ipynb" else content
            found[str(path.relative_to(folder))] = (path.stat().st_mode, parsed)
    return found


def test_marks_comments_flags_and_penalties_are_nbgraders(tmp_path):
    ours, theirs = released_course(tmp_path / "ours"), released_course(tmp_path / "theirs")
    for each in (ours, theirs):
        with (each.root / "nbgrader_config.py").open("a") as config:
            config.write(LATE_PLUGIN)
    with Recorder(ours) as recorder:
        mark_the_class(ours, lambda job, verdict: recorded(recorder, job, verdict))
    mark_the_class(theirs, lambda job, verdict: by_nbgrader(theirs, job))
    with gradebook(theirs) as book:  # the one thing that is not nbgrader's: a rubric of 0 points waits for nobody
        for grade in book.db.query(Grade).join(TaskCell, TaskCell.id == Grade.cell_id):
            grade.auto_score, grade.needs_manual_grade = 0.0, False
        book.db.commit()
    assert contents(ours) == contents(theirs)
    assert files_below(ours.autograded) == files_below(theirs.autograded)
    assert contents(ours)["late", ASSIGNMENT, ASSIGNMENT][0] == pytest.approx(1.0)  # 5 points, two hours
    assert contents(ours)["extended", ASSIGNMENT, ASSIGNMENT][0] == pytest.approx(0.4)  # 4 points, one hour


def recorded(recorder: Recorder, job: Job, verdict: SubmissionVerdict) -> None:
    assert recorder.record(job, verdict) == []


def test_a_markers_work_stays_when_marks_are_taken_again(course):
    assert record(course, *graded(course, "ada", 4.0, 2.0)) == []
    mark(course, "ada", "double_test", points=1.0, comment="")
    mark(course, "ada", "double", comment="copied")
    assert record(course, *graded(course, "ada", 3.0, 2.0)) == []
    assert grade_of(course, "ada", "double_test") == (3.0, 1.0, True)
    assert contents(course)["ada", ASSIGNMENT, ASSIGNMENT, "comment", "double"] == (None, "copied")


def test_a_student_who_is_left_out_by_configuration_gets_no_marks(course):
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write('\nc.CourseDirectory.student_id_exclude = "staff,ada"\n')
    assert record(course, *graded(course, "ada")) == []
    assert contents(course) == {}


def test_hooks_of_the_configuration_are_called(course):
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write(
            "\ndef note(assignment, student, notebooks):\n"
            "    with open('noted.txt', 'a') as file:\n"
            "        file.write(f'{assignment} {student} {len(notebooks)}\\n')\n"
            "c.Autograde.pre_convert_hook = c.Autograde.post_convert_hook = note\n"
        )
    assert record(course, *graded(course, "ada")) == []
    assert (course.root / "noted.txt").read_text() == f"{ASSIGNMENT} ada 1\n" * 2


# --- only what the verdict says ------------------------------------------------------------------------------------


def test_a_cell_that_shows_nothing_is_no_full_mark(course):
    notebook = with_outputs(clean_notebook(course), {"double_test": [], "halve_test": number(2.0)})
    verdict = verdict_of("ada", 0.0, 2.0)
    assert record(course, keep(course, notebook, verdict), verdict) == []
    assert grade_of(course, "ada", "double_test") == (0.0, None, False)
    assert determine_grade(cell_of(autograded(course, "ada"), "double_test"))[0] == 0


def test_what_a_cell_shows_against_the_verdict_does_not_count_but_is_still_shown(course):
    shown = [new_output("stream", name="stdout", text="all is well\n"), *number(4.0)]
    notebook = with_outputs(clean_notebook(course), {"double_test": shown})
    verdict = verdict_of("ada", 1.5, 2.0)
    assert record(course, keep(course, notebook, verdict), verdict) == []
    assert grade_of(course, "ada", "double_test")[0] == 1.5
    assert shown[0] in cell_of(autograded(course, "ada"), "double_test").outputs


def test_an_ungraded_exercise_loses_its_old_mark_and_the_others_get_theirs(course):
    assert record(course, *graded(course, "ada", 4.0, 1.0)) == []
    mark(course, "ada", "essay", points=5.0)
    notebook = with_outputs(clean_notebook(course), {"double_test": [], "halve_test": number(2.0)})
    verdict = ungraded(verdict_of("ada"), "double")
    assert record(course, keep(course, notebook, verdict), verdict) == []
    assert grade_of(course, "ada", "double_test") == (None, None, True)
    assert grade_of(course, "ada", "halve_test") == (2.0, None, False)
    assert grade_of(course, "ada", "essay") == (None, 5.0, True)
    assert determine_grade(cell_of(autograded(course, "ada"), "double_test"))[0] == 0
    assert "MemoryError" not in (course.autograded / "ada" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_text()
    assert record(course, *graded(course, "ada", 3.0, 2.0)) == []
    assert grade_of(course, "ada", "double_test") == (3.0, None, False)


def test_a_penalty_is_worked_out_without_what_was_withdrawn(course):
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write('\nc.LateSubmissionPlugin.penalty_method = "zero"\n')
    with gradebook(course) as book:
        book.update_or_create_assignment(ASSIGNMENT, duedate="2026-02-01 12:00:00 UTC")
    assert record(course, *graded(course, "ada", 4.0, 2.0, ON_TIME)) == []
    verdict = ungraded(verdict_of("ada"), "double")
    assert record(course, keep(course, with_outputs(clean_notebook(course), {}), verdict, ON_TIME), verdict) == []
    assert contents(course)["ada", ASSIGNMENT, ASSIGNMENT] == (2.0, False, 2.0)


@pytest.mark.parametrize("kept", [True, False])
def test_when_nothing_could_be_graded_the_new_texts_can_be_marked(course, kept):
    """``kept``: an older hand-in was graded, whose notebook still lies there."""
    if kept:
        assert record(course, *graded(course, "ada")) == []
    job, verdict = graded(course, "ada")
    submitted = clean_notebook(course)
    cell_of(submitted, "essay").source = "<!-- exercise: essay -->\nA new text."
    job.notebooks[ASSIGNMENT] = json.dumps(submitted).encode()
    if not kept:
        (course.graded / "ada" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").unlink()
    assert record(course, job, ungraded(verdict, "double", "halve")) == []
    assert grade_of(course, "ada", "double_test") == (None, None, True)
    assert grade_of(course, "ada", "halve_test") == (None, None, True)
    assert grade_of(course, "ada", "essay") == (None, None, True)
    assert "A new text." in cell_of(autograded(course, "ada"), "essay").source
    assert recorded_marks(course, ASSIGNMENT) == {}


# --- in nbgrader's own autograde --------------------------------------------------------------------------------


def examined_by_the_hook(
    course: Course, monkeypatch: pytest.MonkeyPatch, notebook: Any, verdict: SubmissionVerdict
) -> Any:
    """What the configuration's step makes of a clean notebook when grading gives this notebook and verdict."""
    job = keep(course, notebook, verdict)
    monkeypatch.chdir(course.root)
    monkeypatch.setattr(autograder.nbgrader_hooks, "make_job", lambda *arguments: job)
    executed = {ASSIGNMENT: json.dumps(notebook).encode()}
    monkeypatch.setattr(autograder.nbgrader_hooks, "graded_notebooks", lambda *arguments: (verdict, executed))
    place = {"assignment": ASSIGNMENT, "student": verdict.student, "notebook": ASSIGNMENT}
    return autograder.nbgrader_hooks.ExamineInSandbox().preprocess(clean_notebook(course), {"nbgrader": place})[0]


def test_nbgraders_autograde_reads_the_verdict_from_a_cell_that_shows_nothing(course, monkeypatch):
    notebook = with_outputs(clean_notebook(course), {"double_test": [], "halve_test": number(2.0)})
    held = examined_by_the_hook(course, monkeypatch, notebook, verdict_of("ada", 0.0, 2.0))
    assert determine_grade(cell_of(held, "double_test"))[0] == 0
    assert determine_grade(cell_of(held, "halve_test"))[0] == 2


def test_nbgraders_autograde_leaves_no_old_mark_of_what_stayed_ungraded(course, monkeypatch):
    assert record(course, *graded(course, "ada", 4.0, 1.0)) == []
    notebook = with_outputs(clean_notebook(course), {"double_test": [], "halve_test": number(2.0)})
    with pytest.raises(NbGraderException, match="double stayed ungraded"):
        examined_by_the_hook(course, monkeypatch, notebook, ungraded(verdict_of("ada"), "double"))
    assert grade_of(course, "ada", "double_test") == (None, None, True)
    assert grade_of(course, "ada", "halve_test") == (2.0, None, False)


# --- once, and all or nothing ----------------------------------------------------------------------------------------


def test_what_was_recorded_is_not_recorded_again(course, monkeypatch):
    job, verdict = graded(course, "ada")
    assert record(course, job, verdict) == []

    def no_more(*arguments: Any) -> None:
        raise AssertionError("marks are taken again")

    monkeypatch.setattr(Recorder, "_record", no_more)
    assert record(course, job, verdict, again=False) == []


def damage_nothing(course: Course) -> None:
    """The marks are recorded as they are."""


def lose_the_gradebook(course: Course) -> None:
    (course.root / "gradebook.db").unlink()
    release(course, ASSIGNMENT)


def lose_the_notebook(course: Course) -> None:
    (course.autograded / "ada").rename(course.root / "elsewhere")


def correct_the_time(course: Course) -> None:
    (course.submitted / "ada" / ASSIGNMENT / "timestamp.txt").write_text(ON_TIME)


@pytest.mark.parametrize("change", [lose_the_gradebook, lose_the_notebook, correct_the_time])
def test_what_is_not_as_it_was_recorded_is_recorded_anew(course, change: Callable[[Course], None]):
    job, verdict = graded(course, "ada")
    assert record(course, job, verdict) == []
    change(course)
    assert record(course, job, verdict, again=False) == []
    assert grade_of(course, "ada", "double_test") == (4.0, None, False)
    assert (course.autograded / "ada" / ASSIGNMENT).is_dir()
    with gradebook(course) as book:
        assert (book.find_submission(ASSIGNMENT, "ada").timestamp is not None) == (change is correct_the_time)


def test_a_time_that_was_withdrawn_is_forgotten(course):
    job, verdict = graded(course, "ada", when=ON_TIME)
    assert record(course, job, verdict) == []
    (course.submitted / "ada" / ASSIGNMENT / "timestamp.txt").unlink()
    assert record(course, job, verdict, again=False) == []
    assert not (course.autograded / "ada" / ASSIGNMENT / "timestamp.txt").exists()


def test_a_plugin_that_fails_leaves_everything_as_it_was_and_the_others_go_on(course):
    assert record(course, *graded(course, "ada", 1.0, 1.0)) == []
    before, files = contents(course), files_below(course.autograded)
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write(LATE_PLUGIN.replace("return score", 'return score if student_id != "ada" else score / 0\n#'))
    with gradebook(course) as book:
        book.update_or_create_assignment(ASSIGNMENT, duedate="2026-02-01 12:00:00 UTC")
    with Recorder(course) as recorder:
        (failure,) = recorder.record(*graded(course, "ada", 4.0, 2.0, ON_TIME))
        assert "ada: the marks of arithmetic could not be recorded: ZeroDivisionError" in failure
        assert contents(course) == before
        assert files_below(course.autograded) == files
        assert recorder.record(*graded(course, "ben", 4.0, 2.0)) == []
    assert grade_of(course, "ben", "double_test") == (4.0, None, False)


def test_a_time_that_is_none_is_told_by_its_file(course):
    (failure,) = record(course, *graded(course, "ada", when="yesterday evening"))
    assert failure.endswith("submitted/ada/arithmetic/timestamp.txt holds no time: 'yesterday evening'")
    assert "ada" not in contents(course)


def test_after_a_kill_at_any_statement_the_old_marks_hold_or_the_new(course):
    assert record(course, *graded(course, "ada", 1.0, 1.0)) == []
    before = contents(course)
    job, verdict = graded(course, "ada", 4.0, 2.0)
    seen, statement = [], 0
    while True:
        child = multiprocessing.get_context("fork").Process(target=die_at, args=(course, job, verdict, statement))
        child.start()
        child.join()
        if child.exitcode == 0:
            break
        assert child.exitcode == -signal.SIGKILL
        seen.append(contents(course))
        assert seen[-1] == before
        statement += 1
    assert statement > 5
    assert grade_of(course, "ada", "double_test") == (4.0, None, False)
    assert grade_of(course, "ada", "halve_test") == (2.0, None, False)


def die_at(course: Course, job: Job, verdict: SubmissionVerdict, statement: int) -> None:
    """Record, and be killed before the statement of this number (from 0) or before the commit behind the last one."""
    left = statement

    def count(*arguments: Any) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    with Recorder(course) as recorder:
        recorder._students(ASSIGNMENT)
        engine = recorder._opened().engine
        sqlalchemy.event.listen(engine, "before_cursor_execute", count)
        sqlalchemy.event.listen(engine, "commit", count)
        assert recorder.record(job, verdict) == []


def test_killed_after_the_commit_the_next_run_records_once_more(course, monkeypatch):
    job, verdict = graded(course, "ada")
    monkeypatch.setattr(Recorder, "_receipt", lambda self, job: Path("/proc/nowhere/ada"))
    assert record(course, job, verdict) != []
    monkeypatch.undo()
    assert record(course, job, verdict, again=False) == []
    assert (course.work / "recorded" / ASSIGNMENT / "ada").is_file()


# --- a database that refuses ------------------------------------------------------------------------------------


def on_impatient_sqlite(course: Course) -> Course:
    return on_gradebook(course, f"sqlite:///{course.root}/gradebook.db?timeout=0.05")


@pytest.mark.usefixtures("no_pauses")
def test_a_locked_gradebook_is_tried_again_and_then_told(course):
    submissions = [graded(on_impatient_sqlite(course), name) for name in ("ada", "ben")]
    holder = sqlite3.connect(course.root / "gradebook.db")
    holder.execute("BEGIN EXCLUSIVE")
    with Recorder(course) as recorder:
        for job, verdict in submissions:
            (failure,) = recorder.record(job, verdict)
            assert failure.startswith(f"{job.student}: the marks of {ASSIGNMENT} could not be recorded: ")
            assert "database is locked" in failure
            assert "\n" not in failure
        holder.rollback()
        for job, verdict in submissions:
            assert recorder.record(job, verdict) == []
    holder.close()
    assert grade_of(course, "ben", "double_test") == (4.0, None, False)


def test_a_lock_that_is_given_back_costs_a_pause_only(course, monkeypatch):
    job, verdict = graded(on_impatient_sqlite(course), "ada")
    holder = sqlite3.connect(course.root / "gradebook.db")
    holder.execute("BEGIN IMMEDIATE")
    pauses = []
    monkeypatch.setattr(autograder.marks.time, "sleep", lambda seconds: (pauses.append(seconds), holder.rollback()))
    assert record(course, job, verdict) == []
    assert len(pauses) == 1
    holder.close()


def test_once_refused_to_the_end_later_submissions_wait_no_more(course, monkeypatch):
    on_impatient_sqlite(course)
    holder = sqlite3.connect(course.root / "gradebook.db")
    holder.execute("BEGIN EXCLUSIVE")
    pauses = []
    monkeypatch.setattr(autograder.marks.time, "sleep", pauses.append)
    with Recorder(course) as recorder:
        assert recorder.record(*graded(course, "ada")) != []
        assert len(pauses) == autograder.marks.TRIES - 1
        assert max(pauses) <= autograder.marks.LONGEST_PAUSE
        assert recorder.record(*graded(course, "ben")) != []
        assert len(pauses) == autograder.marks.TRIES - 1
    holder.close()


@pytest.mark.usefixtures("no_pauses")
def test_a_server_that_is_not_there_is_told_in_one_line(course, tmp_path):
    pytest.importorskip("psycopg")
    on_gradebook(course, f"postgresql://someone:secret@/marks?host={tmp_path}")
    (failure,) = record(course, *graded(course, "ada"))
    assert "ada: the marks of arithmetic could not be recorded: " in failure
    for attempt in (lambda: recorded_marks(course, ASSIGNMENT), lambda: release(course, ASSIGNMENT)):
        with pytest.raises(CourseError) as refused:
            attempt()
        assert "\n" not in str(refused.value)
        assert "secret" not in str(refused.value)


def test_an_address_that_is_none_is_told(course):
    on_gradebook(course, "gradebook.db")
    with pytest.raises(CourseError, match=r"no address of a database: 'gradebook\.db'"), opened_gradebook(course):
        pass


def test_a_connection_that_broke_is_made_anew(tmp_path, postgres_url, no_pauses):  # noqa: F811
    course = on_gradebook(make_course(tmp_path), postgres_url)
    release(course, ASSIGNMENT)
    with Recorder(course) as recorder:
        assert recorder.record(*graded(course, "ada")) == []
        with gradebook(course) as book:
            others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            book.db.execute(sqlalchemy.text(others))
        assert recorder.record(*graded(course, "ben")) == []
    assert grade_of(course, "ben", "double_test") == (4.0, None, False)


# --- fast with many ---------------------------------------------------------------------------------------------


def test_no_lookup_reads_the_marks_of_the_whole_class(course):
    assert record(course, *graded(course, "ada")) == []
    with gradebook(course) as book:
        for table, column in INDEXES.items():
            plan = book.db.execute(sqlalchemy.text(f"EXPLAIN QUERY PLAN SELECT * FROM {table} WHERE {column} = 'x'"))
            assert "USING INDEX" in str(plan.all())


def test_a_submission_takes_as_many_statements_among_many_as_among_few(course):
    def statements_for(name: str) -> int:
        counted = []
        with Recorder(course) as recorder:
            recorder._students(ASSIGNMENT)
            listener = lambda *arguments: counted.append(arguments[2])  # noqa: E731
            sqlalchemy.event.listen(recorder._opened().engine, "before_cursor_execute", listener)
            assert recorder.record(*graded(course, name)) == []
        return len(counted)

    first = statements_for("first")
    with Recorder(course) as recorder:
        for index in range(20):
            assert recorder.record(*graded(course, f"s{index}")) == []
    assert statements_for("last") == first
