"""Devices: torch's choice and threads here, tensorflow's in a process of its own."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from helpers import device

HELPERS = (
    "helpers, helpers.device, helpers.plots, helpers.results, helpers.seeding, helpers.training, helpers.data, "
    "helpers.data.store, helpers.data.speech_commands"
)
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def _threads_as_before() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def in_new_process(code: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_importing_helpers_imports_nothing_heavy() -> None:
    code = (
        f"import sys, {HELPERS}\n"
        "heavy = {'torch', 'tensorflow', 'librosa', 'matplotlib', 'pandas', 'sklearn'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    assert in_new_process(code).strip() == "[]"


def test_the_cpu_is_there_and_named_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert device.torch_device("cpu") == torch.device("cpu")
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("Device: cpu (") and torch.__version__ in line


def test_cuda_comes_before_mps_and_mps_before_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "a GPU")
    for cuda, mps, expected in ((True, True, "cuda"), (False, True, "mps"), (False, False, "cpu")):
        monkeypatch.setattr(torch.cuda, "is_available", lambda there=cuda: there)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda there=mps: there)
        assert device.torch_device().type == expected


def test_a_device_that_is_not_there_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(RuntimeError, match="no cuda device: use torch_device"):
        device.torch_device("cuda")
    with pytest.raises(ValueError, match="unknown device 'tpu'"):
        device.torch_device("tpu")


def test_torch_gets_no_more_threads_than_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    for cores, expected in ((1, 1), (2, 2), (64, device.MAX_THREADS)):
        monkeypatch.setattr(device, "available_cores", lambda cores=cores: cores)
        device.torch_device("cpu")
        assert torch.get_num_threads() == expected


def test_a_smaller_number_of_threads_that_was_asked_for_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "available_cores", lambda: 8)
    for wanted, expected in (("1", 1), ("3", 3), ("32", device.MAX_THREADS), ("0", 4), ("many", 4)):
        monkeypatch.setenv("OMP_NUM_THREADS", wanted)
        assert device.torch_threads() == expected


@pytest.mark.parametrize(
    ("content", "cores"),
    [("200000 100000\n", 2), ("50000 100000\n", 1), ("150000 100000\n", 1), ("max 100000\n", None), (None, None)],
)
def test_a_containers_quota_counts_as_cores(tmp_path: Path, content: str | None, cores: int | None) -> None:
    file = tmp_path / "cpu.max"
    if content is not None:
        file.write_text(content)
    assert device._container_cores(file) == cores


def test_there_is_at_least_one_core() -> None:
    assert 1 <= device.available_cores() <= (os.cpu_count() or 1)


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="tensorflow is not installed")
def test_tensorflow_names_its_device_and_lets_memory_grow() -> None:
    code = (
        "import tensorflow as tf\n"
        "from helpers.device import tensorflow_device\n"
        "with tf.device(tensorflow_device()):\n"
        "    assert float(tf.reduce_sum(tf.ones(3))) == 3\n"
        "assert all(map(tf.config.experimental.get_memory_growth, tf.config.list_physical_devices('GPU')))\n"
        "tensorflow_device()  # again, as when a setup cell is run twice"
    )
    lines = in_new_process(code, TF_CPP_MIN_LOG_LEVEL="3").splitlines()
    assert len(lines) == 2 and lines[0].startswith("Device: /") and lines[0] == lines[1]


class OneGPU:
    """`tensorflow.config` on a machine with one GPU; once it is in use nothing can be set, as in tensorflow."""

    def __init__(self) -> None:
        self.visible, self.grows, self.in_use = ["GPU:0"], False, False
        self.experimental = SimpleNamespace(
            get_memory_growth=lambda gpu: self.grows, set_memory_growth=lambda gpu, on: self.set(grows=on)
        )

    def get_visible_devices(self, kind: str) -> list[str]:
        return list(self.visible)

    def set_visible_devices(self, devices: list[str], kind: str) -> None:
        self.set(visible=devices)

    def set(self, **values: Any) -> None:
        if self.in_use:
            raise RuntimeError("cannot be modified after being initialized")
        vars(self).update(values)


@pytest.fixture
def one_gpu(monkeypatch: pytest.MonkeyPatch) -> OneGPU:
    config = OneGPU()
    monkeypatch.setitem(sys.modules, "tensorflow", SimpleNamespace(config=config, __version__="2.20.0"))
    return config


def test_a_gpus_memory_grows_and_the_setup_may_be_run_again(one_gpu: OneGPU) -> None:
    assert device.tensorflow_device() == "/GPU:0"
    assert one_gpu.grows
    one_gpu.in_use = True
    assert device.tensorflow_device() == "/GPU:0"


def test_a_gpu_can_be_left_alone(one_gpu: OneGPU, capsys: pytest.CaptureFixture[str]) -> None:
    assert device.tensorflow_device("cpu") == "/CPU:0"
    assert one_gpu.visible == [] and capsys.readouterr().out.startswith("Device: /CPU:0 (")
    one_gpu.in_use = True
    assert device.tensorflow_device("cpu") == "/CPU:0"


@pytest.mark.parametrize("prefer", [None, "cpu"])
def test_a_gpu_in_use_means_a_restart(one_gpu: OneGPU, prefer: str | None) -> None:
    one_gpu.in_use = True
    with pytest.raises(RuntimeError, match="restart the kernel"):
        device.tensorflow_device(prefer)
    with pytest.raises(ValueError, match="unknown device 'tpu'"):
        device.tensorflow_device("tpu")
