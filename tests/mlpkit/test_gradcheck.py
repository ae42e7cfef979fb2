"""Gradient checking: it must say yes to right gradients and no to wrong ones."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.testing import assert_close

from mlpkit.gradcheck import gradient_error, numerical_gradient, relative_error

RIGHT, WRONG = 1e-6, 1e-2
entries = st.floats(-1e6, 1e6).map(lambda number: torch.tensor([number], dtype=torch.float64))


def f(x):
    """A smooth function that weighs every entry differently."""
    weight = torch.arange(1.0, x.numel() + 1, dtype=torch.float64).reshape(x.shape)
    return (weight * torch.sin(x)).sum() + x.prod()


def f_grad(x):
    x = x.detach().clone().requires_grad_()
    return torch.autograd.grad(f(x), x)[0]


def draw(*shape, generator):
    return torch.rand(shape, generator=generator, dtype=torch.float64) + 0.2


@pytest.mark.parametrize("shape", [(7, 5), (3, 3), (1,), ()])
def test_numerical_gradient_is_that_of_autograd(shape, generator):
    x = draw(*shape, generator=generator)
    numerical = numerical_gradient(f, x)
    assert (numerical.shape, numerical.dtype) == (x.shape, torch.float64)
    assert_close(numerical, f_grad(x), rtol=1e-7, atol=1e-8)
    assert gradient_error(f, x, f_grad(x)) < RIGHT


def test_differences_are_centered():
    x = torch.tensor([1.0], dtype=torch.float64)
    # centered: 3 + step^2, one-sided: 3 +- 3 step + step^2
    slope = numerical_gradient(lambda x: (x**3).sum(), x, step=1e-2).item()
    assert math.isclose(slope, 3 + 1e-4, rel_tol=1e-10)
    # a kink is met halfway
    assert numerical_gradient(lambda x: torch.relu(x).sum(), torch.zeros(1)).item() == 0.5


def test_float32_arguments_are_differentiated_in_float64():
    x = torch.tensor([[0.3, 0.7]])
    assert gradient_error(f, x, f_grad(x.double())) < RIGHT


def test_functions_may_return_numbers_or_hold_parameters():
    x = torch.tensor([0.3, 0.7], dtype=torch.float64)
    W = torch.tensor([2.0, 5.0], dtype=torch.float64, requires_grad=True)
    assert gradient_error(lambda x: float((x @ W).detach()), x, W) < RIGHT
    assert gradient_error(lambda x: x @ W, x.requires_grad_(), W) < RIGHT
    assert W.grad is None


@pytest.mark.parametrize("fails", [False, True])
def test_x_is_left_as_it_was(fails, generator):
    x = draw(5, 3, generator=generator).T  # not contiguous
    before = x.clone()

    def f_or_fail(x):
        if fails:
            raise RuntimeError("halfway")
        return f(x)

    if fails:
        with pytest.raises(RuntimeError):
            numerical_gradient(f_or_fail, x)
    else:
        assert_close(numerical_gradient(f_or_fail, x), f_grad(x), rtol=1e-7, atol=1e-8)
    assert torch.equal(x, before)


def test_a_function_that_writes_on_its_argument_does_not_reach_x():
    x = torch.tensor([1.0, 2.0], dtype=torch.float64)
    numerical = numerical_gradient(lambda t: t.mul_(3).sum(), x)
    assert_close(numerical, torch.full_like(x, 3.0), rtol=1e-8, atol=0)
    assert x.tolist() == [1.0, 2.0]


def one_wrong(grad):
    grad = grad.clone()
    grad[-1, -1] *= 1.05
    return grad


@pytest.mark.parametrize(
    "mistake",
    [
        lambda grad: 1.02 * grad,
        lambda grad: -grad,
        lambda grad: grad.T,
        lambda grad: grad / len(grad),
        torch.zeros_like,
        one_wrong,
    ],
    ids=["scale", "sign", "transposed", "mean", "zero", "one entry"],
)
def test_wrong_gradients_are_told_apart(mistake, generator):
    x = draw(3, 3, generator=generator)
    assert gradient_error(f, x, mistake(f_grad(x))) > WRONG


def test_tiny_gradients_are_checked_as_strictly():
    x = torch.tensor([0.3, 0.7], dtype=torch.float64)
    grad = 1e-9 * f_grad(x)
    assert gradient_error(lambda x: 1e-9 * f(x), x, grad) < RIGHT
    assert gradient_error(lambda x: 1e-9 * f(x), x, 1.02 * grad) > WRONG


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_gradient_that_is_not_finite_is_never_right(bad):
    x = torch.tensor([0.3, 0.7], dtype=torch.float64)
    grad = f_grad(x)
    grad[0] = bad
    assert not gradient_error(f, x, grad) < RIGHT


def test_entries_that_do_not_matter():
    x = torch.tensor([1.0, 2.0], dtype=torch.float64)
    assert gradient_error(lambda x: 2 * x[0], x, torch.tensor([2.0, 0.0])) < RIGHT
    assert gradient_error(lambda x: 2 * x[0], x, torch.tensor([2.0, 1e-12])) > WRONG


def test_shapes_must_agree():
    x = torch.ones(3, 1, dtype=torch.float64)
    with pytest.raises(ValueError, match="gradient"):
        gradient_error(lambda x: x.sum(), x, torch.ones(3))


def test_relative_error_entry_by_entry():
    grad, numerical = torch.tensor([0.0, 1.0, 4.0, 0.0]), torch.tensor([0.0, -1.0, 2.0, 3.0])
    assert relative_error(grad, numerical).tolist() == [0.0, 2.0, 0.5, 1.0]


@given(entries, entries)
def test_relative_error_is_symmetric_and_bounded(a, b):
    error = relative_error(a, b)
    assert 0 <= error <= 2
    assert relative_error(b, a) == error
    assert relative_error(a, a) == 0
