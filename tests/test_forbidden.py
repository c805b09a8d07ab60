"""Which library names an answer refers to, read from its source."""

import pytest

from autograder.examine import LIBRARY_RECURRENT_LAYERS
from autograder.forbidden import forbidden_names

FORBIDDEN = tuple(LIBRARY_RECURRENT_LAYERS)
CLASS = "class LSTMCell(nn.Module):\n    def __init__(self, n, m, bias=True):\n        super().__init__()\n        {}\n"


def found(answer: str, *others: str) -> list[str]:
    return forbidden_names(answer, list(others), FORBIDDEN)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("self.cell = nn.LSTMCell(n, m)", "LSTMCell"),
        ("self.cell = torch.nn.LSTMCell(n, m)", "LSTMCell"),
        ("self.cell = torch.nn.modules.rnn.GRU(n, m)", "GRU"),
        ("self.cell = getattr(nn, 'LSTM')(n, m)", "LSTM"),
        ("from torch.nn import RNN as R; self.cell = R(n, m)", "RNN"),
        ("self.step = torch.lstm_cell", "lstm_cell"),
    ],
)
def test_library_layers_are_found_however_they_are_reached(line, name):
    assert found(CLASS.format(line)) == [name]


@pytest.mark.parametrize(
    "answer",
    [
        CLASS.format("self.x2h = nn.Linear(n, 4 * m, bias=bias)"),
        CLASS.format("self.LSTM = nn.Linear(n, m); self.cell = self.LSTM"),
        CLASS.format("self.kind = 'LSTM'  # not nn.LSTM"),
        'def make(mode):\n    """An nn.LSTM by hand."""\n    return LSTMCell if mode == "LSTM" else GRUCell',
        "class GRU(LSTMCell):\n    pass",
    ],
)
def test_own_names_strings_and_comments_are_no_offence(answer):
    assert found(answer) == []


def test_a_class_that_inherits_from_the_library_is_found():
    assert found("class LSTMCell(nn.LSTMCell):\n    pass") == ["LSTMCell"]


@pytest.mark.parametrize(
    "others",
    [
        ["Base = nn.LSTM"],
        ["from torch.nn import LSTM as Base"],
        ["First = nn.LSTM", "Base = First"],
        ["Base = First", "First = nn.LSTM"],
        ["class Base(nn.LSTM):\n    pass"],
        ["def Base(n, m):\n    return nn.LSTM(n, m)"],
        ["(Base, other) = (nn.LSTM, 1)"],
    ],
)
def test_names_made_in_other_cells_are_followed(others):
    assert found(CLASS.format("self.cell = Base(n, m)"), *others) == ["LSTM"]
    assert found(CLASS.format("self.cell = nn.Linear(n, m)"), *others) == []


def test_comparing_with_the_library_in_another_cell_is_no_offence():
    compare = "library = nn.LSTMCell(3, 5)\nprint(library(torch.zeros(2, 3)))"
    assert found(CLASS.format("self.x2h = nn.Linear(n, m)"), compare) == []


def test_cells_with_magics_are_read():
    assert found("%matplotlib inline\n!pip list\ncell = nn.GRUCell(2, 3)") == ["GRUCell"]
    assert found("%%time\nfiles = !ls\nif files:\n    nn.LSTM?\ncell = nn.GRUCell(2, 3)") == ["GRUCell"]
    assert found(">>> if True:\n...     cell = nn.GRUCell(2, 3)") == ["GRUCell"]
    assert found("    cell = nn.GRUCell(2, 3)\n    x = 1") == ["GRUCell"]


@pytest.mark.parametrize(
    "answer", ["def f(:", "\0", "x = " + "(" * 5000, "", "-" * 100_000 + "1", "%time\n" + "-" * 100_000 + "1"]
)
def test_what_does_not_parse_has_no_names(answer):
    assert found(answer, answer) == []


def test_each_name_is_told_once_and_sorted():
    assert found("a = nn.LSTM\nb = nn.GRU\nc = nn.LSTM") == ["GRU", "LSTM"]


LONG = {
    "a long chain of attributes": (("a" + ".LSTM" * 500 + "\n") * 50, ["nn.LSTM"], ["LSTM"]),
    "names made of one another, the last one first": (
        "x = n0",
        [f"n{i} = n{i + 1}" for i in range(5_000)] + ["n5000 = nn.GRU"],
        ["GRU"],
    ),
    "many magics": ("%time 1\n" * 600 + "here = !ls\nx = nn.RNN", [], ["RNN"]),
    "a long cell with a magic": ("%matplotlib inline\n" + "#" * 100_000 + "\nx = nn.RNN", [], ["RNN"]),
}


@pytest.mark.parametrize("name", LONG)
def test_reading_what_was_made_to_take_long_ends(name):
    answer, others, names = LONG[name]
    assert found(answer, *others) == names
