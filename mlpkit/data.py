"""The data of the course: handwritten digits, Fashion-MNIST and small drawn sets.

A data set is a few whole tensors, a minibatch is an index into them. Data that are read are on the
CPU; data that are drawn are where their generator is. ``torch.set_default_device`` moves neither:
move what you want elsewhere by ``.to(device)``.
"""

import math
import os
import warnings
from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from mlpkit import _fashion_mnist
from mlpkit._download import DataUnavailableError

__all__ = [
    "DataUnavailableError",
    "ImageData",
    "digits",
    "fashion_mnist",
    "image_data",
    "minibatches",
    "spirals",
    "split",
    "two_moons",
    "xor",
]

NUM_TRAIN_DIGITS = 1297  # of 1,797; the other 500 are to test


class ImageData(NamedTuple):
    """Labeled images, to train and to test.

    Shape:
        - X_train, X_test: ``(N, pixels)``, float32, from 0 (background) to 1.
        - y_train, y_test: ``(N,)``, int64, indices into ``classes``.
        - image_shape: rows and columns of an image; their product is ``pixels``.
    """

    name: str
    X_train: Tensor
    y_train: Tensor
    X_test: Tensor
    y_test: Tensor
    classes: tuple[str, ...]
    image_shape: tuple[int, int]


def digits() -> ImageData:
    """Return the 1,797 handwritten digits of 8 × 8 pixels that scikit-learn ships.

    They need neither a network nor a data folder. The first 1,297 in a fixed random order are to
    train, the last 500 to test.

    References:
        Alpaydin and Kaynak (1998), *Optical recognition of handwritten digits*, UCI repository.

    Examples:
        >>> data = digits()
        >>> data.X_train.shape, data.X_test.shape
        (torch.Size([1297, 64]), torch.Size([500, 64]))
    """
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)
    # on the CPU, whatever the default device: the data come from there
    order = torch.randperm(len(labels), generator=Generator("cpu").manual_seed(0), device="cpu")
    X = (torch.from_numpy(pixels).float() / 16)[order]
    y = torch.from_numpy(labels).long()[order]
    return ImageData(
        name="digits",
        X_train=X[:NUM_TRAIN_DIGITS],
        y_train=y[:NUM_TRAIN_DIGITS],
        X_test=X[NUM_TRAIN_DIGITS:],
        y_test=y[NUM_TRAIN_DIGITS:],
        classes=tuple(str(digit) for digit in range(10)),
        image_shape=(8, 8),
    )


def fashion_mnist(
    root: str | os.PathLike[str] | None = None, *, download: bool = True
) -> ImageData:
    """Return Fashion-MNIST: 70,000 pictures of clothes, 28 × 28 pixels, ten classes.

    Args:
        root: the data folder; it holds ``FashionMNIST/raw/``, as torchvision lays it out. When
            ``None``, the environment variable ``MLPKIT_DATA`` or else ``mlpkit`` in the user's
            cache folder.
        download: whether missing files may be downloaded (30 MB).

    Returns:
        The data. If the folder holds another number of images than the published 60,000 and
        10,000, ``name`` says how many: results on them compare with no published one.

    Raises:
        DataUnavailableError: if the files are missing and cannot be had, or are not those of
            Fashion-MNIST.

    References:
        Xiao, Rasul and Vollgraf (2017), *Fashion-MNIST: a novel image dataset for benchmarking
        machine learning algorithms*.
    """
    X_train, y_train, X_test, y_test, classes = _fashion_mnist.load(root, download=download)
    name = "Fashion-MNIST"
    if not _fashion_mnist.is_standard(len(X_train), len(X_test)):
        name += f" ({len(X_train):,} training and {len(X_test):,} test images)"
    return ImageData(
        name=name,
        X_train=_to_unit_interval(X_train),
        y_train=y_train,
        X_test=_to_unit_interval(X_test),
        y_test=y_test,
        classes=classes,
        image_shape=_fashion_mnist.IMAGE_SHAPE,
    )


def _to_unit_interval(images: Tensor) -> Tensor:
    """Flatten images of bytes and scale them to the range from 0 to 1."""
    return images.flatten(1).float().div_(255)


def image_data(root: str | os.PathLike[str] | None = None) -> ImageData:
    """Return Fashion-MNIST where it is there or can be had, else the digits, with a warning.

    Args:
        root: the data folder, as for :func:`fashion_mnist`.

    Returns:
        The data; ``name`` says which.
    """
    try:
        return fashion_mnist(root)
    except DataUnavailableError as error:
        notice = f"{error} Until then the 8 × 8 digits take its place: other data, other numbers."
        warnings.warn(notice, stacklevel=2)
        return digits()


def minibatches(
    X: Tensor, y: Tensor, batch_size: int, *, generator: Generator | None = None
) -> Iterator[tuple[Tensor, Tensor]]:
    """Go through the examples once, ``batch_size`` at a time.

    Args:
        X: the inputs.
        y: the targets.
        batch_size: examples in a minibatch, at least 1; the last one may be shorter.
        generator: draws the order; the examples come as they stand when ``None``.

    Shape:
        - X: ``(N, ...)``
        - y: ``(N, ...)``
        - Each minibatch: ``(batch_size, ...)`` twice.

    Raises:
        ValueError: if the numbers of inputs and targets differ or the batch size is below 1.

    Examples:
        >>> X, y = torch.zeros(5, 3), torch.arange(5)
        >>> [len(y_batch) for _, y_batch in minibatches(X, y, 2)]
        [2, 2, 1]
    """
    _check_lengths(X, y)
    if batch_size < 1:
        raise ValueError(f"batch_size must be at least 1, got {batch_size}")
    return _minibatches(X, y, batch_size, generator)


def _minibatches(
    X: Tensor, y: Tensor, batch_size: int, generator: Generator | None
) -> Iterator[tuple[Tensor, Tensor]]:
    if generator is None:
        yield from zip(X.split(batch_size), y.split(batch_size), strict=True)
        return
    for index in _permutation(len(X), generator).split(batch_size):
        yield X[index.to(X.device)], y[index.to(y.device)]


def _permutation(n: int, generator: Generator | None) -> Tensor:
    """Draw an order of ``n`` examples where the generator is, whatever the default device."""
    return torch.randperm(n, generator=generator, device=_device_of(generator))


def _device_of(generator: Generator | None) -> torch.device:
    """Return where a generator draws; the global one is the CPU's."""
    return generator.device if generator is not None else torch.device("cpu")


def split(
    X: Tensor, y: Tensor, num_held_out: int, *, generator: Generator | None = None
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Hold out some examples for validation, chosen at random.

    Args:
        X: the inputs.
        y: the targets.
        num_held_out: examples to hold out, at least 1 and fewer than there are.
        generator: source of randomness; the global one when ``None``.

    Shape:
        - X: ``(N, ...)``
        - y: ``(N, ...)``
        - Output: ``X_train, y_train`` of ``N - num_held_out`` examples, ``X_val, y_val`` of
          ``num_held_out``.

    Raises:
        ValueError: if the numbers of inputs and targets differ or too many are held out.

    Examples:
        >>> X_train, y_train, X_val, y_val = split(torch.zeros(5, 3), torch.arange(5), 2)
        >>> X_train.shape, X_val.shape
        (torch.Size([3, 3]), torch.Size([2, 3]))
    """
    _check_lengths(X, y)
    if not 1 <= num_held_out < len(X):
        raise ValueError(f"num_held_out must be from 1 to {len(X) - 1}, got {num_held_out}")
    order = _permutation(len(X), generator)
    train = order[num_held_out:]
    held_out = order[:num_held_out]
    at_X, at_y = X.device, y.device
    return X[train.to(at_X)], y[train.to(at_y)], X[held_out.to(at_X)], y[held_out.to(at_y)]


def xor() -> tuple[Tensor, Tensor]:
    """Return the four corners of the unit square and whether exactly one coordinate is 1.

    Shape:
        - Output: ``X`` is ``(4, 2)``, float32; ``y`` is ``(4,)``, int64, 0 or 1.

    Examples:
        >>> xor()[1].tolist()
        [0, 1, 1, 0]
    """
    X = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], device="cpu")
    return X, torch.tensor([0, 1, 1, 0], device="cpu")


def two_moons(
    n: int, noise: float = 0.1, *, generator: Generator | None = None
) -> tuple[Tensor, Tensor]:
    """Draw points on two half circles that reach into each other.

    Args:
        n: number of points in all; the first class gets the odd one.
        noise: standard deviation that is added to each coordinate; the radius is 1.
        generator: source of randomness; the global one when ``None``.

    Shape:
        - Output: ``X`` is ``(n, 2)``, float32; ``y`` is ``(n,)``, int64, 0 or 1.

    Examples:
        >>> X, y = two_moons(5, noise=0.0)
        >>> y.tolist()
        [0, 1, 0, 1, 0]
    """
    device = _device_of(generator)
    y = torch.arange(n, device=device) % 2
    angle = math.pi * torch.rand(n, generator=generator, device=device)
    upper = torch.stack([angle.cos(), angle.sin()], dim=1)  # (n, 2)
    lower = torch.tensor([1.0, 0.5], device=device) - upper
    X = torch.where(y[:, None] == 0, upper, lower)
    return X + noise * torch.randn(n, 2, generator=generator, device=device), y


def spirals(
    n_per_class: int,
    num_classes: int = 3,
    noise: float = 0.1,
    *,
    generator: Generator | None = None,
) -> tuple[Tensor, Tensor]:
    """Draw points on spiral arms, one arm per class, from the center out to radius 1.

    Args:
        n_per_class: number of points on each arm.
        num_classes: number of arms.
        noise: standard deviation that is added to the angle, in radians.
        generator: source of randomness; the global one when ``None``.

    Shape:
        - Output: ``X`` is ``(n_per_class * num_classes, 2)``, float32; ``y`` is int64, class
          after class.

    Examples:
        >>> X, y = spirals(4, num_classes=3)
        >>> X.shape, y.bincount().tolist()
        (torch.Size([12, 2]), [4, 4, 4])
    """
    device = _device_of(generator)
    y = torch.arange(num_classes, device=device).repeat_interleave(n_per_class)
    radius = torch.linspace(0, 1, n_per_class, device=device).repeat(num_classes)
    start = 2 * math.pi * y / num_classes
    angle = start + 4 * radius + noise * torch.randn(len(y), generator=generator, device=device)
    return torch.stack([radius * angle.cos(), radius * angle.sin()], dim=1), y


def _check_lengths(X: Tensor, y: Tensor) -> None:
    if len(X) != len(y):
        raise ValueError(f"as many targets as inputs are needed, got {len(y)} and {len(X)}")
