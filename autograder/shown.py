"""What formgrader shows of a student's text: harmless, whatever the notebook holds.

Formgrader builds nbconvert's HTMLExporter with a template of its own, which puts markdown cells into the page as they
are, whatever ``sanitize_html`` says, and students' names unescaped. Its page runs with the instructor's login to
Jupyter: a script there can run any program on the instructor's account. nbgrader_config.py therefore names two parts:

- `Harmless`, a preprocessor that rebuilds the notebook of what is known to do no harm before the template sees it,
  and has long lines, narrow windows and mark schemes shown so that they can be read;
- `markdown2html`, a filter in the place of nbconvert's, whose HTML is cleaned like that of the feedback.
"""

import html
import re
from pathlib import Path
from textwrap import indent
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from nbconvert.preprocessors import Preprocessor
from nbformat.notebooknode import NotebookNode, from_dict
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell

from autograder.feedback import (
    LONG_BLANK,
    MAX_CODE,
    MAX_NESTING,
    PICTURES,
    SHOWN_KINDS,
    nesting,
    safe_html,
    safe_markdown,
)
from autograder.notebooks import nbgrader_of, role

MAX_TEXT = 30_000
"""Characters of one HTML or markdown text that is formatted; parsers' time grows with the square of a hostile one."""
MAX_FORMATTED = 300_000
"""Characters that are formatted of one notebook; what goes beyond is shown as text."""

MARK_SCHEME = "**Mark scheme**, which students never see:"
"""What stands above a mark scheme in place of the line by which it is cut out of the release."""
STYLES = Path(__file__).parent / "templates" / "formgrader"
"""Where nbconvert looks for `custom/custom.css` of a person: what is there goes into formgrader's page."""

_MARK_SCHEME_LINE = re.compile(r"^.*\b(BEGIN|END) MARK SCHEME\b.*$", re.MULTILINE)
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]+")
_NOT_IN_IDS = re.compile(r"[^A-Za-z0-9_.-]")
_NAMES = ("student", "first_name", "last_name", "notebook_path")
"""What of formgrader's page comes from outside and is put into it unescaped."""


class Harmless(Preprocessor):
    """Rebuild the notebook, and escape the names that go into the page with it."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        budget = _Budget(MAX_FORMATTED)
        notebook = new_notebook(cells=[_cell(cell, budget) for cell in nb.cells])
        notebook.metadata["language_info"] = from_dict({"name": "python"})
        for name in _NAMES:
            if isinstance(resources.get(name), str):
                resources[name] = html.escape(resources[name])
        resources["config_dir"] = str(STYLES)
        return notebook, resources


@pass_context
def markdown2html(context: Context, source: str) -> Markup:
    """The filter of that name for formgrader's template: markdown as HTML without scripts and remote pictures."""
    return safe_markdown(source, context.get("cell", {}).get("attachments"))


class _Budget:
    """What may still be formatted of a notebook, in characters."""

    def __init__(self, left: int) -> None:
        self.left = left

    def allows(self, text: str) -> bool:
        if len(text) > min(MAX_TEXT, self.left) or nesting(text) > MAX_NESTING:
            return False
        self.left -= len(text)
        return True


def _cell(cell: NotebookNode, budget: _Budget) -> NotebookNode:
    source, known = str(cell.source), {"id": cell.id, "metadata": _metadata(cell)}
    if cell.cell_type == "code":
        return new_code_cell(
            _of_bounded_length(source), outputs=[_output(o, budget) for o in cell.get("outputs", [])], **known
        )
    if cell.cell_type == "markdown":
        if role(cell) == "rubric":
            source = _with_mark_scheme_named(source)
        if not budget.allows(source):
            source = indent(source, "    ")  # markdown's way to say: show it as it was typed
        return new_markdown_cell(source, attachments=_attachments(cell.get("attachments", {})), **known)
    return new_raw_cell(html.escape(source), **known)


def _of_bounded_length(source: str) -> str:
    """Code that its lexer reads in reasonable time; where something is left out, a line says so."""
    short = LONG_BLANK.sub("\n# White space was left out here.\n", source)
    if len(short) <= MAX_CODE:
        return short
    return f"{short[:MAX_CODE]}\n# {len(short) - MAX_CODE:,} more characters were left out here."


def _with_mark_scheme_named(source: str) -> str:
    """The rubric's text, in which the two lines around the mark scheme are no headings any more."""
    ends = {"BEGIN": f"\n{MARK_SCHEME}\n", "END": ""}
    return _MARK_SCHEME_LINE.sub(lambda line: ends[line[1]], source)


def _metadata(cell: NotebookNode) -> dict[str, Any]:
    """What formgrader needs to show the fields for points and comments."""
    known = nbgrader_of(cell)
    if not known:
        return {}
    flags = {name: bool(known.get(name, False)) for name in ("grade", "solution", "locked", "task")}
    points = known.get("points", 0)
    number = float(points) if isinstance(points, int | float) else 0.0
    return {"nbgrader": {**flags, "grade_id": _NOT_IN_IDS.sub("_", str(known.get("grade_id", ""))), "points": number}}


def _attachments(attachments: dict[str, Any]) -> dict[str, Any]:
    return {
        name: {kind: data for kind, data in bundle.items() if kind in PICTURES and _is_base64(data)}
        for name, bundle in attachments.items()
    }


def _output(output: NotebookNode, budget: _Budget) -> NotebookNode:
    if output.output_type == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return new_output("stream", name=name, text=str(output.text))
    if output.output_type == "error":
        lines = [str(line) for line in output.get("traceback", [])]
        return new_output("error", ename=str(output.ename), evalue=str(output.evalue), traceback=lines)
    data = {kind: _form(kind, value, budget) for kind, value in output.get("data", {}).items() if kind in SHOWN_KINDS}
    return new_output("display_data", {kind: value for kind, value in data.items() if value})


def _form(kind: str, value: Any, budget: _Budget) -> str:
    """One form of a rich output; empty when it can not be shown. An SVG becomes an image, in which nothing runs."""
    text = value if isinstance(value, str) else ""
    if kind in PICTURES:
        return text if _is_base64(text) else ""
    if kind in ("text/html", "text/markdown") and not budget.allows(text):
        return ""
    return str(safe_html(text)) if kind == "text/html" else text


def _is_base64(data: Any) -> bool:
    return isinstance(data, str) and _BASE64.fullmatch(data) is not None
