"""Workers: every job comes back, whatever happens to the worker that had it; nobody else can reach them."""

import contextlib
import gc
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import fake_grading
import psutil
import pytest
from distributed.security import Security
from tiny_course import ASSIGNMENT, POINTS, RIGHT, WRONG, hand_in, make_course

import autograder.environment
import autograder.workers
from autograder.course import Course, CourseError
from autograder.execute import Graded, Job
from autograder.grade import grade_class, make_job
from autograder.interrupts import stop_if_asked, stoppable
from autograder.locks import grading
from autograder.records import UNGRADED
from autograder.sandbox import Limits
from autograder.workers import TRIES, WAITING_PER_THREAD, Key, Workers, datasets, is_private, remove_stale_rooms

needs_bubblewrap = pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
TESTS = Path(__file__).parent
PATIENCE = 300.0
"""Seconds after which something that must happen is said not to."""


def keys(*students: str) -> list[Key]:
    return [(student, ASSIGNMENT) for student in students]


def until(happened: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, f"not within {PATIENCE:.0f} s: {what}"
        time.sleep(0.05)


def results(workers: Workers, students: list[Key], make: Callable[[Key], Job]) -> dict[str, Graded]:
    found: dict[str, Graded] = {}
    for job, graded in workers.run(map(make, students), make):
        assert job.student not in found, "a job came back twice"
        found[job.student] = graded
    return found


@pytest.fixture(scope="module")
def local() -> Iterator[Workers]:
    """Two workers on this machine; tests say what they do with jobs."""
    with Workers(2, sandboxed=False) as workers:
        yield workers


# --- what goes wrong on our side ----------------------------------------------------------------------------


def test_a_lost_worker_is_the_fault_of_no_job_but_the_one_that_ended_it(local, tmp_path):
    local.grade = fake_grading.accident_prone
    notes = tmp_path / "notes"
    students = ["once-killer", "killer", *(f"ada-{number}" for number in range(8))]
    found = results(local, keys(*students), partial(fake_grading.make_job, notes=notes))
    assert set(found) == set(students)
    assert [student for student, graded in found.items() if not graded.verdict.complete] == ["killer"]
    assert 1 <= notes.read_text().split().count("killer") <= TRIES
    (exercise,) = found["killer"].verdict.exercises
    assert exercise.status == UNGRADED
    assert "not the student's fault: the worker's process ended" in exercise.messages[0]


def test_failures_of_ours_are_tried_again_a_bounded_number_of_times(local, tmp_path):
    local.grade = fake_grading.accident_prone
    notes = tmp_path / "notes"
    students = ["once-full", "full", "once-fault", "fault", "ada"]
    found = results(local, keys(*students), partial(fake_grading.make_job, notes=notes))
    assert {student for student, graded in found.items() if not graded.verdict.complete} == {"full", "fault"}
    begun = notes.read_text().split()
    assert {student: begun.count(student) for student in students} == {
        "once-full": 2,
        "full": TRIES,
        "once-fault": 2,
        "fault": TRIES,
        "ada": 1,
    }
    assert "No space left on device" in found["full"].verdict.exercises[0].messages[0]
    assert found["fault"].verdict.exercises[0].messages == ["the examination failed"]


def test_what_hangs_is_ended_and_tried_again(local, tmp_path, monkeypatch):
    local.grade = fake_grading.accident_prone
    monkeypatch.setattr(autograder.workers, "STALL", 8.0)
    monkeypatch.setattr(autograder.workers, "LOOK_AROUND", 0.2)
    notes = tmp_path / "notes"

    def make(key: Key) -> Job:
        return replace(fake_grading.make_job(key, notes), limits=Limits(submission_seconds=1.0))

    students = ["once-hang", "ada", "ben"]
    found = results(local, keys(*students), make)
    assert set(found) == set(students)
    problems = [exercise.messages for graded in found.values() for exercise in graded.verdict.exercises]
    assert problems == [[], [], []]
    assert 2 <= notes.read_text().split().count("once-hang") <= TRIES


def test_a_hand_in_that_cannot_be_read_again_is_dropped(local, tmp_path):
    local.grade = fake_grading.accident_prone
    first = partial(fake_grading.make_job, notes=tmp_path / "notes")
    found = [job.student for job, _ in local.run(map(first, keys("full", "ada")), lambda key: None)]
    assert found == ["ada"]


# --- how much is under way ----------------------------------------------------------------------------------


def test_few_jobs_are_made_before_they_are_needed(local):
    local.grade, made, given = fake_grading.passed, 0, 0
    bound = WAITING_PER_THREAD * 2

    def make(key: Key) -> Job:
        nonlocal made
        made += 1
        # The one that has come back and is being recorded is not under way any more.
        assert made - given <= bound + 1
        return fake_grading.make_job(key)

    students = keys(*(f"s{number}" for number in range(200)))
    for _ in local.run(map(make, students), make):
        given += 1
    assert made == given == 200
    assert local.most_waiting <= bound


def test_large_hand_ins_wait_for_each_other(local, monkeypatch):
    monkeypatch.setattr(autograder.workers, "MAX_WAITING_BYTES", 1_000_000)
    monkeypatch.setattr(local, "most_waiting", 0)
    local.grade = fake_grading.passed
    found = results(local, keys(*"abcdef"), partial(fake_grading.make_job, size=600_000))
    assert len(found) == 6
    assert local.most_waiting == 2


def test_memory_does_not_grow_with_the_number_of_submissions(local):
    local.grade = fake_grading.passed
    make = partial(fake_grading.make_job, size=2**20)

    def memory_after(count: int) -> int:
        for _ in local.run(map(make, keys(*(f"s{number}" for number in range(count)))), make):
            pass
        gc.collect()
        return psutil.Process().memory_info().rss

    before = memory_after(30)
    # 150 more jobs and results of 1 MiB each would be 300 MiB if they were held.
    assert memory_after(150) - before < 100 * 2**20


# --- what a worker gets -------------------------------------------------------------------------------------


def test_a_worker_has_its_share_of_threads_and_prepares_only_what_is_imported(local):
    local.grade = fake_grading.surroundings
    (graded,) = results(local, keys("ada"), fake_grading.make_job).values()
    threads, cache, process = graded.verdict.notes
    assert (threads, cache) == ("1", "None")
    assert int(process) != os.getpid()


def test_the_data_sets_of_an_assignment_are_those_that_its_notebook_imports():
    source = TESTS.parent / "source" / "speech_commands" / "speech_commands.ipynb"
    assert datasets([source.read_bytes()]) == ("speech_commands",)
    assert datasets(fake_grading.MASTERS.values()) == ()


def test_a_job_holds_no_secret_and_says_which_versions_it_needs(tmp_path):
    course = make_course(tmp_path)
    hand_in(course, "ada", RIGHT)
    job = make_job(course, ASSIGNMENT, "ada", Limits(), True)
    assert course.secret() not in str(job).encode() + job.key
    assert job.environment == autograder.workers.code_digest().hex()
    assert job.cache is None


def test_what_killed_processes_left_is_removed_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True)
    stale = tmp_path / f"coursework-{int(ended.stdout)}-x"
    kept = [tmp_path / name for name in (f"coursework-{os.getpid()}-y", "coursework-notes", "other-1-z")]
    for folder in (stale, *kept):
        folder.mkdir()
    assert remove_stale_rooms() == [stale]
    assert sorted(tmp_path.iterdir()) == sorted(kept)


# --- a scheduler and two separate workers -------------------------------------------------------------------


@pytest.fixture
def dask(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen]]:
    """Starts programs of dask and waits until each says the words that it is ready."""
    for cached in (autograder.environment.code_digest, autograder.environment.digests):
        cached.cache_clear()  # the programs read the code as it is now
    environment = {**os.environ, "PYTHONPATH": str(TESTS), "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "120s"}
    with contextlib.ExitStack() as running:

        def start(*words: str, ready: str, **settings: str) -> subprocess.Popen:
            program = [sys.executable, "-m", "distributed.cli.dask_" + words[0], *words[1:]]
            log = tmp_path / f"{words[0]}-{len(list(tmp_path.glob('*.log')))}.log"
            with log.open("w") as out:
                process = subprocess.Popen(
                    program, stdout=out, stderr=out, env={**environment, **settings}, cwd=tmp_path
                )
            running.callback(process.wait)
            running.callback(process.kill)
            until(lambda: ready in log.read_text() or process.poll() is not None, f"{words[0]} starts")
            assert process.poll() is None, log.read_text()
            return process

        yield start


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_scheduler(dask: Callable[..., subprocess.Popen], host: str, **settings: str) -> int:
    port = free_port()
    dask("scheduler", "--host", host, "--port", str(port), "--no-dashboard", ready="Scheduler at:", **settings)
    return port


def start_worker(dask: Callable[..., subprocess.Popen], address: str, *words: str, **settings: str) -> subprocess.Popen:
    options = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--memory-limit", "0", *words]
    return dask("worker", address, *options, ready="Registered to:", **settings)


@needs_bubblewrap
def test_a_cluster_of_two_workers_grades_a_class_while_one_is_killed(dask, tmp_path):
    course = make_course(tmp_path / "course")
    right = {f"s{number}": number % 2 == 0 for number in range(6)}
    for student, is_right in right.items():
        hand_in(course, student, RIGHT if is_right else WRONG)
    address = f"tcp://127.0.0.1:{start_scheduler(dask, '127.0.0.1')}"
    workers = [start_worker(dask, address, "--host", "127.0.0.1") for _ in range(2)]
    done: list[str] = []

    def kill_one(verdict: object) -> None:
        if not done:
            workers[0].kill()
        done.append(verdict.student)  # type: ignore[attr-defined]

    report = grade_class(course, [ASSIGNMENT], scheduler=address, on_done=kill_one)
    assert workers[0].wait() == -signal.SIGKILL
    assert report.complete, report.failures
    assert sorted(done) == sorted(right)
    points = {row["student"]: row["points"] for row in report.rows()}
    assert {student: earned == POINTS for student, earned in points.items()} == right


def test_a_run_whose_scheduler_is_lost_ends_and_says_so(dask, tmp_path, monkeypatch):
    monkeypatch.setattr(autograder.workers, "LOOK_AROUND", 0.2)
    port = free_port()
    scheduler = dask("scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard", ready="Scheduler at:")
    address = f"tcp://127.0.0.1:{port}"
    start_worker(dask, address, "--host", "127.0.0.1")
    make = partial(fake_grading.make_job, notes=tmp_path / "notes")
    with Workers(scheduler=address, sandboxed=False, grade=fake_grading.accident_prone) as workers:
        given = workers.run(map(make, keys("ada", "hang")), make)
        assert next(given)[0].student == "ada"
        scheduler.kill()
        with pytest.raises(CourseError, match="was lost: run it again to go on"):
            next(given)


def test_a_worker_of_other_versions_is_left_out(dask, tmp_path, monkeypatch):
    address = f"tcp://127.0.0.1:{start_scheduler(dask, '127.0.0.1')}"
    start_worker(dask, address, "--host", "127.0.0.1")
    monkeypatch.setattr(autograder.workers, "code_digest", lambda: b"another version")
    with pytest.raises(CourseError, match="has other versions than this machine"), Workers(scheduler=address):
        pass


def test_a_job_for_other_versions_is_refused_by_the_worker_itself(dask):
    address = f"tcp://127.0.0.1:{start_scheduler(dask, '127.0.0.1')}"
    start_worker(dask, address, "--host", "127.0.0.1")

    def make(key: Key) -> Job:
        job = fake_grading.make_job(key)
        return Job(**{**vars(job), "environment": "another version"})

    with Workers(scheduler=address, sandboxed=False, grade=fake_grading.passed) as workers:
        (graded,) = results(workers, keys("ada"), make).values()
    assert "has other versions than this machine" in graded.verdict.exercises[0].messages[0]
    assert not graded.verdict.complete
    assert workers.problems


# --- who may be talked to -----------------------------------------------------------------------------------


def refusal(address: str) -> CourseError:
    with pytest.raises(CourseError) as refused, Workers(scheduler=address, sandboxed=False):
        pass
    assert "\n" not in str(refused.value)
    return refused.value


def test_a_scheduler_that_listens_beyond_this_machine_without_tls_is_refused(dask):
    port = start_scheduler(dask, "0.0.0.0")
    error = refusal(f"tcp://127.0.0.1:{port}")
    assert error.exit_code == 2
    assert "without TLS" in str(error)


def test_a_worker_that_listens_beyond_this_machine_without_tls_is_refused(dask):
    address = f"tcp://127.0.0.1:{start_scheduler(dask, '127.0.0.1')}"
    start_worker(dask, address)  # as most people start one: it listens on all interfaces
    error = refusal(address)
    assert error.exit_code == 2
    assert "the worker at" in str(error)


@pytest.mark.parametrize(
    "address", ["tcp://192.0.2.7:8786", "192.0.2.7:8786", "ws://[2001:db8::1]:1", "tcp://0.0.0.0:1"]
)
def test_an_address_beyond_this_machine_is_refused_before_anything_is_sent(address, monkeypatch):
    monkeypatch.setattr("distributed.Client", None)
    error = refusal(address)
    assert error.exit_code == 2
    assert "without TLS" in str(error)


def test_what_is_no_address_is_wrong_usage():
    assert refusal("nonsense://here").exit_code == 2


def test_tls_needs_certificates():
    error = refusal("tls://192.0.2.7:8786")
    assert error.exit_code == 2
    assert "distributed.comm.tls" in str(error)


def test_private_addresses():
    assert all(map(is_private, ["tls://192.0.2.7:1", "tcp://127.0.0.1:1", "tcp://localhost:1", "tcp://[::1]:1"]))
    assert not any(map(is_private, ["tcp://0.0.0.0:1", "tcp://192.0.2.7:1", "ws://192.0.2.7:1", "tcp://[::]:1"]))


def test_a_scheduler_that_is_not_there_is_told_in_one_line(monkeypatch):
    monkeypatch.setattr(autograder.workers, "CONNECT_SECONDS", 0.5)
    error = refusal(f"tcp://127.0.0.1:{free_port()}")
    assert error.exit_code == 1
    assert "no scheduler to be reached" in str(error)


def test_a_scheduler_without_workers_is_told_in_one_line(dask, monkeypatch):
    monkeypatch.setattr(autograder.workers, "WORKERS_SECONDS", 0.5)
    assert "has no workers" in str(refusal(f"tcp://127.0.0.1:{start_scheduler(dask, '127.0.0.1')}"))


def test_with_tls_a_scheduler_may_listen_anywhere(dask, tmp_path):
    made = Security.temporary()
    for name, content in (("cert", made.tls_client_cert), ("key", made.tls_client_key)):
        (tmp_path / name).write_text(content)
    names = {"CA_FILE": "cert"}
    for role in ("CLIENT", "SCHEDULER", "WORKER"):
        names |= {f"{role}__CERT": "cert", f"{role}__KEY": "key"}
    settings = {f"DASK_DISTRIBUTED__COMM__TLS__{name}": str(tmp_path / file) for name, file in names.items()}
    port = start_scheduler(dask, "tls://0.0.0.0", **settings)
    start_worker(dask, f"tls://127.0.0.1:{port}", **settings)
    # dask reads its settings as it is imported: in a process of its own, as the command is.
    program = (
        "import fake_grading as f\nfrom autograder.workers import Workers\nif __name__ == '__main__':\n"
        f"    with Workers(scheduler='tls://127.0.0.1:{port}', sandboxed=False, grade=f.passed) as workers:\n"
        "        print([g.verdict.complete for _, g in workers.run([f.make_job(('ada', 'a'))], f.make_job)])"
    )
    environment = {**os.environ, **settings, "PYTHONPATH": str(TESTS)}
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment)
    assert run.stdout == "[True]\n", run.stderr


# --- the command --------------------------------------------------------------------------------------------


def start_command(course: Course, *words: str) -> subprocess.Popen:
    """``coursework grade`` in a process group of its own, as a terminal starts it."""
    command = [sys.executable, "-m", "autograder", "grade", "--course", str(course.root), *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)


def descendants(process: subprocess.Popen) -> list[psutil.Process]:
    try:
        return psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def has_candidate(command: subprocess.Popen) -> bool:
    """Whether there is more than the nursery and its branches, one for each of the two workers."""
    return sum(" -m warm " in words_of(child) and "bwrap" not in words_of(child) for child in descendants(command)) > 3


def words_of(process: psutil.Process) -> str:
    with contextlib.suppress(psutil.NoSuchProcess):
        return " ".join(process.cmdline())
    return ""


def is_gone(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.fixture
def endless(tmp_path: Path) -> Course:
    """A class whose grading does not end by itself within a test."""
    course = make_course(tmp_path / "course")
    for student in ("ada", "ben", "cleo"):
        hand_in(course, student, f"import time\ntime.sleep(600)\n{RIGHT}")
    return course


@needs_bubblewrap
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_stays_behind_when_the_command_is_ended(endless, number):
    command = start_command(endless, "--workers", "2")
    until(lambda: has_candidate(command), "a candidate starts")
    family = descendants(command)
    if number == signal.SIGINT:
        os.killpg(command.pid, number)  # Ctrl-C in a terminal reaches the whole group
    else:
        command.send_signal(number)
    _, errors = command.communicate()
    until(lambda: all(map(is_gone, family)), "all that the command started is gone")
    if number != signal.SIGKILL:
        assert (errors, command.returncode) == ("coursework: stopped: run it again to go on\n", 1)


def test_a_stop_that_something_swallowed_is_not_forgotten(tmp_path, monkeypatch):
    monkeypatch.setattr(autograder.workers, "LOOK_AROUND", 0.2)

    def make(key: Key) -> Job:
        with contextlib.suppress(KeyboardInterrupt):  # as a handler that catches everything, in a library
            signal.raise_signal(signal.SIGINT)
        return fake_grading.make_job(key, tmp_path / "notes")

    with pytest.raises(CourseError, match="stopped: run it again"), stoppable():  # noqa: SIM117  # the outer one is tested
        with Workers(1, sandboxed=False, grade=fake_grading.accident_prone) as workers:
            results(workers, keys("hang"), make)
    stop_if_asked()  # and the next run begins as if nothing had been


@needs_bubblewrap
def test_a_worker_that_is_killed_while_it_starts_does_not_end_the_run(tmp_path):
    course = make_course(tmp_path / "course")
    hand_in(course, "ada", RIGHT)
    command = start_command(course, "--workers", "2")
    until(lambda: any("spawn_main" in words_of(child) for child in descendants(command)), "a worker begins to start")
    next(child for child in descendants(command) if "spawn_main" in words_of(child)).kill()
    output, errors = command.communicate()
    assert command.returncode == 0, errors
    assert "1 passed" in output


# --- one run at a time --------------------------------------------------------------------------------------


def test_a_second_run_of_an_assignment_stops_and_another_assignment_goes_on(tmp_path):
    course = Course(tmp_path)
    with grading(course, ["one", "two"]):
        with (
            pytest.raises(CourseError, match=f"two is being graded by process {os.getpid()} on "),
            grading(course, ["two"]),
        ):
            pass
        with grading(course, ["three"]):
            pass
    with grading(course, ["two", "one"]):
        pass


def test_a_killed_run_holds_nothing(tmp_path):
    program = (
        "import time\nfrom pathlib import Path\nfrom autograder.course import Course\n"
        "from autograder.locks import grading\n"
        f"with grading(Course(Path({str(tmp_path)!r})), ['one']):\n    print('held', flush=True)\n    time.sleep(600)"
    )
    holder = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(CourseError, match=f"process {holder.pid} "), grading(Course(tmp_path), ["one"]):
        pass
    holder.kill()
    holder.wait()
    with grading(Course(tmp_path), ["one"]):
        pass
    holder.stdout.close()


# --- limits -------------------------------------------------------------------------------------------------


def configured(tmp_path: Path, lines: str) -> Course:
    (tmp_path / "nbgrader_config.py").write_text(f"c = get_config()\n{lines}\n")
    return Course(tmp_path)


def test_a_courses_configuration_sets_limits(tmp_path):
    course = configured(tmp_path, "c.Limits.submission_seconds = 60\nc.Limits.memory = 2 * 1024**3")
    assert course.limits() == Limits(submission_seconds=60, memory=2 * 1024**3)


def test_without_limits_in_the_configuration_the_defaults_hold(tmp_path):
    assert configured(tmp_path, "").limits() == Limits()


@pytest.mark.parametrize(
    "line", ["c.Limits.minutes = 5", "c.Limits.memory = '4 GiB'", "c.Limits.threads = 0", "c.Limits.memory = 1.5"]
)
def test_a_limit_that_is_none_is_told_in_one_line(tmp_path, line):
    with pytest.raises(CourseError) as error:
        configured(tmp_path, line).limits()
    assert "\n" not in str(error.value)
    assert "nbgrader_config.py" in str(error.value)


def test_what_a_process_has_imported_does_not_change_its_versions():
    program = (
        "from autograder.environment import packages\nbefore = packages()\npackages.cache_clear()\n"
        "import sys, setuptools\nassert any('_vendor' in path for path in sys.path)\nprint(packages() == before)"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert run.stdout == "True\n", run.stderr


@pytest.mark.parametrize("module", ["execute", "workers", "grade"])
def test_what_workers_and_the_command_start_with_brings_no_nbgrader(module: str) -> None:
    """It takes a second to import, which the command does beside its workers' start, and workers never need."""
    program = f"import autograder.{module}, sys; print('nbgrader' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
