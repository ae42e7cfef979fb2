"""Right and wrong answers to the set *training*."""

import torch
from torch import nn

from mlpgrader.variants import right, wrong

# sgd_epoch


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


def edited(source, prefix, mistake, fails, *edits):
    for old, new in edits:
        assert old in source, old
        source = source.replace(old, new)
    wrong(mistake, fails=[f"{prefix}-{part}" for part in fails.split()])(source)


def sgd(mistake, fails, *edits):
    edited(SGD, "sgd-epoch", mistake, fails, *edits)


right("with backward")(SGD)
ZERO = ("        for p in W + b:\n            p.grad = None\n", "")
sgd("gradients kept across batches", "pass loss", ZERO)
sgd("up the hill", "step pass loss", ("p -= lr", "p += lr"))
sgd(
    "the sum of the losses",
    "step pass loss",
    ("cross_entropy(H, y)", "cross_entropy(H, y, reduction='sum')"),
)
sgd("no learning rate", "step pass loss", ("lr * p.grad", "p.grad"))
sgd(
    "the biases stay",
    "step pass loss",
    ("for p in W + b:\n                p -=", "for p in W:\n                p -="),
)
sgd(
    "the weights stay",
    "step pass loss",
    ("for p in W + b:\n                p -=", "for p in b:\n                p -="),
)
sgd("ReLU on the logits", "step pass loss", ("if k < len(W) - 1", "if True"))
sgd("no ReLU", "step pass loss", ("if k < len(W) - 1", "if False"))
sgd(
    "the mean of the batch means",
    "loss",
    ("* len(y)\n        count += len(y)", "\n        count += 1"),
)
sgd(
    "the loss of the last batch",
    "loss",
    ("total += loss.item() * len(y)\n        count += len(y)", "total, count = loss.item(), 1"),
)
sgd("the sum, not the mean", "loss", ("total / count", "total"))
sgd(
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
sgd("the last batch twice", "pass loss", ("in batches:", "in [*batches, *batches[1:]]:"))
sgd(
    "a short last batch left out",
    "pass loss",
    ("in batches:", "in [b for b in batches if len(b[1]) == len(batches[0][1])]:"),
)
sgd("the batches in reverse", "pass loss", ("in batches:", "in batches[::-1]:"))
sgd("still requires grad", "detached", ("[w.detach() for w in W]", "W"))
sgd("biases still require grad", "detached", ("[v.detach() for v in b]", "b"))
sgd(
    "moves the given tensors",
    "arguments",
    ("detach().clone().requires_grad_()", "requires_grad_()"),
    ("return [w.detach()", "[t.requires_grad_(False) for t in W + b]\n    return [w.detach()"),
)
sgd(
    "makes the given tensors require grad",
    "arguments",
    ("    W = [", "    [w.requires_grad_() for w in weights]\n    W = ["),
)
sgd(
    "puts the new tensors into the given lists",
    "arguments",
    (
        "    return ",
        "    weights[:], biases[:] = [w.detach() for w in W], [v.detach() for v in b]\n    return ",
    ),
)
sgd(
    "takes the batches out of the list",
    "arguments",
    ("    for X, y in batches:", "    while batches:\n        X, y = batches.pop(0)"),
)
sgd("weight decay", "step pass loss", ("lr * p.grad", "lr * (p.grad + 0.1 * p)"))
sgd(
    "momentum",
    "pass loss",
    ("            p.grad = None", "            p.grad = None if p.grad is None else 0.9 * p.grad"),
)
sgd(
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


# evaluate


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


def evaluation(mistake, fails, *edits):
    edited(EVALUATE, "evaluate", mistake, fails, *edits)


right("weighted means")(EVALUATE)
ALL = "loss accuracy no-grad"
evaluation("gradients on", "no-grad", ("torch.no_grad()", "torch.enable_grad()"))
evaluation(
    "the mean of the batch losses",
    "loss",
    (".item() * len(y)", ".item()"),
    ("loss / count", "loss / len(batches)"),
)
evaluation("the sum of the losses", "loss", ("loss / count", "loss"))
evaluation(
    "the mean of the batch accuracies",
    "accuracy",
    (".sum())", ".sum()) / len(y)"),
    ("hits += int", "hits += float"),
    ("hits / count", "hits / len(batches)"),
)
evaluation("percent", "accuracy", ("hits / count", "100 * hits / count"))
evaluation("the number of hits", "accuracy", ("hits / count", "hits"))
evaluation(
    "the largest logit of a class",
    "loss accuracy arguments",
    ("argmax(dim=1)", "argmax(dim=0)"),
)
evaluation("the smallest logit", "accuracy", ("argmax", "argmin"))
evaluation("the share of errors", "accuracy", ("== y", "!= y"))
evaluation("the first batch alone", "loss accuracy", ("in batches:", "in batches[:1]:"))
evaluation("the last batch alone", "loss accuracy", ("in batches:", "in batches[-1:]:"))
evaluation(
    "accuracy before loss",
    "loss accuracy",
    ("return loss / count, hits / count", "return hits / count, loss / count"),
)
evaluation(
    "softmax before the loss",
    "loss",
    ("cross_entropy(logits, y)", "cross_entropy(logits.softmax(1), y)"),
)
evaluation(
    "softmax over the examples",
    "loss",
    ("cross_entropy(logits, y)", "nll_loss(logits.log_softmax(0), y)"),
)
evaluation("whole numbers", "accuracy", ("hits / count", "hits // count"))
evaluation(
    "takes the batches out of the list",
    "arguments",
    ("for X, y in batches:", "while batches:\n            X, y = batches.pop()"),
)


# small_network


@right("ReLU")
def small_network():
    return dict(hidden_sizes=[12], activation="relu", lr=0.2, epochs=80, batch_size=32)


@right("two hidden layers")
def small_network():
    plan = {"hidden_sizes": [10, 10], "activation": "tanh", "epochs": 60, "batch_size": 16}
    return {**plan, "lr": torch.tensor(0.2)}


@right("sigmoid, a whole number for lr")
def small_network():
    return {
        "hidden_sizes": [13],
        "activation": "sigmoid",
        "lr": 2,
        "epochs": 100,
        "batch_size": 32,
    }


def network(mistake, fails, **changes):
    plan = {"hidden_sizes": [13], "activation": "tanh", "lr": 0.5, "epochs": 40, "batch_size": 32}
    plan = {key: value for key, value in {**plan, **changes}.items() if value is not None}
    fails = [f"small-network-{part}" for part in fails.split()]
    wrong(mistake, fails=fails)(f"def small_network():\n    return {plan!r}")


LIMITS = "limits accuracy"
network("1,061 parameters", LIMITS, hidden_sizes=[14])
network("1,000 weights, the biases not counted", LIMITS, hidden_sizes=[13, 7])
network("no hidden layer", LIMITS, hidden_sizes=[])
network("no unit", LIMITS, hidden_sizes=[0])
network("101 epochs", LIMITS, epochs=101)
network("no epoch", LIMITS, epochs=0)
network("batches of 15", LIMITS, batch_size=15)
network("one batch of more than all", LIMITS, batch_size=1298)
network("a learning rate of 0", LIMITS, lr=0)
network("a learning rate of 11", LIMITS, lr=11.0)
network("a negative learning rate", LIMITS, lr=-0.5)
network("another activation", LIMITS, activation="gelu")
network("a capital letter", LIMITS, activation="Tanh")
network("a whole number for a list", "types limits accuracy", hidden_sizes=13)
network("a tuple", "types", hidden_sizes=(13,))
network("a width that is a float", "types accuracy", hidden_sizes=[13.0])
network("a width that is a bool", "types accuracy", hidden_sizes=[True])
network("epochs as a float", "types accuracy", epochs=40.0)
network("epochs as a bool", "types accuracy", epochs=True)
network("a batch size as a float", "types accuracy", batch_size=32.0)
network("a learning rate as text", "types limits accuracy", lr="half")
network("a learning rate as a bool", "types accuracy", lr=True)
network("a key is missing", "types limits accuracy", batch_size=None)
network("a learning rate too small", "accuracy", lr=0.001)
network("a learning rate at which it diverges", "accuracy", activation="relu", lr=10)
network("one epoch", "accuracy", epochs=1)
network("one hidden unit", "accuracy", hidden_sizes=[1])
network("all examples in a batch", "accuracy", batch_size=1297)


# the question

wrong("no gradient, no harm", fails=["training-choice-answer"])('choice = "A"')
wrong("train on the test set", fails=["training-choice-answer"])('choice = "C"')
wrong("memory of the training set", fails=["training-choice-answer"])('choice = "D"')
