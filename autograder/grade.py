"""Grade a class: every submission by a worker process of its own, marks recorded by nbgrader's own code.

Workers take plain data and give plain data (``execute.py``); only this process writes. What was graded is
kept below ``.coursework/`` and taken again as long as nothing that it depends on has changed, so a run that
was interrupted goes on where it ended.
"""

import functools
import glob
import hashlib
import importlib
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.course import Course, CourseError
from autograder.environment import code_digest
from autograder.examine import submission_key
from autograder.execute import Graded, Job, grade
from autograder.files import remove_dead_scratch, remove_leftovers, write_file
from autograder.locks import grading
from autograder.notebooks import MAX_NOTEBOOK_BYTES
from autograder.records import SubmissionVerdict
from autograder.reexamine import merged, narrowed, refuse_other_changes, require_examined
from autograder.resubmissions import Choice, choose_best
from autograder.runs import Run
from autograder.sandbox import Limits, require_bubblewrap
from autograder.workers import TRIES, Key, Workers, datasets, prepare_features, remove_stale_rooms, ungraded

if TYPE_CHECKING:
    from autograder.marks import Recorder

MAX_FILE = 64 * 1024 * 1024
"""Bytes of one handed-in file that go into the sandbox."""


@dataclass
class GradeReport:
    """What was graded, and what went wrong on our side. Verdicts are read back from where they are kept."""

    course: Course
    graded: list[Key] = field(default_factory=list)
    ungraded: set[Key] = field(default_factory=set)
    suspicious: set[Key] = field(default_factory=set)
    failures: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    """Changes of marks against earlier runs, one line each."""
    unkept: dict[Key, SubmissionVerdict] = field(default_factory=dict)
    """Verdicts that say why there is none on the disk."""
    choice: Choice = field(default_factory=Choice)
    """Which hand-ins count, where it is not the last ones."""
    team_errors: list[str] = field(default_factory=list)
    """Teams for which no marks are shared, and why."""
    team_lines: list[str] = field(default_factory=list)
    """What else is to be known about teams."""
    whole: dict[Key, str] = field(default_factory=dict)
    """Where single exercises were asked for: what was graded as a whole nevertheless, and why."""

    @property
    def complete(self) -> bool:
        return not self.failures and not self.ungraded and not self.team_errors

    @property
    def verdicts(self) -> Iterator[SubmissionVerdict]:
        """By assignment and student."""
        for student, assignment in sorted(self.graded, key=lambda key: key[::-1]):
            yield self.verdict((student, assignment))

    def verdict(self, key: Key) -> SubmissionVerdict:
        student, assignment = key
        if key in self.unkept:
            return self.unkept[key]
        return SubmissionVerdict.from_json(verdict_file(self.course, assignment, student).read_bytes())

    def rows(self) -> Iterator[dict]:
        return (row for verdict in self.verdicts for row in verdict.rows())


def grade_class(
    course: Course,
    assignments: list[str],
    *,
    workers: int = 0,
    scheduler: str = "",
    limits: Limits | None = None,
    sandboxed: bool = True,
    students: list[str] | None = None,
    again: bool = False,
    only: tuple[str, ...] = (),
    on_start: Callable[[int], None] = lambda count: None,
    on_done: Callable[[SubmissionVerdict], None] = lambda verdict: None,
) -> GradeReport:
    """Grade what lies in submitted/ and record the marks.

    ``workers``: processes side by side (0: as many as the cores allow). ``scheduler``: the address of a running
    ``dask`` scheduler whose workers take their place. ``again``: grade also what has not changed.
    ``only``: examine these exercises of one assignment, and keep the other verdicts as they are (``reexamine.py``);
    which of several hand-ins counts is then not decided anew.
    Raises SandboxError when bubblewrap is missing here and needed, CourseError when another process is grading one of
    the assignments or when no worker can be had.
    """
    if sandboxed and not scheduler:
        require_bubblewrap()
    if only:
        require_examined(course, assignments, only)
    limits = limits or course.limits()
    remove_stale_rooms()
    report = GradeReport(course)
    with ExitStack() as held:
        held.enter_context(grading(course, assignments))
        _tidy(course, assignments)
        crew = held.enter_context(
            Workers(workers, scheduler, threads=limits.threads, sandboxed=sandboxed, share_nurseries=True)
        )
        keys = _keys(course, assignments, students)
        if only:
            refuse_other_changes(course, assignments[0], [student for student, _ in keys], only)
        else:
            report.choice = choose_best(course, keys, limits, crew)
        _start_early(course, keys, limits, sandboxed, again, crew)
        run = held.enter_context(Run.begin(course, assignments, limits, workers, sandboxed, only))
        marks = held.enter_context(_Marks(course))
        on_start(len(keys))
        batch = _Batch(course, limits, sandboxed, again, only, report, run, marks, on_done)
        for job, graded in crew.run(batch.jobs(keys, crew.start), batch.asked):
            batch.take(job, graded)
        report.failures += report.choice.failures + crew.problems + _settle(course, assignments)
        run.end()
        report.differences = run.differences
    for assignment in assignments:
        _share(report, assignment)
    return report


def _share(report: GradeReport, assignment: str) -> None:
    """Give the members of teams what their hand-in earned."""
    from autograder.teams import share_marks

    shared = share_marks(report.course, assignment)
    report.team_errors += shared.errors
    report.team_lines += shared.lines


def _settle(course: Course, assignments: list[str]) -> list[str]:
    from autograder.late import settle  # brings nbgrader

    return settle(course, assignments)


def _start_early(course: Course, keys: list[Key], limits: Limits, sandboxed: bool, again: bool, crew: Workers) -> None:
    """Begin to start workers, which takes seconds, if the first hand-in needs them."""
    with suppress(OSError):  # one that cannot be read is reported when its turn comes
        if keys:
            job = make_job(course, keys[0][1], keys[0][0], limits, sandboxed)
            if again or stored_verdict(course, job) is None:
                crew.start(job)


def _tidy(course: Course, assignments: list[str]) -> None:
    """Remove what killed runs left half-written."""
    remove_dead_scratch(course)
    for assignment in assignments:
        remove_leftovers([course.work / "verdicts" / assignment, course.work / "recorded" / assignment])
        remove_leftovers(course.graded.glob(f"*/{glob.escape(assignment)}"))


def _keys(course: Course, assignments: list[str], students: list[str] | None) -> list[Key]:
    """Student and assignment of every hand-in that is asked for, in the order in which they are graded."""
    keys = [(student, assignment) for assignment in assignments for student in course.students(assignment)]
    if students is None:
        return keys
    unknown = sorted({*students} - {student for student, _ in keys})
    if unknown:
        raise CourseError(f"{', '.join(unknown)}: nothing of {', '.join(assignments)} was handed in", 2)
    return [key for key in keys if key[0] in students]


@dataclass
class _Batch:
    """One run's way from hand-ins to jobs, and from results to kept verdicts and marks."""

    course: Course
    limits: Limits
    sandboxed: bool
    again: bool
    only: tuple[str, ...]
    report: GradeReport
    run: Run
    marks: "_Marks"
    on_done: Callable[[SubmissionVerdict], None]
    tries: int = TRIES

    def jobs(self, keys: list[Key], start_workers: Callable[[Job], None]) -> Iterator[Job]:
        """The jobs that are to be done; what was kept is taken on the way."""
        for key in keys:
            job = self.job(key)
            if job is None:
                continue
            kept = None if self.again else stored_verdict(self.course, job)
            if kept is None:
                job = self._narrowed(job)
                start_workers(job)
                prepare(job)
                yield job
                self.marks.begin(job.assignment)
            else:
                self._finish(job, kept, fresh=False)

    def job(self, key: Key) -> Job | None:
        """The job of one submission; None, which is reported, when its files cannot be read."""
        student, assignment = key
        try:
            return make_job(self.course, assignment, student, self.limits, self.sandboxed)
        except OSError as error:
            self.report.failures.append(f"{student}: the hand-in for {assignment} cannot be read: {error}")
            return None

    def asked(self, key: Key) -> Job | None:
        """The job for what is asked for of one submission, made once more."""
        job = self.job(key)
        return None if job is None else self._narrowed(job)

    def _narrowed(self, job: Job) -> Job:
        if not self.only:
            return job
        job, reason = narrowed(self.course, job, self.only)
        if reason:
            self.report.whole[job.student, job.assignment] = reason
        return job

    def take(self, job: Job, graded: Graded) -> None:
        """Keep a worker's result and record its marks."""
        before = last_verdict(self.course, job.assignment, job.student)
        if job.only and before is not None:
            try:
                graded = merged(self.course, job, before, graded)
            except OSError as error:
                what = f"{job.student}: {', '.join(job.only)} of {job.assignment} stays as it was"
                self.report.failures.append(f"{what}: what was kept cannot be read: {error}")
                return
        problem = self._patiently(lambda: self.run.done(job, graded.verdict, before))
        problem = problem or self._patiently(lambda: store(self.course, graded))
        if problem:
            graded = ungraded(job, f"its verdict could not be kept: {problem}")
            self.report.unkept[job.student, job.assignment] = graded.verdict
        self._finish(job, graded.verdict, fresh=True)

    def _finish(self, job: Job, verdict: SubmissionVerdict, *, fresh: bool) -> None:
        key = (job.student, job.assignment)
        if not fresh:
            problem = self._patiently(lambda: self.run.done(job, verdict, verdict))
            if problem:
                self.report.failures.append(f"{job.student}: nothing could be noted about this run: {problem}")
        self.report.graded.append(key)
        self.report.failures += self.marks.record(job, verdict, again=fresh)
        if not verdict.complete:
            self.report.ungraded.add(key)
        if verdict.tamper:
            self.report.suspicious.add(key)
        self.on_done(verdict)

    def _patiently(self, write: Callable[[], None]) -> str:
        """Write something, ``TRIES`` times if need be; returns what went wrong, empty when it was written.

        Where that did not help, later writes are tried once each until one succeeds.
        """
        reason = ""
        for attempt in range(1, self.tries + 1):
            try:
                write()
            except OSError as error:
                reason = str(error)
            else:
                self.tries = TRIES
                return ""
            if attempt < self.tries:
                time.sleep(attempt)
        self.tries = 1
        return reason


class _Marks:
    """Takes the marks of one run, in a gradebook with its assignments entered.

    nbgrader takes a second to import and another one for each assignment. Workers need longer than that until
    they have their first result, so this is done beside them.
    """

    def __init__(self, course: Course) -> None:
        self.course = course
        self._thread = ThreadPoolExecutor(1, "coursework-gradebook")
        self._entered: dict[str, Future[None]] = {}
        self._held = ExitStack()
        self._recorder: Recorder | None = None

    def __enter__(self) -> "_Marks":
        return self

    def __exit__(self, *exc: object) -> None:
        self._thread.shutdown(cancel_futures=True)
        self._held.close()

    def begin(self, assignment: str) -> "Future[None]":
        """See to it that an assignment is in the gradebook, beside whatever else is done."""
        if assignment not in self._entered:
            self._entered[assignment] = self._thread.submit(_enter, self.course, assignment)
        return self._entered[assignment]

    def record(self, job: Job, verdict: SubmissionVerdict, *, again: bool) -> list[str]:
        """See ``Recorder.record``. CourseError when nbgrader refuses the assignment."""
        self.begin(job.assignment).result()
        if self._recorder is None:
            from autograder.marks import Recorder

            self._recorder = self._held.enter_context(Recorder(self.course))
        return self._recorder.record(job, verdict, again=again)


def _enter(course: Course, assignment: str) -> None:
    from autograder.release import ensure_in_gradebook

    ensure_in_gradebook(course, assignment)
    importlib.import_module("autograder.marks")


# --- jobs -----------------------------------------------------------------------------------------------


def _read_hand_in(path: Path) -> bytes:
    """A notebook as it was handed in, of one that is too large no more than it takes to refuse it.

    Raises OSError for a link, which may lead to another student's hand-in or to a file of the instructor's.
    """
    if path.is_symlink():
        raise OSError(f"{path} is a link: put the notebook itself in its place")
    with path.open("rb") as file:
        return file.read(MAX_NOTEBOOK_BYTES + 1)


def make_job(
    course: Course, assignment: str, student: str, limits: Limits, sandboxed: bool, folder: Path | None = None
) -> Job:
    """Everything that grading one submission depends on, with a digest of all of it.

    ``folder``: where the hand-in lies, if not in submitted/.
    """
    folder = folder or course.submitted / student / assignment
    masters = {path.stem: path.read_bytes() for path in course.source_notebooks(assignment)}
    release = course.release / assignment
    releases = {name: path.read_bytes() for name in masters if (path := release / f"{name}.ipynb").is_file()}
    notebooks = {name: _read_hand_in(path) for name in masters if (path := folder / f"{name}.ipynb").is_file()}
    files = {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink() and path.suffix != ".ipynb" and path.stat().st_size <= MAX_FILE
    }
    handed_in = _flat(notebooks) + _flat(files)
    key = submission_key(course.secret(), handed_in)
    parts = [code_digest(), repr((student, assignment, limits, sandboxed)).encode(), key]
    parts += [*handed_in, *_flat(masters), *_flat(releases)]
    digest = hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()
    return Job(
        student,
        assignment,
        notebooks,
        masters,
        releases,
        files,
        key,
        digest,
        limits,
        sandboxed,
        feature_folder(course) if datasets(masters.values()) else None,
        code_digest().hex(),
    )


def _flat(group: dict[str, bytes]) -> list[bytes]:
    return [part for name, content in sorted(group.items()) for part in (name.encode(), content)]


def feature_folder(course: Course) -> Path:
    """The features of these embedded samples, computed once for all candidates, who see them read-only."""
    folder = course.work / "sample-features"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def prepare(job: Job) -> None:
    """Compute the features that a job's candidates will look for, unless they are there."""
    if job.cache is not None:
        _prepare_once(job.cache, datasets(job.masters.values()))


@functools.cache
def _prepare_once(folder: Path, names: tuple[str, ...]) -> None:
    prepare_features(folder, names)


# --- what was graded --------------------------------------------------------------------------------------


def verdict_file(course: Course, assignment: str, student: str) -> Path:
    return course.work / "verdicts" / assignment / f"{student}.json"


def shared_verdict_file(course: Course, assignment: str, student: str) -> Path:
    """The verdict that a member of a team shares with the others, where the hand-in that counts is another one's."""
    return course.work / "shared" / assignment / f"{student}.json"


def store(course: Course, graded: Graded) -> None:
    """Keep a worker's result: notebooks first, the verdict that vouches for them last."""
    verdict = graded.verdict
    for name, content in graded.executed.items():
        write_file(course.graded / verdict.student / verdict.assignment / f"{name}.ipynb", content)
    write_file(verdict_file(course, verdict.assignment, verdict.student), verdict.to_json().encode())


def stored_verdict(course: Course, job: Job) -> SubmissionVerdict | None:
    """The kept verdict if it was given for exactly this job, and is complete."""
    verdict = last_verdict(course, job.assignment, job.student)
    return verdict if verdict is not None and verdict.digest == job.digest and verdict.complete else None


def last_verdict(course: Course, assignment: str, student: str) -> SubmissionVerdict | None:
    """The kept verdict, whatever it was given for; None where there is none that can be read."""
    try:
        return SubmissionVerdict.from_json(verdict_file(course, assignment, student).read_bytes())
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None  # the last three: a damaged file, which is as good as none, since it can be made again


def graded_notebooks(course: Course, job: Job) -> tuple[SubmissionVerdict, dict[str, bytes]]:
    """Verdict and executed notebooks of one submission, graded now unless they are kept."""
    verdict = stored_verdict(course, job)
    if verdict is None:
        if job.sandboxed:
            require_bubblewrap()
        with Run.begin(course, [job.assignment], job.limits, 1, job.sandboxed) as run:
            prepare(job)
            graded = grade(job)
            run.done(job, graded.verdict, last_verdict(course, job.assignment, job.student))
            store(course, graded)
            run.end()
        verdict = graded.verdict
    folder = course.graded / job.student / job.assignment
    return verdict, {name: (folder / f"{name}.ipynb").read_bytes() for name in job.masters}
