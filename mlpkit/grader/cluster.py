"""Grade on the workers of a Dask cluster: each keeps zygotes of its own, and sends back verdicts.

A Dask worker has threads, so it never forks itself: it executes a zygote, as a local run does. What
students' processes can reach is what the sandbox on that machine shows, and no network.
"""

import threading
from collections.abc import Iterator
from typing import Any

from distributed import Client, as_completed

from mlpkit.grader.errors import EnvironmentProblem
from mlpkit.grader.plan import Plan
from mlpkit.grader.run import Options, Worker, best_worker, grade_on

_lock = threading.Lock()
_idle: dict[tuple[str, Options], list[Worker]] = {}


def probe(plan: Plan, options: Options) -> str:
    """Start a zygote on this machine and say in which sandbox it runs."""
    worker = _take(plan, options)
    _put_back(worker)
    return worker.tier


def grade_here(plan: Plan, options: Options, text: str) -> dict[str, Any]:
    """Examine one submission on this machine."""
    worker = _take(plan, options)
    try:
        return grade_on(worker, text)
    finally:
        _put_back(worker)


def end_here() -> None:
    """End the zygotes of this machine that have nothing to do."""
    with _lock:
        workers = [worker for idle in _idle.values() for worker in idle]
        _idle.clear()
    for worker in workers:
        worker.close()


def _take(plan: Plan, options: Options) -> Worker:
    with _lock:
        if idle := _idle.get((plan.key, options)):
            return idle.pop()
    return best_worker(plan, options)


def _put_back(worker: Worker) -> None:
    with _lock:
        _idle.setdefault((worker.plan.key, worker.options), []).append(worker)


class ClusterPool:
    """The workers of a Dask scheduler."""

    def __init__(self, plan: Plan, options: Options, scheduler: str):
        self.plan, self.options = plan, options
        try:
            self.client = Client(scheduler, timeout=10)
        except (OSError, TimeoutError) as error:
            raise EnvironmentProblem(f"no Dask scheduler at {scheduler}: {error}") from None
        try:
            self.tier = self._submit(probe).result()
        except BaseException:
            self.close()
            raise

    def _submit(self, function: Any, *more: Any) -> Any:
        return self.client.submit(function, self.plan, self.options, *more, pure=False, retries=3)

    def grade_all(self, texts: dict[str, str]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Examine texts by key on the cluster; those that may end better alone come last."""
        waiting = {self._submit(grade_here, text): key for key, text in texts.items()}
        again = []
        for done in as_completed(list(waiting)):
            key, graded = waiting.pop(done), done.result()
            if graded.get("again"):
                again.append(key)
            else:
                yield key, graded
        for key in again:
            yield key, self._submit(grade_here, texts[key]).result()

    def close(self) -> None:
        """End the zygotes and leave the cluster."""
        try:
            self.client.run(end_here)
        finally:
            self.client.close()
