"""Right and wrong answers to the set *initialization*."""

import math

import torch
from torch import nn

from mlpgrader.variants import right, wrong

# init_weight


@right("the functions of torch.nn.init, on the transpose")
def init_weight(fan_in, fan_out, scheme, seed):
    W = torch.empty(fan_out, fan_in)
    draws = torch.Generator().manual_seed(seed)
    match scheme:
        case "xavier_normal":
            nn.init.xavier_normal_(W, generator=draws)
        case "xavier_uniform":
            nn.init.xavier_uniform_(W, generator=draws)
        case "kaiming_normal":
            nn.init.kaiming_normal_(W, nonlinearity="relu", generator=draws)
        case "kaiming_uniform":
            nn.init.kaiming_uniform_(W, nonlinearity="relu", generator=draws)
        case _:
            raise ValueError(f"no scheme {scheme}")
    return W.T


@right("the global generator, put back")
def init_weight(fan_in, fan_out, scheme, seed):
    if scheme not in ["xavier_normal", "xavier_uniform", "kaiming_normal", "kaiming_uniform"]:
        raise ValueError(scheme)
    variance = 2 / (fan_in + fan_out) if "xavier" in scheme else 2 / fan_in
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        if scheme.endswith("normal"):
            return torch.normal(0.0, variance**0.5, (fan_in, fan_out))
        bound = (3 * variance) ** 0.5
        return torch.empty(fan_in, fan_out).uniform_(-bound, bound)


right("NumPy's generator")("""
import numpy as np


def init_weight(fan_in, fan_out, scheme, seed):
    rng = np.random.default_rng(seed)
    fans = {"xavier": (fan_in + fan_out) / 2, "kaiming": fan_in / 2}
    draws = {
        "normal": lambda v: rng.normal(0, np.sqrt(v), (fan_in, fan_out)),
        "uniform": lambda v: rng.uniform(-np.sqrt(3 * v), np.sqrt(3 * v), (fan_in, fan_out)),
    }
    for name, fan in fans.items():
        for kind, draw in draws.items():
            if f"{name}_{kind}" == scheme:
                return torch.from_numpy(draw(1 / fan).astype(np.float32))
    raise ValueError(f"{scheme}: not a scheme")
""")

INIT = """
def init_weight(fan_in, fan_out, scheme, seed):
    name, kind = check(scheme)
    variance = {"xavier": 2 / (fan_in + fan_out), "kaiming": 2 / fan_in}[name]
    draws = torch.Generator().manual_seed(seed)
    if kind == "normal":
        return torch.randn(fan_in, fan_out, generator=draws) * variance ** 0.5
    bound = (3 * variance) ** 0.5
    return (torch.rand(fan_in, fan_out, generator=draws) * 2 - 1) * bound


def check(scheme):
    name, kind = scheme.split("_") if scheme.count("_") == 1 else ("", "")
    if name not in ("xavier", "kaiming") or kind not in ("normal", "uniform"):
        raise ValueError("no such scheme")
    return name, kind
"""
right("behind a helper")(INIT)


def edited(source, prefix, mistake, fails, *edits):
    for old, new in edits:
        assert old in source, old
        source = source.replace(old, new)
    wrong(mistake, fails=[f"{prefix}-{part}" for part in fails.split()])(source)


def init(mistake, fails, *edits):
    edited(INIT, "init-weight", mistake, fails, *edits)


init(
    "variance for standard deviation", "moments distribution", (" * variance ** 0.5", " * variance")
)
init(
    "standard deviation for the bound",
    "moments distribution",
    ("(3 * variance)", "variance and (variance)"),
)
init(
    "the bound of the formula with 6, for normal draws",
    "moments distribution",
    ("* variance ** 0.5", "* (3 * variance) ** 0.5"),
)
init("a bound of 2 standard deviations", "moments distribution", ("3 * variance", "4 * variance"))
init("variance for bound", "moments distribution", ("(3 * variance) ** 0.5", "3 * variance"))
init(
    "fan_out for fan_in",
    "moments distribution",
    ('"kaiming": 2 / fan_in', '"kaiming": 2 / fan_out'),
)
init("1 / fan_in", "moments distribution", ('"kaiming": 2 / fan_in', '"kaiming": 1 / fan_in'))
init(
    "1 / (fan_in + fan_out)",
    "moments distribution",
    ("2 / (fan_in + fan_out)", "1 / (fan_in + fan_out)"),
)
init("2 / fan_in for Xavier", "moments distribution", ("2 / (fan_in + fan_out)", "2 / fan_in"))
init(
    "the geometric mean of the fans",
    "moments distribution",
    ("2 / (fan_in + fan_out)", "1 / math.sqrt(fan_in * fan_out)"),
)
init("draws from 0 to the bound", "moments distribution", (" * 2 - 1)", ")"))
init(
    "normal draws for uniform ones",
    "distribution",
    (
        "(torch.rand(fan_in, fan_out, generator=draws) * 2 - 1) * bound",
        "torch.randn(fan_in, fan_out, generator=draws) * variance ** 0.5",
    ),
)
init(
    "uniform draws for normal ones",
    "distribution",
    (
        "torch.randn(fan_in, fan_out, generator=draws) * variance ** 0.5",
        "(torch.rand(fan_in, fan_out, generator=draws) * 2 - 1) * (3 * variance) ** 0.5",
    ),
)
init(
    "random signs for normal draws",
    "distribution",
    (
        "torch.randn(fan_in, fan_out, generator=draws) * variance ** 0.5",
        "(torch.rand(fan_in, fan_out, generator=draws).round() * 2 - 1) * variance ** 0.5",
    ),
)
init(
    "normal draws cut at two standard deviations",
    "moments distribution",
    (
        "torch.randn(fan_in, fan_out, generator=draws)",
        "torch.randn(fan_in, fan_out, generator=draws).clamp(-2, 2)",
    ),
)
init(
    "one row for all",
    "moments distribution",
    (
        "return torch.randn(fan_in, fan_out, generator=draws)",
        "return torch.randn(1, fan_out, generator=draws).expand(fan_in, -1)",
    ),
)
init(
    "one column for all",
    "moments distribution",
    (
        "return torch.randn(fan_in, fan_out, generator=draws)",
        "return torch.randn(fan_in, 1, generator=draws).expand(-1, fan_out)",
    ),
)
init(
    "shape (fan_out, fan_in)",
    "form",
    ("(fan_in, fan_out, generator", "(fan_out, fan_in, generator"),
)
init("double precision", "form", ("generator=draws)", "generator=draws).double()"))
init("the seed is ignored", "seed generator", (", generator=draws", ""))
init("always the same seed", "seed", ("manual_seed(seed)", "manual_seed(0)"))
init(
    "torch.manual_seed",
    "generator",
    ("torch.Generator().manual_seed(seed)", "torch.manual_seed(seed)"),
)
init(
    "seeds NumPy's way, but draws once more",
    "generator",
    ("    bound =", "    torch.rand(1)\n    bound ="),
)
init(
    "an unknown scheme is Kaiming",
    "scheme",
    ('raise ValueError("no such scheme")', 'return "kaiming", "normal"'),
)
init("a KeyError", "scheme", ("ValueError", "KeyError"))
init("spelled in any case", "scheme", ("check(scheme)\n    v", "check(scheme.lower())\n    v"))
init("spaces around the name", "scheme", ("check(scheme)\n    v", "check(scheme.strip())\n    v"))
init("with a hyphen", "scheme", ("check(scheme)\n    v", 'check(scheme.replace("-", "_"))\n    v'))
init(
    "any name that begins like a scheme",
    "scheme",
    (
        'if scheme.count("_") == 1',
        'if scheme.count("_") == 1 else scheme.split("_")[:2] if "_" in scheme',
    ),
)


@wrong("seeds torch's generator, and seeds it back", fails=["init-weight-generator"])
def init_weight(fan_in, fan_out, scheme, seed):
    variances = {"xavier": 2 / (fan_in + fan_out), "kaiming": 2 / fan_in}
    name, _, distribution = scheme.partition("_")
    if name not in variances or distribution not in ("normal", "uniform"):
        raise ValueError(scheme)
    before = torch.initial_seed()
    torch.manual_seed(seed)
    unit = torch.randn(fan_in, fan_out)
    if distribution == "uniform":
        unit = math.sqrt(3) * (2 * torch.rand(fan_in, fan_out) - 1)
    torch.manual_seed(before)
    return math.sqrt(variances[name]) * unit


# gain


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


def gains(mistake, fails, *edits):
    edited(GAIN, "gain", mistake, fails, *edits)


right("a normalized sum")(GAIN)
gains(
    "the variance",
    "second-moment any-function",
    ("    return", "    moment = moment - (p * phi(z)).sum() ** 2\n    return"),
)
gains("no root", GAINS, ("moment ** -0.5", "1 / moment"))
gains("upside down", GAINS, ("moment ** -0.5", "moment ** 0.5"))
gains("the mean of phi", GAINS, ("phi(z) ** 2", "phi(z)"))
gains("the mean of |phi|", GAINS, (" phi(z) ** 2).sum()", " phi(z).abs()).sum() ** 2"))
gains("uniform z", GAINS, ("p = torch.exp(-z * z / 2)", "p = (z.abs() < 3 ** 0.5).double()"))
gains("z of variance 1/2", GAINS, ("-z * z / 2", "-z * z"))
gains("z from -2 to 2", GAINS, ("linspace(-10, 10", "linspace(-2, 2"))
gains("positive z alone", "second-moment any-function", ("linspace(-10, 10", "linspace(0, 10"))
gains("steps of 1", "any-function", ("100001", "21"))
gains(
    "the slope at 0",
    GAINS,
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


@wrong("a table of names", fails=["gain-values", "gain-second-moment", "gain-any-function"])
def gain(phi):
    table = {"relu": math.sqrt(2), "tanh": 5 / 3, "sigmoid": 1.0}
    return table.get(phi.__name__, 1.0)


@wrong(
    "a table of names, with the right numbers",
    fails=["gain-values", "gain-second-moment", "gain-any-function"],
)
def gain(phi):
    table = {"relu": math.sqrt(2), "tanh": 1.5925, "sigmoid": 1.8462, "abs": 1.0}
    return table.get(phi.__name__, 1.0)


@wrong(
    "a slope for each side, as of a ReLU",
    fails=["gain-values", "gain-second-moment", "gain-any-function"],
)
def gain(phi):
    one = torch.ones(1, dtype=torch.float64)
    return math.sqrt(2 / (phi(one) ** 2 + phi(-one) ** 2).item())


wrong("Gauss-Hermite with few nodes", fails=["gain-any-function"])("""
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


# inseparable_units


@right("pair by pair")
def inseparable_units(W1, b1, W2):
    groups = []
    for unit in range(W1.shape[1]):
        for group in groups:
            first = group[0]
            same_in = torch.equal(W1[:, unit], W1[:, first]) and bool(b1[unit] == b1[first])
            if same_in and torch.equal(W2[unit], W2[first]):
                group.append(unit)
                break
        else:
            groups.append([unit])
    return groups


@right("unique columns of all numbers of a unit")
def inseparable_units(W1, b1, W2):
    units = torch.cat([W1, b1[None], W2.T]) + 0.0
    _, labels = torch.unique(units, dim=1, return_inverse=True)
    order = list(dict.fromkeys(labels.tolist()))
    return [(labels == label).nonzero().flatten().tolist() for label in order]


UNITS = """
def inseparable_units(W1, b1, W2):
    groups = {}
    for j in range(W1.shape[1]):
        key = tuple(W1[:, j].tolist() + [b1[j].item()] + W2[j].tolist())
        groups.setdefault(key, []).append(j)
    return list(groups.values())
"""


def units(mistake, fails, *edits):
    edited(UNITS, "inseparable-units", mistake, fails, *edits)


right("by a dict")(UNITS)
units("the incoming weights alone", "groups zeros", (" + [b1[j].item()] + W2[j].tolist()", ""))
units("no bias", "groups zeros", (" + [b1[j].item()]", ""))
units("no outgoing weights", "groups", (" + W2[j].tolist()", ""))
units("no incoming weights", "groups", ("W1[:, j].tolist() + ", ""))
units("rows for columns of W1", "groups zeros arguments", ("W1[:, j]", "W1[j]"))
units("columns for rows of W2", "groups zeros arguments", ("W2[j].tolist()", "W2[:, j].tolist()"))
units("rows for columns, up to the sizes", "groups", ("W1[:, j]", "W1[j % len(W1)]"))
units(
    "columns for rows, up to the sizes",
    "groups",
    ("W2[j].tolist()", "W2[:, j % W2.shape[1]].tolist()"),
)
units("rounded to six digits", "groups", ("tuple(", "tuple(round(v, 6) for v in "))
units(
    "without units on their own",
    "groups zeros",
    ("list(groups.values())", "[g for g in groups.values() if len(g) > 1]"),
)
units(
    "sorted numbers of a unit",
    "groups",
    ("tuple(", "tuple(sorted("),
    ("W2[j].tolist())", "W2[j].tolist()))"),
)
units(
    "groups by size", "groups zeros", ("list(groups.values())", "sorted(groups.values(), key=len)")
)
units(
    "groups from last to first",
    "groups zeros",
    ("list(groups.values())", "list(groups.values())[::-1]"),
)
units("members from last to first", "groups zeros", (".append(j)", ".insert(0, j)"))
units("keys as text", "zeros", ("tuple(", "str("))
units("counts from 1", "groups zeros", ("append(j)", "append(j + 1)"))
wrong("as bytes", fails=["inseparable-units-zeros"])(
    UNITS.replace("tuple(", "b''.join(")
    .replace(".tolist()", ".numpy().tobytes()")
    .replace(
        "W1[:, j].numpy().tobytes() + [b1[j].item()] + W2[j].numpy().tobytes()",
        "t.contiguous().numpy().tobytes() for t in (W1[:, j], b1[j], W2[j])",
    )
)
units(
    "rounds the given weights",
    "groups arguments",
    ("    groups = {}", "    W1.round_(), W2.round_()\n    groups = {}"),
)


def grouped(key):
    return f"""
def inseparable_units(W1, b1, W2):
    groups = {{}}
    for j in range(len(b1)):
        groups.setdefault({key}, []).append(j)
    return list(groups.values())
"""


GROUPS = ["inseparable-units-groups"]
wrong("the first outgoing weight alone", fails=GROUPS)(
    grouped("(*W1[:, j].tolist(), b1[j].item(), W2[j, 0].item())")
)
wrong("the last incoming weight alone", fails=GROUPS)(
    grouped("(W1[-1, j].item(), b1[j].item(), *W2[j].tolist())")
)
wrong("the sum of the outgoing weights", fails=GROUPS)(
    grouped("(*W1[:, j].tolist(), b1[j].item(), W2[j].sum().item())")
)
wrong("outgoing weights in any order", fails=GROUPS)(
    grouped("(*W1[:, j].tolist(), b1[j].item(), *sorted(W2[j].tolist()))")
)
wrong("weights and bias added up", fails=GROUPS)(
    grouped("(*(W1[:, j] + b1[j]).tolist(), *W2[j].tolist())")
)
wrong("signs left out", fails=GROUPS)(
    grouped("(*W1[:, j].abs().tolist(), abs(b1[j].item()), *W2[j].abs().tolist())")
)
wrong("rounded to ten digits", fails=GROUPS)(
    grouped("tuple(round(v, 10) for v in (*W1[:, j].tolist(), b1[j].item(), *W2[j].tolist()))")
)


# critical_sigma


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


def sigma(mistake, fails, *edits):
    edited(SIGMA, "critical-sigma", mistake, fails, *edits)


sigma("1 / sqrt(n)", "values precise", ("math.exp(-0.5 * (math.log(2) + psi))", "n ** -0.5"))
sigma("1", "values precise", ("math.exp(-0.5 * (math.log(2) + psi))", "1.0"))
sigma(
    "2 / sqrt(n), as of Kaiming",
    "values precise",
    ("math.exp(-0.5 * (math.log(2) + psi))", "(2 / n) ** 0.5"),
)
sigma("no half", "values precise", ("-0.5 *", "-1 *"))
sigma("the sign", "values precise", ("-0.5 *", "0.5 *"))
sigma("n for n / 2", "values precise", ("torch.tensor(n / 2,", "torch.tensor(float(n),"))
sigma("n // 2", "values precise", ("torch.tensor(n / 2,", "torch.tensor(float(max(n // 2, 1)),"))
sigma("no ln 2", "values precise", ("math.log(2) + ", ""))
sigma("the logarithm", "values precise", ("math.exp(-0.5", "(-0.5"))
sigma(
    "right for large n alone",
    "values precise",
    ("math.exp(-0.5 * (math.log(2) + psi))", "(n - 1 + 1e-9) ** -0.5"),
)
sigma(
    "three digits",
    "precise",
    ("math.exp(-0.5 * (math.log(2) + psi))", "round(math.exp(-0.5 * (math.log(2) + psi)), 4)"),
)
sigma(
    "the asymptotic series",
    "precise",
    (
        "psi = torch.digamma(torch.tensor(n / 2, dtype=torch.float64)).item()",
        "x = n / 2 + 1\n    psi = math.log(x) - 1 / (2 * x) - 1 / (12 * x**2) - 1 / (x - 1)",
    ),
)


# dead_units


@right("by the largest activation, batch by batch")
def dead_units(batches):
    largest = torch.stack([H.max(dim=0).values for H in batches]).max(dim=0).values
    return [int(j) for j in torch.where(largest <= 0)[0]]


@right("crossing out the living")
def dead_units(batches):
    dead = set(range(batches[0].shape[1]))
    for H in batches:
        for row in H.tolist():
            dead -= {j for j, h in enumerate(row) if h != 0}
    return sorted(dead)


@right("counting")
def dead_units(batches):
    alive = sum(torch.count_nonzero(H, dim=0) for H in batches)
    return [j for j, count in enumerate(alive.tolist()) if not count]


DEAD = """
def dead_units(batches):
    H = torch.cat(batches)
    dead = (H == 0).all(dim=0)
    return dead.nonzero().flatten().tolist()
"""


def dead(mistake, fails, *edits):
    edited(DEAD, "dead-units", mistake, fails, *edits)


dead("zero for any example", "every zero", (".all(", ".any("))
dead("zero for half of the examples", "every zero", (".all(dim=0)", ".double().mean(0) >= 0.5"))
dead("the last batch alone", "every zero", ("torch.cat(batches)", "batches[-1]"))
dead("the first batch alone", "every zero", ("torch.cat(batches)", "batches[0]"))
dead(
    "the first example of each batch",
    "every zero",
    ("torch.cat(batches)", "torch.stack([H[0] for H in batches])"),
)
dead(
    "dead in any batch",
    "every zero",
    (
        "H = torch.cat(batches)\n    dead = (H == 0).all(dim=0)",
        "dead = torch.stack([(H == 0).all(dim=0) for H in batches]).any(dim=0)",
    ),
)
dead("examples for units", "every zero", ("dim=0", "dim=1"))
dead("the living", "every zero", ("dead.non", "(~dead).non"))
dead("smaller than 1e-8", "zero", ("(H == 0)", "(H < 1e-8)"))
dead("close to zero", "zero", ("(H == 0)", "torch.isclose(H, torch.zeros_like(H))"))
dead(
    "compares the text of a number",
    "zero",
    (
        "(H == 0).all(dim=0)",
        'torch.tensor([all(str(h) == "0.0" for h in column) for column in H.T.tolist()])',
    ),
)
dead("a sign bit is life", "zero", ("(H == 0)", "((H == 0) & ~H.signbit())"))
dead("a tensor", "every zero", (".tolist()", ""))
dead(
    "a list of tensors",
    "every zero",
    ("dead.nonzero().flatten().tolist()", "list(dead.nonzero().flatten())"),
)
dead("a list of bools", "every zero", ("dead.nonzero().flatten().tolist()", "dead.tolist()"))
dead("floats", "every zero", ("flatten().tolist()", "flatten().double().tolist()"))
dead("from last to first", "every zero", (".tolist()", ".tolist()[::-1]"))
dead(
    "changes the given activations",
    "arguments",
    ("H = torch.cat(batches)", "H = torch.cat([H.mul_(-1) for H in batches])"),
)


@wrong("squares, which underflow", fails=["dead-units-zero"])
def dead_units(batches):
    total = sum(H.square().sum(dim=0) for H in batches)
    return (total == 0).nonzero().flatten().tolist()


# the question

wrong("equal for good", fails=["initialization-choice-answer"])('choice = "A"')
wrong("all entries get one gradient", fails=["initialization-choice-answer"])('choice = "B"')
wrong("no gradient", fails=["initialization-choice-answer"])('choice = "C"')
