"""Right and wrong answers to `gradient_error`."""

import torch

from mlpgrader.variants import Slips, edited, right, wrong


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
GRADIENT = """

def gradient(f, x):
    x = x.clone().requires_grad_()
    with torch.enable_grad():
        return torch.autograd.grad(f(x), x, allow_unused=True, materialize_grads=True)[0]
"""
CENTRED = "(f(x + e) - f(x - e)) / (2 * h)"
right("where the scale is positive")(ERROR)
slip = Slips(ERROR, "gradient-error")
slip("forward differences", "right", (CENTRED, "(f(x + e) - f(x)) / h"))
slip(
    "forward differences of 1e-7",
    "right",
    (CENTRED, "(f(x + e) - f(x)) / h"),
    ("1e-6", "1e-7"),
)
slip("centered steps of 1e-8", "right", ("1e-6", "1e-8"))
wrong("autograd for differences", fails=["gradient-error-right"])(
    edited(ERROR, (CENTRED, "gradient(f, x).view(-1)[i]")) + GRADIENT
)
slip("the first entry left out", "right wrong zero", ("range(x.numel())", "range(1, x.numel())"))
slip("a step of 1e-2", "right wrong", ("1e-6", "1e-2"))
slip("a step of 1e-12", "right wrong zero", ("1e-6", "1e-12"))
slip("no 2 in the quotient", "right wrong zero", ("(2 * h)", "h"))
slip(
    "float32",
    "right wrong zero",
    ("f(x + e) - f(x - e)", "f((x + e).float()) - f((x - e).float())"),
)
slip("the absolute error", "right wrong zero", ("(grad - n).abs() / scale", "(grad - n).abs()"))
slip("the mean error", "wrong zero", ("error.max()", "error.mean()"))
slip("the first entry alone", "wrong zero", ("error.max()", "error.view(-1)[0]"))
slip(
    "relative to the claimed gradient",
    "wrong zero",
    ("torch.maximum(grad.abs(), n.abs())", "grad.abs()"),
)
slip("relative to the sum", "wrong", ("torch.maximum(grad.abs(), n.abs())", "grad.abs() + n.abs()"))
slip(
    "a small number in the denominator",
    "wrong zero",
    ("(grad - n).abs() / scale", "(grad - n).abs() / (scale + 1e-8)"),
)
slip("signed errors", "right wrong", ("(grad - n).abs() / scale", "(grad - n) / scale"))
slip(
    "0 / 0 is nan",
    "zero",
    ("torch.where(scale > 0, (grad - n).abs() / scale, 0.0)", "(grad - n).abs() / scale"),
)
slip("0 / 0 is 1", "zero", (", 0.0)", ", 1.0)"))
slip("zeros are left out", "wrong zero", ("scale > 0", "(grad != 0) & (n != 0)"))


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
