"""Right and wrong answers to `bottleneck_witness`."""

import torch

from mlpgrader.variants import right, wrong


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


@wrong(
    "zeros",
    fails=["bottleneck-witness-even", "bottleneck-witness-odd"],
    kind="low-rank",
)
def bottleneck_witness(d):
    return torch.zeros(d, d)


@wrong(
    "ones: rank 1",
    fails=["bottleneck-witness-even", "bottleneck-witness-odd"],
    kind="low-rank",
)
def bottleneck_witness(d):
    return torch.ones(d, d)


@wrong(
    "rank d // 2, hidden by rounding",
    fails=["bottleneck-witness-even", "bottleneck-witness-odd"],
    kind="low-rank",
)
def bottleneck_witness(d):
    g = torch.Generator().manual_seed(1)
    return torch.randn(d, d // 2, generator=g) @ torch.randn(d // 2, d, generator=g)


@wrong(
    "rank d / 2 rounded up",
    fails=["bottleneck-witness-even"],
    is_slip=True,
    kind="low-rank",
)
def bottleneck_witness(d):
    T = torch.eye(d)
    T[(d + 1) // 2 :] = 0
    return T


@wrong(
    "blocks of two: even d alone",
    fails=["bottleneck-witness-odd"],
    is_slip=True,
    kind="wrong-shape",
)
def bottleneck_witness(d):
    return torch.kron(torch.eye(d // 2), torch.tensor([[0.0, 1.0], [1.0, 0.0]]))


@wrong(
    "rank d / 2 for odd d",
    fails=["bottleneck-witness-odd"],
    is_slip=True,
    kind="low-rank",
)
def bottleneck_witness(d):
    T = torch.eye(d)
    return T if d % 2 == 0 else torch.cat([T[: d // 2], torch.zeros(d - d // 2, d)])


@wrong(
    "integers", fails=["bottleneck-witness-even", "bottleneck-witness-odd"], kind="integer-dtype"
)
def bottleneck_witness(d):
    return torch.eye(d, dtype=torch.int64)


@wrong(
    "not a number", fails=["bottleneck-witness-even", "bottleneck-witness-odd"], kind="not-finite"
)
def bottleneck_witness(d):
    return torch.full((d, d), torch.nan)


@wrong(
    "a list of rows", fails=["bottleneck-witness-even", "bottleneck-witness-odd"], kind="wrong-type"
)
def bottleneck_witness(d):
    return torch.eye(d).tolist()


@wrong(
    "the two factors",
    fails=["bottleneck-witness-even", "bottleneck-witness-odd"],
    kind="wrong-type",
)
def bottleneck_witness(d):
    return torch.randn(d, d // 2), torch.randn(d // 2, d)


@wrong(
    "cut from a matrix of 32",
    fails=["bottleneck-witness-even", "bottleneck-witness-odd"],
    unseen="only a d above 32 shows it",
)
def bottleneck_witness(d):
    return torch.eye(32)[:d, :d]


@right("a circulant shift")
def bottleneck_witness(d):
    return torch.eye(d).roll(1, dims=0)


@wrong(
    "d // 2 ones on the diagonal",
    fails=["bottleneck-witness-even", "bottleneck-witness-odd"],
    kind="low-rank",
)
def bottleneck_witness(d):
    return torch.diag((torch.arange(d) < d // 2).float())


@wrong(
    "a half-sized identity",
    fails=["bottleneck-witness-even", "bottleneck-witness-odd"],
    kind="wrong-shape",
)
def bottleneck_witness(d):
    return torch.eye(d // 2 + 1)


@wrong(
    "an outer product",
    fails=["bottleneck-witness-even", "bottleneck-witness-odd"],
    kind="low-rank",
)
def bottleneck_witness(d):
    t = torch.arange(1.0, d + 1)
    return torch.outer(t, t)


@wrong(
    "counted up row by row: rank 2",
    fails=["bottleneck-witness-even", "bottleneck-witness-odd"],
    kind="low-rank",
)
def bottleneck_witness(d):
    return torch.arange(float(d * d)).reshape(d, d)
