"""Right and wrong answers to `collapse_affine`."""

import torch

from mlpgrader.variants import right, wrong


@right("by what it does to 0 and the unit vectors, as a list")
def collapse_affine(layers):
    d = layers[0][0].shape[0]
    X = torch.cat([torch.zeros(1, d), torch.eye(d)]).to(layers[0][0].dtype)
    for W, b in layers:
        X = X @ W + b
    return [X[1:] - X[0], X[0]]


right("from the last layer back, with reduce")("""
from functools import reduce


def merge(after, before):
    W, b = before
    V, c = after
    return W @ V, b @ V + c


def collapse_affine(layers):
    return reduce(merge, reversed(layers))
""")


@right("one matrix each, with a row for the bias")
def collapse_affine(layers):
    made = None
    for W, b in layers:
        corner = torch.zeros(W.shape[0] + 1, 1, dtype=W.dtype)
        corner[-1] = 1
        M = torch.cat([torch.cat([W, b[None]]), corner], dim=1)
        made = M if made is None else made @ M
    return made[:-1, :-1], made[-1, :-1]


@wrong(
    "product in reverse order",
    fails=["collapse-affine-weights", "collapse-affine-dtype"],
    is_slip=True,
    says=(
        "You multiply the matrices in reverse order. With `X @ W` the first layer stands leftmost."
    ),
    read="What do two layers gain?",
)
def collapse_affine(layers):
    (W, b), *rest = layers
    for V, c in rest:
        W, b = V @ W if V.shape == W.shape else W @ V, b @ V + c
    return W, b


@wrong(
    "everything in reverse order",
    fails=[
        "collapse-affine-weights",
        "collapse-affine-bias",
        "collapse-affine-dtype",
        "collapse-affine-arguments",
    ],
)
def collapse_affine(layers):
    (W, b), *rest = reversed(layers)
    for V, c in rest:
        W, b = W @ V, b @ V + c
    return W, b


@wrong(
    "b as the sum of the biases",
    fails=["collapse-affine-bias"],
    is_slip=True,
    says="You add up the biases. Each has to pass through the layers that follow it.",
    read="What do two layers gain?",
)
def collapse_affine(layers):
    W, b = layers[0]
    for V, c in layers[1:]:
        W, b = W @ V, (b + c if b.shape == c.shape else c)
    return W, b


@wrong(
    "only the last b",
    fails=["collapse-affine-bias"],
    is_slip=True,
    says="You keep the last bias alone. The others pass through the layers that follow them.",
    read="What do two layers gain?",
)
def collapse_affine(layers):
    W, b = layers[0]
    for V, c in layers[1:]:
        W, b = W @ V, c
    return W, b


@wrong(
    "the last b lost",
    fails=["collapse-affine-bias"],
    is_slip=True,
    says="The last bias is lost.",
    read="What do two layers gain?",
)
def collapse_affine(layers):
    W, b = layers[0]
    for V, _ in layers[1:]:
        W, b = W @ V, b @ V
    return W, b


@wrong(
    "b carried through the product so far",
    fails=["collapse-affine-bias"],
    is_slip=True,
    says="You carry a bias through the layers before it; it passes those that follow.",
    read="What do two layers gain?",
)
def collapse_affine(layers):
    W, b = layers[0]
    for V, c in layers[1:]:
        W = W @ V
        b = (b @ W if b.shape[0] == W.shape[0] else b @ V) + c
    return W, b


@wrong(
    "two layers exactly",
    fails=[
        "collapse-affine-weights",
        "collapse-affine-bias",
        "collapse-affine-one-layer",
        "collapse-affine-dtype",
        "collapse-affine-arguments",
    ],
    kind="wrong-length",
    says="Your function takes exactly two layers; there may be any number.",
    read="What do two layers gain?",
)
def collapse_affine(layers):
    (W, b), (V, c) = layers
    return W @ V, b @ V + c


@wrong("the first two layers alone", fails=["collapse-affine-weights", "collapse-affine-bias"])
def collapse_affine(layers):
    (W, b), *rest = layers
    for V, c in rest[:1]:
        W, b = W @ V, b @ V + c
    return W, b


@wrong(
    "one layer without its bias",
    fails=["collapse-affine-one-layer"],
    is_slip=True,
    kind="zero",
)
def collapse_affine(layers):
    W, b = layers[0]
    if len(layers) == 1:
        return W, torch.zeros_like(b)
    for V, c in layers[1:]:
        W, b = W @ V, b @ V + c
    return W, b


@wrong(
    "the bias as a row",
    fails=["collapse-affine-bias", "collapse-affine-one-layer"],
    is_slip=True,
    kind="wrong-shape",
)
def collapse_affine(layers):
    W, b = layers[0][0], layers[0][1][None]
    for V, c in layers[1:]:
        W, b = W @ V, b @ V + c
    return W, b


@wrong(
    "always float32",
    fails=["collapse-affine-dtype"],
    is_slip=True,
    kind="lower-precision",
)
def collapse_affine(layers):
    W, b = (t.float() for t in layers[0])
    for V, c in layers[1:]:
        W, b = W @ V.float(), b @ V.float() + c.float()
    return W, b


@wrong(
    "empties the list", fails=["collapse-affine-arguments"], is_slip=True, kind="argument-changed"
)
def collapse_affine(layers):
    W, b = layers.pop(0)
    while layers:
        V, c = layers.pop(0)
        W, b = W @ V, b @ V + c
    return W, b


@wrong(
    "adds to a bias in place",
    fails=["collapse-affine-arguments"],
    is_slip=True,
    kind="argument-changed",
)
def collapse_affine(layers):
    W, b = layers[0]
    for V, c in layers[1:]:
        W, b = W @ V, c.add_(b @ V)
    return W, b


@right("in float64, cast back")
def collapse_affine(layers):
    dtype = layers[0][0].dtype
    W = torch.eye(layers[0][0].shape[0], dtype=torch.float64)
    b = torch.zeros(W.shape[0], dtype=torch.float64)
    for V, c in layers:
        W, b = W @ V.double(), b @ V.double() + c.double()
    return W.to(dtype), b.to(dtype)


@wrong(
    "starts from a float32 identity", fails=["collapse-affine-dtype"], is_slip=True, kind="raised"
)
def collapse_affine(layers):
    W, b = torch.eye(len(layers[0][0])), torch.zeros(len(layers[0][0]))
    for V, c in layers:
        W, b = W @ V, b @ V + c
    return W, b


@wrong(
    "the transposes, as nn.Linear stores them",
    fails=["collapse-affine-weights", "collapse-affine-one-layer", "collapse-affine-dtype"],
    kind="transposed",
)
def collapse_affine(layers):
    W, b = layers[0]
    for V, c in layers[1:]:
        W, b = W @ V, b @ V + c
    return W.T, b


@wrong(
    "each bias carried through one layer too many",
    fails=["collapse-affine-bias"],
    says="Each bias goes through its own layer's matrix as well; it is added after that.",
    read="What do two layers gain?",
)
def collapse_affine(layers):
    W, b = layers[0]
    for V, c in layers[1:]:
        W, b = W @ V, (b + c) @ V if b.shape == c.shape else b @ V + c
    return W, b


@wrong(
    "the product entry by entry where it can be",
    fails=["collapse-affine-weights", "collapse-affine-dtype"],
)
def collapse_affine(layers):
    W, b = layers[0]
    for V, c in layers[1:]:
        W, b = (W * V if W.shape == V.shape else W @ V), b @ V + c
    return W, b


@wrong("a ReLU between the layers' biases", fails=["collapse-affine-bias"])
def collapse_affine(layers):
    W, b = layers[0]
    for V, c in layers[1:]:
        W, b = W @ V, torch.relu(b) @ V + c
    return W, b


@wrong(
    "W alone",
    fails=[
        "collapse-affine-weights",
        "collapse-affine-bias",
        "collapse-affine-one-layer",
        "collapse-affine-dtype",
        "collapse-affine-arguments",
    ],
    kind="wrong-type",
)
def collapse_affine(layers):
    W = layers[0][0]
    for V, _ in layers[1:]:
        W = W @ V
    return W


@wrong(
    "always float64",
    fails=["collapse-affine-weights", "collapse-affine-dtype"],
    is_slip=True,
    kind="other-dtype",
)
def collapse_affine(layers):
    W, b = (t.double() for t in layers[0])
    for V, c in layers[1:]:
        W, b = W @ V.double(), b @ V.double() + c.double()
    return W, b


wrong(
    "a function for products of two and more",
    fails=[
        "collapse-affine-weights",
        "collapse-affine-one-layer",
        "collapse-affine-dtype",
        "collapse-affine-arguments",
    ],
)("""
def collapse_affine(layers):
    W = torch.linalg.multi_dot([W for W, _ in layers])
    b = layers[0][1]
    for A, c in layers[1:]:
        b = b @ A + c
    return W, b
""")
