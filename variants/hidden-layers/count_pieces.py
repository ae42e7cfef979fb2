"""Right and wrong answers to `count_pieces`."""

import torch

from mlpgrader.variants import Slips, edited, equivalent, right, wrong

GROUPS = """
def count_pieces(w, b, v):
    units = zip(w.tolist(), b.tolist(), v.tolist())
    units = [(-q / p, r * abs(p)) for p, q, r in units if p]
    groups = []
    for knot, kink in sorted(units):
        if groups and abs(knot - groups[-1][0]) <= 1e-9 * max(1.0, abs(knot)):
            groups[-1][1] += kink
        else:
            groups.append([knot, kink])
    return 1 + sum(abs(kink) > 1e-9 for _, kink in groups)
"""
right("groups of units in a loop")(GROUPS)


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
    w, b, v = (t.numpy().astype(float) for t in (w, b, v))
    for i in np.argsort([-q / p if p else np.inf for p, q in zip(w, b)]):
        p, q, r = w[i], b[i], v[i]
        if p == 0:
            continue
        if changes and math.isclose(changes[-1][0], -q / p, rel_tol=1e-9, abs_tol=1e-9):
            changes[-1][1] += r * abs(p)
        else:
            changes.append([-q / p, r * abs(p)])
    return len([c for _, c in changes if not math.isclose(c, 0, abs_tol=1e-9)]) + 1
""")


@right("in a tensor of all differences")
def count_pieces(w, b, v):
    bends = (w != 0) & (v != 0)
    w, b, v = (t[bends].to(torch.float64) for t in (w, b, v))
    knots, kinks = -b / w, v * w.abs()
    if not len(knots):
        return 1
    size = torch.maximum(knots.abs()[:, None], knots.abs()).clamp(min=1)
    near = (knots[:, None] - knots).abs() <= 1e-9 * size
    first = near.to(torch.int64).argmax(dim=1)
    changes = [kinks[first == i].sum().abs() > 1e-9 for i in set(first.tolist())]
    return 1 + int(sum(changes))


@wrong(
    "always h + 1",
    fails=[
        "count-pieces-equal-knots",
        "count-pieces-rounding",
        "count-pieces-flat-units",
        "count-pieces-silent-units",
        "count-pieces-cancel",
        "count-pieces-dtype",
    ],
    says=(
        "You give one piece more than there are units, whatever the weights: units may "
        "share a knot, have none, or cancel."
    ),
    read="One input, step by step",
    kind="off-by-one",
)
def count_pieces(w, b, v):
    return len(w) + 1


@wrong(
    "equal knots counted apart",
    fails=[
        "count-pieces-equal-knots",
        "count-pieces-rounding",
        "count-pieces-cancel",
        "count-pieces-dtype",
    ],
    says="Units that bend at the same place make one knot.",
    read="One input, step by step",
    kind="off-by-one",
)
def count_pieces(w, b, v):
    return 1 + int(((w != 0) & (v != 0)).sum())


@wrong(
    "a grid",
    fails=["count-pieces-distinct", "count-pieces-rounding", "count-pieces-dtype"],
    kind="off-by-one",
)
def count_pieces(w, b, v):
    t = torch.linspace(-100, 100, 20_001, dtype=torch.float64) + 0.0031
    f = torch.relu(t[:, None] * w.double() + b.double()) @ v.double()
    bends = f.diff().diff().abs() > 1e-9
    # a knot between two points of the grid bends f at one or at both of them
    return 1 + int((bends[1:] & ~bends[:-1]).sum())


@wrong(
    "the changes of sign of the slopes",
    fails=[
        "count-pieces-distinct",
        "count-pieces-equal-knots",
        "count-pieces-rounding",
        "count-pieces-cancel",
        "count-pieces-dtype",
        "count-pieces-arguments",
    ],
    kind="off-by-one",
)
def count_pieces(w, b, v):
    order = (-b / w).argsort()
    slopes = (v * w)[order].cumsum(0)
    return 1 + int((slopes.diff() != 0).sum())


@wrong(
    "the knots that differ, found by unique",
    fails=[
        "count-pieces-rounding",
        "count-pieces-silent-units",
        "count-pieces-cancel",
        "count-pieces-dtype",
    ],
    kind="off-by-one",
)
def count_pieces(w, b, v):
    return 1 + len(torch.unique(-b[w != 0] / w[w != 0]))


@wrong(
    "sets silent units to 0 in place",
    fails=["count-pieces-arguments"],
    is_slip=True,
    kind="argument-changed",
)
def count_pieces(w, b, v):
    v[w == 0] = 0
    w[w == 0] = 1
    groups = []
    units = zip(w.tolist(), b.tolist(), v.tolist(), strict=True)
    for knot, kink in sorted((-q / p, r * abs(p)) for p, q, r in units):
        if groups and abs(knot - groups[-1][0]) <= 1e-9 * max(1.0, abs(knot)):
            groups[-1][1] += kink
        else:
            groups.append([knot, kink])
    return 1 + sum(abs(kink) > 1e-9 for _, kink in groups)


ROUNDED = """
def count_pieces(w, b, v):
    kinks = {}
    for p, q, r in zip(w.tolist(), b.tolist(), v.tolist()):
        if p:
            knot = DIGITS
            kinks[knot] = kinks.get(knot, 0) + r * abs(p)
    return 1 + sum(abs(kink) > 1e-9 for kink in kinks.values())
"""
OTHERS = "the example has equal knots; which other ones the tests have stays hidden"
slip = Slips(ROUNDED, "count-pieces")
slip(
    "knots compared exactly",
    "rounding",
    ("DIGITS", "-q / p"),
    is_slip=True,
    kind="off-by-one",
)
slip(
    "knots rounded to nine digits",
    "rounding",
    ("DIGITS", "round(-q / p, 9)"),
    is_slip=True,
    unseen=OTHERS,
)
slip(
    "knots rounded to seven digits",
    "rounding",
    ("DIGITS", "round(-q / p, 7)"),
    is_slip=True,
    unseen=OTHERS,
)
slip(
    "knots rounded to three figures",
    "rounding dtype",
    ("DIGITS", "float(f'{-q / p:.3g}')"),
    kind="",
)

slip = Slips(GROUPS, "count-pieces")
slip(
    "an absolute tolerance for knots",
    "rounding",
    (" * max(1.0, abs(knot))", ""),
    is_slip=True,
    unseen=OTHERS,
)
slip(
    "a relative tolerance for knots",
    "rounding",
    ("max(1.0, abs(knot))", "abs(knot)"),
    is_slip=True,
    unseen=OTHERS,
)
slip(
    "no size of a negative knot",
    "rounding",
    ("max(1.0, abs(knot))", "max(1.0, knot)"),
    is_slip=True,
    unseen=OTHERS,
)
slip(
    "a tolerance of 1e-6",
    "rounding dtype",
    ("<= 1e-9 * max", "<= 1e-6 * max"),
    is_slip=True,
    kind="off-by-one",
)
slip(
    "a tolerance of 1e-12",
    "rounding",
    ("<= 1e-9 * max", "<= 1e-12 * max"),
    is_slip=True,
    unseen=OTHERS,
)
slip(
    "a kink at infinity for w = 0",
    "flat-units",
    ("(-q / p, r * abs(p))", "(-q / p if p else 1e300, r * abs(p or 1))"),
    (" if p]", "]"),
    is_slip=True,
    kind="off-by-one",
)
slip(
    "division by a weight of 0",
    "flat-units arguments",
    (" if p]", "]"),
    is_slip=True,
    kind="raised",
)
slip(
    "silent units counted",
    "silent-units cancel",
    ("abs(kink) > 1e-9 for _", "abs(kink) > 1e-9 or kink == 0 for _"),
    says="A unit whose outgoing weight is 0 makes no knot.",
    read="One input, step by step",
    kind="off-by-one",
)
slip(
    "kinks never cancel",
    "cancel",
    ("r * abs(p)", "abs(r * p)"),
    is_slip=True,
    says="At one knot the changes of slope of several units add up, and may cancel.",
    read="One input, step by step",
    kind="off-by-one",
)
slip(
    "slope w v for the change of slope",
    "cancel",
    ("r * abs(p)", "r * p"),
    is_slip=True,
    kind="off-by-one",
)
slip(
    "outgoing weights alone cancel",
    "cancel",
    ("r * abs(p)", "r"),
    is_slip=True,
    kind="off-by-one",
)
slip(
    "cancellation compared with 0 exactly",
    "rounding cancel",
    ("abs(kink) > 1e-9", "kink != 0"),
    is_slip=True,
    kind="off-by-one",
)
slip(
    "convex bends alone",
    "distinct rounding cancel",
    ("abs(kink) > 1e-9", "kink > 1e-9"),
    says="You count a bend only where the slope grows.",
    read="One input, step by step",
    kind="off-by-one",
)
slip(
    "knots, not pieces",
    "distinct equal-knots rounding flat-units silent-units cancel dtype arguments",
    ("return 1 + sum", "return sum"),
    says="You count the knots; there is one piece more.",
    read="One input, step by step",
    kind="off-by-one",
)
slip(
    "two pieces more",
    "distinct equal-knots rounding flat-units silent-units cancel dtype arguments",
    ("return 1 + sum", "return 2 + sum"),
    kind="off-by-one",
)
slip(
    "a 0-d tensor for an int",
    "dtype",
    ("return 1 + sum", "return torch.tensor(1) + sum"),
    is_slip=True,
    kind="wrong-type",
)
slip(
    "a float for an int",
    "dtype",
    ("return 1 + sum", "return 1.0 + sum"),
    is_slip=True,
    kind="wrong-type",
)
slip(
    "small weights taken for 0",
    "distinct rounding",
    ("if p]", "if abs(p) > 1e-2]"),
    is_slip=True,
    unseen="weights as small as that stay hidden",
)
slip(
    "small changes of slope taken for none",
    "rounding dtype",
    ("abs(kink) > 1e-9", "abs(kink) > 1e-5"),
    is_slip=True,
    unseen="changes as small as that stay hidden",
)
slip(
    "the points in the order in which they come",
    "equal-knots rounding cancel",
    ("sorted(units)", "units"),
    unseen="the example has two units",
)
right("in the mirror: there are as many")(edited(GROUPS, ("(-q / p,", "(q / p,")))


@wrong(
    "in the dtype that comes in",
    fails=["count-pieces-dtype"],
    is_slip=True,
    kind="off-by-one",
)
def count_pieces(w, b, v):
    w, b, v = w[w != 0], b[w != 0], v[w != 0]
    knots, order = (-b / w).sort()
    kinks = (v * w.abs())[order]
    gap = knots.diff(prepend=knots.new_full((1,), -torch.inf))
    place = (gap > 1e-9 * knots.abs().clamp(min=1)).cumsum(0) - 1
    change = torch.zeros_like(kinks).index_add(0, place, kinks)
    return 1 + int((change.abs() > 1e-9).sum())


@wrong(
    "knots as near as torch.isclose allows",
    fails=["count-pieces-rounding", "count-pieces-dtype"],
    is_slip=True,
    kind="off-by-one",
)
def count_pieces(w, b, v):
    w, b, v = w.double(), b.double(), v.double()
    units = sorted((-q / p, r * abs(p)) for p, q, r in zip(w, b, v, strict=True) if p != 0)
    groups = []
    for knot, kink in units:
        if groups and torch.isclose(knot, groups[-1][0]):
            groups[-1][1] += kink
        else:
            groups.append([knot, kink])
    return 1 + sum(bool(abs(kink) > 1e-9) for _, kink in groups)


equivalent(
    "torch computes with the wider one of two dtypes",
    "w, b, v = w[bends].double(), b[bends].double(), v[bends].double()",
    "w, b, v = w[bends], b[bends].double(), v[bends].double()",
)
equivalent(
    "torch computes with the wider one of two dtypes",
    "w, b, v = w[bends].double(), b[bends].double(), v[bends].double()",
    "w, b, v = w[bends].double(), b[bends], v[bends].double()",
)
equivalent(
    "torch computes with the wider one of two dtypes",
    "w, b, v = w[bends].double(), b[bends].double(), v[bends].double()",
    "w, b, v = w[bends].double(), b[bends].double(), v[bends]",
)
equivalent(
    "in the mirror there are as many pieces",
    "knots, order = (-b / w).sort()",
    "knots, order = (b / w).sort()",
)
equivalent(
    "all have one dtype by now",
    "gap = knots.diff(prepend=knots.new_full((1,), -math.inf))",
    "gap = knots.diff(prepend=w.new_full((1,), -math.inf))",
)
equivalent(
    "all have one dtype by now",
    "gap = knots.diff(prepend=knots.new_full((1,), -math.inf))",
    "gap = knots.diff(prepend=b.new_full((1,), -math.inf))",
)
equivalent(
    "all have one dtype by now",
    "gap = knots.diff(prepend=knots.new_full((1,), -math.inf))",
    "gap = knots.diff(prepend=v.new_full((1,), -math.inf))",
)
equivalent(
    "all have one dtype by now",
    "gap = knots.diff(prepend=knots.new_full((1,), -math.inf))",
    "gap = knots.diff(prepend=kinks.new_full((1,), -math.inf))",
)
equivalent(
    "no test comes near the border",
    "place = (gap > 1e-9 * knots.abs().clamp(min=1)).cumsum(0) - 1",
    "place = (gap >= 1e-9 * knots.abs().clamp(min=1)).cumsum(0) - 1",
)
equivalent(
    "the border may be off by a factor of two",
    "place = (gap > 1e-9 * knots.abs().clamp(min=1)).cumsum(0) - 1",
    "place = (gap > 1e-9 * knots.abs().clamp(min=2)).cumsum(0) - 1",
)
equivalent(
    "there is one axis",
    "place = (gap > 1e-9 * knots.abs().clamp(min=1)).cumsum(0) - 1",
    "place = (gap > 1e-9 * knots.abs().clamp(min=1)).cumsum(-1) - 1",
)
equivalent(
    "all have one shape and one dtype by now",
    "change = torch.zeros_like(kinks).index_add(0, place, kinks)",
    "change = torch.zeros_like(w).index_add(0, place, kinks)",
)
equivalent(
    "all have one shape and one dtype by now",
    "change = torch.zeros_like(kinks).index_add(0, place, kinks)",
    "change = torch.zeros_like(b).index_add(0, place, kinks)",
)
equivalent(
    "all have one shape and one dtype by now",
    "change = torch.zeros_like(kinks).index_add(0, place, kinks)",
    "change = torch.zeros_like(v).index_add(0, place, kinks)",
)
equivalent(
    "all have one shape and one dtype by now",
    "change = torch.zeros_like(kinks).index_add(0, place, kinks)",
    "change = torch.zeros_like(knots).index_add(0, place, kinks)",
)
equivalent(
    "all have one shape and one dtype by now",
    "change = torch.zeros_like(kinks).index_add(0, place, kinks)",
    "change = torch.zeros_like(gap).index_add(0, place, kinks)",
)
equivalent(
    "there is one axis",
    "change = torch.zeros_like(kinks).index_add(0, place, kinks)",
    "change = torch.zeros_like(kinks).index_add(-1, place, kinks)",
)
equivalent(
    "no test comes near the border",
    "return 1 + int((change.abs() > 1e-9).sum())",
    "return 1 + int((change.abs() >= 1e-9).sum())",
)
