"""Stand-ins for the models of `speech_commands`: wrappers of torch's own layers, run in the candidate.

They take the place of a student's models while `training` is examined. Weights that were kept with other
classes load into them when these hold, per layer, torch's fused layout: a matrix for the input, a matrix for
the hidden state, one or two biases, with torch's order of the gates. This file is sent as text.
"""

import torch
from torch import nn

_LibraryGRU, _LibraryLSTM, _LibraryRNN = nn.GRU, nn.LSTM, nn.RNN


def _library_stack(mode, input_size, hidden_size, num_layers, bias):
    sizes = {"num_layers": num_layers, "bias": bias, "batch_first": True}
    if mode == "LSTM":
        return _LibraryLSTM(input_size, hidden_size, **sizes)
    if mode == "GRU":
        return _LibraryGRU(input_size, hidden_size, **sizes)
    if mode in ("RNN_TANH", "RNN_RELU"):
        return _LibraryRNN(input_size, hidden_size, nonlinearity=mode[4:].lower(), **sizes)
    raise ValueError(f"unknown mode {mode!r}")


def _final_hidden_state(mode, stack, input, state=None):
    """The last layer's hidden state after the last time step, (batch, hidden_size)."""
    final = stack(input, state)[1]
    return (final[0] if mode == "LSTM" else final)[-1]


def _load_stack(stack, entries):
    """Copy a stack's kept tensors, in the order of their registration, into a library layer."""
    layers = {}
    for name, value in entries.items():
        layer, _, _ = name.partition(".")
        layers.setdefault(int(layer), []).append(torch.as_tensor(value))
    if sorted(layers) != list(range(stack.num_layers)):
        raise RuntimeError("the kept weights have another number of layers")
    with torch.no_grad():
        for layer, tensors in layers.items():
            matrices = [t for t in tensors if t.dim() == 2]
            biases = [t for t in tensors if t.dim() == 1]
            own = [getattr(stack, f"weight_{kind}_l{layer}") for kind in ("ih", "hh")]
            if [t.shape for t in matrices] != [w.shape for w in own]:
                raise RuntimeError("the kept weights are not in torch's fused layout")
            for weight, value in zip(own, matrices, strict=True):
                weight.copy_(value)
            for kind in ("ih", "hh") if stack.bias else ():
                bias = getattr(stack, f"bias_{kind}_l{layer}")
                bias.copy_(biases.pop(0)) if biases else bias.zero_()


class _StandIn(nn.Module):
    def load_state_dict(self, state_dict, strict=True, assign=False):
        if set(state_dict) == set(self.state_dict()):
            return super().load_state_dict(state_dict, strict, assign)
        for prefix, stack in self.stacks().items():
            entries = {k.removeprefix(prefix): v for k, v in state_dict.items() if k.startswith(prefix)}
            _load_stack(stack, entries)
        fc = {k.removeprefix("fc."): torch.as_tensor(v) for k, v in state_dict.items() if k.startswith("fc.")}
        return self.fc.load_state_dict(fc)


class RNNModel(_StandIn):
    """Takes and gives what the exercise `rnn_model` asks for."""

    def __init__(self, mode, input_size, hidden_size, num_layers, bias, output_size):
        super().__init__()
        self.mode = mode
        self.stack = _library_stack(mode, input_size, hidden_size, num_layers, bias)
        self.fc = nn.Linear(hidden_size, output_size)

    def stacks(self):
        return {"rnn_cell_list.": self.stack}

    def forward(self, input, hx=None):
        if hx is not None:
            parts = zip(*hx, strict=True) if self.mode == "LSTM" else [hx]
            hx = [torch.stack(list(part)) for part in parts]
            hx = tuple(hx) if self.mode == "LSTM" else hx[0]
        return self.fc(_final_hidden_state(self.mode, self.stack, input, hx))


class BidirRecurrentModel(_StandIn):
    """Takes and gives what the exercise `bidirectional_model` asks for."""

    def __init__(self, mode, input_size, hidden_size, num_layers, bias, output_size):
        super().__init__()
        self.mode = mode
        self.stack = _library_stack(mode, input_size, hidden_size, num_layers, bias)
        self.stack_rev = _library_stack(mode, input_size, hidden_size, num_layers, bias)
        self.fc = nn.Linear(2 * hidden_size, output_size)

    def stacks(self):
        return {"rnn_cell_list.": self.stack, "rnn_cell_list_rev.": self.stack_rev}

    def forward(self, input):
        forward = _final_hidden_state(self.mode, self.stack, input)
        backward = _final_hidden_state(self.mode, self.stack_rev, input.flip(1))
        return self.fc(torch.cat([forward, backward], dim=1))
