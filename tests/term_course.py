"""A course as an instructor has it in a term, for tests in a browser: one assignment to mark, one to edit.

`speech_commands` is examined by the package and has a written answer; `arithmetic` is small_course's.
"""

import shutil
from pathlib import Path

import small_course
import tiny_course
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_markdown_cell
from small_course import REPOSITORY, cell_of, nbgrader

from autograder.course import Course, open_course
from autograder.notebooks import normalise, to_bytes
from autograder.release import release

EXAMINED, EDITED = tiny_course.ASSIGNMENT, small_course.ASSIGNMENT
POINTS_BY_HAND = 6


def examined_master() -> NotebookNode:
    """tiny_course's notebook with a written answer, its rubric and its mark scheme."""
    notebook = tiny_course.master_notebook()
    essay = nbgrader("essay", grade=True, solution=True, points=POINTS_BY_HAND)
    rubric = nbgrader("essay_rubric", task=True, locked=True, points=0)
    notebook.cells += [
        new_markdown_cell("## Why does an LSTM remember longer?", id="prose-essay"),
        new_markdown_cell("The reference's own words.", id="id-essay", metadata=essay),
        new_markdown_cell(small_course.RUBRIC, id="id-essay_rubric", metadata=rubric),
    ]
    return normalise(notebook)


def make_course(root: Path) -> Course:
    """The course with both assignments released."""
    for assignment, master in ((EXAMINED, examined_master()), (EDITED, small_course.master_notebook())):
        folder = root / "source" / assignment
        folder.mkdir(parents=True)
        (folder / f"{assignment}.ipynb").write_bytes(to_bytes(master))
    shutil.copy(REPOSITORY / "nbgrader_config.py", root)
    course = open_course(root)
    for assignment in (EXAMINED, EDITED):
        release(course, assignment)
    return course


def hand_in(course: Course, student: str, source: str, essay: str) -> Path:
    """Put a notebook with these two answers into submitted/."""
    from autograder.notebooks import read_notebook

    path = tiny_course.hand_in(course, student, source)
    notebook = read_notebook(path.read_bytes())
    cell_of(notebook, "essay").source = f"<!-- exercise: essay -->\n{essay}"
    path.write_bytes(to_bytes(notebook))
    return path
