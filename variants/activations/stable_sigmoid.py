"""Right and wrong answers to `stable_sigmoid`."""

import torch

from mlpgrader.variants import right, wrong


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
