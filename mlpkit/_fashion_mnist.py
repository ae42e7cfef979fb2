"""Fashion-MNIST on this computer: where it lies, and whether it is whole.

The four files are looked for in the data folder, in torchvision's layout. Each must be a
well-formed IDX file, and one of the published size must also have the published content, because
MNIST uses the same names and sizes. Missing files are downloaded, checked, and only then moved to
their place, each in one step: what lies under the final name is always whole.
"""

import hashlib
import math
import os
import struct
from pathlib import Path
from typing import NamedTuple

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
    folder = root / "FashionMNIST" / "raw"
    try:
        missing = [name for name in PUBLISHED if not (folder / name).exists()]
        if missing and not download:
            message = f"Fashion-MNIST: {folder} has no {', '.join(missing)}. {HELP}"
            raise DataUnavailableError(message)
        if missing:
            _complete(root, folder, missing)
        classes = tuple(fashion_mnist_class().classes)  # first: torchvision may need its help
        X_train, y_train = _read(folder, "train")
        X_test, y_test = _read(folder, "t10k")
        return X_train, y_train, X_test, y_test, classes
    except OSError as error:
        message = f"Fashion-MNIST: cannot read {folder}: {one_line(error)}"
        raise DataUnavailableError(message) from error


def is_standard(num_train: int, num_test: int) -> bool:
    """Say whether the numbers of images are those of the published split."""
    return (num_train, num_test) == (60_000, 10_000)


def check_file(path: Path) -> int:
    """Return the number of examples in an IDX file, or say what is wrong with it."""
    shape = IMAGE_SHAPE if "images" in path.name else ()
    count = _count(path, shape)
    size = path.stat().st_size
    expected = HEADER_BYTES * (2 + len(shape)) + count * math.prod(shape)
    if size != expected or count == 0:
        belong = f"has {size:,} bytes, but {expected:,} belong to its {count:,} examples"
        raise _refusal(path, belong)
    if size == PUBLISHED[path.name].size and not _is_published(path):
        other = "has the size of Fashion-MNIST's file but another content"
        raise _refusal(path, f"{other} (MNIST has the same file names)")
    return count


def _count(path: Path, shape: tuple[int, ...]) -> int:
    """Read the header: what kind of numbers along how many axes, then the length of each axis."""
    num_axes = 1 + len(shape)
    length = HEADER_BYTES * (1 + num_axes)
    with path.open("rb") as file:
        header = file.read(length)
    if len(header) < length:
        raise _refusal(path, f"is cut off after {len(header)} bytes")
    kind, count, *axes = struct.unpack(f">{1 + num_axes}I", header)  # big-endian
    if (kind, *axes) != (0x0800 + num_axes, *shape):  # 0x08 means unsigned bytes
        what = f"images of {shape[0]} × {shape[1]} pixels" if shape else "labels"
        raise _refusal(path, f"is not an IDX file of {what}")
    return count


def _is_published(path: Path) -> bool:
    with path.open("rb") as file:
        # a checksum, not a signature: allowed where md5 is otherwise switched off
        digest = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False))
    return digest.hexdigest() == PUBLISHED[path.name].md5


def _refusal(path: Path, what: str) -> DataUnavailableError:
    remedy = "Move it away to download it anew, or set MLPKIT_DATA to another folder."
    return DataUnavailableError(f"{path} {what}. {remedy}")


def _read(folder: Path, part: str) -> tuple[Tensor, Tensor]:
    """Check and read the images and labels of one part, "train" or "t10k"."""
    images_path = folder / f"{part}-images-idx3-ubyte"
    labels_path = folder / f"{part}-labels-idx1-ubyte"
    num_images = check_file(images_path)
    num_labels = check_file(labels_path)
    if num_images != num_labels:
        raise _refusal(labels_path, f"holds {num_labels:,} labels for {num_images:,} images")
    from torchvision.datasets.mnist import read_image_file, read_label_file

    images = read_image_file(str(images_path))
    labels = read_label_file(str(labels_path))
    if labels.max() >= NUM_CLASSES:
        raise _refusal(labels_path, f"has labels above {NUM_CLASSES - 1}")
    return images, labels


def _complete(root: Path, folder: Path, missing: list[str]) -> None:
    """Put the missing files into the folder, whole and verified."""
    for name in PUBLISHED:
        # other images than the published ones may be among those that would be added
        if name not in missing and not _is_published(folder / name):
            raise _refusal(folder / name, f"is not the published file, and {missing[0]} is missing")
    with downloaded(root, missing) as temporary:
        folder.mkdir(parents=True, exist_ok=True)
        for name in missing:
            os.replace(temporary / name, folder / name)
