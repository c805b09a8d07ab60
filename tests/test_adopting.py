"""docs/adopting.md, followed: one assignment in a course of one's own, in plain nbgrader, on Gradescope, elsewhere."""

import json
import os
import sqlite3
import sys
from pathlib import Path
from typing import Any

import pytest
import tiny_course
from nbformat import NotebookNode
from pages import REPOSITORY, carry_out, coursework, steps
from small_course import cell_of

from autograder.bank import Answer, fill_in, reference_source
from autograder.notebooks import exercises, read_notebook, to_bytes

PAGE = (REPOSITORY / "docs" / "adopting.md").read_text(encoding="utf-8")
CLONE = "rnn-coursework"


def notebook(path: Path) -> NotebookNode:
    return read_notebook(path.read_bytes())


def put(path: Path, content: NotebookNode) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(to_bytes(content))


def with_a_vocabulary(folder: Path) -> NotebookNode:
    """The release with the reference's answer to the first exercise, and to no other."""
    released = notebook(folder / "my-course/release/char_rnn/char_rnn.ipynb")
    master = notebook(folder / "my-course/source/char_rnn/char_rnn.ipynb")
    answer = reference_source(cell_of(master, "vocabulary"))
    cell_of(released, "vocabulary").source = f"# exercise: vocabulary\n{answer}"
    return released


def with_one_wrong_answer(folder: Path) -> NotebookNode:
    """The release of the plain course with the reference's answers, but for one that is blank."""
    released = notebook(folder / "plain-course/release/theory/review.ipynb")
    master = notebook(folder / "plain-course/source/theory/review.ipynb")
    blank = {"sequence_mapping": cell_of(master, "sequence_mapping").source.split("### BEGIN")[0]}
    return fill_in(master, released, Answer(Path("ada"), "theory", "full", "", blank, [], {}), "ada")


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder after all commands of the page, with students' hand-ins in their places."""
    folder = tmp_path_factory.mktemp("adopting")
    (folder / CLONE).symlink_to(REPOSITORY)
    for step in steps(PAGE):
        if "nbgrader autograde" in step.text:
            put(folder / "plain-course/submitted/ada/theory/review.ipynb", with_one_wrong_answer(folder))
        if "--student submitter" in step.text:
            put(folder / "submission/char_rnn.ipynb", with_a_vocabulary(folder))
        if not step.text.startswith("coursework "):
            carry_out(step, folder, REPOSITORY)
            continue
        printed = coursework(step.text, folder)
        if step.text.startswith("coursework check"):
            assert printed.strip() == "nothing is out of step"
    return folder


@pytest.mark.slow
def test_with_our_configuration_nothing_is_lost(followed: Path) -> None:
    put(followed / "hand-ins/grace/char_rnn.ipynb", with_a_vocabulary(followed))
    for command in ("collect hand-ins", "grade --student grace --json grace.json"):
        coursework(f"coursework {command} --course my-course", followed)
    marks = {row["exercise"]: row for row in json.loads((followed / "grace.json").read_text())}
    assert marks["vocabulary"]["points"] == marks["vocabulary"]["max"] > 0
    assert marks["batches"]["status"] == "unanswered"
    assert (followed / "my-course/build/student-bundle.zip").stat().st_size > 0
    assert not (followed / "my-course/release/char_rnn/results").exists()


@pytest.mark.slow
def test_plain_nbgrader_examines_in_process(followed: Path) -> None:
    """With partial points, which the gradebook of a configuration that knows nothing of us holds."""
    with sqlite3.connect(followed / "plain-course/gradebook.db") as gradebook:
        query = """select base_cell.name, grade.auto_score from grade
                   join base_cell on base_cell.id = grade.cell_id where grade.auto_score is not null"""
        scores: dict[str, float] = dict(gradebook.execute(query).fetchall())
    expected = {
        f"{exercise.id}_test": exercise.points
        for exercise in exercises(notebook(followed / "plain-course/source/theory/review.ipynb"))
        if exercise.kind == "code"
    }
    assert scores == expected | {"sequence_mapping_test": 0}
    assert not (followed / "plain-course/release/theory/results").exists()


@pytest.mark.slow
def test_gradescope_gets_its_file(followed: Path) -> None:
    tests = json.loads((followed / "results/results.json").read_text())["tests"]
    found: dict[str, dict[str, Any]] = {test["name"]: test for test in tests}
    assert found["vocabulary"]["score"] == found["vocabulary"]["max_score"]
    assert (found["batches"]["score"], found["batches"]["output"]) == (0, "not answered")


@pytest.mark.parametrize("right", [True, False], ids=["right", "wrong"])
def test_any_grader_can_ask_an_examination(right: bool) -> None:
    module: dict[str, Any] = {}
    exec(next(step.text for step in steps(PAGE) if step.path == "ask_examination.py"), module)
    namespace: dict[str, Any] = {}
    answer = tiny_course.RIGHT if right else tiny_course.WRONG
    exec(f"import torch\nfrom torch import nn\n{answer}", namespace)
    earned, messages = module["score"]("speech_commands", "lstm_cell", namespace)
    assert (earned == 1, messages == []) == (right, right)


def test_the_programs_of_this_environment_are_meant() -> None:
    """The page's commands are found beside this Python, as in an environment that is active."""
    programs = {step.text.split()[0] for step in steps(PAGE) if not step.path} - {"mkdir", "cp", "cd"}
    assert all(os.access(Path(sys.executable).with_name(program), os.X_OK) for program in programs)
