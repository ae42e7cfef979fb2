"""Right and wrong answers to `small_network`."""

import torch

from mlpgrader.variants import right, wrong


@right("ReLU")
def small_network():
    return dict(hidden_sizes=[12], activation="relu", lr=0.2, epochs=80, batch_size=32)


@right("two hidden layers")
def small_network():
    plan = {"hidden_sizes": [10, 10], "activation": "tanh", "epochs": 60, "batch_size": 16}
    return {**plan, "lr": torch.tensor(0.2)}


@right("sigmoid, a whole number for lr")
def small_network():
    return {
        "hidden_sizes": [13],
        "activation": "sigmoid",
        "lr": 2,
        "epochs": 100,
        "batch_size": 32,
    }


PLAN = {"hidden_sizes": [13], "activation": "tanh", "lr": 0.5, "epochs": 40, "batch_size": 32}


def network(mistake, fails, **changes):
    """Register a plan with changes as a wrong answer; None takes a key away."""
    plan = {key: value for key, value in (PLAN | changes).items() if value is not None}
    tests = [f"small-network-{test}" for test in fails.split()]
    wrong(mistake, fails=tests)(f"def small_network():\n    return {plan!r}")


LIMITS = "limits accuracy"
network("1,061 parameters", LIMITS, hidden_sizes=[14])
network("1,000 weights, the biases not counted", LIMITS, hidden_sizes=[13, 7])
network("no hidden layer", LIMITS, hidden_sizes=[])
network("no unit", LIMITS, hidden_sizes=[0])
network("101 epochs", LIMITS, epochs=101)
network("no epoch", LIMITS, epochs=0)
network("batches of 15", LIMITS, batch_size=15)
network("one batch of more than all", LIMITS, batch_size=1298)
network("a learning rate of 0", LIMITS, lr=0)
network("a learning rate of 11", LIMITS, lr=11.0)
network("a negative learning rate", LIMITS, lr=-0.5)
network("another activation", LIMITS, activation="gelu")
network("a capital letter", LIMITS, activation="Tanh")
network("a whole number for a list", "types limits accuracy", hidden_sizes=13)
network("a tuple", "types", hidden_sizes=(13,))
network("a width that is a float", "types accuracy", hidden_sizes=[13.0])
network("a width that is a bool", "types accuracy", hidden_sizes=[True])
network("epochs as a float", "types accuracy", epochs=40.0)
network("epochs as a bool", "types accuracy", epochs=True)
network("a batch size as a float", "types accuracy", batch_size=32.0)
network("a learning rate as text", "types limits accuracy", lr="half")
network("a learning rate as a bool", "types accuracy", lr=True)
network("a key is missing", "types limits accuracy", batch_size=None)
network("a learning rate too small", "accuracy", lr=0.001)
network("a learning rate at which it diverges", "accuracy", activation="relu", lr=10)
network("one epoch", "accuracy", epochs=1)
network("one hidden unit", "accuracy", hidden_sizes=[1])
network("all examples in a batch", "accuracy", batch_size=1297)
