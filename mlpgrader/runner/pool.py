"""Where submissions are examined side by side: threads of this process, or a Dask cluster."""

import abc
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from typing import TYPE_CHECKING

from mlpgrader.assignment.plan import Plan
from mlpgrader.errors import MachineError
from mlpgrader.inside.messages import Tier
from mlpgrader.runner import worker
from mlpgrader.runner.examined import Examined
from mlpgrader.runner.worker import WorkerOptions

if TYPE_CHECKING:
    from distributed import Client

CONNECT_SECONDS = 10
RETRIES = 3  # of a submission whose cluster worker was lost


class Pool(abc.ABC):
    """Where submissions are examined, until it is closed.

    Attributes:
        tier: the kind of sandbox in which they are.
    """

    tier: Tier

    def __init__(self, plan: Plan, options: WorkerOptions):
        self.plan = plan
        self.options = options
        self._waiting: dict[Future[Examined], str] = {}

    @abc.abstractmethod
    def submit(self, text: str, tests: frozenset[int] | None = None) -> Future[Examined]:
        """Have the text of a submission examined as soon as there is a place.

        Where tests are named by their numbers, by these alone, up to the first that does not pass.
        """

    @abc.abstractmethod
    def end(self) -> None:
        """End all workers."""

    def examine_all(self, texts: dict[str, str]) -> Iterator[tuple[str, Examined]]:
        """Examine texts by key, side by side; those that may end better alone come last."""
        self._waiting = {self.submit(text): key for key, text in texts.items()}
        retry_alone = []
        for future in as_completed([*self._waiting]):
            key = self._waiting.pop(future)
            examined = future.result()
            if examined.retry_alone:
                retry_alone.append(key)
            else:
                yield key, examined
        for key in retry_alone:
            yield key, self.submit(texts[key]).result()

    def close(self) -> None:
        """Cancel what waits, and end the workers."""
        for future in self._waiting:
            future.cancel()
        self.end()


class LocalPool(Pool):
    """Threads of this process, each with a worker of its own.

    Raises:
        MachineError: if there is no sandbox.
    """

    def __init__(self, plan: Plan, options: WorkerOptions, jobs: int = 1):
        super().__init__(plan, options)
        self._threads = ThreadPoolExecutor(jobs)
        try:
            # each thread starts its zygote now, side by side
            probes = [self._threads.submit(worker.probe, plan, options) for _ in range(jobs)]
            self.tier = probes[0].result()
        except BaseException:
            self.close()
            raise

    def submit(self, text: str, tests: frozenset[int] | None = None) -> Future[Examined]:
        """Have the text of a submission examined as soon as a thread is free."""
        return self._threads.submit(
            worker.grade_submission, self.plan, self.options, self.tier, text, tests
        )

    def end(self) -> None:
        """End all workers."""
        worker.end_workers(self.plan, self.options)
        self._threads.shutdown()
        # what a thread started at the last moment
        worker.end_workers(self.plan, self.options)


class DaskPool(Pool):
    """The workers of a Dask cluster; each machine starts its own zygotes.

    Raises:
        MachineError: if there is no such cluster, or no sandbox on it.
    """

    def __init__(self, plan: Plan, options: WorkerOptions, scheduler: str):
        super().__init__(plan, options)
        self._client = _connect(scheduler)
        self._cluster = self._client.get_executor(pure=False, retries=RETRIES)
        try:
            # once: nobody can say which of the cluster's workers gets it
            self.tier = self._cluster.submit(worker.probe, plan, options).result()
        except BaseException:
            self.close()
            raise

    def submit(self, text: str, tests: frozenset[int] | None = None) -> Future[Examined]:
        """Have the text of a submission examined as soon as a worker is free."""
        future: Future[Examined] = self._cluster.submit(
            worker.grade_submission, self.plan, self.options, self.tier, text, tests
        )
        return future

    def end(self) -> None:
        """End all workers, and leave the cluster."""
        try:
            self._client.run(worker.end_workers, self.plan, self.options)
        finally:
            self._client.close()


def _connect(scheduler: str) -> "Client":
    try:
        from distributed import Client

        return Client(scheduler, timeout=CONNECT_SECONDS)
    except (ImportError, OSError, TimeoutError) as error:
        raise MachineError(f"no Dask scheduler at {scheduler}: {error}") from None


def open_pool(plan: Plan, options: WorkerOptions, jobs: int, scheduler: str | None) -> Pool:
    """A Dask cluster where a scheduler is named, else threads of this process."""
    if scheduler:
        return DaskPool(plan, options, scheduler)
    return LocalPool(plan, options, jobs)
