"""What a classifier says everywhere in the plane."""

from collections.abc import Callable

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from torch import Tensor

from .fields import plane
from .style import COLORS, INK

SHADES = (0.05, 0.45)
"""How opaque the color of a class is where a classifier is in doubt, and where it is certain."""


def decision(
    f: Callable[[Tensor], Tensor],
    ax: Axes | None = None,
    *,
    low: float = -1.5,
    high: float = 1.5,
    steps: int = 160,
) -> Axes:
    """Shade the plane in the color of the class that wins, the stronger the surer.

    With two classes, a line is where both are equally likely.

    Args:
        f: gives one row of logits for each row of points.
        ax: the axes to draw on; new ones when ``None``.
        low: smallest coordinate on both axes.
        high: largest coordinate on both axes.
        steps: points per axis.

    Shape:
        - f: ``(M, 2)`` to ``(M, num_classes)``

    Returns:
        The axes, with one image.

    Examples:
        >>> ax = decision(lambda X: torch.stack([X[:, 0], 0 * X[:, 0]], dim=1), steps=3)
        >>> ax.images[0].get_array().shape, len(ax.collections)
        ((3, 3, 4), 1)
        >>> plt.close(ax.figure)
    """
    ax = plt.subplots(figsize=(4.2, 4.2))[1] if ax is None else ax
    ticks, points = plane(low, high, steps)
    with torch.no_grad():
        probs = f(points).softmax(dim=1)
    num_classes = probs.shape[1]
    largest, winner = probs.max(dim=1)
    colors = torch.tensor([to_rgb(color) for color in COLORS.values()])
    doubt, certain = SHADES
    sure = (largest - 1 / num_classes) / (1 - 1 / num_classes)
    alpha = doubt + (certain - doubt) * sure
    shown = torch.cat([colors[winner % len(colors)], alpha[:, None]], dim=1)
    extent = (low, high, low, high)
    ax.imshow(shown.reshape(steps, steps, 4).numpy(), origin="lower", extent=extent)
    if num_classes == 2:
        margin = (probs[:, 0] - probs[:, 1]).reshape(steps, steps)
        ax.contour(ticks, ticks, margin, levels=[0.0], colors=INK, linewidths=1.2)
    ax.set(xlabel="$x_1$", ylabel="$x_2$")
    ax.grid(False)
    return ax
