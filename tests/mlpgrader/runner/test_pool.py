"""Pools: what may end better alone comes last, and what waits when a pool closes never starts."""

import contextlib
import threading
from concurrent.futures import CancelledError, Future

import pytest

from mlpgrader.errors import MachineError
from mlpgrader.runner import worker as workers
from mlpgrader.runner.examined import Examined
from mlpgrader.runner.pool import LocalPool, Pool
from mlpgrader.runner.worker import WorkerOptions


class FakePool(Pool):
    """Examines at once; the text says how it ends."""

    tier = "unsafe"

    def __init__(self):
        super().__init__(None, WorkerOptions())
        self.submitted = []

    def submit(self, text, tests=None):
        self.submitted.append(text)
        future = Future()
        future.set_result(Examined("graded", text, retry_alone=text == "shaky"))
        return future

    def end(self):
        self.submitted.append("end")


def test_what_may_end_better_alone_is_tried_once_more_when_nothing_else_runs():
    pool = FakePool()
    order = [key for key, _ in pool.examine_all({"a": "shaky", "b": "firm", "c": "firm"})]
    assert sorted(order[:2]) == ["b", "c"] and order[2:] == ["a"]
    assert pool.submitted == ["shaky", "firm", "firm", "shaky"]
    pool.close()
    assert pool.submitted[-1] == "end"


def test_a_pool_that_closes_starts_nothing_more(monkeypatch):
    started, may_end = threading.Event(), threading.Event()
    texts = []

    def grade_submission(plan, options, tier, text, tests=None):
        texts.append(text)
        started.set()
        may_end.wait(60)
        return Examined("graded")

    monkeypatch.setattr(workers, "probe", lambda plan, options: "unsafe")
    monkeypatch.setattr(workers, "grade_submission", grade_submission)
    monkeypatch.setattr(workers, "end_workers", lambda plan, options: may_end.set())
    pool = LocalPool(None, WorkerOptions(), jobs=1)

    def consume():
        with contextlib.suppress(CancelledError):
            list(pool.examine_all({str(number): str(number) for number in range(5)}))

    consumer = threading.Thread(target=consume)
    consumer.start()
    assert started.wait(60)
    pool.close()
    consumer.join()
    assert texts == ["0"]


def test_where_there_is_no_sandbox_no_thread_stays(monkeypatch):
    ended = []

    def probe(plan, options):
        raise MachineError("there is no sandbox")

    monkeypatch.setattr(workers, "probe", probe)
    monkeypatch.setattr(workers, "end_workers", lambda plan, options: ended.append(plan))
    before = threading.active_count()
    with pytest.raises(MachineError, match="no sandbox"):
        LocalPool(None, WorkerOptions(), jobs=2)
    assert ended and threading.active_count() == before
