"""A small course for tests: one assignment with code and written exercises, made with nbformat."""

import copy
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.channel import Candidate
from autograder.course import Course, open_course
from autograder.examine import Context, Lost
from autograder.notebooks import grade_id, normalise, to_bytes

REPOSITORY = Path(__file__).resolve().parent.parent
ASSIGNMENT = "arithmetic"

DOUBLE = """\
def double(x):
    ### BEGIN SOLUTION
    doubled = x + x
    return doubled
    ### END SOLUTION"""
DOUBLE_TEST = """\
assert double(2) == 4, "double(2): expected 4"
### BEGIN HIDDEN TESTS
# sizes 0.5, sign 0.5
from autograder.examine import examine
examine("arithmetic/double", globals())
### END HIDDEN TESTS"""
HALVE = """\
def halve(x):
    quotient = x / 2
    return quotient"""
HALVE_TEST = """\
assert halve(4) == 2, "halve(4): expected 2"
### BEGIN HIDDEN TESTS
from autograder.examine import examine
examine("arithmetic/halve", globals())
### END HIDDEN TESTS"""
HEADER = """\
# Arithmetic

Two functions and a text.

| Reading | Writing code | Writing text |
| --- | --- | --- |
| 2 min | 5 min | 10 min |"""
RUBRIC = """\
Three points: a claim, a reason, an example.
### BEGIN MARK SCHEME
Full points only when overflow is named.
### END MARK SCHEME"""


def nbgrader(name: str, **flags: Any) -> dict[str, Any]:
    metadata = {"schema_version": 3, "grade_id": name, "grade": False, "solution": False, "locked": False}
    return {"nbgrader": {**metadata, **flags}}


def answer(name: str, source: str) -> NotebookNode:
    return new_code_cell(source, id=f"id-{name}", metadata=nbgrader(name, solution=True))


def test_cell(name: str, source: str, points: float) -> NotebookNode:
    metadata = nbgrader(name, grade=True, locked=True, points=points)
    return new_code_cell(source, id=f"id-{name}", metadata=metadata)


test_cell.__test__ = False  # type: ignore[attr-defined]  # pytest: a maker of cells, not a test


def master_notebook() -> NotebookNode:
    identity = 'STUDENT_ID = ""\nTEAM = []\n### BEGIN SOLUTION\nSTUDENT_ID = "reference"\n### END SOLUTION'
    essay = nbgrader("essay", grade=True, solution=True, points=6)
    rubric = nbgrader("essay_rubric", task=True, locked=True, points=0)
    notebook = new_notebook(
        cells=[
            new_markdown_cell(HEADER, id="title"),
            answer("identity", identity),
            new_code_cell("import math", id="id-given", metadata=nbgrader("given_imports", locked=True)),
            new_markdown_cell("## Doubling", id="prose-double"),
            answer("double", DOUBLE),
            test_cell("double_test", DOUBLE_TEST, 4),
            new_markdown_cell("## Halving", id="prose-halve"),
            answer("halve", HALVE),
            test_cell("halve_test", HALVE_TEST, 2),
            new_markdown_cell("## Why are sums of floats not exact?", id="prose-essay"),
            new_markdown_cell("Because of *rounding to the nearest*.", id="id-essay", metadata=essay),
            new_markdown_cell(RUBRIC, id="id-essay_rubric", metadata=rubric),
        ]
    )
    return normalise(notebook)


def make_course(root: Path) -> Course:
    """A course with the repository's own configuration and one assignment that was never released."""
    folder = root / "source" / ASSIGNMENT
    folder.mkdir(parents=True)
    (folder / f"{ASSIGNMENT}.ipynb").write_bytes(to_bytes(master_notebook()))
    shutil.copy(REPOSITORY / "nbgrader_config.py", root)
    return open_course(root)


def edit_master(course: Course, change: Any) -> None:
    """Apply `change(notebook)` to the master of the small course."""
    path = course.source / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    notebook = master_notebook()
    change(notebook)
    path.write_bytes(to_bytes(notebook))


def cell_of(notebook: NotebookNode, name: str) -> NotebookNode:
    """The first cell with this grade id."""
    return next(cell for cell in notebook.cells if grade_id(cell) == name)


def answered(released: NotebookNode) -> NotebookNode:
    """The released notebook with right answers, as an honest student would save it."""
    notebook = copy.deepcopy(released)
    answers = {
        "identity": '# exercise: identity\nSTUDENT_ID = "s1"\nTEAM = []',
        "double": "# exercise: double\ndef double(x):\n    return 2 * x",
        "halve": "# exercise: halve\ndef halve(x):\n    return x * 0.5",
        "essay": "<!-- exercise: essay -->\nSince the mantissa is finite.",
    }
    for name, source in answers.items():
        cell_of(notebook, name).source = source
    return notebook


def expect(function: str, x: float, result: float) -> Callable[[Candidate, np.random.Generator, Context], None]:
    """The question of a part: this function of the candidate's gives that for x."""

    def question(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
        got = candidate.call(function, x, arrays="numpy")
        if got != result:
            raise Lost(f"{function}({x:g}): expected {result:g}, got {got}")

    return question
