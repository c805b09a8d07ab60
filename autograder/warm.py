"""The nursery's side within the sandbox: imports what an assignment needs once, and forks candidates from itself.

It is mounted into the sandbox beside ``answering.py`` and knows as little: no question, no mark, no other hand-in.
No student's code runs in the nursery. A candidate is a fork of it that goes into namespaces of its own and then
becomes a Jupyter kernel, with everything imported that a cold kernel would import for seconds.

Of the two processes of a candidate the first (``init``, process 1 of its pid namespace) does the mounting, waits for
the second (the kernel, which runs the student's code without any capability), and takes all others with it when it
ends. See namespaces(7), user_namespaces(7) and pid_namespaces(7).
"""

import contextlib
import ctypes
import fcntl
import gc
import importlib
import json
import os
import platform
import resource
import shutil
import signal
import socket
import struct
import sys
import traceback

CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWPID = 0x00020000, 0x10000000, 0x20000000
CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWNET = 0x04000000, 0x08000000, 0x40000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = (
    1,
    2,
    4,
    8,
    32,
    4096,
    16384,
    1 << 18,
)
PR_SET_DUMPABLE, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 4, 24, 38
CAPABILITY_VERSION_3 = 0x20080522
SIOCSIFFLAGS, IFF_UP = 0x8914, 1
KEYCTL = {"x86_64": 250, "aarch64": 219}
"""The number of the system call keyctl(2), for which the C library has no function."""
KEYCTL_JOIN_SESSION_KEYRING = 1
STUDENT = 1000
"""User and group id that a candidate sees itself as."""
CHANNEL, SUBMISSION, HOME, ROOMS = "/channel", "/submission", "/home/student", "/rooms"

LAZY = {
    "keras": ("keras.src.backend.tensorflow.trainer", "keras.src.optimizers.adam"),
    "librosa": ("librosa.core", "librosa.feature", "librosa.filters", "librosa.util"),
    "matplotlib": ("matplotlib.pyplot", "matplotlib.font_manager", "matplotlib.backends.backend_agg"),
    "helpers.training": ("torch._dynamo",),
    "tensorflow": ("tensorflow.python.eager.context", "keras"),
    "torch.optim": ("torch._dynamo",),
}
"""What a library imports at its first use, although every notebook that imports it gets there."""
ALWAYS = (
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "IPython.core.completer",
    "matplotlib_inline.backend_inline",
    "numpy",
    "answering",
)

libc = ctypes.CDLL(None, use_errno=True)


def system(function, *arguments) -> None:
    """Call a function of the C library that returns 0, or raise the OSError that it set."""
    if function(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{function.__name__}{arguments[:3]}: {os.strerror(number)}")


# --- the nursery ------------------------------------------------------------------------------------------


def main(control_fd: int, modules: list[str]) -> None:
    """Import ``modules``, say so, and fork a candidate for every request until the other side closes."""
    control = socket.socket(fileno=control_fd)
    warm_up(modules)
    control.send(b"ready")
    while True:
        request, fds, _, _ = socket.recv_fds(control, 65536, 1)
        if not request:
            return
        born = socket.socket(fileno=fds[0])
        child = os.fork()
        if child == 0:
            control.close()
            leave(become_candidate, json.loads(request), born)
        born.close()
        os.waitpid(child, 0)


def warm_up(modules: list[str]) -> None:
    """Import what can be imported; what cannot is no module, or the notebook's own matter, whose cell will say so."""
    wanted = [*ALWAYS, *modules]
    for name in wanted:
        wanted += [lazy for lazy in LAZY.get(name, ()) if lazy not in wanted]
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    gc.collect()
    gc.freeze()  # else the first collection of every fork would copy all these objects


def leave(function, request: dict, born: socket.socket) -> None:
    """Run ``function`` in a fork, which ends with it; what goes wrong is told to the other side."""
    try:
        function(request, born)
    except BaseException as error:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        born.send(f"failed: {error} (warm.py, line {frame.lineno})".encode())
    finally:
        os._exit(1)


# --- a candidate: its first process ---------------------------------------------------------------------


def become_candidate(request: dict, born: socket.socket) -> None:
    if request["sandboxed"]:
        begin_pid_namespace(request["user"])
    elif os.fork():
        os._exit(0)
    # The kernel adds to this message who sent it, as the receiver sees us.
    born.send(b"born")
    if request["sandboxed"]:
        furnish(request)
    ready, tell = os.pipe()
    kernel = os.fork()
    if kernel == 0:
        born.close()
        os.close(ready)
        run_kernel(request, tell)
    os.close(tell)
    words = os.read(ready, 4096)
    os.close(ready)
    if request["sandboxed"]:
        # The kernel has bound its sockets: from now on nothing can be written there.
        system(libc.mount, None, CHANNEL.encode(), None, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV, None)
        drop_capabilities()
    # Neither the memory nor the files of this process are open to its children.
    system(libc.prctl, PR_SET_DUMPABLE, 0, 0, 0, 0)
    born.send(words or b"failed: the kernel ended while it started")
    while os.wait()[0] != kernel:
        pass


def begin_pid_namespace(user: int) -> None:
    """Go on as process 1 of a new pid namespace with its own /proc, as an ordinary user.

    Root needs no user namespace for that, and mounting /proc inside of one is refused to it where bubblewrap has
    covered parts of the outer /proc.
    """
    root = os.geteuid() == 0
    own = os.geteuid(), os.getegid()
    system(libc.unshare, CLONE_NEWNS | CLONE_NEWPID | (0 if root else CLONE_NEWUSER))
    if not root:
        map_user(own, own)
    if os.fork():
        os._exit(0)
    system(libc.mount, None, b"/", None, MS_REC | MS_PRIVATE, None)
    system(libc.mount, b"proc", b"/proc", b"proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, None)
    if root:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
        system(libc.prctl, PR_SET_DUMPABLE, 1, 0, 0, 0)  # else our own /proc entries belong to root


def map_user(outside: tuple[int, int], inside: tuple[int, int]) -> None:
    """Give the new user namespace its one user and its one group."""
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{inside[0]} {outside[0]} 1"),
        ("gid_map", f"{inside[1]} {outside[1]} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:  # noqa: PTH123
            file.write(text)


def furnish(request: dict) -> None:
    """Enter the last namespaces and put in place what this candidate may see: nothing of another one's."""
    own = os.geteuid(), os.getegid()
    system(libc.unshare, CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWUTS)
    map_user(own, (STUDENT, STUDENT))
    with open("/proc/sys/user/max_user_namespaces", "w") as file:  # noqa: PTH123
        file.write("0")
    room = f"{ROOMS}/{request['room']}"
    system(libc.mount, f"{room}/channel".encode(), CHANNEL.encode(), None, MS_BIND, None)
    for place, size, mode in (
        ("/tmp", request["disk"], "1777"),
        ("/dev/shm", request["disk"], "1777"),
        (HOME, request["disk"], "755"),
    ):
        options = f"size={size},mode={mode}".encode()
        system(libc.mount, b"tmpfs", place.encode(), b"tmpfs", MS_NOSUID | MS_NODEV, options)
    system(libc.mount, b"devpts", b"/dev/pts", b"devpts", MS_NOSUID | MS_NOEXEC, b"newinstance,ptmxmode=0666,mode=600")
    shutil.copytree(f"{room}/files", HOME, dirs_exist_ok=True)
    system(libc.mount, b"tmpfs", ROOMS.encode(), b"tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV, b"size=4k,mode=000")
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))
    if platform.machine() in KEYCTL:
        # A key laid down by one candidate would be found by the next one.
        libc.syscall(KEYCTL[platform.machine()], KEYCTL_JOIN_SESSION_KEYRING, None)


def drop_capabilities() -> None:
    """Nothing that this thread, its children or a program that it starts does is privileged any more."""
    with open("/proc/sys/kernel/cap_last_cap") as file:  # noqa: PTH123
        last = int(file.read())
    for capability in range(last + 1):
        system(libc.prctl, PR_CAPBSET_DROP, capability, 0, 0, 0)
    header = struct.pack("Ii", CAPABILITY_VERSION_3, 0)
    system(libc.capset, header, bytes(24))
    system(libc.prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


# --- a candidate: the kernel ------------------------------------------------------------------------------


def run_kernel(request: dict, tell: int) -> None:
    """Become a Jupyter kernel for good: no threads may start before the capabilities are gone."""
    try:
        os.setsid()
        if request["sandboxed"]:
            drop_capabilities()
            system(libc.prctl, PR_SET_DUMPABLE, 1, 0, 0, 0)
        os.environ.update(request["environment"])
        os.chdir(request["folder"])
        silence()
        for name, limit in request["limits"].items():
            resource.setrlimit(getattr(resource, name), (limit, limit))
        if "numpy" in sys.modules:
            sys.modules["numpy"].random.seed()  # the forks of one process would all draw the same
        from ipykernel.kernelapp import IPKernelApp

        app = IPKernelApp.instance()
        app.initialize(["-f", request["connection"], "--log-level=ERROR", "--HistoryManager.enabled=False"])
        os.write(tell, b"ready")
    except BaseException as error:
        os.write(tell, f"failed: the kernel did not start: {error!r}".encode()[:4000])
        os._exit(1)
    os.close(tell)
    try:
        app.start()
    finally:
        os._exit(0)


def silence() -> None:
    """The nursery's own output is no place for a student's; what is printed goes to the notebook anyway."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)
    signal.signal(signal.SIGINT, signal.default_int_handler)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
