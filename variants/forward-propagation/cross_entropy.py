"""Right and wrong answers to `cross_entropy`."""

import math

import torch
from torch import nn

from mlpgrader.variants import equivalent, right, wrong


@right("built in")
def cross_entropy(logits, y):
    return nn.functional.cross_entropy(logits, y)


@right("by logsumexp")
def cross_entropy(logits, y):
    return (torch.logsumexp(logits, 1) - logits.gather(1, y[:, None]).squeeze(1)).mean()


@right("by one-hot rows and log_softmax")
def cross_entropy(logits, y):
    one_hot = torch.eye(logits.shape[1], dtype=logits.dtype)[y]
    return -(one_hot * torch.log_softmax(logits, dim=-1)).sum() / logits.shape[0]


@right("example by example")
def cross_entropy(logits, y):
    losses = []
    for row, k in zip(logits, y, strict=True):
        shifted = row - row[row.argmax()].detach()
        losses.append(torch.log(torch.sum(torch.exp(shifted))) - shifted[k])
    return torch.stack(losses).mean()


VALUES = "cross-entropy-values"
STABLE = "cross-entropy-stable"
GRADIENT = "cross-entropy-gradient"
STABLE_GRADIENT = "cross-entropy-stable-gradient"
DTYPE = "cross-entropy-dtype"


@wrong(
    "the logarithm of softmax",
    fails=[STABLE, STABLE_GRADIENT],
    says=(
        "For large logits a probability is rounded to 0, and its logarithm is infinite. "
        "Use the two in one step."
    ),
    read="From logits to a loss",
    kind="not-finite",
)
def cross_entropy(logits, y):
    return -torch.log(torch.softmax(logits, dim=1))[torch.arange(len(y)), y].mean()


@wrong(
    "exponentials as they are",
    fails=[STABLE, STABLE_GRADIENT],
    says="For large logits `exp` overflows. Take the largest logit of each row off first.",
    read="From logits to a loss",
    kind="not-finite",
)
def cross_entropy(logits, y):
    probs = logits.exp() / logits.exp().sum(dim=1, keepdim=True)
    return -probs.log()[torch.arange(len(y)), y].mean()


@wrong(
    "shifted by the largest logit of the minibatch",
    fails=[STABLE, STABLE_GRADIENT],
    says=(
        "You take off the largest logit of all. A row of smaller ones then vanishes: "
        "each needs its own."
    ),
    read="From logits to a loss",
    kind="not-finite",
)
def cross_entropy(logits, y):
    shifted = logits - logits.max()
    return (shifted.exp().sum(dim=1).log() - shifted[torch.arange(len(y)), y]).mean()


@wrong(
    "probabilities clamped at 1e-12",
    fails=[STABLE, STABLE_GRADIENT],
    says=(
        "You clamp the probabilities, so that the loss of a bad guess stays at a bound, "
        "without a gradient."
    ),
    read="From logits to a loss",
    kind="zero",
)
def cross_entropy(logits, y):
    probs = torch.softmax(logits, dim=1).clamp(min=1e-12)
    return -probs.log()[torch.arange(len(y)), y].mean()


@wrong("logits clamped at ±80", fails=[STABLE, STABLE_GRADIENT])
def cross_entropy(logits, y):
    return nn.functional.cross_entropy(logits.clamp(-80, 80), y)


@wrong(
    "a small number inside the logarithm",
    fails=[VALUES, STABLE, GRADIENT, STABLE_GRADIENT, DTYPE],
    kind="imprecise",
)
def cross_entropy(logits, y):
    probs = torch.softmax(logits, dim=1)
    return -torch.log(probs + 1e-5)[torch.arange(len(y)), y].mean()


@wrong(
    "the sum over the minibatch",
    fails=[VALUES, GRADIENT],
    kind="summed",
    is_slip=True,
    says="You add up the losses; their mean is due.",
    read="From logits to a loss",
)
def cross_entropy(logits, y):
    return nn.functional.cross_entropy(logits, y, reduction="sum")


@wrong(
    "the mean over all entries",
    fails=[VALUES, STABLE, GRADIENT, STABLE_GRADIENT],
    kind="averaged",
    says="You divide by the number of all entries; the loss is a mean over examples.",
    read="From logits to a loss",
)
def cross_entropy(logits, y):
    one_hot = nn.functional.one_hot(y, logits.shape[1])
    return -(one_hot * torch.log_softmax(logits, 1)).mean()


@wrong(
    "softmax over the examples",
    fails=[VALUES, STABLE, GRADIENT, STABLE_GRADIENT, DTYPE],
    says="The softmax runs over the examples; it belongs over the classes of each.",
    read="From logits to a loss",
)
def cross_entropy(logits, y):
    return -torch.log_softmax(logits, dim=0)[torch.arange(len(y)), y].mean()


@wrong(
    "in bits",
    fails=[VALUES, STABLE, GRADIENT, STABLE_GRADIENT],
    kind="factor",
    says="Your loss is in bits: the logarithm is the natural one.",
    read="From logits to a loss",
)
def cross_entropy(logits, y):
    return nn.functional.cross_entropy(logits, y) / math.log(2)


@wrong(
    "the columns y of all rows",
    fails=[VALUES, STABLE, GRADIENT, STABLE_GRADIENT, DTYPE],
    says="`[:, y]` takes these columns of all rows. Take one entry of each row.",
    read="From logits to a loss",
)
def cross_entropy(logits, y):
    return -torch.log_softmax(logits, dim=1)[:, y].mean()


@wrong(
    "no minus sign",
    fails=[VALUES, STABLE, GRADIENT, STABLE_GRADIENT],
    kind="negated",
    says="The minus in front of the logarithm is missing.",
    read="From logits to a loss",
)
def cross_entropy(logits, y):
    return torch.log_softmax(logits, dim=1)[torch.arange(len(y)), y].mean()


@wrong(
    "softmax on top of a loss that has its own",
    fails=[VALUES, STABLE, GRADIENT, STABLE_GRADIENT, DTYPE],
    says="`F.cross_entropy` takes logits, and applies the softmax itself: yours comes on top.",
    read="From logits to a loss",
)
def cross_entropy(logits, y):
    return nn.functional.cross_entropy(torch.softmax(logits, dim=1), y)


@wrong("cut off from autograd", fails=[GRADIENT, STABLE_GRADIENT], kind="detached", is_slip=True)
def cross_entropy(logits, y):
    return nn.functional.cross_entropy(logits.detach(), y)


@wrong(
    "built from a Python number", fails=[GRADIENT, STABLE_GRADIENT], kind="detached", is_slip=True
)
def cross_entropy(logits, y):
    loss = nn.functional.cross_entropy(logits, y).item()
    return torch.tensor(loss, dtype=logits.dtype)


@wrong(
    "shifts the logits in place",
    fails=[GRADIENT, STABLE_GRADIENT],
    is_slip=True,
    kind="argument-changed",
)
def cross_entropy(logits, y):
    logits -= logits.max(dim=1, keepdim=True).values
    return nn.functional.cross_entropy(logits, y)


@wrong("a shape of (1,)", fails=[VALUES, STABLE, DTYPE], kind="wrong-shape")
def cross_entropy(logits, y):
    return nn.functional.cross_entropy(logits, y).reshape(1)


@wrong("always in double precision", fails=[DTYPE], kind="other-dtype", is_slip=True)
def cross_entropy(logits, y):
    return nn.functional.cross_entropy(logits.double(), y)


@wrong(
    "log-sum-exp only where it seems needed",
    fails=[STABLE_GRADIENT],
    is_slip=True,
    kind="not-finite",
)
def cross_entropy(logits, y):
    far = logits.abs().amax(1) > 50
    naive = logits.exp().sum(1).log()
    total = torch.where(far, logits.logsumexp(1), naive)
    return (total - logits[torch.arange(len(y)), y]).mean()


@right("shifted twice, through exponentials that never overflow")
def cross_entropy(logits, y):
    picked = logits[range(len(y)), y]
    differences = logits - picked.unsqueeze(1)
    level = differences.amax(1)
    total = (differences - level.unsqueeze(1)).exp().sum(1).log() + level
    return total.sum() / total.numel()


@wrong("prints the loss", fails=[VALUES, STABLE, GRADIENT, STABLE_GRADIENT, DTYPE], kind="printed")
def cross_entropy(logits, y):
    print(nn.functional.cross_entropy(logits, y))


@wrong("the loss of each example", fails=[VALUES, STABLE, GRADIENT, DTYPE], kind="wrong-shape")
def cross_entropy(logits, y):
    return nn.functional.cross_entropy(logits, y, reduction="none")


@wrong("a Python number", fails=[GRADIENT, STABLE_GRADIENT, DTYPE], kind="wrong-type")
def cross_entropy(logits, y):
    return nn.functional.cross_entropy(logits, y).item()


@wrong("by NumPy", fails=[GRADIENT, STABLE_GRADIENT], kind="detached")
def cross_entropy(logits, y):
    z = logits.detach().numpy()
    z = z - z.max(axis=1, keepdims=True)
    p = torch.from_numpy(z)
    return (p.exp().sum(1).log() - p[torch.arange(len(y)), y]).mean()


@wrong("float32 on the way", fails=[DTYPE], is_slip=True, unseen="the logits of examples are round")
def cross_entropy(logits, y):
    return nn.functional.cross_entropy(logits.float(), y).to(logits.dtype)


@wrong(
    "the largest logit is left out of the derivative's sum",
    fails=[VALUES, STABLE, GRADIENT, STABLE_GRADIENT, DTYPE],
)
def cross_entropy(logits, y):
    level = logits.max(dim=1, keepdim=True).values
    total = (logits - level).exp().sum(dim=1).log()
    return (total - logits[torch.arange(len(y)), y]).mean()


@wrong("the gradient is cut at the shift", fails=[GRADIENT, STABLE_GRADIENT])
def cross_entropy(logits, y):
    level = logits.max(dim=1, keepdim=True).values
    total = (logits - level).exp().sum(dim=1).log() + level.squeeze(1).detach()
    return (total - logits[torch.arange(len(y)), y]).mean()


@wrong("only the examples that are classified wrongly", fails=[VALUES, STABLE, GRADIENT, DTYPE])
def cross_entropy(logits, y):
    losses = nn.functional.cross_entropy(logits, y, reduction="none")
    return (losses * (logits.argmax(1) != y)).mean()


@wrong(
    "binary cross-entropy of each class",
    fails=[VALUES, STABLE, GRADIENT, STABLE_GRADIENT, DTYPE],
    says="You treat the classes as separate yes-or-no questions; here they share one softmax.",
    read="From logits to a loss",
)
def cross_entropy(logits, y):
    target = nn.functional.one_hot(y, logits.shape[1]).to(logits.dtype)
    losses = nn.functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    return losses.sum(1).mean()


@wrong("divides by one example less", fails=[VALUES, GRADIENT], kind="factor")
def cross_entropy(logits, y):
    losses = nn.functional.cross_entropy(logits, y, reduction="none")
    return losses.sum() / max(1, len(y) - 1)


ROWS = "logits and y have one row for each example"
PICKED = "return -log_probs[torch.arange(len(y)), y].mean()"
equivalent(ROWS, PICKED, PICKED.replace("len(y)", "len(logits)"))
equivalent(ROWS, PICKED, PICKED.replace("len(y)", "len(shifted)"))
equivalent(ROWS, PICKED, PICKED.replace("len(y)", "len(log_probs)"))


right("by the distribution with these logits")("""
def cross_entropy(logits, y):
    return torch.distributions.Categorical(logits=logits).log_prob(y).neg().mean()
""")


wrong(
    "probabilities where log-probabilities belong",
    fails=[
        "cross-entropy-values",
        "cross-entropy-stable",
        "cross-entropy-gradient",
        "cross-entropy-stable-gradient",
        "cross-entropy-dtype",
    ],
)("""
def cross_entropy(logits, y):
    return nn.functional.nll_loss(logits.softmax(1), y)
""")
