"""Figures of the chapter on forward propagation."""

from collections.abc import Mapping, Sequence
from math import ceil

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from torch import Tensor

from .fields import MARKERS
from .style import COLORS, INK, LINE_STYLES, STRENGTH, plain_axes


def spread(
    x: Sequence[float],
    runs: Mapping[str, Tensor],
    ax: Axes | None = None,
    *,
    xlabel: str = "",
    ylabel: str = "",
) -> Axes:
    """Draw the mean of several runs over ``x``, with bars from the smallest to the largest.

    Args:
        x: what was varied.
        runs: by name, one row per run.
        ax: the axes to draw on; new ones when ``None``.
        xlabel: name and unit of the horizontal axis.
        ylabel: name and unit of the vertical axis.

    Shape:
        - x: ``(K,)``
        - runs: each ``(num_runs, K)``

    Returns:
        The axes.

    Examples:
        >>> import torch
        >>> ax = spread([0.1, 1.0], {"loss": torch.tensor([[2.0, 3.0], [4.0, 7.0]])})
        >>> ax.lines[0].get_ydata().tolist()
        [3.0, 5.0]
        >>> plt.close(ax.figure)
    """
    ax = plt.subplots()[1] if ax is None else ax
    styles = zip(COLORS.values(), LINE_STYLES, MARKERS, strict=False)
    for (name, values), (color, line, marker) in zip(runs.items(), styles, strict=False):
        mean = values.mean(dim=0)
        around = [(mean - values.amin(dim=0)).numpy(), (values.amax(dim=0) - mean).numpy()]
        ax.errorbar(
            x,
            mean.numpy(),
            yerr=around,
            label=name,
            color=color,
            linestyle=line,
            marker=marker,
            capsize=3,
        )
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.legend()
    return ax


def influence(maps: Mapping[str, Tensor], axes: Sequence[Axes] | None = None) -> Sequence[Axes]:
    """Draw which example's output depends on which example's input.

    Args:
        maps: by name, the size of the derivative of output ``i`` by input ``j``.
        axes: one for each map; new ones when ``None``.

    Shape:
        - maps: each ``(N, N)``, row ``i`` for the output and column ``j`` for the input

    Returns:
        The axes. A square that is exactly zero stays empty.

    Examples:
        >>> import torch
        >>> axes = influence({"alone": torch.eye(3), "all": torch.ones(3, 3)})
        >>> [int(ax.images[0].get_array().count()) for ax in axes]
        [3, 9]
        >>> plt.close(axes[0].figure)
    """
    if axes is None:
        rows = ceil(len(maps) / 2)
        size = (4.4, 2.5 * rows)
        grid = plt.subplots(rows, 2, figsize=size, sharey=True, squeeze=False)[1].flat
        axes, rest = list(grid)[: len(maps)], list(grid)[len(maps) :]
        for ax in rest:
            ax.remove()
    for ax, (name, values) in zip(axes, maps.items(), strict=True):
        # masked squares stay transparent, so that zero is absent on a page of any color
        shown = np.ma.masked_equal((values / values.max()).numpy(), 0)
        ax.imshow(shown, cmap=STRENGTH, vmin=0, vmax=1)
        ax.annotate(name, (0.5, 1.04), xycoords="axes fraction", ha="center")
        ends = [0, len(values) - 1]
        ax.set(xlabel="input of example", xticks=ends, yticks=ends)
        ax.grid(False)
    for ax in axes[::2]:
        ax.set_ylabel("output of example")
    return axes


def memory(batch_sizes: Sequence[int], nbytes: Mapping[str, Sequence[int]]) -> Axes:
    """Draw bytes over the batch size, on logarithmic axes.

    Args:
        batch_sizes: number of examples in a minibatch.
        nbytes: by name, the bytes at each batch size.

    Returns:
        The axes, in kilobytes.

    Examples:
        >>> ax = memory([1, 10], {"parameters": [2000, 2000]})
        >>> ax.lines[0].get_ydata().tolist()
        [2.0, 2.0]
        >>> plt.close(ax.figure)
    """
    ax = plt.subplots()[1]
    styles = zip(COLORS.values(), LINE_STYLES, MARKERS, strict=False)
    for (name, values), (color, line, marker) in zip(nbytes.items(), styles, strict=False):
        kilobytes = [value / 1000 for value in values]
        ax.plot(batch_sizes, kilobytes, label=name, color=color, linestyle=line, marker=marker)
    ax.set(xscale="log", yscale="log", xlabel="batch size", ylabel="memory (kB)")
    ax.legend()
    return ax


def data_flow(steps: Sequence[tuple[str, str, str]], ax: Axes | None = None) -> Axes:
    """Draw a computation from top to bottom: what comes in, in the middle, and what joins it.

    Args:
        steps: for each row the value with its shape, the formula that leads on from it, and what
            else that formula needs; an empty text leaves its place empty.
        ax: the axes to draw on; new ones when ``None``.

    Returns:
        The axes.

    Examples:
        >>> ax = data_flow([("$X$", "affine", "$W$"), ("$Z$", "", "")])
        >>> [text.get_text() for text in ax.texts if text.get_text()]
        ['$X$', 'affine', '$W$', '$Z$']
        >>> plt.close(ax.figure)
    """
    ax = plt.subplots(figsize=(4.6, 0.95 * len(steps)))[1] if ax is None else ax
    plain_axes(ax)
    box = {"boxstyle": "round,pad=0.4", "facecolor": "none", "edgecolor": COLORS["blue"]}
    joins = {**box, "edgecolor": COLORS["vermillion"]}
    arrow = {"arrowstyle": "->", "color": INK}
    for i, (value, formula, other) in enumerate(steps):
        ax.text(0, -i, value, ha="center", va="center", bbox=box)
        if formula:
            ax.annotate("", (0, -i - 0.72), (0, -i - 0.28), arrowprops=arrow)
            ax.text(-0.12, -i - 0.5, formula, ha="right", va="center")
        if other:
            ax.annotate("", (0.06, -i - 0.5), (0.62, -i - 0.5), arrowprops=arrow)
            ax.text(0.66, -i - 0.5, other, ha="left", va="center", bbox=joins)
    ax.set(xlim=(-1.3, 1.9), ylim=(-len(steps) + 0.6, 0.5))
    return ax
