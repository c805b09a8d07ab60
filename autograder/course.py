"""Where a course keeps its things: folders, configuration, the secret that examinations are seeded from.

This module knows paths and reads configuration. It does not read notebooks and changes nothing but
its own work folder `.coursework`.
"""

import dataclasses
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from autograder.sandbox import Limits
from autograder.settings import Settings, read_settings

CONFIG_NAME = "nbgrader_config.py"
SECRET_BYTES = 32


class CourseError(Exception):
    """Something that the instructor can put right: one line that says what is wrong and what to do.

    `exit_code` is what the command ends with: 1 when something went wrong, 2 for wrong usage.
    """

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code


@dataclass(frozen=True)
class Course:
    """A course's folder, laid out as nbgrader expects it."""

    root: Path

    @property
    def source(self) -> Path:
        return self.root / "source"

    @property
    def release(self) -> Path:
        return self.root / "release"

    @property
    def submitted(self) -> Path:
        return self.root / "submitted"

    @property
    def autograded(self) -> Path:
        return self.root / "autograded"

    @property
    def feedback(self) -> Path:
        return self.root / "feedback"

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def graded(self) -> Path:
        """Clean, executed notebooks with their verdicts, laid out like submitted/."""
        return self.work / "graded"

    @property
    def work(self) -> Path:
        """What the autograder keeps for itself: verdicts, unplaced hand-ins, the secret."""
        return self.root / ".coursework"

    def assignments(self) -> list[str]:
        """The names of the folders of source/ that hold a notebook, sorted."""
        return sorted(folder.name for folder in self.source.iterdir() if _notebooks_in(folder))

    def source_notebooks(self, assignment: str) -> list[Path]:
        """The master notebooks of an assignment, sorted; CourseError when there is no such assignment."""
        notebooks = _notebooks_in(self.source / assignment) if _is_plain_name(assignment) else []
        if not notebooks:
            known = ", ".join(self.assignments()) or "none"
            raise CourseError(f"there is no assignment '{assignment}' in {self.source} (known: {known})", 2)
        return notebooks

    def students(self, assignment: str) -> list[str]:
        """The ids of the students whose hand-in for `assignment` lies in submitted/, sorted."""
        if not self.submitted.is_dir():
            return []
        return sorted(folder.name for folder in self.submitted.iterdir() if _notebooks_in(folder / assignment))

    def config(self) -> Config:
        """nbgrader's configuration of this course, with this folder as the course's root.

        The file is Python and is carried out, as nbgrader itself does.
        """
        path = self.root / CONFIG_NAME
        if not path.is_file():
            raise CourseError(f"there is no {CONFIG_NAME} in {self.root}: copy the one of the repository there")
        try:
            config = PyFileConfigLoader(CONFIG_NAME, path=str(self.root)).load_config()
        except Exception as error:  # whatever the instructor's own file raises is theirs to see
            raise CourseError(f"{path} cannot be loaded: {type(error).__name__}: {error}") from error
        config.CourseDirectory.root = str(self.root)
        return config

    def limits(self) -> Limits:
        """What a submission may use: the defaults, with what ``c.Limits`` of nbgrader_config.py changes."""
        known = {field.name: field.type for field in dataclasses.fields(Limits)}
        chosen = dict(self.config().get("Limits", {}))
        for name, value in chosen.items():
            if name not in known:
                raise CourseError(f"{CONFIG_NAME}: there is no limit {name!r} (known: {', '.join(known)})")
            whole = known[name] in (int, "int")
            if isinstance(value, bool) or not isinstance(value, int if whole else int | float) or value <= 0:
                kind = "a whole number" if whole else "a number"
                raise CourseError(f"{CONFIG_NAME}: c.Limits.{name} is {value!r}; it must be {kind} above 0")
        return Limits(**chosen)

    def settings(self) -> Settings:
        """The term's settings, ``c.Coursework`` of nbgrader_config.py; CourseError for the first that is wrong."""
        settings, problems = read_settings(self.config().get("Coursework", {}), self.root, self.assignments())
        if problems:
            where, what = problems[0]
            more = f" ({len(problems)} problems in all: 'coursework check' lists them)" if len(problems) > 1 else ""
            raise CourseError(f"{CONFIG_NAME}: {where}: {what}{more}")
        return settings

    def secret(self) -> bytes:
        """The course's 32 random bytes; made once, readable by the owner only.

        Safe against a second process that makes it at the same moment: the first one wins.
        """
        path = self.work / "secret"
        if not path.exists():
            _write_once(path, secrets.token_bytes(SECRET_BYTES))
        content = path.read_bytes()
        if len(content) != SECRET_BYTES:
            raise CourseError(
                f"{path} is damaged ({len(content)} bytes, not {SECRET_BYTES}): put it back from a backup,"
                " or remove it (examinations then draw other inputs than before)"
            )
        return content


def open_course(root: Path | str = ".") -> Course:
    """The course in `root`; CourseError when the folder is not a course's."""
    folder = Path(root).resolve()
    if not folder.is_dir():
        raise CourseError(f"there is no folder {folder}: give the course's folder with --course DIR", 2)
    if not (folder / "source").is_dir():
        raise CourseError(f"{folder} has no source/: give the course's folder with --course DIR", 2)
    return Course(folder)


def _is_plain_name(name: str) -> bool:
    return bool(name) and name not in {".", ".."} and "/" not in name and "\\" not in name


def _notebooks_in(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.glob("*.ipynb") if path.is_file() and not path.name.startswith("."))


def _write_once(path: Path, content: bytes) -> None:
    """Write a file that appears complete or not at all, and never replaces one that is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(temporary, path)
        except FileExistsError:
            return
    finally:
        temporary.unlink()


def find_course(start: Path) -> Course:
    """The course whose folder is `start` or lies above it; FileNotFoundError outside of one."""
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / "source").is_dir() and (folder / CONFIG_NAME).is_file():
            return Course(folder)
    raise FileNotFoundError(f"{start.resolve()} lies in no course (a folder with source/ and {CONFIG_NAME})")
