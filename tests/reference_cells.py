"""What the notebook of speech_commands gives and what its earlier exercises define, for tests of later ones."""

import math
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import nn


class BasicRNNCell(nn.Module):
    """The cell that the notebook gives."""

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True, nonlinearity: str = "tanh") -> None:
        super().__init__()
        self.hidden_size, self.nonlinearity = hidden_size, nonlinearity
        self.x2h = nn.Linear(input_size, hidden_size, bias=bias)
        self.h2h = nn.Linear(hidden_size, hidden_size, bias=bias)

    def forward(self, input: torch.Tensor, hx: torch.Tensor | None = None) -> torch.Tensor:
        hx = input.new_zeros(len(input), self.hidden_size) if hx is None else hx
        return getattr(torch, self.nonlinearity)(self.x2h(input) + self.h2h(hx))


class LSTMCell(nn.Module):
    def __init__(self, input_size: int, hidden_size: int, bias: bool = True) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.x2h = nn.Linear(input_size, 4 * hidden_size, bias=bias)
        self.h2h = nn.Linear(hidden_size, 4 * hidden_size, bias=bias)

    def forward(self, input: torch.Tensor, hx: Any = None) -> tuple[torch.Tensor, torch.Tensor]:
        h, c = (input.new_zeros(len(input), self.hidden_size),) * 2 if hx is None else hx
        i, f, g, o = (self.x2h(input) + self.h2h(h)).chunk(4, 1)
        cy = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(cy), cy


class GRUCell(nn.Module):
    def __init__(self, input_size: int, hidden_size: int, bias: bool = True) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.x2h = nn.Linear(input_size, 3 * hidden_size, bias=bias)
        self.h2h = nn.Linear(hidden_size, 3 * hidden_size, bias=bias)

    def forward(self, input: torch.Tensor, hx: torch.Tensor | None = None) -> torch.Tensor:
        h = input.new_zeros(len(input), self.hidden_size) if hx is None else hx
        xr, xz, xn = self.x2h(input).chunk(3, 1)
        hr, hz, hn = self.h2h(h).chunk(3, 1)
        z = torch.sigmoid(xz + hz)
        return (1 - z) * torch.tanh(xn + torch.sigmoid(xr + hr) * hn) + z * h


def given() -> dict[str, Any]:
    """The notebook's globals once the two cells are answered."""
    imported = {"math": math, "torch": torch, "nn": nn, "np": np, "pd": pd}
    return {**imported, "BasicRNNCell": BasicRNNCell, "LSTMCell": LSTMCell, "GRUCell": GRUCell}
