"""Right and wrong answers to `gradient_error`."""

import torch

from mlpgrader.variants import Slips, edited, equivalent, right, wrong

RIGHT = "gradient-error-right"
WRONG = "gradient-error-wrong"
ZERO = "gradient-error-zero"
ARGUMENTS = "gradient-error-arguments"
SHAPES = "gradient-error-shapes"


@right("moves an entry of a copy and puts the number back")
def gradient_error(f, x, grad):
    h, z, worst = 2e-6, x.clone().contiguous(), 0.0
    for index in torch.cartesian_prod(*[torch.arange(n) for n in x.shape], torch.arange(1)):
        at = tuple(index.reshape(-1)[:-1].tolist())
        kept = z[at].item()
        z[at] = kept + h
        up = f(z).item()
        z[at] = kept - h
        n = (up - f(z).item()) / (2 * h)
        z[at] = kept
        g = grad[at].item()
        if g or n:
            worst = max(worst, abs(g - n) / max(abs(g), abs(n)))
    return worst


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
    n, h = torch.zeros(x.shape, dtype=x.dtype), 1e-6
    for i in range(x.numel()):
        e = torch.zeros(x.shape, dtype=x.dtype)
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
slip(
    "forward differences",
    "right",
    (CENTRED, "(f(x + e) - f(x)) / h"),
    says=(
        "A difference to one side has an error as large as its step. Take one step to each side."
    ),
    read="Check yourself: finite differences",
    kind="imprecise",
)
slip(
    "forward differences of 1e-7",
    "right",
    (CENTRED, "(f(x + e) - f(x)) / h"),
    ("1e-6", "1e-7"),
    kind="imprecise",
)
slip(
    "centered steps of 1e-8",
    "right",
    ("1e-6", "1e-8"),
    unseen="how much is rounded is a matter of luck at one point",
)
wrong(
    "autograd for differences",
    fails=[RIGHT],
    kind="raised",
)(edited(ERROR, (CENTRED, "gradient(f, x).view(-1)[i]")) + GRADIENT)
slip(
    "the first entry left out",
    "right wrong zero shapes arguments",
    ("range(x.numel())", "range(1, x.numel())"),
)
slip(
    "a step of 1e-2",
    "right wrong shapes",
    ("1e-6", "1e-2"),
    says="The step is so large that the difference is not the derivative to enough digits.",
    read="Check yourself: finite differences",
    kind="imprecise",
)
slip(
    "a step of 1e-12",
    "right wrong zero shapes",
    ("1e-6", "1e-12"),
    says="The step is so small that rounding leaves nothing of the difference.",
    read="Check yourself: finite differences",
    kind="imprecise",
)
slip(
    "no 2 in the quotient",
    "right wrong zero shapes",
    ("(2 * h)", "h"),
    says="Between `x - h` and `x + h` lie two steps; you divide by one.",
    read="Check yourself: finite differences",
)
slip(
    "float32",
    "right wrong zero shapes",
    ("f(x + e) - f(x - e)", "f((x + e).float()) - f((x - e).float())"),
)
slip(
    "the absolute error",
    "right wrong zero shapes",
    ("(grad - n).abs() / scale", "(grad - n).abs()"),
    says=(
        "You return the absolute error; the task asks for one that is relative to the "
        "larger of the two."
    ),
    read="Check yourself: finite differences",
)
slip(
    "the mean error",
    "wrong zero shapes",
    ("error.max()", "error.mean()"),
    says=(
        "You return the mean of the errors. One wrong entry among many would hide in "
        "it: take the largest."
    ),
    read="Check yourself: finite differences",
)
slip("the first entry alone", "wrong zero", ("error.max()", "error.view(-1)[0]"))
slip(
    "relative to the claimed gradient",
    "wrong zero",
    ("torch.maximum(grad.abs(), n.abs())", "grad.abs()"),
)
slip(
    "relative to the sum",
    "wrong shapes",
    ("torch.maximum(grad.abs(), n.abs())", "grad.abs() + n.abs()"),
)
slip(
    "a small number in the denominator",
    "wrong zero",
    ("(grad - n).abs() / scale", "(grad - n).abs() / (scale + 1e-8)"),
    kind="imprecise",
)
slip(
    "signed errors",
    "right wrong shapes",
    ("(grad - n).abs() / scale", "(grad - n) / scale"),
    says="You compare errors with their signs, so a large negative one counts as small.",
    read="Check yourself: finite differences",
)
slip(
    "0 / 0 is nan",
    "zero",
    ("torch.where(scale > 0, (grad - n).abs() / scale, 0.0)", "(grad - n).abs() / scale"),
    says="Where both gradients are 0, you divide 0 by 0; the error there is 0.",
    read="Check yourself: finite differences",
    kind="not-finite",
)
slip("0 / 0 is 1", "zero", (", 0.0)", ", 1.0)"))
slip("zeros are left out", "wrong zero", ("scale > 0", "(grad != 0) & (n != 0)"))


@wrong(
    "relative to the norm of the whole gradient",
    fails=[WRONG, ZERO, SHAPES],
    kind="raised",
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
    fails=[RIGHT, WRONG, ZERO, ARGUMENTS, SHAPES],
    kind="wrong-type",
)
def gradient_error(f, x, grad):
    n = torch.zeros_like(x)
    for i in range(x.numel()):
        e = torch.zeros_like(x)
        e.view(-1)[i] = 1e-6
        n.view(-1)[i] = (f(x + e) - f(x - e)) / 2e-6
    return torch.allclose(grad, n, rtol=1e-6)


@wrong(
    "moves the given x there and back",
    fails=[ARGUMENTS, SHAPES],
    kind="argument-changed",
)
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
    fails=[RIGHT, WRONG, ARGUMENTS, SHAPES],
    kind="imprecise",
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


slip(
    "a view of x",
    "shapes",
    ("torch.zeros(x.shape, dtype=x.dtype)\n        e.view", "torch.zeros_like(x)\n        e.view"),
    is_slip=True,
    kind="raised",
)
slip(
    "a vector alone",
    "right wrong zero shapes",
    ("for i in range(x.numel())", "for i in range(len(x))"),
)
slip(
    "the smallest error",
    "wrong zero shapes",
    ("error.max()", "error.min()"),
    says="You return the smallest of the errors; the largest is due.",
    read="Check yourself: finite differences",
)
slip(
    "relative to the smaller",
    "wrong zero shapes",
    ("torch.maximum(grad.abs(), n.abs())", "torch.minimum(grad.abs(), n.abs())"),
)
slip(
    "relative to the differences",
    "wrong zero shapes",
    ("torch.maximum(grad.abs(), n.abs())", "n.abs()"),
)
slip(
    "backward differences",
    "right",
    ("(f(x + e) - f(x - e)) / (2 * h)", "(f(x) - f(x - e)) / h"),
    says=(
        "A difference to one side has an error as large as its step. Take one step to each side."
    ),
    read="Check yourself: finite differences",
    kind="imprecise",
)
slip(
    "in percent",
    "right wrong zero shapes",
    ("error.max().item()", "100 * error.max().item()"),
    kind="factor",
)
slip("the error squared", "wrong shapes", ("error.max().item()", "error.max().item() ** 2"))
slip(
    "absolute values of both",
    "wrong",
    ("(grad - n).abs() / scale", "(grad.abs() - n.abs()).abs() / scale"),
    is_slip=True,
)
slip(
    "all entries at once",
    "right wrong zero shapes",
    ("e.view(-1)[i] = h", "e.view(-1)[:] = h"),
    says="You move all entries of `x` at once. A partial derivative moves one.",
    read="Check yourself: finite differences",
)
slip(
    "prints the error",
    "right wrong zero shapes arguments",
    ("return error.max().item()", "print(error.max().item())"),
    kind="printed",
)


@wrong(
    "adds and takes away the step in a view of x",
    fails=[ARGUMENTS],
    is_slip=True,
    kind="argument-changed",
)
def gradient_error(f, x, grad):
    n = torch.zeros(x.shape, dtype=x.dtype)
    places = torch.ones(x.shape).nonzero().tolist()
    for place in places:
        at = tuple(place)
        x[at] += 1e-6
        up = f(x).item()
        x[at] -= 2e-6
        n[at] = (up - f(x).item()) / 2e-6
        x[at] += 1e-6
    scale = torch.maximum(grad.abs(), n.abs())
    return ((grad - n).abs() / scale.clamp(min=1e-300)).max().item()


equivalent(
    "rounding the step to float32 changes the differences by less than 1e-7",
    "offsets = step * torch.eye(len(entries), dtype=x.dtype)",
    "offsets = step * torch.eye(len(entries))",
)
equivalent(
    "x, its entries and grad have one dtype",
    "offsets = step * torch.eye(len(entries), dtype=x.dtype)",
    "offsets = step * torch.eye(len(entries), dtype=grad.dtype)",
)
equivalent(
    "x, its entries and grad have one dtype",
    "offsets = step * torch.eye(len(entries), dtype=x.dtype)",
    "offsets = step * torch.eye(len(entries), dtype=entries.dtype)",
)
equivalent(
    "x and grad have one shape",
    "return f(entries.reshape(x.shape))",
    "return f(entries.reshape(grad.shape))",
)
equivalent(
    "x and grad have one shape",
    "numerical = torch.stack(differences).reshape(x.shape) / (2 * step)",
    "numerical = torch.stack(differences).reshape(grad.shape) / (2 * step)",
)
equivalent(
    "distance has no sign",
    "error = (grad - numerical).abs() / torch.where(scale > 0, scale, 1)",
    "error = (numerical - grad).abs() / torch.where(scale > 0, scale, 1)",
)
equivalent(
    "0 divided by any number is 0",
    "error = (grad - numerical).abs() / torch.where(scale > 0, scale, 1)",
    "error = (grad - numerical).abs() / torch.where(scale > 0, scale, 2)",
)
equivalent("a float may be a 0-d tensor", "return error.max().item()", "return error.max()")
