"""Fashion-MNIST on this computer: where it lies, and whether it is whole.

The four files are looked for in the data folder, in torchvision's layout; then a level higher or
lower, packed, and under the name that unpacking may give them, for who fetched them by hand. Each
must be a well-formed IDX file, and one of the published size must also have the published content,
because MNIST uses the same names and sizes. Missing files are downloaded, checked, and only then
moved to their place, each in one step: what lies under the final name is always whole.
"""

import gzip
import hashlib
import math
import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from mlpkit._download import HELP, DataUnavailableError, downloaded, fashion_mnist_class, one_line


class Published(NamedTuple):
    """Size in bytes and md5 digest of one unpacked file of the published data set."""

    size: int
    md5: str


PUBLISHED = {
    "train-images-idx3-ubyte": Published(47_040_016, "f4a8712d7a061bf5bd6d2ca38dc4d50a"),
    "train-labels-idx1-ubyte": Published(60_008, "9018921c3c673c538a1fc5bad174d6f9"),
    "t10k-images-idx3-ubyte": Published(7_840_016, "8181f5470baa50b63fa0f6fddb340f0a"),
    "t10k-labels-idx1-ubyte": Published(10_008, "15d484375f8d13e6eb1aabb0c3f46965"),
}
FOLDER = Path("FashionMNIST") / "raw"  # as torchvision has it
MOST_BYTES = 200 << 20  # of an unpacked file
IMAGE_SHAPE = (28, 28)
NUM_CLASSES = 10
HEADER_BYTES = 4  # for each number at the head of an IDX file


def data_root(root: str | os.PathLike[str] | None = None) -> Path:
    """Choose the data folder: ``root``, else ``MLPKIT_DATA``, else the user's cache."""
    chosen = root or os.environ.get("MLPKIT_DATA")
    if chosen:
        return Path(chosen).expanduser()
    import pooch

    return pooch.os_cache("mlpkit")


def load(
    root: str | os.PathLike[str] | None = None, *, download: bool = True
) -> tuple[Tensor, Tensor, Tensor, Tensor, tuple[str, ...]]:
    """Return uint8 images and int64 labels to train, the same to test, and the class names.

    Raises:
        DataUnavailableError: if a file is missing and cannot be had, or is not what it should be.
    """
    root = data_root(root)
    folder = root / FOLDER
    try:
        files = found(root)
        missing = [name for name in PUBLISHED if name not in files]
        if missing and not download:
            message = f"Fashion-MNIST: {folder} has no {', '.join(missing)}. {HELP}"
            raise DataUnavailableError(message)
        if missing:
            _complete(root, folder, files, missing)
            files = found(root)
        classes = tuple(fashion_mnist_class().classes)  # first: torchvision may need its help
        X_train, y_train = _read(files, "train")
        X_test, y_test = _read(files, "t10k")
        return X_train, y_train, X_test, y_test, classes
    except OSError as error:
        message = f"Fashion-MNIST: cannot read {folder}: {one_line(error)}"
        raise DataUnavailableError(message) from error


def found(root: Path) -> dict[str, Path]:
    """Return where the files lie in a data folder, by their published names, as far as they do."""
    files = {}
    for name in PUBLISHED:
        path = next((path for path in _candidates(root, name) if path.exists()), None)
        if path is not None:
            files[name] = path
    return files


def _candidates(root: Path, name: str) -> Iterator[Path]:
    """Go through the places where a file may lie, the right one first."""
    dotted = name.replace("-idx", ".idx")  # what some programs unpack
    for folder in (root / FOLDER, root / "FashionMNIST", root / "raw", root):
        for called in (name, dotted, f"{name}.gz", f"{dotted}.gz"):
            yield folder / called


def is_standard(num_train: int, num_test: int) -> bool:
    """Say whether the numbers of images are those of the published split."""
    return (num_train, num_test) == (60_000, 10_000)


def content_of(path: Path, name: str) -> tuple[int, bytes]:
    """Return the number of examples in an IDX file and its bytes, or say what is wrong with it.

    Args:
        path: where it lies.
        name: which of the published files it is to be.
    """
    shape = _shape(name)
    content = _unpacked(path)
    count = _count(path, content, shape)
    expected = _header_bytes(shape) + count * math.prod(shape)
    if len(content) != expected or count == 0:
        belong = f"has {len(content):,} bytes, but {expected:,} belong to its {count:,} examples"
        raise _refusal(path, belong)
    if len(content) == PUBLISHED[name].size and not _is_published(content, name):
        other = "has the size of Fashion-MNIST's file but another content"
        raise _refusal(path, f"{other} (MNIST has the same file names)")
    return count, content


def _shape(name: str) -> tuple[int, ...]:
    """Return the shape of one example of a file."""
    return IMAGE_SHAPE if "images" in name else ()


def _header_bytes(shape: tuple[int, ...]) -> int:
    return HEADER_BYTES * (2 + len(shape))


def _unpacked(path: Path) -> bytes:
    if path.suffix != ".gz":
        return path.read_bytes()
    try:
        with gzip.open(path) as file:
            return file.read(MOST_BYTES)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise _refusal(path, f"cannot be unpacked: {one_line(error)}") from error


def _count(path: Path, content: bytes, shape: tuple[int, ...]) -> int:
    """Read the header: what kind of numbers along how many axes, then the length of each axis."""
    num_axes = 1 + len(shape)
    header = content[: _header_bytes(shape)]
    if len(header) < _header_bytes(shape):
        raise _refusal(path, f"is cut off after {len(header)} bytes")
    kind, count, *axes = struct.unpack(f">{1 + num_axes}I", header)  # big-endian
    if (kind, *axes) != (0x0800 + num_axes, *shape):  # 0x08 means unsigned bytes
        what = f"images of {shape[0]} × {shape[1]} pixels" if shape else "labels"
        raise _refusal(path, f"is not an IDX file of {what}")
    return count


def _is_published(content: bytes, name: str) -> bool:
    # a checksum, not a signature: allowed where md5 is otherwise switched off
    return hashlib.md5(content, usedforsecurity=False).hexdigest() == PUBLISHED[name].md5


def _refusal(path: Path, what: str) -> DataUnavailableError:
    remedy = "Move it away to download it anew, or set MLPKIT_DATA to another folder."
    return DataUnavailableError(f"{path} {what}. {remedy}")


def _read(files: dict[str, Path], part: str) -> tuple[Tensor, Tensor]:
    """Check and read the images and labels of one part, "train" or "t10k"."""
    images_name = f"{part}-images-idx3-ubyte"
    labels_name = f"{part}-labels-idx1-ubyte"
    num_images, images = content_of(files[images_name], images_name)
    num_labels, labels = content_of(files[labels_name], labels_name)
    labels_path = files[labels_name]
    if num_images != num_labels:
        raise _refusal(labels_path, f"holds {num_labels:,} labels for {num_images:,} images")
    y = _examples(labels, ()).long()
    if y.max() >= NUM_CLASSES:
        raise _refusal(labels_path, f"has labels above {NUM_CLASSES - 1}")
    return _examples(images, IMAGE_SHAPE), y


def _examples(content: bytes, shape: tuple[int, ...]) -> Tensor:
    """Read the numbers behind the header of an IDX file: ``(N, *shape)``, uint8."""
    numbers = torch.frombuffer(bytearray(content), dtype=torch.uint8, offset=_header_bytes(shape))
    return numbers.reshape(-1, *shape)


def _complete(root: Path, folder: Path, files: dict[str, Path], missing: list[str]) -> None:
    """Put the missing files into the folder, whole and verified."""
    for name, path in files.items():
        # other images than the published ones may be among those that would be added
        if not _is_published(_unpacked(path), name):
            raise _refusal(path, f"is not the published file, and {missing[0]} is missing")
    with downloaded(root, missing) as temporary:
        folder.mkdir(parents=True, exist_ok=True)
        for name in missing:
            os.replace(temporary / name, folder / name)
