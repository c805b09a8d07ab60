"""The examiner's side of the channel: ask the candidate, get plain data back.

A ``Candidate`` stands for the student's notebook, wherever it runs. What it answers is bounded before it
is read and is never believed about a mark. ``local_candidate`` answers in this very process (in a plain
nbgrader course, and in tests); ``SocketCandidate`` speaks to a sandbox.
"""

import contextlib
import re
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.answering import Answerer, ProtocolError, Remote, Table, decode, encode, pack, unpack

__all__ = [
    "Candidate",
    "CandidateCutOff",
    "CandidateDied",
    "CandidateError",
    "Gradients",
    "ProtocolError",
    "Remote",
    "SocketCandidate",
    "Table",
    "kind_of",
    "local_candidate",
]


ANSI = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?)")
"""Sequences that colour a terminal and move its cursor, as in tracebacks and in Keras's messages."""


def kind_of(value: Any) -> str:
    """The name of the type of what a candidate sent, also where the object stays with it; 60 characters at most."""
    return value.kind[:60] if isinstance(value, Remote) else type(value).__name__


class CandidateError(Exception):
    """The student's code raised an exception.

    Attributes: ``kind`` (name of its class), ``message``, ``where`` (the student's line, may be empty).
    """

    def __init__(self, kind: str, message: str, where: str = "") -> None:
        message = ANSI.sub("", message)
        super().__init__(f"{kind}: {message}" + (f" ({where})" if where else ""))
        self.kind, self.message, self.where = kind, message, where


class CandidateCutOff(Exception):
    """The time of the examination is up."""


class CandidateDied(Exception):
    """The candidate's process ended, or speaks no longer as agreed, while it was examined."""


@dataclass(frozen=True)
class Gradients:
    """Gradients of a weighted sum of outputs; None where none arrived.

    ``inputs`` lists those of the float arrays among the arguments, in the order in which they were given.
    """

    inputs: list[np.ndarray | None]
    parameters: dict[str, np.ndarray | None]


class Candidate:
    """Questions to a candidate. ``ask(header, arrays) -> (header, arrays)`` carries one question."""

    def __init__(self, ask: Callable[[dict, list], tuple[dict, list]]) -> None:
        self._ask = ask

    def _question(self, op: str, **arguments: Any) -> Any:
        arrays: list = []
        header, replied = self._ask({"op": op, "arguments": encode(arguments, arrays)}, arrays)
        try:
            if "error" in header:
                error = header["error"]
                raise CandidateError(*(str(error.get(k, ""))[:2000] for k in ("kind", "message", "where")))
            return decode(header["value"], replied)
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, ProtocolError) as error:
            raise CandidateDied(f"the reply to {op!r} is not in the agreed form: {error}") from None

    def lookup(self, name: str) -> Any:
        """A global of the notebook: its value if it is plain data, else a ``Remote``."""
        return self._question("lookup", name=name)

    def construct(self, name: str, *args: Any, **kwargs: Any) -> Remote:
        """``name(*args, **kwargs)`` for a class or function among the notebook's globals."""
        return self._remote(self._question("construct", name=name, args=args, kwargs=kwargs))

    def call(
        self,
        target: Remote | str,
        *args: Any,
        arrays: str = "torch",
        method: str | None = None,
        **kwargs: Any,
    ) -> Any:
        """Call a global or a kept object, modules in evaluation mode.

        ``arrays='torch'`` turns arrays into tensors and calls without gradients; ``'numpy'`` leaves both alone.
        """
        return self._question("call", target=target, method=method, arrays=arrays, args=args, kwargs=kwargs)

    def gradients(self, target: Remote, *args: Any, weights: Any, **kwargs: Any) -> Gradients:
        """Gradients of ``sum_k <weights_k, output_k>``; ``weights`` is nested like the output."""
        reply = self._question("gradients", target=target, args=args, kwargs=kwargs, weights=weights)
        form = {"inputs": list, "parameters": dict}
        if not isinstance(reply, dict) or not all(isinstance(reply.get(k), kind) for k, kind in form.items()):
            raise CandidateDied("the reply to 'gradients' is not in the agreed form")
        inputs = [g if isinstance(g, np.ndarray) else None for g in reply["inputs"]]
        parameters = {str(k): g if isinstance(g, np.ndarray) else None for k, g in reply["parameters"].items()}
        return Gradients(inputs, parameters)

    def parameters(self, target: Remote) -> dict[str, np.ndarray]:
        """``named_parameters`` as arrays."""
        reply = self._question("parameters", target=target)
        if not isinstance(reply, dict) or not all(isinstance(v, np.ndarray) for v in reply.values()):
            raise CandidateDied("the reply to 'parameters' is not in the agreed form")
        return {str(name): value for name, value in reply.items()}

    def set_parameters(self, target: Remote, values: dict[str, np.ndarray]) -> None:
        self._question("set_parameters", target=target, values=values)

    def keras_model(self, target: Remote | str, input_shape: tuple[int, ...] | None = None) -> Any:
        """A Keras model as the candidate describes it, built for ``input_shape`` (without the batch) if it is not.

        It is plain data of which nothing is checked: ``autograder.examinations.keras_models.read_model`` does that.
        """
        return self._question("keras_model", target=target, input_shape=input_shape)

    def keras_predict(self, target: Remote | str, inputs: np.ndarray, batch_size: int = 256) -> Any:
        """What a Keras model gives at inference."""
        return self._question("keras_predict", target=target, inputs=inputs, batch_size=batch_size)

    def keras_loss(self, target: Remote | str, labels: np.ndarray, predictions: np.ndarray) -> Any:
        """What the compiled loss of a Keras model makes of these predictions."""
        return self._question("keras_loss", target=target, labels=labels, predictions=predictions)

    def keras_shared(self, target: Remote, other: Remote) -> bool:
        """Whether two Keras models share weights that are trained, as the candidate says."""
        return bool(self._question("keras_shared", target=target, other=other))

    def keras_fit(
        self, target: Remote | str, inputs: np.ndarray, labels: np.ndarray, epochs: int, batch_size: int
    ) -> Any:
        """Train a Keras model with its own ``fit``; its history, lists of numbers by name."""
        return self._question(
            "keras_fit", target=target, inputs=inputs, labels=labels, epochs=epochs, batch_size=batch_size
        )

    def put(self, value: Any, arrays: str = "torch") -> Remote:
        """Lay a value down with the candidate, to pass it by reference and ``get`` it again."""
        return self._remote(self._question("put", value=value, arrays=arrays))

    def get(self, value: Remote) -> Any:
        return self._question("get", value=value)

    def attribute(self, target: Remote | str, name: str) -> Any:
        return self._question("attribute", target=target, name=name)

    def items(self, target: Remote) -> list[Remote]:
        reply = self._question("items", target=target)
        if not isinstance(reply, list):
            raise CandidateDied("the reply to 'items' is not in the agreed form")
        return [self._remote(item) for item in reply]

    def define(self, source: str) -> None:
        """Run ``source`` in the notebook's namespace (a stand-in)."""
        self._question("define", source=source)

    def prepare(self) -> None:
        """Make mistakes show that depend on chance: uninitialised memory is filled with NaN from now on."""
        self._question("prepare")

    def hide(self, names: list[str]) -> None:
        """Take library names away until ``restore``."""
        self._question("hide", names=names)

    def restore(self) -> None:
        self._question("restore")

    @staticmethod
    def _remote(reply: Any) -> Remote:
        if not isinstance(reply, Remote):
            raise CandidateDied("the reply names no object")
        return reply


def local_candidate(namespace: dict) -> Candidate:
    """A candidate in this process: same code, same encoding, no sandbox."""
    answerer = Answerer(namespace)

    def ask(header: dict, arrays: list) -> tuple[dict, list]:
        reply, sent = answerer.answer(*unpack(reader(pack(header, arrays))))
        return unpack(reader(pack(reply, sent)))

    return Candidate(ask)


def reader(data: bytes) -> Callable[[int], bytes]:
    """``read(n)`` over bytes in memory."""
    view, at = memoryview(data), 0

    def read(n: int) -> bytes:
        nonlocal at
        at += n
        return bytes(view[at - n : at])

    return read


class SocketCandidate(Candidate):
    """A candidate at the other end of a connected socket, who has until ``deadline`` on this clock."""

    def __init__(self, connection: socket.socket, deadline: float, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__(self._exchange)
        self.connection, self.deadline, self.now = connection, deadline, now
        self._received = bytearray()

    def _exchange(self, header: dict, arrays: list) -> tuple[dict, list]:
        try:
            self._send(memoryview(pack(header, arrays)))
            return unpack(self._read)
        except ProtocolError as error:
            raise CandidateDied(str(error)) from None
        except OSError as error:
            raise CandidateDied(f"the connection broke: {error}") from None

    def _send(self, data: memoryview) -> None:
        while data:
            self._set_timeout()
            with contextlib.suppress(TimeoutError):  # the clock decides: it may have stood still
                data = data[self.connection.send(data) :]

    def _read(self, n: int) -> bytes:
        while len(self._received) < n:
            self._set_timeout()
            try:
                chunk = self.connection.recv(min(max(n - len(self._received), 1 << 16), 1 << 20))
            except TimeoutError:
                continue
            if not chunk:
                raise CandidateDied("the candidate closed the channel")
            self._received += chunk
        data = bytes(self._received[:n])
        del self._received[:n]
        return data

    def _set_timeout(self) -> None:
        left = self.deadline - self.now()
        if left <= 0:
            raise CandidateCutOff
        self.connection.settimeout(left)
