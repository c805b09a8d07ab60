"""A chaotic series with a known delay: the Mackey-Glass equation, with noise of a measurement. The project's example.

4,000 values at whole times, computed by data/mackey_glass/make_sample.py, which also says what the equation is. The
change of the series at a time depends on its value then and on its value `DELAY` units of time before, on nothing else.
There is no larger set behind it: the embedded series is the whole.
"""

from dataclasses import dataclass

import numpy as np

from helpers.data import store
from helpers.data.store import Dataset

NAME = "mackey_glass"
URL = "http://www.scholarpedia.org/article/Mackey-Glass_equation"
DELAY = 24
"""Units of time."""


@dataclass(frozen=True)
class Series:
    """time: int64 (n,), one value a unit of time; clean, measured: float32 (n,), without noise and with it."""

    time: np.ndarray
    clean: np.ndarray
    measured: np.ndarray
    delay: int
    provenance: str


def load() -> Series:
    """The series; says in one line what was loaded. Raises store.DataError when the file is missing."""
    folder = store.sample_folder(NAME)
    try:
        columns = np.loadtxt(folder / "series.csv", delimiter=",", skiprows=1, ndmin=2).T
    except (OSError, ValueError) as error:
        raise store.DataError(
            f"{folder}/series.csv cannot be read ({error}): copy `data/` beside `helpers/` again"
        ) from error
    provenance = f"Mackey-Glass equation, delay {DELAY}, {columns.shape[1]:,} values, computed for this course"
    print(provenance)
    time, clean, measured = columns
    return Series(time.astype(np.int64), clean.astype(np.float32), measured.astype(np.float32), DELAY, provenance)


# --- coursework data list | fetch | verify ---------------------------------------------------------------


def describe() -> str:
    """One line: what `load()` uses."""
    return "the whole series is embedded"


def fetch(progress: bool = True) -> str:
    """Nothing is to be brought; a sentence that says so."""
    return describe()


def prepare_sample() -> None:
    """Nothing: reading the file takes no longer than reading a cache would."""


def verify() -> list[str]:
    """Problems with the file, one line each; none is an empty list."""
    return store.check_checksums(store.sample_folder(NAME), extra="*.csv")


DATASET = Dataset(
    name=NAME,
    title="A chaotic series with a known delay (Mackey-Glass equation), computed for this course",
    licence="CC0 1.0",
    where=URL,
    describe=describe,
    fetch=fetch,
    verify=verify,
    prepare_sample=prepare_sample,
)
