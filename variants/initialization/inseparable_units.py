"""Right and wrong answers to `inseparable_units`."""

import torch

from mlpgrader.variants import Slips, equivalent, right, wrong


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
right("by a dict")(UNITS)
slip = Slips(UNITS, "inseparable-units")
slip(
    "the incoming weights alone",
    "groups zeros",
    (" + [b1[j].item()] + W2[j].tolist()", ""),
    says=(
        "You compare the incoming weights alone. Bias and outgoing weights have to be "
        "equal as well."
    ),
    read="Why random at all: symmetry",
    kind="wrong-length",
)
slip(
    "no bias",
    "groups zeros",
    (" + [b1[j].item()]", ""),
    is_slip=True,
    says="You do not compare the biases.",
    read="Why random at all: symmetry",
    kind="wrong-length",
)
slip(
    "no outgoing weights",
    "groups",
    (" + W2[j].tolist()", ""),
    is_slip=True,
    says="You do not compare the outgoing weights.",
    read="Why random at all: symmetry",
    kind="wrong-length",
)
slip(
    "no incoming weights",
    "groups",
    ("W1[:, j].tolist() + ", ""),
    is_slip=True,
    kind="wrong-length",
)
slip(
    "rows for columns of W1",
    "groups zeros arguments",
    ("W1[:, j]", "W1[j]"),
    says="You compare rows of `W1`. A hidden unit's incoming weights are a column.",
    read="Why random at all: symmetry",
    kind="raised",
)
slip(
    "columns for rows of W2",
    "groups zeros arguments",
    ("W2[j].tolist()", "W2[:, j].tolist()"),
    says="You compare columns of `W2`. A hidden unit's outgoing weights are a row.",
    read="Why random at all: symmetry",
    kind="raised",
)
slip(
    "rows for columns, up to the sizes",
    "groups",
    ("W1[:, j]", "W1[j % len(W1)]"),
    unseen="the numbers of the examples are few and simple",
)
slip(
    "columns for rows, up to the sizes",
    "groups",
    ("W2[j].tolist()", "W2[:, j % W2.shape[1]].tolist()"),
    kind="wrong-length",
)
slip(
    "rounded to six digits",
    "groups",
    ("tuple(", "tuple(round(v, 6) for v in "),
    unseen="the numbers of the examples are few and simple",
    is_slip=True,
)
slip(
    "without units on their own",
    "groups zeros",
    ("list(groups.values())", "[g for g in groups.values() if len(g) > 1]"),
    says="Units without a twin are missing: each is a group by itself.",
    read="Why random at all: symmetry",
    kind="wrong-length",
)
slip(
    "sorted numbers of a unit",
    "groups",
    ("tuple(", "tuple(sorted("),
    ("W2[j].tolist())", "W2[j].tolist()))"),
    unseen="the numbers of the examples are few and simple",
)
slip(
    "groups by size",
    "groups zeros",
    ("list(groups.values())", "sorted(groups.values(), key=len)"),
    kind="wrong-length",
)
slip(
    "groups from last to first",
    "groups zeros",
    ("list(groups.values())", "list(groups.values())[::-1]"),
    kind="wrong-length",
)
slip("members from last to first", "groups zeros", (".append(j)", ".insert(0, j)"))
slip(
    "keys as text",
    "zeros",
    ("tuple(", "str("),
    is_slip=True,
    kind="wrong-length",
)
slip("counts from 1", "groups zeros", ("append(j)", "append(j + 1)"), kind="offset", is_slip=True)
slip(
    "as bytes",
    "zeros",
    ("tuple(", "b''.join("),
    (
        "W1[:, j].tolist() + [b1[j].item()] + W2[j].tolist()",
        "t.contiguous().numpy().tobytes() for t in (W1[:, j], b1[j], W2[j])",
    ),
    kind="wrong-length",
)
slip(
    "rounds the given weights",
    "groups arguments",
    ("    groups = {}", "    W1.round_(), W2.round_()\n    groups = {}"),
    kind="argument-changed",
    is_slip=True,
)
slip(
    "takes -0.0 away in place",
    "arguments",
    ("    groups = {}", "    W1 *= 1.5\n    groups = {}"),
    kind="argument-changed",
    is_slip=True,
)
slip("a dict", "groups zeros", ("list(groups.values())", "groups"), kind="wrong-type", is_slip=True)
slip(
    "a label for each unit",
    "groups zeros arguments",
    ("list(groups.values())", "[k for k, group in enumerate(groups.values()) for _ in group]"),
    kind="wrong-length",
)
slip("prints", "groups zeros arguments", ("return list", "print"), kind="none-returned")
slip(
    "twins alone, as pairs with the first",
    "groups zeros arguments",
    ("list(groups.values())", "[[g[0], u] for g in groups.values() for u in g[1:]]"),
    kind="wrong-length",
)


def grouped(key):
    """The answer that groups units by a key."""
    return f"""
def inseparable_units(W1, b1, W2):
    groups = {{}}
    for j in range(len(b1)):
        groups.setdefault({key}, []).append(j)
    return list(groups.values())
"""


GROUPS = ["inseparable-units-groups"]


def missed(mistake):
    """Register a mistake that shows in few networks."""
    return wrong(mistake, fails=GROUPS, unseen="the numbers of the examples are few and simple")


wrong(
    "the first outgoing weight alone",
    fails=GROUPS,
    kind="wrong-length",
)(grouped("(*W1[:, j].tolist(), b1[j].item(), W2[j, 0].item())"))
missed("the last incoming weight alone")(
    grouped("(W1[-1, j].item(), b1[j].item(), *W2[j].tolist())")
)
missed("the sum of the outgoing weights")(
    grouped("(*W1[:, j].tolist(), b1[j].item(), W2[j].sum().item())")
)
missed("outgoing weights in any order")(
    grouped("(*W1[:, j].tolist(), b1[j].item(), *sorted(W2[j].tolist()))")
)
missed("weights and bias added up")(grouped("(*(W1[:, j] + b1[j]).tolist(), *W2[j].tolist())"))
missed("signs left out")(
    grouped("(*W1[:, j].abs().tolist(), abs(b1[j].item()), *W2[j].abs().tolist())")
)
missed("rounded to ten digits")(
    grouped("tuple(round(v, 10) for v in (*W1[:, j].tolist(), b1[j].item(), *W2[j].tolist()))")
)


@wrong(
    "tensors are their own keys",
    fails=["inseparable-units-groups", "inseparable-units-zeros", "inseparable-units-arguments"],
    kind="wrong-length",
)
def inseparable_units(W1, b1, W2):
    groups = {}
    for j in range(W1.shape[1]):
        groups.setdefault((W1[:, j], b1[j], W2[j]), []).append(j)
    return list(groups.values())


@wrong("close is equal", fails=GROUPS, unseen="the numbers of the examples are few and simple")
def inseparable_units(W1, b1, W2):
    units, groups = torch.cat([W1, b1[None], W2.T]).T, []
    for j, unit in enumerate(units):
        for group in groups:
            if torch.allclose(units[group[0]], unit):
                group.append(j)
                break
        else:
            groups.append([j])
    return groups


@wrong(
    "groups of neighbors alone",
    fails=["inseparable-units-groups", "inseparable-units-zeros"],
    kind="wrong-length",
)
def inseparable_units(W1, b1, W2):
    units = torch.cat([W1, b1[None], W2.T]).T
    groups = [[0]]
    for j in range(1, len(units)):
        if torch.equal(units[j], units[j - 1]):
            groups[-1].append(j)
        else:
            groups.append([j])
    return groups


@wrong(
    "sorted by their numbers",
    fails=["inseparable-units-groups"],
    unseen="in the examples the order happens to be the same",
)
def inseparable_units(W1, b1, W2):
    _, labels = torch.unique(torch.cat([W1, b1[None], W2.T]) + 0.0, dim=1, return_inverse=True)
    return [(labels == k).nonzero().flatten().tolist() for k in range(int(labels.max()) + 1)]


KEY = "key = (*W1[:, unit].tolist(), b1[unit].item(), *W2[unit].tolist())"
ORDER = "the order of the numbers in a key is no matter"
equivalent(
    "W2 has a row for each unit", "for unit in range(len(b1)):", "for unit in range(len(W2)):"
)
equivalent(ORDER, KEY, "key = (b1[unit].item(), *W1[:, unit].tolist(), *W2[unit].tolist())")
equivalent(ORDER, KEY, "key = (*W1[:, unit].tolist(), *W2[unit].tolist(), b1[unit].item())")
