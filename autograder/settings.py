"""What an instructor says of the term in nbgrader_config.py, as ``c.Coursework.<name> = ...``, read and validated.

Each setting has a field in `Settings`, which holds its default, and a function in `READERS`, which turns what the file
says into the field's value or raises ValueError with what is wrong. Nothing here opens the gradebook or the roster:
whether the students that are named exist is looked at by ``coursework check``.
"""

import csv
import io
import re
import urllib.parse
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MAX_TABLE_BYTES = 4 * 1024 * 1024
"""A CSV file of the instructor's (roster, extensions); one for 10,000 students has under 1 MB."""

EXTENSION_COLUMNS = ("student", "assignment", "deadline")


@dataclass(frozen=True)
class Amount:
    """Something to take off a mark: points, or per cent."""

    value: float
    percent: bool

    def of(self, whole: float) -> float:
        """The points that this is, where 100 % are ``whole`` points."""
        return whole * self.value / 100 if self.percent else self.value


@dataclass(frozen=True)
class Repository:
    """The public repository on GitHub in which students find the unpacked bundle."""

    owner: str
    name: str
    branch: str = "main"

    def raw(self, path: str) -> str:
        """Where a file of the bundle can be downloaded."""
        return f"https://raw.githubusercontent.com/{self.owner}/{self.name}/{self.branch}/{urllib.parse.quote(path)}"

    def colab(self, path: str) -> str:
        """Where Colab opens a notebook of the bundle."""
        place = f"{self.owner}/{self.name}/blob/{self.branch}/{urllib.parse.quote(path)}"
        return f"https://colab.research.google.com/github/{place}"


@dataclass(frozen=True)
class Settings:
    """The course's settings, with their defaults."""

    time_zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    """Where times without a zone are at home: deadlines, what Blackboard writes into names, entries of zips."""
    roster: Path | None = None
    """The list of students, a CSV file."""
    deadlines: Mapping[str, datetime | None] = field(default_factory=dict)
    """Assignment → when it is due (aware); None: it has no deadline, not even one that the gradebook knows."""
    extensions: Mapping[tuple[str, str], datetime] = field(default_factory=dict)
    """(student, assignment) → that student's own deadline (aware), of the configuration and of ``extensions_file``."""
    extensions_file: Path | None = None
    late_penalty: Amount | None = None
    """What each started day costs; None: being late costs nothing that this configuration knows of."""
    late_percent_of: str = "earned"
    """What 100 % are: 'earned', the points of the hand-in, or 'maximum', those of the assignment."""
    late_grace_minutes: float = 0.0
    """A hand-in that is at most this late counts as in time."""
    late_cap: Amount | None = None
    """The penalty is never more than this."""
    late_days: int | None = None
    """A hand-in that is later than this many days earns nothing."""
    resubmissions: str = "last"
    """Which of several hand-ins counts: 'last' or 'best'."""
    team_sizes: Mapping[str, int] = field(default_factory=dict)
    """Assignment → how many may hand in together (TEAM), 2 where nothing is said."""
    show_answers: tuple[str, ...] = ()
    """The assignments whose feedback shows the right answers to questions; explanations are always shown."""
    platform_names: Mapping[str, str] = field(default_factory=dict)
    """Assignment → its name on the learning platform, for ``coursework export``."""
    markers: tuple[str, ...] = ()
    """Among whom ``coursework marking share`` deals what is marked by a person."""
    marking_by: str = "student"
    """What is dealt: 'student', all written answers of a hand-in, or 'exercise', one exercise of all hand-ins."""
    formgrader: str = "http://localhost:8888"
    """The address at which the markers' Jupyter runs, with its base path."""
    workers: int = 0
    """How many processes grade side by side; 0: as many as the cores allow."""
    scheduler: str = ""
    """The address of a Dask scheduler whose workers grade; empty: processes of this machine."""
    comments: Path | None = None
    """The markers' reusable comments, a YAML file."""
    repository: Repository | None = None
    """Where students find the bundle on GitHub; None: notebooks have no badge for Colab, and no address of helpers."""

    def deadline(self, student: str, assignment: str) -> datetime | None:
        """When this student's hand-in is due (aware); None when no deadline is configured."""
        return self.extensions.get((student, assignment), self.deadlines.get(assignment))


@dataclass(frozen=True)
class Context:
    """What the reading of a setting may need: the course's folder and time zone."""

    root: Path
    zone: ZoneInfo


def read_settings(raw: Any, root: Path, assignments: list[str]) -> tuple[Settings, list[tuple[str, str]]]:
    """The settings that a configuration holds, and its problems as (where, what is wrong).

    A setting with a problem keeps its default. ``assignments``: those of the course, which the settings may name.
    """
    if not isinstance(raw, Mapping):
        return Settings(), [("c.Coursework", f"it is {raw!r}, not a group of settings")]
    problems: list[tuple[str, str]] = []
    values: dict[str, Any] = {}
    context = Context(root, Settings().time_zone)
    for name in (*READERS, *sorted(set(raw) - set(READERS))):  # time_zone first: the others' times are in it
        if name not in raw:
            continue
        try:
            if name not in READERS:
                raise ValueError(f"there is no such setting (known: {', '.join(READERS)})")
            values[name] = READERS[name](raw[name], context)
        except ValueError as error:
            problems.append((f"c.Coursework.{name}", str(error)))
        if name == "time_zone":
            context = Context(root, values.get("time_zone", context.zone))
    problems += _unknown_assignments(values, assignments)
    if values.get("extensions_file"):
        path = values["extensions_file"]
        found, wrong = read_extensions(path, context.zone, assignments)
        values["extensions"] = {**found, **values.get("extensions", {})}
        problems += [(f"{path.name}{where}", what) for where, what in wrong]
    problems += _contradictions(Settings(**values), assignments)
    return Settings(**values), problems


def repository_of(raw: Mapping[str, Any]) -> Repository | None:
    """The repository that a configuration names, without the other settings. Raises ValueError when it is none."""
    try:
        return _repository(raw.get("repository"), Context(Path(), Settings().time_zone))
    except ValueError as error:
        raise ValueError(f"c.Coursework.repository: {error}") from None


def _contradictions(settings: Settings, assignments: list[str]) -> list[tuple[str, str]]:
    """What would be without effect."""
    problems = []
    if settings.late_penalty is None and (
        settings.late_cap or (settings.late_grace_minutes and not settings.late_days)
    ):
        what = "it is not set, so that late_cap and late_grace_minutes have no effect"
        problems.append(("c.Coursework.late_penalty", what))
    if settings.workers and settings.scheduler:
        what = "workers is for this machine, scheduler for a cluster: give one of the two"
        problems.append(("c.Coursework.scheduler", what))
    for student, assignment in settings.extensions:
        if assignment in assignments and settings.deadlines.get(assignment) is None:
            what = f"{student} has an extension for {assignment}, which has no deadline: give it one in deadlines"
            problems.append(("c.Coursework.extensions", what))
    return problems


def _unknown_assignments(values: Mapping[str, Any], known: list[str]) -> list[tuple[str, str]]:
    named = {
        "deadlines": list(values.get("deadlines", {})),
        "extensions": [assignment for _, assignment in values.get("extensions", {})],
        "team_sizes": list(values.get("team_sizes", {})),
        "show_answers": list(values.get("show_answers", ())),
        "platform_names": list(values.get("platform_names", {})),
    }
    return [
        (f"c.Coursework.{name}", f"there is no assignment {assignment!r} (known: {', '.join(known) or 'none'})")
        for name, assignments in named.items()
        for assignment in dict.fromkeys(assignments)
        if assignment not in known
    ]


# --- tables --------------------------------------------------------------------------------------------------


def read_table(path: Path, texts: Collection[str] = ()) -> list[tuple[int, dict[str, str]]]:
    """The rows of a CSV file with their line numbers, by the column names of its first line; ValueError otherwise.

    White space in a cell is one blank; the columns ``texts`` keep their lines.

    Commas, semicolons and tabs are taken for what stands between cells, whichever the first line holds most of; a
    byte order mark and blank lines are passed over. A row with more cells than columns keeps them under ''.
    """
    try:
        if path.stat().st_size > MAX_TABLE_BYTES:
            raise ValueError(f"it has more than {MAX_TABLE_BYTES // 2**20} MB")
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ValueError(f"it cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ValueError("it is not written in UTF-8: save it as 'CSV UTF-8'") from error
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[tuple[int, dict[str, str]]] = []
    names: list[str] | None = None
    line = 1
    try:
        for cells in reader:
            trimmed = [" ".join(cell.split()) for cell in cells]
            if any(trimmed):
                if names is None:
                    names = trimmed
                else:
                    row = {**dict(zip(names, trimmed, strict=False)), **_beyond(names, trimmed)}
                    kept = {n: cell.strip() for n, cell in zip(names, cells, strict=False) if n in texts}
                    rows.append((line, {**row, **kept}))
            line = reader.line_num + 1
    except csv.Error as error:
        raise ValueError(f"line {reader.line_num}: {error}") from error
    if names is None:
        raise ValueError("it is empty: its first line must name the columns")
    doubled = sorted({name for name in names if name and names.count(name) > 1})
    if doubled:
        raise ValueError(f"line 1: the column {doubled[0]!r} is there twice")
    return [(1, dict.fromkeys(names, "")), *rows]


def _beyond(names: list[str], cells: list[str]) -> dict[str, str]:
    more = [cell for cell in cells[len(names) :] if cell]
    return {"": " ".join(more)} if more else {}


def read_extensions(
    path: Path, zone: ZoneInfo, assignments: list[str]
) -> tuple[dict[tuple[str, str], datetime], list[tuple[str, str]]]:
    """(student, assignment) → new deadline of a CSV file with EXTENSION_COLUMNS, and its problems with their lines."""
    try:
        (_, header), *rows = read_table(path)
    except ValueError as error:
        return {}, [("", str(error))]
    missing = [name for name in EXTENSION_COLUMNS if name not in header]
    if missing:
        return {}, [(", line 1", f"there is no column {missing[0]!r} (wanted: {', '.join(EXTENSION_COLUMNS)})")]
    found: dict[tuple[str, str], datetime] = {}
    problems = []
    for line, row in rows:
        key = (row.get("student", ""), row.get("assignment", ""))
        try:
            if not key[0]:
                raise ValueError("it names no student")
            if key[1] not in assignments:
                raise ValueError(f"there is no assignment {key[1]!r} (known: {', '.join(assignments) or 'none'})")
            if key in found:
                raise ValueError(f"an extension of {key[0]} for {key[1]} stands further up")
            found[key] = moment(row.get("deadline", ""), zone)
        except ValueError as error:
            problems.append((f", line {line}", str(error)))
    return found, problems


# --- values --------------------------------------------------------------------------------------------------


def moment(value: Any, zone: ZoneInfo) -> datetime:
    """A point in time, aware: '2026-12-01 23:59' in ``zone``, or with '+01:00', 'Z' or 'UTC' behind it."""
    wanted = "write it as '2026-12-01 23:59'"
    if isinstance(value, str):
        text = value.strip().removesuffix("UTC").strip() + ("+00:00" if value.strip().endswith("UTC") else "")
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            raise ValueError(f"{value!r} is no date and time: {wanted}") from None
        if len(text) <= len("2026-12-01"):
            raise ValueError(f"{value!r} has no time of day: {wanted}")
    elif isinstance(value, datetime):
        found = value
    else:
        raise ValueError(f"{value!r} is no date and time: {wanted}")
    return found if found.tzinfo else found.replace(tzinfo=zone)


def utc(when: datetime) -> datetime:
    """An aware time as nbgrader keeps it: in UTC, without saying so."""
    return when.astimezone(UTC).replace(tzinfo=None)


def _zone(value: Any, _: Context) -> ZoneInfo:
    try:
        return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        raise ValueError(f"{value!r} is no time zone: write it as 'Europe/Berlin' or 'UTC'") from None


def _file(value: Any, context: Context) -> Path | None:
    if value in (None, ""):
        return None
    if not isinstance(value, str | Path):
        raise ValueError(f"it is {value!r}, not the name of a file")
    path = context.root / Path(value).expanduser()
    if not path.is_file():
        raise ValueError(f"there is no file {path}")
    return path


def _mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise ValueError(f"it is {value!r}, not a dictionary with texts as keys")
    return value


def _deadlines(value: Any, context: Context) -> Mapping[str, datetime | None]:
    return {
        name: None if when is None else _named(name, moment, when, context.zone)
        for name, when in _mapping(value).items()
    }


def _extensions(value: Any, context: Context) -> Mapping[tuple[str, str], datetime]:
    return {
        (student, assignment): _named(f"{student}, {assignment}", moment, when, context.zone)
        for student, of_student in _mapping(value).items()
        for assignment, when in _named(student, _mapping, of_student).items()
    }


def _named(name: str, read: Callable[..., Any], *arguments: Any) -> Any:
    """What ``read`` gives; its ValueError says which entry it is about."""
    try:
        return read(*arguments)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _number(value: Any, least: float = 0.0) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value < float("inf"):
        raise ValueError(f"it is {value!r}, not a number of at least {least:g}")
    return float(value)


def _amount(value: Any, _: Context) -> Amount | None:
    if value is None:
        return None
    wanted = "write points as a number, such as 1.5, or per cent as a text, such as '10 %'"
    percent = isinstance(value, str) and value.strip().endswith("%")
    try:
        number = float(value.strip().removesuffix("%")) if isinstance(value, str) else _number(value)
    except ValueError:
        raise ValueError(f"it is {value!r}: {wanted}") from None
    if not 0 < number < float("inf") or (isinstance(value, str) and not percent) or (percent and number > 100):
        raise ValueError(f"it is {value!r}: {wanted}")
    return Amount(number, percent)


def _days(value: Any, _: Context) -> int | None:
    return None if value is None else _whole(value, " of days")


def _whole(value: Any, of: str = "") -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"it is {value!r}, not a whole number{of}")
    return value


def _scheduler(value: Any, _: Context) -> str:
    if not isinstance(value, str) or (value and not re.fullmatch(r"[a-z]+://\S+:\d+", value)):
        raise ValueError(f"it is {value!r}, not an address such as 'tls://head.example.org:8786'")
    return value


def _one_of(*words: str) -> Callable[[Any, Context], str]:
    def read(value: Any, _: Context) -> str:
        if value not in words:
            raise ValueError(f"it is {value!r}, not one of {', '.join(map(repr, words))}")
        return str(value)

    return read


def _assignments(value: Any, _: Context) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(name, str) for name in value):
        raise ValueError(f"it is {value!r}, not a list of assignments such as ['theory']")
    return tuple(value)


def _names(value: Any, _: Context) -> Mapping[str, str]:
    for name, shown in _mapping(value).items():
        if not isinstance(shown, str) or not shown.strip():
            raise ValueError(f"{name}: it is {shown!r}, not a name")
    return dict(value)


def _markers(value: Any, _: Context) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(name, str) for name in value):
        raise ValueError(f"it is {value!r}, not a list of names such as ['anna', 'ben']")
    return marker_names(value)


def marker_names(names: Iterable[str]) -> tuple[str, ...]:
    """The names of markers without blanks around them; ValueError when one is empty or there twice."""
    found = tuple(name.strip() for name in names)
    if not all(found):
        raise ValueError("one of the names is empty")
    doubled = sorted({name for name in found if found.count(name) > 1})
    if doubled:
        raise ValueError(f"{doubled[0]} is there twice")
    return found


def _address(value: Any, _: Context) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", value):
        raise ValueError(f"it is {value!r}, not an address such as 'http://localhost:8888'")
    return value.rstrip("/")


def _team_sizes(value: Any, _: Context) -> Mapping[str, int]:
    for name, most in _mapping(value).items():
        if isinstance(most, bool) or not isinstance(most, int) or not 1 <= most <= 20:
            raise ValueError(f"{name}: it is {most!r}, not a number of members from 1 to 20")
    return dict(value)


def _repository(value: Any, _: Context) -> Repository | None:
    if value is None:
        return None
    found = _REPOSITORY.fullmatch(value) if isinstance(value, str) else None
    if not found or found["name"].endswith(".git"):
        wanted = "'owner/name' or 'owner/name@branch', a public repository on GitHub"
        raise ValueError(f"it is {value!r}: write {wanted}")
    return Repository(found["owner"], found["name"], found["branch"] or "main")


_REPOSITORY = re.compile(
    r"(?P<owner>[A-Za-z0-9][A-Za-z0-9-]{0,38})/(?P<name>[A-Za-z0-9_-][\w.-]{0,99})(@(?P<branch>[A-Za-z0-9_][\w.-]{0,99}))?",
    re.ASCII,
)
"""A branch with a slash in its name is not taken: in the address of a notebook nobody could tell it from a folder."""


READERS: Mapping[str, Callable[[Any, Context], Any]] = MappingProxyType(
    {
        "time_zone": _zone,
        "roster": _file,
        "deadlines": _deadlines,
        "extensions": _extensions,
        "extensions_file": _file,
        "late_penalty": _amount,
        "late_percent_of": _one_of("earned", "maximum"),
        "late_grace_minutes": lambda value, _: _number(value),
        "late_cap": _amount,
        "late_days": _days,
        "resubmissions": _one_of("last", "best"),
        "team_sizes": _team_sizes,
        "show_answers": _assignments,
        "platform_names": _names,
        "repository": _repository,
        "markers": _markers,
        "marking_by": _one_of("student", "exercise"),
        "formgrader": _address,
        "comments": _file,
        "workers": lambda value, _: _whole(value),
        "scheduler": _scheduler,
    }
)
"""What each setting is read with; ``time_zone`` first."""
