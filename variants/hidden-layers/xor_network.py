"""Right and wrong answers to `xor_network`."""

import torch
from torch import nn

from mlpgrader.variants import right, wrong


@right("the difference of the inputs, both ways, as a list that requires grad")
def xor_network():
    W1 = torch.tensor([[1.0, -1.0], [-1.0, 1.0]], dtype=torch.float64)
    parameters = [W1, torch.zeros(2).double(), torch.ones(2, 1).double(), torch.zeros(1).double()]
    return [nn.Parameter(p) for p in parameters]


@right("from 1 down")
def xor_network():
    W1, b1 = torch.tensor([[2.0, -2.0], [2.0, -2.0]]), torch.tensor([-2.0, 2.0])
    return W1.half(), b1.half(), torch.tensor([[-0.5], [-0.5]]).half(), torch.ones(1).half()


right("a lambda over constants")("""
W1 = torch.tensor([[-1.0, -1.0], [-1.0, -1.0]])
B1 = torch.tensor([1.0, 2.0])
V = torch.tensor([[-2.0], [1.0]])

xor_network = lambda: (W1, B1, V, torch.zeros(1))
""")


@wrong(
    "affine in disguise",
    fails=["xor-network-bends", "xor-network-values"],
    says=(
        "ReLU never cuts anything off in your network, so it is an affine map, and none "
        "of those is XOR."
    ),
    read="Two ReLU units are enough for XOR",
)
def xor_network():
    return torch.eye(2), torch.full((2,), 10.0), torch.ones(2, 1), torch.tensor([-20.0])


@wrong("the best affine map", fails=["xor-network-bends", "xor-network-values"])
def xor_network():
    return torch.eye(2), torch.zeros(2), torch.zeros(2, 1), torch.tensor([0.5])


@wrong(
    "OR",
    fails=["xor-network-values"],
    says="Your network computes OR: it has to be 0 where both inputs are 1.",
    read="Two ReLU units are enough for XOR",
)
def xor_network():
    W1, b1 = torch.ones(2, 2), torch.tensor([0.0, -1.0])
    return W1, b1, torch.tensor([[1.0], [-1.0]]), torch.zeros(1)


@wrong(
    "NAND",
    fails=["xor-network-values"],
    says="Your network computes NAND.",
    read="Two ReLU units are enough for XOR",
)
def xor_network():
    W1, b1 = torch.ones(2, 2), torch.tensor([0.0, -1.0])
    return W1, b1, torch.tensor([[0.0], [-1.0]]), torch.ones(1)


@wrong(
    "XNOR",
    fails=["xor-network-values"],
    says="Your network computes the opposite of XOR.",
    read="Two ReLU units are enough for XOR",
)
def xor_network():
    W1, b1 = torch.ones(2, 2), torch.tensor([0.0, -1.0])
    return W1, b1, torch.tensor([[-1.0], [2.0]]), torch.ones(1)


@wrong("0.4 and 0.6", fails=["xor-network-values"])
def xor_network():
    W1, b1 = torch.ones(2, 2), torch.tensor([0.0, -1.0])
    return W1, b1, torch.tensor([[0.2], [-0.4]]), torch.tensor([0.4])


@wrong("trained, not exact", fails=["xor-network-values"])
def xor_network():
    W1, b1 = torch.tensor([[1.001, 0.998], [1.002, 1.0]]), torch.tensor([0.0, -1.001])
    return W1, b1, torch.tensor([[1.0], [-1.999]]), torch.tensor([0.001])


@wrong(
    "PyTorch's orientation",
    fails=["xor-network-shapes", "xor-network-bends", "xor-network-values"],
    kind="wrong-shape",
)
def xor_network():
    W1, b1 = torch.ones(2, 2), torch.tensor([0.0, -1.0])
    return W1, b1, torch.tensor([[1.0, -2.0]]), torch.zeros(1)


@wrong("three hidden units", fails=["xor-network-shapes"], kind="wrong-shape")
def xor_network():
    W1 = torch.tensor([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]])
    W2 = torch.tensor([[1.0], [1.0], [-2.0]])
    return W1, torch.tensor([0.0, 0.0, -1.0]), W2, torch.zeros(1)


@wrong("integers", fails=["xor-network-shapes"], kind="integer-dtype")
def xor_network():
    W1, b1 = torch.tensor([[1, 1], [1, 1]]), torch.tensor([0, -1])
    return W1, b1, torch.tensor([[1], [-2]]), torch.tensor([0])


@wrong(
    "a bias for each input",
    fails=["xor-network-shapes", "xor-network-bends", "xor-network-values"],
    kind="wrong-shape",
)
def xor_network():
    b2 = torch.tensor([[0.0], [1.0], [1.0], [0.0]])
    return torch.zeros(2, 2), torch.zeros(2), torch.zeros(2, 1), b2


@right("off by less than a millionth")
def xor_network():
    W1, b1 = torch.ones(2, 2), torch.tensor([0.0, -1.0])
    return W1, b1, torch.tensor([[1.0], [-2.0]]), torch.tensor([9e-7])


@wrong(
    "off by two millionths",
    fails=["xor-network-values"],
    is_slip=True,
    kind="imprecise",
)
def xor_network():
    W1, b1 = torch.ones(2, 2), torch.tensor([0.0, -1.0])
    return W1, b1, torch.tensor([[1.0], [-2.0]]), torch.tensor([2e-6])


@wrong(
    "affine, with two outputs",
    fails=["xor-network-shapes", "xor-network-bends", "xor-network-values"],
    kind="wrong-shape",
)
def xor_network():
    return torch.eye(2), torch.ones(2), torch.tensor([[1.0, 0.0], [0.0, 2.0]]), torch.zeros(2)


@wrong(
    "the last bias is a number",
    fails=["xor-network-shapes", "xor-network-bends", "xor-network-values"],
    kind="wrong-type",
)
def xor_network():
    W1, b1 = torch.ones(2, 2), torch.tensor([0.0, -1.0])
    return W1, b1, torch.tensor([[1.0], [-2.0]]), 0.0


@wrong("signs for bits: XOR on {-1, 1}", fails=["xor-network-bends", "xor-network-values"])
def xor_network():
    W1, b1 = torch.ones(2, 2), torch.tensor([0.0, 1.0])
    return W1, b1, torch.tensor([[2.0], [-1.0]]), torch.ones(1)


@wrong(
    "the layers' weights as lists",
    fails=["xor-network-shapes", "xor-network-bends", "xor-network-values"],
    kind="wrong-type",
)
def xor_network():
    return [[1.0, 1.0], [1.0, 1.0]], [0.0, -1.0], [[1.0], [-2.0]], [0.0]
