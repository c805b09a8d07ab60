"""The examinations of `lstm_cell` and `gru_cell`, over the answer bank, library cells and odd candidates."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from autograder.bank import Answer, parse_answer
from autograder.channel import local_candidate
from autograder.examinations.cells import GRU_CELL, LSTM_CELL
from autograder.examine import Context, Examination, fraction, run_part, run_parts
from autograder.records import PartResult

EXAMINATIONS = {"lstm_cell": LSTM_CELL, "gru_cell": GRU_CELL}
ANSWERS = sorted(Path(__file__).parent.glob("*answers/speech_commands/*.py"))


def cell_answers() -> list[tuple[Answer, str]]:
    answers = [parse_answer(path) for path in ANSWERS]
    return [(answer, exercise) for answer in answers for exercise in EXAMINATIONS if exercise in answer.replaced]


def namespace_of(answer: Answer) -> dict[str, Any]:
    """The notebook's globals after the cells of this answer, given what the notebook imports."""
    namespace: dict[str, Any] = {"math": math, "torch": torch, "nn": nn, "np": np}
    for exercise in EXAMINATIONS:
        exec(answer.replaced.get(exercise, ""), namespace)
        for after, source in answer.added:
            if after == exercise:
                exec(source, namespace)
    return namespace


def examine(examination: Examination, namespace: dict[str, Any], seed: int = 0) -> list[PartResult]:
    """All parts, as in grading: the library's recurrent layers are absent meanwhile."""
    done: list[PartResult] = []
    candidate = local_candidate(namespace)
    run_parts(examination, candidate, lambda: np.random.default_rng(seed), Context(), done)
    return done


def examine_with_library(examination: Examination, cell: Any, seed: int = 0) -> dict[str, PartResult]:
    """All parts by name, for a cell that may use the library's."""
    name = {"lstm_cell": "LSTMCell", "gru_cell": "GRUCell"}[examination.exercise]
    candidate, context = local_candidate({name: cell}), Context()
    rng = np.random.default_rng(seed)
    return {part.name: run_part(part, candidate, rng, context) for part in examination.parts}


def lost(parts: dict[str, PartResult]) -> set[str]:
    return {name for name, part in parts.items() if part.earned < 1}


@pytest.mark.parametrize(
    ("answer", "exercise"), [pytest.param(a, e, id=f"{a.path.stem}-{e}") for a, e in cell_answers()]
)
def test_answers_of_the_bank(answer, exercise):
    examination = EXAMINATIONS[exercise]
    done = examine(examination, namespace_of(answer))
    earned, expected = fraction(examination, done), answer.expected(exercise)
    messages = {part.name: part.message for part in done if part.message}
    if expected == "full":
        assert earned == 1, messages
    elif expected == "none":
        assert earned == 0, messages
    elif expected == "lost":
        assert earned < 1
    else:
        assert earned == pytest.approx(expected)
    assert all(part.message for part in done if part.earned < 1)


# --------------------------------------------------------------------------------------------------------------
# Right cells beside the bank's


class LibraryLSTM(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.cell = nn.LSTMCell(input_size, hidden_size, bias)

    def forward(self, input, hx=None):
        return self.cell(input, hx)


class LibraryGRU(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.cell = nn.GRUCell(input_size, hidden_size, bias)

    def forward(self, input, hx=None):
        return self.cell(input, hx)


class LSTM(nn.Module):
    """An LSTM cell, right as it stands, with a hook for each place where students go wrong."""

    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.x2h = nn.Linear(input_size, 4 * hidden_size, bias=bias)
        self.h2h = nn.Linear(hidden_size, 4 * hidden_size, bias=bias)

    def forward(self, input, hx=None):
        h, c = hx if hx is not None else (input.new_zeros(len(input), self.hidden_size),) * 2
        return self.step(self.gates(input, h), h, c)

    def gates(self, input, h):
        return (self.x2h(input) + self.h2h(h)).chunk(4, 1)

    def step(self, gates, h, c):
        i, f, g, o = gates
        cy = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(cy), cy


class ZeroInitialised(LSTM):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__(input_size, hidden_size, bias)
        for parameter in self.parameters():
            nn.init.zeros_(parameter)
        self.unused = nn.Parameter(torch.zeros(7, 3))


class ListOfTensors(LSTM):
    def forward(self, input, hx=None):
        return list(super().forward(input, hx))


class GRUResetBefore(nn.Module):
    """Reset before the product, one matrix over [x, h] per gate."""

    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.z, self.r, self.n = (nn.Linear(input_size + hidden_size, hidden_size, bias=bias) for _ in range(3))

    def forward(self, input, hx=None):
        h = hx if hx is not None else input.new_zeros(len(input), self.hidden_size)
        z, r = (torch.sigmoid(gate(torch.cat([input, h], 1))) for gate in (self.z, self.r))
        return torch.lerp(h, torch.tanh(self.n(torch.cat([input, r * h], 1))), z)


class GRUOneBias(nn.Module):
    """Reset after the product, no bias on the hidden side."""

    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.x2h = nn.Linear(input_size, 3 * hidden_size, bias=bias)
        self.h2h = nn.Linear(hidden_size, 3 * hidden_size, bias=False)

    def forward(self, input, hx=None):
        h = hx if hx is not None else input.new_zeros(len(input), self.hidden_size)
        (zx, rx, nx), (zh, rh, nh) = self.x2h(input).chunk(3, 1), self.h2h(h).chunk(3, 1)
        z, r = torch.sigmoid(zx + zh), torch.sigmoid(rx + rh)
        return z * torch.tanh(nx + r * nh) + (1 - z) * h


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(
    ("examination", "cell"),
    [
        (LSTM_CELL, LibraryLSTM),
        (LSTM_CELL, LSTM),
        (LSTM_CELL, ZeroInitialised),
        (LSTM_CELL, ListOfTensors),
        (GRU_CELL, LibraryGRU),
        (GRU_CELL, GRUResetBefore),
        (GRU_CELL, GRUOneBias),
    ],
)
def test_right_cells_lose_nothing(examination, cell, seed):
    parts = examine_with_library(examination, cell, seed)
    assert lost(parts) == set(), [part.message for part in parts.values()]


def test_library_cells_are_absent_while_cells_are_examined():
    done = examine(LSTM_CELL, {"LSTMCell": LibraryLSTM})
    assert fraction(LSTM_CELL, done) == 0
    assert nn.LSTMCell is not None


def test_the_same_seed_gives_the_same_messages():
    class Wrong(LSTM):
        def step(self, gates, h, c):
            return super().step(gates, h, h)

    runs = [examine_with_library(LSTM_CELL, Wrong, seed=3) for _ in range(2)]
    assert runs[0] == runs[1]


# --------------------------------------------------------------------------------------------------------------
# Mistakes lose the parts that they concern, and the likely misconception is named


class ForgetsH(LSTM):
    def step(self, gates, h, c):
        i, f, g, o = gates
        cy = torch.sigmoid(f) * h + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(cy), cy


class SigmoidCandidate(LSTM):
    def step(self, gates, h, c):
        i, f, g, o = gates
        cy = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.sigmoid(g)
        return torch.sigmoid(o) * torch.tanh(cy), cy


class NoOutputTanh(LSTM):
    def step(self, gates, h, c):
        cy = super().step(gates, h, c)[1]
        return torch.sigmoid(gates[3]) * cy, cy


class TanhForget(LSTM):
    def step(self, gates, h, c):
        i, f, g, o = gates
        cy = torch.tanh(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(cy), cy


class IgnoresState(LSTM):
    def forward(self, input, hx=None):
        return super().forward(input)


class OtherOrder(LSTM):
    def forward(self, input, hx=None):
        return super().forward(input, hx)[::-1]


@pytest.mark.parametrize(
    ("cell", "hint"),
    [
        (ForgetsH, "applied to h instead of c"),
        (SigmoidCandidate, "candidate squashed by the sigmoid"),
        (NoOutputTanh, "tanh of the new cell state missing"),
        (TanhForget, "forget gate squashed by tanh"),
        (IgnoresState, "h and c, ignored"),
        (OtherOrder, "with the two exchanged"),
    ],
)
def test_wrong_recurrence_is_named(cell, hint):
    parts = examine_with_library(LSTM_CELL, cell)
    assert hint in parts["recurrence"].message
    assert lost(parts) == {"recurrence", "gates", "larger sizes", "bias=False"}


class InPlace(LSTM):
    def step(self, gates, h, c):
        with torch.no_grad():
            c.mul_(0.5)
        return super().step(gates, h, 2 * c)


class Remembers(LSTM):
    before = 0.0

    def step(self, gates, h, c):
        hy, cy = super().step(gates, h, c)
        self.before, was = 1e-3 + self.before, self.before
        return hy + was, cy


class Squeezes(LSTM):
    def step(self, gates, h, c):
        return tuple(state.squeeze() for state in super().step(gates, h, c))


class DetachesC(LSTM):
    def step(self, gates, h, c):
        return super().step(gates, h, c.detach())


class DetachesOneGate(LSTM):
    def gates(self, input, h):
        i, f, g, o = super().gates(input, h)
        return i, f.detach(), g, o


class PlainTensors(LSTM):
    def __init__(self, input_size, hidden_size, bias=True):
        nn.Module.__init__(self)
        self.hidden_size = hidden_size
        generator = torch.Generator().manual_seed(1)
        self.W = torch.randn(input_size + hidden_size + 1, 4 * hidden_size, generator=generator)
        if not bias:
            self.W[-1] = 0

    def gates(self, input, h):
        return (torch.cat([input, h, torch.ones(len(h), 1)], 1) @ self.W).chunk(4, 1)


class BiasAlways(LSTM):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__(input_size, hidden_size)


class Elementwise(LSTM):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__(input_size, hidden_size, bias)
        del self.h2h
        self.w = nn.Parameter(torch.ones(4 * hidden_size))

    def gates(self, input, h):
        return (self.x2h(input) + self.w * h.repeat(1, 4)).chunk(4, 1)


class StateNeeded(LSTM):
    def forward(self, input, hx):
        return super().forward(input, hx)


class Double(LSTM):
    def step(self, gates, h, c):
        return tuple(state.double() for state in super().step(gates, h, c))


class BatchMean(LSTM):
    def gates(self, input, h):
        i, f, g, o = super().gates(input, h)
        return i, f, g, o + 0.1 * o.mean(0)


@pytest.mark.parametrize(
    ("cell", "parts_lost"),
    [
        (InPlace, {"gradients", "side effects"}),
        (Squeezes, {"initial state", "batches"}),
        (DetachesC, {"gradients"}),
        (DetachesOneGate, {"gradients"}),
        (PlainTensors, {"gates"}),
        (BiasAlways, {"bias=False"}),
        (Elementwise, {"larger sizes"}),
        (StateNeeded, {"initial state", "batches"}),
        (Double, {"batches"}),
    ],
)
def test_mistake_loses_what_it_concerns(cell, parts_lost):
    parts = examine_with_library(LSTM_CELL, cell)
    assert lost(parts) == parts_lost, [part.message for part in parts.values()]


def test_what_is_detached_is_named():
    assert "for c (none arrives)." in examine_with_library(LSTM_CELL, DetachesC)["gradients"].message
    message = examine_with_library(LSTM_CELL, DetachesOneGate)["gradients"].message
    assert "parameter x2h.weight" in message
    assert "c" not in message.split(" for ")[1].split(".")[0].split(", ")


def test_memory_and_influence_between_rows_are_found():
    assert "remember something" in examine_with_library(LSTM_CELL, Remembers)["side effects"].message
    assert "Rows of a batch" in examine_with_library(LSTM_CELL, BatchMean)["batches"].message.replace("rows", "Rows")


# --------------------------------------------------------------------------------------------------------------
# Odd and hostile candidates: every part has a message, nothing of ours raises


def returns(value) -> type:
    class Odd(nn.Module):
        def __init__(self, input_size, hidden_size, bias=True):
            super().__init__()
            self.shape = (hidden_size,)
            self.weight = nn.Parameter(torch.zeros(hidden_size))

        def forward(self, input, hx=None):
            return value(torch.zeros(len(input), *self.shape))

    return Odd


class StrangeParameters(LSTM):
    def named_parameters(self, *args, **kwargs):
        yield "a", np.array(["text"])
        yield "b", torch.zeros(2, dtype=torch.int64)
        yield "c", torch.zeros(0)


class NoParameterNames(LSTM):
    def named_parameters(self, *args, **kwargs):
        raise KeyError("none of your business")


ODD = {
    "nothing": returns(lambda zeros: None),
    "nan": returns(lambda zeros: (zeros + math.nan, zeros + math.nan)),
    "inf": returns(lambda zeros: (zeros, zeros - math.inf)),
    "huge": returns(lambda zeros: (zeros + 1e30, zeros + 1e30)),
    "huge in float64": returns(lambda zeros: (zeros.double() + 1e300, zeros.double() - 1e300)),
    "zeros": returns(lambda zeros: (zeros, zeros)),
    "ones": returns(lambda zeros: (zeros + 1, zeros + 1)),
    "random": returns(lambda zeros: (torch.rand_like(zeros), torch.rand_like(zeros))),
    "text": returns(lambda zeros: "full marks"),
    "three": returns(lambda zeros: (zeros, zeros, zeros)),
    "nested": returns(lambda zeros: (zeros, (zeros, zeros))),
    "many": returns(lambda zeros: [zeros] * 50),
    "dictionary": returns(lambda zeros: {"h": zeros, "c": zeros}),
    "integers": returns(lambda zeros: (zeros.long(), zeros.long())),
    "booleans": returns(lambda zeros: (zeros > 0, zeros > 0)),
    "complex": returns(lambda zeros: (zeros + 1j, zeros + 1j)),
    "one row": returns(lambda zeros: (zeros[0], zeros[0])),
    "transposed": returns(lambda zeros: (zeros.T, zeros.T)),
    "scalar": returns(lambda zeros: (0.0, 0.0)),
    "object": returns(lambda zeros: object()),
    "empty": returns(lambda zeros: ()),
    "strange parameters": StrangeParameters,
    "no parameter names": NoParameterNames,
    "a function": lambda input_size, hidden_size, bias=True: lambda input, hx=None: hx,
    "a number": lambda input_size, hidden_size, bias=True: 7,
    "three arguments": lambda input_size: None,
}


@pytest.mark.parametrize("examination", [LSTM_CELL, GRU_CELL], ids=["lstm", "gru"])
@pytest.mark.parametrize("name", ODD)
def test_odd_candidates_get_messages(name, examination):
    parts = examine_with_library(examination, ODD[name])
    assert "recurrence" in lost(parts) or "gates" in lost(parts)
    for part in parts.values():
        assert part.earned == 1 or (part.message and "\n" not in part.message and len(part.message) < 2000)


def test_what_came_is_described():
    parts = examine_with_library(LSTM_CELL, ODD["three"])
    assert "expected (hy, cy), a tuple of two tensors, got a tuple of 3" in parts["batches"].message
    assert "not finite" in examine_with_library(LSTM_CELL, ODD["nan"])["batches"].message
    assert "got None" in examine_with_library(GRU_CELL, ODD["nothing"])["batches"].message


def test_an_answer_that_is_not_there_is_told_from_a_wrong_one():
    def unanswered(input_size, hidden_size, bias=True):
        raise NotImplementedError("Exercise lstm_cell: not answered yet")

    parts = examine_with_library(LSTM_CELL, unanswered)
    assert all(part.earned == 0 for part in parts.values())
    assert "NotImplementedError" in parts["recurrence"].message
