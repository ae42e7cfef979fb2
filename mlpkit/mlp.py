"""The multilayer perceptron in plain tensors: parameters, forward pass, backward pass.

Rows are examples. ``weights`` and ``biases`` are lists with one entry per layer, and a layer is
``X @ W + b``. The activation follows every layer but the last, whose output are the logits.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Generator, Tensor, nn

from mlpkit.activations import ACTIVATIONS
from mlpkit.initialization import SCHEMES
from mlpkit.losses import cross_entropy, cross_entropy_grad, l2_penalty, l2_penalty_grad


class Parameters(NamedTuple):
    """The weights and biases of a network, one entry per layer each."""

    weights: list[Tensor]
    biases: list[Tensor]


class Cache(NamedTuple):
    """What the forward pass keeps for the backward pass, one entry per layer each.

    ``H[0]`` is ``X``; ``H[i]`` is what layer ``i`` gets and ``Z[i]`` what it gives, before its
    activation. ``Z[-1]`` are the logits.
    """

    Z: list[Tensor]
    H: list[Tensor]


def count_parameters(layer_sizes: Sequence[int]) -> int:
    """Count the weights and biases of a network.

    Args:
        layer_sizes: from the number of inputs to the number of classes.

    Examples:
        >>> count_parameters([784, 256, 10])
        203530
    """
    return sum((fan_in + 1) * fan_out for fan_in, fan_out in pairwise(layer_sizes))


def init_parameters(
    layer_sizes: Sequence[int],
    scheme: str = "kaiming_normal",
    *,
    generator: Generator | None = None,
) -> Parameters:
    """Draw the weights of a network by a scheme; the biases are zero.

    Args:
        layer_sizes: from the number of inputs to the number of classes.
        scheme: a key of ``mlpkit.initialization.SCHEMES``.
        generator: source of randomness; the global one when ``None``.

    Raises:
        KeyError: if there is no such scheme.

    Examples:
        >>> weights, biases = init_parameters([5, 6, 4])
        >>> [tuple(W.shape) for W in weights], [tuple(b.shape) for b in biases]
        ([(5, 6), (6, 4)], [(6,), (4,)])
    """
    draw = SCHEMES[scheme]
    weights = [draw(*fans, generator=generator) for fans in pairwise(layer_sizes)]
    biases = [torch.zeros(fan_out, dtype=torch.float32) for fan_out in layer_sizes[1:]]
    return Parameters(weights, biases)


def affine(X: Tensor, W: Tensor, b: Tensor) -> Tensor:
    """Apply one layer: ``X @ W + b``.

    Shape:
        - X: ``(N, in_features)``
        - W: ``(in_features, out_features)``
        - b: ``(out_features,)``
        - Output: ``(N, out_features)``

    Examples:
        >>> affine(torch.ones(1, 2), torch.ones(2, 3), torch.tensor([0.0, 1.0, 2.0]))
        tensor([[2., 3., 4.]])
    """
    return X @ W + b


def affine_backward(dY: Tensor, X: Tensor, W: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return ``(dX, dW, db)`` of :func:`affine` for the upstream gradient ``dY``.

    Shape:
        - dY: ``(N, out_features)``
        - X, dX: ``(N, in_features)``
        - W, dW: ``(in_features, out_features)``
        - db: ``(out_features,)``

    Examples:
        >>> dX, dW, db = affine_backward(torch.ones(7, 4), torch.ones(7, 5), torch.ones(5, 4))
        >>> dX.shape, dW.shape, db.shape
        (torch.Size([7, 5]), torch.Size([5, 4]), torch.Size([4]))
    """
    dX = dY @ W.T
    dW = X.T @ dY
    db = dY.sum(dim=0)
    return dX, dW, db


def forward(
    X: Tensor, weights: Sequence[Tensor], biases: Sequence[Tensor], activation: str = "relu"
) -> tuple[Tensor, Cache]:
    """Compute the logits, keeping what the backward pass needs.

    Args:
        X: a minibatch of inputs.
        weights: one matrix per layer.
        biases: one vector per layer.
        activation: a key of ``mlpkit.activations.ACTIVATIONS``.

    Shape:
        - X: ``(N, in_features)``
        - Output: ``(N, num_classes)``, and the cache.

    Raises:
        KeyError: if there is no such activation.
        ValueError: if there are not as many weights as biases.

    Examples:
        >>> logits, cache = forward(torch.ones(7, 5), *init_parameters([5, 6, 4]))
        >>> [tuple(Z.shape) for Z in cache.Z], [tuple(H.shape) for H in cache.H]
        ([(7, 6), (7, 4)], [(7, 5), (7, 6)])
    """
    phi = ACTIVATIONS[activation].function
    H = [X]
    Z: list[Tensor] = []
    for W, b in zip(weights, biases, strict=True):
        if Z:
            H.append(phi(Z[-1]))
        Z.append(affine(H[-1], W, b))
    return Z[-1], Cache(Z, H)


def backward(
    dlogits: Tensor, cache: Cache, weights: Sequence[Tensor], activation: str = "relu"
) -> tuple[list[Tensor], list[Tensor]]:
    """Return ``(dweights, dbiases)``, from the last layer back to the first.

    Args:
        dlogits: gradient of the loss with respect to the logits.
        cache: what :func:`forward` kept.
        weights: those of the forward pass.
        activation: that of the forward pass.

    Shape:
        - dlogits: ``(N, num_classes)``
        - Output: lists with one entry per layer, each of the shape of its parameter.

    Examples:
        >>> weights, biases = init_parameters([5, 6, 4])
        >>> logits, cache = forward(torch.ones(7, 5), weights, biases)
        >>> dweights, dbiases = backward(torch.ones(7, 4), cache, weights)
        >>> [tuple(dW.shape) for dW in dweights], [tuple(db.shape) for db in dbiases]
        ([(5, 6), (6, 4)], [(6,), (4,)])
    """
    phi_grad = ACTIVATIONS[activation].derivative
    dweights: list[Tensor] = []
    dbiases: list[Tensor] = []
    dZ = dlogits
    for layer in reversed(range(len(weights))):
        dH, dW, db = affine_backward(dZ, cache.H[layer], weights[layer])
        dweights.insert(0, dW)
        dbiases.insert(0, db)
        if layer > 0:
            dZ = dH * phi_grad(cache.Z[layer - 1])
    return dweights, dbiases


def objective_and_gradients(
    X: Tensor,
    y: Tensor,
    weights: Sequence[Tensor],
    biases: Sequence[Tensor],
    activation: str = "relu",
    weight_decay: float = 0.0,
) -> tuple[Tensor, list[Tensor], list[Tensor]]:
    """Return ``(J, dweights, dbiases)``: cross-entropy plus L2 penalty, by hand.

    Args:
        X: a minibatch of inputs.
        y: class indices, int64.
        weights: one matrix per layer.
        biases: one vector per layer; not penalized.
        activation: a key of ``mlpkit.activations.ACTIVATIONS``.
        weight_decay: factor of the penalty, 0 or more.

    Shape:
        - X: ``(N, in_features)``
        - y: ``(N,)``
        - J: ``()``, in nats; each gradient has the shape of its parameter.

    Examples:
        >>> weights, biases = init_parameters([5, 6, 4], "constant")
        >>> X, y = torch.ones(7, 5), torch.zeros(7, dtype=torch.int64)
        >>> J, dweights, dbiases = objective_and_gradients(X, y, weights, biases)
        >>> torch.isclose(J, torch.tensor(4.0).log()).item()
        True
    """
    logits, cache = forward(X, weights, biases, activation)
    J = cross_entropy(logits, y) + l2_penalty(weights, weight_decay)
    dlogits = cross_entropy_grad(logits, y)
    dweights, dbiases = backward(dlogits, cache, weights, activation)
    dpenalty = l2_penalty_grad(weights, weight_decay)
    dweights = [dW + dP for dW, dP in zip(dweights, dpenalty, strict=True)]
    return J, dweights, dbiases


def build_module(
    layer_sizes: Sequence[int],
    activation: str = "relu",
    scheme: str = "kaiming_normal",
    *,
    generator: Generator | None = None,
) -> nn.Sequential:
    """Build the same network from PyTorch's modules, ready to be trained.

    ``nn.PReLU`` learns its slope, which starts at 0.25: one parameter more per hidden layer.

    Args:
        layer_sizes: from the number of inputs to the number of classes.
        activation: a key of ``mlpkit.activations.ACTIVATIONS``.
        scheme: a key of ``mlpkit.initialization.SCHEMES``; the biases are zero.
        generator: source of randomness; the global one when ``None``.

    Raises:
        KeyError: if there is no such activation or scheme.

    Examples:
        >>> build_module([784, 256, 10])
        Sequential(
          (0): Linear(in_features=784, out_features=256, bias=True)
          (1): ReLU()
          (2): Linear(in_features=256, out_features=10, bias=True)
        )
    """
    weights, biases = init_parameters(layer_sizes, scheme, generator=generator)
    layers: list[nn.Module] = []
    for W, b in zip(weights, biases, strict=True):
        layers.append(_linear(W, b))
        layers.append(ACTIVATIONS[activation].module())
    return nn.Sequential(*layers[:-1])  # no activation after the last layer


def _linear(W: Tensor, b: Tensor) -> nn.Linear:
    """Wrap a layer as a module, which stores the transpose of ``W``."""
    # skip_init because nn.Linear would draw weights of its own from the global generator
    linear = nn.utils.skip_init(nn.Linear, *W.shape)
    with torch.no_grad():
        linear.weight.copy_(W.T)
        linear.bias.copy_(b)
    return linear


def as_sigmoid(
    weights: Sequence[Tensor], biases: Sequence[Tensor]
) -> tuple[list[Tensor], list[Tensor]]:
    """Rewrite a tanh network, of any depth, as the sigmoid network that computes the same.

    Args:
        weights: one weight matrix per layer; the last layer has no activation.
        biases: one bias per layer.

    Shape:
        - weights: each ``(..., in_features, out_features)``, several networks side by side too
        - biases: each ``(out_features,)`` for one network, ``(..., 1, out_features)`` for several

    Returns:
        The new weights and biases, in the same shapes.

    Examples:
        >>> X, W1, W2 = torch.tensor([[0.5]]), torch.tensor([[3.0]]), torch.tensor([[2.0]])
        >>> (V1, V2), (c1, c2) = as_sigmoid([W1, W2], [torch.ones(1), torch.ones(1)])
        >>> torch.tanh(X @ W1 + 1) @ W2 + 1, torch.sigmoid(X @ V1 + c1) @ V2 + c2
        (tensor([[2.9732]]), tensor([[2.9732]]))
    """
    last = len(weights) - 1
    new_weights: list[Tensor] = []
    new_biases: list[Tensor] = []
    for i, (W, b) in enumerate(zip(weights, biases, strict=True)):
        if i > 0:  # its input 2 s - 1 has become s
            b = b - W.sum(-2, keepdim=b.dim() > 1)
            W = 2 * W
        factor = 1 if i == last else 2  # sigmoid takes twice what tanh takes
        new_weights.append(factor * W)
        new_biases.append(factor * b)
    return new_weights, new_biases
