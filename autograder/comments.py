"""Comments that markers use again and again: each has a short key and stands once in the course's ``comments.yaml``.

A marker types ``#seed`` as a comment, or among other words, in formgrader or in a table. In the gradebook the key
stays, so that a text that is mended is mended for everybody. Where people read, in feedback and in tables with
feedback, the text stands in its place. A key that is not known stays as it was typed, and is told by
``coursework marking comments`` and ``coursework feedback``.

The file has the keys of each exercise, and those that hold everywhere::

    everywhere:
      units: The axes have no units.
    speech_commands:
      training_report:
        seed: |
          You compare **one** run with one run. How much would another seed have changed?

Keys are letters, digits, hyphens and underscores, and begin with a letter; small and capital letters are the same. A
``#`` in a piece of code, `like this`, in an address or with a number behind it is none.
"""

import functools
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from autograder.course import Course, CourseError
from autograder.notebooks import exercises, read_notebook
from autograder.settings import Settings

FILE_NAME = "comments.yaml"
EVERYWHERE = "everywhere"
MAX_BYTES = 1024 * 1024

_KEY = r"[A-Za-z](?:[\w-]*\w)?"
_TYPED = re.compile(rf"(?P<code>(?P<ticks>`+).+?(?P=ticks))|(?<![\w#&/])(?<!\]\()#(?P<key>{_KEY})", re.DOTALL)
"""A piece of code, which is passed over, or a key: not in the path or fragment of an address, not ``&#39;``."""

Texts = Mapping[str, str]
"""Key, in small letters → text (Markdown)."""


@dataclass(frozen=True)
class Library:
    """The course's reusable comments. ``own``: (assignment, exercise) → those that hold there."""

    everywhere: Texts = field(default_factory=dict)
    own: Mapping[tuple[str, str], Texts] = field(default_factory=dict)

    def known(self, assignment: str, exercise: str) -> Texts:
        """The comments that hold for an exercise; its own go before those that hold everywhere."""
        return {**self.everywhere, **self.own.get((assignment, exercise), {})}

    def expand(self, assignment: str, exercise: str, comment: str) -> str:
        """A comment as people read it."""
        known = self.known(assignment, exercise)

        def text(found: re.Match[str]) -> str:
            return known.get((found["key"] or "").lower(), found[0])

        return _TYPED.sub(text, comment)

    def unknown(self, assignment: str, exercise: str, comment: str) -> list[str]:
        """The keys in a comment that have no text, as they were typed."""
        known = self.known(assignment, exercise)
        return [key for key in keys(comment) if key.lower() not in known]


def keys(comment: str) -> list[str]:
    """The keys in a comment, each once, as they were typed."""
    return list(dict.fromkeys(found["key"] for found in _TYPED.finditer(comment) if found["key"]))


# --- reading -------------------------------------------------------------------------------------------------


def comments_file(course: Course, settings: Settings) -> Path:
    """The file that the settings name, else ``comments.yaml`` in the course's folder."""
    return settings.comments or course.root / FILE_NAME


def load_comments(course: Course) -> Library:
    """The course's comments; none at all where there is no file. CourseError for a file with a mistake."""
    path = comments_file(course, course.settings())
    library, problems = read_comments(path, exercises_of(course))
    if problems:
        more = f" ({len(problems)} problems in all: 'coursework check' lists them)" if len(problems) > 1 else ""
        raise CourseError(f"{path.name}: {problems[0]}{more}")
    return library


def exercises_of(course: Course) -> dict[str, list[str]]:
    """Assignment → the ids of its exercises."""
    return {
        assignment: [
            name for path in course.source_notebooks(assignment) for name in _ids_in(path, path.stat().st_mtime_ns)
        ]
        for assignment in course.assignments()
    }


@functools.lru_cache(maxsize=256)
def _ids_in(master: Path, changed: int) -> tuple[str, ...]:
    """The ids of a master's exercises. Every page of feedback asks for them: each state of a master is read once."""
    return tuple(exercise.id for exercise in exercises(read_notebook(master.read_bytes())))


def read_comments(path: Path, known: Mapping[str, list[str]]) -> tuple[Library, list[str]]:
    """The comments of a file, none where it is not there, and what is wrong with it, a line each.

    ``known``: the exercises of each assignment.
    """
    if not path.is_file():
        return Library(), []
    content = path.read_bytes()
    if len(content) > MAX_BYTES:
        return Library(), [f"it has more than {MAX_BYTES // 2**20} MB"]
    try:
        data = yaml.load(content, _NoKeyTwice)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        return Library(), [" ".join(str(error).split())]
    if data is None:
        return Library(), []
    if not isinstance(data, dict):
        return Library(), [f"it must begin with the name of an assignment, or with '{EVERYWHERE}:'"]
    problems: list[str] = []
    everywhere: Texts = {}
    own: dict[tuple[str, str], Texts] = {}
    for name, group in data.items():
        if name == EVERYWHERE:
            everywhere = _texts(EVERYWHERE, group, problems)
        elif name not in known:
            problems.append(f"there is no assignment '{name}' (known: {', '.join(known) or 'none'})")
        elif not isinstance(group, dict):
            problems.append(f"{name}: it must hold exercises, and these keys with texts")
        else:
            for exercise, texts in group.items():
                if exercise not in known[name]:
                    problems.append(f"{name} has no exercise '{exercise}' (known: {', '.join(known[name])})")
                else:
                    own[name, exercise] = _texts(f"{name}, {exercise}", texts, problems)
    return Library(everywhere, own), problems


def _texts(where: str, group: Any, problems: list[str]) -> dict[str, str]:
    if not isinstance(group, dict):
        problems.append(f"{where}: it must hold keys with texts, such as 'seed: one run is no comparison'")
        return {}
    found: dict[str, str] = {}
    for key, text in group.items():
        if not isinstance(key, str) or not re.fullmatch(_KEY, key):
            problems.append(f"{where}: {key!r} is no key: letters, digits, '-' and '_', beginning with a letter")
        elif not isinstance(text, str) or not text.strip():
            problems.append(
                f"{where}: {key} has no text; put one with a colon or a '#' in it into quotes, or behind '|'"
            )
        elif key.lower() in found:
            problems.append(f"{where}: {key} is there twice")
        else:
            found[key.lower()] = text.strip()
    return found


class _NoKeyTwice(yaml.SafeLoader):
    """YAML's plain data; of two equal keys PyYAML would take the last without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: list[Any] = []
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key!r} is there twice", key_node.start_mark)
            seen.append(key)
        return super().construct_mapping(node, deep)


# --- what was used ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Used:
    """One comment of the library in an assignment. ``count``: in how many hand-ins it stands; a team's counts once."""

    exercise: str
    key: str
    text: str
    count: int


@dataclass
class Usage:
    """What markers typed. ``unknown``: (student, exercise, key) of keys without a text."""

    used: list[Used] = field(default_factory=list)
    unknown: list[tuple[str, str, str]] = field(default_factory=list)


def usage(course: Course, assignment: str, library: Library) -> Usage:
    """How often each of the comments was used in an assignment; the unused ones of its own exercises, too."""
    counts: Counter[tuple[str, str]] = Counter()
    found = Usage()
    for student, exercise, comment in written_comments(course, assignment):
        known = library.known(assignment, exercise)
        counts.update((exercise, key) for key in {key.lower() for key in keys(comment)} if key in known)
        found.unknown += [(student, exercise, key) for key in library.unknown(assignment, exercise, comment)]
    listed = [(exercise, key) for (name, exercise), texts in library.own.items() if name == assignment for key in texts]
    for exercise, key in dict.fromkeys([*counts, *listed]):
        text = library.known(assignment, exercise)[key]
        found.used.append(Used(exercise, key, text, counts[exercise, key]))
    found.used.sort(key=lambda used: (-used.count, used.exercise, used.key))
    return found


def written_comments(course: Course, assignment: str) -> Iterator[tuple[str, str, str]]:
    """Student, exercise and comment for all that markers wrote; of a team only at the hand-in that counts."""
    from nbgrader.api import BaseCell, Comment, SubmittedAssignment

    from autograder.gradebook import gradebook_url, has_gradebook, opened_gradebook, rows_of
    from autograder.teams import copied_from

    if not has_gradebook(gradebook_url(course)):
        return
    copies = copied_from(course, assignment)
    query = rows_of(Comment, assignment, Comment.manual_comment).where(Comment.manual_comment.is_not(None))
    with opened_gradebook(course) as book:
        for student, _, cell, comment in book.db.execute(query.order_by(SubmittedAssignment.student_id, BaseCell.name)):
            if student not in copies and comment:
                yield student, cell.removesuffix("_rubric").removesuffix("_test"), comment
