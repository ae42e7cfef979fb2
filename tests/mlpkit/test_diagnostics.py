"""The diagnostics against cases worked by hand, and against autograd where it is the measure."""

import gc
import itertools
import weakref

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn.functional import cross_entropy

from mlpkit import diagnostics
from mlpkit.mlp import Cache, forward, init_parameters


def float64(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


# --- sizes


def test_layer_statistics_of_a_hand_case():
    X, H, logits = float64(1.0, -1.0)[None], float64(0.0, 6.0)[None], float64(3.0, 4.0)[None]
    Z = float64(-100.0, 6.0)[None]  # must not count: H is what a layer puts out
    mean, std, rms = diagnostics.layer_statistics(Cache(Z=[Z, logits], H=[X, H]))
    torch.testing.assert_close(mean, float64(0.0, 3.0, 3.5))
    torch.testing.assert_close(std, float64(1.0, 3.0, 0.5))
    torch.testing.assert_close(rms, float64(1.0, 18**0.5, 12.5**0.5))


def test_layer_statistics_of_a_network():
    generator = torch.Generator().manual_seed(0)
    weights, biases = init_parameters([7, 5, 6, 4], generator=generator)
    logits, cache = forward(torch.randn(9, 7, generator=generator), weights, biases)
    statistics = diagnostics.layer_statistics(cache)
    assert statistics.rms.shape == (4,)
    torch.testing.assert_close(
        statistics.rms.square(), statistics.mean.square() + statistics.std.square()
    )
    torch.testing.assert_close(statistics.std[-1].float(), logits.std(correction=0))


def test_layer_statistics_do_not_overflow_before_the_layer_does():
    huge = torch.full((2, 3), 1e30)
    assert diagnostics.layer_statistics(Cache(Z=[huge], H=[huge])).rms.tolist() == pytest.approx(
        [1e30, 1e30]
    )


def test_gradient_norms_do_not_overflow_either():
    assert diagnostics.gradient_norms([torch.full((1, 4), 1e30)]).item() == pytest.approx(2e30)


def test_gradient_norms_and_update_ratios_of_a_hand_case():
    grads = [torch.tensor([[3.0, 0.0], [0.0, 4.0]]), torch.tensor([0.0, 2.0])]
    weights = [torch.full((2, 2), 5.0), torch.tensor([0.0, -8.0])]
    torch.testing.assert_close(diagnostics.gradient_norms(grads), float64(5.0, 2.0))
    torch.testing.assert_close(diagnostics.update_ratios(weights, grads, 0.1), float64(0.05, 0.025))


def test_update_ratios_are_those_of_a_real_step():
    generator = torch.Generator().manual_seed(0)
    W = torch.randn(5, 6, generator=generator, dtype=torch.float64)
    dW = torch.randn(5, 6, generator=generator, dtype=torch.float64)
    moved = ((W - 0.3 * dW) - W).norm() / W.norm()
    torch.testing.assert_close(diagnostics.update_ratios([W], [dW], 0.3)[0], moved)


# --- dead and saturated units


def test_a_dead_unit_is_zero_for_every_example_of_every_minibatch():
    first = torch.tensor([[0.0, 0.0, 1.0, -0.0, 0.0], [0.0, 2.0, 0.0, 0.0, 0.0]])
    last = torch.tensor([[0.0, 0.0, 0.0, 0.0, 3.0]])
    assert diagnostics.dead_units([first, last]) == [0, 3]
    assert diagnostics.dead_units([last, first]) == [0, 3]
    assert diagnostics.dead_units(iter([last])) == [0, 1, 2, 3]


def test_no_minibatch_is_no_ground_to_call_a_unit_dead():
    with pytest.raises(ValueError, match="at least one"):
        diagnostics.dead_units([])


@pytest.mark.parametrize(
    ("activation", "H", "fraction"),
    [
        ("relu", [0.0, -0.0, 1e-9, 2.0], 0.5),
        ("tanh", [-0.98, -0.97, 0.0, 0.97, 0.98], 0.4),
        ("sigmoid", [0.012, 0.013, 0.5, 0.987, 0.988], 0.4),
    ],
)
def test_saturated_means_a_flat_part_of_the_activation(activation, H, fraction):
    assert diagnostics.saturated_fraction(torch.tensor(H), activation) == pytest.approx(fraction)


@pytest.mark.parametrize(("activation", "steepest"), [("tanh", 1.0), ("sigmoid", 0.25)])
def test_saturated_agrees_with_the_slope_that_autograd_gives(activation, steepest):
    z = torch.linspace(-9, 9, 1001, dtype=torch.float64, requires_grad=True)
    H = getattr(torch, activation)(z)
    H.sum().backward()
    flat = (z.grad < 0.05 * steepest).double().mean().item()
    assert 0 < flat < 1
    assert diagnostics.saturated_fraction(H, activation) == pytest.approx(flat)


def test_an_activation_whose_output_hides_its_slope_is_refused():
    with pytest.raises(ValueError, match="got 'swish'"):
        diagnostics.saturated_fraction(torch.zeros(2), "swish")


def test_examine_finds_what_the_single_measures_find_and_changes_nothing():
    generator = torch.Generator().manual_seed(0)
    X, y = torch.randn(7, 5, generator=generator), torch.arange(7) % 3
    model = nn.Sequential(nn.Linear(5, 6), nn.ReLU(), nn.Linear(6, 3))
    with torch.no_grad():
        model[0].weight[2], model[0].bias[2] = 0.0, -1.0  # unit 2 is dead
    health = diagnostics.examine(model, X, y, "relu", lr=0.1)
    assert model[0].weight.grad is None and not model[0]._forward_pre_hooks
    H = model[:2](X)
    cross_entropy(model(X), y).backward()
    weights = [model[0].weight, model[2].weight]
    grads = [weight.grad for weight in weights]
    cache = Cache(Z=[model[0](X), model(X)], H=[X, H])
    torch.testing.assert_close(health.rms, diagnostics.layer_statistics(cache).rms)
    torch.testing.assert_close(health.gradient, diagnostics.gradient_norms(grads))
    torch.testing.assert_close(health.update, diagnostics.update_ratios(weights, grads, 0.1))
    assert health.flat.tolist() == [diagnostics.saturated_fraction(H, "relu")]
    assert health.dead.tolist() == pytest.approx([len(diagnostics.dead_units([H])) / 6])
    assert 2 in diagnostics.dead_units([H])


# --- memory


@pytest.mark.parametrize("num_examples", [1, 256, 4096])
def test_saved_bytes_of_784_256_10_are_the_activations_and_the_labels(num_examples):
    model = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10))
    X, y = torch.rand(num_examples, 784), torch.zeros(num_examples, dtype=torch.int64)
    saved = diagnostics.saved_bytes(
        lambda: cross_entropy(model(X), y), exclude=[X, *model.parameters()]
    )
    floats = num_examples * (256 + 10) + 1  # hidden units, log-probabilities, a total weight
    assert saved == 4 * floats + 8 * num_examples
    published = {1: 1.1e3, 256: 274e3, 4096: 4.39e6}[num_examples]
    assert saved == pytest.approx(published, rel=0.03)


def test_memory_kept_twice_counts_once_and_views_count_as_their_memory():
    x = torch.ones(100, requires_grad=True)
    assert diagnostics.saved_bytes(lambda: x * x + x.sin()) == 400
    assert diagnostics.saved_bytes(lambda: x[:10].sin() + x[10:20].cos()) == 400


def test_memory_that_ends_within_the_computation_counts_too():
    x = torch.ones(100, requires_grad=True)

    def twice():
        x.exp()  # freed at once, so that its address could be given out again
        return x.exp()

    assert diagnostics.saved_bytes(twice) == 800


def test_excluded_memory_does_not_count_even_through_a_view():
    x = torch.ones(10, 10, requires_grad=True)
    assert diagnostics.saved_bytes(lambda: x.T.sin(), exclude=[x]) == 0


def test_nothing_is_saved_without_gradients():
    x = torch.ones(10, requires_grad=True)
    with torch.no_grad():
        assert diagnostics.saved_bytes(lambda: x.exp()) == 0


def test_measuring_changes_no_gradient_and_keeps_no_memory():
    x = torch.ones(10, requires_grad=True)
    kept = []

    def compute():
        result = x.exp()
        result.sum().backward()
        kept.append(weakref.ref(result))

    gc.disable()  # a cycle would stay until the collector runs
    try:
        diagnostics.saved_bytes(compute)
        assert kept[0]() is None
    finally:
        gc.enable()
    torch.testing.assert_close(x.grad, x.detach().exp())


# --- linear pieces


@pytest.mark.parametrize(
    ("w", "b", "v", "pieces"),
    [
        ([1, 1, 1], [0, 1, 2], [1, 1, 1], 4),
        ([1, 2, 1], [1, 2, 2], [1, 1, 1], 3),  # two equal knots
        ([3, 1], [-0.3, -0.1], [1, 1], 2),  # equal knots, up to rounding
        ([0, 0], [1, 2], [1, 1], 1),  # no knot
        ([1, 2], [1, 3], [0, 0], 1),  # no slope
        ([1, -1], [0, 0], [1, 1], 2),  # |t|
        ([1, -1], [0, 0], [1, -1], 1),  # the kinks cancel
        ([1, -2], [0, 0], [2, -1], 1),
        ([1, -1, 1], [0, 0, -5], [1, -1, 1], 2),  # two cancel, one stays
        ([1, 1], [0, -1e-6], [1, -1], 3),  # close, but apart
        ([1, 1], [1e6, 1e6 + 1e-4], [1, 1], 2),  # one knot, relative to its size
        ([], [], [], 1),
    ],
)
def test_linear_pieces_of_hand_cases(w, b, v, pieces):
    assert diagnostics.linear_pieces(float64(*w), float64(*b), float64(*v)) == pieces


units = st.tuples(st.integers(-3, 3), st.integers(-4, 4), st.integers(-2, 2))


@given(st.lists(units, max_size=6))
def test_linear_pieces_are_the_changes_of_slope_between_all_knots(network):
    w, b, v = (float64(*(unit[i] for unit in network)) for i in range(3))
    knots = sorted({-bias / weight for weight, bias, _ in network if weight})
    ends = [-100.0, *knots, 100.0]

    def slope(t: float) -> float:
        return (v * w * (w * t + b > 0)).sum().item()

    slopes = [slope((left + right) / 2) for left, right in itertools.pairwise(ends)]
    changes = sum(a != b for a, b in itertools.pairwise(slopes))
    assert diagnostics.linear_pieces(w, b, v) == 1 + changes


class TestPiecesAlong:
    def test_agrees_with_the_count_from_weights(self):
        g = torch.Generator().manual_seed(0)
        x = torch.linspace(-20, 20, 40001, dtype=torch.float64)
        for units in (1, 3, 8):
            w, b, v = (torch.randn(units, generator=g, dtype=torch.float64) for _ in range(3))
            inside = (b / w).abs() < 19
            w, b, v = w[inside], b[inside], v[inside]
            y = torch.relu(x[:, None] * w + b) @ v
            assert diagnostics.pieces_along(y) == diagnostics.linear_pieces(w, b, v)

    def test_rounding_is_no_bend(self):
        x = torch.linspace(-3, 3, 4001, dtype=torch.float64)
        y = torch.stack([1 + 1e-13 * x.sin(), 1e6 + x / 3, 0 * x])
        assert diagnostics.pieces_along(y).tolist() == [1, 1, 1]

    def test_shape_is_kept(self):
        assert diagnostics.pieces_along(torch.rand(2, 3, 9)).shape == (2, 3)
