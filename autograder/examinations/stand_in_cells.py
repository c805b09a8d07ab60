"""Stand-ins for the cells of `speech_commands`, with the parameters of torch's own cells, run in the candidate.

They take the place of a student's cells while an exercise that builds on them is examined, so that one
mistake costs once. Torch's cells themselves are of no use then: they are hidden from the student's answer, under any
name. This file is sent as text; it is not imported by the examiner.
"""

import torch
from torch import nn


class _Affine(nn.Module):
    """Affine functions of x and h, side by side for all gates, with torch's names and ranges of parameters."""

    def __init__(self, input_size, hidden_size, gates, bias):
        super().__init__()
        bound = hidden_size**-0.5
        shapes = {"weight_ih": (gates * hidden_size, input_size), "weight_hh": (gates * hidden_size, hidden_size)}
        shapes |= dict.fromkeys(("bias_ih", "bias_hh"), (gates * hidden_size,) if bias else None)
        for name, shape in shapes.items():
            value = None if shape is None else nn.Parameter(torch.zeros(shape).uniform_(-bound, bound))
            self.register_parameter(name, value)

    def forward(self, input, h):
        of_input = nn.functional.linear(input, self.weight_ih, self.bias_ih)
        return of_input, nn.functional.linear(h, self.weight_hh, self.bias_hh)


class LSTMCell(nn.Module):
    """Takes and gives what the exercise `lstm_cell` asks for."""

    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        self.cell = _Affine(input_size, hidden_size, 4, bias)

    def forward(self, input, hx=None):
        h, c = (input.new_zeros(*input.shape[:-1], self.hidden_size),) * 2 if hx is None else hx
        i, f, g, o = sum(self.cell(input, h)).chunk(4, -1)
        cy = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(cy), cy


class GRUCell(nn.Module):
    """Takes and gives what the exercise `gru_cell` asks for."""

    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        self.cell = _Affine(input_size, hidden_size, 3, bias)

    def forward(self, input, hx=None):
        h = input.new_zeros(*input.shape[:-1], self.hidden_size) if hx is None else hx
        of_input, of_state = (values.chunk(3, -1) for values in self.cell(input, h))
        r, z = (torch.sigmoid(of_input[k] + of_state[k]) for k in (0, 1))
        n = torch.tanh(of_input[2] + r * of_state[2])
        return (1 - z) * n + z * h
