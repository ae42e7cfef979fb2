"""Right and wrong answers to `best_bottleneck_error`."""

import math

import torch

from mlpgrader.variants import equivalent, right, wrong


@right("by the best approximation itself, as a 0-d tensor")
def best_bottleneck_error(T, k):
    U, s, Vh = torch.linalg.svd(T, full_matrices=False)
    k = min(k, len(s))
    return torch.linalg.norm(T - U[:, :k] * s[:k] @ Vh[:k])


right("by NumPy")("""
import numpy as np


def best_bottleneck_error(T, k):
    s = np.linalg.svd(T.numpy(), compute_uv=False)
    return math.sqrt(sum(float(x) ** 2 for i, x in enumerate(s) if i >= k))
""")


@right("by the eigenvalues of the Gram matrix")
def best_bottleneck_error(T, k):
    d = len(T)
    squares = torch.linalg.eigvalsh(T.double() @ T.double().T).clamp(min=0)
    return float(squares[: max(0, d - k)].sum().sqrt())


@wrong(
    "the spectral norm",
    fails=[
        "best-bottleneck-error-values",
        "best-bottleneck-error-no-units",
        "best-bottleneck-error-wide",
        "best-bottleneck-error-float32",
    ],
    kind="raised",
    says=(
        "You return the first singular value left out, which is the spectral norm. The "
        "Frobenius norm takes all that are left out."
    ),
    read="What do two layers gain?",
)
def best_bottleneck_error(T, k):
    return torch.linalg.svdvals(T)[k].item()


@wrong(
    "the spectral norm, 0 past the end",
    fails=[
        "best-bottleneck-error-values",
        "best-bottleneck-error-no-units",
        "best-bottleneck-error-float32",
    ],
    says=(
        "You return the first singular value left out, which is the spectral norm. The "
        "Frobenius norm takes all that are left out."
    ),
    read="What do two layers gain?",
)
def best_bottleneck_error(T, k):
    s = torch.linalg.svdvals(T)
    return s[k].item() if k < len(s) else 0.0


@wrong(
    "no root",
    fails=[
        "best-bottleneck-error-values",
        "best-bottleneck-error-no-units",
        "best-bottleneck-error-float32",
    ],
    says="The root is missing.",
    read="What do two layers gain?",
)
def best_bottleneck_error(T, k):
    return torch.linalg.svdvals(T)[k:].square().sum().item()


@wrong(
    "a sum of singular values",
    fails=[
        "best-bottleneck-error-values",
        "best-bottleneck-error-no-units",
        "best-bottleneck-error-float32",
    ],
    says=(
        "You add up singular values; the Frobenius norm is the root of the sum of their squares."
    ),
    read="What do two layers gain?",
)
def best_bottleneck_error(T, k):
    return torch.linalg.svdvals(T)[k:].sum().item()


@wrong(
    "eigenvalues",
    fails=[
        "best-bottleneck-error-values",
        "best-bottleneck-error-no-units",
        "best-bottleneck-error-wide",
        "best-bottleneck-error-float32",
        "best-bottleneck-error-arguments",
    ],
    kind="raised",
)
def best_bottleneck_error(T, k):
    values = torch.linalg.eigvals(T).abs().sort(descending=True).values
    return values[k:].square().sum().sqrt().item()


@wrong(
    "the mean for the sum",
    fails=[
        "best-bottleneck-error-values",
        "best-bottleneck-error-no-units",
        "best-bottleneck-error-wide",
        "best-bottleneck-error-float32",
    ],
    kind="not-finite",
)
def best_bottleneck_error(T, k):
    return torch.linalg.svdvals(T)[k:].square().mean().sqrt().item()


@wrong(
    "the largest singular values kept",
    fails=["best-bottleneck-error-values", "best-bottleneck-error-float32"],
    says=(
        "You take the singular values that the network can keep; the error is made of the others."
    ),
    read="What do two layers gain?",
)
def best_bottleneck_error(T, k):
    s = torch.linalg.svdvals(T)
    return s[: max(len(s) - k, 0)].square().sum().sqrt().item()


@wrong(
    "the error of a network of k - 1 units",
    fails=[
        "best-bottleneck-error-values",
        "best-bottleneck-error-wide",
        "best-bottleneck-error-float32",
    ],
    says="One singular value too many is left out: a width of `k` keeps `k` of them.",
    read="What do two layers gain?",
)
def best_bottleneck_error(T, k):
    return torch.linalg.svdvals(T)[max(k - 1, 0) :].square().sum().sqrt().item()


@wrong(
    "0 for k = 0",
    fails=["best-bottleneck-error-no-units"],
    is_slip=True,
    kind="zero",
)
def best_bottleneck_error(T, k):
    s = torch.linalg.svdvals(T)
    return torch.linalg.norm(s[k:]).item() if k else 0.0


@wrong(
    "a slice from the end: -0 keeps everything", fails=["best-bottleneck-error-wide"], is_slip=True
)
def best_bottleneck_error(T, k):
    s = torch.linalg.svdvals(T)
    return s[-(len(s) - k) :].square().sum().sqrt().item() if k <= len(s) else 0.0


@wrong(
    "the Frobenius norm of T",
    fails=[
        "best-bottleneck-error-values",
        "best-bottleneck-error-wide",
        "best-bottleneck-error-float32",
    ],
)
def best_bottleneck_error(T, k):
    return T.norm().item()


@wrong(
    "one entry, not a scalar",
    fails=[
        "best-bottleneck-error-values",
        "best-bottleneck-error-no-units",
        "best-bottleneck-error-wide",
        "best-bottleneck-error-float32",
    ],
    kind="wrong-shape",
)
def best_bottleneck_error(T, k):
    return torch.linalg.svdvals(T)[k:].square().sum().sqrt()[None]


@wrong(
    "T changed in place",
    fails=["best-bottleneck-error-arguments"],
    is_slip=True,
    kind="argument-changed",
)
def best_bottleneck_error(T, k):
    U, s, Vh = torch.linalg.svd(T, full_matrices=False)
    T -= U[:, :k] * s[:k] @ Vh[:k]
    return T.norm().item()


@right("twice truncated, in float64")
def best_bottleneck_error(T, k):
    s = torch.linalg.svdvals(T.double()).tolist()
    return math.hypot(*s[k:]) if k < len(s) else 0


@wrong(
    "the norm's square less the squares kept", fails=["best-bottleneck-error-float32"], is_slip=True
)
def best_bottleneck_error(T, k):
    kept = torch.linalg.svdvals(T)[:k].square().sum()
    return (T.square().sum() - kept).clamp(min=0).sqrt().item()


@wrong(
    "the eigenvalues of the Gram matrix in float32",
    fails=["best-bottleneck-error-float32"],
    is_slip=True,
    kind="imprecise",
)
def best_bottleneck_error(T, k):
    squares = torch.linalg.eigvalsh(T @ T.T).clamp(min=0)
    return squares[: max(len(T) - k, 0)].sum().sqrt().item()


@wrong(
    "the nuclear norm of what is left out",
    fails=[
        "best-bottleneck-error-values",
        "best-bottleneck-error-no-units",
        "best-bottleneck-error-float32",
    ],
)
def best_bottleneck_error(T, k):
    U, s, Vh = torch.linalg.svd(T, full_matrices=False)
    left_out = U[:, k:] * s[k:] @ Vh[k:]
    return torch.linalg.matrix_norm(left_out, "nuc").item()


@wrong(
    "the first rows kept",
    fails=[
        "best-bottleneck-error-values",
        "best-bottleneck-error-wide",
        "best-bottleneck-error-float32",
    ],
)
def best_bottleneck_error(T, k):
    return T[k:].norm().item()


@wrong(
    "relative to the norm of T",
    fails=[
        "best-bottleneck-error-values",
        "best-bottleneck-error-no-units",
        "best-bottleneck-error-float32",
        "best-bottleneck-error-arguments",
    ],
    says="Your error is relative to the norm of `T`; the absolute one is due.",
    read="What do two layers gain?",
)
def best_bottleneck_error(T, k):
    return (torch.linalg.svdvals(T)[k:].norm() / T.norm()).item()


@wrong(
    "k above the sizes is refused",
    fails=["best-bottleneck-error-wide"],
    is_slip=True,
    kind="raised",
)
def best_bottleneck_error(T, k):
    if k > min(T.shape):
        raise ValueError("too many units")
    return torch.linalg.svdvals(T)[k:].norm().item()


@wrong(
    "squares in place of T",
    fails=["best-bottleneck-error-arguments"],
    is_slip=True,
    kind="argument-changed",
)
def best_bottleneck_error(T, k):
    s = torch.linalg.svdvals(T)
    T.square_()
    return s[k:].norm().item()


equivalent(
    "a 0-d tensor will do for a float",
    "return torch.linalg.svdvals(T)[k:].square().sum().sqrt().item()",
    "return torch.linalg.svdvals(T)[k:].square().sum().sqrt()",
)
