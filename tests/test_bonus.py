"""A bonus exercise: its points come on top, and no maximum rises, with us and with nbgrader."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from graded_course import clean_notebook, gradebook, keep, with_outputs
from marked_class import number, scored
from nbformat.notebooknode import NotebookNode
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from small_course import ASSIGNMENT, answered, cell_of, edit_master, make_course

from autograder.channel import Candidate
from autograder.check import check
from autograder.course import Course
from autograder.examine import Context, Examination, Lost, Part, examine
from autograder.execute import Job, grade
from autograder.feedback import feedback
from autograder.marks import record
from autograder.notebooks import bonus_earned, exercises, points_output, read_notebook, to_bytes
from autograder.progress import Tally, describe
from autograder.records import SubmissionVerdict
from autograder.release import release
from autograder.report import basis, gather, report
from autograder.sandbox import Limits

KNOWN = {"arithmetic/double", "arithmetic/halve"}
MAXIMUM = 4 + 6
"""double and the essay; halve is the bonus of 2."""


def make_bonus(notebook: NotebookNode) -> None:
    metadata = cell_of(notebook, "halve_test").metadata
    metadata["nbgrader"]["points"] = 0
    metadata["coursework"] = {"bonus": 2}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Course:
    course = make_course(tmp_path_factory.mktemp("template"))
    edit_master(course, make_bonus)
    release(course, ASSIGNMENT)
    return course


@pytest.fixture
def course(template: Course, tmp_path: Path) -> Course:
    return Course(shutil.copytree(template.root, tmp_path / "course"))


def master(course: Course) -> bytes:
    return (course.source / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_bytes()


def handed_in(course: Course, student: str, double: float, bonus: float) -> tuple[Job, SubmissionVerdict]:
    outputs = {"double_test": number(double), "halve_test": [points_output(bonus, bonus=True)]}
    verdict = SubmissionVerdict(student, ASSIGNMENT, [scored("double", double, 4.0), scored("halve", bonus, 2.0)])
    verdict.exercises[1].bonus = True
    verdict.digest = f"{student}-{double}-{bonus}"
    return keep(course, with_outputs(clean_notebook(course), outputs), verdict), verdict


def recorded(course: Course, student: str) -> tuple[float, float, float]:
    """Score and maximum of the submission, and the automatic points of the bonus, as nbgrader has them."""
    with gradebook(course) as book:
        submission = book.find_submission(ASSIGNMENT, student)
        grade = book.find_grade("halve_test", ASSIGNMENT, ASSIGNMENT, student)
        assert grade.extra_credit is None, "that is for people to give"
        return submission.score, submission.max_score, grade.auto_score


def test_an_exercise_knows_that_it_is_a_bonus(course: Course) -> None:
    found = {e.id: (e.points, e.bonus) for e in exercises(read_notebook(master(course)))}
    assert found == {"double": (4.0, False), "halve": (2.0, True), "essay": (6.0, False)}


def test_a_course_with_a_bonus_is_in_order(course: Course) -> None:
    assert check(course, KNOWN) == []


@pytest.mark.parametrize(("points", "bonus"), [(2, 2), (0, -1)])
def test_a_bonus_that_raises_the_maximum_is_found(course: Course, points: float, bonus: float) -> None:
    def change(notebook: NotebookNode) -> None:
        make_bonus(notebook)
        metadata = cell_of(notebook, "halve_test").metadata
        metadata["nbgrader"]["points"], metadata["coursework"]["bonus"] = points, bonus

    edit_master(course, change)
    assert any("0 points and a bonus above 0" in str(problem) for problem in check(course, KNOWN))


@pytest.mark.parametrize("bonus", [2.0, 0.5, 0.0])
def test_the_gradebook_has_its_points_beyond_the_maximum(course: Course, bonus: float) -> None:
    assert record(course, *handed_in(course, "ada", 3.0, bonus)) == []
    assert recorded(course, "ada") == (3.0 + bonus, MAXIMUM, bonus)


def test_nbgraders_own_autograde_enters_the_same(course: Course) -> None:
    handed_in(course, "ada", 3.0, 1.5)
    config = course.config()
    config.CourseDirectory.submitted_directory = str(course.graded)
    config.CourseDirectory.assignment_id, config.CourseDirectory.student_id = ASSIGNMENT, "ada"
    config.Autograde.sanitize_preprocessors = config.Autograde.sanitize_preprocessors[1:]  # it is clean
    config.Autograde.autograde_preprocessors = config.Autograde.autograde_preprocessors[1:]  # and examined
    Autograde(coursedir=CourseDirectory(config=config), config=config).start()
    assert recorded(course, "ada") == (4.5, MAXIMUM, 1.5)


def test_the_verdict_counts_however_a_cell_was_changed(course: Course) -> None:
    job, verdict = handed_in(course, "ada", 3.0, 0.5)
    spoiled = with_outputs(
        clean_notebook(course), {"double_test": number(3.0), "halve_test": [points_output(2.0, bonus=True)]}
    )
    assert record(course, keep(course, spoiled, verdict), verdict) == []
    assert recorded(course, "ada") == (3.5, MAXIMUM, 0.5)
    assert record(course, job, verdict) == []


def test_feedback_and_report_say_what_it_is(course: Course) -> None:
    for student, double, bonus in (("ada", 4.0, 2.0), ("bo", 4.0, 0.0), ("cy", 3.0, 0.5)):
        assert record(course, *handed_in(course, student, double, bonus)) == []
    pages = {page.parent.parent.name: page.read_text() for page in feedback(course, ASSIGNMENT)}
    assert "2 of 2" in pages["ada"] and "on top of the maximum" in pages["ada"]
    assert f"6 of {MAXIMUM} points" in pages["ada"]
    results = gather(course, ASSIGNMENT)
    assert results.max == MAXIMUM
    found = basis(results)
    assert found.automatic_only and (found.max, sorted(found.values)) == (4.0, [3.5, 4.0, 6.0])
    assert "of 2 extra" in report(course).read_text()


def test_who_leaves_the_bonus_out_has_passed(course: Course) -> None:
    _, verdict = handed_in(course, "ada", 4.0, 0.0)
    tally = Tally()
    tally.add(verdict)
    assert tally.passed == 1
    assert "4 of 4 points" in describe(verdict)
    assert [row.get("bonus") for row in verdict.rows()] == [None, True]
    assert SubmissionVerdict.from_json(verdict.to_json()) == verdict


def of_this_value(result: float, exercise: str = "halve") -> Examination:
    def question(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
        if candidate.call(exercise, 6, arrays="numpy") != result:
            raise Lost("not this value", 0.25)

    return Examination(exercise, (Part("value", 1.0, question),))


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
@pytest.mark.parametrize(("result", "earned"), [(3, 2.0), (4, 0.5)])
def test_examined_in_the_sandbox(course: Course, result: float, earned: float, monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"double": of_this_value(12, "double"), "halve": of_this_value(result)}
    monkeypatch.setattr("autograder.execute.examinations", lambda assignment: known)
    released = (course.release / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_bytes()
    handed = {ASSIGNMENT: to_bytes(answered(read_notebook(released)))}
    limits = Limits(submission_seconds=120, cell_seconds=60, added_cell_seconds=1)
    job = Job("s1", ASSIGNMENT, handed, {ASSIGNMENT: master(course)}, {ASSIGNMENT: released}, {}, b"key", "d", limits)
    graded = grade(job)
    verdict = graded.verdict.exercises[1]
    assert (verdict.points, verdict.max, verdict.bonus) == (earned, 2.0, True)
    assert (graded.verdict.points, graded.verdict.max) == (4.0 + earned, 4.0)
    assert bonus_earned(cell_of(read_notebook(graded.executed[ASSIGNMENT]), "halve_test")) == earned


def test_examined_in_process_it_is_told_and_not_returned(
    course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(course.root)
    monkeypatch.setattr("autograder.examine.examinations", lambda assignment: {"halve": of_this_value(3)})
    assert examine("arithmetic/halve", {"halve": lambda x: x / 2}) == 0.0
    assert "Extra credit: 2 of 2 points." in capsys.readouterr().out
