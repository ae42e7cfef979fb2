"""The look of every figure: colors, type and lines, for a light page and for a dark one.

A figure is drawn in the colors of the light page. `mlpkit.plotting.dark` exchanges them, one by
one, for those of the dark page, so that nothing is drawn twice and no cell knows of it. Hues are
near those of Okabe and Ito's color-blind-safe set.
"""

import sys
from typing import Any

import matplotlib as mpl
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

PAPER, DARK_PAPER = "#ffffff", "#121212"
"""The pages that figures lie on."""

INK, DARK_INK = "#24292f", "#e4e7eb"
"""Color of text, ticks and frames."""

COLORS: dict[str, str] = {
    "blue": "#1a6aa8",
    "vermillion": "#c24a06",
    "green": "#0a7a55",
    "purple": "#a0467f",
    "ochre": "#8a6100",
    "gray": "#5f6670",
}
"""Named colors, each with a contrast of at least 4.5 on the light page, as text needs."""

DARK_COLORS: dict[str, str] = {
    "blue": "#6cb2ee",
    "vermillion": "#ff9a5c",
    "green": "#4cc79a",
    "purple": "#e39bcb",
    "ochre": "#dcb04a",
    "gray": "#a3abb5",
}
"""The same colors for the dark page."""

ROLES = {"input": "gray", "hidden": "blue", "logit": "vermillion"}
"""Which of the colors stands for which part of a network, in every drawing of one."""

LINE_STYLES: tuple[Any, ...] = ("-", "--", "-.", (0, (1, 1.2)), (0, (6, 1.5, 1, 1.5, 1, 1.5)))
"""Line styles in the order of the colors, so that no curve is told apart by color alone."""


def _map(name: str, colors: list[str]) -> LinearSegmentedColormap:
    """Make a color map of 256 colors that runs through the given ones."""
    return LinearSegmentedColormap.from_list(f"book_{name}", colors, N=256)


SEQUENTIAL = _map("sequential", ["#7d6a2f", "#2f7590", "#57459e"])
"""Color map for lines and areas in an order, such as depth or step; all stand out on the page."""

STRENGTH = _map("strength", ["#e6f0f9", "#1a6aa8", "#0b3c66"])
"""Color map of an image from little, near the page, to much, far from it."""

DIVERGING = _map("diverging", [COLORS["blue"], "#f2f2ef", COLORS["vermillion"]])
"""Color map of an image with signed values; zero lies near the page."""

DARK_MAPS = {
    SEQUENTIAL.name: _map("dark_sequential", ["#d9c27a", "#7cc0dd", "#b4a2f5"]),
    STRENGTH.name: _map("dark_strength", ["#1d2b38", "#4a9ade", "#c4e2ff"]),
    DIVERGING.name: _map("dark_diverging", [DARK_COLORS["blue"], "#25272a", "#ff9a5c"]),
}
"""By the name of a color map, the one for the dark page, where much is light."""

SIZE = (4.8, 3.2)
"""Default width and height of a figure in inches; on a phone its type is 11 pixels high."""

TYPE = 12.0
"""Size of all type in points."""


def book_settings() -> dict[str, Any]:
    """Return the matplotlib settings of the book.

    Returns:
        Settings for ``matplotlib.rcParams`` or ``matplotlib.rc_context``.

    Examples:
        >>> book_settings()["font.size"]
        12.0
    """
    # a notebook may be read on a dark page; the book takes this ground away
    paper = dict.fromkeys(("figure.facecolor", "savefig.facecolor"), PAPER)
    type_ = ("font.size", "axes.labelsize", "xtick.labelsize", "ytick.labelsize", "legend.fontsize")
    ink = dict.fromkeys(
        (
            "text.color",
            "axes.labelcolor",
            "axes.edgecolor",
            "xtick.color",
            "ytick.color",
            "hatch.color",
        ),
        INK,
    )
    lines = {"lines.linewidth": 2.0, "lines.markersize": 5.0, "grid.color": INK, "grid.alpha": 0.15}
    return {
        **paper,
        **dict.fromkeys(type_, TYPE),
        **ink,
        **lines,
        "axes.prop_cycle": cycler(color=list(COLORS.values())),
        "axes.grid": True,
        "axes.axisbelow": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "figure.figsize": SIZE,
        "figure.constrained_layout.use": True,
        "axes.facecolor": "none",
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
