"""Figures of the chapter on training."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from torch import Tensor

from .fields import MARKERS
from .style import COLORS, INK, LINE_STYLES, PAPER, STRENGTH

STRONG = 0.35
"""Share of a row from which a square of the confusion matrix is too strong for ink."""


def learning_curves(
    losses: Mapping[str, Sequence[float]],
    accuracies: Mapping[str, Sequence[float]],
    axes: Any = None,
) -> Any:
    """Draw losses and, below them, accuracies over the epochs.

    Args:
        losses: by name, one loss in nats per epoch.
        accuracies: by name, one accuracy in [0, 1] per epoch; shown in percent.
        axes: two axes; new ones when ``None``.

    Returns:
        The two axes.

    Examples:
        >>> axes = learning_curves({"training": [2.0, 1.0]}, {"validation": [0.5, 0.75]})
        >>> axes[0].lines[0].get_xdata().tolist(), axes[1].lines[0].get_ydata().tolist()
        ([1, 2], [50.0, 75.0])
        >>> plt.close(axes[0].figure)
    """
    axes = plt.subplots(2, figsize=(4.8, 4.8))[1] if axes is None else axes
    percent = {name: [100 * value for value in values] for name, values in accuracies.items()}
    for ax, groups, ylabel in zip(
        axes, (losses, percent), ("loss (nats)", "accuracy (%)"), strict=True
    ):
        styles = zip(COLORS.values(), LINE_STYLES, MARKERS, strict=False)
        for (name, values), (color, line, marker) in zip(groups.items(), styles, strict=False):
            epochs = np.arange(1, len(values) + 1)
            ax.plot(epochs, values, label=name, color=color, linestyle=line, marker=marker)
        ax.set(xlabel="epoch", ylabel=ylabel)
        ax.legend()
    return axes


def loss_pairs(histories: Mapping[str, Any], axes: Any = None) -> Any:
    """Draw training and validation loss of several runs, a panel for each run.

    A dotted line marks the lowest validation loss, where early stopping would have stopped.

    Args:
        histories: by name, what :func:`mlpkit.training.fit` returned, with validation.
        axes: an axes for each run; new ones, one below the other, when ``None``.

    Returns:
        The axes, which share both scales.

    Examples:
        >>> from mlpkit.training import History
        >>> run = History(loss=[1.0, 0.5, 0.1], val_loss=[1.1, 0.8, 0.9])
        >>> axes = loss_pairs({"a run": run})
        >>> axes[0].lines[2].get_xdata()[0]
        2
        >>> plt.close(axes[0].figure)
    """
    if axes is None:
        count = len(histories)
        size = (4.8, 0.6 + 2.2 * count)
        grid = plt.subplots(count, figsize=size, sharex=True, sharey=True, squeeze=False)[1]
        axes = grid[:, 0]
    for ax, (name, history) in zip(axes, histories.items(), strict=True):
        epochs = np.arange(1, len(history.loss) + 1)
        lines = {"training": history.loss, "validation": history.val_loss}
        styles = zip(COLORS.values(), LINE_STYLES, strict=False)
        for (part, values), (color, line) in zip(lines.items(), styles, strict=False):
            ax.plot(epochs, values, label=part, color=color, linestyle=line)
        ax.axvline(1 + int(np.argmin(history.val_loss)), color=INK, linestyle=":", linewidth=1)
        ax.set(title=name, ylabel="loss (nats)")
    axes[0].legend()
    axes[-1].set_xlabel("epoch")
    return axes


def runs(
    groups: Mapping[str, Tensor], ax: Axes | None = None, *, xlabel: str = "accuracy (%)"
) -> Axes:
    """Draw every run of each group as a dot, with the mean and one standard deviation.

    Args:
        groups: by name, one number per run; the first group is at the top.
        ax: the axes to draw on; new ones when ``None``.
        xlabel: name and unit of the numbers.

    Shape:
        - groups: each ``(R,)``, at least two runs

    Returns:
        The axes.

    Examples:
        >>> import torch
        >>> ax = runs({"one": torch.tensor([80.0, 82.0]), "two": torch.tensor([70.0, 74.0])})
        >>> [label.get_text() for label in ax.get_yticklabels()]
        ['one', 'two']
        >>> plt.close(ax.figure)
    """
    if ax is None:
        ax = plt.subplots(figsize=(4.8, 0.9 + 0.5 * len(groups)))[1]
    for row, (values, color) in enumerate(zip(groups.values(), _colors(groups), strict=True)):
        mean, sd = values.mean().item(), values.std().item()
        ax.errorbar(mean, row, xerr=sd, fmt="|", color=INK, capsize=5, markersize=14)
        ax.plot(values.numpy(), [row] * len(values), "o", color=color, alpha=0.8)
    ax.set(xlabel=xlabel, yticks=range(len(groups)), yticklabels=list(groups))
    ax.set_ylim(len(groups) - 0.5, -0.5)
    return ax


def confusion(counts: Tensor, classes: Sequence[str], ax: Axes | None = None) -> Axes:
    """Draw a confusion matrix: how often each class was taken for which.

    Args:
        counts: entry ``(i, j)`` counts the examples of class ``i`` that were taken for ``j``.
        classes: names of the classes.
        ax: the axes to draw on; new ones when ``None``.

    Shape:
        - counts: ``(K, K)``

    Returns:
        The axes. A color is the share of its row, a number the count; zeros are left out.

    Examples:
        >>> import torch
        >>> ax = confusion(torch.tensor([[3, 1], [0, 4]]), ["cat", "dog"])
        >>> [text.get_text() for text in ax.texts]
        ['3', '1', '4']
        >>> plt.close(ax.figure)
    """
    ax = plt.subplots(figsize=(4.8, 4.6))[1] if ax is None else ax
    share = (counts / counts.sum(dim=1, keepdim=True).clamp(min=1)).numpy()
    ax.imshow(np.ma.masked_equal(share, 0), cmap=STRENGTH, vmin=0, vmax=1)
    for i, j in counts.nonzero().tolist():
        color = PAPER if share[i, j] > STRONG else INK
        ax.text(j, i, str(counts[i, j].item()), color=color, ha="center", va="center")
    places = range(len(classes))
    ax.set(xlabel="predicted class", ylabel="true class", xticks=places, yticks=places)
    ax.set_xticklabels(classes, rotation=45, ha="right")
    ax.set_yticklabels(classes)
    ax.grid(False)
    return ax


def _colors(groups: Mapping[str, Tensor]) -> list[str]:
    """One color per group, from the start again when they run out."""
    colors = list(COLORS.values())
    return [colors[i % len(colors)] for i in range(len(groups))]
