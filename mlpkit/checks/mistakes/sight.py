"""What is in sight where an answer is judged: names of the test, and what was printed."""

import contextlib
import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any, TextIO

from torch import Tensor

CHECKS = __package__.rpartition(".")[0]  # whose frames are not the test's
MOST_DEPTH = 3  # of lists that are looked through for tensors


def sizes_in_sight() -> set[int]:
    """The sizes above 1 of the tensors that the test which asks has at hand.

    A factor that is one of them is likely that of a sum or a mean over as many.
    """
    return {size for tensor in tensors_in_sight() for size in tensor.shape} - {0, 1}


def tensors_in_sight() -> list[Tensor]:
    """The tensors that the test which asks has at hand, in lists too."""
    return [tensor for value in names_in_sight().values() for tensor in _tensors(value)]


def names_in_sight() -> dict[str, Any]:
    """The local names of the test that asks."""
    frame: FrameType | None = sys._getframe()
    while frame is not None and _is_ours(frame):
        frame = frame.f_back
    return dict(frame.f_locals) if frame is not None else {}


def _is_ours(frame: FrameType) -> bool:
    package = frame.f_globals.get("__package__") or ""
    return package == CHECKS or package.startswith(f"{CHECKS}.")


def _tensors(value: Any, depth: int = 0) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, list | tuple) and depth < MOST_DEPTH:
        for item in value:
            yield from _tensors(item, depth + 1)


class _Watched:
    """A stream that passes everything on and remembers whether anything was written."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.has_text = False

    def write(self, text: str) -> int:
        self.has_text = self.has_text or bool(text.strip())
        return self._stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextlib.contextmanager
def watched_prints() -> Iterator[None]:
    """Remember, while a test runs, whether anything is printed."""
    watched = _Watched(sys.stdout)
    with contextlib.redirect_stdout(watched):
        yield


def something_was_printed() -> bool:
    """Whether anything was printed since the test that runs began, as far as this can be told."""
    return isinstance(sys.stdout, _Watched) and sys.stdout.has_text
