"""What only the notebook `sequential_mnist` has; what every notebook has is in `test_source_notebooks.py`."""

from pathlib import Path

import numpy as np

from helpers.results import runs_from_folder

RESULTS = Path(__file__).parent.parent / "source" / "sequential_mnist" / "results"


def test_the_kept_results_are_complete_and_of_the_sample() -> None:
    runs = runs_from_folder(RESULTS)
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
