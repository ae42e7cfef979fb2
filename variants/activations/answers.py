"""Right and wrong answers to the set *activations*."""

import torch
from torch import nn

from mlpgrader.variants import right, wrong

# relu


@right("built in")
def relu(x):
    return torch.relu(x)


@right("a masked copy")
def relu(x):
    return x.masked_fill(x <= 0, 0.0)


right("a lambda")("relu = lambda x: torch.where(x <= 0, 0, x)")

right("a function of autograd's own, behind a helper")("""
from torch import autograd


class Gate(autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        out = x.clone()
        out[x < 0] = 0
        return out

    @staticmethod
    def backward(ctx, dy):
        (x,) = ctx.saved_tensors
        return dy * (x > 0)


def relu(x):
    return Gate.apply(x)
""")

right("by way of torch.nn.functional")("""
import torch.nn.functional as F


def relu(x):
    return F.threshold(x, 0.0, 0.0)
""")


@right("entry by entry")
def relu(x):
    entries = [e if not e <= 0 else torch.zeros_like(e) for e in x.reshape(-1)]
    return torch.stack(entries).reshape(x.shape)


@wrong(
    "torch.max along a dimension",
    fails=[
        "relu-values",
        "relu-gradient",
        "relu-kink",
        "relu-infinity",
        "relu-nan",
        "relu-arguments",
    ],
)
def relu(x):
    return torch.max(x, 0)


@wrong("x * (x > 0): -inf * 0 is nan", fails=["relu-infinity"])
def relu(x):
    return x * (x > 0)


@wrong("clamp: gradient 1 at 0", fails=["relu-kink"])
def relu(x):
    return x.clamp(min=0)


@wrong("maximum: gradient 1/2 at 0", fails=["relu-kink"])
def relu(x):
    return torch.maximum(x, torch.zeros_like(x))


@wrong("where(x > 0): nan becomes 0", fails=["relu-nan"])
def relu(x):
    return torch.where(x > 0, x, torch.zeros_like(x))


@wrong("where(x >= 0): gradient 1 at 0, nan becomes 0", fails=["relu-kink", "relu-nan"])
def relu(x):
    return torch.where(x >= 0, x, torch.zeros_like(x))


@wrong("half of x + |x|", fails=["relu-kink", "relu-infinity"])
def relu(x):
    return (x + x.abs()) / 2


@wrong("detached", fails=["relu-gradient", "relu-kink"])
def relu(x):
    return torch.relu(x.detach())


@wrong("rebuilt from numbers", fails=["relu-gradient", "relu-kink"])
def relu(x):
    return torch.tensor(torch.relu(x).tolist(), dtype=x.dtype)


@wrong("in place", fails=["relu-gradient", "relu-kink", "relu-arguments"])
def relu(x):
    x[x <= 0] = 0
    return x


@wrong("in place through .data", fails=["relu-gradient", "relu-kink", "relu-arguments"])
def relu(x):
    x.data.clamp_(min=0)
    return x


@wrong("sets requires_grad on its input", fails=["relu-arguments"])
def relu(x):
    return torch.relu(x.requires_grad_())


@wrong("cast to float32", fails=["relu-values", "relu-infinity", "relu-nan"])
def relu(x):
    return torch.relu(x.float())


@wrong("identity", fails=["relu-values", "relu-gradient", "relu-kink", "relu-infinity"])
def relu(x):
    return x.clone()


@wrong("absolute value", fails=["relu-values", "relu-gradient", "relu-infinity"])
def relu(x):
    return x.abs()


@wrong("leaky", fails=["relu-values", "relu-gradient", "relu-kink", "relu-infinity"])
def relu(x):
    return nn.functional.leaky_relu(x, 0.01)


# prelu_grad


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
    "0 for negative inputs", fails=["prelu-grad-values", "prelu-grad-any-alpha", "prelu-grad-kink"]
)
def prelu_grad(x, alpha):
    return (x > 0).to(x.dtype)


@wrong("of max(x, alpha x)", fails=["prelu-grad-any-alpha", "prelu-grad-kink"])
def prelu_grad(x, alpha):
    z = x.detach().clone().requires_grad_()
    torch.maximum(z, alpha * z).sum().backward()
    return z.grad


@wrong("of max(x, alpha x), alpha at 0", fails=["prelu-grad-any-alpha"])
def prelu_grad(x, alpha):
    larger, smaller = max(1, alpha), min(1, alpha)
    slopes = torch.where(x > 0, torch.full_like(x, larger), smaller)
    return torch.where(x == 0, alpha, slopes)


@wrong("1 at 0", fails=["prelu-grad-kink"])
def prelu_grad(x, alpha):
    return torch.where(x >= 0, torch.ones_like(x), alpha)


@wrong("0 at 0", fails=["prelu-grad-kink"])
def prelu_grad(x, alpha):
    return (x > 0).to(x.dtype) + alpha * (x < 0).to(x.dtype)


@wrong("-alpha", fails=["prelu-grad-values", "prelu-grad-any-alpha", "prelu-grad-kink"])
def prelu_grad(x, alpha):
    return torch.where(x > 0, torch.ones_like(x), -alpha)


@wrong(
    "alpha x for negative inputs",
    fails=["prelu-grad-values", "prelu-grad-any-alpha", "prelu-grad-kink"],
)
def prelu_grad(x, alpha):
    return torch.where(x > 0, torch.ones_like(x), alpha * x)


@wrong(
    "two Python numbers make float32",
    fails=["prelu-grad-values", "prelu-grad-any-alpha", "prelu-grad-kink"],
)
def prelu_grad(x, alpha):
    return torch.where(x > 0, 1.0, alpha)


@wrong("in place", fails=["prelu-grad-arguments"])
def prelu_grad(x, alpha):
    positive = x > 0
    x[positive] = 1
    x[~positive] = alpha
    return x


@wrong("1 only well above 0", fails=["prelu-grad-values"])
def prelu_grad(x, alpha):
    return torch.where(x > 1e-6, torch.ones_like(x), alpha)


# prelu_backward


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


@wrong("no dy", fails=["prelu-backward-dx", "prelu-backward-dalpha", "prelu-backward-kink"])
def prelu_backward(x, alpha, dy):
    slopes = torch.where(x > 0, torch.ones_like(x), alpha)
    return slopes, torch.where(x > 0, torch.zeros_like(x), x).sum()


@wrong("no dy in dx", fails=["prelu-backward-dx", "prelu-backward-kink"])
def prelu_backward(x, alpha, dy):
    slopes = torch.where(x > 0, torch.ones_like(x), alpha)
    return slopes, torch.where(x > 0, torch.zeros_like(x), x * dy).sum()


@wrong("no dy in dalpha", fails=["prelu-backward-dalpha"])
def prelu_backward(x, alpha, dy):
    return torch.where(x > 0, dy, alpha * dy), torch.where(x > 0, torch.zeros_like(x), x).sum()


@wrong("dalpha not summed", fails=["prelu-backward-dalpha"])
def prelu_backward(x, alpha, dy):
    return torch.where(x > 0, dy, alpha * dy), torch.where(x > 0, torch.zeros_like(x), x * dy)


@wrong("dalpha summed over the first axis", fails=["prelu-backward-dalpha"])
def prelu_backward(x, alpha, dy):
    return torch.where(x > 0, dy, alpha * dy), (x * dy * (x < 0)).sum(0)


@wrong("the mean for the sum", fails=["prelu-backward-dalpha"])
def prelu_backward(x, alpha, dy):
    return torch.where(x > 0, dy, alpha * dy), (x * dy * (x < 0)).mean()


@wrong("dalpha with the wrong sign", fails=["prelu-backward-dalpha"])
def prelu_backward(x, alpha, dy):
    return torch.where(x > 0, dy, alpha * dy), -(x * dy * (x < 0)).sum()


@wrong("dalpha over the positive inputs as well", fails=["prelu-backward-dalpha"])
def prelu_backward(x, alpha, dy):
    return torch.where(x > 0, dy, alpha * dy), (x * dy).sum()


@wrong("dalpha is 0", fails=["prelu-backward-dalpha"])
def prelu_backward(x, alpha, dy):
    return torch.where(x > 0, dy, alpha * dy), 0.0


@wrong("-alpha", fails=["prelu-backward-dx", "prelu-backward-kink"])
def prelu_backward(x, alpha, dy):
    return torch.where(x > 0, dy, -alpha * dy), (x * dy * (x < 0)).sum()


@wrong("slope 1 at 0", fails=["prelu-backward-kink"])
def prelu_backward(x, alpha, dy):
    return torch.where(x >= 0, dy, alpha * dy), (x * dy * (x < 0)).sum()


@wrong("both branches at 0", fails=["prelu-backward-kink"])
def prelu_backward(x, alpha, dy):
    return dy * (x >= 0) + alpha * dy * (x <= 0), (x * dy * (x < 0)).sum()


@wrong("dy changed in place", fails=["prelu-backward-arguments"])
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
        "prelu-backward-arguments",
    ],
)
def prelu_backward(x, alpha, dy):
    return (x * dy * (x < 0)).sum(), torch.where(x > 0, dy, alpha * dy)


@wrong("alpha = 0 taken for none", fails=["prelu-backward-dx"])
def prelu_backward(x, alpha, dy):
    slope = alpha or 0.01
    return torch.where(x > 0, dy, slope * dy), (torch.where(x > 0, 0, x) * dy).sum()


# tanh_grad


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
    return torch.exp(F.logsigmoid(z) + F.logsigmoid(-z).clamp(min=-1e30))


def tanh_grad(x):
    return 4 * logistic_slope(-2 * torch.abs(x))
""")


@wrong("1 - tanh^2 in float32", fails=["tanh-grad-float32"])
def tanh_grad(x):
    return 1 - torch.tanh(x) ** 2


@wrong("(1 - tanh)(1 + tanh) in float32", fails=["tanh-grad-float32"])
def tanh_grad(x):
    t = torch.tanh(x)
    return (1 - t) * (1 + t)


@wrong("autograd's 1 - tanh^2 in float32", fails=["tanh-grad-float32"])
def tanh_grad(x):
    z = x.detach().clone().requires_grad_()
    return torch.autograd.grad(torch.tanh(z).sum(), z)[0]


@wrong("the quotient, which overflows", fails=["tanh-grad-finite"])
def tanh_grad(x):
    e = torch.exp(-2 * x)
    return 4 * e / (1 + e) ** 2


@wrong("the other quotient, which overflows", fails=["tanh-grad-finite"])
def tanh_grad(x):
    return (2 / (torch.exp(x) + torch.exp(-x))) ** 2 * torch.exp(x - x)


@wrong(
    "a slip in the numerator",
    fails=["tanh-grad-values", "tanh-grad-finite", "tanh-grad-float32", "tanh-grad-arguments"],
)
def tanh_grad(x):
    e = torch.exp(-2 * x)
    return (2 * e - e**2) / (1 + e) ** 2


@wrong(
    "1 - x^2: of the output", fails=["tanh-grad-values", "tanh-grad-finite", "tanh-grad-float32"]
)
def tanh_grad(x):
    return 1 - x**2


@wrong(
    "t (1 - t), as for the sigmoid",
    fails=["tanh-grad-values", "tanh-grad-finite", "tanh-grad-float32", "tanh-grad-arguments"],
)
def tanh_grad(x):
    t = torch.tanh(x)
    return t * (1 - t)


@wrong("1 - tanh", fails=["tanh-grad-values", "tanh-grad-finite", "tanh-grad-float32"])
def tanh_grad(x):
    return 1 - torch.tanh(x)


@wrong("1 / cosh: no square", fails=["tanh-grad-values", "tanh-grad-float32"])
def tanh_grad(x):
    return 1 / torch.cosh(x)


@wrong("clamped to [-8, 8]", fails=["tanh-grad-finite", "tanh-grad-float32"])
def tanh_grad(x):
    return 1 / torch.cosh(x.clamp(-8, 8)) ** 2


@wrong("in place", fails=["tanh-grad-arguments"])
def tanh_grad(x):
    return x.cosh_().pow_(-2)


# stable_sigmoid


@right("built in")
def stable_sigmoid(x):
    return torch.sigmoid(x)


@right("two masked assignments")
def stable_sigmoid(x):
    out = torch.empty_like(x)
    negative = x < 0
    e = torch.exp(x[negative])
    out[negative] = e / (1 + e)
    out[~negative] = 1 / (1 + torch.exp(-x[~negative]))
    return out


right("a function of autograd's own")("""
class Sigmoid(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        e = torch.exp(-abs(x))
        ctx.save_for_backward(e)
        return torch.where(x < 0, e, torch.ones_like(e)) / (1 + e)

    @staticmethod
    def backward(ctx, dy):
        (e,) = ctx.saved_tensors
        return dy * e / (1 + e) ** 2


stable_sigmoid = Sigmoid.apply
""")

right("the inputs made safe in each branch")("""
def safe(x, keep):
    return torch.where(keep, x, torch.zeros_like(x))


def stable_sigmoid(x):
    positive = x > 0
    e = torch.exp(safe(x, ~positive))
    return torch.where(positive, 1 / (1 + torch.exp(-safe(x, positive))), e / (e + 1))
""")


@right("a softmax of x and 0")
def stable_sigmoid(x):
    finite = x.clamp(-2e4, 2e4)
    return torch.softmax(torch.stack([finite, torch.zeros_like(x)]), dim=0)[0]


@wrong("1/(1 + exp(-x)): nan in the gradient", fails=["stable-sigmoid-large-gradient"])
def stable_sigmoid(x):
    return 1 / (1 + torch.exp(-x))


@wrong("where of two naive branches", fails=["stable-sigmoid-large-gradient"])
def stable_sigmoid(x):
    e = torch.exp(x)
    return torch.where(x >= 0, 1 / (1 + torch.exp(-x)), e / (1 + e))


@wrong(
    "exp(x)/(1 + exp(x))", fails=["stable-sigmoid-large-values", "stable-sigmoid-large-gradient"]
)
def stable_sigmoid(x):
    return torch.exp(x) / (1 + torch.exp(x))


@wrong("clamped to [-20, 20]", fails=["stable-sigmoid-float32", "stable-sigmoid-large-values"])
def stable_sigmoid(x):
    return 1 / (1 + torch.exp(-x.clamp(-20, 20)))


@wrong("clamped to [-80, 80]", fails=["stable-sigmoid-large-values"])
def stable_sigmoid(x):
    return 1 / (1 + torch.exp(-x.clamp(-80, 80)))


@wrong("1 - 1/(1 + exp(x))", fails=["stable-sigmoid-float32", "stable-sigmoid-large-gradient"])
def stable_sigmoid(x):
    return 1 - 1 / (1 + torch.exp(x))


@wrong("half of 1 + tanh(x/2)", fails=["stable-sigmoid-float32"])
def stable_sigmoid(x):
    return (1 + torch.tanh(x / 2)) / 2


@wrong("exp(-|x|): gradient 0 at 0", fails=["stable-sigmoid-gradient"])
def stable_sigmoid(x):
    e = torch.exp(-x.abs())
    return torch.where(x >= 0, 1 / (1 + e), e / (1 + e))


@wrong("detached", fails=["stable-sigmoid-gradient", "stable-sigmoid-large-gradient"])
def stable_sigmoid(x):
    return torch.sigmoid(x.detach())


@wrong("nan replaced by 0", fails=["stable-sigmoid-large-values", "stable-sigmoid-large-gradient"])
def stable_sigmoid(x):
    return torch.nan_to_num(torch.exp(x) / (1 + torch.exp(x)), nan=0.0)


@wrong(
    "in place",
    fails=["stable-sigmoid-gradient", "stable-sigmoid-large-gradient", "stable-sigmoid-arguments"],
)
def stable_sigmoid(x):
    return x.sigmoid_()


@wrong(
    "sigmoid(-x)",
    fails=[
        "stable-sigmoid-values",
        "stable-sigmoid-gradient",
        "stable-sigmoid-large-values",
        "stable-sigmoid-float32",
    ],
)
def stable_sigmoid(x):
    return torch.sigmoid(-x)


# tanh_from_sigmoid


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


# tanh_to_sigmoid_network


@right("hidden units flipped")
def tanh_to_sigmoid_network(W1, b1, W2, b2):
    # sigmoid(-z) = 1 - sigmoid(z)
    return -2 * W1, -2 * b1, -2 * W2, b2 + W2.sum(0)


@right("units in reverse order, built by loops, as a list")
def tanh_to_sigmoid_network(W1, b1, W2, b2):
    c2 = b2.clone()
    for row in W2:
        c2 -= row
    return [2 * W1.flip(1), 2 * b1.flip(0), 2 * W2.flip(0), c2]


@right("by matrix products")
def tanh_to_sigmoid_network(W1, b1, W2, b2):
    ones = torch.ones(len(W2), dtype=W2.dtype)
    return W1 + W1, b1 + b1, W2 + W2, b2 - ones @ W2


@wrong("b1 not doubled", fails=["tanh-to-sigmoid-network-biases"])
def tanh_to_sigmoid_network(W1, b1, W2, b2):
    return 2 * W1, b1, 2 * W2, b2 - W2.sum(dim=0)


@wrong(
    "b2 not shifted", fails=["tanh-to-sigmoid-network-weights", "tanh-to-sigmoid-network-biases"]
)
def tanh_to_sigmoid_network(W1, b1, W2, b2):
    return 2 * W1, 2 * b1, 2 * W2, b2


@wrong(
    "b2 shifted by 1",
    fails=[
        "tanh-to-sigmoid-network-weights",
        "tanh-to-sigmoid-network-biases",
        "tanh-to-sigmoid-network-arguments",
    ],
)
def tanh_to_sigmoid_network(W1, b1, W2, b2):
    return 2 * W1, 2 * b1, 2 * W2, b2 - 1


@wrong(
    "b2 shifted by the row sums",
    fails=[
        "tanh-to-sigmoid-network-weights",
        "tanh-to-sigmoid-network-biases",
        "tanh-to-sigmoid-network-shapes",
        "tanh-to-sigmoid-network-arguments",
    ],
)
def tanh_to_sigmoid_network(W1, b1, W2, b2):
    return 2 * W1, 2 * b1, 2 * W2, b2 - W2.sum(dim=1)


@wrong(
    "b2 shifted by the sum of all weights",
    fails=["tanh-to-sigmoid-network-weights", "tanh-to-sigmoid-network-biases"],
)
def tanh_to_sigmoid_network(W1, b1, W2, b2):
    return 2 * W1, 2 * b1, 2 * W2, b2 - W2.sum()


@wrong(
    "W2 not doubled", fails=["tanh-to-sigmoid-network-weights", "tanh-to-sigmoid-network-biases"]
)
def tanh_to_sigmoid_network(W1, b1, W2, b2):
    return 2 * W1, 2 * b1, W2, b2 - W2.sum(dim=0)


@wrong(
    "W1 not doubled", fails=["tanh-to-sigmoid-network-weights", "tanh-to-sigmoid-network-biases"]
)
def tanh_to_sigmoid_network(W1, b1, W2, b2):
    return W1, 2 * b1, 2 * W2, b2 - W2.sum(dim=0)


@wrong(
    "halved, not doubled",
    fails=["tanh-to-sigmoid-network-weights", "tanh-to-sigmoid-network-biases"],
)
def tanh_to_sigmoid_network(W1, b1, W2, b2):
    return W1 / 2, b1 / 2, 2 * W2, b2 - W2.sum(dim=0)


@wrong(
    "keepdim makes the last bias a row",
    fails=["tanh-to-sigmoid-network-shapes", "tanh-to-sigmoid-network-arguments"],
)
def tanh_to_sigmoid_network(W1, b1, W2, b2):
    return 2 * W1, 2 * b1, 2 * W2, b2 - W2.sum(dim=0, keepdim=True)


@wrong("twice the units", fails=["tanh-to-sigmoid-network-shapes"])
def tanh_to_sigmoid_network(W1, b1, W2, b2):
    V1, c1 = torch.cat([2 * W1, -2 * W1], dim=1), torch.cat([2 * b1, -2 * b1])
    return V1, c1, torch.cat([W2, -W2]), b2.clone()


@wrong("doubled in place", fails=["tanh-to-sigmoid-network-arguments"])
def tanh_to_sigmoid_network(W1, b1, W2, b2):
    b2 -= W2.sum(dim=0)
    return W1.mul_(2), b1.mul_(2), W2.mul_(2), b2


# swish_grad


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


@wrong("the sigmoid alone", fails=["swish-grad-values", "swish-grad-beta"])
def swish_grad(x, beta):
    return torch.sigmoid(beta * x)


@wrong(
    "the sigmoid's derivative alone",
    fails=["swish-grad-values", "swish-grad-beta", "swish-grad-large", "swish-grad-arguments"],
)
def swish_grad(x, beta):
    gate = torch.sigmoid(beta * x)
    return beta * gate * (1 - gate)


@wrong("beta missing in the second term", fails=["swish-grad-beta"])
def swish_grad(x, beta):
    gate = torch.sigmoid(beta * x)
    return gate + x * gate * (1 - gate)


@wrong("beta missing in the gate", fails=["swish-grad-beta", "swish-grad-large"])
def swish_grad(x, beta):
    gate = torch.sigmoid(x)
    return gate + beta * x * gate * (1 - gate)


@wrong("beta ignored", fails=["swish-grad-beta", "swish-grad-large"])
def swish_grad(x, beta):
    gate = torch.sigmoid(x)
    return gate + x * gate * (1 - gate)


@wrong(
    "x missing in the second term",
    fails=["swish-grad-values", "swish-grad-beta", "swish-grad-arguments"],
)
def swish_grad(x, beta):
    gate = torch.sigmoid(beta * x)
    return gate + beta * gate * (1 - gate)


@wrong("a quotient that overflows", fails=["swish-grad-large"])
def swish_grad(x, beta):
    e = torch.exp(-beta * x)
    return 1 / (1 + e) + beta * x * e / (1 + e) ** 2


@wrong(
    "differences with a coarse step",
    fails=["swish-grad-values", "swish-grad-beta", "swish-grad-large", "swish-grad-arguments"],
)
def swish_grad(x, beta):
    def f(z):
        return z * torch.sigmoid(beta * z)

    return (f(x + 0.01) - f(x)) / 0.01


@wrong("in place", fails=["swish-grad-arguments"])
def swish_grad(x, beta):
    gate = torch.sigmoid(beta * x)
    return x.mul_(beta).mul_(1 - gate).add_(1).mul_(gate)


# the choice

for letter in "ABD":
    wrong(f"answer {letter}", fails=["activations-choice-answer"])(f'choice = "{letter}"')
wrong("no letter", fails=["activations-choice-answer"])("choice = None")
right("a small letter")('choice = "c"')
