"""A class whose marks are taken twice, with a marker in between: every case that taking marks must treat right."""

from collections.abc import Callable
from datetime import timedelta

from graded_course import clean_notebook, examined, gradebook, keep, mark, with_outputs
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_output
from small_course import ASSIGNMENT, cell_of

from autograder.course import Course
from autograder.execute import Job
from autograder.notebooks import read_notebook
from autograder.records import ExerciseVerdict, PartResult, SubmissionVerdict
from autograder.sanitize import sanitize

LATE_PLUGIN = """
from nbgrader.plugins import LateSubmissionPlugin


class Tenth(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return score * total_seconds_late / 3600 / 10


c.AssignLatePenalties.plugin_class = Tenth
"""
"""A tenth of the score for each hour, for nbgrader_config.py."""

ON_TIME, LATE = "2026-03-01 09:00:00.000000 UTC", "2026-03-01 14:00:00.000000 UTC"
DUE = "2026-03-01 12:00:00.000000 UTC"


def scored(exercise: str, points: float, maximum: float) -> ExerciseVerdict:
    return examined(exercise, maximum, [PartResult("a part", 1.0, points / maximum)])


def verdict_of(student: str, double: float = 4.0, halve: float = 2.0, digest: str = "") -> SubmissionVerdict:
    exercises = [scored("double", double, 4.0), scored("halve", halve, 2.0)]
    return SubmissionVerdict(student, ASSIGNMENT, exercises, digest=digest or f"{student}-{double}-{halve}")


def number(points: float) -> list[NotebookNode]:
    return [new_output("execute_result", {"text/plain": str(points)}, execution_count=None)]


def graded(course: Course, student: str, double: float = 4.0, halve: float = 2.0, when: str = "") -> tuple:
    """Keep an honest hand-in with these points; returns job and verdict."""
    notebook = with_outputs(clean_notebook(course), {"double_test": number(double), "halve_test": number(halve)})
    verdict = verdict_of(student, double, halve)
    return keep(course, notebook, verdict, when), verdict


def released(course: Course) -> NotebookNode:
    return read_notebook((course.release / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_bytes())


def untouched(course: Course, student: str) -> tuple:
    """Keep the hand-in of someone who changed nothing."""
    master = read_notebook((course.source / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_bytes())
    clean = sanitize(master, released(course), released(course)).notebook
    notebook = with_outputs(clean, {"double_test": number(0.0), "halve_test": number(0.0)})
    verdict = verdict_of(student, 0.0, 0.0)
    return keep(course, notebook, verdict), verdict


def erring(course: Course, student: str) -> tuple:
    """Keep a hand-in whose test cells show an error and a warning, both of which nbgrader takes for zero."""
    outputs = {
        "double_test": [new_output("error", ename="AssertionError", evalue="no", traceback=[])],
        "halve_test": [new_output("stream", name="stderr", text="a warning\n"), *number(2.0)],
    }
    verdict = verdict_of(student, 0.0, 0.0)
    return keep(course, with_outputs(clean_notebook(course), outputs), verdict), verdict


def without_essay(course: Course, student: str) -> tuple:
    notebook = with_outputs(clean_notebook(course), {"double_test": number(1.5)})
    cell_of(notebook, "essay").source = cell_of(released(course), "essay").source
    verdict = verdict_of(student, 1.5, 2.0)
    return keep(course, notebook, verdict), verdict


def mark_the_class(course: Course, take: Callable[[Job, SubmissionVerdict], None]) -> None:
    """Take the marks of a class with ``take``, let a marker work, and take what was graded again."""
    with gradebook(course) as book:
        book.update_or_create_assignment(ASSIGNMENT, duedate=DUE)
        book.add_student("noted", first_name="Ada", last_name="Byron", email="ada@example.org")
    for submission in (
        graded(course, "full"),
        graded(course, "partial", 2.5, 0.0),
        untouched(course, "nothing"),
        erring(course, "erring"),
        without_essay(course, "short"),
        graded(course, "noted", 3.0, 2.0, ON_TIME),
        graded(course, "late", 3.0, 2.0, LATE),
        graded(course, "extended", 3.0, 2.0, LATE),
        graded(course, "marked", 1.0, 1.0),
        graded(course, "s-1.2 (b)", 1.0, 0.5),
    ):
        take(*submission)
    with gradebook(course) as book:
        book.find_submission(ASSIGNMENT, "extended").extension = timedelta(hours=1)
        book.find_submission_notebook(ASSIGNMENT, ASSIGNMENT, "marked").flagged = True
        book.find_grade("halve_test", ASSIGNMENT, ASSIGNMENT, "marked").extra_credit = 0.25
        book.db.commit()
    mark(course, "marked", "essay", points=5.0, comment="well argued")
    mark(course, "marked", "double_test", points=3.5)
    mark(course, "marked", "double", comment="half right")
    mark(course, "full", "essay_rubric", points=0.0, comment="see the rubric")
    for submission in (
        graded(course, "marked", 4.0, 2.0),
        graded(course, "full", 3.0, 1.0),
        graded(course, "extended", 2.0, 2.0, LATE),
        without_essay(course, "noted"),
    ):
        take(*submission)
