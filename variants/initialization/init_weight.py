"""Right and wrong answers to `init_weight`."""

import math

import torch
from torch import nn

from mlpgrader.variants import Slips, right, wrong


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
slip = Slips(INIT, "init-weight")
slip(
    "variance for standard deviation", "moments distribution", (" * variance ** 0.5", " * variance")
)
slip(
    "standard deviation for the bound",
    "moments distribution",
    ("(3 * variance)", "variance and (variance)"),
)
slip(
    "the bound of the formula with 6, for normal draws",
    "moments distribution",
    ("* variance ** 0.5", "* (3 * variance) ** 0.5"),
)
slip("a bound of 2 standard deviations", "moments distribution", ("3 * variance", "4 * variance"))
slip("variance for bound", "moments distribution", ("(3 * variance) ** 0.5", "3 * variance"))
slip(
    "fan_out for fan_in",
    "moments distribution",
    ('"kaiming": 2 / fan_in', '"kaiming": 2 / fan_out'),
)
slip("1 / fan_in", "moments distribution", ('"kaiming": 2 / fan_in', '"kaiming": 1 / fan_in'))
slip(
    "1 / (fan_in + fan_out)",
    "moments distribution",
    ("2 / (fan_in + fan_out)", "1 / (fan_in + fan_out)"),
)
slip("2 / fan_in for Xavier", "moments distribution", ("2 / (fan_in + fan_out)", "2 / fan_in"))
slip(
    "the geometric mean of the fans",
    "moments distribution",
    ("2 / (fan_in + fan_out)", "1 / math.sqrt(fan_in * fan_out)"),
)
slip("draws from 0 to the bound", "moments distribution", (" * 2 - 1)", ")"))
slip(
    "normal draws for uniform ones",
    "distribution",
    (
        "(torch.rand(fan_in, fan_out, generator=draws) * 2 - 1) * bound",
        "torch.randn(fan_in, fan_out, generator=draws) * variance ** 0.5",
    ),
)
slip(
    "uniform draws for normal ones",
    "distribution",
    (
        "torch.randn(fan_in, fan_out, generator=draws) * variance ** 0.5",
        "(torch.rand(fan_in, fan_out, generator=draws) * 2 - 1) * (3 * variance) ** 0.5",
    ),
)
slip(
    "random signs for normal draws",
    "distribution",
    (
        "torch.randn(fan_in, fan_out, generator=draws) * variance ** 0.5",
        "(torch.rand(fan_in, fan_out, generator=draws).round() * 2 - 1) * variance ** 0.5",
    ),
)
slip(
    "normal draws cut at two standard deviations",
    "moments distribution",
    (
        "torch.randn(fan_in, fan_out, generator=draws)",
        "torch.randn(fan_in, fan_out, generator=draws).clamp(-2, 2)",
    ),
)
slip(
    "one row for all",
    "moments distribution",
    (
        "return torch.randn(fan_in, fan_out, generator=draws)",
        "return torch.randn(1, fan_out, generator=draws).expand(fan_in, -1)",
    ),
)
slip(
    "one column for all",
    "moments distribution",
    (
        "return torch.randn(fan_in, fan_out, generator=draws)",
        "return torch.randn(fan_in, 1, generator=draws).expand(-1, fan_out)",
    ),
)
slip(
    "shape (fan_out, fan_in)",
    "form",
    ("(fan_in, fan_out, generator", "(fan_out, fan_in, generator"),
)
slip("double precision", "form", ("generator=draws)", "generator=draws).double()"))
slip("the seed is ignored", "seed generator", (", generator=draws", ""))
slip("always the same seed", "seed", ("manual_seed(seed)", "manual_seed(0)"))
slip(
    "torch.manual_seed",
    "generator",
    ("torch.Generator().manual_seed(seed)", "torch.manual_seed(seed)"),
)
slip(
    "seeds NumPy's way, but draws once more",
    "generator",
    ("    bound =", "    torch.rand(1)\n    bound ="),
)
slip(
    "an unknown scheme is Kaiming",
    "scheme",
    ('raise ValueError("no such scheme")', 'return "kaiming", "normal"'),
)
slip("a KeyError", "scheme", ("ValueError", "KeyError"))
slip("spelled in any case", "scheme", ("check(scheme)\n    v", "check(scheme.lower())\n    v"))
slip("spaces around the name", "scheme", ("check(scheme)\n    v", "check(scheme.strip())\n    v"))
slip("with a hyphen", "scheme", ("check(scheme)\n    v", 'check(scheme.replace("-", "_"))\n    v'))
slip(
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
