"""The channel between candidate and examiner: plain data, bounded, and no reply that can hurt the examiner."""

import contextlib
import functools
import json
import re
import socket
import struct
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from nbformat.v4 import new_code_cell
from small_course import REPOSITORY
from torch import nn

from autograder.answering import MAX_ARRAYS, MAX_DEPTH, MAX_HEADER, decode, encode, pack, read_npy, unpack
from autograder.channel import (
    Candidate,
    CandidateCutOff,
    CandidateDied,
    CandidateError,
    ProtocolError,
    Remote,
    SocketCandidate,
    Table,
    local_candidate,
    reader,
)
from autograder.examine import LIBRARY_RECURRENT_LAYERS, Examination, Part, examine
from autograder.notebooks import Exercise


def there_and_back(value: Any) -> Any:
    """Over the whole wire: encoded, packed, unpacked, decoded."""
    arrays: list = []
    header, received = unpack(reader(pack({"value": encode(value, arrays)}, arrays)))
    return decode(header["value"], received)


# --- what goes through -----------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "int64", "int8", "uint8", "bool", "<U5"])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3), (2, 0, 4)], ids=str)
def test_arrays_keep_dtype_shape_and_values(dtype, shape):
    array = np.asarray(np.arange(np.prod(shape, dtype=int)).reshape(shape) % 3).astype(dtype)
    received = there_and_back(array)
    assert received.dtype == array.dtype
    assert received.shape == array.shape
    assert np.array_equal(received, array)


def test_numbers_and_text_of_numpy_keep_their_value():
    assert there_and_back(np.float64(0.5)) == 0.5
    assert there_and_back(np.float32(0.5)).shape == ()
    assert there_and_back(np.str_("LSTM")) == "LSTM"


def test_fortran_order_and_strides_do_not_matter():
    array = np.arange(24.0).reshape(4, 6)
    for view in (np.asfortranarray(array), array[::2, ::-1], array.T):
        assert np.array_equal(there_and_back(view), view)


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        3,
        -(2**70),
        1.5,
        "gate 'f' \n ü",
        (),
        (1, (2.0, [None, "x"])),
        [(), [], {}],
        {"a": 1, 2: "b"},
        {("RNN", "LSTM"): 0.5, ("Bidir", "GRU"): [1]},
    ],
)
def test_plain_values_come_back_as_they_were(value):
    received = there_and_back(value)
    assert received == value
    assert type(received) is type(value)


def test_nan_and_infinity_come_back():
    received = there_and_back((float("nan"), float("inf"), float("-inf"), np.float32("nan")))
    assert np.isnan(received[0])
    assert received[1:3] == (float("inf"), float("-inf"))
    assert np.isnan(received[3])


def test_tensors_come_as_arrays():
    assert np.array_equal(there_and_back(torch.ones(2, 3, requires_grad=True)), np.ones((2, 3), np.float32))
    half = there_and_back(torch.tensor([0.5, 1.5], dtype=torch.bfloat16))
    assert half.dtype == np.float32
    assert half.tolist() == [0.5, 1.5]


def test_a_data_frame_comes_as_a_table_of_plain_columns():
    frame = pd.DataFrame({"model": ["RNN", "Bidir"], "val_accuracy": [0.5, float("nan")]}, index=[7, 3])
    table = there_and_back(frame)
    assert isinstance(table, Table)
    assert len(table) == 2
    assert table.columns["model"] == ["RNN", "Bidir"]
    assert table.columns["val_accuracy"][0] == 0.5
    assert np.isnan(table.columns["val_accuracy"][1])


def test_objects_stay_where_they_are_and_come_as_names():
    candidate = local_candidate({"layer": nn.Linear(2, 3), "things": [object(), 1]})
    layer = candidate.lookup("layer")
    assert isinstance(layer, Remote)
    assert layer.kind == "Linear"
    things = candidate.lookup("things")
    assert isinstance(things[0], Remote)
    assert things[1] == 1


def test_without_a_place_to_stay_an_object_is_no_plain_data():
    with pytest.raises(TypeError, match="not plain data"):
        encode(object(), [])


def test_numbers_that_lie_about_themselves_come_as_what_they_are():
    class Agreeable(float):
        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = float.__hash__

    received = there_and_back(Agreeable(0.25))
    assert type(received) is float
    assert received != 1.0


# --- what does not -----------------------------------------------------------------------------------------


def npy(header: str, body: bytes = b"", version: bytes = b"\x01\x00") -> bytes:
    text = header.encode() + b"\n"
    return b"\x93NUMPY" + version + struct.pack("<H", len(text)) + text + body


def described(descr: str, shape: Any, body: bytes = b"") -> bytes:
    return npy(f"{{'descr': {descr!r}, 'fortran_order': False, 'shape': {shape!r}}}", body)


def pickled() -> bytes:
    import io

    buffer = io.BytesIO()
    np.save(buffer, np.array([{"run": "me"}], dtype=object), allow_pickle=True)
    return buffer.getvalue()


BAD_ARRAYS = {
    "nothing": b"",
    "no magic": b"PK\x03\x04" + bytes(100),
    "a pickle": b"\x80\x04\x95" + bytes(40),
    "terabytes promised": described("<f4", (1_000_000, 1_000_000)),
    "one byte less than promised": described("<f4", (2,), bytes(7)),
    "one byte more than promised": described("<f4", (2,), bytes(9)),
    "a negative length": described("<f4", (-1,)),
    "a length beyond any machine, times zero": described("<f4", (0, 10**30)),
    "a hundred axes": described("|u1", (1,) * 100, b"x"),
    "objects": described("|O", (1,), bytes(8)),
    "objects, pickled": pickled(),
    "records": npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", bytes(4)),
    "times": described("<M8[s]", (1,), bytes(8)),
    "text of no length": described("<U0", (3,)),
    "no texts of two gigabytes each": described("<U500000000", (0,)),
    "records of gigabytes": described("|V2147483647", (0,)),
    "complex numbers": described("<c16", (1,), bytes(16)),
    "lengths that are negative together": described("<f4", (-2, -2), bytes(16)),
    "a dtype of a thousand billion numbers": npy(
        "{'descr': ('<f4', (1000000, 1000000)), 'fortran_order': False, 'shape': (1,)}", bytes(8)
    ),
    "a header of four gigabytes": b"\x93NUMPY\x02\x00" + struct.pack("<I", 2**32 - 1) + b"{",
    "a flag that is code": npy("{'descr': '<f4', 'fortran_order': __import__('os').abort(), 'shape': (1,)}", bytes(4)),
    "text that is none": described("<U1", (1,), b"\xff\xff\xff\xff"),
    "an unknown version": described("<f4", (0,)).replace(b"\x01\x00", b"\x09\x00", 1),
    "a header cut off": described("<f4", (1,))[:20],
    "a header that ends early": npy("{'descr': '<f4', 'shape': (1,"),
    "a header that is code": npy("__import__('os').abort()"),
    "a header nested deeply": npy("(" * 5000),
    "a header that lacks the shape": npy("{'descr': '<f4', 'fortran_order': False}"),
    "a shape of text": npy("{'descr': '<f4', 'fortran_order': False, 'shape': 'huge'}"),
    "a shape of truth": described("<f4", (True,), bytes(4)),
}


@pytest.mark.filterwarnings("ignore:Reading `.npy`")
@pytest.mark.parametrize("blob", BAD_ARRAYS.values(), ids=BAD_ARRAYS.keys())
def test_an_array_that_is_not_what_it_says_is_refused(blob):
    with pytest.raises(ProtocolError):
        read_npy(blob)


def framed(header: Any, *blobs: bytes) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack(">I", len(text)) + text + b"".join(blobs)


BAD_FRAMES = {
    "a header of four gigabytes": struct.pack(">I", 2**32 - 1),
    "a header just too large": struct.pack(">I", MAX_HEADER + 1),
    "not JSON": framed(b"\x00\xff{"),
    "JSON of another kind": framed([1, 2]),
    "a number": framed(5),
    "no sizes": framed({"value": None}),
    "sizes that are no list": framed({"value": None, "sizes": 5}),
    "a negative size": framed({"value": None, "sizes": [-1]}),
    "a size that is no number": framed({"value": None, "sizes": ["1"]}),
    "a size of truth": framed({"value": None, "sizes": [True]}),
    "a fractional size": framed({"value": None, "sizes": [1.5]}),
    "an array of a terabyte": framed({"value": None, "sizes": [2**40]}),
    "many arrays, too large together": framed({"value": None, "sizes": [MAX_ARRAYS // 4] * 5}),
    "nested without end": framed(b"[" * 100_000),
    "a number of a million digits": framed(b'{"sizes": [' + b"9" * 1_000_000 + b"]}"),
}


@pytest.mark.parametrize("frame", BAD_FRAMES.values(), ids=BAD_FRAMES.keys())
def test_a_frame_beyond_its_bounds_is_refused_before_it_is_read(frame):
    asked: list[int] = []
    read = reader(frame)

    def counted(n: int) -> bytes:
        asked.append(n)
        return read(n)

    with pytest.raises(ProtocolError):
        unpack(counted)
    assert max(asked) <= MAX_HEADER


@pytest.mark.filterwarnings("ignore:Reading `.npy`")
def test_promises_take_no_memory():
    tracemalloc.start()
    try:
        for frame in ("a header of four gigabytes", "an array of a terabyte"):
            with pytest.raises(ProtocolError):
                unpack(reader(BAD_FRAMES[frame]))
        for blob in ("terabytes promised", "a length beyond any machine, times zero", "a header of four gigabytes"):
            with pytest.raises(ProtocolError):
                read_npy(BAD_ARRAYS[blob])
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


CODE_RUNNERS = re.compile(
    r"\b(?:pickle|cPickle|dill|joblib|torch|marshal|shelve)\.loads?\(|allow_pickle=True|weights_only=False"
    r"|\b(?:load_model|model_from_json|model_from_config|from_config|deserialize_keras_object|unsafe_load)\("
)
"""What makes objects of bytes or of a model's configuration by running what these say."""


def test_no_model_or_object_is_ever_made_of_what_a_student_handed_in():
    found = {
        str(path.relative_to(REPOSITORY)): CODE_RUNNERS.findall(path.read_text())
        for folder in ("autograder", "helpers")
        for path in sorted((REPOSITORY / folder).rglob("*.py"))
    }
    assert {name: calls for name, calls in found.items() if calls} == {
        # A worker unpickles the job that the grading parent packed, and nothing else.
        "autograder/workers.py": ["pickle.loads("],
        # A notebook makes its own kept model again: on the student's machine, or in the sandbox.
        "helpers/keras_weights.py": ["model_from_json("],
    }
    assert not [path for path in (REPOSITORY / "autograder").rglob("*.py") if "keras_weights" in path.read_text()]


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


def test_nesting_is_bounded_on_both_sides():
    assert there_and_back(nested(MAX_DEPTH)) == nested(MAX_DEPTH)
    with pytest.raises(ProtocolError, match="nested"):
        encode(nested(MAX_DEPTH + 1), [])
    tree: Any = 1
    for _ in range(MAX_DEPTH + 1):
        tree = {"list": [tree]}
    with pytest.raises(ProtocolError, match="nested"):
        decode(tree, [])


def test_what_holds_itself_is_refused():
    loop: list = []
    loop.append(loop)
    with pytest.raises(ProtocolError, match="nested"):
        encode(loop, [])


def replying(header: Any, arrays: list | None = None) -> Candidate:
    """A candidate that gives this reply to whatever it is asked."""
    return Candidate(lambda question, sent: (header, arrays or []))


BAD_VALUES = {
    "no value": {},
    "an untagged list": {"value": [1]},
    "an unknown tag": {"value": {"pickle": "gASV"}},
    "an empty tag": {"value": {}},
    "an array that did not come": {"value": {"array": 3}},
    "an array by no number": {"value": {"array": "x"}},
    "an array by a dict": {"value": {"array": {}}},
    "a tuple of a number": {"value": {"tuple": 5}},
    "a dict of single values": {"value": {"dict": [[1]]}},
    "a dict with a list as key": {"value": {"dict": [[{"list": []}, 1]]}},
    "a dict with an array as key": {"value": {"dict": [[{"array": 0}, 1]]}},
    "a remote that is no number": {"value": {"remote": "x"}},
    "a remote that is a list": {"value": {"remote": []}},
    "an infinite remote": {"value": {"remote": float("inf")}},
    "a table that is a list": {"value": {"table": [1]}},
    "a table with a number as column": {"value": {"table": {"model": 5}}},
    "a table of uneven columns": {"value": {"table": {"a": {"list": [1]}, "b": {"list": []}}}},
    "an error that is text": {"error": "KeyError"},
    "an error that is nothing": {"error": None},
}


@pytest.mark.parametrize("reply", BAD_VALUES.values(), ids=BAD_VALUES.keys())
def test_a_reply_in_no_agreed_form_ends_the_candidate_and_nothing_else(reply):
    with pytest.raises(CandidateDied, match="not in the agreed form"):
        replying(reply, [np.zeros(2)]).lookup("x")


@pytest.mark.parametrize("value", [None, 5, {"list": []}, {"dict": []}, {"array": 0}], ids=str)
@pytest.mark.parametrize(
    "ask",
    [
        lambda c: c.construct("Model"),
        lambda c: c.put(1),
        lambda c: c.gradients(Remote(0), weights=1),
        lambda c: [*c.items(Remote(0)), *c.parameters(Remote(0))] or c._remote(None),
    ],
    ids=["construct", "put", "gradients", "items and parameters"],
)
def test_a_reply_of_another_kind_ends_the_candidate(ask, value):
    with pytest.raises(CandidateDied):
        ask(replying({"value": value}, [np.zeros(2)]))


def test_gradients_without_inputs_end_the_candidate():
    with pytest.raises(CandidateDied):
        replying({"value": {"dict": [["parameters", {"dict": []}]]}}).gradients(Remote(0), weights=1)


def test_an_error_may_say_whatever_it_likes_at_a_bounded_length():
    with pytest.raises(CandidateError) as caught:
        replying({"error": {"kind": 5, "message": "x" * 10**6, "where": None}}).lookup("x")
    assert caught.value.kind == "5"
    assert len(str(caught.value)) < 10_000


# --- the student's code ------------------------------------------------------------------------------------


CODE = """
import sys
import numpy as np
import torch
from small_course import REPOSITORY
from torch import nn

words = ["one", "two"]


class Doubler(nn.Module):
    def __init__(self, n, bias=True):
        super().__init__()
        self.linear = nn.Linear(n, n, bias=bias)
        self.unused = nn.Parameter(torch.zeros(2))
        self.dropout = nn.Dropout(0.5)
        self.cells = nn.ModuleList([nn.Linear(n, 1), nn.Linear(n, 2)])

    def forward(self, x, hx=None, *, factor=2.0):
        return factor * self.dropout(self.linear(x))


class Detaching(Doubler):
    def forward(self, x):
        return super().forward(x.detach())


class NoInit(nn.Module):
    def __init__(self, n):
        raise ValueError("hidden size of " + str(n) + "?")


def change(states):
    states[0].mul_(2)
    states.append(1)


def clipped(values):
    values += 1
    return type(values).__name__


def leave():
    sys.exit(3)


def interrupt():
    raise KeyboardInterrupt("enough")


def endless():
    return endless()


def huge():
    return np.zeros(40_000_000)


def nothing():
    pass
"""


@pytest.fixture
def candidate() -> Candidate:
    namespace: dict[str, Any] = {}
    exec(compile(CODE, "<cell of the student>", "exec"), namespace)
    return local_candidate(namespace)


def test_globals_are_looked_up(candidate):
    assert candidate.lookup("words") == ["one", "two"]


def test_a_missing_name_is_said_to_be_missing(candidate):
    with pytest.raises(CandidateError, match="'RNNModel' is not defined in the notebook") as caught:
        candidate.construct("RNNModel", 3)
    assert caught.value.kind == "NameError"


def test_models_are_constructed_filled_and_called(candidate):
    model = candidate.construct("Doubler", 2, bias=False)
    weight = np.array([[1, 2], [3, 4]], np.float32)
    candidate.set_parameters(model, {"linear.weight": weight})
    parameters = candidate.parameters(model)
    assert np.array_equal(parameters["linear.weight"], weight)
    assert "linear.bias" not in parameters
    x = np.ones((1, 2), np.float32)
    assert np.array_equal(candidate.call(model, x), 2 * x @ weight.T)  # and its dropout is off
    assert np.array_equal(candidate.call(model, x, factor=1.0), x @ weight.T)


def test_attributes_items_and_methods_are_reached(candidate):
    model = candidate.construct("Doubler", 3)
    cells = candidate.items(candidate.attribute(model, "cells"))
    assert [cell.kind for cell in cells] == ["Linear", "Linear"]
    assert candidate.parameters(cells[1])["weight"].shape == (2, 3)
    assert candidate.call(model, method="extra_repr") == ""


def test_arrays_reach_the_code_as_tensors_or_as_they_are(candidate):
    assert candidate.call("clipped", np.zeros(2, np.float32)) == "Tensor"
    assert candidate.call("clipped", np.zeros(2, np.float32), arrays="numpy") == "ndarray"


def test_a_call_changes_nothing_of_the_examiners_own_arrays(candidate):
    mine = np.zeros(2, np.float32)
    candidate.call("clipped", mine)
    candidate.call("clipped", mine, arrays="numpy")
    assert not mine.any()


def test_changes_in_place_are_seen_in_what_was_put_there(candidate):
    states = [np.ones((2, 2), np.float32), np.ones((2, 2), np.float32)]
    kept = candidate.put(states)
    candidate.call("change", kept)
    first, second, added = candidate.get(kept)
    assert np.array_equal(first, 2 * states[0])
    assert np.array_equal(second, states[1])
    assert added == 1
    array = candidate.put(states[0])
    candidate.call("clipped", array)
    assert np.array_equal(candidate.get(array), states[0] + 1)


def test_gradients_reach_inputs_and_parameters_and_are_none_where_they_do_not(candidate):
    model = candidate.construct("Doubler", 2)
    x, weights = np.ones((1, 2), np.float32), np.array([[1, 10]], np.float32)
    found = candidate.gradients(model, x, weights=weights)
    matrix = candidate.parameters(model)["linear.weight"]
    assert np.allclose(found.inputs[0], 2 * weights @ matrix)
    assert np.allclose(found.parameters["linear.weight"], 2 * weights.T @ x)
    assert found.parameters["unused"] is None
    detached = candidate.gradients(candidate.construct("Detaching", 2), x, weights=weights)
    assert detached.inputs == [None]
    assert detached.parameters["linear.weight"] is not None


def test_errors_of_the_code_come_with_kind_message_and_line(candidate):
    namespace: dict[str, Any] = {}
    exec(compile("def f(x):\n    return 1 // x\n", "<cell 4>", "exec"), namespace)
    with pytest.raises(CandidateError) as caught:
        local_candidate(namespace).call("f", 0)
    assert caught.value.kind == "ZeroDivisionError"
    assert "zero" in caught.value.message
    assert caught.value.where.startswith("line 2")
    with pytest.raises(CandidateError, match="ValueError: hidden size of 3"):
        candidate.construct("NoInit", 3)


@pytest.mark.parametrize(
    ("function", "kind"),
    [("leave", "SystemExit"), ("interrupt", "KeyboardInterrupt"), ("endless", "RecursionError")],
)
def test_nothing_that_the_code_raises_ends_the_answering(candidate, function, kind):
    with pytest.raises(CandidateError) as caught:
        candidate.call(function)
    assert caught.value.kind == kind
    assert candidate.call("nothing") is None


def test_objects_whose_attributes_raise_are_errors_of_the_code():
    class Hostile:
        def __getattr__(self, name: str) -> Any:
            raise MemoryError(name)

    with pytest.raises(CandidateError, match="MemoryError"):
        local_candidate({"hostile": Hostile()}).lookup("hostile")


def test_dictionaries_with_many_keys_of_one_hash_are_refused():
    prime = 2**61 - 1  # Python's hash of an integer is its remainder
    with pytest.raises(ProtocolError, match="keys that are no text"):
        decode({"dict": [[k * prime, 0] for k in range(100_000)]}, [])
    assert len(decode({"dict": [[k, 0] for k in range(1000)]}, [])) == 1000
    assert len(decode({"dict": [[f"weight_{k}", 0] for k in range(100_000)]}, [])) == 100_000


def test_library_layers_are_hidden_and_come_back():
    before = nn.LSTM, torch.nn.modules.rnn.GRUCell, torch.lstm_cell
    candidate = local_candidate({"make": lambda: nn.LSTM(2, 3)})
    candidate.hide(LIBRARY_RECURRENT_LAYERS)
    try:
        with pytest.raises(CandidateError) as caught:
            candidate.call("make")
        assert caught.value.kind == "AttributeError"
        assert not hasattr(torch.nn.modules.rnn, "GRUCell")
    finally:
        candidate.restore()
    assert (nn.LSTM, torch.nn.modules.rnn.GRUCell, torch.lstm_cell) == before
    assert candidate.call("make").kind == "LSTM"
    candidate.restore()  # nothing is hidden now, and that is no error


STEP = """
def step(input, hx: Tuple[Tensor, Tensor], w: Tensor, u: Tensor, a: Optional[Tensor], b: Optional[Tensor]):
    return torch.lstm_cell(input, [hx[0], hx[1]], w, u, a, b)
"""
ALIASES = {
    "a kept class": nn.LSTMCell,
    "a subclass": type("Mine", (nn.LSTMCell,), {}),
    "a whole layer": nn.LSTM,
    "the one for quantization": torch.ao.nn.quantizable.modules.rnn.LSTMCell,
    "another kind": nn.GRUCell,
}
FUNCTIONS = {
    "a kept function": torch.lstm_cell,
    "an operator": torch.ops.aten.lstm_cell,
    "one overload of it": torch.ops.aten.lstm_cell.default,
    "what it is made of": torch.ops.aten.lstm_cell.default.decompose,
    "compiled code": torch.jit.CompilationUnit(STEP).step,
}


def ways_to_a_step() -> dict[str, Callable[[], Any]]:
    """Other names under which a notebook may have kept the library's recurrent layers, by what they are."""
    x, hx = torch.zeros(1, 2), (torch.zeros(1, 3), torch.zeros(1, 3))
    cell = nn.LSTMCell(2, 3)
    weights = (cell.weight_ih, cell.weight_hh, cell.bias_ih, cell.bias_hh)
    modules = {name: kind(2, 3) for name, kind in ALIASES.items()}
    ways: dict[str, Callable[[], Any]] = {}
    for name, module in modules.items():
        ways[name] = functools.partial(module, x[None] if name == "a whole layer" else x)
    for name, function in FUNCTIONS.items():
        ways[name] = functools.partial(function, x, hx, *weights)
    settings = (False, [], 2, 3, 1, True, False, False, False)
    ways["oneDNN's layer"] = functools.partial(torch.ops.aten.mkldnn_rnn_layer, x[None], *weights, *hx, *settings)
    return ways


@pytest.mark.parametrize("gradients", [True, False])
def test_other_names_of_library_layers_are_of_no_use_while_they_are_hidden(gradients):
    ways = ways_to_a_step()
    candidate = local_candidate({})

    def outcomes() -> set[str]:
        found = set()
        for name, way in ways.items():
            try:
                with torch.set_grad_enabled(gradients):
                    way()
            except (NameError, RuntimeError) as error:  # compiled code wraps the error that it meets
                found.add(name if "absent while this exercise is examined" in str(error) else f"{name}: {error}")
        return found

    assert outcomes() == set()
    candidate.hide(LIBRARY_RECURRENT_LAYERS)
    try:
        assert outcomes() == {*ways}
    finally:
        candidate.restore()
    assert outcomes() == set()


def test_uninitialised_memory_is_not_a_number_once_prepared():
    candidate = local_candidate({"torch": torch, "empty": lambda: torch.empty(3), "tensor": lambda: torch.Tensor(2, 2)})
    mode = torch.get_deterministic_debug_mode()
    try:
        candidate.prepare()
        assert np.isnan(candidate.call("empty")).all()
        assert np.isnan(candidate.call("tensor")).all()
    finally:
        torch.set_deterministic_debug_mode(mode)


def test_stand_ins_are_defined_in_the_notebook(candidate):
    candidate.define("class Doubler:\n    def __call__(self):\n        return 'stand-in'")
    assert candidate.call(candidate.construct("Doubler")) == "stand-in"


# --- over a socket -----------------------------------------------------------------------------------------

FAR = 60.0
"""Seconds to a deadline that these tests never reach."""


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    mine, theirs = socket.socketpair()
    with mine, theirs:
        yield mine, theirs


def asked(connection: socket.socket, seconds: float = FAR) -> SocketCandidate:
    return SocketCandidate(connection, time.monotonic() + seconds)


def test_a_silent_candidate_is_cut_off(ends):
    with pytest.raises(CandidateCutOff):
        asked(ends[0], 0.05).lookup("x")


def test_no_question_is_asked_after_the_deadline(ends):
    with pytest.raises(CandidateCutOff):
        asked(ends[0], -1).lookup("x")
    ends[1].setblocking(False)
    with pytest.raises(BlockingIOError):
        ends[1].recv(1)


def test_a_candidate_that_does_not_read_is_cut_off(ends):
    with pytest.raises(CandidateCutOff):
        asked(ends[0], 0.05).put(np.zeros(4_000_000))


def test_a_reply_that_stops_halfway_is_cut_off(ends):
    ends[1].sendall(struct.pack(">I", 100) + b'{"value"')
    with pytest.raises(CandidateCutOff):
        asked(ends[0], 0.05).lookup("x")


@pytest.mark.parametrize(
    "sent",
    [b"\xff" * 100, b"\x00\x00\x00\x02{}", b"\x00\x00\x00\x00", *BAD_FRAMES.values()],
    ids=["garbage", "an empty header", "no header", *BAD_FRAMES.keys()],
)
def test_a_candidate_that_sends_garbage_has_died(ends, sent):
    writer = threading.Thread(target=ends[1].sendall, args=(sent,))
    writer.start()
    try:
        with pytest.raises(CandidateDied):
            asked(ends[0]).lookup("x")
    finally:
        ends[0].close()
        join_writer(writer)


def join_writer(writer: threading.Thread) -> None:
    writer.join(FAR)
    assert not writer.is_alive()


def test_a_closed_channel_is_a_death(ends):
    ends[1].close()
    with pytest.raises(CandidateDied):
        asked(ends[0]).lookup("x")


def send_until_closed(connection: socket.socket, make: Callable[[], bytes]) -> None:
    try:
        while True:
            connection.sendall(make())
    except OSError:
        return


def test_endless_sending_is_read_only_as_far_as_was_announced(ends):
    first = iter([struct.pack(">I", MAX_HEADER)])
    writer = threading.Thread(target=send_until_closed, args=(ends[1], lambda: next(first, b" " * 65536)))
    writer.start()
    try:
        with pytest.raises(CandidateDied):
            asked(ends[0]).lookup("x")
    finally:
        ends[0].close()
        join_writer(writer)


def test_a_trickle_is_cut_off_at_the_deadline(ends):
    def trickle() -> bytes:
        time.sleep(0.01)
        return b" "

    first = iter([struct.pack(">I", MAX_HEADER)])
    writer = threading.Thread(target=send_until_closed, args=(ends[1], lambda: next(first, None) or trickle()))
    writer.start()
    try:
        with pytest.raises(CandidateCutOff):
            asked(ends[0], 0.2).lookup("x")
    finally:
        ends[0].close()
        join_writer(writer)


def test_a_reply_larger_than_the_channel_is_an_error_of_the_code(tmp_path):
    """The answering side says so itself, and goes on answering."""
    from autograder.answering import serve

    namespace: dict[str, Any] = {}
    exec(CODE, namespace)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        listener.listen(1)
        server = threading.Thread(target=serve, args=(namespace, str(tmp_path / "s")))
        server.start()
        connection, _ = listener.accept()
        with connection:
            candidate = asked(connection)
            with pytest.raises(CandidateError, match="larger than the channel allows"):
                candidate.call("huge")
            assert candidate.lookup("words") == ["one", "two"]
            candidate._question("done")
        join_writer(server)


def test_what_an_examination_hid_comes_back_when_it_is_cut_off(tmp_path):
    """Later exercises may use what this one may not."""
    from autograder.answering import serve

    def serve_until_cut_off() -> None:
        with contextlib.suppress(EOFError):
            serve({}, str(tmp_path / "s"))

    layer = nn.LSTM
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        listener.listen(1)
        server = threading.Thread(target=serve_until_cut_off)
        server.start()
        connection, _ = listener.accept()
        with connection:
            asked(connection).hide(["torch.nn.LSTM"])
            assert not hasattr(nn, "LSTM")
        join_writer(server)
    assert nn.LSTM is layer


def test_what_an_answer_writes_to_stderr_costs_nothing_in_a_plain_nbgrader_course(monkeypatch, capsys):
    def noisy(candidate, rng, context):
        assert candidate.call("answer", arrays="numpy") == 42

    examination = Examination("exercise", (Part("the answer", 1.0, noisy),))
    monkeypatch.setattr("autograder.examine.examinations", lambda assignment: {"exercise": examination})
    asked = Exercise("exercise", "code", 4.0, new_code_cell(), None, None)
    monkeypatch.setattr("autograder.examine._exercise", lambda assignment, exercise: asked)

    def answer():
        print("50 %", file=sys.stderr)
        return 42

    assert examine("assignment/exercise", {"answer": answer}) == 4.0
    assert capsys.readouterr().err == ""


def test_colours_in_an_errors_message_are_left_out():
    error = CandidateError("ValueError", "\x1b[1mCould not \x1b[38;5;45mfit\x1b[0m.")
    assert (str(error), error.message) == ("ValueError: Could not fit.", "Could not fit.")
