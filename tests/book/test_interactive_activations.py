"""The slider of the chapter on activations, in a browser: it shows what torch computed."""

import pytest
import torch

from mlpkit.activations import sigmoid, sigmoid_grad
from mlpkit.plotting import as_texts
from tests.support.browser import interactive_page

X = torch.tensor([-120.0, -100.0, -50.0, -1.0, 0.0, 1.0, 100.0])


def naive(x):
    return 1 / (1 + torch.exp(-x))


def columns():
    x = X.clone().requires_grad_()
    slopes = torch.autograd.grad(naive(x).sum(), x)[0]
    return {
        "truth (float64)": (sigmoid(X.double()), sigmoid_grad(X.double())),
        "stable": (sigmoid(X), sigmoid_grad(X)),
        "naive": (naive(X), slopes),
    }


@pytest.fixture(scope="module")
def page():
    data = {"x": X.tolist(), "functions": {"sigmoid": as_texts(columns())}}
    with interactive_page("activation-numbers", data) as page:
        yield page


def numbers(page):
    texts = page.locator("tbody td").all_inner_texts()
    return [float(text.replace("−", "-")) for text in texts]


@pytest.mark.parametrize("i", range(len(X)))
def test_table_shows_what_torch_computed(page, i):
    page.locator("input[type=range]").fill(str(i))
    expected = torch.tensor([part[i].item() for parts in columns().values() for part in parts])
    shown = torch.tensor(numbers(page))
    torch.testing.assert_close(shown, expected, rtol=5e-3, atol=0, equal_nan=True)


def test_keys_move_the_slider_and_say_where_it_is(page):
    slider = page.locator("input[type=range]")
    slider.fill("4")
    slider.press("ArrowLeft")
    assert slider.get_attribute("aria-valuetext") == "x = −1"
    assert page.locator("output").inner_text().strip() == "−1"


def test_nan_is_marked_where_the_naive_slope_has_it(page):
    bar = page.locator("svg line[stroke-width='4']")
    assert bar.count() == 1
    left, right = (float(bar.get_attribute(name)) for name in ("x1", "x2"))
    across = [52 + (x + 120) / 240 * 540 for x in (-120, -100)]
    assert [left, right] == pytest.approx(across)
