"""Limits of time: what the machine does meanwhile is left out, what the candidate does is not."""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.channel import CandidateCutOff
from autograder.clock import Clock, Overloaded, kept_waiting, usage
from autograder.kernel import CUT_OFF, OK, Kernel
from autograder.sandbox import Limits

HOGS = 3
"""Programs at work beside a candidate, on the only processor that it may use: it gets about a quarter."""
PATIENCE = 120.0
MINUTES = 300.0
WORK = "import time; began = time.process_time()\n    while time.process_time() - began < {seconds}: pass"
needs_bubblewrap = pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
needs_schedstat = pytest.mark.skipif(
    not Path("/proc/self/schedstat").exists(), reason="this Linux does not keep the time spent waiting for a processor"
)


@pytest.mark.parametrize(
    ("ran", "waited", "left_out"),
    [
        pytest.param(1.0, 0.0, 0.0, id="it-had-a-processor"),
        pytest.param(0.0, 0.0, 0.0, id="it-slept"),
        pytest.param(0.25, 0.75, 0.75, id="it-had-a-quarter"),
        pytest.param(0.1, 0.2, 0.2, id="it-slept-most-of-the-time"),
        pytest.param(1.0, 7.0, 0.0, id="its-threads-waited-for-each-other"),
        pytest.param(0.5, 3.5, 0.5, id="its-threads-had-half-a-processor"),
        pytest.param(2.0, 1.0, 0.0, id="it-had-two-processors"),
    ],
)
def test_only_time_in_which_less_than_a_processor_was_had_is_left_out(ran: float, waited: float, left_out: float):
    before = {1: (5.0, 2.0), 2: (9.0, 0.0)}
    after = {1: (5.0 + ran / 2, 2.0 + waited / 2), 2: (9.0 + ran / 2, waited / 2)}
    assert kept_waiting(before, after, 1.0) == pytest.approx(left_out)


def test_nothing_is_left_out_while_threads_come_and_go_that_may_have_kept_it_waiting_themselves() -> None:
    waiting = {1: (5.0, 3.0)}
    assert kept_waiting({1: (5.0, 2.0)}, waiting, 1.0) == 1.0
    assert kept_waiting({1: (5.0, 2.0)}, waiting | {2: (0.0, 0.0)}, 1.0) == 0.0
    assert kept_waiting({1: (5.0, 2.0), 2: (0.0, 0.0)}, waiting, 1.0) == 0.0


def test_patience_has_an_end() -> None:
    clock = Clock(patience=10.0)
    clock.leave_out(6.0)
    clock.require_patience()
    assert time.monotonic() - clock.now() == pytest.approx(6.0, abs=0.1)
    clock.leave_out(6.0)
    assert time.monotonic() - clock.now() == pytest.approx(10.0, abs=0.1)
    with pytest.raises(Overloaded, match="more than 10 s"):
        clock.require_patience()


def test_a_clock_without_patience_blames_nobody() -> None:
    clock = Clock()
    clock.leave_out(6.0)
    assert clock.waited == 0.0
    clock.require_patience()


@needs_schedstat
def test_what_a_process_had_is_read_from_the_kernel() -> None:
    began = usage([], [threading.get_native_id()])[os.getpid()]
    began_at = time.thread_time()
    while time.thread_time() - began_at < 0.05:
        pass
    assert usage([os.getpid()])[os.getpid()][0] - began[0] >= 0.04
    assert usage([2**22 + 1]) == {}


@pytest.fixture
def crowded() -> Iterator[None]:
    """This process, and candidates that it starts, on one processor that others use too."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    busy = [sys.executable, "-c", "while True: pass"]
    # In sessions of their own, since Linux shares processors out among sessions first.
    hogs = [subprocess.Popen(busy, start_new_session=True) for _ in range(HOGS)]
    try:
        yield
    finally:
        for hog in hogs:
            hog.kill()
            hog.wait()
        os.sched_setaffinity(0, before)


def candidate(clock: Clock) -> Kernel:
    # Modules that no other test asks for: the nursery, too, is to be on that processor.
    return Kernel({}, Limits(), deadline=clock.now() + MINUTES, clock=clock, modules=("json", "colorsys"))


@needs_bubblewrap
@needs_schedstat
def test_a_candidate_is_not_cut_off_for_what_others_do(crowded: None) -> None:
    clock = Clock(PATIENCE)
    with candidate(clock) as kernel:
        run = kernel.run_cell(f"def work():\n    {WORK.format(seconds=1)}\nwork()", 2.0)
        assert run.status == OK, run.reason
        waited = clock.waited
        assert waited > 0
        with kernel.candidate(2.0) as asked:
            asked.call("work", arrays="numpy")
        assert clock.waited > waited


@needs_bubblewrap
@needs_schedstat
def test_what_never_ends_is_cut_off_on_a_busy_machine_too(crowded: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograder.kernel.INTERRUPT_GRACE", 0.5)
    clock = Clock(PATIENCE)
    with candidate(clock) as kernel:
        assert kernel.run_cell("while True: pass", 0.5).status == CUT_OFF
        kernel.run_cell("def work():\n    while True: pass", 5.0)
        with pytest.raises(CandidateCutOff), kernel.candidate(0.5) as asked:
            asked.call("work", arrays="numpy")
        clock.require_patience()


@needs_bubblewrap
@needs_schedstat
def test_where_patience_is_used_up_nobody_is_cut_off_but_the_machine_blamed(crowded: None) -> None:
    with candidate(Clock(patience=0.1)) as kernel, pytest.raises(Overloaded, match="too busy"):
        kernel.run_cell("while True: pass", 1.0)
