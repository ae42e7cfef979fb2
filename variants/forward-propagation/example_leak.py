"""Right and wrong answers to `example_leak`."""

import math

import torch

from mlpgrader.variants import equivalent, right, wrong


@right("one gradient per output")
def example_leak(f, X):
    inputs = X.detach().clone().requires_grad_()
    outputs = f(inputs)
    worst = 0.0
    if not outputs.requires_grad:
        return worst
    for i in range(outputs.shape[0]):
        others = [j for j in range(len(X)) if j != i]
        for output in outputs[i]:
            (grad,) = torch.autograd.grad(output, inputs, retain_graph=True, allow_unused=True)
            if grad is not None and others:
                worst = max(worst, float(grad[others].abs().max()))
    return worst


@right("by torch.func, block by block")
def example_leak(f, X):
    jacobian = torch.func.jacrev(f)(X)
    blocks = [jacobian[i, :, j] for i in range(len(X)) for j in range(len(X)) if i != j]
    return torch.stack(blocks).abs().max() if blocks else torch.tensor(0.0, dtype=X.dtype)


@right("forward mode, one input at a time")
def example_leak(f, X):
    worst = 0.0
    for j in range(X.shape[0]):
        for k in range(X.shape[1]):
            tangent = torch.zeros_like(X)
            tangent[j, k] = 1
            change = torch.autograd.functional.jvp(f, X, tangent)[1].detach().abs()
            change[j] = 0
            worst = max(worst, change.max().item())
    return worst


VALUES = "example-leak-values"
NONE = "example-leak-none"
EXACT = "example-leak-exact"
DTYPE = "example-leak-dtype"
ARGUMENTS = "example-leak-arguments"


@wrong(
    "an example's effect on itself counts",
    fails=[VALUES, NONE, DTYPE],
    says=(
        "An example's effect on its own result counts in yours; only that on the others is a leak."
    ),
    read="Elementwise, row-wise, batch-wise",
)
def example_leak(f, X):
    return torch.autograd.functional.jacobian(f, X).abs().max().item()


@wrong("the change of the result when one entry moves by 1", fails=[VALUES, EXACT])
def example_leak(f, X):
    worst, before = 0.0, f(X).detach()
    for j in range(X.shape[0]):
        for k in range(X.shape[1]):
            moved = X.clone()
            moved[j, k] += 1
            change = (f(moved).detach() - before).abs()
            change[j] = 0
            worst = max(worst, change.max().item())
    return worst


@wrong(
    "forward differences with a step of 1e-3",
    fails=[VALUES, EXACT, DTYPE],
    says="A difference is an approximation, with fewer digits than the task asks for.",
    read="Elementwise, row-wise, batch-wise",
    kind="imprecise",
)
def example_leak(f, X):
    worst, before = 0.0, f(X).detach()
    for j in range(X.shape[0]):
        for k in range(X.shape[1]):
            moved = X.clone()
            moved[j, k] += 1e-3
            change = (f(moved).detach() - before).abs() / 1e-3
            change[j] = 0
            worst = max(worst, change.max().item())
    return worst


@wrong("compares each example with its result alone", fails=[VALUES, EXACT, DTYPE])
def example_leak(f, X):
    alone = torch.cat([f(X[i : i + 1]) for i in range(len(X))])
    return (f(X) - alone).abs().max().item()


@wrong(
    "asks only whether the result is finite",
    fails=[VALUES, EXACT, NONE, DTYPE, ARGUMENTS],
    kind="zero",
)
def example_leak(f, X):
    return 0.0 if f(X).isfinite().all() else math.inf


@wrong("the sum of the outputs of an example", fails=[VALUES, DTYPE])
def example_leak(f, X):
    jacobian = torch.autograd.functional.jacobian(lambda X: f(X).sum(dim=1), X)
    return jacobian.abs().amax(dim=2).fill_diagonal_(0).max().item()


@wrong(
    "signed derivatives",
    fails=[VALUES, DTYPE],
    says="You compare derivatives with their signs, so a large negative one is overlooked.",
    read="Elementwise, row-wise, batch-wise",
)
def example_leak(f, X):
    jacobian = torch.autograd.functional.jacobian(f, X)
    return max(0.0, jacobian.amax(dim=(1, 3)).fill_diagonal_(0).max().item())


@wrong("a norm for the largest entry", fails=[VALUES, EXACT, DTYPE])
def example_leak(f, X):
    jacobian = torch.autograd.functional.jacobian(f, X)
    return jacobian.norm(dim=(1, 3)).fill_diagonal_(0).max().item()


@wrong(
    "the first example alone",
    fails=[VALUES, EXACT],
    says="You look at the first example alone.",
    read="Elementwise, row-wise, batch-wise",
    kind="zero",
)
def example_leak(f, X):
    jacobian = torch.autograd.functional.jacobian(f, X)
    return jacobian[0, :, 1:].abs().max().item() if len(X) > 1 else 0.0


@wrong(
    "neighbours alone",
    fails=[VALUES, EXACT],
    says="You compare each example with its neighbors alone; any pair may leak.",
    read="Elementwise, row-wise, batch-wise",
    kind="zero",
)
def example_leak(f, X):
    jacobian = torch.autograd.functional.jacobian(f, X)
    effects = [jacobian[i + 1, :, i].abs().max().item() for i in range(len(X) - 1)]
    return max(effects, default=0.0)


@wrong(
    "fails for a single example",
    fails=[NONE],
    is_slip=True,
    kind="raised",
)
def example_leak(f, X):
    jacobian = torch.autograd.functional.jacobian(f, X)
    apart = ~torch.eye(len(X), dtype=torch.bool)
    return jacobian.abs().amax(dim=(1, 3))[apart].max().item()


@wrong(
    "fails for a constant",
    fails=[NONE],
    is_slip=True,
    kind="raised",
)
def example_leak(f, X):
    inputs = X.detach().clone().requires_grad_()
    outputs = f(inputs)
    worst = 0.0
    for i in range(len(X)):
        for output in outputs[i]:
            (grad,) = torch.autograd.grad(output, inputs, retain_graph=True)
            worst = max([worst, *(float(grad[j].abs().max()) for j in range(len(X)) if j != i)])
    return worst


@wrong(
    "makes the given minibatch require grad",
    fails=[ARGUMENTS],
    kind="argument-changed",
    is_slip=True,
)
def example_leak(f, X):
    X.requires_grad_()
    jacobian = torch.autograd.functional.jacobian(f, X)
    return jacobian.abs().amax(dim=(1, 3)).fill_diagonal_(0).max().item()


@right("vector-Jacobian products, output by output")
def example_leak(f, X):
    X = X.detach().requires_grad_()
    Y = f(X)
    worst = torch.zeros((), dtype=X.dtype)
    for i in range(Y.shape[0]):
        for k in range(Y.shape[1]):
            if Y.requires_grad:
                (grad,) = torch.autograd.grad(
                    Y[i, k], X, retain_graph=True, allow_unused=True, materialize_grads=True
                )
                others = torch.cat([grad[:i], grad[i + 1 :]])
                worst = max([worst, *others.abs().flatten()])
    return worst.detach()


@wrong(
    "centered differences",
    fails=[EXACT, DTYPE],
    says="A difference is an approximation, with fewer digits than the task asks for.",
    read="Elementwise, row-wise, batch-wise",
    kind="imprecise",
)
def example_leak(f, X):
    h, worst = 1e-5, 0.0
    for j in range(X.shape[0]):
        for k in range(X.shape[1]):
            step = torch.zeros_like(X)
            step[j, k] = h
            change = ((f(X + step) - f(X - step)) / (2 * h)).detach().abs()
            change[j] = 0
            worst = max(worst, change.max().item())
    return worst


@wrong(
    "f gets double precision",
    fails=[DTYPE],
    is_slip=True,
    kind="raised",
)
def example_leak(f, X):
    jacobian = torch.autograd.functional.jacobian(f, X.double())
    return jacobian.abs().amax(dim=(1, 3)).fill_diagonal_(0).max().item()


@wrong("f gets single precision", fails=[VALUES, EXACT, NONE, DTYPE], kind="lower-precision")
def example_leak(f, X):
    jacobian = torch.autograd.functional.jacobian(f, X.float())
    return jacobian.abs().amax(dim=(1, 3)).fill_diagonal_(0).max().item()


@wrong(
    "one column of the input for another",
    fails=[VALUES, EXACT, NONE, DTYPE, ARGUMENTS],
    kind="zero",
)
def example_leak(f, X):
    jacobian = torch.autograd.functional.jacobian(f, X)
    return jacobian.abs().amax(dim=(0, 2)).fill_diagonal_(0).max().item()


@wrong("the same column alone", fails=[VALUES, EXACT, DTYPE])
def example_leak(f, X):
    jacobian = torch.autograd.functional.jacobian(f, X)
    q = min(jacobian.shape[1], jacobian.shape[3])
    same = torch.stack([jacobian[:, k, :, k] for k in range(q)]).abs().amax(0)
    return same.fill_diagonal_(0).max().item()


@wrong("the mean over pairs", fails=[VALUES, EXACT])
def example_leak(f, X):
    jacobian = torch.autograd.functional.jacobian(f, X)
    effect = jacobian.abs().amax(dim=(1, 3)).fill_diagonal_(0)
    return (effect.sum() / max(1, len(X) * (len(X) - 1))).item()


@wrong("earlier examples on later ones alone", fails=[VALUES, EXACT])
def example_leak(f, X):
    jacobian = torch.autograd.functional.jacobian(f, X)
    return jacobian.abs().amax(dim=(1, 3)).tril(-1).max().item()


@wrong(
    "the gradient of the sum of all outputs",
    fails=[VALUES, EXACT, NONE, DTYPE],
    kind="zero",
)
def example_leak(f, X):
    X = X.detach().clone().requires_grad_()
    out = f(X).sum()
    if not out.requires_grad:
        return 0.0
    return torch.autograd.grad(out, X, allow_unused=True)[0].abs().max().item()


@wrong("prints the leak", fails=[VALUES, EXACT, NONE, DTYPE, ARGUMENTS], kind="printed")
def example_leak(f, X):
    jacobian = torch.autograd.functional.jacobian(f, X)
    print(jacobian.abs().amax(dim=(1, 3)).fill_diagonal_(0).max().item())


equivalent(
    "the largest over two dimensions, in either order",
    "effect = jacobian.abs().amax(dim=(1, 3))",
    "effect = jacobian.abs().amax(dim=(3, 1))",
)
equivalent(
    "a float may be a 0-d tensor",
    "return effect.fill_diagonal_(0).max().item()",
    "return effect.fill_diagonal_(0).max()",
)
