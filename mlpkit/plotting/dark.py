"""The other rendering of a figure: what was drawn for a light page, in the colors of a dark one."""

import base64
import io
import re

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, to_hex
from numpy.typing import NDArray
from PIL import Image

from .style import (
    COLORS,
    DARK_COLORS,
    DARK_INK,
    DARK_MAPS,
    DARK_PAPER,
    DIVERGING,
    INK,
    PAPER,
    SEQUENTIAL,
    STRENGTH,
)

MAPS = (SEQUENTIAL, STRENGTH, DIVERGING)
COLOR = re.compile(r"#[0-9a-f]{6}\b", re.IGNORECASE)
IMAGE = re.compile(r"(?<=data:image/png;base64,)[A-Za-z0-9+/=\s]+")
# matplotlib draws the ground of a figure first
GROUND = re.compile(r'(<g id="patch_1">\s*<path d="[^"]*"\s*style="fill: )' + PAPER)
NEAR = 4
"""How far, of 255, a pixel may lie from its place in a color map, through rounding."""


def transparent(svg: str) -> str:
    """Take away the ground of a figure, so that the page shows through.

    Args:
        svg: an image that matplotlib wrote in the book's style.

    Examples:
        >>> transparent('<g id="patch_1"><path d="M 0 0" style="fill: #ffffff"/></g>')
        '<g id="patch_1"><path d="M 0 0" style="fill: none"/></g>'
    """
    return GROUND.sub(r"\1none", svg, count=1)


def dark(svg: str) -> str:
    """Exchange the colors of an image for those of the dark page.

    Args:
        svg: an image in the book's colors. Other colors, and photographs, stay as they are.

    Returns:
        The same drawing. Where a color map says more by a darker color, it now does by a lighter.

    Examples:
        >>> dark('<path stroke="#1a6aa8" fill="#ffffff"/>')
        '<path stroke="#6cb2ee" fill="#121212"/>'
    """
    recolored = COLOR.sub(lambda match: SWAPS.get(match[0].lower(), match[0]), svg)
    return IMAGE.sub(lambda match: _dark_image(match[0]), recolored)


def _hex_colors(color_map: LinearSegmentedColormap) -> list[str]:
    return [to_hex(color_map(i)) for i in range(color_map.N)]


def _swaps() -> dict[str, str]:
    """Map every color of the light page to that of the dark one."""
    swaps: dict[str, str] = {}
    for color_map in MAPS:
        dark_colors = _hex_colors(DARK_MAPS[color_map.name])
        swaps |= zip(_hex_colors(color_map), dark_colors, strict=True)
    swaps |= {COLORS[name]: DARK_COLORS[name] for name in COLORS}
    return swaps | {INK: DARK_INK, "#000000": DARK_INK, PAPER: DARK_PAPER}


SWAPS = _swaps()
"""Color of the light page to color of the dark page."""


def _dark_image(data: str) -> str:
    """Recolor an embedded image if a color map of ours made it."""
    with Image.open(io.BytesIO(base64.b64decode(data))) as opened:
        pixels = np.asarray(opened.convert("RGBA")).copy()
    colors, places = np.unique(pixels[..., :3].reshape(-1, 3), axis=0, return_inverse=True)
    for color_map in MAPS:
        nearest, distance = _in_map(colors, color_map)
        shown = pixels[..., 3].ravel() > 0
        if (distance[places.ravel()][shown] <= NEAR).all():
            pixels[..., :3] = _table(DARK_MAPS[color_map.name])[nearest][places].reshape(
                pixels[..., :3].shape
            )
            return _png(pixels)
    return data


def _in_map(
    colors: NDArray[np.uint8], color_map: LinearSegmentedColormap
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Find the place of each color in a map, and how far from it the color is."""
    apart = np.abs(colors[:, None, :].astype(int) - _table(color_map)[None].astype(int)).max(-1)
    return apart.argmin(1), apart.min(1)


def _table(color_map: LinearSegmentedColormap) -> NDArray[np.uint8]:
    """Return the 256 colors of a map."""
    table: NDArray[np.uint8] = color_map(np.arange(color_map.N), bytes=True)[:, :3]
    return table


def _png(pixels: NDArray[np.uint8]) -> str:
    """Write an image as the text that an SVG holds."""
    written = io.BytesIO()
    Image.fromarray(pixels).save(written, format="png", optimize=True)
    return base64.b64encode(written.getvalue()).decode()
