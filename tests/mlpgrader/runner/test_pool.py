"""Pools: what may end better alone comes last, and what waits when a pool closes never starts."""

import contextlib
import threading
from concurrent.futures import CancelledError, Future

import pytest

from mlpgrader.errors import MachineError
from mlpgrader.inside.messages import Verdict
from mlpgrader.runner import pool as pools
from mlpgrader.runner import worker as workers
from mlpgrader.runner.examined import Examined
from mlpgrader.runner.pool import LocalPool, Pool, notice_of_scheduler
from mlpgrader.runner.worker import WorkerOptions


def verdict(test, status, message="", **more):
    return Verdict(test, f"t{test}", status, None, message, **more)


class FakePool(Pool):
    """Examines at once; the text says how it ends."""

    tier = "unsafe"

    def __init__(self, again="passed"):
        super().__init__(None, WorkerOptions())
        self.submitted = []
        self.again = again

    def submit(self, text, tests=None, *, is_retry=False):
        self.submitted.append((text, tests) if is_retry else text)
        future = Future()
        future.set_result(self.examined(text, is_retry=is_retry))
        return future

    def examined(self, text, *, is_retry):
        if is_retry:
            verdicts = [verdict(0, self.again, "seen in the first try"), verdict(1, "passed")]
            return Examined("graded", "again", verdicts, {"a": [1]})
        shaky = text == "shaky"
        verdicts = [verdict(0, "crashed", "it ended", retry=shaky), verdict(1, "failed")]
        return Examined("graded", text, verdicts, {"a": []})

    def end(self):
        self.submitted.append("end")


def test_what_may_end_better_alone_is_tried_once_more_when_nothing_else_runs():
    pool = FakePool()
    order = [key for key, _ in pool.examine_all({"a": "shaky", "b": "firm", "c": "firm"})]
    assert sorted(order[:2]) == ["b", "c"] and order[2:] == ["a"]
    assert pool.submitted == ["shaky", "firm", "firm", ("shaky", {0})]
    pool.close()
    assert pool.submitted[-1] == "end"


def test_a_second_try_gives_points_for_what_got_no_answer_and_changes_nothing_else():
    [(_, examined)] = FakePool().examine_all({"a": "shaky"})
    assert [verdict.status for verdict in examined.verdicts] == ["passed", "failed"]
    assert (examined.message, examined.outputs) == ("shaky", {"a": []})
    for status in ("failed", "crashed", "timeout", "limit", "error"):
        [(_, examined)] = FakePool(status).examine_all({"a": "shaky"})
        assert [verdict.message for verdict in examined.verdicts] == ["it ended", ""]


def test_second_tries_have_a_share_of_the_time(monkeypatch):
    monkeypatch.setattr(pools, "RETRY_SECONDS", 0)
    monkeypatch.setattr(pools, "RETRY_SHARE", 0)
    pool = FakePool()
    examined = dict(pool.examine_all({"a": "shaky", "b": "shaky"}))
    assert [found.verdicts[0].status for found in examined.values()] == ["crashed", "crashed"]
    assert pool.submitted == ["shaky", "shaky"]


@pytest.mark.parametrize(
    ("scheduler", "is_open"),
    [
        ("tcp://10.0.0.5:8786", True),
        ("grader.example.edu:8786", True),
        ("ws://[2001:db8::1]:8786", True),
        ("tls://10.0.0.5:8786", False),
        ("tcp://127.0.0.1:8786", False),
        ("tcp://[::1]:8786", False),
        ("localhost:8786", False),
    ],
)
def test_a_scheduler_beyond_this_machine_without_tls_is_named(scheduler, is_open):
    assert (scheduler in notice_of_scheduler(scheduler)) == is_open


def test_a_pool_that_closes_starts_nothing_more(monkeypatch):
    started, may_end = threading.Event(), threading.Event()
    texts = []

    def grade_submission(plan, options, tier, text, tests=None, is_retry=False):
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
