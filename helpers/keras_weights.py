"""A Keras model's weights as plain arrays that can be kept, and back into a model of the same structure.

A structure is kept in Keras's own words (JSON), which grow from version to version: a newer Keras writes settings that
an older one refuses, Colab's perhaps. So what is kept says which settings have their default, and those of them that
the reading Keras does not know are left out. What is not at its default stays, and is refused in Keras's words.
"""

import inspect
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

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
        described = json.loads(model.to_json())
        structure = json.dumps(described | {_DEFAULTS: _defaults_in(described)})
        model_from(structure, weights_of(model))
    except (NotImplementedError, TypeError, ValueError) as error:
        raise ValueError(
            "only a sequential or functional model of Keras's own layers and functions can be kept "
            f"({str(error).splitlines()[0][:200]})"
        ) from error
    return structure


def model_from(structure: str, weights: Mapping[str, np.ndarray]) -> "keras.Model":
    """The model of this structure (see `structure_of`) with these weights (see `weights_of`).

    Raises TypeError or ValueError, of Keras, where its version lacks what the model uses.
    """
    import keras

    described = json.loads(structure)
    defaults = described.pop(_DEFAULTS, {})
    for kind, settings in _parts(described):
        known = _parameters(kind)
        for name, value in defaults.get(kind.__name__, {}).items():
            if name not in known and name in settings and settings[name] == value:
                del settings[name]
    model = keras.models.model_from_json(json.dumps(described))
    load_weights(model, weights)
    return model


_DEFAULTS = "defaults"


def _defaults_in(described: Any) -> dict[str, dict[str, Any]]:
    """The settings that have their default in the description of a model, by class and name."""
    found: dict[str, dict[str, Any]] = {}
    for kind, settings in _parts(described):
        known = _parameters(kind)
        defaults = {name: value for name, value in settings.items() if name in known and known[name] == value}
        found.setdefault(kind.__name__, {}).update(defaults)
    return {kind: settings for kind, settings in sorted(found.items()) if settings}


def _parts(described: Any) -> Iterator[tuple[type, dict[str, Any]]]:
    """Keras's classes in a description, layers, initialisers, optimisers and so on, each with its settings."""
    if isinstance(described, list):
        for part in described:
            yield from _parts(part)
    if isinstance(described, dict):
        kind, settings = _class_of(described), described.get("config")
        if kind and isinstance(settings, dict):
            yield kind, settings
        for part in described.values():
            yield from _parts(part)


def _class_of(described: Mapping[str, Any]) -> type | None:
    """The class of a part as this Keras has it: {"module": "keras.layers", "class_name": "Dense", ...}."""
    import keras

    first, *rest = str(described.get("module")).split(".")
    found: Any = keras if first == "keras" else None
    for name in [*rest, str(described.get("class_name"))]:
        found = getattr(found, name, None)
    return found if inspect.isclass(found) else None


def _parameters(kind: type) -> dict[str, Any]:
    """What the constructors of a class and its bases take, with defaults; Ellipsis stands for none."""
    found: dict[str, Any] = {}
    for base in reversed(kind.__mro__[:-1]):
        for parameter in inspect.signature(base.__init__).parameters.values():  # type: ignore[misc]
            if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                found[parameter.name] = ... if parameter.default is parameter.empty else parameter.default
    return found
