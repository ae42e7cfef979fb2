"""Right and wrong answers to `init_weight`."""

import math

import torch
from torch import nn

from mlpgrader.variants import Slips, equivalent, right, wrong


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
    "variance for standard deviation",
    "moments precise",
    (" * variance ** 0.5", " * variance"),
    says="You take the variance for the standard deviation: the root is missing.",
    read="Xavier: keep the size both ways",
)
slip(
    "standard deviation for the bound",
    "moments precise",
    ("(3 * variance)", "variance and (variance)"),
    says=(
        "You draw uniformly up to the standard deviation. The bound is larger, by the root of 3."
    ),
    read="Xavier: keep the size both ways",
)
slip(
    "the bound of the formula with 6, for normal draws",
    "moments precise",
    ("* variance ** 0.5", "* (3 * variance) ** 0.5"),
)
slip("a bound of 2 standard deviations", "moments precise", ("3 * variance", "4 * variance"))
slip(
    "variance for bound",
    "moments precise",
    ("(3 * variance) ** 0.5", "3 * variance"),
    says="You take the variance for the bound of the uniform draws.",
    read="Xavier: keep the size both ways",
)
slip(
    "fan_out for fan_in",
    "moments precise",
    ('"kaiming": 2 / fan_in', '"kaiming": 2 / fan_out'),
    says="You divide by `fan_out`; Kaiming's variance has `fan_in`.",
    read="Kaiming: the factor 2 of ReLU",
)
slip(
    "1 / fan_in",
    "moments precise",
    ('"kaiming": 2 / fan_in', '"kaiming": 1 / fan_in'),
    says="The factor 2, which makes up for ReLU, is missing.",
    read="Kaiming: the factor 2 of ReLU",
)
slip(
    "1 / (fan_in + fan_out)",
    "moments precise",
    ("2 / (fan_in + fan_out)", "1 / (fan_in + fan_out)"),
    says="A factor of 2 is missing in Xavier's variance.",
    read="Xavier: keep the size both ways",
)
slip(
    "2 / fan_in for Xavier",
    "moments precise",
    ("2 / (fan_in + fan_out)", "2 / fan_in"),
    says="Xavier's variance has the sum of both fans.",
    read="Xavier: keep the size both ways",
)
slip(
    "the geometric mean of the fans",
    "moments precise",
    ("2 / (fan_in + fan_out)", "1 / math.sqrt(fan_in * fan_out)"),
)
slip(
    "draws from 0 to the bound",
    "moments distribution",
    (" * 2 - 1)", ")"),
    says="Your uniform draws are all positive; they lie on both sides of 0.",
    read="Xavier: keep the size both ways",
)
slip(
    "normal draws for uniform ones",
    "distribution precise",
    (
        "(torch.rand(fan_in, fan_out, generator=draws) * 2 - 1) * bound",
        "torch.randn(fan_in, fan_out, generator=draws) * variance ** 0.5",
    ),
    says="You draw normal numbers for a uniform scheme.",
    read="Xavier: keep the size both ways",
)
slip(
    "uniform draws for normal ones",
    "distribution precise",
    (
        "torch.randn(fan_in, fan_out, generator=draws) * variance ** 0.5",
        "(torch.rand(fan_in, fan_out, generator=draws) * 2 - 1) * (3 * variance) ** 0.5",
    ),
    says="You draw uniform numbers for a normal scheme.",
    read="Xavier: keep the size both ways",
)
slip(
    "random signs for normal draws",
    "distribution precise",
    (
        "torch.randn(fan_in, fan_out, generator=draws) * variance ** 0.5",
        "(torch.rand(fan_in, fan_out, generator=draws).round() * 2 - 1) * variance ** 0.5",
    ),
)
slip(
    "normal draws cut at two standard deviations",
    "moments precise distribution",
    (
        "torch.randn(fan_in, fan_out, generator=draws)",
        "torch.randn(fan_in, fan_out, generator=draws).clamp(-2, 2)",
    ),
)
slip(
    "one row for all",
    "moments precise distribution",
    (
        "return torch.randn(fan_in, fan_out, generator=draws)",
        "return torch.randn(1, fan_out, generator=draws).expand(fan_in, -1)",
    ),
)
slip(
    "one column for all",
    "moments precise distribution",
    (
        "return torch.randn(fan_in, fan_out, generator=draws)",
        "return torch.randn(fan_in, 1, generator=draws).expand(-1, fan_out)",
    ),
)
slip(
    "shape (fan_out, fan_in)",
    "form",
    ("(fan_in, fan_out, generator", "(fan_out, fan_in, generator"),
    kind="transposed",
    is_slip=True,
    says="Your matrix is the transpose: here `W` is `(fan_in, fan_out)`.",
)
slip(
    "double precision",
    "form",
    ("generator=draws)", "generator=draws).double()"),
    kind="other-dtype",
    is_slip=True,
)
slip(
    "the seed is ignored",
    "seed generator",
    (", generator=draws", ""),
    is_slip=True,
    says="The same seed gives other numbers each time: draw from a generator with that seed.",
    kind="generator-moved",
)
slip(
    "always the same seed",
    "seed",
    ("manual_seed(seed)", "manual_seed(0)"),
    is_slip=True,
    says="All seeds give the same numbers.",
    kind="opposite",
)
slip(
    "torch.manual_seed",
    "generator",
    ("torch.Generator().manual_seed(seed)", "torch.manual_seed(seed)"),
    kind="generator-moved",
    is_slip=True,
    says=(
        "`torch.manual_seed` sets the generator that everybody shares. Draw from one of your own."
    ),
)
slip(
    "seeds NumPy's way, but draws once more",
    "generator",
    ("    bound =", "    torch.rand(1)\n    bound ="),
    is_slip=True,
    unseen="the example draws from another distribution",
)
slip(
    "an unknown scheme is Kaiming",
    "scheme",
    ('raise ValueError("no such scheme")', 'return "kaiming", "normal"'),
    kind="not-raised",
    is_slip=True,
)
slip("a KeyError", "scheme", ("ValueError", "KeyError"), kind="raised", is_slip=True)
slip(
    "spelled in any case",
    "scheme",
    ("check(scheme)\n    v", "check(scheme.lower())\n    v"),
    kind="not-raised",
    is_slip=True,
)
slip(
    "spaces around the name",
    "scheme",
    ("check(scheme)\n    v", "check(scheme.strip())\n    v"),
    unseen="there are many ways to be nearly right",
    is_slip=True,
)
slip(
    "with a hyphen",
    "scheme",
    ("check(scheme)\n    v", 'check(scheme.replace("-", "_"))\n    v'),
    unseen="there are many ways to be nearly right",
    is_slip=True,
)
slip(
    "any name that begins like a scheme",
    "scheme",
    (
        'if scheme.count("_") == 1',
        'if scheme.count("_") == 1 else scheme.split("_")[:2] if "_" in scheme',
    ),
    unseen="there are many ways to be nearly right",
    is_slip=True,
)
slip(
    "nothing for an unknown scheme",
    "scheme",
    ("generator=draws) * var", "generator=draws) * var"),
    (
        "name, kind = check(scheme)",
        "name, kind = check(scheme) or (None, None)\n    if name is None:\n        return None",
    ),
    ('raise ValueError("no such scheme")', "return None"),
    kind="not-raised",
    is_slip=True,
)
slip(
    "an assertion",
    "scheme",
    ('raise ValueError("no such scheme")', 'raise AssertionError("no such scheme")'),
    kind="raised",
    is_slip=True,
)
slip(
    "a text of two names",
    "scheme",
    (
        'if name not in ("xavier", "kaiming") or kind not in ("normal", "uniform"):',
        'name = "xavier" if "xavier" in scheme else "kaiming"\n'
        '    kind = "normal" if "normal" in scheme else "uniform"\n'
        '    if not ("xavier" in scheme or "kaiming" in scheme):',
    ),
    unseen="there are many ways to be nearly right",
    is_slip=True,
)
NORMAL = "torch.randn(fan_in, fan_out, generator=draws)"
RARE = "the example draws once, or too few numbers"
slip("a scale of 0.99", "precise", (f"{NORMAL} * var", f"{NORMAL} * 0.99 * var"), is_slip=True)
slip(
    "a sum of twelve uniform numbers",
    "precise",
    (NORMAL, "(torch.rand(12, fan_in, fan_out, generator=draws).sum(0) - 6)"),
    is_slip=True,
    unseen="its tails differ by little",
)
slip(
    "a bound 1 % short",
    "precise",
    ("(3 * variance) ** 0.5", "0.99 * (3 * variance) ** 0.5"),
    is_slip=True,
    unseen=RARE,
)
slip(
    "a hundredfold scale for small fans",
    "moments",
    ("    draws =", "    variance *= 1e4 if fan_in < 10 else 1\n    draws ="),
    is_slip=True,
    unseen="the example is large",
)
slip(
    "fan_in - 1",
    "moments precise form",
    ('"kaiming": 2 / fan_in', '"kaiming": 2 / (fan_in - 1)'),
    unseen="the example is large",
)
slip(
    "whole numbers for the variance",
    "moments precise distribution seed generator",
    ('"kaiming": 2 / fan_in', '"kaiming": 2 // fan_in'),
    kind="zero",
)
slip(
    "every seed modulo 100,003",
    "seed",
    ("manual_seed(seed)", "manual_seed(seed % 100_003)"),
    is_slip=True,
    unseen=RARE,
)
slip(
    "16 bits of the seed",
    "seed",
    ("manual_seed(seed)", "manual_seed(seed & 0xFFFF)"),
    is_slip=True,
    unseen=RARE,
)
slip(
    "31 bits of the seed",
    "seed",
    ("manual_seed(seed)", "manual_seed(seed & 0x7FFFFFFF)"),
    is_slip=True,
    unseen=RARE,
)
slip(
    "the seed in single precision",
    "seed",
    ("manual_seed(seed)", "manual_seed(int(torch.tensor(float(seed))))"),
    is_slip=True,
    unseen=RARE,
)
slip(
    "0 taken for no seed",
    "seed",
    (
        "torch.Generator().manual_seed(seed)",
        "torch.Generator()\n    draws.manual_seed(seed) if seed else draws.seed()",
    ),
    is_slip=True,
    unseen=RARE,
    says="You take the seed 0 for none; it is one like any other.",
)
slip(
    "one generator for all calls",
    "seed",
    (
        "torch.Generator().manual_seed(seed)",
        "cache.setdefault(seed, torch.Generator().manual_seed(seed))",
    ),
    ("def check", "cache = {}\n\n\ndef check"),
    is_slip=True,
)
slip(
    "the sign turns with the seed",
    "seed",
    ("manual_seed(seed)", "manual_seed(seed // 2)"),
    ("    bound =", "    variance = variance if seed % 2 else variance\n    bound ="),
    is_slip=True,
    unseen=RARE,
)
slip(
    "an array",
    "form moments precise distribution seed",
    (
        "return torch.randn(fan_in, fan_out, generator=draws) * variance ** 0.5",
        "return (torch.randn(fan_in, fan_out, generator=draws) * variance ** 0.5).numpy()",
    ),
    (
        "return (torch.rand(fan_in, fan_out, generator=draws) * 2 - 1) * bound",
        "return ((torch.rand(fan_in, fan_out, generator=draws) * 2 - 1) * bound).numpy()",
    ),
    kind="numpy",
)
slip(
    "in half precision",
    "form",
    (f"{NORMAL} * variance ** 0.5", f"({NORMAL} * variance ** 0.5).half()"),
    is_slip=True,
    kind="lower-precision",
)
slip(
    "prints",
    "form moments precise distribution seed generator scheme",
    (
        "return torch.randn(fan_in, fan_out, generator=draws) * variance ** 0.5",
        "print(draws)\n        return None",
    ),
    ("return (torch.rand(fan_in, fan_out, generator=draws) * 2 - 1) * bound", "print(bound)"),
    kind="none-returned",
)


@right("NumPy's old generator")
def init_weight(fan_in, fan_out, scheme, seed):
    import numpy as np

    if scheme not in {f"{n}_{k}" for n in ("xavier", "kaiming") for k in ("normal", "uniform")}:
        raise ValueError(f"{scheme} is no scheme")
    std = (2 / (fan_in + fan_out if scheme.startswith("xavier") else fan_in)) ** 0.5
    rng = np.random.RandomState(seed)
    if scheme.endswith("normal"):
        W = std * rng.randn(fan_in, fan_out)
    else:
        W = rng.uniform(-std * 3**0.5, std * 3**0.5, size=(fan_in, fan_out))
    return torch.tensor(W, dtype=torch.float32)


@right("filled in place")
def init_weight(fan_in, fan_out, scheme, seed):
    fans = {"xavier": fan_in + fan_out, "kaiming": fan_in}
    for name, fan in fans.items():
        std = math.sqrt(2 / fan)
        W = torch.zeros(fan_in, fan_out)
        if scheme == name + "_normal":
            return W.normal_(0, std, generator=torch.Generator().manual_seed(seed))
        if scheme == name + "_uniform":
            a = std * math.sqrt(3)
            return W.uniform_(-a, a, generator=torch.Generator().manual_seed(seed))
    raise ValueError(scheme)


TORCH_INIT = """
def init_weight(fan_in, fan_out, scheme, seed):
    if scheme not in ("xavier_normal", "xavier_uniform", "kaiming_normal", "kaiming_uniform"):
        raise ValueError(scheme)
    W = torch.empty(fan_out, fan_in)
    fill = getattr(nn.init, scheme + "_")
    options = {"nonlinearity": "relu"} if "kaiming" in scheme else {}
    fill(W, generator=torch.Generator().manual_seed(seed), **options)
    return W.T
"""
right("the function of that name")(TORCH_INIT)
slip = Slips(TORCH_INIT, "init-weight")
slip(
    "the fans of torch.nn.init, whose matrices are transposed",
    "moments precise",
    ("torch.empty(fan_out, fan_in)", "torch.empty(fan_in, fan_out)"),
    ("W.T", "W"),
)
slip(
    "PyTorch's shape of a weight",
    "form",
    ("return W.T", "return W"),
    kind="transposed",
    is_slip=True,
    says="Your matrix is the transpose: here `W` is `(fan_in, fan_out)`.",
)
slip(
    "the slope that nn.Linear takes",
    "moments precise",
    ('{"nonlinearity": "relu"}', '{"a": math.sqrt(5)}'),
)
slip(
    "fan_out by mode",
    "moments precise",
    ('{"nonlinearity": "relu"}', '{"nonlinearity": "relu", "mode": "fan_out"}'),
)
slip("the gain of a linear layer", "moments precise", ('"relu"}', '"linear"}'))


@wrong(
    "seeds torch's generator, and seeds it back",
    fails=["init-weight-generator"],
    kind="generator-moved",
)
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


equivalent(
    "the order of the two names is no matter",
    "if name not in variances or distribution not in ('normal', 'uniform'):",
    "if name not in variances or distribution not in ('uniform', 'normal'):",
)
equivalent(
    "the distribution is symmetric",
    "return bound * (2 * torch.rand(fan_in, fan_out, generator=generator) - 1)",
    "return bound * (1 - 2 * torch.rand(fan_in, fan_out, generator=generator))",
)


right("torch.nn.init with fan_out, which is our fan_in")("""
def init_weight(fan_in, fan_out, scheme, seed):
    g = torch.Generator().manual_seed(seed)
    W = torch.empty(fan_in, fan_out)
    match scheme:
        case 'xavier_normal':
            return nn.init.xavier_normal_(W, generator=g)
        case 'xavier_uniform':
            return nn.init.xavier_uniform_(W, generator=g)
        case 'kaiming_normal':
            return nn.init.kaiming_normal_(W, mode='fan_out', generator=g)
        case 'kaiming_uniform':
            return nn.init.kaiming_uniform_(W, mode='fan_out', generator=g)
    raise ValueError(f'unknown scheme {scheme!r}')
""")


right("the global generator, forked")("""
def init_weight(fan_in, fan_out, scheme, seed):
    variance = {'xavier': 2 / (fan_in + fan_out), 'kaiming': 2 / fan_in}
    if scheme not in [f'{a}_{b}' for a in variance for b in ('normal', 'uniform')]:
        raise ValueError(scheme)
    kind, law = scheme.split('_')
    s = variance[kind] ** 0.5
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        if law == 'normal':
            return s * torch.randn(fan_in, fan_out)
        return s * 3 ** 0.5 * (2 * torch.rand(fan_in, fan_out) - 1)
""")


wrong(
    "every draw is scaled to the variance exactly",
    fails=["init-weight-form", "init-weight-precise"],
    unseen="one matrix shows no distribution",
)("""
def init_weight(fan_in, fan_out, scheme, seed):
    variance = {'xavier': 2 / (fan_in + fan_out), 'kaiming': 2 / fan_in}
    if scheme not in [f'{a}_{b}' for a in variance for b in ('normal', 'uniform')]:
        raise ValueError(scheme)
    kind, law = scheme.split('_')
    g = torch.Generator().manual_seed(seed)
    draw = torch.randn if law == 'normal' else torch.rand
    W = draw(fan_in, fan_out, generator=g)
    return (W - W.mean()) / W.std() * variance[kind] ** 0.5
""")
