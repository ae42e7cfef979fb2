"""Right and wrong answers to `prelu_grad`."""

import torch

from mlpgrader.variants import right, wrong


@right("by comparison and cast")
def prelu_grad(x, alpha):
    positive = (x > 0).to(x.dtype)
    return positive + alpha * (1 - positive)


@right("filled in")
def prelu_grad(x, alpha):
    slopes = torch.full_like(x, alpha)
    slopes[x > 0] = 1
    return slopes


@right("by autograd of two ReLUs")
def prelu_grad(x, alpha):
    z = x.detach().clone().requires_grad_()
    with torch.enable_grad():
        # relu has slope 0 at 0: written this way the point 0 belongs to the left
        y = alpha * z + (1 - alpha) * torch.relu(z)
        y.sum().backward()
    return z.grad


@wrong(
    "0 for negative inputs", fails=["prelu-grad-values", "prelu-grad-any-alpha", "prelu-grad-kink"]
)
def prelu_grad(x, alpha):
    return (x > 0).to(x.dtype)


@wrong("of max(x, alpha x)", fails=["prelu-grad-any-alpha", "prelu-grad-kink"])
def prelu_grad(x, alpha):
    z = x.detach().clone().requires_grad_()
    torch.maximum(z, alpha * z).sum().backward()
    return z.grad


@wrong("of max(x, alpha x), alpha at 0", fails=["prelu-grad-any-alpha"])
def prelu_grad(x, alpha):
    larger, smaller = max(1, alpha), min(1, alpha)
    slopes = torch.where(x > 0, torch.full_like(x, larger), smaller)
    return torch.where(x == 0, alpha, slopes)


@wrong("1 at 0", fails=["prelu-grad-kink"])
def prelu_grad(x, alpha):
    return torch.where(x >= 0, torch.ones_like(x), alpha)


@wrong("0 at 0", fails=["prelu-grad-kink"])
def prelu_grad(x, alpha):
    return (x > 0).to(x.dtype) + alpha * (x < 0).to(x.dtype)


@wrong("-alpha", fails=["prelu-grad-values", "prelu-grad-any-alpha", "prelu-grad-kink"])
def prelu_grad(x, alpha):
    return torch.where(x > 0, torch.ones_like(x), -alpha)


@wrong(
    "alpha x for negative inputs",
    fails=["prelu-grad-values", "prelu-grad-any-alpha", "prelu-grad-kink"],
)
def prelu_grad(x, alpha):
    return torch.where(x > 0, torch.ones_like(x), alpha * x)


@wrong(
    "two Python numbers make float32",
    fails=["prelu-grad-values", "prelu-grad-any-alpha", "prelu-grad-kink"],
)
def prelu_grad(x, alpha):
    return torch.where(x > 0, 1.0, alpha)


@wrong("in place", fails=["prelu-grad-arguments"])
def prelu_grad(x, alpha):
    positive = x > 0
    x[positive] = 1
    x[~positive] = alpha
    return x


@wrong("1 only well above 0", fails=["prelu-grad-values"])
def prelu_grad(x, alpha):
    return torch.where(x > 1e-6, torch.ones_like(x), alpha)
