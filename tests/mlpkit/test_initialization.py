"""Initialization: moments of random draws, with margins in standard errors."""

import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.testing import assert_close

from mlpkit.activations import ACTIVATIONS
from mlpkit.initialization import (
    SCHEMES,
    constant,
    gain,
    kaiming_normal,
    kaiming_uniform,
    normal,
    pytorch_default,
    uniform,
    xavier_normal,
    xavier_uniform,
)

FAN_IN, FAN_OUT = 300, 200
# variance, and the fourth moment over its square: 3 for a normal distribution, 9/5 for a uniform
DRAWS = {
    "normal": (normal, 0.01**2, 3.0),
    "normal, std 2": (lambda m, n, **kw: normal(m, n, 2.0, **kw), 4.0, 3.0),
    "uniform": (uniform, 0.01**2 / 3, 1.8),
    "xavier_normal": (xavier_normal, 2 / (FAN_IN + FAN_OUT), 3.0),
    "xavier_normal, gain 3": (
        lambda m, n, **kw: xavier_normal(m, n, 3.0, **kw),
        18 / (FAN_IN + FAN_OUT),
        3.0,
    ),
    "xavier_uniform": (xavier_uniform, 2 / (FAN_IN + FAN_OUT), 1.8),
    "xavier_uniform, gain 3": (
        lambda m, n, **kw: xavier_uniform(m, n, 3.0, **kw),
        18 / (FAN_IN + FAN_OUT),
        1.8,
    ),
    "kaiming_normal": (kaiming_normal, 2 / FAN_IN, 3.0),
    "kaiming_uniform": (kaiming_uniform, 2 / FAN_IN, 1.8),
    "pytorch_default": (pytorch_default, 1 / (3 * FAN_IN), 1.8),
}
every_draw = pytest.mark.parametrize(
    ("draw", "variance", "kurtosis"), DRAWS.values(), ids=DRAWS.keys()
)
every_scheme = pytest.mark.parametrize("scheme", SCHEMES)
random_scheme = pytest.mark.parametrize("scheme", [name for name in SCHEMES if name != "constant"])


def standard_errors(W, variance, kurtosis):
    """Say by how many standard errors mean, variance and kurtosis of a draw are off."""
    U = W.double() / math.sqrt(variance)
    # of the moments E[u], E[u^2] and E[u^4], with the spread that the draw itself shows
    powers = torch.stack([U, U**2, U**4]).flatten(1)
    expected = torch.tensor([0.0, 1.0, kurtosis], dtype=torch.float64)
    spread = powers.std(dim=1) / math.sqrt(U.numel())
    return ((powers.mean(dim=1) - expected) / spread).abs().max().item()


@every_draw
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_moments(draw, variance, kurtosis, seed):
    W = draw(FAN_IN, FAN_OUT, generator=torch.Generator().manual_seed(seed))
    assert standard_errors(W, variance, kurtosis) < 5


@every_draw
def test_moments_say_no(draw, variance, kurtosis, generator):
    W = draw(FAN_IN, FAN_OUT, generator=generator)
    wrong = [
        (1.1 * variance, kurtosis),
        (math.sqrt(variance), kurtosis),
        (variance, 4.8 - kurtosis),
    ]
    assert all(standard_errors(W, *moments) > 5 for moments in wrong)
    assert standard_errors(W + 0.1 * math.sqrt(variance), variance, kurtosis) > 5


@pytest.mark.parametrize(
    ("draw", "bound"),
    [
        (xavier_uniform, math.sqrt(6 / (FAN_IN + FAN_OUT))),
        (kaiming_uniform, math.sqrt(6 / FAN_IN)),
        (pytorch_default, 1 / math.sqrt(FAN_IN)),
    ],
)
def test_uniform_draws_fill_their_bounds(draw, bound, generator):
    W = draw(FAN_IN, FAN_OUT, generator=generator)
    assert 0.999 * bound < W.max() <= bound
    assert -bound <= W.min() < -0.999 * bound


@pytest.mark.parametrize(
    ("draw", "twin"),
    [
        (xavier_normal, nn.init.xavier_normal_),
        (xavier_uniform, nn.init.xavier_uniform_),
        (kaiming_normal, lambda V, **kw: nn.init.kaiming_normal_(V, nonlinearity="relu", **kw)),
        (kaiming_uniform, lambda V, **kw: nn.init.kaiming_uniform_(V, nonlinearity="relu", **kw)),
        (pytorch_default, lambda V, **kw: nn.init.kaiming_uniform_(V, a=math.sqrt(5), **kw)),
    ],
)
def test_variance_is_that_of_the_twin_in_torch(draw, twin, generator):
    W = draw(FAN_IN, FAN_OUT, generator=generator)
    V = twin(torch.empty(FAN_OUT, FAN_IN), generator=generator)  # stored as nn.Linear does
    # each estimate of a variance from 60,000 draws has a standard error of at most 0.6 percent
    assert abs(W.var() / V.var() - 1) < 5 * math.sqrt(2) * 0.006


@every_scheme
def test_shape_dtype_and_no_gradient(scheme):
    for fans in [(5, 6), (1, 4), (4, 1), (3, 3)]:
        W = SCHEMES[scheme](*fans)
        assert W.shape == fans
        assert W.dtype == torch.float32
        assert not W.requires_grad


@every_scheme
def test_float32_whatever_the_default(scheme):
    torch.set_default_dtype(torch.float64)
    try:
        assert SCHEMES[scheme](5, 6).dtype == torch.float32
    finally:
        torch.set_default_dtype(torch.float32)


@random_scheme
def test_randomness_comes_from_the_generator_alone(scheme, generator):
    before = torch.get_rng_state()
    first, second = (SCHEMES[scheme](5, 6, generator=generator) for _ in range(2))
    assert not torch.equal(first, second)
    assert torch.equal(first, SCHEMES[scheme](5, 6, generator=generator.manual_seed(0)))
    assert torch.equal(torch.get_rng_state(), before)


@random_scheme
def test_the_global_generator_is_the_default(scheme):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        first, second = SCHEMES[scheme](5, 6), SCHEMES[scheme](5, 6)
        torch.manual_seed(0)
        assert torch.equal(first, SCHEMES[scheme](5, 6))
        assert not torch.equal(first, second)


def test_constant():
    assert_close(constant(5, 6), torch.zeros(5, 6))
    assert_close(constant(5, 6, 1), torch.ones(5, 6))


def gauss_hermite_gain(phi):
    """Integrate by another rule, exact for smooth functions."""
    z, weight = np.polynomial.hermite_e.hermegauss(150)
    second_moment = weight @ phi(torch.from_numpy(z)).numpy() ** 2 / math.sqrt(2 * math.pi)
    return 1 / math.sqrt(second_moment)


@pytest.mark.parametrize("name", ["identity", "sigmoid", "tanh", "swish", "gelu"])
def test_gain_of_smooth_activations(name):
    phi = ACTIVATIONS[name].function
    assert abs(gain(phi) - gauss_hermite_gain(phi)) < 1e-6


@pytest.mark.parametrize(
    ("phi", "expected"),
    [
        (torch.relu, math.sqrt(2)),
        (torch.abs, 1.0),
        (ACTIVATIONS["prelu"].function, math.sqrt(2 / (1 + 0.25**2))),
        (torch.sign, 1.0),
        (lambda z: (z > 0).double(), math.sqrt(2)),
        (lambda z: torch.relu(z) + 1, 1 / math.sqrt(1.5 + math.sqrt(2 / math.pi))),
        (torch.exp, math.exp(-1)),
        (lambda z: torch.full_like(z, 2.0), 0.5),
        (lambda z: 1e-3 * z, 1e3),
    ],
)
def test_gain_with_kinks_and_jumps(phi, expected):
    assert abs(gain(phi) / expected - 1) < 1e-4


def test_gain_of_tanh_is_not_five_thirds():
    assert abs(gain(torch.tanh) - 1.5925) < 1e-3


def test_gain_of_nothing_is_an_error():
    with pytest.raises(ZeroDivisionError):
        gain(torch.zeros_like)


def test_gain_keeps_the_second_moment(generator):
    for name, activation in ACTIVATIONS.items():
        phi = activation.function
        H = phi(torch.randn(500, FAN_IN, generator=generator))
        Z = H @ normal(FAN_IN, FAN_OUT, gain(phi) / math.sqrt(FAN_IN), generator=generator)
        # 200 columns of about one independent second moment each: a standard error near 10 percent
        assert abs((Z**2).mean() - 1) < 0.4, name
