"""A Keras model's weights as plain arrays that can be kept, and back into a model of the same structure."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import keras


def weights_of(model: "keras.Model") -> dict[str, np.ndarray]:
    """Copies of all weights (those of BatchNormalization's statistics too) by number and name, in the model's order.

    Raises ValueError for a model that has not been built, and so has no weights yet.
    """
    if not model.built:
        raise ValueError("the model has no weights yet: give it an Input, or call it once")
    pairs = zip(model.weights, model.get_weights(), strict=True)
    return {f"{number:03d}.{weight.name}": np.array(value) for number, (weight, value) in enumerate(pairs)}


def load_weights(model: "keras.Model", weights: Mapping[str, np.ndarray]) -> None:
    """Put kept weights (see `weights_of`) into a model. Raises ValueError when they do not fit it."""
    kept = [weights[name] for name in sorted(weights)]
    shapes = [tuple(weight.shape) for weight in model.weights]
    if [array.shape for array in kept] != shapes:
        differing = (pair for pair in zip(shapes, (array.shape for array in kept), strict=False) if pair[0] != pair[1])
        first = next(differing, None)
        detail = f"{first[0]} and not {first[1]}" if first else f"{len(shapes)} arrays and not {len(kept)}"
        raise ValueError(
            f"the kept weights do not fit this model, which has changed since: train again (it has {detail})"
        )
    model.set_weights(kept)


def structure_of(model: "keras.Model") -> str:
    """A sequential or functional model's layers, their connections and what it is compiled with, as text (JSON).

    Raises ValueError for a model of another kind, or with parts that are not Keras's own.
    """
    try:
        structure: str = model.to_json()
        model_from(structure, weights_of(model))
    except (NotImplementedError, TypeError, ValueError) as error:
        raise ValueError(
            "only a sequential or functional model of Keras's own layers and functions can be kept "
            f"({str(error).splitlines()[0][:200]})"
        ) from error
    return structure


def model_from(structure: str, weights: Mapping[str, np.ndarray]) -> "keras.Model":
    """The model of this structure (see `structure_of`) with these weights (see `weights_of`)."""
    import keras

    model = keras.models.model_from_json(structure)
    load_weights(model, weights)
    return model
