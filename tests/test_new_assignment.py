"""docs/new_assignment.md, followed from top to bottom: its files and commands lead to graded answers."""

import json
from pathlib import Path

import pytest
from pages import REPOSITORY, carry_out, copy_repository, steps

from autograder.notebooks import grade_id, read_notebook

PAGE = (REPOSITORY / "docs" / "new_assignment.md").read_text(encoding="utf-8")
SETUP_ENDS = "start.begin("


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """The course after the last step, and what each command printed."""
    folder = copy_repository(tmp_path_factory.mktemp("page") / "course")
    printed = {step.text: carry_out(step, folder) for step in steps(PAGE)}
    return folder, printed


@pytest.mark.slow
def test_the_page_leads_to_graded_answers(followed: tuple[Path, dict[str, str]]) -> None:
    folder, printed = followed
    assert printed["coursework check"].strip() == "nothing is out of step"
    assert "brought into normal form" in printed["coursework tidy moving_average"]
    bank = printed["coursework bank tests/answers/moving_average --json build/bank.json"]
    assert "right answers accepted 1/1" in bank
    assert "wrong answers caught 3/3" in bank
    rows = json.loads((folder / "build" / "bank.json").read_text())
    # Caught at what was meant: a part, or all of it.
    assert sorted(row["points"] for row in rows if row["exercise"] == "moving_average") == [1.5, 2.25, 2.25, 3]


@pytest.mark.slow
def test_a_hand_in_without_answers_gets_a_page_of_feedback(followed: tuple[Path, dict[str, str]]) -> None:
    folder, _ = followed
    page = (folder / "feedback" / "s1234567" / "moving_average" / "moving_average.html").read_text()
    assert "moving_average" in page
    assert "exchanged" not in page


def test_the_setup_cell_is_that_of_all_notebooks() -> None:
    """But for the line that names the assignment and what the notebook itself imports."""
    master = read_notebook((REPOSITORY / "source" / "speech_commands" / "speech_commands.ipynb").read_bytes())
    setup = next(cell.source for cell in master.cells if grade_id(cell) == "given_setup")
    common = setup[: setup.index(SETUP_ENDS)]
    assert common in PAGE
