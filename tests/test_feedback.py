"""Feedback tells students what they need, nothing of what is hidden, and runs nothing of what they wrote."""

import os
import re
import shutil
import subprocess
import sys

import pytest
from bs4 import BeautifulSoup
from graded_course import (
    clean_notebook,
    examined,
    mark,
    record_submission,
    released_course,
    verdict_outputs,
    with_outputs,
)
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from small_course import ASSIGNMENT, cell_of, edit_master

from autograder.course import Course, CourseError
from autograder.feedback import WITHHELD, Secrets, blocks_of, feedback, marker_words, safe_html, safe_markdown, withhold
from autograder.grade import verdict_file
from autograder.records import UNGRADED, ExerciseVerdict, PartResult, SubmissionVerdict
from autograder.release import release

SECRET = "planted-7f3a"
HIDDEN = f"""\
assert double(2) == 4, "double(2): expected 4"
### BEGIN HIDDEN TESTS
# examined with {SECRET} in a comment
value = "{SECRET} as an input"
assert double(value) == value + value, f"{{value}} gave {SECRET} as a message"
y(3)
### END HIDDEN TESTS"""
SCHEME = f"""\
Three points: a claim, a reason, an example.
### BEGIN MARK SCHEME
Full points only when {SECRET} is named.
### END MARK SCHEME"""
RED, END = "\x1b[31m", "\x1b[0m"
TRACEBACK = [
    f"{RED}---------------------------------------------------------------------------{END}",
    f"{RED}AssertionError{END}                            Traceback (most recent call last)",
    f"{RED}Cell In[5]{END}, line 5\n      3 # examined with {SECRET} in a comment\n"
    f'      4 value = {RED}"{SECRET} as{END} an input"\n----> 5 {RED}assert{END} double(value) == value + value',
    f"{RED}Cell In[3]{END}, line 3, in double(x)\n      2 def double(x):\n----> 3     return 2 * x",
    f"File /somewhere/autograder/examinations/arithmetic.py:3\n----> 3 check({SECRET!r})",
    f"{RED}AssertionError{END}: {SECRET} as an input gave {SECRET} as a message",
]
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def plant(master):
    cell_of(master, "double_test").source = HIDDEN
    cell_of(master, "essay_rubric").source = SCHEME


def leaky_notebook(course):
    """A graded notebook that quotes the hidden test wherever stock nbgrader would let it."""
    notebook = clean_notebook(course)
    hidden_line = f'value = "{SECRET} as an input"'
    page = f"<pre>value <b>=</b> &quot;{SECRET} <i>as</i> an input&quot;</pre>"
    outputs = [
        new_output("stream", name="stdout", text=f"mine\n{hidden_line}\n  4 {hidden_line}\nstill mine\n"),
        new_output(
            "stream", name="stderr", text=f"<ipython>:4: UserWarning: hm\n  {RED}value{END} = '{SECRET} as an input'"
        ),
        new_output("error", ename="AssertionError", evalue=f"{SECRET} as an input", traceback=TRACEBACK),
        new_output("display_data", {"text/html": page, "text/plain": "<HTML>"}, metadata={"note": SECRET}),
        new_output("display_data", {"text/plain": repr([HIDDEN]), "application/x": SECRET}),
        new_output("display_data", {"image/png": PIXEL, "text/plain": "<Figure>"}),
    ]
    with_outputs(notebook, {"double": outputs[:2], "double_test": [*outputs, *verdict_outputs(4.0)[1:]]})
    notebook.metadata["title"] = notebook.metadata["note"] = SECRET
    for cell in notebook.cells:
        cell.metadata["note"] = SECRET
        cell.metadata.setdefault("tags", []).append(SECRET)
    return notebook


def honest_notebook(course):
    notebook = with_outputs(clean_notebook(course), {"double_test": verdict_outputs(3.0)})
    cell_of(notebook, "essay").source += (
        "\n\n<script>alert('essay')</script>\n\n![who reads this](https://beacon.example/pixel.png)\n\n"
        '<img src="http://beacon.example/x" onerror="alert(1)"> <a href="javascript:alert(2)">here</a> $a<b$'
    )
    cell_of(notebook, "double").outputs = [
        new_output("stream", name="stdout", text="<script>alert('stream')</script>\n10%\r50%\r100%\n"),
        new_output(
            "display_data",
            {"text/html": "<script>alert('html')</script><style>p{}</style><table><tr><td>7</td></tr></table>"},
        ),
        new_output("display_data", {"image/svg+xml": "<svg><script>alert('svg')</script></svg>"}),
        new_output("display_data", {"application/javascript": "alert('js')"}),
        new_output("display_data", {"image/png": '"><script>alert("png")</script>', "text/plain": "no picture"}),
    ]
    notebook.cells.append(new_code_cell("note = '<script>alert(3)</script>'", id="added"))
    notebook.cells.append(new_markdown_cell("My own *words*.", id="added-words"))
    return notebook


LOST = PartResult("sign", 0.25, 0.0, "double(-1): expected -2, got <b>2</b>. Is abs applied?")


@pytest.fixture(scope="module")
def graded_once(tmp_path_factory):
    """A course with four graded students: honest, leaky, without verdict file, and one of ungraded exercises."""
    course = released_course(tmp_path_factory.mktemp("course"))
    edit_master(course, plant)
    release(course, ASSIGNMENT)
    parts = [PartResult("sizes", 0.75, 1.0), LOST]
    halve = examined("halve", 2, [PartResult("all", 1.0, 1.0)])
    honest = SubmissionVerdict("honest", ASSIGNMENT, [examined("double", 4, parts), halve], digest="1")
    record_submission(course, honest_notebook(course), honest, late=1.5)
    mark(course, "honest", "essay", points=5, comment="Good. <script>alert('marker')</script> **Why** finite?")
    mark(course, "honest", "essay_rubric", comment="The example is missing.")
    leak = PartResult("sizes", 1.0, 1.0, f"value = '{SECRET} as an input'")
    leaky = SubmissionVerdict("leaky", ASSIGNMENT, [examined("double", 4, [leak]), halve], digest="2")
    record_submission(course, leaky_notebook(course), leaky)
    record_submission(course, honest_notebook(course), SubmissionVerdict("bare", ASSIGNMENT, [], digest="3"))
    verdict_file(course, ASSIGNMENT, "bare").unlink()
    failed = ExerciseVerdict("double", 0.0, 4.0, UNGRADED, ["the examination failed: MemoryError()"])
    record_submission(course, honest_notebook(course), SubmissionVerdict("ours", ASSIGNMENT, [failed], digest="4"))
    return course


@pytest.fixture
def course(tmp_path, graded_once):
    return Course(shutil.copytree(graded_once.root, tmp_path / "course"))


@pytest.fixture(scope="module")
def pages(graded_once):
    """Student → text of the page as written."""
    return {path.parent.parent.name: path.read_text() for path in feedback(graded_once, ASSIGNMENT)}


def words(page):
    """What a reader sees, with single spaces."""
    soup = BeautifulSoup(page.replace("<wbr>", ""), "html.parser")
    for element in soup(["style", "title"]):
        element.decompose()
    return " ".join(soup.get_text(" ").split())


def test_there_is_one_page_per_graded_student(graded_once, pages):
    assert sorted(pages) == ["bare", "honest", "leaky", "ours"]
    folder = graded_once.feedback / "honest" / ASSIGNMENT
    assert [path.name for path in folder.iterdir()] == [f"{ASSIGNMENT}.html"]


def test_marks_parts_messages_comments_penalty_and_total_stand_on_top(pages):
    text = words(pages["honest"]).split("Your notebook")[0]
    assert "11 of 12 points" not in text
    assert "8.5 of 12 points" in text  # 3 + 2 + 5 - 1.5
    assert "double part of the points 3 of 4" in text
    assert "0 of 1 sign double(-1): expected -2, got <b>2</b>. Is abs applied?" in text
    assert "Right: sizes" in text
    assert "halve full marks 2 of 2" in text
    assert "Good. Why finite?" in text and "The example is missing." in text
    assert "Late penalty −1.5" in text


def test_the_examiners_lines_are_told_once(pages):
    assert "Examiner:" not in pages["honest"]
    assert "Examiner: 3 points" in pages["bare"]


def test_without_a_verdict_the_gradebook_is_enough(pages):
    text = words(pages["bare"])
    assert "5 of 12 points" in text and "double part of the points 3 of 4" in text
    assert "essay to be marked – of 6" in text and "does not count yet" in text


def test_a_failure_of_ours_is_told_as_ours_and_without_its_insides(pages):
    assert "not your fault" in words(pages["ours"])
    assert "MemoryError" not in pages["ours"]


def test_the_students_answers_and_own_cells_are_there(pages):
    text = words(pages["honest"])
    assert "return 2 * x" in text and "Since the mantissa is finite." in text and "My own words ." in text


def test_what_is_hidden_occurs_nowhere(pages):
    assert SECRET not in pages["leaky"]
    assert SECRET not in words(pages["leaky"])
    assert "HIDDEN TESTS" not in pages["leaky"] and "MARK SCHEME" not in pages["leaky"]
    assert "examinations" not in pages["leaky"]


def test_what_is_not_hidden_stays_beside_it(pages):
    text = words(pages["leaky"])
    assert "mine" in text and "still mine" in text and WITHHELD in text
    assert f"AssertionError {WITHHELD}" in text
    assert "in double(x)" in text  # the student's own frame
    assert f"data:image/png;base64,{PIXEL}" in pages["leaky"]


def test_nothing_on_a_page_runs_or_is_loaded(pages):
    for page in pages.values():
        soup = BeautifulSoup(page, "html.parser")
        assert not soup(["script", "iframe", "object", "embed", "link", "form"])
        assert "beacon.example" not in page
        assert all(image["src"].startswith("data:image/") for image in soup("img"))
        assert all(image.get("alt") for image in soup("img"))
        for element in soup.find_all(True):
            assert not [name for name in element.attrs if name.startswith("on")]
            assert not str(element.get("href", "")).lower().startswith("javascript")
        assert re.search(r"Content-Security-Policy\" content=\"default-src 'none'", page)


def test_scripts_in_code_and_streams_are_shown_as_text(pages):
    assert "&lt;script&gt;alert(&#39;stream&#39;)" in pages["honest"]
    assert "<script" not in pages["honest"]
    assert "[picture not shown: who reads this]" in pages["honest"]


def test_tables_pass_and_progress_bars_end_at_their_end(pages):
    assert "<td>7</td>" in pages["honest"]
    assert "100%" in words(pages["honest"]) and "50%" not in words(pages["honest"])
    assert "no picture" in pages["honest"]


def test_pages_are_replaced_and_one_student_can_be_named(course):
    stale = course.feedback / "honest" / ASSIGNMENT / "stale.html"
    stale.parent.mkdir(parents=True, exist_ok=True)
    stale.write_text("old")
    assert [path.parent.parent.name for path in feedback(course, ASSIGNMENT, ["honest"])] == ["honest"]
    assert not stale.exists()


def test_a_student_without_marks_is_an_error_that_says_what_to_do(course):
    with pytest.raises(CourseError, match="coursework grade"):
        feedback(course, ASSIGNMENT, ["nobody"])


def test_one_broken_submission_costs_nobody_else_their_page(course):
    shutil.rmtree(course.feedback, ignore_errors=True)
    (course.autograded / "leaky" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").chmod(0o644)
    (course.autograded / "leaky" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").write_text("no notebook")
    with pytest.raises(CourseError, match="leaky"):
        feedback(course, ASSIGNMENT)
    assert sorted(path.name for path in course.feedback.iterdir()) == ["bare", "honest", "ours"]


def test_plain_nbgrader_makes_the_same_safe_pages(course, pages):
    command = [sys.executable, "-m", "nbgrader", "generate_feedback", ASSIGNMENT, "--force"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run(command, cwd=course.root, env=environment, check=True, capture_output=True)
    for student, page in pages.items():
        assert (course.feedback / student / ASSIGNMENT / f"{ASSIGNMENT}.html").read_text() == page


@pytest.mark.parametrize(
    "text",
    [
        'value = "secret input"',
        "   12 value  =  'secret input'",
        "----> 4 \x1b[32mvalue\x1b[0m = \x1b[33m'secret input'\x1b[39m",
        repr("x = 1\nvalue = 'secret input'\n"),
        "it holds: secret input",
        "----> 5 y(3)",
    ],
)
def test_quotes_of_hidden_lines_are_found(text):
    secrets = Secrets.of(['value = "secret input"\ny(3)'], ["x = 1"])
    assert secrets.in_text(text)
    assert secrets.redact(f"before\n{text}\nafter") == f"before\n{WITHHELD}\nafter"


@pytest.mark.parametrize("text", ["x = 1", "display(3)", "y", "", "another input"])
def test_what_is_visible_anyway_is_no_secret(text):
    assert not Secrets.of(['x = 1\nvalue = "secret input"\ny(3)'], ["x = 1"]).in_text(text)


def test_a_line_that_the_student_wrote_too_stays_in_their_traceback():
    assert not Secrets.of(["output = model(batch)"], ["def f():\n    output = model(batch)"]).in_line(
        "output = model(batch)"
    )


def test_withholding_leaves_its_argument_alone(graded_once):
    notebook = leaky_notebook(graded_once)
    before = str(notebook)
    withhold(notebook, Secrets.of([HIDDEN], []))
    assert str(notebook) == before


@pytest.mark.parametrize(
    "text",
    [
        "<svg onload=alert(1)>",
        "<a href=' javascript:alert(1)'>x</a>",
        "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
        "<img src=x onerror=alert(1)>",
        "<img srcset='https://beacon.example/a 1x'>",
        "<p style='background:url(https://beacon.example)'>x</p>",
        "<video src=https://beacon.example></video>",
        "<form action=https://beacon.example><input name=a></form>",
        "<math><mtext></p><style><img src=x onerror=alert(1)></style>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        "<meta http-equiv=refresh content='0;url=https://beacon.example'>",
        "<base href=https://beacon.example>",
    ],
)
def test_html_of_students_is_made_harmless(text):
    for cleaned in (safe_html(text), safe_markdown(text)):
        soup = BeautifulSoup(cleaned, "html.parser")
        for element in soup.find_all(True):
            assert element.name in {"p", "a", "img", "details", "div", "br"}
            assert not set(element.attrs) - {"alt"}


@pytest.mark.parametrize(
    "source", ["![a](attachment:lost.png)", "<div>" * 5000, "<b>" * 200_000, "x" * 2_000_000], ids=lambda s: s[:12]
)
def test_markdown_that_cannot_be_formatted_is_shown_as_it_was_typed(source):
    shown = BeautifulSoup(safe_markdown(source), "html.parser")
    assert shown.find("pre").get_text() == source


BUSY = {
    "a line of white space": (" " * 3_000_000, "text/plain"),
    "lines without text": ("\n" * 3_000_000, "text/plain"),
    "tags that never end": ("<" * 3_000_000, "text/html"),
    "a name that never ends": ("<" + "a" * 3_000_000, "text/html"),
    "tags that never end, in pieces": ("<a " * 100_000, "text/html"),
    "addresses": ("<http://" * 10_000, "text/html"),
    "attributes that never end": ('<a b="' * 10_000, "text/html"),
    "code in markdown that never ends": ("`a" * 1_000_000, "text/markdown"),
    "environments that never end": ("\\begin{a}" * 100_000, "text/markdown"),
}


@pytest.mark.parametrize(("text", "kind"), BUSY.values(), ids=BUSY)
def test_an_output_made_to_keep_a_parser_busy_does_not(text, kind):
    """Each took minutes or hours when its text was read from its beginning again and again."""
    if kind == "text/plain":
        cell = new_code_cell("x = 1", outputs=[new_output("stream", text=text)])
    else:
        cell = new_code_cell("x = 1", outputs=[new_output("display_data", {kind: text, "text/plain": "seen"})])
    (block,) = blocks_of(withhold(new_notebook(cells=[cell]), Secrets.of([HIDDEN, "y(3)"], [])))
    assert len("".join(block.outputs)) < 20 * len(text)


@pytest.mark.parametrize("code", [" \n" * 50_000, "\n" * 300_000, "x = 1\n" * 9_000], ids=["pairs", "lines", "long"])
def test_code_made_to_keep_a_lexer_busy_is_shown_without_colours(code):
    (block,) = blocks_of(new_notebook(cells=[new_code_cell(code + "y = 2")]))
    assert "y = 2" in block.body
    assert "<span" not in block.body


def test_what_goes_beyond_the_characters_that_are_formatted_is_shown_as_text(monkeypatch):
    monkeypatch.setattr("autograder.feedback.MAX_FORMATTED", 40)
    forms = {"text/html": "<b>bold</b>", "text/plain": "plain"}
    cells = [new_code_cell("x = 1", outputs=[new_output("display_data", forms)]) for _ in range(3)]
    first, second, third = blocks_of(new_notebook(cells=[*cells, new_markdown_cell("**no**")]))[:3]
    assert [block.outputs[0] for block in (first, second, third)] == [
        "<b>bold</b>",
        "<b>bold</b>",
        '<pre class="text">plain</pre>',
    ]
    assert third.body == "<pre>x = 1</pre>"


def test_a_comments_key_without_a_text_is_no_heading_and_its_formulas_are_shown():
    shown = BeautifulSoup(marker_words("#seed The loss $-\\log p$ is right.\n\n# So it is"), "html.parser")
    assert shown.p.get_text() == "#seed The loss \u2212logp is right."
    assert shown.h1.get_text() == "So it is"
