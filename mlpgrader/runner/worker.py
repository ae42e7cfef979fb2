"""Workers: each is a zygote of this machine, which examines one submission at a time.

`probe` starts one and so finds the sandbox; `grade_submission` takes one that is idle or starts
another in the same sandbox, never in a weaker one. Both are functions of a process, so that a
thread of a local run and a worker of a Dask cluster do the same. Such a process has threads, so
it never forks itself: it executes zygotes.
"""

import contextlib
import itertools
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import IO

from mlpgrader.assignment.plan import Cell, Plan
from mlpgrader.assignment.schedule import Schedule, schedule_of
from mlpgrader.errors import MachineError, UnreadableError, UsageError
from mlpgrader.inside import frame, launch, messages
from mlpgrader.inside.messages import CheckerEnded, Limits, Order, Report, Tier, Verdict
from mlpgrader.inside.walls import limits, seccomp
from mlpgrader.runner.examined import Examined, not_judged
from mlpgrader.runner.known import failing_cells, forms_of

# what a submission may use where nobody asks for more or less
TIMEOUT = 10.0  # CPU seconds of a cell or a call
MEMORY_MB = 2048
CHECK_SECONDS = 70
# by the clock, in CPU limits of a cell: for a cell or a call, and for a whole submission
PATIENCE = 3
BUDGET = 20
TIERS: dict[Tier, str] = {
    "namespaces": "user, mount, process, network and ipc namespaces per submission",
    "bwrap": "bubblewrap per submission (slower: torch is loaded for each)",
    "unsafe": "UNSAFE: none, student code runs as you",
}
# what is loaded on the first use of an optimizer, of an upstream gradient or of a figure, for a
# second each, and how a notebook looks that will make it do so: it has one of the words, which are
# found in a hundredth of the time, and matches. No pattern may try one text in many ways, since
# students wrote it
PRELOAD_HINTS = {
    "torch._dynamo": (["optim"], re.compile(r"\boptim\b")),
    "torch.fx.experimental.symbolic_shapes": (
        ["backward(", "grad_outputs", "autograd.grad("],
        re.compile(
            r"\.backward\((?!\)|retain|create)|grad_outputs"
            r"|autograd\.grad\([^(),]{0,200},[^(),]{0,200},\s*\w+\)"
        ),
    ),
    "matplotlib.pyplot": (
        ["matplotlib", "%pylab"],
        re.compile(r"(?:import|from) matplotlib|%matplotlib|%pylab"),
    ),
    "pandas": (["pandas"], re.compile(r"(?:import|from) pandas")),
    "seaborn": (["seaborn"], re.compile(r"(?:import|from) seaborn")),
}
WORTH_PRELOADING = 4  # submissions; for fewer, the zygotes would take longer than they save


@dataclass(frozen=True)
class WorkerOptions:
    """What one submission may use, in which sandbox it runs, and what zygotes load for it.

    Attributes:
        timeout: CPU seconds for each cell and call.
        memory_mb: memory of a student's process.
        unsafe: run without a sandbox.
        hide: folders that no sandbox shows.
        preload: modules to load beside those that the plan imports.
        pinned: keep each zygote on a processor of its own.
    """

    timeout: float = TIMEOUT
    memory_mb: int = MEMORY_MB
    unsafe: bool = False
    hide: tuple[str, ...] = ()
    preload: tuple[str, ...] = ()
    pinned: bool = False

    def limits(self) -> Limits:
        """The limits of one submission."""
        return Limits(
            timeout=self.timeout,
            patience=PATIENCE * self.timeout,
            memory_mb=self.memory_mb,
            budget=BUDGET * self.timeout,
        )


def modules_to_preload(texts: Collection[str]) -> tuple[str, ...]:
    """What zygotes are to load because the processes of many students would."""
    modules = []
    for module, (words, hint) in PRELOAD_HINTS.items():
        likely = (text for text in texts if any(word in text for word in words))
        users = filter(hint.search, likely)
        if len([*itertools.islice(users, WORTH_PRELOADING)]) == WORTH_PRELOADING:
            modules.append(module)
    return tuple(modules)


class WorkerLostError(MachineError):
    """A zygote ended in the middle of its work."""


class Worker:
    """A zygote and the sockets on which it and its examiner take orders."""

    def __init__(self, plan: Plan, options: WorkerOptions, tier: Tier, number: int = 0):
        self.plan = plan
        self.options = options
        self.tier: Tier = tier
        self.number = number
        self.busy = threading.Lock()
        self.closed = False
        self.orders = 0
        self.setup_fault = ""
        self.start()

    def start(self) -> None:
        """Execute the zygote and wait until it and its examiner are ready.

        Raises:
            MachineError: if the sandbox of this tier cannot be made here.
            UsageError: if the setup cells of the plan do not run.
        """
        try:
            self.control, control = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        except OSError as error:
            raise MachineError(f"grading needs Linux: {error}") from None
        self.examiner, examiner = socket.socketpair()
        frame.set_poll_interval(self.examiner, 1)
        with control, examiner, tempfile.TemporaryFile() as log:
            self.process = self._execute([control.fileno(), examiner.fileno()], log)
            control.close()
            problem = self._set_up_zygote(log)
        if problem:
            self.close()
            raise MachineError(f"no {self.tier} sandbox: {' '.join(problem.split())}")
        try:
            frame.send(self.examiner, messages.dump(test_plan_of(self.plan)))
            answer = frame.receive(self.examiner, frame.deadline(CHECK_SECONDS))
            self.setup_fault = setup_fault(self.plan, messages.load(answer))
        except (frame.ClosedError, TimeoutError):
            self.close()
            raise UsageError(f"the setup cells of {self.plan.set_name} do not run here") from None

    def _execute(self, descriptors: list[int], log: IO[bytes]) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            launch.command("zygote", *descriptors),
            pass_fds=descriptors,
            env=launch.environment(),
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=log,
            start_new_session=True,
        )
        if self.options.pinned:
            self._pin(process.pid)
        return process

    def _pin(self, pid: int) -> None:
        """Keep a zygote and all its children on one processor.

        A checker and a student's process take turns, and the one wakes the other fastest where
        both use the same processor.
        """
        processors = sorted(os.sched_getaffinity(0))
        processor = processors[self.number % len(processors)]
        with contextlib.suppress(OSError):
            os.sched_setaffinity(pid, {processor})

    def _set_up_zygote(self, log: IO[bytes]) -> str:
        """Tell the zygote how it is to be; say why it could not become so, or nothing."""
        settings = messages.ZygoteSettings(
            tier=self.tier,
            modules=sorted(self.plan.imported_modules.union(self.options.preload)),
            hide=[*self.options.hide],
            memory_mb=self.options.memory_mb,
            folder=self.plan.folder,
            files=[name for name, _ in self.plan.files],
        )
        self.control.send(messages.dump(settings))
        answer = self.control.recv(1 << 16)
        if answer:
            started: messages.ZygoteStarted = messages.load(answer)
            return started.error
        log.seek(0)
        return log.read().decode(errors="replace")[-300:] or "ended"

    def grade(
        self, text: str, tests: Collection[int] | None = None, *, is_retry: bool = False
    ) -> Examined:
        """Examine one submission.

        Args:
            text: its text.
            tests: the numbers of the tests to run, up to the first that does not pass; every test
                to its end if it is None.
            is_retry: run the tests that are named to their end, since they got no answer before.

        Raises:
            UnreadableError: if the text is no notebook, or too large.
            UsageError: if a setup cell that tests apart need does not run here.
            WorkerLostError: if the zygote ended.
        """
        start = time.monotonic()
        plan = self.plan
        self._refuse_failed_setup(plan)
        if tests is None:
            report = self._report_on_all(plan, text)
        elif is_retry:
            report = self._report_again(plan, text, tests)
        else:
            report = self._report_until_failure(plan, text, tests)
        verdicts = {verdict.test: verdict for verdict in report.verdicts}
        failing = failing_cells(plan, verdicts.values()) if tests is None else []
        return Examined(
            status="graded",
            verdicts=[verdicts[number] for number in sorted(verdicts)],
            outputs=report.outputs,
            forms=forms_of(plan, text, failing),
            seconds=time.monotonic() - start,
            setup_fault=self.setup_fault,
        )

    def _refuse_failed_setup(self, plan: Plan) -> None:
        if self.setup_fault and plan.is_settled and len(plan.inside) < len(plan.tests):
            raise UsageError(self.setup_fault)

    def _report_on_all(self, plan: Plan, text: str) -> Report:
        """Have all tests run to their end; none may be lost on the way."""
        report = self._report_on(plan, text)
        if plan.settings.inside_fallback:
            report = self._with_odd_answers_inside(plan, text, report)
        if len({verdict.test for verdict in report.verdicts}) != len(plan.tests):
            raise WorkerLostError("a grading process lost some tests")
        return report

    def _with_odd_answers_inside(self, plan: Plan, text: str, report: Report) -> Report:
        """Judge tests inside whose answer is no plain data: this is what a set may opt in to."""
        odd = [
            verdict
            for verdict in report.verdicts
            if verdict.status == "error" and verdict.reason == "unreadable-answer"
        ]
        if not odd:
            return report
        names = {verdict.grade_id for verdict in odd}
        others = {verdict.test: verdict for verdict in report.verdicts if verdict not in odd}
        inside = replace(plan, inside=plan.inside | names)
        again = self._report_on(inside, text, others)
        verdicts = [
            replace(verdict, judged="inside") if verdict.grade_id in names else verdict
            for verdict in again.verdicts
        ]
        return replace(report, verdicts=verdicts)

    def _report_again(self, plan: Plan, text: str, tests: Collection[int]) -> Report:
        """Have some tests run once more, and no others; nothing but their verdicts counts."""
        numbers = range(len(plan.tests))
        others = {n: _verdict_of_unrun(n, plan.tests[n]) for n in numbers if n not in tests}
        report = self._report_on(plan, text, others, is_retry=True)
        verdicts = [verdict for verdict in report.verdicts if verdict.test in tests]
        return Report(report.order, verdicts, outputs={})

    def _report_on(
        self,
        plan: Plan,
        text: str,
        finished: dict[int, Verdict] | None = None,
        *,
        is_retry: bool = False,
    ) -> Report:
        """Have the tests run; where a checker ends in one of them, a fresh one does the rest."""
        schedule = schedule_of(plan, text)
        finished = dict(finished or _refused(plan))
        for _attempt in range(max(1, len(plan.tests))):  # each finishes at least one
            reply = self._exchange(self._order(plan, schedule, finished, is_retry=is_retry))
            if isinstance(reply, Report):
                verdicts = [*finished.values(), *reply.verdicts]
                return Report(reply.order, verdicts, reply.outputs)
            finished |= self._finished_by(reply, finished)
            if len(finished) == len(self.plan.tests):
                break
        return Report(self.orders, [*finished.values()], outputs={})

    def _report_until_failure(self, plan: Plan, text: str, tests: Collection[int]) -> Report:
        """Have some tests run up to the first that does not pass."""
        others = [number for number in range(len(plan.tests)) if number not in tests]
        schedule = schedule_of(plan, text)
        reply = self._exchange(self._order(plan, schedule, others, until_failure=True))
        if isinstance(reply, Report):
            return reply
        verdicts = [*self._finished_by(reply, others).values()]
        return Report(reply.order, verdicts, outputs={})

    def _order(
        self,
        plan: Plan,
        schedule: Schedule,
        finished: Collection[int],
        *,
        until_failure: bool = False,
        is_retry: bool = False,
    ) -> Order:
        self.orders += 1
        return Order(
            number=self.orders,
            steps=schedule.steps,
            fork_of_test=schedule.fork_of_test,
            limits=self.options.limits(),
            finished_tests=[*finished],
            until_failure=until_failure,
            is_retry=is_retry,
            inside_tests=[n for n, test in enumerate(plan.tests) if test.grade_id in plan.inside],
            explain=plan.is_settled,
        )

    def _finished_by(self, ended: CheckerEnded, finished: Collection[int]) -> dict[int, Verdict]:
        """The verdict of the test in which a checker ended; of all that are left if none is known.

        Nothing then says which test is at fault, so to go on could end checker after checker.
        """
        left = [number for number in range(len(self.plan.tests)) if number not in finished]
        if ended.test in left:
            test = self.plan.tests[ended.test]
            return {ended.test: _verdict_of_ended(ended.test, test, ended.exit_code)}
        return {number: _verdict_of_unrun(number, self.plan.tests[number]) for number in left}

    def _exchange(self, order: Order) -> Report | CheckerEnded:
        """Give the examiner an order; wait for what comes of this one, and of no other."""
        seconds = (2 * BUDGET + 5) * self.options.timeout + 3 * CHECK_SECONDS
        wait = frame.deadline(seconds)
        content = messages.dump(order)
        if len(content) > frame.MOST_BYTES:  # an examiner would end in it, and not know where
            raise UnreadableError("the notebook has more code than can be graded")
        try:
            frame.send(self.examiner, content, wait)
            while True:
                reply: Report | CheckerEnded = messages.load(frame.receive(self.examiner, wait))
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


def test_plan_of(plan: Plan) -> messages.TestPlan:
    """What an examiner needs of a plan."""
    numbers = {cell.grade_id: number for number, cell in enumerate(plan.tests)}
    tests = [
        messages.TestCell(
            grade_id=cell.grade_id,
            about=cell.about,
            source=cell.source,
            hidden=sorted(cell.hidden),
            function=cell.function,
            earlier=[numbers[name] for name in plan.earlier_tests[cell.grade_id]],
        )
        for cell in plan.tests
    ]
    setup = [cell.source for cell in plan.setup]
    return messages.TestPlan(setup, dict(plan.names), tests, plan.cell_of_name)


def setup_fault(plan: Plan, ready: messages.ExaminerReady) -> str:
    """Which setup cell does not run here, and why; nothing if all do."""
    if ready.cell < 0:
        return ""
    name = plan.setup[ready.cell].grade_id
    cell = f"the setup cell '{name}'" if name else "a cell that imports"
    return f"{cell} of {plan.set_name} does not run here: {ready.error}"


def _refused(plan: Plan) -> dict[int, Verdict]:
    """The verdicts of tests that the reference solution fails."""
    return {
        number: Verdict(number, test.grade_id, "error", None, plan.refused[test.grade_id])
        for number, test in enumerate(plan.tests)
        if test.grade_id in plan.refused
    }


def _verdict_of_ended(number: int, test: Cell, exit_code: int) -> Verdict:
    """The verdict of a test in which the checker itself ended."""
    if exit_code in (-signal.SIGXCPU, -signal.SIGKILL):
        message = f"{test.about}: the answer took too long to check"
        return Verdict(number, test.grade_id, "limit", None, message)
    message = "the checker ended while it ran this test"
    return Verdict(number, test.grade_id, "error", None, message)


def _verdict_of_unrun(number: int, test: Cell) -> Verdict:
    """The verdict of a test that was not run, since the checker ended nobody knows where."""
    message = "the checker ended before this test: grade again with --force"
    return Verdict(number, test.grade_id, "error", None, message)


# --- the workers of this process -----------------------------------------------------------

_workers: dict[tuple[str, WorkerOptions], list[Worker]] = {}
_numbers = itertools.count()


def probe(plan: Plan, options: WorkerOptions) -> Tier:
    """Start a worker in the strongest sandbox that this machine allows, and name that sandbox.

    Raises:
        MachineError: if there is none and `unsafe` was not asked for.
    """
    tiers: list[Tier] = ["unsafe"] if options.unsafe else ["namespaces", "bwrap"]
    problems = []
    for tier in tiers:
        try:
            _refuse_unfit(tier)
            _take(plan, options, tier).busy.release()
            return tier
        except MachineError as problem:
            problems.append(str(problem))
    raise MachineError(f"there is no sandbox for student code: {'; '.join(problems)}")


def _refuse_unfit(tier: Tier) -> None:
    """Raise MachineError where it shows without a trial that a kind of sandbox will not do."""
    if tier != "bwrap":
        return
    if shutil.which("bwrap") is None:
        raise MachineError("bubblewrap is not installed")
    if not limits.kernel_counts_processes():
        raise MachineError("bubblewrap cannot limit the processes of root: grade as another user")


def _take(plan: Plan, options: WorkerOptions, tier: Tier) -> Worker:
    """A worker for the caller alone, until it releases `busy`: an idle one, else a new one."""
    workers = _workers.setdefault((plan.key, options), [])
    for worker in workers:
        if worker.tier == tier and worker.busy.acquire(blocking=False):
            return worker
    worker = Worker(plan, options, tier, next(_numbers))
    worker.busy.acquire()
    workers.append(worker)
    if _workers.get((plan.key, options)) is not workers:  # `end_workers` was called meanwhile
        worker.close()
        raise WorkerLostError("the run was stopped")
    return worker


def grade_submission(
    plan: Plan,
    options: WorkerOptions,
    tier: Tier,
    text: str,
    tests: frozenset[int] | None = None,
    is_retry: bool = False,
) -> Examined:
    """Examine one submission on this machine, as `Worker.grade` says.

    Raises:
        MachineError: if the sandbox cannot be made, or the run was stopped.
    """
    worker = _take(plan, options, tier)
    worker.plan = plan  # the same, perhaps with other ways to judge its tests
    try:
        return _grade_or_replace(worker, text, tests, is_retry)
    except UnreadableError as reason:
        return Examined("unreadable", str(reason))
    except (MachineError, UsageError):
        raise
    except Exception as error:  # nothing of one submission keeps others from being graded
        return not_judged(plan, error)
    finally:
        worker.busy.release()


def _grade_or_replace(
    worker: Worker, text: str, tests: frozenset[int] | None, is_retry: bool
) -> Examined:
    """Examine one submission; a zygote that was killed is replaced.

    A submission that loses two of them is for review, and the next one finds a new zygote.
    """
    for _attempt in range(2):
        try:
            return worker.grade(text, tests, is_retry=is_retry)
        except WorkerLostError as error:
            if worker.closed:
                raise  # the run was stopped
            lost = error
        worker.close()
        worker.start()
    return not_judged(worker.plan, lost)


def end_workers(plan: Plan, options: WorkerOptions) -> None:
    """End the workers of this process that were started for a run, those at work too."""
    for worker in _workers.pop((plan.key, options), ()):
        worker.closed = True
        worker.close()


def description(tier: Tier) -> str:
    """The sandbox in words, with what it lacks."""
    lacks = "" if seccomp.can_filter() else ", no seccomp filter on this processor"
    return f"{tier}: {TIERS[tier]}{lacks}"
