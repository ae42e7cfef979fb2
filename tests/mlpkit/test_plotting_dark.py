"""Two renderings of a figure: contrasts on both pages, and maps that keep their meaning."""

import base64
import io
import re
from itertools import pairwise
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from PIL import Image

from mlpkit.plotting import dark, style
from tests.mlpkit.test_plotting import contrast, luminance

ROOT = Path(__file__).resolve().parents[2]
TEXT, LINE = 4.5, 3.0  # WCAG 2.2, 1.4.3 and 1.4.11
PAIRS = [
    (style.INK, style.DARK_INK),
    *((color, style.DARK_COLORS[name]) for name, color in style.COLORS.items()),
]
HEX = re.compile(r"#[0-9a-f]{6}\b")


def written(figure) -> str:
    file = io.StringIO()
    figure.savefig(file, format="svg", metadata={"Date": None})
    plt.close(figure)
    return file.getvalue()


def pixels(svg: str) -> np.ndarray:
    data = re.search(r"base64,([A-Za-z0-9+/=\s]+)", svg)[1]
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB"))


@pytest.mark.parametrize(("light", "dark_color"), PAIRS)
def test_every_color_can_be_read_as_text_on_its_page(light, dark_color):
    assert contrast(light, style.PAPER) >= TEXT
    assert contrast(dark_color, style.DARK_PAPER) >= TEXT


def test_lines_of_the_sequential_map_stand_out_on_their_page():
    maps = (style.SEQUENTIAL, style.PAPER), (style.DARK_MAPS["book_sequential"], style.DARK_PAPER)
    for color_map, page in maps:
        assert min(contrast(color_map(i), page) for i in range(256)) >= LINE


@pytest.mark.parametrize("name", ["book_strength", "book_diverging"])
def test_little_lies_near_the_page_and_much_far_from_it(name):
    light = next(color_map for color_map in dark.MAPS if color_map.name == name)
    for color_map, page in ((light, style.PAPER), (style.DARK_MAPS[name], style.DARK_PAPER)):
        little = 0 if name == "book_strength" else 128
        distances = [contrast(color_map(i), page) for i in range(little, 256)]
        assert distances[0] < 1.4 and distances[-1] >= TEXT
        assert all(b >= a - 0.05 for a, b in pairwise(distances))


def test_no_color_stands_for_two():
    colors = [c for m in dark.MAPS for c in {to_hex(m(i)) for i in range(256)}]
    ends = set(style.COLORS.values())
    assert {color for color in colors if colors.count(color) > 1} <= ends
    assert all(dark.SWAPS[style.COLORS[name]] == style.DARK_COLORS[name] for name in style.COLORS)


def test_the_dark_drawing_has_the_same_paths_and_no_color_of_the_light_one():
    style.use_book_style()
    figure, ax = plt.subplots()
    for i, color in enumerate([*style.COLORS.values(), style.SEQUENTIAL(0.3), "black"]):
        ax.plot([0, 1], [i, i + 1], color=color)
    light = dark.transparent(written(figure))
    drawn = dark.dark(light)
    assert HEX.sub("", light) == HEX.sub("", drawn)
    assert not set(HEX.findall(light)) & set(HEX.findall(drawn))
    assert style.PAPER not in light, "the ground is gone"
    lowest = min(contrast(color, style.DARK_PAPER) for color in set(HEX.findall(drawn)))
    assert lowest >= LINE


@pytest.mark.parametrize("color_map", dark.MAPS)
def test_an_image_of_a_book_map_goes_through_the_dark_map(color_map):
    style.use_book_style()
    figure, ax = plt.subplots()
    values = np.linspace(0, 1, 64).reshape(8, 8)
    ax.imshow(values, cmap=color_map, interpolation="nearest")
    light = written(figure)
    shown = pixels(dark.dark(light)).reshape(-1, 3)
    expected = style.DARK_MAPS[color_map.name](np.arange(256), bytes=True)[:, :3].astype(int)
    apart = np.abs(shown[:, None].astype(int) - expected[None]).max(-1).min(1)
    assert apart.max() == 0
    if color_map.name == "book_strength":
        before = [luminance(pixel / 255) for pixel in pixels(light).reshape(-1, 3)]
        after = [luminance(pixel / 255) for pixel in shown]
        assert after[np.argmin(before)] == max(after), "much is light on a dark page"


def test_a_photograph_stays():
    style.use_book_style()
    figure, ax = plt.subplots()
    ax.imshow(np.linspace(0, 1, 64).reshape(8, 8), cmap="gray")
    light = written(figure)
    assert (pixels(dark.dark(light)) == pixels(light)).all()


def test_the_style_sheet_has_the_same_colors():
    css = (ROOT / "book" / "_static" / "course.css").read_text()
    blocks = dict(re.findall(r'^html\[data-theme="(\w+)"\] \{(.*?)^\}', css, re.M | re.S))
    for theme, colors, ink, paper in (
        ("light", style.COLORS, style.INK, style.PAPER),
        ("dark", style.DARK_COLORS, style.DARK_INK, style.DARK_PAPER),
    ):
        named = dict(re.findall(r"--course-(\w+): (#\w{6});", blocks[theme]))
        assert {name: named[name] for name in (*colors, "ink", "paper")} == {
            **colors,
            "ink": ink,
            "paper": paper,
        }
    roles = dict(re.findall(r"--course-(\w+): var\(--course-(\w+)\);", css))
    assert style.ROLES.items() <= roles.items()
