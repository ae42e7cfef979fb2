"""Figures of the chapter on backpropagation."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from .style import COLORS

HATCHES = ("", "//", "..", "xx")
"""Fill pattern of each part, so that parts are not told apart by color alone."""


def stacked_bars(
    names: Sequence[str], parts: Mapping[str, Sequence[float]], ax: Axes | None = None
) -> Axes:
    """Draw one bar per name, made of parts in bytes, shown in megabytes.

    Args:
        names: one for each bar.
        parts: by name, the bytes of that part in every bar; the first is at the bottom.
        ax: the axes to draw on; new ones when ``None``.

    Returns:
        The axes.

    Examples:
        >>> ax = stacked_bars(["small", "large"], {"a": [1e6, 1e6], "b": [2e6, 5e6]})
        >>> [patch.get_height().item() for patch in ax.patches]
        [1.0, 1.0, 2.0, 5.0]
        >>> plt.close(ax.figure)
    """
    ax = plt.subplots()[1] if ax is None else ax
    bottom = np.zeros(len(names))
    looks = zip(COLORS.values(), HATCHES, strict=False)
    for (part, nbytes), (color, hatch) in zip(parts.items(), looks, strict=False):
        height = np.asarray(nbytes) / 1e6
        ax.bar(names, height, bottom=bottom, label=part, color=color, hatch=hatch, width=0.6)
        bottom += height
    ax.grid(axis="x", visible=False)
    ax.legend()
    return ax
