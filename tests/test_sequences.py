"""Splits without a leak, windows, padding and reversing: by examples worked out by hand."""

import numpy as np
import pytest

from helpers.sequences import backwards, by_group, chronological, forecasting, next_elements, padded, windows

COUNTING = np.arange(10.0)


# --- splits ---


def test_stretches_follow_one_another_and_lose_nothing():
    train, validation, test = chronological(COUNTING, (0.5, 0.3, 0.2))
    assert (train.tolist(), validation.tolist(), test.tolist()) == ([0, 1, 2, 3, 4], [5, 6, 7], [8, 9])


@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.5, 0.6, 0.2), (0.8, 0.2, 0.0)])
def test_shares_that_are_none_are_refused(shares):
    with pytest.raises(ValueError, match="add up to 1"):
        chronological(COUNTING, shares)


def test_no_value_of_the_series_is_in_two_parts_of_a_forecast():
    series = np.arange(200.0)  # every value occurs once, so that values tell where they come from
    data = forecasting(series, window=8, horizon=5, longest=16)
    seen = [set(np.round(np.concatenate([x.ravel(), y]), 4)) for x, y in (data.train, data.validation, data.test)]
    assert not seen[0] & seen[1] and not seen[1] & seen[2] and not seen[0] & seen[2]
    assert max(seen[0]) < min(seen[1]) <= max(seen[1]) < min(seen[2])


def test_scaling_knows_the_training_stretch_alone():
    series = np.concatenate([np.tile([1.0, 3.0], 30), np.full(40, 100.0)])
    data = forecasting(series, window=2)
    assert set(data.train[0].ravel()) == {-1.0, 1.0}
    assert set(data.test[0].ravel()) == {98.0}


def test_a_constant_column_does_not_become_nan():
    series = np.column_stack([np.arange(50.0), np.full(50, 7.0)])
    assert np.isfinite(forecasting(series, window=4).train[0]).all()


def test_groups_stay_together_and_every_example_is_somewhere():
    rng = np.random.default_rng(0)
    for seed in range(50):
        groups = rng.integers(0, rng.integers(3, 12), size=60)
        if len(set(groups)) < 3:
            continue
        data = by_group(np.arange(60.0), np.arange(60), groups, seed=seed)
        parts = [set(groups[part[1]]) for part in (data.train, data.validation, data.test)]
        assert all(parts)
        assert not parts[0] & parts[1] and not parts[1] & parts[2] and not parts[0] & parts[2]
        assert sum(len(part[1]) for part in (data.train, data.validation, data.test)) == 60


def test_groups_are_dealt_out_by_their_share_of_the_examples():
    groups = np.repeat(np.arange(100), 10)
    data = by_group(np.zeros(1000), np.arange(1000), groups)
    sizes = [len(part[1]) for part in (data.train, data.validation, data.test)]
    assert np.abs(np.array(sizes) - [600, 200, 200]).max() <= 10


def test_two_groups_are_too_few():
    with pytest.raises(ValueError, match="three groups"):
        by_group(np.zeros(4), np.zeros(4), ["a", "a", "b", "b"])


# --- windows ---


def test_windows_and_the_value_behind_them():
    features, targets = windows(COUNTING, length=3, horizon=2)
    assert features.shape == (6, 3, 1) and features.dtype == np.float32
    assert features[0, :, 0].tolist() == [0, 1, 2] and targets[0] == 4
    assert features[-1, :, 0].tolist() == [5, 6, 7] and targets[-1] == 9


def test_windows_of_all_lengths_have_the_same_targets_and_end_alike():
    found = [windows(COUNTING, length, horizon=2, longest=5) for length in (1, 3, 5)]
    for features, targets in found:
        assert targets.tolist() == found[0][1].tolist() == [6, 7, 8, 9]
        assert features[:, -1, 0].tolist() == [4, 5, 6, 7]


def test_the_target_is_the_column_that_was_asked_for():
    series = np.column_stack([COUNTING, 100 + COUNTING])
    features, targets = windows(series, length=2, target=1)
    assert features[0].tolist() == [[0, 100], [1, 101]] and targets[0] == 102


def test_a_series_that_is_too_short_is_named():
    with pytest.raises(ValueError, match="10 values are too few"):
        windows(COUNTING, length=8, horizon=3)


def test_next_elements_are_those_behind_the_window():
    data = next_elements(np.arange(20), window=3, shares=(0.5, 0.25, 0.25))
    assert data.train[0][0].tolist() == [0, 1, 2] and data.train[1][0] == 3
    assert data.validation[0].tolist() == [[10, 11, 12], [11, 12, 13]] and data.validation[1].tolist() == [13, 14]
    assert data.train[0].dtype == np.int64
    assert (data.symbols(), data.outputs("generation"), data.input_shape) == (19, 20, (3,))  # 19: in no window


def test_numbers_that_are_no_ids_are_refused():
    with pytest.raises(ValueError, match="whole numbers"):
        next_elements(np.array([0.5, 1.0]), window=1)


# --- padding, reversing ---

MELODIES = [np.array([5, 7, 9]), np.array([4, 2])]


@pytest.mark.parametrize(
    ("where", "filled", "turned"),
    [
        ("after", [[5, 7, 9, 0], [4, 2, 0, 0]], [[9, 7, 5, 0], [2, 4, 0, 0]]),
        ("before", [[0, 5, 7, 9], [0, 0, 4, 2]], [[0, 9, 7, 5], [0, 0, 2, 4]]),
    ],
)
def test_padding_and_reversing_leave_the_padding_in_its_place(where, filled, turned):
    array, lengths = padded(MELODIES, where, length=4)
    assert array.tolist() == filled and array.dtype == np.int64
    assert lengths.tolist() == [3, 2]
    assert backwards(array, lengths, where).tolist() == turned
    assert array.tolist() == filled  # it was not changed
    assert backwards(backwards(array, lengths, where), lengths, where).tolist() == filled


def test_the_longest_sequence_decides_where_no_length_is_given():
    assert padded(MELODIES)[0].shape == (2, 3)


def test_long_sequences_keep_their_beginning_wherever_padding_stands():
    for where in ("before", "after"):
        array, lengths = padded(MELODIES, where, length=2)
        assert array.tolist() == [[5, 7], [4, 2]] and lengths.tolist() == [2, 2]


def test_sequences_of_vectors_and_without_padding():
    array, lengths = padded([np.ones((2, 3)), 2 * np.ones((1, 3))], value=-1)
    assert array.shape == (2, 2, 3) and array.dtype == np.float32
    assert array[1].tolist() == [[2, 2, 2], [-1, -1, -1]]
    assert backwards(np.arange(3.0).reshape(1, 3, 1))[0, :, 0].tolist() == [2, 1, 0]
    assert lengths.tolist() == [2, 1]


def test_another_place_for_padding_is_refused():
    with pytest.raises(ValueError, match="'before' or 'after'"):
        padded(MELODIES, where="pre")
