"""What students get: one zip with notebooks, helpers, sample data, and nothing of the instructor's.

Every text file is looked through for lines of solutions and hidden tests before the zip is written. The
same course gives the same bytes.
"""

import os
import tempfile
import tomllib
import zipfile
from pathlib import Path

import helpers
from autograder.course import Course, CourseError
from autograder.release import forbidden_words, leaks_in_text, out_of_step, read_master, release_leaks

_TEXT_SUFFIXES = {".py", ".md", ".txt", ".csv", ".json", ".toml", ".yml", ".yaml", ".ipynb", ""}
_LEFT_OUT = {"cache", "__pycache__", ".ipynb_checkpoints"}
_NO_DATE = (1980, 1, 1, 0, 0, 0)  # a zip's zero; the files' own times would differ from clone to clone
_LEAKS_SHOWN = 3

README = """\
# {title}

Notebooks of this course, with all that they need.

| Notebook | Folder |
|---|---|
{notebooks}

## On your own computer

Python 3.11 or newer. In this folder:

    python -m venv .venv
    .venv/bin/pip install -r requirements.txt jupyterlab
    .venv/bin/jupyter lab

On Windows the programs are in `.venv\\Scripts` instead of `.venv/bin`.

## On Colab

Upload the notebook, or open it with the link that your course gives you; its first cell gets the rest.

## Working and handing in

- Write only in the cells that say `YOUR CODE HERE` or `YOUR ANSWER HERE`, and in cells that you add. Leave the
  line `# exercise: ...` where it is: your answer is found by it.
- The cell after an exercise tests your answer. Passing it is a good sign; marking tries more than that.
- Before you hand in, restart the kernel and run all cells, then save. Hand in the notebook together with the
  folder `results` beside it, as a zip.

`data` holds small samples, each with its licence and the script that made it.
"""


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
    project = _project_folder(course)
    files: dict[str, bytes] = {}
    for assignment in course.assignments():
        files |= _released_files(course, assignment)
    notebooks = sorted(name for name in files if name.endswith(".ipynb"))
    files |= _files_below(project, "helpers", {".py"})
    files |= _files_below(project, "data", None)
    files["requirements.txt"] = _requirements(project).encode()
    rows = "\n".join(f"| {Path(name).name} | {Path(name).parent} |" for name in notebooks)
    files["README.md"] = README.format(title=title, notebooks=rows).encode()
    licences = sorted(path for path in project.glob("LICENSE*") if path.is_file())
    return files | {path.name: path.read_bytes() for path in licences}


def bundle_leaks(course: Course, files: dict[str, bytes]) -> list[str]:
    """What the files of a bundle would give away, each in one line."""
    assignments = course.assignments()
    found = []
    for assignment in assignments:
        found += release_leaks(course, assignment, course.release / assignment)
    masters = [read_master(path) for name in assignments for path in course.source_notebooks(name)]
    for name, data in sorted(files.items()):
        found += [f"the name of {name}: {leak}" for leak in forbidden_words(name)]
        # Notebooks of a release were compared with their master, line by line, above.
        if Path(name).suffix.lower() in _TEXT_SUFFIXES and not name.endswith(".ipynb"):
            text = data.decode("utf-8", errors="replace")
            found += [f"{name}: {leak}" for leak in leaks_in_text(masters, text)]
    return found


def _project_folder(course: Course) -> Path:
    """Where helpers/, data/ and pyproject.toml lie: the course's folder, or the one of our repository."""
    if (course.root / "helpers").is_dir():
        return course.root
    return Path(str(helpers.__file__)).resolve().parent.parent


def _released_files(course: Course, assignment: str) -> dict[str, bytes]:
    differences = out_of_step(course, assignment)
    if differences:
        raise CourseError(f"no bundle is made: {differences[0]}; run: coursework release {assignment}")
    return _files_below(course.release, assignment, None)


def _files_below(root: Path, folder: str, suffixes: set[str] | None) -> dict[str, bytes]:
    """The files of a folder by their path relative to `root`, without caches, hidden files and links."""
    found = {}
    for parent, folders, names in os.walk(root / folder):
        folders[:] = [name for name in folders if name not in _LEFT_OUT and not name.startswith(".")]
        for name in names:
            path = Path(parent, name)
            wanted = suffixes is None or path.suffix in suffixes
            if wanted and not name.startswith(".") and path.suffix != ".pyc" and not path.is_symlink():
                found[path.relative_to(root).as_posix()] = path.read_bytes()
    return found


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
