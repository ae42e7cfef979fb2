"""Right and wrong answers to `count_pieces`."""

import torch

from mlpgrader.variants import right, wrong


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

COUNT = [
    "count-pieces-equal-knots",
    "count-pieces-flat-units",
    "count-pieces-silent-units",
    "count-pieces-cancel",
]


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
