"""What one run of ``coursework grade`` leaves behind, so that any mark can be explained and reproduced.

Each run has a folder ``.coursework/runs/<UTC time>-<short id>/``:

``manifest.json``
    versions, digests of the code and the samples, every installed package, assignments, limits, workers; completed at
    the end with counts, wall time and the differences in marks. ``ended`` is null until then.
``records.jsonl``
    one line per submission: hashes of all that went in, the key that its examinations were seeded from, marks, times.
    A line is written at once and forced onto the disk, before the verdict itself is kept: so every verdict has its
    record, and the difference that it makes is known even if the run is killed right then. A line that a killed run
    left torn is cut off by the next run.

What went in lies in ``.coursework/inputs/<sha256>.gz``, each content once: a mark can be reproduced after the student
has handed in again and after the source has changed. Nothing is removed there.

Both folders are readable by their owner only (700, files 600): inputs hold hidden tests and everybody's answers, and
a record's key tells the inputs that this submission is examined with. The course's secret is in neither.
"""

import fcntl
import functools
import gzip
import hashlib
import json
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from autograder.course import Course, CourseError
from autograder.environment import describe_environment, package_differences
from autograder.execute import Job
from autograder.files import locked, make_folder, remove_leftovers, sync_folder, write_file
from autograder.notebooks import UnreadableNotebook, exercises, read_notebook, split_hidden
from autograder.records import UNGRADED, ExerciseVerdict, SubmissionVerdict
from autograder.sandbox import Limits

FORMAT = 1
"""Of manifests and records; counts up when their meaning changes."""
GZIP_LEVEL = 1
"""The usual level makes a notebook a seventh smaller and takes the recording process twice as long."""
INPUTS = ("notebooks", "masters", "releases", "files")
"""The fields of a job that hold bytes by name."""


def runs_folder(course: Course) -> Path:
    return course.work / "runs"


# --- the archive of inputs ------------------------------------------------------------------------------------


class MissingInput(Exception):
    """An input is not in the archive, or is damaged there; the message says which."""


@dataclass(frozen=True)
class Archive:
    """Contents by their sha256, compressed, each written once."""

    folder: Path

    def put(self, contents: dict[str, bytes]) -> dict[str, str]:
        """Keep contents; returns the sha256 of each, as hex. What is there already costs a hash and a look-up."""
        make_folder(self.folder, 0o700)
        names = {key: hashlib.sha256(content).hexdigest() for key, content in contents.items()}
        missing = {names[key]: content for key, content in contents.items() if not self._path(names[key]).exists()}
        for name, content in missing.items():
            write_file(self._path(name), gzip.compress(content, GZIP_LEVEL, mtime=0), sync=False)
        if missing:
            sync_folder(self.folder)
        return names

    def get(self, name: str) -> bytes:
        """The content of a sha256; MissingInput when it is not there or not what it was."""
        path = self._path(name)
        try:
            content = gzip.decompress(path.read_bytes())
        except FileNotFoundError:
            raise MissingInput(f"{path} is not there") from None
        except (OSError, EOFError) as error:
            raise MissingInput(f"{path} is damaged: {error}") from error
        if hashlib.sha256(content).hexdigest() != name:
            raise MissingInput(f"{path} is damaged: it holds another content")
        return content

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.gz"


def archive(course: Course) -> Archive:
    return Archive(course.work / "inputs")


# --- reading runs ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PastRun:
    """A run's folder, for reading; also of a run that is at work now."""

    folder: Path

    @property
    def id(self) -> str:
        return self.folder.name

    @functools.cached_property
    def manifest(self) -> dict[str, Any]:
        return json.loads((self.folder / "manifest.json").read_bytes())

    def records(self) -> Iterator[dict[str, Any]]:
        """The records in the order in which they were written, one at a time."""
        for _, record in self._lines():
            yield record

    def submissions(self) -> list[tuple[str, str]]:
        """Student and assignment of each submission, in the order in which they were recorded."""
        return list(dict.fromkeys((record["student"], record["assignment"]) for record in self.records()))

    def record(self, student: str, assignment: str) -> dict[str, Any] | None:
        """The record of one submission."""
        offset = self._offsets.get(_short(student, assignment))
        if offset is None:
            return None
        with self._file.open("rb") as file:
            file.seek(offset)
            return json.loads(file.readline())

    @functools.cached_property
    def _offsets(self) -> dict[int, int]:
        """Where each submission's record begins: a hundred bytes of memory for each, not the records."""
        return {_short(record["student"], record["assignment"]): offset for offset, record in self._lines()}

    @property
    def _file(self) -> Path:
        return self.folder / "records.jsonl"

    def _lines(self) -> Iterator[tuple[int, dict[str, Any]]]:
        offset = 0
        with self._file.open("rb") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    return  # being written, or torn
                yield offset, json.loads(line)
                offset += len(line)


def _short(student: str, assignment: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{student}\0{assignment}".encode()).digest()[:8], "big")


def past_runs(course: Course) -> list[PastRun]:
    """All runs, oldest first."""
    return [PastRun(path.parent) for path in sorted(runs_folder(course).glob("*/manifest.json"))]


def find_run(course: Course, name: str) -> PastRun:
    """The run of an id, an unambiguous beginning or end of one, a folder, or ``last``; CourseError otherwise."""
    runs = past_runs(course)
    if not runs:
        raise CourseError(f"there is no run in {runs_folder(course)}: 'coursework grade' makes one", 2)
    if name == "last":
        return runs[-1]
    if (Path(name) / "manifest.json").is_file():
        return PastRun(Path(name).resolve())
    found = [run for run in runs if run.id.startswith(name) or run.id.endswith(name)]
    exact = [run for run in found if run.id == name]
    if len(exact or found) != 1:
        what = "no run is" if not found else f"{len(found)} runs are"
        latest = ", ".join(run.id for run in runs[-3:])
        raise CourseError(f"{what} called '{name}' in {runs_folder(course)} (the latest: {latest})", 2)
    return (exact or found)[0]


# --- one run --------------------------------------------------------------------------------------------------


@dataclass
class Run:
    """The run that is at work, used by one thread of the process that records marks::

        with Run.begin(course, assignments, limits, workers, sandboxed) as run:
            run.done(job, verdict, before)  # for each submission, before its verdict is kept
            run.end()

    Left without ``end``, it counts as interrupted. Memory grows with the number of differences in marks only.
    """

    course: Course
    folder: Path
    manifest: dict[str, Any]
    descriptor: int
    began: float
    found: dict[str, None]
    """The differences, each once."""
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.folder.name

    @property
    def differences(self) -> list[str]:
        """Lines such as ``ada: lstm_cell 4 -> 3 of 4 (hidden test changed)``."""
        return list(self.found)

    @classmethod
    def begin(
        cls,
        course: Course,
        assignments: list[str],
        limits: Limits,
        workers: int,
        sandboxed: bool,
        exercises: tuple[str, ...] = (),
    ) -> Self:
        """Open a run, after having put in order what killed runs left behind.

        ``exercises``: the only ones that are examined again where a submission is graded; empty: all.
        Differences that an interrupted run found and could not show any more are this run's to show.
        """
        make_folder(runs_folder(course), 0o700)
        with locked(runs_folder(course) / "lock"):  # what is unfinished now belongs to a process that is gone
            interrupted = _mend_runs(course)
            began = datetime.now(UTC)
            folder = runs_folder(course) / f"{began:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
            folder.mkdir(0o700)
            descriptor = os.open(folder / "records.jsonl", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX)  # for as long as this process lives: so others know that it does
            manifest = {
                "format": FORMAT,
                "id": folder.name,
                "began": began.isoformat(timespec="seconds"),
                "ended": None,
                "assignments": assignments,
                "exercises": list(exercises),
                "limits": asdict(limits),
                "workers": workers,
                "sandboxed": sandboxed,
                **describe_environment(),
                "differences": list(dict.fromkeys(line for run in interrupted for line in _differences_of(run))),
            }
            _write_manifest(folder, manifest)
            sync_folder(runs_folder(course))
            for run in interrupted:
                _write_manifest(run.folder, {**run.manifest, "interrupted": True})
        return cls(course, folder, manifest, descriptor, time.monotonic(), dict.fromkeys(manifest["differences"]))

    def done(self, job: Job, verdict: SubmissionVerdict, before: SubmissionVerdict | None) -> None:
        """Archive what one verdict was given for, and record it; called before the verdict is kept.

        ``before``: the verdict that was stored until now, whatever it was given for. The verdict itself is that one
        when it still holds, and is then recorded as taken from its run; a new one gets this run's id. OSError when
        nothing could be written: then there is no record, and the verdict must not be kept.
        """
        fresh = before is None or verdict != before
        if fresh:
            verdict.run = self.id
        kept = archive(self.course)
        record: dict[str, Any] = {
            "student": job.student,
            "assignment": job.assignment,
            "digest": job.digest,
            "key": job.key.hex(),
            **{name: kept.put(getattr(job, name)) for name in INPUTS},
            "sandboxed": job.sandboxed,
            "limits": {n: v for n, v in asdict(job.limits).items() if v != self.manifest["limits"].get(n)},
            "graded": "now" if fresh else "before",
            "run": verdict.run,
            **({"only": list(job.only)} if job.only else {}),
            "marks": {e.exercise: _mark_of(e) for e in verdict.exercises},
            "complete": verdict.complete,
            "tamper": verdict.tamper,
            "seconds": verdict.seconds,
            "timings": verdict.timings,
            "peak_memory": verdict.peak_memory,
        }
        if fresh and before is not None:
            record["differences"] = differences(before, verdict, self._reasons(before, record))
            self.found |= dict.fromkeys(record["differences"])
        self._append(record)
        self._count(verdict, fresh)

    def end(self) -> None:
        """Complete the manifest: everything that was asked for was done, or has been reported."""
        self.manifest |= {
            "ended": datetime.now(UTC).isoformat(timespec="seconds"),
            "seconds": round(time.monotonic() - self.began, 3),
            "counts": self.counts,
            "differences": self.differences,
        }
        _write_manifest(self.folder, self.manifest)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self.descriptor)

    # --- helpers --------------------------------------------------------------------------------------------

    def _append(self, record: dict[str, Any]) -> None:
        line = json.dumps(record).encode() + b"\n"
        size = os.fstat(self.descriptor).st_size
        try:
            if os.write(self.descriptor, line) < len(line):
                raise OSError(f"{self.folder}/records.jsonl: only a part of a record could be written")
            os.fsync(self.descriptor)
        except OSError:
            os.ftruncate(self.descriptor, size)  # a disk that is full now may have room for the next one
            raise

    def _count(self, verdict: SubmissionVerdict, fresh: bool) -> None:
        names = ["submissions", "graded_now" if fresh else "graded_before", *(e.status for e in verdict.exercises)]
        if not verdict.complete:
            names.append("submissions_ungraded")
        if verdict.tamper:
            names.append("submissions_suspicious")
        for name in names:
            self.counts[name] = self.counts.get(name, 0) + 1

    def _reasons(self, before: SubmissionVerdict, record: dict[str, Any]) -> Callable[[str], str]:
        """What may have made a difference to an exercise, from comparing the record of then with the one of now."""
        was_complete = before.complete
        runs = {exercise.exercise: exercise.run for exercise in before.exercises}

        def reason(exercise: str) -> str:
            past, then = record_of(self.course, before, runs.get(exercise, ""))
            if past is None or then is None:
                return "no record tells what has changed since"
            found = [*_input_changes(self.course, then, record, exercise)]
            found += _setting_changes(past.manifest, then, self.manifest, record)
            if not found and not was_complete:
                return "it could not be graded before"
            return ", ".join(found) or "graded again, nothing had changed"

        return reason


def _mark_of(exercise: ExerciseVerdict) -> dict[str, Any]:
    """A mark for a record, with the run that gave it where that is an earlier one."""
    mark = {"points": exercise.points, "max": exercise.max, "status": exercise.status}
    return {**mark, "run": exercise.run} if exercise.run else mark


def record_of(
    course: Course, verdict: SubmissionVerdict, run: str = ""
) -> tuple[PastRun, dict[str, Any]] | tuple[None, None]:
    """The run that gave a verdict (or the ``run`` that gave a part of it), and its record; (None, None) without one."""
    name = run or verdict.run
    past = _past_run(course, name) if name else None
    record = past.record(verdict.student, verdict.assignment) if past else None
    return (None, None) if past is None or record is None else (past, record)


@functools.lru_cache(maxsize=8)
def _past_run(course: Course, name: str) -> PastRun | None:
    folder = runs_folder(course) / name
    return PastRun(folder) if (folder / "manifest.json").is_file() else None


def _write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    write_file(folder / "manifest.json", (json.dumps(manifest, indent=1) + "\n").encode())


def _mend_runs(course: Course) -> list[PastRun]:
    """Put in order what killed runs left; returns those whose differences have not been shown to anybody yet.

    For the holder of the lock: a folder without a manifest was being made by a process that is gone.
    """
    for folder in runs_folder(course).iterdir():
        if folder.is_dir() and not (folder / "manifest.json").exists():
            shutil.rmtree(folder)
    remove_leftovers([archive(course).folder])
    open_ones = [r for r in past_runs(course) if r.manifest["ended"] is None and "interrupted" not in r.manifest]
    return [run for run in open_ones if _mend(run)]


def _mend(run: PastRun) -> bool:
    """Cut off a torn line of a run that did not end; False when it is still at work."""
    with (run.folder / "records.jsonl").open("r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        file.truncate(sum(len(line) for line in file if line.endswith(b"\n")))
        os.fsync(file.fileno())
    remove_leftovers([run.folder])
    return True


def _differences_of(run: PastRun) -> Iterator[str]:
    yield from run.manifest["differences"]
    for record in run.records():
        yield from record.get("differences", ())


# --- differences in marks -------------------------------------------------------------------------------------


def differences(before: SubmissionVerdict, now: SubmissionVerdict, reason: Callable[[str], str]) -> list[str]:
    """One line per exercise whose mark is another one; ``reason`` tells why, by exercise id."""
    old, new = ({e.exercise: e for e in verdict.exercises} for verdict in (before, now))
    lines = []
    for exercise in dict.fromkeys([*old, *new]):
        was, is_now = old.get(exercise), new.get(exercise)
        if not _same(was, is_now):
            change = f"{_mark(was, is_now)} -> {_mark(is_now, was, always=True)}"
            failed = is_now is not None and is_now.status == UNGRADED
            why = "a failure of ours" if failed else reason(exercise)
            lines.append(f"{now.student}: {exercise} {change} ({why})")
    return lines


def _same(a: ExerciseVerdict | None, b: ExerciseVerdict | None) -> bool:
    if a is None or b is None or (a.status == UNGRADED) != (b.status == UNGRADED):
        return False
    return a.status == UNGRADED or (abs(a.points - b.points) < 1e-9 and a.max == b.max)


def _mark(mark: ExerciseVerdict | None, other: ExerciseVerdict | None, *, always: bool = False) -> str:
    """``3 of 4``; without the maximum where the other one tells it."""
    if mark is None:
        return "no such exercise"
    if mark.status == UNGRADED:
        return "ungraded"
    told = other is not None and other.status != UNGRADED and other.max == mark.max and not always
    return f"{mark.points:g}" if told else f"{mark.points:g} of {mark.max:g}"


def _input_changes(course: Course, then: dict, now: dict, exercise: str) -> Iterator[str]:
    if then["notebooks"] != now["notebooks"]:
        yield "answer changed"
    if then["files"] != now["files"]:
        yield "files changed"
    if then["masters"] != now["masters"]:
        yield _source_change(course, then["masters"], now["masters"], exercise)
    if then["releases"] != now["releases"]:
        yield "release changed"
    if then["key"] != now["key"] and all(then[name] == now[name] for name in ("notebooks", "files")):
        yield "the course's secret changed"


def _source_change(course: Course, then: dict[str, str], now: dict[str, str], exercise: str) -> str:
    """What of the source changed: the exercise's own test, or something else."""
    try:
        was, is_now = (_tests(course, tuple(group.values())).get(exercise) for group in (then, now))
    except (MissingInput, UnreadableNotebook):
        return "source changed"
    if was is None or is_now is None:
        return "source changed"
    names = ("test", "hidden test", "points")
    return ", ".join(f"{n} changed" for n, a, b in zip(names, was, is_now, strict=True) if a != b) or "source changed"


@functools.lru_cache(maxsize=64)
def _tests(course: Course, masters: tuple[str, ...]) -> dict[str, tuple[str, str, str]]:
    """The tests of some archived masters."""
    return tests_of(archive(course).get(name) for name in masters)


def tests_of(masters: Iterable[bytes]) -> dict[str, tuple[str, str, str]]:
    """The visible test, the hidden test and the points of every exercise of some masters."""
    found = {}
    for master in masters:
        for exercise in exercises(read_notebook(master)):
            if exercise.test is not None:
                found[exercise.id] = (*split_hidden(exercise.test.source), f"{exercise.points:g}")
    return found


def _setting_changes(manifest_then: dict, then: dict, manifest_now: dict, now: dict) -> Iterator[str]:
    """What changed beside the submission and the course's notebooks."""
    digests_then, digests_now = manifest_then["digests"], manifest_now["digests"]
    for part, name in (("examinations", "examination"), ("code", "autograder"), ("samples", "samples")):
        if digests_then[part] != digests_now[part]:
            yield f"{name} changed"
    packages = package_differences(manifest_then["packages"], manifest_now["packages"])
    if packages:
        yield "; ".join(packages[:3]) + (f" and {len(packages) - 3} more packages" if len(packages) > 3 else "")
    was, is_now = limits_of(manifest_then, then), limits_of(manifest_now, now)
    changed = [name for name in sorted({*was, *is_now}) if was.get(name) != is_now.get(name)]
    if changed:
        yield f"limits changed ({', '.join(changed)})"
    if then["sandboxed"] != now["sandboxed"]:
        yield "graded with a sandbox now" if now["sandboxed"] else "graded without a sandbox now"


def limits_of(manifest: dict[str, Any], record: dict[str, Any]) -> dict[str, Any]:
    """The limits that one submission was graded with."""
    return {**manifest["limits"], **record["limits"]}
