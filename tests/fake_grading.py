"""What workers do in place of grading, in tests of what goes on around it. Imported by worker processes."""

import os
import signal
import time
from pathlib import Path

from tiny_course import ASSIGNMENT, POINTS, master_notebook

from autograder.execute import Graded, Job
from autograder.notebooks import to_bytes
from autograder.records import PASSED, UNGRADED, ExerciseVerdict, SubmissionVerdict
from autograder.workers import Key

MASTERS = {ASSIGNMENT: to_bytes(master_notebook())}


def make_job(key: Key, notes: Path | None = None, size: int = 0) -> Job:
    """A job of a made-up student; ``notes``: a file in which each beginning is noted."""
    student, assignment = key
    files = {"notes": str(notes).encode()} if notes else {}
    return Job(student, assignment, {"padding": bytes(size)}, MASTERS, {}, files, b"", f"digest of {student}")


def passed(job: Job) -> Graded:
    """Full points, and as many bytes as came."""
    exercise = ExerciseVerdict("lstm_cell", float(POINTS), float(POINTS), PASSED)
    return Graded(SubmissionVerdict(job.student, job.assignment, [exercise], digest=job.digest), dict(job.notebooks))


def accident_prone(job: Job) -> Graded:
    """Students' names say what goes wrong on our side; ``once-`` before it: only the first time."""
    with Path(os.fsdecode(job.files["notes"])).open("a+") as notes:
        notes.seek(0)
        begun_before = job.student in notes.read().split()
        notes.write(f"{job.student}\n")
    what = job.student.removeprefix("once-").partition("-")[0]
    if not (job.student.startswith("once-") and begun_before):
        if what == "killer":
            os.kill(os.getpid(), signal.SIGKILL)
        if what == "hang":
            time.sleep(3600)
        if what == "full":
            raise OSError(28, "No space left on device")
        if what == "fault":
            exercise = ExerciseVerdict("lstm_cell", 0.0, float(POINTS), UNGRADED, ["the examination failed"])
            return Graded(SubmissionVerdict(job.student, job.assignment, [exercise]))
    return passed(job)


def surroundings(job: Job) -> Graded:
    """What a job meets in its worker, as notes of a verdict."""
    graded = passed(job)
    graded.verdict.notes = [os.environ["OMP_NUM_THREADS"], str(job.cache), str(os.getpid())]
    return graded
