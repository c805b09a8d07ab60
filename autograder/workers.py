"""Workers: jobs graded side by side by ``dask.distributed``, on this machine or on any cluster.

A worker gets plain data (``Job``) and gives plain data (``Graded``). It needs this package in the same versions,
bubblewrap, and nothing else: no shared file system, no secret, no gradebook. Few jobs are under way at a time, so
that this process's memory does not grow with the class.

What goes wrong on our side (a worker lost, a full disk, a fault of the examiner's) is told apart from what a student
handed in: such a job is tried again, ``TRIES`` times in all, and then comes back as ungraded with the reason. When a
worker dies, every job that it held is suspected, though at most one of them is to blame: a job's last try is
therefore made alone, after all others, so that nobody is ungraded through another's job.
"""

import atexit
import contextlib
import dataclasses
import functools
import logging
import multiprocessing
import os
import pickle
import platform
import queue
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
from threadpoolctl import threadpool_limits

from autograder import clock, execute
from autograder.course import CourseError
from autograder.environment import code_digest
from autograder.execute import Graded, Job
from autograder.interrupts import block_interrupts, stop_if_asked, undisturbed
from autograder.notebooks import exercises, read_notebook
from autograder.nursery import ROOM_PREFIX, NurseryProcess, imports
from autograder.records import UNGRADED, ExerciseVerdict, SubmissionVerdict
from autograder.sandbox import PACKAGE_ROOT, SandboxError, require_bubblewrap
from helpers.data import DATASETS

if TYPE_CHECKING:
    from distributed import Client, Future, LocalCluster

TRIES = 3
"""How often a job is begun before a failure of ours is reported. (A scheduler that is not ours may itself give a job
whose worker died to another one, by default three times, before that counts as one try here.)"""
WAITING_PER_THREAD = 2
"""Jobs under way for each thread of the workers: one that runs, and one that waits so that the thread need not."""
MAX_WAITING_BYTES = 256 * 2**20
"""Bytes of jobs under way; the next one then waits, however few they are."""
CONNECT_SECONDS = 10.0
CLOSE_SECONDS = 3.0
"""What idle workers get to end by themselves."""
WORKERS_SECONDS = 10.0
"""How long a scheduler may be without workers before a run begins."""
PATIENCE = 300.0
"""Seconds without any worker after which a run gives up."""
STALL = 300.0
"""Seconds beyond twice a submission's limit in which nothing at all was finished: then what runs is hung."""
LOST_SECONDS = 120.0
"""What a local worker's process gets to come back after it has ended; then another takes its place."""
LOOK_AROUND = 5.0
"""Seconds between two looks at the workers."""
WORKER_NAME = "Dask Worker process (from Nanny)"
"""What ``distributed`` calls the processes of a local cluster."""
_PREPARE = """import gc, sys
gc.disable()  # imports are most of the work, and take a third longer with it
from helpers.data import DATASETS
for name in sys.argv[1:]:
    DATASETS[name].prepare_sample()
"""
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")

Grade = Callable[[Job], Graded]
Key = tuple[str, str]
"""Student and assignment."""


class WrongWorker(Exception):
    """A worker cannot grade for this machine; the message says which and why."""


# --- in the worker ----------------------------------------------------------------------------------------


def work(payload: bytes, grade: Grade) -> Graded:
    """What a worker does: one pickled job. WrongWorker when it is not fit to."""
    job: Job = pickle.loads(payload)
    problem = unfit(job.environment, job.sandboxed)
    if problem:
        raise WrongWorker(f"worker {_own_address()} {problem}")
    _settle()
    threadpool_limits(job.limits.threads)
    return grade(dataclasses.replace(job, cache=_features(job)))


@functools.cache
def unfit(environment: str, sandboxed: bool) -> str:
    """Why this process cannot grade such jobs; empty when it can."""
    if environment and environment != code_digest().hex():
        return "has other versions than this machine: install the same code and packages there"
    if sandboxed:
        try:
            require_bubblewrap()
        except SandboxError as error:
            return f"has no sandbox: {error}"
    return ""


@functools.cache
def _settle() -> None:
    """Once in each worker's process: what killed processes left on this machine is removed."""
    remove_stale_rooms()


def _features(job: Job) -> Path | None:
    """The folder with the samples' features for candidates and examiner; None when the job needs none."""
    names = datasets(job.masters.values())
    if not names:
        return None
    folder = job.cache if job.cache is not None and job.cache.is_dir() else _own_features(names)
    # The examiner, who is this process, takes them from where the candidates do.
    os.environ["COURSEWORK_CACHE"] = str(folder)
    return folder


@functools.cache
def _own_features(names: tuple[str, ...]) -> Path:
    """Features computed by this process for itself, where the course's folder cannot be reached."""
    folder = Path(tempfile.mkdtemp(prefix=f"{ROOM_PREFIX}{os.getpid()}-features-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    prepare_features(folder, names)
    return folder


def _own_address() -> str:
    from distributed import get_worker

    return str(get_worker().address)


def dask_setup(worker: Any) -> None:
    """Called by dask as a worker of ours starts: Ctrl-C in the terminal is for the command alone.

    The signal came blocked from the parent (``block_interrupts``), so that it cannot hit before this; candidates must
    be able to receive it.
    """
    os.setpgid(0, 0)
    while signal.sigtimedwait({signal.SIGINT}, 0) is not None:
        pass  # one that came before is not for this process either
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


# --- features and rooms -------------------------------------------------------------------------------------


def datasets(masters: Iterable[bytes]) -> tuple[str, ...]:
    """The data sets that these notebooks import, in the order of ``helpers.data``."""
    imported = imports(tuple(masters))
    return tuple(name for name in DATASETS if f"helpers.data.{name}" in imported)


def prepare_features(folder: Path, names: Iterable[str]) -> None:
    """Compute the features of these samples into a folder, unless they are there. CourseError when that fails.

    In a process of its own: what they are computed with (librosa) takes seconds to import, and hundreds of megabytes,
    and this process is starting workers meanwhile.
    """
    program = [sys.executable, "-P", "-c", _PREPARE, *names]
    environment = os.environ | {"COURSEWORK_CACHE": str(folder), "PYTHONPATH": str(PACKAGE_ROOT)}
    # Ctrl-C is for the command alone: what it has begun here ends by itself.
    done = subprocess.run(program, env=environment, capture_output=True, text=True, process_group=0)
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"])[-1]
        raise CourseError(f"the features of the embedded samples cannot be computed: {reason}")


def remove_stale_rooms() -> list[Path]:
    """Remove the temporary folders of our processes that have ended without doing so; returns them."""
    removed = []
    for path in Path(tempfile.gettempdir()).glob(f"{ROOM_PREFIX}*"):
        owner = re.match(rf"{ROOM_PREFIX}(\d+)-", path.name)
        if owner is None or psutil.pid_exists(int(owner[1])):
            continue
        try:
            ours = path.lstat().st_uid == os.geteuid()
        except FileNotFoundError:
            continue  # another process was faster
        if ours and path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
            removed.append(path)
    return removed


# --- addresses ----------------------------------------------------------------------------------------------


def is_private(address: str) -> bool:
    """Whether nobody else can read or write what goes to an address: TLS, or it does not leave the machine."""
    from distributed.comm.addressing import get_address_host, parse_address

    scheme, _ = parse_address(address)
    return scheme in ("tls", "wss", "inproc") or _is_loopback(get_address_host(address))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        pass
    try:
        found = {info[4][0] for info in socket.getaddrinfo(host, None)} if host else set()
    except OSError as error:
        raise CourseError(f"the scheduler's host {host!r} is not known here ({error.strerror})", 2) from None
    return bool(found) and all(ip_address(address).is_loopback for address in found)


def _refuse_public(what: str, addresses: Iterable[str], advice: str) -> None:
    for address in addresses:
        if not is_private(address):
            raise CourseError(
                f"{what} {address} can be reached from other machines without TLS, and who reaches it can run code "
                f"and change marks: {advice}",
                2,
            )


# --- in the parent ------------------------------------------------------------------------------------------


@dataclass
class Waiting:
    """A job that is under way, with how often it was begun."""

    job: Job
    size: int
    attempt: int = 1


@dataclass
class Retry:
    """A job that is to be begun again; its data are read anew, so that many of these need little memory."""

    key: Key
    attempt: int


@dataclass
class Workers:
    """Worker processes of this machine (``count`` of them, 0: one for each share of the cores), or those of the
    scheduler at an address. A context manager: at its end nothing of it runs any more.

    ``threads``: what numerical libraries may use in each process. ``grade`` is what a worker does with a job.
    ``share_nurseries``: begin nurseries here, early, for all workers of this machine. ``problems``: workers that are
    not used, and why.
    """

    count: int = 0
    scheduler: str = ""
    threads: int = 1
    sandboxed: bool = True
    share_nurseries: bool = False
    grade: Grade = execute.grade
    problems: list[str] = field(default_factory=list)
    most_waiting: int = 0
    """The largest number of jobs that were under way at once."""

    def __post_init__(self) -> None:
        self._starter = ThreadPoolExecutor(1, "coursework-workers", initializer=block_interrupts)
        self._started: Any = None
        self._ending = False
        self._client: Client | None = None
        self._cluster: LocalCluster | None = None
        self._folder = ""
        self._nurseries: list[NurseryProcess] = []
        self._unfit: set[str] = set()
        self._waiting: dict[Future, Waiting] = {}
        self._finished: queue.SimpleQueue[Future] = queue.SimpleQueue()
        self._threads_seen, self._looked = 0, 0.0
        self._last_progress = self._last_worker = time.monotonic()

    def __enter__(self) -> "Workers":
        if self.scheduler:
            self._client = _connect(self.scheduler)
            try:
                self._look_at_cluster(self._client)
            except BaseException:
                self._close()
                raise
        return self

    def __exit__(self, *exc: object) -> None:
        # A second Ctrl-C must not leave anything behind.
        with undisturbed():
            self._ending = True
            ending = self._starter.submit(self._close)
            # Workers that are at work are not waited for, nor such as are just being restarted.
            patience = 0.0 if exc[0] is not None else CLOSE_SECONDS
            began = time.monotonic()
            while not ending.done():
                if time.monotonic() - began > patience:
                    self._kill_local()
                time.sleep(0.02)
            self._starter.shutdown()
            remove_stale_rooms()
            ending.result()

    def start(self, job: Job | None = None) -> None:
        """Begin to start local workers, if that has not begun, and the nursery that this job needs; returns at once."""
        if job is not None:
            self._door(job)
        if self._started is None and not self.scheduler:
            self._started = self._starter.submit(self._open_local)

    def _door(self, job: Job) -> Path | None:
        """The door of the nursery that our workers share for such jobs; None where each has its own."""
        features_missing = job.cache is not None and not job.cache.is_dir()  # then workers take their own
        if self.scheduler or not self.share_nurseries or features_missing:
            return None
        kind = imports(tuple(job.masters.values())), job.sandboxed, job.cache
        found = next((n for n in self._nurseries if n.kind == kind and n.alive()), None)
        if found is None:
            # Each holds some hundred megabytes: those that no job needs that is under way go first.
            needed = {waiting.job.door for waiting in self._waiting.values()}
            for nursery in [n for n in self._nurseries if n.door not in needed or not n.alive()]:
                self._nurseries.remove(nursery)
                nursery.close()
            modules, sandboxed, cache = kind
            found = NurseryProcess(modules, job.limits, sandboxed=sandboxed, cache=cache)
            self._nurseries.append(found)
        return found.door

    # --- starting and ending --------------------------------------------------------------------------------

    def _open_local(self) -> None:
        """A cluster of processes that only this process can talk to."""
        import dask
        from dask.system import CPU_COUNT
        from distributed import Client, LocalCluster
        from distributed.security import Security

        self.count = self.count or max(1, CPU_COUNT // self.threads)
        self._folder = tempfile.mkdtemp(prefix=f"{ROOM_PREFIX}{os.getpid()}-workers-")
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        settings = {
            "distributed.scheduler.allowed-failures": 0,  # tries are counted here
            "distributed.worker.multiprocessing-method": "spawn",
            "distributed.worker.profile.enabled": False,
            "distributed.admin.large-graph-warning-threshold": "1TB",
            "distributed.scheduler.http.routes": [],
            "distributed.worker.http.routes": [],
            "temporary-directory": self._folder,
        }
        # Looked up when a worker is lost, so in place for as long as this process lives: with dask's 15 s a worker that
        # is slow to come back, on a busy machine, would be given up.
        dask.config.set({"distributed.deploy.lost-worker-timeout": f"{LOST_SECONDS}s"})
        with dask.config.set(settings):
            security = Security.temporary()  # other users of this machine reach 127.0.0.1 too
            self._cluster = self._begun(
                lambda: LocalCluster(
                    n_workers=self.count,
                    threads_per_worker=1,
                    host="127.0.0.1",
                    protocol="tls",
                    security=security,
                    dashboard_address="127.0.0.1:0",  # of what cannot be switched off at all
                    scheduler_kwargs={"dashboard": False},
                    memory_limit=0,  # candidates are watched by the sandbox; the examiner needs little
                    silence_logs=logging.CRITICAL,
                    local_directory=self._folder,
                    env=dict.fromkeys(THREAD_VARIABLES, str(self.threads)),
                    preload=[__name__],
                )
            )
            self._client = Client(self._cluster, set_as_default=False)

    def _begun(self, begin: "Callable[[], LocalCluster]") -> "LocalCluster":
        """A cluster; if one of its processes ends while it starts it is begun anew. CourseError if that is no help."""
        attempt = 1
        while True:
            try:
                return begin()
            except RuntimeError as error:
                if attempt == TRIES or self._ending:
                    raise CourseError(f"worker processes cannot be started: {error.__cause__ or error}") from None
            attempt += 1

    def _kill_local(self) -> None:
        """End our workers, at work or still starting. Their candidates die with them."""
        for nanny in self._cluster.workers.values() if self._cluster is not None else ():
            nanny.auto_restart = False
        for process in multiprocessing.active_children():
            if process.name == WORKER_NAME:
                process.kill()

    def _close(self) -> None:
        for future in list(self._waiting):
            future.cancel()
        if self._client is not None:
            self._client.close(timeout=CONNECT_SECONDS)
        if self._cluster is not None:
            with contextlib.suppress(TimeoutError):  # all that matters has ended by then: it was killed
                self._cluster.close(timeout=CONNECT_SECONDS)
            self._cluster = None
        for nursery in self._nurseries:
            nursery.close()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._client = None

    def _look_at_cluster(self, client: "Client") -> None:
        """Refuse a cluster that others can reach; leave out workers that are not fit.

        Raises CourseError when none is left.
        """
        where = self.scheduler
        _same_python(client, where)
        advice = f"start it with 'dask scheduler --host 127.0.0.1', or with TLS, and {_TLS}"
        addresses = client.scheduler_info(n_workers=0)["address"], *client.run_on_scheduler(_listening)
        _refuse_public("the scheduler at", addresses, advice)
        try:
            client.wait_for_workers(1, timeout=WORKERS_SECONDS)
        except TimeoutError:
            raise CourseError(
                f"the scheduler at {where} has no workers: start some with 'dask worker {where}'"
            ) from None
        listening = client.run(_listening)
        advice = "start it with 'dask worker --host 127.0.0.1', or with TLS"
        _refuse_public("the worker at", [a for found in listening.values() for a in found], advice)
        needs = code_digest().hex(), self.sandboxed
        for address, problem in client.run(unfit, *needs, on_error="return").items():
            if problem:
                self._leave_out(address, problem if isinstance(problem, str) else f"cannot grade: {problem!r}")
        if self._unfit.issuperset(listening):
            raise CourseError(f"no worker of {where} can grade: {self.problems[0]}")

    def _leave_out(self, address: str, problem: str) -> None:
        self._unfit.add(address)
        self.problems.append(f"worker {address} {problem}")

    # --- the run --------------------------------------------------------------------------------------------

    def run(self, jobs: Iterable[Job], renew: Callable[[Key], Job | None]) -> Iterator[tuple[Job, Graded]]:
        """Grade jobs, each as it is needed, and give each with its result as it is finished.

        ``renew`` makes a job again that has to be tried again; None drops it. Raises CourseError when there are no
        workers any more.
        """
        fresh, again = iter(jobs), deque[Retry]()
        self._last_progress = self._last_worker = time.monotonic()
        while True:
            for waiting in self._next(fresh, again, renew):
                self._submit(waiting)
            if not self._waiting:
                return
            for future, problem in self._ended():
                waiting = self._waiting.pop(future)
                outcome = problem or self._outcome(future)
                future.release()
                result = self._settled(waiting, outcome, again)
                if result is not None:
                    # The workers must not wait for what is done with this result.
                    for following in self._next(fresh, again, renew):
                        self._submit(following)
                    yield waiting.job, result

    def _next(self, fresh: Iterator[Job], again: deque[Retry], renew: Callable[[Key], Job | None]) -> Iterator[Waiting]:
        """Jobs to be submitted now: as many as there is room for, those that failed after all others."""
        while self._room():
            job = next(fresh, None)
            if job is not None:
                yield Waiting(job, 0)
                continue
            ready = next((retry for retry in again if retry.attempt < TRIES), None)
            if ready is None and again and not self._waiting:
                ready = again[0]  # a last try, alone: what then happens to the worker is this job's doing
            if ready is None:
                return
            again.remove(ready)
            job = renew(ready.key)
            if job is not None:
                yield Waiting(job, 0, ready.attempt)

    def _room(self) -> bool:
        if any(waiting.attempt == TRIES for waiting in self._waiting.values()):
            return False
        if not self._waiting:
            return True
        few = len(self._waiting) < WAITING_PER_THREAD * self._thread_count()
        return few and sum(waiting.size for waiting in self._waiting.values()) < MAX_WAITING_BYTES

    def _thread_count(self) -> int:
        """Threads of the workers that are fit; at least 1."""
        if not self.scheduler:
            return max(1, self.count)
        now = time.monotonic()
        if now - self._looked > LOOK_AROUND:
            threads = self._started_client().nthreads()
            self._threads_seen = sum(n for address, n in threads.items() if address not in self._unfit)
            self._looked = now
        return max(1, self._threads_seen)

    def _started_client(self) -> "Client":
        self.start()
        if self._started is not None:
            self._started.result()
        assert self._client is not None
        return self._client

    def _submit(self, waiting: Waiting) -> None:
        client = self._started_client()
        # Workers of our own run this very code.
        environment = waiting.job.environment if self.scheduler else ""
        waiting.job = dataclasses.replace(waiting.job, environment=environment, door=self._door(waiting.job))
        payload = pickle.dumps(waiting.job)
        waiting.size = len(payload)
        place: dict[str, Any] = {}
        if self._unfit:
            fit = [address for address in client.nthreads() if address not in self._unfit]
            # Not bound to them: they may be replaced by others under new addresses.
            place = {"workers": fit, "allow_other_workers": True} if fit else {}
        # The key is seen by everybody who looks at the cluster: it names no student.
        key = f"grade-{os.urandom(16).hex()}"
        future = client.submit(work, payload, self.grade, key=key, pure=False, **place)
        self._waiting[future] = waiting
        self.most_waiting = max(self.most_waiting, len(self._waiting))
        future.add_done_callback(self._finished.put)

    def _ended(self) -> Iterator[tuple["Future", str]]:
        """Wait until something has ended; gives what did, with a reason if it did not end by itself."""
        while True:
            stop_if_asked()
            try:
                future = self._finished.get(timeout=LOOK_AROUND)
            except queue.Empty:
                hung = self._look_around()
                if hung:
                    yield from hung
                    return
                continue
            if future in self._waiting:
                self._last_progress = time.monotonic()
                yield future, ""
                return

    def _look_around(self) -> list[tuple["Future", str]]:
        """Is there still a worker, and does anything move? Gives the jobs that are hung, their workers restarted."""
        client, now = self._started_client(), time.monotonic()
        if client.status != "running":
            raise CourseError(f"the connection to the scheduler at {self.scheduler} was lost: run it again to go on")
        if self._cluster is not None and len(self._cluster.workers) < self.count:
            self._cluster.scale(self.count)
        if client.nthreads():
            self._last_worker = now
        elif now - self._last_worker > PATIENCE:
            raise CourseError(f"there has been no worker for {PATIENCE:.0f} s: run it again to go on when there is one")
        longest = max(waiting.job.limits.submission_seconds for waiting in self._waiting.values())
        limit = 2 * (1 + clock.PATIENCE) * longest + STALL
        if now - self._last_progress < limit:
            return []
        self._last_progress = now
        by_key = {future.key: future for future in self._waiting}
        held = {
            address: [by_key[key] for key in keys if key in by_key] for address, keys in client.processing().items()
        }
        hung = [future for futures in held.values() for future in futures]
        for future in hung:
            future.cancel()
        addresses = [address for address, futures in held.items() if futures]
        try:
            client.restart_workers(addresses, raise_for_error=False)
        except ValueError:  # a worker that was started without a nanny
            for address in addresses:
                self._leave_out(address, "hangs and cannot be restarted from here")
        return [(future, f"nothing was finished within {limit:.0f} s") for future in hung]

    def _outcome(self, future: "Future") -> Graded | str:
        """A job's result, or what went wrong on our side."""
        from distributed.scheduler import KilledWorker

        if future.status == "cancelled":
            return "the scheduler dropped the job"
        try:
            result: Graded = future.result(timeout=PATIENCE)
        except KilledWorker:
            return "the worker's process ended"
        except WrongWorker as error:
            address, _, problem = str(error).removeprefix("worker ").partition(" ")
            if address not in self._unfit:
                self._leave_out(address, problem)
            return str(error)
        except TimeoutError:
            return "the worker that had the result is gone"
        except Exception as error:  # of the worker's: nothing that a student hands in lets it raise
            return f"{type(error).__name__}: {error}"
        return result

    def _settled(self, waiting: Waiting, outcome: Graded | str, again: deque[Retry]) -> Graded | None:
        """What comes of a job; None when it is tried again."""
        if isinstance(outcome, Graded) and outcome.verdict.complete:
            return outcome
        if waiting.attempt < TRIES:
            again.append(Retry((waiting.job.student, waiting.job.assignment), waiting.attempt + 1))
            return None
        if isinstance(outcome, Graded):
            return outcome
        return ungraded(waiting.job, f"{outcome} (tried {waiting.attempt} times)")


def ungraded(job: Job, reason: str) -> Graded:
    """Our failure: every exercise stays ungraded, with the reason."""
    message = f"grading failed, which is not the student's fault: {reason}"
    verdict = SubmissionVerdict(job.student, job.assignment, [], digest=job.digest)
    for master in job.masters.values():
        for exercise in exercises(read_notebook(master)):
            if exercise.kind == "code":
                lost = ExerciseVerdict(exercise.id, 0.0, exercise.points, UNGRADED, [message], bonus=exercise.bonus)
                verdict.exercises.append(lost)
    return Graded(verdict)


# --- other people's schedulers ------------------------------------------------------------------------------

_TLS = "name the certificates in dask's configuration (distributed.comm.tls)"

# Sent by value, not by name: a scheduler's machine need not have this package.
_listening: Any = lambda dask_scheduler=None, dask_worker=None: [  # noqa: E731
    listener.listen_address for listener in (dask_scheduler or dask_worker).listeners
]


def _connect(address: str) -> "Client":
    """A client of a running scheduler; CourseError in one line when it must not or cannot be used."""
    import dask
    from distributed import Client
    from distributed.comm.addressing import normalize_address, parse_address
    from distributed.security import Security

    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        whole = normalize_address(address)
        scheme, _ = parse_address(whole)
        _refuse_public("the scheduler at", [whole], f"start it with TLS, and {_TLS}")
    except ValueError:
        raise CourseError(f"{address!r} is no scheduler's address: give one like tls://host:8786", 2) from None
    security: Any = Security()
    if scheme in ("tls", "wss") and not (security.tls_ca_file and security.tls_client_cert):
        raise CourseError(f"{address} needs certificates: {_TLS}, see docs.dask.org on TLS", 2)
    settings = {"distributed.admin.large-graph-warning-threshold": "1TB"}
    dask.config.set(settings)
    try:
        return Client(address, timeout=CONNECT_SECONDS, security=security, set_as_default=False)
    except (OSError, TypeError, ValueError, RuntimeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CourseError(f"there is no scheduler to be reached at {address} ({reason}): is it running?") from None


def _same_python(client: "Client", where: str) -> None:
    found: Any = client.get_versions()
    versions = found["scheduler"]["host"]
    theirs = str(versions["python"]).split(".")[:2]
    if theirs != platform.python_version().split(".")[:2]:
        raise CourseError(
            f"the scheduler at {where} runs Python {'.'.join(theirs)}, this is {platform.python_version()}: "
            "use the same environment for both"
        )
