"""Right and wrong answers to `prelu_grad`."""

import torch

from mlpgrader.variants import right, wrong


@right("by comparison and cast")
def prelu_grad(x, alpha):
    positive = (x > 0).to(x.dtype)
    return positive + alpha * (1 - positive)


@right("filled in")
def prelu_grad(x, alpha):
    slopes = torch.full_like(x, alpha)
    slopes[x > 0] = 1
    return slopes


@right("by autograd of two ReLUs")
def prelu_grad(x, alpha):
    z = x.detach().clone().requires_grad_()
    with torch.enable_grad():
        # relu has slope 0 at 0: written this way the point 0 belongs to the left
        y = alpha * z + (1 - alpha) * torch.relu(z)
        y.sum().backward()
    return z.grad


@wrong(
    "0 for negative inputs",
    fails=[
        "prelu-grad-values",
        "prelu-grad-any-alpha",
        "prelu-grad-kink",
        "prelu-grad-shapes",
        "prelu-grad-dtype",
    ],
    says="For negative inputs you give 0, as for ReLU. pReLU keeps the slope `alpha` there.",
    read="The ReLU family",
    kind="one-case",
)
def prelu_grad(x, alpha):
    return (x > 0).to(x.dtype)


@wrong(
    "of max(x, alpha x)",
    fails=["prelu-grad-any-alpha", "prelu-grad-kink", "prelu-grad-shapes"],
    says=(
        "You differentiate `max(x, alpha * x)`. That is pReLU only as long as `alpha` is at most 1."
    ),
    read="The ReLU family",
)
def prelu_grad(x, alpha):
    z = x.detach().clone().requires_grad_()
    torch.maximum(z, alpha * z).sum().backward()
    return z.grad


@wrong(
    "of max(x, alpha x), alpha at 0",
    fails=["prelu-grad-any-alpha"],
    says=(
        "You differentiate `max(x, alpha * x)`. That is pReLU only as long as `alpha` is at most 1."
    ),
    read="The ReLU family",
)
def prelu_grad(x, alpha):
    larger, smaller = max(1, alpha), min(1, alpha)
    slopes = torch.where(x > 0, torch.full_like(x, larger), smaller)
    return torch.where(x == 0, alpha, slopes)


@wrong(
    "1 at 0",
    fails=["prelu-grad-kink", "prelu-grad-shapes"],
    is_slip=True,
    says=(
        "At 0 you take the slope of the right-hand side; the set asks for that of the "
        "left-hand side, `alpha`."
    ),
    read="What is the slope at 0?",
)
def prelu_grad(x, alpha):
    return torch.where(x >= 0, torch.ones_like(x), alpha)


@wrong(
    "0 at 0",
    fails=["prelu-grad-kink", "prelu-grad-shapes"],
    is_slip=True,
    says="At 0 your slope is 0; the set asks for that of the left-hand side, `alpha`.",
    read="What is the slope at 0?",
    kind="zero",
)
def prelu_grad(x, alpha):
    return (x > 0).to(x.dtype) + alpha * (x < 0).to(x.dtype)


@wrong(
    "-alpha",
    fails=[
        "prelu-grad-values",
        "prelu-grad-any-alpha",
        "prelu-grad-kink",
        "prelu-grad-shapes",
        "prelu-grad-dtype",
    ],
    kind="negated",
    says=(
        "For negative inputs your slope is `-alpha`, and it should be `alpha`: the "
        "graph goes on in the same direction."
    ),
    read="The ReLU family",
)
def prelu_grad(x, alpha):
    return torch.where(x > 0, torch.ones_like(x), -alpha)


@wrong(
    "alpha x for negative inputs",
    fails=[
        "prelu-grad-values",
        "prelu-grad-any-alpha",
        "prelu-grad-kink",
        "prelu-grad-shapes",
        "prelu-grad-dtype",
    ],
    says=(
        "For negative inputs you give `alpha * x`, the value of the function, where its "
        "slope is due."
    ),
    read="The ReLU family",
    kind="one-case",
)
def prelu_grad(x, alpha):
    return torch.where(x > 0, torch.ones_like(x), alpha * x)


@wrong(
    "two Python numbers make float32",
    fails=["prelu-grad-dtype"],
    is_slip=True,
    kind="lower-precision",
)
def prelu_grad(x, alpha):
    return torch.where(x > 0, 1.0, alpha)


@wrong("in place", fails=["prelu-grad-arguments"], is_slip=True, kind="argument-changed")
def prelu_grad(x, alpha):
    positive = x > 0
    x[positive] = 1
    x[~positive] = alpha
    return x


@wrong(
    "1 only well above 0",
    fails=["prelu-grad-values"],
    unseen="only a tiny input shows it, which nobody would take for an example",
)
def prelu_grad(x, alpha):
    return torch.where(x > 1e-6, torch.ones_like(x), alpha)


@right("by a sign and its mean")
def prelu_grad(x, alpha):
    side = torch.sign(x) + (x == 0) * -1.0
    return ((1 + alpha) / 2 + (1 - alpha) / 2 * side.double()).to(x.dtype)


wrong(
    "NumPy's where",
    fails=[
        "prelu-grad-values",
        "prelu-grad-any-alpha",
        "prelu-grad-kink",
        "prelu-grad-shapes",
        "prelu-grad-dtype",
        "prelu-grad-arguments",
    ],
    kind="numpy",
)("""
import numpy as np


def prelu_grad(x, alpha):
    return np.where(x > 0, 1.0, alpha)
""")


@wrong(
    "the function for its derivative",
    fails=[
        "prelu-grad-values",
        "prelu-grad-any-alpha",
        "prelu-grad-kink",
        "prelu-grad-shapes",
        "prelu-grad-dtype",
        "prelu-grad-arguments",
    ],
    says="You return pReLU itself, not its derivative.",
    read="The ReLU family",
)
def prelu_grad(x, alpha):
    return torch.where(x > 0, x, alpha * x)


@wrong(
    "an if on the whole tensor",
    fails=[
        "prelu-grad-values",
        "prelu-grad-any-alpha",
        "prelu-grad-kink",
        "prelu-grad-shapes",
        "prelu-grad-dtype",
        "prelu-grad-arguments",
    ],
    kind="raised",
)
def prelu_grad(x, alpha):
    if x > 0:
        return torch.ones_like(x)
    return torch.full_like(x, alpha)


@wrong(
    "a list",
    fails=[
        "prelu-grad-values",
        "prelu-grad-any-alpha",
        "prelu-grad-kink",
        "prelu-grad-shapes",
        "prelu-grad-dtype",
        "prelu-grad-arguments",
    ],
    kind="wrong-type",
)
def prelu_grad(x, alpha):
    return [1.0 if t > 0 else alpha for t in x.flatten().tolist()]


@wrong(
    "the sides swapped",
    fails=[
        "prelu-grad-values",
        "prelu-grad-any-alpha",
        "prelu-grad-kink",
        "prelu-grad-shapes",
        "prelu-grad-dtype",
        "prelu-grad-arguments",
    ],
    says="The two sides are exchanged: `alpha` belongs to negative inputs.",
    read="The ReLU family",
)
def prelu_grad(x, alpha):
    return torch.where(x > 0, alpha, torch.ones_like(x))


@wrong(
    "by a centred difference",
    fails=["prelu-grad-values", "prelu-grad-any-alpha", "prelu-grad-kink", "prelu-grad-shapes"],
)
def prelu_grad(x, alpha):
    def f(z):
        return torch.where(z > 0, z, alpha * z)

    z, h = x.double(), 1e-6
    return ((f(z + h) - f(z - h)) / (2 * h)).to(x.dtype)


@wrong(
    "a float64 list of its entries",
    fails=["prelu-grad-values", "prelu-grad-dtype"],
    is_slip=True,
    kind="other-dtype",
)
def prelu_grad(x, alpha):
    slopes = [1.0 if t > 0 else alpha for t in x.flatten().tolist()]
    return torch.tensor(slopes, dtype=torch.float64).reshape(x.shape)


@wrong(
    "inf / inf for an infinite input",
    fails=["prelu-grad-any-alpha"],
    is_slip=True,
    unseen="an infinite input is in the specification, and the example is for alpha",
)
def prelu_grad(x, alpha):
    return torch.where(x > 0, x / x, alpha)


@wrong(
    "rows and columns alone",
    fails=["prelu-grad-shapes"],
    is_slip=True,
    kind="raised",
)
def prelu_grad(x, alpha):
    if x.dim() > 2:
        raise ValueError("a matrix or a vector")
    return torch.where(x > 0, torch.ones_like(x), alpha)


right("alpha to the power of a mask")("""
def prelu_grad(x, alpha):
    return alpha ** (x <= 0).to(x.dtype)
""")


wrong(
    "1 less a share of a mask, which is float32",
    fails=["prelu-grad-dtype"],
    kind="lower-precision",
    is_slip=True,
)("""
def prelu_grad(x, alpha):
    return 1 - (1 - alpha) * (x <= 0)
""")
