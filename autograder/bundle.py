"""What students get: one zip with notebooks, helpers, sample data, and nothing of the instructor's.

Every text file, in the wheel and other archives too, is looked through for lines of solutions and hidden tests before
the zip is written. The same course gives the same bytes. Unpacked and pushed to the repository that
`c.Coursework.repository` names, it is what the notebooks' badges and setup cells lead to.
"""

import io
import os
import tempfile
import tomllib
import urllib.parse
import zipfile
from pathlib import Path

from autograder.course import Course, CourseError
from autograder.notebooks import read_notebook
from autograder.release import (
    HiddenRuns,
    badge,
    forbidden_words,
    hidden_runs,
    leaks_in_text,
    out_of_step,
    read_master,
    release_leaks,
)
from autograder.settings import Repository
from autograder.wheel import build_wheel, files_below, licences, project_folder, wheel_name

_NO_DATE = (1980, 1, 1, 0, 0, 0)  # a zip's zero; the files' own times would differ from clone to clone
_LEAKS_SHOWN = 3

README = """\
# {title}

Notebooks of this course, with all that they need.

{notebooks}

## On Colab

{colab}

A machine of Colab's is taken away after some hours, with its files. The setup cell tells how to keep results in your
Drive; the notebook's outputs hold them too.

## On your own computer

Python 3.11 or newer. In this folder:

    python -m venv .venv
    .venv/bin/pip install -r requirements.txt jupyterlab
    .venv/bin/jupyter lab

On Windows the programs are in `.venv\\Scripts` instead of `.venv/bin`. What a notebook needs beyond that, such as
tensorflow, its setup cell installs.

## On a JupyterHub

Upload the zip of this folder and unpack it in a terminal (`unzip`), or upload a notebook and, beside it,
`{wheel}`.

## Working and handing in

- Write only in the cells that say `YOUR CODE HERE` or `YOUR ANSWER HERE`, and in cells that you add. Leave the
  line `# exercise: ...` where it is: your answer is found by it.
- The cell after an exercise tests your answer. Passing it is a good sign; marking tries more than that.
- Before you hand in, restart the kernel and run all cells, then save. The last cell makes the zip to hand in.

`data` holds small samples, each with its licence and the script that made it. `helpers` is what the notebooks import;
`{wheel}` is the same, with the samples, in one file.
"""

COLAB = """\
Click on a notebook's badge. Its setup cell fetches `helpers` and the samples from this course's repository, and changes
nothing that Colab has installed. *File → Save a copy in Drive* makes the notebook yours."""

COLAB_BY_HAND = """\
Open the notebook with *File → Upload notebook*, put `{wheel}` into the panel
*Files* on the left, and run the setup cell: it takes `helpers` and the samples from there, and changes nothing that
Colab has installed."""


def bundle(course: Course, out: Path) -> Path:
    """Write the bundle to `out` (a .zip file, or a folder for it) and return its path.

    Raises CourseError, and writes nothing, when a release is missing or out of step with its source, or
    when anything of the instructor's would be in the bundle.
    """
    title = str(course.config().CourseDirectory.get("course_id", "")) or "coursework"
    files = bundle_files(course, title)
    leaks = bundle_leaks(course, files)
    if leaks:
        more = f" (and {len(leaks) - _LEAKS_SHOWN} more)" if len(leaks) > _LEAKS_SHOWN else ""
        raise CourseError(f"no bundle is made: {'; '.join(leaks[:_LEAKS_SHOWN])}{more}")
    path = out if out.suffix == ".zip" else out / f"{title}.zip"
    _write_zip(path, {f"{title}/{name}": data for name, data in files.items()})
    return path


def bundle_files(course: Course, title: str) -> dict[str, bytes]:
    """Path in the bundle → content. The layout of helpers/ and data/ is the repository's."""
    project = project_folder(course)
    files: dict[str, bytes] = {}
    for assignment in course.assignments():
        files |= _released_files(course, assignment)
    wheel = wheel_name(course)
    files["README.md"] = _readme(title, files, course.settings().repository, wheel).encode()
    files |= files_below(project, "helpers", {".py"})
    files |= files_below(project, "data", None)
    files["requirements.txt"] = _requirements(project).encode()
    with tempfile.TemporaryDirectory() as folder:
        files[wheel] = build_wheel(course, Path(folder)).read_bytes()
    return files | {path.name: path.read_bytes() for path in licences(course)}


def _readme(title: str, released: dict[str, bytes], repository: Repository | None, wheel: str) -> str:
    """The bundle's README: a row for each notebook, with its badge where the repository is known."""
    lines = ["| Notebook | About |", "| --- | --- |"]
    if repository:
        lines = [f"{line} {more} |" for line, more in zip(lines, ("Colab", "---"), strict=True)]
    for name in sorted(name for name in released if name.endswith(".ipynb")):
        row = f"| [{Path(name).stem}]({urllib.parse.quote(name)}) | {_heading(released[name])} |"
        lines.append(f"{row} {badge(repository.colab(name))} |" if repository else row)
    colab = COLAB if repository else COLAB_BY_HAND.format(wheel=wheel)
    return README.format(title=title, notebooks="\n".join(lines), colab=colab, wheel=wheel)


def _heading(notebook: bytes) -> str:
    """A notebook's first heading, to stand in a table."""
    texts = [cell.source for cell in read_notebook(notebook).cells if cell.cell_type == "markdown"]
    lines = [line for text in texts for line in text.split("\n") if line.startswith("# ")]
    return lines[0].removeprefix("# ").strip().replace("|", "\\|") if lines else ""


def bundle_leaks(course: Course, files: dict[str, bytes]) -> list[str]:
    """What the files of a bundle would give away, each in one line."""
    assignments = course.assignments()
    found = []
    for assignment in assignments:
        found += release_leaks(course, assignment, course.release / assignment)
    hidden = hidden_runs(read_master(path) for name in assignments for path in course.source_notebooks(name))
    known: dict[bytes, list[str]] = {}  # the wheel holds once more what lies beside it
    for name, data in sorted((files | _in_archives(files)).items()):
        found += [f"the name of {name}: {leak}" for leak in forbidden_words(name)]
        # Notebooks of a release were compared with their master, line by line, above.
        if not name.endswith(".ipynb"):
            if data not in known:
                known[data] = _leaks_in(hidden, data)
            found += [f"{name}: {leak}" for leak in known[data]]
    return found


def _leaks_in(hidden: HiddenRuns, data: bytes) -> list[str]:
    """What a file gives away if it is text, whatever its name says."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return []
    return leaks_in_text(hidden, text)


def _in_archives(files: dict[str, bytes]) -> dict[str, bytes]:
    """What the wheels and zips among the files hold, as `<archive>/<path>`; archives in archives too."""
    found: dict[str, bytes] = {}
    for name, data in files.items():
        if name.endswith((".whl", ".zip")):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                inside = {f"{name}/{path}": archive.read(path) for path in archive.namelist()}
            found |= inside | _in_archives(inside)
    return found


def _released_files(course: Course, assignment: str) -> dict[str, bytes]:
    differences = out_of_step(course, assignment)
    if differences:
        raise CourseError(f"no bundle is made: {differences[0]}; run: coursework release {assignment}")
    return files_below(course.release, assignment, None)


def _requirements(project: Path) -> str:
    """What helpers and notebooks need, from pyproject.toml: the wide ranges for users."""
    path = project / "pyproject.toml"
    if not path.is_file():
        raise CourseError(f"{path} is missing: the bundle's requirements.txt is made from it")
    with path.open("rb") as file:
        dependencies = tomllib.load(file)["project"]["dependencies"]
    return "".join(f"{line}\n" for line in sorted(dependencies))


def _write_zip(path: Path, files: dict[str, bytes]) -> None:
    """Write a zip whose bytes depend on nothing but names and contents; complete or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file, zipfile.ZipFile(file, "w") as archive:
            for name, data in sorted(files.items()):
                entry = zipfile.ZipInfo(name, _NO_DATE)
                entry.create_system = 3
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, data, zipfile.ZIP_DEFLATED, compresslevel=9)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
