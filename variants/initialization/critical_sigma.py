"""Right and wrong answers to `critical_sigma`."""

import math

import torch

from mlpgrader.variants import Slips, right


@right("from log-gamma, by a difference")
def critical_sigma(n):
    x, h = n / 2, 1e-4
    psi = (math.lgamma(x + h) - math.lgamma(x - h)) / (2 * h)
    return math.exp(-0.5 * (math.log(2) + psi))


@right("a float32 tensor")
def critical_sigma(n):
    return torch.exp(-(math.log(2) + torch.digamma(torch.tensor(n / 2))) / 2)


right("SciPy's digamma")("""
from scipy.special import psi


def critical_sigma(n):
    return 1 / math.sqrt(2 * math.exp(psi(n / 2)))
""")

SIGMA = """
def critical_sigma(n):
    psi = torch.digamma(torch.tensor(n / 2, dtype=torch.float64)).item()
    return math.exp(-0.5 * (math.log(2) + psi))
"""
slip = Slips(SIGMA, "critical-sigma")
slip("1 / sqrt(n)", "values precise", ("math.exp(-0.5 * (math.log(2) + psi))", "n ** -0.5"))
slip("1", "values precise", ("math.exp(-0.5 * (math.log(2) + psi))", "1.0"))
slip(
    "2 / sqrt(n), as of Kaiming",
    "values precise",
    ("math.exp(-0.5 * (math.log(2) + psi))", "(2 / n) ** 0.5"),
)
slip("no half", "values precise", ("-0.5 *", "-1 *"))
slip("the sign", "values precise", ("-0.5 *", "0.5 *"))
slip("n for n / 2", "values precise", ("torch.tensor(n / 2,", "torch.tensor(float(n),"))
slip("n // 2", "values precise", ("torch.tensor(n / 2,", "torch.tensor(float(max(n // 2, 1)),"))
slip("no ln 2", "values precise", ("math.log(2) + ", ""))
slip("the logarithm", "values precise", ("math.exp(-0.5", "(-0.5"))
slip(
    "right for large n alone",
    "values precise",
    ("math.exp(-0.5 * (math.log(2) + psi))", "(n - 1 + 1e-9) ** -0.5"),
)
slip(
    "three digits",
    "precise",
    ("math.exp(-0.5 * (math.log(2) + psi))", "round(math.exp(-0.5 * (math.log(2) + psi)), 4)"),
)
slip(
    "the asymptotic series",
    "precise",
    (
        "psi = torch.digamma(torch.tensor(n / 2, dtype=torch.float64)).item()",
        "x = n / 2 + 1\n    psi = math.log(x) - 1 / (2 * x) - 1 / (12 * x**2) - 1 / (x - 1)",
    ),
)
