"""Right and wrong answers to `relu`."""

import torch
from torch import nn

from mlpgrader.variants import right, wrong


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
