"""The order of things for tests judged inside: no hidden line is sent before the seal."""

import math

import pytest

from mlpgrader.inside import messages
from mlpgrader.inside.checker.compiled_tests import CompiledTests
from mlpgrader.inside.checker.examination import Progress
from mlpgrader.inside.checker.inside_tests import InsideExamination
from mlpgrader.inside.checker.watch import CallFailedError
from mlpgrader.inside.messages import Ending, Limits, Order, Step

STUB = "def f(x):\n    raise NotImplementedError()"
WRITTEN = "def f(x):\n    return x"
RAISED = Ending(kind="NotImplementedError", line=1)
WRONG = Ending(kind="AssertionError", text="g(1)", line=1, is_tests=True)
PASSED = Ending()
LIMITS = Limits(timeout=1, patience=3, memory_mb=100, budget=20)


class Student:
    """Answers as it is told to, and keeps what it was asked."""

    budget_end = math.inf
    may_have_waited = False
    starts = 1

    def __init__(self, endings):
        self.endings = endings
        self.asked = []

    def judge(self, fork, text):
        self.asked.append(text)
        ending = self.endings[text]
        if isinstance(ending, CallFailedError):
            raise ending
        return ending

    def seal(self):
        self.asked.append("seal")

    def unseal(self):
        self.asked.append("unseal")

    def stop(self):
        self.starts += 1
        self.asked.append("stop")


def whole(visible):
    return f"{visible}\nhidden"


def examined(cells, endings):
    """What came of two tests in one process, and what the student's process was asked."""
    names = ("f", "g")
    tests = [messages.TestCell(f"{n}-1", f"{n} is right", whole(n), [2], n, []) for n in names]
    compiled = CompiledTests(messages.TestPlan([], {}, tests, {}))
    steps = [Step("cell", name, text) for name, text in zip(names, cells, strict=True)]
    order = Order(1, steps, [0, 0], LIMITS, inside_tests=[0, 1], explain=True)
    student = Student(endings)
    verdicts = [*InsideExamination(compiled, order, student, Progress()).verdicts([0, 1])]
    return [(each.status, each.reason) for each in verdicts], student.asked


def test_where_nothing_is_written_the_visible_parts_tell_all():
    verdicts, asked = examined([STUB, "g = ..."], {"f": RAISED, "g": WRONG})
    assert verdicts == [("failed", "not-implemented"), ("failed", "property")]
    assert asked == ["f", "g"]


@pytest.mark.parametrize("other", [PASSED, CallFailedError("crashed", "it ended")])
def test_a_part_that_tells_nothing_has_the_whole_run_in_a_fresh_process(other):
    endings = {"f": RAISED, "g": other, whole("g"): PASSED}
    verdicts, asked = examined([STUB, STUB], endings)
    assert verdicts == [("failed", "not-implemented"), ("passed", None)]
    assert asked == ["f", "g", "stop", "seal", whole("g")]


def test_in_a_process_with_a_written_cell_nothing_runs_before_the_seal():
    endings = {whole("f"): RAISED, whole("g"): PASSED, "f": RAISED}
    verdicts, asked = examined([STUB, WRITTEN], endings)
    assert verdicts == [("failed", "not-implemented"), ("passed", None)]
    assert asked == ["seal", whole("f"), whole("g"), "unseal", "f"]
