"""Grade a class: every submission by a worker process of its own, marks recorded by nbgrader's own code.

Workers take plain data and give plain data (``execute.py``); only this process writes. What was graded is
kept below ``.coursework/`` and taken again as long as nothing that it depends on has changed, so a run that
was interrupted goes on where it ended.
"""

import functools
import glob
import hashlib
import importlib.metadata
import multiprocessing
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import setenv
from sqlalchemy.exc import SAWarning
from threadpoolctl import threadpool_limits

from autograder.course import Course
from autograder.examine import submission_key
from autograder.execute import Graded, Job, grade
from autograder.notebooks import exercises, read_notebook
from autograder.records import UNGRADED, ExerciseVerdict, SubmissionVerdict
from autograder.release import ensure_in_gradebook, listening_logger, logged_cause
from autograder.sandbox import PACKAGE_ROOT, Limits, require_bubblewrap
from helpers.data import DATASETS

MAX_FILE = 64 * 1024 * 1024
"""Bytes of one handed-in file that go into the sandbox."""

# The clean notebooks already hold the verdicts: nbgrader checks them and takes the marks.
RECORD_SANITIZE = ["DeduplicateIds", "OverwriteKernelspec", "OverwriteCells", "CheckCellMetadata"]
RECORD_AUTOGRADE = ["SaveAutoGrades", "AssignLatePenalties", "CheckCellMetadata"]


@dataclass
class GradeReport:
    """All verdicts, and what went wrong on our side."""

    verdicts: list[SubmissionVerdict] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        return not self.failures and all(verdict.complete for verdict in self.verdicts)

    def rows(self) -> list[dict]:
        return [row for verdict in self.verdicts for row in verdict.rows()]


def grade_class(
    course: Course,
    assignments: list[str],
    *,
    workers: int = 0,
    limits: Limits | None = None,
    sandboxed: bool = True,
    students: list[str] | None = None,
    again: bool = False,
    on_start: Callable[[int], None] = lambda count: None,
    on_done: Callable[[SubmissionVerdict], None] = lambda verdict: None,
) -> GradeReport:
    """Grade what lies in submitted/ and record the marks.

    ``workers``: processes side by side (0: one per core). ``again``: grade also what has not changed.
    Raises SandboxError when bubblewrap is missing and ``sandboxed`` holds.
    """
    if sandboxed:
        require_bubblewrap()
    report = GradeReport()
    jobs = []
    for assignment in assignments:
        ensure_in_gradebook(course, assignment)
        for student in course.students(assignment):
            if students is None or student in students:
                jobs.append(make_job(course, assignment, student, limits or Limits(), sandboxed))
    on_start(len(jobs))
    fresh = {} if again else {job.digest: verdict for job in jobs if (verdict := stored_verdict(course, job))}
    waiting = [job for job in jobs if job.digest not in fresh]
    done = ((job, fresh[job.digest]) for job in jobs if job.digest in fresh)
    for job, verdict in _chain(done, _run_jobs(course, waiting, workers or os.cpu_count() or 1)):
        report.verdicts.append(verdict)
        if verdict.complete:
            report.failures += record(course, job, verdict, again=job.digest not in fresh)
        on_done(verdict)
    report.verdicts.sort(key=lambda v: (v.assignment, v.student))
    return report


def _chain(*parts: Iterator[tuple[Job, SubmissionVerdict]]) -> Iterator[tuple[Job, SubmissionVerdict]]:
    for part in parts:
        yield from part


# --- jobs -----------------------------------------------------------------------------------------------


def make_job(course: Course, assignment: str, student: str, limits: Limits, sandboxed: bool) -> Job:
    """Everything that grading one submission depends on, with a digest of all of it."""
    folder = course.submitted / student / assignment
    masters = {path.stem: path.read_bytes() for path in course.source_notebooks(assignment)}
    release = course.release / assignment
    releases = {name: path.read_bytes() for name in masters if (path := release / f"{name}.ipynb").is_file()}
    notebooks = {name: path.read_bytes() for name in masters if (path := folder / f"{name}.ipynb").is_file()}
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
        prepared_cache(course),
    )


def _flat(group: dict[str, bytes]) -> list[bytes]:
    return [part for name, content in sorted(group.items()) for part in (name.encode(), content)]


@functools.cache
def code_digest() -> bytes:
    """A digest of the examining code, the samples and the installed packages: other ones might mark otherwise."""
    files = [p for name in ("autograder", "helpers") for p in sorted((PACKAGE_ROOT / name).rglob("*"))]
    contents = [p.read_bytes() for p in files if p.suffix in (".py", ".npz")]
    contents += [p.read_bytes() for p in sorted((PACKAGE_ROOT / "data").glob("*/SHA256SUMS"))]
    contents += sorted(f"{d.name} {d.version}".encode() for d in importlib.metadata.distributions())
    return hashlib.sha256(b"".join(hashlib.sha256(content).digest() for content in contents)).digest()


def prepared_cache(course: Course) -> Path:
    """The features of the embedded samples, computed once for all candidates, who see them read-only."""
    folder = course.work / "sample-features"
    with setenv(COURSEWORK_CACHE=str(folder)):
        for dataset in DATASETS.values():
            dataset.prepare_sample()
    return folder


def _run_jobs(course: Course, jobs: list[Job], workers: int) -> Iterator[tuple[Job, SubmissionVerdict]]:
    """Grade jobs in worker processes; a verdict is stored before it is given on."""
    queue = [(job, 1) for job in reversed(jobs)]
    while queue:
        # A worker that dies breaks its pool: what was under way is begun anew in another one, once.
        with _pool(workers, jobs[0].cache) as pool:
            running: dict[Future, tuple[Job, int]] = {}
            broken = False
            while (queue and not broken) or running:
                while queue and not broken and len(running) < 2 * workers:
                    job, attempt = queue.pop()
                    running[pool.submit(grade, job)] = job, attempt
                finished, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    job, attempt = running.pop(future)
                    error = future.exception()
                    if isinstance(error, BrokenProcessPool) and attempt == 1:
                        broken = True
                        queue.append((job, 2))
                        continue
                    graded = _failed(job, error) if error else future.result()
                    store(course, graded)
                    yield job, graded.verdict


def _pool(workers: int, cache: Path | None) -> ProcessPoolExecutor:
    # spawn: a fork would copy this process's threads and sockets in an undefined state.
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_prepare_worker, initargs=(cache,))


def _prepare_worker(cache: Path | None) -> None:
    """The examiner takes the samples' features from where the candidates do, and one thread for its sums."""
    os.environ["COURSEWORK_CACHE"] = str(cache)
    threadpool_limits(1)


def _failed(job: Job, error: BaseException) -> Graded:
    """Our failure: every exercise stays ungraded, with the reason."""
    reason = f"grading failed, which is not the student's fault: {type(error).__name__}: {error}"
    verdict = SubmissionVerdict(job.student, job.assignment, [])
    for master in job.masters.values():
        for exercise in exercises(read_notebook(master)):
            if exercise.kind == "code":
                verdict.exercises.append(ExerciseVerdict(exercise.id, 0.0, exercise.points, UNGRADED, [reason]))
    return Graded(verdict)


# --- what was graded --------------------------------------------------------------------------------------


def graded_folder(course: Course) -> Path:
    """Clean, executed notebooks with their verdicts, laid out like submitted/."""
    return course.work / "graded"


def verdict_file(course: Course, assignment: str, student: str) -> Path:
    return course.work / "verdicts" / assignment / f"{student}.json"


def store(course: Course, graded: Graded) -> None:
    """Keep a worker's result: notebooks first, the verdict that vouches for them last."""
    verdict = graded.verdict
    for name, content in graded.executed.items():
        write_file(graded_folder(course) / verdict.student / verdict.assignment / f"{name}.ipynb", content)
    write_file(verdict_file(course, verdict.assignment, verdict.student), verdict.to_json().encode())


def stored_verdict(course: Course, job: Job) -> SubmissionVerdict | None:
    """The kept verdict if it was given for exactly this job, and is complete."""
    path = verdict_file(course, job.assignment, job.student)
    if not path.is_file():
        return None
    verdict = SubmissionVerdict.from_json(path.read_bytes())
    return verdict if verdict.digest == job.digest and verdict.complete else None


def graded_notebooks(course: Course, job: Job) -> tuple[SubmissionVerdict, dict[str, bytes]]:
    """Verdict and executed notebooks of one submission, graded now unless they are kept."""
    verdict = stored_verdict(course, job)
    if verdict is None:
        if job.sandboxed:
            require_bubblewrap()
        graded = grade(job)
        store(course, graded)
        verdict = graded.verdict
    folder = graded_folder(course) / job.student / job.assignment
    return verdict, {name: (folder / f"{name}.ipynb").read_bytes() for name in job.masters}


def write_file(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(temporary).replace(path)


# --- marks ------------------------------------------------------------------------------------------------


def record(course: Course, job: Job, verdict: SubmissionVerdict, *, again: bool = True) -> list[str]:
    """Let nbgrader take the marks of one submission into its gradebook; returns what went wrong.

    Without ``again``, marks that were recorded for exactly this job are left alone.
    """
    receipt = course.work / "recorded" / job.assignment / job.student
    if (
        not again
        and receipt.is_file()
        and receipt.read_text() == job.digest
        and (course.autograded / job.student / job.assignment).is_dir()
    ):
        return []
    timestamp = course.submitted / job.student / job.assignment / "timestamp.txt"
    graded = graded_folder(course) / job.student / job.assignment
    if timestamp.is_file():
        shutil.copy(timestamp, graded / "timestamp.txt")
    config = course.config()
    config.CourseDirectory.submitted_directory = str(graded_folder(course))
    config.CourseDirectory.assignment_id = job.assignment
    config.CourseDirectory.student_id = glob.escape(job.student)
    config.Autograde.sanitize_preprocessors = [f"nbgrader.preprocessors.{name}" for name in RECORD_SANITIZE]
    config.Autograde.autograde_preprocessors = [f"nbgrader.preprocessors.{name}" for name in RECORD_AUTOGRADE]
    log, messages = listening_logger()
    converter = Autograde(coursedir=CourseDirectory(config=config), config=config, log=log)
    converter.force = True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SAWarning)  # nbgrader's own queries; nothing that we could change
            converter.start()
    except NbGraderException as error:
        reason = logged_cause(messages, error)
        return [f"{job.student}: the marks of {job.assignment} could not be recorded: {reason}"]
    write_file(receipt, job.digest.encode())
    return []
