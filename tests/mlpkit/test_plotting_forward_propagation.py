"""The figures of the chapter on forward propagation show the numbers they were given."""

import pytest
import torch

from mlpkit import plotting
from tests.support.browser import interactive_page


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


Z = torch.tensor([-1.6, -1.1, -0.7, -0.2, 0.3, 0.8, 1.2, 1.9]).double()
EPS = 1e-5


def batch_norm(z):
    return torch.nn.functional.batch_norm(z[:, None], None, None, training=True, eps=EPS)[:, 0]


def shown_outputs(page):
    text = page.locator("[aria-live]").inner_text().replace("−", "-")
    numbers = text.removeprefix("Outputs: ").split(". Of")[0]
    return torch.tensor([float(number) for number in numbers.split(",")]).double()


@pytest.fixture(scope="module")
def page():
    with interactive_page("batch-influence", {"z": Z, "eps": EPS}) as page:
        yield page


def test_batch_influence_computes_what_torch_computes(page):
    page.get_by_role("button", name="start again").click()
    assert torch.allclose(shown_outputs(page), batch_norm(Z), atol=6e-3)
    page.get_by_label("example").select_option(index=2)
    page.get_by_role("slider").fill("3.5")
    moved = Z.clone()
    moved[2] = 3.5
    assert torch.allclose(shown_outputs(page), batch_norm(moved), atol=6e-3)
    assert "7 moved" in page.locator("[aria-live]").inner_text()


def test_without_the_normalization_nobody_else_moves(page):
    page.get_by_role("button", name="start again").click()
    page.get_by_label("batch normalization").uncheck()
    page.get_by_role("slider").fill("-3")
    assert "0 moved" in page.locator("[aria-live]").inner_text()
    page.get_by_label("batch normalization").check()


def test_batch_influence_obeys_the_keyboard(page):
    page.get_by_role("button", name="start again").click()
    page.get_by_label("example").select_option(index=0)
    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowRight")
    moved = Z.clone()
    moved[0] += 0.1
    assert torch.allclose(shown_outputs(page), batch_norm(moved), atol=6e-3)
