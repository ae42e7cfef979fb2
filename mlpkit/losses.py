"""Loss functions and the L2 penalty, each with its gradient beside it.

A loss is a mean over the minibatch, in nats for the cross-entropy. ``logits`` are of shape
``(N, num_classes)`` and the class indices ``y`` of shape ``(N,)``. A gradient has the shape of the
first argument.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional


def log_softmax(logits: Tensor) -> Tensor:
    """Return the logarithms of the predicted probabilities, row by row.

    Taking the largest logit off each row changes nothing in exact arithmetic, and keeps ``exp``
    from overflowing. PyTorch twin: ``torch.nn.functional.log_softmax``.

    Args:
        logits: finite numbers of any size.

    Examples:
        >>> log_softmax(torch.tensor([[0.0, 1e4]])).tolist()
        [[-10000.0, 0.0]]
    """
    # a constant as far as the gradient goes: the result does not depend on the shift
    shifted = logits - logits.detach().amax(dim=1, keepdim=True)
    return shifted - shifted.exp().sum(dim=1, keepdim=True).log()


def softmax(logits: Tensor) -> Tensor:
    """Return the predicted probabilities; each row sums to 1.

    Examples:
        >>> softmax(torch.tensor([[0.0, 1e4], [7.0, 7.0]])).tolist()
        [[0.0, 1.0], [0.5, 0.5]]
    """
    return log_softmax(logits).exp()


def cross_entropy(logits: Tensor, y: Tensor) -> Tensor:
    """Return the mean negative log-probability of the right classes.

    PyTorch twin: ``torch.nn.functional.cross_entropy``.

    Args:
        logits: finite numbers of any size.
        y: class indices from 0 to ``num_classes - 1``, int64.

    Raises:
        IndexError: if there are not as many labels as rows, or a label is too large.

    Examples:
        >>> logits = torch.zeros(5, 10)
        >>> loss = cross_entropy(logits, torch.arange(5))
        >>> torch.isclose(loss, torch.tensor(10.0).log()).item()
        True
    """
    rows = torch.arange(len(logits), device=logits.device)
    return -log_softmax(logits)[rows, y].mean()


def cross_entropy_grad(logits: Tensor, y: Tensor) -> Tensor:
    """Return ``dlogits``: predicted probabilities minus one-hot labels, over ``N``.

    Examples:
        >>> cross_entropy_grad(torch.zeros(1, 2), torch.tensor([0])).tolist()
        [[-0.5, 0.5]]
    """
    onehot = functional.one_hot(y, logits.shape[1])
    return (softmax(logits) - onehot) / len(logits)


def squared_error(predictions: Tensor, targets: Tensor) -> Tensor:
    """Return the mean over examples of half the squared distance.

    PyTorch's ``mse_loss`` is a mean over entries too and has no half.

    Shape:
        - predictions, targets: ``(N, out_features)``
        - Output: ``()``, in squared units of the targets.

    Raises:
        ValueError: if the shapes differ, which torch would answer by broadcasting.

    Examples:
        >>> squared_error(torch.tensor([[3.0, 4.0]]), torch.zeros(1, 2)).item()
        12.5
    """
    if predictions.shape != targets.shape:
        raise ValueError(f"predictions are {predictions.shape}, targets {targets.shape}")
    return ((predictions - targets) ** 2).sum() / (2 * len(predictions))


def squared_error_grad(predictions: Tensor, targets: Tensor) -> Tensor:
    """Return ``dpredictions``: the differences over ``N``.

    Examples:
        >>> squared_error_grad(torch.tensor([[3.0, 4.0]]), torch.zeros(1, 2)).tolist()
        [[3.0, 4.0]]
    """
    return (predictions - targets) / len(predictions)


def l2_penalty(weights: Sequence[Tensor], weight_decay: float) -> Tensor:
    """Return ``weight_decay / 2`` times the sum of all squared weights.

    Args:
        weights: the weight matrices, at least one; biases are not penalized.
        weight_decay: the factor, 0 or more.

    Examples:
        >>> l2_penalty([torch.ones(2, 3), torch.ones(3, 1)], 0.5).item()
        2.25
    """
    first, *others = [(W**2).sum() for W in weights]
    return weight_decay / 2 * sum(others, start=first)


def l2_penalty_grad(weights: Sequence[Tensor], weight_decay: float) -> list[Tensor]:
    """Return one gradient per weight matrix: ``weight_decay * W``.

    Examples:
        >>> l2_penalty_grad([torch.ones(1, 3)], 0.5)
        [tensor([[0.5000, 0.5000, 0.5000]])]
    """
    return [weight_decay * W for W in weights]
