"""Right and wrong answers to `mlp_backward`."""

import torch
from torch import nn

from mlpgrader.variants import Slips, equivalent, right, wrong

OBJECTIVE = "mlp-backward-objective"
GRADIENTS = "mlp-backward-gradients"
PENALTY = "mlp-backward-penalty"
KINK = "mlp-backward-kink"
NO_GRAD = "mlp-backward-no-grad"
STABLE = "mlp-backward-stable"
ARGUMENTS = "mlp-backward-arguments"
DTYPE = "mlp-backward-dtype"


@wrong(
    "autograd, allowed again",
    fails=["mlp-backward-no-grad"],
    is_slip=True,
    kind="raised",
)
def mlp_backward(X, y, weights, biases, weight_decay):
    with torch.enable_grad():
        Ws = [W.detach().clone().requires_grad_() for W in weights]
        bs = [b.detach().clone().requires_grad_() for b in biases]
        H = X
        for k, (W, b) in enumerate(zip(Ws, bs, strict=True)):
            H = (H.relu() if k else H) @ W + b
        J = nn.functional.cross_entropy(H, y)
        J = J + weight_decay / 2 * sum(W.square().sum() for W in Ws)
        grads = torch.autograd.grad(J, Ws + bs)
    return J.item(), list(grads[: len(Ws)]), list(grads[len(Ws) :])


@right("recursive, gradient by gradient")
def mlp_backward(X, y, weights, biases, weight_decay):
    N = X.shape[0]

    def through(H, k):
        """Return loss, gradient by H, and the gradients of the layers from k on."""
        W, Z = weights[k], H @ weights[k] + biases[k]
        if k == len(weights) - 1:
            level = Z.max(1, keepdim=True)[0]
            normalizer = level + (Z - level).exp().sum(1, keepdim=True).log()
            target = nn.functional.one_hot(y, Z.shape[1]).to(Z)
            loss = ((normalizer - Z) * target).sum() / N
            dZ, dWs, dbs = ((Z - normalizer).exp() - target) / N, [], []
        else:
            loss, dH, dWs, dbs = through(Z.clamp(min=0), k + 1)
            dZ = torch.where(Z > 0, dH, torch.zeros_like(dH))
        loss = loss + weight_decay / 2 * (W * W).sum()
        return loss, dZ @ W.T, [H.T @ dZ + weight_decay * W, *dWs], [dZ.sum(0), *dbs]

    J, _, dweights, dbiases = through(X, 0)
    return float(J), dweights, dbiases


MLP = """
def mlp_backward(X, y, weights, biases, weight_decay):
    N, H, Z = len(y), [X], []
    for W, b in zip(weights, biases):
        Z.append(H[-1] @ W + b)
        H.append(torch.relu(Z[-1]))
    log_probs = torch.log_softmax(Z[-1], dim=1)
    rows = torch.arange(N)
    J = -log_probs[rows, y].mean()
    J = J + weight_decay / 2 * sum((W ** 2).sum() for W in weights)
    dZ = log_probs.exp()
    dZ[rows, y] -= 1
    dZ = dZ / N
    dweights, dbiases = [None] * len(weights), [None] * len(weights)
    for k in reversed(range(len(weights))):
        dweights[k] = H[k].T @ dZ + weight_decay * weights[k]
        dbiases[k] = dZ.sum(0)
        if k > 0:
            dZ = (dZ @ weights[k].T) * (Z[k - 1] > 0)
    return J, dweights, dbiases
"""
right("with all pre-activations")(MLP)
slip = Slips(MLP, "mlp-backward")
slip(
    "1/N is missing",
    "gradients",
    ("dZ = dZ / N", "dZ = dZ"),
    kind="summed",
    is_slip=True,
    says=(
        "The loss is a mean over the minibatch: the gradient of the logits is to be "
        "divided by its size."
    ),
    read="The whole network by hand",
)
# its gradients are those of the mean
slip(
    "the sum of the losses",
    "objective",
    ("y].mean()", "y].sum()"),
    kind="summed",
    is_slip=True,
    says="`J` holds the sum of the losses; the mean is due.",
    read="The whole network by hand",
)
slip(
    "no derivative of ReLU",
    "gradients kink stable",
    (" * (Z[k - 1] > 0)", ""),
    says="On the way back the gradient has to pass each ReLU: it is 0 where the unit was off.",
    read="The whole network by hand",
)
slip(
    "H for the derivative",
    "gradients kink stable",
    ("(Z[k - 1] > 0)", "H[k]"),
    says="You multiply by the activation itself, where the derivative of ReLU is due: 1 or 0.",
    read="The whole network by hand",
)
slip(
    "Z for the derivative",
    "gradients kink stable",
    ("(Z[k - 1] > 0)", "Z[k - 1]"),
    says=(
        "You multiply by the pre-activation itself, where the derivative of ReLU is due: 1 or 0."
    ),
    read="The whole network by hand",
)
slip("derivative 1 at 0", "kink", ("(Z[k - 1] > 0)", "(Z[k - 1] >= 0)"), is_slip=True)
slip(
    "derivative 1/2 at 0",
    "kink",
    ("(Z[k - 1] > 0)", "((Z[k - 1] > 0).to(dZ) + (Z[k - 1] >= 0).to(dZ)) / 2"),
)
slip(
    "the mask of the next layer",
    "gradients kink stable",
    ("(Z[k - 1] > 0)", "(dZ @ weights[k].T > 0)"),
    says="A layer's gradient meets the mask of another layer.",
    read="The whole network by hand",
    kind="zero",
)
slip(
    "2 lambda",
    "penalty",
    ("+ weight_decay * weights[k]", "+ 2 * weight_decay * weights[k]"),
    kind="factor",
    is_slip=True,
    says=(
        "The penalty holds a half, so that its gradient is `weight_decay * W`; yours is twice that."
    ),
    read="The whole network by hand",
)
slip(
    "lambda / 2 in the gradient",
    "penalty",
    ("+ weight_decay * w", "+ weight_decay / 2 * w"),
    kind="factor",
    says=(
        "The half of the penalty cancels with the 2 of the square: the gradient is "
        "`weight_decay * W`."
    ),
    read="The whole network by hand",
)
slip(
    "no penalty in the gradient",
    "penalty",
    (" + weight_decay * weights[k]", ""),
    says="`J` holds the penalty, and the gradients of the weights do not.",
    read="The whole network by hand",
    kind="zero",
)
slip(
    "the sign of the penalty",
    "penalty",
    ("+ weight_decay * w", "- weight_decay * w"),
    kind="negated",
)
slip(
    "penalty over N",
    "penalty",
    ("+ weight_decay * weights[k]", "+ weight_decay * weights[k] / N"),
    kind="factor",
)
slip(
    "no half in the penalty",
    "penalty",
    ("weight_decay / 2 *", "weight_decay *"),
    kind="factor",
    says="The half of the penalty is missing in `J`.",
    read="The whole network by hand",
)
slip(
    "no penalty in J",
    "penalty",
    ("J = J + weight_decay / 2 * sum", "0 * sum"),
    says="The gradients hold the penalty, and `J` does not.",
    read="The whole network by hand",
    kind="zero",
)
slip("penalty of the first layer", "penalty", ("for W in weights)\n", "for W in weights[:1])\n"))
slip(
    "penalized biases",
    "penalty",
    ("dZ.sum(0)", "dZ.sum(0) + weight_decay * biases[k]"),
    is_slip=True,
    says="You penalize the biases, too; the penalty is on the weights alone.",
    read="The whole network by hand",
)
slip(
    "penalized biases, in J alone",
    "penalty",
    ("for W in weights)\n", "for W in [*weights, *biases])\n"),
)
slip(
    "mean of the bias gradients",
    "gradients",
    ("dZ.sum(0)", "dZ.mean(0)"),
    kind="averaged",
    is_slip=True,
    says=(
        "The gradients of the biases are means over the examples. What these contribute "
        "adds up; the 1/N is in the loss already."
    ),
)
slip(
    "bias gradients keep a dimension",
    "gradients no-grad",
    ("dZ.sum(0)", "dZ.sum(0, keepdim=True)"),
    kind="wrong-shape",
    is_slip=True,
)
slip(
    "a step before the gradient is handed on",
    "gradients penalty kink stable",
    (
        "        if k > 0:\n",
        "        weights = [*weights]\n"
        "        weights[k] = weights[k] - 0.1 * dweights[k]\n"
        "        if k > 0:\n",
    ),
)
slip(
    "the logarithm of softmax",
    "stable",
    ("log_softmax(Z[-1], dim=1)", "softmax(Z[-1], 1).log()"),
    kind="not-finite",
)
slip(
    "exponentials as they are",
    "stable",
    ("torch.log_softmax(Z[-1], dim=1)", "(Z[-1].exp() / Z[-1].exp().sum(1, keepdim=True)).log()"),
    kind="not-finite",
)
slip(
    "shifted by the largest logit of the minibatch",
    "stable",
    (
        "torch.log_softmax(Z[-1], dim=1)",
        "(torch.exp(Z[-1] - Z[-1].max())"
        " / torch.exp(Z[-1] - Z[-1].max()).sum(1, keepdim=True)).log()",
    ),
    kind="not-finite",
)
slip(
    "softmax over the examples",
    "objective gradients kink no-grad stable",
    ("dim=1)", "dim=0)"),
    says="The softmax runs over the examples; it belongs over the classes of each.",
    read="Softmax and cross-entropy in one line",
)
slip(
    "ReLU on the logits",
    "objective gradients kink no-grad stable",
    ("log_softmax(Z[-1]", "log_softmax(H[-1]"),
)
slip(
    "the last layer's bias in all",
    "objective gradients penalty kink no-grad stable arguments dtype",
    ("@ W + b", "@ W + biases[-1]"),
    kind="raised",
)
slip(
    "always in double precision",
    "gradients dtype",
    (
        "H, Z = len(y), [X], []",
        "H, Z = len(y), [X.double()], []\n"
        "    weights = [W.double() for W in weights]\n"
        "    biases = [b.double() for b in biases]",
    ),
    kind="other-dtype",
    is_slip=True,
)
slip(
    "gradients from last to first",
    "gradients penalty kink no-grad stable",
    ("return J, dweights, dbiases", "return J, dweights[::-1], dbiases[::-1]"),
    kind="reversed",
)
slip(
    "takes the step itself",
    "arguments",
    (
        "    return J",
        "    for W, dW in zip(weights, dweights):\n        W -= 0.1 * dW\n    return J",
    ),
    kind="argument-changed",
    is_slip=True,
)


@wrong(
    "two layers, whatever the lists",
    fails=[OBJECTIVE, GRADIENTS, PENALTY, KINK, NO_GRAD, STABLE, ARGUMENTS, DTYPE],
    kind="wrong-length",
)
def mlp_backward(X, y, weights, biases, weight_decay):
    (W1, W2), (b1, b2) = weights, biases
    H = torch.relu(X @ W1 + b1)
    log_probs = torch.log_softmax(H @ W2 + b2, dim=1)
    J = -log_probs[torch.arange(len(y)), y].mean()
    J = J + weight_decay / 2 * ((W1**2).sum() + (W2**2).sum())
    dlogits = (log_probs.exp() - nn.functional.one_hot(y, W2.shape[1])) / len(y)
    dZ = dlogits @ W2.T * (H > 0)
    dweights = [X.T @ dZ + weight_decay * W1, H.T @ dlogits + weight_decay * W2]
    return J, dweights, [dZ.sum(0), dlogits.sum(0)]


@wrong(
    "autograd, which no_grad switches off",
    fails=["mlp-backward-no-grad"],
    is_slip=True,
    kind="raised",
)
def mlp_backward(X, y, weights, biases, weight_decay):
    Ws = [W.detach().clone().requires_grad_() for W in weights]
    bs = [b.detach().clone().requires_grad_() for b in biases]
    H = X
    for k, (W, b) in enumerate(zip(Ws, bs, strict=True)):
        H = (H.relu() if k else H) @ W + b
    J = nn.functional.cross_entropy(H, y) + weight_decay / 2 * sum((W**2).sum() for W in Ws)
    J.backward()
    return J.detach(), [W.grad for W in Ws], [b.grad for b in bs]


@wrong(
    "autograd on the given tensors",
    fails=["mlp-backward-no-grad", "mlp-backward-arguments"],
    kind="argument-changed",
)
def mlp_backward(X, y, weights, biases, weight_decay):
    for t in (*weights, *biases):
        t.requires_grad_()
    H = X
    for k, (W, b) in enumerate(zip(weights, biases, strict=True)):
        H = (H.relu() if k else H) @ W + b
    J = nn.functional.cross_entropy(H, y) + weight_decay / 2 * sum((W**2).sum() for W in weights)
    grads = torch.autograd.grad(J, [*weights, *biases])
    return J.detach(), list(grads[: len(weights)]), list(grads[len(weights) :])


@right("leaves inference mode on purpose, with autograd")
def mlp_backward(X, y, weights, biases, weight_decay):
    with torch.inference_mode(False), torch.enable_grad():
        X, y = X.clone(), y.clone()
        Ws = [W.detach().clone().requires_grad_() for W in weights]
        bs = [b.detach().clone().requires_grad_() for b in biases]
        H = X
        for k, (W, b) in enumerate(zip(Ws, bs, strict=True)):
            H = (H.relu() if k else H) @ W + b
        J = nn.functional.cross_entropy(H, y)
        J = J + weight_decay / 2 * sum(W.square().sum() for W in Ws)
        grads = torch.autograd.grad(J, Ws + bs)
    return J.item(), list(grads[: len(Ws)]), list(grads[len(Ws) :])


@right("example by example")
def mlp_backward(X, y, weights, biases, weight_decay):
    N, J = len(X), weight_decay / 2 * sum(float(W.norm()) ** 2 for W in weights)
    dweights = [weight_decay * W.detach() for W in weights]
    dbiases = [torch.zeros_like(b) for b in biases]
    for x, label in zip(X, y, strict=True):
        h = [x]
        for k, (W, b) in enumerate(zip(weights, biases, strict=True)):
            z = h[k] @ W + b
            h.append(torch.clamp(z, min=0) if k < len(weights) - 1 else z)
        J += float(torch.logsumexp(h[-1], 0) - h[-1][label]) / N
        delta = torch.softmax(h[-1], 0) / N
        delta[label] -= 1 / N
        for k in range(len(weights) - 1, -1, -1):
            dweights[k] = dweights[k] + torch.outer(h[k], delta)
            dbiases[k] = dbiases[k] + delta
            delta = (weights[k] @ delta) * torch.sign(h[k]).clamp(min=0)
    return J, tuple(dweights), tuple(dbiases)


slip(
    "as many classes as occur",
    "objective gradients kink no-grad stable arguments dtype",
    ("dZ[rows, y] -= 1", "dZ = dZ - nn.functional.one_hot(y)"),
)
slip(
    "a gradient in float32",
    "dtype",
    ("    return J, dweights, dbiases", "    return J, [d.float() for d in dweights], dbiases"),
    is_slip=True,
    kind="lower-precision",
)
slip(
    "1/N twice",
    "gradients",
    ("dZ = dZ / N", "dZ = dZ / N**2"),
    kind="averaged",
    is_slip=True,
    says="You divide by the size of the minibatch twice.",
    read="The whole network by hand",
)
slip(
    "1/N in each layer",
    "gradients kink stable",
    ("dZ = (dZ @ weights[k].T)", "dZ = (dZ @ weights[k].T) / N"),
    kind="factor",
    says="You divide by the size of the minibatch in each layer. Once is enough, at the logits.",
    read="The whole network by hand",
)
slip(
    "labels minus probabilities",
    "gradients kink no-grad stable",
    ("dZ = dZ / N", "dZ = -dZ / N"),
    kind="negated",
    says=(
        "Your gradient points the other way: it is the probabilities less the labels, "
        "not the reverse."
    ),
    read="Softmax and cross-entropy in one line",
)
slip(
    "a row of probabilities, nothing taken off",
    "gradients kink no-grad stable",
    ("    dZ[rows, y] -= 1\n", ""),
    says="The 1 of the true class has to be taken off the probabilities.",
    read="Softmax and cross-entropy in one line",
)
slip(
    "W for its transpose where that fits",
    "gradients kink stable",
    (
        "dZ = (dZ @ weights[k].T)",
        "dZ = (dZ @ (weights[k] if len(set(weights[k].shape)) == 1 else weights[k].T))",
    ),
)
slip(
    "the derivative of ReLU at the output, too",
    "gradients kink no-grad stable",
    ("        dweights[k] =", "        dZ = dZ * (Z[k] > 0)\n        dweights[k] ="),
)
slip(
    "no gradients under no_grad",
    "no-grad",
    (
        "    return J, dweights",
        "    if not torch.is_grad_enabled():\n        return J, [], []\n    return J, dweights",
    ),
    is_slip=True,
    kind="wrong-length",
)
slip(
    "prints and returns nothing",
    "objective gradients penalty kink no-grad stable arguments dtype",
    ("return J, dweights, dbiases", "print(J, dweights, dbiases)"),
    kind="printed",
)
slip(
    "the objective alone",
    "objective gradients penalty kink no-grad stable arguments dtype",
    ("return J, dweights, dbiases", "return J"),
    kind="wrong-type",
)

equivalent(
    "X, y, log_probs and dZ have one row for each example",
    "rows = torch.arange(len(y))",
    "rows = torch.arange(len(X))",
)
equivalent(
    "X, y, log_probs and dZ have one row for each example",
    "rows = torch.arange(len(y))",
    "rows = torch.arange(len(log_probs))",
)
equivalent("X, y, log_probs and dZ have one row for each example", "dZ /= len(y)", "dZ /= len(X)")
equivalent(
    "X, y, log_probs and dZ have one row for each example", "dZ /= len(y)", "dZ /= len(log_probs)"
)
equivalent(
    "X, y, log_probs and dZ have one row for each example", "dZ /= len(y)", "dZ /= len(rows)"
)
equivalent("X, y, log_probs and dZ have one row for each example", "dZ /= len(y)", "dZ /= len(dZ)")
equivalent(
    "two empty lists, by either name",
    "dweights, dbiases = ([], [])",
    "dbiases, dweights = ([], [])",
)
