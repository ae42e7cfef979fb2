"""Right and wrong answers to `critical_sigma`."""

import math

import torch

from mlpgrader.variants import Slips, equivalent, right, wrong


@right("a float32 tensor")
def critical_sigma(n):
    return torch.exp(-(math.log(2) + torch.digamma(torch.tensor(n / 2))) / 2)


@right("the recurrence, and a series for large arguments")
def critical_sigma(n):
    x, psi = n / 2, 0.0
    while x < 8:
        psi -= 1 / x
        x += 1
    psi += math.log(x) - 1 / (2 * x) - 1 / (12 * x**2) + 1 / (120 * x**4) - 1 / (252 * x**6)
    return 2**-0.5 * math.exp(-psi / 2)


@right("sums, from one of two ends")
def critical_sigma(n):
    psi = -0.5772156649015329
    if n % 2:
        psi += sum(2 / k for k in range(1, n, 2)) - 2 * math.log(2)
    else:
        psi += sum(1 / k for k in range(1, n // 2))
    return torch.tensor((2 * math.exp(psi)) ** -0.5, dtype=torch.float64)


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
slip(
    "1 / sqrt(n)",
    "values precise",
    ("math.exp(-0.5 * (math.log(2) + psi))", "n ** -0.5"),
    says=(
        "`1 / sqrt(n)` keeps the mean of the squares. What a long product does is "
        "decided by the mean of the logarithm."
    ),
    read="Products of random matrices",
    kind="imprecise",
)
slip(
    "1",
    "values precise",
    ("math.exp(-0.5 * (math.log(2) + psi))", "1.0"),
    says="You return 1 for every `n`.",
    read="Products of random matrices",
)
slip(
    "2 / sqrt(n), as of Kaiming",
    "values precise",
    ("math.exp(-0.5 * (math.log(2) + psi))", "(2 / n) ** 0.5"),
    says="The factor of ReLU does not belong here: no activation stands between the matrices.",
    read="Products of random matrices",
)
slip(
    "no half",
    "values precise",
    ("-0.5 *", "-1 *"),
    says="A half in the exponent is missing.",
    read="Products of random matrices",
)
slip(
    "the sign",
    "values precise",
    ("-0.5 *", "0.5 *"),
    says="The sign of the exponent is wrong.",
    read="Products of random matrices",
)
slip(
    "n for n / 2",
    "values precise",
    ("torch.tensor(n / 2,", "torch.tensor(float(n),"),
    says="The digamma function takes `n / 2`; yours gets `n`.",
    read="Products of random matrices",
)
slip("n // 2", "values precise", ("torch.tensor(n / 2,", "torch.tensor(float(max(n // 2, 1)),"))
slip(
    "no ln 2",
    "values precise",
    ("math.log(2) + ", ""),
    says="`ln 2` is missing in the exponent.",
    read="Products of random matrices",
)
slip(
    "the logarithm",
    "values precise",
    ("math.exp(-0.5", "(-0.5"),
    says="You return the logarithm of the result.",
    read="Products of random matrices",
)
slip(
    "right for large n alone",
    "values precise",
    ("math.exp(-0.5 * (math.log(2) + psi))", "(n - 1 + 1e-9) ** -0.5"),
    kind="imprecise",
)
slip(
    "three digits",
    "precise",
    ("math.exp(-0.5 * (math.log(2) + psi))", "round(math.exp(-0.5 * (math.log(2) + psi)), 4)"),
    kind="imprecise",
)
slip(
    "the asymptotic series",
    "precise",
    (
        "psi = torch.digamma(torch.tensor(n / 2, dtype=torch.float64)).item()",
        "x = n / 2 + 1\n    psi = math.log(x) - 1 / (2 * x) - 1 / (12 * x**2) - 1 / (x - 1)",
    ),
    unseen="its error is small where the example is",
)
slip(
    "in half precision",
    "values precise",
    ("n / 2, dtype=torch.float64", "n / 2, dtype=torch.bfloat16"),
    kind="imprecise",
)
slip(
    "constant above 5,000",
    "precise",
    ("n / 2,", "min(n, 5000) / 2,"),
    is_slip=True,
    unseen="the example is small",
)
slip(
    "1 / sqrt(n) for large n",
    "precise",
    ("    psi =", "    if n > 1000:\n        return n**-0.5\n    psi ="),
    is_slip=True,
    unseen="the example is small",
)
slip(
    "five digits",
    "precise",
    (
        "return math.exp(-0.5 * (math.log(2) + psi))",
        "return float(f'{math.exp(-0.5 * (math.log(2) + psi)):.5g}')",
    ),
    is_slip=True,
    kind="imprecise",
)
slip("log 10 for ln", "values precise", ("math.log(2)", "math.log10(2)"))
slip(
    "ln(n / 2) for the digamma function",
    "values precise",
    ("torch.digamma(torch.tensor(n / 2, dtype=torch.float64)).item()", "math.log(n / 2)"),
    says="You take `ln(n / 2)` for the digamma function, which is close for large `n` alone.",
    read="Products of random matrices",
    kind="imprecise",
)
slip(
    "lgamma for digamma",
    "values precise",
    ("torch.digamma", "torch.lgamma"),
    says="You take `lgamma` for its derivative, the digamma function.",
    read="Products of random matrices",
)
slip(
    "a tensor of one entry",
    "values precise",
    ("torch.tensor(n / 2,", "torch.tensor([n / 2],"),
    (".item()", ""),
    ("math.exp(-0.5", "torch.exp(-0.5"),
    kind="wrong-shape",
    is_slip=True,
)
slip(
    "prints",
    "values precise",
    ("return math", "print(math"),
    ("psi))\n", "psi)))\n"),
    kind="none-returned",
)


@wrong(
    "differences of log-gamma, which cancel for large n",
    fails=["critical-sigma-precise"],
    unseen="the example is small",
)
def critical_sigma(n):
    x, h = n / 2, 1e-4
    psi = (math.lgamma(x + h) - math.lgamma(x - h)) / (2 * h)
    return math.exp(-0.5 * (math.log(2) + psi))


@wrong(
    "a table, then 1 / sqrt(n)",
    fails=["critical-sigma-precise"],
    kind="imprecise",
)
def critical_sigma(n):
    if n > 16:
        return 1 / math.sqrt(n)
    psi = -0.5772156649015329 - 2 * math.log(2) * (n % 2)
    return math.exp(-0.5 * (math.log(2) + psi + sum(2 / j for j in range(n - 2, 0, -2))))


DIGAMMA = "digamma = torch.digamma(torch.tensor(n / 2, dtype=torch.float64)).item()"
equivalent("math.exp takes a tensor as well", DIGAMMA, DIGAMMA.replace(".item()", ""))
ENOUGH = "up to n = 10**6 float32 errs by less than 1e-6, which is asked for"
equivalent(ENOUGH, DIGAMMA, DIGAMMA.replace(", dtype=torch.float64", ""))
equivalent(ENOUGH, DIGAMMA, DIGAMMA.replace("float64", "float32"))
