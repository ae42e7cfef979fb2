"""The watch over a student's process: what it reads, and when it ends a wait."""

import os
import platform
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mlpgrader.inside.checker import usage, watch
from mlpgrader.inside.checker.usage import SOCKET_BYTES, Times, Usage, usage_of
from mlpgrader.inside.messages import Limits
from tests.support.waiting import until

TICKS = os.sysconf("SC_CLK_TCK")
LIMITS = Limits(timeout=2.0, patience=6.0, memory_mb=100, budget=60.0)


def used(cpu, memory, processes):
    """What one process uses that has used so many CPU seconds, with others that used none."""
    return Usage({(1, 0): Times(round(cpu * TICKS), 0)}, memory, processes)


@pytest.fixture
def look(monkeypatch):
    """Look once, after so many seconds, at processes that use so much more than at first."""

    def look(cpu=0.0, memory=0, processes=1, *, wall=0.0, scale=1.0, budget=60.0):
        started = time.monotonic()
        observer = watch.Watch(1, LIMITS, started + budget, scale)
        monkeypatch.setattr(watch, "usage_of", lambda pid, most: used(5.0, 0, 1))
        observer.next_look = 0.0
        observer()
        monkeypatch.setattr(watch, "usage_of", lambda pid, most: used(5 + cpu, memory, processes))
        observer.next_look = 0.0
        observer.started = started - wall
        observer()
        return observer

    return look


def status_of(call, *arguments, **options):
    with pytest.raises(watch.CallFailedError) as failure:
        call(*arguments, **options)
    return failure.value.status, failure.value.retry_alone


def test_what_stays_within_its_limits_goes_on(look):
    look(cpu=1.9, memory=100 << 20, processes=watch.MOST_PROCESSES, wall=5.9)


def test_what_goes_over_a_limit_is_ended(look):
    assert status_of(look, cpu=2.1) == ("timeout", False)
    assert status_of(look, memory=(100 << 20) + 1) == ("limit", False)
    assert status_of(look, processes=watch.MOST_PROCESSES + 1) == ("limit", False)


def test_who_is_late_by_the_clock_alone_is_tried_again(look):
    assert status_of(look, cpu=0.1, wall=6.1) == ("timeout", True)
    assert status_of(look, cpu=1.9, wall=6.1) == ("timeout", True)
    assert status_of(look, budget=-1.0) == ("timeout", True)
    assert not watch.may_have_waited(31.0, LIMITS) and watch.may_have_waited(29.0, LIMITS)


def test_a_second_run_of_a_cell_has_more_time(look):
    look(cpu=3.9, wall=11.9, scale=2.0)
    assert status_of(look, cpu=4.1, scale=2.0) == ("timeout", False)


def test_it_looks_again_when_the_limit_may_be_reached(look):
    for cpu, pause in ((0.0, watch.LONGEST_PAUSE), (1.9, 0.1), (1.99, watch.SLICE)):
        before = time.monotonic()
        looked = look(cpu=cpu).next_look - pause
        assert before - 1e-6 <= looked <= time.monotonic() + 1e-6


def test_it_does_not_look_before_its_time(monkeypatch):
    monkeypatch.setattr(watch, "usage_of", None)
    observer = watch.Watch(1, LIMITS, 0.0)
    observer.next_look = time.monotonic() + 60
    observer()


def test_usage_is_of_a_process_and_its_children():
    work = "import sys; held = bytes(range(256)) * 100_000; print(flush=True); sys.stdin.read()"
    before = usage_of(os.getpid(), 100)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", work], **pipes) as child:
        child.stdout.readline()
        now, own = usage_of(os.getpid(), 100), usage_of(child.pid, 100)
        child.stdin.close()
    assert own.processes == 1 and own.memory > 25_000_000
    assert now.processes == before.processes + 1 and now.memory > own.memory
    assert now.times.keys() == before.times.keys() | own.times.keys()


LEADERLESS = """
import ctypes, sys, threading
def go_on():
    held = bytes(range(256)) * 100_000
    {more}
    print(flush=True)
    sys.stdin.read()
threading.Thread(target=go_on).start()
ctypes.CDLL(None).syscall({exit}, 0)  # of this thread alone
"""


@pytest.mark.parametrize("more", ["", "ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)"])
def test_memory_counts_of_a_process_whose_first_thread_has_ended(more):
    work = LEADERLESS.format(more=more, exit=60 if platform.machine() == "x86_64" else 93)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", work], **pipes) as child:
        child.stdout.readline()
        stat = Path(f"/proc/{child.pid}/stat")
        until(lambda: stat.read_text().rpartition(")")[2].split()[0] == "Z")
        assert usage_of(child.pid, 100).memory > 25_000_000
        child.stdin.close()


def test_what_is_gone_uses_nothing():
    with subprocess.Popen(["true"]) as child:
        child.wait()
    assert usage_of(child.pid, 100)[:2] == ({}, 0)


HIDES = """
import os, signal, sys, time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel forgets what children have used
for _ in range(3):
    if os.fork() == 0:
        while time.process_time() < 0.3:
            pass
        os._exit(0)
    time.sleep(0.01)
sys.stdin.read()
"""


def test_cpu_time_counts_of_children_that_nobody_waits_for():
    with subprocess.Popen([sys.executable, "-c", HIDES], stdin=subprocess.PIPE) as child:
        last, cpu = usage_of(child.pid, 100), 0.0
        until(lambda: usage_of(child.pid, 100).processes == 4)
        while True:
            now = usage_of(child.pid, 100)
            cpu += now.cpu_since(last)
            last = now
            if now.processes == 1:
                break
            time.sleep(0.05)
        child.stdin.close()
    assert 0.5 < cpu < 1.5


def test_cpu_time_of_ended_children_counts_once():
    before = Usage({(1, 0): Times(10, 5), (2, 0): Times(30, 0)}, 0, 2)
    now = Usage({(1, 0): Times(10, 45)}, 0, 1)  # 30 of these 40 were seen
    assert now.cpu_since(before) * TICKS == pytest.approx(10)
    forgotten = Usage({(1, 0): Times(12, 5), (2, 7): Times(4, 0)}, 0, 2)  # another of its number
    assert forgotten.cpu_since(before) * TICKS == pytest.approx(6)


def test_what_sockets_may_hold_is_memory(monkeypatch):
    networks = {str(os.getpid()): "net:[1]", "self": "net:[2]"}
    without = usage_of(os.getpid(), 1).memory
    monkeypatch.setattr(usage, "_network", networks.get)
    assert usage_of(os.getpid(), 1).memory - without > 2 * SOCKET_BYTES  # this machine's have some
