"""Activations: torch as oracle, in value and in gradient, and what must hold at the edges."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional
from torch.testing import assert_close

from mlpkit.activations import (
    ACTIVATIONS,
    prelu,
    prelu_grad,
    relu,
    relu_grad,
    sigmoid,
    sigmoid_grad,
    swish,
    swish_grad,
    tanh,
    tanh_grad,
)

TWINS = {
    "identity": lambda z: z * 1,
    "relu": functional.relu,
    "prelu": lambda z: functional.leaky_relu(z, 0.25),
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "swish": functional.silu,
    "gelu": functional.gelu,
}
every_activation = pytest.mark.parametrize("name", ACTIVATIONS)
numbers = st.floats(-1e4, 1e4).map(lambda number: torch.tensor(number, dtype=torch.float64))


def pair(name):
    """Return an activation function and its derivative."""
    return ACTIVATIONS[name].function, ACTIVATIONS[name].derivative


def autograd(f, z):
    """Return the elementwise derivative of ``f`` at ``z`` by autograd."""
    z = z.clone().requires_grad_()
    return torch.autograd.grad(f(z).sum(), z)[0]


def test_table_names_its_functions():
    assert list(ACTIVATIONS) == list(TWINS)
    for name, activation in ACTIVATIONS.items():
        assert activation.function.__name__ == name
        assert activation.derivative.__name__ == f"{name}_grad"


@every_activation
@pytest.mark.parametrize("shape", [(7, 5), (1, 3), (), (2, 3, 4)])
def test_value_and_gradient_are_those_of_torch(name, shape, generator):
    z = 3 * torch.randn(shape, generator=generator, dtype=torch.float64)
    value, grad = pair(name)
    assert_close(value(z), TWINS[name](z), rtol=1e-12, atol=1e-14)
    assert_close(grad(z), autograd(TWINS[name], z), rtol=1e-12, atol=1e-14)
    assert_close(grad(z), autograd(value, z), rtol=1e-12, atol=1e-14)


@every_activation
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_shape_and_dtype_are_kept_and_nothing_is_changed(name, dtype):
    z = torch.tensor([[-2.0, -0.0, 0.0, 0.5, 3.0]], dtype=dtype)
    before = z.clone()
    for f in pair(name):
        result = f(z)
        assert (result.shape, result.dtype) == (z.shape, z.dtype)
    assert torch.equal(z, before)


@every_activation
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_finite_for_inputs_of_any_size(name, dtype):
    z = torch.tensor([-1e4, -100.0, -10.0, 0.0, 10.0, 100.0, 1e4], dtype=dtype)
    value, grad = pair(name)
    for result in (value(z), grad(z), autograd(value, z)):
        assert result.isfinite().all()


@every_activation
def test_float32_agrees_with_float64(name):
    z = torch.linspace(-20, 20, 1001)
    for f in pair(name):
        assert_close(f(z).double(), f(z.double()), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_derivatives_at_a_kink_are_left_hand_ones(zero):
    z = torch.tensor(zero)
    assert relu_grad(z) == 0
    assert autograd(relu, z) == 0
    for alpha in (0.25, 1.7, -0.5):
        expected = torch.tensor(alpha)
        assert_close(prelu_grad(z, alpha), expected)
        assert_close(autograd(lambda z, alpha=alpha: prelu(z, alpha), z), expected)


def test_relu_of_infinity_and_nan():
    z = torch.tensor([-math.inf, math.inf, math.nan])
    assert_close(relu(z), torch.tensor([0.0, math.inf, math.nan]), equal_nan=True)
    assert_close(relu_grad(z[:2]), torch.tensor([0.0, 1.0]))
    assert_close(autograd(relu, z[:2]), torch.tensor([0.0, 1.0]))


@pytest.mark.parametrize("alpha", [0.0, 0.1, 1.7, -0.5])
def test_prelu_with_any_slope(alpha, generator):
    z = torch.randn(7, 5, generator=generator, dtype=torch.float64)
    slope = torch.tensor([alpha], dtype=torch.float64, requires_grad=True)
    twin_slope = slope.detach().clone().requires_grad_()
    ours, twin = prelu(z, slope), functional.prelu(z, twin_slope)
    assert_close(ours, twin)
    assert_close(
        torch.autograd.grad(ours.sum(), slope), torch.autograd.grad(twin.sum(), twin_slope)
    )
    expected = autograd(lambda z: functional.leaky_relu(z, alpha), z)
    assert_close(prelu_grad(z, alpha), expected, rtol=0, atol=0)


@pytest.mark.parametrize("beta", [0.0, 1.7, -1.0])
def test_swish_with_any_beta(beta, generator):
    z = 3 * torch.randn(7, 5, generator=generator, dtype=torch.float64)
    assert_close(swish(z, beta), z / (1 + torch.exp(-beta * z)))
    expected = autograd(lambda z: z / (1 + torch.exp(-beta * z)), z)
    assert_close(swish_grad(z, beta), expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(("grad", "scale"), [(sigmoid_grad, 1), (tanh_grad, 2)])
def test_saturating_derivatives_are_right_to_the_last_digits(grad, scale, dtype):
    magnitude = torch.cat([torch.linspace(0, 120, 2401), torch.logspace(2, 4, 101)])
    z = torch.cat([-magnitude, magnitude]).to(dtype)
    decay = torch.exp(-scale * z.double().abs())
    expected = (scale**2 * decay / (1 + decay) ** 2).to(dtype)
    limits = torch.finfo(dtype)
    # below the smallest normal number a relative error means nothing
    assert_close(grad(z), expected, rtol=64 * limits.eps, atol=limits.tiny)


def test_that_accuracy_test_says_no_to_the_usual_formulas():
    z = torch.tensor([10.0])
    expected = 4 * torch.exp(-2 * z.double())
    assert_close(tanh_grad(z).double(), expected, rtol=1e-5, atol=0)
    with pytest.raises(AssertionError):
        assert_close((1 - torch.tanh(z) ** 2).double(), expected, rtol=1e-5, atol=0)


@given(numbers)
def test_tanh_is_odd_and_bounded(z):
    assert tanh(-z) == -tanh(z)
    assert tanh(z).abs() <= 1
    assert tanh_grad(-z) == tanh_grad(z)
    assert 0 <= tanh_grad(z) <= 1


@given(numbers)
def test_sigmoid_is_bounded_and_symmetric(z):
    assert 0 <= sigmoid(z) <= 1
    assert_close(sigmoid(z) + sigmoid(-z), torch.ones_like(z))
    assert sigmoid_grad(-z) == sigmoid_grad(z)
    assert 0 <= sigmoid_grad(z) <= 0.25


@given(numbers)
def test_tanh_by_way_of_sigmoid(z):
    assert_close(tanh(z) + 1, 2 * sigmoid(2 * z), rtol=0, atol=1e-15)


@given(numbers, st.sampled_from(["relu", "swish", "gelu"]))
def test_gated_activations_differ_by_the_input_under_reflection(z, name):
    value, grad = pair(name)
    assert_close(value(z) - value(-z), z, rtol=1e-12, atol=1e-12)
    if z != 0:  # ReLU has a kink there
        assert_close(grad(z) + grad(-z), torch.ones_like(z), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("number", [-4.0, -6.0, -9.0, -12.0])
def test_gelu_keeps_its_digits_far_to_the_left(number):
    z = torch.tensor(number)
    phi = torch.exp(torch.special.log_ndtr(z.double()))
    density = torch.exp(-(z.double() ** 2) / 2) / math.sqrt(2 * math.pi)
    value, grad = pair("gelu")
    assert_close(value(z).double(), z.double() * phi, rtol=2e-5, atol=0)
    assert_close(grad(z).double(), phi + z.double() * density, rtol=1e-6, atol=0)
