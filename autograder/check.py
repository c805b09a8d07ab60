"""What is out of step or wrongly configured in a course, and where.

Nothing is changed and nothing is graded. Each finding says where it is and what is wrong; no finding
means that the course can be released and graded.
"""

import contextlib
import re
import shutil
from collections import Counter
from collections.abc import Iterator, Set
from dataclasses import dataclass
from pathlib import Path

import psutil
import sqlalchemy
from nbformat.notebooknode import NotebookNode

from autograder.comments import comments_file, exercises_of, read_comments
from autograder.course import CONFIG_NAME, Course, CourseError
from autograder.notebooks import (
    IDENTITY,
    UnreadableNotebook,
    answer_cells,
    bonus_of,
    exercises,
    grade_id,
    nbgrader_of,
    normalise,
    read_notebook,
    role,
    split_mark_scheme,
    to_bytes,
)
from autograder.points import disagreements
from autograder.release import NO_WHEEL, SETUP, out_of_step
from autograder.roster import RosterError, read_roster, roster_file
from autograder.sandbox import PACKAGE_ROOT, SandboxError, require_bubblewrap
from autograder.settings import read_settings
from helpers.data import DATASETS
from helpers.data.store import CHECKSUMS, check_checksums

LEAST_FREE = 2**30
"""Bytes; a class of 40 leaves some 300 MB with its executed notebooks."""
CONNECT_SECONDS = 10
"""How long a database server may take to answer."""

_TIMES = re.compile(r"^\|\s*Reading\s*\|.*\n\|[\s:|-]+\|\n\|.*\d\s*min\b", re.MULTILINE)
"""A table whose first column is the time for reading, with minutes in its row."""
_DATA_MODULE = re.compile(r"helpers\.data\.(\w+)|from helpers\.data import (\w+)")


@dataclass(frozen=True)
class Problem:
    """One finding. `where`: a path relative to the course, with the cell where there is one."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def check(course: Course, examinations: Set[str] | None = None) -> list[Problem]:
    """Every problem of a course, in the order of its files.

    `examinations` are the names that test cells may ask for; by default those that the package has.
    """
    if examinations is None:
        from autograder.examine import known_examinations  # numpy and all examinations: only when needed

        examinations = known_examinations(course.assignments())
    try:
        course.config()
    except CourseError as error:
        return [Problem("nbgrader_config.py", str(error))]
    if not course.assignments():
        return [Problem("source", "there is no assignment: no folder in it holds a notebook")]
    problems = check_configuration(course) + check_machine(course) + check_samples(course)
    for assignment in course.assignments():
        for path in course.source_notebooks(assignment):
            problems += _check_source(course, assignment, path, examinations)
        problems += _check_release(course, assignment)
    return problems


# --- the configuration, and what it names -----------------------------------------------------------------------


def check_configuration(course: Course) -> list[Problem]:
    """Settings that are unknown, malformed or name what is not there, and the roster's damaged rows."""
    settings, found = read_settings(course.config().get("Coursework", {}), course.root, course.assignments())
    problems = [Problem(f"{CONFIG_NAME}, {where}" if where.startswith("c.") else where, what) for where, what in found]
    try:
        course.limits()
    except CourseError as error:
        problems.append(Problem(CONFIG_NAME, str(error).removeprefix(f"{CONFIG_NAME}: ")))
    comments = comments_file(course, settings)
    with contextlib.suppress(UnreadableNotebook):  # which is told where the notebooks are checked
        problems += [Problem(comments.name, problem) for problem in read_comments(comments, exercises_of(course))[1]]
    path = roster_file(course, settings)
    if path.is_file():
        try:
            roster = read_roster(path)
        except RosterError as error:
            problems += [Problem(path.name, problem) for problem in error.problems]
        else:
            unknown = {student for student, _ in settings.extensions if student not in roster.students}
            what = "it has an extension, but is not on the roster"
            problems += [Problem(f"{CONFIG_NAME}, student {student}", what) for student in sorted(unknown)]
    return problems


def check_machine(course: Course) -> list[Problem]:
    """What this machine lacks: a gradebook that can be opened, and bubblewrap, which students' code runs in."""
    from autograder.gradebook import cause, gradebook_url, has_gradebook  # brings nbgrader

    problems = []
    try:
        require_bubblewrap()
    except SandboxError as error:
        problems.append(Problem("this machine", str(error)))
    problems += [Problem("this machine", what) for what in _too_small(course)]
    try:
        url = gradebook_url(course)
        if has_gradebook(url):
            options = {"connect_timeout": CONNECT_SECONDS} if url.get_backend_name() == "postgresql" else {}
            engine = sqlalchemy.create_engine(url, connect_args=options)
            try:
                with engine.connect() as connection:
                    sqlalchemy.inspect(connection).get_table_names()
            finally:
                engine.dispose()
    except CourseError as error:
        problems.append(Problem(CONFIG_NAME, str(error)))
    except (sqlalchemy.exc.SQLAlchemyError, ImportError) as error:
        problems.append(Problem(f"the gradebook, {url.render_as_string()}", f"it cannot be used: {cause(error)}"))
    return problems


def _too_small(course: Course) -> Iterator[str]:
    """What there is less of than grading may need."""
    free, there = shutil.disk_usage(course.root).free, psutil.virtual_memory().total
    if free < LEAST_FREE:
        yield f"only {free / 2**20:.0f} MB are free where the course lies; what is graded is kept there"
    with contextlib.suppress(CourseError):  # a wrong limit is told with the configuration
        allowed = course.limits().memory
        if there < allowed:
            yield (
                f"it has {there / 2**30:.1f} GiB of memory, and a hand-in may use {allowed / 2**30:.1f}: lower"
                " c.Limits.memory, or grade elsewhere"
            )


def check_samples(course: Course) -> list[Problem]:
    """Files of the embedded samples that are not what they were when their checksums were written."""
    folders = sorted(path.parent for path in course.data.glob(f"*/{CHECKSUMS}"))
    return [
        Problem(f"data/{folder.name}", problem.removeprefix(f"{folder}/"))
        for folder in folders
        for problem in check_checksums(folder)
    ]


# --- notebooks --------------------------------------------------------------------------------------------------


def _check_source(course: Course, assignment: str, path: Path, examinations: Set[str]) -> list[Problem]:
    where = str(path.relative_to(course.root))
    data = path.read_bytes()
    try:
        master = read_notebook(data)
    except UnreadableNotebook as error:
        return [Problem(where, str(error))]
    problems = _check_form(where, master, data, "coursework tidy")
    problems += _check_times(where, master)
    problems += _check_ids(where, master)
    problems += _check_exercises(where, assignment, master, examinations)
    problems += _check_address(course, where, master)
    return problems + _check_data(course, where, master)


def _check_form(where: str, notebook: NotebookNode, data: bytes, remedy: str) -> list[Problem]:
    """Outputs, and any other deviation from the normal form; `remedy` is the command that puts them right."""
    problems = [
        Problem(f"{where}, {_name(notebook, index)}", f"outputs are left in it: run {remedy}")
        for index, cell in enumerate(notebook.cells)
        if cell.get("outputs") or cell.get("execution_count")
    ]
    if not problems and data != to_bytes(normalise(notebook)):
        problems.append(Problem(where, f"it is not in normal form: run {remedy}"))
    return problems


def _check_times(where: str, master: NotebookNode) -> list[Problem]:
    """Students are told in the header how long a notebook takes them."""
    header = next((cell.source for cell in master.cells if cell.cell_type == "markdown"), "")
    if _TIMES.search(header):
        return []
    what = "the estimated time is not stated: add a table | Reading | Writing code | with a row | 20 min | 60 min |"
    return [Problem(f"{where}, header (the first text)", what)]


def _check_ids(where: str, master: NotebookNode) -> list[Problem]:
    ids = Counter(str(grade_id(cell)) for cell in master.cells if grade_id(cell))
    problems = [Problem(where, f"the id '{name}' is there {n} times") for name, n in ids.items() if n > 1]
    problems += [
        Problem(f"{where}, {_name(master, index)}", "the cell is locked or graded but has no grade_id")
        for index, cell in enumerate(master.cells)
        if role(cell) != "plain" and grade_id(cell) is None
    ]
    if not any(grade_id(cell) == IDENTITY for cell in answer_cells(master)):
        problems.append(Problem(where, f"there is no answer cell '{IDENTITY}' that says who hands in"))
    return problems


def _check_exercises(where: str, assignment: str, master: NotebookNode, examinations: Set[str]) -> list[Problem]:
    found = exercises(master)
    known = {exercise.id for exercise in found}
    problems = [] if found else [Problem(where, "there is no exercise in it")]
    problems += [
        Problem(f"{where}, {place}", what) for place, what in disagreements(master, found, _weights(assignment))
    ]
    for exercise in found:
        graded = exercise.solution if exercise.test is None else exercise.test
        problems += _check_points(f"{where}, {grade_id(graded)}", graded)
        if exercise.test is not None:
            spot = f"{where}, {exercise.id}_test"
            problems += _check_examination(spot, f"{assignment}/{exercise.id}", exercise.examination, examinations)
        elif exercise.rubric is None:
            problems.append(Problem(f"{where}, {exercise.id}", f"there is no rubric '{exercise.id}_rubric'"))
        elif not split_mark_scheme(exercise.rubric.source)[1].strip():
            problems.append(Problem(f"{where}, {exercise.id}_rubric", "its mark scheme is empty"))
    for cell in master.cells:
        name = str(grade_id(cell))
        suffix = {"test": "_test", "rubric": "_rubric"}.get(role(cell))
        if suffix and name.removesuffix(suffix) not in known:
            problems.append(Problem(f"{where}, {name}", "it belongs to no exercise of this notebook"))
    return problems


def _weights(assignment: str) -> dict[str, list[float]]:
    """Exercise → the weights of its examination's parts."""
    from autograder.examine import examinations  # numpy and all examinations: only when needed

    return {name: [part.weight for part in found.parts] for name, found in examinations(assignment).items()}


def _check_points(where: str, cell: NotebookNode) -> list[Problem]:
    points, bonus = nbgrader_of(cell).get("points"), bonus_of(cell)
    if bonus:
        wrong = bonus < 0 or points != 0
        return [Problem(where, "a bonus exercise has 0 points and a bonus above 0")] if wrong else []
    if isinstance(points, bool) or not isinstance(points, (int, float)) or not points > 0:
        return [Problem(where, f"its points are {points!r}, not a number above 0")]
    return []


def _check_examination(where: str, expected: str, name: str | None, known: Set[str]) -> list[Problem]:
    if name is None:
        return [Problem(where, f'its hidden region does not call examine("{expected}", globals())')]
    if name != expected:
        return [Problem(where, f"it is examined as '{name}', not as '{expected}'")]
    if name not in known:
        return [Problem(where, f"there is no examination '{name}'")]
    return []


def _check_address(course: Course, where: str, master: NotebookNode) -> list[Problem]:
    """The place for the wheel's address, where a repository is configured and the notebook imports helpers."""
    if not course.config().get("Coursework", {}).get("repository"):
        return []
    code = [cell.source for cell in master.cells if cell.cell_type == "code"]
    setup = [cell.source for cell in master.cells if grade_id(cell) == SETUP and role(cell) == "given"]
    if not any("from helpers" in source for source in code) or any(NO_WHEEL.search(source) for source in setup):
        return []
    what = "there is no line 'WHEEL = \"\"' for the address that c.Coursework.repository gives"
    return [Problem(f"{where}, {SETUP}", what)]


def _check_data(course: Course, where: str, master: NotebookNode) -> list[Problem]:
    """The samples of the data sets that the notebook loads, but for those that come with Python or a library."""
    code = "\n".join(cell.source for cell in master.cells if cell.cell_type == "code")
    names = sorted({match.group(1) or match.group(2) for match in _DATA_MODULE.finditer(code)} - {"store"})
    samples = course.data if course.data.is_dir() else PACKAGE_ROOT / "data"  # a course of one's own has none
    return [
        Problem(where, f"it loads '{name}', but data/{name} holds no sample")
        for name in names
        if not (name in DATASETS and DATASETS[name].built_in)
        and not any(path.is_file() and path.suffix not in (".py", ".md") for path in (samples / name).rglob("*"))
    ]


def _check_release(course: Course, assignment: str) -> list[Problem]:
    folder = course.release / assignment
    try:
        problems = [Problem(f"release/{assignment}", what) for what in out_of_step(course, assignment)]
    except CourseError as error:
        return [Problem(f"source/{assignment}", str(error))]
    for path in sorted(folder.glob("*.ipynb")):
        where = str(path.relative_to(course.root))
        data = path.read_bytes()
        try:
            problems += _check_form(where, read_notebook(data), data, "coursework release")
        except UnreadableNotebook as error:
            problems.append(Problem(where, str(error)))
    return problems


def _name(notebook: NotebookNode, index: int) -> str:
    return grade_id(notebook.cells[index]) or f"cell {index + 1}"
