"""Right and wrong answers to `local_affine`."""

import torch

from mlpgrader.variants import Slips, equivalent, right, wrong


@right("by autograd")
def local_affine(x, weights, biases, alpha):
    def network(t):
        for i, (W, b) in enumerate(zip(weights, biases, strict=True)):
            t = t @ W + b
            if i < len(weights) - 1:
                t = torch.where(t > 0, t, alpha * t)
        return t

    with torch.enable_grad():
        A = torch.autograd.functional.jacobian(network, x).T
    return A, network(x) - x @ A


@right("from the last layer back, with diagonal matrices, as a list")
def local_affine(x, weights, biases, alpha):
    h, slopes = x, []
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        z = h @ W + b
        slopes.append((z > 0).to(z.dtype) + alpha * (z <= 0).to(z.dtype))
        h = z * slopes[-1]
    A, c = weights[-1], biases[-1]
    for W, b, s in zip(weights[-2::-1], biases[-2::-1], slopes[::-1], strict=True):
        c = b @ torch.diag(s) @ A + c
        A = W @ torch.diag(s) @ A
    return [A, c]


right("with a unit's own loop and helpers")("""
from torch.nn.functional import leaky_relu as act


def slope(z, alpha):
    return 1.0 if z > 0 else float(alpha)


def local_affine(x, weights, biases, alpha):
    A, c, h = torch.eye(len(x), dtype=x.dtype), torch.zeros_like(x), x
    for depth in range(len(weights)):
        z = h @ weights[depth] + biases[depth]
        A, c = A @ weights[depth], c @ weights[depth] + biases[depth]
        if depth + 1 == len(weights):
            return A, c
        A, c = A.clone(), c.clone()
        for j, zj in enumerate(z.tolist()):
            A[:, j] *= slope(zj, alpha)
            c[j] *= slope(zj, alpha)
        h = act(z, alpha)
""")


@wrong(
    "one mask for all layers",
    fails=[
        "local-affine-matrix",
        "local-affine-offset",
        "local-affine-negative-alpha",
        "local-affine-dtype",
    ],
    says="You use one mask for all layers. Each has its own, from its own pre-activations.",
    read="How far does one piece reach?",
)
def local_affine(x, weights, biases, alpha):
    z = x @ weights[0] + biases[0]
    first = torch.where(z > 0, torch.ones_like(z), alpha)
    A, c = weights[0], biases[0]
    for W, b in zip(weights[1:], biases[1:], strict=True):
        slopes = first if len(first) == len(c) else torch.ones_like(c)
        A, c = (A * slopes) @ W, (c * slopes) @ W + b
    return A, c


@wrong("mask from the output", fails=["local-affine-negative-alpha"], is_slip=True)
def local_affine(x, weights, biases, alpha):
    A, c = weights[0], biases[0]
    for W, b in zip(weights[1:], biases[1:], strict=True):
        z = x @ A + c
        h = torch.where(z > 0, z, alpha * z)
        slopes = torch.where(h > 0, torch.ones_like(h), alpha)
        A, c = (A * slopes) @ W, (c * slopes) @ W + b
    return A, c


@wrong(
    "the larger of z and alpha z",
    fails=["local-affine-matrix", "local-affine-offset"],
    is_slip=True,
)
def local_affine(x, weights, biases, alpha):
    A, c = weights[0], biases[0]
    for W, b in zip(weights[1:], biases[1:], strict=True):
        z = x @ A + c
        slopes = torch.where(z > alpha * z, torch.ones_like(z), alpha)
        A, c = (A * slopes) @ W, (c * slopes) @ W + b
    return A, c


@wrong(
    "alpha ignored",
    fails=[
        "local-affine-matrix",
        "local-affine-offset",
        "local-affine-negative-alpha",
        "local-affine-dtype",
    ],
    says="You take a slope of 0 for negative pre-activations; it is `alpha`.",
    read="How far does one piece reach?",
    kind="zero",
)
def local_affine(x, weights, biases, alpha):
    A, c = weights[0], biases[0]
    for W, b in zip(weights[1:], biases[1:], strict=True):
        slopes = (x @ A + c > 0).to(x.dtype)
        A, c = (A * slopes) @ W, (c * slopes) @ W + b
    return A, c


@wrong(
    "no c",
    fails=["local-affine-offset", "local-affine-one-layer"],
    is_slip=True,
    says="`c` is missing.",
    read="How far does one piece reach?",
    kind="zero",
)
def local_affine(x, weights, biases, alpha):
    A, c = weights[0], biases[0]
    for W, b in zip(weights[1:], biases[1:], strict=True):
        slopes = torch.where(x @ A + c > 0, torch.ones_like(c), alpha)
        A, c = (A * slopes) @ W, (c * slopes) @ W + b
    return A, torch.zeros_like(c)


@wrong(
    "c is the output at x",
    fails=["local-affine-offset", "local-affine-one-layer"],
    is_slip=True,
    says="`c` is the output at `x`. The map has to give that at `x`: take `x @ A` off.",
    read="How far does one piece reach?",
)
def local_affine(x, weights, biases, alpha):
    A, c = weights[0], biases[0]
    for W, b in zip(weights[1:], biases[1:], strict=True):
        slopes = torch.where(x @ A + c > 0, torch.ones_like(c), alpha)
        A, c = (A * slopes) @ W, (c * slopes) @ W + b
    return A, x @ A + c


@wrong(
    "c is the output at 0",
    fails=["local-affine-offset"],
    is_slip=True,
    says="`c` is the network's output at 0, where other pieces may hold.",
    read="How far does one piece reach?",
)
def local_affine(x, weights, biases, alpha):
    A, c, h = weights[0], biases[0], biases[0]
    for W, b in zip(weights[1:], biases[1:], strict=True):
        slopes = torch.where(x @ A + c > 0, torch.ones_like(c), alpha)
        A, c = (A * slopes) @ W, (c * slopes) @ W + b
        h = torch.where(h > 0, h, alpha * h) @ W + b
    return A, h


@wrong(
    "masks without the biases",
    fails=[
        "local-affine-matrix",
        "local-affine-offset",
        "local-affine-negative-alpha",
        "local-affine-dtype",
    ],
    says="You choose the masks from `h @ W`, without the biases.",
    read="How far does one piece reach?",
)
def local_affine(x, weights, biases, alpha):
    A, c = weights[0], biases[0]
    for W, b in zip(weights[1:], biases[1:], strict=True):
        slopes = torch.where(x @ A > 0, torch.ones_like(c), alpha)
        A, c = (A * slopes) @ W, (c * slopes) @ W + b
    return A, c


@wrong(
    "an activation after the last layer",
    fails=[
        "local-affine-matrix",
        "local-affine-offset",
        "local-affine-negative-alpha",
        "local-affine-one-layer",
        "local-affine-dtype",
    ],
    says="You apply the activation after the last layer, too.",
    read="How far does one piece reach?",
)
def local_affine(x, weights, biases, alpha):
    A, c = torch.eye(len(x), dtype=x.dtype), torch.zeros_like(x)
    for W, b in zip(weights, biases, strict=True):
        A, c = A @ W, c @ W + b
        slopes = torch.where(x @ A + c > 0, torch.ones_like(c), alpha)
        A, c = A * slopes, c * slopes
    return A, c


@wrong(
    "wants a hidden layer",
    fails=["local-affine-one-layer", "local-affine-arguments"],
    is_slip=True,
    kind="raised",
)
def local_affine(x, weights, biases, alpha):
    z = x @ weights[0] + biases[0]
    slopes = torch.where(z > 0, torch.ones_like(z), alpha)
    A, c = weights[0] * slopes @ weights[1], biases[0] * slopes @ weights[1] + biases[1]
    for W, b in zip(weights[2:], biases[2:], strict=True):
        slopes = torch.where(x @ A + c > 0, torch.ones_like(c), alpha)
        A, c = (A * slopes) @ W, (c * slopes) @ W + b
    return A, c


@wrong(
    "one hidden layer at most",
    fails=[
        "local-affine-matrix",
        "local-affine-offset",
        "local-affine-negative-alpha",
        "local-affine-one-layer",
        "local-affine-dtype",
        "local-affine-arguments",
    ],
    kind="wrong-length",
)
def local_affine(x, weights, biases, alpha):
    (W1, W2), (b1, b2) = weights, biases
    slopes = torch.where(x @ W1 + b1 > 0, torch.ones_like(b1), alpha)
    return W1 * slopes @ W2, b1 * slopes @ W2 + b2


@wrong(
    "the transpose",
    fails=[
        "local-affine-matrix",
        "local-affine-negative-alpha",
        "local-affine-one-layer",
        "local-affine-dtype",
    ],
    kind="transposed",
)
def local_affine(x, weights, biases, alpha):
    A, c = weights[0], biases[0]
    for W, b in zip(weights[1:], biases[1:], strict=True):
        slopes = torch.where(x @ A + c > 0, torch.ones_like(c), alpha)
        A, c = (A * slopes) @ W, (c * slopes) @ W + b
    return A.T, c


@wrong(
    "scales a weight matrix in place",
    fails=["local-affine-arguments"],
    is_slip=True,
    kind="argument-changed",
)
def local_affine(x, weights, biases, alpha):
    A, c = weights[0].clone(), biases[0].clone()
    for W, b in zip(weights[1:], biases[1:], strict=True):
        slopes = torch.where(x @ A + c > 0, torch.ones_like(c), alpha)
        W *= slopes[:, None]
        A, c = A @ W, c @ W + b
    return A, c


@wrong(
    "takes the last layer off the list",
    fails=["local-affine-arguments"],
    is_slip=True,
    kind="argument-changed",
)
def local_affine(x, weights, biases, alpha):
    last = weights.pop(), biases.pop()
    A, c = torch.eye(len(x), dtype=x.dtype), torch.zeros_like(x)
    for W, b in zip(weights, biases, strict=True):
        A, c = A @ W, c @ W + b
        slopes = torch.where(x @ A + c > 0, torch.ones_like(c), alpha)
        A, c = A * slopes, c * slopes
    return A @ last[0], c @ last[0] + last[1]


@wrong(
    "four layers at most",
    fails=["local-affine-matrix"],
    unseen="a network of five layers is too long for an example",
)
def local_affine(x, weights, biases, alpha):
    A, c = weights[0], biases[0]
    for W, b in zip(weights[1:4], biases[1:4], strict=True):
        slopes = torch.where(x @ A + c > 0, torch.ones_like(c), alpha)
        A, c = (A * slopes) @ W, (c * slopes) @ W + b
    if len(weights) > 4:
        A = A @ torch.ones(A.shape[1], weights[-1].shape[1], dtype=A.dtype)
    return A, c


BASE = """
def local_affine(x, weights, biases, alpha):
    A, c = torch.eye(len(x), dtype=x.dtype), torch.zeros_like(x)
    last = len(weights) - 1
    for l, (W, b) in enumerate(zip(weights, biases)):
        A, c = A @ W, c @ W + b
        if l < last:
            slopes = torch.where(x @ A + c > 0, torch.ones_like(c), alpha)
            A, c = A * slopes, c * slopes
    return A, c
"""
right("from an identity, the last layer told by its number")(BASE)
slip = Slips(BASE, "local-affine")
slip("a float32 identity", "dtype", (", dtype=x.dtype", ""), is_slip=True, kind="raised")
slip(
    "two Python numbers make float32 slopes",
    "dtype",
    ("torch.ones_like(c), alpha", "1.0, alpha"),
    is_slip=True,
    kind="imprecise",
)
slip(
    "rows scaled for columns",
    "matrix negative-alpha",
    ("A * slopes, c", "slopes[:, None] * A if len(slopes) == len(A) else A * slopes, c"),
)
slip(
    "alpha for positive inputs",
    "matrix offset negative-alpha dtype arguments",
    ("> 0", "< 0"),
    says="The two sides are exchanged: `alpha` belongs to negative pre-activations.",
    read="How far does one piece reach?",
)
slip(
    "A scaled, c not",
    "matrix offset dtype",
    ("A * slopes, c * slopes", "A * slopes, c"),
)
slip(
    "the product in reverse order where it can be",
    "matrix offset negative-alpha",
    ("A, c = A @ W,", "A, c = W @ A if W.shape == A.shape else A @ W,"),
)
slip(
    "slope 0 for alpha",
    "matrix offset negative-alpha dtype",
    ("torch.ones_like(c), alpha", "torch.ones_like(c), 0.0"),
    says="You take a slope of 0 for negative pre-activations; it is `alpha`.",
    read="How far does one piece reach?",
    kind="zero",
)
slip(
    "c before A",
    "matrix offset negative-alpha one-layer dtype arguments",
    ("return A, c", "return c, A"),
    kind="reversed",
    says="You return `c` first; the task asks for `(A, c)`.",
    read="How far does one piece reach?",
)
slip(
    "c as a row",
    "offset one-layer",
    ("return A, c", "return A, c[None]"),
    is_slip=True,
    kind="wrong-shape",
)
slip(
    "the size of the slope",
    "negative-alpha",
    ("torch.ones_like(c), alpha", "torch.ones_like(c), abs(alpha)"),
    is_slip=True,
)
slip(
    "the bias of the last layer lost",
    "offset one-layer",
    ("c @ W + b", "c @ W + b * (l < last)"),
    is_slip=True,
    kind="zero",
)

equivalent(
    "the input is never on a kink",
    "slopes = torch.where(x @ A + c > 0, torch.ones_like(c), alpha)",
    "slopes = torch.where(x @ A + c >= 0, torch.ones_like(c), alpha)",
)


right("by the Jacobian matrix of torch.func")("""
def local_affine(x, weights, biases, alpha):
    def f(t):
        for W, b in zip(weights[:-1], biases[:-1]):
            t = nn.functional.leaky_relu(t @ W + b, alpha)
        return t @ weights[-1] + biases[-1]
    A = torch.func.jacrev(f)(x).T
    return A, f(x) - x @ A
""")
