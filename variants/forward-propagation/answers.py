"""Right and wrong answers to the set *forward-propagation*."""

import math

import torch
from torch import nn

from mlpgrader.variants import right, wrong

# mlp_forward


@right("layer by layer, with an index")
def mlp_forward(X, weights, biases):
    cache = {"H": [], "Z": []}
    H = X
    for layer in range(len(weights)):
        cache["H"].append(H)
        Z = torch.addmm(biases[layer], H, weights[layer])
        cache["Z"].append(Z)
        H = Z.clamp(min=0)
    return Z, cache


right("recursive, with an import of its own")("""
import torch.nn.functional as F


def mlp_forward(X, weights, biases):
    Z = F.linear(X, weights[0].T, biases[0])
    if len(weights) == 1:
        return Z, {"Z": [Z], "H": [X]}
    logits, rest = mlp_forward(F.relu(Z), weights[1:], biases[1:])
    return logits, {"Z": [Z, *rest["Z"]], "H": [X, *rest["H"]]}
""")

LOGITS, CACHE = "mlp-forward-logits", "mlp-forward-cache"
ONE_LAYER, FORWARD_ARGUMENTS = "mlp-forward-one-layer", "mlp-forward-arguments"


@wrong("ReLU after the last layer, too", fails=[LOGITS, CACHE, ONE_LAYER])
def mlp_forward(X, weights, biases):
    Z, H = [], [X]
    for W, b in zip(weights, biases, strict=True):
        H.append(torch.relu(H[-1] @ W + b))
        Z.append(H[-1])
    return H[-1], {"Z": Z, "H": H[:-1]}


@wrong("ReLU on the logits, but not in the cache", fails=[LOGITS, ONE_LAYER])
def mlp_forward(X, weights, biases):
    Z, H = [], [X]
    for W, b in zip(weights, biases, strict=True):
        Z.append(H[-1] @ W + b)
        H.append(torch.relu(Z[-1]))
    return H[-1], {"Z": Z, "H": H[:-1]}


@wrong("no activation at all", fails=[LOGITS, CACHE])
def mlp_forward(X, weights, biases):
    Z, H = [], [X]
    for W, b in zip(weights, biases, strict=True):
        Z.append(H[-1] @ W + b)
        H.append(Z[-1])
    return Z[-1], {"Z": Z, "H": H[:-1]}


@wrong("the last bias in every layer", fails=[LOGITS, CACHE, FORWARD_ARGUMENTS])
def mlp_forward(X, weights, biases):
    Z, H = [], [X]
    for W in weights:
        Z.append(H[-1] @ W + biases[-1])
        H.append(torch.relu(Z[-1]))
    return Z[-1], {"Z": Z, "H": H[:-1]}


@wrong("no bias", fails=[LOGITS, CACHE, ONE_LAYER])
def mlp_forward(X, weights, biases):
    Z, H = [], [X]
    for W in weights:
        Z.append(H[-1] @ W)
        H.append(torch.relu(Z[-1]))
    return Z[-1], {"Z": Z, "H": H[:-1]}


@wrong("the bias along the minibatch", fails=[LOGITS, CACHE, ONE_LAYER, FORWARD_ARGUMENTS])
def mlp_forward(X, weights, biases):
    Z, H = [], [X]
    for W, b in zip(weights, biases, strict=True):
        Z.append(H[-1] @ W + b[:, None])
        H.append(torch.relu(Z[-1]))
    return Z[-1], {"Z": Z, "H": H[:-1]}


@wrong(
    "weights of shape (out_features, in_features)",
    fails=[LOGITS, CACHE, ONE_LAYER, FORWARD_ARGUMENTS],
)
def mlp_forward(X, weights, biases):
    Z, H = [], [X]
    for W, b in zip(weights, biases, strict=True):
        Z.append(nn.functional.linear(H[-1], W, b))
        H.append(torch.relu(Z[-1]))
    return Z[-1], {"Z": Z, "H": H[:-1]}


@wrong("X transposed", fails=[LOGITS, CACHE, ONE_LAYER, FORWARD_ARGUMENTS])
def mlp_forward(X, weights, biases):
    Z, H = [], [X.T]
    for W, b in zip(weights, biases, strict=True):
        Z.append(H[-1] @ W + b)
        H.append(torch.relu(Z[-1]))
    return Z[-1], {"Z": Z, "H": H[:-1]}


@wrong("X reshaped until it fits", fails=[LOGITS, CACHE, ONE_LAYER])
def mlp_forward(X, weights, biases):
    Z, H = [], [X]
    for W, b in zip(weights, biases, strict=True):
        Z.append(H[-1].T.reshape(H[-1].shape) @ W + b)
        H.append(torch.relu(Z[-1]))
    return Z[-1], {"Z": Z, "H": H[:-1]}


@wrong("two layers, whatever the list", fails=[LOGITS, CACHE, ONE_LAYER, FORWARD_ARGUMENTS])
def mlp_forward(X, weights, biases):
    Z1 = X @ weights[0] + biases[0]
    H1 = torch.relu(Z1)
    logits = H1 @ weights[1] + biases[1]
    return logits, {"Z": [Z1, logits], "H": [X, H1]}


@wrong("one layer of ReLU more when there is one layer", fails=[ONE_LAYER])
def mlp_forward(X, weights, biases):
    Z = [X @ weights[0] + biases[0]]
    H = [X, torch.relu(Z[0])]
    if len(weights) == 1:
        return H[1], {"Z": Z, "H": H}
    for W, b in zip(weights[1:], biases[1:], strict=True):
        Z.append(H[-1] @ W + b)
        H.append(torch.relu(Z[-1]))
    return Z[-1], {"Z": Z, "H": H[:-1]}


@wrong("the logits at the end of H", fails=[CACHE, ONE_LAYER])
def mlp_forward(X, weights, biases):
    Z, H = [], [X]
    for W, b in zip(weights, biases, strict=True):
        Z.append(H[-1] @ W + b)
        H.append(torch.relu(Z[-1]))
    return Z[-1], {"Z": Z, "H": H}


@wrong("H without X", fails=[CACHE, ONE_LAYER])
def mlp_forward(X, weights, biases):
    Z, H = [], [X]
    for W, b in zip(weights, biases, strict=True):
        Z.append(H[-1] @ W + b)
        H.append(torch.relu(Z[-1]))
    return Z[-1], {"Z": Z, "H": H[1:-1]}


@wrong("ReLU in place, so that Z holds H", fails=[CACHE])
def mlp_forward(X, weights, biases):
    Z, H = [], [X]
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        Z.append(H[-1] @ W + b)
        H.append(Z[-1].relu_())
    Z.append(H[-1] @ weights[-1] + biases[-1])
    return Z[-1], {"Z": Z, "H": H}


@wrong("takes the last layer out of the lists", fails=[FORWARD_ARGUMENTS])
def mlp_forward(X, weights, biases):
    W_last, b_last = weights.pop(), biases.pop()
    Z, H = [], [X]
    for W, b in zip(weights, biases, strict=True):
        Z.append(H[-1] @ W + b)
        H.append(torch.relu(Z[-1]))
    logits = H[-1] @ W_last + b_last
    return logits, {"Z": [*Z, logits], "H": H}


@wrong("always in double precision", fails=[LOGITS, CACHE, ONE_LAYER, FORWARD_ARGUMENTS])
def mlp_forward(X, weights, biases):
    Z, H = [], [X.double()]
    for W, b in zip(weights, biases, strict=True):
        Z.append(H[-1] @ W.double() + b.double())
        H.append(torch.relu(Z[-1]))
    return Z[-1], {"Z": Z, "H": H[:-1]}


# cross_entropy


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


VALUES, STABLE = "cross-entropy-values", "cross-entropy-stable"
GRADIENT = "cross-entropy-gradient"


@wrong("the logarithm of softmax", fails=["cross-entropy-stable", "cross-entropy-stable-gradient"])
def cross_entropy(logits, y):
    return -torch.log(torch.softmax(logits, dim=1))[torch.arange(len(y)), y].mean()


@wrong("exponentials as they are", fails=["cross-entropy-stable", "cross-entropy-stable-gradient"])
def cross_entropy(logits, y):
    probs = logits.exp() / logits.exp().sum(dim=1, keepdim=True)
    return -probs.log()[torch.arange(len(y)), y].mean()


@wrong(
    "shifted by the largest logit of the minibatch",
    fails=["cross-entropy-stable", "cross-entropy-stable-gradient"],
)
def cross_entropy(logits, y):
    shifted = logits - logits.max()
    return (shifted.exp().sum(dim=1).log() - shifted[torch.arange(len(y)), y]).mean()


@wrong(
    "probabilities clamped at 1e-12",
    fails=["cross-entropy-stable", "cross-entropy-stable-gradient"],
)
def cross_entropy(logits, y):
    probs = torch.softmax(logits, dim=1).clamp(min=1e-12)
    return -probs.log()[torch.arange(len(y)), y].mean()


@wrong("logits clamped at ±80", fails=["cross-entropy-stable", "cross-entropy-stable-gradient"])
def cross_entropy(logits, y):
    return nn.functional.cross_entropy(logits.clamp(-80, 80), y)


@wrong(
    "a small number inside the logarithm",
    fails=[
        "cross-entropy-values",
        "cross-entropy-stable",
        "cross-entropy-gradient",
        "cross-entropy-stable-gradient",
    ],
)
def cross_entropy(logits, y):
    probs = torch.softmax(logits, dim=1)
    return -torch.log(probs + 1e-5)[torch.arange(len(y)), y].mean()


@wrong(
    "the sum over the minibatch",
    fails=[
        "cross-entropy-values",
        "cross-entropy-stable",
        "cross-entropy-gradient",
        "cross-entropy-stable-gradient",
    ],
)
def cross_entropy(logits, y):
    return nn.functional.cross_entropy(logits, y, reduction="sum")


@wrong(
    "the mean over all entries",
    fails=[
        "cross-entropy-values",
        "cross-entropy-stable",
        "cross-entropy-gradient",
        "cross-entropy-stable-gradient",
    ],
)
def cross_entropy(logits, y):
    one_hot = nn.functional.one_hot(y, logits.shape[1])
    return -(one_hot * torch.log_softmax(logits, 1)).mean()


@wrong(
    "softmax over the examples",
    fails=[
        "cross-entropy-values",
        "cross-entropy-stable",
        "cross-entropy-gradient",
        "cross-entropy-stable-gradient",
    ],
)
def cross_entropy(logits, y):
    return -torch.log_softmax(logits, dim=0)[torch.arange(len(y)), y].mean()


@wrong(
    "in bits",
    fails=[
        "cross-entropy-values",
        "cross-entropy-stable",
        "cross-entropy-gradient",
        "cross-entropy-stable-gradient",
    ],
)
def cross_entropy(logits, y):
    return nn.functional.cross_entropy(logits, y) / math.log(2)


@wrong(
    "the columns y of all rows",
    fails=[
        "cross-entropy-values",
        "cross-entropy-stable",
        "cross-entropy-gradient",
        "cross-entropy-stable-gradient",
    ],
)
def cross_entropy(logits, y):
    return -torch.log_softmax(logits, dim=1)[:, y].mean()


@wrong(
    "no minus sign",
    fails=[
        "cross-entropy-values",
        "cross-entropy-stable",
        "cross-entropy-gradient",
        "cross-entropy-stable-gradient",
    ],
)
def cross_entropy(logits, y):
    return torch.log_softmax(logits, dim=1)[torch.arange(len(y)), y].mean()


@wrong(
    "softmax on top of a loss that has its own",
    fails=[
        "cross-entropy-values",
        "cross-entropy-stable",
        "cross-entropy-gradient",
        "cross-entropy-stable-gradient",
    ],
)
def cross_entropy(logits, y):
    return nn.functional.cross_entropy(torch.softmax(logits, dim=1), y)


@wrong("cut off from autograd", fails=["cross-entropy-gradient", "cross-entropy-stable-gradient"])
def cross_entropy(logits, y):
    return nn.functional.cross_entropy(logits.detach(), y)


@wrong(
    "built from a Python number", fails=["cross-entropy-gradient", "cross-entropy-stable-gradient"]
)
def cross_entropy(logits, y):
    loss = nn.functional.cross_entropy(logits, y).item()
    return torch.tensor(loss, dtype=logits.dtype)


@wrong(
    "shifts the logits in place", fails=["cross-entropy-gradient", "cross-entropy-stable-gradient"]
)
def cross_entropy(logits, y):
    logits -= logits.max(dim=1, keepdim=True).values
    return nn.functional.cross_entropy(logits, y)


@wrong("a shape of (1,)", fails=[VALUES, STABLE])
def cross_entropy(logits, y):
    return nn.functional.cross_entropy(logits, y).reshape(1)


@wrong("always in double precision", fails=[VALUES, STABLE])
def cross_entropy(logits, y):
    return nn.functional.cross_entropy(logits.double(), y)


@wrong(
    "log-sum-exp only where it seems needed",
    fails=["cross-entropy-stable-gradient"],
)
def cross_entropy(logits, y):
    far = logits.abs().amax(1) > 50
    naive = logits.exp().sum(1).log()
    total = torch.where(far, logits.logsumexp(1), naive)
    return (total - logits[torch.arange(len(y)), y]).mean()


# l2_objective


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


PENALTY, PENALTY_ARGUMENTS = "l2-objective-values", "l2-objective-arguments"


@wrong("no half", fails=[PENALTY])
def l2_objective(loss, weights, weight_decay):
    return loss + weight_decay * sum((W**2).sum() for W in weights)


@wrong("the square of the sum", fails=[PENALTY])
def l2_objective(loss, weights, weight_decay):
    return loss + weight_decay / 2 * sum(W.sum() ** 2 for W in weights)


@wrong("the square of the sum of the norms", fails=[PENALTY])
def l2_objective(loss, weights, weight_decay):
    return loss + weight_decay / 2 * sum(W.norm() for W in weights) ** 2


@wrong("the first matrix alone", fails=[PENALTY])
def l2_objective(loss, weights, weight_decay):
    return loss + weight_decay / 2 * (weights[0] ** 2).sum()


@wrong("the last matrix alone", fails=[PENALTY])
def l2_objective(loss, weights, weight_decay):
    return loss + weight_decay / 2 * (weights[-1] ** 2).sum()


@wrong("the norm, not its square", fails=[PENALTY])
def l2_objective(loss, weights, weight_decay):
    return loss + weight_decay / 2 * sum(W.norm() for W in weights)


@wrong("the spectral norm", fails=[PENALTY])
def l2_objective(loss, weights, weight_decay):
    return loss + weight_decay / 2 * sum(torch.linalg.matrix_norm(W, 2) ** 2 for W in weights)


@wrong("the mean of the squares", fails=[PENALTY])
def l2_objective(loss, weights, weight_decay):
    return loss + weight_decay / 2 * sum((W**2).mean() for W in weights)


@wrong("absolute values", fails=[PENALTY])
def l2_objective(loss, weights, weight_decay):
    return loss + weight_decay / 2 * sum(W.abs().sum() for W in weights)


@wrong("the penalty without the loss", fails=[PENALTY])
def l2_objective(loss, weights, weight_decay):
    return weight_decay / 2 * sum((W**2).sum() for W in weights)


@wrong("adds to the given loss", fails=[PENALTY_ARGUMENTS])
def l2_objective(loss, weights, weight_decay):
    for W in weights:
        loss += weight_decay / 2 * (W**2).sum()
    return loss


@wrong("squares the given weights", fails=[PENALTY_ARGUMENTS])
def l2_objective(loss, weights, weight_decay):
    return loss + weight_decay / 2 * sum(W.square_().sum() for W in weights)


@wrong("returns a Python number", fails=[PENALTY, PENALTY_ARGUMENTS])
def l2_objective(loss, weights, weight_decay):
    return float(loss + weight_decay / 2 * sum((W**2).sum() for W in weights))


@wrong("the penalty in float32", fails=["l2-objective-values"])
def l2_objective(loss, weights, weight_decay):
    return loss + weight_decay / 2 * sum((W.float() ** 2).sum() for W in weights)


@wrong("the loss alone", fails=["l2-objective-values", "l2-objective-arguments"])
def l2_objective(loss, weights, weight_decay):
    return loss


# costs


@right("layer by layer")
def costs(layer_sizes, batch_size, bytes_per_value):
    parameters = multiply_adds = values = 0
    for k in range(1, len(layer_sizes)):
        fan_in, fan_out = layer_sizes[k - 1], layer_sizes[k]
        parameters += fan_in * fan_out + fan_out
        multiply_adds += batch_size * fan_in * fan_out
        values += batch_size * fan_out
    return {
        "parameters": parameters,
        "multiply_adds": multiply_adds,
        "parameter_bytes": parameters * bytes_per_value,
        "activation_bytes": values * bytes_per_value,
    }


right("by counting the entries of real layers")("""
import itertools


def costs(layer_sizes, batch_size, bytes_per_value):
    layers = [nn.Linear(i, o, device="meta") for i, o in itertools.pairwise(layer_sizes)]
    parameters = sum(p.numel() for layer in layers for p in layer.parameters())
    return dict(
        activation_bytes=bytes_per_value * batch_size * sum(la.out_features for la in layers),
        multiply_adds=batch_size * sum(la.weight.numel() for la in layers),
        parameter_bytes=bytes_per_value * parameters,
        parameters=parameters,
    )
""")

COSTS = """
def costs(layer_sizes, batch_size, bytes_per_value):
    pairs = list(zip(layer_sizes, layer_sizes[1:]))
    products, units = sum(i * o for i, o in pairs), sum(layer_sizes[1:])
    counts = {
        "parameters": products + units,
        "multiply_adds": batch_size * products,
        "parameter_bytes": (products + units) * bytes_per_value,
        "activation_bytes": batch_size * units * bytes_per_value,
    }
    %s
    return counts
"""


def count_wrongly(mistake, key, formula, fails):
    wrong(mistake, fails=fails)(COSTS % f'counts["{key}"] = {formula}')


PARAMETERS, MULTIPLY_ADDS, BYTES = "costs-parameters", "costs-multiply-adds", "costs-bytes"
count = count_wrongly
count("parameters without biases", "parameters", "products", [PARAMETERS])
count("batch times parameters", "parameters", "batch_size * (products + units)", [PARAMETERS])
count("a bias for each input, too", "parameters", "products + sum(layer_sizes)", [PARAMETERS])
count("a float", "parameters", "float(products + units)", [PARAMETERS])
count("a tensor", "parameters", "torch.tensor(products + units)", [PARAMETERS])
count("one example", "multiply_adds", "products", [MULTIPLY_ADDS])
count("biases as products", "multiply_adds", "batch_size * (products + units)", [MULTIPLY_ADDS])
count("two for each", "multiply_adds", "2 * batch_size * products", [MULTIPLY_ADDS])
count("a float of products", "multiply_adds", "1.0 * batch_size * products", [MULTIPLY_ADDS])
count("no biases in bytes", "parameter_bytes", "products * bytes_per_value", [BYTES])
count("bits", "parameter_bytes", "8 * bytes_per_value * (products + units)", [BYTES])
count("values", "parameter_bytes", "products + units", [BYTES])
count("activation bits", "activation_bytes", "8 * counts['activation_bytes']", [BYTES])
count("activations of one example", "activation_bytes", "units * bytes_per_value", [BYTES])
count(
    "hidden units without classes",
    "activation_bytes",
    "batch_size * sum(layer_sizes[1:-1]) * bytes_per_value",
    [BYTES],
)
count(
    "inputs as activations",
    "activation_bytes",
    "batch_size * sum(layer_sizes) * bytes_per_value",
    [BYTES],
)
count("a true division", "activation_bytes", "counts['activation_bytes'] / 1", [BYTES])


wrong("takes the sizes out of the list", fails=["costs-arguments"])(
    COSTS.replace("    pairs", "    sizes = layer_sizes\n    pairs") % "sizes.clear()"
)


# example_leak


@right("one gradient per output")
def example_leak(f, X):
    inputs = X.detach().clone().requires_grad_()
    outputs = f(inputs)
    worst = 0.0
    if not outputs.requires_grad:
        return worst
    for i in range(outputs.shape[0]):
        others = [j for j in range(len(X)) if j != i]
        for output in outputs[i]:
            (grad,) = torch.autograd.grad(output, inputs, retain_graph=True, allow_unused=True)
            if grad is not None and others:
                worst = max(worst, float(grad[others].abs().max()))
    return worst


@right("by torch.func, block by block")
def example_leak(f, X):
    jacobian = torch.func.jacrev(f)(X)
    blocks = [jacobian[i, :, j] for i in range(len(X)) for j in range(len(X)) if i != j]
    return torch.stack(blocks).abs().max() if blocks else torch.tensor(0.0, dtype=X.dtype)


@right("forward mode, one input at a time")
def example_leak(f, X):
    worst = 0.0
    for j in range(X.shape[0]):
        for k in range(X.shape[1]):
            tangent = torch.zeros_like(X)
            tangent[j, k] = 1
            change = torch.autograd.functional.jvp(f, X, tangent)[1].detach().abs()
            change[j] = 0
            worst = max(worst, change.max().item())
    return worst


LEAK, NO_LEAK = "example-leak-values", "example-leak-none"
LEAK_ARGUMENTS = "example-leak-arguments"


@wrong("an example's effect on itself counts", fails=[LEAK, NO_LEAK])
def example_leak(f, X):
    return torch.autograd.functional.jacobian(f, X).abs().max().item()


@wrong("the change of the result when one entry moves by 1", fails=[LEAK])
def example_leak(f, X):
    worst, before = 0.0, f(X).detach()
    for j in range(X.shape[0]):
        for k in range(X.shape[1]):
            moved = X.clone()
            moved[j, k] += 1
            change = (f(moved).detach() - before).abs()
            change[j] = 0
            worst = max(worst, change.max().item())
    return worst


@wrong("forward differences with a step of 1e-3", fails=[LEAK])
def example_leak(f, X):
    worst, before = 0.0, f(X).detach()
    for j in range(X.shape[0]):
        for k in range(X.shape[1]):
            moved = X.clone()
            moved[j, k] += 1e-3
            change = (f(moved).detach() - before).abs() / 1e-3
            change[j] = 0
            worst = max(worst, change.max().item())
    return worst


@wrong("compares each example with its result alone", fails=[LEAK])
def example_leak(f, X):
    alone = torch.cat([f(X[i : i + 1]) for i in range(len(X))])
    return (f(X) - alone).abs().max().item()


@wrong(
    "asks only whether the result is finite",
    fails=["example-leak-values", "example-leak-none", "example-leak-arguments"],
)
def example_leak(f, X):
    return 0.0 if f(X).isfinite().all() else math.inf


@wrong("the sum of the outputs of an example", fails=[LEAK])
def example_leak(f, X):
    jacobian = torch.autograd.functional.jacobian(lambda X: f(X).sum(dim=1), X)
    return jacobian.abs().amax(dim=2).fill_diagonal_(0).max().item()


@wrong("signed derivatives", fails=[LEAK])
def example_leak(f, X):
    jacobian = torch.autograd.functional.jacobian(f, X)
    return max(0.0, jacobian.amax(dim=(1, 3)).fill_diagonal_(0).max().item())


@wrong("a norm for the largest entry", fails=[LEAK])
def example_leak(f, X):
    jacobian = torch.autograd.functional.jacobian(f, X)
    return jacobian.norm(dim=(1, 3)).fill_diagonal_(0).max().item()


@wrong("the first example alone", fails=[LEAK])
def example_leak(f, X):
    jacobian = torch.autograd.functional.jacobian(f, X)
    return jacobian[0, :, 1:].abs().max().item() if len(X) > 1 else 0.0


@wrong("neighbours alone", fails=[LEAK])
def example_leak(f, X):
    jacobian = torch.autograd.functional.jacobian(f, X)
    effects = [jacobian[i + 1, :, i].abs().max().item() for i in range(len(X) - 1)]
    return max(effects, default=0.0)


@wrong("fails for a single example", fails=[NO_LEAK])
def example_leak(f, X):
    jacobian = torch.autograd.functional.jacobian(f, X)
    apart = ~torch.eye(len(X), dtype=torch.bool)
    return jacobian.abs().amax(dim=(1, 3))[apart].max().item()


@wrong("fails for a constant", fails=[NO_LEAK])
def example_leak(f, X):
    inputs = X.detach().clone().requires_grad_()
    outputs = f(inputs)
    worst = 0.0
    for i in range(len(X)):
        for output in outputs[i]:
            (grad,) = torch.autograd.grad(output, inputs, retain_graph=True)
            worst = max([worst, *(float(grad[j].abs().max()) for j in range(len(X)) if j != i)])
    return worst


@wrong("makes the given minibatch require grad", fails=[LEAK_ARGUMENTS])
def example_leak(f, X):
    X.requires_grad_()
    jacobian = torch.autograd.functional.jacobian(f, X)
    return jacobian.abs().amax(dim=(1, 3)).fill_diagonal_(0).max().item()


# the question

right("a small letter")('choice = "b"')
wrong("it overfits", fails=["forward-propagation-choice-answer"])('choice = "A"')
wrong("only slower", fails=["forward-propagation-choice-answer"])('choice = "C"')
wrong("random is random", fails=["forward-propagation-choice-answer"])('choice = "D"')
