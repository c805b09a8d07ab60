"""The benchmark on sequential MNIST: its own network is the one of the paper, and what is kept is not trained again."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest
import torch

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    """bench/sequential_mnist.py, which is a script and no package."""
    path = ROOT / "bench" / "sequential_mnist.py"
    spec = importlib.util.spec_from_file_location("sequential_mnist_bench", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["sequential_mnist_bench"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def test_the_antisymmetric_network_is_that_of_the_paper(bench):
    torch.manual_seed(0)
    network, sequences = bench.Antisymmetric(5, 3), torch.rand(2, 7, 1)
    matrix = network.w - network.w.T - bench.GAMMA * torch.eye(5)
    for sequence, logits in zip(sequences, network(sequences), strict=True):
        h = torch.zeros(5)
        for x in sequence:
            h = h + bench.EPSILON * torch.tanh(matrix @ h + network.input(x))
        torch.testing.assert_close(network.read(h), logits)


@pytest.mark.parametrize("kind", ["gru", "lstm"])
def test_gates_begin_open_for_up_to_the_whole_sequence(bench, kind):
    torch.manual_seed(0)
    layer = bench.LastState(kind, 200, 784, 10).layer
    n = layer.hidden_size
    kept = (layer.bias_ih_l0 + layer.bias_hh_l0)[n : 2 * n].detach()
    steps = torch.exp(kept) + 1  # a gate of sigma(b) keeps 1/e after about so many steps
    assert steps.min() >= 2 and steps.max() <= 784
    assert 300 < steps.median() < 480


def test_runs_are_kept_and_taken_up(bench, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COURSEWORK_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("COURSEWORK_MIRROR", raising=False)
    kept = tmp_path / "runs.json"
    sizes = ["--train", "40", "--test", "30", "--hidden", "4", "--batch", "20", "--epochs", "1"]
    command = ["bench", "--source", "sample", *sizes, "--device", "cpu", "--json", str(kept), "--seeds"]
    monkeypatch.setattr(sys, "argv", [*command, "1", "2"])
    bench.main()
    table = capsys.readouterr().out
    runs = json.loads(kept.read_text())
    assert len(runs) == 4 * 2 * 2
    assert {(run["order"], run["kind"]) for run in runs} == {(o, k) for o in bench.ORDERS for k in bench.KINDS}
    assert table.count("| sequential |") == table.count("| permuted |") == 4
    assert "16 runs" in table

    monkeypatch.setattr(sys, "argv", [*command, "2", "3"])
    bench.main()
    assert "seed 2" not in (again := capsys.readouterr().out) and "seed 3" in again
    assert json.loads(kept.read_text())[:16] == runs
