"""A graded small course for tests: outputs and verdicts by hand, taken into the gradebook by nbgrader itself."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_output
from nbgrader.api import Gradebook
from small_course import ASSIGNMENT, answered, cell_of, make_course

from autograder.course import Course
from autograder.execute import Graded, Job
from autograder.grade import store
from autograder.gradebook import gradebook_url
from autograder.marks import record
from autograder.notebooks import read_notebook, to_bytes
from autograder.records import ExerciseVerdict, PartResult, SubmissionVerdict, status_of
from autograder.release import release
from autograder.sanitize import sanitize


def released_course(root: Path) -> Course:
    course = make_course(root)
    release(course, ASSIGNMENT)
    return course


def clean_notebook(course: Course) -> NotebookNode:
    """What grading makes of an honest hand-in, before it is run."""
    released = read_notebook((course.release / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_bytes())
    master = read_notebook((course.source / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_bytes())
    return sanitize(master, answered(released), released).notebook


def verdict_outputs(points: float) -> list[NotebookNode]:
    return [
        new_output("stream", name="stdout", text=f"Examiner: {points:g} points\n- a part: a message\n"),
        new_output("execute_result", {"text/plain": str(points)}, execution_count=None),
    ]


def examined(exercise: str, maximum: float, parts: Sequence[PartResult], seconds: float = 1.0) -> ExerciseVerdict:
    """The verdict that these parts make."""
    earned = sum(part.weight * part.earned for part in parts)
    messages = [f"{part.name}: {part.message}" for part in parts if part.message]
    return ExerciseVerdict(
        exercise, round(maximum * earned, 4), maximum, status_of(earned), messages, list(parts), seconds
    )


def keep(course: Course, notebook: NotebookNode, verdict: SubmissionVerdict, timestamp: str = "") -> Job:
    """Hand a notebook in and keep it as graded; returns the job whose marks can then be recorded."""
    student = verdict.student
    handed_in = course.submitted / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    handed_in.parent.mkdir(parents=True, exist_ok=True)
    handed_in.write_bytes(to_bytes(notebook))
    if timestamp:
        handed_in.with_name("timestamp.txt").write_text(timestamp)
    store(course, Graded(verdict, {ASSIGNMENT: to_bytes(notebook)}))
    content = {ASSIGNMENT: to_bytes(notebook)}
    master = {ASSIGNMENT: (course.source / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_bytes()}
    return Job(student, ASSIGNMENT, content, master, {}, {}, b"", verdict.digest)


def record_submission(course: Course, notebook: NotebookNode, verdict: SubmissionVerdict, late: float = 0.0) -> None:
    """Store a graded notebook and let nbgrader take its marks."""
    student = verdict.student
    assert record(course, keep(course, notebook, verdict), verdict) == []
    if late:
        with gradebook(course) as book:
            book.find_submission_notebook(ASSIGNMENT, ASSIGNMENT, student).late_submission_penalty = late
            book.db.commit()


def gradebook(course: Course) -> Gradebook:
    return Gradebook(gradebook_url(course).render_as_string(hide_password=False))


def contents(course: Course) -> dict[str, Any]:
    """All that the gradebook says of students and their marks, by name, so that two gradebooks can be compared."""
    found: dict[str, Any] = {}
    with gradebook(course) as book:
        for student in book.students:
            found[student.id] = (student.first_name, student.last_name, student.email)
            for entry in student.submissions:
                found[student.id, entry.name] = (
                    entry.timestamp,
                    entry.extension,
                    entry.score,
                    entry.needs_manual_grade,
                )
                for notebook in entry.notebooks:
                    place = (student.id, entry.name, notebook.name)
                    found[place] = (notebook.late_submission_penalty, notebook.flagged, notebook.score)
                    for grade in notebook.grades:
                        marks = (grade.auto_score, grade.manual_score, grade.extra_credit, grade.needs_manual_grade)
                        found[*place, "grade", grade.name] = marks
                    for comment in notebook.comments:
                        found[*place, "comment", comment.name] = (comment.auto_comment, comment.manual_comment)
    return found


def on_gradebook(course: Course, url: str) -> Course:
    """The course with its gradebook at this address, before anything was entered."""
    with (course.root / "nbgrader_config.py").open("a") as file:
        file.write(f"\nc.CourseDirectory.db_url = {url!r}\n")
    return course


def mark(course: Course, student: str, cell: str, *, points: float | None = None, comment: str = "") -> None:
    """What a marker enters in formgrader."""
    with gradebook(course) as book:
        if points is not None:
            grade = book.find_grade(cell, ASSIGNMENT, ASSIGNMENT, student)
            grade.manual_score, grade.needs_manual_grade = points, False
        if comment:
            book.find_comment(cell, ASSIGNMENT, ASSIGNMENT, student).manual_comment = comment
        book.db.commit()


def with_outputs(notebook: NotebookNode, outputs: dict[str, list[NotebookNode]]) -> NotebookNode:
    """The notebook with these outputs in the cells of these ids, and marks of 4 and 2 in the others' test cells."""
    for name, points in (("double_test", 4.0), ("halve_test", 2.0)):
        cell_of(notebook, name).outputs = verdict_outputs(points)
    for name, shown in outputs.items():
        cell_of(notebook, name).outputs = shown
    return notebook
