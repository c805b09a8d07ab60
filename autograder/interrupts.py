"""Ctrl-C and the signal TERM: they end a run in one line, and wait while what must be brought to its end is."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from typing import Any

from autograder.course import CourseError

_asked = threading.Event()


@contextmanager
def stoppable() -> Iterator[None]:
    """In the main thread: a run that either signal ends with a CourseError."""

    def stop(number: int, frame: object) -> None:
        _asked.set()
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    except KeyboardInterrupt:
        raise CourseError("stopped: run it again to go on") from None
    finally:
        _asked.clear()
        _restore(before)


def stop_if_asked() -> None:
    """Raise KeyboardInterrupt where a run was asked to stop, and goes on.

    The exception may come anywhere, and is then not always passed on: Python drops what is raised in a destructor,
    and libraries have handlers that catch everything. A run asks here whenever it has waited.
    """
    if _asked.is_set():
        raise KeyboardInterrupt


@contextmanager
def undisturbed() -> Iterator[None]:
    """In the main thread: signals that would end this are ignored until it is done. In others nothing happens."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        _restore(before)


def block_interrupts() -> None:
    """In a thread that starts others, or processes: they inherit that they get no Ctrl-C."""
    resource_tracker.ensure_running()  # would unblock it when it is started later
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def _restore(handlers: dict[signal.Signals, Any]) -> None:
    for number, handler in handlers.items():
        signal.signal(number, handler)
