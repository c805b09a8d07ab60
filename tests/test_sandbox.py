"""The sandbox from inside: what a candidate can reach, what it may use, and what is left when it ends."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from autograder.channel import CandidateCutOff, CandidateDied
from autograder.kernel import CUT_OFF, DIED, OK, RAISED, CellRun, Kernel, plain_text
from autograder.nursery import KernelFailure, Nursery, NurseryProcess, Process, close_nursery, nursery_for
from autograder.sandbox import MIB, PACKAGE_ROOT, Limits, SandboxError, require_bubblewrap
from autograder.workers import remove_stale_rooms

needs_bubblewrap = pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")

MINUTES = 300.0
"""Seconds to deadlines that these tests never reach."""
SMALL = Limits(memory=600 * MIB, disk=32 * MIB, processes=200, cell_output=200_000)


def new_kernel(limits: Limits = SMALL, files: dict[str, bytes] | None = None, seconds: float = MINUTES) -> Kernel:
    return Kernel(files or {}, limits, deadline=time.monotonic() + seconds)


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    """One candidate for all tests that leave it alive."""
    with new_kernel(files={"results/training/run.json": b"{}", "notes.txt": b"mine"}) as kernel:
        yield kernel


def text(run: CellRun) -> str:
    return "".join(plain_text(output) for output in run.outputs)


def told(kernel: Kernel, source: str) -> str:
    """What a cell prints that must run through."""
    run = kernel.run_cell(source, MINUTES)
    assert run.status == OK, text(run) or run.reason
    return text(run).strip()


# --- network ----------------------------------------------------------------------------------------------


@needs_bubblewrap
def test_the_only_network_is_an_own_loopback(kernel):
    assert told(kernel, "import socket; print([name for _, name in socket.if_nameindex()])") == "['lo']"


@needs_bubblewrap
def test_a_listener_on_this_machine_is_not_reached(kernel):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        connect = f"import socket; socket.create_connection(('127.0.0.1', {port}), 2)"
        run = kernel.run_cell(connect, MINUTES)
        assert run.status == RAISED
        assert "refused" in text(run) or "unreachable" in text(run)
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()


@needs_bubblewrap
def test_names_are_not_resolved(kernel):
    assert kernel.run_cell("import socket; socket.getaddrinfo('example.org', 80)", MINUTES).status == RAISED


# --- files ------------------------------------------------------------------------------------------------


@needs_bubblewrap
def test_nothing_of_the_instructors_is_visible(kernel):
    places = [PACKAGE_ROOT / name for name in ("source", "tests", "autograder", "gradebook.db", ".git", ".coursework")]
    places += [Path.home() / name for name in (".bashrc", ".ssh", ".config")]
    places += [Path("/etc/passwd"), Path("/etc/shadow"), Path("/var"), Path("/run")]
    found = told(kernel, f"import os; print([p for p in {[str(p) for p in places]} if os.path.lexists(p)])")
    assert found == "[]"


@needs_bubblewrap
def test_only_the_answering_side_and_what_students_have_is_there(kernel):
    assert told(kernel, "import os; print(sorted(os.listdir('/coursework')))") == str(
        ["answering.py", "data", "helpers", "warm.py"]
    )
    run = kernel.run_cell("import autograder", MINUTES)
    assert run.status == RAISED
    assert "ModuleNotFoundError" in text(run)
    folders = ["/coursework", "/home", "/submission", "/tmp"]
    # The Python environment is there too, wherever the repository's .venv lies.
    walk = f"[f for top in {folders} for d, _, fs in os.walk(top) if not d.startswith(sys.prefix) for f in fs]"
    files = f"import os, sys; print({walk})"
    assert not {"speech_commands_clips.npz", "channel.py", "examine.py"} & set(eval(told(kernel, files)))


@needs_bubblewrap
def test_the_notebooks_own_modules_are_there(kernel):
    assert told(kernel, "import helpers.results, answering; print(answering.__file__)") == "/coursework/answering.py"


@needs_bubblewrap
def test_no_other_process_is_visible(kernel):
    count = "import os; print(max(int(p) for p in os.listdir('/proc') if p.isdigit()) < 100)"
    assert told(kernel, count) == "True"
    assert str(os.getpid()) not in told(kernel, "import os; print([p for p in os.listdir('/proc') if p.isdigit()])")


@needs_bubblewrap
def test_the_environment_is_not_the_instructors(kernel):
    assert "PYTEST" not in told(kernel, "import os; print(sorted(os.environ))")
    assert told(kernel, "import os; print(os.environ['COURSEWORK_GRADING'], os.environ['HOME'])") == "1 /home/student"


@needs_bubblewrap
def test_the_candidate_has_no_privileges(kernel):
    status = told(kernel, "print(open('/proc/self/status').read())")
    capabilities = [line.split()[1] for line in status.splitlines() if line.startswith(("CapEff", "CapPrm", "CapBnd"))]
    if os.geteuid() == 0:
        assert {int(value, 16) for value in capabilities} == {0}
    assert "NoNewPrivs:\t1" in status
    assert told(kernel, "import os; print(os.getuid() != 0)") == "True"


@needs_bubblewrap
@pytest.mark.parametrize(
    "place", ["/", "/usr", "/dev", "/proc", "/submission", "/coursework", "/coursework/helpers", "/home", sys.prefix]
)
def test_the_system_is_read_only(kernel, place):
    run = kernel.run_cell(f"open('{place}/mine', 'w')", MINUTES)
    assert run.status == RAISED
    assert any(reason in text(run) for reason in ("Read-only", "Permission denied", "No such file"))


@needs_bubblewrap
def test_files_of_the_hand_in_lie_in_the_working_folder_as_copies(kernel):
    assert told(kernel, "import os; print(os.getcwd(), open('notes.txt').read())") == "/home/student mine"
    told(kernel, "open('notes.txt', 'w').write('changed'); open('results/training/new.json', 'w').write('{}')")
    assert (kernel.process.room.path / "files" / "notes.txt").read_bytes() == b"mine"
    assert not (kernel.process.room.path / "files" / "results" / "training" / "new.json").exists()


@needs_bubblewrap
def test_temporary_files_are_private(kernel, tmp_path):
    mark = f"coursework-test-{os.getpid()}"
    told(kernel, f"open('/tmp/{mark}', 'w').write('x')")
    assert not (Path(tempfile.gettempdir()) / mark).exists()
    assert told(kernel, f"import os; print(os.path.exists({str(tmp_path)!r}))") == "False"


@needs_bubblewrap
@pytest.mark.parametrize("place", ["/tmp", "/home/student", "/dev/shm"])
def test_writable_places_are_bounded(kernel, place):
    fill = (
        "import os\n"
        "names, written = [], 0\n"
        "try:\n"
        "    for part in range(20):\n"
        f"        names.append('{place}/part%d' % part)\n"
        "        with open(names[-1], 'wb') as file:\n"
        f"            written += file.write(bytes({4 * MIB}))\n"
        "except OSError as error:\n"
        "    print(error.strerror, written)\n"
        "finally:\n"
        "    for name in names:\n"
        "        os.path.exists(name) and os.remove(name)\n"
    )
    words = told(kernel, fill)
    assert "No space left" in words
    assert int(words.split()[-1]) <= SMALL.disk


@needs_bubblewrap
def test_one_file_is_bounded(kernel):
    big = (
        "import os, signal\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"with open('/tmp/big', 'wb') as file:\n    os.truncate(file.fileno(), {64 * MIB})"
    )
    run = kernel.run_cell(big, MINUTES)
    assert run.status == RAISED
    assert "File too large" in text(run)


@needs_bubblewrap
def test_the_answering_socket_is_the_only_one_of_ours(kernel):
    names = told(kernel, "import os; print(sorted(os.listdir('/channel')))")
    assert names == str(["connection.json", "examiner", *(f"kernel-{n}" for n in range(1, 6))])
    assert kernel.run_cell("open('/channel/more', 'w')", MINUTES).status == RAISED


@needs_bubblewrap
def test_rooms_of_other_candidates_are_not_visible(kernel):
    with new_kernel(files={"secret.txt": b"theirs"}) as other:
        assert other.process.room.path.parent == kernel.process.room.path.parent
        told(other, "open('/tmp/left', 'w').close(); open('/dev/shm/left', 'w').close()")
        assert kernel.run_cell("import os; os.listdir('/rooms')", MINUTES).status == RAISED
        walk = "[d for d, _, files in os.walk('/') if 'secret.txt' in files or 'left' in files]"
        assert told(kernel, f"import os; print({walk})") == "[]"


@needs_bubblewrap
@pytest.mark.parametrize(
    "attempt",
    [
        "libc.unshare(0x10000000)",  # a user namespace, in which one would be root
        "libc.umount2(b'/rooms', 2)",
        "libc.mount(None, b'/channel', None, 4096 | 32, None)",  # remounted so that it can be written to
        "libc.mount(b'tmpfs', b'/coursework', b'tmpfs', 0, None)",
        "libc.ptrace(16, 1, 0, 0)",  # PTRACE_ATTACH to the candidate's first process
    ],
)
def test_privileges_are_not_to_be_had(kernel, attempt):
    assert told(kernel, f"import ctypes; libc = ctypes.CDLL(None); print({attempt})") == "-1"


@needs_bubblewrap
def test_ending_all_other_processes_ends_nobody_elses(kernel):
    with new_kernel() as other:
        other.run_cell("import os, signal\nos.kill(1, signal.SIGKILL)\nos.kill(-1, signal.SIGKILL)", MINUTES)
        assert kernel.alive()
        assert told(kernel, "print(1)") == "1"


# --- memory, processes, output ------------------------------------------------------------------------------


@needs_bubblewrap
def test_one_process_beyond_the_memory_gets_an_error(kernel):
    run = kernel.run_cell(f"block = bytearray({700 * MIB})", MINUTES)
    assert run.status == RAISED
    assert "MemoryError" in text(run)
    assert kernel.alive()


@needs_bubblewrap
def test_processes_beyond_the_memory_together_end_the_candidate():
    several = (
        "import os, time\n"
        "for _ in range(3):\n"
        "    if os.fork() == 0:\n"
        f"        block = b'x' * {300 * MIB}\n"
        "        time.sleep(300)\n"
        "time.sleep(300)"
    )
    with new_kernel() as kernel:
        run = kernel.run_cell(several, MINUTES)
        assert run.status == DIED
        assert run.reason == "it used more than 0.6 GiB of memory"
        assert kernel.process.peak_memory > SMALL.memory


@needs_bubblewrap
def test_threads_are_bounded():
    many = (
        "import threading\n"
        "hold, started = threading.Event(), []\n"
        "try:\n"
        "    for _ in range(2000):\n"
        "        started.append(threading.Thread(target=hold.wait))\n"
        "        started[-1].start()\n"
        "except RuntimeError as error:\n"
        "    print(error)\n"
        "hold.set()\n"
        "print(len(started))"
    )
    with new_kernel(Limits(processes=200)) as kernel:
        error, count = told(kernel, many).splitlines()
    assert "can't start new thread" in error
    assert int(count) < 200


@needs_bubblewrap
def test_processes_are_bounded():
    many = (
        "import os, signal\n"
        "children = []\n"
        "try:\n"
        "    while len(children) < 100:\n"
        "        children.append(os.fork())\n"
        "        if children[-1] == 0: signal.pause()\n"
        "except OSError as error:\n"
        "    print(error.strerror, len(children))\n"
    )
    with new_kernel(Limits(processes=60)) as kernel:
        words = told(kernel, many)
    assert "temporarily unavailable" in words
    assert int(words.split()[-1]) < 60


@needs_bubblewrap
def test_a_flood_of_output_is_cut(kernel):
    run = kernel.run_cell("import time\nwhile True:\n    print('x' * 10_000)\n    time.sleep(0.001)", MINUTES)
    assert run.status == CUT_OFF
    assert run.reason == "it wrote too much output"
    assert len(text(run)) <= SMALL.cell_output
    assert told(kernel, "print('ready')") == "ready"


@needs_bubblewrap
def test_an_error_behind_a_flood_is_still_an_error(monkeypatch):
    monkeypatch.setattr("autograder.kernel.INTERRUPT_GRACE", 0.5)
    with new_kernel(Limits()) as kernel:
        # One message beyond all bounds breaks the connection: what comes behind it, the error, is lost.
        run = kernel.run_cell("print('x' * 40_000_000)\nassert False", MINUTES)
        assert run.status in (RAISED, CUT_OFF)
        assert len(text(run)) <= Limits().cell_output


# --- time ---------------------------------------------------------------------------------------------------


@needs_bubblewrap
def test_a_cell_that_takes_too_long_is_interrupted_and_the_notebook_goes_on(kernel):
    run = kernel.run_cell("import time\nwhile True: time.sleep(0.01)", 0.3)
    assert run.status == CUT_OFF
    assert "no end after" in run.reason
    assert told(kernel, "print('ready')") == "ready"


@needs_bubblewrap
def test_a_cell_that_swallows_the_interrupt_ends_the_candidate(monkeypatch):
    monkeypatch.setattr("autograder.kernel.INTERRUPT_GRACE", 0.5)
    stubborn = "import time\nwhile True:\n    try: time.sleep(300)\n    except BaseException: pass"
    with new_kernel() as kernel:
        run = kernel.run_cell(stubborn, 0.3)
        assert run.status == DIED
        assert run.reason == "a cell did not stop when it was interrupted"
        assert not kernel.alive()


@needs_bubblewrap
def test_the_submissions_own_deadline_comes_first():
    with new_kernel(seconds=2.0) as kernel:
        run = kernel.run_cell("import time\ntime.sleep(300)", MINUTES)
        assert run.status == CUT_OFF
        assert run.reason == "the submission's time is up"


# --- asking it ------------------------------------------------------------------------------------------------


@needs_bubblewrap
def test_the_candidate_is_asked_about_its_notebook(kernel):
    told(kernel, "def double(x):\n    print('called')\n    return 2 * x")
    with kernel.candidate(MINUTES) as candidate:
        assert candidate.call("double", 4, arrays="numpy") == 8
    assert told(kernel, "print(double(1))").splitlines() == ["called", "2"]


@needs_bubblewrap
def test_errors_of_a_cell_name_the_students_line(kernel):
    told(kernel, "def broken(x):\n    return x + undefined_name")
    from autograder.channel import CandidateError

    with kernel.candidate(MINUTES) as candidate, pytest.raises(CandidateError) as caught:
        candidate.call("broken", 4, arrays="numpy")
    assert caught.value.kind == "NameError"
    assert caught.value.where == "line 2: return x + undefined_name"


@needs_bubblewrap
def test_an_answer_that_takes_too_long_is_cut_off_and_the_notebook_goes_on(kernel, monkeypatch):
    monkeypatch.setattr("autograder.kernel.INTERRUPT_GRACE", 0.5)
    told(kernel, "def forever():\n    import time\n    while True: time.sleep(0.01)")
    with pytest.raises(CandidateCutOff), kernel.candidate(0.5) as candidate:
        candidate.call("forever", arrays="numpy")
    assert told(kernel, "print('ready')") == "ready"


@needs_bubblewrap
def test_a_candidate_that_ends_while_it_is_asked_has_died():
    with new_kernel() as kernel:
        told(kernel, "def leave():\n    import os\n    os._exit(0)")
        with pytest.raises(CandidateDied), kernel.candidate(MINUTES) as candidate:
            candidate.call("leave", arrays="numpy")
        deadline = time.monotonic() + MINUTES
        while kernel.alive() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not kernel.alive()


# --- what is left -----------------------------------------------------------------------------------------------


@needs_bubblewrap
def test_a_candidate_that_dies_leaves_no_process_and_no_folder():
    threads = threading.active_count()
    with new_kernel() as kernel:
        started = kernel.process._init
        run = kernel.run_cell("import os\nif os.fork(): os._exit(1)\nimport time; time.sleep(300)", MINUTES)
        assert run.status == DIED
        family = [started, *started.children(recursive=True)] if started.is_running() else []
        room = kernel.process.room.path
    _, alive = psutil.wait_procs(family, timeout=MINUTES)
    assert alive == []
    assert not room.exists()
    deadline = time.monotonic() + MINUTES
    while threading.active_count() > threads and time.monotonic() < deadline:
        time.sleep(0.05)
    assert threading.active_count() <= threads


@needs_bubblewrap
def test_background_processes_end_with_the_candidate():
    with new_kernel() as kernel:
        told(kernel, "import subprocess\np = subprocess.Popen(['sleep', '600'], start_new_session=True)")
        family = kernel.process._family()
        assert any(member.name() == "sleep" for member in family)
    _, alive = psutil.wait_procs(family, timeout=MINUTES)
    assert alive == []


@needs_bubblewrap
def test_a_kernel_that_does_not_start_is_a_failure_of_ours_with_its_last_words(monkeypatch):
    monkeypatch.setattr("autograder.sandbox._course_mounts", lambda: ["--ro-bind", "/no/such", "/coursework"])
    # Another set of modules than the other tests': a nursery of its own.
    kernel = Kernel({}, SMALL, deadline=time.monotonic() + MINUTES, modules=("json",))
    with pytest.raises(KernelFailure, match=r"did not start: .*find source path /no/such"):
        kernel.__enter__()
    rooms = nursery_for(("json",), SMALL, sandboxed=True, cache=None).rooms
    assert list(rooms.iterdir()) == []
    close_nursery()


@needs_bubblewrap
@pytest.mark.parametrize("imported", [(), ("matplotlib.pyplot",), ("helpers.plots",)])
def test_figures_are_pictures_whatever_was_imported_before(imported):
    with Kernel({}, SMALL, deadline=time.monotonic() + MINUTES, modules=imported) as kernel:
        drawn = kernel.run_cell(
            "import matplotlib.pyplot as plt\nfigure, _ = plt.subplots()\nplt.close()\nfigure", MINUTES
        )
        shown = kernel.run_cell("plt.plot([1, 2])\nplt.show()", MINUTES)
    close_nursery()
    for run in (drawn, shown):
        assert "image/png" in run.outputs[-1]["data"], text(run)


# --- one nursery for several workers ---------------------------------------------------------------------------


@pytest.fixture
def shared() -> Iterator[NurseryProcess]:
    process = NurseryProcess(("json",), SMALL)
    yield process
    process.close()


@needs_bubblewrap
def test_what_two_workers_have_of_one_nursery_ends_with_each_of_them(shared):
    first, second = (Nursery(("json",), SMALL, door=shared.door) for _ in range(2))
    candidates = [Process(first, {}, SMALL), Process(second, {}, SMALL)]
    families = [[candidate._init, *candidate._family()] for candidate in candidates]
    first.close()  # as when the worker is killed
    _, alive = psutil.wait_procs(families[0], timeout=MINUTES)
    assert alive == []
    assert all(member.is_running() for member in families[1])
    assert shared.alive()
    assert second.alive()
    assert Nursery(("json",), SMALL, door=shared.door).alive()  # another worker takes the place of the first
    shared.close()  # as when the command ends
    _, alive = psutil.wait_procs(families[1], timeout=MINUTES)
    assert alive == []
    assert not second.alive()
    for candidate in candidates:
        candidate.close()


@needs_bubblewrap
def test_a_nursery_ends_when_whoever_began_it_is_killed():
    program = (
        "import sys, time; from autograder.nursery import NurseryProcess; from autograder.sandbox import Limits\n"
        "print(NurseryProcess(('json',), Limits(), sandboxed=False).popen.pid, flush=True); time.sleep(600)"
    )
    owner = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=PACKAGE_ROOT)
    nursery = psutil.Process(int(owner.stdout.readline()))
    owner.kill()
    owner.wait()
    _, alive = psutil.wait_procs([nursery], timeout=MINUTES)
    assert alive == []
    remove_stale_rooms()


@needs_bubblewrap
def test_a_worker_that_finds_the_shared_nursery_gone_begins_its_own(shared):
    shared.close()
    found = nursery_for(("json",), SMALL, sandboxed=True, cache=None, door=shared.door)
    assert found.door != shared.door
    found.wait_until_warm()
    close_nursery()


# --- without bubblewrap -------------------------------------------------------------------------------------------


def test_without_bubblewrap_the_advice_names_the_command(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxError, match="sudo apt-get install bubblewrap") as caught:
        require_bubblewrap()
    assert "\n" not in str(caught.value)


def test_a_bubblewrap_that_does_not_work_is_named_with_its_reason(monkeypatch, tmp_path):
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(SandboxError, match=r"does not work here \(bwrap: setting up uid map: Permission denied\)"):
        require_bubblewrap()


@pytest.mark.skipif(sys.platform != "linux", reason="the machinery for processes is Linux's")
def test_code_that_is_trusted_runs_without_a_sandbox():
    with Kernel({"notes.txt": b"mine"}, SMALL, deadline=time.monotonic() + MINUTES, sandboxed=False) as kernel:
        assert told(kernel, "print(open('notes.txt').read())") == "mine"
        told(kernel, "def double(x): return 2 * x")
        with kernel.candidate(MINUTES) as candidate:
            assert candidate.call("double", 4, arrays="numpy") == 8
