"""The multilayer perceptron of the course on one page: plain tensors, no autograd, no modules.

Everything that the chapters take apart, put together for one hidden layer of ReLU. `mlpkit.mlp`
does the same for any number of layers and activations; the two agree.
"""

import torch
from torch import Generator, Tensor

Network = tuple[Tensor, Tensor, Tensor, Tensor]
"""``(W1, b1, W2, b2)``"""


def start(inputs: int, hidden: int, classes: int, generator: Generator) -> Network:
    """Draw the first weights by Kaiming's rule; the biases are 0.

    Shape:
        - W1: ``(inputs, hidden)``, W2: ``(hidden, classes)``
        - b1: ``(hidden,)``, b2: ``(classes,)``

    Examples:
        >>> [tuple(p.shape) for p in start(784, 256, 10, torch.Generator())]
        [(784, 256), (256,), (256, 10), (10,)]
    """
    W1 = torch.randn(inputs, hidden, generator=generator) * (2 / inputs) ** 0.5
    W2 = torch.randn(hidden, classes, generator=generator) * (2 / hidden) ** 0.5
    return W1, torch.zeros(hidden), W2, torch.zeros(classes)


def predict(X: Tensor, network: Network) -> tuple[Tensor, Tensor]:
    """Return the activations of the hidden layer and the logits.

    Shape:
        - X: ``(N, inputs)``
        - Output: ``(N, hidden)`` and ``(N, classes)``

    Examples:
        >>> H, logits = predict(torch.ones(7, 5), start(5, 6, 4, torch.Generator()))
        >>> H.shape, logits.shape
        (torch.Size([7, 6]), torch.Size([7, 4]))
    """
    W1, b1, W2, b2 = network
    H = (X @ W1 + b1).clamp(min=0)
    return H, H @ W2 + b2


def train_step(X: Tensor, y: Tensor, network: Network, lr: float) -> float:
    """Take one step of gradient descent on a minibatch, in place; return the loss before it.

    Shape:
        - X: ``(N, inputs)``
        - y: ``(N,)``, int64

    Examples:
        >>> network = start(5, 6, 4, torch.Generator().manual_seed(0))
        >>> X, y = torch.ones(7, 5), torch.zeros(7, dtype=torch.int64)
        >>> losses = [train_step(X, y, network, lr=0.1) for _ in range(20)]
        >>> losses[-1] < losses[0]
        True
    """
    W2 = network[2]
    H, logits = predict(X, network)
    log_probabilities = logits - logits.logsumexp(1, keepdim=True)
    rows = torch.arange(len(y))
    loss = -log_probabilities[rows, y].mean()

    dlogits = log_probabilities.exp()
    dlogits[rows, y] -= 1  # prediction minus truth
    dlogits /= len(y)
    dZ = (dlogits @ W2.T) * (H > 0)  # the slope of ReLU
    gradients = (X.T @ dZ, dZ.sum(0), H.T @ dlogits, dlogits.sum(0))
    for parameter, gradient in zip(network, gradients, strict=True):
        parameter -= lr * gradient
    return loss.item()
