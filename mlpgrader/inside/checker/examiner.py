"""The examiner: it keeps the compiled tests of a set and forks the checkers that run them.

Theory of operation. The zygote forks an examiner, which gets the plan with its hidden parts,
compiles the tests and forks a checker. A checker never runs a line of a student's, so it may
examine many submissions; after one that ended otherwise than in passes and failures it gives way
to a fresh one. For each submission it first has a student's process run all cells and leave forks
behind that serve tests (`student_process.py`). Then it runs the test cells in order, each in a
fresh copy of what the setup cells define (`examination.py`); those judged inside come last
(`inside_tests.py`). A name of the student's in the others is reached by a message to one of these
forks (`remote.py`), and what a test may send along is restricted (`handover.py`). What comes back
is data of the checker's own making, so a verdict depends on the test cell and that data alone
(`verdict.py`).
"""

import contextlib
import gc
import os
import signal
import socket
from collections.abc import Iterator

import torch

from mlpgrader.inside import frame
from mlpgrader.inside.checker.compiled_tests import CompiledTests
from mlpgrader.inside.checker.examination import (
    MOST_TIMEOUTS,
    Examination,
    Progress,
    refuse_slow_check,
)
from mlpgrader.inside.checker.inside_tests import InsideExamination
from mlpgrader.inside.checker.student_process import StudentProcess
from mlpgrader.inside.checker.watch import CallFailedError
from mlpgrader.inside.messages import (
    STOP_STUDENT,
    CheckerEnded,
    ExaminerReady,
    Order,
    Report,
    Verdict,
    dump,
    load,
)
from mlpgrader.inside.processes import fork
from mlpgrader.inside.walls.limits import limit

MEMORY_MB = 4096  # of a checker
MOST_ORDERS = 200  # of one checker
# exit codes of a checker
RUNNER_HUNG_UP = 10
WANTS_SUCCESSOR = 11


def examine_set(runner: socket.socket, zygote: socket.socket) -> None:
    """Keep the compiled tests, and fork a checker whenever there is none, until all is done."""
    torch.set_num_threads(1)
    tests = CompiledTests(load(frame.receive(runner)))
    gc.collect()
    gc.freeze()
    frame.send(runner, dump(ExaminerReady(*tests.failed_setup)))
    progress = Progress()
    while True:
        checker = fork(lambda: serve_orders(tests, runner, zygote, progress))
        _, status = os.waitpid(checker, 0)
        exit_code = os.waitstatus_to_exitcode(status)
        if exit_code == RUNNER_HUNG_UP:
            return
        if exit_code != WANTS_SUCCESSOR:  # it died: the student's process must not stay
            zygote.send(STOP_STUDENT)
            zygote.recv(64)
            frame.send(runner, dump(CheckerEnded(progress.order, progress.test, exit_code)))


def serve_orders(
    tests: CompiledTests, runner: socket.socket, zygote: socket.socket, progress: Progress
) -> int:
    """Check submission after submission; make room for a fresh checker after an unusual one.

    A checker never runs student code, so what it may carry from one submission to the next is
    only what the tests themselves leave behind; torch's generator is put back.

    Returns:
        The exit code of the checker.
    """
    gc.disable()
    signal.signal(signal.SIGPROF, refuse_slow_check)
    limit(MEMORY_MB)
    generator_state = torch.get_rng_state()
    for _ in range(MOST_ORDERS):
        try:
            order: Order = load(frame.receive(runner))
        except frame.ClosedError:
            return RUNNER_HUNG_UP
        torch.set_rng_state(generator_state)
        report = examine_submission(tests, order, zygote, progress)
        frame.send(runner, dump(report))
        if not all(verdict.status in ("passed", "failed") for verdict in report.verdicts):
            break
    return WANTS_SUCCESSOR


def examine_submission(
    tests: CompiledTests, order: Order, zygote: socket.socket, progress: Progress
) -> Report:
    """Run the tests of one submission, and say what came of it."""
    progress.test = -1
    progress.order = order.number
    student = StudentProcess(order.steps, order.limits, zygote)
    with contextlib.suppress(CallFailedError):  # then the time is used up, and each test says so
        student.start()
    verdicts = []
    for verdict in _all_verdicts(tests, order, student, progress):
        verdicts.append(verdict)
        if order.until_failure and verdict.status != "passed":
            break
    student.stop()
    gc.collect()
    return Report(order.number, verdicts, student.outputs)


def _all_verdicts(
    tests: CompiledTests, order: Order, student: StudentProcess, progress: Progress
) -> Iterator[Verdict]:
    """The verdicts of the tests that are judged apart, then of those judged inside."""
    numbers = [test.number for test in tests.tests if test.number not in order.finished_tests]
    apart = [number for number in numbers if number not in order.inside_tests]
    inside = [number for number in numbers if number in order.inside_tests]
    most = 1 if order.is_retry else MOST_TIMEOUTS
    yield from Examination(tests, order.fork_of_test, student, progress, most).verdicts(apart)
    if inside:
        yield from InsideExamination(tests, order, student, progress).verdicts(inside)
