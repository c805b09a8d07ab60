"""One candidate: a Jupyter kernel in its sandbox, whose cells are run and whose answers are asked for.

All that comes from the kernel is bounded: the size of a message, the messages waiting, the output kept of a
cell, and time. Nothing that it says is believed about a mark.
"""

import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import nbformat
import zmq
from jupyter_client.session import Session

from autograder.channel import ANSI, CandidateCutOff, CandidateDied, SocketCandidate
from autograder.clock import Clock
from autograder.notebooks import refuse_too_many
from autograder.nursery import KernelFailure, Process, nursery_for
from autograder.sandbox import MIB, Limits

READY_SECONDS = 60.0
"""A kernel that does not answer by then is a failure of the machine, not of the student."""
IOPUB_MILLISECONDS = 20
POLL_MILLISECONDS = 50
"""How long we wait for a message before we look whether the candidate is still alive."""
MAX_MESSAGE = 16 * MIB
WAITING_MESSAGES = 20
"""Of MAX_MESSAGE each, in our memory; what waits beyond these waits in the candidate's."""
READ_SECONDS = 0.5
"""How long we read messages before we look at time and candidate again: reading one may take as long as making many."""
INTERRUPT_GRACE = 3.0
"""Seconds that a cell has to end after an interrupt, before the candidate is killed."""
SERVE = "__import__('answering').serve(globals(), {path!r})"

OK, RAISED, CUT_OFF, DIED = "ok", "raised", "cut_off", "died"


@dataclass
class CellRun:
    """How a cell ended: ``status`` is ok, raised, cut_off or died; ``outputs`` in nbformat's form."""

    status: str
    seconds: float
    outputs: list = field(default_factory=list)
    reason: str = ""


class Kernel:
    """A context manager around one candidate. ``deadline``, on this ``clock``, ends everything it does.

    ``modules``: what the candidate has imported already when it starts; ``door``: of a nursery to share. KernelFailure
    when it does not start.
    """

    def __init__(
        self,
        files: dict[str, bytes],
        limits: Limits,
        *,
        deadline: float,
        clock: Clock | None = None,
        modules: tuple[str, ...] = (),
        sandboxed: bool = True,
        cache: Path | None = None,
        door: Path | None = None,
    ) -> None:
        self.files, self.limits, self.deadline = files, limits, deadline
        self.clock = clock or Clock()
        self.modules, self.sandboxed, self.cache, self.door = modules, sandboxed, cache, door

    def __enter__(self) -> "Kernel":
        nursery = nursery_for(self.modules, self.limits, sandboxed=self.sandboxed, cache=self.cache, door=self.door)
        self.process = Process(nursery, self.files, self.limits, clock=self.clock)
        self.session = Session(key=self.process.connection["key"].encode())
        self.session.unpack = _unpacked
        self.context = zmq.Context()
        self.context.setsockopt(zmq.MAXMSGSIZE, MAX_MESSAGE)
        self.context.setsockopt(zmq.RCVHWM, WAITING_MESSAGES)
        self.shell = self._connect("shell", zmq.DEALER)
        self.control = self._connect("control", zmq.DEALER)
        self.iopub = self._connect("iopub", zmq.SUB)
        self.iopub.subscribe(b"")
        self.poller = zmq.Poller()
        self.poller.register(self.shell, zmq.POLLIN)
        self.poller.register(self.iopub, zmq.POLLIN)
        try:
            self._wait_for_subscription()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def _connect(self, name: str, kind: int) -> zmq.Socket:
        connection = self.process.connection
        socket = self.context.socket(kind)
        socket.connect(f"ipc://{connection['ip']}-{connection[f'{name}_port']}")
        return socket

    def _wait_for_subscription(self) -> None:
        """What is published before our subscription arrives is lost: the first message tells that it has."""
        give_up = time.monotonic() + READY_SECONDS
        self._send(self.shell, "kernel_info_request")
        while not self.iopub.poll(IOPUB_MILLISECONDS):
            if time.monotonic() > give_up or not self.alive():
                raise KernelFailure(f"the candidate's kernel did not answer: {self.process.reason or 'time is up'}")
            self._send(self.shell, "kernel_info_request")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.context.destroy(linger=0)
        self.process.close()

    def alive(self) -> bool:
        return self.process.alive()

    # --- cells ------------------------------------------------------------------------------------------

    def run_cell(self, source: str, seconds: float) -> CellRun:
        """Run one cell. One that takes too long is interrupted, and the candidate killed if that does not help.

        Raises Overloaded when it took too long because the machine had no time for it.
        """
        began = time.monotonic()
        run = CellRun(OK, 0.0)
        collector = _Collector(self.limits.cell_output)
        request = self._execute(source)
        ends, by_submission = self._end_of(seconds)
        interrupted = False
        idle, reply = False, ""
        while not (idle and reply):
            self.poller.poll(POLL_MILLISECONDS)
            reply = self._reply(request) or reply
            idle = self._drain(request, collector) or idle
            now = self.clock.now()
            if reply and not idle:
                # Messages of a flood may have been dropped, the one that says "idle" among them.
                ends = min(ends, now + INTERRUPT_GRACE)
            if not self.alive():
                run.status, run.reason = DIED, self.process.reason or "its process ended"
                break
            if now > ends and reply:
                break
            if now > ends or (collector.overflowed and not interrupted):
                if interrupted:
                    self.process.kill("a cell did not stop when it was interrupted")
                    continue
                if not collector.overflowed:
                    self.clock.require_patience()
                interrupted = True
                run.status = CUT_OFF
                limit = "the submission's time is up" if by_submission else f"no end after {seconds:.0f} s"
                run.reason = "it wrote too much output" if collector.overflowed else limit
                self._send(self.control, "interrupt_request")
                ends = now + INTERRUPT_GRACE
        run.outputs = collector.outputs
        run.seconds = time.monotonic() - began
        # The reply tells too: the message with the error may be one of those that a flood pushed out.
        if run.status == OK and (reply == "error" or any(o["output_type"] == "error" for o in run.outputs)):
            run.status = RAISED
        return run

    def _end_of(self, seconds: float) -> tuple[float, bool]:
        """When ``seconds`` from now are over, and whether the submission's own end comes before that."""
        end = self.clock.now() + seconds
        return min(end, self.deadline), self.deadline < end

    def _execute(self, source: str, *, silent: bool = False) -> str:
        """Send a cell; the id that its messages refer to. An error stops no later cell."""
        content = {
            "code": source,
            "silent": silent,
            "store_history": not silent,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": False,
        }
        return self._send(self.shell, "execute_request", content)

    def _send(self, socket: zmq.Socket, kind: str, content: dict[str, Any] | None = None) -> str:
        message = self.session.msg(kind, content or {})
        self.session.send(socket, message)
        return str(message["header"]["msg_id"])

    def _drain(self, request: str, collector: "_Collector") -> bool:
        """Take the waiting outputs; True when the kernel says that the cell is done."""
        for message in self._waiting(self.iopub):
            if message.get("parent_header", {}).get("msg_id") != request:
                continue
            if message.get("msg_type") == "status":
                if message.get("content", {}).get("execution_state") == "idle":
                    return True
            else:
                collector.add(message)
        return False

    def _reply(self, request: str) -> str:
        """The status in the reply to ``request`` (ok, error, aborted); empty while there is none."""
        for message in self._waiting(self.shell):
            if message.get("parent_header", {}).get("msg_id") == request:
                return str(message.get("content", {}).get("status") or "error")
        return ""

    def _waiting(self, socket: zmq.Socket) -> Iterator[dict[str, Any]]:
        """The messages that have come, as many as can be read in READ_SECONDS: a flood must not hold us here."""
        ends = time.monotonic() + READ_SECONDS
        while time.monotonic() < ends:
            try:
                _, message = self.session.recv(socket)
            except Exception:
                # Whatever does not parse or is not signed as agreed is no message of the kernel's protocol.
                continue
            if message is None:
                return
            if all(isinstance(message.get(part), dict) for part in ("parent_header", "content", "metadata")):
                yield message

    # --- examination ------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def candidate(self, seconds: float):  # type: ignore[no-untyped-def]  # a generator of SocketCandidate
        """The answering side, for ``seconds`` at most: ``with kernel.candidate(20) as candidate``.

        Raises CandidateCutOff when no answer comes in time, CandidateDied when the process ends, Overloaded when the
        machine had no time for it.
        """
        ends, _ = self._end_of(seconds)
        request = self._execute(SERVE.format(path=str(self.process.room.seen_from_inside / "examiner")), silent=True)
        connection = self._accept(ends, request)
        try:
            candidate = SocketCandidate(connection, ends, self.clock.now)
            yield candidate
            candidate._question("done")
        except CandidateCutOff:
            self.clock.require_patience()
            raise
        except CandidateDied as died:
            raise CandidateDied(self.process.reason or str(died)) from None
        finally:
            connection.close()
            self._settle(request)

    def _accept(self, ends: float, request: str):  # type: ignore[no-untyped-def]
        listener = self.process.room.listener
        listener.settimeout(0.1)
        ended = False
        while self.clock.now() < ends:
            with contextlib.suppress(TimeoutError):
                return listener.accept()[0]
            if not self.alive():
                raise CandidateDied(self.process.reason or "its process ended before it could be asked")
            if ended:
                raise CandidateDied("its kernel does not carry out what it is sent")
            # Once more, since a connection may have come while we looked.
            ended = bool(self._reply(request))
        raise CandidateCutOff

    def _settle(self, request: str) -> None:
        """After an examination the kernel must be ready for the next cell, or be gone."""
        ends = self.clock.now() + INTERRUPT_GRACE
        interrupted = False
        while self.alive() and not self._reply(request):
            if self.clock.now() > ends:
                if interrupted:
                    self.process.kill("it did not stop answering when it was interrupted")
                    return
                interrupted = True
                self._send(self.control, "interrupt_request")
                ends = self.clock.now() + INTERRUPT_GRACE
            self.shell.poll(POLL_MILLISECONDS)


def _unpacked(message: bytes) -> Any:
    """A message's JSON; UnreadableNotebook for one of millions of parts, which takes seconds and gigabytes to read."""
    text = message.decode("utf-8", errors="replace")
    refuse_too_many(text)
    return json.loads(text)


class _Collector:
    """The outputs of one cell, up to ``limit`` bytes."""

    def __init__(self, limit: int) -> None:
        self.outputs: list = []
        self.left = limit
        self.overflowed = False
        self._clear_next = False

    def add(self, message: dict[str, Any]) -> None:
        kind, content = message.get("msg_type"), message.get("content", {})
        if kind == "clear_output":
            if content.get("wait"):
                self._clear_next = True
            else:
                self.outputs.clear()
            return
        if kind == "update_display_data":
            return  # the first state of a progress bar tells enough
        if kind not in ("stream", "display_data", "execute_result", "error"):
            return
        self.left -= len(str(content))
        if self.left < 0:
            self.overflowed = True
            return
        if self._clear_next:
            self.outputs.clear()
            self._clear_next = False
        try:
            output = nbformat.v4.output_from_msg(message)
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError, nbformat.ValidationError):
            return  # not in the form of an output
        last = self.outputs[-1] if self.outputs else None
        if last and output["output_type"] == last["output_type"] == "stream" and output.name == last.name:
            last["text"] += output["text"]
        else:
            self.outputs.append(output)


def plain_text(output: Any) -> str:
    """An output as text without colours, for feedback and messages."""
    if output["output_type"] == "stream":
        return str(output["text"])
    if output["output_type"] == "error":
        return ANSI.sub("", "\n".join(map(str, output.get("traceback", []))))
    return str(output.get("data", {}).get("text/plain", ""))
