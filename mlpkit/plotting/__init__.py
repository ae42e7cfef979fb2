"""The figures of the book, in one style.

``from mlpkit import plotting`` brings every figure of every chapter. A function takes the axes to
draw on or makes its own, sets no title, and returns what it drew on.
"""

from .activations import (
    activation_grid,
    relative_errors,
    relu_family,
    value_and_derivative,
)
from .backpropagation import stacked_bars
from .curves import band, bands, curves
from .decision import decision
from .fields import examples, plane
from .forward_propagation import data_flow, influence, memory, spread
from .hidden_layers import (
    every_run,
    extrapolation,
    layer_diagram,
    linear_regions,
    marked_pixels,
    pixel_context,
    relu_panel,
    small_multiples,
    xor_spaces,
)
from .images import image_grid
from .initialization import by_layer, health_panel, matrices
from .interactive import Interactive, as_texts
from .style import (
    COLORS,
    DIVERGING,
    INK,
    LINE_STYLES,
    PAPER,
    ROLES,
    SEQUENTIAL,
    STRENGTH,
    book_settings,
    plain_axes,
    use_book_style,
)
from .training import confusion, learning_curves, loss_pairs, runs

__all__ = [
    "COLORS",
    "DIVERGING",
    "INK",
    "LINE_STYLES",
    "PAPER",
    "ROLES",
    "SEQUENTIAL",
    "STRENGTH",
    "Interactive",
    "activation_grid",
    "as_texts",
    "band",
    "bands",
    "book_settings",
    "by_layer",
    "confusion",
    "curves",
    "data_flow",
    "decision",
    "every_run",
    "examples",
    "extrapolation",
    "health_panel",
    "image_grid",
    "influence",
    "layer_diagram",
    "learning_curves",
    "linear_regions",
    "loss_pairs",
    "marked_pixels",
    "matrices",
    "memory",
    "pixel_context",
    "plain_axes",
    "plane",
    "relative_errors",
    "relu_family",
    "relu_panel",
    "runs",
    "small_multiples",
    "spread",
    "stacked_bars",
    "use_book_style",
    "value_and_derivative",
    "xor_spaces",
]
