"""The list of data sets that the project suggests."""

import hashlib
from itertools import combinations
from pathlib import Path

import pandas as pd
import pytest

from helpers.data.store import DATA
from helpers.proposals import TASKS, demo_data_set, normal_address, same_address

FOLDER = Path(DATA) / "project"
SUGGESTIONS = pd.read_csv(FOLDER / "suggested_data_sets.csv", keep_default_na=False)
KINDS = {"time series", "music", "trajectories", "text", "sensor data"}


def test_there_are_enough_of_each_kind():
    assert list(SUGGESTIONS.columns) == ["kind", "name", "address", "licence", "size", "task", "note"]
    counts = SUGGESTIONS["kind"].value_counts()
    assert set(counts.index) == KINDS
    assert counts.sum() >= 20 and counts.min() >= 4


@pytest.mark.parametrize("row", SUGGESTIONS.to_dict("records"), ids=lambda row: row["name"][:30])
def test_a_suggestion_is_complete_and_may_be_proposed(row):
    assert all(text and text == text.strip() for text in row.values())
    assert normal_address(row["address"])
    assert any(task in row["task"] for task in TASKS)
    assert demo_data_set(row["name"], row["address"]) is None


def test_no_suggestion_stands_there_twice():
    for one, other in combinations(SUGGESTIONS["address"], 2):
        assert not same_address(one, other)


def test_checksums_are_those_of_the_lists():
    lines = dict(line.split("  ")[::-1] for line in (FOLDER / "SHA256SUMS").read_text().splitlines())
    assert lines == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in FOLDER.glob("*.csv")}
