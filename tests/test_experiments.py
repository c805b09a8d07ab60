"""Sweeps: every setting with every seed, kept run by run, taken up where they were interrupted."""

import json
import math
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pandas as pd
import pytest
from nbclient import NotebookClient

from helpers.experiments import Sweep, grid, summarise
from helpers.results import MissingResults, Results, runs_from_notebook

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = grid(units=[8, 16], batch_size=[32, 64])
SEEDS = [0, 1, 2]


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COURSEWORK_GRADING", "COURSEWORK_RETRAIN"):
        monkeypatch.delenv(name, raising=False)


class Recorded:
    """A function for a sweep that notes its calls and may be interrupted at one of them."""

    def __init__(self, stop_at: int | None = None, error: type[BaseException] = KeyboardInterrupt) -> None:
        self.calls: list[tuple[int, int, int]] = []
        self.stop_at, self.error = stop_at, error

    def __call__(self, *, units: int, batch_size: int, seed: int) -> dict[str, float]:
        if len(self.calls) == self.stop_at:
            raise self.error
        self.calls.append((units, batch_size, seed))
        return {"val_accuracy": units / 100 + seed / 1000, "seconds": batch_size}


def test_a_grid_has_all_combinations_and_the_last_name_varies_fastest() -> None:
    assert grid(units=range(1, 3), cell=("LSTM", "GRU")) == [
        {"units": 1, "cell": "LSTM"},
        {"units": 1, "cell": "GRU"},
        {"units": 2, "cell": "LSTM"},
        {"units": 2, "cell": "GRU"},
    ]


def test_the_table_has_one_row_a_run_setting_first(tmp_path: Path) -> None:
    table = Sweep("rnn_sweep", SETTINGS, SEEDS, tmp_path).run(Recorded())
    assert list(table.columns) == ["units", "batch_size", "seed", "val_accuracy", "seconds"]
    assert list(zip(table["units"], table["batch_size"], table["seed"], strict=True)) == [
        (units, size, seed) for units in (8, 16) for size in (32, 64) for seed in SEEDS
    ]
    assert table["val_accuracy"].tolist() == pytest.approx(table["units"] / 100 + table["seed"] / 1000)


def test_a_repeated_cell_computes_nothing_again(tmp_path: Path) -> None:
    first = Sweep("rnn_sweep", SETTINGS, SEEDS, tmp_path).run(Recorded())
    function = Recorded()
    again = Sweep("rnn_sweep", SETTINGS, SEEDS, tmp_path).run(function)
    assert function.calls == []
    pd.testing.assert_frame_equal(first, again)


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_an_interrupted_sweep_goes_on_where_it_was(tmp_path: Path, error: type[BaseException]) -> None:
    sweep = Sweep("rnn_sweep", SETTINGS, SEEDS, tmp_path)
    with pytest.raises(error):
        sweep.run(interrupted := Recorded(stop_at=5, error=error))
    assert len(sweep.table()) == 5 and len(sweep.missing()) == 7
    table = Sweep("rnn_sweep", SETTINGS, SEEDS, tmp_path).run(rest := Recorded())
    assert len(rest.calls) == 7 and not set(rest.calls) & set(interrupted.calls)
    assert len(table) == 12


def test_more_seeds_and_settings_are_added_to_what_is_there(tmp_path: Path) -> None:
    Sweep("rnn_sweep", SETTINGS[:2], SEEDS, tmp_path).run(Recorded())
    table = Sweep("rnn_sweep", SETTINGS, [*SEEDS, 7], tmp_path).run(function := Recorded())
    assert len(function.calls) == 10 and len(table) == 16
    assert len(Sweep("rnn_sweep", SETTINGS[2:], [7], tmp_path).run(Recorded())) == 2, "others are kept, not shown"


def test_again_computes_anew_and_can_itself_be_interrupted(tmp_path: Path) -> None:
    Sweep("rnn_sweep", SETTINGS, SEEDS, tmp_path).run(Recorded())
    with pytest.raises(KeyboardInterrupt):
        Sweep("rnn_sweep", SETTINGS, SEEDS, tmp_path, again=True).run(Recorded(stop_at=0))
    assert len(Results("rnn_sweep", tmp_path).runs()) == 12, "nothing is thrown away before the first new run is there"
    with pytest.raises(KeyboardInterrupt):
        Sweep("rnn_sweep", SETTINGS, SEEDS, tmp_path, again=True).run(Recorded(stop_at=2))
    Sweep("rnn_sweep", SETTINGS, SEEDS, tmp_path).run(rest := Recorded())
    assert len(rest.calls) == 10


def test_while_grading_nothing_is_computed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(KeyboardInterrupt):
        Sweep("rnn_sweep", SETTINGS, SEEDS, tmp_path).run(Recorded(stop_at=11))
    monkeypatch.setenv("COURSEWORK_GRADING", "1")
    function = Recorded()
    table = Sweep("rnn_sweep", SETTINGS, SEEDS, tmp_path).run(function)
    assert len(table) == 11
    assert "1 of 12 runs of rnn_sweep did not come with the hand-in" in capsys.readouterr().out
    others = [
        setting | {"units": 99 + setting["units"]} for setting in SETTINGS
    ]  # a sweep over what the hand-in has no runs of
    assert len(Sweep("rnn_sweep", others, SEEDS, tmp_path).run(function)) == 11
    with pytest.raises(MissingResults, match="12 of 12 runs of rnn_sweep did not come"):
        Sweep("rnn_sweep", SETTINGS, SEEDS, tmp_path / "empty").run(function)
    assert function.calls == []
    assert len(Sweep("rnn_sweep", SETTINGS, SEEDS[:2], tmp_path).run(function)) == 8 and function.calls == []


def test_numbers_that_python_holds_for_equal_are_different_settings(tmp_path: Path) -> None:
    settings = [{"rate": 1}, {"rate": 1.0}, {"rate": True}, {"rate": np.float32(0.5)}]
    table = Sweep("rnn_sweep", settings, [0], tmp_path).run(lambda rate, seed: {"loss": float(rate)})
    assert len(table) == 4 and Sweep("rnn_sweep", settings, [0], tmp_path).missing() == []


def test_weights_and_the_origin_of_the_data_are_kept_with_their_run(tmp_path: Path) -> None:
    sweep = Sweep("best_model", [{"units": 2}], [4], tmp_path, data={"source": "sample"})
    sweep.run(lambda units, seed: ({"loss": np.float32(0.5)}, {"layers/0": np.full(units, seed, np.float32)}))
    weights = sweep.results.weights({"units": 2})
    np.testing.assert_array_equal(weights["layers/0"], np.float32([4, 4]))
    assert sweep.results.run({"units": 2}).data == {"source": "sample"}


def test_a_metric_that_is_not_finite_is_nan_in_the_table(tmp_path: Path) -> None:
    sweep = Sweep("rnn_sweep", [{"rate": 9.0}], [0], tmp_path)
    assert math.isnan(sweep.run(lambda rate, seed: {"loss": math.inf})["loss"][0])


def test_an_empty_sweep_still_has_a_table(tmp_path: Path) -> None:
    table = Sweep("rnn_sweep", SETTINGS, SEEDS, tmp_path).table()
    assert table.empty and list(table.columns) == ["units", "batch_size", "seed"]


@pytest.mark.parametrize(
    ("settings", "seeds", "message"),
    [
        ([], [0], "one setting or more"),
        ([{}], [0], "one setting or more"),
        ({"units": [1, 2]}, [0], "use grid"),
        ([{"units": 1}, {"layers": 1}], [0], "the same keys"),
        ([{"units": 1}, {"units": 1}], [0], "twice"),
        ([{"units": 1, "seed": 3}], [0], "no part of a setting"),
        ([{"units": [1, 2]}], [0], "strings, numbers or booleans"),
        ([{"units": 1}], [], "one seed or more"),
        ([{"units": 1}], [0, 0], "all different"),
        ([{"units": 1}], [-1], "from 0 on"),
        ([{"units": 1}], [0.5], "whole numbers"),
        ([{"units": unit} for unit in range(500)], [0, 1, 2], "more than 1000 runs"),
    ],
)
def test_what_is_no_sweep_is_refused_at_once(settings: Any, seeds: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=message):
        Sweep("rnn_sweep", settings, seeds, tmp_path)


def test_what_is_no_choice_is_refused() -> None:
    with pytest.raises(ValueError, match="one string"):
        grid(mode="GRU")
    with pytest.raises(ValueError, match="no value"):
        grid(units=[])


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (0.9, "a dict of metrics"),
        (None, "a dict of metrics"),
        ({}, "a dict of metrics"),
        ({"val_accuracy": "90 %"}, "should be a number"),
        ({"units": 3}, "something that was chosen"),
        ({"seed": 3}, "something that was chosen"),
        (({"loss": 1.0}, [np.zeros(3)]), "dict of arrays by name"),
    ],
)
def test_what_a_function_should_return_is_said(answer: Any, message: str, tmp_path: Path) -> None:
    sweep = Sweep("rnn_sweep", [{"units": 1}], [0], tmp_path)
    with pytest.raises(ValueError, match=message):
        sweep.run(lambda units, seed: answer)
    assert sweep.missing() == [({"units": 1}, 0)]


# --- means and spreads ----------------------------------------------------------------------------------


def test_a_summary_has_mean_sample_deviation_and_number() -> None:
    table = pd.DataFrame({"units": [64, 64, 8, 8, 8], "seed": [0, 1, 0, 1, 2], "accuracy": [0.7, 0.9, 0.1, 0.2, 0.3]})
    summary = summarise(table, "units", "accuracy")
    assert list(summary.index) == [64, 8] and list(summary.columns) == ["mean", "std", "n"]
    np.testing.assert_allclose(summary["mean"], [0.8, 0.2])
    np.testing.assert_allclose(summary["std"], [np.std([0.7, 0.9], ddof=1), 0.1])
    assert summary["n"].tolist() == [2, 3]


def test_a_run_that_failed_is_not_left_out_and_one_run_has_no_spread() -> None:
    table = pd.DataFrame({"a": [1, 1, 2], "b": ["x", "x", "y"], "loss": [0.5, np.nan, 0.1]})
    summary = summarise(table, ["a", "b"], "loss")
    assert math.isnan(summary.loc[(1, "x"), "mean"]) and summary.loc[(1, "x"), "n"] == 2
    assert summary.loc[(2, "y"), "mean"] == 0.1 and math.isnan(summary.loc[(2, "y"), "std"])


def test_a_summary_of_what_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="no column 'f1'"):
        summarise(pd.DataFrame({"a": [1]}), "a", "f1")
    with pytest.raises(ValueError, match="no rows"):
        summarise(pd.DataFrame({"a": [], "f1": []}), "a", "f1")


# --- in a notebook, and without one ---------------------------------------------------------------------

_SWEEP = """import sys
sys.path.insert(0, {root!r})
from helpers.experiments import Sweep, grid
calls = []
def train(units, seed):
    if len(calls) == {stop}:
        raise KeyboardInterrupt
    calls.append(seed)
    return {{"loss": units + seed}}
table = Sweep("rnn_sweep", grid(units=[1, 2]), [0, 1]).run(train)
print(f"{{len(calls)}} new")  # one write: the kernel may send what a print of two values writes in two messages"""


@pytest.fixture
def run_notebook(tmp_path: Path) -> Iterator[Callable[[int], Any]]:
    def run(stop: int) -> Any:
        cell = nbformat.v4.new_code_cell(_SWEEP.format(root=str(ROOT), stop=stop))
        notebook = nbformat.v4.new_notebook(cells=[cell])
        client = NotebookClient(notebook, allow_errors=True, resources={"metadata": {"path": str(tmp_path)}})
        client.execute()
        return json.loads(nbformat.writes(notebook))

    return run


def test_a_cell_that_is_run_again_shows_all_runs_that_are_kept(run_notebook: Callable[[int], Any]) -> None:
    assert len(runs_from_notebook(run_notebook(3))) == 3
    again = run_notebook(9)
    assert len(runs_from_notebook(again)) == 4, "what was kept before the interruption must be handed in too"
    assert "1 new" in json.dumps(again)


def test_neither_torch_nor_tensorflow_nor_pandas_is_imported_before_it_is_needed() -> None:
    code = "import sys, helpers.experiments; print([m for m in ('torch', 'tensorflow', 'pandas') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
