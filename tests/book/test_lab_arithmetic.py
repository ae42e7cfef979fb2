"""The network that trains in the page computes what torch computes, draw by draw."""

import math
from itertools import pairwise, product

import pytest
import torch

from mlpkit import lab, losses, mlp
from tests.support.browser import modules_page

MODULES = ["activation-loops", "network", "points", "random", "training-run"]
SCHEMES = [*lab.CONSTANTS, *lab.SCALES]
NETWORKS = [[3], [7, 5], [4, 6, 4, 6, 4, 6]]  # widths of the hidden layers
SETTINGS = {
    "data": "moons",
    "points": 90,
    "noise": 0.2,
    "held": 20,
    "hidden": [7, 5],
    "activations": ["tanh", "tanh"],
    "biases": True,
    "init": "kaiming",
    "seed": 3,
    "rate": 0.05,
    "batch": 30,
    "momentum": 0.0,
    "decay": 0.0,
}
GRADIENTS = """([settings, rows]) => {
  const run = new modules["training-run"].Run(settings);
  const { network, set } = run;
  if (settings.shift) network.b.forEach((b) => b.forEach((_, i) => { b[i] = 0.1 * (i + 1); }));
  const chosen = Int32Array.from({ length: rows }, (_, i) => i);
  network.load(set.X, chosen, 0, rows);
  const logits = [...network.forward(rows).subarray(0, rows * set.classes)];
  const { loss } = network.loss(set.y, chosen, 0, rows);
  network.backward(rows, settings.decay);
  const plain = (arrays) => arrays.map((array) => [...array]);
  return { logits, loss, dW: plain(network.dW), db: plain(network.db) };
}"""
STEPS = """([settings, steps]) => {
  const run = new modules["training-run"].Run(settings);
  return Array.from({ length: steps }, () => run.step());
}"""


@pytest.fixture(scope="module")
def page():
    with modules_page(MODULES) as page:
        yield page


def float64(numbers):
    return torch.tensor(numbers, dtype=torch.float64)


def data_of(settings):
    return lab.points(settings["data"], settings["points"], settings["noise"], settings["seed"])


def sizes_of(settings):
    return [2, *settings["hidden"], 2]


def weights_of(settings):
    return lab.first_weights(sizes_of(settings), settings["init"], settings["seed"])


def logits_of(X, weights, biases, activations):
    for name, W, b in zip([*activations, "identity"], weights, biases, strict=True):
        X = lab.PHI[name](mlp.affine(X, W, b))
    return X


class TestDraws:
    @pytest.mark.parametrize(("seed", "stream"), [(0, 1), (1, 2), (7, 101), (4294967295, 1033)])
    def test_bits_and_normal_numbers_are_the_same(self, page, seed, stream):
        ours = page.evaluate(
            """([seed, stream]) => {
              const { streamKey, bits, normals, order } = modules.random;
              const key = streamKey(seed, stream);
              const drawn = Array.from({ length: 1000 }, (_, n) => bits(key, n));
              return [drawn, [...normals(key, 20001)], [...order(key, 3001)]];
            }""",
            [seed, stream],
        )
        assert ours[0] == lab.bits(seed, stream, torch.arange(1000)).tolist()
        assert ours[1] == lab.normal(seed, stream, 20_001).tolist()
        assert ours[2] == lab.order(seed, stream, 3001).tolist()

    @pytest.mark.parametrize("name", lab.SHAPES)
    def test_points_are_the_same(self, page, name):
        call = """([name, seed]) => {
          const { X, y } = modules.points.points(name, 301, 0.3, seed);
          return [[...X], [...y]];
        }"""
        X, y = lab.points(name, 301, 0.3, seed=11)
        assert page.evaluate(call, [name, 11]) == [X.flatten().tolist(), y.tolist()]

    @pytest.mark.parametrize("scheme", SCHEMES)
    def test_first_weights_and_split_are_the_same(self, page, scheme):
        settings = {**SETTINGS, "init": scheme}
        call = """(settings) => {
          const run = new modules["training-run"].Run(settings);
          return [run.network.W.map((W) => [...W]), [...run.train], [...run.held]];
        }"""
        weights, train, held = page.evaluate(call, settings)
        assert weights == [W.flatten().tolist() for W in weights_of(settings)]
        expected = lab.split(90, 18, seed=3)
        assert [train, held] == [part.tolist() for part in expected]

    def test_digits_are_the_same(self, page):
        call = """(text) => {
          const { X, y } = modules.points.digitSet(text);
          return [[...X], [...y]];
        }"""
        X, y = lab.digits()
        assert page.evaluate(call, lab.digits_as_text()) == [X.flatten().tolist(), y.tolist()]

    def test_normal_numbers_are_normal(self):
        values = torch.stack([lab.normal(seed, 101, 4000) for seed in range(25)])
        # four standard errors
        assert abs(values.mean()) < 4 / math.sqrt(values.numel())
        assert abs(values.var() - 1) < 4 * math.sqrt(2 / values.numel())
        assert abs(torch.corrcoef(values)[0, 1:]).max() < 4 / math.sqrt(4000)


class TestGradients:
    @pytest.mark.parametrize("name", lab.PHI)
    def test_an_activation_is_right_far_out_too(self, page, name):
        z = torch.cat([torch.linspace(-45, 45, 3601), torch.tensor([0.0, 1e-9, -1e-9, 700, -700])])
        z = z.to(torch.float64)
        call = """([name, z]) => {
          const { value, slope } = modules["activation-loops"].LOOPS[name];
          const [Z, H] = [Float64Array.from(z), new Float64Array(z.length)];
          const D = new Float64Array(z.length).fill(1);
          value(Z, H, z.length);
          slope(Z, H, D, z.length);
          return [[...H], [...D]];
        }"""
        values, slopes = page.evaluate(call, [name, z.tolist()])
        # far to the left, the last digit of z / sqrt(2) is some hundreds of the last of GELU
        z.requires_grad_()
        expected = lab.PHI[name](z)
        gradient = torch.zeros_like(z)
        if expected.requires_grad:
            (gradient,) = torch.autograd.grad(expected.sum(), z)
        torch.testing.assert_close(float64(values), expected.detach(), rtol=1e-12, atol=1e-300)
        torch.testing.assert_close(float64(slopes), gradient, rtol=1e-12, atol=3e-16)

    @pytest.mark.parametrize("hidden", NETWORKS, ids=str)
    @pytest.mark.parametrize("name", lab.PHI)
    def test_loss_and_gradients_are_those_of_torch(self, page, name, hidden):
        for scheme, shift, decay in product(SCHEMES, (False, True), (0.0, 0.01)):
            settings = {
                **SETTINGS,
                "hidden": hidden,
                "activations": [name] * len(hidden),
                "init": scheme,
                "shift": shift,
                "decay": decay,
            }
            compare(page, settings, f"{scheme}, biases {shift}, decay {decay}")

    def test_activations_may_differ_by_layer(self, page):
        hidden = [5] * 6
        names = ["gelu", "step", "identity", "prelu", "swish", "sigmoid"]
        compare(page, {**SETTINGS, "hidden": hidden, "activations": names}, "mixed")


def compare(page, settings, case, rows=31):
    """Hold one minibatch in the page against autograd."""
    weights = weights_of(settings)
    biases = [torch.zeros(size, dtype=torch.float64) for size in sizes_of(settings)[1:]]
    if settings.get("shift"):
        biases = [0.1 * torch.arange(1, len(b) + 1).double() for b in biases]
    parameters = [p.requires_grad_() for p in weights + biases]
    X, y = data_of(settings)
    logits = logits_of(X[:rows], weights, biases, settings["activations"])
    loss = losses.cross_entropy(logits, y[:rows])
    objective = loss + losses.l2_penalty(weights, settings["decay"])
    expected = torch.autograd.grad(objective, parameters, materialize_grads=True)
    found = page.evaluate(GRADIENTS, [settings, rows])
    ours = float64(found["logits"]).view(rows, 2)
    largest = logits.abs().max().item()
    torch.testing.assert_close(ours, logits.detach(), rtol=0, atol=1e-13 * largest + 1e-15)
    assert found["loss"] == pytest.approx(loss.item(), rel=1e-13), case
    bound = 1e-9 * max(part.abs().max().item() for part in expected) + 1e-15
    for part, numbers in zip(expected, found["dW"] + found["db"], strict=True):
        difference = (float64(numbers) - part.flatten()).abs().max().item()
        assert difference <= bound, f"{case}: {difference} above {bound}"


def train(settings, steps, nudge=False):
    """Train as the page does; with a nudge, from weights changed in their last digit."""
    weights = weights_of(settings)
    if nudge:  # not where a weight is 0: the next number would switch a step
        weights = [torch.where(W == 0, W, torch.nextafter(W, W + 1)) for W in weights]
    biases = [torch.zeros(size, dtype=torch.float64) for size in sizes_of(settings)[1:]]
    parameters = weights + biases * settings["biases"]
    velocities = [torch.zeros_like(p) for p in parameters]
    for p in parameters:
        p.requires_grad_()
    X, y = data_of(settings)
    used, _ = lab.split(len(X), len(X) * settings["held"] // 100, settings["seed"])
    found = []
    for _, batch in zip(
        range(steps), lab.batches(used, settings["batch"], settings["seed"]), strict=False
    ):
        loss = losses.cross_entropy(
            logits_of(X[batch], weights, biases, settings["activations"]), y[batch]
        )
        objective = loss + losses.l2_penalty(weights, settings["decay"])
        gradients = torch.autograd.grad(objective, parameters, materialize_grads=True)
        with torch.no_grad():
            for p, v, g in zip(parameters, velocities, gradients, strict=True):
                v.mul_(settings["momentum"]).add_(g)
                p -= settings["rate"] * v
        found.append(loss.item())
    return torch.tensor(found, dtype=torch.float64)


CASES = [
    {**SETTINGS, "hidden": hidden, "activations": [name] * len(hidden), "init": scheme, **rest}
    for hidden, scheme in product([[8], [8, 8], [5] * 6], ["small", "xavier", "kaiming"])
    for name, rest in [
        ("relu", {}),
        ("relu", {"momentum": 0.9, "rate": 0.03, "data": "circles"}),
        ("prelu", {"decay": 0.01, "data": "xor"}),
        ("tanh", {"momentum": 0.5, "biases": False}),
        ("sigmoid", {"rate": 0.3, "decay": 0.001}),
        ("swish", {"data": "spirals", "batch": 7}),
        ("gelu", {"rate": 0.1}),
        ("identity", {"batch": 90}),
        ("step", {"rate": 0.1}),
        ("tanh", {"rate": 3.0, "init": "large"}),
    ]
]


def test_training_takes_the_same_steps(page):
    assert [pair for pair in pairwise(CASES) if pair[0] == pair[1]] == []
    stable = 0
    for settings in CASES:
        ours = float64(page.evaluate(STEPS, [settings, 50]))
        expected = train(settings, 50)
        torch.testing.assert_close(ours[:6], expected[:6], rtol=1e-9, atol=1e-15)
        if (train(settings, 50, nudge=True) - expected).abs().max() <= 1e-11:
            stable += 1
            torch.testing.assert_close(ours, expected, rtol=1e-9, atol=1e-15, msg=str(settings))
    assert stable >= 0.9 * len(CASES), f"{stable} of {len(CASES)} settings are not chaotic"
