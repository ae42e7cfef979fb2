"""What is kept of a student's answers where a test failed: enough to know the mistake again.

Two functions that give the same answers to the calls that led to a failure made the same mistake,
or no test can tell the two apart. To compare them later, with the tolerance of a test, each answer
leaves an *outline*: what it is made of, its first numbers, and for large tensors two sums of all
entries, each with a weight of its own, which no two tensors share by chance.

Outlines hold answers to hidden calls, so they stay among the instructor's results.
"""

import functools
import math
from collections import deque
from typing import Any

import numpy as np
import torch
from torch import Tensor

MOST_ANSWERS = 6  # to the last calls before a failure
MOST_PARTS = 20  # of one answer
MOST_KEYS = 8
MOST_DEPTH = 6
FIRST = 12  # numbers of a tensor that are kept as they are
MOST_SUMMED = 100_000  # entries; of a larger tensor every so many
MOST_TEXT = 40  # characters
SUMS = 2
# what stands in a sum for what is no number
NAN, INF = 3.0, 5.0

# kind, numbers, sums, size: what the sums are to be compared with
Part = list[Any]


class Answers:
    """The last answers of a student's function to one part of a test."""

    def __init__(self) -> None:
        self._kept: deque[Any] = deque(maxlen=MOST_ANSWERS)
        self._count = 0

    def begin(self) -> None:
        """Note a call; until its answer comes, it counts as one without."""
        self._count += 1
        self._kept.append(None)

    def end(self, answer: Any) -> None:
        """Note the answer to the last call."""
        self._kept[-1] = (answer,)

    def outlines(self) -> list[list[Part]]:
        """An outline of each answer, from the last one on, then the number of all calls."""
        found = [outline(*kept) if kept else [["raised", [], [], 0.0]] for kept in self._kept]
        return [*reversed(found), [[f"{self._count} calls", [], [], 0.0]]]


def outline(answer: Any) -> list[Part]:
    """What is kept of an answer: its parts, one after another.

    Examples:
        >>> outline((2, torch.ones(3)))
        [['tuple 2', [], [], 0.0], ['int', [2.0], [], 2.0], ['float32 [3]', [1.0, 1.0, 1.0], [], \
1.7320508075688772]]
    """
    parts: list[Part] = []
    _add(answer, parts, 0)
    return parts


def _add(value: Any, parts: list[Part], depth: int) -> None:
    if len(parts) >= MOST_PARTS or depth > MOST_DEPTH:
        return
    match value:
        case Tensor():
            parts.append(_of_tensor(value.detach()))
        case np.ndarray():
            parts.append(_of_array(value))
        case dict():
            keys = ", ".join(map(_key, list(value)[:MOST_KEYS]))
            parts.append(_word(f"dict {len(value)} {keys}"))
            for item in list(value.values())[:MOST_PARTS]:
                _add(item, parts, depth + 1)
        case list() | tuple():
            parts.append(_word(f"{type(value).__name__} {len(value)}"))
            for item in value[:MOST_PARTS]:
                _add(item, parts, depth + 1)
        case bool() | int() | float():
            number = _number(value)
            parts.append([type(value).__name__, [number], [], abs(number)])
        case _:
            parts.append(_word(f"{type(value).__name__} {str(value)[:MOST_TEXT]}"))


def _word(kind: str) -> Part:
    return [kind, [], [], 0.0]


def _key(key: Any) -> str:
    return key[:MOST_TEXT] if isinstance(key, str) else type(key).__name__


def _number(value: float) -> float:
    try:
        return float(value)
    except OverflowError:  # of an int
        return math.inf if value > 0 else -math.inf


def _of_array(value: np.ndarray[Any, Any]) -> Part:
    try:
        part = _of_tensor(torch.as_tensor(value))
    except (TypeError, ValueError):  # such as texts
        return _word(f"array {value.dtype} {list(value.shape)}")
    return [f"array {part[0]}", *part[1:]]


def _of_tensor(value: Tensor) -> Part:
    kind = f"{str(value.dtype).removeprefix('torch.')} {list(value.shape)}"
    if value.is_complex():
        value = torch.view_as_real(value)
    flat = value.reshape(-1)
    numbers = flat[:FIRST].double().tolist()
    if flat.numel() <= FIRST:
        return [kind, numbers, [], _size(flat)]
    step = 1 + flat.numel() // MOST_SUMMED
    entries = torch.nan_to_num(flat[::step].double(), NAN, INF, -INF)
    sums: list[float] = (_weights(entries.numel()) @ entries).tolist()
    return [kind, numbers, sums, _size(entries)]


def _size(entries: Tensor) -> float:
    return float(torch.nan_to_num(entries.double(), NAN, INF, -INF).norm())


@functools.lru_cache(8)
def _weights(count: int) -> Tensor:
    """Rows of weights, the same in every process."""
    generator = torch.Generator().manual_seed(0)
    return torch.rand(SUMS, count, dtype=torch.float64, generator=generator) + 0.5
