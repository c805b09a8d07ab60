"""The pictures of the README: a notebook, a page of feedback and the report, as a browser shows them.

    make demo
    .venv/bin/python docs/pictures/make.py

takes the pages of the demo's made-up class (`--demo` names another folder) and writes notebook.png, feedback.png and
report.png beside this file. The notebook is the release from its first exercise on, opened in JupyterLab. Needs
chromium and takes half a minute.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from PIL import Image

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "tests")]

from browser import WAIT_SECONDS, Lab, chromium, jupyterlab  # noqa: E402

from autograder.notebooks import grade_id, read_notebook, to_bytes  # noqa: E402

ASSIGNMENT, EXERCISE = "speech_commands", "lstm_cell"
NOTEBOOK = REPOSITORY / "release" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
ANSWER = "lstm_forget_gate_on_hidden_state"
MESSAGE = "Is the forget gate applied to h instead of c?"
"""Whose page of feedback is shown: the one who handed in this answer of the bank, and got this message."""
PIXELS = (1100, 1475)
WIDTHS = {"notebook": 880, "feedback": 880, "report": 1100}
"""How wide the window is, in the browser's own pixels: the report has its plots side by side from some 1,000 on."""
COLOURS = 128


def inputs(demo: Path) -> dict[str, Path]:
    """The files that the pictures are made from, by picture; SystemExit with what is missing."""
    pages = sorted(demo.glob(f"feedback/*/{ASSIGNMENT}/{ASSIGNMENT}.html"))
    page = next((page for page in pages if MESSAGE in page.read_text(encoding="utf-8")), None)
    report = demo / "report.html"
    if page is None or not report.is_file():
        sys.exit(f"{demo} holds no finished demo: run `make demo` first, or name its folder with --demo")
    return {"notebook": NOTEBOOK, "feedback": page, "report": report}


def excerpt() -> NotebookNode:
    """The release from the heading of the exercise on."""
    notebook = read_notebook(NOTEBOOK.read_bytes())
    answer = [grade_id(cell) for cell in notebook.cells].index(EXERCISE)
    first = max(n for n in range(answer) if notebook.cells[n].source.startswith("## "))
    notebook.cells = notebook.cells[first:]
    return notebook


def take(page: Any, path: Path) -> None:
    """Write what the page shows, with few colours: the pictures are texts and bars."""
    page.screenshot(path=str(path), animations="disabled")
    with Image.open(path) as image:
        image.convert("RGB").quantize(COLOURS).save(path, optimize=True)


def new_page(browser: Any, name: str, lab: Lab | None = None) -> Any:
    """A page in a window for this picture, logged in to `lab`."""
    scale = PIXELS[0] / WIDTHS[name]
    size = {"width": WIDTHS[name], "height": round(PIXELS[1] / scale)}
    context = browser.new_context(viewport=size, device_scale_factor=scale, locale="en-GB")
    context.set_default_timeout(WAIT_SECONDS * 1000)
    page = context.new_page()
    if lab is not None:
        page.goto(f"{lab.address}api/status?token={lab.token}")
    return page


def main() -> None:
    arguments = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    arguments.add_argument("--demo", type=Path, default=REPOSITORY / "demo", help="the folder of a finished demo")
    found = inputs(arguments.parse_args().demo.resolve())
    with tempfile.TemporaryDirectory() as scratch, chromium() as browser:
        for name in ("feedback", "report"):
            page = new_page(browser, name)
            page.goto(found[name].as_uri())
            heading = page.locator(f":is(h1, h2):has-text('{ASSIGNMENT}')").first
            heading.evaluate("heading => heading.scrollIntoView({behavior: 'instant'})")
            take(page, HERE / f"{name}.png")
        folder = Path(scratch, "notebooks")
        folder.mkdir()
        (folder / f"{ASSIGNMENT}.ipynb").write_bytes(to_bytes(excerpt()))
        with jupyterlab(folder, Path(scratch, "home")) as lab:
            page = new_page(browser, "notebook", lab)
            page.goto(lab.url(f"doc/tree/{ASSIGNMENT}.ipynb"))
            page.get_by_text("| Idle").wait_for()
            page.locator("mjx-container").first.wait_for()
            take(page, HERE / "notebook.png")


if __name__ == "__main__":
    main()
