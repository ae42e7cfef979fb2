"""Right and wrong answers to `swish_grad`."""

import torch

from mlpgrader.variants import right, wrong


@right("by autograd")
def swish_grad(x, beta):
    z = x.detach().clone().requires_grad_()
    with torch.enable_grad():
        return torch.autograd.grad((z * torch.sigmoid(beta * z)).sum(), z)[0]


@right("from the value of Swish")
def swish_grad(x, beta):
    swish = x * torch.sigmoid(beta * x)
    return beta * swish + torch.sigmoid(beta * x) * (1 - beta * swish)


right("with helpers")("""
def s(t):
    return 1 / (1 + math.exp(-t)) if t > 0 else math.exp(t) / (1 + math.exp(t))


def swish_grad(x, beta):
    def one(t):
        return s(beta * t) + beta * t * s(beta * t) * s(-beta * t)

    values = [one(float(t)) for t in x.flatten()]
    return torch.tensor(values, dtype=x.dtype).reshape(x.shape)
""")


@wrong(
    "the sigmoid alone",
    fails=["swish-grad-values", "swish-grad-beta", "swish-grad-dtype"],
    says=(
        "You return the gate alone. The product rule has a second term, `x` times the "
        "gate's derivative."
    ),
    read="Smooth relatives",
)
def swish_grad(x, beta):
    return torch.sigmoid(beta * x)


@wrong(
    "the sigmoid's derivative alone",
    fails=[
        "swish-grad-values",
        "swish-grad-beta",
        "swish-grad-large",
        "swish-grad-shapes",
        "swish-grad-dtype",
        "swish-grad-arguments",
    ],
)
def swish_grad(x, beta):
    gate = torch.sigmoid(beta * x)
    return beta * gate * (1 - gate)


@wrong(
    "beta missing in the second term",
    fails=["swish-grad-beta", "swish-grad-dtype"],
    is_slip=True,
    says="In the second term the inner derivative is missing: the gate is `sigmoid(beta * x)`.",
    read="Smooth relatives",
)
def swish_grad(x, beta):
    gate = torch.sigmoid(beta * x)
    return gate + x * gate * (1 - gate)


@wrong(
    "beta missing in the gate", fails=["swish-grad-beta", "swish-grad-large", "swish-grad-dtype"]
)
def swish_grad(x, beta):
    gate = torch.sigmoid(x)
    return gate + beta * x * gate * (1 - gate)


@wrong(
    "beta ignored",
    fails=["swish-grad-beta", "swish-grad-large", "swish-grad-dtype"],
    says="Your result does not depend on `beta`.",
    read="Smooth relatives",
)
def swish_grad(x, beta):
    gate = torch.sigmoid(x)
    return gate + x * gate * (1 - gate)


@wrong(
    "x missing in the second term",
    fails=[
        "swish-grad-values",
        "swish-grad-beta",
        "swish-grad-shapes",
        "swish-grad-dtype",
        "swish-grad-arguments",
    ],
    says="In the second term of the product rule `x` is missing.",
    read="Smooth relatives",
)
def swish_grad(x, beta):
    gate = torch.sigmoid(beta * x)
    return gate + beta * gate * (1 - gate)


@wrong("a quotient that overflows", fails=["swish-grad-large"], is_slip=True, kind="not-finite")
def swish_grad(x, beta):
    e = torch.exp(-beta * x)
    return 1 / (1 + e) + beta * x * e / (1 + e) ** 2


@wrong(
    "differences with a coarse step",
    fails=[
        "swish-grad-values",
        "swish-grad-beta",
        "swish-grad-large",
        "swish-grad-shapes",
        "swish-grad-dtype",
        "swish-grad-arguments",
    ],
    says=(
        "A difference is an approximation, with fewer digits than the task asks for: "
        "use the product rule."
    ),
    read="Smooth relatives",
    kind="imprecise",
)
def swish_grad(x, beta):
    def f(z):
        return z * torch.sigmoid(beta * z)

    return (f(x + 0.01) - f(x)) / 0.01


@wrong("in place", fails=["swish-grad-arguments"], is_slip=True, kind="argument-changed")
def swish_grad(x, beta):
    gate = torch.sigmoid(beta * x)
    return x.mul_(beta).mul_(1 - gate).add_(1).mul_(gate)


@right("with the textbook's sigmoid, whose value is stable")
def swish_grad(x, beta):
    gate = 1 / (1 + torch.exp(-beta * x))
    return gate * (1 + beta * x * (1 - gate))


@wrong(
    "centred differences in float64",
    fails=["swish-grad-dtype"],
    is_slip=True,
    says=(
        "A difference is an approximation, with fewer digits than the task asks for: "
        "use the product rule."
    ),
    read="Smooth relatives",
    kind="imprecise",
)
def swish_grad(x, beta):
    def f(z):
        return z * torch.sigmoid(beta * z)

    z, h = x.double(), 1e-6
    return ((f(z + h) - f(z - h)) / (2 * h)).to(x.dtype)


@wrong("in float32", fails=["swish-grad-dtype"], is_slip=True, kind="lower-precision")
def swish_grad(x, beta):
    x = x.float()
    gate = torch.sigmoid(beta * x)
    return gate + beta * x * gate * (1 - gate)


@wrong(
    "float64 left",
    fails=["swish-grad-values", "swish-grad-dtype"],
    is_slip=True,
    kind="other-dtype",
)
def swish_grad(x, beta):
    x = x.double()
    gate = torch.sigmoid(beta * x)
    return gate + beta * x * gate * (1 - gate)


@wrong(
    "a minus in the product rule",
    fails=["swish-grad-values", "swish-grad-beta", "swish-grad-dtype"],
    says="The product rule adds its two terms; you subtract them.",
    read="Smooth relatives",
)
def swish_grad(x, beta):
    gate = torch.sigmoid(beta * x)
    return gate - beta * x * gate * (1 - gate)


@wrong(
    "the value of Swish",
    fails=[
        "swish-grad-values",
        "swish-grad-beta",
        "swish-grad-large",
        "swish-grad-shapes",
        "swish-grad-dtype",
        "swish-grad-arguments",
    ],
    says="You return Swish itself, not its derivative.",
    read="Smooth relatives",
)
def swish_grad(x, beta):
    return x * torch.sigmoid(beta * x)


@wrong(
    "the derivative by beta",
    fails=[
        "swish-grad-values",
        "swish-grad-beta",
        "swish-grad-large",
        "swish-grad-shapes",
        "swish-grad-dtype",
        "swish-grad-arguments",
    ],
    says="You differentiate by `beta`; the derivative by `x` is due.",
    read="Smooth relatives",
)
def swish_grad(x, beta):
    gate = torch.sigmoid(beta * x)
    return x**2 * gate * (1 - gate)


@wrong(
    "one sigmoid too many",
    fails=["swish-grad-values", "swish-grad-beta", "swish-grad-large", "swish-grad-dtype"],
)
def swish_grad(x, beta):
    gate = torch.sigmoid(beta * x)
    return gate + beta * x * gate * torch.sigmoid(1 - gate)


@wrong("autograd on its input itself", fails=["swish-grad-arguments"], kind="argument-changed")
def swish_grad(x, beta):
    x.requires_grad_()
    return torch.autograd.grad((x * torch.sigmoid(beta * x)).sum(), x)[0]


@wrong(
    "flattened by view: contiguous tensors alone",
    fails=["swish-grad-shapes"],
    is_slip=True,
    kind="raised",
)
def swish_grad(x, beta):
    gate = torch.sigmoid(beta * x.view(-1))
    return (gate + beta * x.view(-1) * gate * (1 - gate)).view(x.shape)


right("by the formula of the paper")("""
def swish_grad(x, beta):
    g = torch.sigmoid(beta * x)
    f = x * g
    return beta * f + g * (1 - beta * f)
""")


wrong("the formula of the paper for beta = 1", fails=["swish-grad-beta", "swish-grad-dtype"])("""
def swish_grad(x, beta):
    g = torch.sigmoid(beta * x)
    f = x * g
    return f + g * (1 - f)
""")
