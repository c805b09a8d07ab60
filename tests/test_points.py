"""Points that are written in several places of a notebook: what does not agree is found."""

import pytest
from nbformat.notebooknode import NotebookNode
from small_course import ASSIGNMENT, REPOSITORY, cell_of, edit_master, make_course, master_notebook

from autograder.check import check
from autograder.course import open_course
from autograder.examine import examinations
from autograder.notebooks import exercises, read_notebook
from autograder.points import disagreements

TABLE = """\
| Exercise | Id | Points |
| --- | --- | --- |
| 1. Doubling | `double` | 4 |
| 2. Halving | `halve` | 2 |
| 3. Sums | `essay` | 6 (by a person) |
| **Total** | | **12** |"""
RUBRIC = """\
| Part | all | none |
| --- | --- | --- |
| A claim (1.5) | there | not |
| Reasons (4.5) | two | none |
### BEGIN MARK SCHEME
Full points only when overflow is named.
### END MARK SCHEME"""
WEIGHTS = {"double": [0.5, 0.5], "halve": [1.0]}


def in_order() -> NotebookNode:
    """A master in which points stand everywhere, and are the same."""
    master = master_notebook()
    master.cells[0].source += f"\n\n{TABLE}"
    for cell, heading in (
        (3, "## Exercise 1: Doubling (4 points)"),
        (6, "## Exercise 2: Halving (2 points)"),
        (9, "## Exercise 3: Sums (6 points)\n\nWhy are they not exact?"),
    ):
        master.cells[cell].source = heading
    cell_of(master, "essay_rubric").source = RUBRIC
    return master


def found(master: NotebookNode) -> list[tuple[str, str]]:
    return list(disagreements(master, exercises(master), WEIGHTS))


def header(old: str, new: str) -> NotebookNode:
    master = in_order()
    assert old in master.cells[0].source
    master.cells[0].source = master.cells[0].source.replace(old, new)
    return master


def test_points_that_agree_are_no_problem():
    assert found(in_order()) == []


def test_points_that_are_not_written_are_not_asked_for():
    assert found(master_notebook()) == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("`double` | 4", "`double` | 5", "double has 5 points there, and 4 in its cell"),
        ("`essay` | 6", "`essay` | 6.5", "essay has 6.5 points there, and 6 in its cell"),
        ("**12**", "**13**", "the total is 13 there; the exercises have 12"),
        ("| **Total** | | **12** |", "", "there is no row 'Total'"),
        ("| 2. Halving | `halve` | 2 |\n", "", "halve is missing"),
        ("`halve`", "`half`", "there is no exercise 'half'"),
    ],
    ids=["points", "written", "total", "no-total", "missing", "unknown"],
)
def test_the_headers_table_says_what_the_cells_are_worth(old, new, problem):
    assert ("table of points", problem) in found(header(old, new))


def test_the_total_follows_the_cells():
    master = in_order()
    cell_of(master, "halve_test").metadata.nbgrader.points = 3
    assert found(master) == [
        ("table of points", "halve has 2 points there, and 3 in its cell"),
        ("table of points", "the total is 12 there; the exercises have 13"),
        ("halve", "its heading says '## Exercise 2: Halving (2 points)', its cell 3 points"),
    ]


def bonus(table: str, heading: str) -> NotebookNode:
    master = header("`halve` | 2 |", table)
    master.cells[0].source = master.cells[0].source.replace("**12**", "**10**")
    master.cells[6].source = heading
    cell_of(master, "halve_test").metadata.nbgrader.points = 0
    cell_of(master, "halve_test").metadata.coursework = {"bonus": 2}
    return master


def test_a_bonus_is_called_one_and_is_not_in_the_total():
    heading = "## Exercise 2: Halving (bonus, 2 points)"
    assert found(bonus("`halve` | 2 (on top of the total) |", heading)) == []
    assert found(bonus("`halve` | 2 |", heading)) == [
        ("table of points", "halve is a bonus: write '2 (on top of the total)'")
    ]
    ((place, what),) = found(bonus("`halve` | 2 (on top of the total) |", "## Exercise 2: Halving (2 points)"))
    assert place == "halve" and what.endswith("its cell as a bonus 2 points")


def test_a_heading_that_states_other_points_is_found():
    master = in_order()
    master.cells[9].source = "## Exercise 3: Sums (1 point)\n\n### Hints"
    assert found(master) == [("essay", "its heading says '## Exercise 3: Sums (1 point)', its cell 6 points")]


def test_weights_in_a_hidden_region_are_the_examinations():
    master = in_order()
    cell = cell_of(master, "double_test")
    cell.source = cell.source.replace("sizes 0.5, sign 0.5", "sizes 0.75, sign 0.5")
    assert found(master) == [
        ("double_test", "its hidden region states the weights 0.5, 0.75; the examination has 0.5, 0.5")
    ]


def test_the_rows_of_a_rubric_add_up():
    master = in_order()
    cell_of(master, "essay_rubric").source = RUBRIC.replace("(4.5)", "(4)")
    assert found(master) == [("essay_rubric", "its rows add up to 5.5 points, not to 6")]


def test_check_tells_them_with_their_place(tmp_path):
    course = make_course(tmp_path)
    edit_master(course, lambda master: master.cells.__setitem__(slice(None), header("**12**", "**13**").cells))
    told = [str(problem) for problem in check(course, {"arithmetic/double", "arithmetic/halve"})]
    where = f"source/{ASSIGNMENT}/{ASSIGNMENT}.ipynb, table of points"
    assert f"{where}: the total is 13 there; the exercises have 12" in told


@pytest.mark.parametrize("assignment", sorted(open_course(REPOSITORY).assignments()))
def test_our_own_notebooks_state_all_of_them(assignment):
    """Nothing disagrees, and every place is there to be compared: a table with a total, headings, weights, rubrics."""
    for path in open_course(REPOSITORY).source_notebooks(assignment):
        master = read_notebook(path.read_bytes())
        known = exercises(master)
        weights = {name: [part.weight for part in e.parts] for name, e in examinations(assignment).items()}
        assert list(disagreements(master, known, weights)) == []
        more = {name: [*parts, 0.01] for name, parts in weights.items()}
        for exercise in known:
            nbgrader = (exercise.test or exercise.solution).metadata.nbgrader
            nbgrader.points += 1 if nbgrader.points else 0
        places = [place for place, _ in disagreements(master, exercises(master), more)]
        examined = [e.id for e in known if e.test is not None]
        assert places.count("table of points") == 1 + sum(not e.bonus for e in known)
        assert {f"{name}_test" for name in examined} <= set(places)
        assert {e.id for e in known if not e.bonus} <= set(places)
