"""The attack bank: hand-ins made to cheat or to harm, graded among honest ones by the ordinary commands.

One class is held per group of `tests/attacks/`; the tests look at what came of it. See `hostile.py` for the format.
"""

import re
import shutil
from pathlib import Path

import pytest
from hostile import (
    BASELINE,
    EXERCISE,
    GROUPS,
    HONEST,
    Outcome,
    as_parameters,
    attack_files,
    find_attacks,
    held_once,
    hold_class,
    student_of,
)
from tiny_course import POINTS

from autograder.bank import FULL, Answer, Finding, find_answers, parse_answer, run_bank
from autograder.course import CourseError
from autograder.records import ExerciseVerdict

needs_bubblewrap = pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
NOISY = find_attacks("honest")
BANK = [
    answer
    for answer in find_answers([Path(__file__).with_name("answers") / "speech_commands"])
    if answer.replaced.keys() == {EXERCISE} and not answer.added
]
"""The answer bank's answers to the one exercise of these classes."""
NOT_DEFENDED = {
    "library_in_another_process": "right values from a process of its own cannot be told from the answer's",
    "library_unhidden": "the answering side lives with the candidate, who can change it",
}
"""Attacks that earn points, each with the reason; docs/security.md names them, and the instructor learns of them."""
NEEDED = 45
"""Attacks that the bank holds at least."""


# --- the bank itself -----------------------------------------------------------------------------------------


def test_the_bank_is_large_enough():
    assert len(attack_files(*GROUPS)) >= NEEDED


@pytest.mark.parametrize("path", attack_files(*GROUPS), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_attack_says_what_it_tries_and_how_it_shows(path: Path):
    attack = parse_answer(path)
    assert attack.tries
    assert attack.evidence
    re.compile(attack.evidence)


@pytest.mark.parametrize("answer", as_parameters(NOISY))
def test_every_noisy_answer_expects_full_marks(answer: Answer):
    assert answer.expect == FULL
    assert not answer.tries


def test_no_two_students_share_a_name():
    names = [*HONEST, *(path.stem for path in attack_files(*GROUPS, "honest")), *map(student_of, BANK)]
    assert len(names) == len({name.casefold() for name in names})


def test_the_answer_bank_carries_out_no_python_of_a_hand_in_section(tmp_path):
    path = tmp_path / "attack.py"
    path.write_text(
        "# ---\n# assignment: speech_commands\n# expect: {lstm_cell: lost}\n# tries: to run here\n# ---\n"
        "# %% hand-in\nraise SystemExit('it was run')\n"
    )
    with pytest.raises(CourseError, match="hand-in section"):
        run_bank(None, [path], tmp_path / "bank")  # type: ignore[arg-type]  # refused before a course is needed


# --- what holds for every class ----------------------------------------------------------------------------------


class ClassUnderAttack:
    """Tests over one class; a group's own tests follow in its subclass, which gives the fixture `held`."""

    def test_the_batch_went_on(self, held: Outcome):
        placed = {item["student"] for item in held.loud.collected["placed"]}
        assert {row["student"] for row in held.loud.rows} == placed
        assert {*held.honest_students} <= placed
        assert held.loud.code == 0, held.loud.output

    def test_nobody_is_lost_on_the_way(self, held: Outcome):
        for attack in held.attacks:
            assert held.loud.told(student_of(attack)) or student_of(attack) in {r["student"] for r in held.loud.rows}

    def test_honest_marks_are_what_they_are_without_attackers(self, held: Outcome):
        for student in held.honest_students:
            assert held.loud.row(student) == held.quiet.row(student)
            assert held.loud.marks[student] == held.quiet.marks[student]
        assert held.quiet.points("ada") == held.quiet.points("zoe") == POINTS
        assert 0 < held.quiet.points(BASELINE) < POINTS
        assert held.quiet.points("cleo") == 0

    def test_honest_files_are_what_they_are_without_attackers(self, held: Outcome):
        for student in HONEST:
            assert held.loud.files(student) == held.quiet.files(student)

    def test_honest_students_are_not_accused(self, held: Outcome):
        for student in held.honest_students:
            verdict = held.loud.verdict(student)
            assert verdict is not None
            assert verdict.tamper == []

    def test_the_gradebook_holds_the_reported_marks_and_nothing_else(self, held: Outcome):
        assert held.loud.marks == {row["student"]: row["points"] for row in held.loud.rows}

    def test_nothing_of_the_instructors_was_changed(self, held: Outcome):
        assert held.changed == []

    def test_no_process_survives(self, held: Outcome):
        assert held.survivors == []

    def test_nothing_is_left_outside_of_the_course(self, held: Outcome):
        assert held.leftovers == []


# --- forging, and the honest noisy ones beside it --------------------------------------------------------------------


@pytest.fixture(scope="module")
def forging_class(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return held_once(
        tmp_path_factory,
        "forging",
        lambda folder: hold_class(folder, find_attacks("forging"), honest=[*NOISY, *BANK]),
    )


@needs_bubblewrap
class TestForging(ClassUnderAttack):
    @pytest.fixture
    def held(self, forging_class: Outcome) -> Outcome:
        return forging_class

    @pytest.mark.parametrize("attack", as_parameters(find_attacks("forging"), NOT_DEFENDED))
    def test_nothing_is_forged(self, held: Outcome, attack: Answer):
        assert held.problems(attack) == []

    @pytest.mark.parametrize("attack", as_parameters(find_attacks("forging")))
    def test_the_instructor_learns_of_it(self, held: Outcome, attack: Answer):
        assert held.missing_evidence(attack) == ""

    @pytest.mark.parametrize("answer", as_parameters(NOISY))
    def test_noise_costs_nothing(self, held: Outcome, answer: Answer):
        row = held.loud.row(student_of(answer))
        assert (row["points"], row["status"], row["tamper"], row["messages"]) == (POINTS, "passed", [], [])

    @pytest.mark.parametrize("answer", as_parameters(BANK))
    def test_an_answer_of_the_bank_gets_what_it_expects(self, held: Outcome, answer: Answer):
        row = held.loud.row(student_of(answer))
        verdict = ExerciseVerdict(EXERCISE, row["points"], row["max"], row["status"])
        assert Finding(answer, answer.expected(EXERCISE), verdict).ok
