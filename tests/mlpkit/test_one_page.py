import pytest
import torch

from mlpkit import mlp, one_page


def seeded(seed):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("sizes", [(784, 256, 10), (5, 6, 4), (3, 3, 3)])
def test_the_network_of_one_page_starts_as_that_of_the_package(sizes):
    W1, b1, W2, b2 = one_page.start(*sizes, seeded(3))
    weights, biases = mlp.init_parameters(sizes, "kaiming_normal", generator=seeded(3))
    for ours, theirs in zip((W1, W2, b1, b2), weights + biases, strict=True):
        assert torch.allclose(ours, theirs)


@pytest.mark.parametrize("sizes", [(784, 256, 10), (5, 6, 4), (3, 3, 3)])
@pytest.mark.parametrize("batch", [1, 7])
def test_its_steps_are_those_of_the_package(sizes, batch):
    network = tuple(p.double() for p in one_page.start(*sizes, seeded(4)))
    network[1].normal_(generator=seeded(5))  # biases that are not zero
    W1, b1, W2, b2 = (parameter.clone() for parameter in network)
    X = torch.randn(batch, sizes[0], generator=seeded(6), dtype=torch.float64)
    y = torch.arange(batch) % sizes[2]
    for _ in range(5):
        J, (dW1, dW2), (db1, db2) = mlp.objective_and_gradients(X, y, [W1, W2], [b1, b2])
        assert one_page.train_step(X, y, network, 0.1) == pytest.approx(J.item(), rel=1e-9)
        W1, b1 = W1 - 0.1 * dW1, b1 - 0.1 * db1
        W2, b2 = W2 - 0.1 * dW2, b2 - 0.1 * db2
    for ours, theirs in zip(network, (W1, b1, W2, b2), strict=True):
        assert torch.allclose(ours, theirs, atol=1e-9)


def test_huge_logits_do_not_overflow():
    network = one_page.start(5, 6, 4, seeded(0))
    X, y = 1e4 * torch.ones(2, 5), torch.tensor([0, 3])
    assert torch.tensor(one_page.train_step(X, y, network, 0.1)).isfinite()
    assert all(parameter.isfinite().all() for parameter in network)
