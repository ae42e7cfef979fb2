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


@right("torch.tanh: not to use it is a request, and the values decide")
def tanh_from_sigmoid(x):
    return torch.tanh(x)


@wrong(
    "2 sigmoid(x) - 1",
    fails=[
        "tanh-from-sigmoid-values",
        "tanh-from-sigmoid-shapes",
        "tanh-from-sigmoid-dtype",
        "tanh-from-sigmoid-arguments",
    ],
    says="You stretch the output, but not the input: this is tanh(x / 2).",
    read="One identity, one set of functions",
)
def tanh_from_sigmoid(x):
    return 2 * torch.sigmoid(x) - 1


@wrong(
    "sigmoid(2x)",
    fails=[
        "tanh-from-sigmoid-values",
        "tanh-from-sigmoid-ends",
        "tanh-from-sigmoid-shapes",
        "tanh-from-sigmoid-dtype",
        "tanh-from-sigmoid-arguments",
    ],
    says=(
        "The sigmoid lies between 0 and 1, tanh between -1 and 1: the output has to be "
        "stretched and shifted, too."
    ),
    read="One identity, one set of functions",
)
def tanh_from_sigmoid(x):
    return torch.sigmoid(2 * x)


@wrong(
    "no -1",
    fails=[
        "tanh-from-sigmoid-values",
        "tanh-from-sigmoid-ends",
        "tanh-from-sigmoid-shapes",
        "tanh-from-sigmoid-dtype",
        "tanh-from-sigmoid-arguments",
    ],
    kind="offset",
    says="Your result lies between 0 and 2: a shift is missing.",
    read="One identity, one set of functions",
)
def tanh_from_sigmoid(x):
    return 2 * torch.sigmoid(2 * x)


@wrong("a hand-made quotient that overflows", fails=["tanh-from-sigmoid-ends"], kind="not-finite")
def tanh_from_sigmoid(x):
    return 2 * torch.exp(2 * x) / (1 + torch.exp(2 * x)) - 1


@wrong("in place", fails=["tanh-from-sigmoid-arguments"], is_slip=True, kind="argument-changed")
def tanh_from_sigmoid(x):
    return x.mul_(2).sigmoid_().mul_(2).sub_(1)


@wrong(
    "no brackets: the module gets the tensor",
    fails=[
        "tanh-from-sigmoid-values",
        "tanh-from-sigmoid-ends",
        "tanh-from-sigmoid-shapes",
        "tanh-from-sigmoid-dtype",
        "tanh-from-sigmoid-arguments",
    ],
    kind="raised",
)
def tanh_from_sigmoid(x):
    return 2 * nn.Sigmoid(2 * x) - 1


@wrong(
    "+1 for -1",
    fails=[
        "tanh-from-sigmoid-values",
        "tanh-from-sigmoid-ends",
        "tanh-from-sigmoid-shapes",
        "tanh-from-sigmoid-dtype",
        "tanh-from-sigmoid-arguments",
    ],
    kind="offset",
    says="You shift the output up, where it should be shifted down.",
    read="One identity, one set of functions",
)
def tanh_from_sigmoid(x):
    return 2 * torch.sigmoid(2 * x) + 1


@wrong("in float32", fails=["tanh-from-sigmoid-dtype"], is_slip=True, kind="lower-precision")
def tanh_from_sigmoid(x):
    return 2 * torch.sigmoid(2 * x.float()) - 1


@wrong(
    "in float64",
    fails=["tanh-from-sigmoid-values", "tanh-from-sigmoid-dtype"],
    is_slip=True,
    kind="other-dtype",
)
def tanh_from_sigmoid(x):
    return 2 * torch.sigmoid(2 * x.double()) - 1


@wrong(
    "sigmoid(x) stretched to [-1, 1], then doubled",
    fails=[
        "tanh-from-sigmoid-values",
        "tanh-from-sigmoid-ends",
        "tanh-from-sigmoid-shapes",
        "tanh-from-sigmoid-dtype",
        "tanh-from-sigmoid-arguments",
    ],
)
def tanh_from_sigmoid(x):
    return 2 * (2 * torch.sigmoid(x) - 1)


@wrong(
    "row by row: a number has none",
    fails=["tanh-from-sigmoid-shapes"],
    is_slip=True,
    unseen="the shapes without an entry or a dimension stay hidden",
)
def tanh_from_sigmoid(x):
    return torch.vstack([2 * torch.sigmoid(2 * row) - 1 for row in x]).reshape(x.shape)


@wrong("clamped before, so the ends are off", fails=["tanh-from-sigmoid-ends"], is_slip=True)
def tanh_from_sigmoid(x):
    return 2 * torch.sigmoid(2 * x.clamp(-4, 4)) - 1
