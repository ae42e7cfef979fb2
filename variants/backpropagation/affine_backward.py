"""Right and wrong answers to `affine_backward`."""

import torch

from mlpgrader.variants import right, wrong


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


VALUES = "affine-backward-values"
SQUARE = "affine-backward-square"
DTYPE = "affine-backward-dtype"
ARGUMENTS = "affine-backward-arguments"


@wrong(
    "W for its transpose",
    fails=[VALUES, SQUARE, DTYPE, ARGUMENTS],
    says="`W` leads from inputs to outputs. `dX` goes the other way, and needs the transpose.",
    read="Where the transposes come from",
    kind="raised",
)
def affine_backward(dY, X, W):
    return dY @ W, X.T @ dY, dY.sum(0)


@wrong(
    "the first product whose shapes fit",
    fails=[SQUARE],
    is_slip=True,
    kind="transposed",
    says=(
        "You choose factors by whether their shapes fit. With equal sizes several do, "
        "and one is right."
    ),
    read="Where the transposes come from",
)
def affine_backward(dY, X, W):
    dX = dY @ W if dY.shape[1] == W.shape[0] else dY @ W.T
    dW = X @ dY if X.shape[1] == dY.shape[0] and len(X) == len(W) else X.T @ dY
    return dX, dW, dY.sum(0)


@wrong(
    "dW transposed",
    fails=[VALUES, SQUARE],
    kind="transposed",
    says="`dW` is the transpose of what it should be: it has the shape of `W`.",
    read="Where the transposes come from",
)
def affine_backward(dY, X, W):
    return dY @ W.T, dY.T @ X, dY.sum(0)


@wrong(
    "dW reshaped until it fits",
    fails=[VALUES, SQUARE],
    kind="transposed",
    says="You reshape `dW` until its shape fits, which shuffles its entries.",
    read="Where the transposes come from",
)
def affine_backward(dY, X, W):
    return dY @ W.T, (dY.T @ X).reshape(W.shape), dY.sum(0)


@wrong(
    "the mean over the minibatch",
    fails=[VALUES, SQUARE],
    is_slip=True,
    kind="averaged",
    says=(
        "You divide by the number of examples. If the loss is a mean, `dY` holds that "
        "factor already."
    ),
    read="Where the transposes come from",
)
def affine_backward(dY, X, W):
    return dY @ W.T, X.T @ dY / len(X), dY.mean(0)


@wrong(
    "the mean for the bias alone",
    fails=[VALUES],
    is_slip=True,
    kind="averaged",
    says=(
        "`db` is a mean over the examples. What they contribute adds up; if the loss is "
        "a mean, `dY` holds that factor already."
    ),
    read="Where the transposes come from",
)
def affine_backward(dY, X, W):
    return dY @ W.T, X.T @ dY, dY.mean(0)


@wrong(
    "the bias gradient keeps its dimension",
    fails=[VALUES],
    is_slip=True,
    kind="wrong-shape",
    says="`db` is to have the shape of `b`: leave out `keepdim`.",
    read="Where the transposes come from",
)
def affine_backward(dY, X, W):
    return dY @ W.T, X.T @ dY, dY.sum(0, keepdim=True)


@wrong(
    "the bias gradient is dY",
    fails=[VALUES, DTYPE],
    kind="wrong-shape",
    says="All examples share one bias, so `db` adds up what each of them contributes.",
    read="Where the transposes come from",
)
def affine_backward(dY, X, W):
    return dY @ W.T, X.T @ dY, dY


@wrong(
    "the bias gradient sums over the units",
    fails=[VALUES, DTYPE],
    says="`db` adds up the outputs of an example. It should add up the examples.",
    read="Where the transposes come from",
)
def affine_backward(dY, X, W):
    return dY @ W.T, X.T @ dY, dY.sum(1)


@wrong("adds up in the given dY", fails=[ARGUMENTS], kind="argument-changed", is_slip=True)
def affine_backward(dY, X, W):
    dX, dW = dY @ W.T, X.T @ dY
    for row in dY[1:]:
        dY[0] += row
    return dX, dW, dY[0].clone()


@right("by autograd on copies")
def affine_backward(dY, X, W):
    X, W = X.detach().clone().requires_grad_(), W.detach().clone().requires_grad_()
    b = torch.zeros(W.shape[1], dtype=W.dtype, requires_grad=True)
    return torch.autograd.grad(X @ W + b, (X, W, b), dY)


@wrong(
    "collects in tensors of the default dtype", fails=[DTYPE], is_slip=True, kind="lower-precision"
)
def affine_backward(dY, X, W):
    dX, dW, db = torch.zeros(X.shape), torch.zeros(W.shape), torch.zeros(W.shape[1])
    for i in range(len(X)):
        dX[i] = W @ dY[i]
        dW += torch.outer(X[i], dY[i])
        db += dY[i]
    return dX, dW, db


@wrong("always in double precision", fails=[VALUES, DTYPE], is_slip=True, kind="other-dtype")
def affine_backward(dY, X, W):
    dY, X, W = dY.double(), X.double(), W.double()
    return dY @ W.T, X.T @ dY, dY.sum(0)


@wrong("float32 on the way", fails=[DTYPE], is_slip=True, unseen="the digits of an example are few")
def affine_backward(dY, X, W):
    d, x, w = dY.float(), X.float(), W.float()
    return (d @ w.T).to(dY), (x.T @ d).to(dY), d.sum(0).to(dY)


@wrong(
    "the three in another order",
    fails=[VALUES, SQUARE, DTYPE],
    kind="wrong-shape",
)
def affine_backward(dY, X, W):
    return X.T @ dY, dY @ W.T, dY.sum(0)


@wrong("no gradient of the bias", fails=[VALUES, SQUARE, DTYPE, ARGUMENTS], kind="wrong-length")
def affine_backward(dY, X, W):
    return dY @ W.T, X.T @ dY


@wrong("the bias has a gradient of 1", fails=[VALUES])
def affine_backward(dY, X, W):
    return dY @ W.T, X.T @ dY, torch.ones(W.shape[1], dtype=W.dtype)


@wrong("the step is taken at once", fails=[ARGUMENTS], kind="argument-changed", is_slip=True)
def affine_backward(dY, X, W):
    dX, dW = dY @ W.T, X.T @ dY
    W -= 0.01 * dW
    return dX, dW, dY.sum(0)


@wrong(
    "a minus sign for descent",
    fails=[VALUES, SQUARE],
    kind="negated",
    says="You return the gradients with a minus. That belongs to the step of gradient descent.",
    read="Where the transposes come from",
)
def affine_backward(dY, X, W):
    return dY @ W.T, -X.T @ dY, -dY.sum(0)


@wrong("prints the gradients", fails=[VALUES, SQUARE, DTYPE, ARGUMENTS], kind="printed")
def affine_backward(dY, X, W):
    print(dY @ W.T, X.T @ dY, dY.sum(0))


@wrong("entry by entry, where it should multiply matrices", fails=[SQUARE])
def affine_backward(dY, X, W):
    return dY * W.sum(1) if dY.shape == X.shape else dY @ W.T, X.T @ dY, dY.sum(0)


right("by inner products")("""
def affine_backward(dY, X, W):
    return torch.inner(dY, W), torch.tensordot(X, dY, dims=([0], [0])), dY.new_ones(len(dY)) @ dY
""")
