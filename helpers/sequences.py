"""Sequential data as arrays: splits without a leak, windows of a series, padding and reversing.

Features are float32 (n, time, features), or whole numbers (n, time) where each element is an id. What is predicted is
one of three tasks: "classification" (targets are class ids 0, 1, ...), "regression" (targets are numbers), "generation"
(the next element of a sequence of ids: targets are ids).
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from helpers.proposals import TASKS

Examples: TypeAlias = "tuple[np.ndarray, np.ndarray]"
"""Features and targets."""


def check_task(task: str) -> None:
    """ValueError unless the task is one of `TASKS`."""
    if task not in TASKS:
        raise ValueError(f"task={task!r}: there are {', '.join(map(repr, TASKS))}")


@dataclass(frozen=True)
class Data:
    """Three parts, each (features, targets). target: of a forecast, the feature that the target is a later value of."""

    train: Examples
    validation: Examples
    test: Examples
    target: int | None = None

    def part(self, name: str) -> Examples:
        """Features and targets of 'train', 'validation' or 'test'."""
        parts: dict[str, Examples] = {"train": self.train, "validation": self.validation, "test": self.test}
        return parts[name]

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one example: (time, features), or (time,) of ids."""
        return tuple(self.train[0].shape[1:])

    def outputs(self, task: str) -> int:
        """How many outputs a network needs: numbers to predict, or classes (of all parts)."""
        if task == "regression":
            return int(np.prod(self.train[1].shape[1:], dtype=int))
        return 1 + max(int(self.part(name)[1].max()) for name in ("train", "validation", "test"))

    def symbols(self) -> int:
        """How many ids there are in features that are ids (of all parts)."""
        return 1 + max(int(self.part(name)[0].max()) for name in ("train", "validation", "test"))


# --- splits ---------------------------------------------------------------------------------------------------


def chronological(series: np.ndarray, shares: Sequence[float] = (0.6, 0.2, 0.2)) -> tuple[np.ndarray, ...]:
    """Three stretches of a series (n, ...), one after the other: to learn from, to choose by, to test on.

    Cut before windows are made: windows that overlap are nearly equal, and shuffled ones lie on both sides of a split.
    """
    _check_shares(shares)
    first, second = round(len(series) * shares[0]), round(len(series) * (shares[0] + shares[1]))
    return series[:first], series[first:second], series[second:]


def by_group(
    features: np.ndarray,
    targets: np.ndarray,
    groups: Sequence[Any] | np.ndarray,
    shares: Sequence[float] = (0.6, 0.2, 0.2),
    seed: int = 0,
) -> Data:
    """Split such that all examples of a group (a person, a recording, a piece, a text) are in one part.

    groups: one value an example. The groups are shuffled with the seed and dealt out until a part has its share of the
    examples; every part gets one or more. Raises ValueError with fewer than three groups.
    """
    _check_shares(shares)
    names, of_example = np.unique(np.asarray(groups), return_inverse=True)
    if len(of_example) != len(features) or len(targets) != len(features):
        raise ValueError(
            f"{len(features)} examples need as many targets and groups, not {len(targets)} and {len(of_example)}"
        )
    if len(names) < 3:
        raise ValueError(f"three parts need three groups or more, but there are {len(names)}")
    order = np.random.default_rng(seed).permutation(len(names))
    reached = np.cumsum(np.bincount(of_example)[order]) / len(of_example)
    # A group belongs to the part in which its middle falls; at least one for each part
    first = int(np.clip(np.searchsorted(reached, shares[0]) + 1, 1, len(names) - 2))
    second = int(np.clip(np.searchsorted(reached, shares[0] + shares[1]) + 1, first + 1, len(names) - 1))
    chosen = [np.isin(of_example, part) for part in (order[:first], order[first:second], order[second:])]
    train, validation, test = ((features[rows], targets[rows]) for rows in chosen)
    return Data(train, validation, test)


def _check_shares(shares: Sequence[float]) -> None:
    if len(shares) != 3 or min(shares) <= 0 or not math.isclose(sum(shares), 1):
        raise ValueError(f"shares are three numbers above 0 that add up to 1, not {tuple(shares)}")


# --- windows of a series --------------------------------------------------------------------------------------


def windows(series: np.ndarray, length: int, horizon: int = 1, longest: int | None = None, target: int = 0) -> Examples:
    """All windows of a series, and the value `horizon` steps behind the end of each.

    series: (n,) or (n, features). Returns float32 (m, length, features) and float32 (m,), the column `target`.
    longest: the longest window of a study. Windows of every length then have the same targets, so that scores can be
    compared; m = n - longest - horizon + 1. Raises ValueError when the series is too short for one window.
    """
    longest = length if longest is None else longest
    if not 1 <= length <= longest or horizon < 1:
        raise ValueError(
            f"a window of {length}, the longest {longest}, horizon {horizon}: 1 <= length <= longest, horizon >= 1"
        )
    columns = np.asarray(series, dtype=np.float32).reshape(len(series), -1)
    ends = np.arange(longest, len(columns) - horizon + 1)  # the place behind a window
    if not len(ends):
        raise ValueError(f"{len(columns)} values are too few for a window of {longest} and a horizon of {horizon}")
    steps = ends[:, None] + np.arange(-length, 0)
    return columns[steps], columns[ends + horizon - 1, target]


def forecasting(
    series: np.ndarray,
    window: int,
    horizon: int = 1,
    longest: int | None = None,
    target: int = 0,
    shares: Sequence[float] = (0.6, 0.2, 0.2),
) -> Data:
    """Windows of a series for regression: cut chronologically, then scaled, then windowed (see `windows`).

    Every column is scaled to mean 0 and standard deviation 1 of the *training* stretch: later values are not known yet.
    """
    columns = np.asarray(series, dtype=np.float64).reshape(len(series), -1)
    stretches = chronological(columns, shares)
    mean, std = stretches[0].mean(axis=0), stretches[0].std(axis=0)
    std = np.where(std > 0, std, 1.0)
    train, validation, test = (windows((part - mean) / std, window, horizon, longest, target) for part in stretches)
    return Data(train, validation, test, target=target)


def next_elements(
    ids: np.ndarray, window: int, longest: int | None = None, shares: Sequence[float] = (0.6, 0.2, 0.2)
) -> Data:
    """Windows of a sequence of ids (n,) for generation: int64 (m, window), and the id that follows, int64 (m,)."""
    ids = np.asarray(ids)
    if ids.ndim != 1 or ids.dtype.kind not in "iu" or (len(ids) and ids.min() < 0):
        raise ValueError(f"ids are whole numbers from 0 on in one row, not {ids.dtype} of shape {ids.shape}")
    longest = window if longest is None else longest
    parts: list[Examples] = []
    for part in chronological(ids.astype(np.int64), shares):
        if not 1 <= window <= longest < len(part):
            raise ValueError(f"a stretch of {len(part)} ids, a window of {window}, the longest {longest}: too few ids")
        ends = np.arange(longest, len(part))
        parts.append((part[ends[:, None] + np.arange(-window, 0)], part[ends]))
    return Data(parts[0], parts[1], parts[2])


# --- sequences of different lengths ---------------------------------------------------------------------------


def padded(
    sequences: Sequence[np.ndarray], where: str = "after", length: int | None = None, value: float = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Sequences of different lengths as one array, filled up with `value` before or after them; and their lengths.

    sequences: each (time,) of ids or (time, features). length: of the array's time axis, of the longest sequence
    where nothing is said; of longer ones the first `length` elements are kept. Returns (n, length) int64 or
    (n, length, features) float32, and int64 (n,). For ids, `value` has to be an id of its own: let the others begin
    at 1.
    """
    if where not in ("before", "after"):
        raise ValueError(f"where={where!r}: padding stands 'before' or 'after' a sequence")
    arrays = [np.asarray(sequence) for sequence in sequences]
    if not arrays:
        raise ValueError("there is no sequence to pad")
    length = max(map(len, arrays)) if length is None else length
    dtype = np.int64 if all(array.dtype.kind in "iu" and array.ndim == 1 for array in arrays) else np.float32
    filled = np.full((len(arrays), length, *arrays[0].shape[1:]), value, dtype=dtype)
    lengths = np.array([min(len(array), length) for array in arrays], dtype=np.int64)
    for row, array, n in zip(filled, arrays, lengths, strict=True):
        row[slice(length - n, None) if where == "before" else slice(0, n)] = array[:n]
    return filled, lengths


def backwards(features: np.ndarray, lengths: np.ndarray | None = None, where: str = "after") -> np.ndarray:
    """The same sequences read from their end to their beginning; padding stays where it is.

    features: (n, time, ...); lengths: as `padded` returned them, with its `where`; None: there is no padding.
    """
    if where not in ("before", "after"):
        raise ValueError(f"where={where!r}: padding stands 'before' or 'after' a sequence")
    turned = features.copy()
    for row, n in zip(
        turned, itertools.repeat(features.shape[1]) if lengths is None else lengths, strict=lengths is not None
    ):
        part = slice(0, n) if where == "after" else slice(len(row) - n, len(row))
        row[part] = row[part][::-1].copy()
    return turned
