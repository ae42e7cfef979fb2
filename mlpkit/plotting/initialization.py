"""Figures of the chapter on initialization: sizes layer by layer, matrices, a network's health."""

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter
from torch import Tensor

from mlpkit.diagnostics import Health

from .style import COLORS, DIVERGING, INK, LINE_STYLES, PAPER

COLOR_CYCLE = list(COLORS.values())
STRONG = 0.6
"""Share of the largest entry from which a square is too strong for ink."""

USUAL_UPDATE = 1e-3
"""Rule of thumb for the size of an update, as a share of the weights."""


def by_layer(
    groups: Mapping[str, Tensor],
    ax: Axes | None = None,
    *,
    first: int = 0,
    ylabel: str = "",
    log: bool = True,
) -> Axes:
    """Draw a quantity layer by layer: the median of repeated runs, and their range as a band.

    Args:
        groups: one row per run, under the name of the group.
        ax: the axes to draw on; new ones when ``None``.
        first: number of the layer in the first column.
        ylabel: name and unit of the vertical axis.
        log: whether the vertical axis is logarithmic.

    Shape:
        - groups: each ``(R, L)``

    Returns:
        The axes.

    Examples:
        >>> import torch
        >>> ax = by_layer({"halved": 0.5 ** torch.arange(4.0).repeat(3, 1)}, ylabel="RMS")
        >>> ax.lines[0].get_ydata().tolist(), ax.get_yscale()
        ([1.0, 0.5, 0.25, 0.125], 'log')
        >>> plt.close(ax.figure)
    """
    ax = plt.subplots()[1] if ax is None else ax
    for i, (name, runs) in enumerate(groups.items()):
        layers = np.arange(first, first + runs.shape[1])
        color = COLOR_CYCLE[i % len(COLOR_CYCLE)]
        style = LINE_STYLES[i % len(LINE_STYLES)]
        median = runs.quantile(0.5, dim=0).numpy()
        ax.plot(layers, median, label=name, color=color, linestyle=style)
        low, high = runs.amin(0).numpy(), runs.amax(0).numpy()
        ax.fill_between(layers, low, high, color=color, alpha=0.25, linewidth=0)
    if log:
        ax.set_yscale("log")
    ax.locator_params(axis="x", integer=True)
    ax.set(xlabel="layer", ylabel=ylabel)
    ax.legend()
    return ax


def matrices(
    entries: Mapping[str, Tensor],
    axes: Any = None,
    *,
    xlabel: str = "",
    ylabel: str = "",
) -> Any:
    """Draw small matrices side by side, each entry as a color and a number.

    Args:
        entries: the matrices, under the text above each.
        axes: as many axes as matrices; new ones when ``None``.
        xlabel: what a column is.
        ylabel: what a row is.

    Shape:
        - entries: ``(rows, columns)`` each

    Returns:
        The axes.

    Examples:
        >>> import torch
        >>> axes = matrices({"one": torch.eye(2), "none": torch.zeros(2, 3)})
        >>> [text.get_text() for text in axes[0].texts[1:]]
        ['1.00', '0.00', '0.00', '1.00']
        >>> plt.close(axes[0].figure)
    """
    if axes is None:
        size = (2.4 * len(entries), 2.3)
        axes = plt.subplots(1, len(entries), figsize=size, squeeze=False)[1][0]
    limit = max(matrix.abs().max().item() for matrix in entries.values()) or 1.0
    for ax, (name, matrix) in zip(axes, entries.items(), strict=True):
        ax.annotate(name, (0.5, 1.03), xycoords="axes fraction", ha="center")
        ax.imshow(matrix.numpy(), cmap=DIVERGING, vmin=-limit, vmax=limit)
        for (i, j), value in np.ndenumerate(matrix.numpy()):
            shown = value if abs(value) >= 0.005 else 0.0  # no minus sign before a 0.00
            text = f"{shown:.2f}".replace("-", "\N{MINUS SIGN}")
            ax.annotate(
                text,
                (j, i),
                ha="center",
                va="center",
                color=_on_square(value / limit),
            )
        ax.set(xticks=[], yticks=[], xlabel=xlabel)
        ax.grid(False)
    axes[0].set_ylabel(ylabel)
    return axes


def _on_square(value: float) -> str:
    """Choose the color of a number on a square of the diverging map, given a value in [-1, 1]."""
    return PAPER if abs(value) > STRONG else INK


def health_panel(networks: Mapping[str, Health], axes: Any = None) -> Any:
    """Draw what :func:`mlpkit.diagnostics.examine` finds in one or several networks.

    Args:
        networks: the findings, under the name of each network.
        axes: four axes, two by two; new ones when ``None``.

    Returns:
        The axes: root mean square of the activations, gradient norms, shares of flat activations
        (lines) and of dead units (crosses), sizes of an update.

    Examples:
        >>> import torch
        >>> health = Health(*(torch.ones(n) for n in (3, 2, 1, 1, 2)))
        >>> axes = health_panel({"a network": health})
        >>> axes[0, 0].lines[0].get_xdata().tolist()  # the input is layer 0
        [0, 1, 2]
        >>> plt.close(axes[0, 0].figure)
    """
    if axes is None:
        axes = plt.subplots(2, 2, figsize=(4.8, 5.6))[1]
    (size, gradient), (flat, update) = axes
    for i, (name, health) in enumerate(networks.items()):
        color = COLOR_CYCLE[i]
        line = LINE_STYLES[i]
        layers = np.arange(len(health.rms))
        hidden = layers[1:-1]
        size.plot(layers, health.rms, label=name, color=color, linestyle=line)
        gradient.plot(layers[1:], health.gradient, color=color, linestyle=line)
        flat.plot(hidden, 100 * health.flat, color=color, linestyle=line)
        flat.plot(hidden, 100 * health.dead, color=color, linestyle="none", marker="x")
        update.plot(layers[1:], health.update, color=color, linestyle=line)
    update.axhline(USUAL_UPDATE, color=INK, linewidth=1, linestyle=":")
    size.set_yscale("log")
    gradient.set_yscale("log")
    flat.set_ylim(-4, 104)
    flat.yaxis.set_major_formatter(PercentFormatter(decimals=0))
    update.set_yscale("log")
    titles = ("RMS of activations", "gradient norm", "flat (line), dead (×)", "update / weights")
    for ax, title in zip(axes.flat, titles, strict=True):
        ax.set_title(title, fontsize="medium")  # above: beside the panels they would be cramped
        ax.locator_params(axis="x", integer=True)
        ax.set_xlabel("layer")
    size.figure.legend(loc="outside upper center", ncols=len(networks))
    return axes
