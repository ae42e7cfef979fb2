"""The watch over a student's process: what it reads, and when it ends a wait."""

import os
import subprocess
import sys
import time

import pytest

from mlpgrader.inside.checker import watch
from mlpgrader.inside.checker.usage import Usage, usage_of
from mlpgrader.inside.messages import Limits

LIMITS = Limits(timeout=2.0, patience=6.0, memory_mb=100, budget=60.0)


@pytest.fixture
def look(monkeypatch):
    """Look once, after so many seconds, at processes that use so much more than at first."""

    def look(cpu=0.0, memory=0, processes=1, *, wall=0.0, scale=1.0, budget=60.0):
        started = time.monotonic()
        observer = watch.Watch(1, LIMITS, started + budget, scale)
        monkeypatch.setattr(watch, "usage_of", lambda pid, most: Usage(5.0, 0, 1))
        observer.next_look = 0.0
        observer()
        monkeypatch.setattr(watch, "usage_of", lambda pid, most: Usage(5 + cpu, memory, processes))
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
    assert status_of(look, cpu=1.0, wall=6.1) == ("timeout", False)
    assert status_of(look, budget=-1.0) == ("timeout", False)
    assert status_of(look, memory=(100 << 20) + 1) == ("limit", False)
    assert status_of(look, processes=watch.MOST_PROCESSES + 1) == ("limit", False)


def test_who_hardly_got_to_run_is_tried_again(look):
    assert status_of(look, cpu=0.1, wall=6.1) == ("timeout", True)


def test_a_second_run_of_a_cell_has_more_time(look):
    look(cpu=3.9, wall=11.9, scale=2.0)
    assert status_of(look, cpu=4.1, scale=2.0) == ("timeout", False)


def test_it_looks_again_when_the_limit_may_be_reached(look):
    for cpu, pause in ((0.0, watch.LONGEST_PAUSE), (1.9, 0.1), (1.99, watch.SLICE)):
        observer = look(cpu=cpu)
        assert 0 < observer.next_look - time.monotonic() <= pause + 1e-6


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
    assert now.cpu_seconds >= own.cpu_seconds


def test_what_is_gone_uses_nothing():
    with subprocess.Popen(["true"]) as child:
        child.wait()
    assert usage_of(child.pid, 100)[:2] == (0.0, 0)
