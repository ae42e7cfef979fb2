"""The look of every figure: transparent, and legible on a light and on a dark page.

A figure is one SVG for both themes, so each color has to stand out from white and from near black
alike. That leaves a band of middle lightness; `COLORS` takes its hues from Okabe and Ito's
color-blind-safe set and moves them into that band.
"""

import sys
from typing import Any

import matplotlib as mpl
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

COLORS: dict[str, str] = {
    "blue": "#2b7fbf",
    "vermillion": "#d0590a",
    "green": "#0b8f69",
    "purple": "#b4659a",
    "ochre": "#a87900",
    "gray": "#7a7a7a",
}
"""Named colors, each with a contrast of at least 3 against white and against ``#121212``."""

INK = "#7a7a7a"
"""Color of text, ticks and frames, a gray with a contrast of 4.3 on both backgrounds."""

LINE_STYLES: tuple[Any, ...] = ("-", "--", "-.", (0, (1, 1.2)), (0, (6, 1.5, 1, 1.5, 1, 1.5)))
"""Line styles in the order of the colors, so that no curve is told apart by color alone."""

SEQUENTIAL = LinearSegmentedColormap.from_list("book_sequential", ["#8a7a4f", "#4f86a8", "#6f5fb0"])
"""Color map for ordered values such as depth or step; every entry keeps a contrast of 3."""

DIVERGING = LinearSegmentedColormap.from_list("book_diverging", ["#2b7fbf", "#bdbdbd", "#d0590a"])
"""Color map for signed values on an image of its own, centered on gray."""

SIZE = (6.4, 3.6)
"""Default width and height of a figure in inches."""


def book_settings() -> dict[str, Any]:
    """Return the matplotlib settings of the book.

    Returns:
        Settings for ``matplotlib.rcParams`` or ``matplotlib.rc_context``.

    Examples:
        >>> book_settings()["font.size"]
        10.5
    """
    transparent = dict.fromkeys(("figure.facecolor", "axes.facecolor", "savefig.facecolor"), "none")
    ink = dict.fromkeys(
        ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), INK
    )
    lines = {"lines.linewidth": 2.0, "lines.markersize": 5.0, "grid.color": INK, "grid.alpha": 0.3}
    return {
        **transparent,
        **ink,
        **lines,
        "axes.prop_cycle": cycler(color=list(COLORS.values())),
        "axes.grid": True,
        "axes.axisbelow": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "figure.figsize": SIZE,
        "figure.constrained_layout.use": True,
        "font.size": 10.5,
        "axes.labelsize": 10.5,
        "xtick.labelsize": 9.5,
        "ytick.labelsize": 9.5,
        "legend.fontsize": 9.5,
        "legend.frameon": False,
        "image.cmap": "gray",
        "svg.hashsalt": "mlpkit",  # the same figure gives the same file
    }


def use_book_style() -> None:
    """Draw every following figure in the style of the book.

    Sets matplotlib's defaults and, inside a Jupyter kernel, asks for SVG without a date, so that
    the same figure is the same file in every build.

    Examples:
        >>> with mpl.rc_context():
        ...     use_book_style()
        ...     mpl.rcParams["axes.facecolor"]
        'none'
    """
    settings: Any = book_settings()  # matplotlib's annotations want each name spelled out
    mpl.rcParams.update(settings)
    if _in_kernel():
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        set_matplotlib_formats("svg", metadata={"Date": None})


def _in_kernel() -> bool:
    """Say whether a Jupyter kernel runs this; IPython need not be installed otherwise."""
    ipython = sys.modules.get("IPython")
    return ipython is not None and getattr(ipython.get_ipython(), "kernel", None) is not None


def plain_axes(ax: Axes) -> Axes:
    """Take frame, ticks and grid off, for images and drawings.

    Args:
        ax: the axes to clear.

    Returns:
        The same axes.
    """
    ax.set(xticks=[], yticks=[])
    ax.grid(False)
    ax.spines[:].set_visible(False)
    return ax
