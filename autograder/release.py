"""From source/ to release/: the students' notebooks, made by nbgrader's own converter.

`nbgrader generate_assignment` gives the same notebooks, since everything that is ours is put in by
nbgrader_config.py: `MarkAnswers` and `StampRelease`, which also reads the setting `c.Coursework.repository`. What
`release` adds is that nothing is written to release/ before it has been looked through for solutions, hidden tests and
mark schemes.

Not safe in threads: nbgrader's converter changes the process's working directory while it runs.
"""

import copy
import hashlib
import json
import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbformat.notebooknode import NotebookNode
from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import TraitError

from autograder.course import Course, CourseError, find_course
from autograder.files import replace_folder, scratch_folder
from autograder.gradebook import make_tables
from autograder.notebooks import (
    UnreadableNotebook,
    grade_id,
    marked_source,
    normalise,
    read_notebook,
    release_source,
    role,
    split_hidden,
    split_mark_scheme,
    split_solution,
    to_bytes,
)
from autograder.settings import repository_of
from autograder.wheel import GIVEN_FOLDER, wheel_name

SETUP = "given_setup"
NO_WHEEL = re.compile(r'^WHEEL = ""', re.MULTILINE)
"""The place in a setup cell for the address of the wheel."""

_STAMP_DIGITS = 16
_FORBIDDEN = (
    "BEGIN SOLUTION",
    "END SOLUTION",
    "BEGIN HIDDEN",
    "END HIDDEN",
    "BEGIN MARK SCHEME",
    "END MARK SCHEME",
)
_RUN_LENGTH = 3
_LEAKS_SHOWN = 3

HiddenRuns = frozenset[tuple[str, ...]]
"""Runs of lines that students must not see."""

# ---------------------------------------------------------------------------------------------------
# Our steps in nbgrader's converter


class MarkAnswers(NbGraderPreprocessor):
    """Puts the marker line and the exercise's id into each answer cell; runs after ClearSolutions."""

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict[str, Any], index: int
    ) -> tuple[NotebookNode, dict[str, Any]]:
        if role(cell) == "answer" and grade_id(cell):
            cell.source = marked_source(cell, cell.source)
        return cell, resources


class StampRelease(NbGraderPreprocessor):
    """Brings the notebook into normal form, puts in where students find the course, and stamps it.

    The stamp names the assignment and the source, together with what was put in: a hand-in made before the address
    changed is known as one from another release, and what differs in it is not held against the student.
    """

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        origin = resources["metadata"]
        folder, assignment = Path(origin["path"]), resources["nbgrader"]["assignment"]
        addresses = _addresses(self.config, folder, f"{assignment}/{origin['name']}.ipynb")
        master = read_notebook((folder / f"{origin['name']}.ipynb").read_bytes())
        stamped = with_addresses(normalise(nb), addresses)
        stamped.metadata["coursework"] = {
            "assignment": assignment,
            "release": source_stamp(with_addresses(master, addresses)),
        }
        return stamped, resources


def source_stamp(master: NotebookNode) -> str:
    """What tells one state of a master notebook from another: 16 hexadecimal digits."""
    return hashlib.sha256(to_bytes(normalise(master))).hexdigest()[:_STAMP_DIGITS]


# ---------------------------------------------------------------------------------------------------
# Where students find the course


@dataclass(frozen=True)
class Addresses:
    """What `c.Coursework.repository` puts into a notebook: where Colab opens it, and where the wheel of helpers is."""

    colab: str
    wheel: str


def badge(address: str) -> str:
    """Colab's own badge, as Markdown; where its picture cannot be loaded its text stands there."""
    return f"[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({address})"


def with_addresses(notebook: NotebookNode, addresses: Addresses | None) -> NotebookNode:
    """The notebook with the badge above its first text, and the wheel's address in its setup cell."""
    if addresses is None:
        return notebook
    notebook = copy.deepcopy(notebook)
    texts = [cell for cell in notebook.cells if cell.cell_type == "markdown" and role(cell) == "plain"]
    if texts:
        texts[0].source = f"{badge(addresses.colab)}\n\n{texts[0].source}"
    for cell in notebook.cells:
        if grade_id(cell) == SETUP and role(cell) == "given":
            cell.source = NO_WHEEL.sub(f'WHEEL = "{addresses.wheel}"', cell.source, count=1)
    return notebook


def _addresses(config: Any, folder: Path, notebook: str) -> Addresses | None:
    """The addresses of a notebook by its path in the bundle; None when no repository is configured.

    Raises ValueError for a setting that cannot be read.
    """
    repository = repository_of(config.get("Coursework", {}))
    if repository is None:
        return None
    return Addresses(repository.colab(notebook), repository.raw(wheel_name(find_course(folder))))


# ---------------------------------------------------------------------------------------------------
# Releasing


def release(course: Course, assignment: str) -> list[Path]:
    """Make release/<assignment> anew and enter the assignment into the gradebook.

    Returns the notebooks that were written. Raises CourseError, with release/ untouched, when nbgrader
    refuses the source or when a solution, hidden test, mark scheme or output would leak.
    """
    with scratch_folder(course) as scratch:
        built = build_release(course, assignment, scratch / "release")
        leaks = release_leaks(course, assignment, built)
        if leaks:
            raise CourseError(f"{assignment} is not released: {_shortened(leaks)}")
        ensure_in_gradebook(course, assignment)
        target = course.release / assignment
        replace_folder(built, target, scratch / "before")
    return sorted(target.glob("*.ipynb"))


def build_release(course: Course, assignment: str, folder: Path) -> Path:
    """Make the released files below `folder`, without gradebook and checks; returns their folder."""
    _convert(course, assignment, folder, database=False)
    return folder / assignment


def ensure_in_gradebook(course: Course, assignment: str) -> None:
    """Enter the assignment's cells and points into gradebook.db, which is made when missing.

    release/ is not touched. Entering the same state again changes nothing.
    """
    make_tables(course)
    with scratch_folder(course) as scratch:
        _convert(course, assignment, scratch / "release", database=True)


def release_leaks(course: Course, assignment: str, folder: Path) -> list[str]:
    """What the released files in `folder` would give away, each in one line."""
    masters = {path.name: read_master(path) for path in course.source_notebooks(assignment)}
    hidden = hidden_runs(masters.values())
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder)
        if len(name.parts) == 1 and name.name in masters:
            leaks = leaks_in_notebook(masters[name.name], read_notebook(path.read_bytes()))
        elif name.parts[0] == GIVEN_FOLDER:
            leaks = leaks_in_text(hidden, path.read_bytes().decode("utf-8", errors="replace"))
        else:
            leaks = [f"it is not in the folder {GIVEN_FOLDER}/, from which files go out on purpose"]
        found += [f"{name}: {leak}" for leak in leaks]
    return found


def out_of_step(course: Course, assignment: str) -> list[str]:
    """What in release/<assignment> is not what the source gives now, each in one line."""
    with scratch_folder(course) as scratch:
        expected = _contents(build_release(course, assignment, scratch / "release"))
    found = _contents(course.release / assignment)
    if not found:
        return [f"{assignment} was never released"]
    missing = [f"{name} is missing" for name in sorted(expected.keys() - found.keys())]
    extra = [f"{name} does not come from the source" for name in sorted(found.keys() - expected.keys())]
    differing = [
        f"{name} differs from what the source gives"
        for name in sorted(expected.keys() & found.keys())
        if expected[name] != found[name]
    ]
    return missing + extra + differing


def _contents(folder: Path) -> dict[str, bytes]:
    """Relative path → bytes of every file below a folder, but for what editors leave behind."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".ipynb_checkpoints" not in path.parts
    }


def read_master(path: Path) -> NotebookNode:
    """Read one of the instructor's notebooks; CourseError when it is none."""
    try:
        return read_notebook(path.read_bytes())
    except UnreadableNotebook as error:
        raise CourseError(f"{path}: {error}") from error


def _convert(course: Course, assignment: str, release_folder: Path, *, database: bool) -> None:
    """Run nbgrader's GenerateAssignment with the course's configuration into `release_folder`."""
    course.source_notebooks(assignment)  # a clear error for an unknown assignment
    config = course.config()
    config.CourseDirectory.release_directory = str(release_folder)
    config.CourseDirectory.assignment_id = assignment
    if not database:  # what `nbgrader generate_assignment --no-db` sets
        config.SaveCells.enabled = False
        config.GenerateAssignment.no_database = True
    log, messages = listening_logger()
    try:
        coursedir = CourseDirectory(config=config)
        GenerateAssignment(coursedir=coursedir, config=config, log=log).start()
    except (NbGraderException, TraitError, ImportError) as error:
        raise CourseError(f"nbgrader refuses {assignment}: {logged_cause(messages, error)}") from error


def listening_logger() -> tuple[logging.Logger, list[str]]:
    """A logger that only collects errors: nbgrader's exceptions say 'see the traceback above'."""
    messages: list[str] = []

    class _Collect(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            messages.append(record.getMessage())

    log = logging.Logger("autograder.release", level=logging.ERROR)
    log.addHandler(_Collect())
    return log, messages


def logged_cause(messages: list[str], error: Exception) -> str:
    """The last line of the last traceback that nbgrader logged, else what the exception says."""
    tracebacks = [message for message in messages if message.startswith("Traceback")]
    if not tracebacks:
        return " ".join((messages[0] if messages else str(error)).split())
    last_lines = [line for line in tracebacks[0].strip().split("\n") if re.match(r"[\w.]+(Error|Exception)\b", line)]
    return last_lines[-1] if last_lines else tracebacks[0].strip().split("\n")[-1]


def _shortened(leaks: list[str]) -> str:
    more = f" (and {len(leaks) - _LEAKS_SHOWN} more)" if len(leaks) > _LEAKS_SHOWN else ""
    return "; ".join(leaks[:_LEAKS_SHOWN]) + more


# ---------------------------------------------------------------------------------------------------
# Leaks


def secret_regions(master: NotebookNode) -> list[str]:
    """Every text of a master notebook that students must not see."""
    regions = []
    for cell in master.cells:
        if role(cell) == "answer":
            regions.append(split_solution(cell.source)[1])
        regions += [split_hidden(cell.source)[1], split_mark_scheme(cell.source)[1]]
    return [region for region in regions if region.strip()]


def visible_lines(master: NotebookNode) -> set[str]:
    """The stripped lines of all that students may see of a master notebook."""
    return {line for cell in master.cells for line in _stripped_lines(release_source(cell))}


def leaks_in_notebook(master: NotebookNode, released: NotebookNode) -> list[str]:
    """What a released notebook gives away, each in one line; empty when it gives away nothing."""
    visible = visible_lines(master)
    secret = {line for region in secret_regions(master) for line in _stripped_lines(region)} - visible
    found = []
    for index, cell in enumerate(released.cells):
        where = f"cell {index + 1} ({grade_id(cell) or cell.cell_type})"
        shown = [line for line in _stripped_lines(cell.source) if line in secret]
        found += [f"{where} shows a line that is to stay hidden: {line!r}" for line in shown]
        if cell.get("outputs"):
            found.append(f"{where} has outputs")
    return found + forbidden_words(json.dumps(released, ensure_ascii=False))


def hidden_runs(masters: Iterable[NotebookNode]) -> HiddenRuns:
    """Every three lines in a row of the hidden regions of these notebooks, unless students may see all three."""
    found: set[tuple[str, ...]] = set()
    for master in masters:
        visible = visible_lines(master)
        for region in secret_regions(master):
            found |= {run for run in _runs(region) if not visible.issuperset(run)}
    return frozenset(found)


def leaks_in_text(hidden: HiddenRuns, text: str) -> list[str]:
    """What a text file gives away: a forbidden word, or three lines in a row of a hidden region.

    Single lines are not compared, since `return output` stands in many an innocent file.
    """
    shown = next((run for run in _runs(text) if run in hidden), None)
    run = [f"it holds lines of a solution or hidden test, such as {shown[0]!r}"] if shown else []
    return forbidden_words(text) + run


def forbidden_words(text: str) -> list[str]:
    """The words in a text that appear in nothing that students get."""
    found = [f"it holds '{word}'" for word in _FORBIDDEN if word in text]
    if re.search(r"\bautograder\b", text):
        found.append("it names the package 'autograder'")
    return found


def _runs(text: str) -> list[tuple[str, ...]]:
    lines = _stripped_lines(text)
    return [tuple(lines[i : i + _RUN_LENGTH]) for i in range(len(lines) - _RUN_LENGTH + 1)]


def _stripped_lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]
