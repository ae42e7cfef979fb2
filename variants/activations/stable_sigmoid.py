"""Right and wrong answers to `stable_sigmoid`."""

import torch

from mlpgrader.variants import equivalent, right, wrong


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


@wrong(
    "1/(1 + exp(-x)): nan in the gradient",
    fails=["stable-sigmoid-large-gradient"],
    is_slip=True,
    kind="not-finite",
    says=(
        "The values are right, but `exp(-x)` overflows for very negative inputs, and on "
        "the way back autograd multiplies that infinity by 0."
    ),
    read="A nan that no test of values finds",
)
def stable_sigmoid(x):
    return 1 / (1 + torch.exp(-x))


@wrong(
    "where of two naive branches",
    fails=["stable-sigmoid-large-gradient"],
    is_slip=True,
    kind="not-finite",
    says=(
        "`torch.where` computes both branches, and autograd multiplies the overflow of "
        "the one that was not taken by 0. Make the input of each branch safe first."
    ),
    read="A nan that no test of values finds",
)
def stable_sigmoid(x):
    e = torch.exp(x)
    return torch.where(x >= 0, 1 / (1 + torch.exp(-x)), e / (1 + e))


@wrong(
    "exp(x)/(1 + exp(x))",
    fails=["stable-sigmoid-large-values", "stable-sigmoid-large-gradient"],
    kind="not-finite",
    says=(
        "For large inputs this is `inf / inf`. Use an exponential only where it cannot overflow."
    ),
    read="A nan that no test of values finds",
)
def stable_sigmoid(x):
    return torch.exp(x) / (1 + torch.exp(x))


@wrong(
    "clamped to [-20, 20]",
    fails=["stable-sigmoid-large-values", "stable-sigmoid-float32"],
    says=(
        "You clamp the input: beyond the bounds the value stays the same, and the gradient is 0."
    ),
    read="A nan that no test of values finds",
    kind="imprecise",
)
def stable_sigmoid(x):
    return 1 / (1 + torch.exp(-x.clamp(-20, 20)))


@wrong(
    "clamped to [-80, 80]",
    fails=["stable-sigmoid-large-values"],
    is_slip=True,
    says=(
        "You clamp the input: beyond the bounds the value stays the same, and the gradient is 0."
    ),
    read="A nan that no test of values finds",
    kind="imprecise",
)
def stable_sigmoid(x):
    return 1 / (1 + torch.exp(-x.clamp(-80, 80)))


@wrong(
    "1 - 1/(1 + exp(x))",
    fails=["stable-sigmoid-large-gradient", "stable-sigmoid-float32"],
    kind="not-finite",
)
def stable_sigmoid(x):
    return 1 - 1 / (1 + torch.exp(x))


@wrong(
    "half of 1 + tanh(x/2)",
    fails=["stable-sigmoid-float32"],
    is_slip=True,
    says=(
        "The identity is right, but for negative inputs `1 + tanh` takes two nearly "
        "equal numbers apart, and few digits of float32 are left."
    ),
    read="What float32 leaves of the formulas",
    kind="zero",
)
def stable_sigmoid(x):
    return (1 + torch.tanh(x / 2)) / 2


@wrong(
    "exp(-|x|): gradient 0 at 0",
    fails=["stable-sigmoid-gradient"],
    is_slip=True,
    says="Autograd takes 0 for the slope of `|x|` at 0, so the gradient vanishes exactly there.",
    read="A nan that no test of values finds",
    kind="one-case",
)
def stable_sigmoid(x):
    e = torch.exp(-x.abs())
    return torch.where(x >= 0, 1 / (1 + e), e / (1 + e))


@wrong(
    "detached",
    fails=["stable-sigmoid-gradient", "stable-sigmoid-large-gradient"],
    is_slip=True,
    kind="detached",
)
def stable_sigmoid(x):
    return torch.sigmoid(x.detach())


@wrong(
    "nan replaced by 0",
    fails=["stable-sigmoid-large-values", "stable-sigmoid-large-gradient"],
    kind="not-finite",
)
def stable_sigmoid(x):
    return torch.nan_to_num(torch.exp(x) / (1 + torch.exp(x)), nan=0.0)


@wrong(
    "in place",
    fails=["stable-sigmoid-gradient", "stable-sigmoid-large-gradient", "stable-sigmoid-arguments"],
    kind="argument-changed",
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
        "stable-sigmoid-dtype",
    ],
    kind="negated",
    says="Your function falls where the sigmoid rises: the sign in the exponent is wrong.",
    read="Sigmoid and tanh",
)
def stable_sigmoid(x):
    return torch.sigmoid(-x)


@right("by the logarithm of the sigmoid, in float64")
def stable_sigmoid(x):
    return torch.exp(torch.nn.functional.logsigmoid(x.double().clamp(-2e4, 2e4))).to(x.dtype)


@wrong(
    "the usual quotient in float64, cast back",
    fails=["stable-sigmoid-large-gradient"],
    is_slip=True,
    kind="not-finite",
)
def stable_sigmoid(x):
    return (1 / (1 + torch.exp(-x.double()))).to(x.dtype)


@wrong(
    "float64, left there",
    fails=["stable-sigmoid-values", "stable-sigmoid-dtype"],
    is_slip=True,
    kind="other-dtype",
)
def stable_sigmoid(x):
    return torch.sigmoid(x.double())


@wrong(
    "an out tensor in float32", fails=["stable-sigmoid-dtype"], is_slip=True, kind="lower-precision"
)
def stable_sigmoid(x):
    return torch.zeros(x.shape) + torch.sigmoid(x.float())


wrong(
    "entry by entry with math.exp",
    fails=["stable-sigmoid-gradient", "stable-sigmoid-large-gradient"],
    kind="detached",
)("""
def one(t):
    return 1 / (1 + math.exp(-t)) if t >= 0 else math.exp(t) / (1 + math.exp(t))


def stable_sigmoid(x):
    values = [one(t) for t in x.flatten().tolist()]
    return torch.tensor(values, dtype=x.dtype).reshape(x.shape)
""")


@wrong(
    "an if on the whole tensor",
    fails=[
        "stable-sigmoid-values",
        "stable-sigmoid-gradient",
        "stable-sigmoid-large-values",
        "stable-sigmoid-large-gradient",
        "stable-sigmoid-float32",
        "stable-sigmoid-shapes",
        "stable-sigmoid-dtype",
        "stable-sigmoid-arguments",
    ],
    kind="raised",
)
def stable_sigmoid(x):
    if x >= 0:
        return 1 / (1 + torch.exp(-x))
    return torch.exp(x) / (1 + torch.exp(x))


@wrong(
    "the larger input subtracted, as in a softmax",
    fails=[
        "stable-sigmoid-values",
        "stable-sigmoid-gradient",
        "stable-sigmoid-large-values",
        "stable-sigmoid-large-gradient",
        "stable-sigmoid-float32",
        "stable-sigmoid-shapes",
        "stable-sigmoid-dtype",
    ],
)
def stable_sigmoid(x):
    z = x - x.max()
    return torch.exp(z) / (1 + torch.exp(z))


@wrong(
    "exp(x) for the denominator's exp(-x)",
    fails=[
        "stable-sigmoid-values",
        "stable-sigmoid-gradient",
        "stable-sigmoid-large-values",
        "stable-sigmoid-large-gradient",
        "stable-sigmoid-float32",
        "stable-sigmoid-dtype",
    ],
    kind="negated",
    says="Your function falls where the sigmoid rises: the sign in the exponent is wrong.",
    read="Sigmoid and tanh",
)
def stable_sigmoid(x):
    return 1 / (1 + torch.exp(x.clamp(-100, 100)))


@wrong(
    "clamped for the value, wrong far out in the gradient's place", fails=["stable-sigmoid-float32"]
)
def stable_sigmoid(x):
    return torch.where(x.abs() > 15, (x > 0).to(x.dtype), torch.sigmoid(x))


equivalent(
    "a branch that is not taken may see any input that does no harm",
    "right = 1 / (1 + torch.exp(-x.clamp(min=0)))",
    "right = 1 / (1 + torch.exp(-x.clamp(min=-1)))",
)
equivalent(
    "a branch that is not taken may see any input that does no harm",
    "e = torch.exp(x.clamp(max=0))",
    "e = torch.exp(x.clamp(max=1))",
)
equivalent(
    "at 0 both branches are 1/2, with the same derivative",
    "return torch.where(x >= 0, right, e / (1 + e))",
    "return torch.where(x > 0, right, e / (1 + e))",
)


right("exp of minus softplus")("""
def stable_sigmoid(x):
    return torch.exp(-nn.functional.softplus(-x))
""")


wrong("e rounded to ten digits", fails=["stable-sigmoid-dtype"], is_slip=True)("""
def stable_sigmoid(x):
    e = 2.718281828
    left = e ** x.clamp(max=0)
    return torch.where(x >= 0, 1 / (1 + e ** -x.clamp(min=0)), left / (1 + left))
""")
