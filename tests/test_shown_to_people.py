"""What students wrote, as formgrader and feedback show it: no script runs, nothing is loaded from elsewhere.

Formgrader's page has the rights of the instructor's login to Jupyter, so each hole here would be a program of the
student's on the instructor's account. The page is made by formgrader's own exporter, configured by the repository's
nbgrader_config.py, and once by formgrader itself in a real server and browser.
"""

import base64
import contextlib
import http.server
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from graded_course import clean_notebook, examined, gradebook, record_submission, released_course
from nbconvert.exporters import HTMLExporter
from nbformat.notebooknode import NotebookNode, from_dict
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.server_extensions.formgrader.formgrader import FormgradeExtension
from small_course import ASSIGNMENT, REPOSITORY, cell_of, master_notebook

from autograder.course import Course
from autograder.records import PartResult, SubmissionVerdict

RUN = "document.documentElement.dataset.ran=1"
BEACON = "http://127.0.0.1:{port}/beacon"
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
SVG = f'<svg xmlns="http://www.w3.org/2000/svg" onload="{RUN}"><script>{RUN}</script></svg>'

HTML = f"""\
visible-html
<script>{RUN}</script><img src=x onerror="{RUN}"><svg onload="{RUN}"><script>{RUN}</script></svg>
<iframe srcdoc="<script>parent.{RUN}</script>"></iframe><body onload="{RUN}"><details open ontoggle="{RUN}"></details>
<a href="javascript:{RUN}">x</a><a href="JaVa&#09;Script:{RUN}">y</a><form action="BEACON"><button>go</button></form>
<img src="BEACON"><link rel=stylesheet href="BEACON">
<style>@import url(BEACON); body {{ background: url(BEACON) }}</style>
<p style="background:url(BEACON)">styled</p><video src="BEACON" poster="BEACON"></video><object data="BEACON"></object>
<math><mtext></table><mglyph><style><img src=x onerror="{RUN}"></style></mglyph></mtext></math>
<meta http-equiv="refresh" content="0;url=BEACON"><base href="BEACON"><input onfocus="{RUN}" autofocus>
<noscript><p title="</noscript><img src=x onerror={RUN}>"></noscript><template><script>{RUN}</script></template>"""
MARKDOWN = f"""\
visible-markdown

{HTML}

[link](javascript:{RUN}) ![picture](BEACON) ![a](attachment:a.svg) <javascript:{RUN}> [ref][r]

[r]: javascript:{RUN} "title"

$\\href{{javascript:{RUN}}}{{x}}$ `<script>{RUN}</script>`"""
TEXT = f"visible-text</pre><script>{RUN}</script><img src=x onerror={RUN}>\x1b[31m<script>{RUN}</script>"
BROKEN_OUT = f'x" onerror="{RUN}" y="'


def hostile_outputs(port: int) -> list[NotebookNode]:
    page = HTML.replace("BEACON", BEACON.format(port=port))
    bundles = [
        {"text/html": page},
        {"text/html": [page]},
        {"text/markdown": MARKDOWN.replace("BEACON", BEACON.format(port=port))},
        {"image/svg+xml": SVG},
        {"application/javascript": RUN},
        {"text/latex": f"$x$<script>{RUN}</script>"},
        {"image/png": BROKEN_OUT},
        {"image/jpeg": f'"><script>{RUN}</script>'},
        {"text/plain": TEXT},
        {"text/vnd.mermaid": f"graph TD; A[<img src=x onerror={RUN}>]"},
        {"application/vnd.jupyter.widget-view+json": {"model_id": f"</script><script>{RUN}</script>"}},
        {"application/pdf": BROKEN_OUT, "application/x": TEXT},
    ]
    metadata = {
        "image/png": {"width": f"1 onerror={RUN}", "alt": f'"><script>{RUN}</script>'},
        "text/html": {"isolated": True},
        "filenames": {"image/png": BEACON.format(port=port)},
    }
    rich = [{"output_type": "display_data", "data": data, "metadata": metadata} for data in bundles]
    plain = [
        new_output("stream", name="stdout", text=TEXT),
        new_output("stream", name="stderr", text=TEXT),
        new_output("error", ename=TEXT, evalue=TEXT, traceback=[TEXT]),
        new_output("display_data", {"image/png": PIXEL}, metadata=metadata),
        {**rich[-1], "output_type": "execute_result", "execution_count": 1},
    ]
    return [from_dict(output) for output in (*rich, *plain)]


def hostile_notebook(port: int) -> NotebookNode:
    """A notebook that holds scripts wherever a valid one can hold text; nbconvert refuses an invalid one."""
    script = f'"><script>{RUN}</script>'
    marks = {
        "grade": True,
        "solution": True,
        "locked": False,
        "points": script,
        "grade_id": script,
        "schema_version": 3,
    }
    image = {"image/svg+xml": base64.b64encode(SVG.encode()).decode(), "image/png": BROKEN_OUT}
    text = MARKDOWN.replace("BEACON", BEACON.format(port=port))
    cells = [
        new_markdown_cell(text, metadata={"nbgrader": marks, "tags": [script]}, attachments={"a.svg": image}),
        new_markdown_cell(text, attachments={"a.svg": image}),
        new_code_cell(
            f"# visible-code </pre><script>{RUN}</script>",
            metadata={"nbgrader": marks, "tags": [script], "alt": script},
        ),
        from_dict({"cell_type": "raw", "id": "raw", "source": HTML, "metadata": {"raw_mimetype": "text/html"}}),
    ]
    cells[2].outputs = hostile_outputs(port)
    notebook = new_notebook()
    notebook.cells = cells
    notebook.metadata["title"] = script
    notebook.metadata["language_info"] = {"name": script, "pygments_lexer": script}
    state = {"application/vnd.jupyter.widget-state+json": {"state": script}}
    notebook.metadata["widgets"] = state
    return notebook


def formgrader_page(folder: Path, notebook: NotebookNode, monkeypatch: pytest.MonkeyPatch) -> BeautifulSoup:
    """The page of one submission, made as `SubmissionHandler` does it: by the exporter that the extension builds."""
    shutil.copy(REPOSITORY / "nbgrader_config.py", folder)
    monkeypatch.chdir(folder)
    extension = FormgradeExtension()
    extension.root_dir = str(folder)
    extension.initialize([])
    exporter = HTMLExporter(config=extension.config)
    assert exporter.template_name == "formgrade"
    path = folder / "handed_in.ipynb"
    path.write_text(json.dumps(notebook))
    script = f'"><script>{RUN}</script>'
    names = {"student": script, "last_name": f"Doe<script>{RUN}</script>", "first_name": script}
    known = {"assignment_id": ASSIGNMENT, "notebook_id": ASSIGNMENT, "submission_id": "1", "index": 0, "total": 1}
    page, _ = exporter.from_filename(
        str(path), resources={**names, **known, "base_url": "", "notebook_path": f"autograded/{script}/x.ipynb"}
    )
    return BeautifulSoup(page, "html.parser")


def assert_harmless(page: BeautifulSoup) -> None:
    """No script but formgrader's own, no event handler, no address that runs or loads something."""
    for script in page.find_all("script"):
        assert RUN not in script.get_text()
    for element in page.find_all(True):
        handlers = {name for name in element.attrs if name.startswith("on")} - {"onclick"}
        assert not handlers, element
        assert element.name not in ("iframe", "object", "embed", "base", "form", "video", "template", "noscript"), (
            element
        )
        for name, value in element.attrs.items():
            assert name != "onclick" or value.startswith("toggle_name("), element
            if name in ("href", "src", "action", "data", "poster", "srcdoc", "style", "content"):
                assert not re.match(r"(?i)\s*(javascript|vbscript|data:text)", str(value)), element
                assert "beacon" not in str(value), element


def test_formgraders_page_holds_no_script_of_a_student(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = formgrader_page(tmp_path, hostile_notebook(9), monkeypatch)
    assert_harmless(page)
    text = page.get_text()
    for word in ("visible-html", "visible-markdown", "visible-code", "visible-text"):
        assert word in text  # what is shown is the student's text, not an empty page
    assert any(picture["src"].startswith(f"data:image/png;base64,{PIXEL}") for picture in page.find_all("img"))


def test_an_honest_answer_keeps_its_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = master_notebook()
    essay = "**Because** of $a < b$:\n\n| x | y |\n|---|---|\n| 1 | 2 |\n\n![a](attachment:a.png) [page](https://x.org)"
    cell_of(notebook, "essay").source = essay
    cell_of(notebook, "essay").attachments = {"a.png": {"image/png": PIXEL}}
    cell_of(notebook, "double").outputs = [new_output("display_data", {"text/html": "<table><td>7</td></table>"})]
    page = formgrader_page(tmp_path, notebook, monkeypatch)
    assert page.find("strong", string="Because")
    assert page.find("math").get_text() == "a<b"
    assert page.find("td", string="2")
    assert page.find("td", string="7")
    assert page.find("img", src=f"data:image/png;base64,{PIXEL}")
    assert page.find("a", href="https://x.org")
    assert {"double_test", "essay"} <= {field["id"] for field in page.select("input.score")}
    assert page.find("textarea", id="essay-comment")
    rubric = (
        page.find("textarea", id="essay_rubric-comment").find_parent(class_="nbgrader_cell").get_text(" ", strip=True)
    )
    assert "Mark scheme , which students never see: Full points only when overflow is named." in rubric
    assert "MARK SCHEME" not in rubric
    styles = " ".join(style.get_text() for style in page.find_all("style"))
    assert "white-space: pre-wrap" in styles  # what the examiner says is not cut off


@pytest.mark.parametrize("text", ["<b>" * 50_000, "<a" * 50_000, "\\begin{a}" * 50_000, "`a" * 50_000, "x" * 400_000])
def test_a_text_made_to_keep_a_parser_busy_is_shown_as_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    outputs = [new_output("display_data", {"text/html": text, "text/plain": "the plain form"})]
    notebook = new_notebook(cells=[new_markdown_cell(text), new_code_cell("1", outputs=outputs)])
    page = formgrader_page(tmp_path, notebook, monkeypatch)
    assert text in page.get_text()
    assert "the plain form" in page.get_text()


@pytest.mark.parametrize("code", [" \n" * 50_000, "x = 1\n" * 9_000], ids=["white space", "long"])
def test_code_made_to_keep_a_lexer_busy_is_not_shown_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    cells = [new_code_cell(f"first = 1\n{code}"), new_code_cell("honest = 2")]
    page = formgrader_page(tmp_path, new_notebook(cells=cells), monkeypatch).get_text()
    assert all(text in page for text in ("first = 1", "left out here", "honest = 2"))


# --- the real thing ---------------------------------------------------------------------------------------


@contextlib.contextmanager
def listener() -> Iterator[tuple[int, list[str]]]:
    """A server on the loopback that notes what is asked of it."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1], asked
        server.shutdown()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def formgrader(course: Course, home: Path) -> Iterator[tuple[str, str]]:
    """Jupyter's server with formgrader over the course: its address and its token."""
    port, token = free_port(), secrets.token_hex(8)
    command = [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", f"--ServerApp.port={port}"]
    command += [f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={course.root}"]
    command += ["--ServerApp.jpserver_extensions=nbgrader.server_extensions.formgrader=True"]
    places = {f"JUPYTER_{name}_DIR": str(home / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    environment = {**os.environ, **places, "HOME": str(home), "IPYTHONDIR": str(home / "ipython")}
    with (home / "server.log").open("wb") as log:
        server = subprocess.Popen(command, cwd=course.root, env=environment, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        while True:
            try:
                urllib.request.urlopen(f"{address}/api?token={token}").read()
                break
            except OSError:
                assert server.poll() is None, (home / "server.log").read_text()
                time.sleep(0.1)
        yield address, token
    finally:
        server.terminate()
        server.wait()


def submission_id(course: Course) -> str:
    with gradebook(course) as book:
        return str(book.find_submission_notebook(ASSIGNMENT, ASSIGNMENT, "s1").id)


@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs the browser chromium")
def test_nothing_of_a_student_runs_in_a_real_browser_at_a_real_formgrader(tmp_path: Path) -> None:
    course = released_course(tmp_path / "course")
    verdict = SubmissionVerdict("s1", ASSIGNMENT, [examined("double", 4, [PartResult("sizes", 1.0, 1.0)])])
    record_submission(course, clean_notebook(course), verdict)
    with gradebook(course) as book:
        script = f"<script>{RUN}</script>"
        book.update_or_create_student("s1", first_name=f"{script}visible-first", last_name=f'"{script}')
    home = tmp_path / "home"
    home.mkdir()
    with listener() as (port, asked), formgrader(course, home) as (address, token):
        shown = course.autograded / "s1" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
        shown.chmod(0o644)
        shown.write_text(json.dumps(hostile_notebook(port)))
        browser = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={home / 'browser'}"]
        browser += ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--virtual-time-budget=5000"]
        url = f"{address}/formgrader/submissions/{submission_id(course)}/?token={token}"
        dump = subprocess.run([*browser, "--dump-dom", url], capture_output=True, text=True, check=True).stdout
    page = BeautifulSoup(dump, "html.parser")
    assert "visible-markdown" in page.get_text()
    assert "visible-first" in page.get_text()
    assert "data-ran" not in page.html.attrs
    assert asked == []
    assert_harmless(page)
