"""The figures of the chapter on backpropagation show the numbers they were given."""

import re

import pytest
import torch
from matplotlib import pyplot as plt

from mlpkit import plotting
from tests.support.browser import interactive_page


def test_stacked_bars_stand_on_each_other():
    parts = {"parameters": [1e6, 2e6, 3e6], "saved": [4e6, 0.0, 5e6]}
    ax = plotting.stacked_bars(["1", "16", "256"], parts)
    saved = ax.containers[1]
    assert [bar.get_y() for bar in saved] == [1.0, 2.0, 3.0]
    assert [bar.get_height() for bar in saved] == [4.0, 0.0, 5.0]
    assert parts["parameters"] == [1e6, 2e6, 3e6]  # not changed
    assert len({bar.get_hatch() for container in ax.containers for bar in container}) == 2
    plt.close(ax.figure)


START = {"x": 2.0, "w": 0.5, "b": -0.5, "t": 1.0, "weight_decay": 0.1}


@pytest.fixture(scope="module")
def page():
    with interactive_page("scalar-graph", START) as page:
        yield page


def expected(**changes):
    """J, dw, db, dx by autograd."""
    numbers = {key: torch.tensor(value).double() for key, value in {**START, **changes}.items()}
    leaves = [numbers[key].requires_grad_() for key in ("w", "b", "x")]
    h = torch.tanh(numbers["w"] * numbers["x"] + numbers["b"])
    J = (h - numbers["t"]) ** 2 / 2 + numbers["weight_decay"] / 2 * numbers["w"] ** 2
    return torch.stack([J, *torch.autograd.grad(J, leaves)]).detach()


def shown(page):
    text = page.locator("[aria-live]").inner_text().replace("−", "-")
    number = r"(-?\d+\.\d+)"
    found = re.fullmatch(rf"J = {number}\..* = {number}\. db = {number}, dx = {number}\.", text)
    return torch.tensor([float(group) for group in found.groups()]).double()


@pytest.mark.parametrize("changes", [{}, {"x": -1.3}, {"w": -2.0, "b": 0.7}, {"x": 0.0, "w": 3.0}])
def test_scalar_graph_computes_what_autograd_computes(page, changes):
    page.get_by_role("button", name="start again").click()
    for key, value in changes.items():
        page.get_by_role("slider", name=key).fill(str(value))
    assert torch.allclose(shown(page), expected(**changes), atol=1e-4)


def test_every_box_shows_its_gradient(page):
    page.get_by_role("button", name="start again").click()
    words = page.locator("svg text").all_text_contents()
    gradients = dict(word.split(" = ") for word in words if re.match(r"d. = ", word))
    assert sorted(gradients) == sorted(["dx", "dw", "db", "dz", "ds", "dh", "dℓ", "dJ"])
    assert gradients["dJ"] == "1.0000"


def test_scalar_graph_obeys_the_keyboard(page):
    page.get_by_role("button", name="start again").click()
    page.get_by_role("slider", name="w").focus()
    page.keyboard.press("ArrowLeft")
    assert torch.allclose(shown(page), expected(w=0.4), atol=1e-4)
