"""What a run of grading shows on its way: counts, rate, and one line for each submission where there is no terminal."""

import io

import pytest
from rich.console import Console

from autograder.progress import Progress, Tally
from autograder.records import FAILED, PARTIAL, PASSED, UNGRADED, ExerciseVerdict, SubmissionVerdict


def verdict(status: str, points: float, tamper: tuple[str, ...] = ()) -> SubmissionVerdict:
    exercise = ExerciseVerdict("cell", points, 4.0, status)
    return SubmissionVerdict("ada", "a", [exercise], tamper=list(tamper), seconds=2.4)


def test_each_submission_is_passed_failed_or_ungraded_and_may_be_suspicious():
    tally = Tally()
    for found in (
        verdict(PASSED, 4),
        verdict(PARTIAL, 2),
        verdict(FAILED, 0),
        verdict(UNGRADED, 0),
        verdict(PASSED, 4, ("a test cell was edited",)),
    ):
        tally.add(found)
    assert str(tally) == "2 passed, 2 failed, 1 suspicious, 1 ungraded"
    assert tally.done == 5


def test_without_a_terminal_each_submission_is_a_line():
    console = Console(file=io.StringIO(), force_terminal=False, soft_wrap=True)
    with Progress("grading", console) as progress:
        progress.start(2)
        progress.done(verdict(PASSED, 4))
        progress.done(verdict(FAILED, 0, ("seen",)))
    assert console.file.getvalue().splitlines() == [  # type: ignore[attr-defined]
        "[1/2] ada: 4 of 4 points (1 passed, 0 partial, 0 failed) in 2 s",
        "[2/2] ada: 0 of 4 points (0 passed, 0 partial, 1 failed, tamper evidence) in 2 s",
    ]
    assert progress.summary().startswith("2 submissions: 1 passed, 1 failed, 1 suspicious, 0 ungraded")


@pytest.mark.parametrize("width", [100, 160])
def test_on_a_terminal_there_is_a_bar_with_the_counts(width):
    console = Console(file=io.StringIO(), force_terminal=True, width=width)
    with Progress("grading", console) as progress:
        progress.start(3)
        progress.done(verdict(PASSED, 4))
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "1/3" in shown
    assert "1 passed, 0 failed, 0 suspicious, 0 ungraded" in shown
    assert "/min" in shown
