"""Torch's recurrent layers computed once more in numpy: the same numbers as torch's own."""

import numpy as np
import pytest
import torch
from torch import nn

from autograder.examinations.torch_layers import recurrent_layers, unroll

LAYERS = {"rnn_tanh": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
CELLS = {"rnn_tanh": nn.RNNCell, "gru": nn.GRUCell, "lstm": nn.LSTMCell}


def parameters(module: nn.Module) -> dict[str, np.ndarray]:
    return {name: value.detach().numpy() for name, value in module.named_parameters()}


def stacked(module: nn.Module, kind: str, x: np.ndarray, states=None) -> np.ndarray:
    """All layers of one direction, one after the other."""
    for k, layer in enumerate(recurrent_layers(parameters(module)).layers):
        x, _ = unroll(layer.forward, kind, x, states[k] if states else None)
    return x


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("kind", LAYERS)
def test_layers_as_torch_computes_them(kind, bias):
    torch.manual_seed(0)
    module = LAYERS[kind](3, 5, num_layers=2, bias=bias, batch_first=True)
    x = torch.randn(4, 7, 3)
    assert np.allclose(stacked(module, kind, x.numpy()), module(x)[0].detach().numpy(), atol=1e-6)


def test_relu_and_an_initial_state():
    torch.manual_seed(1)
    module = nn.RNN(3, 5, nonlinearity="relu", batch_first=True)
    x, h = torch.randn(4, 7, 3), torch.rand(1, 4, 5)
    given = stacked(module, "rnn_relu", x.numpy(), [h[0].numpy()])
    assert np.allclose(given, module(x, h)[0].detach().numpy(), atol=1e-6)


def test_the_state_at_the_end_goes_on():
    torch.manual_seed(2)
    layer = recurrent_layers(parameters(nn.LSTM(3, 5))).layers[0].forward
    x = np.random.default_rng(0).normal(size=(2, 6, 3))
    whole, _ = unroll(layer, "lstm", x)
    first, state = unroll(layer, "lstm", x[:, :2])
    second, _ = unroll(layer, "lstm", x[:, 2:], state)
    assert np.allclose(np.concatenate([first, second], axis=1), whole)


def test_both_directions():
    torch.manual_seed(3)
    module = nn.GRU(3, 4, num_layers=2, bidirectional=True, batch_first=True)
    x = torch.randn(2, 5, 3)
    values = x.numpy()
    for layer in recurrent_layers(parameters(module)).layers:
        assert layer.backward is not None
        forward, _ = unroll(layer.forward, "gru", values)
        backward, _ = unroll(layer.backward, "gru", values[:, ::-1])
        values = np.concatenate([forward, backward[:, ::-1]], axis=2)
    assert np.allclose(values, module(x)[0].detach().numpy(), atol=1e-6)


@pytest.mark.parametrize("kind", CELLS)
def test_cells_in_a_list_are_layers_too(kind):
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = nn.Embedding(9, 3)
            self.cells = nn.ModuleList([CELLS[kind](3, 5), CELLS[kind](5, 5)])
            self.fc = nn.Linear(5, 9)

    found = recurrent_layers(parameters(Model()))
    assert [(layer.forward.input_size, layer.forward.hidden_size) for layer in found.layers] == [(3, 5), (5, 5)]
    assert list(found.others) == ["embedding.weight", "fc.weight", "fc.bias"]


def test_what_does_not_fit_is_no_layer():
    lone = {"a.weight_ih_l0": np.zeros((4, 2)), "a.weight_hh_l0": np.zeros((6, 3))}
    projected = parameters(nn.LSTM(3, 6, proj_size=2))
    for given in ({"weight_ih": np.zeros((4, 2))}, lone, {"weight_hh": np.zeros(3), "weight_ih": np.zeros(3)}):
        found = recurrent_layers(given)
        assert not found.layers
        assert set(found.others) == set(given)
    assert "weight_hr_l0" in recurrent_layers(projected).others


def test_another_kind_is_refused():
    layer = recurrent_layers(parameters(nn.GRU(3, 5))).layers[0].forward
    with pytest.raises(ValueError, match="3 gates is no lstm"):
        unroll(layer, "lstm", np.zeros((1, 2, 3)))
