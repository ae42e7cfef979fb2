"""The checker: whose a name is, what may be handed over, and what people read."""

import io
import math
import pickle
import resource
import signal

import cloudpickle
import pytest
import torch
from torch import nn

from mlpgrader.inside import wire
from mlpgrader.inside.checker import examiner as checker
from mlpgrader.inside.checker.student_process import Failed
from mlpkit import checks

DEFINED = {"f": "function", "choice": "value", "len": "function", "torch": "function"}


class Process:
    """A student's process of the test's own: answers by function."""

    def __init__(self, answer=lambda operation, name, arguments, options: None):
        self.answer, self.requests = answer, []
        self.end = math.inf  # of its time

    def ask(self, point, request, function):
        request = wire.decode(request, lambda content: content)
        self.requests.append(request)
        return self.answer(*request)

    def may_blame_others(self, point, function, status):
        return False


def examination(source, process, about="the property", hidden=()):
    test = {"grade_id": "t", "source": source, "about": about, "hidden": hidden, "solution": "s"}
    content = {"tests": [test], "setup": ["import torch"], "names": DEFINED}
    return checker.Examination(checker.Plan(content), [0], process, [0])


def verdict(source, answer=lambda *request: None, **more):
    [found] = examination(source, Process(answer), **more).verdicts([0])
    return found["status"], found["message"]


def test_a_verdict_leaves_no_limit_on_who_asked_for_it():
    before = resource.getrlimit(resource.RLIMIT_CPU), signal.getitimer(signal.ITIMER_PROF)
    assert verdict("assert True") == ("passed", "")
    assert (resource.getrlimit(resource.RLIMIT_CPU), signal.getitimer(signal.ITIMER_PROF)) == before


def test_own_names_come_before_builtins_and_these_before_the_students():
    source = "assert torch.ones(1) == 1 and len([1]) == 1 and type(f).__name__ == 'Remote'"
    assert verdict(source) == ("passed", "")


def test_a_name_nobody_has_is_the_tests_fault():
    assert verdict("assert g(1)")[0] == "error"
    assert verdict("import nothing_of_the_kind")[0] == "error"


def test_a_name_the_student_lacks_is_the_students_fault():
    def lacks(*request):
        raise wire.raised(*wire.error_of(NameError("name 'f' is not defined")))

    assert verdict("assert f(1)", lacks) == ("failed", "NameError: name 'f' is not defined")


def test_a_bare_assert_of_the_students_is_not_taken_for_the_tests():
    def asserts(*request):
        raise wire.raised(*wire.error_of(AssertionError()))

    assert verdict("assert f(1) == 1", asserts) == ("failed", "an assert in your code failed")
    assert verdict("assert 1 == 2") == ("failed", "assert 1 == 2")


def test_a_key_error_of_the_students_is_no_missing_name():
    def lacks(*request):
        raise wire.raised(*wire.error_of(KeyError("choice")))

    assert verdict("assert choice == 'b'", lacks)[0] == "failed"


def test_a_checker_without_memory_has_met_a_limit():
    source = "raise RuntimeError('[enforce fail] DefaultCPUAllocator: cannot allocate')"
    assert verdict(source)[0] == "limit"


def test_a_value_is_fetched_as_plain_data():
    assert verdict("assert choice == 'b'", lambda *request: [False, "b"])[0] == "passed"
    assert verdict("assert choice == 'b'", lambda *request: "b")[0] == "failed"


def test_a_call_carries_the_grad_mode_and_copies():
    source = "x = [torch.ones(1)]\nwith torch.no_grad():\n    f(x)\nf(x)\nassert x[0] == 1"
    exam = examination(source, process := Process())
    assert [found["status"] for found in exam.verdicts([0])] == ["passed"]
    assert [request[3]["grad_mode"] for request in process.requests] == [False, True]


@pytest.mark.parametrize("answer", [None, True, (1,), (1, 2), (torch.ones(1), [1])])
def test_a_gradient_has_to_be_one(answer):
    source = "from mlpkit import checks\nchecks.value_and_grad(f, torch.ones(1))"
    assert verdict(source, lambda *request: answer)[0] == "failed"


@pytest.mark.parametrize("answer", [1, "yes", None, torch.tensor(True)])
def test_keeping_is_said_by_true_alone(answer):
    remote = checker.Remote("f", lambda *request, **options: answer)
    assert checks.keeps_arguments(remote, 1) is False
    assert checks.keeps_generator(remote, 1) is False


def test_what_fails_in_the_hidden_part_is_not_shown():
    source = "assert f(1) == 2, 'visible'\nassert f(99) == 1234, 'hidden 1234'"
    assert verdict(source, lambda *r: 3, hidden=[2]) == ("failed", "visible")
    assert verdict(source, lambda *r: 2, hidden=[2]) == ("failed", "the property: failed")


def test_a_visible_helper_called_from_the_hidden_part_is_not_shown():
    source = "def helper(x, y):\n    assert f(x) == y, f'expected {y}'\nhelper(99, 1234)"
    assert verdict(source, hidden=[3]) == ("failed", "the property: failed")


def test_what_student_code_raised_in_the_hidden_part_is_not_shown():
    def raises(*request):
        raise wire.raised(*wire.error_of(ValueError("x was 1234")))

    assert verdict("f(1234)", raises, hidden=[1]) == ("failed", "the property: failed")
    assert verdict("f(1234)", raises) == ("failed", "ValueError: x was 1234")


def test_a_hidden_part_that_cannot_be_cut_off_hides_all_of_its_test():
    source = "for x in (1, 99):\n    assert f(x) == 2, 'visible'\n    assert f(x) == 1234"
    assert verdict(source, lambda *r: 3, hidden=[3]) == ("failed", "the property: failed")
    assert verdict(source.replace("1234", "2"), lambda *r: 2, hidden=[3]) == ("passed", "")


def test_no_hidden_part_runs_before_a_visible_one():
    tests = [
        {"grade_id": str(n), "source": f"f({n})\nassert torch.rand(1) < 2\nf({n}, hidden=1)"}
        | {"about": "", "hidden": [3], "solution": "s"}
        for n in range(3)
    ]
    content = {"tests": tests, "setup": ["import torch"], "names": DEFINED}
    exam = checker.Examination(checker.Plan(content), [0, 0, 0], process := Process(), [0])
    assert [found["number"] for found in exam.verdicts(range(3))] == [0, 1, 2]
    keywords = [request[3].get("keywords") for request in process.requests]
    assert keywords == [{}] * 3 + [{"hidden": 1}] * 3


def test_what_a_test_draws_does_not_depend_on_other_tests():
    seeded = "torch.manual_seed(3)\na = torch.rand(1)\nassert f(a) is None\nf(torch.rand(1))"
    drawn = []
    for others in (0, 2):
        test = {"grade_id": "t", "source": seeded, "about": "", "hidden": [4], "solution": "s"}
        content = {"tests": [test] * (1 + others), "setup": ["import torch"], "names": DEFINED}
        exam = checker.Examination(checker.Plan(content), [0] * 3, process := Process(), [0])
        list(exam.verdicts(range(1 + others)))
        drawn.append([process.requests[i][2][0].item() for i in (0, 1 + others)])
    assert drawn[0] == drawn[1]


class Shared(Process):
    """A process that answers wrongly after another function was asked for."""

    def __init__(self):
        super().__init__(lambda *request: 3 if len(set(self.functions)) > 1 else 2)
        self.functions, self.renewed = [], 0

    def ask(self, point, request, function):
        self.functions.append(function)
        return super().ask(point, request, function)

    def may_blame_others(self, point, function, status):
        return set(self.functions) > {function}

    def renew(self, point):
        self.functions, self.renewed = [], self.renewed + 1


def test_nobody_fails_for_what_another_function_left_behind():
    tests = [
        {"grade_id": name, "source": f"assert f(1) == {right}\nassert f(1) == {right}"}
        | {"about": "", "hidden": [2], "solution": name}
        for name, right in (("a", 2), ("b", 2), ("c", 9))
    ]
    content = {"tests": tests, "setup": ["import torch"], "names": DEFINED}
    exam = checker.Examination(checker.Plan(content), [0, 0, 0], process := Shared(), [0])
    found = {found["grade_id"]: found["status"] for found in exam.verdicts(range(3))}
    assert found == {"a": "passed", "b": "passed", "c": "failed"}
    assert process.renewed == 4  # b and c when visible, then a and b when hidden


@pytest.mark.parametrize("status", ["timeout", "crashed", "limit"])
def test_a_test_cannot_swallow_that_the_process_failed(status):
    def fails(*request):
        raise Failed(status, "why")

    source = "try:\n    f(1)\nexcept BaseException:\n    pass"
    assert verdict(source, fails) == (status, "the property: why")


def test_after_two_timeouts_of_a_function_its_tests_are_not_run():
    def fails(*request):
        raise Failed("timeout", "why")

    exam = examination("f(1)", process := Process(fails))
    assert [found["status"] for found in exam.verdicts([0] * 4)] == ["timeout"] * 4
    assert len(process.requests) == 2


def test_once_the_time_of_a_submission_is_used_up_nothing_is_run():
    exam = examination("f(1)", process := Process())
    process.end = 0.0
    [found] = exam.verdicts([0])
    assert found["status"] == "timeout" and "whole submission" in found["message"]
    assert process.requests == []


# --- callables -----------------------------------------------------------------------------


def made(source):
    """The function `g` that a test cell defines."""
    names = checker.Names({"torch": torch, "math": math, "nn": nn}, DEFINED, None)
    exec(compile(source, checker.FILE, "exec"), names)
    return names["g"]


class Loader(pickle.Unpickler):
    def persistent_load(self, name):
        return lambda x: x + 100


def arrived(value):
    return Loader(io.BytesIO(checker.ship(value))).load()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("g = lambda x: 2 * x", 6),
        ("a = 5\ndef g(x): return x + a", 8),
        ("def h(x): return x * x\ndef g(x): return h(x) + 1", 10),
        ("def make(k):\n    def inner(x): return x * k\n    return inner\ng = make(4)", 12),
        ("def g(x): return f(x) - math.floor(0.5)", 103),
        ("def g(n): return 1 if n < 1 else n * g(n - 1)", 6),
        ("g = lambda x, y=7: x + y", 10),
        ("def g(x, *, z=2): return x - z", 1),
        ("g = math.factorial", 6),
        ("def g(x): return sum(y for y in range(x + 1))", 6),
    ],
)
def test_a_callable_works_where_it_arrives(source, expected):
    assert arrived(made(source))(3) == expected


def test_modules_of_torch_travel():
    layer = nn.Sequential(nn.Linear(2, 3), nn.Tanh())
    assert torch.equal(arrived(layer)(torch.ones(1, 2)), layer(torch.ones(1, 2)))
    assert torch.equal(arrived(torch.tanh)(torch.ones(1)), torch.tanh(torch.ones(1)))


@pytest.mark.parametrize(
    "source",
    [
        "secret = 'answer'\ndef g(x): return secret",
        "secret = {'a': ['answer']}\ndef g(x): return secret",
        "def make(s):\n    return lambda x: s\ng = make('answer')",
        "def g(x, s='answer'): return s",
        "from mlpkit import checks\ndef g(x): return checks",
        "r = torch.Generator()\ndef g(x): return torch.randn(1, generator=r)",
        "class C:\n    pass\nc = C()\ndef g(x): return c",
        "class C:\n    def __call__(self, x): return x\ng = C()",
        "g = object()",
        "g = 'answer'",
    ],
)
def test_a_callable_that_may_carry_an_answer_is_refused(source):
    with pytest.raises(checker.Refused):
        checker.ship(made(source))


def test_docstring_names_and_file_stay_behind():
    source = "def g(x):\n    'the wanted answer'\n    def inner(y):\n        'more of it'\n"
    content = checker.ship(made(source + "        return y\n    return inner(x)"))
    for word in (b"wanted", b"more of it", checker.FILE.encode(), b"__main__.g"):
        assert word not in content
    assert cloudpickle.loads(content)(5) == 5
