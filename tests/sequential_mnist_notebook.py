"""The notebook `sequential_mnist` in this process: its given cells, the reference's answers, answers of the bank."""

import contextlib
import functools
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from autograder.bank import Answer, parse_answer, reference_source
from autograder.channel import Candidate, local_candidate
from autograder.notebooks import grade_id, read_notebook
from helpers.results import Run
from helpers.seeding import seed_everything

NOTEBOOK = Path(__file__).parent.parent / "source" / "sequential_mnist" / "sequential_mnist.ipynb"
ANSWERS = {path.stem: path for path in Path(__file__).parent.glob("*answers/sequential_mnist/*.py")}
ORDER = (
    "pixel_sequences",
    "recurrent_models",
    "antisymmetric_cell",
    "search_space",
    "model_selection",
    "final_runs",
    "results_table",
)
GIVEN = {"given_setup": 0, "given_data": 0, "given_sequences": 1, "given_training": 3}
"""The given cells that define something, and before which exercise they stand."""
SEEDS = (0, 1, 2, 3, 4)


@functools.cache
def _cells() -> dict[str | None, Any]:
    return {grade_id(cell): cell for cell in read_notebook(NOTEBOOK.read_bytes()).cells}


@functools.cache
def _given_setup() -> dict[str, Any]:
    """What the first cells define: the imports and the sample, loaded once."""
    place: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(_cells()["given_setup"].source, place)
    place |= {"SOURCE": "sample", "PERMUTED": False, "LIMIT": None, "RETRAIN": False}
    source = _cells()["given_data"].source.partition("examples =")[0]
    with contextlib.redirect_stdout(io.StringIO()):
        exec(source, place)
    return place


def namespace(answer: Answer | None = None, until: str = "results_table") -> dict[str, Any]:
    """What the notebook has defined behind the answer to this exercise, and before its given cells.

    In place of trainings there are made-up runs: `chosen`, `Sweep` and `final_results` are those of `made_up_runs`.
    """
    place = dict(_given_setup())
    with contextlib.redirect_stdout(io.StringIO()):
        for number, exercise in enumerate(ORDER):
            for given in [name for name, before in GIVEN.items() if before == number and number]:
                exec(_cells()[given].source, place)
            source = (answer.replaced if answer else {}).get(exercise) or reference_source(_cells()[exercise])
            exec(compile(source, f"<cell {exercise}>", "exec"), place)
            for title, added in answer.added if answer else ():
                if title == exercise:
                    exec(compile(added, f"<cell after {exercise}>", "exec"), place)
            if exercise == "model_selection":
                place["chosen"] = {kind: dict(setting) for kind, setting in CHOSEN.items()}
                place["Sweep"] = MadeUpSweep
            if exercise == until:
                break
            if exercise == "final_runs":
                place["final_results"] = MadeUpSweep(SEEDS).run(None)
    return place


CHOSEN = {
    "rnn": {"hidden_size": 32, "learning_rate": 0.003},
    "gru": {"hidden_size": 64, "learning_rate": 0.01},
    "lstm": {"hidden_size": 32, "learning_rate": 0.003},
    "antisymmetric": {"hidden_size": 64, "learning_rate": 0.003},
}


@functools.cache
def made_up_runs() -> tuple[Run, ...]:
    """Runs as the reference keeps them, of models that were never trained: what they reach, they reach by chance."""
    place = namespace(until="final_runs")
    origin = {"source": "sample", "provenance": "made up", "permuted": False, "device": "cpu"}
    runs = [
        Run("model_selection", {"kind": kind} | setting, 0, {"val_accuracy": 0.5}, data=origin)
        for kind, setting in CHOSEN.items()
    ]
    rng = np.random.default_rng(0)
    for kind, setting in CHOSEN.items():
        for seed in SEEDS:
            seed_everything(seed)
            whole = {"kind": kind} | place["DEFAULTS"] | setting
            model = place["build_model"](kind, whole["hidden_size"], whole["num_layers"], 10)
            metrics = {
                "train_accuracy": float(rng.uniform(0.8, 0.9)),
                "test_accuracy": place["accuracy"](model, place["test"]),
                "seconds": 9.0,
            }
            weights = {name: value.numpy().copy() for name, value in model.state_dict().items()}
            runs.append(Run("final_runs", whole, seed, metrics, {}, origin, {}, weights if seed == 0 else None))
    return tuple(runs)


class MadeUpSweep:
    """Stands for helpers.experiments.Sweep: the table of those made-up runs whose seeds are asked for."""

    def __init__(self, seeds: Sequence[int]) -> None:
        if len(set(seeds)) < len(seeds):
            raise ValueError("give seeds that are all different")
        self.seeds = seeds

    def run(self, function: Any) -> pd.DataFrame:
        final = [run for run in made_up_runs() if run.exercise == "final_runs" and run.seed in self.seeds]
        return pd.DataFrame([run.setting | {"seed": run.seed} | run.metrics for run in final])


def candidate(answer: Answer | None = None, exercise: str = "results_table") -> Candidate:
    """The notebook behind the answer to this exercise and the given cells that follow it."""
    place = namespace(answer, exercise)
    if exercise == "final_runs":
        with contextlib.suppress(ValueError):  # as in the notebook, where later cells go on without the table
            table = place["Sweep"](place["SEEDS"]).run(None)
            place["final_results"] = table[["kind", "seed", "train_accuracy", "test_accuracy"]]
    return local_candidate(place)


def answers(exercise: str) -> dict[str, Answer]:
    """The bank's answers to one exercise by name."""
    parsed = {name: parse_answer(path) for name, path in ANSWERS.items()}
    return {name: a for name, a in parsed.items() if exercise in {*a.replaced, *(place for place, _ in a.added)}}
