"""Grids of small gray images, such as examples of a data set or the rows of a weight matrix."""

from collections.abc import Sequence
from math import ceil

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from torch import Tensor

from .style import plain_axes


def image_grid(
    X: Tensor,
    image_shape: tuple[int, int],
    labels: Sequence[str] | None = None,
    *,
    columns: int = 8,
    cmap: str = "gray",
    scale: float = 0.8,
) -> Figure:
    """Draw flattened images in rows, with a label under each.

    Args:
        X: one flattened image per row.
        image_shape: height and width in pixels.
        labels: one text per image; none when ``None``.
        columns: images per row of the grid.
        cmap: color map; all images share its range.
        scale: side of one image in inches.

    Shape:
        - X: ``(N, height * width)``

    Returns:
        The figure, with one axes per image.

    Examples:
        >>> import torch
        >>> figure = image_grid(torch.rand(5, 12), (3, 4), list("abcde"), columns=3)
        >>> figure.axes[0].images[0].get_array().shape, figure.axes[4].get_xlabel()
        ((3, 4), 'e')
        >>> plt.close(figure)
    """
    rows = ceil(len(X) / columns)
    height = scale if labels is None else scale + 0.25  # room for a label
    size = (scale * columns, height * rows)
    figure, grid = plt.subplots(rows, columns, figsize=size, squeeze=False)
    values = X.detach()
    low, high = values.min().item(), values.max().item()
    for i, ax in enumerate(grid.flat):
        if i >= len(X):
            ax.remove()
            continue
        image = values[i].reshape(image_shape).numpy()
        plain_axes(ax).imshow(image, cmap=cmap, vmin=low, vmax=high)
        if labels is not None:
            ax.set_xlabel(labels[i])
    return figure
