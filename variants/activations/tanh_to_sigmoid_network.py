"""Right and wrong answers to `tanh_to_sigmoid_network`."""

import torch

from mlpgrader.variants import right, wrong


@right("hidden units flipped")
def tanh_to_sigmoid_network(W1, b1, W2, b2):
    # sigmoid(-z) = 1 - sigmoid(z)
    return -2 * W1, -2 * b1, -2 * W2, b2 + W2.sum(0)


@right("units in reverse order, built by loops, as a list")
def tanh_to_sigmoid_network(W1, b1, W2, b2):
    c2 = b2.clone()
    for row in W2:
        c2 -= row
    return [2 * W1.flip(1), 2 * b1.flip(0), 2 * W2.flip(0), c2]


@right("by matrix products")
def tanh_to_sigmoid_network(W1, b1, W2, b2):
    ones = torch.ones(len(W2), dtype=W2.dtype)
    return W1 + W1, b1 + b1, W2 + W2, b2 - ones @ W2


@wrong(
    "b1 not doubled",
    fails=["tanh-to-sigmoid-network-biases", "tanh-to-sigmoid-network-dtype"],
    is_slip=True,
    says="The sigmoid's input is to be twice that of tanh, and `b1` is part of it.",
    read="One identity, one set of functions",
)
def tanh_to_sigmoid_network(W1, b1, W2, b2):
    return 2 * W1, b1, 2 * W2, b2 - W2.sum(dim=0)


@wrong(
    "b2 not shifted",
    fails=[
        "tanh-to-sigmoid-network-weights",
        "tanh-to-sigmoid-network-biases",
        "tanh-to-sigmoid-network-dtype",
    ],
    says=(
        "Each hidden unit is stretched and then shifted by -1. That shift goes through "
        "`W2` and has to be made up for in `b2`."
    ),
    read="One identity, one set of functions",
)
def tanh_to_sigmoid_network(W1, b1, W2, b2):
    return 2 * W1, 2 * b1, 2 * W2, b2


@wrong(
    "b2 shifted by 1",
    fails=[
        "tanh-to-sigmoid-network-weights",
        "tanh-to-sigmoid-network-biases",
        "tanh-to-sigmoid-network-dtype",
    ],
    says=(
        "All outputs get the same shift. Each has its own: it depends on the weights "
        "that lead to this output."
    ),
    read="One identity, one set of functions",
)
def tanh_to_sigmoid_network(W1, b1, W2, b2):
    return 2 * W1, 2 * b1, 2 * W2, b2 - 1


@wrong(
    "b2 shifted by the row sums",
    fails=[
        "tanh-to-sigmoid-network-weights",
        "tanh-to-sigmoid-network-biases",
        "tanh-to-sigmoid-network-shapes",
        "tanh-to-sigmoid-network-dtype",
        "tanh-to-sigmoid-network-arguments",
    ],
    kind="raised",
)
def tanh_to_sigmoid_network(W1, b1, W2, b2):
    return 2 * W1, 2 * b1, 2 * W2, b2 - W2.sum(dim=1)


@wrong(
    "b2 shifted by the sum of all weights",
    fails=[
        "tanh-to-sigmoid-network-weights",
        "tanh-to-sigmoid-network-biases",
        "tanh-to-sigmoid-network-dtype",
    ],
    says=(
        "All outputs get the same shift. Each has its own: it depends on the weights "
        "that lead to this output."
    ),
    read="One identity, one set of functions",
)
def tanh_to_sigmoid_network(W1, b1, W2, b2):
    return 2 * W1, 2 * b1, 2 * W2, b2 - W2.sum()


@wrong(
    "W2 not doubled",
    fails=[
        "tanh-to-sigmoid-network-weights",
        "tanh-to-sigmoid-network-biases",
        "tanh-to-sigmoid-network-dtype",
    ],
    says="The height of tanh is twice the sigmoid's, and `W2` has to make up for it.",
    read="One identity, one set of functions",
)
def tanh_to_sigmoid_network(W1, b1, W2, b2):
    return 2 * W1, 2 * b1, W2, b2 - W2.sum(dim=0)


@wrong(
    "W1 not doubled",
    fails=[
        "tanh-to-sigmoid-network-weights",
        "tanh-to-sigmoid-network-biases",
        "tanh-to-sigmoid-network-dtype",
    ],
    says="The sigmoid's input is to be twice that of tanh, and `W1` makes most of it.",
    read="One identity, one set of functions",
)
def tanh_to_sigmoid_network(W1, b1, W2, b2):
    return W1, 2 * b1, 2 * W2, b2 - W2.sum(dim=0)


@wrong(
    "halved, not doubled",
    fails=[
        "tanh-to-sigmoid-network-weights",
        "tanh-to-sigmoid-network-biases",
        "tanh-to-sigmoid-network-dtype",
    ],
    says="You halve what has to be doubled.",
    read="One identity, one set of functions",
)
def tanh_to_sigmoid_network(W1, b1, W2, b2):
    return W1 / 2, b1 / 2, 2 * W2, b2 - W2.sum(dim=0)


@wrong(
    "keepdim makes the last bias a row",
    fails=["tanh-to-sigmoid-network-shapes"],
    is_slip=True,
    kind="wrong-shape",
)
def tanh_to_sigmoid_network(W1, b1, W2, b2):
    return 2 * W1, 2 * b1, 2 * W2, b2 - W2.sum(dim=0, keepdim=True)


@wrong("twice the units", fails=["tanh-to-sigmoid-network-shapes"], kind="wrong-shape")
def tanh_to_sigmoid_network(W1, b1, W2, b2):
    V1, c1 = torch.cat([2 * W1, -2 * W1], dim=1), torch.cat([2 * b1, -2 * b1])
    return V1, c1, torch.cat([W2, -W2]), b2.clone()


@wrong(
    "doubled in place",
    fails=["tanh-to-sigmoid-network-arguments"],
    is_slip=True,
    kind="argument-changed",
)
def tanh_to_sigmoid_network(W1, b1, W2, b2):
    b2 -= W2.sum(dim=0)
    return W1.mul_(2), b1.mul_(2), W2.mul_(2), b2


@wrong(
    "b2 shifted the other way",
    fails=[
        "tanh-to-sigmoid-network-weights",
        "tanh-to-sigmoid-network-biases",
        "tanh-to-sigmoid-network-dtype",
    ],
    says="`b2` is shifted in the wrong direction.",
    read="One identity, one set of functions",
)
def tanh_to_sigmoid_network(W1, b1, W2, b2):
    return 2 * W1, 2 * b1, 2 * W2, b2 + W2.sum(dim=0)


@wrong(
    "b2 shifted by the doubled weights",
    fails=[
        "tanh-to-sigmoid-network-weights",
        "tanh-to-sigmoid-network-biases",
        "tanh-to-sigmoid-network-dtype",
    ],
)
def tanh_to_sigmoid_network(W1, b1, W2, b2):
    V2 = 2 * W2
    return 2 * W1, 2 * b1, V2, b2 - V2.sum(dim=0)


@wrong(
    "both matrices first",
    fails=[
        "tanh-to-sigmoid-network-weights",
        "tanh-to-sigmoid-network-biases",
        "tanh-to-sigmoid-network-shapes",
        "tanh-to-sigmoid-network-dtype",
    ],
    kind="wrong-shape",
    says="The order is `(V1, c1, V2, c2)`: each matrix is followed by its bias.",
    read="One identity, one set of functions",
)
def tanh_to_sigmoid_network(W1, b1, W2, b2):
    return 2 * W1, 2 * W2, 2 * b1, b2 - W2.sum(dim=0)


@wrong(
    "float32 ones in the product",
    fails=["tanh-to-sigmoid-network-dtype"],
    is_slip=True,
    kind="raised",
)
def tanh_to_sigmoid_network(W1, b1, W2, b2):
    return 2 * W1, 2 * b1, 2 * W2, b2 - torch.ones(len(W2)) @ W2


@wrong("float32", fails=["tanh-to-sigmoid-network-dtype"], is_slip=True, kind="lower-precision")
def tanh_to_sigmoid_network(W1, b1, W2, b2):
    W1, b1, W2, b2 = (t.float() for t in (W1, b1, W2, b2))
    return 2 * W1, 2 * b1, 2 * W2, b2 - W2.sum(dim=0)


@wrong("float64", fails=["tanh-to-sigmoid-network-dtype"], is_slip=True, kind="other-dtype")
def tanh_to_sigmoid_network(W1, b1, W2, b2):
    W1, b1, W2, b2 = (t.double() for t in (W1, b1, W2, b2))
    return 2 * W1, 2 * b1, 2 * W2, b2 - W2.sum(dim=0)


@wrong(
    "b2 alone changed in place",
    fails=["tanh-to-sigmoid-network-arguments"],
    is_slip=True,
    kind="argument-changed",
)
def tanh_to_sigmoid_network(W1, b1, W2, b2):
    b2 -= W2.sum(dim=0)
    return 2 * W1, 2 * b1, 2 * W2, b2.clone()


@wrong(
    "a dict",
    fails=[
        "tanh-to-sigmoid-network-weights",
        "tanh-to-sigmoid-network-biases",
        "tanh-to-sigmoid-network-shapes",
        "tanh-to-sigmoid-network-dtype",
        "tanh-to-sigmoid-network-arguments",
    ],
    kind="wrong-type",
)
def tanh_to_sigmoid_network(W1, b1, W2, b2):
    return {"V1": 2 * W1, "c1": 2 * b1, "V2": 2 * W2, "c2": b2 - W2.sum(dim=0)}
