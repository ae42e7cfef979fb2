"""The figures of the chapter on backpropagation show the numbers they were given."""

from matplotlib import pyplot as plt

from mlpkit import plotting


def test_stacked_bars_stand_on_each_other():
    parts = {"parameters": [1e6, 2e6, 3e6], "saved": [4e6, 0.0, 5e6]}
    ax = plotting.stacked_bars(["1", "16", "256"], parts)
    saved = ax.containers[1]
    assert [bar.get_y() for bar in saved] == [1.0, 2.0, 3.0]
    assert [bar.get_height() for bar in saved] == [4.0, 0.0, 5.0]
    assert parts["parameters"] == [1e6, 2e6, 3e6]  # not changed
    assert len({bar.get_hatch() for container in ax.containers for bar in container}) == 2
    plt.close(ax.figure)
