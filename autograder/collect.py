"""From what students hand in to submitted/<student>/<assignment>/.

A hand-in is a bare notebook, a zip, or a student's folder in a hand-in folder. Who handed it in:

1. `student`, when the instructor gives it;
2. else, in a platform's download (`lms.py`), whom the platform's name for the file leads to;
3. else the name of the sub-folder of the hand-in folder;
4. else the stem of the file, unless that names an assignment or notebook ("Copy of speech_commands (1)");
5. else nobody knows, and the hand-in goes to the instructor's list.

Where the course has a roster, each of these names must lead to exactly one student on it.

Names inside a zip are never taken as ids, since whoever made the zip chose them; only with `bulk` or `platform` is a
zip the learning platform's own, and its top-level names are read as a hand-in folder's are. A folder is recognised
as the unpacked download of a platform by the names in it.

When it was handed in is told by the platform's name for the file (Blackboard) or its worksheet (Moodle), else by the
entry in a zip, else by the file; the last two are not certain. The same files once more keep their first time. Every
hand-in is kept below .coursework/hand-ins/<student>/<assignment>/.

Ids of students hold letters of ASCII, digits, '-', '_', '.' and '@' (`student_id`). Every other letter is
written without its accent, every other character becomes '_'. When two hand-ins of one run come to one id from
different names, none of the two is guessed to be the right one: the second goes to the list.

Which assignment: the release's stamp in the notebook, else the file's name, else likeness to the
release. What cannot be placed is copied to .coursework/unplaced/ and listed there; nothing is dropped
without a word.
"""

import hashlib
import io
import itertools
import re
import shutil
import stat
import struct
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from nbformat.notebooknode import NotebookNode

from autograder import lms
from autograder.course import Course, CourseError
from autograder.files import replace_folder, scratch_folder
from autograder.identity import student_id
from autograder.notebooks import (
    MAX_NOTEBOOK_BYTES,
    UnreadableNotebook,
    answer_cells,
    find_markers,
    grade_id,
    read_notebook,
    role,
)
from autograder.release import read_master
from autograder.resubmissions import HAND_INS
from autograder.roster import Roster, load_roster
from autograder.settings import Settings

MAX_FILES = 2_000
"""Files in one hand-in."""
MAX_FILE_BYTES = MAX_NOTEBOOK_BYTES
"""One file of a hand-in, unpacked; also the limit for a notebook."""
MAX_HAND_IN_BYTES = 200 * 1024 * 1024
"""All files of a hand-in, unpacked."""
MAX_RATIO = 200
"""Unpacked to packed size of one file of more than 10 MB; text and weights stay far below."""
MAX_TEXT_BYTES = 1024 * 1024
"""A text file that is kept beside the notebook."""
MAX_WEIGHTS_BYTES = 16 * 1024 * 1024
"""A file of weights below results/; the same bound that `helpers.results` keeps when it writes them."""
MAX_PDF_BYTES = 32 * 1024 * 1024
"""A report; more than that is not read when it is checked."""
MAX_DEPTH = 2
"""Zips inside zips: a hand-in may hold one more, not a chain of them."""
MAX_FOLDERS = 20
"""Folders inside folders."""
ALIKE = 0.3
"""Share of an assignment's answer cells that must be recognised when neither stamp nor name tells it."""

_ZIP_ERRORS = (zipfile.BadZipFile, OSError, ValueError, OverflowError, NotImplementedError, EOFError, struct.error)
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)
"""How files may be packed. LZMA is not among them: a few bytes make its unpacking take gigabytes of memory."""
_END_OF_ZIP = b"PK\x05\x06"
_END_BYTES = 22
_ZIP64_LOCATOR = b"PK\x06\x07"
_TAIL_BYTES = 65_535 + _END_BYTES + 20
_MAX_CONTENTS_BYTES = MAX_FILES * 500
_NO_TIME = 1980

_TOO_MUCH = f"unpacked, it has more than {MAX_HAND_IN_BYTES // 2**20} MB"
_RATIO_FROM_BYTES = 10 * 1024 * 1024
_TEXT_SUFFIXES = {".py", ".txt", ".md", ".csv", ".json", ".yaml", ".yml", ".toml"}
_RESULT_SUFFIXES = {".json", ".npz"}
_JUNK = {"__MACOSX", ".ipynb_checkpoints", "__pycache__", ".git", ".DS_Store", "Thumbs.db", "desktop.ini"}
_OURS = "timestamp.txt"
_NOTEBOOK, _ZIP = ".ipynb", ".zip"


@dataclass(frozen=True)
class Placed:
    """One notebook that now lies in submitted/. `replaced`: an earlier hand-in was there.

    `when`: the time of the hand-in (UTC) as it stands in timestamp.txt; `certain`: whether a platform told it.
    """

    student: str
    assignment: str
    notebook: str
    origin: str
    replaced: bool
    when: str = ""
    certain: bool = False


@dataclass(frozen=True)
class Unplaced:
    """Something that was handed in and needs the instructor."""

    path: str
    reason: str


@dataclass
class CollectReport:
    """What `collect` did. `notes`: what was left out of hand-ins that were placed, and why."""

    placed: list[Placed] = field(default_factory=list)
    unplaced: list[Unplaced] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """The report for people, a line each."""
        placed = [
            f"{item.student}: {item.assignment}, from {item.origin}"
            + (" (replaces the hand-in before)" if item.replaced else "")
            for item in self.placed
        ]
        unplaced = [f"not placed: {item.path}: {item.reason}" for item in self.unplaced]
        lines = [_clean(line) for line in (*placed, *self.notes, *unplaced)]
        end = f"{len(self.placed)} placed, {len(self.unplaced)} not placed"
        if self.unplaced:
            end += "; what was not placed lies in .coursework/unplaced, with a list"
        return [*lines, end]

    def as_dict(self) -> dict[str, Any]:
        """The report for programs."""
        return asdict(self)


@dataclass(frozen=True)
class HandedFile:
    """One file of a hand-in, in memory. `path` is relative to the hand-in, without '..'."""

    path: PurePosixPath
    data: bytes
    modified: datetime
    order: int = 0  # of two files the larger one was handed in later, whatever their times are


@dataclass
class HandIn:
    """All that one student handed in at one place. `origin` names it in reports."""

    origin: str
    name: str | None  # what the student's id is made from; None when nobody knows
    student: str | None = None  # the id, where it is known for certain
    who: str | None = None  # tells people with one name apart
    problem: str | None = None  # why the platform's name leads to nobody
    when: datetime | None = None  # when it was handed in, where a platform tells it
    late: bool | None = None  # what the platform says of it
    files: list[HandedFile] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    is_one_file: bool = False
    refused: str | None = None  # why nothing of it was read
    raw: bytes | None = None  # what was refused, for the instructor


class Refused(Exception):
    """A hand-in that is not unpacked; the message is one line that says why."""


# ---------------------------------------------------------------------------------------------------
# The way from paths to submitted/


def collect(
    course: Course,
    paths: Iterable[Path],
    student: str | None = None,
    assignment: str | None = None,
    bulk: bool = False,
    platform: str = "",
    worksheet: Path | None = None,
) -> CollectReport:
    """Put what lies at `paths` into submitted/; see the top of this module for the rules.

    A later hand-in of the same student replaces the earlier one. `platform`: whose downloads the paths are, one of
    `lms.PLATFORMS`; `worksheet`: Moodle's grading worksheet, which says who a participant is. CourseError for wrong
    usage (a path that is not there, an assignment that the course does not have, a student's id that is none, a
    damaged roster or worksheet).
    """
    paths = list(paths)
    missing = [path for path in paths if not path.exists()]
    if missing:
        raise CourseError(f"there is no file or folder {missing[0]}", 2)
    if student is not None and student_id(student) != student:
        raise CourseError(
            f"'{student}' cannot be a student's id: use letters, digits, '-', '_', '.' and '@'"
            f" (for example '{student_id(student) or 's1'}')",
            2,
        )
    if assignment is not None:
        course.source_notebooks(assignment)
    known = _known_notebooks(course)
    report = CollectReport()
    names: dict[str, str] = {}
    settings = course.settings()
    people = _People(load_roster(course), _participants(worksheet), settings.time_zone)
    inbox = _Inbox(known, people, bulk or bool(platform), platform)
    for hand_in in inbox.hand_ins(paths):
        _place_hand_in(course, settings, hand_in, known, people, names, student, assignment, report)
    report.notes += inbox.notes
    _write_list(course, report)
    return report


@dataclass(frozen=True)
class _Known:
    """A master notebook that hand-ins are compared with."""

    assignment: str
    notebook: str
    master: NotebookNode


def _known_notebooks(course: Course) -> list[_Known]:
    return [
        _Known(assignment, path.stem, read_master(path))
        for assignment in course.assignments()
        for path in course.source_notebooks(assignment)
    ]


@dataclass(frozen=True)
class _People:
    """Who the names of hand-ins lead to."""

    roster: Roster | None
    participants: Mapping[str, lms.Participant]
    zone: ZoneInfo

    def of_name(self, name: str) -> tuple[str, str | None]:
        """The id that a sub-folder's or file's name stands for, and why it stands for none."""
        identifier = student_id(name)
        if self.roster is None:
            return identifier, None
        return self._only(self.roster.find(exact=(name, identifier), name=name), name)

    def of_piece(self, platform: str, piece: lms.Piece) -> tuple[str, str | None]:
        """The same for a file of a platform's download."""
        row = self.participants.get(piece.number) if platform == "moodle" else None
        if platform == "moodle" and self.participants and row is None:
            return "", f"participant {piece.number}, '{piece.person}', does not stand in the grading worksheet"
        if self.roster is None:
            return student_id((row and (row.id_number or row.email)) or piece.person), None
        lms_id = piece.number if platform == "canvas" else ""
        exact = [*piece.logins, *((row.id_number, row.email) if row else ())]
        name = row.name if row and row.name else piece.person
        return self._only(self.roster.find(exact=exact, lms_id=lms_id, name=name), piece.person)

    @staticmethod
    def _only(found: list[Any], name: str) -> tuple[str, str | None]:
        if len(found) == 1:
            return found[0].id, None
        if not found:
            return "", f"'{name}' leads to nobody on the roster: add the student there, or give --student ID"
        return "", f"'{name}' may be {' or '.join(student.id for student in found)}: give --student ID"


def _participants(worksheet: Path | None) -> Mapping[str, lms.Participant]:
    if worksheet is None:
        return {}
    try:
        return lms.read_worksheet(worksheet)
    except ValueError as error:
        raise CourseError(f"{worksheet}: {error}", 2) from error


def _place_hand_in(
    course: Course,
    settings: Settings,
    hand_in: HandIn,
    known: list[_Known],
    people: _People,
    names: dict[str, str],
    student: str | None,
    assignment: str | None,
    report: CollectReport,
) -> None:
    report.notes += [f"{hand_in.origin}: {note}" for note in hand_in.notes]
    if hand_in.refused is not None:
        _set_aside(course, hand_in.origin, hand_in.refused, hand_in.raw, report)
        return
    notebooks = [file for file in hand_in.files if file.path.suffix.lower() == _NOTEBOOK]
    identifier, nobody = student or hand_in.student or "", hand_in.problem
    if not identifier and hand_in.name is not None and nobody is None:
        identifier, nobody = people.of_name(hand_in.name)
    if student is not None or nobody is None or not notebooks:
        nobody = _whose(hand_in, identifier, people, names, student, notebooks)
    problem = nobody
    if problem is not None:
        for file in notebooks or hand_in.files:
            _set_aside(course, _inside(hand_in, file), problem, file.data, report)
        if not hand_in.files:
            _set_aside(course, hand_in.origin, problem, None, report)
        return
    names.setdefault(identifier.casefold(), hand_in.who or hand_in.name or identifier)
    if student is not None and people.roster is not None and student not in people.roster.students:
        report.notes.append(
            f"{hand_in.origin}: {student} is not on the roster: if that is a slip, remove submitted/{student} and"
            " collect it again"
        )
    if student is None and people.roster is None and any(_names(identifier, item, strictly=False) for item in known):
        report.notes.append(
            f"{hand_in.origin}: '{identifier}' was taken as the student's id; it also names an assignment"
        )
    for file, item in _recognise(course, hand_in, notebooks, known, assignment, report):
        kept = _files_of(hand_in, file, notebooks, report)
        when = _time_of(settings, hand_in, file, identifier, item.assignment, report)
        written = _write(course, identifier, item, file, kept, when, certain=hand_in.when is not None)
        origin = _inside(hand_in, file)
        if written is None:
            where = f".coursework/{HAND_INS}/{identifier}/{item.assignment}"
            report.notes.append(f"{origin}: a later hand-in is there already; this one was only kept, in {where}")
            continue
        said = f"{written.when:%Y-%m-%d %H:%M:%S}"
        placed = Placed(identifier, item.assignment, item.notebook, origin, written.replaced, said, written.certain)
        report.placed.append(placed)


def _time_of(
    settings: Settings, hand_in: HandIn, file: HandedFile, student: str, assignment: str, report: CollectReport
) -> datetime:
    """When a notebook was handed in (aware); says so where that is doubtful and matters.

    Where the platform does not call a hand-in late but the file's time is after the deadline, the deadline is taken:
    the file's time is then that of the download.
    """
    when, deadline = hand_in.when or file.modified, settings.deadline(student, assignment)
    if deadline is None:
        return when
    origin, place = _inside(hand_in, file), f"submitted/{student}/{assignment}/{_OURS}"
    if when <= deadline:
        if hand_in.late:
            report.notes.append(
                f"{origin}: the platform calls it late, but its time is before the deadline: see {place}"
            )
        return when
    if hand_in.late is False:
        report.notes.append(f"{origin}: in time, says the platform; the deadline was taken for the time of the hand-in")
        return deadline
    if hand_in.when is None:
        how = f"{(when - deadline).total_seconds() / 3600:.1f} hours"
        report.notes.append(
            f"{origin}: {how} late, by a time that is not certain; where you know better, change {place}"
        )
    return when


def _whose(
    hand_in: HandIn,
    identifier: str,
    people: _People,
    names: dict[str, str],
    student: str | None,
    notebooks: list[HandedFile],
) -> str | None:
    """Why a hand-in cannot be given to a student; None when it can."""
    if not notebooks:
        return "there is no notebook in it"
    if hand_in.name is None and student is None:
        return "it is not known who handed it in: name the file by the student's id, or give --student ID"
    if not identifier:
        return f"'{hand_in.name}' holds nothing that can be a student's id: give --student ID"
    earlier = names.get(identifier.casefold())  # not all file systems tell 'A' from 'a'
    guessed = student is None and people.roster is None  # several names of one student are what a roster is for
    if guessed and earlier is not None and earlier != (hand_in.who or hand_in.name):
        return f"'{hand_in.name}' and '{earlier}' come to the same id '{identifier}': give --student ID"
    return None


# ---------------------------------------------------------------------------------------------------
# Reading hand-ins


Source = TypeVar("Source")
"""A file of a download: its path on the disk, or its entry in a zip."""


@dataclass
class _Inbox:
    """Makes hand-ins of what lies at the paths that were given."""

    known: list[_Known]
    people: _People
    bulk: bool
    platform: str
    notes: list[str] = field(default_factory=list)

    def hand_ins(self, paths: list[Path]) -> Iterator[HandIn]:
        for path in paths:
            if path.is_dir():
                yield from self._from_folder(path)
            elif self.bulk and zipfile.is_zipfile(path):
                yield from self._from_bulk_zip(path)
            else:
                yield self._from_file(path)

    def _from_folder(self, folder: Path) -> Iterator[HandIn]:
        """A hand-in folder: one student per file or sub-folder, or a platform's download, unpacked."""
        entries = [path for path in sorted(folder.iterdir()) if not _is_junk(path.name)]
        looked_at = [path for path in entries if not path.name.startswith(".") and not path.is_symlink()]
        names = [PurePosixPath(path.name, *(("x",) if path.is_dir() else ())) for path in looked_at]
        platform = self.platform or lms.recognise(names)
        if platform:
            yield from self._download_in_folder(folder, looked_at, platform)
        for path in entries:
            if path.name.startswith("."):
                yield HandIn(str(path), None, refused="it is hidden: its name begins with a dot")
            elif path.is_symlink():
                yield HandIn(str(path), None, refused="it is a link; links are not followed")
            elif platform:
                continue
            elif path.is_dir():
                yield _read_into(HandIn(str(path), path.name), _files_below(path), self.people.zone)
            else:
                yield self._from_file(path)

    def _from_file(self, path: Path) -> HandIn:
        """A notebook or zip of one student. One that looks like a download of many is not given to anybody."""
        hand_in = HandIn(str(path), _name_of_file(path.stem, self.known), is_one_file=True)
        platform = _platform_of_zip(path)
        if platform:
            hand_in.refused = (
                f"it looks like {lms.TITLES[platform]}'s download of many students' hand-ins: give --from {platform}"
                " if it is (names inside a zip are not taken for students' without it)"
            )
        else:
            _read_into(hand_in, [(PurePosixPath(path.name), path)], self.people.zone)
        if hand_in.refused is not None:
            hand_in.raw = _raw(path)
        return hand_in

    def _from_bulk_zip(self, path: Path) -> Iterator[HandIn]:
        """The learning platform's zip: what stands at its top level is a hand-in each."""
        try:
            with zipfile.ZipFile(path) as archive:
                entries = [(_path_in_zip(entry), entry) for entry in archive.infolist()]
                entries = [(place, entry) for place, entry in entries if place.parts and not _is_junk(place.parts[0])]
                inside = [place for place, entry in entries if not entry.is_dir()]
                platform = self.platform or lms.recognise(inside)
                if platform:
                    yield from self._download_in_zip(path, archive, entries, platform)
                else:
                    yield from self._by_top_level(path, archive, entries)
        except _ZIP_ERRORS as error:
            yield HandIn(str(path), None, refused=f"the zip cannot be read: {_one_line(error)}")

    def _by_top_level(
        self, path: Path, archive: zipfile.ZipFile, entries: list[tuple[PurePosixPath, zipfile.ZipInfo]]
    ) -> Iterator[HandIn]:
        tops: dict[str, list[tuple[PurePosixPath, zipfile.ZipInfo]]] = {}
        for place, entry in entries:
            tops.setdefault(place.parts[0], []).append((place, entry))
        for top, found in sorted(tops.items()):
            single = len(found) == 1 and not found[0][1].is_dir() and len(found[0][0].parts) == 1
            name = _name_of_file(PurePosixPath(top).stem, self.known) if single else top
            hand_in = HandIn(f"{path}/{top}", name, is_one_file=single)
            cut = [(PurePosixPath(*place.parts[0 if single else 1 :]), entry, 0) for place, entry in found]
            yield _read_from_zip(hand_in, archive, cut, path, self.people.zone)

    # --- downloads of the platforms

    def _download_in_folder(self, folder: Path, tops: list[Path], platform: str) -> Iterator[HandIn]:
        files: list[tuple[PurePosixPath, Path]] = []
        for top in tops:
            try:
                below = _files_below(top) if top.is_dir() else [(PurePosixPath(), top)]
                files += [(PurePosixPath(top.name) / place, path) for place, path in below]
            except (Refused, OSError) as error:
                yield HandIn(str(top), None, refused=_one_line(error))
        for hand_in, pieces in self._grouped(str(folder), platform, files):
            orders = {piece.path: piece.order for piece, _ in pieces if piece.path is not None}
            places = [(piece.path, path) for piece, path in pieces if piece.path is not None]
            yield _read_into(hand_in, places, self.people.zone, orders)

    def _download_in_zip(
        self, path: Path, archive: zipfile.ZipFile, entries: list[tuple[PurePosixPath, zipfile.ZipInfo]], platform: str
    ) -> Iterator[HandIn]:
        files = [(place, entry) for place, entry in entries if not entry.is_dir()]
        for hand_in, pieces in self._grouped(str(path), platform, files):
            places = [(piece.path, entry, piece.order) for piece, entry in pieces if piece.path is not None]
            yield _read_from_zip(hand_in, archive, places, path, self.people.zone)

    def _grouped(
        self, origin: str, platform: str, files: list[tuple[PurePosixPath, Source]]
    ) -> Iterator[tuple[HandIn, list[tuple[lms.Piece, Source]]]]:
        """A hand-in, still empty, for each attempt of each person, the earlier ones first, with its files."""
        title = lms.TITLES[platform]
        attempts: dict[tuple, list[tuple[lms.Piece, Source]]] = {}
        for place, source in files:
            piece = lms.parse(platform, place)
            if piece is None:
                strange = HandIn(f"{origin}/{place}", None, problem=f"its name is not one that {title} gives")
                yield strange, [(lms.Piece("", PurePosixPath(place.name)), source)]
            else:
                attempts.setdefault(piece.hand_in, []).append((piece, source))
        for _, pieces in sorted(attempts.items(), key=lambda item: (str(item[0][2] or ""), item[0][:2])):
            yield self._attempt(origin, platform, pieces[0][0]), pieces
        if attempts and platform != "blackboard":
            by_worksheet = " but for those that the worksheet tells" if self.people.participants else ""
            self.notes.append(
                f"{origin}: {title}'s download does not tell when something was handed in: the times are those of the"
                f" files in it{by_worksheet}, and may be that of the download"
            )

    def _attempt(self, origin: str, platform: str, piece: lms.Piece) -> HandIn:
        student, problem = self.people.of_piece(platform, piece)
        when = piece.when
        if platform == "moodle" and (row := self.people.participants.get(piece.number)):
            when = row.submitted
        number = f" ({piece.number})" if piece.number else ""
        attempt = f" of {piece.when}" if piece.when else ""
        return HandIn(
            f"{origin}/{piece.person}{number}{attempt}",
            piece.person,
            student=student or None,
            who=f"{piece.person}{number}",
            problem=problem,
            when=None if when is None else when.replace(tzinfo=self.people.zone),
            late=piece.late,
        )


def _is_junk(name: str) -> bool:
    return name in _JUNK or name.startswith("._")


def _path_in_zip(entry: zipfile.ZipInfo) -> PurePosixPath:
    return PurePosixPath(entry.filename.replace("\\", "/"))


def _platform_of_zip(path: Path) -> str | None:
    """The platform whose names stand in a zip; None for anything else, and for what cannot be read."""
    if path.suffix.lower() != _ZIP:
        return None
    try:
        if path.stat().st_size > MAX_HAND_IN_BYTES:
            return None
        with _open_zip(path.read_bytes(), PurePosixPath(path.name)) as archive:
            places = [_path_in_zip(entry) for entry in archive.infolist() if not entry.is_dir()]
            return lms.recognise(place for place in places if place.parts and not _is_junk(place.parts[0]))
    except (Refused, *_ZIP_ERRORS):
        return None  # reading it says what is wrong with it


def _raw(path: Path) -> bytes | None:
    """A file that was refused, to be set aside; what is very large or cannot be read stays where it is."""
    try:
        return path.read_bytes() if path.stat().st_size <= MAX_FILE_BYTES else None
    except OSError:  # that is why it was refused
        return None


def _read_from_zip(
    hand_in: HandIn,
    archive: zipfile.ZipFile,
    places: list[tuple[PurePosixPath, zipfile.ZipInfo, int]],
    path: Path,
    zone: ZoneInfo,
) -> HandIn:
    """Read entries of a platform's zip as the files of a hand-in, at these places and in this order."""
    saved = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    try:
        budget = _Budget(zone)
        members = {id(member) for member in _members([entry for _, entry, _ in places])}
        for relative, member, order in places:
            if id(member) not in members:
                continue
            _refuse_bomb(member)
            if _is_left_out(hand_in, relative, member.file_size):
                continue
            data = _read_member(archive, member, budget)
            _add(hand_in, relative, data, _member_time(member, saved, zone), budget, depth=0, order=order)
        _check_paths(hand_in)
    except (Refused, *_ZIP_ERRORS) as error:
        hand_in.files.clear()
        hand_in.refused = _one_line(error)
    return hand_in


def _files_below(folder: Path, depth: int = 0) -> Iterator[tuple[PurePosixPath, Path]]:
    """Every file below a folder with its relative path, sorted; links are listed, not followed.

    OSError for a folder that cannot be read, Refused for one that lies too deep.
    """
    if depth > MAX_FOLDERS:
        raise Refused(f"it holds folders inside folders, more than {MAX_FOLDERS} deep")
    for path in sorted(folder.iterdir()):
        if path.is_symlink() or not path.is_dir():
            yield PurePosixPath(path.name), path
        elif path.name not in _JUNK:
            yield from ((path.name / relative, found) for relative, found in _files_below(path, depth + 1))


def _read_into(
    hand_in: HandIn,
    files: Iterable[tuple[PurePosixPath, Path]],
    zone: ZoneInfo,
    orders: Mapping[PurePosixPath, int] = MappingProxyType({}),
) -> HandIn:
    """Read the files of a hand-in; one that breaks a limit is refused as a whole."""
    budget = _Budget(zone)
    try:
        for relative, path in files:
            if path.is_symlink() or not path.is_file():
                hand_in.notes.append(f"{relative} was left out: it is a link or no ordinary file")
                continue
            status = path.stat()
            limit = MAX_HAND_IN_BYTES if relative.suffix.lower() == _ZIP else MAX_FILE_BYTES
            if _is_left_out(hand_in, relative, status.st_size):
                continue
            if status.st_size > limit:
                raise Refused(f"{relative} has {_mb(status.st_size)}; at most {_mb(limit)} are read")
            modified = datetime.fromtimestamp(status.st_mtime, UTC)
            _add(hand_in, relative, path.read_bytes(), modified, budget, depth=0, order=orders.get(relative, 0))
        _check_paths(hand_in)
    except (Refused, *_ZIP_ERRORS) as error:
        hand_in.files.clear()
        hand_in.refused = _one_line(error)
    return hand_in


def _is_left_out(hand_in: HandIn, path: PurePosixPath, size: int) -> bool:
    """Whether a file is too large to be read but not needed, such as data; then it is noted."""
    if size <= MAX_FILE_BYTES or path.suffix.lower() in (_ZIP, _NOTEBOOK):
        return False
    hand_in.notes.append(f"{path} was left out: it has {_mb(size)}; at most {_mb(MAX_FILE_BYTES)} are read")
    return True


@dataclass
class _Budget:
    """What is left of a hand-in's limits; shared by all zips in it. `zone`: where the times in them are at home."""

    zone: ZoneInfo
    files: int = MAX_FILES
    size: int = MAX_HAND_IN_BYTES

    def take(self, size: int) -> None:
        self.files -= 1
        self.size -= size
        if self.files < 0:
            raise Refused(f"it holds more than {MAX_FILES} files")
        if self.size < 0:
            raise Refused(_TOO_MUCH)


def _add(
    hand_in: HandIn,
    path: PurePosixPath,
    data: bytes,
    modified: datetime,
    budget: _Budget,
    depth: int,
    order: int = 0,
) -> None:
    """Add a file to a hand-in, or what a zip holds in its place."""
    if any(part in _JUNK for part in path.parts):
        hand_in.notes.append(f"{path} was left out: it is a copy or file of a program's own")
        return
    budget.take(len(data))
    if path.suffix.lower() != _ZIP:
        hand_in.files.append(HandedFile(path, data, modified, order))
        return
    if depth >= MAX_DEPTH:
        raise Refused("it holds a zip in a zip in a zip: unpack it first")
    with _open_zip(data, path) as archive:
        members = _members(archive.infolist())
        folder = path.parent if depth == 0 and hand_in.is_one_file else _folder_of_zip(path, members)
        for member in members:
            _refuse_bomb(member)
            inner = folder / _member_path(member)
            if _is_left_out(hand_in, inner, member.file_size):
                continue
            content = _read_member(archive, member, budget)
            _add(hand_in, inner, content, _member_time(member, modified, budget.zone), budget, depth + 1, order)


def _folder_of_zip(path: PurePosixPath, members: list[zipfile.ZipInfo]) -> PurePosixPath:
    """Where a zip's files go: a folder with its name, unless that is what it holds."""
    tops = {_member_path(member).parts[0] for member in members}
    return path.parent if tops == {path.stem} else path.with_suffix("")


def _check_paths(hand_in: HandIn) -> None:
    """Refuse two files with one name, and a file where another needs a folder."""
    paths = [file.path for file in hand_in.files]
    folders = {parent for path in paths for parent in path.parents}
    taken: set[PurePosixPath] = set()
    for path in paths:
        if path in taken or path in folders:
            raise Refused(f"it holds two things with the name {_shown(str(path))}")
        taken.add(path)


# ---------------------------------------------------------------------------------------------------
# Zips


def _open_zip(data: bytes, path: PurePosixPath) -> zipfile.ZipFile:
    """Open a hand-in's zip. Its table of contents is bounded first, since zipfile reads all of it."""
    tail = data[-_TAIL_BYTES:]
    ends = {tail.rfind(_END_OF_ZIP), len(tail) - _END_BYTES}
    sizes = [
        int.from_bytes(tail[end + 12 : end + 16], "little")
        for end in ends
        if end >= 0 and tail[end : end + 4] == _END_OF_ZIP
    ]
    if any(size > _MAX_CONTENTS_BYTES for size in sizes):
        raise Refused(f"it holds more than {MAX_FILES} files")
    if _ZIP64_LOCATOR in tail:
        raise Refused("it is a zip of the kind for huge archives: make an ordinary zip of it")
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except _ZIP_ERRORS as error:
        raise Refused(f"{path.name} is no zip, or a damaged one") from error


def _members(entries: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """The files of a hand-in's zip, after every name and kind has been looked at; one bad entry refuses all."""
    entries = [entry for entry in entries if entry.filename != "./"]
    if len(entries) > MAX_FILES:
        raise Refused(f"it holds more than {MAX_FILES} files")
    for entry in entries:
        _member_path(entry)
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise Refused(f"it holds a link or special file, {_shown(entry.filename)}")
        if entry.flag_bits & 0x1:
            raise Refused("it is protected by a password")
        if entry.compress_type not in _PACKINGS:
            raise Refused("it is packed in an unusual way: make an ordinary zip of it")
    return [entry for entry in entries if not entry.is_dir()]


def _member_path(entry: zipfile.ZipInfo) -> PurePosixPath:
    """The path of an entry; Refused when it leads out of the hand-in."""
    name = entry.filename.replace("\\", "/")
    path = PurePosixPath(name)
    if path.is_absolute() or re.match(r"^[A-Za-z]:", name) or ".." in path.parts or not path.parts:
        raise Refused(f"it holds a name that leads out of the hand-in, {_shown(entry.filename)}")
    if len(name) > 400 or any(len(part.encode("utf-8", "replace")) > 200 for part in path.parts):
        raise Refused(f"it holds a name that is too long, {_shown(entry.filename)}")
    if any(not char.isprintable() for char in name):
        raise Refused(f"it holds a name with control characters, {_shown(entry.filename)}")
    return path


def _refuse_bomb(entry: zipfile.ZipInfo) -> None:
    large = entry.file_size > _RATIO_FROM_BYTES
    if large and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
        raise Refused(f"{_shown(entry.filename)} unpacks to {_mb(entry.file_size)}: this looks like a zip bomb")


def _read_member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: _Budget) -> bytes:
    """The content of an entry. What its header says of its size is checked, not believed."""
    if entry.file_size > MAX_FILE_BYTES:
        raise Refused(f"{_shown(entry.filename)} has {_mb(entry.file_size)}; at most {_mb(MAX_FILE_BYTES)} are read")
    if entry.file_size > budget.size:
        raise Refused(_TOO_MUCH)
    limit = min(MAX_FILE_BYTES, budget.size)
    try:
        with archive.open(entry) as file:
            data = file.read(limit + 1)
    except Exception as error:  # zlib.error, OSError: each packing has its own
        raise Refused(f"{_shown(entry.filename)} cannot be unpacked: {_one_line(error)}") from error
    if len(data) > limit:
        raise Refused(f"{_shown(entry.filename)} is larger than its zip says")
    return data


def _member_time(entry: zipfile.ZipInfo, zip_saved: datetime, zone: ZoneInfo) -> datetime:
    """When a file in a zip was saved, else when the zip was.

    Zips keep local time without a zone; it is taken as the course's. Many programs write no time, which reads as 1980.
    """
    try:
        saved = datetime(*entry.date_time, tzinfo=zone)
    except ValueError:  # a zip may say month 0
        return zip_saved
    return saved if saved.year > _NO_TIME else zip_saved


# ---------------------------------------------------------------------------------------------------
# Which assignment


def _recognise(
    course: Course,
    hand_in: HandIn,
    notebooks: list[HandedFile],
    known: list[_Known],
    assignment: str | None,
    report: CollectReport,
) -> list[tuple[HandedFile, _Known]]:
    """The notebooks of a hand-in with what they are; of two for one assignment the newer one."""
    recognised: list[tuple[HandedFile, _Known]] = []
    for file in sorted(notebooks, key=lambda file: (file.order, file.modified, str(file.path))):
        try:
            put_right: list[str] = []
            item = _which(read_notebook(file.data, put_right), file.path.stem, known, assignment)
            report.notes += [f"{_inside(hand_in, file)}: {note}" for note in put_right]
        except UnreadableNotebook as error:
            _set_aside(course, _inside(hand_in, file), str(error), file.data, report)
            continue
        if item is None:
            reason = "it is like no assignment: give --assignment NAME"
            _set_aside(course, _inside(hand_in, file), reason, file.data, report)
            continue
        recognised.append((file, item))
    if hand_in.is_one_file and _look_like_several_hand_ins(recognised):
        reason = (
            "the zip holds one assignment in several folders: if it is the learning platform's download of many"
            " students, unpack it or give --bulk (names inside a zip are not taken as ids without it)"
        )
        for file, _ in recognised:
            _set_aside(course, _inside(hand_in, file), reason, file.data, report)
        return []
    chosen: dict[tuple[str, str], tuple[HandedFile, _Known]] = {}
    for file, item in recognised:
        key = (item.assignment, item.notebook)
        if key in chosen:
            older = chosen[key][0]
            reason = f"a newer notebook of the same hand-in was taken, {file.path}"
            _set_aside(course, _inside(hand_in, older), reason, older.data, report)
        chosen[key] = (file, item)
    return list(chosen.values())


def _look_like_several_hand_ins(recognised: list[tuple[HandedFile, _Known]]) -> bool:
    """Whether one notebook of an assignment lies in folders of which none holds another."""
    pairs = itertools.combinations(recognised, 2)
    return any(
        first_item is second_item
        and first.path.parent != second.path.parent
        and first.path.parent not in second.path.parents
        and second.path.parent not in first.path.parents
        for (first, first_item), (second, second_item) in pairs
    )


def _which(notebook: NotebookNode, stem: str, known: list[_Known], assignment: str | None) -> _Known | None:
    """What a notebook is: by stamp, by name, by likeness; within `assignment` when that is given."""
    candidates = [item for item in known if assignment in (None, item.assignment)]
    stamped = [item for item in candidates if item.assignment == _stamped_assignment(notebook)]
    for pool in (stamped, candidates):
        named = [item for item in pool if _names(stem, item, strictly=True)]
        if len(pool) == 1 and (pool is stamped or assignment is not None):
            return pool[0]
        if len(named) == 1:
            return named[0]
        if pool:
            alike = max(pool, key=lambda item: _likeness(notebook, item.master))
            if pool is stamped or _likeness(notebook, alike.master) >= ALIKE:
                return alike
    return None


def _stamped_assignment(notebook: NotebookNode) -> str | None:
    stamp = notebook.metadata.get("coursework")
    name = stamp.get("assignment") if isinstance(stamp, dict) else None
    return name if isinstance(name, str) else None


def _likeness(notebook: NotebookNode, master: NotebookNode) -> float:
    """The share of the master's answer and test cells whose id or marker the notebook holds (0 to 1)."""
    wanted = {grade_id(cell) for cell in master.cells if role(cell) in ("answer", "test")}
    ids = {cell.id for cell in master.cells if role(cell) != "plain"}
    if not wanted:
        return 0.0
    found = {grade_id(cell) for cell in notebook.cells}
    found |= {name for cell in notebook.cells for name in find_markers(cell.source)}
    by_name = len(wanted & found) / len(wanted)
    by_id = len(ids & {cell.id for cell in notebook.cells}) / len(ids)
    return max(by_name, by_id, _shared_lines(notebook, master))


def _shared_lines(notebook: NotebookNode, master: NotebookNode) -> float:
    """The share of the longer lines of the master outside its answers that the notebook has too."""
    answers = {id(cell) for cell in answer_cells(master)}
    texts = [cell.source for cell in master.cells if id(cell) not in answers]
    ours = {line.strip() for text in texts for line in text.split("\n") if len(line.strip()) > 15}
    theirs = {line.strip() for cell in notebook.cells for line in cell.source.split("\n")}
    return len(ours & theirs) / len(ours) if ours else 0.0


def _name_of_file(stem: str, known: list[_Known]) -> str | None:
    """The student's name in a file's name; None when the file is named like an assignment."""
    return None if any(_names(stem, item, strictly=True) for item in known) else stem


def _names(stem: str, item: _Known, *, strictly: bool) -> bool:
    """Whether a file's stem is the name of an assignment or notebook (or only holds it)."""
    plain = _plain_name(stem)
    ours = {_plain_name(item.assignment), _plain_name(item.notebook)}
    return plain in ours if strictly else any(f"_{name}_" in f"_{plain}_" for name in ours)


def _plain_name(stem: str) -> str:
    """A stem without what browsers, Colab and file managers add to a name: 'Copy of x (1)' → 'x'."""
    name = unicodedata.normalize("NFKC", stem).lower().strip()
    name = re.sub(r"\.ipynb$", "", name)
    name = re.sub(r"^(copy of|kopie von|copie de)\s+", "", name)
    name = re.sub(r"(\s*\(\d+\)|\s+\d+|\s*-\s*(copy|kopie|copie)\d*)+$", "", name)
    return re.sub(r"[\s_-]+", "_", name).strip("_")


# ---------------------------------------------------------------------------------------------------
# What is kept of a hand-in


def _files_of(
    hand_in: HandIn, notebook: HandedFile, notebooks: list[HandedFile], report: CollectReport
) -> dict[PurePosixPath, bytes]:
    """Results, small texts and PDFs that belong to a notebook: those in or below its folder.

    A file below the folder of another notebook further down belongs to that one. Where all notebooks lie in one folder,
    a PDF beside or above it, such as a report, belongs to them as well.
    """
    folders = {other.path.parent for other in notebooks}
    kept: dict[PurePosixPath, bytes] = {}
    taken: set[str] = set()  # not all file systems tell 'A' from 'a'
    for file in hand_in.files:
        owners = [folder for folder in folders if folder == PurePosixPath(".") or folder in file.path.parents]
        stray = file.path.suffix.lower() == ".pdf" and len(folders) == 1 and not owners
        if stray:
            relative = PurePosixPath(file.path.name)
        elif file in notebooks or max(owners, key=lambda f: len(f.parts), default=None) != notebook.path.parent:
            continue
        else:
            relative = file.path.relative_to(notebook.path.parent)
        reason = _why_not_kept(relative, len(file.data))
        if reason is None and str(relative).casefold() in taken:
            reason = "another file has the same name but for small and capital letters"
        if reason is None:
            kept[relative] = file.data
            taken.add(str(relative).casefold())
        else:
            report.notes.append(f"{_inside(hand_in, file)} was left out: {reason}")
    return kept


def _why_not_kept(path: PurePosixPath, size: int) -> str | None:
    suffix = path.suffix.lower()
    if path.parts[0].casefold() == _OURS or any(part.startswith(".") for part in path.parts):
        return "its name is reserved"
    if not str(path).isprintable():
        return "its name cannot be written in UTF-8, or not be printed"
    if any(folder.suffix.lower() in {_NOTEBOOK, ".pdf", *_RESULT_SUFFIXES, *_TEXT_SUFFIXES} for folder in path.parents):
        return "it lies in a folder that is named like a file"
    if len(path.parts) > MAX_FOLDERS:
        return f"it lies in folders inside folders, more than {MAX_FOLDERS} deep"
    if path.parts[0] == "results" and suffix in _RESULT_SUFFIXES:
        return None if size <= MAX_WEIGHTS_BYTES else f"it has {_mb(size)}; at most {_mb(MAX_WEIGHTS_BYTES)}"
    if suffix == ".pdf":
        return None if size <= MAX_PDF_BYTES else f"it has {_mb(size)}; at most {_mb(MAX_PDF_BYTES)}"
    if suffix not in _TEXT_SUFFIXES:
        return "only results (.json, .npz), small texts and PDFs are kept beside a notebook"
    return None if size <= MAX_TEXT_BYTES else f"it has {_mb(size)}; at most {_mb(MAX_TEXT_BYTES)}"


# ---------------------------------------------------------------------------------------------------
# Writing


@dataclass(frozen=True)
class _Written:
    replaced: bool
    when: datetime
    certain: bool


def _write(
    course: Course,
    student: str,
    item: _Known,
    file: HandedFile,
    kept: dict[PurePosixPath, bytes],
    when: datetime,
    *,
    certain: bool,
) -> _Written | None:
    """Put one notebook with its files into submitted/, and keep it as one of the student's hand-ins.

    The folder is made aside and renamed, so that nobody ever sees half of it. Other notebooks of the same assignment,
    handed in before, stay. None when a later hand-in is there, which a certain time is needed to know. The same files
    once more keep the time that they had, unless this one is certain.
    """
    target = course.submitted / student / item.assignment
    name = f"{item.notebook}.ipynb"
    contents = {**{str(path): data for path, data in kept.items()}, name: file.data}
    digest = hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in _flat(contents))).hexdigest()[:12]
    before = _time_there(target)
    replaced = (target / name).exists()
    if replaced and not certain and before is not None and _is_there(target, contents):
        when = before
    when = when.astimezone(UTC)
    with scratch_folder(course) as scratch:
        alone = scratch / "alone"
        alone.mkdir()
        _fill(alone, contents, when)
        archive = course.work / HAND_INS / student / item.assignment / f"{when:%Y%m%dT%H%M%S}-{digest}"
        if not archive.exists():
            archive.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(alone, scratch / "archived")
            (scratch / "archived").rename(archive)
        if certain and replaced and before is not None and when < before:
            return None
        new = scratch / "new"
        if any(path.stem != item.notebook for path in target.glob("*.ipynb")):
            shutil.copytree(target, new)
        new.mkdir(exist_ok=True)
        _fill(new, contents, when)
        replace_folder(new, target, scratch / "before")
    return _Written(replaced, when, certain)


def _flat(contents: Mapping[str, bytes]) -> list[bytes]:
    return [part for name, data in sorted(contents.items()) for part in (name.encode(), data)]


def _fill(folder: Path, contents: Mapping[str, bytes], when: datetime) -> None:
    for name, data in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    (folder / _OURS).write_text(f"{when:%Y-%m-%d %H:%M:%S} UTC\n", encoding="utf-8")


def _is_there(folder: Path, contents: Mapping[str, bytes]) -> bool:
    """Whether a folder holds all of these files as they are."""
    return all((folder / name).is_file() and (folder / name).read_bytes() == data for name, data in contents.items())


def _time_there(folder: Path) -> datetime | None:
    """The time of the hand-in that lies in a folder of submitted/; None when it has none that can be read."""
    try:
        text = (folder / _OURS).read_text(encoding="utf-8").strip()
        return datetime.strptime(text.removesuffix("UTC").strip(), "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except (OSError, ValueError):
        return None


def _set_aside(course: Course, path: str, reason: str, data: bytes | None, report: CollectReport) -> None:
    """Copy what could not be placed to .coursework/unplaced/ and note why."""
    report.unplaced.append(Unplaced(path, reason))
    if data is None:
        return
    folder = course.work / "unplaced"
    folder.mkdir(parents=True, exist_ok=True)
    # The beginning is made from the whole path: no hand-in takes the place of another one here.
    start = hashlib.sha256(path.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    name = f"{start}-{re.sub(r'[^A-Za-z0-9@._-]+', '_', path).strip('._-')[-120:]}"
    with scratch_folder(course) as scratch:
        (scratch / name).write_bytes(data)
        (scratch / name).rename(folder / name)


def _write_list(course: Course, report: CollectReport) -> None:
    """The list beside the files in .coursework/unplaced/, as tab-separated lines; of the last run only."""
    folder = course.work / "unplaced"
    if not report.unplaced and not folder.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"{_clean(item.path)}\t{_clean(item.reason)}\n" for item in report.unplaced]
    with scratch_folder(course) as scratch:
        (scratch / "list").write_text("what\twhy\n" + "".join(lines), encoding="utf-8", errors="replace")
        (scratch / "list").rename(folder / "LIST.tsv")


def _inside(hand_in: HandIn, file: HandedFile) -> str:
    single = len(hand_in.files) == 1 and hand_in.origin.endswith(file.path.name)
    return hand_in.origin if single else f"{hand_in.origin}/{file.path}"


def _shown(name: str) -> str:
    return repr(name if len(name) <= 80 else name[:77] + "...")


def _clean(text: str) -> str:
    """One line for terminals and tables, also where the name of a file holds what cannot be printed."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _one_line(error: BaseException) -> str:
    return _clean(str(error))[:300] or type(error).__name__


def _mb(size: int) -> str:
    return f"{size / 2**20:.0f} MB"
