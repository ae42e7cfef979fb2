"""Right and wrong answers to `relu_interpolant`."""

import torch

from mlpgrader.variants import Slips, equivalent, right, wrong


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
    fails=[
        "relu-interpolant-points",
        "relu-interpolant-outside",
        "relu-interpolant-unsorted",
        "relu-interpolant-dtype",
    ],
    says=(
        "You use the slopes themselves. At each knot a unit adds the change from one "
        "slope to the next."
    ),
    read="Building a function from kinks",
)
def relu_interpolant(x, y):
    x, order = x.sort()
    y = y[order]
    v = y.diff() / x.diff()
    return torch.ones_like(v), -x[:-1], v, y[0]


@wrong(
    "no c",
    fails=["relu-interpolant-points", "relu-interpolant-unsorted", "relu-interpolant-dtype"],
    kind="offset",
    says="The constant `c` is missing: left of all points the function is not 0.",
    read="Building a function from kinks",
)
def relu_interpolant(x, y):
    x, order = x.sort()
    y = y[order]
    slopes = y.diff() / x.diff()
    v = slopes.diff(prepend=slopes.new_zeros(1))
    return torch.ones_like(v), -x[:-1], v, 0.0


@wrong(
    "takes the points as sorted",
    fails=["relu-interpolant-unsorted"],
    is_slip=True,
    says="You take the points in the order in which they come; they need not be sorted.",
    read="Building a function from kinks",
)
def relu_interpolant(x, y):
    slopes = y.diff() / x.diff()
    v = slopes.diff(prepend=slopes.new_zeros(1))
    return torch.ones_like(v), -x[:-1], v, y[0]


@wrong(
    "sorts x but not y",
    fails=["relu-interpolant-unsorted"],
    is_slip=True,
    says="You sort `x` and leave `y` as it is, so that the pairs are torn apart.",
    read="Building a function from kinks",
)
def relu_interpolant(x, y):
    x = x.sort().values
    slopes = y.diff() / x.diff()
    v = slopes.diff(prepend=slopes.new_zeros(1))
    return torch.ones_like(v), -x[:-1], v, y[0]


@wrong(
    "the first slope goes on to the left",
    fails=["relu-interpolant-outside"],
    is_slip=True,
    says=(
        "Left of the smallest `x` your function goes on with the first slope; a constant is due."
    ),
    read="Building a function from kinks",
)
def relu_interpolant(x, y):
    x, order = x.sort()
    y = y[order]
    slopes = y.diff() / x.diff()
    v = slopes.diff(prepend=slopes.new_zeros(1))
    w, b = torch.ones_like(v), -x[:-1]
    return torch.cat([w, -w[:1]]), torch.cat([b, -b[:1]]), torch.cat([v, -v[:1]]), y[0]


@wrong(
    "constant on the right as well",
    fails=["relu-interpolant-outside"],
    is_slip=True,
    says="Right of the largest `x` your function is constant; the last slope is to go on.",
    read="Building a function from kinks",
    kind="zero",
)
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
        "relu-interpolant-dtype",
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
    fails=["relu-interpolant-points", "relu-interpolant-unsorted", "relu-interpolant-dtype"],
    kind="offset",
)
def relu_interpolant(x, y):
    x, order = x.sort()
    y = y[order]
    slopes = y.diff() / x.diff()
    v = slopes.diff(prepend=slopes.new_zeros(1))
    return torch.ones_like(v), -x[:-1], v, y.mean()


@wrong(
    "always float64",
    fails=["relu-interpolant-dtype"],
    is_slip=True,
    kind="other-dtype",
)
def relu_interpolant(x, y):
    x, order = x.double().sort()
    y = y[order].double()
    slopes = y.diff() / x.diff()
    v = slopes.diff(prepend=slopes.new_zeros(1))
    return torch.ones_like(v), -x[:-1], v, y[0]


@wrong(
    "sorts x in place", fails=["relu-interpolant-arguments"], is_slip=True, kind="argument-changed"
)
def relu_interpolant(x, y):
    order = x.argsort()
    x[:], y[:] = x[order], y[order]
    slopes = y.diff() / x.diff()
    v = slopes.diff(prepend=slopes.new_zeros(1))
    return torch.ones_like(v), -x[:-1], v, y[0].clone()


@wrong(
    "float32 weights for float64 points",
    fails=["relu-interpolant-dtype"],
    is_slip=True,
    kind="lower-precision",
)
def relu_interpolant(x, y):
    order = x.argsort()
    x, y = x[order], y[order]
    slopes = y.diff() / x.diff()
    v = torch.cat([slopes[:1], slopes.diff()])
    return torch.ones(len(v)), -x[:-1], v, y[0]


BASE = """
def relu_interpolant(x, y):
    order = x.argsort()
    x, y = x[order], y[order]
    slopes = y.diff() / x.diff()
    v = torch.cat([slopes[:1], slopes[1:] - slopes[:-1]])
    return torch.ones_like(v), -x[:-1], v, y[0].item()
"""
right("by slices")(BASE)
slip = Slips(BASE, "relu-interpolant")
slip("sorted by y", "points outside unsorted dtype", ("x.argsort()", "y.argsort()"))
slip(
    "from the right end down",
    "points outside unsorted dtype arguments",
    ("x.argsort()", "x.argsort(descending=True)"),
)
slip(
    "c is the value of the first point of the list",
    "unsorted",
    ("y[order]", "y[order], y[0]"),
    ("x, y = x[order]", "x, y, c = x[order]"),
    ("y[0].item()", "c.item()"),
    is_slip=True,
    kind="offset",
)
slip(
    "knots without their minus",
    "points outside unsorted dtype",
    ("-x[:-1]", "x[:-1]"),
    says="A unit `relu(w * t + b)` bends at `-b / w`: the minus is missing.",
    read="Building a function from kinks",
)
slip(
    "knots at the right ends",
    "points unsorted dtype arguments",
    ("-x[:-1]", "-x[1:]"),
    says="Your knots sit at the right end of each piece; a piece begins at its left end.",
    read="Building a function from kinks",
)
slip(
    "v for y: differences without their distances",
    "points outside unsorted dtype",
    (" / x.diff()", ""),
)
slip(
    "c as a tensor of one entry",
    "dtype",
    ("y[0].item()", "y[:1]"),
    is_slip=True,
    kind="wrong-shape",
)
slip(
    "weights as a column",
    "points outside unsorted dtype arguments",
    ("torch.ones_like(v)", "torch.ones_like(v)[:, None]"),
    kind="wrong-shape",
)
slip(
    "a dtype of Python's own for the knots",
    "dtype",
    ("-x[:-1]", "torch.tensor([-t for t in x[:-1].tolist()])"),
    is_slip=True,
    kind="lower-precision",
)
slip(
    "two points alone",
    "points outside unsorted dtype",
    ("slopes[1:] - slopes[:-1]", "0 * slopes[1:]"),
)

equivalent(
    "x and y have one dtype, and a whole 0 is the same slope",
    "v = slopes.diff(prepend=slopes.new_zeros(1))",
    "v = slopes.diff(prepend=x.new_zeros(1))",
)
equivalent(
    "x and y have one dtype, and a whole 0 is the same slope",
    "v = slopes.diff(prepend=slopes.new_zeros(1))",
    "v = slopes.diff(prepend=y.new_zeros(1))",
)
equivalent(
    "x and y have one dtype, and a whole 0 is the same slope",
    "v = slopes.diff(prepend=slopes.new_zeros(1))",
    "v = slopes.diff(prepend=order.new_zeros(1))",
)
equivalent(
    "there are as many slopes as units",
    "return torch.ones_like(v), -x[:-1], v, y[0]",
    "return torch.ones_like(slopes), -x[:-1], v, y[0]",
)


wrong(
    "units that are taken to stop at the next point",
    fails=[
        "relu-interpolant-points",
        "relu-interpolant-outside",
        "relu-interpolant-unsorted",
        "relu-interpolant-dtype",
    ],
)("""
def relu_interpolant(x, y):
    x, k = torch.sort(x)
    y = y[k]
    dx = torch.diff(x)
    return 1 / dx, -x[:-1] / dx, torch.diff(y), y[0]
""")
