"""Curves of one or several functions, and bands that show a spread."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from torch import Tensor

from .style import COLORS, LINE_STYLES


def curves(
    x: Tensor,
    ys: Sequence[Tensor],
    labels: Sequence[str] | None = None,
    ax: Axes | None = None,
    *,
    xlabel: str = "",
    ylabel: str = "",
) -> Axes:
    """Draw several curves over the same points, each with its own color and line style.

    Args:
        x: the points on the horizontal axis.
        ys: one tensor of values per curve.
        labels: one name per curve; no legend when ``None``.
        ax: the axes to draw on; new ones when ``None``.
        xlabel: name and unit of the horizontal axis.
        ylabel: name and unit of the vertical axis.

    Shape:
        - x: ``(K,)``
        - ys: each ``(K,)``

    Returns:
        The axes.

    Raises:
        ValueError: if there is not one label per curve.

    Examples:
        >>> import torch
        >>> x = torch.linspace(-1, 1, 5)
        >>> ax = curves(x, [x, x**2], ["identity", "square"], xlabel="z")
        >>> len(ax.lines), ax.get_xlabel()
        (2, 'z')
        >>> plt.close(ax.figure)
    """
    if labels is not None and len(labels) != len(ys):
        raise ValueError(f"expected {len(ys)} labels, one per curve, got {len(labels)}")
    ax = plt.subplots()[1] if ax is None else ax
    colors = list(COLORS.values())
    for i, y in enumerate(ys):
        label = None if labels is None else labels[i]
        color = colors[i % len(colors)]
        line_style = LINE_STYLES[i % len(LINE_STYLES)]
        points = x.detach().numpy()
        ax.plot(points, y.detach().numpy(), label=label, color=color, linestyle=line_style)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    if labels is not None:
        ax.legend()
    return ax


def band(
    x: Tensor, runs: Tensor, label: str = "", ax: Axes | None = None, *, color: str = "blue"
) -> Axes:
    """Draw the median of repeated runs as a line and their full range as a band.

    Args:
        x: the points on the horizontal axis.
        runs: one row per run.
        label: name of the line in the legend.
        ax: the axes to draw on; new ones when ``None``.
        color: a key of ``COLORS``, or any matplotlib color.

    Shape:
        - x: ``(K,)``
        - runs: ``(R, K)``

    Returns:
        The axes.

    Examples:
        >>> import torch
        >>> x = torch.arange(3.0)
        >>> ax = band(x, torch.stack([x, x + 1, x + 2]), "three runs")
        >>> ax.lines[0].get_ydata().tolist()
        [1.0, 2.0, 3.0]
        >>> plt.close(ax.figure)
    """
    ax = plt.subplots()[1] if ax is None else ax
    runs = runs.detach()
    points = x.detach().numpy()
    color = COLORS.get(color, color)
    low, high = runs.amin(0).numpy(), runs.amax(0).numpy()
    ax.plot(points, runs.median(0).values.numpy(), label=label, color=color)
    ax.fill_between(points, low, high, color=color, alpha=0.25, linewidth=0)
    return ax


def bands(
    x: Tensor,
    groups: Mapping[str, Tensor],
    ax: Axes | None = None,
    *,
    xlabel: str = "",
    ylabel: str = "",
) -> Axes:
    """Draw a band for each group of runs, with the names above the axes.

    Args:
        x: the points on the horizontal axis.
        groups: by name, one row per run.
        ax: the axes to draw on; new ones when ``None``.
        xlabel: name and unit of the horizontal axis.
        ylabel: name and unit of the vertical axis.

    Shape:
        - x: ``(K,)``
        - groups: each ``(R, K)``

    Returns:
        The axes.

    Examples:
        >>> import torch
        >>> x = torch.arange(3.0)
        >>> ax = bands(x, {"flat": torch.zeros(2, 3), "steep": torch.stack([x, 2 * x])})
        >>> [text.get_text() for text in ax.get_legend().get_texts()]
        ['flat', 'steep']
        >>> plt.close(ax.figure)
    """
    ax = plt.subplots()[1] if ax is None else ax
    styles = zip(COLORS, LINE_STYLES, strict=False)
    for (name, runs), (color, line) in zip(groups.items(), styles, strict=False):
        band(x, runs, name, ax, color=color)
        ax.lines[-1].set_linestyle(line)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.legend(ncols=2, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    return ax
