"""Fixtures that several test modules take."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import Lab, chromium, kept_on_failure, new_page
from colab import STAND_INS, Colab


@pytest.fixture(scope="module")
def browser(lab: Lab) -> Iterator[Any]:
    """A browser for a module that has a JupyterLab, its fixture `lab`."""
    with chromium() as started:
        yield started


@pytest.fixture
def page(browser: Any, lab: Lab, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A page that is logged in to the module's `lab`; what it shows is kept when the test fails."""
    with kept_on_failure(request, new_page(browser, lab)) as opened:
        yield opened


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an empty cache of data sets, and no mirror."""
    monkeypatch.setenv("COURSEWORK_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("COURSEWORK_MIRROR", raising=False)
    return tmp_path / "cache"


class ColabHere(Colab):
    """A Colab in the test's own process: the environment is the test's."""

    monkeypatch: pytest.MonkeyPatch

    def _set(self, name: str, value: str) -> None:
        super()._set(name, value)
        self.monkeypatch.setenv(name, value)


@pytest.fixture
def colab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Colab]:
    """The test runs as on Colab: ``import google.colab`` finds the stand-in, and does so no more after the test."""
    ColabHere.monkeypatch = monkeypatch
    here = ColabHere(tmp_path / "colab")
    for name, value in here.variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.syspath_prepend(STAND_INS)
    yield here
    for name in [name for name in sys.modules if name == "google.colab" or name.startswith("google.colab.")]:
        del sys.modules[name]
