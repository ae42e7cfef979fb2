"""One readable training loop, and the evaluation that goes with it."""

import contextlib
import math
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from torch import Generator, Tensor, nn
from torch.nn.functional import cross_entropy
from tqdm import tqdm

from mlpkit.data import minibatches


class Evaluation(NamedTuple):
    """Mean cross-entropy in nats and accuracy in [0, 1], over examples."""

    loss: float
    accuracy: float


@dataclass
class History:
    """What each epoch of a training run came to; one entry per epoch in each list.

    Attributes:
        loss: mean cross-entropy in nats over the training examples, each minibatch at the weights
            it met.
        val_loss: the same over the validation set after the epoch; empty without one.
        val_accuracy: accuracy in [0, 1] on the validation set; empty without one.
        seconds: time to train the epoch, without validation.
    """

    loss: list[float] = field(default_factory=list)
    val_loss: list[float] = field(default_factory=list)
    val_accuracy: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    @property
    def diverged(self) -> bool:
        """Whether a loss stopped being a finite number, as it does at too large a step."""
        return not all(math.isfinite(loss) for loss in self.loss + self.val_loss)


def fit(
    model: nn.Module,
    X: Tensor,
    y: Tensor,
    *,
    num_epochs: int = 10,
    batch_size: int = 256,
    lr: float = 0.1,
    weight_decay: float = 0.0,
    validation: tuple[Tensor, Tensor] | None = None,
    generator: Generator | None = None,
    progress: bool = True,
) -> History:
    r"""Train a classifier by minibatch gradient descent on the mean cross-entropy.

    The objective of a minibatch is its mean cross-entropy plus
    :math:`\frac{\lambda}{2} \sum_l \lVert W^{(l)} \rVert_F^2`; biases are not penalized. The
    examples come in a new order each epoch.

    Args:
        model: maps ``X`` to logits; its parameters are changed in place.
        X: the inputs, as one tensor.
        y: the classes.
        num_epochs: passes over the examples.
        batch_size: examples per step; the last minibatch of an epoch may be shorter.
        lr: learning rate.
        weight_decay: the factor :math:`\lambda` of the penalty.
        validation: ``(X_val, y_val)``, evaluated after each epoch.
        generator: draws the order of the examples; the global one when ``None``.
        progress: whether to show a bar, where standard error is a terminal or a notebook.

    Shape:
        - X: ``(N, ...)``, as the model takes it.
        - y: ``(N,)``, int64.

    Returns:
        Losses and times per epoch. Training that diverges goes on to its end;
        look at ``history.diverged``.

    Raises:
        ValueError: if the numbers of inputs and classes differ, or there are none.

    Examples:
        >>> from mlpkit.data import digits
        >>> data = digits()
        >>> model = nn.Linear(64, 10)
        >>> history = fit(model, data.X_train, data.y_train, num_epochs=3)
        >>> len(history.loss), history.loss[2] < history.loss[0]
        (3, True)
    """
    _check_not_empty(X)
    generator = generator or torch.default_generator
    history = History()
    with _mode(model, training=True), _bar(num_epochs, progress) as bar:
        for _ in bar:
            start = time.perf_counter()
            batches = minibatches(X, y, batch_size, generator=generator)
            history.loss.append(train_epoch(model, batches, lr, weight_decay))
            history.seconds.append(time.perf_counter() - start)
            status = f"loss {history.loss[-1]:.3f}"
            if validation is not None:
                measured = evaluate(model, *validation)
                history.val_loss.append(measured.loss)
                history.val_accuracy.append(measured.accuracy)
                status += f", validation accuracy {measured.accuracy:.1%}"
            bar.set_postfix_str(status)
    return history


def train_epoch(
    model: nn.Module,
    batches: Iterable[tuple[Tensor, Tensor]],
    lr: float,
    weight_decay: float = 0.0,
) -> float:
    """Take one step per minibatch and return the mean loss over the examples."""
    total_loss = 0.0
    num_examples = 0
    for X, y in batches:
        loss = cross_entropy(model(X), y)
        model.zero_grad()
        loss.backward()
        sgd_step(model, lr, weight_decay)
        # a short last minibatch must not weigh as much as a full one
        total_loss += loss.item() * len(y)
        num_examples += len(y)
    return total_loss / num_examples


@torch.no_grad()
def sgd_step(model: nn.Module, lr: float, weight_decay: float = 0.0) -> None:
    """Move each parameter against its gradient, as torch.optim.SGD does.

    The first use of anything in torch.optim loads a compiler for some two seconds, so it is not
    used.
    """
    for parameter in model.parameters():
        if parameter.grad is None:  # frozen, or without a part in the loss
            continue
        if weight_decay and parameter.ndim > 1:  # one axis: a bias, or a scale
            parameter.grad.add_(parameter, alpha=weight_decay)
        parameter.sub_(parameter.grad, alpha=lr)


def evaluate(model: nn.Module, X: Tensor, y: Tensor, batch_size: int = 4096) -> Evaluation:
    """Measure a classifier without changing it, in evaluation mode and without gradients.

    Args:
        model: maps ``X`` to logits.
        X: the inputs, as one tensor.
        y: the classes.
        batch_size: examples at a time; it bounds the memory, not the result.

    Shape:
        - X: ``(N, ...)``, as the model takes it; ``N`` at least 1.
        - y: ``(N,)``, int64.

    Returns:
        Mean loss in nats and accuracy in [0, 1].

    Raises:
        ValueError: if the numbers of inputs and classes differ, or there are none.

    Examples:
        >>> always_first = nn.Linear(2, 2)
        >>> with torch.no_grad():
        ...     _ = always_first.weight.zero_(), always_first.bias.copy_(torch.tensor([9.0, 0.0]))
        >>> evaluate(always_first, torch.zeros(4, 2), torch.tensor([0, 0, 0, 1])).accuracy
        0.75
    """
    _check_not_empty(X)
    total_loss = 0.0
    num_correct = 0
    with _mode(model, training=False), torch.no_grad():
        for X_batch, y_batch in minibatches(X, y, batch_size):
            logits = model(X_batch)
            total_loss += cross_entropy(logits, y_batch, reduction="sum").item()
            num_correct += int((logits.argmax(dim=1) == y_batch).sum())
    return Evaluation(total_loss / len(X), num_correct / len(X))


@contextlib.contextmanager
def _mode(model: nn.Module, training: bool) -> Iterator[None]:
    """Put the model into a mode for a while; each module gets back the one it had."""
    before = {module: module.training for module in model.modules()}
    model.train(training)
    try:
        yield
    finally:
        for module, was_training in before.items():
            module.training = was_training


def _bar(num_epochs: int, progress: bool) -> tqdm:
    # text on standard error, because tqdm.auto would put a widget into a page
    disable = None if progress else True  # None: wherever standard error is no terminal
    return tqdm(range(num_epochs), unit="epoch", file=sys.stderr, disable=disable)


def _check_not_empty(X: Tensor) -> None:
    if len(X) == 0:
        raise ValueError("at least one example is needed, got none")
