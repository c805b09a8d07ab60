"""The demo's class is made of answers that are there, and a folder that is no demo is left alone."""

from pathlib import Path

import pytest

from autograder.bank import make_course
from autograder.collect import collect
from autograder.course import CONFIG_NAME, CourseError, open_course
from autograder.demo import (
    CLASS,
    DEMO_MARK,
    LATE,
    PLATFORMS,
    SETTINGS,
    TEAMS,
    TWICE,
    bank,
    hand_in,
    hand_ins,
    people,
    roster_table,
    run_demo,
)
from autograder.roster import read_roster

ROOT = Path(__file__).parent.parent


def test_every_student_of_the_demo_hands_in_an_answer_that_is_there() -> None:
    answers = bank()
    assert all((assignment, name) in answers for assignment, _, name in hand_ins())
    assert set(CLASS) == set(open_course(ROOT).assignments())
    handed = {(assignment, person.id) for assignment, person, _ in hand_ins()}
    assert {(assignment, student) for assignment, teams in TEAMS.items() for student in teams} <= handed
    assert {("speech_commands", student) for student in LATE} <= handed
    assert TWICE[:2] in handed
    assert (TWICE[0], TWICE[2]) in answers


def test_the_class_has_forty_students_and_some_attack() -> None:
    assert len({person.id for person in people()}) == 40
    assert sum(bool(bank()[assignment, name].tries) for assignment, _, name in hand_ins()) >= 5


def test_roster_and_settings_of_the_demo_are_in_order(tmp_path: Path) -> None:
    demo = make_course(open_course(ROOT), tmp_path / "demo")
    with (demo.root / CONFIG_NAME).open("a") as config:
        config.write(SETTINGS)
    (demo.root / "roster.csv").write_bytes(roster_table())
    settings = demo.settings()
    assert settings.deadline("bogdan", "speech_commands") != settings.deadline("chiara", "speech_commands")
    assert set(read_roster(demo.root / "roster.csv").students) == {person.id for person in people()}


def test_what_the_class_hands_in_is_placed_whatever_platform_it_comes_from(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("autograder.demo.CLASS", {name: " ".join(a.split()[:3]) for name, a in CLASS.items()})
    demo = make_course(open_course(ROOT), tmp_path / "demo")
    (demo.root / "roster.csv").write_bytes(roster_table())
    with (demo.root / CONFIG_NAME).open("a") as config:
        config.write(SETTINGS)
    downloads = hand_in(demo, demo.root / "incoming")
    assert {platform for _, platform in downloads} == {"", *PLATFORMS.values()}
    found = [collect(demo, [path], platform=platform) for path, platform in downloads]
    assert {Path(item.path).name for report in found for item in report.unplaced} == {"mateo.ipynb"}
    placed = {(item.student, item.assignment) for report in found for item in report.placed}
    files = {("speech_commands", "karim"), ("speech_commands", "lena")}
    assert placed == {(student, a) for a, student in files | {(a, person.id) for a, person, _ in hand_ins()}}
    assert {item.student for report in found for item in report.placed if item.replaced} == {TWICE[1]}


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
