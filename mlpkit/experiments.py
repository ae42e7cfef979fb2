"""Many small networks trained side by side, so that a claim that chance has a part in has a spread.

A network is a slice of every tensor: weights ``(runs, in_features, out_features)`` and biases
``(runs, 1, out_features)``. `mlpkit.mlp.forward` takes them as they are.
"""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from mlpkit.mlp import Parameters, forward

Loss = Callable[[Tensor, Tensor], Tensor]
"""Gives one number for each network, from its outputs and the targets."""


def cross_entropy(logits: Tensor, P: Tensor) -> Tensor:
    """Return the cross-entropy of each network against the probabilities that it should predict.

    Args:
        logits: one row per example.
        P: the probabilities, rows with sum 1; a row with a single 1 for a known class.

    Shape:
        - logits: ``(runs, N, q)``
        - P: ``(N, q)``
        - Output: ``(runs,)``, in nats.

    Examples:
        >>> cross_entropy(torch.zeros(3, 1, 4), torch.tensor([[1.0, 0.0, 0.0, 0.0]])).exp()
        tensor([4., 4., 4.])
    """
    return -(P * logits.log_softmax(-1)).sum(-1).mean(-1)


def squared_error(outputs: Tensor, Y: Tensor) -> Tensor:
    """Return the mean squared error of each network.

    Shape:
        - outputs: ``(runs, N, q)``
        - Y: ``(N, q)``
        - Output: ``(runs,)``

    Examples:
        >>> squared_error(torch.zeros(2, 3, 1), torch.ones(3, 1))
        tensor([1., 1.])
    """
    return (outputs - Y).square().mean((-1, -2))


def draw(
    layer_sizes: Sequence[int],
    runs: int,
    *,
    gain: float = math.sqrt(2),
    first_gain: float | None = None,
    bias_std: float = 0.5,
    seed: int = 0,
) -> Parameters:
    """Draw the first weights of several networks: normal, with variance gain² / fan-in.

    Args:
        layer_sizes: from the number of inputs to the number of outputs.
        runs: how many networks.
        gain: makes up for what the activation before a layer takes away.
        first_gain: that of the first layer, which no activation precedes; ``gain`` when ``None``.
        bias_std: standard deviation of the biases.
        seed: of the random numbers.

    Examples:
        >>> weights, biases = draw([5, 6, 4], 3)
        >>> [tuple(W.shape) for W in weights], [tuple(b.shape) for b in biases]
        ([(3, 5, 6), (3, 6, 4)], [(3, 1, 6), (3, 1, 4)])
    """
    generator = torch.Generator().manual_seed(seed)
    parameters = Parameters([], [])
    k = gain if first_gain is None else first_gain
    for a, b in pairwise(layer_sizes):
        W = torch.randn(runs, a, b, generator=generator)
        parameters.weights.append(W * (k / math.sqrt(a)))
        parameters.biases.append(bias_std * torch.randn(runs, 1, b, generator=generator))
        k = gain
    return parameters


def one(parameters: Parameters, run: int = 0) -> Parameters:
    """Take one of several networks.

    Examples:
        >>> weights, biases = one(draw([5, 4], 3), run=2)
        >>> weights[0].shape, biases[0].shape
        (torch.Size([5, 4]), torch.Size([4]))
    """
    weights, biases = parameters
    return Parameters([W[run] for W in weights], [b[run, 0] for b in biases])


def train(
    layer_sizes: Sequence[int],
    X: Tensor,
    Y: Tensor,
    loss: Loss,
    *,
    runs: int = 5,
    steps: int = 300,
    lr: float = 0.03,
    activation: str = "relu",
) -> Parameters:
    """Train several networks on the same data, by Adam on all examples at once.

    Args:
        layer_sizes: from the number of inputs to the number of outputs.
        X: inputs, a row per example.
        Y: targets.
        loss: ``cross_entropy``, ``squared_error``, or a function like them.
        runs: how many networks, each from a start of its own.
        steps: how many steps.
        lr: the learning rate.
        activation: a key of ``mlpkit.activations.ACTIVATIONS``.

    Shape:
        - X: ``(N, in_features)``
        - Y: ``(N, out_features)``

    Examples:
        >>> X = torch.linspace(-1, 1, 9)[:, None]
        >>> trained = train([1, 8, 1], X, X.abs(), squared_error, runs=3)
        >>> errors = squared_error(forward(X, *trained)[0], X.abs())
        >>> errors.shape, errors.max().item() < 0.01
        (torch.Size([3]), True)
    """
    weights, biases = draw(layer_sizes, runs)
    parameters = [p.requires_grad_() for p in weights + biases]
    means = [torch.zeros_like(p) for p in parameters]
    squares = [torch.zeros_like(p) for p in parameters]
    for step in range(1, steps + 1):
        total = loss(forward(X, weights, biases, activation)[0], Y).sum()
        gradients = torch.autograd.grad(total, parameters)
        with torch.no_grad():
            for p, g, m, s in zip(parameters, gradients, means, squares, strict=True):
                m.lerp_(g, 0.1)
                s.lerp_(g * g, 0.001)
                scale = (s / (1 - 0.999**step)).sqrt() + 1e-8
                p -= lr * m / (1 - 0.9**step) / scale
    return Parameters([W.detach() for W in weights], [b.detach() for b in biases])


def train_at_rates(
    start: Parameters,
    X: Tensor,
    y: Tensor,
    rates: Sequence[float],
    *,
    activation: str,
    steps: int = 150,
    batch_size: int = 64,
) -> Parameters:
    """Train several networks at each of several learning rates, by plain gradient descent.

    The runs differ in their start and in the minibatches drawn; all rates see the same ones.

    Args:
        start: the networks.
        X: inputs, a row per example.
        y: class indices, int64.
        rates: the learning rates.
        activation: a key of ``mlpkit.activations.ACTIVATIONS``.
        steps: how many steps.
        batch_size: examples per step, drawn with replacement.

    Shape:
        - X: ``(N, in_features)``
        - y: ``(N,)``

    Returns:
        ``len(rates) * runs`` networks, those of one rate beside each other.

    Examples:
        >>> X, y = torch.eye(4), torch.arange(4)
        >>> trained = train_at_rates(draw([4, 4], 2), X, y, [0.1, 1.0, 3.0], activation="relu")
        >>> trained.weights[0].shape
        torch.Size([6, 4, 4])
    """
    runs = len(start.weights[0])
    depth = len(start.weights)
    lr = torch.tensor(rates).repeat_interleave(runs)[:, None, None]
    parameters = [p.repeat(len(rates), 1, 1) for p in start.weights + start.biases]
    generator = torch.Generator().manual_seed(1)
    for _ in range(steps):
        batch = torch.randint(len(X), (runs, batch_size), generator=generator)
        batch = batch.repeat(len(rates), 1)
        leaves = [p.requires_grad_() for p in parameters]
        logits = forward(X[batch], leaves[:depth], leaves[depth:], activation)[0]
        mean = functional.cross_entropy(logits.flatten(0, 1), y[batch].flatten())
        # each network has its own loss, and this is the mean of them all
        gradients = torch.autograd.grad(len(lr) * mean, leaves)
        parameters = [(p - lr * g).detach() for p, g in zip(leaves, gradients, strict=True)]
    return Parameters(parameters[:depth], parameters[depth:])


class Tuned(NamedTuple):
    """What :func:`tune` finds.

    Shape:
        - accuracy: ``(runs,)``, in percent, on the test set.
        - rate: a number, the learning rate with the least loss on the held-out examples.
    """

    accuracy: Tensor
    rate: float


def tune(
    start: Parameters,
    training: tuple[Tensor, Tensor],
    held_out: tuple[Tensor, Tensor],
    test: tuple[Tensor, Tensor],
    rates: Sequence[float],
    *,
    activation: str,
    steps: int = 150,
) -> Tuned:
    """Train at each learning rate, choose one on held-out examples, and test once.

    Args:
        start: several networks.
        training: inputs and class indices to train on.
        held_out: those to choose the rate by.
        test: those to test on.
        rates: the learning rates to try.
        activation: a key of ``mlpkit.activations.ACTIVATIONS``.
        steps: how many steps of gradient descent.

    Examples:
        >>> X, y = torch.eye(4), torch.arange(4)
        >>> tuned = tune(draw([4, 4], 2), (X, y), (X, y), (X, y), [0.0, 1.0], activation="relu")
        >>> tuned.accuracy, tuned.rate
        (tensor([100., 100.]), 1.0)
    """
    runs = len(start.weights[0])
    trained = train_at_rates(start, *training, rates, activation=activation, steps=steps)
    X, y = held_out
    log_probs = forward(X, *trained, activation)[0].log_softmax(-1)
    loss = -log_probs[:, torch.arange(len(y)), y].mean(1).view(-1, runs)
    best = int(loss.mean(1).nan_to_num(torch.inf).argmin())
    X, y = test
    right = forward(X, *trained, activation)[0].argmax(-1) == y
    return Tuned(100 * right.float().mean(1).view(-1, runs)[best], rates[best])
