"""The demo's class is made of answers that are there, and a folder that is no demo is left alone."""

from pathlib import Path

import pytest

from autograder.bank import find_answers
from autograder.course import CourseError, open_course
from autograder.demo import CLASS, DEMO_MARK, run_demo

ROOT = Path(__file__).parent.parent


def test_every_student_of_the_demo_hands_in_an_answer_of_the_bank() -> None:
    known = {(answer.assignment, answer.path.stem) for answer in find_answers([ROOT / "tests" / "answers"])}
    assert {(assignment, name) for assignment, students in CLASS.items() for _, name in students} <= known
    assert set(CLASS) == set(open_course(ROOT).assignments())
    for students in CLASS.values():
        assert len({student for student, _ in students}) == len(students)


def test_a_folder_that_is_no_demo_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(CourseError, match="is no demo"):
        run_demo(
            open_course(ROOT),
            tmp_path,
            workers=1,
            say=lambda line: None,
            on_start=lambda count: None,
            on_done=lambda verdict: None,
        )
    assert (tmp_path / "thesis.txt").read_text() == "years of work"
    assert not (tmp_path / DEMO_MARK).exists()
