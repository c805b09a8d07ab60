"""One candidate: a Jupyter kernel in its sandbox, whose cells are run and whose answers are asked for.

All that comes from the kernel is bounded: the size of a message, the messages waiting, the output kept of a
cell, and time. Nothing that it says is believed about a mark.
"""

import contextlib
import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from types import TracebackType
from typing import Any

import nbformat
import zmq
from jupyter_client.blocking.client import BlockingKernelClient

from autograder.channel import CandidateCutOff, CandidateDied, SocketCandidate
from autograder.sandbox import MIB, Limits, Process, Room

START_SECONDS = 120.0
"""A kernel that is not ready by then is a failure of the machine, not of the student."""
MAX_MESSAGE = 16 * MIB
WAITING_MESSAGES = 200
INTERRUPT_GRACE = 3.0
"""Seconds that a cell has to end after an interrupt, before the candidate is killed."""
SERVE = "__import__('answering').serve(globals(), {path!r})"
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")

OK, RAISED, CUT_OFF, DIED = "ok", "raised", "cut_off", "died"


class KernelFailure(Exception):
    """The kernel could not be started: ours to repair, never a student's zero."""


@dataclass
class CellRun:
    """How a cell ended: ``status`` is ok, raised, cut_off or died; ``outputs`` in nbformat's form."""

    status: str
    seconds: float
    outputs: list = field(default_factory=list)
    reason: str = ""


class Kernel:
    """A context manager around one candidate. ``deadline`` (monotonic) ends everything it does."""

    def __init__(
        self,
        files: dict[str, bytes],
        limits: Limits,
        *,
        deadline: float,
        sandboxed: bool = True,
        cache: Path | None = None,
    ) -> None:
        self.limits, self.deadline = limits, deadline
        self.room = Room(files)
        self.process = Process(self.room, limits, sandboxed=sandboxed, cache=cache)
        context = zmq.Context()
        context.setsockopt(zmq.MAXMSGSIZE, MAX_MESSAGE)
        context.setsockopt(zmq.RCVHWM, WAITING_MESSAGES)
        self.client = BlockingKernelClient(context=context)
        self.client.load_connection_info(self.process.connection)  # type: ignore[arg-type]

    def __enter__(self) -> "Kernel":
        try:
            self._wait_until_ready()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def _wait_until_ready(self) -> None:
        give_up = time.monotonic() + START_SECONDS
        sockets = [self.room.path / "channel" / f"kernel-{n}" for n in range(1, 6)]
        while not all(s.exists() for s in sockets):
            if not self.process.alive() or time.monotonic() > give_up:
                words = self.process.last_words() or self.process.reason or "it said nothing"
                raise KernelFailure(f"the candidate's kernel did not start: {words}")
            time.sleep(0.02)
        self.client.start_channels()
        try:
            self.client.wait_for_ready(timeout=give_up - time.monotonic())
        except RuntimeError as error:
            raise KernelFailure(f"the candidate's kernel did not answer: {error}") from None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.client.stop_channels()
        self.client.context.destroy(linger=0)
        self.room.__exit__(None, None, None)

    def alive(self) -> bool:
        return self.process.alive()

    # --- cells ------------------------------------------------------------------------------------------

    def run_cell(self, source: str, seconds: float) -> CellRun:
        """Run one cell. One that takes too long is interrupted, and the candidate killed if that does not help."""
        began = time.monotonic()
        run = CellRun(OK, 0.0)
        collector = _Collector(self.limits.cell_output)
        request = self.client.execute(source, allow_stdin=False, stop_on_error=False)
        ends, by_submission = self._end_of(seconds)
        interrupted = False
        idle, reply = False, ""
        while not (idle and reply):
            idle = self._drain(request, collector) or idle
            reply = self._reply(request) or reply
            now = time.monotonic()
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
                interrupted = True
                run.status = CUT_OFF
                limit = "the submission's time is up" if by_submission else f"stopped after {seconds:.0f} s"
                run.reason = "it wrote too much output" if collector.overflowed else limit
                self._interrupt()
                ends = now + INTERRUPT_GRACE
        run.outputs = collector.outputs
        run.seconds = time.monotonic() - began
        # The reply tells too: the message with the error may be one of those that a flood pushed out.
        if run.status == OK and (reply == "error" or any(o["output_type"] == "error" for o in run.outputs)):
            run.status = RAISED
        return run

    def _end_of(self, seconds: float) -> tuple[float, bool]:
        """When ``seconds`` from now are over, and whether the submission's own end comes before that."""
        end = time.monotonic() + seconds
        return min(end, self.deadline), self.deadline < end

    def _drain(self, request: str, collector: "_Collector") -> bool:
        """Take the waiting outputs; True when the kernel says that the cell is done."""
        with contextlib.suppress(Empty):
            for _ in range(WAITING_MESSAGES):
                message = self._receive("iopub_channel", 0.05)
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
        with contextlib.suppress(Empty):
            while True:
                message = self._receive("shell_channel", 0)
                if message.get("parent_header", {}).get("msg_id") == request:
                    return str(message.get("content", {}).get("status") or "error")
        return ""

    def _receive(self, channel: str, timeout: float) -> dict[str, Any]:
        try:
            return getattr(self.client, channel).get_msg(timeout=timeout)
        except Empty:
            raise
        except Exception:
            # Whatever does not parse or is not signed as agreed is no message of the kernel's protocol.
            return {}

    def _interrupt(self) -> None:
        session = self.client.session
        self.client.control_channel.send(session.msg("interrupt_request", {}))

    # --- examination ------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def candidate(self, seconds: float):  # type: ignore[no-untyped-def]  # a generator of SocketCandidate
        """The answering side, for ``seconds`` at most: ``with kernel.candidate(20) as candidate``.

        Raises CandidateCutOff when no answer comes in time, CandidateDied when the process ends.
        """
        ends, _ = self._end_of(seconds)
        request = self.client.execute(SERVE.format(path=str(self.room.socket)), silent=True, store_history=False)
        connection = self._accept(ends)
        try:
            candidate = SocketCandidate(connection, ends)
            yield candidate
            candidate._question("done")
        except CandidateDied as died:
            raise CandidateDied(self.process.reason or str(died)) from None
        finally:
            connection.close()
            self._settle(request)

    def _accept(self, ends: float):  # type: ignore[no-untyped-def]
        self.room.listener.settimeout(0.1)
        while time.monotonic() < ends:
            with contextlib.suppress(TimeoutError):
                return self.room.listener.accept()[0]
            if not self.alive():
                raise CandidateDied(self.process.reason or "its process ended before it could be asked")
        raise CandidateCutOff

    def _settle(self, request: str) -> None:
        """After an examination the kernel must be ready for the next cell, or be gone."""
        ends = time.monotonic() + INTERRUPT_GRACE
        interrupted = False
        while self.alive() and not self._reply(request):
            if time.monotonic() > ends:
                if interrupted:
                    self.process.kill("it did not stop answering when it was interrupted")
                    return
                interrupted = True
                self._interrupt()
                ends = time.monotonic() + INTERRUPT_GRACE
            time.sleep(0.005)


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
        except (ValueError, KeyError, AttributeError):
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
        return _ANSI.sub("", "\n".join(map(str, output.get("traceback", []))))
    return str(output.get("data", {}).get("text/plain", ""))
