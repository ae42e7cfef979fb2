"""Networks side by side compute what each computes alone, and torch says the same."""

import pytest
import torch
from torch.nn import functional

from mlpkit import experiments, mlp
from mlpkit.mlp import Parameters


def targets(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


def test_each_run_has_its_own_loss():
    logits, y = targets(3, 7, 4), torch.tensor([0, 3, 1, 2, 2, 0, 1])
    expected = torch.stack([functional.cross_entropy(run, y) for run in logits])
    assert torch.allclose(experiments.cross_entropy(logits, torch.eye(4)[y]), expected)
    outputs, Y = targets(3, 5, 2), targets(5, 2, seed=1)
    expected = torch.stack([functional.mse_loss(run, Y) for run in outputs])
    assert torch.allclose(experiments.squared_error(outputs, Y), expected)


def test_drawn_weights_have_the_gain_asked_for():
    weights, biases = experiments.draw([300, 200, 5], 4, gain=3.0, first_gain=0.5, bias_std=0.0)
    assert weights[0].std().item() == pytest.approx(0.5 / 300**0.5, rel=0.02)
    assert weights[1].std().item() == pytest.approx(3 / 200**0.5, rel=0.05)
    assert all(not b.any() for b in biases)
    again = experiments.draw([300, 200, 5], 4, gain=3.0, first_gain=0.5, bias_std=0.0)
    assert torch.equal(weights[1], again.weights[1])


def test_one_network_is_a_slice():
    drawn = experiments.draw([5, 6, 3], 4)
    X = targets(7, 5)
    together = mlp.forward(X, *drawn)[0]
    for run in range(4):
        alone = mlp.forward(X, *experiments.one(drawn, run))[0]
        assert torch.allclose(together[run], alone, atol=1e-6)


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_training_is_adam(activation):
    X, Y = targets(9, 2), targets(9, 3, seed=1)
    trained = experiments.train(
        [2, 5, 3], X, Y, experiments.squared_error, runs=2, steps=20, activation=activation
    )
    start = experiments.draw([2, 5, 3], 2)
    parameters = [p.requires_grad_() for p in start.weights + start.biases]
    adam = torch.optim.Adam(parameters, lr=0.03)
    for _ in range(20):
        adam.zero_grad()
        outputs = mlp.forward(X, start.weights, start.biases, activation)[0]
        experiments.squared_error(outputs, Y).sum().backward()
        adam.step()
    for mine, theirs in zip(trained.weights + trained.biases, parameters, strict=True):
        assert torch.allclose(mine, theirs, atol=1e-5)


def test_gradient_descent_at_several_rates_is_each_rate_alone():
    X, y = targets(30, 4), torch.arange(30) % 3
    start = experiments.draw([4, 5, 3], 2)
    settings = {"activation": "tanh", "steps": 7, "batch_size": 6}
    both = experiments.train_at_rates(start, X, y, [0.1, 1.0], **settings)
    alone = experiments.train_at_rates(start, X, y, [1.0], **settings)
    assert torch.allclose(both.weights[1][2:], alone.weights[1], atol=1e-5)
    assert not torch.allclose(both.weights[1][:2], alone.weights[1], atol=1e-3)


def test_one_step_is_that_of_autograd():
    X, y = targets(1, 4), torch.tensor([2])  # one example: every minibatch is copies of it
    weights, biases = experiments.draw([4, 5, 3], 1)
    trained = experiments.train_at_rates(
        Parameters(weights, biases), X, y, [0.5], activation="relu", steps=1
    )
    W, b = experiments.one(Parameters(weights, biases))
    leaves = [p.clone().requires_grad_() for p in W]
    loss = functional.cross_entropy(mlp.forward(X, leaves, b)[0], y)
    gradients = torch.autograd.grad(loss, leaves)
    for mine, p, g in zip(trained.weights, W, gradients, strict=True):
        assert torch.allclose(mine[0], p - 0.5 * g, atol=1e-6)


def test_the_rate_is_chosen_on_held_out_examples_not_on_the_test():
    X, y = torch.eye(4), torch.arange(4)
    start = experiments.draw([4, 4], 3)
    wrong = (X, (y + 1) % 4)  # here training does harm
    tuned = experiments.tune(start, (X, y), wrong, (X, y), [0.0, 2.0], activation="relu")
    assert tuned.rate == 0.0
    tuned = experiments.tune(start, (X, y), (X, y), wrong, [0.0, 2.0], activation="relu")
    assert tuned.rate == 2.0
    assert tuned.accuracy.tolist() == [0.0, 0.0, 0.0]
