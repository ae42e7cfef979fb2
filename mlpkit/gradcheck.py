"""Gradient checking: a claimed gradient against centered differences.

Any shape will do; a gradient has that of the tensor it is taken by. All is done in float64: with a
step of 1e-6 the error of a centered difference is near 1e-10 there, while float32 would leave no
correct digit.
"""

from collections.abc import Callable

import torch
from torch import Tensor


def numerical_gradient(f: Callable[[Tensor], Tensor], x: Tensor, step: float = 1e-6) -> Tensor:
    """Estimate the gradient of a scalar function by centered differences.

    Calls ``f`` twice per entry of ``x``, with gradients off. The error shrinks with the square of
    the step, that of a one-sided difference only with the step itself.

    Args:
        f: maps a float64 tensor of the shape of ``x`` to a number or a 0-d tensor.
        x: where to take the gradient, away from kinks; left unchanged.
        step: how far to go to either side.

    Examples:
        >>> x = torch.tensor([1.0, 2.0, 3.0])
        >>> g = numerical_gradient(lambda x: (x**2).sum(), x)
        >>> torch.allclose(g, 2 * x.double(), rtol=1e-8)
        True
    """
    x = x.detach().double()
    with torch.no_grad():
        slopes = [_slope(f, x, entry, step) for entry in range(x.numel())]
    return torch.tensor(slopes, dtype=torch.float64).reshape(x.shape)


def _slope(f: Callable[[Tensor], Tensor], x: Tensor, entry: int, step: float) -> float:
    """Return the centered difference along one entry of ``x``."""
    h = torch.zeros(x.numel(), dtype=torch.float64)
    h[entry] = step
    h = h.reshape(x.shape)
    return float(f(x + h) - f(x - h)) / (2 * step)


def relative_error(grad: Tensor, numerical: Tensor) -> Tensor:
    """Return ``|g - n| / max(|g|, |n|)`` for each entry, 0 where both are 0.

    It lies in [0, 2] and does not depend on the scale of the function, so that one threshold
    serves all. It is nan where either entry is nan or infinite.

    Raises:
        ValueError: if the shapes differ.

    Examples:
        >>> relative_error(torch.tensor([0.0, 4.0]), torch.tensor([0.0, 8.0])).tolist()
        [0.0, 0.5]
    """
    if grad.shape != numerical.shape:
        raise ValueError(f"the gradient is {grad.shape}, the numerical one {numerical.shape}")
    difference = (grad - numerical).abs()
    scale = torch.maximum(grad.abs(), numerical.abs())
    return torch.where(difference == 0, 0.0, difference / scale)


def gradient_error(
    f: Callable[[Tensor], Tensor], x: Tensor, grad: Tensor, step: float = 1e-6
) -> float:
    """Return the largest relative error of a claimed gradient of ``f`` at ``x``.

    Below 1e-6 the gradient is right; above 1e-2 it is wrong. In between look for a kink within
    ``step`` of ``x``, or for entries so small that rounding decides them.

    Args:
        f: maps a float64 tensor of the shape of ``x`` to a number or a 0-d tensor.
        x: where to compare.
        grad: the claimed gradient.
        step: how far the differences go to either side.

    Raises:
        ValueError: if the shapes differ.

    Examples:
        >>> x = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)
        >>> gradient_error(lambda x: (x**2).sum(), x, 2 * x) < 1e-6
        True
        >>> gradient_error(lambda x: (x**2).sum(), x, x) < 1e-6
        False
    """
    return relative_error(grad.detach().double(), numerical_gradient(f, x, step)).max().item()
