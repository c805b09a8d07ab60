"""A student in JupyterLab, in a real browser: the validate button, and the list of assignments with an exchange."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from browser import Lab, jupyterlab, needs_browser, run
from nbgrader.utils import get_username
from small_course import cell_of
from term_course import EDITED, EXAMINED, make_course
from tiny_course import RIGHT

from autograder.course import Course
from autograder.notebooks import read_notebook, to_bytes

pytest.importorskip("playwright", reason="needs playwright: make install")
pytestmark = [needs_browser, pytest.mark.xdist_group("browser: student"), pytest.mark.slow]

COURSE_ID = "rnn-coursework"


@dataclass(frozen=True)
class Term:
    """A course, a student's folder with a release in it, and an exchange between the two."""

    course: Course
    folder: Path
    home: Path


@pytest.fixture(scope="module")
def term(tmp_path_factory: pytest.TempPathFactory) -> Term:
    root = tmp_path_factory.mktemp("term")
    made = Term(make_course(root / "course"), root / "student", root / "home")
    shutil.copytree(made.course.release / EDITED, made.folder / EDITED)
    exchange = root / "exchange"
    exchange.mkdir()
    exchange.chmod(0o777)
    (made.home / "config").mkdir(parents=True)
    # What a JupyterHub's administrator writes for all of its users.
    (made.home / "config" / "nbgrader_config.py").write_text(
        f'c = get_config()\nc.Exchange.root = "{exchange}"\nc.CourseDirectory.course_id = "{COURSE_ID}"\n'
    )
    return made


@pytest.fixture(scope="module")
def lab(term: Term) -> Iterator[Lab]:
    with jupyterlab(term.folder, term.home) as started:
        yield started


def write(page: Any, shown: str, source: str) -> None:
    """Replace the whole cell that shows this text, as a student types it."""
    cell = page.locator(".jp-Notebook .jp-Cell").filter(has_text=shown)
    cell.dblclick()  # a text must be opened before it can be edited
    cell.get_by_role("textbox").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(source)


def validated(page: Any) -> str:
    """What the validate button says."""
    page.get_by_role("button", name="Validate", exact=True).click()
    said = page.get_by_role("dialog").filter(has_text="Validation Results")
    said.wait_for()
    text = str(said.inner_text())
    said.get_by_role("button", name="OK").click()
    said.wait_for(state="hidden")
    return text


def test_validate_says_which_test_fails_and_when_all_pass(page: Any, lab: Lab) -> None:
    page.goto(lab.url(f"lab/tree/{EDITED}/{EDITED}.ipynb?reset"))
    page.get_by_text("| Idle").wait_for()
    empty = validated(page)
    assert empty.count("The following cell failed") == 3
    assert "NotImplementedError: Exercise double: not answered yet" in empty
    assert "NameError: name 'halve' is not defined" in empty
    assert "You did not provide a response." in empty

    write(page, "# exercise: double", "# exercise: double\ndef double(x):\n    return x + x")
    write(page, "# exercise: halve", "# exercise: halve\ndef halve(x):\n    return x")
    write(page, "YOUR ANSWER HERE", "<!-- exercise: essay -->\nSince the mantissa is finite.")
    wrong = validated(page)
    assert wrong.count("The following cell failed") == 1
    assert "AssertionError: halve(4): expected 2" in wrong
    assert "double" not in wrong

    write(page, "# exercise: halve", "# exercise: halve\ndef halve(x):\n    return x / 2")
    assert "Success! Your notebook passes all the tests." in validated(page)


def test_an_assignment_goes_through_the_exchange_and_is_graded(page: Any, lab: Lab, term: Term) -> None:
    from playwright.sync_api import expect

    run(term.course.root, term.home, "nbgrader", "release_assignment", EXAMINED)
    page.goto(lab.url("lab?reset"))
    page.get_by_role("menuitem", name="Nbgrader").click()
    page.get_by_role("menuitem", name="Assignment List").click()
    page.locator("#released_assignments_list").get_by_role("button", name="Fetch").click()
    fetched = page.locator("#fetched_assignments_list")
    fetched.get_by_role("button", name="Submit").wait_for()

    path = term.folder / EXAMINED / f"{EXAMINED}.ipynb"
    notebook = read_notebook(path.read_bytes())
    cell_of(notebook, "lstm_cell").source = f"# exercise: lstm_cell\n{RIGHT}"
    path.write_bytes(to_bytes(notebook))
    fetched.get_by_role("button", name="Submit").click()
    expect(page.locator("#submitted_assignments_list")).to_contain_text(EXAMINED)

    run(term.course.root, term.home, "nbgrader", "collect", EXAMINED)
    assert f"{get_username()}: 4 of 4 points" in run(term.course.root, term.home, "autograder", "grade", EXAMINED)
