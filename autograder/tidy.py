"""The notebooks of source/ in normal form: what an editor or jupytext wrote, as `coursework check` wants it."""

from pathlib import Path

from autograder.course import Course, CourseError
from autograder.files import write_file
from autograder.notebooks import UnreadableNotebook, normalise, read_notebook, to_bytes


def tidy(course: Course, assignments: list[str]) -> list[Path]:
    """Bring the master notebooks of these assignments into normal form: no outputs, one way of writing.

    Returns those that changed. CourseError, and nothing is written, when one of them cannot be read.
    """
    changed = {}
    for path in (path for assignment in assignments for path in course.source_notebooks(assignment)):
        data = path.read_bytes()
        try:
            tidied = to_bytes(normalise(read_notebook(data)))
        except UnreadableNotebook as error:
            raise CourseError(f"{path.relative_to(course.root)}: {error}") from None
        if tidied != data:
            changed[path] = tidied
    for path, tidied in changed.items():
        write_file(path, tidied)
    return list(changed)
