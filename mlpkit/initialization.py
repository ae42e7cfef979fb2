"""Weight initialization: what the entries of a new weight matrix are drawn from.

Every scheme takes ``fan_in`` and ``fan_out`` (at least 1 each) and returns a new float32 matrix
of shape ``(fan_in, fan_out)`` that does not require grad, so that a layer is ``X @ W + b``. A
random scheme draws from ``generator``, or from torch's global generator where that is ``None``.
"""

import math
from collections.abc import Callable

import torch
from torch import Generator, Tensor


def constant(
    fan_in: int, fan_out: int, value: float = 0.0, *, generator: Generator | None = None
) -> Tensor:
    """Fill a weight matrix with one value.

    ``generator`` is not used; it is taken so that all schemes are called alike.

    Examples:
        >>> constant(2, 3, 0.5)
        tensor([[0.5000, 0.5000, 0.5000],
                [0.5000, 0.5000, 0.5000]])
    """
    return torch.full((fan_in, fan_out), value, dtype=torch.float32)


def normal(
    fan_in: int, fan_out: int, std: float = 0.01, *, generator: Generator | None = None
) -> Tensor:
    """Draw from a normal distribution with mean 0 and standard deviation ``std``.

    Examples:
        >>> normal(784, 256, generator=torch.Generator().manual_seed(0)).shape
        torch.Size([784, 256])
    """
    return std * torch.randn(fan_in, fan_out, generator=generator, dtype=torch.float32)


def uniform(
    fan_in: int, fan_out: int, bound: float = 0.01, *, generator: Generator | None = None
) -> Tensor:
    """Draw evenly from ``-bound`` to ``bound``: a variance of ``bound**2 / 3``.

    Examples:
        >>> W = uniform(784, 256, 0.5, generator=torch.Generator().manual_seed(0))
        >>> W.abs().max().item() <= 0.5
        True
    """
    unit = torch.rand(fan_in, fan_out, generator=generator, dtype=torch.float32)
    return bound * (2 * unit - 1)


def xavier_normal(
    fan_in: int, fan_out: int, gain: float = 1.0, *, generator: Generator | None = None
) -> Tensor:
    """Draw normal weights of variance ``gain**2 * 2 / (fan_in + fan_out)``.

    A compromise: ``1 / fan_in`` keeps the variance going forward, ``1 / fan_out`` going backward.
    PyTorch twin: ``torch.nn.init.xavier_normal_``.

    References:
        Glorot and Bengio (2010), *Understanding the difficulty of training deep feedforward
        neural networks*.

    Examples:
        >>> W = xavier_normal(784, 256, generator=torch.Generator().manual_seed(0))
        >>> abs(W.std().item() - math.sqrt(2 / (784 + 256))) < 1e-3
        True
    """
    std = gain * math.sqrt(2 / (fan_in + fan_out))
    return normal(fan_in, fan_out, std, generator=generator)


def xavier_uniform(
    fan_in: int, fan_out: int, gain: float = 1.0, *, generator: Generator | None = None
) -> Tensor:
    """Draw uniform weights of the same variance as :func:`xavier_normal`.

    PyTorch twin: ``torch.nn.init.xavier_uniform_``.

    Examples:
        >>> W = xavier_uniform(784, 256, generator=torch.Generator().manual_seed(0))
        >>> abs(W.std().item() - math.sqrt(2 / (784 + 256))) < 1e-3
        True
    """
    bound = gain * math.sqrt(6 / (fan_in + fan_out))
    return uniform(fan_in, fan_out, bound, generator=generator)


def kaiming_normal(fan_in: int, fan_out: int, *, generator: Generator | None = None) -> Tensor:
    """Draw normal weights of variance ``2 / fan_in``, which suits ReLU.

    The 2 makes up for the half that ReLU takes from the second moment. PyTorch twin:
    ``torch.nn.init.kaiming_normal_`` with ``nonlinearity="relu"``.

    References:
        He et al. (2015), *Delving deep into rectifiers*, equation 10.

    Examples:
        >>> W = kaiming_normal(784, 256, generator=torch.Generator().manual_seed(0))
        >>> abs(W.std().item() - math.sqrt(2 / 784)) < 1e-3
        True
    """
    return normal(fan_in, fan_out, math.sqrt(2 / fan_in), generator=generator)


def kaiming_uniform(fan_in: int, fan_out: int, *, generator: Generator | None = None) -> Tensor:
    """Draw uniform weights of the same variance as :func:`kaiming_normal`.

    PyTorch twin: ``torch.nn.init.kaiming_uniform_`` with ``nonlinearity="relu"``.

    Examples:
        >>> W = kaiming_uniform(784, 256, generator=torch.Generator().manual_seed(0))
        >>> abs(W.std().item() - math.sqrt(2 / 784)) < 1e-3
        True
    """
    return uniform(fan_in, fan_out, math.sqrt(6 / fan_in), generator=generator)


def pytorch_default(fan_in: int, fan_out: int, *, generator: Generator | None = None) -> Tensor:
    """Draw what ``torch.nn.Linear`` draws: a variance of ``1 / (3 * fan_in)``.

    The ``a=math.sqrt(5)`` in PyTorch's source comes to bounds of ``1 / sqrt(fan_in)``, on either
    side of 0.

    Examples:
        >>> W = pytorch_default(784, 256, generator=torch.Generator().manual_seed(0))
        >>> W.abs().max().item() <= 1 / math.sqrt(784)
        True
    """
    return uniform(fan_in, fan_out, 1 / math.sqrt(fan_in), generator=generator)


def gain(phi: Callable[[Tensor], Tensor]) -> float:
    """Return the factor by which an activation shrinks, inverted.

    It is ``1 / sqrt(E[phi(z)**2])`` for a standard normal ``z``: weights of variance
    ``gain**2 / fan_in`` keep the second moment of the pre-activations from layer to layer. The
    mean is an integral, taken by the trapezoidal rule on a grid fine enough for kinks and jumps.
    PyTorch twin: ``torch.nn.init.calculate_gain``, which has the same numbers for ReLU and leaky
    ReLU. For tanh it says 5/3 instead of 1.59, and for sigmoid 1 instead of 1.85.

    Args:
        phi: an elementwise function of float64 tensors, such as ``torch.tanh``.

    Raises:
        ZeroDivisionError: if ``phi`` is zero everywhere.

    Examples:
        >>> abs(gain(torch.relu) - math.sqrt(2)) < 1e-6
        True
    """
    z = torch.linspace(-10, 10, 200_001, dtype=torch.float64)
    density = torch.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    second_moment = torch.trapezoid(phi(z) ** 2 * density, z)
    return 1 / math.sqrt(second_moment.item())


SCHEMES: dict[str, Callable[..., Tensor]] = {
    "constant": constant,
    "normal": normal,
    "xavier_normal": xavier_normal,
    "xavier_uniform": xavier_uniform,
    "kaiming_normal": kaiming_normal,
    "kaiming_uniform": kaiming_uniform,
    "pytorch_default": pytorch_default,
}
