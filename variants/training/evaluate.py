"""Right and wrong answers to `evaluate`."""

import torch
from torch import nn

from mlpgrader.variants import Slips, equivalent, right, wrong


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
slip(
    "gradients on",
    "no-grad",
    ("torch.no_grad()", "torch.enable_grad()"),
    is_slip=True,
    kind="raised",
)
slip(
    "the mean of the batch losses",
    "loss",
    (".item() * len(y)", ".item()"),
    ("loss / count", "loss / len(batches)"),
    says=(
        "You take the mean of the batches' losses. With a short last batch that is no "
        "mean over examples."
    ),
)
slip(
    "the sum of the losses",
    "loss",
    ("loss / count", "loss"),
    kind="summed",
    is_slip=True,
    says="You add up the losses; their mean over the examples is due.",
)
slip(
    "the mean of the batch accuracies",
    "accuracy",
    (".sum())", ".sum()) / len(y)"),
    ("hits += int", "hits += float"),
    ("hits / count", "hits / len(batches)"),
    says=(
        "You take the mean of the batches' accuracies. With a short last batch that is "
        "no mean over examples."
    ),
)
slip(
    "percent",
    "accuracy",
    ("hits / count", "100 * hits / count"),
    kind="factor",
    is_slip=True,
    says="Your accuracy is in percent; the task asks for a number from 0 to 1.",
)
slip(
    "the number of hits",
    "accuracy",
    ("hits / count", "hits"),
    kind="summed",
    is_slip=True,
    says="You return the number of right predictions; their share is due.",
)
slip(
    "the largest logit of a class",
    "loss accuracy arguments",
    ("argmax(dim=1)", "argmax(dim=0)"),
    says=(
        "You look for the largest logit along the wrong axis: over the examples, not "
        "over the classes."
    ),
    kind="raised",
)
slip("the smallest logit", "accuracy", ("argmax", "argmin"))
slip(
    "the share of errors",
    "accuracy",
    ("== y", "!= y"),
    says="You return the share of errors.",
)
slip(
    "the first batch alone",
    "loss accuracy",
    ("in batches:", "in batches[:1]:"),
    says="You look at the first batch alone.",
)
slip(
    "the last batch alone",
    "loss accuracy",
    ("in batches:", "in batches[-1:]:"),
    says="You look at the last batch alone.",
)
slip(
    "accuracy before loss",
    "loss accuracy stable",
    ("return loss / count, hits / count", "return hits / count, loss / count"),
    kind="reversed",
    says="You return the accuracy first; the task asks for `(loss, accuracy)`.",
)
slip(
    "softmax before the loss",
    "loss stable",
    ("cross_entropy(logits, y)", "cross_entropy(logits.softmax(1), y)"),
    says="The loss takes logits and applies the softmax itself: yours comes on top.",
)
slip(
    "softmax over the examples",
    "loss stable",
    ("cross_entropy(logits, y)", "nll_loss(logits.log_softmax(0), y)"),
)
slip(
    "whole numbers",
    "accuracy",
    ("hits / count", "hits // count"),
    is_slip=True,
    kind="zero",
)
slip(
    "takes the batches out of the list",
    "arguments",
    ("for X, y in batches:", "while batches:\n            X, y = batches.pop()"),
    kind="argument-changed",
    is_slip=True,
)


@right("switched off and put back by hand, example by example")
def evaluate(predict, batches):
    before = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    try:
        losses, hits = [], []
        for X, y in batches:
            for row, label in zip(predict(X), y.tolist(), strict=True):
                losses.append(torch.logsumexp(row, 0).item() - row[label].item())
                hits.append(int(row.argmax()) == label)
    finally:
        torch.set_grad_enabled(before)
    return sum(losses) / len(losses), sum(hits) / len(hits)


right("a decorator")("""
@torch.no_grad()
def evaluate(predict, batches):
    sizes = torch.tensor([float(len(y)) for _, y in batches])
    outputs = [(predict(X), y) for X, y in batches]
    losses = torch.tensor([float(nn.functional.cross_entropy(f, y)) for f, y in outputs])
    shares = torch.tensor([(f.argmax(1) == y).float().mean().item() for f, y in outputs])
    shares, losses, sizes = shares.double(), losses.double(), sizes.double()
    return (losses * sizes).sum() / sizes.sum(), (shares * sizes).sum() / sizes.sum()
""")


slip = Slips(EVALUATE, "evaluate")
BLOCK = """
    with torch.no_grad():
        for X, y in batches:
            logits = predict(X)
            loss += nn.functional.cross_entropy(logits, y).item() * len(y)
            hits += int((logits.argmax(dim=1) == y).sum())
            count += len(y)
"""
OPEN = """
    for X, y in batches:
        logits = predict(X)
        loss += nn.functional.cross_entropy(logits, y).item() * len(y)
        hits += int((logits.argmax(dim=1) == y).sum())
        count += len(y)
"""
OFF, ON = "\n    torch.set_grad_enabled(False)", "    torch.set_grad_enabled(True)\n"
slip(
    "gradients left off",
    "mode",
    (BLOCK, OFF + OPEN),
    kind="grad-mode-changed",
    is_slip=True,
    says=(
        "Gradients are left off after the call. `with torch.no_grad():` puts back what was there."
    ),
)
slip(
    "gradients switched on afterwards, whatever they were",
    "mode",
    (BLOCK, OFF + OPEN + ON),
    is_slip=True,
    unseen="the example has them on",
)
slip(
    "nothing about gradients",
    "no-grad",
    (BLOCK, OPEN),
    is_slip=True,
    kind="raised",
)
slip(
    "detached instead",
    "no-grad",
    (BLOCK, OPEN.replace("predict(X)", "predict(X).detach()")),
    is_slip=True,
    kind="raised",
)
slip(
    "off for the loss, on for predict",
    "no-grad",
    (
        "logits = predict(X)",
        "with torch.enable_grad():\n                logits = predict(X)",
    ),
    is_slip=True,
    kind="raised",
)
LOSS = "nn.functional.cross_entropy(logits, y)"
PICKED = "[torch.arange(len(y)), y].mean()"
slip(
    "the logarithm of a softmax",
    "stable",
    (LOSS, f"-logits.softmax(1).log(){PICKED}"),
    kind="not-finite",
    is_slip=True,
)
slip(
    "a clamped softmax",
    "stable",
    (LOSS, f"-logits.softmax(1).clamp(min=1e-9).log(){PICKED}"),
    is_slip=True,
)
slip(
    "exponentials without a shift",
    "stable",
    (LOSS, f"(logits.exp().sum(1).log()[:, None] - logits){PICKED}"),
    kind="not-finite",
    is_slip=True,
)
slip(
    "bits", "loss stable", ("loss / count, hits", "loss / count / math.log(2), hits"), kind="factor"
)
slip("rounded to two digits", "accuracy", ("hits / count", "round(hits / count, 2)"), is_slip=True)
slip(
    "all batches as long as the first",
    "loss accuracy",
    ("    return", "    count = len(batches) * len(batches[0][1])\n    return"),
    is_slip=True,
)
slip(
    "prints",
    "loss accuracy stable no-grad mode arguments",
    ("return loss / count, hits / count", "print(loss / count, hits / count)"),
    kind="none-returned",
)
slip(
    "the loss alone",
    "loss accuracy stable no-grad mode arguments",
    ("return loss / count, hits / count", "return loss / count"),
    kind="wrong-type",
)
slip(
    "the loss of each example",
    "loss accuracy stable no-grad mode arguments",
    (f"{LOSS}.item() * len(y)", "nn.functional.cross_entropy(logits, y, reduction='none')"),
    kind="wrong-shape",
)


@wrong(
    "never calls predict",
    fails=[
        "evaluate-loss",
        "evaluate-accuracy",
        "evaluate-stable",
        "evaluate-no-grad",
        "evaluate-mode",
        "evaluate-arguments",
    ],
)
def evaluate(predict, batches):
    evaluate.calls = getattr(evaluate, "calls", 0) + 1
    return float(evaluate.calls), evaluate.calls / 100


START = "loss, correct = (0.0, 0)"
equivalent("both are 0", START, "correct, loss = (0.0, 0)")
equivalent("both are 0", START, "loss, correct = (0, 0.0)")
for line in (
    "loss += nn.functional.cross_entropy(logits, y, reduction='sum')",
    "correct += (logits.argmax(dim=1) == y).sum()",
):
    equivalent("a number may be a tensor", f"{line}.item()", line)
COUNT = "count = sum((len(y) for _, y in batches))"
equivalent("X is as long as y", COUNT, COUNT.replace("_, y in", "y, _ in"))


right("in inference mode")("""
def evaluate(predict, batches):
    total = hits = n = 0
    with torch.inference_mode():
        for X, y in batches:
            logits = predict(X)
            total += nn.functional.nll_loss(logits.log_softmax(-1), y, reduction='sum').item()
            hits += int(torch.eq(logits.max(-1).indices, y).count_nonzero())
            n += y.numel()
    return total / n, hits / n
""")


wrong("counts the right class among the first two", fails=["evaluate-accuracy"])("""
def evaluate(predict, batches):
    with torch.no_grad():
        outs = [(predict(X), y) for X, y in batches]
    logits, y = (torch.cat(t) for t in zip(*outs))
    hits = (logits.topk(2, 1).indices == y[:, None]).any(1)
    return nn.functional.cross_entropy(logits, y), hits.float().mean()
""")
