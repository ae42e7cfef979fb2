"""Right and wrong answers to `sgd_epoch`."""

import torch
from torch import nn

from mlpgrader.variants import Slips, right, wrong


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
)
slip("up the hill", "step pass loss", ("p -= lr", "p += lr"))
slip(
    "the sum of the losses",
    "step pass loss",
    ("cross_entropy(H, y)", "cross_entropy(H, y, reduction='sum')"),
)
slip("no learning rate", "step pass loss", ("lr * p.grad", "p.grad"))
slip(
    "the biases stay",
    "step pass loss",
    ("for p in W + b:\n                p -=", "for p in W:\n                p -="),
)
slip(
    "the weights stay",
    "step pass loss",
    ("for p in W + b:\n                p -=", "for p in b:\n                p -="),
)
slip("ReLU on the logits", "step pass loss", ("if k < len(W) - 1", "if True"))
slip("no ReLU", "step pass loss", ("if k < len(W) - 1", "if False"))
slip(
    "the mean of the batch means",
    "loss",
    ("* len(y)\n        count += len(y)", "\n        count += 1"),
)
slip(
    "the loss of the last batch",
    "loss",
    ("total += loss.item() * len(y)\n        count += len(y)", "total, count = loss.item(), 1"),
)
slip("the sum, not the mean", "loss", ("total / count", "total"))
slip(
    "the loss after the step",
    "loss",
    (
        "        total += loss.item() * len(y)",
        "        H = X\n"
        "        for k in range(len(W)):\n"
        "            H = (H.relu() if k else H) @ W[k] + b[k]\n"
        "        total += nn.functional.cross_entropy(H, y).item() * len(y)",
    ),
)
slip("the last batch twice", "pass loss", ("in batches:", "in [*batches, *batches[1:]]:"))
slip(
    "a short last batch left out",
    "pass loss",
    ("in batches:", "in [b for b in batches if len(b[1]) == len(batches[0][1])]:"),
)
slip("the batches in reverse", "pass loss", ("in batches:", "in batches[::-1]:"))
slip("still requires grad", "detached", ("[w.detach() for w in W]", "W"))
slip("biases still require grad", "detached", ("[v.detach() for v in b]", "b"))
slip(
    "moves the given tensors",
    "arguments",
    ("detach().clone().requires_grad_()", "requires_grad_()"),
    ("return [w.detach()", "[t.requires_grad_(False) for t in W + b]\n    return [w.detach()"),
)
slip(
    "makes the given tensors require grad",
    "arguments",
    ("    W = [", "    [w.requires_grad_() for w in weights]\n    W = ["),
)
slip(
    "puts the new tensors into the given lists",
    "arguments",
    (
        "    return ",
        "    weights[:], biases[:] = [w.detach() for w in W], [v.detach() for v in b]\n    return ",
    ),
)
slip(
    "takes the batches out of the list",
    "arguments",
    ("    for X, y in batches:", "    while batches:\n        X, y = batches.pop(0)"),
)
slip("weight decay", "step pass loss", ("lr * p.grad", "lr * (p.grad + 0.1 * p)"))
slip(
    "momentum",
    "pass loss",
    ("            p.grad = None", "            p.grad = None if p.grad is None else 0.9 * p.grad"),
)
slip(
    "always in single precision",
    "step pass detached arguments",
    (".detach().clone()", ".detach().float()"),
    ("H = X\n", "H = X.float()\n"),
)


@wrong("all gradients at the weights of the start", fails=["sgd-epoch-pass", "sgd-epoch-loss"])
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
    fails=["sgd-epoch-step", "sgd-epoch-pass", "sgd-epoch-loss"],
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
