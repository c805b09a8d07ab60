"""`helpers` as one file for students: a wheel with the samples and the files that go with notebooks.

It is what a notebook takes where no folder above it holds `helpers`, on Colab above all. setuptools builds it, in a
process and a folder of its own. It asks for no other package, so that installing it changes none: what is missing,
`helpers.start` installs. The same course gives the same bytes.
"""

import ast
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import helpers
from autograder.course import Course, CourseError
from autograder.files import write_file

DISTRIBUTION = "rnn-coursework-helpers"
GIVEN_FOLDER = "given"
"""The one folder beside a master notebook that goes out with it (nbgrader_config.py withholds the rest)."""

_LEFT_OUT = {"cache", "__pycache__", ".ipynb_checkpoints"}
_NO_DATE = "315532800"  # 1980-01-01, a zip's zero; the files' own times would differ from clone to clone
_PYPROJECT = """\
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "{name}"
version = "{version}"
description = "What the notebooks of this course import, with samples of their data"
requires-python = ">=3.11"
license = "MIT"
license-files = ["LICENSE*"]

[tool.setuptools]
packages = [{packages}]

[tool.setuptools.package-data]
helpers = ["course/**/*"]
"""
_BUILD = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"


def build_wheel(course: Course, folder: Path) -> Path:
    """Build the wheel into `folder` and return its path. Raises CourseError when setuptools cannot."""
    with tempfile.TemporaryDirectory() as name:
        project, built = Path(name, "project"), Path(name, "built")
        for source, data in wheel_sources(course).items():
            target = project / source
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
            target.chmod(0o644)  # part of a wheel's bytes, and different from umask to umask
        built.mkdir()
        environment = {**os.environ, "SOURCE_DATE_EPOCH": _NO_DATE, "PYTHONHASHSEED": "0", "PYTHONSAFEPATH": "1"}
        command = [sys.executable, "-W", "ignore", "-c", _BUILD, str(built)]
        done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
        wheels = list(built.glob("*.whl"))
        if done.returncode or len(wheels) != 1:
            said = (done.stderr.strip() or "nothing").split("\n")[-1]
            raise CourseError(f"setuptools cannot build the wheel of helpers; it says: {said}")
        path = folder / wheel_name(course)
        folder.mkdir(parents=True, exist_ok=True)
        write_file(path, wheels[0].read_bytes(), sync=False)
        path.chmod(0o644)
    return path


def wheel_sources(course: Course) -> dict[str, bytes]:
    """Path → content of what the wheel is built from."""
    project = project_folder(course)
    modules = files_below(project, "helpers", {".py"})
    packages = sorted({Path(name).parent.as_posix().replace("/", ".") for name in modules})
    course_files = files_below(project, "data", None)
    for assignment in course.assignments():
        given = files_below(course.release, f"{assignment}/{GIVEN_FOLDER}", None)
        course_files |= {
            name.replace(f"{assignment}/{GIVEN_FOLDER}", f"{GIVEN_FOLDER}/{assignment}", 1): data
            for name, data in given.items()
        }
    pyproject = _PYPROJECT.format(
        name=DISTRIBUTION, version=helpers_version(course), packages=", ".join(f'"{name}"' for name in packages)
    )
    return {
        "pyproject.toml": pyproject.encode(),
        **{path.name: path.read_bytes() for path in licences(course)},
        **modules,
        **{f"helpers/course/{name}": data for name, data in course_files.items()},
    }


def wheel_name(course: Course) -> str:
    """The file name, which pip and the notebooks' setup cells go by."""
    return f"{DISTRIBUTION.replace('-', '_')}-{helpers_version(course)}-py3-none-any.whl"


def helpers_version(course: Course) -> str:
    """`helpers.__version__` of the helpers that go to students, read and not imported."""
    path = project_folder(course) / "helpers" / "__init__.py"
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
            if "__version__" in names:
                return str(node.value.value)
    raise CourseError(f'{path} has no line such as __version__ = "1.0.0"')


def project_folder(course: Course) -> Path:
    """Where helpers/, data/ and pyproject.toml lie: the course's folder, or the one of our repository."""
    if (course.root / "helpers").is_dir():
        return course.root
    return Path(str(helpers.__file__)).resolve().parent.parent


def licences(course: Course) -> list[Path]:
    """The files that say under which terms code and text are given away."""
    return sorted(path for path in project_folder(course).glob("LICENSE*") if path.is_file())


def files_below(root: Path, folder: str, suffixes: set[str] | None) -> dict[str, bytes]:
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
