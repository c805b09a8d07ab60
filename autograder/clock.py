"""The time that a candidate has had, on a machine that others use too.

Limits are meant for what students' code does, not for what else the machine does meanwhile. So the time in which a
candidate was ready to run and no processor was free for it does not count, up to a bound. Linux keeps that time for
each thread (``/proc/PID/task/TID/schedstat``, Documentation/scheduler/sched-stats.rst); where it does not, all time
counts.
"""

import contextlib
import time
from collections.abc import Iterable
from pathlib import Path

PATIENCE = 2.0
"""How many times the limit of a submission may be spent on waiting for a processor."""

Usage = dict[int, tuple[float, float]]
"""Thread id → seconds on a processor, and seconds of waiting for one, since the thread began."""


class Overloaded(Exception):
    """The time was up because the machine had none to give, so nothing can be said about what took it."""


class Clock:
    """Seconds in which a submission could work. ``now()`` takes the place of ``time.monotonic()`` in all its limits.

    ``patience``: how many seconds of waiting are left out at most; later ones count as any others.
    """

    def __init__(self, patience: float = 0.0) -> None:
        self.patience = patience
        self.waited = 0.0

    def now(self) -> float:
        return time.monotonic() - self.waited

    def leave_out(self, seconds: float) -> None:
        self.waited = min(self.waited + seconds, self.patience)

    def require_patience(self) -> None:
        """To be asked when a time is up. Raises Overloaded when all patience is used up: then more was waited for than
        was left out."""
        if 0 < self.patience <= self.waited:
            raise Overloaded(
                f"the machine was too busy: for more than {self.patience:.0f} s it had no processor for this hand-in. "
                "Grade it again when less else is at work, or with fewer --workers"
            )


def usage(processes: list[int], threads: Iterable[int] = ()) -> Usage:
    """What all threads of these processes, and these threads of our own, had of the processors so far. Those that have
    ended are left out."""
    tasks = [Path(f"/proc/self/task/{thread}") for thread in threads]
    for process in processes:
        with contextlib.suppress(OSError):  # it has ended
            tasks += Path(f"/proc/{process}/task").iterdir()
    found: Usage = {}
    for task in tasks:
        with contextlib.suppress(OSError, ValueError):
            ran, waited = (task / "schedstat").read_text().split()[:2]
            found[int(task.name)] = int(ran) / 1e9, int(waited) / 1e9
    return found


def kept_waiting(before: Usage, after: Usage, seconds: float) -> float:
    """Seconds, out of those between two looks, in which the threads together had less than one processor but wanted it.

    One processor is what a candidate is given. Threads that wait for each other while they have more than that among
    them were not kept from anything. Where a thread began or ended meanwhile nothing is left out: there may have been
    others that came and went unseen, and kept the processors busy themselves.
    """
    if before.keys() != after.keys():
        return 0.0
    ran = sum(after[thread][0] - before[thread][0] for thread in after)
    waited = sum(after[thread][1] - before[thread][1] for thread in after)
    return max(0.0, min(waited, seconds - ran))
