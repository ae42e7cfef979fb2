"""One epoch of an MLP with one hidden layer, batch 256: ``fit`` against other loops.

What counts is CPU time on one core, which other work on the machine changes little; the loops take
turns in one process, and their ratios are taken within a round. The images are real ones,
repeated: the time does not depend on the pixels.

    python -m benchmarks.training [--rounds 7] [--examples 60000] [--units 64 256 1024 4096]
                                  [--json FILE]

Two loops say what could be gained at most. The hand-fused one trains the same network without
autograd, and updates weights in the products that give their gradients. The last one is no
training: the five matrix products of a step alone, on batches that lie ready.

The Trainer of d2l 1.0.3 takes part where it is installed. Its pins exclude current versions of
what it uses, so it goes in without them:

    pip install pandas && pip install --no-deps d2l==1.0.3
"""

import argparse
import contextlib
import importlib.util
import json
import resource
import statistics
import struct
import tempfile
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, Dataset

from mlpkit._download import fashion_mnist_class
from mlpkit.data import DataUnavailableError, digits, fashion_mnist
from mlpkit.training import fit

BATCH_SIZE, LR, UNITS = 256, 0.1, 256
GROWTH_EXAMPLES = 12_800  # wide networks take long
Loop = Callable[[Tensor, Tensor, int], object]


def images(num_examples: int) -> tuple[Tensor, Tensor]:
    """Repeat real images up to that many; small ones are padded to 28 × 28."""
    try:
        data = fashion_mnist(download=False)
    except DataUnavailableError:
        data = digits()
    X = nn.functional.pad(data.X_train, (0, 784 - data.X_train.shape[1]))
    index = torch.arange(num_examples) % len(X)
    return X[index], data.y_train[index]


def network(units: int) -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(784, units), nn.ReLU(), nn.Linear(units, 10))


def with_fit(X: Tensor, y: Tensor, units: int) -> None:
    fit(network(units), X, y, num_epochs=1, batch_size=BATCH_SIZE, lr=LR, progress=False)


def bare_loop(X: Tensor, y: Tensor, units: int) -> list[Tensor]:
    """What one writes by hand in PyTorch, with nothing measured; gives the parameters."""
    model = network(units)
    optimizer = torch.optim.SGD(model.parameters(), lr=LR)
    for index in torch.randperm(len(X)).split(BATCH_SIZE):
        loss = cross_entropy(model(X[index]), y[index])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return [parameter.detach() for parameter in model.parameters()]


@torch.no_grad()
def hand_fused_loop(X: Tensor, y: Tensor, units: int) -> list[Tensor]:
    """The same training by hand: no graph, and each weight updated by one product."""
    W1, b1, W2, b2 = network(units).parameters()
    targets = nn.functional.one_hot(y, 10).to(X.dtype)
    for index in torch.randperm(len(X)).split(BATCH_SIZE):
        inputs = X[index]
        H = torch.addmm(b1, inputs, W1.T).relu_()
        dZ = torch.addmm(b2, H, W2.T).softmax(1).sub_(targets[index]).mul_(LR / len(index))
        dH = (dZ @ W2).masked_fill_(H == 0, 0)
        W2.addmm_(dZ.T, H, alpha=-1)
        b2.sub_(dZ.sum(0))
        W1.addmm_(dH.T, inputs, alpha=-1)
        b1.sub_(dH.sum(0))
    return [W1, b1, W2, b2]


def matrix_products(X: Tensor, y: Tensor, units: int) -> None:
    """The products of a step: two forward, three backward, since inputs need no gradient."""
    W1, W2 = torch.randn(784, units), torch.randn(units, 10)
    batch = min(BATCH_SIZE, len(X))
    inputs, H, dZ = X[:batch], torch.randn(batch, units), torch.randn(batch, 10)
    for _ in range(0, len(X), BATCH_SIZE):
        for one, other in ((inputs, W1), (H, W2), (dZ, W2.T), (H.T, dZ), (inputs.T, H)):
            one @ other


class OneByOne(Dataset):
    """Examples handed out one at a time, as torchvision's data sets do."""

    def __init__(self, X: Tensor, y: Tensor) -> None:
        self.images = (X.view(-1, 28, 28) * 255).to(torch.uint8)
        self.labels = y

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, i: int) -> tuple[Tensor, int]:
        return self.images[i].to(torch.float32).div(255)[None], int(self.labels[i])


def per_example_loop(X: Tensor, y: Tensor, units: int) -> None:
    """The usual loader in this process: an index, a conversion and a stack for each example."""
    model = nn.Sequential(nn.Flatten(), network(units))
    optimizer = torch.optim.SGD(model.parameters(), lr=LR)
    for X_batch, y_batch in DataLoader(OneByOne(X, y), BATCH_SIZE, shuffle=True):
        loss = cross_entropy(model(X_batch), y_batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def write_idx(path: Path, values: Tensor) -> None:
    header = struct.pack(f">{1 + values.ndim}I", 0x0800 + values.ndim, *values.shape)
    path.write_bytes(header + values.to(torch.uint8).numpy().tobytes())


def d2l_trainer(X: Tensor, y: Tensor) -> Loop:
    """Prepare d2l's own data set, loader with its four processes, model and Trainer.

    To its advantage it neither draws its figure nor validates.
    """
    fashion_mnist_class()  # makes torchvision importable, which d2l asks for
    from d2l import torch as d2l

    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        raw = Path(folder, "FashionMNIST", "raw")
        raw.mkdir(parents=True)
        for part in ("train", "t10k"):
            write_idx(raw / f"{part}-images-idx3-ubyte", (X * 255).view(-1, 28, 28))
            write_idx(raw / f"{part}-labels-idx1-ubyte", y)
        Path("below").mkdir()
        with contextlib.chdir("below"):  # it reads ../data
            Path(folder, "data").symlink_to(folder)
            data = d2l.FashionMNIST(batch_size=BATCH_SIZE)
    data.val_dataloader = lambda: None

    def train(X: Tensor, y: Tensor, units: int) -> None:
        model = d2l.Classifier()
        model.net, model.lr = nn.Sequential(nn.Flatten(), network(units)), LR
        model.board.display = False
        d2l.Trainer(max_epochs=1).fit(model, data)

    return train


def loops(X: Tensor, y: Tensor) -> dict[str, Loop]:
    """Return the loops that train an epoch."""
    found: dict[str, Loop] = {**LOOPS, "per-example loader": per_example_loop}
    if importlib.util.find_spec("d2l"):
        found["d2l 1.0.3 Trainer"] = d2l_trainer(X, y)
    return found


LOOPS: dict[str, Loop] = {
    "fit": with_fit,
    "bare loop": bare_loop,
    "hand-fused loop": hand_fused_loop,
    "matrix products alone": matrix_products,
}
Seconds = dict[str, list[float]]


def measure(
    found: dict[str, Loop], X: Tensor, y: Tensor, units: int = UNITS, rounds: int = 7
) -> Seconds:
    """Return the CPU seconds of each loop in each round; who comes first turns."""
    for warm_up in found.values():
        warm_up(X[: 4 * BATCH_SIZE], y[: 4 * BATCH_SIZE], units)  # imports, first allocations
    order = list(found.items())
    seconds: Seconds = {name: [] for name, _ in order}
    for _ in range(rounds):
        for name, loop in order:
            start = cpu_seconds()
            loop(X, y, units)
            seconds[name].append(cpu_seconds() - start)
        order.append(order.pop(0))
    return seconds


def cpu_seconds() -> float:
    """The CPU time of this process and of those it has waited for."""
    used = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def show(seconds: Seconds, base: str = "bare loop") -> None:
    """Print a line for each loop: seconds, and how many times those of the bare loop."""
    for name, values in seconds.items():
        ratios = sorted(a / b for a, b in zip(values, seconds[base], strict=True))
        print(
            f"  {name:22} {statistics.median(values):7.2f} s ({min(values):.2f}-{max(values):.2f})"
            f"  {statistics.median(ratios):5.2f} x ({ratios[0]:.2f}-{ratios[-1]:.2f})",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--examples", type=int, default=60_000)
    parser.add_argument("--units", type=int, nargs="*", default=[64, 256, 1024, 4096])
    parser.add_argument("--json", type=Path, help="a file for what was measured")
    options = parser.parse_args()
    torch.set_num_threads(1)
    X, y = images(options.examples)
    print(f"{len(X)} examples, {UNITS} units, beside the bare loop")
    seconds = measure(loops(X, y), X, y, rounds=options.rounds)
    show(seconds)
    growth = []
    few = slice(min(len(X), GROWTH_EXAMPLES))
    for units in options.units:
        print(f"{few.stop} examples, {units} units")
        found = measure(LOOPS, X[few], y[few], units, max(3, options.rounds // 2))
        show(found)
        growth.append({"units": units, "seconds": found})
    if options.json:
        data = {"examples": len(X), "units": UNITS, "seconds": seconds}
        growing = {"growth_examples": few.stop, "growth": growth}
        options.json.write_text(json.dumps(data | growing), encoding="utf-8")


if __name__ == "__main__":
    main()
