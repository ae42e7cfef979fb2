"""The figures of the chapter on forward propagation show the numbers they were given."""

import torch

from mlpkit import plotting


def test_spread_shows_the_mean_and_the_extremes():
    runs = torch.tensor([[2.0, 3.0], [4.0, 7.0], [9.0, 8.0]])
    ax = plotting.spread([0.1, 1.0], {"loss": runs}, xlabel="scale", ylabel="loss (nats)")
    assert ax.lines[0].get_ydata().tolist() == [5.0, 6.0]
    bars = ax.collections[0].get_segments()
    assert [segment[:, 1].tolist() for segment in bars] == [[2.0, 9.0], [3.0, 8.0]]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("scale", "loss (nats)")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["loss"]


def test_influence_leaves_exact_zeros_empty():
    values = torch.tensor([[2.0, 0.0], [1e-12, 4.0]])
    (ax,) = plotting.influence({"some": values})
    shown = ax.images[0].get_array()
    assert shown.mask.tolist() == [[False, True], [False, False]]
    assert shown[1, 1] == 1.0
    assert values[0, 0] == 2.0  # not changed


def test_memory_is_in_kilobytes_on_logarithmic_axes():
    ax = plotting.memory([1, 10, 100], {"a": [1000, 2000, 3000], "b": [500, 500, 500]})
    assert [line.get_ydata().tolist() for line in ax.lines] == [[1, 2, 3], [0.5, 0.5, 0.5]]
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")


def test_data_flow_has_an_arrow_for_each_step_and_for_what_joins():
    ax = plotting.data_flow([("X", "affine", "W"), ("Z", "activation", ""), ("H", "", "")])
    shown = [text.get_text() for text in ax.texts if text.get_text()]
    assert shown == ["X", "affine", "W", "Z", "activation", "H"]
    assert len([text for text in ax.texts if not text.get_text()]) == 3  # arrows
