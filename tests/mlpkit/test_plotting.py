"""The style of the figures, the general plots, and the tools that turn pages into notebooks."""

import json
import re

import pytest
import torch
from matplotlib.colors import to_rgb

from mlpkit import plotting


def luminance(color) -> float:
    """Relative luminance as WCAG 2.1 defines it."""
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(color)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b) -> float:
    darker, lighter = sorted((luminance(a), luminance(b)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_the_published_one():
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_type_is_large_enough():
    plotting.use_book_style()
    ax = plotting.curves(torch.linspace(-1, 1, 5), [torch.zeros(5)], ["zero"], xlabel="z")
    texts = [*ax.get_xticklabels(), *ax.get_legend().get_texts(), ax.xaxis.label]
    assert min(text.get_fontsize() for text in texts) == 12
    # at 350 of 461 pixels, as on a phone
    assert 11 * 4 / 3 * 350 / (96 * ax.figure.get_size_inches()[0]) >= 11


def test_the_same_figure_is_the_same_file(tmp_path):
    plotting.use_book_style()
    for name in ("a", "b"):
        ax = plotting.curves(torch.arange(3.0), [torch.arange(3.0)])
        ax.figure.savefig(tmp_path / f"{name}.svg", metadata={"Date": None})
    assert (tmp_path / "a.svg").read_text() == (tmp_path / "b.svg").read_text()


def test_curves_differ_in_color_and_line_style():
    x = torch.arange(3.0)
    ax = plotting.curves(x, [x, 2 * x, 3 * x, 4 * x], list("abcd"))
    styles = {(line.get_color(), str(line._dash_pattern)) for line in ax.lines}
    assert len({color for color, _ in styles}) == len({dash for _, dash in styles}) == 4


def test_curves_ask_for_one_label_each():
    with pytest.raises(ValueError, match="expected 2 labels, one per curve, got 1"):
        plotting.curves(torch.arange(3.0), [torch.zeros(3), torch.ones(3)], ["one"])


def test_band_covers_every_run():
    runs = torch.tensor([[0.0, 5.0], [1.0, 3.0], [2.0, 4.0]])
    ax = plotting.band(torch.tensor([0.0, 1.0]), runs)
    heights = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert ax.lines[0].get_ydata().tolist() == [1.0, 4.0]
    assert (heights.min(), heights.max()) == (0.0, 5.0)


def test_image_grid_keeps_one_scale_and_the_order():
    X = torch.arange(24.0).reshape(4, 6)
    figure = plotting.image_grid(X, (2, 3), columns=3)
    images = [ax.images[0] for ax in figure.axes]
    assert [image.get_array()[0, 0] for image in images] == [0, 6, 12, 18]
    assert {image.get_clim() for image in images} == {(0, 23)}


def test_an_interactive_figure_carries_its_data_and_no_markup():
    figure = plotting.Interactive("fold", {"x": torch.tensor([0.5]), "t": "</script><b>"}, "a < b")
    html = figure._repr_html_()
    data = re.search(r'<script type="application/json">(.*)</script></div>$', html)[1]
    assert json.loads(data) == {"x": [0.5], "t": "</script><b>"}
    assert html.count("</script>") == 1
    assert "<p>a &lt; b</p>" in html


def test_every_public_figure_is_exported():
    assert all(hasattr(plotting, name) for name in plotting.__all__)
