"""Right and wrong answers to `best_bottleneck_error`."""

import torch

from mlpgrader.variants import right, wrong


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
    ],
)
def best_bottleneck_error(T, k):
    return torch.linalg.svdvals(T)[k].item()


@wrong(
    "the spectral norm, 0 past the end",
    fails=["best-bottleneck-error-values", "best-bottleneck-error-no-units"],
)
def best_bottleneck_error(T, k):
    s = torch.linalg.svdvals(T)
    return s[k].item() if k < len(s) else 0.0


@wrong("no root", fails=["best-bottleneck-error-values", "best-bottleneck-error-no-units"])
def best_bottleneck_error(T, k):
    return torch.linalg.svdvals(T)[k:].square().sum().item()


@wrong(
    "a sum of singular values",
    fails=["best-bottleneck-error-values", "best-bottleneck-error-no-units"],
)
def best_bottleneck_error(T, k):
    return torch.linalg.svdvals(T)[k:].sum().item()


@wrong(
    "eigenvalues",
    fails=[
        "best-bottleneck-error-values",
        "best-bottleneck-error-no-units",
        "best-bottleneck-error-wide",
    ],
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
    ],
)
def best_bottleneck_error(T, k):
    return torch.linalg.svdvals(T)[k:].square().mean().sqrt().item()


@wrong(
    "the largest singular values kept",
    fails=[
        "best-bottleneck-error-values",
        "best-bottleneck-error-wide",
        "best-bottleneck-error-arguments",
    ],
)
def best_bottleneck_error(T, k):
    s = torch.linalg.svdvals(T)
    return s[: max(len(s) - k, 0)].square().sum().sqrt().item()


@wrong(
    "the error of a network of k - 1 units",
    fails=[
        "best-bottleneck-error-values",
        "best-bottleneck-error-wide",
        "best-bottleneck-error-arguments",
    ],
)
def best_bottleneck_error(T, k):
    return torch.linalg.svdvals(T)[max(k - 1, 0) :].square().sum().sqrt().item()


@wrong("0 for k = 0", fails=["best-bottleneck-error-no-units"])
def best_bottleneck_error(T, k):
    s = torch.linalg.svdvals(T)
    return torch.linalg.norm(s[k:]).item() if k else 0.0


@wrong("a slice from the end: -0 keeps everything", fails=["best-bottleneck-error-wide"])
def best_bottleneck_error(T, k):
    s = torch.linalg.svdvals(T)
    return s[-(len(s) - k) :].square().sum().sqrt().item() if k <= len(s) else 0.0


@wrong(
    "the Frobenius norm of T",
    fails=[
        "best-bottleneck-error-values",
        "best-bottleneck-error-wide",
        "best-bottleneck-error-arguments",
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
        "best-bottleneck-error-arguments",
    ],
)
def best_bottleneck_error(T, k):
    return torch.linalg.svdvals(T)[k:].square().sum().sqrt()[None]


@wrong("T changed in place", fails=["best-bottleneck-error-arguments"])
def best_bottleneck_error(T, k):
    U, s, Vh = torch.linalg.svd(T, full_matrices=False)
    T -= U[:, :k] * s[:k] @ Vh[:k]
    return T.norm().item()
