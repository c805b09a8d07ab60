"""The best of several hand-ins counts where the configuration asks for it; the last one everywhere else."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import tiny_course
from nbformat.v4 import new_markdown_cell
from small_course import ASSIGNMENT, answered, make_course
from tiny_course import hand_in

from autograder.collect import collect
from autograder.course import Course, CourseError
from autograder.execute import Graded, Job
from autograder.grade import grade_class
from autograder.notebooks import read_notebook, to_bytes
from autograder.records import PASSED, UNGRADED, ExerciseVerdict, SubmissionVerdict
from autograder.release import build_release, replace_folder
from autograder.resubmissions import attempts, choose_best

NAME = f"{ASSIGNMENT}.ipynb"


class Crew:
    """Workers that give each hand-in the points that are written into it ("7 points"); a "?" is our failure."""

    sandboxed = False

    def __init__(self) -> None:
        self.graded: list[str] = []

    def start(self, job: Job) -> None:
        pass

    def run(self, jobs: Iterable[Job], renew: Callable[[Any], Job]) -> Iterator[tuple[Job, Graded]]:
        batch = list(jobs)
        assert len({(job.student, job.assignment) for job in batch}) == len(batch)  # what workers know jobs by
        for job in batch:
            words = read_notebook(job.notebooks[ASSIGNMENT]).cells[-1].source.partition(" ")[0]
            self.graded.append(f"{job.student} {words}")
            status = UNGRADED if words == "?" else PASSED
            exercise = ExerciseVerdict("double", 0.0 if words == "?" else float(words), 4.0, status)
            yield job, Graded(SubmissionVerdict(job.student, job.assignment, [exercise], digest=job.digest))


@pytest.fixture
def course(tmp_path: Path) -> Course:
    course = make_course(tmp_path / "course")
    built = build_release(course, ASSIGNMENT, course.work / "built")
    replace_folder(built, course.release / ASSIGNMENT, course.work / "before")
    configure(course, 'c.Coursework.resubmissions = "best"')
    return course


def configure(course: Course, *lines: str) -> None:
    with (course.root / "nbgrader_config.py").open("a") as file:
        file.write("\n".join(["", *lines, ""]))


def receive(course: Course, inbox: Path, student: str, points: str, day: int) -> None:
    """Collect a hand-in that says what it is worth, as Blackboard's download of that day."""
    notebook = answered(read_notebook((course.release / ASSIGNMENT / NAME).read_bytes()))
    notebook.cells.append(new_markdown_cell(f"{points} points", id="worth"))
    folder = inbox / f"{student}-{day}-{points}"
    folder.mkdir(parents=True)
    (folder / f"HW_{student}_attempt_2026-03-{day:02}-10-00-00_{NAME}").write_bytes(to_bytes(notebook))
    report = collect(course, [folder])
    assert report.unplaced == []


def worth(course: Course, student: str) -> str:
    """What the hand-in that lies in submitted/ says of itself, and its time."""
    folder = course.submitted / student / ASSIGNMENT
    words = read_notebook((folder / NAME).read_bytes()).cells[-1].source
    return f"{words}, {(folder / 'timestamp.txt').read_text()[:10]}"


def choose(course: Course, *students: str) -> tuple[Any, Crew]:
    crew = Crew()
    keys = [(student, ASSIGNMENT) for student in students]
    return choose_best(course, keys, course.limits(), crew), crew  # type: ignore[arg-type]


def test_every_hand_in_is_kept_with_its_time(course: Course, tmp_path: Path) -> None:
    for day, points in ((1, "3"), (2, "4"), (3, "2")):
        receive(course, tmp_path / "in", "s1", points, day)
    found = attempts(course, "s1", ASSIGNMENT)[ASSIGNMENT]
    assert [attempt.when for attempt in found] == [datetime(2026, 3, day, 10, tzinfo=UTC) for day in (1, 2, 3)]


def test_the_best_takes_the_place_of_the_last_and_is_graded_once(course: Course, tmp_path: Path) -> None:
    for student, worths in (("s1", "342"), ("s2", "14"), ("s3", "4"), ("s4", "44")):
        for day, points in enumerate(worths, 1):
            receive(course, tmp_path / "in", student, points, day)
    choice, crew = choose(course, "s1", "s2", "s3", "s4")
    assert [worth(course, student) for student in ("s1", "s2", "s3", "s4")] == [
        "4 points, 2026-03-02",
        "4 points, 2026-03-02",
        "4 points, 2026-03-01",
        "4 points, 2026-03-02",  # of equal ones the later
    ]
    assert sorted(crew.graded) == ["s1 2", "s1 3", "s1 4", "s2 1", "s2 4", "s4 4", "s4 4"]
    assert choice.lines == [
        "s1: of 3 hand-ins of arithmetic the one of 2026-03-02 10:00 UTC counts, with 4 automatic points"
    ]
    receive(course, tmp_path / "in", "s1", "1", 9)
    choice, crew = choose(course, "s1", "s2", "s3", "s4")
    assert crew.graded == ["s1 1"]
    assert worth(course, "s1") == "4 points, 2026-03-02"


def test_a_late_penalty_is_taken_off_before_hand_ins_are_compared(course: Course, tmp_path: Path) -> None:
    deadline = f'c.Coursework.deadlines = {{"{ASSIGNMENT}": "2026-03-01 12:00"}}'
    configure(course, deadline, "c.Coursework.late_penalty = 1.5")
    receive(course, tmp_path / "in", "s1", "3", 1)
    receive(course, tmp_path / "in", "s1", "4", 2)
    choose(course, "s1")
    assert worth(course, "s1") == "3 points, 2026-03-01"
    configure(course, f'c.Coursework.extensions = {{"s1": {{"{ASSIGNMENT}": "2026-03-05 12:00"}}}}')
    _, crew = choose(course, "s1")
    assert worth(course, "s1") == "4 points, 2026-03-02"
    assert crew.graded == []


def test_a_time_that_is_put_right_among_the_kept_counts(course: Course, tmp_path: Path) -> None:
    configure(course, f'c.Coursework.deadlines = {{"{ASSIGNMENT}": "2026-03-01 12:00"}}', "c.Coursework.late_days = 0")
    receive(course, tmp_path / "in", "s1", "3", 1)
    receive(course, tmp_path / "in", "s1", "4", 2)
    last = attempts(course, "s1", ASSIGNMENT)[ASSIGNMENT][-1]
    (last.folder / "timestamp.txt").write_text("2026-03-01 11:59:00 UTC\n")
    choose(course, "s1")
    assert worth(course, "s1") == "4 points, 2026-03-01"
    (last.folder / "timestamp.txt").write_text("yesterday")
    with pytest.raises(CourseError, match="holds no time of a hand-in: 'yesterday' is no date"):
        choose(course, "s1")


def test_what_we_cannot_grade_decides_nothing_and_is_said(course: Course, tmp_path: Path) -> None:
    receive(course, tmp_path / "in", "s1", "4", 1)
    receive(course, tmp_path / "in", "s1", "?", 2)
    choice, _ = choose(course, "s1")
    assert worth(course, "s1") == "? points, 2026-03-02"
    assert choice.failures == ["s1: not all hand-ins for arithmetic could be graded: the last one counts"]


def test_by_default_the_last_one_counts_and_nothing_else_is_graded(course: Course, tmp_path: Path) -> None:
    configure(course, 'c.Coursework.resubmissions = "last"')
    receive(course, tmp_path / "in", "s1", "4", 1)
    receive(course, tmp_path / "in", "s1", "1", 2)
    choice, crew = choose(course, "s1")
    assert (choice.lines, crew.graded) == ([], [])
    assert worth(course, "s1") == "1 points, 2026-03-02"


def test_a_class_is_graded_with_its_best_hand_ins(tmp_path: Path) -> None:
    """The whole way, in the sandbox: a right answer, then a wrong one."""
    course = tiny_course.make_course(tmp_path / "course")
    configure(course, 'c.Coursework.resubmissions = "best"')
    for day, source in ((1, tiny_course.RIGHT), (2, tiny_course.WRONG)):
        notebook = hand_in(course, "draft", source).read_bytes()
        folder = tmp_path / f"day{day}"
        folder.mkdir()
        name = f"HW_s1_attempt_2026-03-{day:02}-10-00-00_{tiny_course.ASSIGNMENT}.ipynb"
        (folder / name).write_bytes(notebook)
        collect(course, [folder])
    report = grade_class(course, [tiny_course.ASSIGNMENT], workers=1, students=["s1"])
    assert report.failures == []
    assert report.verdict(("s1", tiny_course.ASSIGNMENT)).points == tiny_course.POINTS
    assert "of 2 hand-ins" in report.choice.lines[0]
