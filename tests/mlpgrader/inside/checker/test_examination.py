"""The examination: which part runs when, what is shown of it, and whom a failure is laid to."""

import gc
import resource
import signal
import weakref

import pytest

from mlpgrader.inside.checker.watch import CallFailedError
from tests.support.examinations import Student, cell, examination, raises, told, verdict

UNSEEN = "in a check that you did not see"


def test_a_verdict_leaves_no_limit_on_who_asked_for_it():
    before = resource.getrlimit(resource.RLIMIT_CPU), signal.getitimer(signal.ITIMER_PROF)
    assert told("assert True") == ("passed", "")
    assert (resource.getrlimit(resource.RLIMIT_CPU), signal.getitimer(signal.ITIMER_PROF)) == before


def test_a_call_carries_the_grad_mode_and_copies():
    source = "x = [torch.ones(1)]\nwith torch.no_grad():\n    f(x)\nf(x)\nassert x[0] == 1"
    exam = examination(student := Student(), cell(source))
    assert [verdict.status for verdict in exam.verdicts([0])] == ["passed"]
    assert [call.grad_mode for call in student.calls] == [False, True]


def test_a_call_carries_the_inference_mode():
    source = "from mlpkit import checks\nchecks.by_hand(f, torch.ones(1))\nf(1)"
    exam = examination(student := Student(), cell(source))
    assert [verdict.status for verdict in exam.verdicts([0])] == ["passed"]
    assert [(call.inference_mode, call.grad_mode) for call in student.calls] == [
        (True, False),
        (False, True),
    ]


def test_progress_says_which_test_is_at_work():
    exam = examination(Student(), cell("f(0)"), cell("f(1)\nf(1)", hidden=[2]), cell("f(2)"))
    seen = []
    exam.student.answer = lambda call: seen.append((exam.progress.test, call.arguments[0]))
    list(exam.verdicts(range(3)))
    assert seen == [(0, 0), (1, 1), (2, 2), (1, 1)]


# --- what is shown -------------------------------------------------------------------------


def test_what_fails_in_the_hidden_part_is_not_shown():
    source = "assert f(1) == 2, 'visible'\nassert f(99) == 1234, 'hidden 1234'"
    assert told(source, lambda call: 3, hidden=[2]) == ("failed", "visible")
    message = f"the property: {UNSEEN}, this does not hold"
    assert told(source, lambda call: 2, hidden=[2]) == ("failed", message)


def test_a_visible_helper_called_from_the_hidden_part_is_not_shown():
    source = "def helper(x, y):\n    assert f(x) == y, f'expected {y}'\nhelper(99, 1234)"
    assert told(source, hidden=[3]) == ("failed", f"the property: {UNSEEN}, this does not hold")


def test_what_student_code_raised_in_the_hidden_part_is_not_shown():
    answer = raises(ValueError("x was 1234"))
    message = f"the property: {UNSEEN}, it raised ValueError"
    assert told("f(1234)", answer, hidden=[1]) == ("failed", message)
    assert told("f(1234)", answer) == ("failed", "ValueError: x was 1234")


def test_a_hidden_part_that_cannot_be_cut_off_hides_all_of_its_test():
    source = "for x in (1, 99):\n    assert f(x) == 2, 'visible'\n    assert f(x) == 1234"
    message = f"the property: {UNSEEN}, this does not hold"
    assert told(source, lambda call: 3, hidden=[3]) == ("failed", message)
    assert told(source.replace("1234", "2"), lambda call: 2, hidden=[3]) == ("passed", "")


# --- what runs when ------------------------------------------------------------------------


def test_no_hidden_part_runs_before_a_visible_one():
    cells = [
        cell(f"f({n})\nassert torch.rand(1) < 2\nf({n}, hidden=1)", hidden=[3]) for n in range(3)
    ]
    exam = examination(student := Student(), *cells)
    assert [verdict.test for verdict in exam.verdicts(range(3))] == [0, 1, 2]
    assert [call.keywords for call in student.calls] == [{}] * 3 + [{"hidden": 1}] * 3


def test_what_a_test_draws_does_not_depend_on_other_tests():
    seeded = "torch.manual_seed(3)\na = torch.rand(1)\nassert f(a) is None\nf(torch.rand(1))"
    drawn = []
    for others in (0, 2):
        cells = [cell(seeded, hidden=[4])] * (1 + others)
        exam = examination(student := Student(), *cells)
        list(exam.verdicts(range(1 + others)))
        drawn.append([student.calls[i].arguments[0].item() for i in (0, 1 + others)])
    assert drawn[0] == drawn[1]


class SharedStudent(Student):
    """A process that answers wrongly after another function was asked for."""

    def __init__(self):
        super().__init__(lambda call: 3 if len(set(self.functions)) > 1 else 2)
        self.functions, self.renewed = [], 0

    def ask(self, fork, request, function):
        self.functions.append(function)
        return super().ask(fork, request, function)

    def may_blame_others(self, fork, function, status):
        return set(self.functions) > {function}

    def renew(self):
        self.functions, self.renewed = [], self.renewed + 1


def test_nobody_fails_for_what_another_function_left_behind():
    cells = [
        cell(
            f"assert f(1) == {right}\nassert f(1) == {right}",
            grade_id=name,
            hidden=[2],
            function=name,
        )
        for name, right in (("a", 2), ("b", 2), ("c", 9))
    ]
    exam = examination(student := SharedStudent(), *cells)
    statuses = {verdict.grade_id: verdict.status for verdict in exam.verdicts(range(3))}
    assert statuses == {"a": "passed", "b": "passed", "c": "failed"}
    assert student.renewed == 4  # b and c when visible, then a and b when hidden


class TwoFaced(Student):
    """A student who answers otherwise when asked a second time, in a process that has ended once.

    Args:
        second: how the second process answers a call.
    """

    def __init__(self, second):
        super().__init__(lambda call: None)
        self.second = second

    def answer_of(self, call):
        if call.operation == "get":
            return [False, "asked"]
        return self.second(call) if self.renewals else 1

    def ask(self, fork, request, function):
        self.answer = self.answer_of
        return super().ask(fork, request, function)

    def take(self, fork, request):
        return b"A" if not self.renewals else b"B"

    def read(self, answer):
        return [False, answer.decode()]

    def may_blame_others(self, fork, function, status):
        return True


def test_a_value_is_taken_once_before_any_call():
    cells = [
        cell("assert f(1) == 1"),
        cell("assert choice == 'B'", grade_id="letter", function="choice"),
        cell("f(1)\nassert choice == 'asked'", grade_id="after", function="choice"),
    ]
    exam = examination(student := TwoFaced(lambda call: 1), *cells)
    statuses = {verdict.grade_id: verdict.status for verdict in exam.verdicts(range(3))}
    assert student.renewals  # the letter was wrong, and its test run again
    assert statuses == {"t": "passed", "letter": "failed", "after": "passed"}


@pytest.mark.parametrize("status", ["timeout", "crashed", "limit"])
def test_no_answer_in_a_second_try_leaves_the_first_one(status):
    def ends(call):
        raise CallFailedError(status, "why", retry_alone=True)

    exam = examination(student := TwoFaced(ends), cell("assert f(1) == 2, 'first'"))
    [only] = exam.verdicts([0])
    assert (only.status, only.message, only.retry) == ("failed", "first", False)
    assert student.renewals == 1


def test_a_value_that_cannot_be_taken_is_not_asked_for_later():
    class Dies(TwoFaced):
        def take(self, fork, request):
            raise CallFailedError("crashed", "it ended", retry_alone=True)

    cells = [
        cell("assert f(1) == 1"),
        cell("assert choice == 'asked'", grade_id="letter", function="choice"),
    ]
    exam = examination(Dies(lambda call: 1), *cells)
    [_, letter] = exam.verdicts(range(2))
    assert (letter.status, letter.retry) == ("crashed", True)


def test_what_got_no_answer_may_be_tried_again():
    def ends(call):
        raise CallFailedError("timeout", "why", retry_alone=True)

    cells = [cell("f(1)", grade_id=name) for name in "abc"]
    found = [*examination(Student(ends), *cells).verdicts(range(3))]
    assert [verdict.retry for verdict in found] == [True, True, True]
    assert "not run" in found[2].message

    def takes_too_long(call):
        raise CallFailedError("timeout", "why")

    found = [*examination(Student(takes_too_long), *cells).verdicts(range(3))]
    assert [verdict.retry for verdict in found] == [False, False, False]


# --- a process that fails ------------------------------------------------------------------


@pytest.mark.parametrize("status", ["timeout", "crashed", "limit"])
def test_a_test_cannot_swallow_that_the_process_failed(status):
    def fails(call):
        raise CallFailedError(status, "why")

    source = "try:\n    f(1)\nexcept BaseException:\n    pass"
    assert told(source, fails) == (status, "the property: why")
    assert verdict(source, fails).reason is None


def test_after_two_timeouts_of_a_function_its_tests_are_not_run():
    def fails(call):
        raise CallFailedError("timeout", "why")

    exam = examination(student := Student(fails), cell("f(1)"))
    assert [verdict.status for verdict in exam.verdicts([0] * 4)] == ["timeout"] * 4
    assert len(student.calls) == 2


def test_once_the_time_of_a_submission_is_used_up_nothing_is_run():
    exam = examination(student := Student(), cell("f(1)"))
    student.budget_end = 0.0
    [verdict] = exam.verdicts([0])
    assert verdict.status == "timeout" and "whole submission" in verdict.message
    assert student.calls == []


# --- what stays in memory ------------------------------------------------------------------


class Secret:
    value = 1


@pytest.mark.parametrize("hidden", [[], [2]])
@pytest.mark.parametrize("answer", [lambda call: 3, raises(ValueError("no"))])
def test_what_a_failed_test_held_is_gone_before_any_collection(answer, hidden):
    source = "def helper(secret): return f(secret.value)\nassert helper(make()) == 2"
    exam = examination(Student(answer), cell(source, hidden=hidden))
    references = []

    def make():
        references.append(weakref.ref(secret := Secret()))
        return secret

    exam.tests.setup_names["make"] = make
    gc.disable()
    try:
        [verdict] = exam.verdicts([0])
        assert verdict.status == "failed" and [secret() for secret in references] == [None]
    finally:
        gc.enable()
