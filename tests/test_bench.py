"""The benchmark of grading: its courses are kept as notebooks should be, and both ways of grading agree on them."""

import importlib.util
import json
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest
from small_course import REPOSITORY

from autograder.bank import find_answers
from autograder.notebooks import answer_cells, exercises, grade_id, normalise, read_notebook, to_bytes

COURSES = REPOSITORY / "bench" / "courses"
NOTEBOOKS = sorted(COURSES.glob("*/source/*/*.ipynb"))

needs_bubblewrap = pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")


@pytest.fixture(scope="module")
def grading() -> ModuleType:
    """bench/grading.py, which is a script and no package."""
    spec = importlib.util.spec_from_file_location("grading", REPOSITORY / "bench" / "grading.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["grading"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.parent.name)
def test_notebooks_are_in_normal_form(path: Path) -> None:
    data = path.read_bytes()
    assert data == to_bytes(normalise(read_notebook(data)))
    assert path.stem == path.parent.name
    assert all(exercise.points > 0 for exercise in exercises(read_notebook(data)))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.parent.name)
def test_answers_name_exercises_of_their_notebook(path: Path) -> None:
    known = {grade_id(cell) for cell in answer_cells(read_notebook(path.read_bytes()))}
    answers = find_answers([path.parents[2] / "answers"])
    assert {answer.assignment for answer in answers} == {path.stem}
    assert any(answer.right for answer in answers) and not all(answer.right for answer in answers)
    for answer in answers:
        assert {*answer.replaced, *(place for place, _ in answer.added)} <= known
        assert answer.right or {*answer.expect} <= known


def test_no_two_students_share_an_answer(grading, tmp_path):
    case = grading.CASES["torch_light"]
    class_ = grading.hand_ins(case, 2 * len(grading.answers_of(case)))
    course = grading.make_course(case, class_, tmp_path / "course")
    assert course.students(case.assignment) == sorted(class_)
    sources = []
    for student in class_:
        path = course.submitted / student / case.assignment / f"{case.assignment}.ipynb"
        cells = [cell for cell in answer_cells(read_notebook(path.read_bytes())) if "YOUR CODE" not in cell.source]
        sources += [cell.source for cell in cells]
    assert len({*sources}) == len(sources)


def test_a_mark_that_differs_is_told(grading):
    ours = {("ada", "a_test"): 4.0, ("ben", "a_test"): 1.0, ("cleo", "a_test"): None}
    assert grading.differences(ours | {("cleo", "a_test"): 0.0}, ours) == [
        "cleo, a_test: nbgrader gives 0.0, coursework grade None"
    ]
    assert grading.differences({("ada", "a_test"): 2.0}, {("ada", "a_test"): 4.0}) == [
        "ada, a_test: nbgrader gives 2.0, coursework grade 4.0"
    ]
    assert grading.differences({("ada", "a_test"): 4.0}, {}) == [
        "ada, a_test: nbgrader gives 4.0, coursework grade None"
    ]
    assert grading.differences({("ada", "a_test"): 4.0}, {("ada", "a_test"): 4.0}) == []


@pytest.mark.slow
@needs_bubblewrap
def test_both_ways_give_the_same_marks_and_figures_in_the_agreed_form(grading, tmp_path, monkeypatch, capsys):
    figures = tmp_path / "figures.json"
    monkeypatch.setattr("sys.argv", ["grading.py", "--case=torch_light", "--submissions=2", f"--json={figures}"])
    grading.main()
    found = json.loads(figures.read_text())
    case = found["cases"]["torch_light"]
    assert list(found["cases"]) == ["torch_light"]
    assert found["growth"] is None
    assert case["failures"] == []
    assert case["marks_compared"] == 2 * 3
    assert case["speedup"] == pytest.approx(case["nbgrader_s"] / case["coursework_s"])
    assert {"overhead", "cell_s", "submissions", "profile_s"} <= set(case)
    assert {"cores", "cpu", "packages"} <= set(found["machine"])
    assert "speedup" in capsys.readouterr().out


@needs_bubblewrap
def test_a_command_that_fails_says_how(grading, tmp_path):
    with pytest.raises(grading.BenchError, match="no such word"):
        grading.run([sys.executable, "-c", "raise SystemExit('no such word')"], tmp_path)
