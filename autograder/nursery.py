"""A nursery: one process in a sandbox that has imported an assignment's libraries and forks candidates from itself.

A cold kernel pays for its imports (two seconds for torch, five for tensorflow) again and again; a fork of a process
that has done them is ready in some tenths of a second. This module is the outer side: it starts the nursery, asks it
for candidates, watches what they use, and ends them. The inner side is ``warm.py``.
"""

import ast
import atexit
import contextlib
import functools
import json
import os
import secrets
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import psutil

from autograder.clock import Clock, Usage, kept_waiting, usage
from autograder.notebooks import read_notebook, split_hidden
from autograder.sandbox import GIB, PACKAGE_ROOT, Limits, environment, nursery_command, unprivileged_user

START_SECONDS = 120.0
"""A nursery or a candidate that is not ready by then is a failure of the machine, not of the student."""
WATCH_SECONDS, MEASURE_SECONDS = 0.25, 1.0
"""Between two looks at a candidate, and between two at which its memory is measured."""
MAX_SOCKETS = 1000
"""Each can hold some 400 kB that are in no process's account."""
ROOM_PREFIX = "coursework-"
DOOR, LOG = "door", "nursery.log"
"""Names in a nursery's folder."""
LONGEST_TEMPORARY = 40
"""Bytes of the path of the temporary folder, beyond which /tmp is taken."""


class KernelFailure(Exception):
    """A candidate could not be started: ours to repair, never a student's zero."""


@functools.lru_cache(maxsize=8)
def imports(masters: tuple[bytes, ...]) -> tuple[str, ...]:
    """The modules that these notebooks import, sorted; among them names that may be none, such as ``torch.ones``.

    ``from a import b`` gives ``a`` and ``a.b``, and ``a.b`` in an expression gives ``a.b`` where ``a`` was imported.
    Hidden regions do not count: they are never sent to a candidate.
    """
    imported: set[str] = set()
    attributes: set[str] = set()
    for master in masters:
        for cell in read_notebook(master).cells:
            if cell.cell_type == "code":
                for node in _nodes(cell):
                    if isinstance(node, ast.Import):
                        imported |= {name.name for name in node.names}
                    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                        imported |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
                    elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                        attributes.add(f"{node.value.id}.{node.attr}")
    return tuple(sorted(imported | {name for name in attributes if name.partition(".")[0] in imported}))


def _nodes(cell: nbformat.NotebookNode) -> Iterator[ast.AST]:
    """What the visible part of a cell consists of."""
    with contextlib.suppress(SyntaxError):  # such as a magic, %matplotlib
        yield from ast.walk(ast.parse(split_hidden(cell.source)[0]))


class NurseryProcess:
    """The process that has ``modules`` imported, and the door at which it is asked for branches.

    Any number of processes of this machine may share it. Close it when it is no longer needed.
    """

    def __init__(
        self, modules: tuple[str, ...], limits: Limits, *, sandboxed: bool = True, cache: Path | None = None
    ) -> None:
        self.kind = modules, sandboxed, cache
        # A socket's path has at most 107 bytes, and ours lie some 60 below this folder.
        roomy = len(os.fsencode(tempfile.gettempdir())) <= LONGEST_TEMPORARY
        place = tempfile.gettempdir() if roomy else "/tmp"
        self.home = Path(tempfile.mkdtemp(prefix=f"{ROOM_PREFIX}{os.getpid()}-", dir=place))
        rooms = rooms_of(self.home / DOOR)
        rooms.mkdir(mode=0o755)
        self.door = self.home / DOOR
        self._leash, theirs = socket.socketpair()
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        listener.bind(str(self.door))
        listener.listen()
        inherited = [listener.fileno(), theirs.fileno()]
        program = [sys.executable, "-m", "warm", *map(str, inherited), "sandboxed" if sandboxed else "bare", *modules]
        environ = None
        if sandboxed:
            program = nursery_command(rooms, limits, program, cache)
        else:
            environ = {
                **os.environ,
                **environment(limits),
                "PYTHONPATH": f"{PACKAGE_ROOT}:{PACKAGE_ROOT / 'autograder'}",
            }
        with listener, theirs, (self.home / LOG).open("wb") as log:
            self.popen = subprocess.Popen(
                program,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=inherited,
                env=environ,
            )

    def alive(self) -> bool:
        return self.popen.poll() is None

    def close(self) -> None:
        self._leash.close()
        if self.alive():
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait()
        shutil.rmtree(self.home, ignore_errors=True)


def rooms_of(door: Path) -> Path:
    """The folder of the candidates' rooms, which the nursery behind this door sees."""
    return door.with_name("rooms")


class Nursery:
    """A branch of a nursery, for this process alone: forks candidates, which end with it.

    Of the nursery behind ``door``, or of one that is begun now and ends with this. KernelFailure when there is none.
    """

    def __init__(
        self,
        modules: tuple[str, ...],
        limits: Limits,
        *,
        sandboxed: bool = True,
        cache: Path | None = None,
        door: Path | None = None,
    ) -> None:
        self.kind, self.sandboxed, self.cache = (modules, sandboxed, cache), sandboxed, cache
        self._own = None if door else NurseryProcess(modules, limits, sandboxed=sandboxed, cache=cache)
        self.door = door or self._own.door  # type: ignore[union-attr]
        self.rooms = rooms_of(self.door)
        self._warm = self._broken = False
        self.control = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            self.control.connect(str(self.door))
        except OSError as error:
            reason = self.last_words() or str(error)
            self.close()
            raise KernelFailure(f"the candidate's sandbox did not start: {reason}") from None

    def wait_until_warm(self) -> None:
        """Until all is imported; KernelFailure when the process ends instead."""
        if self._warm:
            return
        self._broken = True
        self.control.settimeout(START_SECONDS)
        try:
            words = self.control.recv(4096)
        except TimeoutError:
            raise KernelFailure(f"the nursery was not ready after {START_SECONDS:.0f} s") from None
        except ConnectionError:  # it ended before it had opened its door to us
            words = b""
        self._warm = words == b"ready"
        self._broken = not self._warm
        if self._broken:
            reason = _words(words) or self.last_words() or "it said nothing"
            raise KernelFailure(f"the candidate's sandbox did not start: {reason}")

    def alive(self) -> bool:
        """Whether candidates may still be had."""
        if self._broken or (self._own and not self._own.alive()):
            return False
        # Once it is warm it says nothing more before its end.
        return not (self._warm and select.select([self.control], [], [], 0)[0])

    def last_words(self) -> str:
        """The end of what the nursery's process wrote itself: why it did not start."""
        log = self.door.with_name(LOG)
        text = log.read_bytes()[-2000:].decode(errors="replace") if log.exists() else ""
        return text.strip().splitlines()[-1] if text.strip() else ""

    def fork(self, request: dict[str, Any]) -> tuple[socket.socket, int]:
        """A new candidate's first process: the line on which it reports, and its process id as we see it."""
        self.wait_until_warm()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        ours.settimeout(START_SECONDS)
        try:
            with theirs:
                socket.send_fds(self.control, [json.dumps(request).encode()], [theirs.fileno()])
            words, ancillary, _, _ = ours.recvmsg(4096, socket.CMSG_SPACE(struct.calcsize("3i")))
        except OSError as error:
            ours.close()
            raise KernelFailure(f"the nursery broke: {error or self.last_words()}") from None
        if words != b"born":
            ours.close()
            raise KernelFailure(
                f"the candidate was not born: {_words(words) or self.last_words() or 'no reason given'}"
            )
        pid, _, _ = struct.unpack("3i", ancillary[0][2])
        return ours, pid

    def close(self) -> None:
        self.control.close()
        if self._own:
            self._own.close()


_open: list[Nursery] = []
"""The branch of this process, at most one: a nursery of its own with tensorflow alone holds half a gigabyte."""


def nursery_for(
    modules: tuple[str, ...], limits: Limits, *, sandboxed: bool, cache: Path | None, door: Path | None = None
) -> Nursery:
    """This process's nursery for these modules, begun now unless it is there already.

    ``door``: where a nursery for them can be shared. If there is none any more, this process begins its own.
    """
    if not _open or _open[0].kind != (modules, sandboxed, cache) or not _open[0].alive():
        close_nursery()
        if door is not None:
            with contextlib.suppress(KernelFailure):
                _open.append(Nursery(modules, limits, sandboxed=sandboxed, cache=cache, door=door))
        if not _open:
            _open.append(Nursery(modules, limits, sandboxed=sandboxed, cache=cache))
    return _open[0]


@atexit.register
def close_nursery() -> None:
    while _open:
        _open.pop().close()


class Room:
    """A private folder of the host for one candidate: the hand-in's files, and the sockets."""

    def __init__(self, rooms: Path, files: dict[str, bytes], *, sandboxed: bool) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="room-", dir=rooms))
        self.path.chmod(0o755)
        for name in ("channel", "files"):
            (self.path / name).mkdir()
        for relative, content in files.items():
            target = self.path / "files" / relative
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        if sandboxed and os.geteuid() == 0:
            os.chown(self.path / "channel", unprivileged_user(), unprivileged_user())
        self.channel = self.path / "channel"
        self.seen_from_inside = Path("/channel") if sandboxed else self.channel
        """The folder of the sockets as the candidate sees it."""
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.channel / "examiner"))
        (self.channel / "examiner").chmod(0o666)
        self.listener.listen(1)

    def close(self) -> None:
        self.listener.close()
        shutil.rmtree(self.path, ignore_errors=True)


class Process:
    """A candidate: its room, its processes and its watchdog. ``connection`` is what a kernel client needs.

    ``clock`` is told of the time in which no processor was free for the candidate or its examiner. ``key`` and
    ``signature_scheme`` may be given by whoever has them already (a kernel manager).
    Raises KernelFailure when it does not start.
    """

    def __init__(
        self, nursery: Nursery, files: dict[str, bytes], limits: Limits, key: str = "", clock: Clock | None = None
    ) -> None:
        nursery.wait_until_warm()
        self.limits, self.sandboxed, self.clock = limits, nursery.sandboxed, clock or Clock()
        self.reason = ""
        self.peak_memory = 0
        self.room = Room(nursery.rooms, files, sandboxed=nursery.sandboxed)
        try:
            inside = self._connection(self.room.seen_from_inside, key or secrets.token_hex(32))
            self.connection = {**inside, "ip": str(self.room.channel / "kernel")}
            (self.room.channel / "connection.json").write_text(json.dumps(inside))
            self._line, pid = nursery.fork(self._request(nursery))
        except BaseException:
            self.room.close()
            raise
        self._init = psutil.Process(pid)
        self._pidfd = os.pidfd_open(pid)
        try:
            self._wait_until_ready()
        except BaseException:
            self.close()
            raise
        self._owner = threading.get_native_id()  # the thread that will ask the candidate
        threading.Thread(target=self._watch, daemon=True).start()

    @staticmethod
    def _connection(channel: Path, key: str) -> dict[str, Any]:
        return {
            "transport": "ipc",
            "ip": str(channel / "kernel"),
            **{f"{name}_port": i for i, name in enumerate(("shell", "iopub", "stdin", "control", "hb"), 1)},
            "key": key,
            "signature_scheme": "hmac-sha256",
        }

    def _request(self, nursery: Nursery) -> dict[str, Any]:
        folder = self.room.path / "files"
        return {
            "sandboxed": nursery.sandboxed,
            "room": self.room.path.name,
            "user": unprivileged_user(),
            "disk": self.limits.disk,
            "connection": str(self.room.seen_from_inside / "connection.json"),
            "folder": "/home/student" if nursery.sandboxed else str(folder),
            "environment": {} if nursery.sandboxed else _unsandboxed_places(self.room, nursery.cache),
            "limits": {f"RLIMIT_{name}": v for name, v in self.limits.resources().items()} if nursery.sandboxed else {},
        }

    def _wait_until_ready(self) -> None:
        try:
            words = self._line.recv(4096)
        except OSError as error:
            words = str(error).encode()
        if words != b"ready":
            raise KernelFailure(f"the candidate's kernel did not start: {_words(words) or 'it ended'}")

    def alive(self) -> bool:
        return not select.select([self._pidfd], [], [], 0)[0]

    def interrupt(self) -> None:
        """What Ctrl-C does: KeyboardInterrupt in the cell that runs."""
        for kernel in self._family()[:1]:
            kernel.send_signal(signal.SIGINT)

    def kill(self, reason: str = "") -> None:
        """End the candidate and all that it started. The first reason given is kept."""
        self.reason = self.reason or reason
        # In a sandbox the pid namespace dies with its first process; without one, end the stragglers.
        family = [] if self.sandboxed else self._family()
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
        for member in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                member.kill()
        select.select([self._pidfd], [], [], START_SECONDS)

    def close(self) -> None:
        self.kill()
        self._line.close()
        self.room.close()

    def _family(self) -> list[psutil.Process]:
        """The kernel and all that it started."""
        try:
            return self._init.children(recursive=True)
        except psutil.NoSuchProcess:
            return []

    def _watch(self) -> None:
        """RLIMIT_DATA bounds each process; this bounds their sum.

        To count memory rightly takes the system milliseconds. It is done now and then, and whenever the resident pages,
        of which each process counts also those that it shares, are too many.
        """
        measure_at = time.monotonic() + WATCH_SECONDS
        looked_at, before = time.monotonic(), Usage()
        while self.alive():
            family = _descendants(self._init.pid)
            now, after = time.monotonic(), usage(family, [self._owner])
            self.clock.leave_out(kept_waiting(before, after, now - looked_at))
            looked_at, before = now, after
            if time.monotonic() >= measure_at or sum(map(_resident, family)) > self.limits.memory:
                used = sum(map(_memory, family))
                self.peak_memory = max(self.peak_memory, used)
                if used > self.limits.memory:
                    self.kill(f"it used more than {self.limits.memory / GIB:.1f} GiB of memory")
                measure_at = time.monotonic() + MEASURE_SECONDS
            if _sockets(self._init.pid) > MAX_SOCKETS:
                self.kill(f"it opened more than {MAX_SOCKETS} sockets")
            time.sleep(WATCH_SECONDS)


def _words(message: bytes) -> str:
    return message.decode(errors="replace").removeprefix("failed: ")


def _unsandboxed_places(room: Room, cache: Path | None) -> dict[str, str]:
    return {
        "HOME": str(room.path),
        "IPYTHONDIR": str(room.path / "ipython"),
        "MPLCONFIGDIR": str(room.path / "matplotlib"),
        "NUMBA_CACHE_DIR": str(room.path / "numba"),
        "COURSEWORK_CACHE": str(cache or room.path / "cache"),
    }


def _sockets(pid: int) -> int:
    """How many sockets there are in the network namespace of a process."""
    try:
        return int(Path(f"/proc/{pid}/net/sockstat").read_text().split()[2])  # sockets: used 16
    except (OSError, ValueError, IndexError):
        return 0  # it has ended


def _descendants(pid: int) -> list[int]:
    """The processes below one, as proc(5) lists them: many times faster than to look through all of the machine's."""
    if not _lists_children():
        try:
            return [child.pid for child in psutil.Process(pid).children(recursive=True)]
        except psutil.NoSuchProcess:
            return []
    found: list[int] = []
    with contextlib.suppress(OSError):  # it has ended
        for thread in Path(f"/proc/{pid}/task").iterdir():
            for child in map(int, (thread / "children").read_text().split()):
                found += [child, *_descendants(child)]
    return found


@functools.cache
def _lists_children() -> bool:
    """Not every Linux is built to."""
    return Path(f"/proc/self/task/{os.getpid()}/children").exists()


def _resident(pid: int) -> int:
    """Bytes of a process that are in memory, shared ones too; 0 when it has ended."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


def _memory(pid: int) -> int:
    """Bytes held by a process; pages that forks share are counted once (PSS) where that can be read."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return _resident(pid)
