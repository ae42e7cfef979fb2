"""Examinations of a test's own: a plan of a few test cells, and a student that answers."""

import math

from mlpgrader.inside import wire
from mlpgrader.inside.checker.compiled_tests import CompiledTests
from mlpgrader.inside.checker.examination import Examination, Progress
from mlpgrader.inside.checker.student_process import read_answer
from mlpgrader.inside.messages import Call, Raised, TestCell, TestPlan

DEFINED = {"f": "function", "choice": "value", "len": "function", "torch": "function"}


class Student:
    """A student's process of the test's own: it answers by function."""

    def __init__(self, answer=lambda call: None):
        self.answer = answer
        self.calls = []
        self.budget_end = math.inf
        self.restarts_are_dear = False
        self.may_have_waited = False
        self.cells_may_end_better = False
        self.renewals = 0
        self.outputs = {}

    def ask(self, fork, request, function):
        call = Call(*wire.decode(request, lambda content: content))
        self.calls.append(call)
        return self.answer(call)

    def take(self, fork, request):
        return request  # it is answered when it is read

    def read(self, answer):
        return self.answer(Call(*wire.decode(answer, lambda content: content)))

    def renew(self):
        self.renewals += 1

    def is_written(self, key):
        return True

    def may_blame_others(self, fork, function, status):
        return False


def cell(source, *, grade_id="t", about="the property", hidden=(), function="s"):
    """A test cell; `hidden` are the numbers of its hidden lines."""
    return TestCell(grade_id, about, source, list(hidden), function)


def examination(student, *cells):
    """An examination of test cells that one fork serves."""
    plan = TestPlan(setup=["import torch"], names=DEFINED, tests=list(cells))
    return Examination(CompiledTests(plan), [0] * len(cells), student, Progress())


def verdict(source, answer=lambda call: None, **options):
    """The verdict on one test cell."""
    [only] = examination(Student(answer), cell(source, **options)).verdicts([0])
    return only


def told(source, answer=lambda call: None, **options):
    """The status and the message of one test cell."""
    only = verdict(source, answer, **options)
    return only.status, only.message


def raises(error, reason=None):
    """An answer: the student's code raises this, where a check says so for a reason."""

    def answer(call):
        read_answer(Raised(*wire.error_of(error), reason).plain())

    return answer
