"""Gets torchvision, and the files of Fashion-MNIST, in whatever state computer and network are.

pooch downloads into a temporary folder in the data folder and verifies each file; what it leaves
there is for the caller to move. Whether the server answers at all is asked first, because without
a network the question alone may otherwise take minutes.
"""

import contextlib
import logging
import queue
import sys
import tempfile
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from pooch import HTTPDownloader, Pooch
    from torchvision.datasets import FashionMNIST

ANSWER_SECONDS = 4.0  # for a server's first answer, looking up its name included
SILENCE_SECONDS = 5.0  # without a byte, after which a download counts as lost
HELP = "Set MLPKIT_DATA to a folder that holds FashionMNIST/raw/ with the four files."


class DataUnavailableError(RuntimeError):
    """A data set is neither on this computer nor to be had; the message says why, on one line."""


@contextlib.contextmanager
def downloaded(root: Path, names: list[str]) -> Iterator[Path]:
    """Give a temporary folder in ``root`` that holds these files of Fashion-MNIST, unpacked.

    Raises:
        DataUnavailableError: if there is no place for them, or no network.
    """
    with _temporary_folder(root) as temporary:
        try:
            _download(temporary, names)
        except (OSError, ValueError) as error:  # pooch refuses a wrong digest by a ValueError
            message = f"Fashion-MNIST could not be downloaded: {_reason(error)}."
            raise DataUnavailableError(f"{message} Try again with a network. {HELP}") from error
        yield temporary


def _download(folder: Path, names: list[str]) -> None:
    import pooch

    dataset = fashion_mnist_class()
    digests = {name: f"md5:{digest}" for name, digest in dataset.resources}
    archive = pooch.create(path=folder, base_url=dataset.mirrors[0], registry=digests)
    pooch.get_logger().setLevel(logging.WARNING)  # it would tell every step on standard error
    is_terminal = sys.stderr is not None and sys.stderr.isatty()
    downloader = pooch.HTTPDownloader(progressbar=is_terminal, timeout=SILENCE_SECONDS)
    _await_answer(archive, f"{names[0]}.gz", downloader)
    for name in names:
        archive.fetch(f"{name}.gz", pooch.Decompress(name=name), downloader)


def _await_answer(archive: "Pooch", name: str, downloader: "HTTPDownloader") -> None:
    """Raise unless the server answers in time.

    pooch hands its timeout to requests, which bounds neither the look-up of a name nor the sum
    over a host's addresses. So the question is asked in a thread that can be left behind.
    """
    answers: queue.SimpleQueue[Exception | None] = queue.SimpleQueue()

    def ask() -> None:
        try:
            archive.is_available(name, downloader)
            answers.put(None)  # also where the answer is a refusal: the file may still come
        except Exception as error:
            answers.put(error)

    threading.Thread(target=ask, daemon=True).start()
    try:
        error = answers.get(timeout=ANSWER_SECONDS)
    except queue.Empty:
        seconds = f"{ANSWER_SECONDS:.0f} seconds"
        raise TimeoutError(f"no answer from {archive.base_url} in {seconds}") from None
    if error is not None:
        raise error


def _reason(error: Exception) -> str:
    """Say why a download failed, on one line; what requests says of a connection is a paragraph."""
    import requests

    if isinstance(error, requests.RequestException) and not isinstance(error, requests.HTTPError):
        return f"no connection, or one that broke ({type(error).__name__})"
    return one_line(error)


def fashion_mnist_class() -> type["FashionMNIST"]:
    """Import torchvision's FashionMNIST, also where its compiled part does not load.

    With a CPU-only torch beside a CUDA build of torchvision the import stops at two operators on
    boxes that nothing here uses. Declaring them lets it pass.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the image decoder is missing then, and not needed
        try:
            from torchvision.datasets import FashionMNIST
        except (ImportError, RuntimeError) as error:
            _declare_operators(error)
            from torchvision.datasets import FashionMNIST
    return FashionMNIST


def _declare_operators(error: Exception) -> None:
    if "torchvision::" not in str(error):
        message = f"torchvision cannot be imported: {one_line(error)}."
        raise DataUnavailableError(message) from error
    for operator in ("nms", "qnms"):
        if not hasattr(torch.ops.torchvision, operator):
            schema = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
            torch.library.define(f"torchvision::{operator}", schema)


def one_line(error: Exception) -> str:
    """Return what the error says, on one line and without its full stop."""
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__


@contextlib.contextmanager
def _temporary_folder(root: Path) -> Iterator[Path]:
    try:
        root.mkdir(parents=True, exist_ok=True)
        temporary = tempfile.TemporaryDirectory(prefix=".download-", dir=root)
    except OSError as error:
        raise DataUnavailableError(
            f"Fashion-MNIST: cannot write to the data folder {root}: {one_line(error)}. "
            "Set MLPKIT_DATA to a folder that you can write to."
        ) from error
    with temporary:
        yield Path(temporary.name)
