"""Figures of the chapter on activations: what they draw is what they were given."""

import math

import matplotlib.pyplot as plt
import pytest
import torch

from mlpkit import plotting
from mlpkit.plotting.activations import ERROR_FLOOR


def test_derivative_is_drawn_without_a_line_across_the_jump():
    z = torch.linspace(-1, 1, 10)
    ax = plotting.value_and_derivative(z, z.relu(), (z > 0).float())
    value, grad = ax.lines
    assert value.get_ydata().tolist() == z.relu().tolist()
    drawn = torch.as_tensor(grad.get_ydata())
    assert drawn.isnan().sum() == 1
    assert drawn[drawn.isfinite()].tolist() == (z > 0).float().tolist()
    places = torch.as_tensor(grad.get_xdata())
    assert (places.diff() >= 0).all()


def test_smooth_derivative_is_not_broken():
    z = torch.linspace(-6, 6, 601)
    ax = plotting.value_and_derivative(z, z.tanh(), 1 - z.tanh() ** 2)
    assert len(ax.lines[1].get_ydata()) == 601


def test_errors_are_kept_between_floor_and_one():
    x = torch.arange(4.0)
    error = torch.tensor([0.0, 1e-3, 5.0, math.inf], dtype=torch.float64)
    ax = plotting.relative_errors(x, {"formula": error})
    assert ax.lines[0].get_ydata().tolist() == [ERROR_FLOOR, 1e-3, 1.0, 1.0]
    assert ax.get_yscale() == "log"


def test_each_nan_is_a_cross_where_it_happened():
    x = torch.tensor([-2.0, -1.0, 0.0])
    ax = plotting.relative_errors(x, {"formula": torch.tensor([math.nan, math.nan, 0.1])})
    assert ax.collections[0].get_offsets()[:, 0].tolist() == [-2.0, -1.0]


@pytest.mark.parametrize(("count", "rows"), [(1, 1), (2, 1), (3, 2), (6, 3)])
def test_grid_has_a_panel_for_each_activation(count, rows):
    x = torch.linspace(-1, 1, 5)
    names = [f"function {i}" for i in range(count)]
    curves = {name: (i * x, 0 * x + i) for i, name in enumerate(names)}
    axes = plotting.activation_grid(x, curves)
    assert (len(axes), len(axes[0])) == (rows, 2)
    for i, name in enumerate(names):
        panel = axes[i // 2][i % 2]
        assert panel.texts[0].get_text() == name
        value, slope = panel.lines
        assert value.get_ydata().tolist() == (i * x).tolist()
        assert slope.get_ydata().tolist() == [i] * 5


def test_grid_draws_on_the_axes_it_is_given():
    given = plt.subplots(2, 3, squeeze=False)[1]
    x = torch.linspace(-1, 1, 5)
    rows = plotting.activation_grid(x, {str(i): (x, x) for i in range(4)}, given)
    assert rows is given
    assert [len(ax.lines) for row in rows for ax in row] == [2, 2, 2, 2, 0, 0]


def test_each_slope_of_the_family_is_drawn_on_the_negative_side_alone():
    x = torch.tensor([-2.0, 0.0, 2.0])
    ax = plotting.relu_family(x, [0.0, 1.7, -0.5])
    assert [line.get_ydata()[-1] for line in ax.lines] == [2.0, 2.0, 2.0]
    assert [round(float(line.get_ydata()[0]), 6) for line in ax.lines] == [0.0, -3.4, 1.0]
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert [name.endswith("(ReLU)") for name in names] == [True, False, False]
