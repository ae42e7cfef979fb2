"""Where submissions are examined side by side: threads of this process, or a Dask cluster."""

import abc
import ipaddress
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, as_completed, wait
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
# for how long submissions are begun a second time: a share of what the first tries took, or this
RETRY_SHARE = 0.25
RETRY_SECONDS = 30


class Pool(abc.ABC):
    """Where submissions are examined, until it is closed.

    Attributes:
        tier: the kind of sandbox in which they are.
        width: how many are examined side by side.
    """

    tier: Tier
    width: int = 1

    def __init__(self, plan: Plan, options: WorkerOptions):
        self.plan = plan
        self.options = options
        self._waiting: dict[Future[Examined], str] = {}

    @abc.abstractmethod
    def submit(
        self, text: str, tests: frozenset[int] | None = None, *, is_retry: bool = False
    ) -> Future[Examined]:
        """Have the text of a submission examined as soon as there is a place.

        Where tests are named by their numbers, by these alone, up to the first that does not pass;
        in a second try all of them.
        """

    @abc.abstractmethod
    def end(self) -> None:
        """End all workers."""

    def examine_all(self, texts: dict[str, str]) -> Iterator[tuple[str, Examined]]:
        """Examine texts by key, side by side; those that may end better alone come last."""
        started = time.monotonic()
        self._waiting = {self.submit(text): key for key, text in texts.items()}
        unanswered = {}
        for future in as_completed([*self._waiting]):
            key = self._waiting.pop(future)
            examined = future.result()
            if examined.retry_alone:
                unanswered[key] = examined
            else:
                yield key, examined
        seconds = max(RETRY_SECONDS, RETRY_SHARE * (time.monotonic() - started))
        yield from self._examine_again(texts, unanswered, seconds)

    def _examine_again(
        self, texts: dict[str, str], unanswered: dict[str, Examined], seconds: float
    ) -> Iterator[tuple[str, Examined]]:
        """Try once more what got no answer, now that no first tries are under way.

        Who needs that costs the class no more than some seconds, and then what has begun: of whom
        is left then, the first try counts.
        """
        end = time.monotonic() + seconds
        # the quick ones first: who sleeps must not take the place of who had to wait
        left = deque(sorted(unanswered, key=lambda key: unanswered[key].seconds))
        while left or self._waiting:
            while left and len(self._waiting) < self.width and time.monotonic() < end:
                key = left.popleft()
                tests = unanswered[key].unanswered
                self._waiting[self.submit(texts[key], tests, is_retry=True)] = key
            if not self._waiting:
                break
            for future in wait(self._waiting, return_when=FIRST_COMPLETED).done:
                key = self._waiting.pop(future)
                yield key, unanswered[key].improved_by(future.result())
        for key in left:
            yield key, unanswered[key]

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
        self.width = jobs
        self._threads = ThreadPoolExecutor(jobs)
        try:
            # each thread starts its zygote now, side by side
            probes = [self._threads.submit(worker.probe, plan, options) for _ in range(jobs)]
            self.tier = probes[0].result()
        except BaseException:
            self.close()
            raise

    def submit(
        self, text: str, tests: frozenset[int] | None = None, *, is_retry: bool = False
    ) -> Future[Examined]:
        """Have the text of a submission examined as soon as a thread is free."""
        return self._threads.submit(
            worker.grade_submission, self.plan, self.options, self.tier, text, tests, is_retry
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
            self.width = sum(self._client.nthreads().values())
        except BaseException:
            self.close()
            raise

    def submit(
        self, text: str, tests: frozenset[int] | None = None, *, is_retry: bool = False
    ) -> Future[Examined]:
        """Have the text of a submission examined as soon as a worker is free."""
        future: Future[Examined] = self._cluster.submit(
            worker.grade_submission, self.plan, self.options, self.tier, text, tests, is_retry
        )
        return future

    def end(self) -> None:
        """End all workers, and leave the cluster."""
        try:
            self._client.run(worker.end_workers, self.plan, self.options)
        finally:
            self._client.close()


def notice_of_scheduler(scheduler: str) -> str:
    """What to know of a scheduler of another machine that is used without TLS; nothing of others.

    A worker of Dask runs what its scheduler sends, whoever that is; and plans, with their hidden
    tests, travel as they are.
    """
    kind, _, place = scheduler.rpartition("://")
    host = place.rpartition(":")[0].strip("[]")
    if kind in ("tls", "wss", "inproc") or is_this_machine(host):
        return ""
    return (
        f"{scheduler} is used without TLS: whoever reaches it can run code on its workers, and "
        "whoever hears it can read hidden tests; the guide for instructors shows how to use TLS"
    )


def is_this_machine(host: str) -> bool:
    """Whether a host is this one, as far as its name says.

    Example:
        >>> is_this_machine("127.0.0.1"), is_this_machine("::1"), is_this_machine("10.0.0.5")
        (True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _connect(scheduler: str) -> "Client":
    try:
        from distributed import Client

        return Client(scheduler, timeout=CONNECT_SECONDS)
    # the last two: an address of an unknown kind, or TLS without a certificate
    except (ImportError, OSError, TimeoutError, ValueError, TypeError) as error:
        raise MachineError(f"no Dask scheduler at {scheduler}: {error}") from None


def open_pool(plan: Plan, options: WorkerOptions, jobs: int, scheduler: str | None) -> Pool:
    """A Dask cluster where a scheduler is named, else threads of this process."""
    if scheduler:
        return DaskPool(plan, options, scheduler)
    return LocalPool(plan, options, jobs)
