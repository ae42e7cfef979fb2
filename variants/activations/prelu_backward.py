"""Right and wrong answers to `prelu_backward`."""

import torch

from mlpgrader.variants import equivalent, right, wrong


@right("by masks")
def prelu_backward(x, alpha, dy):
    negative = (x <= 0).to(x.dtype)
    return dy * (1 - negative) + alpha * dy * negative, float((dy * x * negative).sum())


@right("by autograd, as a list")
def prelu_backward(x, alpha, dy):
    x = x.detach().clone().requires_grad_()
    a = torch.tensor(alpha, dtype=x.dtype, requires_grad=True)
    with torch.enable_grad():
        y = a * x + (1 - a) * torch.relu(x)
    return list(torch.autograd.grad(y, [x, a], dy))


right("entry by entry, with helpers")("""
import itertools


def slope(t, alpha):
    return 1.0 if t > 0 else alpha


def prelu_backward(x, alpha, dy):
    dx, dalpha = torch.empty_like(x), 0.0
    for at in itertools.product(*map(range, x.shape)):
        dx[at] = slope(x[at], alpha) * dy[at]
        if x[at] < 0:
            dalpha += (x[at] * dy[at]).item()
    return dx, dalpha
""")


@wrong(
    "no dy",
    fails=[
        "prelu-backward-dx",
        "prelu-backward-dalpha",
        "prelu-backward-kink",
        "prelu-backward-shapes",
        "prelu-backward-dtype",
        "prelu-backward-arguments",
    ],
    says="Neither gradient is multiplied by the upstream gradient `dy`, as the chain rule asks.",
    read="And on the way back",
)
def prelu_backward(x, alpha, dy):
    slopes = torch.where(x > 0, torch.ones_like(x), alpha)
    return slopes, torch.where(x > 0, torch.zeros_like(x), x).sum()


@wrong(
    "no dy in dx",
    fails=[
        "prelu-backward-dx",
        "prelu-backward-kink",
        "prelu-backward-shapes",
        "prelu-backward-dtype",
        "prelu-backward-arguments",
    ],
    says="`dx` is the slope alone: multiply it by the upstream gradient `dy`.",
    read="And on the way back",
)
def prelu_backward(x, alpha, dy):
    slopes = torch.where(x > 0, torch.ones_like(x), alpha)
    return slopes, torch.where(x > 0, torch.zeros_like(x), x * dy).sum()


@wrong(
    "no dy in dalpha",
    fails=["prelu-backward-dalpha"],
    is_slip=True,
    says="`dalpha` adds up `x` without the upstream gradient `dy`.",
    read="And on the way back",
)
def prelu_backward(x, alpha, dy):
    return torch.where(x > 0, dy, alpha * dy), torch.where(x > 0, torch.zeros_like(x), x).sum()


@wrong(
    "dalpha not summed",
    fails=["prelu-backward-dalpha", "prelu-backward-shapes"],
    is_slip=True,
    kind="wrong-shape",
    says=(
        "`alpha` is one number that all entries share, so `dalpha` is the sum of what "
        "they contribute."
    ),
    read="And on the way back",
)
def prelu_backward(x, alpha, dy):
    return torch.where(x > 0, dy, alpha * dy), torch.where(x > 0, torch.zeros_like(x), x * dy)


@wrong(
    "dalpha summed over the first axis",
    fails=["prelu-backward-dalpha", "prelu-backward-shapes"],
    kind="wrong-shape",
)
def prelu_backward(x, alpha, dy):
    return torch.where(x > 0, dy, alpha * dy), (x * dy * (x < 0)).sum(0)


@wrong(
    "the mean for the sum",
    fails=["prelu-backward-dalpha"],
    is_slip=True,
    kind="averaged",
    says="`dalpha` is a mean. All entries share one `alpha`, so what they contribute adds up.",
    read="And on the way back",
)
def prelu_backward(x, alpha, dy):
    return torch.where(x > 0, dy, alpha * dy), (x * dy * (x < 0)).mean()


@wrong(
    "dalpha with the wrong sign",
    fails=["prelu-backward-dalpha"],
    is_slip=True,
    kind="negated",
    says=(
        "`dalpha` has the wrong sign: where `x` is negative, the output is `alpha * x`, "
        "and its derivative by `alpha` is `x` as it is."
    ),
    read="And on the way back",
)
def prelu_backward(x, alpha, dy):
    return torch.where(x > 0, dy, alpha * dy), -(x * dy * (x < 0)).sum()


@wrong(
    "dalpha over the positive inputs as well",
    fails=["prelu-backward-dalpha", "prelu-backward-shapes"],
    is_slip=True,
    says="`dalpha` counts positive inputs, too: their output does not depend on `alpha`.",
    read="And on the way back",
)
def prelu_backward(x, alpha, dy):
    return torch.where(x > 0, dy, alpha * dy), (x * dy).sum()


@wrong(
    "dalpha is 0",
    fails=["prelu-backward-dalpha"],
    kind="zero",
)
def prelu_backward(x, alpha, dy):
    return torch.where(x > 0, dy, alpha * dy), 0.0


@wrong(
    "-alpha",
    fails=["prelu-backward-dx", "prelu-backward-kink", "prelu-backward-dtype"],
    kind="negated",
    says=(
        "For negative inputs your slope is `-alpha`, and it should be `alpha`: the "
        "graph goes on in the same direction."
    ),
    read="And on the way back",
)
def prelu_backward(x, alpha, dy):
    return torch.where(x > 0, dy, -alpha * dy), (x * dy * (x < 0)).sum()


@wrong(
    "slope 1 at 0",
    fails=["prelu-backward-kink"],
    is_slip=True,
    says=(
        "At 0 you take the slope of the right-hand side; the set asks for that of the "
        "left-hand side, `alpha`."
    ),
    read="What is the slope at 0?",
)
def prelu_backward(x, alpha, dy):
    return torch.where(x >= 0, dy, alpha * dy), (x * dy * (x < 0)).sum()


@wrong(
    "both branches at 0",
    fails=["prelu-backward-kink"],
    is_slip=True,
    says="At 0 both branches hold in your code, and their slopes add up.",
    read="What is the slope at 0?",
)
def prelu_backward(x, alpha, dy):
    return dy * (x >= 0) + alpha * dy * (x <= 0), (x * dy * (x < 0)).sum()


@wrong(
    "dy changed in place", fails=["prelu-backward-arguments"], is_slip=True, kind="argument-changed"
)
def prelu_backward(x, alpha, dy):
    dalpha = (x * dy * (x < 0)).sum()
    dy[x <= 0] *= alpha
    return dy, dalpha


@wrong(
    "the pair in reverse order",
    fails=[
        "prelu-backward-dx",
        "prelu-backward-dalpha",
        "prelu-backward-kink",
        "prelu-backward-shapes",
        "prelu-backward-dtype",
        "prelu-backward-arguments",
    ],
    kind="wrong-shape",
    says="You return `dalpha` first; the task asks for `(dx, dalpha)`.",
    read="And on the way back",
)
def prelu_backward(x, alpha, dy):
    return (x * dy * (x < 0)).sum(), torch.where(x > 0, dy, alpha * dy)


@wrong(
    "alpha = 0 taken for none",
    fails=["prelu-backward-dx"],
    is_slip=True,
    unseen="an example with alpha = 0 alone shows it, and would say little else",
)
def prelu_backward(x, alpha, dy):
    slope = alpha or 0.01
    return torch.where(x > 0, dy, slope * dy), (torch.where(x > 0, 0, x) * dy).sum()


@wrong(
    "0 at 0",
    fails=["prelu-backward-kink"],
    is_slip=True,
    says="At 0 your slope is 0; the set asks for that of the left-hand side, `alpha`.",
    read="What is the slope at 0?",
    kind="zero",
)
def prelu_backward(x, alpha, dy):
    return dy * (x > 0) + alpha * dy * (x < 0), (x * dy * (x < 0)).sum()


@wrong(
    "a mask of two Python numbers, which is float32",
    fails=["prelu-backward-dtype"],
    is_slip=True,
    kind="imprecise",
)
def prelu_backward(x, alpha, dy):
    return torch.where(x > 0, 1.0, alpha) * dy, (x * dy * (x < 0)).sum()


@wrong(
    "dx alone",
    fails=[
        "prelu-backward-dx",
        "prelu-backward-dalpha",
        "prelu-backward-kink",
        "prelu-backward-shapes",
        "prelu-backward-dtype",
        "prelu-backward-arguments",
    ],
    kind="wrong-type",
)
def prelu_backward(x, alpha, dy):
    return torch.where(x > 0, dy, alpha * dy)


@wrong(
    "dx averaged over the entries",
    fails=[
        "prelu-backward-dx",
        "prelu-backward-kink",
        "prelu-backward-shapes",
        "prelu-backward-dtype",
        "prelu-backward-arguments",
    ],
    kind="averaged",
)
def prelu_backward(x, alpha, dy):
    return torch.where(x > 0, dy, alpha * dy) / max(x.numel(), 1), (x * dy * (x < 0)).sum()


@wrong(
    "dalpha sums in float32",
    fails=["prelu-backward-dalpha"],
    is_slip=True,
    unseen="small whole numbers are exact",
)
def prelu_backward(x, alpha, dy):
    return torch.where(x > 0, dy, alpha * dy), (x * dy * (x < 0)).float().sum()


@wrong(
    "the mask from dy",
    fails=[
        "prelu-backward-dx",
        "prelu-backward-dalpha",
        "prelu-backward-kink",
        "prelu-backward-shapes",
        "prelu-backward-dtype",
        "prelu-backward-arguments",
    ],
)
def prelu_backward(x, alpha, dy):
    return torch.where(dy > 0, dy, alpha * dy), (x * dy * (dy < 0)).sum()


@wrong(
    "by a loop over one dimension",
    fails=[
        "prelu-backward-dx",
        "prelu-backward-dalpha",
        "prelu-backward-shapes",
        "prelu-backward-dtype",
        "prelu-backward-arguments",
    ],
    kind="raised",
)
def prelu_backward(x, alpha, dy):
    dx, dalpha = torch.zeros_like(x), 0.0
    for i in range(len(x)):
        dx[i] = dy[i] if x[i] > 0 else alpha * dy[i]
        dalpha += 0.0 if x[i] > 0 else x[i] * dy[i]
    return dx, dalpha


@wrong(
    "dalpha divided by alpha: from y",
    fails=["prelu-backward-dx", "prelu-backward-dalpha"],
    unseen="right for a positive alpha, which is the usual one",
)
def prelu_backward(x, alpha, dy):
    y = torch.where(x > 0, x, alpha * x)
    return torch.where(y > 0, dy, alpha * dy), (y * dy * (y < 0)).sum() / alpha


DALPHA = "dalpha = torch.where(x > 0, torch.zeros_like(x), x * dy).sum()"
equivalent(
    "at 0 the other branch is 0 as well",
    DALPHA,
    "dalpha = torch.where(x >= 0, torch.zeros_like(x), x * dy).sum()",
)
equivalent(
    "x, dy and dx have one shape and one dtype",
    DALPHA,
    "dalpha = torch.where(x > 0, torch.zeros_like(dy), x * dy).sum()",
)
equivalent(
    "x, dy and dx have one shape and one dtype",
    DALPHA,
    "dalpha = torch.where(x > 0, torch.zeros_like(dx), x * dy).sum()",
)


right("a vector-Jacobian product")("""
def prelu_backward(x, alpha, dy):
    def prelu(x, a):
        return torch.where(x > 0, x, a * x)

    a = torch.tensor(float(alpha), dtype=x.dtype)
    return torch.autograd.functional.vjp(prelu, (x, a), dy)[1]
""")


wrong("the product of the sums, not the sum of the products", fails=["prelu-backward-dalpha"])("""
def prelu_backward(x, alpha, dy):
    dx = torch.where(x > 0, dy, alpha * dy)
    return dx, x.clamp(max=0).sum() * dy.sum()
""")
