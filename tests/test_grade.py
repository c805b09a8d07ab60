"""Grading a class: marks in nbgrader's gradebook, nothing done twice, and the same marks by nbgrader's own command."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook, MissingEntry
from tiny_course import ASSIGNMENT, POINTS, RIGHT, WRONG, hand_in, make_course
from typer.testing import CliRunner

import autograder.grade
from autograder.cli import app, main
from autograder.course import Course
from autograder.grade import GradeReport, grade_class, make_job, stored_verdict
from autograder.sandbox import Limits
from autograder.workers import Waiting, Workers

needs_bubblewrap = pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")


def scores(course: Course) -> dict[str, float]:
    """The marks in the gradebook by student."""
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as book:
        found = {}
        for student in course.students(ASSIGNMENT):
            try:
                found[student] = book.find_submission(ASSIGNMENT, student).score
            except MissingEntry:
                continue
        return found


# --- a graded class, shared by tests that only look ----------------------------------------------------------


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Course, GradeReport]:
    course = make_course(tmp_path_factory.mktemp("graded"))
    for student, source in (("ada", RIGHT), ("ben", WRONG), ("cleo", None)):
        hand_in(course, student, source)
    hand_in(course, "dan", RIGHT).write_bytes(b"this is no notebook")
    return course, grade_class(course, [ASSIGNMENT], workers=1)


@needs_bubblewrap
def test_marks_land_in_nbgraders_gradebook(graded):
    course, report = graded
    assert report.complete
    found = scores(course)
    assert found["ada"] == POINTS
    assert 0 <= found["ben"] < POINTS
    assert found["cleo"] == 0
    assert found["dan"] == 0
    assert found == {v.student: sum(e.points for e in v.exercises) for v in report.verdicts}


@needs_bubblewrap
def test_one_bad_hand_in_does_not_stop_the_others(graded):
    _, report = graded
    assert [v.student for v in report.verdicts] == ["ada", "ben", "cleo", "dan"]
    statuses = {v.student: v.exercises[0].status for v in report.verdicts}
    assert statuses["ada"] == "passed"
    assert statuses["ben"] in ("partial", "failed")
    assert statuses["cleo"] == statuses["dan"] == "unanswered"
    reasons = {v.student: v.exercises[0].messages for v in report.verdicts}
    assert "cannot be read" in reasons["dan"][0]


@needs_bubblewrap
def test_rows_for_programs_have_the_agreed_form(graded):
    _, report = graded
    rows = json.loads(json.dumps(list(report.rows())))
    assert len(rows) == 4
    keys = ["student", "assignment", "exercise", "points", "max", "status", "tamper", "messages"]
    for row in rows:
        assert list(row) == keys
        assert (row["assignment"], row["exercise"], row["max"]) == (ASSIGNMENT, "lstm_cell", POINTS)


@needs_bubblewrap
def test_the_executed_notebook_with_its_verdict_lies_in_autograded(graded):
    course, _ = graded
    text = (course.autograded / "ben" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_text()
    assert "Examiner: " in text
    assert "# exercise: lstm_cell" in text


@needs_bubblewrap
def test_a_second_run_takes_what_was_kept(graded, monkeypatch):
    course, first = graded

    def no_workers(*arguments: Any) -> None:
        raise AssertionError("something is executed again")

    monkeypatch.setattr(Workers, "start", no_workers)
    done: list[str] = []
    report = grade_class(course, [ASSIGNMENT], workers=1, on_done=lambda verdict: done.append(verdict.student))
    assert list(report.rows()) == list(first.rows())
    assert sorted(done) == ["ada", "ben", "cleo", "dan"]


@needs_bubblewrap
def test_what_a_mark_depends_on_makes_it_a_new_one(graded, monkeypatch):
    course, _ = graded
    job = make_job(course, ASSIGNMENT, "ada", Limits(), True)
    assert stored_verdict(course, job) is not None
    assert stored_verdict(course, make_job(course, ASSIGNMENT, "ada", Limits(cell_seconds=7), True)) is None
    assert stored_verdict(course, make_job(course, ASSIGNMENT, "ada", Limits(), False)) is None
    monkeypatch.setattr(autograder.grade, "code_digest", lambda: b"another version of the examiner")
    assert stored_verdict(course, make_job(course, ASSIGNMENT, "ada", Limits(), True)) is None


@needs_bubblewrap
def test_a_changed_answer_is_graded_again_and_only_that(graded, tmp_path, monkeypatch):
    course = Course(shutil.copytree(graded[0].root, tmp_path / "course"))
    before = scores(course)
    hand_in(course, "cleo", RIGHT)
    submit, run = Workers._submit, []

    def spy(workers: Workers, waiting: Waiting) -> None:
        run.append(waiting.job.student)
        submit(workers, waiting)

    monkeypatch.setattr(Workers, "_submit", spy)
    assert grade_class(course, [ASSIGNMENT], workers=1).complete
    assert run == ["cleo"]
    assert scores(course) == {**before, "cleo": POINTS}


# --- nbgrader's own command -------------------------------------------------------------------------------------


def autograde(course: Course) -> None:
    """nbgrader's own command, in the course's folder."""
    program = Path(sys.executable).with_name("nbgrader")
    run = subprocess.run([program, "autograde", ASSIGNMENT], cwd=course.root, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


@needs_bubblewrap
def test_nbgraders_own_autograde_gives_the_same_marks(graded, tmp_path):
    theirs = make_course(tmp_path)
    theirs.work.mkdir(exist_ok=True)
    # The secret decides what is drawn; nothing else differs between the two courses.
    shutil.copy(graded[0].work / "secret", theirs.work / "secret")
    for student, source in (("ada", RIGHT), ("ben", WRONG)):
        hand_in(theirs, student, source)
    autograde(theirs)
    ours = scores(graded[0])
    assert scores(theirs) == {"ada": ours["ada"], "ben": ours["ben"]}
    assert (theirs.work / "verdicts" / ASSIGNMENT / "ada.json").is_file()


def test_without_our_configuration_the_same_cell_examines_in_process(tmp_path):
    course = make_course(tmp_path)
    config = course.root / "nbgrader_config.py"
    text = config.read_text()
    config.write_text(text[: text.index("# --- grading ---")])
    hand_in(course, "ada", RIGHT)
    autograde(course)
    assert scores(course) == {"ada": POINTS}
    assert not (course.work / "verdicts").exists()


# --- the command ---------------------------------------------------------------------------------------------------


def coursework(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run the command in this process; returns its exit code."""
    monkeypatch.setattr(sys, "argv", ["coursework", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def one_line(capsys: pytest.CaptureFixture[str]) -> str:
    """What was printed as error: one line, no traceback."""
    text = capsys.readouterr().err
    assert text.startswith("coursework: ")
    assert text.count("\n") == 1
    return text


@needs_bubblewrap
def test_the_command_grades_and_writes_rows(graded, monkeypatch, capsys, tmp_path):
    course, report = graded
    rows = tmp_path / "rows.json"
    code = coursework(monkeypatch, "grade", "--course", str(course.root), "--json", str(rows), "--workers", "1")
    assert code == 0
    assert json.loads(rows.read_text()) == list(report.rows())
    out = capsys.readouterr().out
    assert "graded 4 submissions" in out
    assert "ada: 4 of 4 points" in out


@needs_bubblewrap
def test_what_stays_ungraded_ends_with_one_and_says_why(tmp_path, monkeypatch, capsys):
    course = make_course(tmp_path)
    master = course.source / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    master.write_text(master.read_text().replace("speech_commands/lstm_cell", "speech_commands/no_such_exercise"))
    hand_in(course, "ada", RIGHT)
    assert coursework(monkeypatch, "grade", "--course", str(course.root), "--workers", "1") == 1
    out = capsys.readouterr().out
    assert "graded 1 submissions: 0 passed, 0 failed, 0 suspicious, 1 ungraded" in out
    assert "ada: lstm_cell ungraded: no examination is called" in out


@needs_bubblewrap
def test_a_link_in_place_of_a_notebook_is_not_followed_and_a_huge_one_is_not_read_whole(tmp_path, monkeypatch, capsys):
    course = make_course(tmp_path)
    target = hand_in(course, "ada", RIGHT)
    link = hand_in(course, "eve", WRONG)
    link.unlink()
    link.symlink_to(target)
    monkeypatch.setattr(autograder.grade, "MAX_NOTEBOOK_BYTES", 100)
    assert coursework(monkeypatch, "grade", "--course", str(course.root), "--workers", "1") == 1
    out = capsys.readouterr().out
    assert "eve: the hand-in for speech_commands cannot be read" in out
    assert "is a link: put the notebook itself in its place" in out
    assert [len(content) for content in make_job(course, ASSIGNMENT, "ada", Limits(), True).notebooks.values()] == [101]


@needs_bubblewrap
def test_grading_nobody_is_no_error(tmp_path, monkeypatch, capsys):
    course = make_course(tmp_path)
    assert coursework(monkeypatch, "grade", "--course", str(course.root)) == 0
    told = capsys.readouterr().out
    assert "graded 0 submissions" in told
    assert "no hand-in lies in submitted/" in told


def test_workers_here_and_on_a_cluster_exclude_each_other(graded_source, monkeypatch, capsys):
    words = ["--workers", "2", "--scheduler", "tcp://127.0.0.1:8786"]
    assert coursework(monkeypatch, "grade", "--course", str(graded_source), *words) == 2
    assert "one of the two" in one_line(capsys)


@needs_bubblewrap
def test_a_student_who_handed_nothing_in_is_wrong_usage(graded, monkeypatch, capsys):
    assert coursework(monkeypatch, "grade", "--course", str(graded[0].root), "--student", "nobody") == 2
    assert "nobody: nothing of speech_commands was handed in" in one_line(capsys)


def test_an_unknown_assignment_is_wrong_usage(graded_source, monkeypatch, capsys):
    assert coursework(monkeypatch, "grade", "surnames", "--course", str(graded_source)) == 2
    assert "there is no assignment 'surnames'" in one_line(capsys)


@pytest.mark.parametrize("command", ["release", "grade", "feedback", "report", "check"])
def test_a_folder_that_is_no_course_is_wrong_usage(command, tmp_path, monkeypatch, capsys):
    assert coursework(monkeypatch, command, "--course", str(tmp_path)) == 2
    assert "--course DIR" in one_line(capsys)
    assert coursework(monkeypatch, command, "--course", str(tmp_path / "nowhere")) == 2
    assert "there is no folder" in one_line(capsys)


def test_without_bubblewrap_grading_refuses_and_says_how_to_install_it(graded_source, monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert coursework(monkeypatch, "grade", "--course", str(graded_source)) == 1
    assert "sudo apt-get install bubblewrap" in one_line(capsys)


@pytest.fixture
def graded_source(tmp_path: Path) -> Path:
    """A course folder with a source notebook, for what ends before anything is graded."""
    folder = tmp_path / "course" / "source" / ASSIGNMENT
    folder.mkdir(parents=True)
    (folder / f"{ASSIGNMENT}.ipynb").write_text("{}")
    shutil.copy(Path(__file__).parents[1] / "nbgrader_config.py", tmp_path / "course")
    return tmp_path / "course"


COMMANDS = ["release", "bundle", "check", "collect", "grade", "feedback", "report", "bank", "demo", "data"]


@pytest.mark.parametrize(
    "words", [[], *([name] for name in COMMANDS), *(["data", w] for w in ("list", "fetch", "verify"))]
)
def test_every_subcommand_has_help(words):
    result = CliRunner().invoke(app, [*words, "--help"])
    assert result.exit_code == 0
    assert "Usage" in result.output


def test_every_subcommand_is_in_the_help_of_the_command():
    text = CliRunner().invoke(app, ["--help"]).output
    assert all(name in text for name in COMMANDS)


def test_an_unknown_option_is_wrong_usage(monkeypatch, capsys):
    assert coursework(monkeypatch, "grade", "--faster") == 2
    assert "No such option" in capsys.readouterr().err


def test_the_module_is_the_command():
    run = subprocess.run([sys.executable, "-m", "autograder", "--help"], capture_output=True, text=True)
    assert run.returncode == 0
    assert "collect" in run.stdout
