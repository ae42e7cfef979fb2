"""Right and wrong answers to `l2_objective`."""

import torch

from mlpgrader.variants import right, wrong


@right("by norms")
def l2_objective(loss, weights, weight_decay):
    return loss + 0.5 * weight_decay * sum(torch.linalg.matrix_norm(W) ** 2 for W in weights)


@right("one step per layer")
def l2_objective(loss, weights, weight_decay):
    objective = loss.clone()
    for W in weights:
        w = W.reshape(-1)
        objective = objective + weight_decay * torch.dot(w, w) / 2
    return objective


VALUES = "l2-objective-values"
GRADIENT = "l2-objective-gradient"
DTYPE = "l2-objective-dtype"
ARGUMENTS = "l2-objective-arguments"


@wrong(
    "no half",
    fails=[VALUES, DTYPE],
    says="The half is missing: the penalty is `weight_decay / 2` times the squares.",
)
def l2_objective(loss, weights, weight_decay):
    return loss + weight_decay * sum((W**2).sum() for W in weights)


@wrong(
    "the square of the sum",
    fails=[VALUES, GRADIENT, DTYPE],
    says="You square a sum of weights; the squares of the weights are to be added up.",
)
def l2_objective(loss, weights, weight_decay):
    return loss + weight_decay / 2 * sum(W.sum() ** 2 for W in weights)


@wrong(
    "the square of the sum of the norms",
    fails=[VALUES, GRADIENT],
    says="You square the sum of the norms; the squares of the norms are to be added up.",
)
def l2_objective(loss, weights, weight_decay):
    return loss + weight_decay / 2 * sum(W.norm() for W in weights) ** 2


@wrong(
    "the first matrix alone",
    fails=[VALUES, GRADIENT],
    says="Only the first matrix is penalized.",
    kind="detached",
)
def l2_objective(loss, weights, weight_decay):
    return loss + weight_decay / 2 * (weights[0] ** 2).sum()


@wrong(
    "the last matrix alone",
    fails=[VALUES, GRADIENT],
    says="Only the last matrix is penalized.",
    kind="detached",
)
def l2_objective(loss, weights, weight_decay):
    return loss + weight_decay / 2 * (weights[-1] ** 2).sum()


@wrong(
    "the norm, not its square",
    fails=[VALUES, GRADIENT, DTYPE],
    says="You add the norms; their squares are due.",
)
def l2_objective(loss, weights, weight_decay):
    return loss + weight_decay / 2 * sum(W.norm() for W in weights)


@wrong("the spectral norm", fails=[VALUES, GRADIENT])
def l2_objective(loss, weights, weight_decay):
    return loss + weight_decay / 2 * sum(torch.linalg.matrix_norm(W, 2) ** 2 for W in weights)


@wrong(
    "the mean of the squares",
    fails=[VALUES, GRADIENT, DTYPE],
    says="You take means of the squares; their sums are due.",
)
def l2_objective(loss, weights, weight_decay):
    return loss + weight_decay / 2 * sum((W**2).mean() for W in weights)


@wrong(
    "absolute values",
    fails=[VALUES, GRADIENT, DTYPE],
    says="You add absolute values, which is the L1 penalty; the squares are due.",
)
def l2_objective(loss, weights, weight_decay):
    return loss + weight_decay / 2 * sum(W.abs().sum() for W in weights)


@wrong(
    "the penalty without the loss",
    fails=[VALUES, GRADIENT],
    says="You return the penalty alone, without the loss.",
    kind="detached",
)
def l2_objective(loss, weights, weight_decay):
    return weight_decay / 2 * sum((W**2).sum() for W in weights)


@wrong(
    "adds to the given loss",
    fails=[GRADIENT, ARGUMENTS],
    is_slip=True,
    kind="argument-changed",
)
def l2_objective(loss, weights, weight_decay):
    for W in weights:
        loss += weight_decay / 2 * (W**2).sum()
    return loss


@wrong(
    "squares the given weights",
    fails=[GRADIENT, ARGUMENTS],
    is_slip=True,
    kind="argument-changed",
)
def l2_objective(loss, weights, weight_decay):
    return loss + weight_decay / 2 * sum(W.square_().sum() for W in weights)


@wrong("returns a Python number", fails=[GRADIENT, DTYPE], kind="wrong-type", is_slip=True)
def l2_objective(loss, weights, weight_decay):
    return float(loss + weight_decay / 2 * sum((W**2).sum() for W in weights))


@wrong(
    "the penalty in float32",
    fails=[DTYPE],
    is_slip=True,
    kind="imprecise",
)
def l2_objective(loss, weights, weight_decay):
    return loss + weight_decay / 2 * sum((W.float() ** 2).sum() for W in weights)


@wrong(
    "the loss alone",
    fails=[VALUES, GRADIENT, DTYPE, ARGUMENTS],
    kind="zero",
)
def l2_objective(loss, weights, weight_decay):
    return loss


@right("all weights in one vector")
def l2_objective(loss, weights, weight_decay):
    w = torch.cat([W.flatten() for W in weights])
    return torch.add(loss, w @ w, alpha=weight_decay / 2)


@wrong("a new tensor of a number", fails=[GRADIENT], kind="detached", is_slip=True)
def l2_objective(loss, weights, weight_decay):
    penalty = weight_decay / 2 * sum(W.square().sum().item() for W in weights)
    return torch.tensor(loss.item() + penalty, dtype=loss.dtype)


@wrong(
    "autograd does not see the penalty",
    fails=[GRADIENT],
    is_slip=True,
    kind="detached",
)
def l2_objective(loss, weights, weight_decay):
    return loss + weight_decay / 2 * sum((W.detach() ** 2).sum() for W in weights)


@wrong(
    "autograd does not see the loss",
    fails=[GRADIENT],
    is_slip=True,
    kind="detached",
)
def l2_objective(loss, weights, weight_decay):
    return loss.detach() + weight_decay / 2 * sum((W**2).sum() for W in weights)


@wrong("the default dtype", fails=[DTYPE], is_slip=True, kind="lower-precision")
def l2_objective(loss, weights, weight_decay):
    return (loss + weight_decay / 2 * sum((W**2).sum() for W in weights)).float()


@wrong(
    "always in double precision",
    fails=[DTYPE],
    is_slip=True,
    kind="other-dtype",
)
def l2_objective(loss, weights, weight_decay):
    return loss.double() + weight_decay / 2 * sum((W.double() ** 2).sum() for W in weights)


@wrong("the root of the sum", fails=[VALUES, DTYPE])
def l2_objective(loss, weights, weight_decay):
    return loss + weight_decay / 2 * sum((W**2).sum() for W in weights) ** 0.5


@wrong("a shape of (1,)", fails=[VALUES, DTYPE], kind="wrong-shape")
def l2_objective(loss, weights, weight_decay):
    penalty = torch.zeros(1, dtype=loss.dtype)
    for W in weights:
        penalty = penalty + (W**2).sum()
    return loss + weight_decay / 2 * penalty


@wrong("the penalty once for each layer", fails=[VALUES])
def l2_objective(loss, weights, weight_decay):
    penalty = weight_decay / 2 * sum((W**2).sum() for W in weights)
    return loss + len(weights) * penalty


@wrong("1 - lambda of the loss", fails=[VALUES, GRADIENT])
def l2_objective(loss, weights, weight_decay):
    return (1 - weight_decay) * loss + weight_decay / 2 * sum((W**2).sum() for W in weights)


wrong(
    "the sum of all entries of W.T @ W, not its trace",
    fails=["l2-objective-values", "l2-objective-gradient", "l2-objective-dtype"],
)("""
def l2_objective(loss, weights, weight_decay):
    return loss + 0.5 * weight_decay * sum((W.T @ W).sum() for W in weights)
""")
