"""Kept runs: in files, in notebooks, out of hostile ones; and while grading."""

import base64
import copy
import io
import json
import math
import os
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
import torch
from nbclient import NotebookClient

from helpers import results
from helpers.results import (
    MIME_TYPE,
    MissingResults,
    Results,
    Run,
    runs_from_folder,
    runs_from_notebook,
    write_runs,
)

ROOT = Path(__file__).resolve().parent.parent
WEIGHTS = {"fc.weight": np.arange(6, dtype=np.float32).reshape(2, 3), "steps": np.array(7)}


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COURSEWORK_GRADING", "COURSEWORK_RETRAIN"):
        monkeypatch.delenv(name, raising=False)


def keep(kept: Results, mode: str = "GRU", accuracy: float = 0.9, seed: int = 0, **more: Any) -> Run:
    setting = {"model": "RNN", "mode": mode}
    return kept.keep(setting=setting, seed=seed, metrics={"val_accuracy": accuracy}, **more)


def notebook_of(*payloads: object) -> dict[str, Any]:
    outputs = [{"output_type": "display_data", "metadata": {}, "data": {MIME_TYPE: payload}} for payload in payloads]
    stream = {"output_type": "stream", "name": "stdout", "text": "training"}
    cells = [{"cell_type": "markdown", "source": "", "metadata": {}}, {"cell_type": "code", "outputs": [stream]}]
    return {"cells": [*cells, {"cell_type": "code", "outputs": outputs}]}


def payload_of(run: Run) -> dict[str, Any]:
    payload = run.to_json()
    if run.weights is not None:
        payload["weights_npz_base64"] = base64.b64encode(results._npz(run.weights)).decode()
    return payload


def assert_same(run: Run, other: Run) -> None:
    assert payload_of(run) == payload_of(other)


# --- files ----------------------------------------------------------------------------------------------


def test_nothing_is_kept_at_first(tmp_path: Path) -> None:
    kept = Results("training", tmp_path)
    assert not kept.kept() and kept.runs() == [] and kept.table().empty
    assert not any(tmp_path.iterdir())


def test_a_run_is_there_again_with_all_that_it_had(tmp_path: Path) -> None:
    data = {"provenance": "a sample", "words": ("one", "two"), "mean": np.float32([0.5, 1])}
    run = keep(Results("training", tmp_path), weights=WEIGHTS, data=data, history={"val_loss": [1.0, math.nan]})
    (again,) = Results("training", tmp_path).runs()
    assert_same(again, run)
    assert again.setting == {"model": "RNN", "mode": "GRU"} and again.seed == 0
    assert again.data == {"provenance": "a sample", "words": ["one", "two"], "mean": [0.5, 1.0]}
    assert again.history["val_loss"][0] == 1.0 and math.isnan(again.history["val_loss"][1])
    assert {"kept", "python", "system", "numpy"} <= set(again.environment)
    assert again.weights is not None and set(again.weights) == set(WEIGHTS)
    for name, array in WEIGHTS.items():
        assert again.weights[name].dtype == array.dtype
        np.testing.assert_array_equal(again.weights[name], array)


def test_the_file_has_the_agreed_form(tmp_path: Path) -> None:
    run = keep(Results("training", tmp_path), weights=WEIGHTS)
    content = json.loads((tmp_path / "training" / f"{run.name}.json").read_text())
    assert content["format"] == 1 and content["exercise"] == "training" and content["seed"] == 0
    assert content["setting"] == {"model": "RNN", "mode": "GRU"}
    assert content["metrics"] == {"val_accuracy": 0.9}
    assert set(content) >= {"environment", "data"}
    with np.load(tmp_path / "training" / content["weights"], allow_pickle=False) as stored:
        np.testing.assert_array_equal(stored["fc.weight"], WEIGHTS["fc.weight"])


def test_the_table_has_setting_and_metrics_in_the_order_of_keeping(tmp_path: Path) -> None:
    kept = Results("training", tmp_path)
    for mode, accuracy in (("LSTM", 0.8), ("GRU", 0.9), ("A", math.inf)):
        keep(kept, mode, accuracy)
    table = Results("training", tmp_path).table()
    assert list(table.columns) == ["model", "mode", "val_accuracy"]
    assert list(table["mode"]) == ["LSTM", "GRU", "A"]
    assert list(table["val_accuracy"])[:2] == [0.8, 0.9] and math.isnan(table["val_accuracy"][2])


def test_the_same_setting_and_seed_replace_and_another_seed_does_not(tmp_path: Path) -> None:
    kept = Results("training", tmp_path)
    keep(kept, accuracy=0.1)
    keep(kept, accuracy=0.2, weights=WEIGHTS)
    keep(kept, accuracy=0.3, seed=1)
    assert [run.metrics["val_accuracy"] for run in kept.runs()] == [0.2, 0.3]


def test_weights_are_found_by_setting(tmp_path: Path) -> None:
    kept = Results("training", tmp_path)
    tensors = {"w": torch.ones(2, 2, requires_grad=True)}
    keep(kept, "GRU", weights=tensors)
    keep(kept, "LSTM")
    np.testing.assert_array_equal(kept.weights({"model": "RNN", "mode": "GRU"})["w"], np.ones((2, 2)))
    with pytest.raises(KeyError, match="has no weights: train again"):
        kept.weights({"model": "RNN", "mode": "LSTM"})
    with pytest.raises(KeyError, match="no run of"):
        kept.weights({"model": "RNN", "mode": "TANH"})


def test_a_number_of_runs_can_be_asked_for(tmp_path: Path) -> None:
    kept = Results("training", tmp_path)
    keep(kept)
    assert kept.kept() and not kept.kept(at_least=2)


@pytest.mark.parametrize("how", ["argument", "environment"])
def test_computing_again_replaces_the_old_runs_with_the_first_new_one(
    tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for mode in ("LSTM", "GRU"):
        keep(Results("training", tmp_path), mode, weights=WEIGHTS)
    if how == "environment":
        monkeypatch.setenv("COURSEWORK_RETRAIN", "1")
    kept = Results("training", tmp_path, again=how == "argument")
    assert not kept.kept() and kept.runs() == []
    assert len(runs_from_folder(tmp_path)) == 2, "old runs must stay until there is a new one"
    keep(kept, "RNN_TANH")
    assert [run.setting["mode"] for run in kept.runs()] == ["RNN_TANH"]
    assert not list(tmp_path.rglob("*.npz"))
    keep(kept, "RNN_RELU")
    assert len(kept.runs()) == 2


def test_exercises_do_not_see_each_others_runs(tmp_path: Path) -> None:
    keep(Results("training", tmp_path))
    assert not Results("rnn_sweep", tmp_path).kept()


def test_nothing_is_left_half_written(tmp_path: Path) -> None:
    keep(Results("training", tmp_path), weights=WEIGHTS)
    assert {file.suffix for file in (tmp_path / "training").iterdir()} == {".json", ".npz"}


def test_equal_weights_make_equal_bytes() -> None:
    assert results._npz(WEIGHTS) == results._npz(copy.deepcopy(WEIGHTS))


def test_names_are_safe_and_tell_settings_apart() -> None:
    def name(**setting: Any) -> str:
        return Run("training", setting, 0, {}).name

    hostile = name(model="../../etc/passwd", mode="a b\n\0" * 100)
    assert "/" not in hostile and "\0" not in hostile and not hostile.startswith(".") and len(hostile) < 100
    assert name(a=1) != name(b=1) and name(a="x y") != name(a="x_y") and name(a=1) == name(a=1)
    assert name(a=1, b=2).endswith(name(b=2, a=1)[-6:])


@pytest.mark.parametrize("exercise", ["../training", "", "Training", "a/b", ".", "x" * 80])
def test_an_exercise_that_leads_elsewhere_is_refused(exercise: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not the name of an exercise"):
        Results(exercise, tmp_path)
    with pytest.raises(ValueError, match="not the name of an exercise"):
        write_runs([Run(exercise, {}, 0, {})], tmp_path)


def test_what_cannot_be_kept_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Results("training", tmp_path)
    with pytest.raises(ValueError, match="cannot be kept"):
        keep(kept, data={"model": torch.nn.Linear(1, 1)})
    with pytest.raises(ValueError, match="must be numbers"):
        keep(kept, weights={"w": np.array(["text"])})
    with pytest.raises(ValueError, match="too large"):
        keep(kept, data={"text": "x" * results.MAX_RUN_BYTES})
    monkeypatch.setattr(results, "MAX_WEIGHTS_BYTES", 1000)
    with pytest.raises(ValueError, match="weights are too large"):
        keep(kept, weights={"w": np.zeros(1000)})
    monkeypatch.setattr(results, "MAX_RUNS", 0)
    with pytest.raises(ValueError, match="already holds"):
        keep(kept)
    assert runs_from_folder(tmp_path) == []


def test_a_damaged_file_is_named_and_says_what_to_do(tmp_path: Path) -> None:
    kept = Results("training", tmp_path)
    run = keep(kept, weights=WEIGHTS)
    keep(kept, "LSTM")
    weights = tmp_path / "training" / f"{run.name}.npz"
    for damage in (b"", b"no zip", weights.read_bytes()[:-30]):
        weights.write_bytes(damage)
        with pytest.raises(ValueError, match=rf"{run.name}.* is damaged .*: remove it and train again"):
            kept.runs()
        problems: list[str] = []
        assert [found.setting["mode"] for found in runs_from_folder(tmp_path, problems)] == ["LSTM"]
        assert len(problems) == 1 and run.name in problems[0] and str(tmp_path) not in problems[0]
    with pytest.raises(ValueError, match="is damaged"):
        runs_from_folder(tmp_path)


def test_weights_elsewhere_and_runs_of_other_exercises_are_refused(tmp_path: Path) -> None:
    run = keep(Results("training", tmp_path), weights=WEIGHTS)
    file = tmp_path / "training" / f"{run.name}.json"
    content = json.loads(file.read_text())
    for change, message in (({"weights": "../secret.npz"}, "beside it"), ({"exercise": "quiz"}, "exercise quiz")):
        file.write_text(json.dumps(content | change))
        with pytest.raises(ValueError, match=message):
            Results("training", tmp_path).runs()


# --- notebooks ------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_runs_come_along_in_the_notebook_and_stay_in_it(tmp_path: Path) -> None:
    train = (
        "import numpy as np\nfrom helpers.results import Results\nkept = Results('training')\n"
        "if not kept.kept():\n    for mode in ('LSTM', 'GRU'):\n"
        "        kept.keep(setting={'mode': mode}, seed=0, metrics={'val_accuracy': 0.5},\n"
        "                  weights={'w': np.arange(3)} if mode == 'GRU' else None)"
    )
    for _ in range(2):  # the second time, the runs are taken from the files
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(train)])
        NotebookClient(notebook, resources={"metadata": {"path": str(tmp_path)}}, timeout=60).execute()
        runs = runs_from_notebook(json.loads(nbformat.writes(notebook)))
        assert [run.setting["mode"] for run in runs] == ["LSTM", "GRU"]
        assert runs[1].weights is not None and runs[1].weights["w"].tolist() == [0, 1, 2]
        (first, _) = notebook.cells[0].outputs
        assert first.data["text/plain"] == "kept: training mode=LSTM seed=0: val_accuracy 0.5"
    for run, file in zip(runs, Results("training", tmp_path / "results").runs(), strict=True):
        assert_same(run, file)


def test_runs_from_a_notebook_become_the_files_that_it_looks_for(tmp_path: Path) -> None:
    runs = [keep(Results("training", tmp_path / "a"), mode, weights=WEIGHTS) for mode in ("LSTM", "GRU")]
    write_runs(runs_from_notebook(notebook_of(*map(payload_of, runs))), tmp_path / "b")
    found = Results("training", tmp_path / "b")
    assert found.kept(at_least=2)
    for run, again in zip(runs, found.runs(), strict=True):
        assert_same(run, again)


def test_some_editors_keep_our_output_as_text(tmp_path: Path) -> None:
    run = keep(Results("training", tmp_path), weights=WEIGHTS)
    text = json.dumps(payload_of(run), indent=1)
    for payload in (text, text.splitlines(keepends=True)):
        (found,) = runs_from_notebook(notebook_of(payload))
        assert_same(found, run)


def test_of_the_same_run_the_last_one_counts(tmp_path: Path) -> None:
    kept = Results("training", tmp_path)
    payloads = [payload_of(keep(kept, accuracy=accuracy)) for accuracy in (0.1, 0.2)]
    assert [run.metrics["val_accuracy"] for run in runs_from_notebook(notebook_of(*payloads))] == [0.2]


def test_a_notebook_without_runs_has_none() -> None:
    assert runs_from_notebook({}) == [] and runs_from_notebook(notebook_of()) == []


def npz(packing: int = zipfile.ZIP_DEFLATED, /, **members: bytes) -> str:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", packing) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return base64.b64encode(stream.getvalue()).decode()


def damaged_npz(packing: int) -> str:
    content = bytearray(base64.b64decode(npz(packing, w=npy(np.arange(99.0)))))
    content[45:55] = bytes(10)
    return base64.b64encode(content).decode()


def npy_with(header: str) -> bytes:
    """A .npy file with this text as its header."""
    text = header.encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


def npy(array: np.ndarray, allow_pickle: bool = False) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=allow_pickle)
    return stream.getvalue()


GOOD = {
    "format": 1,
    "exercise": "training",
    "setting": {"mode": "GRU"},
    "seed": 0,
    "metrics": {"val_accuracy": 0.5},
    "environment": {},
    "data": {},
    "weights": "x.npz",
    "weights_npz_base64": npz(w=npy(np.ones(2))),
}


@pytest.mark.parametrize(
    "payload",
    [
        7,
        "no JSON",
        "[" * 100_000,
        {},
        GOOD | {"format": 2},
        GOOD | {"exercise": "../up"},
        GOOD | {"setting": [1]},
        GOOD | {"seed": "0"},
        GOOD | {"seed": -1},
        GOOD | {"seed": 10**30},
        GOOD | {"metrics": {"val_accuracy": "high"}},
        GOOD | {"metrics": {"val_accuracy": True}},
        GOOD | {"history": {"val_loss": 1}},
        GOOD | {"data": {"text": "x" * 300_000}},
        GOOD | {"weights": 7},
        {key: value for key, value in GOOD.items() if key != "weights_npz_base64"},
        GOOD | {"weights_npz_base64": "***"},
        GOOD | {"weights_npz_base64": base64.b64encode(b"no zip").decode()},
        GOOD | {"weights_npz_base64": npz(w=b"no array")},
        GOOD | {"weights_npz_base64": npz(w=npy(np.array([print], object), allow_pickle=True))},
        GOOD | {"weights_npz_base64": npz(w=npy(np.array(["text"])))},
        GOOD | {"weights_npz_base64": npz(w=npy(np.ones(9))[:-8])},
        GOOD | {"weights_npz_base64": npz(w=b"\0" * (64 * 2**20))},
        GOOD | {"weights_npz_base64": npz(w=npy_with("{'descr': ("))},
        GOOD | {"weights_npz_base64": npz(w=npy_with("-" * 9000 + "1"))},
        GOOD | {"weights_npz_base64": npz(w=npy_with("[" * 150 + "]" * 150))},
        GOOD | {"weights_npz_base64": npz(w=npy_with("{'descr':'<f4','fortran_order':False,'shape':(0,10**30)}"))},
        GOOD
        | {"weights_npz_base64": npz(w=npy_with("{'descr':'<f4','fortran_order':False,'shape':(True,)}") + bytes(4))},
        GOOD
        | {"weights_npz_base64": npz(w=npy_with("{'descr':'<f4','fortran_order':False,'shape':(-2,-2)}") + bytes(16))},
        GOOD | {"weights_npz_base64": npz(w=npy_with("{'descr':'<f8','fortran_order':False,'shape':(10**6,10**6)}"))},
        GOOD | {"weights_npz_base64": npz(w=npy_with("__import__('os').abort()"))},
        GOOD | {"weights_npz_base64": npz(w=npy(np.zeros(results.MAX_WEIGHTS_BYTES // 8 + 1)))},
        GOOD | {"weights_npz_base64": npz(**{str(n): npy(np.zeros(0)) for n in range(results.MAX_ARRAYS + 1)})},
        GOOD | {"weights_npz_base64": npz(**{"w" * 65_000: npy(np.zeros(0))})},
        GOOD | {"weights_npz_base64": damaged_npz(zipfile.ZIP_DEFLATED)},
        GOOD | {"weights_npz_base64": damaged_npz(zipfile.ZIP_BZIP2)},
        GOOD | {"weights_npz_base64": damaged_npz(zipfile.ZIP_LZMA)},
        GOOD | {"setting": {"rate": math.nan}},
        GOOD | {"data": {"rate": math.inf}},
        GOOD | {"data": {"text": "\ud800"}},
        GOOD | {"data": {"many": [1] * 60_000}},
        GOOD | {"seed": True},
    ],
)
def test_a_damaged_or_hostile_run_is_described_and_left_out(payload: object) -> None:
    with pytest.raises(ValueError, match="cell 2: "):
        runs_from_notebook(notebook_of(payload))
    problems: list[str] = []
    (good,) = runs_from_notebook(notebook_of(payload, GOOD), problems)
    assert good.weights is not None and good.weights["w"].tolist() == [1, 1]
    assert len(problems) == 1 and len(problems[0]) < 400


def test_what_was_read_can_be_written_again(tmp_path: Path) -> None:
    size = next(n for n in range(results.MAX_RUN_BYTES, 0, -1000) if fits({"a": ["x" * n]}))
    payloads = [GOOD | {"data": {"a": ["x" * size]}}, GOOD | {"seed": 1, "metrics": {"a": math.nan, "b": 10**400}}]
    runs = runs_from_notebook(notebook_of(*payloads))
    assert len(runs) == 2
    write_runs(runs, tmp_path)
    assert len(runs_from_folder(tmp_path)) == 2


def test_also_weights_that_take_more_when_they_are_packed_by_us(tmp_path: Path) -> None:
    """A .npy file may have a shorter header than numpy gives it."""
    header, content = "{'descr':'|u1','fortran_order':False,'shape':(16000,)}", os.urandom(16_000)
    packed = npz(**{str(n): npy_with(header) + content for n in range(results.MAX_ARRAYS)})
    runs = runs_from_notebook(notebook_of(GOOD | {"weights_npz_base64": packed}))
    write_runs(runs, tmp_path)
    assert next(tmp_path.glob("*/*.npz")).stat().st_size > len(base64.b64decode(packed))


def fits(data: dict[str, object]) -> bool:
    return bool(runs_from_notebook(notebook_of(GOOD | {"data": data}), []))


def test_the_weights_of_all_runs_together_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "MAX_ALL_WEIGHTS_BYTES", 2500)
    payloads = [GOOD | {"seed": seed, "weights_npz_base64": npz(w=npy(np.zeros(200)))} for seed in range(4)]
    problems: list[str] = []
    runs = runs_from_notebook(notebook_of(*payloads), problems)
    assert [run.seed for run in runs] == [0, 1]
    assert len(problems) == 2 and "all runs" in problems[0]
    write_runs(runs, tmp_path)
    write_runs([replace(runs[0], seed=7)], tmp_path)
    problems.clear()
    assert len(runs_from_folder(tmp_path, problems)) == 2
    assert len(problems) == 1 and "all runs" in problems[0]


def test_so_is_the_text_of_all_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_runs(runs_from_notebook(notebook_of(GOOD, GOOD | {"seed": 1})), tmp_path)
    monkeypatch.setattr(results, "MAX_ALL_RUNS_BYTES", 300)
    problems: list[str] = []
    assert len(runs_from_folder(tmp_path, problems)) == 1
    assert "more than 300 bytes" in problems[0]


def test_weights_that_are_too_large_are_not_read(tmp_path: Path) -> None:
    write_runs(runs_from_notebook(notebook_of(GOOD)), tmp_path)
    (file,) = tmp_path.glob("*/*.npz")
    with file.open("r+b") as stream:
        stream.truncate(2**40)
    problems: list[str] = []
    assert runs_from_folder(tmp_path, problems) == []
    assert "more than" in problems[0]


def test_damaged_runs_are_described_in_few_short_lines() -> None:
    problems: list[str] = []
    runs_from_notebook(notebook_of(*[GOOD | {"exercise": "\x1b[2J\n" * 500}] * 100), problems)
    assert len(problems) == results.MAX_PROBLEMS + 1
    assert problems[-1] == "and 80 more kept runs are damaged"
    assert all(len(line) < 250 and line.isprintable() for line in problems)


def test_a_header_that_promises_more_than_there_is_takes_no_memory() -> None:
    content = npy(np.ones(2))
    promise = content.replace(b"(2,), }        ", b"(2" + b"0" * 8 + b",), }")
    assert len(promise) == len(content)
    with pytest.raises(ValueError, match="cut off"):
        results._read_array(promise)


def test_numbers_that_json_has_no_word_for_are_read_as_nan() -> None:
    (run,) = runs_from_notebook(notebook_of(GOOD | {"metrics": {"a": None, "b": 10**400}}))
    assert math.isnan(run.metrics["a"]) and math.isnan(run.metrics["b"])


# --- grading ----------------------------------------------------------------------------------------------------


def test_while_grading_nothing_is_computed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(Results("training", tmp_path))
    monkeypatch.setenv("COURSEWORK_GRADING", "1")
    monkeypatch.setenv("COURSEWORK_RETRAIN", "1")
    kept = Results("training", tmp_path, again=True)
    assert kept.kept() and len(kept.runs()) == 1
    with pytest.raises(MissingResults, match="only 1 of 8 results came with the hand-in"):
        kept.kept(at_least=8)
    with pytest.raises(MissingResults, match="no results came with the hand-in"):
        Results("rnn_sweep", tmp_path).kept()


def test_outside_a_notebook_nothing_is_displayed(tmp_path: Path) -> None:
    code = (
        "from helpers.results import Results\n"
        "Results('training').keep(setting={}, seed=0, metrics={'a': 1})\nprint(Results('training').kept())"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == "True\n" and done.stderr == ""
