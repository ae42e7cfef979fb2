"""Compare a derivative with the right one, and draw the two where they part."""

import sys
from collections.abc import Callable
from typing import Any

from torch import Tensor

from .calls import name_of, value_and_grad
from .compare import Rule, find_difference, raise_if


def expect_derivative(
    f: Callable[[Tensor], Tensor],
    grad: Callable[[Tensor], Tensor],
    x: Tensor,
    what: str | None = None,
    *,
    rtol: float = 1e-6,
    atol: float = 1e-9,
    any_dtype: bool = False,
) -> None:
    """Raise unless ``grad(x)`` is the derivative of the elementwise function ``f`` at ``x``.

    In a Jupyter kernel a wrong derivative is also drawn beside the right one.

    Args:
        f: a differentiable elementwise function.
        grad: the claimed derivative.
        x: where the two are compared, a tensor of any shape.
        what: the name in the message; ``grad``'s own when ``None``.
        rtol: allowed relative error.
        atol: allowed absolute error.
        any_dtype: as for :func:`expect_close`.

    Raises:
        CheckError: if they differ.

    Examples:
        >>> import torch
        >>> expect_derivative(torch.sin, torch.cos, torch.linspace(-2, 2, 5), "sin'")
    """
    expected = _derivative(f, x)
    claimed = grad(x.clone())
    _expect_drawn(
        claimed, expected, x, what or f"{name_of(grad)}(x)", Rule(rtol, atol, any_dtype=any_dtype)
    )


def expect_gradient(
    f: Callable[[Tensor], Tensor],
    x: Tensor,
    expected: Tensor,
    what: str | None = None,
    *,
    rtol: float = 1e-6,
    atol: float = 1e-9,
    any_dtype: bool = False,
) -> None:
    """Raise unless autograd finds ``expected`` as the derivative of ``f`` at ``x``.

    In a Jupyter kernel a wrong derivative is also drawn beside the right one.

    Args:
        f: the elementwise function under test.
        x: where it is differentiated, a tensor of any shape.
        expected: the right derivative, a tensor of the same shape.
        what: the name in the message; *the gradient of …* when ``None``.
        rtol: allowed relative error.
        atol: allowed absolute error.
        any_dtype: as for :func:`expect_close`.

    Raises:
        CheckError: if the gradient differs, or autograd finds no path.

    Examples:
        >>> import torch
        >>> expect_gradient(torch.square, torch.tensor([1.0, 3.0]), torch.tensor([2.0, 6.0]))
    """
    gradient = value_and_grad(f, x)[1]
    _expect_drawn(
        gradient,
        expected,
        x,
        what or f"the gradient of {name_of(f)}",
        Rule(rtol, atol, any_dtype=any_dtype),
    )


def _expect_drawn(claimed: Any, expected: Tensor, x: Tensor, what: str, rule: Rule) -> None:
    difference = find_difference(claimed, expected, what, rule)
    if difference is not None and in_kernel():
        draw_difference(x, claimed, expected)
    raise_if(difference)


def _derivative(f: Callable[[Tensor], Tensor], x: Tensor, step: float = 1e-6) -> Tensor:
    """Differentiate by autograd, or by centered differences where autograd finds no path."""
    try:
        gradient: Tensor = value_and_grad(f, x)[1]
        return gradient
    except AssertionError:
        z = x.double()
        return ((f(z + step) - f(z - step)) / (2 * step)).to(x.dtype)


def in_kernel() -> bool:
    """Whether this runs in a Jupyter kernel, which can show a picture."""
    ipython = sys.modules.get("IPython")
    return ipython is not None and type(ipython.get_ipython()).__name__ == "ZMQInteractiveShell"


def draw_difference(x: Tensor, claimed: Any, expected: Tensor) -> None:
    """Plot the claimed derivative over the right one, in a Jupyter kernel alone."""
    if not isinstance(claimed, Tensor) or claimed.shape != x.shape or x.numel() < 2:
        return
    from IPython.display import display
    from matplotlib import pyplot as plt

    show: Callable[..., object] = display  # which has no annotations
    order = x.flatten().argsort()
    figure, ax = plt.subplots(figsize=(5, 3))
    for values, style, label in ((expected, "o-", "expected"), (claimed, "x--", "got")):
        ax.plot(x.flatten()[order], values.detach().flatten()[order], style, label=label)
    ax.set(xlabel="x", ylabel="derivative")
    ax.legend()
    show(figure)
    plt.close(figure)
