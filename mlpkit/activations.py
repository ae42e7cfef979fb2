"""Activation functions, each with its derivative beside it.

All of them work elementwise on a tensor ``z`` of pre-activations: any shape in, the same shape and
dtype out. The derivatives are functions of ``z``, not of the output. At a kink the derivative is
the left-hand one: 0 for ReLU, ``alpha`` for pReLU.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn


def identity(z: Tensor) -> Tensor:
    """Return ``z`` itself: a layer without an activation.

    Examples:
        >>> identity(torch.tensor([-2.0, 3.0]))
        tensor([-2.,  3.])
    """
    return z


def identity_grad(z: Tensor) -> Tensor:
    """Return the derivative of the identity, 1 everywhere.

    Examples:
        >>> identity_grad(torch.tensor([-2.0, 3.0]))
        tensor([1., 1.])
    """
    return torch.ones_like(z)


def relu(z: Tensor) -> Tensor:
    """Return ``max(0, z)``, the rectified linear unit.

    PyTorch twin: ``torch.nn.functional.relu``. Its derivative at 0 is 0 in autograd too, while
    ``clamp`` takes 1 and ``maximum`` one half there.

    Examples:
        >>> relu(torch.tensor([-2.0, 0.0, 3.0]))
        tensor([0., 0., 3.])
    """
    return torch.relu(z)


def relu_grad(z: Tensor) -> Tensor:
    """Return the derivative of ReLU: 1 where ``z > 0``, else 0.

    Examples:
        >>> relu_grad(torch.tensor([-2.0, 0.0, 3.0]))
        tensor([0., 0., 1.])
    """
    return (z > 0).to(z.dtype)


def prelu(z: Tensor, alpha: float | Tensor = 0.25) -> Tensor:
    """Return ``z`` where it is positive and ``alpha * z`` elsewhere.

    PyTorch twin: ``torch.nn.functional.prelu``, where ``alpha`` is a parameter to be learned.

    Args:
        z: pre-activations.
        alpha: slope on the negative side; any number, also above 1 or below 0.

    References:
        He et al. (2015), *Delving deep into rectifiers*.

    Examples:
        >>> prelu(torch.tensor([-2.0, 0.0, 3.0]))
        tensor([-0.5000,  0.0000,  3.0000])
    """
    return torch.where(z > 0, z, alpha * z)


def prelu_grad(z: Tensor, alpha: float | Tensor = 0.25) -> Tensor:
    """Return the derivative of pReLU: 1 where ``z > 0``, else ``alpha``.

    Examples:
        >>> prelu_grad(torch.tensor([-2.0, 0.0, 3.0]))
        tensor([0.2500, 0.2500, 1.0000])
    """
    return torch.where(z > 0, torch.ones_like(z), alpha)


def sigmoid(z: Tensor) -> Tensor:
    """Return ``1 / (1 + exp(-z))``, which lies in [0, 1].

    PyTorch twin: ``torch.sigmoid``, which neither overflows nor gives a gradient of nan.

    Examples:
        >>> sigmoid(torch.tensor([-1e4, 0.0, 1e4]))
        tensor([0.0000, 0.5000, 1.0000])
    """
    return torch.sigmoid(z)


def sigmoid_grad(z: Tensor) -> Tensor:
    """Return the derivative of the sigmoid, at most 1/4.

    It is ``s(z) * s(-z)``. The usual ``s * (1 - s)`` is the same number, but ``1 - s`` has no
    correct digit left once ``s`` is close to 1.

    Examples:
        >>> sigmoid_grad(torch.tensor([-1e4, 0.0, 1e4]))
        tensor([0.0000, 0.2500, 0.0000])
    """
    return torch.sigmoid(z) * torch.sigmoid(-z)


def tanh(z: Tensor) -> Tensor:
    """Return the hyperbolic tangent, which lies in [-1, 1].

    PyTorch twin: ``torch.tanh``.

    Examples:
        >>> tanh(torch.tensor([-1e4, 0.0, 1e4]))
        tensor([-1.,  0.,  1.])
    """
    return torch.tanh(z)


def tanh_grad(z: Tensor) -> Tensor:
    """Return the derivative of tanh, at most 1.

    Because ``tanh(z) = 2 s(2z) - 1`` it is ``4 s(2z) s(-2z)``, right to the last digits also
    where ``1 - tanh(z)**2`` has lost them all.

    Examples:
        >>> tanh_grad(torch.tensor([-1e4, 0.0, 1e4]))
        tensor([0., 1., 0.])
    """
    return 4 * sigmoid_grad(2 * z)


def swish(z: Tensor, beta: float | Tensor = 1.0) -> Tensor:
    """Return ``z * sigmoid(beta * z)``.

    PyTorch twin: ``torch.nn.functional.silu``, for ``beta = 1``.

    Args:
        z: pre-activations, finite.
        beta: 0 gives the line ``z / 2``; the larger, the closer to ReLU.

    References:
        Ramachandran, Zoph and Le (2017), *Searching for activation functions*.

    Examples:
        >>> swish(torch.tensor([-1e4, 0.0, 1e4])).tolist()
        [-0.0, 0.0, 10000.0]
    """
    return z * torch.sigmoid(beta * z)


def swish_grad(z: Tensor, beta: float | Tensor = 1.0) -> Tensor:
    """Return the derivative of swish, by the product rule.

    Examples:
        >>> swish_grad(torch.tensor([-1e4, 0.0, 1e4]))
        tensor([0.0000, 0.5000, 1.0000])
    """
    return torch.sigmoid(beta * z) + beta * z * sigmoid_grad(beta * z)


def gelu(z: Tensor) -> Tensor:
    """Return ``z`` times the standard normal distribution function of ``z``.

    PyTorch twin: ``torch.nn.functional.gelu``.

    Args:
        z: pre-activations, finite.

    References:
        Hendrycks and Gimpel (2016), *Gaussian error linear units*.

    Examples:
        >>> gelu(torch.tensor([-1e4, 0.0, 1e4])).tolist()
        [-0.0, 0.0, 10000.0]
    """
    return z * _normal_cdf(z)


def gelu_grad(z: Tensor) -> Tensor:
    """Return the derivative of GELU, by the product rule.

    Examples:
        >>> gelu_grad(torch.tensor([-1e4, 0.0, 1e4]))
        tensor([0.0000, 0.5000, 1.0000])
    """
    density = torch.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    return _normal_cdf(z) + z * density


def _normal_cdf(z: Tensor) -> Tensor:
    """Return the standard normal distribution function, with all digits far to the left too."""
    return torch.erfc(-z / math.sqrt(2)) / 2  # 1 + erf, and torch's ndtr, cancel there


@dataclass(frozen=True)
class Activation:
    """An activation function with its derivative and PyTorch's module of the same function.

    ``slope_at_output`` is the derivative as a function of the *activation*, as a share of the
    steepest slope; it is None where the activation does not tell it.
    """

    function: Callable[[Tensor], Tensor]
    derivative: Callable[[Tensor], Tensor]
    module: type[nn.Module]
    slope_at_output: Callable[[Tensor], Tensor] | None = None


ACTIVATIONS: dict[str, Activation] = {
    "identity": Activation(identity, identity_grad, nn.Identity),
    "relu": Activation(relu, relu_grad, nn.ReLU, slope_at_output=relu_grad),
    "prelu": Activation(prelu, prelu_grad, nn.PReLU),
    "sigmoid": Activation(
        sigmoid, sigmoid_grad, nn.Sigmoid, slope_at_output=lambda h: 4 * h * (1 - h)
    ),
    "tanh": Activation(tanh, tanh_grad, nn.Tanh, slope_at_output=lambda h: 1 - h.square()),
    "swish": Activation(swish, swish_grad, nn.SiLU),
    "gelu": Activation(gelu, gelu_grad, nn.GELU),
}
