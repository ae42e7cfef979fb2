"""What the lab of the book draws, in Python: the same numbers as in the browser, bit for bit.

The page's own copy of a run imports it. Every draw is a hash of its place in a stream, so no
generator has a state: the same seed gives the same points, split, first weights and orders. All
numbers are float64.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import count, pairwise

import torch
from torch import Tensor

from mlpkit import data
from mlpkit.activations import ACTIVATIONS, relu_grad

GOLDEN = 0x9E3779B9  # 2**32 over the golden ratio: neighboring counters lie far apart
MASK = 0xFFFFFFFF
POINTS, NOISE, SPLIT, WEIGHTS, ORDER = 1, 2, 3, 100, 1000
"""The streams of a seed; a layer is added to the fourth, an epoch to the last."""

NUM_DIGITS = 500

PHI: dict[str, Callable[[Tensor], Tensor]] = {
    **{name: activation.function for name, activation in ACTIVATIONS.items()},
    "step": relu_grad,  # 1 where z > 0, else 0
}
"""The activations of the lab. Autograd finds no gradient behind a step, as there is none."""


def bits(seed: int, stream: int, n: Tensor) -> Tensor:
    """Return the draws at the places ``n`` of a stream, 32 bits each.

    Shape:
        - n: any, int64.
        - Output: as ``n``, from 0 to ``2**32 - 1``.

    Examples:
        >>> bits(1, POINTS, torch.arange(2)).tolist()
        [133925070, 2646070114]
    """
    key = _mixed(_mixed(torch.tensor(seed + GOLDEN)) + stream * 0x85EBCA6B)
    return _mixed(key + n * GOLDEN)


def _mixed(x: Tensor) -> Tensor:
    """Hash 32 bits; the products stay below 2**63."""
    x = x & MASK
    x = (x ^ (x >> 16)) * 0x21F0AAAD & MASK
    x = (x ^ (x >> 15)) * 0x735A2D97 & MASK
    return x ^ (x >> 15)


def uniform(seed: int, stream: int, n: Tensor) -> Tensor:
    """Return draws between 0 and 1, never either of them; see :func:`bits`.

    Examples:
        >>> u = uniform(1, POINTS, torch.arange(10_000))
        >>> abs(u.mean().item() - 0.5) < 0.01
        True
    """
    return (bits(seed, stream, n).double() + 0.5) / 2**32


def normal(seed: int, stream: int, size: int) -> Tensor:
    """Return the first ``size`` standard normal numbers of a stream.

    They are ratios of two uniform numbers (Kinderman and Monahan, 1977). The logarithm only
    decides which are kept, so no number depends on the last digit of a library's logarithm.

    Shape:
        - Output: ``(size,)``

    Examples:
        >>> abs(normal(1, NOISE, 10_000).std().item() - 1) < 0.02
        True
    """
    trials = torch.arange(2 * size + 64)  # 73 of 100 are kept
    u = uniform(seed, stream, 2 * trials)
    x = 1.7155277699214135 * (uniform(seed, stream, 2 * trials + 1) - 0.5) / u
    return x[x * x <= -4 * u.log()][:size]


def order(seed: int, stream: int, size: int) -> Tensor:
    """Return an order of ``0 … size - 1``.

    Examples:
        >>> order(1, SPLIT, 5).sort().values.tolist()
        [0, 1, 2, 3, 4]
    """
    return bits(seed, stream, torch.arange(size)).argsort(stable=True)


def points(name: str, size: int, noise: float, seed: int) -> tuple[Tensor, Tensor]:
    """Draw a set of points of two classes in turn.

    Args:
        name: ``moons``, ``circles``, ``xor`` or ``spirals``.
        size: number of points.
        noise: standard deviation that is added to each coordinate.
        seed: which points.

    Shape:
        - Output: ``X`` is ``(size, 2)``, on a grid of ``2**-16``; ``y`` is ``(size,)``, 0 or 1.

    Raises:
        KeyError: if there is no such set.

    Examples:
        >>> X, y = points("circles", 4, 0.0, seed=1)
        >>> X.norm(dim=1).round(decimals=2).tolist(), y.tolist()
        ([0.9, 2.2, 0.9, 2.2], [0, 1, 0, 1])
    """
    i = torch.arange(size)
    y = i % 2
    u, v = uniform(seed, POINTS, 2 * i), uniform(seed, POINTS, 2 * i + 1)
    clean = SHAPES[name](u, v, y)
    X = clean + noise * normal(seed, NOISE, 2 * size).view(size, 2)
    # the last digit of a cosine, which differs between libraries, does not matter then
    return torch.floor(X * 65536 + 0.5) / 65536, y


def _moons(u: Tensor, v: Tensor, y: Tensor) -> Tensor:
    upper = 1.4 * torch.stack([torch.cos(math.pi * u) - 0.5, torch.sin(math.pi * u) - 0.25], dim=1)
    return torch.where(y[:, None] == 0, upper, -upper)


def _circles(u: Tensor, v: Tensor, y: Tensor) -> Tensor:
    radius = torch.where(y == 0, 0.9, 2.2).double()
    angle = 2 * math.pi * u
    return torch.stack([radius * angle.cos(), radius * angle.sin()], dim=1)


def _xor(u: Tensor, v: Tensor, y: Tensor) -> Tensor:
    sign = torch.where(y == 0, 1, -1)
    corner = torch.stack([0.2 + 2.2 * u, sign * (0.2 + 2.2 * v)], dim=1)
    opposite = torch.arange(len(u)) % 4 > 1
    return torch.where(opposite[:, None], -corner, corner)


def _spirals(u: Tensor, v: Tensor, y: Tensor) -> Tensor:
    radius, angle = 0.2 + 2.4 * u, 7 * u + math.pi * y
    return torch.stack([radius * angle.cos(), radius * angle.sin()], dim=1)


SHAPES: dict[str, Callable[[Tensor, Tensor, Tensor], Tensor]] = {
    "moons": _moons,
    "circles": _circles,
    "xor": _xor,
    "spirals": _spirals,
}


def digits() -> tuple[Tensor, Tensor]:
    """Return the first 500 training images of :func:`mlpkit.data.digits`, in float64.

    Examples:
        >>> X, y = digits()
        >>> X.shape, X.dtype
        (torch.Size([500, 64]), torch.float64)
    """
    images = data.digits()
    return images.X_train[:NUM_DIGITS].double(), images.y_train[:NUM_DIGITS]


def digits_as_text() -> dict[str, str]:
    """Return the digits as the page carries them: a letter for each pixel (0 to g) and class.

    Examples:
        >>> text = digits_as_text()
        >>> len(text["pixels"]), len(text["labels"])
        (32000, 500)
    """
    X, y = digits()
    pixels = "".join("0123456789abcdefg"[value] for value in (16 * X).long().flatten().tolist())
    return {"pixels": pixels, "labels": "".join(map(str, y.tolist()))}


def split(size: int, num_held: int, seed: int) -> tuple[Tensor, Tensor]:
    """Return the indices of the examples to train on, and of those held back.

    Examples:
        >>> train, held = split(10, 3, seed=1)
        >>> len(train), len(held)
        (7, 3)
    """
    shuffled = order(seed, SPLIT, size)
    return shuffled[num_held:], shuffled[:num_held]


def batches(train: Tensor, batch_size: int, seed: int) -> Iterator[Tensor]:
    """Go through the indices again and again, each time in a new order.

    Examples:
        >>> steps = batches(torch.arange(5), 2, seed=1)
        >>> [len(next(steps)) for _ in range(4)]
        [2, 2, 1, 2]
    """
    for epoch in count():
        shuffled = train[order(seed, ORDER + epoch, len(train))]
        yield from shuffled.split(batch_size)


def first_weights(layer_sizes: Sequence[int], scheme: str, seed: int) -> list[Tensor]:
    """Draw the weight matrices of a network.

    Args:
        layer_sizes: from the number of inputs to the number of classes.
        scheme: ``zero``, ``constant`` (0.5), ``small`` (standard deviation 0.01), ``xavier``,
            ``kaiming``, or ``large`` (three times as large as Kaiming).
        seed: which weights.

    Raises:
        KeyError: if there is no such scheme.

    Examples:
        >>> [tuple(W.shape) for W in first_weights([5, 6, 4], "kaiming", seed=1)]
        [(5, 6), (6, 4)]
    """
    return [
        _weight_matrix(*fans, scheme, seed, layer)
        for layer, fans in enumerate(pairwise(layer_sizes))
    ]


def _weight_matrix(fan_in: int, fan_out: int, scheme: str, seed: int, layer: int) -> Tensor:
    if scheme in CONSTANTS:
        return torch.full((fan_in, fan_out), CONSTANTS[scheme], dtype=torch.float64)
    values = normal(seed, WEIGHTS + layer, fan_in * fan_out)
    return (SCALES[scheme](fan_in, fan_out) * values).view(fan_in, fan_out)


CONSTANTS = {"zero": 0.0, "constant": 0.5}
SCALES: dict[str, Callable[[int, int], float]] = {
    "small": lambda fan_in, fan_out: 0.01,
    "xavier": lambda fan_in, fan_out: math.sqrt(2 / (fan_in + fan_out)),
    "kaiming": lambda fan_in, fan_out: math.sqrt(2 / fan_in),
    "large": lambda fan_in, fan_out: 3 * math.sqrt(2 / fan_in),
}
