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
ARGUMENTS = "l2-objective-arguments"


@wrong("no half", fails=[VALUES])
def l2_objective(loss, weights, weight_decay):
    return loss + weight_decay * sum((W**2).sum() for W in weights)


@wrong("the square of the sum", fails=[VALUES])
def l2_objective(loss, weights, weight_decay):
    return loss + weight_decay / 2 * sum(W.sum() ** 2 for W in weights)


@wrong("the square of the sum of the norms", fails=[VALUES])
def l2_objective(loss, weights, weight_decay):
    return loss + weight_decay / 2 * sum(W.norm() for W in weights) ** 2


@wrong("the first matrix alone", fails=[VALUES])
def l2_objective(loss, weights, weight_decay):
    return loss + weight_decay / 2 * (weights[0] ** 2).sum()


@wrong("the last matrix alone", fails=[VALUES])
def l2_objective(loss, weights, weight_decay):
    return loss + weight_decay / 2 * (weights[-1] ** 2).sum()


@wrong("the norm, not its square", fails=[VALUES])
def l2_objective(loss, weights, weight_decay):
    return loss + weight_decay / 2 * sum(W.norm() for W in weights)


@wrong("the spectral norm", fails=[VALUES])
def l2_objective(loss, weights, weight_decay):
    return loss + weight_decay / 2 * sum(torch.linalg.matrix_norm(W, 2) ** 2 for W in weights)


@wrong("the mean of the squares", fails=[VALUES])
def l2_objective(loss, weights, weight_decay):
    return loss + weight_decay / 2 * sum((W**2).mean() for W in weights)


@wrong("absolute values", fails=[VALUES])
def l2_objective(loss, weights, weight_decay):
    return loss + weight_decay / 2 * sum(W.abs().sum() for W in weights)


@wrong("the penalty without the loss", fails=[VALUES])
def l2_objective(loss, weights, weight_decay):
    return weight_decay / 2 * sum((W**2).sum() for W in weights)


@wrong("adds to the given loss", fails=[ARGUMENTS])
def l2_objective(loss, weights, weight_decay):
    for W in weights:
        loss += weight_decay / 2 * (W**2).sum()
    return loss


@wrong("squares the given weights", fails=[ARGUMENTS])
def l2_objective(loss, weights, weight_decay):
    return loss + weight_decay / 2 * sum(W.square_().sum() for W in weights)


@wrong("returns a Python number", fails=[VALUES, ARGUMENTS])
def l2_objective(loss, weights, weight_decay):
    return float(loss + weight_decay / 2 * sum((W**2).sum() for W in weights))


@wrong("the penalty in float32", fails=[VALUES])
def l2_objective(loss, weights, weight_decay):
    return loss + weight_decay / 2 * sum((W.float() ** 2).sum() for W in weights)


@wrong("the loss alone", fails=[VALUES, ARGUMENTS])
def l2_objective(loss, weights, weight_decay):
    return loss
