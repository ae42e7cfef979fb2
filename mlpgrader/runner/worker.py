"""Workers: each is a zygote of this machine, which examines one submission at a time.

`probe` starts one and so finds the sandbox; `examine` takes one that is idle or starts
another in the same sandbox, never in a weaker one. Both are functions of a process, so that a
thread of a local run and a worker of a Dask cluster do the same. Such a process has threads, so
it never forks itself: it executes zygotes.
"""

import ast
import contextlib
import itertools
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from typing import Any

from mlpgrader.assignment.plan import Cell, Plan
from mlpgrader.assignment.schedule import job_of
from mlpgrader.errors import MachineError, UnreadableError, UsageError
from mlpgrader.inside import frame, launch, messages
from mlpgrader.inside.messages import CheckerEnded, Limits, Order, Report, Verdict
from mlpgrader.inside.walls import limits, seccomp

MEMORY_MB = 2048
CHECK_SECONDS = 70
BUDGET = 20  # wall time of a submission, in CPU limits of a cell
TIERS = {
    "namespaces": "user, mount, process, network and ipc namespaces per submission",
    "bwrap": "bubblewrap per submission (slower: torch is loaded for each)",
    "unsafe": "UNSAFE: none, student code runs as you",
}


@dataclass(frozen=True)
class Options:
    """What one submission may use, in which sandbox it runs, and what zygotes load for it."""

    timeout: float = 10
    memory_mb: int = MEMORY_MB
    unsafe: bool = False
    hide: tuple[str, ...] = ()
    preload: tuple[str, ...] = ()
    pinned: bool = False  # each zygote to a processor of its own

    def limits(self) -> Limits:
        """The limits of one submission."""
        return Limits(self.timeout, self.memory_mb, BUDGET * self.timeout)


class WorkerLostError(MachineError):
    """A zygote ended in the middle of its work."""


class Worker:
    """A zygote and the sockets on which it and its examiner take orders."""

    def __init__(self, plan: Plan, options: Options, tier: str, number: int = 0):
        self.plan, self.options, self.tier, self.number = plan, options, tier, number
        self.busy, self.closed, self.orders = threading.Lock(), False, 0
        self.start()

    def start(self) -> None:
        """Execute the zygote and wait until it is ready.

        Raises:
            MachineError: if the sandbox of this tier cannot be made here.
            UsageError: if the setup cells of the plan do not run.
        """
        self.control, control = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.examiner, examiner = socket.socketpair()
        frame.set_poll_interval(self.examiner, 1)
        with control, examiner, tempfile.TemporaryFile() as log:
            self._execute([control.fileno(), examiner.fileno()], log)
            control.close()
            modules = {name for cell in self.plan.cells for name in imported(cell.source)}
            modules |= {*self.options.preload}
            settings = messages.ZygoteSettings(
                self.tier, sorted(modules), [*self.options.hide], self.options.memory_mb
            )
            self.control.send(messages.dump(settings))
            answer = self.control.recv(1 << 16)
            log.seek(0)
            text = messages.load(answer).error if answer else log.read().decode()[-300:] or "ended"
            if text:
                self.close()
                raise MachineError(f"no {self.tier} sandbox: {' '.join(text.split())}")
        try:
            frame.send(self.examiner, messages.dump(test_plan_of(self.plan)))
            frame.receive(self.examiner, frame.deadline(CHECK_SECONDS))
        except (frame.ClosedError, TimeoutError):
            self.close()
            raise UsageError(f"the setup cells of {self.plan.set} do not run here") from None

    def _execute(self, handles: list[int], log: Any) -> None:
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": log}
        self.process = subprocess.Popen(
            launch.command("zygote", *handles),
            **{"pass_fds": handles, "env": launch.environment(), **streams},
            **{"start_new_session": True, "cwd": "/"},
        )
        if self.options.pinned:
            # a checker and a student's process take turns; nothing is woken faster than by a
            # neighbour on the same processor
            processors = sorted(os.sched_getaffinity(0))
            processor = processors[self.number % len(processors)]
            with contextlib.suppress(OSError):
                os.sched_setaffinity(self.process.pid, {processor})

    def grade(self, text: str) -> dict[str, Any]:
        """Examine one submission.

        Raises:
            UnreadableError: if the text is no notebook.
            WorkerLostError: if the zygote ended.
        """
        start = time.monotonic()
        steps, fork_of_test = job_of(self.plan, text)
        lost: dict[
            int, Verdict
        ] = {}  # of tests in which a checker ended; a fresh one does the rest
        while len(lost) < len(self.plan.tests):
            self.orders += 1
            limits = self.options.limits()
            reply = self._exchange(Order(self.orders, steps, fork_of_test, limits, [*lost]))
            if isinstance(reply, Report):
                break
            left = [number for number in range(len(self.plan.tests)) if number not in lost]
            known = reply.test in left
            for number in [reply.test] if known else left:
                status = reply.exit_code if known else None
                lost[number] = _lost(number, self.plan.tests[number], status)
        else:
            reply = Report(self.orders, [], {}, False)
        verdicts = lost | {verdict.test: verdict for verdict in reply.verdicts}
        if len(verdicts) != len(self.plan.tests):
            raise WorkerLostError("a grading process lost some tests")
        result = {"verdicts": [vars(verdicts[number]) for number in sorted(verdicts)]}
        result |= {"outputs": reply.outputs, "again": reply.retry_alone}
        return {**result, "seconds": time.monotonic() - start}

    def _exchange(self, order: Order) -> Report | CheckerEnded:
        """Give the examiner an order; wait for what comes of this one, and of no other."""
        seconds = (BUDGET + 5) * self.options.timeout + 3 * CHECK_SECONDS
        wait = frame.deadline(seconds)
        try:
            frame.send(self.examiner, messages.dump(order), wait)
            while True:
                reply = messages.load(frame.receive(self.examiner, wait))
                if reply.order == order.number:
                    return reply
        except TimeoutError:
            self.close()
            self.start()
            return CheckerEnded(order.number, -1, -signal.SIGKILL)
        except (frame.WireError, ValueError):
            raise WorkerLostError("a grading process ended unexpectedly") from None

    def close(self) -> None:
        """Hang up; the zygote ends, and the kernel ends all that it started."""
        self.control.close()
        self.examiner.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def imported(source: str) -> list[str]:
    r"""The modules that a cell imports at top level, those of `mlpkit` left out.

    Example:
        >>> imported("import math, torch\nfrom torch import nn\nfrom mlpkit import mlp")
        ['math', 'torch', 'torch']
    """
    found = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.append(node.module)
    return [name for name in found if name.partition(".")[0] != "mlpkit"]


def test_plan_of(plan: Plan) -> messages.TestPlan:
    """What an examiner needs of a plan."""
    tests = [
        messages.TestCell(
            cell.grade_id, cell.about, cell.source, sorted(cell.hidden), cell.solution
        )
        for cell in plan.tests
    ]
    setup = [cell.source for cell in plan.cells if cell.kind == "setup"]
    return messages.TestPlan(setup, plan.names, tests)


def _lost(number: int, test: Cell, status: int | None) -> Verdict:
    """The verdict of a test in which the checker itself ended; None: in which is not known."""
    if status is None:
        message = "the checker ended before this test: grade again with --force"
        return Verdict(number, test.grade_id, "error", None, message)
    if status in (-signal.SIGXCPU, -signal.SIGKILL):
        message = f"{test.about}: the answer took too long to check"
        return Verdict(number, test.grade_id, "limit", None, message)
    message = "the checker ended while it ran this test"
    return Verdict(number, test.grade_id, "error", None, message)


# --- the workers of this process -----------------------------------------------------------

_workers: dict[tuple, list[Worker]] = {}
_numbers = itertools.count()


def probe(plan: Plan, options: Options) -> str:
    """Start a worker in the strongest sandbox that this machine allows, and name that sandbox.

    Raises:
        MachineError: if there is none and `unsafe` was not asked for.
    """
    problems = []
    for tier in ["unsafe"] if options.unsafe else ["namespaces", "bwrap"]:
        if tier == "bwrap" and shutil.which("bwrap") is None:
            problems.append("bubblewrap is not installed")
        elif tier == "bwrap" and not limits.kernel_counts_processes():
            problems.append("bubblewrap cannot limit the processes of root: grade as another user")
        else:
            try:
                _take(plan, options, tier).busy.release()
                return tier
            except MachineError as problem:
                problems.append(str(problem))
    raise MachineError(f"there is no sandbox for student code: {'; '.join(problems)}")


def _take(plan: Plan, options: Options, tier: str) -> Worker:
    workers = _workers.setdefault((plan.key, options), [])
    for worker in workers:
        if worker.tier == tier and worker.busy.acquire(blocking=False):
            return worker
    worker = Worker(plan, options, tier, next(_numbers))
    worker.busy.acquire()
    workers.append(worker)
    if _workers.get((plan.key, options)) is not workers:  # `end` was called meanwhile
        worker.close()
        raise WorkerLostError("the run was stopped")
    return worker


def examine(plan: Plan, options: Options, tier: str, text: str) -> dict[str, Any]:
    """Examine one submission on this machine; a zygote that was killed is replaced once."""
    worker = _take(plan, options, tier)
    try:
        try:
            return {"status": "graded", **worker.grade(text)}
        except WorkerLostError:
            if worker.closed:
                raise  # the run was stopped
            worker.close()
            worker.start()
            return {"status": "graded", **worker.grade(text)}
    except UnreadableError as reason:
        return {"status": "unreadable", "message": str(reason)}
    finally:
        worker.busy.release()


def end(plan: Plan, options: Options) -> None:
    """End the workers of this process that were started for a run, those at work too."""
    for worker in _workers.pop((plan.key, options), ()):
        worker.closed = True
        worker.close()


def description(tier: str) -> str:
    """The sandbox in words, with what it lacks."""
    filtered = "" if seccomp.can_filter() else ", no seccomp filter on this processor"
    return f"{tier}: {TIERS[tier]}{filtered}"
