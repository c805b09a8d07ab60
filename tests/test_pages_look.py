"""Feedback and report in a real browser, on a phone, a wide screen and paper: everything can be reached and read."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pdfplumber
import pytest
from browser import chromium, needs_browser, new_page
from graded_course import clean_notebook, examined, mark, record_submission, released_course, with_outputs
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from small_course import ASSIGNMENT, cell_of

from autograder.course import Course
from autograder.feedback import feedback
from autograder.records import PartResult, SubmissionVerdict
from autograder.report import report

pytestmark = needs_browser

SMALL, PHONE, WIDE = 320, 390, 1280
COLUMNS = [f"column{number}" for number in range(16)]
LONG = "a_name_without_any_place_to_break_" * 8
WORDS = " ".join(f"word{number}" for number in range(200))
SUM = " + ".join(f"a_{{{number}}}" for number in range(20))
FORMULAS = f"In a line ${SUM}$ and in one of its own $${SUM} = end$$ and too wide: $${SUM} + {SUM}$$"
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
HOSTILE = (
    "<script>document.title = 'taken over'</script><img src='http://127.0.0.1:1/beacon.png' onerror='document.title=1'>"
    "![beacon](http://127.0.0.1:1/other.png) <style>main { display: none }</style>"
)


def row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def untidy(course: Course) -> None:
    """A hand-in with everything that is too wide or too long, or wants to do something; graded and marked."""
    notebook = clean_notebook(course)
    table = row(COLUMNS) + row(["---"] * 16) + row([f"value{number}" for number in range(16)])
    cell_of(notebook, "essay").source = f"{HOSTILE}\n\n{table}\n`{LONG}`\n\n{FORMULAS}\n\nend_of_essay"
    html = "<table><tr>" + "".join(f"<td>cell{number}</td>" for number in range(24)) + "</tr></table>"
    extra = new_code_cell(f"# {WORDS} end_of_comment\n{LONG} = 1", id="mine")
    extra.outputs = [
        new_output("display_data", {"text/html": html}),
        new_output("display_data", {"text/html": "<audio src='data:audio/wav;base64,AA=='>old browser</audio>"}),
        new_output("stream", name="stdout", text=f"{LONG}\n"),
        new_output("display_data", {"image/png": PIXEL, "text/plain": "<Figure>"}),
    ]
    titles = "| Exercise | Id | Points |\n| --- | --- | --- |\n| 1. Doubling & more | `double` | 4 |"
    notebook.cells[0].source += f"\n\n{titles}"
    notebook.cells += [extra, new_markdown_cell(HOSTILE, id="mine-too")]
    parts = [
        PartResult("sizes", 0.5, 1.0),
        PartResult("sign", 0.25, 0.0, f"double(-2): expected -4, got 4. {LONG}"),
        PartResult("copies", 0.25, 1.0),
    ]
    exercises = [examined("double", 4.0, parts), examined("halve", 2.0, [PartResult("sizes", 1.0, 1.0)])]
    verdict = SubmissionVerdict("ada", ASSIGNMENT, exercises, digest="d")
    record_submission(course, with_outputs(notebook, {}), verdict, late=0.05)
    mark(course, "ada", "essay", points=2.25, comment=f"well argued\n\n{table}\nend_of_remark")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    course = released_course(tmp_path_factory.mktemp("look"))
    untidy(course)
    (page,) = feedback(course, ASSIGNMENT)
    return {"feedback": page, "report": report(course)}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


def opened(browser: Any, path: Path, width: int) -> Any:
    page = new_page(browser, width=width)
    page.asked = []
    page.on("request", lambda request: page.asked.append(request.url))
    page.goto(path.as_uri())
    return page


SIDEWAYS = """() => {
  const reachable = (element) => {
    for (let above = element; above; above = above.parentElement)
      if (["auto", "scroll"].includes(getComputedStyle(above).overflowX)) return true;
    return false;
  };
  return [...document.querySelectorAll("main *")]
    .filter((element) => element.getBoundingClientRect().right > innerWidth + 1 && !reachable(element))
    .map((element) => `${element.tagName}: ${element.textContent.slice(0, 40)}`);
}"""
"""The elements that reach over the right edge of the window and can be scrolled to by nothing of their own."""


@pytest.mark.parametrize("width", [SMALL, PHONE, WIDE])
@pytest.mark.parametrize("name", ["feedback", "report"])
def test_nothing_reaches_over_the_edge_of_a_screen(browser, pages, name, width):
    page = opened(browser, pages[name], width)
    for summary in page.query_selector_all("summary"):
        summary.click()
    assert page.evaluate(SIDEWAYS) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_nothing_that_a_student_wrote_runs_or_is_loaded(browser, pages):
    for name, title in (("feedback", f"{ASSIGNMENT}: feedback for ada"), ("report", "Coursework report")):
        page = opened(browser, pages[name], WIDE)
        assert page.title() == title
        assert page.is_visible("main")
        assert [url for url in page.asked if not url.startswith(("file:", "data:"))] == []


def paper(browser: Any, path: Path, target: Path) -> str:
    """What can be read on A4 paper, without white space; only what lies on the page counts."""
    page = opened(browser, path, WIDE)
    margins = dict.fromkeys(("top", "bottom", "left", "right"), "15mm")
    page.pdf(path=target, format="A4", margin=margins)
    text = ""
    with pdfplumber.open(target) as pdf:
        for sheet in pdf.pages:
            shown = [char for char in sheet.chars if char["x1"] <= sheet.width - 30 and char["x0"] >= 30]
            text += "".join(char["text"] for char in shown)
    return "".join(text.split())


def test_nothing_of_the_feedback_is_cut_off_on_paper(browser, pages, tmp_path):
    text = paper(browser, pages["feedback"], tmp_path / "feedback.pdf")
    for wanted in ("end_of_essay", "end_of_comment", "end_of_remark", LONG):
        assert wanted in text, wanted
    for number in range(16):
        assert text.count(f"column{number}") >= 2, number
    for number in range(24):
        assert f"cell{number}" in text, number
    assert text.count("a_{19}") == 2, "a formula wider than the sheet is to stay as it was typed"
    assert text.count("Latepenalty") == 1, "the foot of the table must not be on every page"
    assert "openattheirtitles" not in text


def test_the_report_begins_on_its_first_sheet_of_paper(browser, pages, tmp_path):
    paper(browser, pages["report"], tmp_path / "report.pdf")
    with pdfplumber.open(tmp_path / "report.pdf") as pdf:
        first = pdf.pages[0].extract_text()
    assert "Coursework report" in first and "Handed in" in first


def test_marks_stand_for_each_exercise_and_part_with_its_title(browser, pages):
    page = opened(browser, pages["feedback"], PHONE)
    doubled, halved, _ = page.query_selector_all("table.marks > tbody")
    assert doubled.query_selector("th").inner_text().split("\n") == ["1. Doubling & more", "double"]
    assert "3 of 4" in doubled.inner_text()
    lost, right = [part.inner_text() for part in doubled.query_selector_all("ul.parts li")]
    assert lost.startswith("0 of 1") and "double(-2): expected -4, got 4." in lost
    assert right == "Right: sizes (2), copies (1)"
    assert halved.query_selector("ul.parts li").inner_text() == "Right: sizes (2)"
    assert halved.query_selector("th").inner_text() == "halve"
    assert "[sound not shown]" in page.inner_text("main")
    assert page.query_selector("img[src^='data:image/png']") is not None
