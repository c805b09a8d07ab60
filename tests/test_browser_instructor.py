"""An instructor at work in a real browser: formgrader, its buttons, and a master notebook edited in JupyterLab."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import Lab, jupyterlab, needs_browser, run
from graded_course import gradebook
from small_course import cell_of
from term_course import EDITED, EXAMINED, hand_in, make_course
from tiny_course import RIGHT, WRONG

from autograder.course import Course
from autograder.notebooks import read_notebook

pytest.importorskip("playwright", reason="needs playwright: make install")
pytestmark = [needs_browser, pytest.mark.xdist_group("browser: instructor"), pytest.mark.slow]

CANARY = "document.documentElement.dataset.ran = 1"
HOSTILE = f"""\
Since the gradient **passes** the cell.

<script>{CANARY}</script><img src="x" onerror="{CANARY}"><details open ontoggle="{CANARY}">visible</details>
<iframe srcdoc="<script>parent.{CANARY}; top.{CANARY}</script>"></iframe>
![picture](http://beacon.example/pixel.png)"""
COMMENT = "A claim and a reason; the example is missing."
DOUBLE = '''\
def double(x):
    """Twice x."""
    ### BEGIN SOLUTION
    product = x * 2
    return product
    ### END SOLUTION'''


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Course:
    """Two hand-ins: ada's is graded, bob's is not."""
    made = make_course(tmp_path_factory.mktemp("term") / "course")
    hand_in(made, "ada", WRONG, HOSTILE)
    hand_in(made, "bob", RIGHT, "No idea.")
    run(made.root, home, "autograder", "grade", EXAMINED, "--student", "ada")
    return made


@pytest.fixture(scope="module")
def lab(course: Course, home: Path) -> Iterator[Lab]:
    with jupyterlab(course.root, home) as started:
        yield started


def row_of(page: Any, name: str) -> Any:
    """The row of formgrader's table in which this is a cell of its own."""
    cell = page.locator("td", has_text=re.compile(f"^{re.escape(name)}$"))
    return page.locator("#main-table tr").filter(has=cell)


def press(page: Any, row: Any, column: str) -> None:
    """Click a button of formgrader's table, wait until it says that it worked, and close that."""
    row.locator(f".{column} a").click()
    said = page.get_by_role("dialog").filter(has_text="Success")
    said.wait_for()
    said.get_by_role("button", name="Close").last.click()
    said.wait_for(state="hidden")


def saved(page: Any, kind: str) -> Any:
    """A context in which formgrader saves a `grade` or a `comment`."""
    return page.expect_response(lambda answer: f"/api/{kind}/" in answer.url and answer.request.method == "PUT")


def findings(course: Course) -> list[str]:
    """What `coursework check` finds."""
    command = [sys.executable, "-m", "autograder", "check"]
    return subprocess.run(command, cwd=course.root, capture_output=True, text=True).stdout.splitlines()


def test_a_written_answer_is_marked_with_its_rubric_in_view(page: Any, lab: Lab, course: Course, home: Path) -> None:
    from playwright.sync_api import expect

    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(lab.url("lab?reset"))
    page.get_by_role("menuitem", name="Nbgrader").click()
    page.get_by_role("menuitem", name="Formgrader", exact=True).click()
    frame = page.frame_locator("iframe")
    frame.get_by_role("link", name="Manual Grading").click()
    for column in ("Assignment ID", "Notebook ID"):
        frame.get_by_text(column).wait_for()
        frame.locator("#main-table").get_by_role("link", name=EXAMINED).click()
    frame.get_by_role("link", name="Submission #1").click()

    points, scheme = frame.locator("#essay"), frame.get_by_text("Full points only when overflow is named.")
    points.scroll_into_view_if_needed()
    for part in (points, frame.get_by_text("Three points: a claim, a reason, an example."), scheme):
        expect(part).to_be_in_viewport()
    expect(frame.get_by_text("Mark scheme, which students never see:")).to_be_visible()
    expect(frame.get_by_text(re.compile("Examiner: 1 of 4 points"))).to_be_visible()
    expect(frame.locator("strong", has_text="passes")).to_be_visible()
    points.fill("4.5")
    with saved(page, "grade"):
        points.press("Tab")
    comment = frame.locator("#essay-comment")
    comment.fill(COMMENT)
    with saved(page, "comment"):
        comment.blur()
    assert [opened.evaluate("document.documentElement.dataset.ran") for opened in page.frames] == [None, None]
    assert not [address for address in asked if "beacon" in address]

    frame.get_by_role("navigation").get_by_role("link", name=EXAMINED).last.click()
    row = frame.locator("#main-table tr").filter(has_text="Submission #1")
    expect(row.locator(".score")).to_have_text("5.5 / 10")
    expect(row.locator(".needs-manual-grade")).to_have_attribute("data-search", "")
    with gradebook(course) as book:
        assert book.find_grade("essay", EXAMINED, EXAMINED, "ada").manual_score == 4.5
        assert book.find_comment("essay", EXAMINED, EXAMINED, "ada").manual_comment == COMMENT
        assert book.find_submission(EXAMINED, "ada").score == 5.5

    run(course.root, home, "autograder", "feedback", EXAMINED)
    page.goto((course.feedback / "ada" / EXAMINED / f"{EXAMINED}.html").as_uri())
    expect(page.get_by_text(COMMENT)).to_be_visible()
    expect(page.get_by_text(re.compile(r"\b5\.5 of 10\b")).first).to_be_visible()
    assert page.evaluate("document.documentElement.dataset.ran") is None
    assert not [address for address in asked if "beacon" in address]


def test_formgraders_buttons_take_our_way(page: Any, lab: Lab, course: Course) -> None:
    from playwright.sync_api import expect

    page.goto(lab.url("formgrader/manage_assignments"))
    row_of(page, EXAMINED).locator(".num-submissions a").click()
    row = row_of(page, "bob")
    press(page, row, "autograde")
    expect(row.locator(".score")).to_have_text("4 / 10")
    verdict = json.loads((course.work / "verdicts" / EXAMINED / "bob.json").read_text())
    [exercise] = [found for found in verdict["exercises"] if found["exercise"] == "lstm_cell"]
    assert exercise["status"] == "passed"
    assert {part["name"] for part in exercise["parts"]} >= {"recurrence", "gates"}
    shown = read_notebook((course.autograded / "bob" / EXAMINED / f"{EXAMINED}.ipynb").read_bytes())
    assert "Examiner: 4 of 4 points" in cell_of(shown, "lstm_cell_test").outputs[0].text

    press(page, row, "generate-feedback")
    path = course.feedback / "bob" / EXAMINED / f"{EXAMINED}.html"
    feedback = path.read_text(encoding="utf-8")
    assert "No idea." in feedback
    assert "examine(" not in feedback
    assert "overflow is named" not in feedback
    page.goto(path.as_uri())
    expect(page.get_by_role("row").filter(has_text="lstm_cell").first).to_contain_text("4 of 4")


def test_an_edited_solution_is_released_again(page: Any, lab: Lab, course: Course, home: Path) -> None:
    from playwright.sync_api import expect

    before = findings(course)
    place = f"{EDITED}/{EDITED}.ipynb"
    page.goto(lab.url(f"lab/tree/source/{place}?reset"))
    cell = page.locator(".jp-Notebook .jp-Cell").filter(has_text="def double(x)")
    cell.wait_for()
    page.get_by_text("| Idle").wait_for()  # the notebook is complete, with its kernel
    page.get_by_role("menuitem", name="Nbgrader").click()
    page.get_by_role("menuitem", name="Create assignment").click()
    panel = page.locator(".nbgrader-CreateAssignmentWidget")
    expect(panel.locator(".nbgrader-TotalPointsInput")).to_have_value("12")
    fields = panel.locator(".nbgrader-CellWidget").evaluate_all(
        "cells => cells.map(cell => [cell.querySelector('select').selectedOptions[0].text,"
        " ...[...cell.querySelectorAll('input')].map(field => field.value)])"
    )
    assert [field for field in fields if field[0] != "-"] == [
        ["Autograded answer", "identity", "0"],
        ["Read-only", "given_imports", "0"],
        ["Autograded answer", "double", "0"],
        ["Autograded tests", "double_test", "4"],
        ["Autograded answer", "halve", "0"],
        ["Autograded tests", "halve_test", "2"],
        ["Manually graded answer", "essay", "6"],
        ["Manually graded task", "essay_rubric", "0"],
    ]

    cell.get_by_role("textbox").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(DOUBLE)
    with page.expect_response(
        lambda answer: f"/api/contents/source/{place}" in answer.url and answer.request.method == "PUT"
    ):
        page.keyboard.press("Control+S")
    now = read_notebook((course.source / EDITED / f"{EDITED}.ipynb").read_bytes())
    assert cell_of(now, "double").source == DOUBLE
    out_of_step = f"release/{EDITED}: {EDITED}.ipynb differs from what the source gives"
    assert set(findings(course)) - set(before) == {
        f"source/{place}: it is not in normal form: run coursework tidy",
        out_of_step,
    }
    assert "brought into normal form" in run(course.root, home, "autograder", "tidy", EDITED)
    assert set(findings(course)) - set(before) == {out_of_step}

    page.goto(lab.url("formgrader/manage_assignments"))
    press(page, row_of(page, EDITED), "assign")
    released = read_notebook((course.release / EDITED / f"{EDITED}.ipynb").read_bytes())
    source = cell_of(released, "double").source
    assert '"""Twice x."""' in source
    assert "Exercise double: not answered yet" in source
    assert "product" not in source
    assert findings(course) == before
