"""Studies: settings reach the functions that name them, runs are kept, and a table is judged by its columns."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from autograder.notebooks import read_notebook
from helpers import plots
from helpers.data import mackey_glass
from helpers.laboratory import (
    QUESTIONS,
    experiment,
    kept_curve,
    lacking,
    overfitting,
    questions_table,
    remarks,
    setting_columns,
    study,
)
from helpers.results import runs_from_folder
from helpers.sequences import Data, forecasting, next_elements

ROOT = Path(__file__).parent.parent
SERIES = np.sin(np.arange(400) / 5) + np.random.default_rng(0).normal(size=400) / 2


def make_data(window: int = 8, reverse: bool = False) -> Data:
    data = forecasting(SERIES, window, horizon=3, longest=16)
    return data if not reverse else Data(data.train, data.validation, data.test)


class Network(nn.Module):
    def __init__(self, cell: str, units: int, outputs: int) -> None:
        super().__init__()
        self.rnn = getattr(nn, cell)(1, units, batch_first=True)
        self.head = nn.Linear(units, outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.rnn(x)[0][:, -1])


def build(outputs: int, cell: str = "RNN", units: int = 4) -> nn.Module:
    return Network(cell, units, outputs)


# --- one run ---


def test_a_run_holds_both_metrics_the_baseline_and_the_losses():
    metrics, weights, history = experiment(make_data, build, "regression", epochs=2)(seed=0, window=8, units=4)
    assert {"train_r2", "val_r2", "val_rmse", "baseline_val_r2", "parameters", "seconds", "best_epoch"} <= set(metrics)
    assert weights is None
    assert len(history["train_loss"]) == len(history["val_loss"]) == 2
    assert metrics["parameters"] == 4 * 1 + 4 * 4 + 8 + 5


def test_seeds_make_a_difference_and_the_same_seed_makes_none():
    run = experiment(make_data, build, "regression", epochs=1)
    first, again, other = (run(seed=seed, units=4)[0]["val_rmse"] for seed in (0, 0, 1))
    assert first == again != other


def test_settings_reach_data_network_and_training():
    seen = []

    def data(window: int) -> Data:
        seen.append(window)
        return make_data(window)

    run = experiment(data, build, "regression", epochs=1)
    few = run(seed=0, window=4, units=2, batch_size=64)[0]
    many = run(seed=0, window=4, units=2, batch_size=8)[0]
    wide = run(seed=0, window=4, units=8, batch_size=8)[0]
    assert few["val_rmse"] != many["val_rmse"]
    assert few["parameters"] == many["parameters"] < wide["parameters"]
    assert seen == [4]  # the data are made once for all runs that share them


def test_a_setting_that_nobody_takes_is_an_error():
    with pytest.raises(ValueError, match="'unitz', but neither"):
        experiment(make_data, build, "regression", epochs=1)(seed=0, unitz=4)
    with pytest.raises(ValueError, match="train\\(\\) knows no epoch;"):
        experiment(make_data, build, "regression", epoch=1)


def test_a_function_that_trains_by_itself_is_taken_at_its_word():
    def trained(data: Data, seed: int, units: int) -> dict[str, float]:
        return {"val_accuracy": units / 100 + seed, "examples": len(data.train[1])}

    found = experiment(make_data, trained, "regression")(seed=2, units=50)
    assert found == {"val_accuracy": 2.5, "examples": len(make_data().train[1])}


def test_a_method_of_scikit_learn_is_a_setting_like_others():
    run = experiment(make_data, lambda outputs, method: build(outputs, method), "regression", epochs=1)
    ridge = run(seed=0, method="baseline: ridge")
    assert ridge["val_r2"] == ridge["baseline_val_r2"] > 0.3
    assert run(seed=0, method="GRU")[0]["parameters"] > 0
    with pytest.raises(ValueError, match="no method 'rigde'"):
        run(seed=0, method="baseline: rigde")


def test_the_test_part_is_scored_only_when_it_is_asked_for():
    assert not any("test" in name for name in experiment(make_data, build, "regression", epochs=1)(seed=0)[0])
    found = experiment(make_data, build, "regression", epochs=1, parts=["test"])(seed=0)[0]
    assert {"test_r2", "baseline_test_r2"} <= set(found)
    assert not any(name.startswith(("val_", "train_")) for name in found)


def test_generation_is_scored_in_bits():
    def ids() -> Data:
        return next_elements(np.tile([0, 1, 2, 1], 60), window=4)

    class Letters(nn.Module):
        def __init__(self, symbols: int, outputs: int) -> None:
            super().__init__()
            self.embedding = nn.Embedding(symbols, 4)
            self.body = Network("GRU", 8, outputs)
            self.body.rnn = nn.GRU(4, 8, batch_first=True)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.body(self.embedding(x))

    def letters(data: Data, outputs: int) -> nn.Module:
        return Letters(data.symbols(), outputs)

    found = experiment(ids, letters, "generation", epochs=20, batch_size=16, lr=0.02)(seed=0)[0]
    assert found["val_bits"] < 0.2 < found["baseline_val_bits"]  # after 1 comes 0 or 2, which a pair cannot tell


# --- studies ---


def small_study(folder: Path) -> pd.DataFrame:
    run = experiment(make_data, build, "regression", epochs=1)
    return study(run, QUESTIONS["window"].settings(cell=["RNN"], window=[4, 8, 16]), folder=str(folder))


def test_a_study_keeps_its_runs_and_is_not_run_twice(tmp_path, capsys, monkeypatch):
    table = small_study(tmp_path)
    assert len(table) == 9
    assert setting_columns(table) == ["cell", "window"]
    assert lacking(table) == []
    shown = capsys.readouterr().out.replace("\r", "\n").split("\n")
    assert all(line.startswith("experiments: ") for line in shown if line.strip())  # the bar, and nothing else
    assert len(runs_from_folder(tmp_path)) == 9

    def never(**setting: object) -> None:
        raise AssertionError("trained again")

    again = study(never, QUESTIONS["window"].settings(cell=["RNN"], window=[4, 8, 16]), folder=str(tmp_path))
    assert again.equals(table)
    monkeypatch.setenv("COURSEWORK_GRADING", "1")  # neither data nor network are there
    assert study(never, [{"cell": "RNN", "window": 4}], folder=str(tmp_path)).shape[0] == 3


def test_losses_of_a_kept_run_are_found_again_and_drawn(tmp_path):
    small_study(tmp_path)
    curve = kept_curve(1, folder=str(tmp_path), cell="RNN", window=8)
    assert len(curve.val_loss) == 1
    figure = plots.loss_curves({"one": curve, "two": curve}, level=0.5)
    assert [axes.get_title() for axes in figure.axes] == ["one", "two"]
    with pytest.raises(KeyError, match="no losses"):
        kept_curve(7, folder=str(tmp_path), cell="RNN", window=8)


def table(**columns: object) -> pd.DataFrame:
    """Three settings of three seeds, with what is given in place of what is right."""
    right = {
        "units": np.repeat([8, 16, 32], 3),
        "seed": np.tile([0, 1, 2], 3),
        "val_accuracy": np.linspace(0.5, 0.7, 9),
        "baseline_val_accuracy": 0.4,
    }
    return pd.DataFrame({name: value for name, value in {**right, **columns}.items() if value is not None})


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"units": np.repeat([8, 16, 16], 3), "seed": np.arange(9)}, "3 settings or more"),
        ({"seed": np.tile([0, 1, 1], 3)}, "3 seeds or more"),
        ({"seed": np.tile([0, 1, 1], 3)}, "occur twice"),
        ({"val_accuracy": None}, "begin with val_"),
        ({"val_accuracy": [np.nan, *np.linspace(0.5, 0.7, 8)]}, "is nan"),
        ({"baseline_val_accuracy": None}, "no baseline"),
        ({"units": None}, "a column for what was chosen"),
        ({"seed": None}, "a column seed"),
    ],
)
def test_what_a_table_lacks_is_named(columns, words):
    assert lacking(table()) == []
    assert any(words in line for line in lacking(table(**columns))), lacking(table(**columns))


def test_rows_of_a_baseline_need_no_seeds():
    networks = table(baseline_val_accuracy=None).rename(columns={"units": "method"}).astype({"method": str})
    assert lacking(networks)
    row = pd.DataFrame([{"method": "baseline: ridge", "seed": 0, "val_accuracy": 0.4}])
    assert lacking(pd.concat([networks, row])) == []


def test_data_that_are_too_easy_are_remarked_and_not_forbidden():
    easy = table(baseline_val_accuracy=0.97)
    assert lacking(easy) == []
    assert "97.0%" in remarks(easy)[0]


def test_where_over_fitting_begins():
    units = np.repeat([8, 16, 32, 64], 2)
    train, val = np.repeat([0.6, 0.7, 0.8, 0.9], 2), np.array([0.50, 0.52, 0.60, 0.62, 0.60, 0.61, 0.40, 0.44])
    found = overfitting(pd.DataFrame({"units": units, "train_r2": train, "val_r2": val}), "units", "r2")
    assert found["overfits"].tolist() == [False, False, False, True]
    assert found["gap"].tolist() == pytest.approx([0.09, 0.09, 0.195, 0.48])
    worse = pd.DataFrame({"units": units, "train_loss": -train, "val_loss": -val})
    assert overfitting(worse, "units", "loss", larger_is_better=False)["overfits"].tolist() == [False] * 3 + [True]


def test_a_network_that_is_too_small_does_not_overfit():
    columns = {"units": np.repeat([8, 16], 2), "train_r2": [0.3, 0.3, 0.9, 0.9], "val_r2": [0.2, 0.21, 0.8, 0.81]}
    assert not overfitting(pd.DataFrame(columns), "units", "r2")["overfits"].any()


# --- suggested questions, and what the notebook tells ---


def test_every_question_has_settings_that_can_be_changed():
    assert len(QUESTIONS) >= 10
    for question in QUESTIONS.values():
        settings = question.settings()
        assert 3 <= len(settings) <= 30 or question.choices == QUESTIONS["reversed"].choices
    assert QUESTIONS["window"].settings(cell=["GRU"], window=[2, 4]) == [
        {"cell": "GRU", "window": 2},
        {"cell": "GRU", "window": 4},
    ]
    assert list(questions_table().index) == list(QUESTIONS)


def snippets() -> list[str]:
    """The programs in the notebook's text."""
    notebook = read_notebook((ROOT / "source" / "project" / "project.ipynb").read_bytes())
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return re.findall(r"```python\n(.*?)```", text, flags=re.S)


@pytest.mark.parametrize("number", range(3))
def test_programs_in_the_notebooks_text_run(number, tmp_path, monkeypatch):
    from helpers.experiments import grid

    monkeypatch.chdir(tmp_path)
    program = snippets()[number].replace("epochs=20", "epochs=1").replace("seeds=[0, 1, 2]", "seeds=[0]")
    assert len(snippets()) == 3
    namespace = {"load": mackey_glass.load, "forecasting": forecasting, "experiment": experiment}
    namespace |= {"study": study, "grid": grid}
    exec(program, namespace)
    assert len(namespace["table"]) == 3
    assert "baseline_val_accuracy" in namespace["table"] or "baseline_val_r2" in namespace["table"]


def test_a_measured_column_of_ones_own_is_no_setting() -> None:
    rows = [(units, seed, 0.5 + units / 100 + seed / 1000) for units in (8, 16, 32) for seed in range(3)]
    table = pd.DataFrame(rows, columns=["units", "seed", "val_r2"]).assign(baseline_val_r2=0.4, lr=0.01)
    table["error_explained"] = 1 - table["val_r2"]
    assert setting_columns(table) == ["units", "lr"]
    assert lacking(table) == []
