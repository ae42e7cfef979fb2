"""The training loop against torch.optim, and what it must leave as it was."""

import copy
import io
import math

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from mlpkit import training
from mlpkit.training import History, evaluate, fit


@pytest.fixture
def examples() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    X = torch.randn(45, 6, generator=generator)
    return X, (X[:, 0] > 0).long() + (X[:, 1] > 0.5).long()


@pytest.fixture
def model() -> nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(1)
        return nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 3))


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def by_torch(model, X, y, *, num_epochs, batch_size, lr, weight_decay):
    """Train with torch.optim in the same order; return the loss of each epoch."""
    weights = [p for p in model.parameters() if p.ndim > 1]
    biases = [p for p in model.parameters() if p.ndim == 1]
    groups = [{"params": weights, "weight_decay": weight_decay}, {"params": biases}]
    optimizer = torch.optim.SGD(groups, lr=lr)
    generator, losses = seeded(), []
    for _ in range(num_epochs):
        total = 0.0
        for index in torch.randperm(len(X), generator=generator).split(batch_size):
            per_example = cross_entropy(model(X[index]), y[index], reduction="none")
            optimizer.zero_grad()
            per_example.mean().backward()
            optimizer.step()
            total += per_example.sum().item()
        losses.append(total / len(X))
    return losses


@pytest.mark.parametrize("weight_decay", [0.0, 0.3])
@pytest.mark.parametrize("batch_size", [8, 45, 100])  # 8 leaves a short last minibatch
def test_fit_takes_the_steps_and_reports_the_losses_of_torch(
    model, examples, weight_decay, batch_size
):
    settings = {
        "num_epochs": 3,
        "batch_size": batch_size,
        "lr": 0.2,
        "weight_decay": weight_decay,
    }
    twin = copy.deepcopy(model).double()
    X, y = examples
    history = fit(model.double(), X.double(), y, **settings, generator=seeded())
    assert history.loss == pytest.approx(by_torch(twin, X.double(), y, **settings), rel=1e-12)
    for ours, theirs in zip(model.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-14)


def test_fit_is_decided_by_its_generator_alone(model, examples):
    runs = []
    for seed, noise in ((3, 0), (3, 1), (4, 0)):
        torch.manual_seed(noise)
        twin = copy.deepcopy(model)
        history = fit(twin, *examples, batch_size=8, generator=seeded(seed))
        runs.append((history.loss, twin[0].weight.tolist()))
    assert runs[0] == runs[1] != runs[2]


def test_fit_leaves_the_global_generator_alone_when_given_one(model, examples):
    before = torch.get_rng_state()
    fit(model, *examples, generator=seeded())
    assert torch.equal(torch.get_rng_state(), before)


def test_fit_without_a_generator_shuffles_by_the_global_one(model, examples):
    losses = []
    for seed in (5, 5, 6):
        torch.manual_seed(seed)
        losses.append(fit(copy.deepcopy(model), *examples, batch_size=8).loss)
    assert losses[0] == losses[1] != losses[2]


def test_fit_draws_a_new_order_each_epoch(examples):
    X, y = examples
    seen = []

    class Recorder(nn.Linear):
        def forward(self, X):
            seen.append(X.clone())
            return super().forward(X)

    fit(Recorder(6, 3), X, y, num_epochs=2, batch_size=20, generator=seeded())
    first, second = torch.cat(seen[:3]), torch.cat(seen[3:])
    assert not torch.equal(first, second)
    assert torch.equal(first[:, 0].sort().values, second[:, 0].sort().values)


def test_fit_learns_twenty_examples_by_heart():
    X = torch.randn(20, 30, generator=seeded())
    y = torch.randint(4, (20,), generator=seeded())
    model = nn.Sequential(nn.Linear(30, 32), nn.ReLU(), nn.Linear(32, 4))
    fit(model, X, y, num_epochs=300, batch_size=5, generator=seeded())
    assert evaluate(model, X, y).accuracy == 1.0


def test_fit_keeps_a_frozen_parameter(model, examples):
    model[0].weight.requires_grad_(False)
    before = model[0].weight.clone()
    fit(model, *examples, weight_decay=0.1, generator=seeded())
    assert torch.equal(model[0].weight, before)


def test_fit_starts_from_gradients_of_its_own(model, examples):
    twin = copy.deepcopy(model)
    cross_entropy(twin(examples[0]), examples[1]).backward()  # left over by the caller
    histories = [fit(m, *examples, generator=seeded()) for m in (model, twin)]
    assert histories[0].loss == histories[1].loss


def test_history_has_an_entry_per_epoch(model, examples):
    validation = (examples[0][:9], examples[1][:9])
    history = fit(model, *examples, num_epochs=4, validation=validation, generator=seeded())
    assert [len(values) for values in vars(history).values()] == [4, 4, 4, 4]
    assert all(seconds > 0 for seconds in history.seconds)
    assert (history.val_loss[-1], history.val_accuracy[-1]) == evaluate(model, *validation)
    assert not history.diverged


def test_history_without_validation_has_no_validation_entries(model, examples):
    history = fit(model, *examples, num_epochs=2, generator=seeded())
    assert (len(history.loss), history.val_loss, history.val_accuracy) == (2, [], [])


def test_divergence_is_reported_and_not_raised(model, examples):
    history = fit(model, *examples, num_epochs=5, lr=1e30, generator=seeded())
    assert len(history.loss) == 5
    assert history.diverged and not math.isfinite(history.loss[-1])


def test_divergence_after_the_last_step_shows_in_the_validation_loss():
    assert History(loss=[1.0], val_loss=[math.nan]).diverged
    assert not History(loss=[1.0], val_loss=[2.0]).diverged


def test_each_module_gets_back_the_mode_it_had(examples):
    model = nn.Sequential(nn.Linear(6, 3), nn.Dropout(), nn.BatchNorm1d(3)).train()
    model[2].eval()
    modes = [module.training for module in model.modules()]
    fit(model, *examples, num_epochs=1, validation=examples, generator=seeded())
    evaluate(model, *examples)
    assert [module.training for module in model.modules()] == modes


def test_the_mode_comes_back_after_an_error(model):
    model.eval()
    with pytest.raises(IndexError):
        fit(model, torch.zeros(2, 6), torch.tensor([0, 99]))
    assert not model.training


def test_fit_trains_in_training_and_validates_in_evaluation_mode(examples):
    modes = []

    class Recorder(nn.Linear):
        def forward(self, X):
            modes.append((self.training, torch.is_grad_enabled()))
            return super().forward(X)

    fit(Recorder(6, 3).eval(), *examples, num_epochs=2, validation=examples)
    assert modes == [(True, True), (False, False)] * 2


def test_evaluate_weighs_examples_not_minibatches(model, examples):
    X, y = examples
    with torch.no_grad():
        loss = cross_entropy(model(X), y).item()
        accuracy = (model(X).argmax(1) == y).double().mean().item()
    for batch_size in (1, 7, 44, 4096):
        measured = evaluate(model, X, y, batch_size)
        assert measured.loss == pytest.approx(loss, rel=1e-5)
        assert measured.accuracy == pytest.approx(accuracy)


def test_evaluate_does_not_move_running_statistics(examples):
    model = nn.Sequential(nn.Linear(6, 3), nn.BatchNorm1d(3)).train()
    before = copy.deepcopy(model.state_dict())
    evaluate(model, *examples)
    after = model.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert model.training


@pytest.mark.parametrize("call", [evaluate, fit])
@pytest.mark.parametrize(("num_inputs", "num_classes"), [(0, 0), (3, 2)])
def test_unequal_numbers_and_no_examples_are_refused(model, call, num_inputs, num_classes):
    with pytest.raises(ValueError, match="needed, got"):
        call(model, torch.zeros(num_inputs, 6), torch.zeros(num_classes, dtype=torch.int64))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "progress", "shown"),
    [(Terminal(), True, True), (Terminal(), False, False), (io.StringIO(), True, False)],
)
def test_a_bar_shows_on_a_terminal_alone(model, examples, monkeypatch, stream, progress, shown):
    monkeypatch.setattr(training.sys, "stderr", stream)
    fit(model, *examples, validation=examples, progress=progress, generator=seeded())
    assert ("validation accuracy" in stream.getvalue()) == shown
    assert bool(stream.getvalue()) == shown
