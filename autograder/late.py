"""Late hand-ins: the configured deadlines in nbgrader's gradebook, and what being late costs.

nbgrader knows a due date for each assignment, an extension for each submission, and asks a plugin for the penalty of
each notebook. `EnterDeadline` puts what nbgrader_config.py says into the gradebook, as a step right before nbgrader's
``AssignLatePenalties``; `LateRules` is the plugin. Both are named in nbgrader_config.py, so that ``nbgrader autograde``
and formgrader's button do the same as ``coursework grade``.

A penalty depends on more than a submission: on its deadline, the rules, and on points that a person gave since. So
`settle` works all of an assignment's penalties out anew, from the points that the gradebook holds now. It is run at the
end of ``coursework grade`` and before feedback, report and export; where nothing has changed it changes nothing.
"""

import math
from datetime import timedelta
from pathlib import Path

from nbconvert.exporters.exporter import ResourcesDict
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Assignment, Gradebook, SubmittedAssignment
from nbgrader.plugins import LateSubmissionPlugin
from nbgrader.preprocessors import NbGraderPreprocessor
from sqlalchemy import select

from autograder.course import Course, open_course
from autograder.settings import Amount, Settings, utc

DAY = 24 * 60 * 60


def penalty(settings: Settings, score: float, maximum: float, share: float, seconds: float) -> float:
    """What ``seconds`` of being late cost a notebook, in points from 0 to ``score``.

    ``maximum``: the points that the notebook is worth; ``share``: the part of the assignment that it is (0 to 1), by
    which points that are taken off an assignment are shared out among its notebooks.
    """
    if seconds <= settings.late_grace_minutes * 60:
        return 0.0
    days = math.ceil(seconds / DAY)
    if settings.late_days is not None and days > settings.late_days:
        return score
    if settings.late_penalty is None:
        return 0.0
    whole = score if settings.late_percent_of == "earned" else maximum

    def points(amount: Amount) -> float:
        return amount.of(whole) if amount.percent else amount.of(whole) * share

    lost = days * points(settings.late_penalty)
    if settings.late_cap is not None:
        lost = min(lost, points(settings.late_cap))
    return round(max(0.0, min(lost, score)), 4)


def has_rules(settings: Settings) -> bool:
    """Whether the configuration says what being late costs."""
    return settings.late_penalty is not None or settings.late_days is not None


class LateRules(LateSubmissionPlugin):
    """The rules of ``c.Coursework``; without ``late_penalty`` and ``late_days`` nbgrader's own methods."""

    def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> float | None:
        settings = open_course(Path.cwd()).settings()  # nbgrader's converters work in the course's folder
        if not has_rules(settings):
            return super().late_submission_penalty(student_id, score, total_seconds_late)
        place = self.parent
        notebook = place.gradebook.find_notebook(place.notebook_id, place.assignment_id)
        whole = notebook.assignment.max_score
        share = notebook.max_score / whole if whole else 1 / len(notebook.assignment.notebooks)
        return penalty(settings, score, notebook.max_score, share, total_seconds_late)


class EnterDeadline(NbGraderPreprocessor):
    """Puts the configured deadline of a submission into the gradebook.

    Assignments that ``c.Coursework.deadlines`` does not name keep the due date and the extensions that were entered
    through nbgrader.
    """

    settings: Settings | None = None
    """Read once in the life of a step."""

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        place = resources["nbgrader"]
        if self.settings is None:
            self.settings = open_course(Path.cwd()).settings()
        with Gradebook(place["db_url"]) as book:
            submission = book.find_submission(place["assignment"], place["student"])
            if _enter(self.settings, book.find_assignment(place["assignment"]), submission, place["student"]):
                book.db.commit()
        return nb, resources


def _enter(settings: Settings, assignment: Assignment, submission: SubmittedAssignment, student: str) -> bool:
    """Enter deadline and extension where they differ; returns whether something did."""
    if assignment.name not in settings.deadlines:
        return False
    due, extension = _terms(settings, assignment.name, student)
    if (assignment.duedate, submission.extension) == (due, extension):
        return False
    assignment.duedate, submission.extension = due, extension
    return True


def _terms(settings: Settings, assignment: str, student: str) -> tuple:
    """The due date (UTC, without a zone) and the extension as nbgrader keeps them; (None, None) without a deadline."""
    deadline = settings.deadlines[assignment]
    if deadline is None:
        return None, None
    own = settings.extensions.get((student, assignment))
    return utc(deadline), None if own is None else utc(own) - utc(deadline)


def enter_deadlines(course: Course, book: Gradebook) -> None:
    """Enter the configured deadlines of all assignments that the gradebook knows."""
    settings = course.settings()
    for assignment in book.assignments:
        if assignment.name in settings.deadlines:
            assignment.duedate = _terms(settings, assignment.name, "")[0]
    book.db.commit()


def settle(course: Course, assignments: list[str]) -> list[str]:
    """Enter deadlines and extensions, and work the penalties out anew; returns what went wrong, a line each."""
    from autograder.gradebook import gradebook_url, has_gradebook
    from autograder.marks import Recorder

    if not has_gradebook(gradebook_url(course)):
        return []
    settings = course.settings()
    found = [
        (assignment, student) for assignment in assignments for student in _unsettled(course, settings, assignment)
    ]
    if not found:
        return []
    with Recorder(course) as recorder:
        return [failure for assignment, student in found for failure in recorder.settle(assignment, student)]


def _unsettled(course: Course, settings: Settings, assignment: str) -> list[str]:
    """The students whose deadline is not the configured one, or whose penalty may be another one now."""
    from autograder.gradebook import opened_gradebook

    entries = (
        select(
            SubmittedAssignment.student_id,
            SubmittedAssignment.timestamp,
            SubmittedAssignment.extension,
            SubmittedAssignment.late_submission_penalty,
            Assignment.duedate,
        )
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .where(Assignment.name == assignment)
        .order_by(SubmittedAssignment.student_id)
    )
    found = []
    with opened_gradebook(course) as book:
        for student, timestamp, extension, lost, due in book.db.execute(entries):
            terms = (due, extension)
            wanted = _terms(settings, assignment, student) if assignment in settings.deadlines else terms
            late = (
                wanted[0] is not None and timestamp is not None and timestamp > wanted[0] + (wanted[1] or timedelta())
            )
            if terms != wanted or late or lost:
                found.append(student)
    return found
