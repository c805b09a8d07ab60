"""One run of grading at a time for each assignment of a course's folder; others may run beside it.

The locks are the kernel's (flock): they are gone with the process that held them, whatever ended it.
"""

import fcntl
import os
import socket
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from autograder.course import Course, CourseError


@contextmanager
def grading(course: Course, assignments: Iterable[str]) -> Iterator[None]:
    """Hold the assignments; CourseError, naming who does, when one of them is being graded by another process."""
    with ExitStack() as held:
        for assignment in sorted(set(assignments)):
            held.enter_context(_held(course.work / "locks" / assignment, assignment))
        yield


@contextmanager
def _held(path: Path, assignment: str) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    # The file stays: to remove it would let two processes hold locks on two files of one name.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 200).decode(errors="replace").strip() or "another process"
            raise CourseError(f"{assignment} is being graded by {holder}: wait for it, or stop it") from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"process {os.getpid()} on {socket.gethostname()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)
