"""Torch's recurrent layers computed once more, from their parameters alone, in float64 numpy.

`recurrent_layers` finds them among the parameters of a model by the last part of their names: `nn.RNN`, `nn.GRU` and
`nn.LSTM` with any number of layers, one or both directions, with or without bias, and `nn.RNNCell` and the like in a
list. `unroll` computes what one direction of one layer gives. A student may use other layers; those are not found.
The formulas are those of torch's documentation, gates in its order: GRU r, z, n; LSTM i, f, g, o.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Array = np.ndarray
State = Any
"""(batch, hidden), or the pair (h, c) of those for an LSTM."""

GATES = {"rnn_tanh": 1, "rnn_relu": 1, "gru": 3, "lstm": 4}
"""How many times the hidden size the rows of a kind's matrices are."""

IN_TRAINING = '''
import torch as _examined_torch


def _examined_in_training(module, seed, *arguments):
    """What a module gives in training mode, with torch's global generator seeded: dropout is the same each time."""
    module.train()
    _examined_torch.manual_seed(seed)
    try:
        return module(*arguments)
    finally:
        module.eval()
'''
"""Defined in the candidate to see what a module does while it is trained."""

_NAME = re.compile(
    r"(?P<prefix>.*?)(?P<which>weight_ih|weight_hh|bias_ih|bias_hh)(_l(?P<layer>\d+)(?P<reverse>_reverse)?)?"
)


def random_parameters(rng: np.random.Generator, like: Mapping[str, Array]) -> dict[str, Array]:
    """Float32 parameters of the same names and shapes that an examiner sets, drawn from a normal distribution.

    Rows of many entries get smaller ones, so that units stay away from saturation, where everything looks alike.
    """
    return {
        name: rng.normal(scale=1.5 / np.sqrt((value.shape[-1] if value.ndim > 1 else 1) + 1), size=value.shape).astype(
            np.float32
        )
        for name, value in like.items()
    }


@dataclass(frozen=True)
class Direction:
    """One layer in one direction: weight_ih (gates · hidden, input), weight_hh (gates · hidden, hidden), biases."""

    weight_ih: Array
    weight_hh: Array
    bias_ih: Array
    bias_hh: Array

    @property
    def input_size(self) -> int:
        return int(self.weight_ih.shape[1])

    @property
    def hidden_size(self) -> int:
        return int(self.weight_hh.shape[1])

    @property
    def gates(self) -> int:
        return len(self.weight_hh) // self.hidden_size


@dataclass(frozen=True)
class Layer:
    """A layer that reads forwards, and backwards too where there is `backward`."""

    forward: Direction
    backward: Direction | None = None


@dataclass(frozen=True)
class Found:
    """The recurrent layers in the order in which they were registered, and the parameters that are in none of them."""

    layers: list[Layer] = field(default_factory=list)
    others: dict[str, Array] = field(default_factory=dict)


def recurrent_layers(parameters: Mapping[str, Array]) -> Found:
    """The recurrent layers among a model's named parameters; what is incomplete, or does not fit, stays in `others`."""
    groups: dict[tuple[str, int], dict[str, dict[str, str]]] = {}
    for name in parameters:
        match = _NAME.fullmatch(name)
        if match:
            key = match["prefix"], int(match["layer"] or 0)
            direction = groups.setdefault(key, {}).setdefault(match["reverse"] or "", {})
            direction[match["which"]] = name
    found, used = Found(), set()
    for directions in groups.values():
        forward, backward = (_direction(directions.get(which, {}), parameters) for which in ("", "_reverse"))
        if forward is None or ("_reverse" in directions and backward is None):
            continue
        found.layers.append(Layer(forward, backward))
        used |= {name for names in directions.values() for name in names.values()}
    found.others.update({name: value for name, value in parameters.items() if name not in used})
    return found


def _direction(names: Mapping[str, str], parameters: Mapping[str, Array]) -> Direction | None:
    """The direction that these parameters make, or None."""
    given = {which: np.asarray(parameters[name], np.float64) for which, name in names.items()}
    ih, hh = given.get("weight_ih"), given.get("weight_hh")
    if ih is None or hh is None or ih.ndim != 2 or hh.ndim != 2 or len(ih) != len(hh) or not hh.shape[1]:
        return None
    if len(hh) % hh.shape[1] or len(hh) // hh.shape[1] not in GATES.values():
        return None
    zeros = np.zeros(len(hh))
    bias_ih, bias_hh = given.get("bias_ih", zeros), given.get("bias_hh", zeros)
    if bias_ih.shape != zeros.shape or bias_hh.shape != zeros.shape:
        return None
    return Direction(ih, hh, bias_ih, bias_hh)


def unroll(weights: Direction, kind: str, inputs: Array, state: State = None) -> tuple[Array, State]:
    """Hidden states (batch, time, hidden) for inputs (batch, time, input), and the state after the last step.

    kind: a key of GATES. state: what to begin with, zeros when None. Raises ValueError when the weights are not of
    that kind, or the sizes do not fit.
    """
    if GATES[kind] != weights.gates:
        raise ValueError(f"a layer with {weights.gates} gates is no {kind}")
    if state is None:
        zeros = np.zeros((len(inputs), weights.hidden_size))
        state = (zeros, zeros) if kind == "lstm" else zeros
    outputs = []
    of_inputs = inputs @ weights.weight_ih.T + weights.bias_ih
    for of_input in of_inputs.swapaxes(0, 1):
        state = _step(weights, kind, of_input, state)
        outputs.append(state[0] if kind == "lstm" else state)
    return np.stack(outputs, axis=1), state


def _step(weights: Direction, kind: str, of_input: Array, state: State) -> State:
    h = state[0] if kind == "lstm" else state
    of_state = h @ weights.weight_hh.T + weights.bias_hh
    if kind == "gru":
        (xr, xz, xn), (hr, hz, hn) = np.split(of_input, 3, axis=1), np.split(of_state, 3, axis=1)
        z = _sigmoid(xz + hz)
        return (1 - z) * np.tanh(xn + _sigmoid(xr + hr) * hn) + z * h
    total = of_input + of_state
    if kind == "lstm":
        i, f, g, o = np.split(total, 4, axis=1)
        c = _sigmoid(f) * state[1] + _sigmoid(i) * np.tanh(g)
        return _sigmoid(o) * np.tanh(c), c
    return np.tanh(total) if kind == "rnn_tanh" else np.maximum(total, 0)


def _sigmoid(x: Array) -> Array:
    return (np.tanh(x / 2) + 1) / 2  # exp would overflow for large negative x
