"""The nursery's side within the sandbox: imports what an assignment needs once, and forks candidates from itself.

It is mounted into the sandbox beside ``answering.py`` and knows as little: no question, no mark, no other hand-in.
No student's code runs in the nursery. Each worker has a branch of it, a fork in a pid namespace of its own, which ends
with the worker. A candidate is a fork of a branch that goes into namespaces of its own and then becomes a Jupyter
kernel, with everything imported that a cold kernel would import for seconds.

Of the two processes of a candidate the first (``init``, process 1 of its pid namespace) does the mounting, waits for
the second (the kernel, which runs the student's code without any capability), and takes all others with it when it
ends. See namespaces(7), user_namespaces(7) and pid_namespaces(7).
"""

import contextlib
import ctypes
import errno
import fcntl
import gc
import importlib
import json
import os
import platform
import resource
import select
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
PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 4, 22, 24, 38
SECCOMP_MODE_FILTER, SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO = 2, 0x7FFF0000, 0x00050000
CAPABILITY_VERSION_3 = 0x20080522
SIOCSIFFLAGS, IFF_UP = 0x8914, 1
KEYCTL = {"x86_64": 250, "aarch64": 219}
"""The number of the system call keyctl(2), for which the C library has no function."""
KEYCTL_JOIN_SESSION_KEYRING = 1
REFUSED = {
    # Memory that is in no process's account: files in memory, System V segments and queues.
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    # Other processes, keys that outlive a candidate, and parts of Linux that grading has no use for.
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "syslog": (103, 116),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
}
"""System calls that a candidate is refused, by their numbers on x86_64 and aarch64."""
SOCKET, SETSOCKOPT = (41, 198), (54, 208)
FAMILIES = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK)
"""Sockets that a network namespace holds back; one of AF_VSOCK would speak to the host of a virtual machine."""
ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
"""The place in the pairs above, and the audit number of seccomp(2)."""
INODES = 50_000
"""Files in each place that can be written to: a limit on bytes does not count empty ones."""
OWN_LIMITS = {"max_user_namespaces": 0, "max_inotify_instances": 16}
"""What a candidate may have, by the names in /proc/sys/user: the latter all processes of a user share."""
PTS_OPTIONS = b"newinstance,ptmxmode=0666,mode=600,max=64"
"""Terminals: the machine has some three thousand for all candidates, who run programs in them (``!ls``)."""
STUDENT = 1000
"""User and group id that a candidate sees itself as."""
CHANNEL, SUBMISSION, HOME, ROOMS = "/channel", "/submission", "/home/student", "/rooms"

DRAWING = (
    "matplotlib.pyplot",
    "matplotlib.font_manager",
    "matplotlib.backends.backend_agg",
    "matplotlib_inline.backend_inline",
)
LAZY = {
    "keras": ("keras.src.backend.tensorflow.trainer", "keras.src.optimizers.adam"),
    "librosa": ("librosa.core", "librosa.feature", "librosa.filters", "librosa.util"),
    "matplotlib.pyplot": DRAWING,
    "helpers.plots": DRAWING,
    "helpers.training": ("torch._dynamo",),
    "tensorflow": ("tensorflow.python.eager.context", "keras"),
    "torch.optim": ("torch._dynamo",),
}
"""What a library imports at its first use, although every notebook that imports it gets there."""
ALWAYS = (
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.debugger",
    "debugpy.server.api",
    "IPython.core.completerlib",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "pdb",
    "pydoc",
    "IPython.core.completer",
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


def main(door_fd: int, leash_fd: int, sandboxed: bool, modules: list[str]) -> None:
    """Import ``modules``, then give each process that comes to the door a branch of its own.

    Ends, and all branches and candidates with it, when whoever holds the other end of the leash closes it.
    """
    door, leash = socket.socket(fileno=door_fd), socket.socket(fileno=leash_fd)
    if os.getcwd() in sys.path:  # noqa: PTH109
        # As ipykernel_launcher does: a student's code.py must not be taken for the standard library's.
        sys.path.remove(os.getcwd())  # noqa: PTH109
    warm_up(modules)
    while True:
        ready, _, _ = select.select([door, leash], [], [])
        if leash in ready:
            return
        control, _ = door.accept()
        if os.fork() == 0:
            door.close()
            leash.close()
            leave(control, serve, control, sandboxed)
        control.close()
        os.wait()


def serve(control: socket.socket, sandboxed: bool) -> None:
    """A branch of the nursery: fork a candidate for every request until the other side closes; they end with it."""
    if sandboxed:
        begin_pids(0)
    elif os.fork():
        os._exit(0)
    signal.signal(signal.SIGCHLD, reap)
    control.send(b"ready")
    while True:
        request, fds, _, _ = socket.recv_fds(control, 65536, 1)
        if not request:
            return
        born = socket.socket(fileno=fds[0])
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            control.close()
            leave(born, become_candidate, json.loads(request), born)
        born.close()


def reap(number: int, frame: object) -> None:
    """Let candidates that have ended go: their branch is process 1 to them."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def warm_up(modules: list[str]) -> None:
    """Import what can be imported; what cannot is no module, or the notebook's own matter, whose cell will say so."""
    wanted = [*ALWAYS, *modules]
    gc.disable()  # it finds nothing while modules are imported, and looks at all their objects again and again
    for name in wanted:
        wanted += [lazy for lazy in LAZY.get(name, ()) if lazy not in wanted]
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    gc.collect()
    gc.freeze()  # else the first collection of every fork would copy all these objects
    gc.enable()


def leave(line: socket.socket, function, *arguments) -> None:
    """Run ``function`` in a fork, which ends with it; what goes wrong is told to the other side of the line."""
    try:
        function(*arguments)
    except BaseException as error:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        line.send(f"failed: {error} (warm.py, line {frame.lineno})".encode())
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
    files = furnish(request) if request["sandboxed"] else -1
    ready, tell = os.pipe()
    kernel = os.fork()
    if kernel == 0:
        born.close()
        os.close(ready)
        if files >= 0:
            os.close(files)
        run_kernel(request, tell)
    os.close(tell)
    words = os.read(ready, 4096)
    os.close(ready)
    if request["sandboxed"]:
        # Now that the kernel has started: nothing that was handed in may be taken for a part of it.
        shutil.copytree(f"/proc/self/fd/{files}", HOME, dirs_exist_ok=True)
        os.close(files)
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
    begin_pids(CLONE_NEWNS)
    system(libc.mount, None, b"/", None, MS_REC | MS_PRIVATE, None)
    system(libc.mount, b"proc", b"/proc", b"proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, None)
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
        system(libc.prctl, PR_SET_DUMPABLE, 1, 0, 0, 0)  # else our own /proc entries belong to root


def begin_pids(flags: int) -> None:
    """Go on as process 1 of a new pid namespace, and of others by ``flags``: all that it starts ends with it."""
    root = os.geteuid() == 0
    own = os.geteuid(), os.getegid()
    system(libc.unshare, CLONE_NEWPID | flags | (0 if root else CLONE_NEWUSER))
    if not root:
        map_user(own, own)
    if os.fork():
        os._exit(0)


def map_user(outside: tuple[int, int], inside: tuple[int, int]) -> None:
    """Give the new user namespace its one user and its one group."""
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{inside[0]} {outside[0]} 1"),
        ("gid_map", f"{inside[1]} {outside[1]} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:  # noqa: PTH123
            file.write(text)


def furnish(request: dict) -> int:
    """Enter the last namespaces and put in place what this candidate may see: nothing of another one's.

    Returns a descriptor of the folder with the hand-in's files, which are not there yet.
    """
    own = os.geteuid(), os.getegid()
    system(libc.unshare, CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWUTS)
    map_user(own, (STUDENT, STUDENT))
    for name, most in OWN_LIMITS.items():
        with open(f"/proc/sys/user/{name}", "w") as file:  # noqa: PTH123
            file.write(str(most))
    room = f"{ROOMS}/{request['room']}"
    system(libc.mount, f"{room}/channel".encode(), CHANNEL.encode(), None, MS_BIND, None)
    for place, mode in (("/tmp", "1777"), ("/dev/shm", "1777"), (HOME, "755")):
        # The Python environment may lie below one of these: it is mounted again on top.
        below = {path: os.open(path, os.O_PATH | os.O_CLOEXEC) for path in mounts_below(place)}
        options = f"size={request['disk']},nr_inodes={INODES},mode={mode}".encode()
        system(libc.mount, b"tmpfs", place.encode(), b"tmpfs", MS_NOSUID | MS_NODEV, options)
        for path, descriptor in below.items():
            os.makedirs(path, exist_ok=True)  # noqa: PTH103
            system(libc.mount, f"/proc/self/fd/{descriptor}".encode(), path.encode(), None, MS_BIND | MS_REC, None)
            os.close(descriptor)
    system(libc.mount, b"devpts", b"/dev/pts", b"devpts", MS_NOSUID | MS_NOEXEC, PTS_OPTIONS)
    files = os.open(f"{room}/files", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    system(libc.mount, b"tmpfs", ROOMS.encode(), b"tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV, b"size=4k,mode=000")
    for name in ("tcp_rmem", "tcp_wmem"):
        with open(f"/proc/sys/net/ipv4/{name}", "w") as file:  # noqa: PTH123
            file.write("4096 65536 262144")
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))
    if platform.machine() in KEYCTL:
        # A key laid down by one candidate would be found by the next one.
        libc.syscall(KEYCTL[platform.machine()], KEYCTL_JOIN_SESSION_KEYRING, None)
    return files


def mounts_below(place: str) -> list[str]:
    """The folders below a place on which something is mounted, without those within another one of them."""
    with open("/proc/self/mountinfo") as file:  # noqa: PTH123
        points = [line.split()[4].encode().decode("unicode_escape") for line in file]  # a blank is written \040
    found: list[str] = []
    for point in sorted(set(points)):
        if point.startswith(f"{place}/") and not any(point.startswith(f"{above}/") for above in found):
            found.append(point)
    return found


def drop_capabilities() -> None:
    """Nothing that this thread, its children or a program that it starts does is privileged any more."""
    with open("/proc/sys/kernel/cap_last_cap") as file:  # noqa: PTH123
        last = int(file.read())
    for capability in range(last + 1):
        system(libc.prctl, PR_CAPBSET_DROP, capability, 0, 0, 0)
    header = struct.pack("Ii", CAPABILITY_VERSION_3, 0)
    system(libc.capset, header, bytes(24))
    system(libc.prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def refuse_system_calls() -> None:
    """Let the calls in ``REFUSED``, those of foreign architectures, and sockets of other families fail with EPERM.

    A program of the kernel's packet filter looks at each call: see seccomp(2) and linux/filter.h.
    """
    if platform.machine() not in ARCHITECTURES:
        return
    place, architecture = ARCHITECTURES[platform.machine()]
    load, if_equal, if_at_least, give = 0x20, 0x15, 0x35, 0x06
    refuse, allow = (give, 0, 0, SECCOMP_RET_ERRNO | errno.EPERM), (give, 0, 0, SECCOMP_RET_ALLOW)
    # An instruction: code, how many to skip when true, how many when false, and a number.
    program = [(load, 0, 0, 4), (if_equal, 1, 0, architecture), refuse]
    program += [(load, 0, 0, 0), (if_at_least, 0, 1, 0x40000000), refuse]  # the calls of x32
    for numbers in REFUSED.values():
        program += [(if_equal, 0, 1, numbers[place]), refuse]
    # Larger buffers than the usual ones would hold memory that is in no process's account.
    program += [(if_equal, 0, 7, SETSOCKOPT[place]), (load, 0, 0, 24), (if_equal, 1, 0, socket.SOL_SOCKET), allow]
    program += [(load, 0, 0, 32), (if_equal, 1, 0, socket.SO_SNDBUF), (if_equal, 0, 1, socket.SO_RCVBUF), refuse]
    program += [(load, 0, 0, 0), (if_equal, 1, 0, SOCKET[place]), allow, (load, 0, 0, 16)]
    for family in FAMILIES:
        program += [(if_equal, 0, 1, int(family)), allow]
    program += [refuse]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *instruction) for instruction in program))
    header = struct.pack("HxxxxxxQ", len(program), ctypes.addressof(code))
    system(libc.prctl, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, header, 0, 0)


# --- a candidate: the kernel ------------------------------------------------------------------------------


def run_kernel(request: dict, tell: int) -> None:
    """Become a Jupyter kernel for good: no threads may start before the capabilities are gone."""
    try:
        os.setsid()
        if request["sandboxed"]:
            drop_capabilities()
            refuse_system_calls()
            system(libc.prctl, PR_SET_DUMPABLE, 1, 0, 0, 0)
            with open("/proc/self/oom_score_adj", "w") as file:  # noqa: PTH123
                file.write("1000")  # where memory runs out, candidates go first
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
        if "matplotlib.pyplot" in sys.modules:
            app.shell.enable_matplotlib("inline")  # type: ignore[union-attr]  # it was imported when there was no kernel to draw in
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
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "sandboxed", sys.argv[4:])
