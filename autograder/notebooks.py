"""Reading and writing notebooks, and what the cells of a master notebook mean.

Everything here is a pure function of bytes, text or notebooks: no file is opened. Notebooks from
students are read with all the patience that their editors make necessary (`read_notebook`), and every
notebook that we write has one normal form (`normalise`, `to_bytes`).

Cells of a master notebook (nbgrader's metadata, schema 3):

- answer cell: `solution` true; what the student fills in. Its `grade_id` is the exercise id.
- test cell `<exercise id>_test`: `grade` true, `solution` false; locked. That of a bonus exercise has 0 points, so that
  no maximum rises, and what it can earn in the cell's metadata: `"coursework": {"bonus": 2}`.
- written exercise: a markdown answer cell that is a grade cell too; its rubric is `<exercise id>_rubric`.
- given cell: `locked` true and nothing else.
- form: a code answer cell of plain assignments that students fill in (`q1_1 = ""`): metadata
  `"coursework": {"form": true}`. Its visible lines stay in the release and no stub that raises is put in.
- report: a cell with the metadata `"coursework": {"report": true}`, such as the written exercise about it, says that a
  report as PDF is handed in with the notebook. It is checked, and gives no marks by itself.
"""

import ast
import copy
import hashlib
import itertools
import json
import re
import warnings
from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import nbformat
from nbformat.notebooknode import NotebookNode, from_dict

MAX_NOTEBOOK_BYTES = 50 * 1024 * 1024
"""Larger notebooks are refused before they are parsed; the largest honest ones hold figures of a few MB."""
MAX_CONTAINERS = 300_000
"""JSON objects and lists in one notebook: each takes some 600 bytes of memory, whatever it holds."""
MAX_VALUES = 5_000_000
"""Values in them, of some 70 bytes each; a figure that can be turned and zoomed holds thousands."""
MAX_CELLS = 5_000
"""Cells of one notebook."""
MAX_CODE = 1_000_000
"""Characters of all code cells: what reads them needs several hundred bytes for each character of a hostile text."""

IDENTITY = "identity"
"""Id of the answer cell that says who hands in. It is a form and no exercise."""

STUB_PLACEHOLDER = "EXERCISE_ID"
CODE_STUB = f'# YOUR CODE HERE\nraise NotImplementedError("Exercise {STUB_PLACEHOLDER}: not answered yet")'
TEXT_STUB = "YOUR ANSWER HERE"
IDENTITY_FORM = 'STUDENT_ID = ""\nTEAM = []  # ids of all members when you hand in as a team'

_CELL_ID = re.compile(r"^[a-zA-Z0-9_-]{1,64}$")
_EXERCISE_ID = r"([A-Za-z0-9_-]+)"
_CODE_MARKER = re.compile(rf"^[ \t]*#[ \t]*exercise:[ \t]*{_EXERCISE_ID}[ \t]*$", re.MULTILINE)
_TEXT_MARKER = re.compile(rf"^[ \t]*<!--[ \t]*exercise:[ \t]*{_EXERCISE_ID}[ \t]*-->[ \t]*$", re.MULTILINE)
_JSON_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_MAX_DEPTH = 100  # of nested JSON; copying what is deeper would exhaust Python's stack, and no editor writes it
_KEPT_CELL_METADATA = ("nbgrader", "tags", "deletable", "editable", "cellView", "jupyter", "coursework")

CellRole = Literal["answer", "test", "rubric", "given", "plain"]


class UnreadableNotebook(Exception):
    """The bytes are no notebook; the message is one line that says why."""


# ---------------------------------------------------------------------------------------------------
# Reading


def read_notebook(data: bytes, notes: list[str] | None = None) -> NotebookNode:
    """Read a notebook (nbformat 4.5 in memory), repairing what can be repaired; `notes` gets what was, in words.

    A byte order mark, nbformat 2 and 3, missing or malformed fields, missing and repeated cell ids and
    unknown cell types are put right; outputs are kept where they are well formed. Raises
    UnreadableNotebook for what is no notebook at all. Nothing here runs or trusts the content.
    """
    if len(data) > MAX_NOTEBOOK_BYTES:
        raise UnreadableNotebook(f"the notebook has more than {MAX_NOTEBOOK_BYTES // 2**20} MB: no more are read")
    found: list[str] = []
    text = _decode(data, found)
    refuse_too_many(text)
    try:
        raw = json.loads(text)
    except RecursionError as error:
        raise UnreadableNotebook("the notebook is nested too deeply") from error
    except ValueError as error:
        raise UnreadableNotebook(f"the notebook is not valid JSON ({_one_line(error)})") from error
    if not isinstance(raw, dict):
        raise UnreadableNotebook(f"the file holds a JSON {type(raw).__name__}, not a notebook")
    if not any(key in raw for key in ("cells", "worksheets", "nbformat")):
        raise UnreadableNotebook("the file is JSON but not a notebook: it has neither cells nor nbformat")
    if len(_raw_cells(raw)) > MAX_CELLS:
        raise UnreadableNotebook(f"the notebook has {len(_raw_cells(raw))} cells; at most {MAX_CELLS} are read")
    notebook = repair(raw, found)
    if notes is not None:
        notes += dict.fromkeys(found)
    code = sum(len(cell.source) for cell in notebook.cells if cell.cell_type == "code")
    if code > MAX_CODE:
        raise UnreadableNotebook(f"the code cells hold {code:,} characters; at most {MAX_CODE:,} are read")
    return notebook


def refuse_too_many(text: str) -> None:
    """Refuse JSON whose parts would take gigabytes of memory, before it is parsed: UnreadableNotebook."""
    counted = text
    if _containers(text) > MAX_CONTAINERS or _values(text) > MAX_VALUES:
        counted = _JSON_STRING.sub("", text)  # brackets and commas in texts are no parts
    for count, most, what in (
        (_containers(counted), MAX_CONTAINERS, "objects"),
        (_values(counted), MAX_VALUES, "values"),
    ):
        if count > most:
            raise UnreadableNotebook(f"the notebook is made of {count:,} {what}; at most {most:,} are read")


def _containers(text: str) -> int:
    return text.count("{") + text.count("[")


def _values(text: str) -> int:
    return text.count(",") + text.count(":")


def _decode(data: bytes, notes: list[str]) -> str:
    if not data.strip():
        raise UnreadableNotebook("the file is empty")
    # UTF-8 with or without a byte order mark; editors and shells on Windows write UTF-16.
    encoding = json.detect_encoding(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode(encoding, errors="replace")
        notes.append(f"it holds bytes that are no {encoding.upper()}: they were replaced")
    if "\0" in text:
        raise UnreadableNotebook("the file holds NUL bytes: it is damaged or not a notebook")
    if encoding != "utf-8":
        notes.append(
            "it was saved with a byte order mark" if encoding == "utf-8-sig" else f"it was saved as {encoding}"
        )
    return text.removeprefix("\ufeff")


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


def _clean(value: Any, notes: list[str], depth: int = _MAX_DEPTH) -> Any:
    """The same JSON value without text that UTF-8 or Python cannot hold, and cut off below a depth."""
    if isinstance(value, str):
        return _clean_text(value, notes)
    if isinstance(value, (list, dict)) and depth == 0:
        notes.append(f"it is nested more than {_MAX_DEPTH} deep: what lies deeper was left out")
        return None
    if isinstance(value, list):
        return [_clean(item, notes, depth - 1) for item in value]
    if isinstance(value, dict):
        return {_clean(key, notes): _clean(item, notes, depth - 1) for key, item in value.items()}
    return value


def _clean_text(text: str, notes: list[str]) -> str:
    if "\0" in text:
        notes.append("it holds NUL characters: they were taken out")
        text = text.replace("\0", "")
    if not text.isascii() and _LONE_SURROGATE.search(text):
        notes.append("it holds halves of characters: they were replaced")
        text = _LONE_SURROGATE.sub("?", text)
    return text


def repair(raw: dict[str, Any], notes: list[str] | None = None) -> NotebookNode:
    """A well-formed notebook (nbformat 4.5) of what a JSON object says; the argument is left alone.

    Cells that are no objects, and outputs of an unknown kind, are left out; all else is kept or put right. `notes`
    gets a line for each thing that no program writes, perhaps more than once.
    """
    notes = [] if notes is None else notes
    raw = _clean(raw, notes)
    metadata = raw.get("metadata")
    if not isinstance(metadata, dict):
        notes.append("it has no metadata")
    version, minor = raw.get("nbformat"), raw.get("nbformat_minor")
    if version != 4:
        notes.append(f"it was saved in nbformat {version if isinstance(version, int) else '?'}"[:60])
    elif isinstance(minor, int) and minor > 5:
        notes.append(f"it was saved in nbformat 4.{minor}"[:60])
    given = _raw_cells(raw)
    if not given:
        notes.append("it has no cells")
    cells = [_repair_cell(cell, notes) for cell in given if isinstance(cell, dict)]
    if len(cells) < len(given):
        notes.append(f"{len(given) - len(cells)} of its cells are no objects and were left out")
    _give_ids(cells)
    return from_dict(
        {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": metadata if isinstance(metadata, dict) else {},
            "cells": cells,
        }
    )


def _raw_cells(raw: dict[str, Any]) -> list[Any]:
    """The cells of a notebook of any format: nbformat 3 keeps them in worksheets."""
    if isinstance(raw.get("cells"), list):
        return raw["cells"]
    worksheets = raw.get("worksheets")
    if not isinstance(worksheets, list):
        return []
    sheets = [sheet["cells"] for sheet in worksheets if isinstance(sheet, dict) and "cells" in sheet]
    return [cell for cells in sheets if isinstance(cells, list) for cell in cells]


def _repair_cell(raw: dict[str, Any], notes: list[str]) -> dict[str, Any]:
    kind = raw.get("cell_type")
    given = raw["source"] if "source" in raw else raw.get("input")
    if not isinstance(given, str) and not (isinstance(given, list) and all(isinstance(line, str) for line in given)):
        notes.append("the text of a cell is no text")
    source = _text(given)
    if kind == "heading":  # nbformat 3
        level = raw.get("level")
        level = min(max(level, 1), 6) if isinstance(level, int) else 1
        kind, source = "markdown", f"{'#' * level} {source}"
    elif kind == "html":  # nbformat 2
        kind = "markdown"
    elif kind not in ("code", "markdown", "raw"):
        kind = "code" if "outputs" in raw or "input" in raw else "raw"
    cell: dict[str, Any] = {
        "id": raw.get("id"),
        "cell_type": kind,
        "metadata": _repair_metadata(raw.get("metadata")),
        "source": source,
    }
    if kind == "code":
        count = raw.get("execution_count", raw.get("prompt_number"))
        cell["execution_count"] = count if isinstance(count, int) and not isinstance(count, bool) else None
        outputs = raw.get("outputs")
        cell["outputs"] = _repair_outputs(outputs) if isinstance(outputs, list) else []
    elif isinstance(raw.get("attachments"), dict) and raw["attachments"]:
        cell["attachments"] = _repair_attachments(raw["attachments"])
    return cell


def _text(value: Any) -> str:
    """A multi-line text of nbformat: a string or a list of strings."""
    if isinstance(value, list):
        value = "".join(part for part in value if isinstance(part, str))
    text = value if isinstance(value, str) else ""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _repair_metadata(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        return {}
    metadata = dict(value)
    if "nbgrader" in metadata and not isinstance(metadata["nbgrader"], dict):
        del metadata["nbgrader"]
    if "tags" in metadata:
        tags = metadata["tags"]
        metadata["tags"] = [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []
    return metadata


def _repair_outputs(outputs: list[Any]) -> list[dict[str, Any]]:
    repaired = (_repair_output(output) for output in outputs if isinstance(output, dict))
    return [output for output in repaired if output is not None]


def _repair_output(raw: dict[str, Any]) -> dict[str, Any] | None:
    """A well-formed output, or None for one that says nothing that could be shown or read."""
    kind = raw.get("output_type")
    if kind == "stream":
        name = raw.get("name", raw.get("stream"))
        return {
            "output_type": "stream",
            "name": "stderr" if name == "stderr" else "stdout",
            "text": _text(raw.get("text")),
        }
    if kind in ("error", "pyerr"):
        traceback = raw.get("traceback")
        return {
            "output_type": "error",
            "ename": _text(raw.get("ename")),
            "evalue": _text(raw.get("evalue")),
            "traceback": [_text(line) for line in traceback] if isinstance(traceback, list) else [],
        }
    if kind in ("display_data", "update_display_data", "execute_result", "pyout"):
        data = raw.get("data")
        output: dict[str, Any] = {
            "output_type": "execute_result" if kind in ("execute_result", "pyout") else "display_data",
            "data": _repair_bundle(data) if isinstance(data, dict) else {},
            "metadata": raw["metadata"] if isinstance(raw.get("metadata"), dict) else {},
        }
        if output["output_type"] == "execute_result":
            output["execution_count"] = None
        return output
    return None


def _repair_attachments(raw: dict[str, Any]) -> dict[str, Any]:
    return {name: _repair_bundle(bundle) for name, bundle in raw.items() if isinstance(bundle, dict)}


def _repair_bundle(raw: dict[str, Any]) -> dict[str, Any]:
    """A MIME bundle: texts, and any JSON under a JSON type."""
    json_type = re.compile(r"^application/(.*\+)?json$")
    texts = {kind: value for kind, value in raw.items() if isinstance(value, (str, list))}
    bundle = {kind: _text(value) for kind, value in texts.items() if not json_type.match(kind)}
    return bundle | {kind: value for kind, value in raw.items() if json_type.match(kind)}


def _give_ids(cells: list[dict[str, Any]]) -> None:
    """Give each cell without a valid id of its own one that depends on nothing but the notebook."""
    taken: set[str] = set()
    for index, cell in enumerate(cells):
        identifier = cell["id"]
        if not isinstance(identifier, str) or not _CELL_ID.match(identifier) or identifier in taken:
            identifier = fresh_id(f"{index}:{cell['source']}", taken)
        cell["id"] = identifier
        taken.add(identifier)


def fresh_id(seed: str, taken: Container[str]) -> str:
    """A cell id that is not in `taken`; the same for the same seed and the same `taken`."""
    attempt = 0
    while True:
        identifier = hashlib.sha256(f"{attempt}:{seed}".encode("utf-8", "replace")).hexdigest()[:8]
        if identifier not in taken:
            return identifier
        attempt += 1


# ---------------------------------------------------------------------------------------------------
# Normal form


def normalise(notebook: NotebookNode) -> NotebookNode:
    """A copy in the one form that notebooks are kept in.

    No outputs and execution counts, no metadata of editors, Python 3 as the kernel; ids, nbgrader's
    metadata and tags stay. Normalising twice changes nothing.
    """
    metadata: dict[str, Any] = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    if "coursework" in notebook.metadata:
        metadata["coursework"] = copy.deepcopy(notebook.metadata["coursework"])
    cells = [_normal_cell(cell) for cell in notebook.cells]
    _give_ids(cells)
    return from_dict({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells})


def _normal_cell(cell: NotebookNode) -> dict[str, Any]:
    metadata = {key: copy.deepcopy(cell.metadata[key]) for key in _KEPT_CELL_METADATA if key in cell.metadata}
    metadata = {key: value for key, value in metadata.items() if value not in ([], {})}
    normal: dict[str, Any] = {
        "id": cell.get("id"),
        "cell_type": cell.cell_type,
        "metadata": metadata,
        "source": cell.source,
    }
    if cell.cell_type == "code":
        normal["execution_count"] = None
        normal["outputs"] = []
    elif cell.get("attachments"):
        normal["attachments"] = copy.deepcopy(cell.attachments)
    return normal


def to_bytes(notebook: NotebookNode) -> bytes:
    """The notebook as it is written to a file: sorted keys, indent 1, UTF-8, one newline at the end."""
    text = nbformat.writes(notebook, version=nbformat.NO_CONVERT)
    return (text.rstrip("\n") + "\n").encode("utf-8", errors="replace")


# ---------------------------------------------------------------------------------------------------
# Cells


def nbgrader_of(cell: NotebookNode) -> dict[str, Any]:
    """nbgrader's metadata of a cell, empty when there is none."""
    metadata = cell.get("metadata")
    value = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return value if isinstance(value, dict) else {}


def checksum(cell: NotebookNode) -> str:
    """The checksum by which nbgrader tells an untouched cell: what ``nbgrader.utils.compute_checksum`` computes.

    Here because importing nbgrader, with all its server extensions, takes seconds that no worker needs to spend.
    """
    known = nbgrader_of(cell)
    parts = [cell.source, cell.cell_type]
    parts += [str(known.get(flag, False)) for flag in ("grade", "solution", "locked")]
    parts.append(known["grade_id"])
    if known.get("grade", False):
        parts.append(str(float(known["points"])))
    return hashlib.md5("".join(parts).encode(), usedforsecurity=False).hexdigest()


def grade_id(cell: NotebookNode) -> str | None:
    """nbgrader's id of a cell, None when it has none."""
    value = nbgrader_of(cell).get("grade_id")
    return value if isinstance(value, str) and value else None


def role(cell: NotebookNode) -> CellRole:
    """What a cell of a master notebook is for (see the top of this module)."""
    metadata = nbgrader_of(cell)
    if metadata.get("task"):
        return "rubric"
    if metadata.get("solution"):
        return "answer"
    if metadata.get("grade"):
        return "test"
    return "given" if metadata.get("locked") else "plain"


@dataclass(frozen=True)
class Exercise:
    """One exercise of a master notebook. Cells are those of the notebook, not copies.

    ``points`` is what it can earn; those of a ``bonus`` exercise belong to no maximum.
    """

    id: str
    kind: Literal["code", "written"]
    points: float
    solution: NotebookNode
    test: NotebookNode | None
    rubric: NotebookNode | None
    bonus: bool = False

    @property
    def examination(self) -> str | None:
        """The name of the examination that the hidden region of the test cell asks for."""
        return None if self.test is None else examination_name(split_hidden(self.test.source)[1])


def exercises(master: NotebookNode) -> list[Exercise]:
    """The exercises of a master notebook in its order.

    An answer cell without a test cell and without points (such as `identity`) is no exercise.
    """
    by_id = {grade_id(cell): cell for cell in master.cells if grade_id(cell)}
    found = []
    for cell in answer_cells(master):
        name = str(grade_id(cell))
        test, rubric = by_id.get(f"{name}_test"), by_id.get(f"{name}_rubric")
        if test is not None and role(test) == "test":
            bonus = bonus_of(test)
            found.append(Exercise(name, "code", bonus or points_of(test), cell, test, rubric, bonus > 0))
        elif nbgrader_of(cell).get("grade"):
            found.append(Exercise(name, "written", points_of(cell), cell, None, rubric))
    return found


def answer_cells(master: NotebookNode) -> list[NotebookNode]:
    """The cells that students fill in, exercises and others (such as `identity`)."""
    return [cell for cell in master.cells if role(cell) == "answer" and grade_id(cell)]


def points_of(cell: NotebookNode) -> float:
    """The points of a grade cell; 0.0 when they are missing or no number."""
    value = nbgrader_of(cell).get("points", 0)
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else 0.0


def bonus_of(cell: NotebookNode) -> float:
    """The extra points that the test cell of a bonus exercise can earn; 0.0 for any other cell."""
    own = cell.get("metadata", {}).get("coursework")
    value = own.get("bonus", 0) if isinstance(own, dict) else 0
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else 0.0


def is_form(cell: NotebookNode) -> bool:
    """Whether an answer cell is a form (see the top of this module); `identity` always is."""
    own = cell.get("metadata", {}).get("coursework")
    return grade_id(cell) == IDENTITY or (isinstance(own, dict) and own.get("form") is True)


def asks_for_report(notebook: NotebookNode) -> bool:
    """Whether a report as PDF belongs to the hand-in (see the top of this module)."""
    own = [cell.get("metadata", {}).get("coursework") for cell in notebook.cells]
    return any(isinstance(found, dict) and found.get("report") is True for found in own)


def points_output(points: float, bonus: bool = False) -> NotebookNode:
    """The output of a test cell that nbgrader takes as its points.

    nbgrader refuses more than the cell's maximum, which is 0 for a bonus exercise: its points stand beside the number.
    """
    beside = {"coursework": {"bonus": points}} if bonus else {}
    text = str(0.0 if bonus else points)
    return nbformat.v4.new_output("execute_result", {"text/plain": text}, metadata=beside, execution_count=None)


def bonus_earned(cell: NotebookNode) -> float:
    """The extra points that `points_output` noted in a test cell; 0.0 when there are none."""
    for output in cell.get("outputs", []):
        if output.output_type == "execute_result":
            return bonus_of(output)
    return 0.0


# ---------------------------------------------------------------------------------------------------
# Regions of a cell's text


def split_region(source: str, name: str) -> tuple[str, str]:
    """(text outside, text inside) the regions between lines with `BEGIN <name>` and `END <name>`.

    The lines of the delimiters belong to neither. A region that is not closed reaches to the end.
    """
    outside: list[str] = []
    inside: list[str] = []
    within = False
    for line in source.split("\n"):
        if f"BEGIN {name}" in line:
            within = True
        elif f"END {name}" in line:
            within = False
        else:
            (inside if within else outside).append(line)
    return "\n".join(outside), "\n".join(inside)


def split_hidden(source: str) -> tuple[str, str]:
    """(visible, hidden) parts of a test cell's text."""
    return split_region(source, "HIDDEN TESTS")


def split_solution(source: str) -> tuple[str, str]:
    """(scaffold, solution) of an answer cell's text; without a region all of it is solution."""
    if "BEGIN SOLUTION" not in source:
        return "", source
    return split_region(source, "SOLUTION")


def split_mark_scheme(source: str) -> tuple[str, str]:
    """(visible, mark scheme) parts of a rubric's text."""
    return split_region(source, "MARK SCHEME")


def examination_name(hidden: str) -> str | None:
    """The first argument of the call `examine("assignment/exercise", ...)` in a hidden region.

    Found by parsing, so that a comment or a string that looks like the call does not count. None when
    there is no such call or the region is no Python.
    """
    try:
        tree = ast.parse(hidden)
    except (SyntaxError, ValueError):
        return None
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", None)
        first = node.args[0]
        if called == "examine" and isinstance(first, ast.Constant) and isinstance(first.value, str):
            return first.value
    return None


def without_hidden(notebook: NotebookNode) -> NotebookNode:
    """A copy without hidden tests and mark schemes: what may be sent to where students' code runs."""
    clean = copy.deepcopy(notebook)
    for cell in clean.cells:
        cell.source = visible_source(cell)
    return clean


def visible_source(cell: NotebookNode) -> str:
    """A cell's text without hidden tests and mark scheme."""
    return split_mark_scheme(split_hidden(cell.source)[0])[0]


def parsed(source: str) -> ast.Module | None:
    """The syntax tree of what a student wrote; None for what is no Python, or too much for Python's parser.

    The parser's warnings about a student's text are nobody's business here.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # MemoryError: nested too deeply for the parser
        return None


# ---------------------------------------------------------------------------------------------------
# Markers and stubs


def marker_line(exercise: str, cell_type: str) -> str:
    """The line by which an answer cell is known when its metadata is lost."""
    return f"# exercise: {exercise}" if cell_type == "code" else f"<!-- exercise: {exercise} -->"


def split_at_markers(source: str) -> list[str]:
    """The text cut before each marker line that starts in the first column, beginning with the second one.

    Answer cells that were merged come apart again; other texts come back whole.
    """
    starts = [m.start() for m in _CODE_MARKER.finditer(source) if m.group(0).startswith("#")]
    starts += [m.start() for m in _TEXT_MARKER.finditer(source) if m.group(0).startswith("<")]
    cuts = [0, *sorted(starts)[1:], len(source)]
    return [source[begin:end].strip("\n") for begin, end in itertools.pairwise(cuts)]


def find_markers(source: str) -> list[str]:
    """The exercise ids of the marker lines in a cell's text, of either kind, in their order."""
    matches = [*_CODE_MARKER.finditer(source), *_TEXT_MARKER.finditer(source)]
    return [match.group(1) for match in sorted(matches, key=lambda match: match.start())]


def without_markers(source: str) -> str:
    """The text without marker lines."""
    lines = source.split("\n")
    return "\n".join(line for line in lines if not _CODE_MARKER.match(line) and not _TEXT_MARKER.match(line))


def stub_text(exercise: str, cell_type: str) -> str:
    """What stands in a released answer cell in place of the solution."""
    return CODE_STUB.replace(STUB_PLACEHOLDER, exercise) if cell_type == "code" else TEXT_STUB


def marked_source(cell: NotebookNode, source: str) -> str:
    """The text of an answer cell of the master as students get it; `source`: its text after ClearSolutions.

    The marker comes first and the stub names the exercise. A form gets no stub that raises: it is filled in line by
    line, and must not stop 'Run All'.
    """
    exercise = str(grade_id(cell))
    source = source.replace(STUB_PLACEHOLDER, exercise)
    if is_form(cell):
        stub = stub_text(exercise, cell.cell_type).split("\n")
        source = "\n".join(line for line in source.split("\n") if line.strip() not in stub).strip("\n")
        if exercise == IDENTITY:
            source = source or IDENTITY_FORM
    return f"{marker_line(exercise, cell.cell_type)}\n{source}"


def release_source(cell: NotebookNode) -> str:
    """What a cell of the master says in the release; the same as nbgrader's converter makes of it."""
    if role(cell) != "answer":
        return visible_source(cell)
    stub = CODE_STUB if cell.cell_type == "code" else TEXT_STUB
    if "BEGIN SOLUTION" not in cell.source:
        return marked_source(cell, stub)
    return marked_source(cell, "\n".join(_with_stub(cell.source.split("\n"), stub)))


def _with_stub(lines: list[str], stub: str) -> Iterator[str]:
    within = False
    for line in lines:
        if "BEGIN SOLUTION" in line:
            within = True
            indent = line[: len(line) - len(line.lstrip())]
            yield from (indent + stub_line for stub_line in stub.split("\n"))
        elif "END SOLUTION" in line:
            within = False
        elif not within:
            yield line
