"""Tests that are judged inside: the unchanged cell runs in a parked process of the student's.

They come after all tests apart, when what the submission's cells printed is kept. The order of
things keeps their hidden part secret:

1. Everything of the submission but the parked processes is killed, from outside.
2. The whole cells run. From now on nothing is taken but how each ended, and a number.
3. The parked processes are killed, with all that may have seen a hidden line.
4. Of the cells that failed, a fresh process runs the visible part: messages come from there alone.

A verdict here is the student's process's word: whoever forges it gains that test, as in stock
nbgrader. What is said to a person of a hidden part is that it failed, and no more.

Where nobody has written anything yet, all of that would be done twice for nothing. So before the
seal a process whose tests are all of such cells gets their visible parts. One that raises is where
the whole cell would have ended, in the same state, and its message is there already.
"""

import re
import time
from collections.abc import Callable, Iterable, Iterator

from mlpgrader.inside.checker.compiled_tests import CompiledTests, Test
from mlpgrader.inside.checker.examination import MOST_TIMEOUTS, Progress
from mlpgrader.inside.checker.student_process import StudentProcess
from mlpgrader.inside.checker.verdict import Outcome
from mlpgrader.inside.checker.watch import CallFailedError
from mlpgrader.inside.messages import Ending, Order, Reason, Verdict

Part = Callable[[Test], str]
STUB_VALUE = re.compile(r"= *(?:\.\.\.|None)\s*$")  # `choice = None`


class InsideExamination:
    """The tests of one submission that are judged inside.

    Args:
        tests: the tests of the set.
        order: what is to be examined.
        student: the student's processes.
        progress: where to say which test is at work.
    """

    def __init__(
        self, tests: CompiledTests, order: Order, student: StudentProcess, progress: Progress
    ):
        self.tests = tests.tests
        self.order = order
        self.student = student
        self.progress = progress
        self._timeouts: dict[str, int] = {}  # by function
        self._waited: set[str] = set()  # functions that may end in time in a second try
        self._done: set[tuple[int, int, int]] = set()  # start, fork and number of a test

    def verdicts(self, numbers: Iterable[int]) -> Iterator[Verdict]:
        """Run tests and say how each ended."""
        tests = [self.tests[number] for number in numbers]
        must_explain = self.order.explain and self._has_secrets()
        told = self._told_before_seal(tests) if must_explain else {}
        outcomes = {test.number: told.get(test.number) or self._whole(test) for test in tests}
        if must_explain:
            left = [test for test in tests if test.number not in told]
            outcomes |= self._explanations(left, outcomes)
        for test in tests:
            outcome = outcomes[test.number]
            yield Verdict(test.number, test.grade_id, **outcome.fields(), judged="inside")

    def _explanations(self, tests: list[Test], outcomes: dict[int, Outcome]) -> dict[int, Outcome]:
        """What to tell of the tests that failed."""
        failed = [test for test in tests if outcomes[test.number].status == "failed"]
        if failed:
            self.student.unseal()
        return {test.number: self._explained(test) for test in failed}

    def _has_secrets(self) -> bool:
        return any(self.tests[number].hidden_lines for number in self.order.inside_tests)

    def _told_before_seal(self, tests: list[Test]) -> dict[int, Outcome]:
        """What came of tests of cells that nobody has written, by their visible parts alone."""
        told: dict[int, Outcome] = {}
        tried = 0
        for own in self._of_each_process(tests):
            if all(map(self._is_unwritten, own)):
                tried += len(own)
                told |= {test.number: outcome for test in own if (outcome := self._tried(test))}
        if len(told) < tried:  # the others are to find a process that nothing ran in
            self.student.stop()
        return told

    def _of_each_process(self, tests: list[Test]) -> list[list[Test]]:
        groups: dict[int, list[Test]] = {}
        for test in tests:
            groups.setdefault(self.order.fork_of_test[test.number], []).append(test)
        return [*groups.values()]

    def _is_unwritten(self, test: Test) -> bool:
        """Whether the cell that a test is of has a stub, as far as its text tells."""
        texts = [step.text for step in self.order.steps if step.key == test.function]
        is_stub = any("NotImplementedError" in text or STUB_VALUE.search(text) for text in texts)
        return bool(test.visible_source.strip()) and (is_stub or not texts)

    def _tried(self, test: Test) -> Outcome | None:
        """What came of a test whose visible part raised; None if that told nothing."""
        self.progress.test = test.number
        if self._obstacle(test):
            return None
        try:
            ending = self._run(test, _visible_source)
        except CallFailedError:
            return None
        return _told(test, ending) if ending.kind else None

    def _whole(self, test: Test) -> Outcome:
        """Run the whole of a test behind the seal."""
        self.progress.test = test.number
        obstacle = self._obstacle(test)
        if obstacle:
            text = f"{test.about}: not run, since {obstacle}"
            return Outcome("timeout", None, text, retry=self._may_run_later(test))
        try:
            self._seal()
            ending = self._run(test, _whole_source)
        except CallFailedError as failure:
            return self._failed_by(failure, test)
        if not ending.kind:
            # a number of a cell that has none would tell, in its digits, what is hidden
            return Outcome("passed", None, "", ending.value if test.has_value else "")
        if self.order.explain and self._has_secrets():
            return _untold(test)
        return _told(test, ending)

    def _failed_by(self, failure: CallFailedError, test: Test) -> Outcome:
        """What came of a test whose process failed it."""
        if failure.status == "timeout":
            self._timeouts[test.function] = self._timeouts.get(test.function, 0) + 1
        if failure.retry_alone:
            self._waited.add(test.function)
        reason: Reason | None = "unreadable-answer" if failure.status == "failed" else None
        text = f"{test.about}: {failure}"
        return Outcome(failure.status, reason, text, retry=failure.retry_alone)

    def _seal(self) -> None:
        if not self._is_sealed:
            self._is_sealed = True
            self.student.seal()

    _is_sealed = False

    def _obstacle(self, test: Test) -> str:
        """Why a test is not to be run; nothing if it is."""
        if time.monotonic() > self.student.budget_end:
            return "the time for the whole submission was used up"
        most = 1 if self.order.is_retry else MOST_TIMEOUTS
        if self._timeouts.get(test.function, 0) >= most:
            return "the function did not end in time twice"
        return ""

    def _may_run_later(self, test: Test) -> bool:
        """Whether a test that was not run may be in a second try."""
        if time.monotonic() > self.student.budget_end:
            return self.student.may_have_waited
        return test.function in self._waited

    def _run(self, test: Test, part: Part) -> Ending:
        """Run a part of a test where it belongs, after that of earlier tests that it relies on."""
        fork = self.order.fork_of_test[test.number]
        for number in test.earlier:
            if (self.student.starts, fork, number) not in self._done:
                self._judge(self.tests[number], fork, part)
        return self._judge(test, fork, part)

    def _judge(self, test: Test, fork: int, part: Part) -> Ending:
        ending = self.student.judge(fork, part(test))
        self._done.add((self.student.starts, fork, test.number))
        return ending

    def _explained(self, test: Test) -> Outcome:
        """What to tell of a test that failed: its visible part says so in a fresh process."""
        if not test.visible_source.strip():
            return _untold(test)
        try:
            ending = self._run(test, _visible_source)
        except CallFailedError:
            return _untold(test)
        return _told(test, ending) if ending.kind else _untold(test)


def _whole_source(test: Test) -> str:
    return test.source


def _visible_source(test: Test) -> str:
    return test.visible_source


def _untold(test: Test) -> Outcome:
    return Outcome("failed", "property", f"{test.about}: failed")


def _told(test: Test, ending: Ending) -> Outcome:
    """What an ending in the visible part tells, in the words of a test apart."""
    if ending.kind == "AssertionError" and ending.is_tests:
        return Outcome("failed", "property", ending.text or _line(test, ending.line))
    if ending.kind == "AssertionError" and not ending.text:
        return Outcome("failed", "raised", "an assert in your code failed")
    message = f"{ending.kind}: {ending.text}"
    if ending.kind == "NotImplementedError":
        return Outcome("failed", "not-implemented", message)
    if not ending.is_tests:
        return Outcome("failed", "raised", message)
    is_type = ending.kind in ("TypeError", "AttributeError")
    return Outcome("failed", "wrong-type" if is_type else "property", message)


def _line(test: Test, number: int) -> str:
    lines = test.visible_source.splitlines()
    return lines[number - 1].strip() if 0 < number <= len(lines) else f"{test.about}: failed"
