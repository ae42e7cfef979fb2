"""Right and wrong answers to `tanh_grad`."""

import math

import torch

from mlpgrader.variants import right, wrong

EVERY_TEST = [
    "tanh-grad-values",
    "tanh-grad-finite",
    "tanh-grad-float32",
    "tanh-grad-shapes",
    "tanh-grad-dtype",
    "tanh-grad-arguments",
]
ALL_BUT_THE_ENDS = [
    "tanh-grad-values",
    "tanh-grad-float32",
    "tanh-grad-shapes",
    "tanh-grad-dtype",
    "tanh-grad-arguments",
]
NUMBERS = ["tanh-grad-values", "tanh-grad-finite", "tanh-grad-float32", "tanh-grad-dtype"]


@right("by cosh")
def tanh_grad(x):
    return 1 / torch.cosh(x) ** 2


@right("by the exponential of -2|x|")
def tanh_grad(x):
    e = torch.exp(-2 * x.abs())
    return 4 * e / (1 + e) ** 2


right("by the logistic function's derivative, in helpers")("""
from torch.nn import functional as F


def logistic_slope(z):
    return torch.exp(F.logsigmoid(z) + F.logsigmoid(-z).clamp(min=-1e4))


def tanh_grad(x):
    return 4 * logistic_slope(-2 * torch.abs(x))
""")


@wrong(
    "1 - tanh^2 in float32",
    fails=["tanh-grad-float32"],
    is_slip=True,
    says=(
        "`1 - tanh(x)**2` takes two nearly equal numbers apart where tanh is close to "
        "1, so at large inputs no digit is left."
    ),
    read="What float32 leaves of the formulas",
    kind="imprecise",
)
def tanh_grad(x):
    return 1 - torch.tanh(x) ** 2


@wrong(
    "(1 - tanh)(1 + tanh) in float32",
    fails=["tanh-grad-float32"],
    is_slip=True,
    says=(
        "`1 - tanh(x)**2` takes two nearly equal numbers apart where tanh is close to "
        "1, so at large inputs no digit is left."
    ),
    read="What float32 leaves of the formulas",
    kind="imprecise",
)
def tanh_grad(x):
    t = torch.tanh(x)
    return (1 - t) * (1 + t)


@wrong(
    "autograd's 1 - tanh^2 in float32",
    fails=["tanh-grad-float32"],
    is_slip=True,
    says=(
        "`1 - tanh(x)**2` takes two nearly equal numbers apart where tanh is close to "
        "1, so at large inputs no digit is left."
    ),
    read="What float32 leaves of the formulas",
    kind="imprecise",
)
def tanh_grad(x):
    z = x.detach().clone().requires_grad_()
    return torch.autograd.grad(torch.tanh(z).sum(), z)[0]


@wrong(
    "the quotient, which overflows",
    fails=["tanh-grad-finite"],
    is_slip=True,
    kind="not-finite",
    says="`exp` overflows for large inputs, and a quotient of two infinities is `nan`.",
    read="What float32 leaves of the formulas",
)
def tanh_grad(x):
    e = torch.exp(-2 * x)
    return 4 * e / (1 + e) ** 2


@wrong(
    "the other quotient, which overflows",
    fails=["tanh-grad-finite"],
    is_slip=True,
    kind="not-finite",
    says="`exp` overflows for large inputs, and a quotient of two infinities is `nan`.",
    read="What float32 leaves of the formulas",
)
def tanh_grad(x):
    return (2 / (torch.exp(x) + torch.exp(-x))) ** 2 * torch.exp(x - x)


@wrong(
    "a slip in the numerator",
    fails=EVERY_TEST,
    kind="not-finite",
)
def tanh_grad(x):
    e = torch.exp(-2 * x)
    return (2 * e - e**2) / (1 + e) ** 2


@wrong(
    "1 - x^2: of the output",
    fails=NUMBERS,
    kind="not-finite",
    says="`1 - x**2` is right where `x` is the output of tanh; here it is the input.",
    read="Sigmoid and tanh",
)
def tanh_grad(x):
    return 1 - x**2


@wrong(
    "t (1 - t), as for the sigmoid",
    fails=EVERY_TEST,
    says="`t * (1 - t)` is built as the sigmoid's derivative is; that of tanh is another one.",
    read="Sigmoid and tanh",
)
def tanh_grad(x):
    t = torch.tanh(x)
    return t * (1 - t)


@wrong(
    "1 - tanh",
    fails=NUMBERS,
    says="A square is missing.",
    read="Sigmoid and tanh",
)
def tanh_grad(x):
    return 1 - torch.tanh(x)


@wrong(
    "1 / cosh: no square",
    fails=["tanh-grad-values", "tanh-grad-float32", "tanh-grad-dtype"],
    kind="square",
)
def tanh_grad(x):
    return 1 / torch.cosh(x)


@wrong(
    "clamped to [-8, 8]",
    fails=["tanh-grad-finite", "tanh-grad-float32"],
    kind="imprecise",
)
def tanh_grad(x):
    return 1 / torch.cosh(x.clamp(-8, 8)) ** 2


@wrong("in place", fails=["tanh-grad-arguments"], is_slip=True, kind="argument-changed")
def tanh_grad(x):
    return x.cosh_().pow_(-2)


@right("by cosh in float64, cast back")
def tanh_grad(x):
    return torch.cosh(x.double()).pow(-2).to(x.dtype)


@wrong(
    "1 - tanh^2 in float64, cast back",
    fails=["tanh-grad-float32"],
    is_slip=True,
    says=(
        "`1 - tanh(x)**2` takes two nearly equal numbers apart where tanh is close to "
        "1, so at large inputs no digit is left."
    ),
    read="What float32 leaves of the formulas",
    kind="imprecise",
)
def tanh_grad(x):
    return (1 - torch.tanh(x.double()) ** 2).to(x.dtype)


@wrong(
    "in float64 and left there",
    fails=["tanh-grad-values", "tanh-grad-dtype"],
    is_slip=True,
    kind="other-dtype",
)
def tanh_grad(x):
    return torch.cosh(x.double()) ** -2


@wrong(
    "of the output: 1 - tanh(tanh(x))^2",
    fails=NUMBERS,
    says="You take tanh of what is tanh(x) already.",
    read="Sigmoid and tanh",
)
def tanh_grad(x):
    return 1 - torch.tanh(torch.tanh(x)) ** 2


@wrong(
    "math.cosh",
    fails=EVERY_TEST,
    kind="raised",
)
def tanh_grad(x):
    return 1 / math.cosh(x) ** 2


@wrong(
    "centred differences",
    fails=["tanh-grad-values", "tanh-grad-float32", "tanh-grad-dtype"],
    says="A difference is an approximation, with fewer digits than the task asks for.",
    kind="imprecise",
)
def tanh_grad(x):
    h = 1e-3
    return (torch.tanh(x + h) - torch.tanh(x - h)) / (2 * h)


@wrong(
    "2 for 4 in the product of sigmoids",
    fails=ALL_BUT_THE_ENDS,
    kind="factor",
)
def tanh_grad(x):
    return 2 * torch.sigmoid(2 * x) * torch.sigmoid(-2 * x)


@wrong(
    "the sigmoid's derivative",
    fails=ALL_BUT_THE_ENDS,
    says="You return the sigmoid's derivative.",
    read="Sigmoid and tanh",
)
def tanh_grad(x):
    return torch.sigmoid(x) * torch.sigmoid(-x)


@wrong(
    "with the wrong sign",
    fails=ALL_BUT_THE_ENDS,
    kind="negated",
    says="Your derivative is negative, but tanh rises everywhere.",
    read="Sigmoid and tanh",
)
def tanh_grad(x):
    return torch.tanh(x) ** 2 - 1


@wrong(
    "flattened by view: contiguous tensors alone",
    fails=["tanh-grad-shapes"],
    is_slip=True,
    kind="raised",
)
def tanh_grad(x):
    return torch.cosh(x.view(-1)).pow(-2).view(x.shape)


right("sech by the textbook, whose overflow ends in 0")("""
def tanh_grad(x):
    return 4 / (torch.exp(x) + torch.exp(-x)) ** 2
""")
