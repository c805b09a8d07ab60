"""The answering side of the examination channel: the only file of ours that lives with the candidate.

It is mounted alone into the sandbox, so it imports nothing of this package and knows no question, no
expected value and no mark. It constructs, calls and reads what it is told to, in the namespace of the
student's notebook, and sends back plain data: numbers, strings, ``.npy`` arrays, and names (``remote``)
for objects that stay where they are. Whoever speaks from here is not believed; see ``channel.py``.

A frame on the wire is a 4-byte big-endian length, a JSON header, and the arrays that the header counts.
"""

import importlib
import io
import json
import linecache
import math
import re
import socket
import struct
import sys
import traceback
import warnings

import numpy as np

MAX_HEADER = 4 * 1024 * 1024
"""Bytes of JSON in one frame."""
MAX_ARRAYS = 128 * 1024 * 1024
"""Bytes of all arrays in one frame."""
MAX_DEPTH = 12
"""Nesting of one value."""
MAX_KEYS = 1000
"""Keys of one dictionary that are no text: those can be chosen to have one hash, and building it takes the square."""
MAX_TEXT = 2000
"""Characters kept of an error's message."""

_USUAL_HEADER = re.compile(
    rb"\x93NUMPY\x01\x00(?P<length>..)\{'descr': '(?P<dtype>[<|][biuf]\d{1,2})', 'fortran_order': False, "
    rb"'shape': \((?P<shape>(?:\d{1,12}, )*(?:\d{1,12})?),?\), \} *\n",
    re.DOTALL,
)
"""How nearly all headers of .npy files look. numpy reads them as Python's text, longer than all the rest takes."""


class ProtocolError(Exception):
    """The other side sent what is not a frame of this protocol, or one beyond its bounds."""


# --- values to wire and back -----------------------------------------------------------------------


class Remote:
    """The name of an object that stays with the candidate."""

    def __init__(self, key: int, kind: str = "") -> None:
        self.key = key
        self.kind = kind

    def __repr__(self) -> str:
        return f"Remote({self.key}, {self.kind!r})"


class Table:
    """A data frame as plain columns: ``columns`` maps each name to a list of plain values."""

    def __init__(self, columns: dict) -> None:
        self.columns = columns

    def __len__(self) -> int:
        return max((len(values) for values in self.columns.values()), default=0)


def encode(value, arrays: list, keep=None, depth: int = 0):
    """Turn ``value`` into JSON, moving arrays into ``arrays``.

    ``keep(obj) -> Remote`` names whatever is not plain data; without it such a value is a TypeError.
    """
    if depth > MAX_DEPTH:
        raise ProtocolError(f"a value is nested more than {MAX_DEPTH} deep")
    if value is None or isinstance(value, bool | int | float | str):
        return _plain(value)
    if isinstance(value, Remote):
        return {"remote": value.key, "kind": value.kind}
    if isinstance(value, Table):
        return {"table": {name: encode(column, arrays, keep, depth + 1) for name, column in value.columns.items()}}
    if isinstance(value, tuple | list):
        tag = "tuple" if isinstance(value, tuple) else "list"
        return {tag: [encode(item, arrays, keep, depth + 1) for item in value]}
    if isinstance(value, dict):
        pairs = [[encode(k, arrays, keep, depth + 1), encode(v, arrays, keep, depth + 1)] for k, v in value.items()]
        return {"dict": pairs}
    array = _as_array(value)
    if array is not None:
        arrays.append(array)
        return {"array": len(arrays) - 1}
    if hasattr(value, "columns") and hasattr(value, "to_dict"):
        columns = {str(name): list(column) for name, column in value.to_dict(orient="list").items()}
        return encode(Table(columns), arrays, keep, depth)
    if keep is None:
        raise TypeError(f"{type(value).__name__} is not plain data")
    return encode(keep(value), arrays)


def _plain(value):
    # Subclasses of int, float and str may lie about themselves; the exact types cannot.
    for exact in (bool, int, float, str):
        if isinstance(value, exact):
            return exact(value)
    return None


def _as_array(value):
    """A numpy array of numbers, booleans or text for a tensor, an array or a numpy scalar; else None."""
    if isinstance(value, np.ndarray | np.generic):
        array = np.asarray(value)
    elif hasattr(value, "detach") and hasattr(value, "numpy"):
        tensor = value.detach().cpu()
        # numpy has no bfloat16: the value matters here, and it is exact in float32.
        array = tensor.float().numpy() if str(tensor.dtype) == "torch.bfloat16" else tensor.numpy()
    elif type(value).__module__.startswith("tensorflow.") and hasattr(value, "numpy"):
        array = np.asarray(value.numpy())
    else:
        return None
    return array if array.dtype.kind in "biufU" else None


def decode(tree, arrays: list, depth: int = 0):
    """The value that ``encode`` described."""
    if depth > MAX_DEPTH:
        raise ProtocolError(f"a value is nested more than {MAX_DEPTH} deep")
    if not isinstance(tree, dict):
        if type(tree) is int and tree.bit_length() > 1000:  # no float could hold it
            return math.inf if tree > 0 else -math.inf
        if tree is None or isinstance(tree, bool | int | float | str):
            return tree
        raise ProtocolError("a value is not tagged")
    for tag, build in (("tuple", tuple), ("list", list)):
        if tag in tree:
            return build(decode(item, arrays, depth + 1) for item in tree[tag])
    if "dict" in tree:
        pairs = [(decode(k, arrays, depth + 1), decode(v, arrays, depth + 1)) for k, v in tree["dict"]]
        if sum(not isinstance(key, str) for key, _ in pairs) > MAX_KEYS:
            raise ProtocolError(f"a dictionary has more than {MAX_KEYS} keys that are no text")
        return {_key(key): item for key, item in pairs}
    if "array" in tree:
        return arrays[tree["array"]]
    if "table" in tree:
        return _table({str(k): decode(v, arrays, depth + 1) for k, v in tree["table"].items()})
    if "remote" in tree:
        return Remote(int(tree["remote"]), str(tree.get("kind", "")))
    raise ProtocolError("a value has an unknown tag")


def _table(columns: dict) -> Table:
    lists = all(isinstance(column, list) for column in columns.values())
    if not lists or len({len(column) for column in columns.values()}) > 1:
        raise ProtocolError("a table has columns that are no lists of one length")
    return Table(columns)


def _key(key):
    try:
        hash(key)
    except TypeError:
        raise ProtocolError("a dictionary has a key that is not plain") from None
    return key


# --- frames -------------------------------------------------------------------------------------------


def pack(header: dict, arrays: list) -> bytes:
    blobs = []
    for array in arrays:
        buffer = io.BytesIO()
        np.lib.format.write_array(buffer, np.asarray(array, order="C"), allow_pickle=False)
        blobs.append(buffer.getvalue())
    text = json.dumps({**header, "sizes": [len(blob) for blob in blobs]}).encode()
    if len(text) > MAX_HEADER or sum(map(len, blobs)) > MAX_ARRAYS:
        raise ProtocolError("an answer is larger than the channel allows")
    return struct.pack(">I", len(text)) + text + b"".join(blobs)


def unpack(read) -> tuple[dict, list]:
    """Read one frame with ``read(n) -> n bytes``; everything is bounded before it is read."""
    (length,) = struct.unpack(">I", read(4))
    if length > MAX_HEADER:
        raise ProtocolError(f"a frame announces a header of {length} bytes")
    try:
        header = json.loads(read(length))
        sizes = header["sizes"]
        if not all(type(size) is int and size >= 0 for size in sizes):
            raise ProtocolError("a frame announces impossible sizes")
    except (ValueError, TypeError, KeyError, RecursionError):
        raise ProtocolError("a frame has no readable header") from None
    if sum(sizes) > MAX_ARRAYS:
        raise ProtocolError(f"a frame announces {sum(sizes)} bytes of arrays")
    return header, [read_npy(read(size)) for size in sizes]


def read_npy(blob: bytes) -> np.ndarray:
    """A ``.npy`` array of numbers or text. The promised size must be the size that is there."""
    try:
        return _read_npy(blob)
    except ProtocolError:
        raise
    except Exception:  # numpy reads the header as Python's text, and raises whatever such a text can raise
        raise ProtocolError("an array is not in the .npy format") from None


def _read_npy(blob: bytes) -> np.ndarray:
    shape, fortran, dtype, start = _npy_header(blob)
    # One text of two gigabytes in an array of none would be taken at its word by whoever makes another like it.
    if dtype.hasobject or dtype.kind not in "biufU" or dtype.itemsize > max(len(blob), MAX_TEXT):
        raise ProtocolError(f"an array has the dtype {dtype}")
    count = 1
    for n in shape:
        count *= n
    if any(n < 0 for n in shape) or count * dtype.itemsize != len(blob) - start:
        raise ProtocolError("an array's header promises another size than is there")
    flat = np.frombuffer(blob, dtype=dtype, offset=start, count=count)
    if dtype.kind == "U":
        flat.tolist()  # raises for what are no characters
    return flat.reshape(shape, order="F" if fortran else "C").copy()


def _npy_header(blob: bytes) -> tuple:
    """Shape, whether in Fortran's order, dtype, and where the numbers begin."""
    usual = _USUAL_HEADER.match(blob)
    if usual and usual.end() == 10 + int.from_bytes(usual["length"], "little"):
        return (
            tuple(map(int, usual["shape"].replace(b",", b" ").split())),
            False,
            np.dtype(usual["dtype"].decode()),
            usual.end(),
        )
    stream = io.BytesIO(blob)
    version = np.lib.format.read_magic(stream)
    reader = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}[version]
    return *reader(stream), stream.tell()


# --- answering ----------------------------------------------------------------------------------------


class Answerer:
    """Answers questions about the objects of one namespace (the student's notebook)."""

    def __init__(self, namespace: dict) -> None:
        self.namespace = namespace
        self.kept: dict[int, object] = {}
        self.hidden: list[tuple[object, str, object]] = []
        self.closed: list[object] = []

    def answer(self, question: dict, arrays: list) -> tuple[dict, list]:
        """One reply: ``{"value": ...}``, or ``{"error": ...}`` when the student's code raised."""
        sent: list = []
        try:
            operation = getattr(self, "do_" + question["op"])
            arguments = decode(question["arguments"], arrays)
            return {"value": encode(operation(**arguments), sent, self.keep)}, sent
        except BaseException as error:  # SystemExit too: a student's exit() ends no examination
            return {"error": describe(error)}, []

    def keep(self, value) -> Remote:
        key = len(self.kept)
        self.kept[key] = value
        return Remote(key, type(value).__name__)

    def target(self, target):
        """A global of the notebook by its name, or an object that was kept."""
        if isinstance(target, Remote):
            return self.kept[target.key]
        if target not in self.namespace:
            raise NameError(f"name {target!r} is not defined in the notebook")
        return self.namespace[target]

    def values(self, value, arrays: str, leaves: list | None = None):
        """Arguments as the student's code gets them: kept objects themselves, arrays as fresh torch tensors.

        ``arrays='numpy'`` leaves arrays alone. Float tensors that want gradients are added to ``leaves``.
        """
        if isinstance(value, Remote):
            return self.kept[value.key]
        if isinstance(value, tuple | list):
            return type(value)(self.values(item, arrays, leaves) for item in value)
        if isinstance(value, dict):
            return {key: self.values(item, arrays, leaves) for key, item in value.items()}
        if not isinstance(value, np.ndarray) or arrays == "numpy":
            return value
        tensor = importlib.import_module("torch").from_numpy(value.copy())
        if leaves is not None and tensor.is_floating_point():
            leaves.append(tensor.requires_grad_())
        return tensor

    def do_lookup(self, name):
        return self.target(name)

    def do_construct(self, name, args, kwargs):
        return self.keep(self.target(name)(*self.values(args, "numpy"), **self.values(kwargs, "numpy")))

    def do_call(self, target, method, arrays, args, kwargs):
        function = self.target(target)
        if hasattr(function, "eval") and hasattr(function, "parameters"):
            function.eval()
        if method is not None:
            function = getattr(function, method)
        args, kwargs = self.values(args, arrays), self.values(kwargs, arrays)
        if arrays == "numpy":
            return function(*args, **kwargs)
        with importlib.import_module("torch").no_grad():
            return function(*args, **kwargs)

    def do_gradients(self, target, args, kwargs, weights):
        """Gradients of the weighted sum of all outputs, with respect to every float input and parameter."""
        torch = importlib.import_module("torch")
        module = self.target(target)
        module.eval()
        module.zero_grad(set_to_none=True)
        leaves: list = []
        args, kwargs = self.values(args, "torch", leaves), self.values(kwargs, "torch", leaves)
        with torch.enable_grad():
            outputs = flatten(module(*args, **kwargs))
            total = sum((o * w).sum() for o, w in zip(outputs, flatten(self.values(weights, "torch")), strict=True))
            if total.requires_grad:
                total.backward()
        parameters = {name: p.grad for name, p in module.named_parameters()}
        return {"inputs": [leaf.grad for leaf in leaves], "parameters": parameters}

    def do_parameters(self, target):
        return dict(self.target(target).named_parameters())

    def do_set_parameters(self, target, values):
        torch = importlib.import_module("torch")
        own = dict(self.target(target).named_parameters())
        with torch.no_grad():
            for name, value in values.items():
                own[name].copy_(torch.from_numpy(value))

    def do_keras_model(self, target, input_shape):
        return KerasReader().read(self.target(target), input_shape)

    def do_keras_predict(self, target, inputs, batch_size):
        """Outputs at inference, batch by batch. Not ``predict``: tracing costs more than a few batches do."""
        model = self.target(target)
        starts = range(0, len(inputs), batch_size)
        return np.concatenate([np.asarray(model(inputs[i : i + batch_size], training=False)) for i in starts])

    def do_keras_loss(self, target, labels, predictions):
        """The compiled loss of these predictions, with the regularisation of the weights."""
        return float(self.target(target).compute_loss(x=None, y=labels, y_pred=keras_tensor(predictions)))

    def do_keras_shared(self, target, other):
        """How many of a model's trainable weights are another one's as well."""
        others = {id(weight) for weight in self.target(other).trainable_variables}
        return sum(id(weight) in others for weight in self.target(target).trainable_variables)

    def do_keras_fit(self, target, inputs, labels, epochs, batch_size):
        model = self.target(target)
        model.run_eagerly = True  # a few small steps take less than compiling them does
        history = model.fit(inputs, labels, epochs=epochs, batch_size=batch_size, verbose=0).history
        return {str(name): [float(value) for value in values] for name, values in history.items()}

    def do_put(self, value, arrays):
        return self.keep(self.values(value, arrays))

    def do_get(self, value):
        return self.target(value)

    def do_attribute(self, target, name):
        return getattr(self.target(target), name)

    def do_items(self, target):
        return [self.keep(item) for item in self.target(target)]

    def do_define(self, source):
        exec(compile(source, "<stand-in>", "exec"), self.namespace)

    def do_prepare(self):
        # torch fills what `torch.empty(n)` and `torch.Tensor(n, m)` return with NaN in its deterministic mode.
        if "torch" in sys.modules:
            sys.modules["torch"].set_deterministic_debug_mode("warn")

    def do_hide(self, names):
        """Take attributes such as ``torch.nn.LSTM`` away until ``restore``; a name that is not there is no error.

        Other names for the same thing, which the notebook may have made before, raise NameError when they are used.
        """
        for name in names:
            owner_name, _, attribute = name.rpartition(".")
            owner = importlib.import_module(owner_name)
            if attribute in vars(owner):
                value = vars(owner)[attribute]
                self.hidden.append((owner, attribute, value))
                delattr(owner, attribute)
                if isinstance(value, type) and "forward" in vars(value):
                    self.hidden.append((value, "forward", vars(value)["forward"]))
                    value.forward = absent(name)  # type: ignore[attr-defined]
                elif owner_name == "torch":
                    self._close_operator(attribute)

    def _close_operator(self, name):
        """Every way to torch's operator ends at its dispatcher: kept functions, ``torch.ops`` and compiled code too."""
        torch = sys.modules["torch"]
        library = torch.library.Library("aten", "IMPL")  # holds as long as it is referred to
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it says that a kernel is replaced
            for overload in getattr(torch.ops.aten, name).overloads():
                operator = name if overload == "default" else f"{name}.{overload}"
                for key in ("CPU", "AutogradCPU", "CompositeImplicitAutograd"):
                    library.impl(operator, absent(f"torch.{name}"), key)
        self.closed.append(library)

    def do_restore(self):
        self.closed.clear()
        while self.hidden:
            owner, attribute, value = self.hidden.pop()
            setattr(owner, attribute, value)

    def do_done(self):
        return None


class KerasReader:
    """Describes a Keras model in plain data: its layers with their weights, and how its graph calls them.

    ``layers`` lists each layer once; ``graphs`` holds the model's own graph first, then those of models inside it.
    A node of a graph is one call of a layer, in the order of computation; what it was called with is a tree of
    ``{"tensor": [node, output]}``, ``{"list": [...]}``, ``{"value": plain}``, ``{"array": constant}``,
    ``{"slice": [start, stop, step]}``, ``{"ellipsis": True}`` and ``{"other": type}``.
    """

    def __init__(self) -> None:
        self.layers: list = []
        self.graphs: list = []
        self.places: dict[int, int] = {}

    def read(self, model, input_shape) -> dict:
        if input_shape is not None and not getattr(model, "built", True):
            model.build((None, *input_shape))
        kind = keras_kind(model)
        if kind != "other":
            self.add_graph(model)
        return {
            "kind": kind,
            "class": type(model).__name__,
            "layers": self.layers,
            "graphs": self.graphs,
            "compiled": self.compiled(model),
        }

    def add_graph(self, model) -> int:
        place = len(self.graphs)
        self.graphs.append(None)
        function = getattr(model, "_functional", None) or model
        nodes: list = []
        found: dict = {}

        def tensor(value) -> list:
            operation, node_index, output = value._keras_history
            key = id(operation), node_index
            if key not in found:
                node = operation._inbound_nodes[node_index]
                args = [argument(item) for item in node.arguments.args]
                kwargs = {str(name): argument(item) for name, item in node.arguments.kwargs.items()}
                found[key] = len(nodes)
                nodes.append({"layer": self.add_layer(operation), "args": args, "kwargs": kwargs})
            return [found[key], output]

        def argument(value) -> dict:
            if hasattr(value, "_keras_history"):
                return {"tensor": tensor(value)}
            if isinstance(value, tuple | list):
                return {"list": [argument(item) for item in value]}
            if isinstance(value, slice) and is_plain([value.start, value.stop, value.step]):
                return {"slice": [value.start, value.stop, value.step]}
            if value is Ellipsis:
                return {"ellipsis": True}
            return {"value": value} if is_plain(value) else constant(value)

        outputs = [tensor(value) for value in function.outputs]
        inputs = [tensor(value)[0] for value in function.inputs]
        self.graphs[place] = {"nodes": nodes, "inputs": inputs, "outputs": outputs}
        return place

    def add_layer(self, layer) -> int:
        if id(layer) not in self.places:
            self.places[id(layer)] = len(self.layers)
            self.layers.append(None)
            self.layers[self.places[id(layer)]] = self.describe(layer)
        return self.places[id(layer)]

    def describe(self, layer) -> dict:
        kind = type(layer)
        described = {
            "name": str(layer.name),
            "class": kind.__name__,
            "module": kind.__module__,
            "config": plain_config(layer.get_config()) if hasattr(layer, "get_config") else {},
            "weights": {},
            "trainable": bool(getattr(layer, "trainable", True)),
        }
        if keras_kind(layer) != "other":
            described["graph"] = self.add_graph(layer)
        elif kind.__name__ in ("TimeDistributed", "SpectralNormalization"):
            described["layer"] = self.add_layer(layer.layer)
            inside = {id(weight) for weight in layer.layer.weights}
            described["weights"] = named_weights(w for w in layer.weights if id(w) not in inside)
        else:
            described["weights"] = named_weights(getattr(layer, "weights", []))
        return described

    @staticmethod
    def compiled(model) -> dict | None:
        if not getattr(model, "compiled", False):
            return None
        loss, optimizer = model.loss, model.optimizer
        config = loss.get_config() if hasattr(loss, "get_config") else {}
        return {
            "loss": loss if isinstance(loss, str) else getattr(loss, "__name__", type(loss).__name__),
            "loss_config": plain_config(config),
            "optimizer": type(optimizer).__name__,
            "learning_rate": float(np.asarray(optimizer.learning_rate)),
        }


def keras_kind(model) -> str:
    """'Sequential', 'Functional', or 'other' for what has no graph, by what it is built of."""
    if getattr(model, "_functional", None) is not None:
        return "Sequential"
    return "Functional" if hasattr(model, "outputs") and hasattr(model, "_operations") else "other"


def named_weights(weights) -> dict:
    return {weight.path.rpartition("/")[2]: np.asarray(weight) for weight in weights}


MAX_CONSTANT = 100_000
"""Numbers in an array that a graph computes with, beside its weights."""


def constant(value) -> dict:
    """An array or tensor of numbers that stands in a graph, as {"array": ...}; what else it is, by its type."""
    array = np.asarray(value) if hasattr(value, "__array__") else None
    if array is None or array.dtype.kind not in "fiub" or array.size > MAX_CONSTANT:
        return {"other": type(value).__name__}
    return {"array": array}


def keras_tensor(array):
    return importlib.import_module("keras").ops.convert_to_tensor(array)


def is_plain(value) -> bool:
    if isinstance(value, tuple | list):
        return all(map(is_plain, value))
    return value is None or isinstance(value, bool | int | float | str)


def plain_config(config: dict) -> dict:
    """The plain values of a configuration; functions and objects in it are {"name": ..., "config": plain values}."""
    plain = {}
    for name, value in config.items():
        if is_plain(value):
            plain[str(name)] = value
        elif isinstance(value, dict) and "class_name" in value:
            inner = value.get("config")
            function = isinstance(inner, str)
            config = plain_config(inner) if isinstance(inner, dict) else {}
            plain[str(name)] = {"name": inner if function else str(value["class_name"]), "config": config}
    return plain


def absent(name: str):
    """What stands in for a hidden function."""

    def raises(*args, **kwargs):
        raise NameError(f"{name} is absent while this exercise is examined")

    return raises


def flatten(value) -> list:
    if isinstance(value, tuple | list):
        return [leaf for item in value for leaf in flatten(item)]
    return [value]


def describe(error: BaseException) -> dict:
    """The error in words: kind, message, and the student's line that raised it."""
    where = ""
    for frame in traceback.extract_tb(error.__traceback__):
        if "ipykernel" in frame.filename or frame.filename.startswith(("<ipython-input", "<cell")):
            line = frame.line or linecache.getline(frame.filename, frame.lineno or 0)
            where = f"line {frame.lineno}: {line.strip()}"
    return {"kind": type(error).__name__, "message": str(error)[:MAX_TEXT], "where": where[:MAX_TEXT]}


def serve(namespace: dict, path: str) -> None:
    """Answer the questions that come over the unix socket at ``path`` until the examiner is done."""
    answerer = Answerer(namespace)
    try:
        with socket.socket(socket.AF_UNIX) as channel:
            channel.connect(path)
            _converse(answerer, channel)
    finally:
        # An examination that was cut off asks for nothing any more, and later cells may use what it had taken away.
        answerer.do_restore()


def _converse(answerer: Answerer, channel: socket.socket) -> None:
    stream = channel.makefile("rb")

    def read(n: int) -> bytes:
        data = stream.read(n)
        if len(data) < n:
            raise EOFError
        return data

    while True:
        question, arrays = unpack(read)
        header, sent = answerer.answer(question, arrays)
        try:
            frame = pack(header, sent)
        except (ProtocolError, ValueError) as error:
            frame = pack({"error": describe(error)}, [])
        channel.sendall(frame)
        if question["op"] == "done":
            return
