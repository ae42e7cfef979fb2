"""Right and wrong answers to `small_network`."""

import torch

from mlpgrader.variants import equivalent, right, wrong


@right("ReLU")
def small_network():
    return dict(hidden_sizes=[12], activation="relu", lr=0.2, epochs=80, batch_size=32)


@right("two hidden layers, a tensor for lr")
def small_network():
    plan = {"hidden_sizes": [11, 8], "activation": "tanh", "epochs": 80, "batch_size": 32}
    return {**plan, "lr": torch.tensor(0.3)}


@right("small steps")
def small_network():
    return dict(hidden_sizes=[13], activation="tanh", lr=0.1, epochs=60, batch_size=16)


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


UNSEEN = "training takes too long for a visible test; the free cell measures"


def network(mistake, fails, unseen="", is_slip=True, kind="", **changes):
    """Register a plan with changes as a wrong answer; None takes a key away."""
    plan = {key: value for key, value in (PLAN | changes).items() if value is not None}
    tests = [f"small-network-{test}" for test in fails.split()]
    register = wrong(mistake, fails=tests, is_slip=is_slip, unseen=unseen, kind=kind)
    register(f"def small_network():\n    return {plan!r}")


LIMITS = "limits accuracy"
network(
    "1,061 parameters",
    LIMITS,
    hidden_sizes=[14],
    kind="out-of-range",
)
network(
    "1,000 weights, the biases not counted",
    LIMITS,
    hidden_sizes=[13, 7],
    kind="out-of-range",
)
network(
    "with inputs and classes",
    LIMITS,
    hidden_sizes=[64, 13, 10],
    kind="out-of-range",
)
network(
    "no hidden layer",
    LIMITS,
    hidden_sizes=[],
    kind="out-of-range",
)
network(
    "no unit",
    LIMITS,
    hidden_sizes=[0],
    kind="out-of-range",
)
network(
    "101 epochs",
    LIMITS,
    epochs=101,
    kind="out-of-range",
)
network(
    "no epoch",
    LIMITS,
    epochs=0,
    kind="out-of-range",
)
network(
    "batches of 15",
    LIMITS,
    batch_size=15,
    kind="out-of-range",
)
network(
    "one batch of more than all",
    LIMITS,
    batch_size=1298,
    kind="out-of-range",
)
network(
    "a learning rate of 0",
    LIMITS,
    lr=0,
    kind="out-of-range",
)
network(
    "a learning rate of 11",
    LIMITS,
    lr=11.0,
    kind="out-of-range",
)
network(
    "a negative learning rate",
    LIMITS,
    lr=-0.5,
    kind="out-of-range",
)
network(
    "another activation",
    LIMITS,
    activation="gelu",
    kind="out-of-range",
)
network(
    "a capital letter",
    LIMITS,
    activation="Tanh",
    kind="out-of-range",
)
network(
    "a whole number for a list",
    "types limits accuracy",
    hidden_sizes=13,
    is_slip=False,
    kind="wrong-type",
)
network(
    "a tuple",
    "types",
    hidden_sizes=(13,),
    kind="wrong-type",
)
network(
    "a width that is a float",
    "types accuracy",
    hidden_sizes=[13.0],
    kind="wrong-type",
)
network(
    "a width that is a bool",
    "types accuracy",
    hidden_sizes=[True],
    kind="wrong-type",
)
network(
    "epochs as a float",
    "types accuracy",
    epochs=40.0,
    kind="wrong-type",
)
network(
    "epochs as a bool",
    "types accuracy",
    epochs=True,
    kind="wrong-type",
)
network(
    "a batch size as a float",
    "types accuracy",
    batch_size=32.0,
    kind="wrong-type",
)
network(
    "a learning rate as text",
    "types limits accuracy",
    lr="half",
    is_slip=False,
    kind="wrong-type",
)
network(
    "a learning rate as a bool",
    "types accuracy",
    lr=True,
    kind="wrong-type",
)
network(
    "a key is missing",
    "types limits accuracy",
    batch_size=None,
    is_slip=False,
    kind="wrong-keys",
)
network(
    "a first guess", "accuracy", UNSEEN, hidden_sizes=[12], activation="relu", lr=0.1, epochs=20
)
network(
    "large steps, which a lucky seed bears",
    "accuracy",
    UNSEEN,
    hidden_sizes=[12],
    activation="relu",
    epochs=60,
    batch_size=16,
)
network("a learning rate too small", "accuracy", UNSEEN, lr=0.001)
network("a learning rate at which it diverges", "accuracy", UNSEEN, activation="relu", lr=10)
network("one epoch", "accuracy", UNSEEN, epochs=1)
network("one hidden unit", "accuracy", UNSEEN, hidden_sizes=[1])
network("all examples in a batch", "accuracy", UNSEEN, batch_size=1297)


@wrong(
    "prints",
    fails=[f"small-network-{test}" for test in ("types", "limits", "accuracy")],
    kind="printed",
)
def small_network():
    print({"hidden_sizes": [13], "activation": "tanh", "lr": 0.5, "epochs": 40, "batch_size": 32})


NETWORK = (
    "return {'hidden_sizes': [13], 'activation': 'tanh', 'lr': 0.5, 'epochs': 40, 'batch_size': 32}"
)
for old, new in (
    ("[13]", "[12]"),
    ("tanh", "sigmoid"),
    ("0.5", "0.525"),
    ("0.5", "0.475"),
    ("40", "41"),
    ("40", "39"),
    ("32", "33"),
    ("32", "31"),
):
    equivalent("this one reads digits as well", NETWORK, NETWORK.replace(old, new))
