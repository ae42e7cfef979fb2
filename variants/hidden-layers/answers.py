"""Right and wrong answers to the set *hidden-layers*."""

import torch
from torch import nn

from mlpgrader.variants import right, wrong

# collapse_affine


@right("by what it does to 0 and the unit vectors, as a list")
def collapse_affine(layers):
    d = layers[0][0].shape[0]
    X = torch.cat([torch.zeros(1, d), torch.eye(d)]).to(layers[0][0].dtype)
    for W, b in layers:
        X = X @ W + b
    return [X[1:] - X[0], X[0]]


right("from the last layer back, with reduce")("""
from functools import reduce


def merge(after, before):
    W, b = before
    V, c = after
    return W @ V, b @ V + c


def collapse_affine(layers):
    return reduce(merge, reversed(layers))
""")


@right("one matrix each, with a row for the bias")
def collapse_affine(layers):
    made = None
    for W, b in layers:
        corner = torch.zeros(W.shape[0] + 1, 1, dtype=W.dtype)
        corner[-1] = 1
        M = torch.cat([torch.cat([W, b[None]]), corner], dim=1)
        made = M if made is None else made @ M
    return made[:-1, :-1], made[-1, :-1]


@wrong("product in reverse order", fails=["collapse-affine-weights"])
def collapse_affine(layers):
    (W, b), *rest = layers
    for V, c in rest:
        W, b = V @ W if V.shape == W.shape else W @ V, b @ V + c
    return W, b


@wrong("everything in reverse order", fails=["collapse-affine-weights", "collapse-affine-bias"])
def collapse_affine(layers):
    (W, b), *rest = reversed(layers)
    for V, c in rest:
        W, b = W @ V, b @ V + c
    return W, b


@wrong("b as the sum of the biases", fails=["collapse-affine-bias"])
def collapse_affine(layers):
    W, b = layers[0]
    for V, c in layers[1:]:
        W, b = W @ V, (b + c if b.shape == c.shape else c)
    return W, b


@wrong("only the last b", fails=["collapse-affine-bias"])
def collapse_affine(layers):
    W, b = layers[0]
    for V, c in layers[1:]:
        W, b = W @ V, c
    return W, b


@wrong("the last b lost", fails=["collapse-affine-bias"])
def collapse_affine(layers):
    W, b = layers[0]
    for V, _ in layers[1:]:
        W, b = W @ V, b @ V
    return W, b


@wrong("b carried through the product so far", fails=["collapse-affine-bias"])
def collapse_affine(layers):
    W, b = layers[0]
    for V, c in layers[1:]:
        W = W @ V
        b = (b @ W if b.shape[0] == W.shape[0] else b @ V) + c
    return W, b


@wrong(
    "two layers exactly",
    fails=["collapse-affine-weights", "collapse-affine-bias", "collapse-affine-one-layer"],
)
def collapse_affine(layers):
    (W, b), (V, c) = layers
    return W @ V, b @ V + c


@wrong("the first two layers alone", fails=["collapse-affine-weights", "collapse-affine-bias"])
def collapse_affine(layers):
    (W, b), *rest = layers
    for V, c in rest[:1]:
        W, b = W @ V, b @ V + c
    return W, b


@wrong("one layer without its bias", fails=["collapse-affine-one-layer"])
def collapse_affine(layers):
    W, b = layers[0]
    if len(layers) == 1:
        return W, torch.zeros_like(b)
    for V, c in layers[1:]:
        W, b = W @ V, b @ V + c
    return W, b


@wrong("the bias as a row", fails=["collapse-affine-bias", "collapse-affine-one-layer"])
def collapse_affine(layers):
    W, b = layers[0][0], layers[0][1][None]
    for V, c in layers[1:]:
        W, b = W @ V, b @ V + c
    return W, b


@wrong(
    "always float32",
    fails=["collapse-affine-weights", "collapse-affine-bias", "collapse-affine-one-layer"],
)
def collapse_affine(layers):
    W, b = (t.float() for t in layers[0])
    for V, c in layers[1:]:
        W, b = W @ V.float(), b @ V.float() + c.float()
    return W, b


@wrong("empties the list", fails=["collapse-affine-arguments"])
def collapse_affine(layers):
    W, b = layers.pop(0)
    while layers:
        V, c = layers.pop(0)
        W, b = W @ V, b @ V + c
    return W, b


@wrong("adds to a bias in place", fails=["collapse-affine-arguments"])
def collapse_affine(layers):
    W, b = layers[0]
    for V, c in layers[1:]:
        W, b = W @ V, c.add_(b @ V)
    return W, b


# best_bottleneck_error


@right("by the best approximation itself, as a 0-d tensor")
def best_bottleneck_error(T, k):
    U, s, Vh = torch.linalg.svd(T, full_matrices=False)
    k = min(k, len(s))
    return torch.linalg.norm(T - U[:, :k] * s[:k] @ Vh[:k])


right("by NumPy")("""
import numpy as np


def best_bottleneck_error(T, k):
    s = np.linalg.svd(T.numpy(), compute_uv=False)
    return math.sqrt(sum(float(x) ** 2 for i, x in enumerate(s) if i >= k))
""")


@right("by the eigenvalues of the Gram matrix")
def best_bottleneck_error(T, k):
    d = len(T)
    squares = torch.linalg.eigvalsh(T.double() @ T.double().T).clamp(min=0)
    return float(squares[: max(0, d - k)].sum().sqrt())


@wrong(
    "the spectral norm",
    fails=[
        "best-bottleneck-error-values",
        "best-bottleneck-error-no-units",
        "best-bottleneck-error-wide",
    ],
)
def best_bottleneck_error(T, k):
    return torch.linalg.svdvals(T)[k].item()


@wrong(
    "the spectral norm, 0 past the end",
    fails=["best-bottleneck-error-values", "best-bottleneck-error-no-units"],
)
def best_bottleneck_error(T, k):
    s = torch.linalg.svdvals(T)
    return s[k].item() if k < len(s) else 0.0


@wrong("no root", fails=["best-bottleneck-error-values", "best-bottleneck-error-no-units"])
def best_bottleneck_error(T, k):
    return torch.linalg.svdvals(T)[k:].square().sum().item()


@wrong(
    "a sum of singular values",
    fails=["best-bottleneck-error-values", "best-bottleneck-error-no-units"],
)
def best_bottleneck_error(T, k):
    return torch.linalg.svdvals(T)[k:].sum().item()


@wrong(
    "eigenvalues",
    fails=[
        "best-bottleneck-error-values",
        "best-bottleneck-error-no-units",
        "best-bottleneck-error-wide",
    ],
)
def best_bottleneck_error(T, k):
    values = torch.linalg.eigvals(T).abs().sort(descending=True).values
    return values[k:].square().sum().sqrt().item()


@wrong(
    "the mean for the sum",
    fails=[
        "best-bottleneck-error-values",
        "best-bottleneck-error-no-units",
        "best-bottleneck-error-wide",
    ],
)
def best_bottleneck_error(T, k):
    return torch.linalg.svdvals(T)[k:].square().mean().sqrt().item()


@wrong(
    "the largest singular values kept",
    fails=[
        "best-bottleneck-error-values",
        "best-bottleneck-error-wide",
        "best-bottleneck-error-arguments",
    ],
)
def best_bottleneck_error(T, k):
    s = torch.linalg.svdvals(T)
    return s[: max(len(s) - k, 0)].square().sum().sqrt().item()


@wrong(
    "the error of a network of k - 1 units",
    fails=[
        "best-bottleneck-error-values",
        "best-bottleneck-error-wide",
        "best-bottleneck-error-arguments",
    ],
)
def best_bottleneck_error(T, k):
    return torch.linalg.svdvals(T)[max(k - 1, 0) :].square().sum().sqrt().item()


@wrong("0 for k = 0", fails=["best-bottleneck-error-no-units"])
def best_bottleneck_error(T, k):
    s = torch.linalg.svdvals(T)
    return torch.linalg.norm(s[k:]).item() if k else 0.0


@wrong("a slice from the end: -0 keeps everything", fails=["best-bottleneck-error-wide"])
def best_bottleneck_error(T, k):
    s = torch.linalg.svdvals(T)
    return s[-(len(s) - k) :].square().sum().sqrt().item() if k <= len(s) else 0.0


@wrong(
    "the Frobenius norm of T",
    fails=[
        "best-bottleneck-error-values",
        "best-bottleneck-error-wide",
        "best-bottleneck-error-arguments",
    ],
)
def best_bottleneck_error(T, k):
    return T.norm().item()


@wrong(
    "one entry, not a scalar",
    fails=[
        "best-bottleneck-error-values",
        "best-bottleneck-error-no-units",
        "best-bottleneck-error-wide",
        "best-bottleneck-error-arguments",
    ],
)
def best_bottleneck_error(T, k):
    return torch.linalg.svdvals(T)[k:].square().sum().sqrt()[None]


@wrong("T changed in place", fails=["best-bottleneck-error-arguments"])
def best_bottleneck_error(T, k):
    U, s, Vh = torch.linalg.svd(T, full_matrices=False)
    T -= U[:, :k] * s[:k] @ Vh[:k]
    return T.norm().item()


# bottleneck_witness


@right("a random rotation")
def bottleneck_witness(d):
    g = torch.Generator().manual_seed(1)
    return torch.linalg.qr(torch.randn(d, d, generator=g, dtype=torch.float64)).Q


@right("the fewest units that suffice")
def bottleneck_witness(d):
    T = torch.zeros(d, d)
    for i in range(d // 2 + 1):
        T[i, i] = 1 + i
    return T


@right("a triangle of ones in bfloat16, which requires grad")
def bottleneck_witness(d):
    return torch.ones(d, d).tril().bfloat16().requires_grad_()


@wrong("zeros", fails=["bottleneck-witness-even", "bottleneck-witness-odd"])
def bottleneck_witness(d):
    return torch.zeros(d, d)


@wrong("ones: rank 1", fails=["bottleneck-witness-even", "bottleneck-witness-odd"])
def bottleneck_witness(d):
    return torch.ones(d, d)


@wrong(
    "rank d // 2, hidden by rounding", fails=["bottleneck-witness-even", "bottleneck-witness-odd"]
)
def bottleneck_witness(d):
    g = torch.Generator().manual_seed(1)
    return torch.randn(d, d // 2, generator=g) @ torch.randn(d // 2, d, generator=g)


@wrong("rank d / 2 rounded up", fails=["bottleneck-witness-even"])
def bottleneck_witness(d):
    T = torch.eye(d)
    T[(d + 1) // 2 :] = 0
    return T


@wrong("blocks of two: even d alone", fails=["bottleneck-witness-odd"])
def bottleneck_witness(d):
    return torch.kron(torch.eye(d // 2), torch.tensor([[0.0, 1.0], [1.0, 0.0]]))


@wrong("rank d / 2 for odd d", fails=["bottleneck-witness-odd"])
def bottleneck_witness(d):
    T = torch.eye(d)
    return T if d % 2 == 0 else torch.cat([T[: d // 2], torch.zeros(d - d // 2, d)])


@wrong("integers", fails=["bottleneck-witness-even", "bottleneck-witness-odd"])
def bottleneck_witness(d):
    return torch.eye(d, dtype=torch.int64)


@wrong("not a number", fails=["bottleneck-witness-even", "bottleneck-witness-odd"])
def bottleneck_witness(d):
    return torch.full((d, d), torch.nan)


@wrong("a list of rows", fails=["bottleneck-witness-even", "bottleneck-witness-odd"])
def bottleneck_witness(d):
    return torch.eye(d).tolist()


@wrong("the two factors", fails=["bottleneck-witness-even", "bottleneck-witness-odd"])
def bottleneck_witness(d):
    return torch.randn(d, d // 2), torch.randn(d // 2, d)


@wrong("cut from a matrix of 32", fails=["bottleneck-witness-even", "bottleneck-witness-odd"])
def bottleneck_witness(d):
    return torch.eye(32)[:d, :d]


# xor_network


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


@wrong("affine in disguise", fails=["xor-network-bends", "xor-network-values"])
def xor_network():
    return torch.eye(2), torch.full((2,), 10.0), torch.ones(2, 1), torch.tensor([-20.0])


@wrong("the best affine map", fails=["xor-network-bends", "xor-network-values"])
def xor_network():
    return torch.eye(2), torch.zeros(2), torch.zeros(2, 1), torch.tensor([0.5])


@wrong("OR", fails=["xor-network-values"])
def xor_network():
    W1, b1 = torch.ones(2, 2), torch.tensor([0.0, -1.0])
    return W1, b1, torch.tensor([[1.0], [-1.0]]), torch.zeros(1)


@wrong("NAND", fails=["xor-network-values"])
def xor_network():
    W1, b1 = torch.ones(2, 2), torch.tensor([0.0, -1.0])
    return W1, b1, torch.tensor([[0.0], [-1.0]]), torch.ones(1)


@wrong("XNOR", fails=["xor-network-values"])
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
    "PyTorch's orientation", fails=["xor-network-shapes", "xor-network-bends", "xor-network-values"]
)
def xor_network():
    W1, b1 = torch.ones(2, 2), torch.tensor([0.0, -1.0])
    return W1, b1, torch.tensor([[1.0, -2.0]]), torch.zeros(1)


@wrong("three hidden units", fails=["xor-network-shapes"])
def xor_network():
    W1 = torch.tensor([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]])
    W2 = torch.tensor([[1.0], [1.0], [-2.0]])
    return W1, torch.tensor([0.0, 0.0, -1.0]), W2, torch.zeros(1)


@wrong("integers", fails=["xor-network-shapes"])
def xor_network():
    W1, b1 = torch.tensor([[1, 1], [1, 1]]), torch.tensor([0, -1])
    return W1, b1, torch.tensor([[1], [-2]]), torch.tensor([0])


@wrong(
    "a bias for each input", fails=["xor-network-shapes", "xor-network-bends", "xor-network-values"]
)
def xor_network():
    b2 = torch.tensor([[0.0], [1.0], [1.0], [0.0]])
    return torch.zeros(2, 2), torch.zeros(2), torch.zeros(2, 1), b2


# relu_interpolant


@right("by a linear system")
def relu_interpolant(x, y):
    knots, order = x.sort()
    # row i: how much each unit has grown at point i + 1
    grown = torch.relu(knots[1:, None] - knots[:-1])
    v = torch.linalg.solve(grown, y[order][1:] - y[order][0])
    w = torch.ones_like(knots[:-1])
    return w, -w * knots[:-1], v, y[order][0].item()


@right("a pair of units for each segment, in a loop, as a list")
def relu_interpolant(x, y):
    from itertools import pairwise

    points = sorted(zip(x.tolist(), y.tolist(), strict=True))
    w, b, v = [], [], []
    for (x0, y0), (x1, y1) in pairwise(points):
        slope = (y1 - y0) / (x1 - x0)
        w += [2.0]
        b += [-2.0 * x0]
        v += [slope / 2]
        if x1 < points[-1][0]:
            w, b, v = [*w, 1.0], [*b, -x1], [*v, -slope]
    return [*(torch.tensor(p, dtype=x.dtype) for p in (w, b, v)), points[0][1]]


right("with a spare unit, c as a tensor")("""
import itertools
from operator import itemgetter


def by_place(x, y):
    return sorted(zip(x, y), key=itemgetter(0))


def relu_interpolant(x, y):
    points = by_place(x, y)
    slopes = [(q[1] - p[1]) / (q[0] - p[0]) for p, q in itertools.pairwise(points)]
    v = torch.stack([s - r for r, s in zip([torch.zeros_like(slopes[0])] + slopes, slopes)])
    knots = torch.stack([p[0] for p in points[:-1]])
    spare = torch.zeros_like(knots[:1])
    w = torch.cat([torch.ones_like(knots), spare])
    return w, torch.cat([-knots, spare + 3]), torch.cat([v, spare]), points[0][1]
""")


@wrong(
    "slopes for changes of slope",
    fails=["relu-interpolant-points", "relu-interpolant-outside", "relu-interpolant-unsorted"],
)
def relu_interpolant(x, y):
    x, order = x.sort()
    y = y[order]
    v = y.diff() / x.diff()
    return torch.ones_like(v), -x[:-1], v, y[0]


@wrong("no c", fails=["relu-interpolant-points", "relu-interpolant-unsorted"])
def relu_interpolant(x, y):
    x, order = x.sort()
    y = y[order]
    slopes = y.diff() / x.diff()
    v = slopes.diff(prepend=slopes.new_zeros(1))
    return torch.ones_like(v), -x[:-1], v, 0.0


@wrong("takes the points as sorted", fails=["relu-interpolant-unsorted"])
def relu_interpolant(x, y):
    slopes = y.diff() / x.diff()
    v = slopes.diff(prepend=slopes.new_zeros(1))
    return torch.ones_like(v), -x[:-1], v, y[0]


@wrong("sorts x but not y", fails=["relu-interpolant-unsorted"])
def relu_interpolant(x, y):
    x = x.sort().values
    slopes = y.diff() / x.diff()
    v = slopes.diff(prepend=slopes.new_zeros(1))
    return torch.ones_like(v), -x[:-1], v, y[0]


@wrong("the first slope goes on to the left", fails=["relu-interpolant-outside"])
def relu_interpolant(x, y):
    x, order = x.sort()
    y = y[order]
    slopes = y.diff() / x.diff()
    v = slopes.diff(prepend=slopes.new_zeros(1))
    w, b = torch.ones_like(v), -x[:-1]
    return torch.cat([w, -w[:1]]), torch.cat([b, -b[:1]]), torch.cat([v, -v[:1]]), y[0]


@wrong("constant on the right as well", fails=["relu-interpolant-outside"])
def relu_interpolant(x, y):
    x, order = x.sort()
    y = y[order]
    slopes = y.diff() / x.diff()
    zero = slopes.new_zeros(1)
    v = slopes.diff(prepend=zero, append=zero)
    return torch.ones_like(v), -x, v, y[0]


@wrong(
    "one unit too few",
    fails=[
        "relu-interpolant-points",
        "relu-interpolant-outside",
        "relu-interpolant-unsorted",
        "relu-interpolant-arguments",
    ],
)
def relu_interpolant(x, y):
    x, order = x.sort()
    y = y[order]
    slopes = y.diff() / x.diff()
    v = slopes.diff()
    return torch.ones_like(v), -x[1:-1], v, y[0]


@wrong(
    "c is the mean",
    fails=["relu-interpolant-points", "relu-interpolant-unsorted", "relu-interpolant-arguments"],
)
def relu_interpolant(x, y):
    x, order = x.sort()
    y = y[order]
    slopes = y.diff() / x.diff()
    v = slopes.diff(prepend=slopes.new_zeros(1))
    return torch.ones_like(v), -x[:-1], v, y.mean()


@wrong(
    "always float64",
    fails=[
        "relu-interpolant-points",
        "relu-interpolant-outside",
        "relu-interpolant-unsorted",
        "relu-interpolant-arguments",
    ],
)
def relu_interpolant(x, y):
    x, order = x.double().sort()
    y = y[order].double()
    slopes = y.diff() / x.diff()
    v = slopes.diff(prepend=slopes.new_zeros(1))
    return torch.ones_like(v), -x[:-1], v, y[0]


@wrong("sorts x in place", fails=["relu-interpolant-arguments"])
def relu_interpolant(x, y):
    order = x.argsort()
    x[:], y[:] = x[order], y[order]
    slopes = y.diff() / x.diff()
    v = slopes.diff(prepend=slopes.new_zeros(1))
    return torch.ones_like(v), -x[:-1], v, y[0].clone()


@wrong("float32 weights for float64 points", fails=["relu-interpolant-points"])
def relu_interpolant(x, y):
    order = x.argsort()
    x, y = x[order], y[order]
    slopes = y.diff() / x.diff()
    v = torch.cat([slopes[:1], slopes.diff()])
    return torch.ones(len(v)), -x[:-1], v, y[0]


# count_pieces


@right("groups of units in a loop")
def count_pieces(w, b, v):
    units = [
        (-q / p, r * abs(p))
        for p, q, r in zip(w.tolist(), b.tolist(), v.tolist(), strict=True)
        if p
    ]
    pieces, groups = 1, []
    for knot, kink in sorted(units):
        if groups and abs(knot - groups[-1][0]) <= 1e-9 * max(1.0, abs(knot)):
            groups[-1][1] += kink
        else:
            groups.append([knot, kink])
    for _, kink in groups:
        pieces += abs(kink) > 1e-9
    return pieces


@right("by the slopes between the knots")
def count_pieces(w, b, v):
    from itertools import pairwise

    w, b, v = w.double(), b.double(), v.double()
    knots = torch.sort(-b[w != 0] / w[w != 0]).values.tolist()
    apart = [t for i, t in enumerate(knots) if i == 0 or t - knots[i - 1] > 1e-9 * max(1, abs(t))]
    if not apart:
        return 1
    middles = [(s + t) / 2 for s, t in pairwise(apart)]
    at = [apart[0] - 1 - abs(apart[0]), *middles, apart[-1] + 1 + abs(apart[-1])]
    slopes = [float((v * w * (w * t + b > 0)).sum()) for t in at]
    return 1 + sum(abs(s - r) > 1e-9 for r, s in pairwise(slopes))


right("with NumPy and math.isclose")("""
import numpy as np


def count_pieces(w, b, v):
    changes = []
    for i in np.argsort([-q / p if p else np.inf for p, q in zip(w.tolist(), b.tolist())]):
        p, q, r = float(w[i]), float(b[i]), float(v[i])
        if p == 0:
            continue
        if changes and math.isclose(changes[-1][0], -q / p, rel_tol=1e-9, abs_tol=1e-12):
            changes[-1][1] += r * abs(p)
        else:
            changes.append([-q / p, r * abs(p)])
    return len([c for _, c in changes if not math.isclose(c, 0, abs_tol=1e-9)]) + 1
""")

COUNT = ["count-pieces-equal-knots", "count-pieces-flat-units"]
COUNT += ["count-pieces-silent-units", "count-pieces-cancel"]


@wrong("always h + 1", fails=COUNT)
def count_pieces(w, b, v):
    return len(w) + 1


@wrong("equal knots counted apart", fails=["count-pieces-equal-knots", "count-pieces-cancel"])
def count_pieces(w, b, v):
    return 1 + int(((w != 0) & (v != 0)).sum())


@wrong("knots compared exactly", fails=["count-pieces-equal-knots"])
def count_pieces(w, b, v):
    kinks = {}
    for p, q, r in zip(w.tolist(), b.tolist(), v.tolist(), strict=True):
        if p:
            kinks[-q / p] = kinks.get(-q / p, 0) + r * abs(p)
    return 1 + sum(abs(kink) > 1e-9 for kink in kinks.values())


@wrong("an absolute tolerance for knots", fails=["count-pieces-equal-knots"])
def count_pieces(w, b, v):
    kinks = {}
    for p, q, r in zip(w.tolist(), b.tolist(), v.tolist(), strict=True):
        if p:
            kinks[round(-q / p, 9)] = kinks.get(round(-q / p, 9), 0) + r * abs(p)
    return 1 + sum(abs(kink) > 1e-9 for kink in kinks.values())


@wrong("a coarse tolerance for knots", fails=["count-pieces-distinct"])
def count_pieces(w, b, v):
    kinks = {}
    for p, q, r in zip(w.tolist(), b.tolist(), v.tolist(), strict=True):
        if p:
            knot = float(f"{-q / p:.3g}")
            kinks[knot] = kinks.get(knot, 0) + r * abs(p)
    return 1 + sum(abs(kink) > 1e-9 for kink in kinks.values())


@wrong("a kink at infinity for w = 0", fails=["count-pieces-flat-units"])
def count_pieces(w, b, v):
    kinks = {}
    for p, q, r in zip(w.double(), b.double(), v.double(), strict=True):
        knot = f"{(-q / p).item() + 0.0:.9g}"
        kinks[knot] = kinks.get(knot, 0) + r.item() * abs(p.item() or 1)
    return 1 + sum(abs(kink) > 1e-9 for kink in kinks.values())


@wrong("division by a weight of 0", fails=["count-pieces-flat-units", "count-pieces-arguments"])
def count_pieces(w, b, v):
    kinks = {}
    for p, q, r in zip(w.tolist(), b.tolist(), v.tolist(), strict=True):
        knot = f"{-q / p + 0.0:.9g}"
        kinks[knot] = kinks.get(knot, 0) + r * abs(p)
    return 1 + sum(abs(kink) > 1e-9 for kink in kinks.values())


@wrong("silent units counted", fails=["count-pieces-silent-units", "count-pieces-cancel"])
def count_pieces(w, b, v):
    return 1 + len(
        {f"{-q / p + 0.0:.9g}" for p, q in zip(w.tolist(), b.tolist(), strict=True) if p}
    )


@wrong("kinks never cancel", fails=["count-pieces-cancel"])
def count_pieces(w, b, v):
    units = zip(w.tolist(), b.tolist(), v.tolist(), strict=True)
    return 1 + len({f"{-q / p + 0.0:.9g}" for p, q, r in units if p and r})


@wrong("slope w v for the change of slope", fails=["count-pieces-cancel"])
def count_pieces(w, b, v):
    kinks = {}
    for p, q, r in zip(w.tolist(), b.tolist(), v.tolist(), strict=True):
        if p:
            knot = f"{-q / p + 0.0:.9g}"
            kinks[knot] = kinks.get(knot, 0) + r * p
    return 1 + sum(abs(kink) > 1e-9 for kink in kinks.values())


@wrong("outgoing weights alone cancel", fails=["count-pieces-cancel"])
def count_pieces(w, b, v):
    kinks = {}
    for p, q, r in zip(w.tolist(), b.tolist(), v.tolist(), strict=True):
        if p:
            knot = f"{-q / p + 0.0:.9g}"
            kinks[knot] = kinks.get(knot, 0) + r
    return 1 + sum(abs(kink) > 1e-9 for kink in kinks.values())


@wrong("cancellation compared with 0 exactly", fails=["count-pieces-cancel"])
def count_pieces(w, b, v):
    kinks = {}
    for p, q, r in zip(w.tolist(), b.tolist(), v.tolist(), strict=True):
        if p:
            knot = f"{-q / p + 0.0:.9g}"
            kinks[knot] = kinks.get(knot, 0) + r * abs(p)
    return 1 + sum(kink != 0 for kink in kinks.values())


@wrong("knots, not pieces", fails=["count-pieces-distinct", *COUNT, "count-pieces-arguments"])
def count_pieces(w, b, v):
    kinks = {}
    for p, q, r in zip(w.tolist(), b.tolist(), v.tolist(), strict=True):
        if p:
            knot = f"{-q / p + 0.0:.9g}"
            kinks[knot] = kinks.get(knot, 0) + r * abs(p)
    return sum(abs(kink) > 1e-9 for kink in kinks.values())


@wrong("a grid", fails=["count-pieces-distinct", "count-pieces-equal-knots"])
def count_pieces(w, b, v):
    t = torch.linspace(-100, 100, 20_001, dtype=torch.float64) + 0.0031
    f = torch.relu(t[:, None] * w.double() + b.double()) @ v.double()
    bends = f.diff().diff().abs() > 1e-9
    # a knot between two points of the grid bends f at one or at both of them
    return 1 + int((bends[1:] & ~bends[:-1]).sum())


@wrong("a 0-d tensor for an int", fails=["count-pieces-distinct"])
def count_pieces(w, b, v):
    kinks = {}
    for p, q, r in zip(w.tolist(), b.tolist(), v.tolist(), strict=True):
        if p:
            knot = f"{-q / p + 0.0:.9g}"
            kinks[knot] = kinks.get(knot, 0) + r * abs(p)
    return torch.tensor(1 + sum(abs(kink) > 1e-9 for kink in kinks.values()))


@wrong("sets silent units to 0 in place", fails=["count-pieces-arguments"])
def count_pieces(w, b, v):
    v[w == 0] = 0
    w[w == 0] = 1
    kinks = {}
    for p, q, r in zip(w.tolist(), b.tolist(), v.tolist(), strict=True):
        knot = f"{-q / p + 0.0:.9g}"
        kinks[knot] = kinks.get(knot, 0) + r * abs(p)
    return 1 + sum(abs(kink) > 1e-9 for kink in kinks.values())


@wrong("knots as near as torch.isclose allows", fails=["count-pieces-distinct"])
def count_pieces(w, b, v):
    units = sorted((-q / p, r * abs(p)) for p, q, r in zip(w, b, v, strict=True) if p != 0)
    groups = []
    for knot, kink in units:
        if groups and torch.isclose(knot, groups[-1][0]):
            groups[-1][1] += kink
        else:
            groups.append([knot, kink])
    return 1 + sum(bool(abs(kink) > 1e-9) for _, kink in groups)


@wrong("small weights taken for 0", fails=["count-pieces-distinct"])
def count_pieces(w, b, v):
    groups = []
    for knot, kink in sorted(
        (-q / p, r * abs(p)) for p, q, r in zip(w, b, v, strict=True) if abs(p) > 1e-2
    ):
        if groups and abs(knot - groups[-1][0]) <= 1e-9 * max(1, abs(knot)):
            groups[-1][1] += kink
        else:
            groups.append([knot, kink])
    return 1 + sum(bool(abs(kink) > 1e-9) for _, kink in groups)


@wrong("small changes of slope taken for none", fails=["count-pieces-distinct"])
def count_pieces(w, b, v):
    groups = []
    for knot, kink in sorted(
        (-q / p, r * abs(p)) for p, q, r in zip(w, b, v, strict=True) if p != 0
    ):
        if groups and abs(knot - groups[-1][0]) <= 1e-9 * max(1, abs(knot)):
            groups[-1][1] += kink
        else:
            groups.append([knot, kink])
    return 1 + sum(bool(abs(kink) > 1e-5) for _, kink in groups)


# local_affine


@right("by autograd")
def local_affine(x, weights, biases, alpha):
    def network(t):
        for i, (W, b) in enumerate(zip(weights, biases, strict=True)):
            t = t @ W + b
            if i < len(weights) - 1:
                t = torch.where(t > 0, t, alpha * t)
        return t

    with torch.enable_grad():
        A = torch.autograd.functional.jacobian(network, x).T
    return A, network(x) - x @ A


@right("from the last layer back, with diagonal matrices, as a list")
def local_affine(x, weights, biases, alpha):
    h, slopes = x, []
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        z = h @ W + b
        slopes.append((z > 0).to(z.dtype) + alpha * (z <= 0).to(z.dtype))
        h = z * slopes[-1]
    A, c = weights[-1], biases[-1]
    for W, b, s in zip(weights[-2::-1], biases[-2::-1], slopes[::-1], strict=True):
        c = b @ torch.diag(s) @ A + c
        A = W @ torch.diag(s) @ A
    return [A, c]


right("with a unit's own loop and helpers")("""
from torch.nn.functional import leaky_relu as act


def slope(z, alpha):
    return 1.0 if z > 0 else float(alpha)


def local_affine(x, weights, biases, alpha):
    A, c, h = torch.eye(len(x), dtype=x.dtype), torch.zeros_like(x), x
    for depth in range(len(weights)):
        z = h @ weights[depth] + biases[depth]
        A, c = A @ weights[depth], c @ weights[depth] + biases[depth]
        if depth + 1 == len(weights):
            return A, c
        A, c = A.clone(), c.clone()
        for j, zj in enumerate(z.tolist()):
            A[:, j] *= slope(zj, alpha)
            c[j] *= slope(zj, alpha)
        h = act(z, alpha)
""")


@wrong(
    "one mask for all layers",
    fails=["local-affine-matrix", "local-affine-offset", "local-affine-negative-alpha"],
)
def local_affine(x, weights, biases, alpha):
    z = x @ weights[0] + biases[0]
    first = torch.where(z > 0, torch.ones_like(z), alpha)
    A, c = weights[0], biases[0]
    for W, b in zip(weights[1:], biases[1:], strict=True):
        slopes = first if len(first) == len(c) else torch.ones_like(c)
        A, c = (A * slopes) @ W, (c * slopes) @ W + b
    return A, c


@wrong("mask from the output", fails=["local-affine-negative-alpha"])
def local_affine(x, weights, biases, alpha):
    A, c = weights[0], biases[0]
    for W, b in zip(weights[1:], biases[1:], strict=True):
        z = x @ A + c
        h = torch.where(z > 0, z, alpha * z)
        slopes = torch.where(h > 0, torch.ones_like(h), alpha)
        A, c = (A * slopes) @ W, (c * slopes) @ W + b
    return A, c


@wrong("the larger of z and alpha z", fails=["local-affine-matrix", "local-affine-offset"])
def local_affine(x, weights, biases, alpha):
    A, c = weights[0], biases[0]
    for W, b in zip(weights[1:], biases[1:], strict=True):
        z = x @ A + c
        slopes = torch.where(z > alpha * z, torch.ones_like(z), alpha)
        A, c = (A * slopes) @ W, (c * slopes) @ W + b
    return A, c


@wrong(
    "alpha ignored",
    fails=["local-affine-matrix", "local-affine-offset", "local-affine-negative-alpha"],
)
def local_affine(x, weights, biases, alpha):
    A, c = weights[0], biases[0]
    for W, b in zip(weights[1:], biases[1:], strict=True):
        slopes = (x @ A + c > 0).to(x.dtype)
        A, c = (A * slopes) @ W, (c * slopes) @ W + b
    return A, c


@wrong("no c", fails=["local-affine-offset"])
def local_affine(x, weights, biases, alpha):
    A, c = weights[0], biases[0]
    for W, b in zip(weights[1:], biases[1:], strict=True):
        slopes = torch.where(x @ A + c > 0, torch.ones_like(c), alpha)
        A, c = (A * slopes) @ W, (c * slopes) @ W + b
    return A, torch.zeros_like(c)


@wrong("c is the output at x", fails=["local-affine-offset"])
def local_affine(x, weights, biases, alpha):
    A, c = weights[0], biases[0]
    for W, b in zip(weights[1:], biases[1:], strict=True):
        slopes = torch.where(x @ A + c > 0, torch.ones_like(c), alpha)
        A, c = (A * slopes) @ W, (c * slopes) @ W + b
    return A, x @ A + c


@wrong("c is the output at 0", fails=["local-affine-offset"])
def local_affine(x, weights, biases, alpha):
    A, c, h = weights[0], biases[0], biases[0]
    for W, b in zip(weights[1:], biases[1:], strict=True):
        slopes = torch.where(x @ A + c > 0, torch.ones_like(c), alpha)
        A, c = (A * slopes) @ W, (c * slopes) @ W + b
        h = torch.where(h > 0, h, alpha * h) @ W + b
    return A, h


@wrong(
    "masks without the biases",
    fails=["local-affine-matrix", "local-affine-offset", "local-affine-negative-alpha"],
)
def local_affine(x, weights, biases, alpha):
    A, c = weights[0], biases[0]
    for W, b in zip(weights[1:], biases[1:], strict=True):
        slopes = torch.where(x @ A > 0, torch.ones_like(c), alpha)
        A, c = (A * slopes) @ W, (c * slopes) @ W + b
    return A, c


@wrong(
    "an activation after the last layer",
    fails=[
        "local-affine-matrix",
        "local-affine-offset",
        "local-affine-negative-alpha",
        "local-affine-one-layer",
    ],
)
def local_affine(x, weights, biases, alpha):
    A, c = torch.eye(len(x), dtype=x.dtype), torch.zeros_like(x)
    for W, b in zip(weights, biases, strict=True):
        A, c = A @ W, c @ W + b
        slopes = torch.where(x @ A + c > 0, torch.ones_like(c), alpha)
        A, c = A * slopes, c * slopes
    return A, c


@wrong("wants a hidden layer", fails=["local-affine-offset", "local-affine-one-layer"])
def local_affine(x, weights, biases, alpha):
    z = x @ weights[0] + biases[0]
    slopes = torch.where(z > 0, torch.ones_like(z), alpha)
    A, c = weights[0] * slopes @ weights[1], biases[0] * slopes @ weights[1] + biases[1]
    for W, b in zip(weights[2:], biases[2:], strict=True):
        slopes = torch.where(x @ A + c > 0, torch.ones_like(c), alpha)
        A, c = (A * slopes) @ W, (c * slopes) @ W + b
    return A, c


@wrong(
    "one hidden layer at most",
    fails=[
        "local-affine-matrix",
        "local-affine-offset",
        "local-affine-negative-alpha",
        "local-affine-one-layer",
        "local-affine-arguments",
    ],
)
def local_affine(x, weights, biases, alpha):
    (W1, W2), (b1, b2) = weights, biases
    slopes = torch.where(x @ W1 + b1 > 0, torch.ones_like(b1), alpha)
    return W1 * slopes @ W2, b1 * slopes @ W2 + b2


@wrong(
    "the transpose",
    fails=["local-affine-matrix", "local-affine-negative-alpha", "local-affine-one-layer"],
)
def local_affine(x, weights, biases, alpha):
    A, c = weights[0], biases[0]
    for W, b in zip(weights[1:], biases[1:], strict=True):
        slopes = torch.where(x @ A + c > 0, torch.ones_like(c), alpha)
        A, c = (A * slopes) @ W, (c * slopes) @ W + b
    return A.T, c


@wrong("scales a weight matrix in place", fails=["local-affine-arguments"])
def local_affine(x, weights, biases, alpha):
    A, c = weights[0].clone(), biases[0].clone()
    for W, b in zip(weights[1:], biases[1:], strict=True):
        slopes = torch.where(x @ A + c > 0, torch.ones_like(c), alpha)
        W *= slopes[:, None]
        A, c = A @ W, c @ W + b
    return A, c


@wrong("takes the last layer off the list", fails=["local-affine-arguments"])
def local_affine(x, weights, biases, alpha):
    last = weights.pop(), biases.pop()
    A, c = torch.eye(len(x), dtype=x.dtype), torch.zeros_like(x)
    for W, b in zip(weights, biases, strict=True):
        A, c = A @ W, c @ W + b
        slopes = torch.where(x @ A + c > 0, torch.ones_like(c), alpha)
        A, c = A * slopes, c * slopes
    return A @ last[0], c @ last[0] + last[1]


@wrong("four layers at most", fails=["local-affine-matrix"])
def local_affine(x, weights, biases, alpha):
    A, c = weights[0], biases[0]
    for W, b in zip(weights[1:4], biases[1:4], strict=True):
        slopes = torch.where(x @ A + c > 0, torch.ones_like(c), alpha)
        A, c = (A * slopes) @ W, (c * slopes) @ W + b
    if len(weights) > 4:
        A = A @ torch.ones(A.shape[1], weights[-1].shape[1], dtype=A.dtype)
    return A, c


# the choice

for letter in "ABD":
    wrong(f"answer {letter}", fails=["hidden-layers-choice-answer"])(f'choice = "{letter}"')
wrong("a sentence", fails=["hidden-layers-choice-answer"])('choice = "C is right"')
right("a space behind the letter")('choice = "C "')
