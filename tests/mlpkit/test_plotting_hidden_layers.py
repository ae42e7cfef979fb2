"""The figures of the chapter on hidden layers: what they draw, and that they leave data alone."""

from itertools import pairwise

import matplotlib.pyplot as plt
import pytest
import torch
from matplotlib.colors import to_hex, to_rgb

from mlpkit import checks, plotting


def drawn(seed=0, *shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def crossed_shares():
    return torch.tensor([[0.02, 0.16], [0.15, 0.03]]), torch.full((2, 2), 0.01)


def pre_activations(X):
    """Two hidden layers: the second unit of the second layer never switches."""
    first = X @ torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    second = first.clamp(min=0) @ torch.tensor([[1.0, 1.0], [1.0, 1.0]]) + torch.tensor([-0.5, 9.0])
    return [first, second]


# name, arguments as they are passed; every function is also called with these on axes of its own
CALLS = {
    "pixel_context": crossed_shares(),
    "marked_pixels": (drawn(1, 8, 8), [(4, 3), (5, 4)]),
    "layer_diagram": ([4, 5, 3], ["a", "b", "c"]),
    "xor_spaces": (drawn(2, 4, 2), torch.tensor([0, 1, 1, 0]), drawn(3, 4, 2), drawn(4, 2, 2)),
    "relu_panel": (torch.linspace(-1, 1, 11), drawn(5, 11, 3), drawn(6, 3)),
    "linear_regions": (pre_activations,),
    "small_multiples": (torch.linspace(0, 1, 7), [drawn(7, 7), drawn(8, 7)], ["a", "b"]),
    "every_run": ({"a": drawn(9, 5), "b": drawn(10, 3)},),
    "extrapolation": (torch.linspace(-3, 3, 9), drawn(11, 2, 9), drawn(12, 9), (-1.0, 1.0)),
    "decision": (lambda X: X,),
}


@pytest.mark.parametrize("name", CALLS)
def test_is_public_and_keeps_its_arguments(name):
    assert name in plotting.__all__
    assert checks.keeps_arguments(getattr(plotting, name), *CALLS[name])


@pytest.mark.parametrize("name", CALLS)
def test_keeps_the_global_generator(name):
    state = torch.get_rng_state()
    getattr(plotting, name)(*CALLS[name])
    assert torch.equal(torch.get_rng_state(), state)


ONE_AXES = [name for name in CALLS if name not in ("xor_spaces", "relu_panel", "small_multiples")]


@pytest.mark.parametrize("name", ONE_AXES)
def test_draws_on_the_axes_it_is_given_and_returns_them(name):
    given = plt.subplots()[1]
    assert getattr(plotting, name)(*CALLS[name], ax=given) is given
    assert len(plt.get_fignums()) == 1
    assert given.get_title() == ""


@pytest.mark.parametrize("name, columns", [("xor_spaces", 2), ("small_multiples", 2)])
def test_draws_on_all_axes_it_is_given_and_returns_them(name, columns):
    given = plt.subplots(1, columns)[1]
    assert getattr(plotting, name)(*CALLS[name], axes=given) is given
    assert len(plt.get_fignums()) == 1
    assert all(ax.has_data() for ax in given)


def test_relu_panel_draws_on_the_rows_it_is_given():
    given = [list(row) for row in plt.subplots(4, 3)[1]]
    assert plotting.relu_panel(*CALLS["relu_panel"], axes=given) is given
    assert len(plt.get_fignums()) == 1


def test_pixel_context_has_a_line_per_state_of_the_second_pixel():
    share, error = crossed_shares()
    ax = plotting.pixel_context(share, error)
    for state, container in enumerate(ax.containers):
        line, _, (bars,) = container
        assert torch.allclose(torch.tensor([*line.get_ydata()]), share[state])
        low, high = torch.tensor(bars.get_segments()[0])[:, 1].float()
        assert torch.allclose((high - low) / 2, error[state, 0], atol=1e-6)
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == ["second pixel dark", "second pixel bright"]


def test_marked_pixels_puts_rows_down_and_columns_across():
    image = drawn(1, 8, 8)
    ax = plotting.marked_pixels(image, [(4, 3), (5, 4)])
    assert torch.equal(torch.tensor(ax.images[0].get_array()), image)
    assert [line.get_xydata().tolist() for line in ax.lines] == [[[3.0, 4.0]], [[4.0, 5.0]]]
    assert ax.lines[0].get_marker() != ax.lines[1].get_marker()


@pytest.mark.parametrize("sizes", [[4, 3], [4, 5, 3], [2, 3, 3, 1]])
def test_layer_diagram_has_a_line_per_weight_and_a_dot_per_unit(sizes):
    ax = plotting.layer_diagram(sizes, ["label"] * len(sizes))
    assert len(ax.lines) == sum(a * b for a, b in pairwise(sizes))
    assert [len(column.get_offsets()) for column in ax.collections] == sizes
    assert len(ax.texts) == len(sizes)


def test_layer_diagram_wants_a_label_per_column():
    with pytest.raises(ValueError, match="expected 3 labels"):
        plotting.layer_diagram([4, 5, 3], ["inputs"])


def test_xor_spaces_names_points_that_meet_together():
    X = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    H = torch.tensor([[0.0, 0.0], [1.0, 0.0], [1.0, 0.0], [2.0, 1.0]])
    y = torch.tensor([0, 1, 1, 0])
    left, right = plotting.xor_spaces(X, y, H, torch.tensor([[0.5, 0.0], [1.5, 0.5]]))
    assert len(left.texts) == 4
    assert sorted(text.get_text() for text in right.texts) == [
        "(0, 0)", "(0, 1)\n(1, 0)", "(1, 1)",
    ]  # fmt: skip
    assert right.lines[0].get_xy1() == [0.5, 0.0]
    ones = torch.tensor(right.collections[1].get_offsets())
    assert torch.equal(ones.float(), H[y == 1])


def test_relu_panel_shows_each_step_and_their_sum():
    x = torch.linspace(-1.5, 1.5, 31)
    w, b, v = torch.tensor([[1.5, -1.2, 1.0], [0.9, 0.3, -0.5], [1.0, 1.5, -2.5]])
    rows = plotting.relu_panel(x, x[:, None] * w + b, v, c=0.25)
    for j in range(3):
        z = w[j] * x + b[j]
        steps = (z, torch.relu(z), v[j] * torch.relu(z))
        for row, values in zip(rows, steps, strict=False):
            assert torch.allclose(torch.tensor(row[j].lines[0].get_ydata()), values)
        assert row[j].lines[1].get_xdata()[0] == pytest.approx((-b[j] / w[j]).item(), abs=1e-5)
    total = torch.relu(x[:, None] * w + b) @ v + 0.25
    assert torch.allclose(torch.tensor(rows[3][0].lines[0].get_ydata()), total)
    assert len(rows[3][0].lines) == 4  # the sum and three switches


def test_relu_panel_draws_a_unit_that_never_switches():
    x = torch.linspace(-1, 1, 5)
    rows = plotting.relu_panel(x, torch.stack([x, torch.ones(5)], dim=1), torch.ones(2))
    assert rows[0][1].lines[1].get_xdata()[0] != rows[0][1].lines[1].get_xdata()[0]  # nan


def test_linear_regions_counts_patterns_of_all_layers():
    ax = plotting.linear_regions(pre_activations, steps=41)
    areas = torch.tensor(ax.images[0].get_array())
    # four quadrants; the bent line of the second layer cuts all but the third in two
    assert len(areas.unique()) == 7
    assert len(ax.collections) == 3  # two lines of the first layer, one of the second
    assert areas[0, 0] != areas[0, -1] and areas[0, 0] != areas[-1, 0]


def test_linear_regions_has_the_first_coordinate_across():
    ax = plotting.linear_regions(lambda X: [X[:, :1]], steps=6)
    areas = torch.tensor(ax.images[0].get_array())
    assert torch.equal(areas, areas[:1].expand(6, 6))
    assert areas[0, 0] != areas[0, -1]


def test_small_multiples_share_their_scales():
    x, ys, labels = CALLS["small_multiples"]
    axes = plotting.small_multiples(x, ys, labels)
    for ax, y, label in zip(axes, ys, labels, strict=True):
        assert torch.equal(torch.tensor(ax.lines[0].get_ydata()), y)
        assert ax.texts[0].get_text() == label
    assert axes[0].get_ylim() == axes[1].get_ylim()
    with pytest.raises(ValueError, match="expected 2 labels"):
        plotting.small_multiples(x, ys, ["one"])


def test_every_run_shows_all_runs_and_their_median():
    values = torch.tensor([3.0, 1.0, 7.0])
    ax = plotting.every_run({"a": values, "b": values + 1}, ylabel="loss (nats)")
    points = torch.tensor(ax.collections[0].get_offsets())[:, 1].float()
    assert torch.equal(points.sort().values, values.sort().values)
    assert [line.get_ydata()[0] for line in ax.lines] == [3.0, 4.0]
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["a", "b"]
    assert ax.get_ylabel() == "loss (nats)"


def test_extrapolation_has_every_run_and_one_legend_entry_for_them():
    x, runs, truth, inside = CALLS["extrapolation"]
    ax = plotting.extrapolation(x, runs, truth, inside)
    assert len(ax.lines) == len(runs) + 1
    assert torch.equal(torch.tensor(ax.lines[1].get_ydata()), runs[1])
    assert torch.equal(torch.tensor(ax.lines[-1].get_ydata()), truth)
    assert len(ax.get_legend().get_texts()) == 3
    assert to_hex(ax.lines[0].get_color()) != to_hex(ax.lines[-1].get_color())


def test_decision_has_the_color_of_the_winner_and_is_stronger_the_surer():
    ax = plotting.decision(lambda X: 3 * X, low=-1.0, high=1.0, steps=5)
    shown = torch.tensor(ax.images[0].get_array())  # (5, 5, 4)
    ticks = torch.linspace(-1, 1, 5)
    margin = 3 * (ticks[None, :] - ticks[:, None])  # of the first class
    first, second = (to_rgb(plotting.COLORS[name]) for name in ("blue", "vermillion"))
    assert torch.allclose(shown[margin > 0][:, :3], torch.tensor(first))
    assert torch.allclose(shown[margin < 0][:, :3], torch.tensor(second))
    alpha = 0.05 + 0.40 * (2 * torch.sigmoid(margin.abs()) - 1)
    assert torch.allclose(shown[..., 3], alpha)
