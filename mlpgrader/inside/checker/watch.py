"""The watch over a student's process while somebody waits for it.

CPU time, wall time, memory and number of the student's processes are looked at while nothing
moves on the wire; whoever goes over a limit has failed.
"""

import time

from mlpgrader.inside.checker.usage import Usage, usage_of
from mlpgrader.inside.messages import Limits, Status

SLICE = 0.05  # seconds of a wait before the first look
LONGEST_PAUSE = 5 * SLICE  # between two looks
MOST_PROCESSES = 320
BUSY_SHARE = 0.5  # who used less of the budget as CPU time may have waited for the machine


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

    def again(self) -> "CallFailedError":
        """The same without a traceback, whose frames hold what they held."""
        return CallFailedError(self.status, str(self), retry_alone=self.retry_alone)


class Watch:
    """Called while a wait lasts; raises `CallFailedError` when a limit is passed.

    Args:
        pid: the student's first process.
        limits: what it may use.
        budget_end: when the submission's time is used up.
        scale: how many times as long as usual this wait may be.
        cpu_before: CPU seconds that the submission has used in other waits.

    Attributes:
        cpu: CPU seconds that were used since the first look.
    """

    def __init__(
        self,
        pid: int,
        limits: Limits,
        budget_end: float,
        scale: float = 1.0,
        cpu_before: float = 0.0,
    ):
        self.pid = pid
        self.limits = limits
        self.budget_end = budget_end
        self.scale = scale
        self.cpu_before = cpu_before
        self.cpu = 0.0
        self.started = time.monotonic()
        self.last: Usage | None = None
        self.next_look = self.started + SLICE

    def __call__(self) -> None:
        """Look at the processes if it is time for it.

        Raises:
            CallFailedError: if they went over a limit.
        """
        if time.monotonic() < self.next_look:
            return
        usage = usage_of(self.pid, MOST_PROCESSES + 1)
        if self.last is not None:
            self.cpu += usage.cpu_since(self.last)
        self.last = usage
        until_limit = self.limits.timeout * self.scale - self.cpu  # at the soonest
        self.next_look = time.monotonic() + min(LONGEST_PAUSE, max(SLICE, until_limit))
        self._refuse_time(time.monotonic() - self.started)
        if usage.memory > self.limits.memory_mb << 20 or usage.processes > MOST_PROCESSES:
            raise CallFailedError("limit", "it used more memory or processes than allowed")

    def _refuse_time(self, wall: float) -> None:
        timeout = self.limits.timeout
        if self.cpu > timeout * self.scale:
            raise CallFailedError("timeout", f"it took more than {timeout:g} s")
        if wall > self.limits.patience * self.scale:  # it may have waited for the machine
            text = f"it did not end within {self.limits.patience:g} s"
            raise CallFailedError("timeout", text, retry_alone=True)
        refuse_late(self.budget_end, may_have_waited(self.cpu_before + self.cpu, self.limits))


def may_have_waited(cpu: float, limits: Limits) -> bool:
    """Whether a submission that used up its time may have waited for the machine instead."""
    return cpu < limits.budget * BUSY_SHARE


def refuse_late(budget_end: float, retry_alone: bool) -> None:
    """Raise `CallFailedError` if the time for a whole submission is used up."""
    if time.monotonic() > budget_end:
        text = "the time for the whole submission was used up"
        raise CallFailedError("timeout", text, retry_alone=retry_alone)
