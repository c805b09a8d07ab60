"""From what students hand in to submitted/<student>/<assignment>/.

A hand-in is a bare notebook, a zip, or a student's folder in a hand-in folder. Who handed it in:

1. `student`, when the instructor gives it;
2. else the name of the sub-folder of the hand-in folder;
3. else the stem of the file, unless that names an assignment or notebook ("Copy of speech_commands (1)");
4. else nobody knows, and the hand-in goes to the instructor's list.

Names inside a zip are never taken as ids, since whoever made the zip chose them; only with `bulk` is a
zip the learning platform's own, and its top-level names are read as a hand-in folder's are.

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
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from nbformat.notebooknode import NotebookNode

from autograder.course import Course, CourseError
from autograder.files import replace_folder, scratch_folder
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
_MAX_ID = 64


@dataclass(frozen=True)
class Placed:
    """One notebook that now lies in submitted/. `replaced`: an earlier hand-in was there."""

    student: str
    assignment: str
    notebook: str
    origin: str
    replaced: bool


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


@dataclass
class HandIn:
    """All that one student handed in at one place. `origin` names it in reports."""

    origin: str
    name: str | None  # what the student's id is made from; None when nobody knows
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
) -> CollectReport:
    """Put what lies at `paths` into submitted/; see the top of this module for the rules.

    A later hand-in of the same student replaces the earlier one. CourseError for wrong usage (a path that
    is not there, an assignment that the course does not have, a student's id that is none).
    """
    paths = list(paths)
    missing = [path for path in paths if not path.exists()]
    if missing:
        raise CourseError(f"there is no {missing[0]}", 2)
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
    for hand_in in _hand_ins(paths, known, bulk):
        _place_hand_in(course, hand_in, known, names, student, assignment, report)
    _write_list(course, report)
    return report


def student_id(name: str) -> str:
    """The id that a name stands for: 'Zoë Müller' → 'Zoe_Muller'; '' when no letter or digit is left.

    An id stands for itself. None begins with '.' or '-', which would hide a folder or look like an option.
    """
    plain = unicodedata.normalize("NFKD", name.strip())
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    safe = re.sub(r"[^A-Za-z0-9@._-]+", "_", plain).lstrip(".-")[:_MAX_ID].rstrip(".")
    return safe if any(char.isalnum() for char in safe) else ""


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


def _place_hand_in(
    course: Course,
    hand_in: HandIn,
    known: list[_Known],
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
    identifier = student or student_id(hand_in.name or "")
    problem = _whose(hand_in, identifier, names, student, notebooks)
    if problem is not None:
        for file in notebooks or hand_in.files:
            _set_aside(course, _inside(hand_in, file), problem, file.data, report)
        if not hand_in.files:
            _set_aside(course, hand_in.origin, problem, None, report)
        return
    names.setdefault(identifier.casefold(), hand_in.name or identifier)
    if student is None and any(_names(identifier, item, strictly=False) for item in known):
        report.notes.append(
            f"{hand_in.origin}: '{identifier}' was taken as the student's id; it also names an assignment"
        )
    for file, item in _recognise(course, hand_in, notebooks, known, assignment, report):
        kept = _files_of(hand_in, file, notebooks, report)
        replaced = _write(course, identifier, item, file, kept)
        report.placed.append(Placed(identifier, item.assignment, item.notebook, _inside(hand_in, file), replaced))


def _whose(
    hand_in: HandIn, identifier: str, names: dict[str, str], student: str | None, notebooks: list[HandedFile]
) -> str | None:
    """Why a hand-in cannot be given to a student; None when it can."""
    if not notebooks:
        return "there is no notebook in it"
    if hand_in.name is None and student is None:
        return "it is not known who handed it in: name the file by the student's id, or give --student ID"
    if not identifier:
        return f"'{hand_in.name}' holds nothing that can be a student's id: give --student ID"
    earlier = names.get(identifier.casefold())  # not all file systems tell 'A' from 'a'
    if student is None and earlier is not None and earlier != hand_in.name:
        return f"'{hand_in.name}' and '{earlier}' come to the same id '{identifier}': give --student ID"
    return None


# ---------------------------------------------------------------------------------------------------
# Reading hand-ins


def _hand_ins(paths: list[Path], known: list[_Known], bulk: bool) -> Iterator[HandIn]:
    for path in paths:
        if path.is_dir():
            yield from _from_folder(path, known)
        elif bulk and zipfile.is_zipfile(path):
            yield from _from_bulk_zip(path, known)
        else:
            yield _from_file(path, known)


def _from_folder(folder: Path, known: list[_Known]) -> Iterator[HandIn]:
    """A hand-in folder: one student per file or sub-folder."""
    for path in sorted(folder.iterdir()):
        if path.name in _JUNK or path.name.startswith("._"):
            continue
        if path.name.startswith("."):
            yield HandIn(str(path), None, refused="it is hidden: its name begins with a dot")
        elif path.is_symlink():
            yield HandIn(str(path), None, refused="it is a link; links are not followed")
        elif path.is_dir():
            yield _read_into(HandIn(str(path), path.name), _files_below(path))
        else:
            yield _from_file(path, known)


def _from_file(path: Path, known: list[_Known]) -> HandIn:
    hand_in = HandIn(str(path), _name_of_file(path.stem, known), is_one_file=True)
    _read_into(hand_in, [(PurePosixPath(path.name), path)])
    if hand_in.refused is not None:
        hand_in.raw = _raw(path)
    return hand_in


def _raw(path: Path) -> bytes | None:
    """A file that was refused, to be set aside; what is very large or cannot be read stays where it is."""
    try:
        return path.read_bytes() if path.stat().st_size <= MAX_FILE_BYTES else None
    except OSError:  # that is why it was refused
        return None


def _from_bulk_zip(path: Path, known: list[_Known]) -> Iterator[HandIn]:
    """The learning platform's zip: what stands at its top level is a hand-in each."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries: dict[str, list[zipfile.ZipInfo]] = {}
            for entry in archive.infolist():
                top = next(iter(PurePosixPath(entry.filename.replace("\\", "/")).parts), "")
                if top and top not in _JUNK:
                    entries.setdefault(top, []).append(entry)
            for top, inside in sorted(entries.items()):
                yield _bulk_hand_in(path, archive, top, inside, known)
    except _ZIP_ERRORS as error:
        yield HandIn(str(path), None, refused=f"the zip cannot be read: {_one_line(error)}")


def _bulk_hand_in(
    path: Path, archive: zipfile.ZipFile, top: str, entries: list[zipfile.ZipInfo], known: list[_Known]
) -> HandIn:
    single = len(entries) == 1 and not entries[0].is_dir() and len(PurePosixPath(entries[0].filename).parts) == 1
    name = _name_of_file(PurePosixPath(top).stem, known) if single else top
    hand_in = HandIn(f"{path}/{top}", name, is_one_file=single)
    saved = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    try:
        budget = _Budget()
        for member in _members(entries):
            _refuse_bomb(member)
            relative = PurePosixPath(*_member_path(member).parts[0 if single else 1 :])
            if _is_left_out(hand_in, relative, member.file_size):
                continue
            data = _read_member(archive, member, budget)
            _add(hand_in, relative, data, _member_time(member, saved), budget, depth=0)
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


def _read_into(hand_in: HandIn, files: Iterable[tuple[PurePosixPath, Path]]) -> HandIn:
    """Read the files of a hand-in; one that breaks a limit is refused as a whole."""
    budget = _Budget()
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
            _add(hand_in, relative, path.read_bytes(), modified, budget, depth=0)
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
    """What is left of a hand-in's limits; shared by all zips in it."""

    files: int = MAX_FILES
    size: int = MAX_HAND_IN_BYTES

    def take(self, size: int) -> None:
        self.files -= 1
        self.size -= size
        if self.files < 0:
            raise Refused(f"it holds more than {MAX_FILES} files")
        if self.size < 0:
            raise Refused(_TOO_MUCH)


def _add(hand_in: HandIn, path: PurePosixPath, data: bytes, modified: datetime, budget: _Budget, depth: int) -> None:
    """Add a file to a hand-in, or what a zip holds in its place."""
    if any(part in _JUNK for part in path.parts):
        hand_in.notes.append(f"{path} was left out: it is a copy or file of a program's own")
        return
    budget.take(len(data))
    if path.suffix.lower() != _ZIP:
        hand_in.files.append(HandedFile(path, data, modified))
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
            _add(hand_in, inner, content, _member_time(member, modified), budget, depth + 1)


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


def _member_time(entry: zipfile.ZipInfo, zip_saved: datetime) -> datetime:
    """When a file in a zip was saved, else when the zip was.

    Zips keep local time without a zone; it is taken as UTC. Many programs write no time, which reads as 1980.
    """
    try:
        saved = datetime(*entry.date_time, tzinfo=UTC)
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
    for file in sorted(notebooks, key=lambda file: (file.modified, str(file.path))):
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
    """Results and small texts that belong to a notebook: those in or below its folder.

    A file below the folder of another notebook further down belongs to that one.
    """
    folders = {other.path.parent for other in notebooks}
    kept: dict[PurePosixPath, bytes] = {}
    taken: set[str] = set()  # not all file systems tell 'A' from 'a'
    for file in hand_in.files:
        owners = [folder for folder in folders if folder == PurePosixPath(".") or folder in file.path.parents]
        if file in notebooks or max(owners, key=lambda f: len(f.parts), default=None) != notebook.path.parent:
            continue
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
    if any(folder.suffix.lower() in {_NOTEBOOK, *_RESULT_SUFFIXES, *_TEXT_SUFFIXES} for folder in path.parents):
        return "it lies in a folder that is named like a file"
    if len(path.parts) > MAX_FOLDERS:
        return f"it lies in folders inside folders, more than {MAX_FOLDERS} deep"
    if path.parts[0] == "results" and suffix in _RESULT_SUFFIXES:
        return None if size <= MAX_WEIGHTS_BYTES else f"it has {_mb(size)}; at most {_mb(MAX_WEIGHTS_BYTES)}"
    if suffix not in _TEXT_SUFFIXES:
        return "only results (.json, .npz) and small texts are kept beside a notebook"
    return None if size <= MAX_TEXT_BYTES else f"it has {_mb(size)}; at most {_mb(MAX_TEXT_BYTES)}"


# ---------------------------------------------------------------------------------------------------
# Writing


def _write(course: Course, student: str, item: _Known, file: HandedFile, kept: dict[PurePosixPath, bytes]) -> bool:
    """Put one notebook with its files into submitted/; returns whether it replaced an earlier hand-in.

    The folder is made aside and renamed, so that nobody ever sees half of it. Other notebooks of the
    same assignment, handed in before, stay.
    """
    target = course.submitted / student / item.assignment
    with scratch_folder(course) as scratch:
        new = scratch / "new"
        replaced = (target / f"{item.notebook}.ipynb").exists()
        if any(path.stem != item.notebook for path in target.glob("*.ipynb")):
            shutil.copytree(target, new)
        new.mkdir(exist_ok=True)
        for path, data in kept.items():
            (new / path).parent.mkdir(parents=True, exist_ok=True)
            (new / path).write_bytes(data)
        (new / f"{item.notebook}.ipynb").write_bytes(file.data)
        (new / _OURS).write_text(f"{file.modified.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC\n", encoding="utf-8")
        replace_folder(new, target, scratch / "before")
    return replaced


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
