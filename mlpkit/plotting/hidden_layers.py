"""Figures of the chapter on hidden layers."""

from collections.abc import Callable, Sequence
from itertools import pairwise, product

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from torch import Tensor

from .fields import MARKERS, examples, plane
from .style import (
    COLORS,
    INK,
    LINE_STYLES,
    PAPER,
    ROLES,
    SEQUENTIAL,
    plain_axes,
)

COLOR_CYCLE = list(COLORS.values())


def pixel_context(
    share: Tensor, error: Tensor, ax: Axes | None = None, *, ylabel: str = "share of images"
) -> Axes:
    """Draw the share of a class by the state of one pixel, for each state of a second.

    Args:
        share: share of the images in a class; the first index is the second pixel, dark or
            bright, the second index the first pixel.
        error: standard error of each share.
        ax: the axes to draw on; new ones when ``None``.
        ylabel: name of the vertical axis.

    Shape:
        - share, error: ``(2, 2)``, between 0 and 1

    Returns:
        The axes, with one line per state of the second pixel.

    Examples:
        >>> share = torch.tensor([[0.0, 0.2], [0.2, 0.0]])
        >>> ax = pixel_context(share, torch.full((2, 2), 0.01))
        >>> [len(container) for container in ax.containers]
        [3, 3]
        >>> plt.close(ax.figure)
    """
    ax = plt.subplots(figsize=(4.6, 3.2))[1] if ax is None else ax
    for i, state in enumerate(["dark", "bright"]):
        ax.errorbar(
            [0, 1],
            share[i].tolist(),
            error[i].tolist(),
            label=f"second pixel {state}",
            color=COLOR_CYCLE[i],
            linestyle=LINE_STYLES[i],
            marker=MARKERS[i],
            capsize=4,
        )
    ax.set_xticks([0, 1], ["dark", "bright"])
    top = 1.45 * (share + error).max().item()  # room for the legend above the points
    ax.set(xlabel="first pixel", ylabel=ylabel, xlim=(-0.25, 1.25), ylim=(0, top))
    ax.legend(loc="upper center")
    return ax


def marked_pixels(image: Tensor, pixels: Sequence[tuple[int, int]], ax: Axes | None = None) -> Axes:
    """Draw a gray image with some of its pixels marked, each by a shape and color of its own.

    Args:
        image: the image.
        pixels: row and column of each pixel to mark.
        ax: the axes to draw on; new ones when ``None``.

    Shape:
        - image: ``(rows, columns)``

    Returns:
        The axes.

    Examples:
        >>> ax = marked_pixels(torch.zeros(8, 8), [(4, 3), (5, 4)])
        >>> ax.lines[1].get_xydata().tolist()  # column, row
        [[4.0, 5.0]]
        >>> plt.close(ax.figure)
    """
    ax = plt.subplots(figsize=(2.6, 2.6))[1] if ax is None else ax
    plain_axes(ax).imshow(image.numpy())
    for i, (row, column) in enumerate(pixels):
        ax.plot(
            [column],
            [row],
            color=COLOR_CYCLE[2 + i % 4],
            linestyle="",
            marker=MARKERS[i % len(MARKERS)],
            markersize=13,
            markeredgecolor=PAPER,
        )
    return ax


def layer_diagram(
    layer_sizes: Sequence[int], labels: Sequence[str], ax: Axes | None = None
) -> Axes:
    """Draw a fully connected network: a column of units per layer, a line per weight.

    Args:
        layer_sizes: from the number of inputs to the number of outputs.
        labels: text under each column.
        ax: the axes to draw on; new ones when ``None``.

    Returns:
        The axes.

    Raises:
        ValueError: if there is not one label per column.

    Examples:
        >>> ax = layer_diagram([4, 5, 3], ["inputs", "hidden units", "logits"])
        >>> len(ax.lines), len(ax.collections)  # 4 * 5 + 5 * 3 weights, three columns
        (35, 3)
        >>> plt.close(ax.figure)
    """
    if len(labels) != len(layer_sizes):
        raise ValueError(f"expected {len(layer_sizes)} labels, one per column, got {len(labels)}")
    ax = plt.subplots(figsize=(4.6, 2.8))[1] if ax is None else ax
    plain_axes(ax)
    columns = [_heights(size) for size in layer_sizes]
    for i, (left, right) in enumerate(pairwise(columns)):
        for start, end in product(left, right):
            ax.plot([i, i + 1], [start, end], color=INK, linewidth=0.8, zorder=1)
    bottom = -max(layer_sizes) / 2 - 0.5
    for i, (column, label) in enumerate(zip(columns, labels, strict=True)):
        color = COLORS[ROLES[_role(i, len(columns))]]
        ax.scatter([i] * len(column), column, s=170, color=color, zorder=2)
        ax.text(i, bottom, label, ha="center", va="top")
    ax.set(xlim=(-0.5, len(columns) - 0.5), ylim=(bottom - 1.2, -bottom - 0.3))
    return ax


def _role(column: int, count: int) -> str:
    """Return what the units of a column are."""
    if column == 0:
        return "input"
    return "logit" if column == count - 1 else "hidden"


def _heights(size: int) -> list[float]:
    """Return where the units of a column stand, one apart and centered on 0."""
    return [unit - (size - 1) / 2 for unit in range(size)]


def xor_spaces(
    X: Tensor, y: Tensor, H: Tensor, boundary: Tensor, axes: Sequence[Axes] | None = None
) -> Sequence[Axes]:
    """Draw examples beside their hidden activations, where a line separates the classes.

    Args:
        X: the inputs.
        y: class indices, int64.
        H: the hidden activations of ``X``.
        boundary: two points of hidden space; the line through them is drawn.
        axes: two axes to draw on; new ones when ``None``.

    Shape:
        - X, H: ``(N, 2)``
        - y: ``(N,)``
        - boundary: ``(2, 2)``

    Returns:
        The two axes, inputs first.

    Examples:
        >>> X, y = torch.eye(2), torch.tensor([0, 1])
        >>> left, right = xor_spaces(X, y, X, torch.tensor([[0.0, 0.0], [1.0, 1.0]]))
        >>> len(left.lines), len(right.lines)
        (0, 1)
        >>> plt.close(left.figure)
    """
    axes = plt.subplots(1, 2, figsize=(6.4, 3.0))[1] if axes is None else axes
    for ax, points, name in zip(axes, (X, H), ("x", "h"), strict=True):
        examples(points, y, ax, size=90)
        _name_points(ax, X, points)
        ax.set(xlabel=f"${name}_1$", ylabel=f"${name}_2$", xlim=(-0.6, 2.6), ylim=(-1.0, 1.7))
    axes[1].axline(*boundary.tolist(), color=INK, linestyle="--")
    legend = axes[1].get_legend()
    if legend is not None:
        legend.remove()
    return axes


def _name_points(ax: Axes, X: Tensor, points: Tensor) -> None:
    """Write at each point which examples lie there, two to a point where they meet."""
    for point in points.unique(dim=0):
        here = X[(points == point).all(dim=1)].tolist()
        text = "\n".join(f"({a:g}, {b:g})" for a, b in here)
        if len(here) == 1:
            offset, va = 8, "bottom"
        else:
            offset, va = -8, "top"
        ax.annotate(
            text, point.tolist(), ha="center", va=va, xytext=(0, offset), textcoords="offset points"
        )


def relu_panel(
    x: Tensor, Z: Tensor, v: Tensor, c: float = 0.0, axes: Sequence[Sequence[Axes]] | None = None
) -> Sequence[Sequence[Axes]]:
    """Draw how a ReLU network of one input makes its output, step by step.

    One column per hidden unit: its pre-activation, its activation, its activation times its
    outgoing weight. The row at the bottom holds the sum; dotted lines mark where units switch.

    Args:
        x: increasing inputs.
        Z: pre-activations of the hidden units.
        v: outgoing weights.
        c: output bias.
        axes: four rows of axes, three of one per unit and one of a single axes; new when ``None``.

    Shape:
        - x: ``(K,)``
        - Z: ``(K, h)``
        - v: ``(h,)``

    Returns:
        The four rows of axes.

    Examples:
        >>> x = torch.linspace(-1, 1, 9)
        >>> Z = torch.stack([x, x + 0.5, -x], dim=1)
        >>> rows = relu_panel(x, Z, torch.tensor([1.0, -1.0, 2.0]))
        >>> [len(row) for row in rows]
        [3, 3, 3, 1]
        >>> plt.close(rows[0][0].figure)
    """
    axes = _panel_axes(Z.shape[1]) if axes is None else axes
    H = Z.clamp(min=0)
    switches = [_crossing(x, z) for z in Z.T]
    for row, values, name in zip(
        axes, (Z, H, H * v), ("pre-activation", "activation", "weighted"), strict=False
    ):
        for j, ax in enumerate(row):
            ax.plot(x, values[:, j], color=COLOR_CYCLE[j % len(COLOR_CYCLE)])
            ax.axvline(switches[j], color=INK, linestyle=":", linewidth=1.2)
        row[0].set_ylabel(name)
    total = axes[3][0]
    total.plot(x, H @ v + c, color=COLOR_CYCLE[3])
    for switch in switches:
        total.axvline(switch, color=INK, linestyle=":", linewidth=1.2)
    total.set(xlabel="input $x$", ylabel="sum")
    for j, ax in enumerate(axes[0]):
        ax.annotate(f"unit {j + 1}", (0.5, 1.02), xycoords="axes fraction", ha="center")
    return axes


def _panel_axes(units: int) -> list[list[Axes]]:
    """Make three rows of one axes per unit, and a row of one axes as wide as the figure."""
    figure = plt.figure(figsize=(4.7, 7.0))  # in inches: not wider than a phone can show
    grid = figure.add_gridspec(4, units, height_ratios=[1, 1, 1, 1.6])
    rows: list[list[Axes]] = []
    for i in range(3):
        first = figure.add_subplot(grid[i, 0])
        rest = [figure.add_subplot(grid[i, j], sharey=first) for j in range(1, units)]
        rows.append([first, *rest])
        for ax in rows[-1]:
            ax.tick_params(labelbottom=False, labelleft=ax is first)
    return [*rows, [figure.add_subplot(grid[3, :])]]


def _crossing(x: Tensor, z: Tensor) -> float:
    """Return where the straight line through ``(x, z)`` is zero; nan if it never is."""
    slope = (z[-1] - z[0]) / (x[-1] - x[0])
    return (x[0] - z[0] / slope).item() if slope else float("nan")


def linear_regions(
    f: Callable[[Tensor], Sequence[Tensor]],
    ax: Axes | None = None,
    *,
    low: float = -1.0,
    high: float = 1.0,
    steps: int = 240,
) -> Axes:
    """Draw the pieces of the plane on which a ReLU network is affine.

    A line is where a unit switches, solid for the first hidden layer, dashed for the second, and
    so on; an area is a set of points at which the same units are on.

    Args:
        f: gives the pre-activations of each hidden layer, from the first on.
        ax: the axes to draw on; new ones when ``None``.
        low: smallest coordinate on both axes.
        high: largest coordinate on both axes.
        steps: points per axis.

    Shape:
        - f: ``(M, 2)`` to tensors ``(M, h)``, one per hidden layer

    Returns:
        The axes, with one image of the areas.

    Examples:
        >>> ax = linear_regions(lambda X: [X], steps=4)  # two units: four quadrants
        >>> int(ax.images[0].get_array().max())
        3
        >>> plt.close(ax.figure)
    """
    ax = plt.subplots(figsize=(4.2, 4.2))[1] if ax is None else ax
    ticks, points = plane(low, high, steps)
    with torch.no_grad():
        layers = f(points)
    on = torch.cat([Z > 0 for Z in layers], dim=1)
    region = on.unique(dim=0, return_inverse=True)[1]
    region = region * 31 % (int(region.max()) + 1)  # neighbors get colors far apart
    extent = (low, high, low, high)
    areas = region.reshape(steps, steps).numpy()
    ax.imshow(areas, cmap=SEQUENTIAL, origin="lower", extent=extent, alpha=0.55)
    for i, Z in enumerate(layers):
        color = INK if i == 0 else COLOR_CYCLE[1]
        line_style = ["solid", "dashed"][i % 2]
        for z in Z.T:
            if z.min() < 0 < z.max():
                ax.contour(
                    ticks,
                    ticks,
                    z.reshape(steps, steps),
                    levels=[0.0],
                    linewidths=1.3,
                    colors=color,
                    linestyles=line_style,
                )
    ax.set(xlabel="$x_1$", ylabel="$x_2$")
    ax.grid(False)
    return ax


def small_multiples(
    x: Tensor, ys: Sequence[Tensor], labels: Sequence[str], axes: Sequence[Axes] | None = None
) -> Sequence[Axes]:
    """Draw one curve per axes, side by side, on the same scales.

    Args:
        x: the points on the horizontal axis.
        ys: one tensor of values per axes.
        labels: text above each axes.
        axes: as many axes as curves; new ones when ``None``.

    Shape:
        - x: ``(K,)``
        - ys: each ``(K,)``

    Returns:
        The axes.

    Raises:
        ValueError: if there is not one label per curve.

    Examples:
        >>> x = torch.linspace(0, 1, 5)
        >>> axes = small_multiples(x, [x, x**2], ["once", "twice"])
        >>> [len(ax.lines) for ax in axes]
        [1, 1]
        >>> plt.close(axes[0].figure)
    """
    if len(labels) != len(ys):
        raise ValueError(f"expected {len(ys)} labels, one per curve, got {len(labels)}")
    if axes is None:
        axes = plt.subplots(
            1, len(ys), figsize=(6.4, 2.2), sharex=True, sharey=True, squeeze=False
        )[1][0]
    for ax, y, label in zip(axes, ys, labels, strict=True):
        ax.plot(x.detach().numpy(), y.detach().numpy(), color=COLOR_CYCLE[0], linewidth=1.6)
        ax.annotate(label, (0.5, 1.03), xycoords="axes fraction", ha="center")
    return axes


def every_run(groups: dict[str, Tensor], ax: Axes | None = None, *, ylabel: str = "") -> Axes:
    """Draw every run of every group as a point, with a bar at the median of the group.

    Args:
        groups: one number per run, under the name of the group.
        ax: the axes to draw on; new ones when ``None``.
        ylabel: name and unit of the vertical axis.

    Shape:
        - groups: each ``(R,)``

    Returns:
        The axes.

    Examples:
        >>> ax = every_run({"wide": torch.tensor([1.0, 2.0, 4.0]), "deep": torch.zeros(2)})
        >>> ax.lines[0].get_ydata().tolist()  # the median of the first group
        [2.0, 2.0]
        >>> plt.close(ax.figure)
    """
    ax = plt.subplots(figsize=(5.6, 3.4))[1] if ax is None else ax
    for i, values in enumerate(groups.values()):
        color = COLOR_CYCLE[i % len(COLOR_CYCLE)]
        marker = MARKERS[i % len(MARKERS)]
        places = i + torch.linspace(-0.18, 0.18, len(values))
        ax.scatter(places.numpy(), values.sort().values.numpy(), s=26, color=color, marker=marker)
        ax.plot([i - 0.3, i + 0.3], [values.median().item()] * 2, color=color)
    ax.set_xticks(range(len(groups)), list(groups))
    ax.set(ylabel=ylabel)
    return ax


def extrapolation(
    x: Tensor, runs: Tensor, truth: Tensor, inside: tuple[float, float], ax: Axes | None = None
) -> Axes:
    """Draw fitted functions beyond the interval that they were fitted on.

    Args:
        x: the points on the horizontal axis.
        runs: one fitted function per row.
        truth: the function they were fitted to.
        inside: ends of the interval of the data; it is shaded.
        ax: the axes to draw on; new ones when ``None``.

    Shape:
        - x, truth: ``(K,)``
        - runs: ``(R, K)``

    Returns:
        The axes; its last line is the truth.

    Examples:
        >>> x = torch.linspace(-1, 1, 5)
        >>> ax = extrapolation(x, torch.zeros(3, 5), x, (-0.5, 0.5))
        >>> len(ax.lines)
        4
        >>> plt.close(ax.figure)
    """
    ax = plt.subplots()[1] if ax is None else ax
    ax.axvspan(*inside, color=INK, alpha=0.15, linewidth=0, label="data")
    lines = ax.plot(x, runs.T, color=COLOR_CYCLE[0], linewidth=1.3)
    lines[0].set_label("networks")
    ax.plot(x, truth, color=COLOR_CYCLE[1], linestyle="--", label="target")
    ax.legend()
    return ax
