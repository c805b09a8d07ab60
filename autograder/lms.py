"""What learning platforms make of the files that were handed in: the names in their bulk downloads.

Three platforms are known by the code that writes their downloads, or by tools that read them:

- Moodle, mod/assign/classes/downloader.php: ``Full Name_PARTICIPANT_assignsubmission_file/name.ipynb`` (with a ``_``
  behind ``file`` in older versions), or flat ``Full Name_PARTICIPANT_assignsubmission_file_name.ipynb``. The number
  is the participant's in this one assignment: the number behind "Participant" in the grading worksheet, which also
  tells the e-mail address and when something was handed in.
- Canvas, lib/content_zipper.rb: ``lastnamefirstname_LATE_USER_ATTACHMENT_name.ipynb``. The name is the sortable one in
  small letters without spaces and commas, ``LATE`` stands there when Canvas says so, and to a file that is handed in
  again Canvas adds ``-1``, ``-2``: the larger number of the attachment is the newer one.
- Blackboard: ``Assignment_username_attempt_2026-03-01-23-59-10_name.ipynb`` for each file of each attempt, and
  ``Assignment_username_attempt_2026-03-01-23-59-10.txt`` about the attempt (https://github.com/kwurst/bb-file-cleanup).

Only Blackboard's names tell the time. Moodle and Canvas put the files into a zip that is made for the download, so the
times in it may be those of the download.

Nothing here opens a hand-in.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from autograder.settings import read_table

PLATFORMS = ("moodle", "canvas", "blackboard")
TITLES = MappingProxyType({"moodle": "Moodle", "canvas": "Canvas", "blackboard": "Blackboard"})

_MOODLE = re.compile(r"(?P<person>[^_]+)_(?P<number>\d+)_assignsubmission_(?:file|onlinetext)(?:_(?P<file>.*))?", re.S)
_CANVAS = re.compile(
    r"(?P<person>.+?)(?P<late>_LATE)?_(?P<number>\d+|anon_\w+?)_(?:(?P<attachment>\d+)_(?P<file>.+)|(?P<text>text|link)\.html)",
    re.S | re.IGNORECASE,
)
_BLACKBOARD = re.compile(
    r"(?P<before>.+)_attempt_(?P<when>\d{4}(?:-\d\d){5})(?:_(?P<file>.+)|\.txt)",
    re.S | re.IGNORECASE,
)


@dataclass(frozen=True)
class Piece:
    """A file of a download, by its name."""

    person: str
    """Whose it is, as the platform writes it."""
    path: PurePosixPath | None
    """Its place in the hand-in; None for what the platform itself wrote about the attempt."""
    number: str = ""
    """Moodle: of the participant in this assignment; Canvas: of the user."""
    logins: tuple[str, ...] = ()
    """Blackboard: what may be the user's name, the most likely last (an underscore may belong to the assignment)."""
    when: datetime | None = None
    """When it was handed in, without a zone, where the name tells it."""
    late: bool | None = None
    """Whether the platform says that it was late; None when it does not say."""
    order: int = 0
    """Of two files the one with the larger number was handed in later."""

    @property
    def hand_in(self) -> tuple[str, str, datetime | None]:
        """What the files of one attempt of one person have in common."""
        return self.person, self.number, self.when


def parse(platform: str, path: PurePosixPath) -> Piece | None:
    """What a path in a platform's download says; None when it is not one of the platform's."""
    return {"moodle": _moodle, "canvas": _canvas, "blackboard": _blackboard}[platform](path)


def recognise(paths: Iterable[PurePosixPath]) -> str | None:
    """The platform whose download holds these paths: more than half of what lies at the top must have its names."""
    by_top = {path.parts[0]: path for path in paths}
    for platform in PLATFORMS:
        if 2 * sum(parse(platform, path) is not None for path in by_top.values()) > len(by_top):
            return platform
    return None


def _moodle(path: PurePosixPath) -> Piece | None:
    found = _MOODLE.fullmatch(path.parts[0])
    if found is None:
        return None
    inside = path.parts[1:] or ((found["file"],) if found["file"] else ())
    return Piece(found["person"].strip(), PurePosixPath(*inside), found["number"]) if inside else None


def _canvas(path: PurePosixPath) -> Piece | None:
    found = _CANVAS.fullmatch(path.parts[0]) if len(path.parts) == 1 else None
    if found is None:
        return None
    name = found["file"] or f"{found['text']}.html"
    late = found["late"] is not None
    return Piece(found["person"], PurePosixPath(name), found["number"], late=late, order=int(found["attachment"] or 0))


def _blackboard(path: PurePosixPath) -> Piece | None:
    found = _BLACKBOARD.fullmatch(path.parts[0]) if len(path.parts) == 1 else None
    if found is None or "_" not in found["before"]:
        return None
    try:
        when = datetime.strptime(found["when"], "%Y-%m-%d-%H-%M-%S")
    except ValueError:
        return None
    pieces = found["before"].split("_")
    logins = tuple("_".join(pieces[start:]) for start in range(1, len(pieces)))
    inside = PurePosixPath(found["file"]) if found["file"] else None
    return Piece(logins[-1], inside, logins=logins, when=when)


# --- Moodle's grading worksheet ---------------------------------------------------------------------------------

IDENTIFIER, FULL_NAME, EMAIL, ID_NUMBER = "Identifier", "Full name", "Email address", "ID number"
GRADE, MAXIMUM, COMMENTS = "Grade", "Maximum Grade", "Feedback comments"
SUBMITTED, GRADED = "Last modified (submission)", "Last modified (grade)"
"""Columns of the worksheet in English (mod/assign/gradingtable.php). Moodle reads Identifier, Grade, Last modified
(grade) and those of feedback (mod/assign/feedback/offline/importgradeslib.php)."""

_TIMES = ("%A, %d %B %Y, %I:%M %p", "%A, %d %B %Y, %H:%M", "%d %B %Y, %I:%M %p", "%d %B %Y, %H:%M")


@dataclass(frozen=True)
class Participant:
    """A row of the worksheet."""

    name: str
    email: str
    id_number: str
    submitted: datetime | None
    """Without a zone, to the minute; None when there is none or it is written in another way."""


def read_worksheet(path: Path) -> dict[str, Participant]:
    """The participants of Moodle's grading worksheet by their number; ValueError when it is none."""
    (_, header), *rows = read_table(path)
    missing = [name for name in (IDENTIFIER, GRADE, GRADED) if name not in header]
    if missing:
        raise ValueError(
            f"it has no column {missing[0]!r}: download the grading worksheet from the assignment in Moodle, in English"
        )
    found = {}
    for line, row in rows:
        number = participant(row.get(IDENTIFIER, ""))
        if not number:
            raise ValueError(f"line {line}: {row.get(IDENTIFIER, '')!r} is no identifier such as 'Participant 123'")
        found[number] = Participant(
            row.get(FULL_NAME, ""), row.get(EMAIL, ""), row.get(ID_NUMBER, ""), _time(row.get(SUBMITTED, ""))
        )
    return found


def participant(identifier: str) -> str:
    """The number at the end of 'Participant 123'; empty when there is none."""
    found = re.search(r"(\d+)$", identifier)
    return found[1] if found else ""


def _time(text: str) -> datetime | None:
    for form in _TIMES:
        try:
            return datetime.strptime(text.replace("\u202f", " "), form)
        except ValueError:
            continue
    return None
