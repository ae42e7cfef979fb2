"""Figures of the chapter on initialization, and what they look at, against torch."""

from itertools import pairwise

import pytest
import torch
from torch import nn

from mlpkit import diagnostics, plotting


def test_layers_are_drawn_by_their_median_and_range():
    runs = torch.tensor([[1.0, 8.0], [4.0, 2.0], [2.0, 32.0]])
    ax = plotting.by_layer({"runs": runs}, first=3, ylabel="RMS")
    assert ax.lines[0].get_xdata().tolist() == [3, 4]
    assert ax.lines[0].get_ydata().tolist() == [2.0, 8.0]
    corners = ax.collections[0].get_paths()[0].vertices
    assert {tuple(c) for c in corners.tolist()} == {(3, 1), (3, 4), (4, 2), (4, 32)}
    assert ax.get_yscale() == "log"
    assert plotting.by_layer({"runs": runs}, log=False).get_yscale() == "linear"


def test_each_entry_of_a_matrix_is_written_where_it_is():
    W = torch.tensor([[1.25, -0.5], [0.0, -1e-9], [2.0, 3.0]])
    ax = plotting.matrices({"W": W, "none": 0 * W})[0]
    written = {t.xy: t.get_text() for t in ax.texts[1:]}
    expected = ["1.25", "\N{MINUS SIGN}0.50", "0.00", "0.00", "2.00", "3.00"]
    assert written == {(k % 2, k // 2): text for k, text in enumerate(expected)}
    assert ax.images[0].get_array().tolist() == W.tolist()


def test_one_matrix_of_zeros_is_no_division_by_zero():
    ax = plotting.matrices({"none": torch.zeros(2, 2)})[0]
    assert ax.images[0].get_clim() == (-1.0, 1.0)


def network(activation, seed=0):
    torch.manual_seed(seed)
    sizes = [5, 6, 7, 4]
    layers = [part for a, b in pairwise(sizes) for part in (nn.Linear(a, b), activation())]
    return nn.Sequential(*layers[:-1]).double()


@pytest.mark.parametrize(
    ("activation", "name"), [(nn.ReLU, "relu"), (nn.Tanh, "tanh"), (nn.Sigmoid, "sigmoid")]
)
def test_examining_finds_what_a_look_by_hand_finds(activation, name, generator):
    model = network(activation)
    X = 4 * torch.randn(9, 5, generator=generator).double()
    y = torch.randint(4, (9,), generator=generator)
    with torch.no_grad():
        model[0].bias[1] = -1000.0  # dead, for certain
    found = diagnostics.examine(model, X, y, name, lr=0.3)
    layers = [X, model[:2](X), model[:4](X), model(X)]
    rms = torch.stack([layer.detach().square().mean().sqrt() for layer in layers])
    assert torch.allclose(found.rms, rms)
    model.zero_grad()
    nn.functional.cross_entropy(model(X), y).backward()
    weights = [model[i].weight for i in (0, 2, 4)]
    norms = torch.stack([W.grad.norm() for W in weights])
    assert torch.allclose(found.gradient, norms)
    sizes = torch.stack([W.detach().norm() for W in weights])
    assert torch.allclose(found.update, 0.3 * norms / sizes)
    flat = [diagnostics.saturated_fraction(H, name) for H in layers[1:3]]
    assert found.flat.tolist() == pytest.approx(flat)
    assert found.dead[0] >= 1 / 6 - 1e-12
    if name == "relu":
        dead = [len(diagnostics.dead_units([H])) / H.shape[1] for H in layers[1:3]]
        assert found.dead.tolist() == pytest.approx(dead)


def test_examining_leaves_the_model_as_it_was():
    model = network(nn.Tanh)
    before = [p.clone() for p in model.parameters()]
    X, y = torch.ones(3, 5).double(), torch.zeros(3).long()
    diagnostics.examine(model, X, y, "tanh", lr=1.0)
    assert all(torch.equal(p, q) for p, q in zip(model.parameters(), before, strict=True))
    assert all(p.grad is None for p in model.parameters())
    assert not any(part._forward_pre_hooks for part in model.modules())
    with pytest.raises(RuntimeError):
        diagnostics.examine(model, torch.ones(3, 6).double(), y, "tanh", lr=1.0)
    assert not any(part._forward_pre_hooks for part in model.modules())


def test_panel_draws_what_was_found():
    found = diagnostics.Health(*(torch.rand(n).double() for n in (4, 3, 2, 2, 3)))
    (size, gradient), (flat, update) = plotting.health_panel({"one": found, "two": found})
    assert size.lines[0].get_ydata().tolist() == found.rms.tolist()
    assert gradient.lines[1].get_ydata().tolist() == found.gradient.tolist()
    assert flat.lines[0].get_ydata().tolist() == (100 * found.flat).tolist()
    assert flat.lines[1].get_ydata().tolist() == (100 * found.dead).tolist()
    assert update.lines[0].get_ydata().tolist() == found.update.tolist()
    assert gradient.lines[0].get_xdata().tolist() == [1, 2, 3]
