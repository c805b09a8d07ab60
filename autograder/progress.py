"""How far a run of grading is: a bar on a terminal, plain lines otherwise, and the same counts at the end."""

import time
from dataclasses import dataclass, field
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bar
from rich.text import Text

from autograder.records import FAILED, PARTIAL, PASSED, SubmissionVerdict


@dataclass
class Tally:
    """Submissions by what came of them. Each is passed, failed or ungraded; suspicious ones may be any of these."""

    passed: int = 0
    """Earned every automatic point."""
    failed: int = 0
    """Lost at least a part of a point."""
    suspicious: int = 0
    ungraded: int = 0

    def add(self, verdict: SubmissionVerdict) -> None:
        if not verdict.complete:
            self.ungraded += 1
        elif all(exercise.points >= exercise.max for exercise in verdict.exercises if not exercise.bonus):
            self.passed += 1
        else:
            self.failed += 1
        self.suspicious += bool(verdict.tamper)

    @property
    def done(self) -> int:
        return self.passed + self.failed + self.ungraded

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.suspicious} suspicious, {self.ungraded} ungraded"


class _Rate(ProgressColumn):
    """Submissions per minute, of the last half minute."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{60 * speed:.0f}/min" if speed else "-/min")


@dataclass
class Progress:
    """A context manager: call ``start`` with the number of submissions, then ``done`` with each verdict."""

    what: str
    console: Console
    tally: Tally = field(default_factory=Tally)
    total: int = 0

    def __post_init__(self) -> None:
        columns = [
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TextColumn("{task.fields[tally]}"),
            _Rate(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
        ]
        self._bar = Bar(*columns, console=self.console, disable=not self.console.is_terminal)
        self._task = self._bar.add_task(self.what, total=None, tally=str(self.tally))
        self._began = time.monotonic()

    def __enter__(self) -> Self:
        self._began = time.monotonic()
        self._bar.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._bar.stop()

    def start(self, total: int) -> None:
        self.total = total
        self._bar.update(self._task, total=total)

    def done(self, verdict: SubmissionVerdict) -> None:
        self.tally.add(verdict)
        self._bar.update(self._task, advance=1, tally=str(self.tally))
        if not self.console.is_terminal:
            self.console.print(f"[{self.tally.done}/{self.total}] {describe(verdict)}", markup=False)

    def summary(self) -> str:
        """One line: how many, what came of them, and how fast it went."""
        minutes = max(time.monotonic() - self._began, 1e-9) / 60
        counts = f"{self.tally.done} submissions: {self.tally}"
        return f"{counts} ({self.tally.done / minutes:.0f} per minute)" if self.tally.done else counts


def describe(verdict: SubmissionVerdict) -> str:
    """One line about one submission."""
    statuses = [e.status for e in verdict.exercises]
    counts = ", ".join(f"{statuses.count(s)} {s}" for s in dict.fromkeys([PASSED, PARTIAL, FAILED, *statuses]))
    suspicious = ", tamper evidence" if verdict.tamper else ""
    points = f"{verdict.points:g} of {verdict.max:g} points"
    return f"{verdict.student}: {points} ({counts}{suspicious}) in {verdict.seconds:.0f} s"
