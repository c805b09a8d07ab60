"""`coursework grade` is killed at random moments and run again: what comes out is what an undisturbed run gives."""

import contextlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
from nbgrader.api import Gradebook
from tiny_course import ASSIGNMENT, RIGHT, WRONG, hand_in, make_course

from autograder.course import Course
from autograder.files import PREFIX, SUFFIX
from autograder.grade import last_verdict
from autograder.records import SubmissionVerdict
from autograder.runs import past_runs

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed"),
]

KILLS = 20
GRADED_BEFORE = ["ada", "ben", "eve"]
"""Who was graded, and marked by hand, before the run that is disturbed."""
GRADE_VALUES = ("auto_score", "manual_score", "extra_credit", "max_score", "needs_manual_grade", "failed_tests")
LOOK_AROUND = 0.25
"""Seconds between two looks at what runs below the command."""
PATIENCE = 120.0
"""Seconds after which a process that should be gone is called left behind."""


# --- the class ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def temporary() -> Iterator[Path]:
    """A folder for temporary files whose path is short: sockets are made there."""
    with tempfile.TemporaryDirectory(prefix="i") as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, temporary: Path) -> Course:
    """A class of twelve: three graded and marked by hand, one of them with another answer since."""
    course = make_course(tmp_path_factory.mktemp("prepared"))
    for student in GRADED_BEFORE:
        hand_in(course, student, RIGHT if student == "ada" else WRONG)
    Command(course, temporary).finish()
    mark_by_hand(course)
    hand_in(course, "ben", RIGHT)
    for student in ("fay", "gus", "hal"):
        hand_in(course, student, RIGHT)
    for student in ("ivy", "jon"):
        hand_in(course, student, WRONG)
    for student in ("kim", "lea"):
        hand_in(course, student, None)
    for student in ("mia", "ned"):
        hand_in(course, student, RIGHT).write_bytes(b"this is no notebook")
    return course


def mark_by_hand(course: Course) -> None:
    """What an instructor does in formgrader: other points for one student, comments for two."""
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as book:
        book.find_grade("lstm_cell_test", ASSIGNMENT, ASSIGNMENT, "ben").manual_score = 2.5
        for student in ("ben", "eve"):
            book.find_comment("lstm_cell", ASSIGNMENT, ASSIGNMENT, student).manual_comment = f"See me, {student}."
        book.db.commit()


def copy_of(course: Course, root: Path) -> Course:
    shutil.copytree(course.root, root)
    return Course(root)


# --- the command --------------------------------------------------------------------------------------------


@dataclass
class Command:
    """`coursework grade` in a session of its own, whose temporary files go into a folder of the test's."""

    course: Course
    temporary: Path
    seen: dict[int, psutil.Process] = field(default_factory=dict)
    """Every process that was seen below the command, by process id."""

    def __post_init__(self) -> None:
        names = ("TMPDIR", "JUPYTER_RUNTIME_DIR", "XDG_RUNTIME_DIR")
        command = [sys.executable, "-m", "autograder", "grade", "--course", str(self.course.root), "--workers", "2"]
        with (self.course.root.parent / f"{self.course.root.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **dict.fromkeys(names, str(self.temporary))},
                start_new_session=True,
            )

    def below(self) -> list[psutil.Process]:
        """The processes below the command now."""
        found: list[psutil.Process] = []
        with contextlib.suppress(psutil.NoSuchProcess):
            found = psutil.Process(self.process.pid).children(recursive=True)
        self.seen |= {process.pid: process for process in found}
        return found

    def wait(self, seconds: float) -> bool:
        """Whether the command ended within some seconds."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(min(left, LOOK_AROUND))
                return True
            self.below()
        return False

    def finish(self) -> None:
        """Let it come to its end, and see that it did what was asked for."""
        assert self.wait(600), "the command does not end"
        log = (self.course.root.parent / f"{self.course.root.name}.log").read_text(errors="replace")
        assert self.process.returncode == 0, log[-3000:]

    def kill(self) -> None:
        self.below()
        self.process.kill()
        self.process.wait()

    def kill_tree(self) -> None:
        """What remains of the processes when the whole machine goes down."""
        for process in [psutil.Process(self.process.pid), *self.below()]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait()

    def kill_worker(self, rng: random.Random) -> bool:
        """The end of one worker, and of what runs below it; False when there is none yet."""
        workers = []
        for process in self.below():
            with contextlib.suppress(psutil.NoSuchProcess):
                if "multiprocessing.spawn" in " ".join(process.cmdline()):
                    workers.append(process)
        if workers:
            with contextlib.suppress(psutil.NoSuchProcess):
                rng.choice(workers).kill()
                return True
        return False

    def left_behind(self) -> list[psutil.Process]:
        """What still runs of all that was seen below the command, after some patience."""
        _, alive = psutil.wait_procs(self.seen.values(), timeout=PATIENCE)
        return [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]


# --- what is compared ---------------------------------------------------------------------------------------


def gradebook(course: Course) -> dict[str, Any]:
    """Marks, marks by hand, flags and comments of everybody."""
    found = {}
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as book:
        for submission in book.find_assignment(ASSIGNMENT).submissions:
            [notebook] = submission.notebooks
            found[submission.student.id] = {
                "score": submission.score,
                "needs manual grade": submission.needs_manual_grade,
                "timestamp": submission.timestamp,
                "late penalty": notebook.late_submission_penalty,
                "grades": [
                    (grade.name, *(getattr(grade, value) for value in GRADE_VALUES))
                    for grade in sorted(notebook.grades, key=lambda grade: grade.name)
                ],
                "comments": [
                    (c.name, c.auto_comment, c.manual_comment) for c in sorted(notebook.comments, key=lambda c: c.name)
                ],
            }
    return found


def verdicts(course: Course) -> dict[str, SubmissionVerdict]:
    """What is kept for each student, and complete."""
    found = {student: last_verdict(course, ASSIGNMENT, student) for student in course.students(ASSIGNMENT)}
    return {student: verdict for student, verdict in found.items() if verdict is not None and verdict.complete}


def without_times(verdict: SubmissionVerdict) -> dict[str, Any]:
    """A verdict without what is another one each time: when, by which run and how long."""
    plain = json.loads(verdict.to_json())
    for name in ("seconds", "run", "timings", "peak_memory"):
        del plain[name]
    for exercise in plain["exercises"]:
        del exercise["seconds"]
    return plain


def files(course: Course) -> set[str]:
    """Every file of the course; of what runs leave behind, only what is not theirs alone."""
    found = {path.relative_to(course.root).as_posix() for path in course.root.rglob("*") if path.is_file()}
    return {name for name in found if not name.startswith((".coursework/runs/2", ".coursework/inputs/"))}


def compare(course: Course, undisturbed: Course) -> None:
    """Marks, flags, comments, verdicts, notebooks and files are those of the undisturbed run."""
    assert gradebook(course) == gradebook(undisturbed)
    assert {student: without_times(verdict) for student, verdict in verdicts(course).items()} == {
        student: without_times(verdict) for student, verdict in verdicts(undisturbed).items()
    }
    assert files(course) == files(undisturbed)
    for path in sorted(undisturbed.autograded.rglob("*")):
        if path.is_file():
            assert (course.root / path.relative_to(undisturbed.root)).read_bytes() == path.read_bytes(), path
    assert not [path for path in course.root.rglob("*") if path.match(f"{PREFIX}*{SUFFIX}")]
    assert not list((course.work / "tmp").iterdir())


# --- the test -----------------------------------------------------------------------------------------------


@dataclass
class Disturbed:
    """One class that is graded with interruptions, with the book that the test keeps about it."""

    course: Course
    temporary: Path
    kept: dict[str, str] = field(default_factory=dict)
    """Digest of the verdict that was found kept, by student."""
    runs: set[str] = field(default_factory=set)
    commands: list[Command] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.note()

    def command(self) -> Command:
        self.commands.append(Command(self.course, self.temporary))
        return self.commands[-1]

    def note(self) -> None:
        """After a command has ended: nothing that was kept before it began was graded by it once more."""
        for run in past_runs(self.course):
            if run.id not in self.runs:
                graded = {r["student"]: r["digest"] for r in run.records() if r["graded"] == "now"}
                assert not [student for student, digest in graded.items() if self.kept.get(student) == digest]
        self.runs = {run.id for run in past_runs(self.course)}
        self.kept = {student: verdict.digest for student, verdict in verdicts(self.course).items()}


def disturb(command: Command, way: str, moment: float, rng: random.Random) -> bool:
    """Kill at a moment, in seconds from the start; False when the command had ended before.

    A command that lost a worker goes on, and is killed too, a while later.
    """
    if command.wait(moment):
        return False
    if way == "a worker" and command.kill_worker(rng) and command.wait(moment * rng.random()):
        return True
    if way == "everything":
        command.kill_tree()
    else:
        command.kill()
    return True


def plan(rng: random.Random) -> list[tuple[str, float]]:
    """What is killed and when, as a fraction of an undisturbed run: spread evenly over all of it."""
    ways = [("the command", "a worker", "everything")[number % 3] for number in range(KILLS)]
    times = [(number + rng.random()) / KILLS for number in range(KILLS)]
    rng.shuffle(times)
    return list(zip(ways, times, strict=True))


def test_a_class_graded_with_twenty_kills_is_graded_as_if_undisturbed(prepared, tmp_path, temporary):
    undisturbed = copy_of(prepared, tmp_path / "undisturbed")
    began = time.monotonic()
    command = Command(undisturbed, temporary)
    command.finish()
    duration = time.monotonic() - began
    assert len(gradebook(undisturbed)) == 12
    compare(undisturbed, undisturbed)

    rng = random.Random(20)
    planned = plan(rng)
    disturbed: list[Disturbed] = []
    ended = True
    while planned or not ended:
        if ended:
            disturbed.append(Disturbed(copy_of(prepared, tmp_path / f"disturbed-{len(disturbed)}"), temporary))
        began = time.monotonic()
        command = disturbed[-1].command()
        way, moment = planned[-1] if planned else ("", 0.0)
        if planned and disturb(command, way, moment * duration, rng):
            planned.pop()
            if rng.random() < 0.5 or not planned:  # the next one begins at once, or when all is quiet
                command.left_behind()
        else:
            command.finish()
            duration = min(duration, time.monotonic() - began)  # too late: sooner next time
        ended = command.process.returncode == 0
        disturbed[-1].note()
        if ended:
            compare(disturbed[-1].course, undisturbed)

    for found in disturbed:
        left = [process for command in found.commands for process in command.left_behind()]
        assert not left
    # Dask keeps one folder for all of its processes, which stays.
    assert not [path for path in temporary.iterdir() if path.name != "dask-scratch-space"]
