"""The verdict: the message that people read, and the reason that programs count."""

from typing import get_args

import pytest
import torch

from mlpgrader.inside.checker.verdict import CATEGORIES
from mlpgrader.inside.checker.watch import CallFailedError
from mlpgrader.inside.frame import WireError
from mlpgrader.inside.messages import CHECK_REASONS, Raised, Reason, answer_of
from mlpgrader.inside.wire import NO_PLAIN_DATA
from mlpkit import checks
from tests.support.examinations import raises, told, verdict

CHECKS = "from mlpkit import checks\n"


def test_a_bare_assert_of_the_students_is_not_taken_for_the_tests():
    answer = raises(AssertionError())
    assert told("assert f(1) == 1", answer) == ("failed", "an assert in your code failed")
    assert told("assert 1 == 2") == ("failed", "assert 1 == 2")


def test_a_checker_without_memory_has_met_a_limit():
    source = "raise RuntimeError('[enforce fail] DefaultCPUAllocator: cannot allocate')"
    assert told(source)[0] == "limit"


def test_what_a_check_says_is_the_message_as_it_is():
    message = "result has the wrong shape\n  expected (2,)\n  got      ()"
    source = CHECKS + "checks.expect_close(f(1), torch.ones(2))"
    assert told(source, lambda call: torch.tensor(1.0)) == ("failed", message)


def test_the_reasons_of_the_checks_are_known():
    assert get_args(checks.Reason) == CHECK_REASONS
    assert {*CHECK_REASONS} < {*get_args(Reason)}


# --- reasons -------------------------------------------------------------------------------


def reasons(source, answer=lambda call: None):
    """The reasons of a test whose last line fails: once visible, once hidden."""
    source = CHECKS + source
    last = len(source.splitlines())
    visible = verdict(source, answer)
    hidden = verdict(source, answer, hidden=[last])
    assert visible.status == hidden.status == "failed"
    category = CATEGORIES[hidden.reason].partition("{}")[0]
    assert hidden.message.startswith(f"the property: in a check that you did not see, {category}")
    return visible.reason, hidden.reason


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (None, "none"),
        ("text", "wrong-type"),
        (torch.ones(3, dtype=torch.float64), "wrong-shape"),
        (torch.ones(2), "wrong-dtype"),
        (torch.zeros(2, dtype=torch.float64), "wrong-value"),
    ],
)
def test_the_reason_of_a_check_is_the_tests(answer, reason):
    expected = "torch.ones(2, dtype=torch.float64)"
    for source in (
        f"checks.expect_close(f(1), {expected})",
        f"assert checks.is_close(f(1), {expected}), 'the values'",
        f"assert f and checks.is_close(f(1), {expected})",
        f"assert all(checks.is_close(f(x), {expected}) for x in (1, 2))",
        f"for x in (1, 2): assert checks.is_close(f(x), {expected})",
    ):
        assert reasons(source, lambda call: answer) == (reason, reason)


def test_a_check_may_stand_in_any_line_of_its_assert():
    source = (
        CHECKS + "assert (\n    f\n    and checks.is_equal(\n        f(1),\n        3,\n    )\n)"
    )
    for hidden in ([], [2]):
        assert verdict(source, lambda call: 2, hidden=hidden).reason == "wrong-value"


def test_what_a_function_changes_is_a_reason():
    keeps = "assert checks.keeps_arguments(f, torch.ones(1)), 'kept'"
    assert reasons(keeps, lambda call: False) == ("argument-changed",) * 2
    draws = "assert checks.keeps_generator(f, torch.ones(1)), 'kept'"
    assert reasons(draws, lambda call: False) == ("generator-moved",) * 2


def test_what_should_raise_and_does_not_is_a_reason():
    source = "checks.expect_raises(ValueError, f, 1)"
    assert reasons(source) == ("not-raised",) * 2
    assert reasons(source, raises(TypeError())) == ("raised",) * 2


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (NotImplementedError(), "not-implemented"),
        (NotImplementedError("later"), "not-implemented"),
        (ValueError("NotImplementedError"), "raised"),
        (AssertionError("x > 0"), "raised"),
        (TypeError("unsupported operand"), "raised"),
        (NameError("name 'f' is not defined"), "raised"),
        (StopIteration(), "raised"),
        (WireError("a list nested too deeply"), "unreadable-answer"),
    ],
)
def test_what_the_students_code_raised_is_a_reason(error, reason):
    assert reasons("assert f(1) == 2", raises(error)) == (reason, reason)
    assert reasons("assert checks.is_close(f(1), 2)", raises(error)) == (reason, reason)


def test_an_object_that_no_message_can_hold_is_for_a_person_to_look_at():
    odd = raises(WireError(f"generator{NO_PLAIN_DATA}"))
    only = verdict("assert f(1) == 2", odd)
    assert (only.status, only.reason) == ("error", "unreadable-answer")
    assert "generator" in only.message
    # what the student's code says of itself is believed by nobody else
    assert verdict("assert f(1) == 2", raises(ValueError("x is no plain data"))).status == "failed"


def test_what_a_check_found_in_the_students_process_is_a_reason():
    no_gradient = raises(AssertionError("no path"), reason="no-gradient")
    source = "checks.value_and_grad(f, torch.ones(1))"
    assert reasons(source, no_gradient) == ("no-gradient",) * 2
    assert told(CHECKS + source, no_gradient) == ("failed", "no path")


@pytest.mark.parametrize("reason", ["", "secret", 1, True, [], {}, ("none",), torch.ones(1)])
def test_a_reason_that_is_none_is_not_read(reason):
    assert answer_of(["raised", 0, "text", None]) == Raised(0, "text")
    assert answer_of(["raised", 0, "text", reason]) is None


def test_a_value_that_the_student_lacks_is_their_error():
    assert reasons("assert choice == 1", raises(KeyError("choice"))) == ("raised",) * 2


def test_an_answer_that_cannot_be_read_is_a_reason():
    def unreadable(call):
        raise CallFailedError("failed", "the answer cannot be read: why")

    assert reasons("assert f(1)", unreadable) == ("unreadable-answer",) * 2


@pytest.mark.parametrize(
    "source",
    [
        "f(1) + 1",
        "f(1).shape",
        "a, b = f(1)",
        "checks.value_and_grad(f, torch.ones(1))",
        "assert choice == 1",
    ],
)
def test_an_answer_that_a_test_cannot_handle_has_the_wrong_type(source):
    assert reasons(source) == ("wrong-type",) * 2


@pytest.mark.parametrize("source", ["assert f(1) == 2", "f(1)['key']", "a, b = f(1)"])
def test_of_anything_else_the_property_alone_is_known(source):
    assert reasons(source, lambda call: {}) == ("property",) * 2


@pytest.mark.parametrize(
    "source",
    [
        # a check was right to say no, and something else failed
        "assert not checks.is_close(1.0, 2.0)\nassert f(1) == 2",
        "assert not checks.is_close(1.0, 2.0); assert f(1) == 2",
        "assert not checks.is_close(1.0, 2.0) and f(1) == 2",
        "assert not (checks.is_close(1.0, 2.0) or f(1) == 3)",
        "assert any(checks.is_close(1.0, x) for x in (2.0, 1.0)) and f(1) == 2",
        "assert (checks.is_close(1.0, 2.0) or f) and f(1) == 2",
        "for x in (2.0, 1.0): assert not checks.is_close(1.0, x)",
        "for x in (2.0, 1.0): assert checks.is_close(1.0, x) is False",
        "for x in (1.0, 2.0): assert checks.is_equal(f(1), 3) and not checks.is_close(x, 1.0)",
        "same = checks.is_close(1.0, 2.0)\nassert f(1) == 2",
        "if not checks.is_close(f(1), 2): raise AssertionError('no')",
        "def near(x): return checks.is_close(x, 2)\nassert near(f(1))",
    ],
)
def test_a_check_that_did_not_decide_is_no_reason(source):
    assert reasons(source, lambda call: 3) == ("property",) * 2


def test_a_check_of_another_test_or_part_is_no_reason():
    source = CHECKS + "assert not checks.is_close(1.0, 2.0)\nassert f(1) == 2"
    assert verdict(source, lambda call: 3, hidden=[3]).reason == "property"
    assert verdict("\nassert f(1) == 2", lambda call: 3).reason == "property"


@pytest.mark.parametrize(
    ("source", "status"),
    [("assert True", "passed"), ("assert nobody", "error"), ("raise MemoryError", "limit")],
)
def test_only_what_failed_has_a_reason(source, status):
    only = verdict(source)
    assert (only.status, only.reason) == (status, None)


# --- what is told of a hidden part ---------------------------------------------------------


def told_of_hidden(error):
    """The message where the student's code raises in a hidden part."""
    _, message = told("f(1234)", raises(error), hidden=[1])
    return message.removeprefix("the property: in a check that you did not see, ")


def test_every_reason_has_its_sentence():
    assert {*CATEGORIES} == {*get_args(Reason)}
    assert len({*CATEGORIES.values()}) == len(CATEGORIES)


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (RuntimeError("1234"), "it raised RuntimeError"),
        (IndexError("index 1234 is out of bounds"), "it raised IndexError"),
        (StopIteration("1234"), "it raised StopIteration"),
        (NotImplementedError("1234"), "it came to what is not written yet"),
        (type("Value1234Error", (Exception,), {})("1234"), "it raised an exception"),
        (type("print", (Exception,), {})("1234"), "it raised an exception"),
        (type("SystemExit", (Exception,), {})("1234"), "it raised an exception"),
        (AssertionError("x is 1234"), "it raised AssertionError"),
        (NameError("name 'x1234' is not defined"), "it raised NameError"),
    ],
)
def test_of_what_is_raised_in_a_hidden_part_pythons_own_name_is_told(error, message):
    assert told_of_hidden(error) == message


def test_an_error_of_the_tests_own_is_told_by_its_kind():
    for source, category in [("f(1234) + 1", "wrong-type"), ("{}[f(1234)]", "property")]:
        _, message = told(source, lambda call: None, hidden=[1])
        assert message.endswith(CATEGORIES[category])


def test_an_answer_that_cannot_be_read_shows_nothing_of_it():
    def answer(call):
        raise CallFailedError("failed", "the answer cannot be read: Secret1234")

    status, message = told("f(1)", answer, hidden=[1])
    assert (status, message.endswith(CATEGORIES["unreadable-answer"])) == ("failed", True)


def test_a_stub_is_not_written_yet():
    assert told("f(1)", raises(NotImplementedError())) == ("failed", "not written yet")
    torchs = raises(NotImplementedError("not implemented for 'Half'"))
    assert told("f(1)", torchs) == ("failed", "NotImplementedError: not implemented for 'Half'")
