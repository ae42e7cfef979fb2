"""Right and wrong answers to `tanh_from_sigmoid`."""

import torch
from torch import nn

from mlpgrader.variants import right, wrong


@right("a difference of two sigmoids")
def tanh_from_sigmoid(x):
    return torch.sigmoid(2 * x) - torch.sigmoid(-2 * x)


@right("through nn.Sigmoid")
def tanh_from_sigmoid(x):
    return nn.Sigmoid()(x + x).mul(2).sub(1)


@right("built in: the values decide")
def tanh_from_sigmoid(x):
    return torch.tanh(x)


@wrong("2 sigmoid(x) - 1", fails=["tanh-from-sigmoid-values"])
def tanh_from_sigmoid(x):
    return 2 * torch.sigmoid(x) - 1


@wrong("sigmoid(2x)", fails=["tanh-from-sigmoid-values", "tanh-from-sigmoid-ends"])
def tanh_from_sigmoid(x):
    return torch.sigmoid(2 * x)


@wrong(
    "no -1",
    fails=["tanh-from-sigmoid-values", "tanh-from-sigmoid-ends", "tanh-from-sigmoid-arguments"],
)
def tanh_from_sigmoid(x):
    return 2 * torch.sigmoid(2 * x)


@wrong(
    "a hand-made quotient that overflows",
    fails=["tanh-from-sigmoid-ends", "tanh-from-sigmoid-arguments"],
)
def tanh_from_sigmoid(x):
    return 2 * torch.exp(2 * x) / (1 + torch.exp(2 * x)) - 1


@wrong("in place", fails=["tanh-from-sigmoid-arguments"])
def tanh_from_sigmoid(x):
    return x.mul_(2).sigmoid_().mul_(2).sub_(1)
