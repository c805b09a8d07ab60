"""The sandbox: a bubblewrap container in which one candidate's kernel runs.

Inside there is no network but an own loopback, a read-only system, the Python environment, `helpers`, the
embedded samples, the answering side of the channel and what the student handed in. Nothing of the
instructor's is visible. /tmp and the working folder are private and bounded, as are memory, processes, file
sizes and open files. Time is bounded by whoever runs the kernel.

Started as root, the candidate is given an unprivileged user id, since root is exempt from the limit on
processes; bubblewrap then needs no user namespace of its own.
"""

import contextlib
import importlib.util
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

PACKAGE_ROOT = Path(__file__).resolve().parent.parent
GIB = 1024**3
MIB = 1024**2

INSTALL_BUBBLEWRAP = (
    "grading needs bubblewrap, which keeps students' code away from your files: "
    "install it with 'sudo apt-get install bubblewrap' "
    "(or, for notebooks that you trust like your own, add --unsafe-no-sandbox)"
)


class SandboxError(Exception):
    """The sandbox cannot be had on this machine; the message says what to do."""


@dataclass(frozen=True)
class Limits:
    """What one submission may use. Times in seconds of wall clock, sizes in bytes."""

    submission_seconds: float = 300.0
    cell_seconds: float = 120.0
    added_cell_seconds: float = 20.0
    memory: int = 4 * GIB
    disk: int = 512 * MIB
    channel: int = MIB
    processes: int = 512
    open_files: int = 1024
    cell_output: int = 4 * MIB
    threads: int = 1


def require_bubblewrap() -> None:
    """Raise SandboxError with one line of advice when bubblewrap is missing or does not work here."""
    if shutil.which("bwrap") is None:
        raise SandboxError(INSTALL_BUBBLEWRAP)
    probe = subprocess.run(
        ["bwrap", *_namespaces(), "--ro-bind", "/", "/", "--proc", "/proc", "true"],
        capture_output=True,
        text=True,
    )
    if probe.returncode != 0:
        reason = probe.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise SandboxError(
            f"bubblewrap is installed but does not work here ({reason[0]}): "
            "allow unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1, "
            "or an AppArmor profile for bwrap)"
        )


def _as_root() -> bool:
    return os.geteuid() == 0


def _namespaces() -> list[str]:
    own = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
    return own if _as_root() else ["--unshare-user", *own]


def _operating_system() -> list[str]:
    """The operating system, read-only; of /etc only what programs need to start."""
    args = ["--ro-bind", "/usr", "/usr"]
    for name in ("/bin", "/sbin", "/lib", "/lib64"):
        path = Path(name)
        if path.is_symlink():
            args += ["--symlink", str(path.readlink()), name]
        elif path.exists():
            args += ["--ro-bind", name, name]
    args += _folders_above(Path("/etc/fonts"))
    for name in ("/etc/ld.so.cache", "/etc/alternatives", "/etc/fonts", "/etc/localtime"):
        args += ["--ro-bind-try", name, name]
    return args


def _python_environment() -> list[str]:
    """The virtual environment and the installation that it was made from, read-only, with the course masked."""
    args: list[str] = []
    homes = {Path(p).resolve() for p in (sys.prefix, sys.base_prefix, sys.exec_prefix)}
    for home in sorted(homes):
        if not home.is_relative_to("/usr"):
            args += [*_folders_above(home), "--ro-bind", str(home), str(home)]
    # A course that lies below one of these (in /usr/local/src, say) must not be seen through it.
    if any(PACKAGE_ROOT.is_relative_to(home) for home in [*homes, Path("/usr")]):
        args += ["--perms", "755", "--tmpfs", str(PACKAGE_ROOT)]
        for home in sorted(homes):
            if home.is_relative_to(PACKAGE_ROOT):
                args += ["--ro-bind", str(home), str(home)]
    # An installed (not editable) autograder would lie among the site-packages.
    found = importlib.util.find_spec("autograder")
    for place in (found.submodule_search_locations or []) if found else []:
        if any(Path(place).resolve().is_relative_to(home) for home in homes):
            args += ["--tmpfs", str(Path(place).resolve())]
    return args


def _folders_above(path: Path) -> list[str]:
    """bubblewrap makes missing parents with mode 700, where another user could not pass."""
    return [word for parent in reversed(path.parents[:-1]) for word in ("--perms", "755", "--dir", str(parent))]


def _course_mounts() -> list[str]:
    """`helpers`, the answering side and the embedded samples, in the layout of a student's bundle."""
    args = [
        *_folders_above(Path("/coursework/data/sample")),
        *("--ro-bind", str(PACKAGE_ROOT / "helpers"), "/coursework/helpers"),
        *("--ro-bind", str(PACKAGE_ROOT / "autograder" / "answering.py"), "/coursework/answering.py"),
    ]
    for sample in sorted((PACKAGE_ROOT / "data").iterdir()):
        if sample.is_dir() and sample.name != "cache":
            args += ["--ro-bind", str(sample), f"/coursework/data/{sample.name}"]
    return args


def _environment(limits: Limits) -> dict[str, str]:
    threads = dict.fromkeys(
        (
            "OMP_NUM_THREADS",
            "OPENBLAS_NUM_THREADS",
            "MKL_NUM_THREADS",
            "NUMEXPR_NUM_THREADS",
            "NUMBA_NUM_THREADS",
        ),
        str(limits.threads),
    )
    return {
        "HOME": "/home/student",
        "USER": "student",
        "LOGNAME": "student",
        "LANG": "C.UTF-8",
        "PATH": f"{Path(sys.prefix) / 'bin'}:/usr/local/bin:/usr/bin:/bin",
        "PYTHONPATH": "/coursework",
        "PYTHONNOUSERSITE": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "IPYTHONDIR": "/tmp/ipython",
        "MPLCONFIGDIR": "/tmp/matplotlib",
        "NUMBA_CACHE_DIR": "/tmp/numba",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "COURSEWORK_GRADING": "1",
        "COURSEWORK_CACHE": "/coursework/cache",
        **threads,
    }


def bubblewrap_command(room: Path, limits: Limits, program: list[str], cache: Path | None) -> list[str]:
    """The command line that runs ``program`` in a sandbox over ``room`` (its folders: channel, files)."""
    args = [
        "bwrap",
        *_namespaces(),
        "--die-with-parent",
        "--new-session",
        "--hostname",
        "candidate",
        "--clearenv",
    ]
    for name, value in _environment(limits).items():
        args += ["--setenv", name, value]
    size = ["--perms", "1777", "--size", str(limits.disk)]
    args += [
        *_operating_system(),
        *("--proc", "/proc"),
        *("--dev", "/dev"),
        *(*size, "--tmpfs", "/dev/shm"),
        *(*size, "--tmpfs", "/tmp"),
        # After /tmp: the environment may lie there.
        *_python_environment(),
        *_course_mounts(),
    ]
    if cache is not None and cache.is_dir():
        args += ["--ro-bind", str(cache), "/coursework/cache"]
    args += [
        *_folders_above(Path("/home/student")),
        *(*size, "--tmpfs", "/home/student"),
        *("--ro-bind", str(room / "files"), "/submission"),
        *_folders_above(room / "channel"),
        *("--bind", str(room / "channel"), str(room / "channel")),
        # What is left of writable places is unbounded: close it.
        *("--remount-ro", "/dev"),
        *("--remount-ro", "/"),
        *("--chdir", "/home/student"),
    ]
    confine = [
        "prlimit",
        f"--data={limits.memory}",
        f"--nproc={limits.processes}",
        f"--nofile={limits.open_files}",
        f"--fsize={limits.disk}",
        "--core=0",
        "--",
    ]
    if _as_root():
        args += [
            "--cap-drop",
            "ALL",
            "--cap-add",
            "CAP_SETUID",
            "--cap-add",
            "CAP_SETGID",
            "--cap-add",
            "CAP_SETPCAP",
        ]
        user = str(_unprivileged_user())
        drop = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--no-new-privs"]
        confine += [*drop, "--inh-caps=-all", "--bounding-set=-all", "--"]
    start = 'cp -r /submission/. . && exec "$@"'
    return [*args, "--", *confine, "sh", "-c", start, "sh", *program]


def _unprivileged_user() -> int:
    # One user id per worker: the limit on processes counts all of a user's.
    return 50_000 + os.getpid() % 10_000


class Room:
    """A private folder of the host for one candidate: the hand-in's files, and the sockets.

    A context manager; the folder is removed at its end.
    """

    def __init__(self, files: dict[str, bytes]) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="coursework-"))
        for name in ("channel", "files"):
            (self.path / name).mkdir()
        for relative, content in files.items():
            target = self.path / "files" / relative
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        if _as_root():
            # The candidate runs as another user, who must reach the sockets but not the folder above them
            # (its mode is 700; inside the sandbox the path is made anew).
            os.chown(self.path / "channel", _unprivileged_user(), _unprivileged_user())
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.socket))
        self.socket.chmod(0o666)
        self.listener.listen(1)

    @property
    def socket(self) -> Path:
        """The unix socket on which the examiner waits for the answering side."""
        return self.path / "channel" / "examiner"

    def __enter__(self) -> "Room":
        return self

    def __exit__(self, *exc: object) -> None:
        self.listener.close()
        shutil.rmtree(self.path, ignore_errors=True)


class Process:
    """A candidate's kernel process with its watchdog; ``connection`` is what a kernel client needs."""

    def __init__(self, room: Room, limits: Limits, *, sandboxed: bool = True, cache: Path | None = None) -> None:
        self.connection = {
            "transport": "ipc",
            "ip": str(room.path / "channel" / "kernel"),
            **{f"{name}_port": i for i, name in enumerate(("shell", "iopub", "stdin", "control", "hb"), 1)},
            "key": secrets.token_hex(32),
            "signature_scheme": "hmac-sha256",
        }
        file = room.path / "channel" / "connection.json"
        file.write_text(json.dumps(self.connection))
        file.chmod(0o644)
        program = [sys.executable, "-m", "ipykernel_launcher", "-f", str(file), "--log-level=ERROR"]
        environment = None
        if sandboxed:
            program = bubblewrap_command(room.path, limits, program, cache)
        else:
            environment = {**os.environ, **_environment(limits), **_unsandboxed_places(room, cache)}
        self.log = room.path / "kernel.log"
        self.reason = ""
        self.peak_memory = 0
        with self.log.open("wb") as log:
            self.popen = subprocess.Popen(
                program,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=environment,
                cwd=None if sandboxed else room.path / "files",
            )
        self._watchdog = threading.Thread(target=self._watch, args=(limits, room.path / "channel"), daemon=True)
        self._watchdog.start()

    def alive(self) -> bool:
        return self.popen.poll() is None

    def kill(self, reason: str = "") -> None:
        """End the candidate and all that it started. The first reason given is kept."""
        self.reason = self.reason or reason
        if self.alive():
            family = _family(self.popen.pid)
            os.killpg(self.popen.pid, signal.SIGKILL)
            # In a sandbox the pid namespace dies with its first process; without one, end the stragglers.
            for member in family:
                _kill_quietly(member)
        self.popen.wait()

    def last_words(self) -> str:
        """The end of what the kernel's process wrote itself: why it did not start."""
        text = self.log.read_bytes()[-2000:].decode(errors="replace") if self.log.exists() else ""
        return text.strip().splitlines()[-1] if text.strip() else ""

    def _watch(self, limits: Limits, channel: Path) -> None:
        """RLIMIT_DATA and RLIMIT_FSIZE bound each process and each file; this bounds their sums."""
        while self.alive():
            used = sum(_memory(member) for member in _family(self.popen.pid))
            self.peak_memory = max(self.peak_memory, used)
            if used > limits.memory:
                self.kill(f"it used more than {limits.memory / GIB:.1f} GiB of memory")
            if _size(channel) > limits.channel:
                self.kill("it wrote files into the folder of its sockets")
            time.sleep(0.25)


def _size(folder: Path) -> int:
    """Bytes of the files of a folder that somebody else may be writing to."""
    total = 0
    for directory, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                total += Path(directory, name).lstat().st_size
    return total


def _unsandboxed_places(room: Room, cache: Path | None) -> dict[str, str]:
    return {
        "PYTHONPATH": f"{PACKAGE_ROOT}:{PACKAGE_ROOT / 'autograder'}",
        "HOME": str(room.path),
        "IPYTHONDIR": str(room.path / "ipython"),
        "MPLCONFIGDIR": str(room.path / "matplotlib"),
        "NUMBA_CACHE_DIR": str(room.path / "numba"),
        "COURSEWORK_CACHE": str(cache or room.path / "cache"),
    }


def _family(pid: int) -> list[psutil.Process]:
    """The process and all that it started."""
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _memory(process: psutil.Process) -> int:
    """Bytes held by a process; pages that forks share are counted once (PSS) where that can be read."""
    try:
        for line in Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
        return process.memory_info().rss
    except (OSError, psutil.Error):
        try:
            return process.memory_info().rss
        except psutil.Error:
            return 0  # it has ended


def _kill_quietly(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return
