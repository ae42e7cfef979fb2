"""The plane: points on a grid, and labeled examples."""

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from torch import Tensor

from .style import COLORS

MARKERS = ("o", "s", "^", "D", "v", "P")
"""Marker of each class, so that classes are not told apart by color alone."""


def plane(low: float, high: float, steps: int = 200) -> tuple[Tensor, Tensor]:
    """Return a square grid of points of the plane.

    Args:
        low: smallest coordinate on both axes.
        high: largest coordinate on both axes.
        steps: points per axis, at least 2.

    Shape:
        - ticks: ``(steps,)``
        - points: ``(steps * steps, 2)``, the first coordinate changing fastest

    Returns:
        ``(ticks, points)``.

    Examples:
        >>> ticks, points = plane(0.0, 1.0, steps=3)
        >>> points.shape, points[1].tolist()
        (torch.Size([9, 2]), [0.5, 0.0])
    """
    ticks = torch.linspace(low, high, steps)
    second, first = torch.meshgrid(ticks, ticks, indexing="ij")
    return ticks, torch.stack([first.flatten(), second.flatten()], dim=1)


def examples(X: Tensor, y: Tensor, ax: Axes | None = None, *, size: float = 22.0) -> Axes:
    """Draw labeled points of the plane, one color and one marker per class.

    Args:
        X: the points.
        y: class indices, int64.
        ax: the axes to draw on; new ones when ``None``.
        size: area of a marker in square points.

    Shape:
        - X: ``(N, 2)``
        - y: ``(N,)``

    Returns:
        The axes.

    Examples:
        >>> ax = examples(torch.zeros(3, 2), torch.tensor([0, 1, 1]))
        >>> [text.get_text() for text in ax.get_legend().get_texts()]
        ['class 0', 'class 1']
        >>> plt.close(ax.figure)
    """
    ax = plt.subplots(figsize=(4.2, 4.2))[1] if ax is None else ax
    colors = list(COLORS.values())
    for k in y.unique().tolist():
        points = X[y == k].detach().numpy()
        color = colors[k % len(colors)]
        marker = MARKERS[k % len(MARKERS)]
        ax.scatter(
            points[:, 0], points[:, 1], s=size, label=f"class {k}", color=color, marker=marker
        )
    ax.set(xlabel="$x_1$", ylabel="$x_2$", aspect="equal")
    ax.legend()
    return ax
