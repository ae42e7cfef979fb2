"""checks: it accepts what is right, and says no, with a message that teaches, to the rest."""

import copy
import inspect
import math
import re
import sys
from types import SimpleNamespace
from typing import get_args

import pytest
import torch

from mlpkit import checks
from mlpkit.checks import draw

X = torch.tensor([[1.0, -2.0, 0.5], [0.0, 3.0, -1.0]])


def message(check, *args, **kwargs) -> str:
    with pytest.raises(AssertionError) as raised:
        check(*args, **kwargs)
    return str(raised.value)


@pytest.mark.parametrize(
    "actual, expected",
    [
        (0.5, 0.5 + 1e-10),
        (torch.tensor(2.0), 2.0),
        (3, 3.0),
        (X * (1 + 2e-7), X),
        ([X, 1.0], (X, 1.0)),
        ({"W": X}, {"W": X}),
        (math.inf, math.inf),
        (torch.tensor([math.nan, -math.inf]), torch.tensor([math.nan, -math.inf])),
        (torch.ones(2, requires_grad=True), torch.ones(2)),
        ("relu", "relu"),
        (torch.tensor([True]), torch.tensor([True])),
    ],
)
def test_expect_close_accepts(actual, expected):
    checks.expect_close(actual, expected)
    assert checks.is_close(actual, expected)


@pytest.mark.parametrize(
    "actual, expected, said",
    [
        (None, X, "return"),
        (None, 1.0, "return"),
        (X.T, X, "wrong shape\n  expected (2, 3)\n  got      (3, 2)"),
        (X[:1], X, "wrong shape"),
        (X.double(), X, "wrong dtype\n  expected torch.float32\n  got      torch.float64"),
        (X.tolist(), X, "wrong type\n  expected a tensor\n  got      list"),
        (X, X.tolist(), "wrong type"),
        (1.0, 2.0, "expected 2\n  got      1"),
        (math.nan, 2.0, "nan"),
        (math.inf, 2.0, "inf"),
        (True, 1.0, "wrong type\n  expected a number\n  got      bool"),
        (1j, 1.0, "wrong type"),
        ("1.0", 1.0, "wrong type"),
        (torch.ones(1), 1.0, "wrong shape\n  expected ()\n  got      (1,)"),
        (torch.tensor(True), 1.0, "wrong type"),
        ([X], [X, X], "wrong length\n  expected 2\n  got      1"),
        ([X, X + 1], [X, X], "result[1] is wrong"),
        ({"V": X}, {"W": X}, "wrong keys"),
        ({"W": X + 1}, {"W": X}, "result['W'] is wrong"),
        ("tanh", "relu", "expected 'relu'"),
        (torch.tensor([math.nan]), torch.tensor([0.0]), "expected [0]\n  got      [nan]"),
    ],
)
def test_expect_close_refuses(actual, expected, said):
    assert said in message(checks.expect_close, actual, expected)
    assert not checks.is_close(actual, expected)


def test_a_large_tensor_shows_its_first_difference():
    expected = torch.zeros(4, 5)
    actual = expected.clone()
    actual[2, 3], actual[3, 4] = 7.0, 8.0
    said = message(checks.expect_close, actual, expected, "dW")
    assert "dW is wrong at 2 of 20 entries, first at (2, 3)" in said
    assert "expected 0\n" in said
    assert "got      7" in said


def test_numbers_are_shown_short():
    said = message(checks.expect_close, torch.tensor([[0.1, 2.0]]), torch.tensor([[1 / 3, 2.0]]))
    assert said.endswith("expected [[0.3333333, 2]]\n  got      [[0.1, 2]]")


def test_a_missing_return_in_a_pair_is_named():
    assert "result[1] is None" in message(checks.expect_close, (X, None), (X, 1.0))


def test_tolerances_are_relative_and_absolute():
    checks.expect_close(1e-8, 2e-8, atol=1e-7)
    assert not checks.is_close(1e-8, 2e-8, atol=0.0)
    assert not checks.is_close(X * (1 + 1e-4), X)
    assert checks.is_close(X * (1 + 1e-4), X, rtol=1e-3)


def test_a_test_of_values_can_leave_the_dtype_to_another():
    checks.expect_close(X.double(), X, any_dtype=True)
    checks.expect_derivative(torch.sin, lambda x: x.cos().float(), X.double(), any_dtype=True)
    assert checks.is_close([X.half()], [X], any_dtype=True)
    assert not checks.is_close(X.double() + 1, X, any_dtype=True)
    assert not checks.is_close(X.double().T, X, any_dtype=True)
    assert not checks.is_close(X.to(torch.complex64), X, any_dtype=True)


def test_expect_equal_wants_whole_numbers_and_exact_values():
    checks.expect_equal([[0, 2], [1]], [[0, 2], [1]])
    checks.expect_equal(X, X.clone())
    for wrong in (3.0, torch.tensor(3), True, "3", 4, None):
        assert message(checks.expect_equal, wrong, 3)
        assert not checks.is_equal(wrong, 3)
    assert not checks.is_equal(X + 1e-7, X)
    assert not checks.is_equal(True, False)
    assert not checks.is_equal(1, True)


def test_expect_raises():
    checks.expect_raises(ZeroDivisionError, lambda: 1 / 0)
    assert "raised nothing" in message(checks.expect_raises, ValueError, abs, -1)
    assert "raised TypeError" in message(checks.expect_raises, ValueError, abs, "a")


def test_expect_derivative():
    x = torch.linspace(-2, 2, 9, dtype=torch.float64)
    checks.expect_derivative(torch.sin, torch.cos, x)
    said = message(checks.expect_derivative, torch.sin, torch.sin, x)
    assert said.startswith("sin(x) is wrong")
    assert "sin'" in message(checks.expect_derivative, torch.sin, torch.sin, x, "sin'")
    assert "return" in message(checks.expect_derivative, torch.sin, lambda x: None, x)


def test_expect_derivative_falls_back_on_differences():
    x = torch.linspace(0.5, 2, 4, dtype=torch.float64)
    checks.expect_derivative(lambda z: z.detach() ** 2, lambda z: 2 * z, x)
    with pytest.raises(AssertionError):
        checks.expect_derivative(lambda z: z.detach() ** 2, lambda z: 3 * z, x)


def test_a_wrong_derivative_is_drawn_in_a_kernel_alone(monkeypatch):
    x = torch.linspace(-2, 2, 9)
    drawn = []
    monkeypatch.setattr(draw, "draw_difference", lambda *args: drawn.append(args))
    message(checks.expect_derivative, torch.sin, torch.sin, x)
    assert drawn == []
    monkeypatch.setattr(draw, "in_kernel", lambda: True)
    message(checks.expect_derivative, torch.sin, torch.sin, x)
    assert len(drawn) == 1
    message(checks.expect_gradient, torch.sin, x, torch.sin(x))
    assert len(drawn) == 2


def test_the_drawing_shows_both(monkeypatch):
    shown = []
    display = SimpleNamespace(display=shown.append)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    x = torch.tensor([1.0, -1.0, 0.0])
    draw.draw_difference(x, torch.cos(x), torch.sin(x))
    (figure,) = shown
    expected, got = figure.axes[0].lines
    assert list(expected.get_xdata()) == [-1.0, 0.0, 1.0]
    assert list(got.get_ydata()) == pytest.approx(torch.cos(x.sort().values).tolist())
    draw.draw_difference(x, None, torch.sin(x))
    assert len(shown) == 1


def test_value_and_grad():
    value, grad = checks.value_and_grad(torch.square, X)
    assert torch.equal(value, X**2)
    assert torch.equal(grad, 2 * X)
    assert not value.requires_grad
    assert not grad.requires_grad
    assert not X.requires_grad


def test_value_and_grad_by_another_argument_or_a_list():
    _, grad = checks.value_and_grad(torch.matmul, X, X.T.clone(), wrt=1)
    assert torch.equal(grad, X.sum(0)[:, None].expand(3, 2))
    value, grads = checks.value_and_grad(lambda s, ws: s * ws[0] + ws[1], 2.0, [X, X], wrt=1)
    assert torch.equal(value, 3 * X)
    assert [g.unique().item() for g in grads] == [2.0, 1.0]


def test_value_and_grad_works_where_gradients_are_off():
    with torch.no_grad():
        assert torch.equal(checks.value_and_grad(torch.square, X)[1], 2 * X)


def test_value_and_grad_hands_over_copies():
    def spoil(x, y):
        y.zero_()
        return x * y

    given = X.clone()
    checks.value_and_grad(spoil, X, given)
    assert torch.equal(given, X)


@pytest.mark.parametrize(
    "f", [lambda x: x.detach(), lambda x: torch.tensor(x.tolist()), lambda x: torch.ones(2)]
)
def test_a_result_cut_off_from_its_input_is_named(f):
    assert "no path" in message(checks.value_and_grad, f, X)


def test_a_result_cut_off_from_one_of_several_is_named():
    assert "no path" in message(checks.value_and_grad, lambda ws: ws[0], [X, X])
    said = message(lambda: checks.value_and_grad(lambda loss, ws: loss, X, [X, X], wrt=1))
    assert "back to its argument ws: is it left out" in " ".join(said.split())


def test_value_and_grad_wants_a_tensor():
    assert "return" in message(checks.value_and_grad, lambda x: None, X)
    assert "a tensor" in message(checks.value_and_grad, lambda x: 1.0, X)


def spoil_value(x, ws):
    x[0, 0] = 9.0


def spoil_item(x, ws):
    ws[0] += 1


def spoil_list(x, ws):
    ws.pop()


def spoil_replace(x, ws):
    ws[0] = ws[0] * 2


def spoil_flag(x, ws):
    ws[1].requires_grad_()


def spoil_shape(x, ws):
    x.t_()


@pytest.mark.parametrize(
    "f", [spoil_value, spoil_item, spoil_list, spoil_replace, spoil_flag, spoil_shape]
)
def test_keeps_arguments_sees_a_change_and_suffers_none(f):
    x, ws = X.clone(), [X.clone(), X.clone()]
    assert not checks.keeps_arguments(f, x, ws)
    assert torch.equal(x, X)
    assert len(ws) == 2
    assert not ws[1].requires_grad


def test_keeps_arguments_accepts():
    given = (X, [X, X * math.nan], {"a": X}, 0.25)
    assert checks.keeps_arguments(lambda *args: args[0] + 1, *given)
    assert checks.keeps_arguments(lambda w: w * 2, X.clone().requires_grad_())


def test_copies_lie_in_memory_as_what_they_copy():
    x = torch.arange(24.0).reshape(2, 3, 4)
    views = [x, x.transpose(0, 2), x[:, ::2], x[0].T, x.expand(2, 2, 3, 4)]
    seen = []
    checks.keeps_arguments(lambda *copies: seen.extend(copies), *views)
    for view, copy_ in zip(views, seen, strict=True):
        assert torch.equal(copy_, view)
        assert copy_.stride() == view.stride() or 0 in view.stride()
    assert not checks.keeps_arguments(lambda y: y.zero_(), x[:, ::2] + 0)
    assert not checks.keeps_arguments(lambda y: y.fill_(-1), x[:, ::2])
    assert checks.value_and_grad(lambda y: y.flatten(), x.transpose(0, 2))[1].shape == (4, 3, 2)


@pytest.mark.parametrize(
    ("f", "said"),
    [
        (
            spoil_value,
            "changed its argument x\n  it was    [[1, -2, 0.5], [0, 3, -1]]\n  it is now [[9",
        ),
        (spoil_item, "changed its argument ws[0]\n  it was    [[1, -2"),
        (spoil_list, "changed its argument ws\n  it was    ["),
        (spoil_flag, "changed its argument ws[1]\n  its `requires_grad` is now True"),
        (lambda x, ws: x.resize_(7), "argument x\n  it was    [[1, -2"),
        (lambda x, ws: x[0, 0].add_(1.2e-7), "[[1, -2, 0.5], [0, 3, -1]], but not bit for bit"),
    ],
)
def test_a_changed_argument_is_named_with_what_it_was_and_is(f, said):
    assert said in message(checks.expect_keeps_arguments, f, X.clone(), [X.clone(), X.clone()])


def test_a_change_in_a_large_tensor_is_shown_by_its_first_entry():
    def spoil(weights):
        weights["W"][3, 1] = -2.0

    said = message(checks.expect_keeps_arguments, spoil, {"W": torch.ones(5, 4)})
    assert "weights['W']\n  it was    1 at (3, 1)\n  it is now -2 at (3, 1)" in said
    said = message(checks.expect_keeps_arguments, torch.Tensor.t_, torch.ones(5, 4))
    # newer Pythons know the names of such a method's arguments
    assert re.search(r"argument (number 1|self)\n  it was    a tensor of shape \(5, 4\)", said)


def test_expect_keeps_accepts():
    checks.expect_keeps_arguments(torch.relu, X)
    checks.expect_keeps_generator(torch.relu, X)
    checks.expect_keeps_grad_mode(torch.relu, X)


def test_a_moved_generator_and_a_changed_grad_mode_are_named():
    assert "rand drew from" in message(checks.expect_keeps_generator, torch.rand, 3)
    said = message(checks.expect_keeps_grad_mode, torch.set_grad_enabled, False)
    assert said == "gradients were on before set_grad_enabled, and are off after it"
    assert torch.is_grad_enabled()
    assert checks.keeps_grad_mode(torch.set_grad_enabled, True)


def by_autograd(x):
    with torch.enable_grad():
        x = x.detach().requires_grad_()
        return torch.autograd.grad(x.square().sum(), x)[0]


def leaves_on_purpose(x):
    with torch.inference_mode(False):
        return by_autograd(x.clone())


def test_by_hand_stops_autograd():
    assert "by_autograd asks autograd" in message(checks.by_hand, by_autograd, X)
    assert torch.equal(checks.by_hand(leaves_on_purpose, X), 2 * X)
    given = X.clone().requires_grad_()
    result, items = checks.by_hand(lambda x: (2 * x, [x.mul_(0)]), given)
    assert torch.equal(result, 0 * X + 2 * X)
    assert not result.is_inference() and not items[0].is_inference()
    assert torch.equal(given, X)
    with pytest.raises(RuntimeError, match="shape"):
        checks.by_hand(torch.mm, X, X)


@pytest.mark.parametrize(
    ("result", "reason", "said"),
    [
        (None, "none", "return"),
        (X, "wrong-type", "and gave back one tensor of shape (2, 3)"),
        (2.0, "wrong-type", "a value of type float"),
        ((X, X, X), "wrong-length", "and gave back a tuple of 3"),
        ([X], "wrong-length", "and gave back a list of 1"),
    ],
)
def test_parts_are_asked_for_by_their_names(result, reason, said):
    with pytest.raises(checks.CheckError) as raised:
        checks.expect_parts(result, "dx", "dalpha")
    assert raised.value.reason == reason
    assert "the function should give back (dx, dalpha)" in str(raised.value)
    assert said in str(raised.value)


def test_parts_come_as_they_are():
    assert checks.expect_parts([X, 2.0], "dx", "dalpha") == (X, 2.0)
    assert checks.expect_parts((None, 2), "a", "b") == (None, 2)


@pytest.mark.parametrize(
    ("choice", "reason", "got"),
    [
        (None, "none", "got None"),
        ("E", "wrong-value", "got 'E'"),
        ("e", "wrong-value", "got 'e'"),
        ("AB", "wrong-value", "got 'AB'"),
        ("", "wrong-value", "got ''"),
        (X, "wrong-type", 'put the letter in quotes, as in choice = "A"'),
    ],
)
def test_a_choice_is_one_of_the_letters(choice, reason, got):
    with pytest.raises(checks.CheckError) as raised:
        checks.expect_letter(choice, "ABCD")
    assert raised.value.reason == reason
    assert str(raised.value).startswith("choice: expected a letter from A to D, got ")
    assert got in str(raised.value)
    for choice in ("D", "d", " D\n"):
        checks.expect_letter(choice, "ABCD")


def test_expect_gradient():
    x = torch.linspace(-2, 2, 9, dtype=torch.float64)
    checks.expect_gradient(torch.sin, x, torch.cos(x))
    said = message(checks.expect_gradient, torch.sin, x, torch.sin(x))
    assert said.startswith("the gradient of sin is wrong")
    assert "sin'" in message(checks.expect_gradient, torch.sin, x, torch.sin(x), "sin'")
    assert "no path" in message(checks.expect_gradient, torch.Tensor.detach, x, torch.cos(x))


def test_keeps_arguments_passes_an_error_on():
    with pytest.raises(ZeroDivisionError):
        checks.keeps_arguments(lambda x: 1 / 0, X)


def test_keeps_generator():
    assert checks.keeps_generator(lambda n: torch.rand(n, generator=torch.Generator()), 3)
    assert not checks.keeps_generator(torch.rand, 3)
    assert not checks.keeps_generator(torch.manual_seed, torch.initial_seed() + 1)


def test_a_stand_in_answers_for_itself():
    class Remote:
        __name__ = "remote"

        def value_and_grad(self, *args, wrt):
            return "gradient", args, wrt

        def changed_argument(self, *args):
            return f"number {args}"

        def keeps_generator(self, *args):
            return "generator", args

        def keeps_grad_mode(self, *args):
            return "mode", args

    remote = Remote()
    assert checks.value_and_grad(remote, 1, 2, wrt=1) == ("gradient", (1, 2), 1)
    assert not checks.keeps_arguments(remote, 1, 2)
    assert "argument number (1, 2)" in message(checks.expect_keeps_arguments, remote, 1, 2)
    assert checks.keeps_generator(remote, 1, 2) == ("generator", (1, 2))
    assert checks.keeps_grad_mode(remote, 1, 2) == ("mode", (1, 2))


# --- reasons, for programs

DIFFERENCES = {
    "none": (None, 1.0),
    "wrong-type": ("1.0", 1.0),
    "wrong-shape": (X.T, X),
    "wrong-dtype": (X.double(), X),
    "wrong-length": ([X], [X, X]),
    "wrong-keys": ({"V": X}, {"W": X}),
    "not-finite": (X * math.nan, X),
    "wrong-value": (X + 1, X),
}


@pytest.mark.parametrize("reason", DIFFERENCES)
def test_a_difference_has_its_reason_beside_its_sentence(reason):
    actual, expected = DIFFERENCES[reason]
    for check in (checks.expect_close, checks.expect_equal):
        with pytest.raises(checks.CheckError) as raised:
            check(actual, expected)
        assert raised.value.reason == reason
    for check in (checks.is_close, checks.is_equal):
        checks.forget_difference()
        assert not check(actual, expected)
        assert checks.last_difference().reason == reason


def fails(check, *args) -> str:
    with pytest.raises(checks.CheckError) as raised:
        check(*args)
    return raised.value.reason


def test_other_refusals_have_their_reasons():
    reasons = {
        fails(checks.value_and_grad, torch.Tensor.detach, X),
        fails(checks.expect_raises, ValueError, abs, "a"),
        fails(checks.expect_raises, ValueError, abs, -1),
    }
    assert not checks.keeps_arguments(spoil_value, X, [X])
    reasons.add(checks.last_difference().reason)
    assert not checks.keeps_generator(torch.rand, 3)
    reasons.add(checks.last_difference().reason)
    assert not checks.keeps_grad_mode(torch.set_grad_enabled, False)
    reasons.add(checks.last_difference().reason)
    assert reasons | {*DIFFERENCES} == {*get_args(checks.Reason)}
    assert not reasons & {*DIFFERENCES}


@pytest.mark.parametrize(
    ("actual", "expected", "reason"),
    [
        (math.inf, 2.0, "not-finite"),
        (math.nan, math.inf, "wrong-value"),  # no finite number was expected
        (X.where(X > 0, math.nan), X, "not-finite"),
        (X.where(X > 0, math.nan), X.where(X > 0, math.inf), "wrong-value"),
        ((X, None), (X, X), "none"),
        ([X, {"W": X[0]}], [X, {"W": X}], "wrong-shape"),
        ("tanh", "relu", "wrong-value"),
        (torch.ones(1), 1.0, "wrong-shape"),
        (1, True, "wrong-type"),
    ],
)
def test_the_reason_is_that_of_the_first_difference(actual, expected, reason):
    assert fails(checks.expect_close, actual, expected) == reason


def test_a_wrong_derivative_and_a_result_of_the_wrong_type_have_reasons():
    x = torch.linspace(-2, 2, 9, dtype=torch.float64)
    assert fails(checks.expect_derivative, torch.sin, torch.sin, x) == "wrong-value"
    assert fails(checks.expect_derivative, torch.sin, lambda x: None, x) == "none"
    assert fails(checks.value_and_grad, lambda x: 1.0, X) == "wrong-type"
    assert fails(checks.value_and_grad, lambda x: None, X) == "none"


def test_a_no_is_noted_with_the_line_that_asked():
    checks.forget_difference()
    assert checks.last_difference() is None
    assert checks.is_close(X, X)
    assert checks.is_equal(3, 3)
    assert checks.keeps_arguments(torch.relu, X)
    assert checks.last_difference() is None
    line = inspect.currentframe().f_lineno + 1
    assert not all(checks.is_close(a, X) for a in (X, X.T))
    assert checks.last_difference() == checks.Noted("wrong-shape", __file__, line)
    assert checks.is_close(X, X)
    assert checks.last_difference().line == line
    assert not checks.is_equal(3.0, 3)
    assert checks.last_difference() == checks.Noted("wrong-type", __file__, line + 4)
    assert not checks.keeps_arguments(spoil_value, X, [X])
    assert checks.last_difference() == checks.Noted("argument-changed", __file__, line + 6)


def test_a_no_of_a_stand_in_is_noted_too():
    class Remote:
        def changed_argument(self, *args):
            return "x"

        def keeps_generator(self, *args):
            return False

    line = inspect.currentframe().f_lineno + 1
    assert not checks.keeps_arguments(Remote(), 1)
    assert checks.last_difference() == checks.Noted("argument-changed", __file__, line)
    assert not checks.keeps_generator(Remote(), 1)
    assert checks.last_difference() == checks.Noted("generator-moved", __file__, line + 2)


def test_an_error_can_be_copied_with_its_reason():
    error = checks.CheckError(checks.Difference("none", "dW is None"))
    assert (copy.copy(error).reason, str(copy.copy(error))) == ("none", "dW is None")
