"""The watch over a student's process while somebody waits for it.

CPU time, wall time, memory and number of the student's processes are looked at while nothing
moves on the wire; whoever goes over a limit has failed.
"""

import time

from mlpgrader.inside.checker.usage import usage_of
from mlpgrader.inside.messages import Limits, Status

SLICE = 0.05  # seconds of a wait before the first look
LONGEST_PAUSE = 5 * SLICE  # between two looks
MOST_PROCESSES = 320


class CallFailedError(BaseException):  # so that a test's `except Exception` does not swallow it
    """A student's process failed whoever waited for it.

    Attributes:
        status: how it failed.
        retry_alone: whether it might do better when nothing else runs on the machine.
    """

    def __init__(self, status: Status, text: str, *, retry_alone: bool = False):
        super().__init__(text)
        self.status = status
        self.retry_alone = retry_alone


class Watch:
    """Called while a wait lasts; raises `CallFailedError` when a limit is passed.

    Args:
        pid: the student's first process.
        limits: what it may use.
        budget_end: when the submission's time is used up.
        scale: how many times as long as usual this wait may be.
    """

    def __init__(self, pid: int, limits: Limits, budget_end: float, scale: float = 1.0):
        self.pid = pid
        self.limits = limits
        self.budget_end = budget_end
        self.scale = scale
        self.started = time.monotonic()
        self.first_cpu: float | None = None  # what had been used at the first look
        self.next_look = self.started + SLICE

    def __call__(self) -> None:
        """Look at the processes if it is time for it.

        Raises:
            CallFailedError: if they went over a limit.
        """
        if time.monotonic() < self.next_look:
            return
        usage = usage_of(self.pid, MOST_PROCESSES + 1)
        if self.first_cpu is None:
            self.first_cpu = usage.cpu_seconds
        cpu = usage.cpu_seconds - self.first_cpu
        until_limit = self.limits.timeout * self.scale - cpu  # at the soonest
        self.next_look = time.monotonic() + min(LONGEST_PAUSE, max(SLICE, until_limit))
        self._refuse_time(cpu, time.monotonic() - self.started)
        if usage.memory > self.limits.memory_mb << 20 or usage.processes > MOST_PROCESSES:
            raise CallFailedError("limit", "it used more memory or processes than allowed")

    def _refuse_time(self, cpu: float, wall: float) -> None:
        timeout = self.limits.timeout
        if cpu > timeout * self.scale:
            raise CallFailedError("timeout", f"it took more than {timeout:g} s")
        if wall > self.limits.patience * self.scale:
            text = f"it did not end within {self.limits.patience:g} s"
            machine_was_busy = cpu < timeout / 10
            raise CallFailedError("timeout", text, retry_alone=machine_was_busy)
        refuse_late(self.budget_end)


def refuse_late(budget_end: float) -> None:
    """Raise `CallFailedError` if the time for a whole submission is used up."""
    if time.monotonic() > budget_end:
        raise CallFailedError("timeout", "the time for the whole submission was used up")
