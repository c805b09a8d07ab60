"""A benchmark that was run on a GPU and handed in as a bare notebook is graded on the CPU, and not run again."""

import base64
import dataclasses
import shutil
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_output

from autograder.bank import Answer, fill_in, make_course
from autograder.collect import collect
from autograder.course import open_course
from autograder.grade import grade_class
from autograder.notebooks import grade_id, read_notebook
from autograder.records import SubmissionVerdict
from helpers.results import MIME_TYPE, Run, _npz, runs_from_folder

ASSIGNMENT = "sequential_mnist"
COURSE = open_course(Path(__file__).parent.parent)

NO_TRAINING = """
fit_few = fit


def fit(model, data, *arguments, **options):
    assert len(data[1]) < 300, "a model is trained on the whole training set again"
    return fit_few(model, data, *arguments, **options)
"""
"""Behind the answer to `model_selection`. The visible test and the examiner train on little, the notebook on all."""


def on_gpu(run: Run) -> Run:
    environment = run.environment | {"torch": "2.11.0+cu128", "device": "cuda", "gpu": "Tesla T4"}
    return dataclasses.replace(run, environment=environment, data=run.data | {"device": "cuda"})


def shown(run: Run) -> nbformat.NotebookNode:
    """The run as an output of the cell that kept it."""
    payload = run.to_json()
    if run.weights is not None:
        payload["weights_npz_base64"] = base64.b64encode(_npz(run.weights)).decode("ascii")
    return new_output("display_data", {MIME_TYPE: payload, "text/plain": run.line})


@pytest.fixture(scope="module")
def verdict(tmp_path_factory: pytest.TempPathFactory) -> SubmissionVerdict:
    (source,) = COURSE.source_notebooks(ASSIGNMENT)
    master = read_notebook(source.read_bytes())
    released = read_notebook((COURSE.release / ASSIGNMENT / source.name).read_bytes())
    answer = Answer(source, ASSIGNMENT, "full", "", {}, [("model_selection", NO_TRAINING)], {})
    notebook = fill_in(master, released, answer, "gpu")
    runs = [on_gpu(run) for run in runs_from_folder(source.parent / "results")]
    assert {run.exercise for run in runs} == {"model_selection", "final_runs"}
    for cell in notebook.cells:
        if grade_id(cell) in ("given_selection", "given_final_runs"):
            kept_here = "model_selection" if grade_id(cell) == "given_selection" else "final_runs"
            cell.outputs = [shown(run) for run in runs if run.exercise == kept_here]
    root = tmp_path_factory.mktemp("course")
    course = make_course(COURSE, root)
    (root / "gpu.ipynb").write_text(nbformat.writes(notebook))
    assert collect(course, [root / "gpu.ipynb"]).unplaced == []
    report = grade_class(course, [ASSIGNMENT], workers=1)
    assert report.failures == []
    (found,) = report.verdicts
    return found


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
def test_a_sweep_from_a_gpu_earns_everything_without_being_run_again(verdict: SubmissionVerdict) -> None:
    messages = {exercise.exercise: exercise.messages for exercise in verdict.exercises}
    assert {e.exercise: e.points for e in verdict.exercises} == {e.exercise: e.max for e in verdict.exercises}, messages
    assert verdict.tamper == []
