"""Losses and penalty: torch as oracle, in value and in gradient, and logits far apart."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional
from torch.testing import assert_close

from mlpkit.losses import (
    cross_entropy,
    cross_entropy_grad,
    l2_penalty,
    l2_penalty_grad,
    log_softmax,
    softmax,
    squared_error,
    squared_error_grad,
)

SIZES = [(7, 4), (1, 4), (4, 4), (7, 2), (3, 1)]
every_size = pytest.mark.parametrize(("N", "num_classes"), SIZES)
rows = st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=6).map(
    lambda row: torch.tensor([row], dtype=torch.float64)
)


def draw(N, num_classes, generator, scale=3.0):
    logits = scale * torch.randn(N, num_classes, generator=generator, dtype=torch.float64)
    return logits, torch.randint(num_classes, (N,), generator=generator)


def autograd(f, tensor):
    """Return the gradient of the scalar function ``f`` by autograd."""
    tensor = tensor.clone().requires_grad_()
    return torch.autograd.grad(f(tensor), tensor)[0]


@every_size
def test_log_softmax_and_softmax_are_those_of_torch(N, num_classes, generator):
    logits, _ = draw(N, num_classes, generator)
    weight = torch.randn(N, num_classes, generator=generator, dtype=torch.float64)
    for ours, twin in ((log_softmax, functional.log_softmax), (softmax, functional.softmax)):
        assert_close(ours(logits), twin(logits, dim=1), rtol=1e-12, atol=1e-14)
        expected = autograd(lambda t, f=twin: (weight * f(t, dim=1)).sum(), logits)
        assert_close(autograd(lambda t, f=ours: (weight * f(t)).sum(), logits), expected)


@every_size
@pytest.mark.parametrize("scale", [1.0, 300.0])
def test_cross_entropy_is_that_of_torch(N, num_classes, scale, generator):
    logits, y = draw(N, num_classes, generator, scale)
    loss = cross_entropy(logits, y)
    assert loss.shape == ()
    assert_close(loss, functional.cross_entropy(logits, y), rtol=1e-12, atol=1e-14)
    expected = autograd(lambda t: functional.cross_entropy(t, y), logits)
    assert_close(cross_entropy_grad(logits, y), expected, rtol=1e-12, atol=1e-14)
    assert_close(autograd(lambda t: cross_entropy(t, y), logits), expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_logits_far_apart(dtype):
    logits = torch.tensor([[0.0, 1e4], [1e4, 0.0]], dtype=dtype)
    y = torch.tensor([0, 0])  # wrong by as much as can be, and right
    dlogits = torch.tensor([[-0.5, 0.5], [0.0, 0.0]], dtype=dtype)
    assert_close(cross_entropy(logits, y), torch.tensor(5e3, dtype=dtype))
    assert_close(cross_entropy_grad(logits, y), dlogits)
    assert_close(autograd(lambda t: cross_entropy(t, y), logits), dlogits)


def test_rows_at_very_different_levels():
    logits = torch.tensor([[1e4, 1e4], [-1e4, -1e4]])
    y = torch.tensor([0, 1])
    assert_close(cross_entropy(logits, y), torch.tensor(math.log(2)))
    assert_close(cross_entropy_grad(logits, y), torch.tensor([[-0.25, 0.25], [0.25, -0.25]]))


def test_labels_that_do_not_fit_are_refused():
    logits = torch.zeros(7, 4)
    with pytest.raises(IndexError):
        cross_entropy(logits, torch.zeros(5, dtype=torch.int64))
    with pytest.raises(IndexError):
        cross_entropy(logits, torch.full((7,), 4))


@given(rows, st.floats(-1e4, 1e4))
def test_softmax_sums_to_one_and_ignores_a_shift(logits, shift):
    probs = softmax(logits)
    assert_close(probs.sum(), torch.tensor(1.0, dtype=torch.float64), rtol=1e-12, atol=0)
    assert ((probs >= 0) & (probs <= 1)).all()
    assert_close(softmax(logits + shift), probs, rtol=1e-6, atol=1e-9)


@given(rows)
def test_cross_entropy_is_not_negative_and_its_gradient_sums_to_zero(logits):
    for label in range(logits.shape[1]):
        y = torch.tensor([label])
        assert cross_entropy(logits, y) >= 0
        assert abs(cross_entropy_grad(logits, y).sum()) < 1e-12


@every_size
def test_squared_error_against_torch(N, num_classes, generator):
    predictions, _ = draw(N, num_classes, generator)
    targets, _ = draw(N, num_classes, generator)

    def twin(t):
        return functional.mse_loss(t, targets, reduction="sum") / (2 * N)

    assert squared_error(predictions, targets).shape == ()
    assert_close(squared_error(predictions, targets), twin(predictions))
    expected = autograd(twin, predictions)
    assert_close(squared_error_grad(predictions, targets), expected)
    assert_close(autograd(lambda t: squared_error(t, targets), predictions), expected)


def test_squared_error_refuses_to_broadcast():
    with pytest.raises(ValueError, match="targets"):
        squared_error(torch.zeros(7, 1), torch.zeros(7))


@pytest.mark.parametrize("weight_decay", [0.0, 0.3, 2.0])
def test_l2_penalty_and_its_gradient(weight_decay, generator):
    weights = [
        torch.randn(sizes, generator=generator, dtype=torch.float64, requires_grad=True)
        for sizes in [(5, 6), (6, 4)]
    ]
    penalty = l2_penalty(weights, weight_decay)
    norms = [torch.linalg.matrix_norm(W) for W in weights]
    assert_close(penalty, weight_decay / 2 * (norms[0] ** 2 + norms[1] ** 2))
    assert_close(
        l2_penalty_grad(weights, weight_decay), list(torch.autograd.grad(penalty, weights))
    )


def test_nothing_given_is_changed(generator):
    logits, y = draw(7, 4, generator)
    targets, _ = draw(7, 4, generator)
    given_tensors = [logits, y, targets]
    before = [tensor.clone() for tensor in given_tensors]
    log_softmax(logits), softmax(logits)
    cross_entropy(logits, y), cross_entropy_grad(logits, y)
    squared_error(logits, targets), squared_error_grad(logits, targets)
    l2_penalty([logits, targets], 0.3), l2_penalty_grad([logits, targets], 0.3)
    assert all(map(torch.equal, given_tensors, before))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_dtype_is_kept(dtype):
    logits, y = torch.ones(7, 4, dtype=dtype), torch.zeros(7, dtype=torch.int64)
    results = [
        softmax(logits),
        cross_entropy(logits, y),
        cross_entropy_grad(logits, y),
        squared_error(logits, logits),
        squared_error_grad(logits, logits),
        l2_penalty([logits], 0.3),
        *l2_penalty_grad([logits], 0.3),
    ]
    assert {result.dtype for result in results} == {dtype}
