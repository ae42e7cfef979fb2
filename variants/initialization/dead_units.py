"""Right and wrong answers to `dead_units`."""

import torch

from mlpgrader.variants import Slips, right, wrong


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


@right("sums of what is not negative, in double precision")
def dead_units(batches):
    total = torch.zeros(batches[0].shape[1], dtype=torch.float64)
    for H in batches:
        total = total + H.double().sum(0)
    return [unit for unit in range(len(total)) if total[unit] == 0]


right("NumPy")("""
import numpy as np


def dead_units(batches):
    H = np.concatenate([batch.numpy() for batch in batches])
    return np.flatnonzero(~H.any(axis=0)).tolist()
""")

DEAD = """
def dead_units(batches):
    H = torch.cat(batches)
    dead = (H == 0).all(dim=0)
    return dead.nonzero().flatten().tolist()
"""
slip = Slips(DEAD, "dead-units")
slip(
    "zero for any example",
    "every zero",
    (".all(", ".any("),
    says="You list units that are zero for some example. A dead one is zero for every example.",
    read="Dead units",
    kind="wrong-length",
)
slip(
    "zero for half of the examples",
    "every zero",
    (".all(dim=0)", ".double().mean(0) >= 0.5"),
    kind="wrong-length",
)
slip(
    "the last batch alone",
    "every zero",
    ("torch.cat(batches)", "batches[-1]"),
    says="You look at the last batch alone.",
    read="Dead units",
    kind="wrong-length",
)
slip(
    "the first batch alone",
    "every zero",
    ("torch.cat(batches)", "batches[0]"),
    says="You look at the first batch alone.",
    read="Dead units",
    kind="wrong-length",
)
slip(
    "the first example of each batch",
    "every zero",
    ("torch.cat(batches)", "torch.stack([H[0] for H in batches])"),
    kind="wrong-length",
)
slip(
    "dead in any batch",
    "every zero",
    (
        "H = torch.cat(batches)\n    dead = (H == 0).all(dim=0)",
        "dead = torch.stack([(H == 0).all(dim=0) for H in batches]).any(dim=0)",
    ),
    says="You list units that are zero throughout some batch; they have to be so in every batch.",
    read="Dead units",
    kind="wrong-length",
)
slip(
    "examples for units",
    "every zero",
    ("dim=0", "dim=1"),
    says="You list examples; the units are the columns.",
    read="Dead units",
    kind="wrong-length",
)
slip(
    "the living",
    "every zero arguments",
    ("dead.non", "(~dead).non"),
    says="You list the units that are not dead.",
    read="Dead units",
)
slip(
    "smaller than 1e-8",
    "zero",
    ("(H == 0)", "(H < 1e-8)"),
    kind="wrong-length",
)
slip(
    "close to zero",
    "zero",
    ("(H == 0)", "torch.isclose(H, torch.zeros_like(H))"),
    kind="wrong-length",
)
slip(
    "compares the text of a number",
    "zero",
    (
        "(H == 0).all(dim=0)",
        'torch.tensor([all(str(h) == "0.0" for h in column) for column in H.T.tolist()])',
    ),
    kind="wrong-length",
)
slip(
    "a sign bit is life",
    "zero",
    ("(H == 0)", "((H == 0) & ~H.signbit())"),
    kind="wrong-length",
)
slip("a tensor", "every zero", (".tolist()", ""), kind="wrong-type", is_slip=True)
slip(
    "a list of tensors",
    "every zero",
    ("dead.nonzero().flatten().tolist()", "list(dead.nonzero().flatten())"),
    kind="wrong-type",
)
slip(
    "a list of bools",
    "every zero",
    ("dead.nonzero().flatten().tolist()", "dead.tolist()"),
    kind="wrong-length",
)
slip(
    "floats",
    "every zero",
    ("flatten().tolist()", "flatten().double().tolist()"),
    kind="wrong-type",
    is_slip=True,
)
slip(
    "from last to first",
    "every zero",
    (".tolist()", ".tolist()[::-1]"),
    kind="reversed",
    is_slip=True,
)
slip(
    "changes the given activations",
    "arguments",
    ("H = torch.cat(batches)", "H = torch.cat([H.mul_(-1) for H in batches])"),
    kind="argument-changed",
    is_slip=True,
)
slip(
    "takes the batches out of the list",
    "arguments",
    (
        "H = torch.cat(batches)",
        "H = batches.pop()\n    while batches:\n        H = torch.cat([H, batches.pop()])",
    ),
    kind="argument-changed",
    is_slip=True,
)
slip(
    "counts from 1",
    "every zero",
    (".tolist()", ".add(1).tolist()"),
    kind="offset",
    is_slip=True,
    says="Units are counted from 0.",
    read="Dead units",
)
slip(
    "stacks the batches",
    "every arguments",
    ("torch.cat(batches)", "torch.stack(batches).flatten(0, 1)"),
    is_slip=True,
    kind="raised",
)
slip(
    "how many",
    "every zero arguments",
    ("return dead.nonzero().flatten().tolist()", "return int(dead.sum())"),
    kind="wrong-type",
)
slip(
    "prints",
    "every zero arguments",
    ("return dead.nonzero()", "print(dead.nonzero()"),
    ("tolist()", "tolist())"),
    kind="none-returned",
)
slip("pairs of indices", "every zero", (".flatten().tolist()", ".tolist()"), kind="wrong-type")
slip(
    "the mean is small",
    "zero",
    ("(H == 0).all(dim=0)", "H.mean(dim=0) < 1e-6"),
    is_slip=True,
    kind="wrong-length",
)
slip(
    "rounds to the nearest",
    "every zero",
    ("(H == 0)", "(H.round() == 0)"),
    kind="wrong-length",
)


@wrong(
    "squares, which underflow",
    fails=["dead-units-zero"],
    is_slip=True,
    unseen="the example is no small enough number",
)
def dead_units(batches):
    total = sum(H.square().sum(dim=0) for H in batches)
    return (total == 0).nonzero().flatten().tolist()


wrong("an array", fails=["dead-units-every", "dead-units-zero"], kind="numpy")("""
import numpy as np


def dead_units(batches):
    return np.where(~np.concatenate([batch.numpy() for batch in batches]).any(axis=0))[0]
""")


@wrong(
    "dead in one batch after another",
    fails=["dead-units-every", "dead-units-zero"],
    kind="wrong-length",
)
def dead_units(batches):
    dead = []
    for H in batches:
        dead += (H == 0).all(dim=0).nonzero().flatten().tolist()
    return sorted(dead)


@wrong(
    "of whole numbers",
    fails=["dead-units-every", "dead-units-zero"],
    kind="wrong-length",
)
def dead_units(batches):
    return [j for j in range(batches[0].shape[1]) if not any(H[:, j].int().any() for H in batches)]


wrong("squeeze makes one index a number", fails=["dead-units-every", "dead-units-zero"])("""
def dead_units(batches):
    return (torch.cat(tuple(batches)).count_nonzero(0) == 0).nonzero().squeeze().tolist()
""")
