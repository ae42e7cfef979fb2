"""Gets torchvision, and by it Fashion-MNIST, in whatever state the computer and its network are.

A download goes into a temporary folder in the data folder; what it leaves there is for the caller
to check and to move. It asks first whether the server answers, because without a network the
question alone may otherwise take minutes.
"""

import contextlib
import http.client
import io
import socket
import sys
import tempfile
import threading
import urllib.error
import urllib.request
import warnings
from collections.abc import Iterator
from pathlib import Path

import torch

ANSWER_SECONDS = 4.0  # for a server's first answer, looking up its name included
SILENCE_SECONDS = 5.0  # without a byte, after which a download counts as lost
HELP = "Set MLPKIT_DATA to a folder that holds FashionMNIST/raw/ with the four files."


class DataUnavailable(RuntimeError):  # noqa: N818 (a state of the world, not a mistake)
    """A data set is neither on this computer nor to be had; the message says why, on one line."""


@contextlib.contextmanager
def downloaded(root: Path) -> Iterator[Path]:
    """Give a temporary folder in ``root`` into which Fashion-MNIST was downloaded and unpacked.

    Raises:
        DataUnavailable: if there is no place for it, or no network.
    """
    with _temporary_folder(root) as temporary:
        dataset = fashion_mnist_class()
        try:
            _await_answer(dataset.mirrors[0] + dataset.resources[-1][0])
            with _socket_timeout(SILENCE_SECONDS), _progress_on_a_terminal_only():
                dataset(str(temporary), download=True)
        except (OSError, RuntimeError, http.client.HTTPException) as error:
            message = f"Fashion-MNIST could not be downloaded: {one_line(error)}."
            raise DataUnavailable(f"{message} Try again with a network. {HELP}") from error
        yield temporary


def fashion_mnist_class() -> type:
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
        raise DataUnavailable(f"torchvision cannot be imported: {one_line(error)}.") from error
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
        raise DataUnavailable(
            f"Fashion-MNIST: cannot write to the data folder {root}: {one_line(error)}. "
            "Set MLPKIT_DATA to a folder that you can write to."
        ) from error
    with temporary:
        yield Path(temporary.name)


def _await_answer(url: str) -> None:
    """Raise unless the server answers in time.

    A socket's timeout bounds neither the look-up of a name nor the sum over a host's addresses,
    so the question is asked in a thread that can be left behind.
    """
    outcome: list[Exception | None] = []

    def ask() -> None:
        request = urllib.request.Request(url, method="HEAD")
        try:
            urllib.request.urlopen(request, timeout=ANSWER_SECONDS).close()
            outcome.append(None)
        except urllib.error.HTTPError as refusal:
            refusal.close()
            outcome.append(None)  # an answer: it may still give the file
        except Exception as error:
            outcome.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(ANSWER_SECONDS)
    if not outcome:
        raise TimeoutError(f"no answer from {url} in {ANSWER_SECONDS:.0f} seconds")
    if outcome[0] is not None:
        raise outcome[0]


@contextlib.contextmanager
def _socket_timeout(seconds: float) -> Iterator[None]:
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def _progress_on_a_terminal_only() -> contextlib.AbstractContextManager:
    """Keep torchvision's progress bars out of logs and pipes."""
    if sys.stderr is not None and sys.stderr.isatty():
        return contextlib.nullcontext()
    return contextlib.redirect_stderr(io.StringIO())
