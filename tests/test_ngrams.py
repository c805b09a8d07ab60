"""The n-gram model that `char_rnn` is measured against: what it says by hand, and by counting naively."""

from collections import Counter

import numpy as np
import pytest

from helpers.ngrams import character_bits, ngram_bits


def naive(train: list[int], validation: list[int], n_symbols: int, context: int) -> list[float]:
    """The formula of the module, position by position."""
    bits = []
    for i, character in enumerate(validation):
        likely = 1 / n_symbols
        for length in range(min(context, i) + 1):
            before = validation[i - length : i]
            followed = Counter(train[j] for j in range(length, len(train)) if train[j - length : j] == before)
            if followed:
                weight = len(followed)
                likely = (followed[character] + weight * likely) / (followed.total() + weight)
        bits.append(-np.log2(likely))
    return bits


@pytest.mark.parametrize("context", range(5))
@pytest.mark.parametrize("seed", range(3))
def test_as_by_counting_naively(context, seed):
    rng = np.random.default_rng(seed)
    train, validation = rng.integers(0, 3, 150), rng.integers(0, 5, 40)
    expected = naive(train.tolist(), validation.tolist(), 6, context)
    assert np.allclose(character_bits(train, validation, 6, context), expected)
    assert ngram_bits(train, validation, 6, context) == pytest.approx(np.mean(expected[1:]))


def test_by_hand():
    # 0 and 1 take turns: both were seen twice in four characters, and 1 always came behind 0.
    bits = character_bits(np.array([0, 1, 0, 1]), np.array([0, 1]), 2, context=1)
    assert bits[0] == pytest.approx(1)
    assert 2 ** -bits[1] == pytest.approx((2 + 1 * 0.5) / (2 + 1))


def test_all_characters_together_have_the_probability_one():
    rng = np.random.default_rng(1)
    train, before = rng.integers(0, 4, 300), rng.integers(0, 4, 6)
    total = sum(2 ** -character_bits(train, np.append(before, x), 7, context=3)[-1] for x in range(7))
    assert total == pytest.approx(1)


def test_longer_contexts_find_longer_patterns():
    pattern = np.tile([0, 0, 1, 0, 1, 1, 1], 200)
    bits = [ngram_bits(pattern, pattern[:500], 2, context) for context in (0, 1, 2, 3)]
    assert bits == sorted(bits, reverse=True)
    assert bits[3] < 0.1 < 0.5 < bits[1]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int64])
def test_small_types_of_ids_do_not_overflow(dtype):
    ids = np.arange(200) % 199
    assert ngram_bits(ids.astype(dtype), ids.astype(dtype), 200) == ngram_bits(ids, ids, 200)


@pytest.mark.parametrize(
    ("train", "validation", "words"),
    [
        ([0, 1], [0, 4], "reach from 0 to 4"),
        ([-1, 1], [0, 1], "reach from -1 to 1"),
        ([], [0, 1], "0 ids to count"),
        ([0], [0], "1 to predict"),
        ([0.5, 1], [0, 1], "whole numbers in one row"),
        ([[0, 1]], [0, 1], "whole numbers in one row"),
    ],
)
def test_what_is_no_text_is_refused(train, validation, words):
    with pytest.raises(ValueError, match=words):
        ngram_bits(np.array(train, dtype=None if train else int), np.array(validation), 4)


def test_a_negative_context_is_refused():
    with pytest.raises(ValueError, match="context must be 0 or more"):
        ngram_bits(np.zeros(3, int), np.zeros(3, int), 1, context=-1)
