"""Right and wrong answers to `sgd_epoch`."""

import torch
from torch import nn

from mlpgrader.variants import Slips, equivalent, right, wrong


@right("with modules and an optimizer")
def sgd_epoch(weights, biases, batches, lr):
    model = nn.Sequential()
    for W, b in zip(weights, biases, strict=True):
        layer = nn.Linear(*W.shape, dtype=W.dtype)
        layer.weight.data, layer.bias.data = W.T.clone(), b.clone()
        model.extend([layer, nn.ReLU()])
    model = model[:-1]
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for X, y in batches:
        optimizer.zero_grad()
        each = nn.functional.cross_entropy(model(X), y, reduction="none")
        each.mean().backward()
        optimizer.step()
        losses.extend(each.tolist())
    layers = [layer for layer in model if isinstance(layer, nn.Linear)]
    new_weights = [layer.weight.detach().T.contiguous() for layer in layers]
    return new_weights, [layer.bias.detach() for layer in layers], sum(losses) / len(losses)


@right("gradients by hand")
def sgd_epoch(weights, biases, batches, lr):
    weights, biases = list(weights), list(biases)
    total, count = 0.0, 0
    for X, y in batches:
        H = [X]
        for W, b in zip(weights[:-1], biases[:-1], strict=True):
            H.append(torch.relu(H[-1] @ W + b))
        log_probs = torch.log_softmax(H[-1] @ weights[-1] + biases[-1], dim=1)
        total -= log_probs.gather(1, y[:, None]).sum()
        count += len(y)
        dZ = (log_probs.exp() - nn.functional.one_hot(y, log_probs.shape[1])) / len(y)
        for k in reversed(range(len(weights))):
            dH = dZ @ weights[k].T
            weights[k] = weights[k] - lr * H[k].T @ dZ
            biases[k] = biases[k] - lr * dZ.sum(0)
            dZ = dH * (H[k] > 0)
    return weights, biases, total / count


SGD = """
def sgd_epoch(weights, biases, batches, lr):
    W = [w.detach().clone().requires_grad_() for w in weights]
    b = [v.detach().clone().requires_grad_() for v in biases]
    total, count = 0.0, 0
    for X, y in batches:
        H = X
        for k in range(len(W)):
            H = H @ W[k] + b[k]
            if k < len(W) - 1:
                H = torch.relu(H)
        loss = nn.functional.cross_entropy(H, y)
        for p in W + b:
            p.grad = None
        loss.backward()
        with torch.no_grad():
            for p in W + b:
                p -= lr * p.grad
        total += loss.item() * len(y)
        count += len(y)
    return [w.detach() for w in W], [v.detach() for v in b], total / count
"""
right("with backward")(SGD)
slip = Slips(SGD, "sgd-epoch")
slip(
    "gradients kept across batches",
    "pass loss",
    ("        for p in W + b:\n            p.grad = None\n", ""),
    says="The gradients of earlier batches stay and add up. Begin each batch without any.",
    read="The whole thing on one page",
)
slip(
    "up the hill",
    "step",
    ("p -= lr", "p += lr"),
    kind="negated",
    is_slip=True,
    says="You add the gradient: the step goes up the hill.",
    read="The whole thing on one page",
)
slip(
    "the sum of the losses",
    "step loss",
    ("cross_entropy(H, y)", "cross_entropy(H, y, reduction='sum')"),
    is_slip=True,
)
slip(
    "no learning rate",
    "step",
    ("lr * p.grad", "p.grad"),
    is_slip=True,
    says="The step is the gradient itself, without the learning rate.",
    read="The whole thing on one page",
)
slip(
    "the biases stay",
    "step",
    ("for p in W + b:\n                p -=", "for p in W:\n                p -="),
    is_slip=True,
    says="The biases are not moved.",
    read="The whole thing on one page",
    kind="zero",
)
slip(
    "the weights stay",
    "step",
    ("for p in W + b:\n                p -=", "for p in b:\n                p -="),
    is_slip=True,
    says="The weights are not moved.",
    read="The whole thing on one page",
    kind="zero",
)
slip(
    "ReLU on the logits",
    "step pass loss stable dtype",
    ("if k < len(W) - 1", "if True"),
    says="You apply ReLU to the logits.",
    read="The whole thing on one page",
    kind="zero",
)
slip(
    "no ReLU",
    "step loss",
    ("if k < len(W) - 1", "if False"),
    says="There is no ReLU between your layers.",
    read="The whole thing on one page",
)
slip(
    "the mean of the batch means",
    "loss",
    ("* len(y)\n        count += len(y)", "\n        count += 1"),
    says=(
        "You take the mean of the batches' means. With a short last batch that is no "
        "mean over examples."
    ),
    read="The whole thing on one page",
)
slip(
    "the loss of the last batch",
    "loss",
    ("total += loss.item() * len(y)\n        count += len(y)", "total, count = loss.item(), 1"),
    says="You return the loss of the last batch; the mean over the whole epoch is due.",
    read="The whole thing on one page",
)
slip("the sum, not the mean", "loss", ("total / count", "total"))
slip(
    "the loss after the step",
    "loss stable",
    (
        "        total += loss.item() * len(y)",
        "        H = X\n"
        "        for k in range(len(W)):\n"
        "            H = (H.relu() if k else H) @ W[k] + b[k]\n"
        "        total += nn.functional.cross_entropy(H, y).item() * len(y)",
    ),
    says="You measure the loss after the step; each batch counts at the weights that it met.",
    read="The whole thing on one page",
)
slip("the last batch twice", "pass loss", ("in batches:", "in [*batches, *batches[1:]]:"))
slip(
    "a short last batch left out",
    "pass loss",
    ("in batches:", "in [b for b in batches if len(b[1]) == len(batches[0][1])]:"),
    says="You leave the short last batch out.",
    read="The whole thing on one page",
)
slip("the batches in reverse", "pass loss", ("in batches:", "in batches[::-1]:"))
slip("still requires grad", "detached", ("[w.detach() for w in W]", "W"))
slip("biases still require grad", "detached", ("[v.detach() for v in b]", "b"))
slip(
    "moves the given tensors",
    "arguments",
    ("detach().clone().requires_grad_()", "requires_grad_()"),
    ("return [w.detach()", "[t.requires_grad_(False) for t in W + b]\n    return [w.detach()"),
    kind="argument-changed",
)
slip(
    "makes the given tensors require grad",
    "arguments",
    ("    W = [", "    [w.requires_grad_() for w in weights]\n    W = ["),
    kind="argument-changed",
)
slip(
    "puts the new tensors into the given lists",
    "arguments",
    (
        "    return ",
        "    weights[:], biases[:] = [w.detach() for w in W], [v.detach() for v in b]\n    return ",
    ),
    kind="argument-changed",
)
slip(
    "takes the batches out of the list",
    "arguments",
    ("    for X, y in batches:", "    while batches:\n        X, y = batches.pop(0)"),
    kind="argument-changed",
)
slip(
    "weight decay",
    "step dtype",
    ("lr * p.grad", "lr * (p.grad + 0.1 * p)"),
    says="You add a weight decay that the task does not ask for.",
    read="The whole thing on one page",
)
slip(
    "momentum",
    "pass loss",
    ("            p.grad = None", "            p.grad = None if p.grad is None else 0.9 * p.grad"),
    says="You add momentum; plain SGD is due.",
    read="The whole thing on one page",
)
slip(
    "always in single precision",
    "dtype",
    (".detach().clone()", ".detach().clone().float()"),
    ("H = X\n", "H = X.float()\n"),
    kind="lower-precision",
    is_slip=True,
)
slip(
    "copies through lists",
    "dtype",
    ("w.detach().clone()", "torch.tensor(w.tolist())"),
    ("v.detach().clone()", "torch.tensor(v.tolist())"),
    ("H = X\n", "H = X.float()\n"),
    kind="lower-precision",
    is_slip=True,
)
slip(
    "double precision, always",
    "dtype",
    (".detach().clone()", ".detach().double().clone()"),
    ("H = X\n", "H = X.double()\n"),
    is_slip=True,
    unseen="the example is in double precision itself",
)
slip(
    "trained in single precision and cast back",
    "dtype",
    (".detach().clone()", ".detach().clone().float()"),
    ("H = X\n", "H = X.float()\n"),
    (
        "[w.detach() for w in W], [v.detach()",
        "[w.detach().to(X.dtype) for w in W], [v.detach().to(X.dtype)",
    ),
    is_slip=True,
    unseen="the example has few digits",
)
SOFTMAX = (
    "nn.functional.cross_entropy(H, y)",
    "-H.softmax(1).log()[torch.arange(len(y)), y].mean()",
)
slip("the logarithm of a softmax", "stable", SOFTMAX, kind="not-finite", is_slip=True)
slip(
    "the logarithm of a softmax and a little",
    "stable",
    (SOFTMAX[0], SOFTMAX[1].replace("softmax(1)", "softmax(1).add(1e-12)")),
    is_slip=True,
)
slip(
    "exponentials without a shift",
    "stable",
    (SOFTMAX[0], "(H.exp().sum(1).log() - H[torch.arange(len(y)), y]).mean()"),
    kind="not-finite",
    is_slip=True,
)
slip(
    "the loss at the weights of the start, for every batch",
    "loss",
    (
        "        total += loss.item() * len(y)",
        "        H = X\n"
        "        for k in range(len(W)):\n"
        "            H = (H.relu() if k else H) @ weights[k] + biases[k]\n"
        "        total += nn.functional.cross_entropy(H, y).item() * len(y)",
    ),
    is_slip=True,
)
slip(
    "a learning rate that falls",
    "pass loss",
    ("count += len(y)", "count += len(y)\n        lr *= 0.9"),
)
slip(
    "counts batches for examples",
    "loss",
    ("count += len(y)", "count += 1"),
    kind="factor",
    is_slip=True,
)
slip(
    "all batches as long as the first",
    "loss",
    ("loss.item() * len(y)", "loss.item() * len(batches[0][1])"),
    ("count += len(y)", "count += len(batches[0][1])"),
    is_slip=True,
)
slip(
    "prints",
    "step pass loss stable detached dtype arguments",
    (
        "return [w.detach() for w in W], [v.detach() for v in b], total / count",
        "print(W, b, total / count)",
    ),
    kind="none-returned",
)
slip(
    "no mean_loss",
    "step pass loss stable detached dtype arguments",
    (", total / count", ""),
    kind="wrong-length",
)


@wrong(
    "all gradients at the weights of the start",
    fails=["sgd-epoch-pass", "sgd-epoch-loss"],
    says=(
        "All gradients are taken at the weights of the start; each batch meets those "
        "that the one before has moved."
    ),
    read="The whole thing on one page",
)
def sgd_epoch(weights, biases, batches, lr):
    start = [t.detach().clone().requires_grad_() for t in (*weights, *biases)]
    moved, L, total = [t.detach().clone() for t in start], len(weights), 0.0
    for X, y in batches:
        H = X
        for k in range(L):
            H = (H.relu() if k else H) @ start[k] + start[L + k]
        loss = nn.functional.cross_entropy(H, y)
        for t, grad in zip(moved, torch.autograd.grad(loss, start), strict=True):
            t -= lr * grad
        total += loss.item() * len(y)
    return moved[:L], moved[L:], total / sum(len(y) for _, y in batches)


@wrong("one step with all batches together", fails=["sgd-epoch-pass", "sgd-epoch-loss"])
def sgd_epoch(weights, biases, batches, lr):
    X, y = (torch.cat(part) for part in zip(*batches, strict=True))
    leaves, L = [t.detach().clone().requires_grad_() for t in (*weights, *biases)], len(weights)
    H = X
    for k in range(L):
        H = (H.relu() if k else H) @ leaves[k] + leaves[L + k]
    loss = nn.functional.cross_entropy(H, y)
    grads = torch.autograd.grad(loss, leaves)
    moved = [(t - lr * grad).detach() for t, grad in zip(leaves, grads, strict=True)]
    return moved[:L], moved[L:], loss.item()


@wrong(
    "the upper layers moved before the gradient passes through them",
    fails=["sgd-epoch-step"],
    is_slip=True,
)
def sgd_epoch(weights, biases, batches, lr):
    weights, biases = list(weights), list(biases)
    total, count = 0.0, 0
    for X, y in batches:
        H = [X]
        for W, b in zip(weights[:-1], biases[:-1], strict=True):
            H.append(torch.relu(H[-1] @ W + b))
        log_probs = torch.log_softmax(H[-1] @ weights[-1] + biases[-1], dim=1)
        total -= log_probs.gather(1, y[:, None]).sum()
        count += len(y)
        dZ = (log_probs.exp() - nn.functional.one_hot(y, log_probs.shape[1])) / len(y)
        for k in reversed(range(len(weights))):
            weights[k] = weights[k] - lr * H[k].T @ dZ
            biases[k] = biases[k] - lr * dZ.sum(0)
            dZ = dZ @ weights[k].T * (H[k] > 0)
    return weights, biases, total / count


BY_HAND = """
def sgd_epoch(weights, biases, batches, lr):
    weights = [W.clone() for W in weights]
    biases = [b.clone() for b in biases]
    total, count = 0.0, 0
    for X, y in batches:
        Z, H = [], [X]
        for k in range(len(weights)):
            Z.append(H[-1] @ weights[k] + biases[k])
            H.append(Z[-1].clamp(min=0))
        N = len(y)
        rows = torch.arange(N)
        total += nn.functional.cross_entropy(Z[-1], y).item() * N
        dZ = Z[-1].softmax(1)
        dZ[rows, y] -= 1
        dZ = dZ / N
        steps = []
        for k in range(len(weights) - 1, -1, -1):
            steps.append((k, H[k].T @ dZ, dZ.sum(0)))
            if k > 0:
                dZ = (dZ @ weights[k].T) * (Z[k - 1] > 0)
        for k, dW, db in steps:
            weights[k] -= lr * dW
            biases[k] -= lr * db
        count += N
    return weights, biases, total / count
"""
right("gradients by hand, then all steps")(BY_HAND)
slip = Slips(BY_HAND, "sgd-epoch")
slip(
    "no copies",
    "arguments",
    ("W.clone()", "W"),
    ("b.clone()", "b"),
    kind="argument-changed",
    is_slip=True,
)
slip(
    "no copy of the biases", "arguments", ("b.clone()", "b"), kind="argument-changed", is_slip=True
)
slip(
    "1 for the derivative at 0",
    "step",
    ("> 0)", ">= 0)"),
    is_slip=True,
    unseen="a kink is no example",
)
slip("the derivative of ReLU left out", "step", (" * (Z[k - 1] > 0)", ""), is_slip=True)
slip("the mean of the bias gradients", "step", ("dZ.sum(0)", "dZ.mean(0)"), is_slip=True)
slip("divided by the entries", "step", ("dZ / N", "dZ / dZ.numel()"), is_slip=True)
slip("not divided by N", "step", ("dZ / N", "dZ"), is_slip=True)

COPIES = "parameters = [t.detach().clone().requires_grad_() for t in (*weights, *biases)]"
equivalent("the gradient of a copy is the same", COPIES, COPIES.replace(".detach()", ""))
TOTAL = "total += loss.item() * len(y)"
equivalent("a number may be a tensor", TOTAL, "total += loss * len(y)")
for rows in ("X", "H"):
    equivalent(
        "X and H have a row for each entry of y", TOTAL, TOTAL.replace("len(y)", f"len({rows})")
    )
equivalent(
    "there is a bias for each weight matrix",
    "L, total = (len(weights), 0.0)",
    "L, total = (len(biases), 0.0)",
)
MEAN = "return (parameters[:L], parameters[L:], total / sum((len(y) for _, y in batches)))"
equivalent("X is as long as y", MEAN, MEAN.replace("_, y in", "y, _ in"))


right("by torch.func")("""
def sgd_epoch(weights, biases, batches, lr):
    W, B = [w.detach().clone() for w in weights], [b.detach().clone() for b in biases]
    def objective(W, B, X, y):
        for w, b in zip(W[:-1], B[:-1]):
            X = torch.relu(X @ w + b)
        return nn.functional.cross_entropy(X @ W[-1] + B[-1], y)
    total = n = 0
    for X, y in batches:
        (gW, gB), loss = torch.func.grad_and_value(objective, argnums=(0, 1))(W, B, X, y)
        W = [w - lr * g for w, g in zip(W, gW)]
        B = [b - lr * g for b, g in zip(B, gB)]
        total += float(loss) * len(X)
        n += len(X)
    return W, B, total / n
""")


OPTIMIZER = """
def sgd_epoch(weights, biases, batches, lr):
    W = [w.detach().clone().requires_grad_() for w in weights]
    B = [b.detach().clone().requires_grad_() for b in biases]
    optimizer = torch.optim.SGD([*W, *B], lr=lr)
    losses = []
    for X, y in batches:
        H = X
        for i in range(len(W)):
            H = H @ W[i] + B[i]
            if i < len(W) - 1:
                H = torch.relu(H)
        loss = nn.functional.cross_entropy(H, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses += [loss.item()] * len(y)
    return [w.detach() for w in W], [b.detach() for b in B], sum(losses) / len(losses)
"""
right("with an optimizer, and a loss for each example")(OPTIMIZER)
slip = Slips(OPTIMIZER, "sgd-epoch")
slip(
    "the gradients are set to 0 before the step",
    "step pass",
    (
        "        optimizer.zero_grad()\n        loss.backward()\n",
        "        loss.backward()\n        optimizer.zero_grad()\n",
    ),
)
slip("Adam", "step pass loss dtype", ("SGD", "Adam"))
slip(
    "clipped gradients",
    "step",
    ("backward()\n", "backward()\n        torch.nn.utils.clip_grad_norm_([*W, *B], 1.0)\n"),
    unseen="the gradients of an example are short",
)
