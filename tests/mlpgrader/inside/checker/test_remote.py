"""Whose a name of a test cell is, and what a student's function may answer."""

import pytest
import torch

from mlpgrader.inside.checker.remote import RemoteFunction
from mlpkit import checks
from tests.support.examinations import raises, told


def test_own_names_come_before_builtins_and_these_before_the_students():
    source = "assert torch.ones(1) == 1 and len([1]) == 1 and type(f).__name__ == 'RemoteFunction'"
    assert told(source) == ("passed", "")


def test_a_name_nobody_has_is_the_tests_fault():
    assert told("assert g(1)")[0] == "error"
    assert told("import nothing_of_the_kind")[0] == "error"


def test_a_name_the_student_lacks_is_the_students_fault():
    lacks = raises(NameError("name 'helper' is not defined"))
    assert told("assert f(1)", lacks) == ("failed", "NameError: name 'helper' is not defined")


def test_a_key_error_of_the_students_is_no_missing_name():
    assert told("assert choice == 'b'", raises(KeyError("choice")))[0] == "failed"


def test_a_value_is_fetched_as_plain_data():
    assert told("assert choice == 'b'", lambda call: [False, "b"])[0] == "passed"
    assert told("assert choice == 'b'", lambda call: "b")[0] == "failed"


def test_a_value_that_can_be_called_is_a_function():
    def answer(call):
        return [True, None] if call.operation == "get" else 2 * call.arguments[0]

    assert told("assert choice(3) == 6", answer) == ("passed", "")


@pytest.mark.parametrize("answer", [None, True, (1,), (1, 2), (torch.ones(1), [1])])
def test_a_gradient_has_to_be_one(answer):
    source = "from mlpkit import checks\nchecks.value_and_grad(f, torch.ones(1))"
    assert told(source, lambda call: answer)[0] == "failed"


@pytest.mark.parametrize("answer", [1, "yes", None, torch.tensor(True)])
def test_keeping_is_said_by_true_alone(answer):
    remote = RemoteFunction("f", lambda *request, **options: answer)
    assert checks.keeps_generator(remote, 1) is False
    assert checks.keeps_grad_mode(remote, 1) is False


@pytest.mark.parametrize("answer", [1, "yes", None, True, False])
def test_keeping_arguments_is_said_by_an_empty_text_alone(answer):
    remote = RemoteFunction("f", lambda *request, **options: answer)
    assert checks.keeps_arguments(remote, 1) is False
