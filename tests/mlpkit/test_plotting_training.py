"""The figures of the chapter on training show the numbers they were given."""

import pytest
import torch

from mlpkit import plotting


def test_learning_curves_count_epochs_from_one_and_show_percent():
    losses = {"training": [2.0, 1.5, 1.0], "validation": [2.1, 1.75, 1.5]}
    axes = plotting.learning_curves(losses, {"validation": [0.25, 0.5, 0.75]})
    assert [line.get_xdata().tolist() for line in axes[0].lines] == [[1, 2, 3], [1, 2, 3]]
    assert [list(line.get_ydata()) for line in axes[0].lines] == list(losses.values())
    assert list(axes[1].lines[0].get_ydata()) == [25.0, 50.0, 75.0]
    assert [ax.get_ylabel() for ax in axes] == ["loss (nats)", "accuracy (%)"]


def test_curves_of_one_panel_differ_in_color_and_style():
    axes = plotting.learning_curves({"a": [1.0], "b": [2.0]}, {"c": [0.5]})
    one, other = axes[0].lines
    assert one.get_color() != other.get_color() and one.get_linestyle() != other.get_linestyle()


def test_runs_show_every_run_the_mean_and_one_standard_deviation():
    values = torch.tensor([80.0, 82.0, 87.0])
    ax = plotting.runs({"one": values, "two": values + 1}, xlabel="validation accuracy (%)")
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    assert [dot.get_xdata().tolist() for dot in dots] == [[80, 82, 87], [81, 83, 88]]
    bar = ax.collections[0].get_segments()[0][:, 0]
    assert bar.tolist() == pytest.approx([83 - 13**0.5, 83 + 13**0.5])  # n - 1 in the variance
    assert ax.get_xlabel() == "validation accuracy (%)"
    low, high = ax.get_ylim()
    assert low > high  # the first group is at the top


def test_runs_draw_more_groups_than_there_are_colors():
    groups = {str(i): torch.tensor([1.0, 2.0]) for i in range(len(plotting.COLORS) + 1)}
    assert len(plotting.runs(groups).get_yticks()) == len(groups)


def test_confusion_has_true_classes_in_rows_and_leaves_zeros_out():
    counts = torch.tensor([[3, 1, 0], [0, 4, 0], [0, 0, 0]])
    ax = plotting.confusion(counts, ["cat", "dog", "owl"])
    texts = {(text.get_position()[1], text.get_position()[0]): text.get_text() for text in ax.texts}
    assert texts == {(0, 0): "3", (0, 1): "1", (1, 1): "4"}
    shown = ax.images[0].get_array()
    assert shown[0].tolist() == [0.75, 0.25, None]
    assert shown[2].tolist() == [None] * 3  # a class without examples
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("predicted class", "true class")
