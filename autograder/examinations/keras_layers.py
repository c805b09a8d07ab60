"""Keras layers at inference, computed once more in float64 numpy from their weights and settings.

This is how the examiner finds out whether a model is what it says it is; nothing here runs Keras. Formulas and
masks follow Keras 3 with the tensorflow backend and ``channels_last``. Models describe themselves as
``keras_models.py`` reads them, so sizes are bounded before anything is computed.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from scipy import special

Array = np.ndarray

MAX_ELEMENTS = 100_000_000
"""Numbers in all tensors of one computation."""
MAX_WORK = 40_000_000_000
"""Multiplications of one computation."""


class NotComputed(Exception):
    """A layer, or a setting of it, that is not among those known here, or a model beyond the bounds. In words."""


@dataclass(frozen=True)
class Layer:
    """One layer: ``kind`` is its class; ``graph`` a model inside; ``inner`` the layer that a wrapper calls.

    ``config`` holds plain values; ``weights`` float64 arrays by Keras's names (kernel, recurrent_kernel, bias, ...).
    """

    name: str
    kind: str
    config: dict[str, Any] = field(default_factory=dict)
    weights: dict[str, Array] = field(default_factory=dict)
    graph: int | None = None
    inner: int | None = None


@dataclass(frozen=True)
class Node:
    """One call of a layer. ``args`` and ``kwargs`` are trees, as ``autograder.answering.KerasReader`` makes them."""

    layer: int
    args: list[Any]
    kwargs: dict[str, Any]


@dataclass(frozen=True)
class Graph:
    """Nodes in the order of computation, the nodes of the inputs, and (node, output) of the outputs."""

    nodes: tuple[Node, ...]
    inputs: tuple[int, ...]
    outputs: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Value:
    """A tensor with its mask (booleans over its first axes), as Keras hands it from layer to layer.

    ``source``: place of the call that gave it in the list of calls; -1 for the model's own input. ``unknown``: what
    it would take to compute it, in words, where the examiner does not; there is no array then.
    """

    array: Array
    mask: Array | None = None
    source: int = -1
    unknown: str = ""


@dataclass(frozen=True)
class Call:
    """What one call of a layer got and gave: shapes with the batch."""

    layer: Layer
    inputs: tuple[tuple[int, ...], ...]
    output: tuple[int, ...]
    sources: tuple[int, ...]
    """Of each input, as in ``Value``."""


def unknown(what: str) -> Value:
    """Stands for what is not computed here: an argument that is no plain data, what a function of keras.ops gives."""
    return Value(np.array(np.nan), unknown=what)


class Computation:
    """One pass through a model. ``calls`` tells afterwards what was called with which shapes."""

    def __init__(self, layers: Sequence[Layer], graphs: Sequence[Graph]) -> None:
        self.layers, self.graphs = layers, graphs
        self.calls: list[Call] = []
        self.elements, self.work = 0, 0

    def run(self, graph: Graph, inputs: Sequence[Value]) -> list[Value]:
        """The outputs of a graph. Raises NotComputed."""
        if len(inputs) != len(graph.inputs):
            raise NotComputed(f"a model of {len(graph.inputs)} inputs got {len(inputs)}")
        values: list[list[Value]] = []
        for place, node in enumerate(graph.nodes):
            if place in graph.inputs:
                values.append([inputs[graph.inputs.index(place)]])
            else:
                args = [_resolve(tree, values) for tree in node.args]
                kwargs = {name: _resolve(tree, values) for name, tree in node.kwargs.items()}
                values.append(self.call(self.layers[node.layer], args, kwargs))
        return [values[node][output] for node, output in graph.outputs]

    def call(self, layer: Layer, args: list[Any], kwargs: dict[str, Any]) -> list[Value]:
        """One call of a layer, of a model inside, or of a function of keras.ops."""
        if layer.kind.startswith("ops."):
            values = _tensors(args)
            return self.noted(layer, values, [self.operation(layer, args, kwargs)])
        inputs = args[0] if args else kwargs.get("inputs")
        many = isinstance(inputs, list)
        values = [value for value in (inputs if isinstance(inputs, list) else [inputs]) if isinstance(value, Value)]
        rest = {name for name, value in kwargs.items() if name != "inputs" and value is not None}
        if not values or len(args) > 1 or rest - {"mask", "training"}:
            raise NotComputed(f"{layer.kind} called with more than its input")
        if kwargs.get("training") is True and layer.kind not in HARMLESS_IN_TRAINING:
            raise NotComputed(f"{layer.kind} called with training=True, as in training also when it predicts")
        for value in values:
            if value.unknown:
                raise NotComputed(f"{value.unknown} before {layer.kind}; use a layer for it")
        mask = kwargs.get("mask")
        if isinstance(mask, Value) and not many:
            if mask.unknown and values[0].mask is None:
                raise NotComputed(f"{mask.unknown} in the mask that {layer.kind} is given; use Masking for it")
            if not mask.unknown:  # else Keras's own way of handing on the mask that came with the input
                values = [replace(values[0], mask=mask.array.astype(bool))]
        if layer.graph is not None:
            return self.run(self.graphs[layer.graph], values)
        return self.noted(layer, values, self.compute(layer, values))

    def noted(self, layer: Layer, values: list[Value], outputs: list[Value]) -> list[Value]:
        """The outputs, each with this call as its source."""
        shapes = tuple(value.array.shape for value in values)
        self.calls.append(Call(layer, shapes, outputs[0].array.shape, tuple(value.source for value in values)))
        return [replace(output, source=len(self.calls) - 1) for output in outputs]

    def compute(self, layer: Layer, values: list[Value]) -> list[Value]:
        """One layer on its inputs."""
        if layer.kind in MERGES:
            return [self.merge(layer, values)]
        if len(values) != 1:
            raise NotComputed(f"{layer.kind} has {len(values)} inputs")
        value = values[0]
        if layer.kind == "TimeDistributed":
            return [self.time_distributed(layer, value)]
        if layer.kind == "SpectralNormalization" and layer.inner is not None:
            return self.call(self.layers[layer.inner], [value], {})  # it changes the kernel, in training only
        if layer.kind == "SimpleRNN":
            return simple_rnn(self, layer, value)
        if layer.kind == "Masking":
            mask = (value.array != _number(layer, "mask_value")).any(axis=-1)
            return [Value(np.where(mask[..., None], value.array, 0.0), mask)]
        if layer.kind in IDENTITIES:
            return [value]
        if layer.kind not in LAYERS:
            raise NotComputed(f"the examiner does not know the layer {layer.kind}")
        array = LAYERS[layer.kind](self, layer, value)
        return [Value(array, value.mask if layer.kind in KEEP_MASK else None)]

    def merge(self, layer: Layer, values: list[Value]) -> Value:
        arrays, masks = [value.array for value in values], [value.mask for value in values]
        rank = max(array.ndim for array in arrays)
        if layer.kind == "Concatenate":
            self.allow((sum(array.size for array in arrays),))
            return Value(np.concatenate(arrays, axis=_integer(layer, "axis")), _concatenated_mask(layer, values))
        masked = any(mask is not None for mask in masks)
        if masked and layer.kind in ("Multiply", "Maximum", "Minimum"):
            raise NotComputed(f"{layer.kind} of masked sequences")
        arrays = [array.reshape(array.shape[:1] + (1,) * (rank - array.ndim) + array.shape[1:]) for array in arrays]
        self.allow(np.broadcast_shapes(*(array.shape for array in arrays)))
        mask = None
        if all(mask is not None for mask in masks):
            mask = np.logical_or.reduce([np.asarray(mask) for mask in masks])
        return Value(MERGES[layer.kind](arrays), mask)

    def operation(self, layer: Layer, args: list[Any], kwargs: dict[str, Any]) -> Value:
        """One call of a function of keras.ops: arithmetic with tensors, slices, masks made by hand. No mask comes out.

        Keras itself has others there that join masks. What is not in OPERATIONS is unknown, and so is what is
        computed with it.
        """
        function = OPERATIONS.get(layer.kind)
        given = [_plain_argument(item) for item in args]
        missing = [item.unknown for item in given if isinstance(item, Value)]
        if function is None or kwargs or missing:
            return unknown(missing[0] if missing else f"keras.{layer.kind}")
        shapes = [item.shape for item in given if isinstance(item, Array)]
        try:
            if layer.kind in BROADCASTING:
                self.allow(np.broadcast_shapes(*shapes))
            with np.errstate(all="ignore"):  # what is not finite shows in the model's own outputs
                array = np.asarray(function(layer.config, *given))
        except (TypeError, ValueError, IndexError):  # settings or arguments that numpy does not take as Keras does
            return unknown(f"keras.{layer.kind} as it is called")
        self.allow(array.shape)
        return Value(array)

    def time_distributed(self, layer: Layer, value: Value) -> Value:
        """The inner layer at every time step: batch and time are one axis to it."""
        if layer.inner is None:
            raise NotComputed("TimeDistributed without a layer")
        array = value.array
        flat = array.reshape(-1, *array.shape[2:])
        inner = self.call(self.layers[layer.inner], [Value(flat)], {})[0].array
        return Value(inner.reshape(*array.shape[:2], *inner.shape[1:]), value.mask)

    def allow(self, shape: Sequence[int], work: int = 0) -> None:
        """Count a tensor of this shape and the multiplications for it. Raises NotComputed beyond the bounds."""
        self.elements += math.prod(map(int, shape))
        self.work += work
        if self.elements > MAX_ELEMENTS or self.work > MAX_WORK:
            raise NotComputed("a model as large as this one")


def _resolve(tree: Any, values: list[list[Value]]) -> Any:
    if "tensor" in tree:
        node, output = tree["tensor"]
        return values[node][output]
    if "list" in tree:
        return [_resolve(item, values) for item in tree["list"]]
    if "value" in tree:
        return tree["value"]
    if "array" in tree:
        return Value(np.asarray(tree["array"]))
    if "slice" in tree:
        return slice(*(None if n is None else int(n) for n in tree["slice"]))
    if "ellipsis" in tree:
        return Ellipsis
    return unknown(f"with {str(tree['other'])[:40]}")


def _tensors(args: list[Any]) -> list[Value]:
    """The tensors among arguments, those in lists too."""
    found: list[Value] = []
    for item in args:
        found += _tensors(item) if isinstance(item, list) else [item] if isinstance(item, Value) else []
    return found


def _plain_argument(item: Any) -> Any:
    """An argument of a function of keras.ops as numpy takes it; a Value where it is unknown, also within a list."""
    if isinstance(item, list):
        items = [_plain_argument(one) for one in item]
        return next((one for one in items if isinstance(one, Value)), items)
    return item.array if isinstance(item, Value) and not item.unknown else item


# --- settings -------------------------------------------------------------------------------------------


def _number(layer: Layer, name: str, default: float | None = None) -> float:
    value = layer.config.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise NotComputed(f"{layer.kind} with {name}={str(value)[:40]}")
    return float(value)


def _integer(layer: Layer, name: str, default: int | None = None) -> int:
    value = _number(layer, name, default)
    if value != int(value):
        raise NotComputed(f"{layer.kind} with {name}={value}")
    return int(value)


def _integers(layer: Layer, name: str, n: int, default: int | None = None) -> tuple[int, ...]:
    """A setting that is one number or n numbers, at least 0."""
    value: Any = layer.config.get(name)
    value = default if value is None else value
    value = [value] * n if isinstance(value, int) else value
    plain = isinstance(value, list | tuple) and len(value) == n
    if not plain or not all(type(item) is int and 0 <= item < 2**20 for item in value):
        raise NotComputed(f"{layer.kind} with {name}={str(value)[:40]}")
    return tuple(value)


def _channels_last(layer: Layer) -> None:
    if layer.config.get("data_format") not in (None, "channels_last"):
        raise NotComputed(f"{layer.kind} with data_format={str(layer.config['data_format'])[:40]}")


def _weight(layer: Layer, name: str, shape: tuple[int, ...] | None = None) -> Array:
    if name not in layer.weights or (shape is not None and layer.weights[name].shape != shape):
        found = layer.weights[name].shape if name in layer.weights else "none"
        raise NotComputed(f"{layer.kind} with a {name} of shape {found}")
    return layer.weights[name]


# --- activations ----------------------------------------------------------------------------------------


def softmax(x: Array, axis: int = -1) -> Array:
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return np.asarray(e / e.sum(axis=axis, keepdims=True))


def _elu(x: Array, alpha: float = 1.0) -> Array:
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772  # Klambauer et al. 2017, as Keras has them

ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "linear": lambda x: x,
    "relu": lambda x: np.maximum(x, 0),
    "relu6": lambda x: np.clip(x, 0, 6),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.2 * x),
    "elu": _elu,
    "selu": lambda x: SELU_SCALE * _elu(x, SELU_ALPHA),
    "celu": _elu,
    "softplus": lambda x: np.logaddexp(x, 0),
    "softsign": lambda x: x / (1 + np.abs(x)),
    "silu": lambda x: x * special.expit(x),
    "swish": lambda x: x * special.expit(x),
    "gelu": lambda x: 0.5 * x * (1 + special.erf(x / math.sqrt(2))),
    "mish": lambda x: x * np.tanh(np.logaddexp(x, 0)),
    "tanh": np.tanh,
    "hard_tanh": lambda x: np.clip(x, -1, 1),
    "sigmoid": special.expit,
    "hard_sigmoid": lambda x: np.clip(x / 6 + 0.5, 0, 1),
    "exponential": np.exp,
    "log_sigmoid": lambda x: -np.logaddexp(-x, 0),
    "softmax": softmax,
    "log_softmax": lambda x: x - special.logsumexp(x, axis=-1, keepdims=True),
}

ACTIVATION_LAYERS = ("Activation", "ReLU", "LeakyReLU", "ELU", "PReLU", "Softmax")


def activation_name(layer: Layer) -> str:
    """The activation's name in a layer's settings, of a layer such as ReLU() too; 'linear' for none."""
    value = layer.config.get("activation")
    if value is None:
        return "linear"
    name = str(value.get("name", "")) if isinstance(value, dict) else str(value)
    return name.removesuffix("_v2")  # tf.nn.softmax is called softmax_v2


def _activate(layer: Layer, x: Array) -> Array:
    name, value = activation_name(layer), layer.config.get("activation")
    if isinstance(value, dict) and name in ACTIVATION_LAYERS and name not in ("PReLU", "Activation"):
        inner = Layer(layer.name, name, dict(value.get("config", {})))
        return _activation_layer(inner, Value(x))
    if name not in ACTIVATIONS:
        raise NotComputed(f"{layer.kind} with the activation {name[:40]!r}")
    return ACTIVATIONS[name](x)


def _activation_layer(layer: Layer, value: Value) -> Array:
    x = value.array
    if layer.kind == "Activation":
        return _activate(layer, x)
    if layer.kind == "Softmax":
        if value.mask is not None:
            raise NotComputed("Softmax of a masked sequence")
        return softmax(x, _integer(layer, "axis", -1))
    if layer.kind == "ELU":
        return _elu(x, _number(layer, "alpha", 1.0))
    if layer.kind == "LeakyReLU":
        return np.where(x > 0, x, _number(layer, "negative_slope", 0.3) * x)
    if layer.kind == "PReLU":
        return np.where(x > 0, x, _weight(layer, "alpha") * x)
    slope, threshold = _number(layer, "negative_slope", 0.0), _number(layer, "threshold", 0.0)
    y = np.where(x > threshold, x, slope * (x - threshold))
    return y if layer.config.get("max_value") is None else np.minimum(y, _number(layer, "max_value"))


# --- layers with weights ----------------------------------------------------------------------------------


def _dense(run: Computation, layer: Layer, value: Value) -> Array:
    x, kernel = value.array, _weight(layer, "kernel")
    if kernel.ndim != 2 or x.shape[-1] != kernel.shape[0]:
        raise NotComputed(f"Dense with a kernel of shape {kernel.shape} on an input of shape {x.shape}")
    run.allow((*x.shape[:-1], kernel.shape[1]), work=x.size * kernel.shape[1])
    y = x @ kernel
    if layer.config.get("use_bias", True):
        y = y + _weight(layer, "bias", kernel.shape[1:])
    return _activate(layer, y)


def simple_rnn(run: Computation, layer: Layer, value: Value) -> list[Value]:
    """h_t = activation(x_t W + h_{t-1} U + b); a masked step repeats the output before and keeps the state."""
    x, kernel = value.array, _weight(layer, "kernel")
    units = kernel.shape[-1]
    recurrent = _weight(layer, "recurrent_kernel", (units, units))
    if x.ndim != 3 or kernel.shape != (x.shape[2], units) or layer.config.get("stateful"):
        raise NotComputed(f"SimpleRNN with a kernel of shape {kernel.shape} on an input of shape {x.shape}")
    batch, time, features = x.shape
    run.allow((batch, time, 2 * units), work=batch * time * units * (features + units))
    drive = x @ kernel
    if layer.config.get("use_bias", True):
        drive = drive + _weight(layer, "bias", (units,))
    mask = value.mask
    backwards = bool(layer.config.get("go_backwards"))
    steps = range(time - 1, -1, -1) if backwards else range(time)
    zero_masked = bool(layer.config.get("zero_output_for_mask"))
    h = output = np.zeros((batch, units))
    outputs = np.zeros((batch, time, units))
    for place, t in enumerate(steps):
        new = _activate(layer, drive[:, t] + h @ recurrent)
        if mask is None:
            h = output = new
        else:
            live = mask[:, t, None]
            h = np.where(live, new, h)
            output = np.where(live, new, 0.0 if zero_masked else output)
        outputs[:, place] = output
    sequences = bool(layer.config.get("return_sequences"))
    result = Value(outputs, mask) if sequences else Value(output.copy())
    return [result, Value(h.copy())] if layer.config.get("return_state") else [result]


def _same_padding(n: int, kernel: int, stride: int, dilation: int) -> tuple[int, int]:
    """Zeros before and after, as tensorflow has them for padding='same': the larger half after."""
    total = max((math.ceil(n / stride) - 1) * stride + (kernel - 1) * dilation + 1 - n, 0)
    return total // 2, total - total // 2


def _pad(
    run: Computation,
    layer: Layer,
    x: Array,
    kernel: Sequence[int],
    strides: Sequence[int],
    dilation: Sequence[int],
    fill: float = 0.0,
) -> Array:
    padding = layer.config.get("padding", "valid")
    if padding == "valid":
        return x
    if padding == "causal" and len(kernel) == 1:
        widths = [((kernel[0] - 1) * dilation[0], 0)]
    elif padding == "same":
        shape = x.shape[1:-1]
        widths = [_same_padding(*sizes) for sizes in zip(shape, kernel, strides, dilation, strict=True)]
    else:
        raise NotComputed(f"{layer.kind} with padding={str(padding)[:40]}")
    return _padded(run, x, widths, fill)


def _padded(run: Computation, x: Array, widths: Sequence[tuple[int, int]], fill: float = 0.0) -> Array:
    shape = [n + before + after for n, (before, after) in zip(x.shape[1:-1], widths, strict=True)]
    run.allow((x.shape[0], *shape, x.shape[-1]))
    return np.pad(x, [(0, 0), *widths, (0, 0)], constant_values=fill)


def _windows(
    x: Array, size: Sequence[int], strides: Sequence[int], dilation: Sequence[int]
) -> list[tuple[tuple[int, ...], Array]]:
    """For each place in a window of this size, what all windows have there: (place, (batch, *out, channels))."""
    if x.ndim != len(size) + 2 or not all(strides) or not all(dilation) or not all(size):
        raise NotComputed(f"windows of {tuple(size)} on an input of shape {x.shape}")
    counts = [(n - (k - 1) * d - 1) // s + 1 for n, k, s, d in zip(x.shape[1:-1], size, strides, dilation, strict=True)]
    if min(counts) < 1:
        raise NotComputed(f"windows of {tuple(size)} on an input of shape {x.shape}")
    found = []
    for place in np.ndindex(*size):
        cut = tuple(
            slice(p * d, p * d + (n - 1) * s + 1, s)
            for p, d, n, s in zip(place, dilation, counts, strides, strict=True)
        )
        found.append((place, x[(slice(None), *cut)]))
    return found


def _convolution(run: Computation, layer: Layer, value: Value) -> Array:
    _channels_last(layer)
    kernel = _weight(layer, "kernel")
    rank = int(layer.kind.removeprefix("Conv").removesuffix("D"))
    strides, dilation = _integers(layer, "strides", rank, 1), _integers(layer, "dilation_rate", rank, 1)
    if kernel.ndim != rank + 2 or value.array.ndim != rank + 2 or kernel.size == 0:
        raise NotComputed(f"{layer.kind} with a kernel of shape {kernel.shape} on {value.array.shape}")
    *size, channels, filters = kernel.shape
    x = _pad(run, layer, value.array, size, strides, dilation)
    groups = x.shape[-1] // channels
    if groups < 1 or groups * channels != x.shape[-1] or filters % groups:
        raise NotComputed(f"{layer.kind} with a kernel of shape {kernel.shape} on {value.array.shape}")
    windows = _windows(x, size, strides, dilation)
    shape = (*windows[0][1].shape[:-1], filters)
    run.allow(shape, work=math.prod(shape) * math.prod(size) * channels)
    y = np.zeros(shape)
    each = filters // groups
    for place, seen in windows:
        for g in range(groups):
            part = slice(g * each, (g + 1) * each)
            y[..., part] += seen[..., g * channels : (g + 1) * channels] @ kernel[place][:, part]
    if layer.config.get("use_bias", True):
        y = y + _weight(layer, "bias", (filters,))
    return _activate(layer, y)


# --- pooling ----------------------------------------------------------------------------------------------


def _pooling(run: Computation, layer: Layer, value: Value) -> Array:
    _channels_last(layer)
    rank = int(layer.kind[-2])
    size = _integers(layer, "pool_size", rank)
    strides = size if layer.config.get("strides") is None else _integers(layer, "strides", rank)
    ones = (1,) * rank
    largest = layer.kind.startswith("Max")
    x = _pad(run, layer, value.array, size, strides, ones, fill=-np.inf if largest else 0.0)
    windows = [seen for _, seen in _windows(x, size, strides, ones)]
    run.allow(windows[0].shape, work=len(windows) * windows[0].size)
    if largest:
        return np.asarray(np.maximum.reduce(windows))
    counted = _pad(run, layer, np.ones((1, *value.array.shape[1:-1], 1)), size, strides, ones)
    return np.asarray(sum(windows) / sum(seen for _, seen in _windows(counted, size, strides, ones)))


def _global_pooling(run: Computation, layer: Layer, value: Value) -> Array:
    _channels_last(layer)
    x, keep = value.array, bool(layer.config.get("keepdims"))
    axes = tuple(range(1, x.ndim - 1))
    if x.ndim != int(layer.kind[-2]) + 2:
        raise NotComputed(f"{layer.kind} on an input of shape {x.shape}")
    if layer.kind.startswith("GlobalMax"):
        return np.asarray(x.max(axis=axes, keepdims=keep))
    if value.mask is None or layer.kind != "GlobalAveragePooling1D":
        return np.asarray(x.mean(axis=axes, keepdims=keep))
    live = value.mask[..., None]
    with np.errstate(invalid="ignore"):  # a sequence of padding alone has no mean, there as here
        return np.asarray(np.where(live, x, 0).sum(axis=1, keepdims=keep) / live.sum(axis=1, keepdims=keep))


# --- normalisation ------------------------------------------------------------------------------------------


def _along(x: Array, axis: int, weights: Array) -> Array:
    """A vector of weights in a shape that meets one axis of x."""
    shape = [1] * x.ndim
    shape[axis] = x.shape[axis]
    return weights.reshape(shape)


def _scaled(layer: Layer, y: Array, axes: Sequence[int]) -> Array:
    """gamma y + beta, where the layer has them, along the axes of y."""
    shape = [y.shape[a] if a % y.ndim in [b % y.ndim for b in axes] else 1 for a in range(y.ndim)]
    if layer.config.get("scale", True):
        y = y * _weight(layer, "gamma").reshape(shape)
    return y + _weight(layer, "beta").reshape(shape) if layer.config.get("center", True) else y


def _batch_normalization(run: Computation, layer: Layer, value: Value) -> Array:
    x, axis = value.array, _integer(layer, "axis", -1)
    run.allow(x.shape)
    mean, variance = (_along(x, axis, _weight(layer, name)) for name in ("moving_mean", "moving_variance"))
    return _scaled(layer, (x - mean) / np.sqrt(variance + _number(layer, "epsilon")), [axis])


def _layer_normalization(run: Computation, layer: Layer, value: Value) -> Array:
    x, axes = value.array, layer.config.get("axis", -1)
    axes = tuple(axes) if isinstance(axes, list | tuple) else (_integer(layer, "axis", -1),)
    if layer.config.get("rms_scaling"):
        raise NotComputed("LayerNormalization with rms_scaling")
    run.allow(x.shape)
    mean, variance = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    return _scaled(layer, (x - mean) / np.sqrt(variance + _number(layer, "epsilon")), axes)


def _group_normalization(run: Computation, layer: Layer, value: Value) -> Array:
    x, groups = value.array, _integer(layer, "groups")
    if _integer(layer, "axis", -1) not in (-1, x.ndim - 1) or groups == 0 or x.shape[-1] % groups:
        raise NotComputed(f"GroupNormalization with groups={groups} on an input of shape {x.shape}")
    run.allow(x.shape)
    groups = x.shape[-1] if groups == -1 else groups
    grouped = x.reshape(*x.shape[:-1], groups, x.shape[-1] // groups)
    axes = (*range(1, x.ndim - 1), x.ndim)
    mean, variance = grouped.mean(axis=axes, keepdims=True), grouped.var(axis=axes, keepdims=True)
    return _scaled(layer, ((grouped - mean) / np.sqrt(variance + _number(layer, "epsilon"))).reshape(x.shape), [-1])


def _unit_normalization(run: Computation, layer: Layer, value: Value) -> Array:
    x, axes = value.array, layer.config.get("axis", -1)
    axes = tuple(axes) if isinstance(axes, list | tuple) else (_integer(layer, "axis", -1),)
    run.allow(x.shape)
    return np.asarray(x / np.maximum(np.sqrt((x**2).sum(axis=axes, keepdims=True)), 1e-12))


def _rms_normalization(run: Computation, layer: Layer, value: Value) -> Array:
    x = value.array
    if layer.config.get("axis", -1) not in (-1, [-1], (-1,)):
        raise NotComputed(f"RMSNormalization with axis={layer.config['axis']}")
    run.allow(x.shape)
    root = np.sqrt((x**2).mean(axis=-1, keepdims=True) + _number(layer, "epsilon"))
    return np.asarray(x / root * _weight(layer, "scale", x.shape[-1:]))


def _normalization(run: Computation, layer: Layer, value: Value) -> Array:
    """keras.layers.Normalization: statistics that `adapt` found, or that were given."""
    x = value.array
    if layer.config.get("axis", -1) not in (-1, [-1], (-1,), None, [], ()) or layer.config.get("invert"):
        raise NotComputed("Normalization along other axes than the last, or inverted")
    run.allow(x.shape)
    given = [layer.weights.get(name, layer.config.get(name)) for name in ("mean", "variance")]
    mean, variance = (np.asarray(item, float).reshape(-1) for item in given)
    return np.asarray((x - mean) / np.maximum(np.sqrt(variance), 1e-7))


def _rescaling(run: Computation, layer: Layer, value: Value) -> Array:
    run.allow(value.array.shape)
    return value.array * _number(layer, "scale") + _number(layer, "offset", 0.0)


# --- shapes ---------------------------------------------------------------------------------------------------


def _flatten(run: Computation, layer: Layer, value: Value) -> Array:
    _channels_last(layer)
    return value.array.reshape(len(value.array), -1)


def _reshape(run: Computation, layer: Layer, value: Value) -> Array:
    shape = layer.config.get("target_shape")
    if not isinstance(shape, list | tuple) or not all(type(n) is int for n in shape):
        raise NotComputed(f"Reshape with target_shape={str(shape)[:40]}")
    return value.array.reshape(len(value.array), *shape)


def _permute(run: Computation, layer: Layer, value: Value) -> Array:
    return value.array.transpose(0, *_integers(layer, "dims", value.array.ndim - 1))


def _repeat_vector(run: Computation, layer: Layer, value: Value) -> Array:
    n = _integer(layer, "n")
    run.allow((value.array.size, max(n, 0)))
    return np.repeat(value.array[:, None], n, axis=1)


def _margins(layer: Layer, name: str, rank: int) -> list[tuple[int, int]]:
    """Settings such as padding=1, (1, 2) or ((1, 2), (0, 0)), as pairs, one for each axis."""
    value: Any = layer.config.get(name)
    if isinstance(value, int):
        value = (value, value)
    pairs: Any = [value] if rank == 1 else value
    if not isinstance(pairs, list | tuple) or len(pairs) != rank:
        raise NotComputed(f"{layer.kind} with {name}={str(value)[:40]}")
    pairs = [(pair, pair) if isinstance(pair, int) else tuple(pair) for pair in pairs]
    if not all(len(pair) == 2 and all(type(n) is int and 0 <= n < 2**20 for n in pair) for pair in pairs):
        raise NotComputed(f"{layer.kind} with {name}={str(value)[:40]}")
    return pairs


def _zero_padding(run: Computation, layer: Layer, value: Value) -> Array:
    _channels_last(layer)
    return _padded(run, value.array, _margins(layer, "padding", int(layer.kind[-2])))


def _cropping(run: Computation, layer: Layer, value: Value) -> Array:
    _channels_last(layer)
    margins = _margins(layer, "cropping", int(layer.kind[-2]))
    sizes = value.array.shape[1:-1]
    cut = tuple(slice(before, n - after) for n, (before, after) in zip(sizes, margins, strict=True))
    return value.array[(slice(None), *cut)]


def _up_sampling(run: Computation, layer: Layer, value: Value) -> Array:
    _channels_last(layer)
    if layer.config.get("interpolation", "nearest") != "nearest":
        raise NotComputed("UpSampling2D that interpolates")
    x = value.array
    for axis, size in enumerate(_integers(layer, "size", int(layer.kind[-2])), start=1):
        run.allow((x.size, size))
        x = np.repeat(x, size, axis=axis)
    return x


# --- merging ----------------------------------------------------------------------------------------------------


def _concatenated_mask(layer: Layer, values: list[Value]) -> Array | None:
    """Keras's rule: broadcast to the inputs, joined as they are, true where any feature is."""
    if all(value.mask is None for value in values):
        return None
    masks = []
    for value in values:
        mask = np.ones(value.array.shape, bool) if value.mask is None else value.mask
        while mask.ndim < value.array.ndim:
            mask = mask[..., None]
        masks.append(np.broadcast_to(mask, value.array.shape))
    return np.asarray(np.concatenate(masks, axis=_integer(layer, "axis")).any(axis=-1))


def _difference(arrays: list[Array]) -> Array:
    if len(arrays) != 2:
        raise NotComputed(f"Subtract with {len(arrays)} inputs")
    return np.asarray(arrays[0] - arrays[1])


MERGES: dict[str, Callable[[list[Array]], Array]] = {
    "Add": lambda arrays: np.asarray(sum(arrays[1:], arrays[0])),
    "Subtract": _difference,
    "Multiply": lambda arrays: np.asarray(math.prod(arrays[1:], start=arrays[0])),
    "Average": lambda arrays: np.asarray(sum(arrays[1:], arrays[0]) / len(arrays)),
    "Maximum": lambda arrays: np.asarray(np.maximum.reduce(np.broadcast_arrays(*arrays))),
    "Minimum": lambda arrays: np.asarray(np.minimum.reduce(np.broadcast_arrays(*arrays))),
    "Concatenate": lambda arrays: np.concatenate(arrays, axis=-1),
}

# --- functions of keras.ops ---------------------------------------------------------------------------------------


def _axis(config: dict[str, Any], name: str = "axis") -> Any:
    axis = config.get(name)
    return tuple(axis) if isinstance(axis, list) else axis


def _reduction(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda config, x: function(x, axis=_axis(config), keepdims=bool(config.get("keepdims")))


def _get_item(config: dict[str, Any], x: Array, key: Any) -> Array:
    """x[key] of whole numbers, slices, None and Ellipsis: basic indexing, which copies nothing."""
    return np.asarray(x[tuple(key) if isinstance(key, list) else key])


def _cast(config: dict[str, Any], x: Array) -> Array:
    dtype = str(config["dtype"])
    return np.asarray(x).astype(bool if dtype == "bool" else np.int64 if "int" in dtype else np.float64)


def _gelu(config: dict[str, Any], x: Array) -> Array:
    if config.get("approximate", True):
        return np.asarray(0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))))
    return ACTIVATIONS["gelu"](x)


def _elementwise(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda config, *arrays: function(*arrays)


_ELEMENTWISE: dict[str, Callable[..., Any]] = {
    "Add": np.add, "Subtract": np.subtract, "Multiply": np.multiply, "Divide": np.true_divide,
    "TrueDivide": np.true_divide, "Power": np.power, "Maximum": np.maximum, "Minimum": np.minimum,
    "Equal": np.equal, "NotEqual": np.not_equal, "Greater": np.greater, "GreaterEqual": np.greater_equal,
    "Less": np.less, "LessEqual": np.less_equal, "LogicalAnd": np.logical_and, "LogicalOr": np.logical_or,
    "LogicalNot": np.logical_not, "Where": np.where, "Abs": np.abs, "Absolute": np.abs, "Negative": np.negative,
    "Sign": np.sign, "Exp": np.exp, "Log": np.log, "Log1p": np.log1p, "Sqrt": np.sqrt, "Square": np.square,
    "Sin": np.sin, "Cos": np.cos, "Tanh": np.tanh, "Sigmoid": special.expit, "Relu": ACTIVATIONS["relu"],
    "Relu6": ACTIVATIONS["relu6"], "Selu": ACTIVATIONS["selu"], "Silu": ACTIVATIONS["silu"],
    "Softplus": ACTIVATIONS["softplus"], "Softsign": ACTIVATIONS["softsign"],
    "HardSigmoid": ACTIVATIONS["hard_sigmoid"], "LogSigmoid": ACTIVATIONS["log_sigmoid"],
}  # fmt: skip

_REDUCTIONS: dict[str, Callable[..., Any]] = {
    "Any": np.any, "All": np.all, "Sum": np.sum, "Mean": np.mean, "Max": np.max, "Min": np.min, "Prod": np.prod,
    "Var": np.var, "Std": np.std, "CountNonzero": np.count_nonzero,
}  # fmt: skip

OPERATIONS: dict[str, Callable[..., Any]] = {
    **{f"ops.{name}": _elementwise(function) for name, function in _ELEMENTWISE.items()},
    **{f"ops.{name}": _reduction(function) for name, function in _REDUCTIONS.items()},
    "ops.GetItem": _get_item,
    "ops.Cast": _cast,
    "ops.Gelu": _gelu,
    "ops.Elu": lambda config, x: _elu(x, float(config.get("alpha", 1.0))),
    "ops.LeakyRelu": lambda config, x: np.where(x > 0, x, float(config.get("negative_slope", 0.2)) * x),
    "ops.Softmax": lambda config, x: softmax(x, int(config.get("axis", -1))),
    "ops.Clip": lambda config, x: np.clip(x, config["x_min"], config["x_max"]),
    "ops.ExpandDims": lambda config, x: np.expand_dims(x, _axis(config)),
    "ops.Squeeze": lambda config, x: np.squeeze(x, _axis(config)),
    "ops.Reshape": lambda config, x: np.reshape(x, config["newshape"]),
    "ops.Transpose": lambda config, x: np.transpose(x, config.get("axes")),
    "ops.Flip": lambda config, x: np.flip(x, _axis(config)),
    "ops.Concatenate": lambda config, arrays: np.concatenate(arrays, axis=config.get("axis", 0)),
    "ops.Stack": lambda config, arrays: np.stack(arrays, axis=config.get("axis", 0)),
}
"""What functions of keras.ops compute, by class: (settings, what they were called with) to an array."""

BROADCASTING = frozenset(f"ops.{name}" for name in _ELEMENTWISE)
"""Those whose result may be larger than what they are given."""

IDENTITIES = (
    "Dropout", "SpatialDropout1D", "SpatialDropout2D", "GaussianDropout", "GaussianNoise", "AlphaDropout",
    "ActivityRegularization", "Identity",
)  # fmt: skip
"""Layers that hand their input on at inference."""

LAYERS: dict[str, Callable[[Computation, Layer, Value], Array]] = {
    "Dense": _dense,
    "Conv1D": _convolution,
    "Conv2D": _convolution,
    **{name: lambda _, layer, value: _activation_layer(layer, value) for name in ACTIVATION_LAYERS},
    **{f"{kind}Pooling{rank}D": _pooling for kind in ("Max", "Average") for rank in (1, 2)},
    **{f"Global{kind}Pooling{rank}D": _global_pooling for kind in ("Max", "Average") for rank in (1, 2)},
    "BatchNormalization": _batch_normalization,
    "LayerNormalization": _layer_normalization,
    "GroupNormalization": _group_normalization,
    "UnitNormalization": _unit_normalization,
    "RMSNormalization": _rms_normalization,
    "Normalization": _normalization,
    "Rescaling": _rescaling,
    "Flatten": _flatten,
    "Reshape": _reshape,
    "Permute": _permute,
    "RepeatVector": _repeat_vector,
    **{f"ZeroPadding{rank}D": _zero_padding for rank in (1, 2)},
    **{f"Cropping{rank}D": _cropping for rank in (1, 2)},
    **{f"UpSampling{rank}D": _up_sampling for rank in (1, 2)},
}

KEEP_MASK = (
    "Dense", *ACTIVATION_LAYERS, "BatchNormalization", "LayerNormalization", "GroupNormalization",
    "UnitNormalization", "Rescaling",
)  # fmt: skip
"""Layers of LAYERS behind which a mask is still there; the others lose it."""

HARMLESS_IN_TRAINING = ("Dense", "Conv1D", "Conv2D", "LayerNormalization", "ActivityRegularization", "Identity")
"""Layers with weights, or that pass on what they get, that give in training what they give at inference."""

KNOWN = (*LAYERS, *MERGES, *IDENTITIES, "InputLayer", "Masking", "SimpleRNN", "TimeDistributed",
         "SpectralNormalization")  # fmt: skip
"""Every layer that can be computed here."""
