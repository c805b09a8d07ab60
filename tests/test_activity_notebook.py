"""The notebook `activity` as its readers meet it: run before answering, and run with the reference's answers."""

import copy
import re
from pathlib import Path

import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

from autograder.examine import examinations
from autograder.kernel import plain_text
from autograder.notebooks import exercises, grade_id, read_notebook, role, split_hidden, without_hidden

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "source" / "activity" / "activity.ipynb"
RELEASE = ROOT / "release" / "activity" / "activity.ipynb"


def run(notebook: NotebookNode, folder: Path, monkeypatch: pytest.MonkeyPatch, **environment: str) -> NotebookNode:
    """The notebook after Run All in `folder`, errors and all."""
    for name, value in {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", **environment}.items():
        monkeypatch.setenv(name, value)
    notebook = copy.deepcopy(notebook)
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=300, allow_errors=True, resources=resources).execute()
    return notebook


def errors(notebook: NotebookNode) -> dict[str, str]:
    """Kind and message of the error of each cell that raised one, by grade id."""
    return {
        grade_id(cell) or cell.id: f"{output.ename}: {output.evalue}"
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "error"
    }


@pytest.mark.slow
def test_run_all_before_answering_says_what_is_to_be_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = errors(run(read_notebook(RELEASE.read_bytes()), tmp_path, monkeypatch))
    for exercise in ("architectures", "comparison", "best_model"):
        assert found[exercise] == f"NotImplementedError: Exercise {exercise}: not answered yet"
    assert found["given_split"] == "NotImplementedError: Exercise comparison: not answered yet"
    assert not {"given_setup", "given_data", "given_tilt", "given_leak", "given_scales"} & set(found)


@pytest.mark.slow
def test_the_reference_runs_from_top_to_bottom_on_kept_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    results = SOURCE.parent / "results"
    (tmp_path / "results").symlink_to(results)
    before = {path: path.stat().st_mtime_ns for path in results.rglob("*")}
    executed = run(without_hidden(read_notebook(SOURCE.read_bytes())), tmp_path, monkeypatch)
    assert errors(executed) == {}
    assert before == {path: path.stat().st_mtime_ns for path in results.rglob("*")}, "something was trained again"
    text = "\n".join(plain_text(o) for cell in executed.cells if cell.cell_type == "code" for o in cell.outputs)
    assert text.count("pass the visible tests") + text.count("passes the visible tests") == 3


def test_every_exercise_has_an_examination_and_says_what_it_weighs() -> None:
    notebook = read_notebook(SOURCE.read_bytes())
    known = examinations("activity")
    found = [exercise for exercise in exercises(notebook) if exercise.kind == "code"]
    assert {exercise.id for exercise in found} == set(known)
    for exercise in found:
        assert exercise.test is not None
        hidden = split_hidden(exercise.test.source)[1]
        weights = [float(number) for number in re.findall(r"\b0\.\d+", hidden)]
        assert weights == [part.weight for part in known[exercise.id].parts], exercise.id


def test_points_in_the_text_are_those_of_the_cells() -> None:
    notebook = read_notebook(SOURCE.read_bytes())
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    for exercise in exercises(notebook):
        assert re.search(rf"\| `{exercise.id}` \| {exercise.points:g}\b", prose), exercise.id
        assert f"({exercise.points:g} points)" in prose
    assert f"**{sum(e.points for e in exercises(notebook)):g}**" in prose


def test_written_answers_come_with_a_rubric() -> None:
    notebook = read_notebook(SOURCE.read_bytes())
    written = [exercise for exercise in exercises(notebook) if exercise.kind == "written"]
    assert [exercise.id for exercise in written] == ["architecture_report"]
    assert all(e.rubric is not None and "BEGIN MARK SCHEME" in e.rubric.source for e in written)


def test_cells_are_short() -> None:
    notebook = read_notebook(RELEASE.read_bytes())  # the reference's six architectures are no reading matter
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and role(cell) != "test"]
    lengths = sorted(len(cell.source.splitlines()) for cell in code)
    assert lengths[len(lengths) // 2] <= 10
    assert lengths[-1] <= 40


def test_the_release_holds_no_trace_of_the_instructor() -> None:
    text = RELEASE.read_text()
    for word in ("HIDDEN TESTS", "BEGIN SOLUTION", "MARK SCHEME", "autograder"):
        assert word not in text
