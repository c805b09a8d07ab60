"""The sandbox's walls: a bubblewrap container in which a worker's candidates run.

Inside there is no network but an own loopback, a read-only system, the Python environment, `helpers`, the
embedded samples, the answering side of the channel and what the student handed in. Nothing of the
instructor's is visible. /tmp and the working folder are private and bounded, as are memory, processes, file
sizes and open files. Time is bounded by whoever runs the kernel.

Started as root, a candidate is given an unprivileged user id, since root is exempt from the limit on
processes; bubblewrap then needs no user namespace of its own.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

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
    """What one submission may use. Times in seconds of its ``Clock``, sizes in bytes."""

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

    def resources(self) -> dict[str, int]:
        """What the kernel itself bounds, by the names of setrlimit(2) and prlimit(1) without RLIMIT_."""
        return {
            "DATA": self.memory,
            "NPROC": self.processes,
            "NOFILE": self.open_files,
            "FSIZE": self.disk,
            "CORE": 0,
        }


def require_bubblewrap() -> None:
    """Raise SandboxError with one line of advice when bubblewrap is missing or does not work here."""
    if shutil.which("bwrap") is None:
        raise SandboxError(INSTALL_BUBBLEWRAP)
    probe = subprocess.run(
        # Candidates have user namespaces of their own within the sandbox.
        ["bwrap", *_namespaces(), "--ro-bind", "/", "/", "--proc", "/proc", "unshare", "--user", "true"],
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
        *(
            word
            for name in ("answering.py", "warm.py")
            for word in ("--ro-bind", str(PACKAGE_ROOT / "autograder" / name), f"/coursework/{name}")
        ),
    ]
    for sample in sorted((PACKAGE_ROOT / "data").iterdir()):
        if sample.is_dir() and sample.name != "cache":
            args += ["--ro-bind", str(sample), f"/coursework/data/{sample.name}"]
    return args


def environment(limits: Limits) -> dict[str, str]:
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
        "TF_CPP_MIN_LOG_LEVEL": "3",  # it complains about the GPU that is not there
        "COURSEWORK_GRADING": "1",
        "COURSEWORK_CACHE": "/coursework/cache",
        **threads,
    }


def nursery_command(rooms: Path, limits: Limits, program: list[str], cache: Path | None) -> list[str]:
    """The command line that runs ``program``, a nursery of candidates (``warm.py``), over the folder ``rooms``.

    Each candidate makes its own private places, takes its own limits and gives up all privileges: see ``warm.py``.
    """
    keep = ["CAP_SYS_ADMIN", "CAP_NET_ADMIN", "CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"]
    return [
        *_walls(limits, cache, keep),
        *("--bind", str(rooms), "/rooms"),
        *("--dir", "/channel"),
        *_closed(),
        "--",
        *program,
    ]


def bubblewrap_command(room: Path, limits: Limits, program: list[str], cache: Path | None = None) -> list[str]:
    """The command line that runs one ``program`` in a sandbox over the folder ``files`` in ``room``, within ``limits``.

    The program starts in /home/student with a copy of these files.
    """
    args = [
        *_walls(limits, cache, ["CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"]),
        *("--ro-bind", str(room / "files"), "/submission"),
        *_closed(),
    ]
    confine = ["prlimit", *(f"--{name.lower()}={limit}" for name, limit in limits.resources().items()), "--"]
    if _as_root():
        user = str(unprivileged_user())
        drop = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--no-new-privs"]
        confine += [*drop, "--inh-caps=-all", "--bounding-set=-all", "--"]
    start = 'cp -r /submission/. . && exec "$@"'
    return [*args, "--", *confine, "sh", "-c", start, "sh", *program]


def _walls(limits: Limits, cache: Path | None, capabilities: list[str]) -> list[str]:
    """bubblewrap's arguments for what every sandbox shows and bounds. Root keeps only these ``capabilities``."""
    args = ["bwrap", *_namespaces(), "--die-with-parent", "--new-session", "--hostname", "candidate", "--clearenv"]
    for name, value in environment(limits).items():
        args += ["--setenv", name, value]
    if _as_root():
        args += ["--cap-drop", "ALL", *(word for name in capabilities for word in ("--cap-add", name))]
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
    return [*args, *_folders_above(Path("/home/student")), *(*size, "--tmpfs", "/home/student")]


def _closed() -> list[str]:
    """What is left of writable places is unbounded: close it."""
    return ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/home/student"]


def unprivileged_user() -> int:
    """The user that candidates become when the grader is root: another one for each worker."""
    return 50_000 + os.getpid() % 10_000
