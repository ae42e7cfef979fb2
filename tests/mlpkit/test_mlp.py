"""The MLP by hand against autograd and against PyTorch's own modules."""

from itertools import pairwise

import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.testing import assert_close

from mlpkit.activations import ACTIVATIONS
from mlpkit.gradcheck import gradient_error
from mlpkit.mlp import (
    affine,
    affine_backward,
    backward,
    build_module,
    count_parameters,
    forward,
    init_parameters,
    objective_and_gradients,
)

PHI = {
    "identity": lambda z: z,
    "relu": torch.relu,
    "prelu": lambda z: functional.leaky_relu(z, 0.25),
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "swish": functional.silu,
    "gelu": functional.gelu,
}
# N, then the layer sizes: unequal, equal (a transposition shows in values alone), one example,
# one layer, and deep
SIZES = [(7, [5, 6, 4]), (4, [4, 4, 4]), (1, [5, 6, 4]), (7, [5, 4]), (7, [5, 6, 3, 8, 4])]
every_size = pytest.mark.parametrize(("N", "layer_sizes"), SIZES, ids=str)
every_activation = pytest.mark.parametrize("activation", ACTIVATIONS)


def draw(N, layer_sizes, generator, scale=1.0):
    """Draw a minibatch and a network with biases that are not zero, in float64."""

    def normal(*shape):
        return scale * torch.randn(shape, generator=generator, dtype=torch.float64)

    X, y = normal(N, layer_sizes[0]), torch.randint(layer_sizes[-1], (N,), generator=generator)
    weights = [normal(*fans) for fans in pairwise(layer_sizes)]
    return X, y, weights, [normal(fan_out) for fan_out in layer_sizes[1:]]


def reference(X, y, weights, biases, activation, weight_decay):
    """Return logits, objective and gradients by torch's own functions and autograd."""
    parameters = [t.clone().requires_grad_() for t in (*weights, *biases)]
    num_layers = len(weights)
    H = X
    for layer, (W, b) in enumerate(
        zip(parameters[:num_layers], parameters[num_layers:], strict=True)
    ):
        Z = functional.linear(H, W.T, b)
        H = Z if layer == num_layers - 1 else PHI[activation](Z)
    squares = sum(torch.linalg.vector_norm(W) ** 2 for W in parameters[:num_layers])
    J = functional.cross_entropy(H, y) + weight_decay / 2 * squares
    grads = list(torch.autograd.grad(J, parameters))
    return H.detach(), J.detach(), grads[:num_layers], grads[num_layers:]


@every_size
@every_activation
def test_forward_and_backward_are_those_of_torch(N, layer_sizes, activation, generator):
    network = draw(N, layer_sizes, generator)
    X, _, weights, biases = network
    for weight_decay in (0.0, 0.3):
        logits, *expected = reference(*network, activation, weight_decay)
        assert_close(forward(X, weights, biases, activation)[0], logits)
        results = objective_and_gradients(*network, activation, weight_decay)
        assert results[0].shape == ()
        assert_close(list(results), expected, rtol=1e-10, atol=1e-12)


def test_backward_needs_no_autograd(generator):
    network = draw(7, [5, 6, 4], generator)
    expected = objective_and_gradients(*network, "relu", 0.3)
    with torch.no_grad():
        assert_close(objective_and_gradients(*network, "relu", 0.3), expected, rtol=0, atol=0)


def test_confident_networks_have_finite_gradients(generator):
    network = draw(7, [5, 6, 4], generator, scale=30.0)
    logits, *expected = reference(*network, "relu", 0.3)
    assert logits.abs().max() > 1e4
    assert_close(list(objective_and_gradients(*network, "relu", 0.3)), expected)


def test_gradients_pass_the_gradient_check(generator):
    X, y, weights, biases = draw(7, [5, 6, 4], generator)
    _, dweights, dbiases = objective_and_gradients(X, y, weights, biases, "tanh", 0.3)

    def in_first_weights(W):
        return objective_and_gradients(X, y, [W, weights[1]], biases, "tanh", 0.3)[0]

    def in_first_biases(b):
        return objective_and_gradients(X, y, weights, [b, biases[1]], "tanh", 0.3)[0]

    assert gradient_error(in_first_weights, weights[0], dweights[0], step=1e-5) < 1e-6
    assert gradient_error(in_first_biases, biases[0], dbiases[0], step=1e-5) < 1e-6


@pytest.mark.parametrize(("N", "fan_in", "fan_out"), [(7, 5, 6), (1, 5, 6), (4, 4, 4)])
def test_affine_layer(N, fan_in, fan_out, generator):
    X, _, [W], [b] = draw(N, [fan_in, fan_out], generator)
    dY = torch.randn(N, fan_out, generator=generator, dtype=torch.float64)
    Y = affine(X.requires_grad_(), W.requires_grad_(), b.requires_grad_())
    assert_close(Y, functional.linear(X, W.T, b))
    assert_close(affine_backward(dY, X, W), torch.autograd.grad(Y, (X, W, b), dY))


@every_size
def test_cache_holds_every_input_and_pre_activation(N, layer_sizes, generator):
    X, _, weights, biases = draw(N, layer_sizes, generator)
    logits, cache = forward(X, weights, biases)
    assert len(cache.Z) == len(cache.H) == len(weights)
    assert cache.H[0] is X
    assert cache.Z[-1] is logits
    for W, b, Z, H in zip(weights, biases, cache.Z, cache.H, strict=True):
        assert_close(Z, H @ W + b)
    for Z, H in zip(cache.Z[:-1], cache.H[1:], strict=True):
        assert_close(H, torch.relu(Z))


def test_nothing_given_is_changed(generator):
    X, y, weights, biases = draw(7, [5, 6, 4], generator)
    tensors = [X, y, *weights, *biases]
    before, lists = [t.clone() for t in tensors], (list(weights), list(biases))
    objective_and_gradients(X, y, weights, biases, "relu", 0.3)
    logits, cache = forward(X, weights, biases)
    kept = [t.clone() for t in (*cache.Z, *cache.H)]
    backward(torch.ones_like(logits), cache, weights)
    assert all(map(torch.equal, [X, y, *weights, *biases], before))
    assert all(map(torch.equal, [*cache.Z, *cache.H], kept))
    assert (len(weights), len(biases)) == tuple(map(len, lists))
    assert not any(t.requires_grad for t in tensors)


def test_lists_of_different_lengths_are_refused(generator):
    X, _, weights, biases = draw(7, [5, 6, 4], generator)
    with pytest.raises(ValueError, match="zip"):
        forward(X, weights, biases[:1])


@pytest.mark.parametrize("layer_sizes", [[784, 256, 10], [5, 6, 4], [5, 4], [5, 6, 3, 8, 4]])
def test_number_of_parameters_is_that_of_the_module(layer_sizes):
    expected = sum(p.numel() for p in build_module(layer_sizes).parameters())
    assert count_parameters(layer_sizes) == expected
    weights, biases = init_parameters(layer_sizes)
    assert sum(t.numel() for t in weights + biases) == expected


def test_parameters_come_from_the_scheme_and_the_generator(generator):
    before = torch.get_rng_state()
    weights, biases = init_parameters([300, 200, 100], generator=generator)
    assert torch.equal(torch.get_rng_state(), before)
    # the standard error of these estimates is below one percent: sqrt(2 / 60,000), sqrt(2 / 20,000)
    for W, fan_in in zip(weights, [300, 200], strict=True):
        assert abs(W.var() * fan_in / 2 - 1) < 0.05
    assert all((b == 0).all() for b in biases)
    again = init_parameters([300, 200, 100], generator=generator.manual_seed(0))
    assert_close(again.weights, weights, rtol=0, atol=0)
    xavier, _ = init_parameters([300, 200], "xavier_normal", generator=generator)
    assert abs(xavier[0].var() * 250 - 1) < 0.05


def test_unknown_names_are_errors():
    with pytest.raises(KeyError, match="he_normal"):
        init_parameters([5, 6, 4], "he_normal")
    with pytest.raises(KeyError, match="sin"):
        build_module([5, 6, 4], "sin")
    with pytest.raises(KeyError, match="sin"):
        forward(torch.ones(7, 5), *init_parameters([5, 6, 4]), "sin")


@every_activation
def test_module_computes_what_forward_does(activation, generator):
    sizes = [5, 6, 3, 4]
    before = torch.get_rng_state()
    model = build_module(sizes, activation, "xavier_normal", generator=generator)
    assert torch.equal(torch.get_rng_state(), before)
    weights, biases = init_parameters(sizes, "xavier_normal", generator=generator.manual_seed(0))
    X = torch.randn(7, 5, generator=generator)
    assert_close(model(X), forward(X, weights, biases, activation)[0])


@every_activation
def test_module_has_an_activation_between_layers_only(activation):
    model = build_module([5, 6, 3, 4], activation)
    assert len(model) == 5
    assert all(isinstance(layer, nn.Linear) for layer in model[::2])
    assert not any(isinstance(layer, nn.Linear) for layer in model[1::2])
    assert len({id(layer) for layer in model}) == 5


def test_module_can_be_trained(generator):
    model = build_module([5, 16, 4], generator=generator)
    X = torch.randn(20, 5, generator=generator)
    y = torch.randint(4, (20,), generator=generator)
    assert all(p.is_leaf and p.requires_grad for p in model.parameters())
    sgd = torch.optim.SGD(model.parameters(), lr=0.5)
    for _ in range(200):
        sgd.zero_grad()
        functional.cross_entropy(model(X), y).backward()
        sgd.step()
    assert (model(X).argmax(dim=1) == y).all()
