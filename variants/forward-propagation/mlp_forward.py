"""Right and wrong answers to `mlp_forward`."""

import torch
from torch import nn

from mlpgrader.variants import right, wrong


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

LOGITS = "mlp-forward-logits"
CACHE = "mlp-forward-cache"
ONE_LAYER = "mlp-forward-one-layer"
DTYPE = "mlp-forward-dtype"
ARGUMENTS = "mlp-forward-arguments"


@wrong(
    "ReLU after the last layer, too",
    fails=[LOGITS, CACHE, ONE_LAYER],
    says="You apply ReLU to the logits. There is no activation after the last layer.",
    read="A minibatch at once",
)
def mlp_forward(X, weights, biases):
    Z, H = [], [X]
    for W, b in zip(weights, biases, strict=True):
        H.append(torch.relu(H[-1] @ W + b))
        Z.append(H[-1])
    return H[-1], {"Z": Z, "H": H[:-1]}


@wrong(
    "ReLU on the logits, but not in the cache",
    fails=[LOGITS, ONE_LAYER],
    says="You apply ReLU to the logits. There is no activation after the last layer.",
    read="A minibatch at once",
)
def mlp_forward(X, weights, biases):
    Z, H = [], [X]
    for W, b in zip(weights, biases, strict=True):
        Z.append(H[-1] @ W + b)
        H.append(torch.relu(Z[-1]))
    return H[-1], {"Z": Z, "H": H[:-1]}


@wrong(
    "no activation at all",
    fails=[LOGITS, CACHE],
    says="There is no ReLU between your layers, so that the whole network is one affine layer.",
    read="A minibatch at once",
)
def mlp_forward(X, weights, biases):
    Z, H = [], [X]
    for W, b in zip(weights, biases, strict=True):
        Z.append(H[-1] @ W + b)
        H.append(Z[-1])
    return Z[-1], {"Z": Z, "H": H[:-1]}


@wrong(
    "the last bias in every layer",
    fails=[LOGITS, CACHE, DTYPE, ARGUMENTS],
    says="Every layer gets the last layer's bias.",
    read="A minibatch at once",
)
def mlp_forward(X, weights, biases):
    Z, H = [], [X]
    for W in weights:
        Z.append(H[-1] @ W + biases[-1])
        H.append(torch.relu(Z[-1]))
    return Z[-1], {"Z": Z, "H": H[:-1]}


@wrong(
    "no bias",
    fails=[LOGITS, CACHE, ONE_LAYER],
    says="The biases are missing.",
    read="A minibatch at once",
)
def mlp_forward(X, weights, biases):
    Z, H = [], [X]
    for W in weights:
        Z.append(H[-1] @ W)
        H.append(torch.relu(Z[-1]))
    return Z[-1], {"Z": Z, "H": H[:-1]}


@wrong(
    "the bias along the minibatch",
    fails=[LOGITS, CACHE, ONE_LAYER, DTYPE, ARGUMENTS],
    kind="wrong-shape",
)
def mlp_forward(X, weights, biases):
    Z, H = [], [X]
    for W, b in zip(weights, biases, strict=True):
        Z.append(H[-1] @ W + b[:, None])
        H.append(torch.relu(Z[-1]))
    return Z[-1], {"Z": Z, "H": H[:-1]}


@wrong(
    "weights of shape (out_features, in_features)",
    fails=[LOGITS, CACHE, ONE_LAYER, DTYPE, ARGUMENTS],
    says=(
        "You take the weights for `(out_features, in_features)`, as `nn.Linear` stores "
        "them; here it is `X @ W + b`."
    ),
    read="The trap of equal sizes",
    kind="raised",
)
def mlp_forward(X, weights, biases):
    Z, H = [], [X]
    for W, b in zip(weights, biases, strict=True):
        Z.append(nn.functional.linear(H[-1], W, b))
        H.append(torch.relu(Z[-1]))
    return Z[-1], {"Z": Z, "H": H[:-1]}


@wrong(
    "X transposed",
    fails=[LOGITS, CACHE, ONE_LAYER, DTYPE, ARGUMENTS],
    kind="raised",
)
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


@wrong(
    "two layers, whatever the list",
    fails=[LOGITS, CACHE, ONE_LAYER, DTYPE, ARGUMENTS],
    kind="raised",
)
def mlp_forward(X, weights, biases):
    Z1 = X @ weights[0] + biases[0]
    H1 = torch.relu(Z1)
    logits = H1 @ weights[1] + biases[1]
    return logits, {"Z": [Z1, logits], "H": [X, H1]}


@wrong("one layer of ReLU more when there is one layer", fails=[ONE_LAYER], is_slip=True)
def mlp_forward(X, weights, biases):
    Z = [X @ weights[0] + biases[0]]
    H = [X, torch.relu(Z[0])]
    if len(weights) == 1:
        return H[1], {"Z": Z, "H": H}
    for W, b in zip(weights[1:], biases[1:], strict=True):
        Z.append(H[-1] @ W + b)
        H.append(torch.relu(Z[-1]))
    return Z[-1], {"Z": Z, "H": H[:-1]}


@wrong(
    "the logits at the end of H",
    fails=[CACHE, ONE_LAYER],
    kind="wrong-length",
    is_slip=True,
    says="`H` ends with the last hidden layer; the logits are no activation.",
    read="A minibatch at once",
)
def mlp_forward(X, weights, biases):
    Z, H = [], [X]
    for W, b in zip(weights, biases, strict=True):
        Z.append(H[-1] @ W + b)
        H.append(torch.relu(Z[-1]))
    return Z[-1], {"Z": Z, "H": H}


@wrong(
    "H without X",
    fails=[CACHE, ONE_LAYER],
    kind="wrong-length",
    is_slip=True,
    says="The first entry of `H` is to be `X`, the input of the first layer.",
    read="A minibatch at once",
)
def mlp_forward(X, weights, biases):
    Z, H = [], [X]
    for W, b in zip(weights, biases, strict=True):
        Z.append(H[-1] @ W + b)
        H.append(torch.relu(Z[-1]))
    return Z[-1], {"Z": Z, "H": H[1:-1]}


@wrong("ReLU in place, so that Z holds H", fails=[CACHE], is_slip=True)
def mlp_forward(X, weights, biases):
    Z, H = [], [X]
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        Z.append(H[-1] @ W + b)
        H.append(Z[-1].relu_())
    Z.append(H[-1] @ weights[-1] + biases[-1])
    return Z[-1], {"Z": Z, "H": H}


@wrong(
    "takes the last layer out of the lists",
    fails=[ARGUMENTS],
    kind="argument-changed",
    is_slip=True,
)
def mlp_forward(X, weights, biases):
    W_last, b_last = weights.pop(), biases.pop()
    Z, H = [], [X]
    for W, b in zip(weights, biases, strict=True):
        Z.append(H[-1] @ W + b)
        H.append(torch.relu(Z[-1]))
    logits = H[-1] @ W_last + b_last
    return logits, {"Z": [*Z, logits], "H": H}


@wrong("always in double precision", fails=[LOGITS, DTYPE], kind="other-dtype", is_slip=True)
def mlp_forward(X, weights, biases):
    Z, H = [], [X.double()]
    for W, b in zip(weights, biases, strict=True):
        Z.append(H[-1] @ W.double() + b.double())
        H.append(torch.relu(Z[-1]))
    return Z[-1], {"Z": Z, "H": H[:-1]}


@wrong("the logits alone", fails=[LOGITS, CACHE, ONE_LAYER, DTYPE, ARGUMENTS], kind="wrong-type")
def mlp_forward(X, weights, biases):
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        X = torch.relu(X @ W + b)
    return X @ weights[-1] + biases[-1]


@wrong(
    "the cache first",
    fails=[LOGITS, CACHE, ONE_LAYER, DTYPE, ARGUMENTS],
    kind="wrong-type",
)
def mlp_forward(X, weights, biases):
    Z, H = [], [X]
    for W, b in zip(weights, biases, strict=True):
        Z.append(H[-1] @ W + b)
        H.append(torch.relu(Z[-1]))
    return {"Z": Z, "H": H[:-1]}, Z[-1]


@wrong("small letters for keys", fails=[CACHE, ONE_LAYER, DTYPE], kind="wrong-keys")
def mlp_forward(X, weights, biases):
    Z, H = [], [X]
    for W, b in zip(weights, biases, strict=True):
        Z.append(H[-1] @ W + b)
        H.append(torch.relu(Z[-1]))
    return Z[-1], {"z": Z, "h": H[:-1]}


@wrong("Z of the hidden layers alone", fails=[CACHE, ONE_LAYER], kind="wrong-length", is_slip=True)
def mlp_forward(X, weights, biases):
    Z, H = [], [X]
    for W, b in zip(weights, biases, strict=True):
        Z.append(H[-1] @ W + b)
        H.append(torch.relu(Z[-1]))
    return Z[-1], {"Z": Z[:-1], "H": H[:-1]}


@wrong("the cache from the last layer to the first", fails=[CACHE], kind="reversed", is_slip=True)
def mlp_forward(X, weights, biases):
    Z, H = [], [X]
    for W, b in zip(weights, biases, strict=True):
        Z.insert(0, H[0] @ W + b)
        H.insert(0, torch.relu(Z[0]))
    return Z[0], {"Z": Z, "H": H[1:]}


@wrong(
    "leaky ReLU",
    fails=[LOGITS, CACHE],
    says="Your hidden layers leak: for negative pre-activations ReLU is 0.",
    read="A minibatch at once",
)
def mlp_forward(X, weights, biases):
    Z, H = [], [X]
    for W, b in zip(weights, biases, strict=True):
        Z.append(H[-1] @ W + b)
        H.append(nn.functional.leaky_relu(Z[-1]))
    return Z[-1], {"Z": Z, "H": H[:-1]}


@wrong(
    "the bias after ReLU",
    fails=[LOGITS, CACHE, ONE_LAYER],
    says="You add the bias after ReLU. It belongs to the pre-activation.",
    read="A minibatch at once",
)
def mlp_forward(X, weights, biases):
    Z, H = [], [X]
    for W, b in zip(weights, biases, strict=True):
        Z.append(H[-1] @ W)
        H.append(torch.relu(Z[-1]) + b)
    return Z[-1] + biases[-1], {"Z": Z, "H": H[:-1]}


@wrong("the input into every layer", fails=[LOGITS, CACHE])
def mlp_forward(X, weights, biases):
    Z, H = [], [X]
    for W, b in zip(weights, biases, strict=True):
        Z.append((X if X.shape[1] == len(W) else H[-1]) @ W + b)
        H.append(torch.relu(Z[-1]))
    return Z[-1], {"Z": Z, "H": H[:-1]}


@wrong(
    "switches off the gradient of the given weights",
    fails=[ARGUMENTS],
    is_slip=True,
    kind="argument-changed",
)
def mlp_forward(X, weights, biases):
    Z, H = [], [X]
    for W, b in zip(weights, biases, strict=True):
        W.requires_grad_(False)
        Z.append(H[-1] @ W + b)
        H.append(torch.relu(Z[-1]))
    return Z[-1], {"Z": Z, "H": H[:-1]}


@wrong(
    "bfloat16 on the way",
    fails=[LOGITS, CACHE, ONE_LAYER],
    unseen="the numbers of examples are round",
)
def mlp_forward(X, weights, biases):
    Z, H = [], [X]
    for W, b in zip(weights, biases, strict=True):
        Z.append((H[-1].bfloat16() @ W.bfloat16() + b.bfloat16()).to(X.dtype))
        H.append(torch.relu(Z[-1]))
    return Z[-1], {"Z": Z, "H": H[:-1]}


wrong(
    "asks the list for the index of a tensor",
    fails=["mlp-forward-logits", "mlp-forward-cache", "mlp-forward-dtype", "mlp-forward-arguments"],
)("""
def mlp_forward(X, weights, biases):
    H, Z = [X], []
    for W in weights:
        Z.append(H[-1] @ W + biases[weights.index(W)])
        H.append(torch.relu(Z[-1]))
    return Z[-1], {'Z': Z, 'H': H[:-1]}
""")
