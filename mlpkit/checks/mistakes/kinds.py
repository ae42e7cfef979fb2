"""The kinds of mistakes, and the words that several of them use."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "transposed",
    "negated",
    "factor",
    "summed",
    "averaged",
    "offset",
    "reversed",
    "square",
    "one-case",
    "off-by-one",
    "zero",
    "imprecise",
    "opposite",
    "out-of-range",
    "low-rank",
    "integer-dtype",
    "lower-precision",
    "other-dtype",
    "detached",
    "none-returned",
    "printed",
    "argument-changed",
    "generator-moved",
    "grad-mode-changed",
    "numpy",
    "wrong-type",
    "wrong-shape",
    "wrong-length",
    "wrong-keys",
    "not-finite",
    "other-variable",
    "undefined",
    "raised",
    "not-raised",
]
"""What sort of mistake an answer shows, in one word."""


MAKES_A_LAYER = (
    "a class of nn, such as nn.ReLU, makes a layer and computes nothing yet: take the function, "
    "such as torch.relu, or one of nn.functional"
)


@dataclass(frozen=True)
class Mistake:
    """A kind of mistake: a word for programs, a sentence for people (none if all is said)."""

    kind: Kind
    sentence: str = ""


def times(count: int) -> str:
    """A whole multiple, in words."""
    return "twice" if count == 2 else f"{count} times"


def part(count: int) -> str:
    """One part of several, in words."""
    return "half" if count == 2 else f"1/{count} of"
