"""How well characters can be predicted by counting: the model that a network has to beat.

An n-gram model predicts a character from the few before it, by how often it followed them in the training text.
Contexts that are rare there say little, so each one is interpolated with the next shorter one: the more different
characters followed a context, the more weight the shorter one gets (Witten and Bell, 1991, method C):

    p(x | context) = (count(context x) + kinds(context) · p(x | shorter context)) / (count(context) + kinds(context))

Below the empty context all characters are equally likely, so that nothing has the probability 0.
"""

import numpy as np
from numpy.typing import NDArray

CONTEXT = 3
"""Characters that are looked at, where nothing else is said."""

Ids = NDArray[np.integer]


def ngram_bits(train_ids: Ids, validation_ids: Ids, n_symbols: int, context: int = CONTEXT) -> float:
    """Bits per character of an n-gram model of `train_ids` on `validation_ids`: every character but the first counts.

    Arrays (n,) of ids 0..n_symbols-1. context: how many characters before the predicted one are looked at, 0 or more.
    Raises ValueError for ids outside that range, an empty training text, or fewer than 2 ids to predict.
    """
    return float(character_bits(train_ids, validation_ids, n_symbols, context)[1:].mean())


def character_bits(train_ids: Ids, validation_ids: Ids, n_symbols: int, context: int = CONTEXT) -> NDArray[np.float64]:
    """-log2 of the probability of each character of `validation_ids`, (n,); arguments and errors as `ngram_bits`.

    The first characters have fewer before them, and are predicted from those.
    """
    train, validation = _checked(train_ids, n_symbols), _checked(validation_ids, n_symbols)
    if not len(train) or len(validation) < 2:
        raise ValueError(f"there are {len(train)} ids to count and {len(validation)} to predict: 1 and 2 at least")
    if context < 0:
        raise ValueError(f"context must be 0 or more, but it is {context}")
    likely = np.full(len(validation), 1 / n_symbols)
    # Which context a character has, as a number; -1 for none, or for one that the validation text does not have.
    of_train, of_validation = np.zeros(len(train), np.int64), np.zeros(len(validation), np.int64)
    for length in range(context + 1):
        if length:
            of_train, of_validation = _longer(of_train, of_validation, train, validation, length, n_symbols)
        likely = _interpolated(likely, of_train, of_validation, train, validation, n_symbols)
    return -np.log2(likely)


def _checked(ids: Ids, n_symbols: int) -> NDArray[np.int64]:
    ids = np.asarray(ids)
    if ids.ndim != 1 or ids.dtype.kind not in "iu":
        raise ValueError(f"ids should be whole numbers in one row, not {ids.dtype} of shape {ids.shape}")
    if len(ids) and not 0 <= ids.min() <= ids.max() < n_symbols:
        raise ValueError(f"ids should lie in 0..{n_symbols - 1}, but they reach from {ids.min()} to {ids.max()}")
    return ids.astype(np.int64)


def _longer(
    of_train: NDArray, of_validation: NDArray, train: NDArray, validation: NDArray, length: int, n_symbols: int
) -> tuple[NDArray, NDArray]:
    """The contexts that are one character longer, numbered anew."""

    def keys(of: NDArray, ids: NDArray) -> NDArray:
        extended = np.full(len(ids), -1, np.int64)
        extended[length:] = np.where(of[length:] >= 0, of[length:] * n_symbols + ids[:-length], -1)
        return extended

    train_keys, validation_keys = keys(of_train, train), keys(of_validation, validation)
    known = np.unique(validation_keys[length:])
    return _places(known, train_keys), _places(known, validation_keys)


def _places(known: NDArray, keys: NDArray) -> NDArray:
    """Where each key stands in the sorted keys `known`, -1 where it does not."""
    if not len(known):
        return np.full(len(keys), -1, np.int64)
    places = np.searchsorted(known, keys).clip(max=len(known) - 1)
    return np.where(known[places] == keys, places, -1)


def _interpolated(
    shorter: NDArray, of_train: NDArray, of_validation: NDArray, train: NDArray, validation: NDArray, n_symbols: int
) -> NDArray[np.float64]:
    """Probabilities with these contexts, from those with the next shorter ones."""
    seen = of_train >= 0
    pairs, counts = np.unique(of_train[seen] * n_symbols + train[seen], return_counts=True)
    contexts = max(int(of_validation.max()), 0) + 1
    total = np.bincount(pairs // n_symbols, counts, minlength=contexts)
    kinds = np.bincount(pairs // n_symbols, minlength=contexts)

    places = _places(pairs, of_validation * n_symbols + validation)
    count = np.where(places >= 0, np.append(counts, 0)[places], 0)
    known = (of_validation >= 0) & (total[of_validation] > 0)
    return np.where(
        known, (count + kinds[of_validation] * shorter) / np.maximum(total + kinds, 1)[of_validation], shorter
    )
