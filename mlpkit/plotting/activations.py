"""Figures of the chapter on activations."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from torch import Tensor

from .style import COLORS, LINE_STYLES

COLOR_CYCLE = list(COLORS.values())
ERROR_FLOOR = 1e-9
"""Where an error of exactly 0 is drawn on a logarithmic axis."""


def value_and_derivative(x: Tensor, value: Tensor, grad: Tensor, ax: Axes | None = None) -> Axes:
    """Draw a function and, dashed, its derivative.

    Args:
        x: increasing points.
        value: the function there.
        grad: its derivative there; where it jumps by more than a half the line is broken.
        ax: the axes to draw on; new ones when ``None``.

    Shape:
        - x, value, grad: ``(K,)``

    Returns:
        The axes, with two lines.

    Examples:
        >>> x = torch.tensor([-1.0, -0.1, 0.1, 1.0])
        >>> ax = value_and_derivative(x, x.relu(), (x > 0).float())
        >>> ax.lines[1].get_ydata().tolist()
        [0.0, 0.0, nan, 1.0, 1.0]
        >>> plt.close(ax.figure)
    """
    ax = plt.subplots()[1] if ax is None else ax
    ax.plot(x, value, color=COLOR_CYCLE[0], label=r"$\phi$")
    places, slopes = _broken(x, grad)
    ax.plot(places, slopes, color=COLOR_CYCLE[1], linestyle=LINE_STYLES[1], label=r"$\phi'$")
    return ax


def _broken(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Put a nan into each jump of more than a half, so that no line crosses it."""
    nan = torch.tensor([float("nan")], dtype=y.dtype)
    for i in reversed((y.diff().abs() > 0.5).nonzero().flatten().tolist()):
        x = torch.cat([x[: i + 1], x[i : i + 1], x[i + 1 :]])
        y = torch.cat([y[: i + 1], nan, y[i + 1 :]])
    return x, y


def relative_errors(x: Tensor, errors: Mapping[str, Tensor], ax: Axes | None = None) -> Axes:
    """Draw relative errors on a logarithmic axis, from no digit right (1) down to exact.

    Errors above 1 are drawn at 1, errors of 0 at the lower edge, and a nan as a cross at the top.

    Args:
        x: increasing points.
        errors: the relative error at each point, under the name of the formula.
        ax: the axes to draw on; new ones when ``None``.

    Shape:
        - x: ``(K,)``
        - errors: each ``(K,)``, at least 0

    Returns:
        The axes, with one line per formula.

    Examples:
        >>> x = torch.arange(3.0)
        >>> ax = relative_errors(x, {"a": torch.tensor([0.0, 0.5, 7.0])})
        >>> ax.lines[0].get_ydata().tolist() == [ERROR_FLOOR, 0.5, 1.0]
        True
        >>> plt.close(ax.figure)
    """
    ax = plt.subplots()[1] if ax is None else ax
    for i, (name, error) in enumerate(errors.items()):
        color = COLORS[("green", "purple")[i % 2]]
        shown = error.double().clamp(ERROR_FLOOR, 1.0)
        ax.plot(x, shown, label=name, color=color, linestyle=LINE_STYLES[i % 2], linewidth=1.4)
        lost = x[error.isnan()]
        ax.scatter(lost, torch.full_like(lost, 4.0), marker="x", s=14, color=color)
    ax.set(yscale="log", ylim=(ERROR_FLOOR / 2, 20), yticks=[1e-8, 1e-4, 1])
    return ax


def activation_grid(
    x: Tensor,
    curves: Mapping[str, tuple[Tensor, Tensor]],
    axes: Sequence[Sequence[Axes]] | None = None,
) -> Sequence[Sequence[Axes]]:
    """Draw several activations, each with its derivative, in panels of one scale.

    Args:
        x: increasing points.
        curves: value and derivative under the name of each activation.
        axes: rows of axes, at least one axes for each activation; new ones, two to a row, when
            ``None``.

    Shape:
        - x: ``(K,)``, and so are values and derivatives

    Returns:
        The rows of axes.

    Examples:
        >>> x = torch.linspace(-1, 1, 5)
        >>> rows = activation_grid(x, {"line": (x, x**0), "square": (x**2, 2 * x)})
        >>> len(rows), [len(ax.lines) for ax in rows[0]]
        (1, [2, 2])
        >>> plt.close(rows[0][0].figure)
    """
    axes = _grid_axes(-(-len(curves) // 2)) if axes is None else axes
    panels = [ax for row in axes for ax in row]
    for ax, (name, (value, grad)) in zip(panels, curves.items(), strict=False):
        value_and_derivative(x, value, grad, ax).set(ylim=(-1.3, 2.6))
        ax.annotate(name, (0.04, 0.86), xycoords="axes fraction")
    panels[0].legend(loc="lower right", ncols=2)
    for ax in axes[-1]:
        ax.set_xlabel("$z$")
    return axes


def _grid_axes(rows: int) -> Sequence[Sequence[Axes]]:
    """Make rows of two axes, as wide as a phone can show."""
    size = (4.6, 2.1 * rows)
    axes = plt.subplots(rows, 2, figsize=size, sharex=True, sharey=True, squeeze=False)[1]
    return [list(row) for row in axes]


def relu_family(x: Tensor, alphas: Sequence[float], ax: Axes | None = None) -> Axes:
    """Draw pReLU for several slopes on the negative side.

    Args:
        x: increasing points on both sides of 0.
        alphas: the slopes; 0 is ReLU, 1 the identity.
        ax: the axes to draw on; new ones when ``None``.

    Shape:
        - x: ``(K,)``

    Returns:
        The axes, with one line per slope.

    Examples:
        >>> ax = relu_family(torch.tensor([-1.0, 0.0, 1.0]), [0.0, 1.7])
        >>> [round(line.get_ydata()[0].item(), 1) for line in ax.lines]
        [0.0, -1.7]
        >>> plt.close(ax.figure)
    """
    ax = plt.subplots(figsize=(5.2, 3.2))[1] if ax is None else ax
    for i, alpha in enumerate(alphas):
        y = x.clamp(min=0) + alpha * x.clamp(max=0)
        name = rf"$\alpha = {alpha:g}$"
        if alpha == 0:
            name += " (ReLU)"
        line_style = LINE_STYLES[i % len(LINE_STYLES)]
        ax.plot(x, y, label=name, color=COLOR_CYCLE[i], linestyle=line_style)
    ax.set(xlabel="$z$", ylabel=r"$\mathrm{pReLU}(z)$")
    ax.legend()
    return ax
