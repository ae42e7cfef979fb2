"""Right and wrong answers to `evaluate`."""

import torch
from torch import nn

from mlpgrader.variants import Slips, right


@right("all examples at once")
def evaluate(predict, batches):
    with torch.inference_mode():
        logits = torch.cat([predict(X) for X, _ in batches])
        y = torch.cat([y for _, y in batches])
        accuracy = (logits.max(1).indices == y).to(torch.float64).mean()
        return nn.functional.cross_entropy(logits, y), accuracy


EVALUATE = """
def evaluate(predict, batches):
    loss, hits, count = 0.0, 0, 0
    with torch.no_grad():
        for X, y in batches:
            logits = predict(X)
            loss += nn.functional.cross_entropy(logits, y).item() * len(y)
            hits += int((logits.argmax(dim=1) == y).sum())
            count += len(y)
    return loss / count, hits / count
"""
right("weighted means")(EVALUATE)
slip = Slips(EVALUATE, "evaluate")
slip("gradients on", "no-grad", ("torch.no_grad()", "torch.enable_grad()"))
slip(
    "the mean of the batch losses",
    "loss",
    (".item() * len(y)", ".item()"),
    ("loss / count", "loss / len(batches)"),
)
slip("the sum of the losses", "loss", ("loss / count", "loss"))
slip(
    "the mean of the batch accuracies",
    "accuracy",
    (".sum())", ".sum()) / len(y)"),
    ("hits += int", "hits += float"),
    ("hits / count", "hits / len(batches)"),
)
slip("percent", "accuracy", ("hits / count", "100 * hits / count"))
slip("the number of hits", "accuracy", ("hits / count", "hits"))
slip("the largest logit of a class", "loss accuracy arguments", ("argmax(dim=1)", "argmax(dim=0)"))
slip("the smallest logit", "accuracy", ("argmax", "argmin"))
slip("the share of errors", "accuracy", ("== y", "!= y"))
slip("the first batch alone", "loss accuracy", ("in batches:", "in batches[:1]:"))
slip("the last batch alone", "loss accuracy", ("in batches:", "in batches[-1:]:"))
slip(
    "accuracy before loss",
    "loss accuracy",
    ("return loss / count, hits / count", "return hits / count, loss / count"),
)
slip(
    "softmax before the loss",
    "loss",
    ("cross_entropy(logits, y)", "cross_entropy(logits.softmax(1), y)"),
)
slip(
    "softmax over the examples",
    "loss",
    ("cross_entropy(logits, y)", "nll_loss(logits.log_softmax(0), y)"),
)
slip("whole numbers", "accuracy", ("hits / count", "hits // count"))
slip(
    "takes the batches out of the list",
    "arguments",
    ("for X, y in batches:", "while batches:\n            X, y = batches.pop()"),
)
