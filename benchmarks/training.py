"""One epoch of 784-256-10 at 60,000 examples, batch 256: ``fit`` against other loops.

The loops take turns in one process, so that a busy machine slows all alike; what counts is the
ratio within a round. The images are real ones, repeated: the time does not depend on the pixels.

    python -m benchmarks.training [--rounds 7]

The Trainer of d2l 1.0.3 takes part where it is installed. Its pins exclude current versions of
what it uses, so it goes in without them:

    pip install pandas && pip install --no-deps d2l==1.0.3
"""

import argparse
import contextlib
import importlib.util
import json
import statistics
import struct
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, Dataset

from mlpkit._download import fashion_mnist_class
from mlpkit.data import DataUnavailableError, digits, fashion_mnist
from mlpkit.training import fit

NUM_EXAMPLES, BATCH_SIZE, LR = 60_000, 256, 0.1


def images() -> tuple[Tensor, Tensor]:
    """Repeat real images up to the size of Fashion-MNIST; small ones are padded to 28 × 28."""
    try:
        data = fashion_mnist(download=False)
    except DataUnavailableError:
        data = digits()
    X = nn.functional.pad(data.X_train, (0, 784 - data.X_train.shape[1]))
    index = torch.arange(NUM_EXAMPLES) % len(X)
    return X[index], data.y_train[index]


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10))


def with_fit(X: Tensor, y: Tensor) -> None:
    fit(network(), X, y, num_epochs=1, batch_size=BATCH_SIZE, lr=LR, progress=False)


def bare_loop(X: Tensor, y: Tensor) -> None:
    """What one writes by hand in PyTorch, with nothing measured."""
    model = network()
    optimizer = torch.optim.SGD(model.parameters(), lr=LR)
    for index in torch.randperm(len(X)).split(BATCH_SIZE):
        loss = cross_entropy(model(X[index]), y[index])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


class OneByOne(Dataset):
    """Examples handed out one at a time, as torchvision's data sets do."""

    def __init__(self, X: Tensor, y: Tensor) -> None:
        self.images = (X.view(-1, 28, 28) * 255).to(torch.uint8)
        self.labels = y

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, i: int) -> tuple[Tensor, int]:
        return self.images[i].to(torch.float32).div(255)[None], int(self.labels[i])


def per_example_loop(X: Tensor, y: Tensor) -> None:
    """The usual loader in this process: an index, a conversion and a stack for each example."""
    model = nn.Sequential(nn.Flatten(), network())
    optimizer = torch.optim.SGD(model.parameters(), lr=LR)
    for X_batch, y_batch in DataLoader(OneByOne(X, y), BATCH_SIZE, shuffle=True):
        loss = cross_entropy(model(X_batch), y_batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def write_idx(path: Path, values: Tensor) -> None:
    header = struct.pack(f">{1 + values.ndim}I", 0x0800 + values.ndim, *values.shape)
    path.write_bytes(header + values.to(torch.uint8).numpy().tobytes())


def d2l_trainer(X: Tensor, y: Tensor) -> Callable[[], None]:
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

    def train() -> None:
        model = d2l.Classifier()
        model.net, model.lr = nn.Sequential(nn.Flatten(), network()), LR
        model.board.display = False
        d2l.Trainer(max_epochs=1).fit(model, data)

    return train


def loops(X: Tensor, y: Tensor) -> dict[str, Callable[[], None]]:
    """Return the loops, each ready to train an epoch."""
    found = {
        "fit": lambda: with_fit(X, y),
        "bare loop": lambda: bare_loop(X, y),
        "per-example loader": lambda: per_example_loop(X, y),
    }
    if importlib.util.find_spec("d2l"):
        found["d2l 1.0.3 Trainer"] = d2l_trainer(X, y)
    return found


def measure(rounds: int) -> dict[str, list[float]]:
    """Return the seconds of each loop in each round; who comes first turns from round to round."""
    X, y = images()
    for warm_up in loops(X[: 4 * BATCH_SIZE], y[: 4 * BATCH_SIZE]).values():
        warm_up()  # lazy imports and first allocations
    order = list(loops(X, y).items())
    seconds: dict[str, list[float]] = {name: [] for name, _ in order}
    for _ in range(rounds):
        for name, loop in order:
            start = time.perf_counter()
            loop()
            seconds[name].append(time.perf_counter() - start)
        order.append(order.pop(0))
    return seconds


def ratios(above: list[float], below: list[float]) -> list[float]:
    return sorted(a / b for a, b in zip(above, below, strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", action="store_true", help="print the seconds as JSON")
    arguments = parser.parse_args()
    seconds = measure(arguments.rounds)
    if arguments.json:
        print(json.dumps(seconds))
        return
    for name, values in seconds.items():
        print(f"{name:20} {statistics.median(values):7.2f} s ({min(values):.2f}-{max(values):.2f})")
    others = [name for name in seconds if name not in ("fit", "bare loop")]
    for above, below in [("fit", "bare loop"), *((name, "fit") for name in others)]:
        values = ratios(seconds[above], seconds[below])
        median = statistics.median(values)
        print(f"{above} / {below}: {median:.2f} ({values[0]:.2f}-{values[-1]:.2f})")


if __name__ == "__main__":
    main()
