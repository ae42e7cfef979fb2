"""A hidden layer beats softmax regression at equal steps, at a fixed learning rate."""

import contextlib

import pytest
import torch

from mlpkit import data, mlp
from mlpkit.training import evaluate, fit


def available():
    """The digits, and the real images where there are any."""
    sets = [data.digits()]
    with contextlib.suppress(data.DataUnavailableError):
        sets.append(data.fashion_mnist(download=False))
    return sets


@pytest.mark.parametrize("images", available(), ids=lambda images: images.name)
def test_the_hidden_layer_beats_softmax_regression(images):
    accuracies = {}
    X, y, X_val, y_val = standardized(images)
    for name, hidden in {"without": [], "with": [256]}.items():
        g = torch.Generator().manual_seed(0)
        model = mlp.build_module([X.shape[1], *hidden, 10], generator=g)
        epochs = max(1, round(1200 * 32 / len(X)))
        options = {"batch_size": 32, "lr": 0.03, "generator": g, "progress": False}
        fit(model, X, y, num_epochs=epochs, **options)
        accuracies[name] = evaluate(model, X_val, y_val).accuracy
    assert accuracies["with"] > accuracies["without"]


def standardized(images):
    g = torch.Generator().manual_seed(0)
    X, y = images.X_train[:6000], images.y_train[:6000]
    X, y, X_val, y_val = data.split(X, y, len(X) // 4, generator=g)
    mean, deviation = X.mean(), X.std()
    return (X - mean) / deviation, y, (X_val - mean) / deviation, y_val
