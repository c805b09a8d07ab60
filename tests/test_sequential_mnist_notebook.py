"""The notebook `sequential_mnist` as its readers meet it: run before answering, and with the reference's answers."""

import copy
import re
from pathlib import Path

import numpy as np
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

from autograder.examine import examinations
from autograder.kernel import plain_text
from autograder.notebooks import exercises, grade_id, read_notebook, role, split_hidden, without_hidden
from helpers.results import runs_from_folder, runs_from_notebook

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "source" / "sequential_mnist" / "sequential_mnist.ipynb"
RELEASE = ROOT / "release" / "sequential_mnist" / "sequential_mnist.ipynb"
CODE = (
    "pixel_sequences",
    "recurrent_models",
    "antisymmetric_cell",
    "search_space",
    "model_selection",
    "final_runs",
    "results_table",
)


def run(notebook: NotebookNode, folder: Path, monkeypatch: pytest.MonkeyPatch) -> NotebookNode:
    """The notebook after Run All in `folder` on the sample, errors and all."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("COURSEWORK_CACHE", str(folder / "cache"))
    monkeypatch.delenv("COURSEWORK_MIRROR", raising=False)
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
    for exercise in ("pixel_sequences", "recurrent_models", "antisymmetric_cell", "model_selection", "results_table"):
        assert found[f"{exercise}_test"] == f"NotImplementedError: Exercise {exercise}: not answered yet"
    for exercise in ("search_space", "final_runs"):
        assert found[exercise] == f"NotImplementedError: Exercise {exercise}: not answered yet"
    assert not {"given_setup", "given_data", "given_training"} & set(found)


@pytest.mark.slow
def test_the_reference_runs_from_top_to_bottom_on_kept_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    results = SOURCE.parent / "results"
    (tmp_path / "results").symlink_to(results)
    before = {path: path.stat().st_mtime_ns for path in results.rglob("*")}
    executed = run(without_hidden(read_notebook(SOURCE.read_bytes())), tmp_path, monkeypatch)
    assert errors(executed) == {}
    assert before == {path: path.stat().st_mtime_ns for path in results.rglob("*")}, "something was trained again"
    text = "\n".join(plain_text(o) for cell in executed.cells if cell.cell_type == "code" for o in cell.outputs)
    assert text.count("pass the visible tests") + text.count("passes the visible tests") == len(CODE)
    in_cells = {(run.exercise, run.name) for run in runs_from_notebook(executed)}
    assert in_cells == {(run.exercise, run.name) for run in runs_from_folder(results)}


def test_the_kept_results_are_complete_and_of_the_sample() -> None:
    runs = runs_from_folder(SOURCE.parent / "results")
    selected = [run for run in runs if run.exercise == "model_selection"]
    final = [run for run in runs if run.exercise == "final_runs"]
    kinds = {run.setting["kind"] for run in selected}
    assert {"rnn", "gru", "lstm"} <= kinds and len(selected) == len(kinds)
    for kind in kinds:
        own = [run for run in final if run.setting["kind"] == kind]
        assert len({run.seed for run in own}) == len(own) >= 5
        assert sum(run.weights is not None for run in own) == 1
        assert np.std([run.metrics["test_accuracy"] for run in own]) > 0
    assert {run.data["source"] for run in runs} == {"sample"}


def test_every_exercise_has_an_examination_and_says_what_it_weighs() -> None:
    notebook = read_notebook(SOURCE.read_bytes())
    known = examinations("sequential_mnist")
    found = [exercise for exercise in exercises(notebook) if exercise.kind == "code"]
    assert {exercise.id for exercise in found} == set(known) == set(CODE)
    for exercise in found:
        assert exercise.test is not None
        hidden = split_hidden(exercise.test.source)[1]
        weights = [float(number) for number in re.findall(r"\b[01]\.\d+", hidden)]
        assert weights == [part.weight for part in known[exercise.id].parts], exercise.id


def test_points_in_the_text_are_those_of_the_cells() -> None:
    notebook = read_notebook(SOURCE.read_bytes())
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    for exercise in exercises(notebook):
        assert re.search(rf"\| `{exercise.id}` \| {exercise.points:g}\b", prose), exercise.id
        noun = "point" if exercise.points == 1 else "points"
        assert f"({'bonus, ' if exercise.bonus else ''}{exercise.points:g} {noun})" in prose, exercise.id
    assert f"**{sum(e.points for e in exercises(notebook) if not e.bonus):g}**" in prose


def test_written_answers_come_with_a_rubric() -> None:
    notebook = read_notebook(SOURCE.read_bytes())
    written = [exercise for exercise in exercises(notebook) if exercise.kind == "written"]
    assert [exercise.id for exercise in written] == ["benchmark_report"]
    assert all(e.rubric is not None and "BEGIN MARK SCHEME" in e.rubric.source for e in written)


def test_cells_are_short() -> None:
    notebook = read_notebook(SOURCE.read_bytes())
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and role(cell) != "test"]
    lengths = sorted(len(without.splitlines()) for without in (cell.source for cell in code))
    assert lengths[len(lengths) // 2] <= 15
    release = read_notebook(RELEASE.read_bytes())
    assert max(len(c.source.splitlines()) for c in release.cells if c.cell_type == "code" and role(c) != "test") <= 40


def test_the_release_holds_no_trace_of_the_instructor() -> None:
    text = RELEASE.read_text()
    for word in ("HIDDEN TESTS", "BEGIN SOLUTION", "MARK SCHEME", "autograder"):
        assert word not in text
