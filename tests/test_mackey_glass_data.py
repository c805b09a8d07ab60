"""The embedded chaotic series: what it is, and that its script makes it."""

import hashlib
import importlib.util
from pathlib import Path

import numpy as np
import pytest

from helpers.data import mackey_glass
from helpers.data.store import DATA, DataError

SCRIPT = Path(DATA) / "mackey_glass" / "make_sample.py"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("make_mackey_glass", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_script_makes_the_embedded_series(script, tmp_path):
    script.write(tmp_path)
    made = hashlib.sha256((tmp_path / "series.csv").read_bytes()).hexdigest()
    assert made == hashlib.sha256((SCRIPT.parent / "series.csv").read_bytes()).hexdigest()
    assert mackey_glass.verify() == []


def test_the_series_solves_its_equation():
    """Simpson's rule over two units: the change of x is the integral of the right-hand side."""
    series = mackey_glass.load()
    x = series.clean.astype(float)
    slope = np.full(len(x), np.nan)
    late = x[: -series.delay]
    slope[series.delay :] = 0.2 * late / (1 + late**10) - 0.1 * x[series.delay :]
    middle = np.arange(series.delay + 1, len(x) - 1)
    integral = (slope[middle - 1] + 4 * slope[middle] + slope[middle + 1]) / 3
    assert np.abs(x[middle + 1] - x[middle - 1] - integral).max() < 0.01
    assert np.ptp(x) > 0.8  # it does not rest


def test_the_noise_is_a_tenth_of_the_series():
    series = mackey_glass.load()
    noise = series.measured - series.clean
    assert noise.std() / series.clean.std() == pytest.approx(0.1, rel=0.05)
    assert abs(np.corrcoef(noise[1:], noise[:-1])[0, 1]) < 0.05
    assert series.measured.dtype == np.float32 and series.time[-1] == len(series.time) - 1 == 3999


def test_a_missing_file_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("helpers.data.store.DATA", tmp_path)
    with pytest.raises(DataError, match="mackey_glass is missing"):
        mackey_glass.load()
    (tmp_path / "mackey_glass").mkdir()
    with pytest.raises(DataError, match="cannot be read"):
        mackey_glass.load()
