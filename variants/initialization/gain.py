"""Right and wrong answers to `gain`."""

import math

import torch
from torch import nn

from mlpgrader.variants import Slips, equivalent, right, wrong


@right("Monte Carlo with a million draws")
def gain(phi):
    z = torch.randn(1_000_000, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    return phi(z).square().mean() ** -0.5


right("Gauss-Hermite nodes")("""
import numpy as np


def gain(phi):
    nodes, weights = np.polynomial.hermite_e.hermegauss(120)
    values = phi(torch.from_numpy(nodes)).detach().numpy()
    return float(1 / np.sqrt((weights * values**2).sum() / np.sqrt(2 * np.pi)))
""")

right("SciPy's quadrature, number by number")("""
from scipy.integrate import quad


def gain(phi):
    def integrand(z):
        value = phi(torch.tensor(z, dtype=torch.float64)).item()
        return value**2 * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)

    second_moment = quad(integrand, -9, 0, limit=200)[0] + quad(integrand, 0, 9, limit=200)[0]
    return second_moment**-0.5
""")


@right("equally likely draws in a table")
def gain(phi):
    p = (torch.arange(1000 * 1000, dtype=torch.float64) + 0.5) / 1e6
    z = torch.special.ndtri(p).reshape(1000, 1000)
    return 1 / torch.sqrt((phi(z) ** 2).mean())


GAIN = """
def gain(phi):
    z = torch.linspace(-10, 10, 100001, dtype=torch.float64)
    p = torch.exp(-z * z / 2)
    p = p / p.sum()
    moment = (p * phi(z) ** 2).sum()
    return float(moment ** -0.5)
"""
GAINS = "values second-moment any-function"
ALL = f"{GAINS} float64"
right("a normalized sum")(GAIN)
slip = Slips(GAIN, "gain")
slip(
    "the variance",
    "second-moment any-function",
    ("    return", "    moment = moment - (p * phi(z)).sum() ** 2\n    return"),
    says="You take the variance of `phi(z)`; its second moment is due, mean included.",
    read="Gain: any activation, and tanh at its edge",
)
slip(
    "no root",
    ALL,
    ("moment ** -0.5", "1 / moment"),
    says="The root is missing.",
    read="Gain: any activation, and tanh at its edge",
)
slip(
    "upside down",
    ALL,
    ("moment ** -0.5", "moment ** 0.5"),
    says="Your result is upside down: the gain makes up for what `phi` takes away.",
    read="Gain: any activation, and tanh at its edge",
)
slip(
    "the mean of phi",
    ALL,
    ("phi(z) ** 2", "phi(z)"),
    says="You take the mean of `phi(z)`, where that of its square is due.",
    read="Gain: any activation, and tanh at its edge",
    kind="not-finite",
)
slip(
    "the mean of |phi|",
    GAINS,
    (" phi(z) ** 2).sum()", " phi(z).abs()).sum() ** 2"),
    says="You take the mean of `|phi(z)|`, where the root of the mean square is due.",
    read="Gain: any activation, and tanh at its edge",
)
slip(
    "uniform z",
    GAINS,
    ("p = torch.exp(-z * z / 2)", "p = (z.abs() < 3 ** 0.5).double()"),
    says="Your `z` is uniform; it is to be standard normal.",
    read="Gain: any activation, and tanh at its edge",
)
slip("z of variance 1/2", GAINS, ("-z * z / 2", "-z * z"))
slip("z from -2 to 2", GAINS, ("linspace(-10, 10", "linspace(-2, 2"))
slip(
    "positive z alone",
    "second-moment any-function",
    ("linspace(-10, 10", "linspace(0, 10"),
    says="You average over positive `z` alone.",
    read="Gain: any activation, and tanh at its edge",
)
slip(
    "steps of 1",
    "any-function",
    ("100001", "21"),
    unseen="the example is smooth enough",
    is_slip=True,
)
slip(
    "in single precision",
    "float64",
    (", dtype=torch.float64", ""),
    is_slip=True,
    kind="raised",
)
slip(
    "NumPy",
    "values second-moment any-function float64",
    ("phi(z)", "phi(z.numpy())"),
    kind="raised",
)
slip(
    "z in half precision",
    "float64",
    ("phi(z)", "phi(z.half()).double()"),
    is_slip=True,
    kind="raised",
)
slip(
    "doubles positive z, as if phi were odd or even",
    "second-moment any-function",
    ("    p = p / p.sum()\n", "    p = 2 * p * (z > 0)\n    p = p / p.sum()\n"),
)
slip(
    "the standard deviation of phi",
    "second-moment any-function",
    ("moment ** -0.5", "(moment - (p * phi(z)).sum() ** 2) ** -0.5"),
    says=(
        "You take the standard deviation of `phi(z)`; the root of its second moment is "
        "due, mean included."
    ),
    read="Gain: any activation, and tanh at its edge",
)
slip(
    "a tensor of one entry",
    ALL,
    ("(p * phi(z) ** 2).sum()", "(p * phi(z) ** 2).sum(0, keepdim=True)"),
    ("float(moment ** -0.5)", "moment ** -0.5"),
    kind="wrong-shape",
)
slip("prints", ALL, ("return float", "print"), kind="none-returned")
slip("the gain squared, halved for both sides", ALL, ("moment ** -0.5", "2 / (2 * moment)"))
slip(
    "the slope at 0",
    ALL,
    (
        "    return float(moment ** -0.5)",
        "    d = torch.tensor(1e-6, dtype=torch.float64)\n"
        "    return float(2e-6 / (phi(d) - phi(-d)))",
    ),
)


@wrong("a thousand draws", fails=["gain-values", "gain-second-moment", "gain-any-function"])
def gain(phi):
    z = torch.randn(1000, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    return phi(z).square().mean() ** -0.5


@wrong(
    "a table of names",
    fails=["gain-values", "gain-second-moment", "gain-any-function", "gain-float64"],
)
def gain(phi):
    table = {"relu": math.sqrt(2), "tanh": 5 / 3, "sigmoid": 1.0}
    return table.get(phi.__name__, 1.0)


@wrong(
    "a table of names, with the right numbers",
    fails=["gain-values", "gain-second-moment", "gain-any-function", "gain-float64"],
)
def gain(phi):
    table = {"relu": math.sqrt(2), "tanh": 1.5925, "sigmoid": 1.8462, "abs": 1.0}
    return table.get(phi.__name__, 1.0)


@wrong(
    "a slope for each side, as of a ReLU",
    fails=["gain-values", "gain-second-moment", "gain-any-function", "gain-float64"],
)
def gain(phi):
    one = torch.ones(1, dtype=torch.float64)
    return math.sqrt(2 / (phi(one) ** 2 + phi(-one) ** 2).item())


wrong(
    "Gauss-Hermite with few nodes",
    fails=["gain-any-function"],
    unseen="the example is smooth enough",
)("""
import numpy as np


def gain(phi):
    nodes, weights = np.polynomial.hermite_e.hermegauss(20)
    values = phi(torch.from_numpy(nodes)).numpy()
    return float((weights * values**2 / np.sqrt(2 * np.pi)).sum() ** -0.5)
""")


@wrong("two for a kink", fails=["gain-any-function"])
def gain(phi):
    z = torch.linspace(-10, 10, 100001, dtype=torch.float64)
    p = torch.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    smooth = torch.trapezoid(p * phi(z) ** 2, z).item() ** -0.5
    left, right = phi(torch.tensor([-1e-3, 1e-3], dtype=torch.float64)).abs().tolist()
    return math.sqrt(2) if left < 0.6 * right else smooth


@wrong("ten thousand draws", fails=["gain-any-function"], unseen="chance is on its side")
def gain(phi):
    z = torch.randn(10_000, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    return phi(z).square().mean() ** -0.5


@wrong(
    "the formula of PyTorch",
    fails=[f"gain-{t}" for t in ("values", "second-moment", "any-function", "float64")],
    kind="raised",
)
def gain(phi):
    return nn.init.calculate_gain(phi.__name__)


@wrong(
    "numbers for tensors",
    fails=[f"gain-{t}" for t in ("values", "second-moment", "any-function", "float64")],
    kind="raised",
)
def gain(phi):
    zs = [k / 100 for k in range(-800, 801)]
    ps = [math.exp(-z * z / 2) / math.sqrt(2 * math.pi) / 100 for z in zs]
    return sum(p * phi(z) ** 2 for p, z in zip(ps, zs, strict=True)) ** -0.5


GRID = "z = torch.linspace(-10, 10, 200001, dtype=torch.float64)"
for ends in ("-11, 10", "-9, 10", "-10, 11", "-10, 9"):
    equivalent("beyond ±9 the density is below 1e-18", GRID, GRID.replace("-10, 10", ends))
for points in ("200002", "200000"):
    equivalent("a point more or less is no matter", GRID, GRID.replace("200001", points))
equivalent(
    "math.sqrt takes a tensor as well",
    "return 1 / math.sqrt(torch.trapezoid(phi(z) ** 2 * density, z).item())",
    "return 1 / math.sqrt(torch.trapezoid(phi(z) ** 2 * density, z))",
)
