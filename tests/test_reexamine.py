"""One exercise examined again in a class that is graded: its marks change, everything else stays as it was."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from graded_course import contents, gradebook, mark
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell
from small_course import ASSIGNMENT, answered, cell_of, edit_master, expect, make_course
from typer.testing import CliRunner

from autograder.cli import app, main
from autograder.course import Course, CourseError
from autograder.examine import Examination, Part
from autograder.execute import Graded, Job, grade
from autograder.grade import GradeReport, grade_class, last_verdict
from autograder.notebooks import read_notebook, to_bytes
from autograder.records import PASSED, UNGRADED
from autograder.release import release
from autograder.reproduce import Reproduction, reproduce
from autograder.runs import find_run, past_runs
from autograder.workers import ungraded

pytestmark = pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")


DOUBLE = Examination("double", (Part("sizes", 1.0, expect("double", 3, 6)),))
TOO_STRICT = Examination("halve", (Part("sizes", 0.5, expect("halve", 6, 3)), Part("odd", 0.5, expect("halve", 3, 1))))
MENDED = Examination("halve", (Part("sizes", 0.5, expect("halve", 6, 3)), Part("odd", 0.5, expect("halve", 3, 1.5))))


class Here:
    """The workers of a run, in this very process: what is examined with is this test's."""

    sandboxed = True
    fails = False

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.problems: list[str] = []

    def __enter__(self) -> "Here":
        return self

    def __exit__(self, *exc: object) -> None:
        pass

    def start(self, job: Job) -> None:
        pass

    def run(self, jobs: Iterator[Job], make: Any) -> Iterator[tuple[Job, Graded]]:
        for job in jobs:
            done.append((job.student, job.only))
            yield job, ungraded(job, "the disk is full") if Here.fails else grade(job)


done: list[tuple[str, tuple[str, ...]]] = []
"""Student and single exercises of each job that was carried out."""


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograder.grade.Workers", Here)
    monkeypatch.setattr(Here, "fails", False)
    done.clear()


def with_examination(monkeypatch: pytest.MonkeyPatch, halve: Examination) -> None:
    """The package as it is once `halve` is examined like this: its digest is another one, too."""
    known = {"double": DOUBLE, "halve": halve}
    monkeypatch.setattr("autograder.execute.examinations", lambda assignment: known)
    version = b"strict" if halve is TOO_STRICT else b"mended"
    monkeypatch.setattr("autograder.grade.code_digest", lambda: version)


def hand_in(course: Course, student: str, change: Callable[[NotebookNode], None] = lambda notebook: None) -> None:
    released = read_notebook((course.release / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_bytes())
    notebook = answered(released)
    change(notebook)
    path = course.submitted / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(to_bytes(notebook))


def wrong_double(notebook: NotebookNode) -> None:
    cell_of(notebook, "double").source = "# exercise: double\nprint('doubling')\ndef double(x):\n    return x"


@pytest.fixture(scope="module")
def class_before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class that was graded by an examination of `halve` that is too strict, and marked by a person."""
    course = make_course(tmp_path_factory.mktemp("class"))
    release(course, ASSIGNMENT)
    hand_in(course, "ada")
    hand_in(course, "ben", wrong_double)
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr("autograder.grade.Workers", Here)
        with_examination(monkeypatch, TOO_STRICT)
        assert grade_class(course, [ASSIGNMENT]).complete
    mark(course, "ada", "essay", points=5.0, comment="well argued")
    mark(course, "ben", "double_test", points=1.0)
    return course.root


@pytest.fixture
def course(class_before: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A copy of that class; the examination has been mended."""
    with_examination(monkeypatch, MENDED)
    return Course(shutil.copytree(class_before, tmp_path / "course"))


def again(course: Course, **options: Any) -> GradeReport:
    return grade_class(course, [ASSIGNMENT], only=("halve",), **options)


def points(course: Course, student: str) -> dict[str, float]:
    verdict = last_verdict(course, ASSIGNMENT, student)
    assert verdict is not None
    return {found.exercise: found.points for found in verdict.exercises}


def executed(course: Course, student: str) -> NotebookNode:
    return read_notebook((course.autograded / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_bytes())


# --- what changes, and what stays ---------------------------------------------------------------------------


def test_only_the_exercise_is_examined_and_only_its_marks_change(course):
    before = contents(course)
    assert points(course, "ada") == {"double": 4.0, "halve": 1.0}
    report = again(course)
    assert report.complete
    assert done == [("ada", ("halve",)), ("ben", ("halve",))]
    assert points(course, "ada") == {"double": 4.0, "halve": 2.0}
    assert points(course, "ben") == {"double": 0.0, "halve": 2.0}
    assert [line.split(" (")[0] for line in report.differences] == [
        "ada: halve 1 -> 2 of 2",
        "ben: halve 1 -> 2 of 2",
    ]
    now = contents(course)
    changed = {key for key in now if now[key] != before[key]}
    assert {key[-1] for key in changed if "grade" in key} == {"halve_test"}
    assert not [key for key in changed if "comment" in key]


def test_marks_by_hand_stay_and_are_not_asked_for_once_more(course):
    again(course)
    with gradebook(course) as book:
        essay = book.find_grade("essay", ASSIGNMENT, ASSIGNMENT, "ada")
        assert (essay.manual_score, essay.needs_manual_grade) == (5.0, False)
        doubled = book.find_grade("double_test", ASSIGNMENT, ASSIGNMENT, "ben")
        assert (doubled.manual_score, doubled.needs_manual_grade) == (1.0, False)


def test_a_mark_by_hand_of_the_exercise_itself_stays_and_is_listed_for_review(course):
    mark(course, "ada", "halve_test", points=2.0)
    again(course)
    with gradebook(course) as book:
        halved = book.find_grade("halve_test", ASSIGNMENT, ASSIGNMENT, "ada")
        assert (halved.auto_score, halved.manual_score, halved.needs_manual_grade) == (2.0, 2.0, True)


def test_verdict_and_notebook_stay_one_piece(course):
    before = executed(course, "ben")
    again(course)
    now = executed(course, "ben")
    assert [cell.source for cell in now.cells] == [cell.source for cell in before.cells]
    assert cell_of(now, "double_test").outputs == cell_of(before, "double_test").outputs
    assert cell_of(now, "double").outputs == cell_of(before, "double").outputs != []
    told = plain_outputs(cell_of(now, "halve_test"))
    assert "Examiner: 2 of 2 points" in told and "Examiner: 1 of 2" not in told
    verdict = last_verdict(course, ASSIGNMENT, "ben")
    for found in verdict.exercises:
        assert f"Examiner: {found.points:g} of {found.max:g} points" in plain_outputs(
            cell_of(now, f"{found.exercise}_test")
        )


def plain_outputs(cell: NotebookNode) -> str:
    return "\n".join(output.get("text", "") for output in cell.outputs)


def test_a_verdict_says_which_run_gave_which_mark(course):
    (first,) = past_runs(course)
    again(course)
    verdict = last_verdict(course, ASSIGNMENT, "ada")
    second = past_runs(course)[-1]
    assert {found.exercise: found.run or verdict.run for found in verdict.exercises} == {
        "double": first.id,
        "halve": second.id,
    }
    assert second.manifest["exercises"] == ["halve"]
    record = second.record("ada", ASSIGNMENT)
    assert record["only"] == ["halve"]
    assert record["marks"]["double"]["run"] == first.id and "run" not in record["marks"]["halve"]


def test_it_comes_to_the_same_as_grading_everything(course, tmp_path):
    def uses_a_name_of_a_test(notebook: NotebookNode) -> None:
        cell_of(notebook, "halve").source = "# exercise: halve\nhalve = lambda x: double(x) / four"
        extra = new_code_cell("four = double(2)", id="mine")
        notebook.cells.insert(notebook.cells.index(cell_of(notebook, "halve")), extra)

    hand_in(course, "cleo", uses_a_name_of_a_test)
    grade_class(course, [ASSIGNMENT], students=["cleo"])
    twin = Course(shutil.copytree(course.root, tmp_path / "twin"))
    grade_class(twin, [ASSIGNMENT], again=True)
    again(course, again=True)
    for student in ("ada", "ben", "cleo"):
        assert points(course, student) == points(twin, student)
        one, other = executed(course, student), executed(twin, student)
        assert [cell.get("outputs") for cell in one.cells] == [cell.get("outputs") for cell in other.cells]


# --- going on ------------------------------------------------------------------------------------------------


def test_what_was_examined_again_is_kept_by_the_next_runs(course):
    again(course, students=["ada"])
    again(course)
    assert done == [("ada", ("halve",)), ("ben", ("halve",))]
    again(course)
    assert grade_class(course, [ASSIGNMENT]).complete
    assert len(done) == 2
    again(course, again=True)
    assert len(done) == 4


def test_a_failure_of_ours_takes_that_mark_back_alone_and_the_next_run_gives_it(course, monkeypatch):
    monkeypatch.setattr(Here, "fails", True)
    report = again(course)
    assert report.ungraded == {("ada", ASSIGNMENT), ("ben", ASSIGNMENT)}
    statuses = {e.exercise: e.status for e in last_verdict(course, ASSIGNMENT, "ada").exercises}
    assert statuses == {"double": PASSED, "halve": UNGRADED}
    with gradebook(course) as book:
        assert book.find_grade("halve_test", ASSIGNMENT, ASSIGNMENT, "ada").auto_score is None
        assert book.find_grade("double_test", ASSIGNMENT, ASSIGNMENT, "ada").auto_score == 4.0
    monkeypatch.setattr(Here, "fails", False)
    assert again(course).complete
    assert done[2:] == [("ada", ("halve",)), ("ben", ("halve",))]
    assert points(course, "ada") == {"double": 4.0, "halve": 2.0}


def test_what_was_handed_in_again_or_never_graded_is_graded_as_a_whole(course):
    hand_in(course, "ben")
    hand_in(course, "cleo")
    report = again(course)
    assert done == [("ada", ("halve",)), ("ben", ()), ("cleo", ())]
    assert report.whole == {
        ("ben", ASSIGNMENT): "it was handed in again since it was graded",
        ("cleo", ASSIGNMENT): "it was not graded before",
    }
    assert points(course, "ben") == points(course, "cleo") == {"double": 4.0, "halve": 2.0}


def test_a_change_of_another_exercise_is_not_passed_over(course):
    def other_points(notebook: NotebookNode) -> None:
        cell_of(notebook, "double_test").metadata.nbgrader.points = 8

    edit_master(course, other_points)
    release(course, ASSIGNMENT)
    with pytest.raises(CourseError, match="test or points of double changed, too, since ada was graded"):
        again(course)
    assert done == []
    assert grade_class(course, [ASSIGNMENT], only=("double", "halve")).complete
    assert points(course, "ada") == {"double": 8.0, "halve": 2.0}


def test_the_exercises_own_test_and_points_may_have_changed(course):
    def own_points(notebook: NotebookNode) -> None:
        cell = cell_of(notebook, "halve_test")
        cell.metadata.nbgrader.points = 3
        cell.source = "print('another test')\n" + cell.source

    edit_master(course, own_points)
    release(course, ASSIGNMENT)
    report = again(course)
    assert points(course, "ada") == {"double": 4.0, "halve": 3.0}
    assert cell_of(executed(course, "ada"), "halve_test").source.startswith("print('another test')")
    assert "ada: halve 1 of 2 -> 3 of 3 (test changed, points changed, release changed)" in report.differences


# --- reproducing -----------------------------------------------------------------------------------------------


def reproduced(course: Course) -> list[Reproduction]:
    found: list[Reproduction] = []
    reproduce(course, find_run(course, "last"), [], None, Here(), on_done=found.append)
    return found


def test_a_run_of_one_exercise_is_reproduced_for_that_exercise(course):
    again(course)
    assert [found.line() for found in reproduced(course)] == [
        f"ada: {ASSIGNMENT} equal, 2 of 2 points of halve",
        f"ben: {ASSIGNMENT} equal, 2 of 2 points of halve",
    ]


def test_a_later_run_says_whose_marks_are_of_an_earlier_one(course, monkeypatch):
    (first,) = past_runs(course)
    again(course)
    grade_class(course, [ASSIGNMENT])
    harder = Examination("double", (Part("sizes", 1.0, expect("double", 3, 7)),))
    monkeypatch.setattr("autograder.execute.examinations", lambda assignment: {"double": harder, "halve": MENDED})
    lines = [found.line() for found in reproduced(course)]
    assert f"double 4 of 4 (passed), which run {first.id} gave, now 0 of 4 (failed)" in lines[0]
    assert "halve" not in lines[0]


# --- teams -------------------------------------------------------------------------------------------------------


def test_a_team_shares_the_new_mark(course):
    def with_dan(notebook: NotebookNode) -> None:
        cell_of(notebook, "identity").source = '# exercise: identity\nSTUDENT_ID = "cleo"\nTEAM = ["cleo", "dan"]'

    with pytest.MonkeyPatch.context() as monkeypatch:
        with_examination(monkeypatch, TOO_STRICT)
        hand_in(course, "cleo", with_dan)
        grade_class(course, [ASSIGNMENT], students=["cleo"])
    with gradebook(course) as book:
        assert book.find_grade("halve_test", ASSIGNMENT, ASSIGNMENT, "dan").auto_score == 1.0
    assert again(course).complete
    with gradebook(course) as book:
        assert book.find_grade("halve_test", ASSIGNMENT, ASSIGNMENT, "dan").auto_score == 2.0
    assert plain_outputs(cell_of(executed(course, "dan"), "halve_test")).startswith("Examiner: 2 of 2")


# --- the command ---------------------------------------------------------------------------------------------


def test_the_command_tells_what_changed_and_what_was_graded_as_a_whole(course, tmp_path):
    hand_in(course, "ben")
    rows = tmp_path / "rows.json"
    arguments = ["grade", ASSIGNMENT, "--exercise", "halve", "--course", str(course.root), "--json", str(rows)]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert "changed: ada: halve 1 -> 2 of 2" in result.output
    assert "ben: graded as a whole: it was handed in again since it was graded" in result.output
    marks = {(row["student"], row["exercise"]): row["points"] for row in json.loads(rows.read_text())}
    assert marks["ada", "double"] == 4.0 and marks["ada", "halve"] == 2.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([ASSIGNMENT, "--exercise", "third"], f"{ASSIGNMENT} has no exercise 'third' (known: double, halve)"),
        ([ASSIGNMENT, "--exercise", "essay"], "essay is marked by a person: there is nothing to examine"),
        (["--exercise", "halve", "other", ASSIGNMENT], "there is no assignment 'other'"),
        ([ASSIGNMENT, "--exercise", "halve", "--reproduce", "last"], "--reproduce grades again what a run graded"),
        ([ASSIGNMENT, "--exercise", "halve", "--student", "zoe"], f"zoe: nothing of {ASSIGNMENT} was handed in"),
    ],
    ids=["unknown", "written", "assignment", "reproduce", "student"],
)
def test_wrong_usage_ends_in_one_line(course, monkeypatch, capsys, arguments, message):
    monkeypatch.setattr("sys.argv", ["coursework", "grade", *arguments, "--course", str(course.root)])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err
    assert done == []


def test_an_assignment_must_be_named_where_there_are_several(course, monkeypatch, capsys):
    shutil.copytree(course.source / ASSIGNMENT, course.source / "geometry")
    monkeypatch.setattr("sys.argv", ["coursework", "grade", "--exercise", "halve", "--course", str(course.root)])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    assert "--exercise needs the assignment: coursework grade ASSIGNMENT --exercise halve" in capsys.readouterr().err
