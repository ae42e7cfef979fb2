"""Right and wrong answers to `relu`."""

import torch
from torch import nn

from mlpgrader.variants import right, wrong

EVERY_TEST = [
    "relu-values",
    "relu-gradient",
    "relu-kink",
    "relu-infinity",
    "relu-nan",
    "relu-shapes",
    "relu-dtype",
    "relu-arguments",
]
ALL_BUT_THE_KINK = [
    "relu-values",
    "relu-gradient",
    "relu-infinity",
    "relu-nan",
    "relu-shapes",
    "relu-dtype",
    "relu-arguments",
]


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


@right("entry by entry, from a copy")
def relu(x):
    out = x.clone().reshape(-1)
    for i, e in enumerate(x.reshape(-1)):
        if e <= 0:
            out[i] = 0
    return out.reshape(x.shape)


@right("the mean of two built-in ones")
def relu(x):
    return torch.stack([torch.relu(x), x.relu()]).mean(0).to(x.dtype).view_as(x)


@wrong(
    "torch.max along a dimension",
    fails=EVERY_TEST,
    kind="wrong-type",
)
def relu(x):
    return torch.max(x, 0)


@wrong(
    "x * (x > 0): -inf * 0 is nan",
    fails=["relu-infinity"],
    is_slip=True,
    kind="not-finite",
    says=(
        "A mask times minus infinity is `nan`, not 0: choose with `torch.where` in "
        "place of a product."
    ),
)
def relu(x):
    return x * (x > 0)


@wrong(
    "clamp: gradient 1 at 0",
    fails=["relu-kink"],
    is_slip=True,
    says=(
        "Autograd gives your function the slope 1 at 0, as it does to `clamp`; the set asks for 0."
    ),
    read="What is the slope at 0?",
)
def relu(x):
    return x.clamp(min=0)


@wrong(
    "maximum: gradient 1/2 at 0",
    fails=["relu-kink"],
    is_slip=True,
    says=(
        "Autograd shares the slope at 0 between two equal arguments, as of `maximum`; "
        "the set asks for 0."
    ),
    read="What is the slope at 0?",
)
def relu(x):
    return torch.maximum(x, torch.zeros_like(x))


@wrong(
    "where(x > 0): nan becomes 0",
    fails=["relu-nan"],
    is_slip=True,
    says=(
        "`nan > 0` is False, so a `nan` becomes 0 and hides that something went wrong. "
        "Ask for `x <= 0` instead."
    ),
)
def relu(x):
    return torch.where(x > 0, x, torch.zeros_like(x))


@wrong(
    "where(x >= 0): gradient 1 at 0, nan becomes 0",
    fails=["relu-kink", "relu-nan"],
    says=(
        "With `x >= 0` the slope at 0 is 1, where the set asks for 0; and since `nan >= "
        "0` is False, a `nan` becomes 0."
    ),
    read="What is the slope at 0?",
)
def relu(x):
    return torch.where(x >= 0, x, torch.zeros_like(x))


@wrong(
    "half of x + |x|",
    fails=["relu-kink", "relu-infinity"],
    kind="not-finite",
    says=(
        "`x + |x|` is `inf - inf` at minus infinity, which is `nan`, and the slope of "
        "`|x|` at 0 makes yours a half."
    ),
)
def relu(x):
    return (x + x.abs()) / 2


@wrong("detached", fails=["relu-gradient", "relu-kink"], is_slip=True, kind="detached")
def relu(x):
    return torch.relu(x.detach())


@wrong("rebuilt from numbers", fails=["relu-gradient", "relu-kink", "relu-shapes"], kind="detached")
def relu(x):
    return torch.tensor(torch.relu(x).tolist(), dtype=x.dtype)


@wrong("in place", fails=["relu-gradient", "relu-kink", "relu-arguments"], kind="argument-changed")
def relu(x):
    x[x <= 0] = 0
    return x


@wrong(
    "in place through .data",
    fails=["relu-gradient", "relu-kink", "relu-arguments"],
    kind="argument-changed",
)
def relu(x):
    x.data.clamp_(min=0)
    return x


@wrong(
    "sets requires_grad on its input",
    fails=["relu-arguments"],
    is_slip=True,
    kind="argument-changed",
)
def relu(x):
    return torch.relu(x.requires_grad_())


@wrong("cast to float32", fails=["relu-dtype"], is_slip=True, kind="lower-precision")
def relu(x):
    return torch.relu(x.float())


@wrong(
    "identity",
    fails=EVERY_TEST,
    kind="not-finite",
)
def relu(x):
    return x.clone()


@wrong(
    "absolute value",
    fails=ALL_BUT_THE_KINK,
    kind="not-finite",
    says="You return the absolute value; for negative inputs 0 is due.",
)
def relu(x):
    return x.abs()


@wrong(
    "leaky",
    fails=EVERY_TEST,
    kind="not-finite",
)
def relu(x):
    return nn.functional.leaky_relu(x, 0.01)


wrong(
    "Python's max of 0 and x",
    fails=EVERY_TEST,
    kind="raised",
)("""
def relu(x):
    return max(0, x)
""")


@wrong(
    "printed",
    fails=EVERY_TEST,
    kind="none-returned",
)
def relu(x):
    print(torch.relu(x))


wrong(
    "NumPy's maximum",
    fails=EVERY_TEST,
    kind="numpy",
)("""
import numpy as np


def relu(x):
    return np.maximum(x.detach().numpy(), 0)
""")


@wrong(
    "half and bfloat16 come back as float32",
    fails=["relu-dtype"],
    is_slip=True,
    unseen="the visible call in float64 shows that dtypes count; which others do stays hidden",
)
def relu(x):
    return torch.relu(x.float() if x.dtype in (torch.half, torch.bfloat16) else x)


@wrong("always float64", fails=["relu-values", "relu-dtype"], is_slip=True, kind="other-dtype")
def relu(x):
    return torch.relu(x.double())


@wrong("one or two dimensions alone", fails=["relu-shapes"], is_slip=True, kind="raised")
def relu(x):
    rows, columns = x.shape if x.dim() == 2 else (1, len(x))
    return torch.relu(x).reshape(rows, columns).reshape(x.shape)


@wrong(
    "stacks its entries: none cannot be stacked",
    fails=["relu-shapes"],
    is_slip=True,
    unseen="tensors without an entry are among the shapes that stay hidden",
)
def relu(x):
    entries = [e * 0 if e < 0 and e.isfinite() else torch.relu(e) for e in x.reshape(-1)]
    return torch.stack(entries).reshape(x.shape)


@wrong(
    "flat", fails=["relu-values", "relu-infinity", "relu-nan", "relu-shapes"], kind="wrong-shape"
)
def relu(x):
    return torch.relu(x).flatten()


@wrong(
    "a smooth approximation",
    fails=["relu-values", "relu-gradient", "relu-kink", "relu-shapes", "relu-dtype"],
    kind="imprecise",
)
def relu(x):
    return nn.functional.softplus(x, beta=20)


@wrong(
    "-relu(-x)",
    fails=ALL_BUT_THE_KINK,
    kind="not-finite",
)
def relu(x):
    return -torch.relu(-x)


@wrong(
    "flattened by view: contiguous tensors alone",
    fails=["relu-shapes"],
    is_slip=True,
    kind="raised",
)
def relu(x):
    return torch.relu(x.view(-1)).view(x.shape)


right("by hardtanh without an upper end")("""
def relu(x):
    return nn.functional.hardtanh(x, 0.0, math.inf)
""")


wrong("leaky_relu with slope 0: -inf * 0 is nan", fails=["relu-infinity"], is_slip=True)("""
def relu(x):
    return nn.functional.leaky_relu(x, 0.0)
""")


wrong("where with x * 0 for the negative ones", fails=["relu-infinity"], is_slip=True)("""
def relu(x):
    return torch.where(x > 0, x, x * 0)
""")
