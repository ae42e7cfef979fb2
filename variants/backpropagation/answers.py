"""Right and wrong answers to the set *backpropagation*."""

import torch
from torch import nn

from mlpgrader.variants import right, wrong

# affine_backward


@right("by index notation")
def affine_backward(dY, X, W):
    dX = torch.einsum("ik,jk->ij", dY, W)
    dW = torch.einsum("ij,ik->jk", X, dY)
    return dX, dW, torch.einsum("ik->k", dY)


@right("one example after the other")
def affine_backward(dY, X, W):
    dX, dW, db = torch.zeros_like(X), torch.zeros_like(W), torch.zeros_like(dY[0])
    for i in range(len(X)):
        dX[i] = W @ dY[i]
        dW += torch.outer(X[i], dY[i])
        db += dY[i]
    return [dX, dW, db]


AFFINE = ["affine-backward-values", "affine-backward-square"]


@wrong("W for its transpose", fails=AFFINE)
def affine_backward(dY, X, W):
    return dY @ W, X.T @ dY, dY.sum(0)


@wrong("the first product whose shapes fit", fails=["affine-backward-square"])
def affine_backward(dY, X, W):
    dX = dY @ W if dY.shape[1] == W.shape[0] else dY @ W.T
    dW = X @ dY if X.shape[1] == dY.shape[0] and len(X) == len(W) else X.T @ dY
    return dX, dW, dY.sum(0)


@wrong("dW transposed", fails=AFFINE)
def affine_backward(dY, X, W):
    return dY @ W.T, dY.T @ X, dY.sum(0)


@wrong("dW reshaped until it fits", fails=AFFINE)
def affine_backward(dY, X, W):
    return dY @ W.T, (dY.T @ X).reshape(W.shape), dY.sum(0)


@wrong("the mean over the minibatch", fails=AFFINE)
def affine_backward(dY, X, W):
    return dY @ W.T, X.T @ dY / len(X), dY.mean(0)


@wrong("the mean for the bias alone", fails=["affine-backward-values"])
def affine_backward(dY, X, W):
    return dY @ W.T, X.T @ dY, dY.mean(0)


@wrong("the bias gradient keeps its dimension", fails=["affine-backward-values"])
def affine_backward(dY, X, W):
    return dY @ W.T, X.T @ dY, dY.sum(0, keepdim=True)


@wrong("the bias gradient is dY", fails=["affine-backward-values"])
def affine_backward(dY, X, W):
    return dY @ W.T, X.T @ dY, dY


@wrong("the bias gradient sums over the units", fails=["affine-backward-values"])
def affine_backward(dY, X, W):
    return dY @ W.T, X.T @ dY, dY.sum(1)


@wrong("adds up in the given dY", fails=["affine-backward-values"])
def affine_backward(dY, X, W):
    dX, dW = dY @ W.T, X.T @ dY
    for row in dY[1:]:
        dY[0] += row
    return dX, dW, dY[0]


# mlp_backward


@right("the given autograd, allowed again")
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


EVERYTHING = ["objective", "gradients", "penalty", "kink", "no-grad", "stable", "arguments"]
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


def edited(mistake, old, new, fails):
    assert MLP.count(old) == 1, old
    wrong(mistake, fails=[f"mlp-backward-{part}" for part in fails.split()])(MLP.replace(old, new))


right("with all pre-activations")(MLP)
edited("1/N is missing", "dZ = dZ / N", "dZ = dZ", "gradients penalty kink no-grad stable")
edited(
    "the sum of the losses", "y].mean()", "y].sum()", "objective penalty stable"
)  # its gradients are those of the mean
edited("no derivative of ReLU", " * (Z[k - 1] > 0)", "", "gradients penalty kink stable")
edited("H for the derivative", "(Z[k - 1] > 0)", "H[k]", "gradients penalty kink stable")
edited("Z for the derivative", "(Z[k - 1] > 0)", "Z[k - 1]", "gradients penalty kink stable")
edited("derivative 1 at 0", "(Z[k - 1] > 0)", "(Z[k - 1] >= 0)", "kink")
edited(
    "derivative 1/2 at 0",
    "(Z[k - 1] > 0)",
    "((Z[k - 1] > 0).to(dZ) + (Z[k - 1] >= 0).to(dZ)) / 2",
    "kink",
)
edited(
    "the mask of the next layer",
    "(Z[k - 1] > 0)",
    "(dZ @ weights[k].T > 0)",
    "gradients penalty kink stable",
)
edited("2 lambda", "+ weight_decay * weights[k]", "+ 2 * weight_decay * weights[k]", "penalty")
edited("lambda / 2 in the gradient", "+ weight_decay * w", "+ weight_decay / 2 * w", "penalty")
edited("no penalty in the gradient", " + weight_decay * weights[k]", "", "penalty")
edited("the sign of the penalty", "+ weight_decay * w", "- weight_decay * w", "penalty")
edited(
    "penalty over N", "+ weight_decay * weights[k]", "+ weight_decay * weights[k] / N", "penalty"
)
edited("no half in the penalty", "weight_decay / 2 *", "weight_decay *", "penalty")
edited("no penalty in J", "J = J + weight_decay / 2 * sum", "0 * sum", "penalty")
edited("penalty of the first layer", "for W in weights)\n", "for W in weights[:1])\n", "penalty")
edited("penalized biases", "dZ.sum(0)", "dZ.sum(0) + weight_decay * biases[k]", "penalty")
edited(
    "penalized biases, in J alone",
    "for W in weights)\n",
    "for W in [*weights, *biases])\n",
    "penalty",
)
edited(
    "mean of the bias gradients", "dZ.sum(0)", "dZ.mean(0)", "gradients penalty kink no-grad stable"
)
edited(
    "bias gradients keep a dimension",
    "dZ.sum(0)",
    "dZ.sum(0, keepdim=True)",
    "gradients penalty kink no-grad stable",
)
edited(
    "a step before the gradient is handed on",
    "        if k > 0:\n",
    "        weights = [*weights]\n"
    "        weights[k] = weights[k] - 0.1 * dweights[k]\n"
    "        if k > 0:\n",
    "gradients penalty kink stable",
)
edited("the logarithm of softmax", "log_softmax(Z[-1], dim=1)", "softmax(Z[-1], 1).log()", "stable")
edited(
    "exponentials as they are",
    "torch.log_softmax(Z[-1], dim=1)",
    "(Z[-1].exp() / Z[-1].exp().sum(1, keepdim=True)).log()",
    "stable",
)
edited(
    "shifted by the largest logit of the minibatch",
    "torch.log_softmax(Z[-1], dim=1)",
    "(torch.exp(Z[-1] - Z[-1].max()) / torch.exp(Z[-1] - Z[-1].max()).sum(1, keepdim=True)).log()",
    "stable",
)
edited(
    "softmax over the examples",
    "dim=1)",
    "dim=0)",
    "objective gradients penalty kink no-grad stable",
)
edited(
    "ReLU on the logits",
    "log_softmax(Z[-1]",
    "log_softmax(H[-1]",
    "objective gradients penalty kink no-grad stable",
)
edited(
    "the last layer's bias in all",
    "@ W + b",
    "@ W + biases[-1]",
    "objective gradients penalty kink no-grad stable arguments",
)
edited(
    "always in double precision",
    "H, Z = len(y), [X], []",
    "H, Z = len(y), [X.double()], []\n"
    "    weights = [W.double() for W in weights]\n"
    "    biases = [b.double() for b in biases]",
    "gradients penalty kink no-grad stable",
)
edited(
    "gradients from last to first",
    "return J, dweights, dbiases",
    "return J, dweights[::-1], dbiases[::-1]",
    "gradients penalty kink no-grad stable",
)
edited(
    "takes the step itself",
    "    return J",
    "    for W, dW in zip(weights, dweights):\n        W -= 0.1 * dW\n    return J",
    "arguments",
)


@wrong(
    "two layers, whatever the lists",
    fails=[f"mlp-backward-{part}" for part in EVERYTHING],
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


@wrong("autograd, which no_grad switches off", fails=["mlp-backward-no-grad"])
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


# gradient_error


@right("entry by entry, with numbers")
def gradient_error(f, x, grad):
    step, worst = 5e-6, 0.0
    flat, claimed = x.detach().clone().reshape(-1), grad.reshape(-1).tolist()
    for i, g in enumerate(claimed):
        up, down = flat.clone(), flat.clone()
        up[i] += step
        down[i] -= step
        with torch.no_grad():
            n = (float(f(up.view(x.shape))) - float(f(down.view(x.shape)))) / (2 * step)
        if g != n:
            worst = max(worst, abs(g - n) / max(abs(g), abs(n)))
    return worst


@right("a row of the identity at a time, steps of 1e-5")
def gradient_error(f, x, grad):
    directions = 1e-5 * torch.eye(x.numel(), dtype=x.dtype).reshape(-1, *x.shape)
    n = torch.stack([(f(x + d) - f(x - d)) / 2e-5 for d in directions]).reshape(x.shape)
    error = (grad - n).abs() / torch.maximum(grad.abs(), n.abs())
    return error.nan_to_num(nan=0.0).max()


ERROR = """
def gradient_error(f, x, grad):
    n, h = torch.zeros_like(x), 1e-6
    for i in range(x.numel()):
        e = torch.zeros_like(x)
        e.view(-1)[i] = h
        n.view(-1)[i] = (f(x + e) - f(x - e)) / (2 * h)
    scale = torch.maximum(grad.abs(), n.abs())
    error = torch.where(scale > 0, (grad - n).abs() / scale, 0.0)
    return error.max().item()
"""


def slip(mistake, old, new, fails):
    assert ERROR.count(old) == 1, old
    fails = [f"gradient-error-{part}" for part in fails.split()]
    wrong(mistake, fails=fails)(ERROR.replace(old, new))


GRADIENT = """

def gradient(f, x):
    x = x.clone().requires_grad_()
    with torch.enable_grad():
        return torch.autograd.grad(f(x), x, allow_unused=True, materialize_grads=True)[0]
"""
CENTRED = "(f(x + e) - f(x - e)) / (2 * h)"
right("where the scale is positive")(ERROR)
slip("forward differences", CENTRED, "(f(x + e) - f(x)) / h", "right")
wrong("forward differences of 1e-7", fails=["gradient-error-right"])(
    ERROR.replace(CENTRED, "(f(x + e) - f(x)) / h").replace("1e-6", "1e-7")
)
slip("centered steps of 1e-8", "1e-6", "1e-8", "right")
wrong("autograd for differences", fails=["gradient-error-right"])(
    ERROR.replace(CENTRED, "gradient(f, x).view(-1)[i]") + GRADIENT
)
slip("the first entry left out", "range(x.numel())", "range(1, x.numel())", "right wrong zero")
slip("a step of 1e-2", "1e-6", "1e-2", "right wrong")
slip("a step of 1e-12", "1e-6", "1e-12", "right wrong zero")
slip("no 2 in the quotient", "(2 * h)", "h", "right wrong zero")
slip(
    "float32", "f(x + e) - f(x - e)", "f((x + e).float()) - f((x - e).float())", "right wrong zero"
)
slip("the absolute error", "(grad - n).abs() / scale", "(grad - n).abs()", "right wrong zero")
slip("the mean error", "error.max()", "error.mean()", "wrong zero")
slip("the first entry alone", "error.max()", "error.view(-1)[0]", "wrong zero")
slip(
    "relative to the claimed gradient",
    "torch.maximum(grad.abs(), n.abs())",
    "grad.abs()",
    "wrong zero",
)
slip("relative to the sum", "torch.maximum(grad.abs(), n.abs())", "grad.abs() + n.abs()", "wrong")
slip(
    "a small number in the denominator",
    "(grad - n).abs() / scale",
    "(grad - n).abs() / (scale + 1e-8)",
    "wrong zero",
)
slip("signed errors", "(grad - n).abs() / scale", "(grad - n) / scale", "right wrong")
slip(
    "0 / 0 is nan",
    "torch.where(scale > 0, (grad - n).abs() / scale, 0.0)",
    "(grad - n).abs() / scale",
    "zero",
)
slip("0 / 0 is 1", ", 0.0)", ", 1.0)", "zero")
slip("zeros are left out", "scale > 0", "(grad != 0) & (n != 0)", "wrong zero")


@wrong(
    "relative to the norm of the whole gradient",
    fails=["gradient-error-wrong", "gradient-error-zero"],
)
def gradient_error(f, x, grad):
    n = torch.zeros_like(x)
    for i in range(x.numel()):
        e = torch.zeros_like(x)
        e.view(-1)[i] = 1e-6
        n.view(-1)[i] = (f(x + e) - f(x - e)) / 2e-6
    scale = max(grad.norm(), n.norm())
    return ((grad - n).norm() / scale).item() if scale > 0 else 0.0


@wrong(
    "says yes or no",
    fails=[
        "gradient-error-right",
        "gradient-error-wrong",
        "gradient-error-zero",
        "gradient-error-arguments",
    ],
)
def gradient_error(f, x, grad):
    n = torch.zeros_like(x)
    for i in range(x.numel()):
        e = torch.zeros_like(x)
        e.view(-1)[i] = 1e-6
        n.view(-1)[i] = (f(x + e) - f(x - e)) / 2e-6
    return torch.allclose(grad, n, rtol=1e-6)


@wrong("moves the given x there and back", fails=["gradient-error-arguments"])
def gradient_error(f, x, grad):
    flat, n = x.view(-1), torch.zeros_like(x)
    for i in range(x.numel()):
        flat[i] += 1e-6
        up = f(x).item()
        flat[i] -= 2e-6
        n.view(-1)[i] = (up - f(x).item()) / 2e-6
        flat[i] += 1e-6
    scale = torch.maximum(grad.abs(), n.abs())
    return ((grad - n).abs() / scale.clamp(min=1e-300)).max().item()


@wrong(
    "leaves x where the last step took it",
    fails=[
        "gradient-error-arguments",
        "gradient-error-right",
        "gradient-error-wrong",
    ],
)
def gradient_error(f, x, grad):
    flat, n = x.view(-1), torch.zeros_like(x)
    for i in range(x.numel()):
        flat[i] += 1e-2
        up = f(x).item()
        flat[i] -= 2e-2
        n.view(-1)[i] = (up - f(x).item()) / 2e-2
    scale = torch.maximum(grad.abs(), n.abs())
    return ((grad - n).abs() / scale.clamp(min=1e-300)).max().item()


# Value

right("closures, in the order of a search without recursion")("""
class Value:
    def __init__(self, data, parents=()):
        self.data, self.grad = float(data), 0.0
        self.parents = parents
        self.push = lambda: None

    @staticmethod
    def of(x):
        return x if isinstance(x, Value) else Value(x)

    def __add__(self, other):
        other = Value.of(other)
        out = Value(self.data + other.data, (self, other))

        def push():
            self.grad += out.grad
            other.grad += out.grad

        out.push = push
        return out

    def __mul__(self, other):
        other = Value.of(other)
        out = Value(self.data * other.data, (self, other))

        def push():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out.push = push
        return out

    def unary(self, data, slope):
        out = Value(data, (self,))

        def push():
            self.grad += slope * out.grad

        out.push = push
        return out

    def __pow__(self, n):
        return self.unary(self.data**n, n * self.data ** (n - 1))

    def exp(self):
        return self.unary(math.exp(self.data), math.exp(self.data))

    def tanh(self):
        return self.unary(math.tanh(self.data), 1 / math.cosh(self.data) ** 2)

    def relu(self):
        return self.unary(self.data, 1.0) if self.data > 0 else self.unary(0.0, 0.0)

    def backward(self):
        order, seen, stack = [], set(), [(self, False)]
        while stack:
            node, done = stack.pop()
            if done:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                stack.append((node, True))
                stack.extend((parent, False) for parent in node.parents)
        self.grad = 1.0
        for node in reversed(order):
            node.push()

    def __neg__(self):
        return self * -1.0

    def __sub__(self, other):
        return self + (-Value.of(other))

    def __rsub__(self, other):
        return Value.of(other) - self

    def __truediv__(self, other):
        return self * Value.of(other) ** -1

    def __rtruediv__(self, other):
        return Value.of(other) / self

    __radd__, __rmul__ = __add__, __mul__
""")

TAPE = """
from itertools import count

number = count()


class Value:
    def __init__(self, data, parents=()):
        self.data, self.grad = float(data), 0.0
        self.parents = parents  # pairs of a Value and a slope
        self.number = next(number)

    def binary(self, other, data, slopes):
        return Value(data, ((self, slopes[0]), (other, slopes[1])))

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return self.binary(other, self.data + other.data, (1.0, 1.0))

    def __sub__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return self.binary(other, self.data - other.data, (1.0, -1.0))

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return self.binary(other, self.data * other.data, (other.data, self.data))

    def __truediv__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        slopes = 1 / other.data, -self.data / other.data**2
        return self.binary(other, self.data / other.data, slopes)

    def __radd__(self, other):
        return self + other

    def __rsub__(self, other):
        return Value(other) - self

    def __rmul__(self, other):
        return self * other

    def __rtruediv__(self, other):
        return Value(other) / self

    def __neg__(self):
        return Value(-self.data, ((self, -1.0),))

    def __pow__(self, n):
        return Value(self.data**n, ((self, n * self.data ** (n - 1)),))

    def exp(self):
        out = Value(math.exp(self.data))
        out.parents = ((self, out.data),)
        return out

    def tanh(self):
        out = Value(math.tanh(self.data))
        out.parents = ((self, 1 - out.data**2),)
        return out

    def relu(self):
        return Value(max(0.0, self.data), ((self, 1.0 if self.data > 0 else 0.0),))

    def backward(self):
        found, stack = {self}, [self]
        while stack:
            for parent, _ in stack.pop().parents:
                if parent not in found:
                    found.add(parent)
                    stack.append(parent)
        self.grad = 1.0
        for node in sorted(found, key=lambda v: v.number, reverse=True):
            for parent, slope in node.parents:
                parent.grad += slope * node.grad
"""
right("later Values first")(TAPE)
HEAD = TAPE[: TAPE.index("        found, stack")]
RECURSIVE = (
    HEAD
    + """
        order, found = [], set()

        def visit(node):
            if node not in found:
                found.add(node)
                for parent, _ in node.parents:
                    visit(parent)
                order.append(node)

        visit(self)
        self.grad = 1.0
        for node in reversed(order):
            for parent, slope in node.parents:
                parent.grad += slope * node.grad
"""
)


def broken(mistake, old, new, fails, source=TAPE):
    assert source.count(old) == 1, old
    fails = [f"value-{part}" for part in fails.split()]
    wrong(mistake, fails=fails)(source.replace(old, new))


ALL = [f"value-{part}" for part in ("arithmetic", "functions", "reuse", "order", "deep")]
wrong("visits by recursion", fails=["value-deep"])(RECURSIVE)
broken(
    "no set of visited Values",
    "            if node not in found:",
    "            if True:",
    "order deep",
    RECURSIVE,
)
wrong("walks every path", fails=["value-deep"])(
    HEAD
    + """
        self.walk(1.0)

    def walk(self, grad):
        self.grad += grad
        for parent, slope in self.parents:
            parent.walk(slope * grad)
"""
)
wrong("hands on what has come so far", fails=["value-order"])(
    HEAD
    + """
        self.grad = 1.0
        queue, found = [self], {self}
        for node in queue:
            for parent, slope in node.parents:
                parent.grad += slope * node.grad
                if parent not in found:
                    found.add(parent)
                    queue.append(parent)
"""
)
wrong("depth first, a Value before its uses", fails=["value-order", "value-deep"])(
    HEAD
    + """
        self.grad = 1.0
        stack, found = [self], {self}
        while stack:
            node = stack.pop()
            for parent, slope in node.parents:
                parent.grad += slope * node.grad
                if parent not in found:
                    found.add(parent)
                    stack.append(parent)
"""
)
wrong("earlier Values first", fails=ALL)(TAPE.replace(", reverse=True", ""))
wrong("the parents alone", fails=ALL)(
    HEAD
    + """
        self.grad = 1.0
        for parent, slope in self.parents:
            parent.grad += slope
"""
)
wrong("backward starts from 0", fails=ALL)(TAPE.replace("self.grad = 1.0", "self.grad = 0.0"))
broken(
    "sets a gradient where it should add",
    "parent.grad += slope",
    "parent.grad = slope",
    "reuse order deep",
)
broken("the slope of exp is its input", "((self, out.data),)", "((self, self.data),)", "functions")
broken("the slope of tanh at its input", "1 - out.data**2", "1 - self.data**2", "functions")
broken("the slope of tanh without a square", "1 - out.data**2", "1 - out.data", "functions")
broken(
    "the slope of relu at 0 is 1",
    "1.0 if self.data > 0 else",
    "1.0 if self.data >= 0 else",
    "functions",
)
broken("relu passes everything on", "1.0 if self.data > 0 else 0.0", "1.0", "functions")
broken(
    "relu hands its value on", "1.0 if self.data > 0 else 0.0", "max(0.0, self.data)", "functions"
)
broken(
    "the slopes of a product exchanged",
    "(other.data, self.data)",
    "(self.data, other.data)",
    "arithmetic functions reuse order deep",
)
broken("a difference like a sum", "(1.0, -1.0)", "(1.0, 1.0)", "arithmetic")
broken("a quotient's second slope", "-self.data / other.data**2", "1 / other.data", "arithmetic")
broken(
    "a number minus a Value, the wrong way",
    "return Value(other) - self",
    "return self - other",
    "arithmetic",
)
broken(
    "a number over a Value, the wrong way",
    "return Value(other) / self",
    "return self / other",
    "arithmetic",
)
broken("unary minus without a slope", "((self, -1.0),)", "((self, 1.0),)", "arithmetic")
broken(
    "a power's slope without its factor",
    "n * self.data ** (n - 1)",
    "self.data ** (n - 1)",
    "arithmetic",
)
broken(
    "a power's slope without its factor n - 1",
    "n * self.data ** (n - 1)",
    "n * self.data**n",
    "arithmetic",
)
broken(
    "only whole numbers beside a Value",
    """        other = other if isinstance(other, Value) else Value(other)
        return self.binary(other, self.data + other.data, (1.0, 1.0))""",
    """        other = other if isinstance(other, Value) else Value(int(other))
        return self.binary(other, self.data + other.data, (1.0, 1.0))""",
    "arithmetic",
)
broken(
    "the slopes of a product by division",
    "(other.data, self.data)",
    "(self.data * other.data / self.data, self.data * other.data / other.data)",
    "arithmetic",
)
broken(
    "exp and tanh overwrite a gradient",
    "parent.grad += slope * node.grad",
    "parent.grad = slope * node.grad + (parent.grad if node.data not in "
    "(math.exp(min(parent.data, 700)), math.tanh(parent.data)) else 0.0)",
    "reuse",
)
broken(
    "the tape's last Value is the result",
    "self.grad = 1.0\n        for node in sorted(found, key=lambda v: v.number, reverse=True):",
    "found.add(LAST[0])\n        LAST[0].grad = 1.0\n"
    "        for node in sorted(found, key=lambda v: v.number, reverse=True):",
    "order",
    TAPE.replace("number = count()", "number, LAST = count(), [None]").replace(
        "self.number = next(number)", "self.number, LAST[0] = next(number), self"
    ),
)
broken(
    "no sum with a number on the left",
    """    def __radd__(self, other):
        return self + other

""",
    "",
    "arithmetic",
)


# the question

wrong("a gradient for each example", fails=["backpropagation-choice-answer"])('choice = "B"')
wrong("a copy of the weights for each", fails=["backpropagation-choice-answer"])('choice = "C"')
wrong("gradients as large as parameters", fails=["backpropagation-choice-answer"])('choice = "D"')
