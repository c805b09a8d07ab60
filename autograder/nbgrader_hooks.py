"""What nbgrader_config.py puts into nbgrader's own ``autograde``, so that it and formgrader take our way too.

``Sanitize`` rebuilds a submission from the master; ``ExamineInSandbox`` takes the place of ``Execute``: the
notebook runs in the sandbox, the examiner judges from outside, and nbgrader's ``SaveAutoGrades`` reads the
marks from the cells as always.
"""

from pathlib import Path

from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.converters.base import NbGraderException
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool

from autograder.course import Course, open_course
from autograder.grade import graded_notebooks, make_job
from autograder.marks import HoldToVerdict, record
from autograder.notebooks import read_notebook
from autograder.records import UNGRADED
from autograder.release import read_master
from autograder.sanitize import sanitize


def _course() -> Course:
    """nbgrader's converters change into the course's folder before they convert."""
    return open_course(Path.cwd())


class Sanitize(NbGraderPreprocessor):
    """Rebuild the submitted notebook from the master, with the student's answers."""

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        place = resources["nbgrader"]
        course = _course()
        master = read_master(course.source / place["assignment"] / f"{place['notebook']}.ipynb")
        released = course.release / place["assignment"] / f"{place['notebook']}.ipynb"
        release = read_notebook(released.read_bytes()) if released.is_file() else None
        clean = sanitize(master, nb, release)
        for message in clean.tamper:
            self.log.warning("%s: %s", place["student"], message)
        return clean.notebook, resources


class ExamineInSandbox(NbGraderPreprocessor):
    """Run the notebook in the sandbox and put outputs and verdicts into its cells."""

    sandboxed = Bool(True, help="Whether students' code runs in bubblewrap. Switch off for code you trust.").tag(
        config=True
    )

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        place = resources["nbgrader"]
        course = _course()
        job = make_job(course, place["assignment"], place["student"], course.limits(), self.sandboxed)
        verdict, notebooks = graded_notebooks(course, job)
        ungraded = [e for e in verdict.exercises if e.status == UNGRADED]
        if ungraded:
            # nbgrader leaves the marks of a submission that failed as they were: no old one may stand for a new one.
            failures = "".join(f"; {failure}" for failure in record(course, job, verdict))
            raise NbGraderException(
                f"{ungraded[0].exercise} stayed ungraded: {'; '.join(ungraded[0].messages)}{failures}"
            )
        executed = read_notebook(notebooks[place["notebook"]])
        outputs = {cell.id: cell.outputs for cell in executed.cells if cell.cell_type == "code"}
        for cell in nb.cells:
            if cell.cell_type == "code":
                cell.outputs = outputs[cell.id]
        hold = HoldToVerdict(parent=self)
        hold.verdict = verdict
        return hold.preprocess(nb, resources)
