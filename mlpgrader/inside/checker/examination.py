"""The examination of one submission: its tests in order, visible parts first.

The visible parts of all tests run before the first hidden part. So what a student's process says
while visible parts run cannot repeat a hidden input, and a failure there is told with its message;
a failure in a hidden part is told by the property that the test cell's docstring states, and by its
kind, never by a value.
A test that fails where another function's tests have been is run again in a fresh process, unless
the old one says that they left nothing behind.

A value of the student's is taken once, before the first call: no function can then change it, and
no second process can give another one. Where it cannot be taken, tests that want it get no answer.
Only a test that has called something looks again.

The garbage collector is off while tests run. A local variable that holds an exception forms a
cycle with the frame in its traceback, and hidden values would stay in memory for as long. So no
function here keeps an exception in a local variable of a frame that the exception went through.
"""

import contextlib
import functools
import mmap
import resource
import signal
import time
from collections.abc import Iterable, Iterator
from types import CodeType
from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor

from mlpgrader.inside import frame, wire
from mlpgrader.inside.checker.answers import Answers
from mlpgrader.inside.checker.compiled_tests import VALUE, CompiledTests, Test
from mlpgrader.inside.checker.handover import HandoverError, serialize_callable
from mlpgrader.inside.checker.missing import Missing, RunCells, why_missing
from mlpgrader.inside.checker.remote import TestNamespace
from mlpgrader.inside.checker.verdict import Outcome, judge
from mlpgrader.inside.checker.watch import CallFailedError
from mlpgrader.inside.messages import Call, Operation, Status, Verdict
from mlpkit import checks

CHECK_SECONDS = 60  # CPU time of one part of a test in the checker itself
MOST_TIMEOUTS = 2  # of one function; then its other tests are not run
MOST_VAIN = 2  # tests of one function run again for nothing; then, if that is dear, no others are
# outcomes that another function's leftovers can cause
BLAMABLE: tuple[Status, ...] = ("failed", "crashed", "limit", "timeout")


class Progress:
    """Which test of which order is at work, in memory that forks share.

    A checker writes it, and the examiner reads it when the checker has died.
    """

    def __init__(self) -> None:
        self._numbers = memoryview(mmap.mmap(-1, mmap.PAGESIZE)).cast("i")

    @property
    def test(self) -> int:
        """The number of the test; -1 before the first."""
        return self._numbers[0]

    @test.setter
    def test(self, number: int) -> None:
        self._numbers[0] = number

    @property
    def order(self) -> int:
        """The number of the order."""
        return self._numbers[1]

    @order.setter
    def order(self, number: int) -> None:
        self._numbers[1] = number


class Student(RunCells, Protocol):
    """What an examination needs of a student's process."""

    budget_end: float

    @property
    def restarts_are_dear(self) -> bool:
        """Whether running the cells again has taken a good part of the time."""

    @property
    def may_have_waited(self) -> bool:
        """Whether time was used up without as much CPU time."""

    def take(self, fork: int, request: bytes) -> bytes:
        """The answer to a request before any call was made."""

    def read(self, answer: bytes) -> Any:
        """What is in an answer that was taken."""

    def ask(self, fork: int, request: bytes, function: str) -> Any:
        """Send a request for a function to a child; give its answer."""

    def may_blame_others(self, fork: int, function: str, status: Status) -> bool:
        """Whether other functions may be why a test ended like that."""

    def renew(self) -> None:
        """Let the next request go to a fresh process."""


class _Waiting(NamedTuple):
    """A test whose visible part has passed, as it was then."""

    test: Test
    namespace: TestNamespace
    generator_state: Tensor


class Examination:
    """The tests of one submission.

    Args:
        tests: the tests of the set.
        fork_of_test: for each test, the number of the student's fork that serves it.
        student: the student's processes.
        progress: where to say which test is at work.
        most_timeouts: of one function; then its other tests are not run.
    """

    def __init__(
        self,
        tests: CompiledTests,
        fork_of_test: list[int],
        student: Student,
        progress: Progress,
        most_timeouts: int = MOST_TIMEOUTS,
    ):
        self.tests = tests
        self.fork_of_test = fork_of_test
        self.student = student
        self.progress = progress
        self.most_timeouts = most_timeouts
        # by fork and name, as they were answered, or why there was no answer
        self._values: dict[tuple[int, str], bytes | CallFailedError] = {}
        self._have_called: set[int] = set()  # numbers of tests
        self._vain: dict[str, int] = {}  # tests that were run again for nothing, by function
        self._waited: set[str] = set()  # functions that may end in time in a second try
        self._timeouts: dict[str, int] = {}  # by function
        self._ends: dict[str, int] = {}  # crashes and limits, by function
        # how the student's process failed the part at work, whatever the test makes of it
        self._failure: BaseException | None = None
        self._answers = Answers()  # in the part at work

    def verdicts(self, numbers: Iterable[int]) -> Iterator[Verdict]:
        """Run tests, the visible parts of them all first, and say how each ended."""
        waiting = []
        numbers = list(numbers)
        self._take_values(numbers)
        for number in numbers:
            test = self.tests.tests[number]
            if self._fault(test):
                yield _verdict(test, Outcome("error", None, self._fault(test)))
                continue
            namespace = self._namespace(test)
            verdict = self.run_visible(test, namespace)
            if verdict.status == "passed" and test.hidden is not None:
                waiting.append(_Waiting(test, namespace, torch.get_rng_state()))
            else:
                namespace.clear()  # it and its functions hold each other, and the answers
                yield verdict
        for test, namespace, generator_state in waiting:
            torch.set_rng_state(generator_state)
            yield self.run_hidden(test, namespace)
            namespace.clear()

    def _take_values(self, numbers: list[int]) -> None:
        """Fetch all values that tests may ask for, before anything is called."""
        values = {name for name, kind in self.tests.names.items() if kind == "value"}
        for number in numbers:
            test = self.tests.tests[number]
            for name in sorted(values & test.names):
                self._take_value(self._fork(test), name)

    def _take_value(self, fork: int, name: str) -> None:
        if (fork, name) in self._values:
            return
        try:
            request = wire.encode(Call("get", name).plain())
            self._values[fork, name] = self.student.take(fork, request)
        except CallFailedError as failure:
            self._values[fork, name] = failure.again()

    def _fault(self, test: Test) -> str:
        """Why the test cannot be run at all; nothing if it can."""
        number, error = self.tests.failed_setup
        return f"a setup cell does not run here: {error}" if number >= 0 else test.fault

    def _namespace(self, test: Test) -> TestNamespace:
        ask = functools.partial(self._ask, test)
        return TestNamespace(self.tests.setup_names, self.tests.names, ask)

    def run_visible(self, test: Test, namespace: TestNamespace) -> Verdict:
        """Run the visible part of a test."""
        outcome = self._run_part(test, namespace, [test.visible], [test.visible])
        return _verdict(test, outcome)

    def run_hidden(self, test: Test, namespace: TestNamespace) -> Verdict:
        """Run the hidden part of a test."""
        if test.hidden is None:
            raise ValueError(f"{test.grade_id} has no hidden part")
        outcome = self._run_part(test, namespace, [test.hidden], [test.visible, test.hidden])
        return _verdict(test, outcome)

    def _run_part(
        self,
        test: Test,
        namespace: TestNamespace,
        part: list[CodeType],
        from_start: list[CodeType],
    ) -> Outcome:
        """Run a part of a test; if others may be to blame for how it ends, run it from its start.

        Args:
            test: the test.
            namespace: the names of its cell.
            part: what to run.
            from_start: all parts up to this one, for a fresh process.
        """
        self.progress.test = test.number
        obstacle = self._obstacle(test)
        if obstacle:
            text = f"{test.about}: not run, since {obstacle}"
            return Outcome("timeout", None, text, retry=self._may_run_later(test))
        outcome = self._try(test, namespace, part)
        if self._may_blame_others(test, outcome.status):
            outcome = self._better(test, outcome, self.run_again(test, namespace, from_start))
        if outcome.status in ("crashed", "limit"):
            self._ends[test.function] = self._ends.get(test.function, 0) + 1
        return outcome

    def _obstacle(self, test: Test) -> str:
        """Why a test is not to be run; nothing if it is."""
        if time.monotonic() > self.student.budget_end:
            return "the time for the whole submission was used up"
        if self._timeouts.get(test.function, 0) >= self.most_timeouts:
            return "the function did not end in time twice"
        # one that ends its process must not use up the time of the others' tests
        if self._ends.get(test.function, 0) >= MOST_TIMEOUTS and self.student.restarts_are_dear:
            return "the function ended its process twice, and to run all cells again takes long"
        return ""

    def _may_run_later(self, test: Test) -> bool:
        """Whether a test that was not run may be in a second try."""
        if time.monotonic() > self.student.budget_end:
            return self.student.may_have_waited
        return test.function in self._waited

    def _better(self, test: Test, first: Outcome, again: Outcome) -> Outcome:
        """Which of two tries counts: the second, unless there was no answer in it."""
        if again.status != "passed":
            self._vain[test.function] = self._vain.get(test.function, 0) + 1
        return first if again.status in ("crashed", "limit", "timeout") else again

    def _may_blame_others(self, test: Test, status: Status) -> bool:
        if status not in BLAMABLE:
            return False
        if self.student.restarts_are_dear and self._vain.get(test.function, 0) >= MOST_VAIN:
            return False
        return self.student.may_blame_others(self._fork(test), test.function, status)

    def run_again(self, test: Test, namespace: TestNamespace, codes: list[CodeType]) -> Outcome:
        """Run a test from its start in a fresh process of the student's."""
        self.student.renew()
        self._have_called.discard(test.number)
        namespace.reset()
        return self._try(test, namespace, codes)

    def _try(self, test: Test, namespace: TestNamespace, codes: list[CodeType]) -> Outcome:
        is_hidden = test.hidden is not None and test.hidden in codes
        outcome = judge(
            test, self._raised_by(codes, namespace), self._why_missing, is_hidden=is_hidden
        )
        if outcome.status == "passed":
            outcome = outcome._replace(value=_number_text(namespace.get(VALUE)))
        if outcome.status == "failed":
            outcome = outcome._replace(answers=self._answers.outlines())
        self._answers = Answers()  # they may be large
        if outcome.status == "timeout":
            self._timeouts[test.function] = self._timeouts.get(test.function, 0) + 1
        if outcome.retry:
            self._waited.add(test.function)
        return outcome

    def _why_missing(self, name: str) -> Missing | None:
        """Why a name is missing; None if the student's cells are not to define it."""
        if name not in self.tests.cells:
            return None
        return why_missing(name, self.tests.cells[name], self.student)

    def _raised_by(self, codes: list[CodeType], namespace: TestNamespace) -> BaseException | None:
        """What code of a test cell raises; a failed student's process counts even if caught."""
        self._failure = None
        try:
            with _limited_time():
                for code in codes:
                    checks.forget_difference()
                    exec(code, namespace)
        except BaseException as error:
            return self._take_failure() or error
        return self._take_failure()

    def _take_failure(self) -> BaseException | None:
        failure = self._failure
        self._failure = None
        return failure

    def _fork(self, test: Test) -> int:
        return self.fork_of_test[test.number]

    def _ask(
        self,
        test: Test,
        operation: Operation,
        name: str,
        arguments: tuple[Any, ...],
        **options: Any,
    ) -> Any:
        """Have the student's process do something with one of its names."""
        taken = self._values.get((self._fork(test), name))
        if operation == "get" and taken is not None and test.number not in self._have_called:
            return self._read(taken)
        self._have_called.add(test.number)
        call = Call(
            operation,
            name,
            arguments,
            grad_mode=torch.is_grad_enabled(),
            inference_mode=torch.is_inference_mode_enabled(),
            **options,
        )
        try:
            request = wire.encode(call.plain(), serialize_callable)
        except frame.WireError as error:
            self._failure = HandoverError(str(error))
            raise self._failure from None
        self._answers.begin()
        try:
            answer = self.student.ask(self._fork(test), request, test.function)
        except CallFailedError as failure:
            self._failure = failure
            raise
        self._answers.end(answer)
        return answer

    def _read(self, taken: bytes | CallFailedError) -> Any:
        """What is in a value that was taken, if it could be."""
        if isinstance(taken, CallFailedError):
            self._failure = taken.again()
            raise self._failure
        return self.student.read(taken)


def _number_text(value: Any) -> str:
    """The text of a number that a test ends in; nothing of any other value."""
    return repr(value) if type(value) in (int, float) else ""


def _verdict(test: Test, outcome: Outcome) -> Verdict:
    return Verdict(test.number, test.grade_id, **outcome.fields())


@contextlib.contextmanager
def _limited_time() -> Iterator[None]:
    """End a check that takes too long: Python code by an exception, torch's by the kernel."""
    own, system = resource.getrusage(resource.RUSAGE_SELF)[:2]
    soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(own + system) + CHECK_SECONDS + 5, hard))
    signal.setitimer(signal.ITIMER_PROF, CHECK_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def refuse_slow_check(*_: Any) -> None:
    """Handle the signal of the timer that `_limited_time` sets."""
    raise CallFailedError("limit", "the answer took too long to check")
