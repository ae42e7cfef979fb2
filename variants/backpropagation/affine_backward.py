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
