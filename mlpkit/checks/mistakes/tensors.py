"""Tensors, floats and lists of numbers that are wrong: what explains each entry to rounding."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from .kinds import Mistake, part, times
from .sight import names_in_sight, sizes_in_sight
from .whole_numbers import is_whole

# factors that tell by themselves what went wrong
CONSTANTS = {
    100.0: "100 times what was expected: in percent?",
    8.0: "8 times what was expected: in bits?",
    1 / math.log(2): "what was expected, divided by ln 2: with a logarithm of base 2?",
    1 / math.log(10): "what was expected, divided by ln 10: with a logarithm of base 10?",
}
PRECISE = 1e-7  # the relative error that a kind leaves unexplained, in float64
COARSE = 1e-5  # and in float32
CLOSE = 1e-2  # the relative error of a number that is right in part
CLOSER = 1e-4  # the same of one that many come to by chance
SMALL = 1e-3  # what is smaller than the largest number by this factor proves nothing


@dataclass(frozen=True)
class _Pair:
    """An answer and what was expected, of one shape, in float64 and finite."""

    got: Tensor
    wanted: Tensor
    precision: float
    is_list: bool

    def is_explained_by(self, value: Tensor) -> bool:
        """Whether the answer is this, up to rounding."""
        return are_equal(self.got, value, self.precision)

    def magnitudes(self) -> list[float]:
        """The sizes of the expected numbers, each once; not those that are as good as 0."""
        sizes = {float(f"{size:.7g}") for size in self.wanted.abs().flatten().tolist()}
        return sorted(size for size in sizes if size > SMALL * max(sizes))

    def has_rich_number(self) -> bool:
        """Whether an expected number is such that nobody comes to it, or its half, by chance."""
        return not all(map(_is_simple, self.magnitudes()))

    def rules_out_chance(self) -> bool:
        """Whether nobody gets a multiple of these numbers by chance."""
        return len(self.magnitudes()) >= 2 or self.has_rich_number()


def _is_simple(size: float) -> bool:
    """Whether a number has two digits at most, or is a fraction with such a numerator."""
    return any(math.isclose(float(f"{size * k:.2g}"), size * k, rel_tol=1e-5) for k in (1, 3, 7))


def are_equal(a: Tensor, b: Tensor, precision: float) -> bool:
    """Whether numbers are equal up to a part of the largest."""
    atol = precision * float(b.abs().max())
    return bool(torch.isclose(a, b, rtol=precision, atol=atol).all())


def _pair(got: Any, wanted: Any) -> _Pair | None:
    """Both as tensors of float64; None if they are no numbers, or not finite."""
    if isinstance(wanted, str | bool | dict) or got is None:
        return None
    try:
        a, b = (torch.as_tensor(value, dtype=torch.float64).detach() for value in (got, wanted))
    except (TypeError, ValueError, RuntimeError, OverflowError):  # such as lists of texts
        return None
    if a.shape != b.shape or b.numel() == 0 or not (a.isfinite().all() and b.isfinite().all()):
        return None
    precision = COARSE if _is_single(a) else PRECISE
    return _Pair(a, b, precision, is_list=isinstance(wanted, list | tuple))


def _is_single(value: Tensor) -> bool:
    """Whether numbers are such that float32 holds them: perhaps it has rounded them."""
    return torch.equal(value, value.float().double())


def _negated(pair: _Pair) -> Mistake | None:
    if not pair.rules_out_chance() and _has_one_digit(pair.magnitudes()):
        return None
    if _is_antisymmetric(pair.wanted):
        return None
    if pair.is_explained_by(-pair.wanted):
        return Mistake("negated", f"{_each(pair)} has the wrong sign.")
    has_flipped = bool((pair.got * pair.wanted < 0).any())
    if has_flipped and pair.is_explained_by(pair.wanted.abs().copysign(pair.got)):
        return Mistake("negated", "Where it is wrong, the sign alone is.")
    return None


def _has_one_digit(magnitudes: list[float]) -> bool:
    return all(math.isclose(float(f"{size:.1g}"), size, rel_tol=1e-6) for size in magnitudes)


def _scaled(pair: _Pair) -> Mistake | None:
    """Every number is the same multiple of the expected one, and one that says why."""
    norm = float(pair.wanted.square().sum())
    factor = float((pair.got * pair.wanted).sum()) / norm if norm else 0.0
    if not factor or not pair.is_explained_by(factor * pair.wanted):
        return None
    for constant, why in CONSTANTS.items():
        if _is_factor(factor, constant) and not _has_one_digit(pair.magnitudes()):
            return Mistake("factor", f"{_each(pair)} is {why}")
    return _scaled_by_count(pair, factor)


def _scaled_by_count(pair: _Pair, factor: float) -> Mistake | None:
    """The factor is a small number, or the size of something in the test."""
    sizes = sizes_in_sight()
    for count in sorted({2, 4, *sizes}):
        if _is_factor(factor, count) and _is_telling(pair, count, sizes):
            return _summed(f"{_each(pair)} is {times(count)} what was expected", count, sizes)
        if _is_factor(factor, 1 / count) and _is_telling(pair, count, sizes):
            return _averaged(f"{_each(pair)} is {part(count)} what was expected", count, sizes)
    return None


def _is_factor(factor: float, exact: float) -> bool:
    return math.isclose(factor, exact, rel_tol=COARSE)


def _is_telling(pair: _Pair, count: int, sizes: set[int]) -> bool:
    """Whether a factor is no matter of chance: too many a number is twice another one."""
    if len(pair.magnitudes()) > 1:
        return True
    if count not in sizes or _has_one_digit(pair.magnitudes()):
        return False
    return count > 2 or pair.has_rich_number()


def _summed(text: str, count: int, sizes: set[int]) -> Mistake:
    if count not in sizes:
        return Mistake("factor", f"{text}.")
    if count == 2:
        return Mistake("factor", f"{text}: a factor 2 too many, or a sum over 2 for their mean?")
    return Mistake("summed", f"{text}: a sum over {count}, where their mean is asked for?")


def _averaged(text: str, count: int, sizes: set[int]) -> Mistake:
    if count not in sizes:
        return Mistake("factor", f"{text}.")
    if count == 2:
        return Mistake("factor", f"{text}: a factor 2 lost, or a mean over 2 for their sum?")
    return Mistake("averaged", f"{text}: a mean over {count}, where their sum is asked for?")


def _each(pair: _Pair) -> str:
    return "Each number" if pair.wanted.numel() > 1 else "It"


def _shifted(pair: _Pair) -> Mistake | None:
    if len(set(pair.wanted.flatten().tolist())) < (2 if pair.has_rich_number() else 3):
        return None
    shift = float((pair.got - pair.wanted).mean())
    spread = float(pair.wanted.max() - pair.wanted.min())
    if not pair.precision < abs(shift) / spread < 1 / SMALL:
        return None
    if not pair.is_explained_by(pair.wanted + shift):
        return None
    return Mistake(
        "offset", f"Each number is {abs(shift):.6g} too {'large' if shift > 0 else 'small'}."
    )


def _transposed(pair: _Pair) -> Mistake | None:
    wanted = pair.wanted
    if wanted.ndim != 2 or wanted.shape != wanted.T.shape or not pair.is_explained_by(wanted.T):
        return None
    flipped = (wanted.flip(0), wanted.flip(1), wanted.flip(0, 1))
    if _is_antisymmetric(wanted) or any(map(pair.is_explained_by, flipped)):
        return None
    return Mistake("transposed", "Its transpose would be right.")


def _is_antisymmetric(matrix: Tensor) -> bool:
    """Whether the transpose of a matrix is its negative, so that nobody can tell the two apart."""
    return matrix.ndim == 2 and torch.equal(matrix.T, -matrix)


def _reversed(pair: _Pair) -> Mistake | None:
    """A list in reverse order; entries of a tensor may come of a function that mirrors."""
    if not pair.is_list or len(pair.magnitudes()) < 3:
        return None
    if pair.is_explained_by(pair.wanted.flip(0)):
        return Mistake("reversed", "In reverse order it would be right.")
    return None


def _rounded(pair: _Pair) -> Mistake | None:
    if not _is_single(pair.got) or _is_single(pair.wanted):
        return None
    if not pair.has_rich_number() or not are_equal(pair.got, pair.wanted, COARSE):
        return None
    text = "Right to seven digits, as in float32: is a step of it computed in float32?"
    return Mistake("lower-precision", text)


def _squared(pair: _Pair) -> Mistake | None:
    if len(pair.magnitudes()) < 2 or not pair.has_rich_number():
        return None
    if pair.is_explained_by(pair.wanted.square()):
        return Mistake("square", f"{_each(pair)} is the square of what was expected.")
    if pair.wanted.min() >= 0 and pair.is_explained_by(pair.wanted.sqrt()):
        return Mistake("square", f"{_each(pair)} is the square root of what was expected.")
    return None


def _one_case(pair: _Pair) -> Mistake | None:
    """Wrong on one side of 0 alone, or at it: of what is called x in the test that asks."""
    x = names_in_sight().get("x")
    if not isinstance(x, Tensor) or x.shape != pair.wanted.shape:
        return None
    is_right = torch.isclose(pair.got, pair.wanted, rtol=1e-6, atol=1e-9)  # as by default
    if is_right.all() or is_right.sum() < 2:  # one may be right by chance
        return None
    for case, holds in CASES.items():
        if torch.equal(holds(x), ~is_right):
            return Mistake("one-case", f"Right, except where x is {case}.")
    return None


def _zero(pair: _Pair) -> Mistake | None:
    """Nothing came, where something is due."""
    if pair.got.any() or not pair.wanted.any():
        return None
    text = f"{_each(pair)} is 0: left out, multiplied by 0, canceled, or rounded away?"
    return Mistake("zero", text)


def _imprecise(pair: _Pair) -> Mistake | None:
    """Close, and not close enough: not by chance, if the number is a rich one."""
    error = float((pair.got - pair.wanted).abs().max())
    size = float(pair.wanted.abs().max())
    if not size:
        text = "0 is due, and what is left is small: an approximation, or rounding?"
        return Mistake("imprecise", text) if error < CLOSE else None
    if error > (CLOSE if pair.has_rich_number() else CLOSER) * size:
        return None
    digits = math.floor(-math.log10(error / size)) if error else 16
    is_lost = (pair.got - pair.wanted).abs() > CLOSE * pair.wanted.abs()
    what = f"It is right to some {digits} digits"
    if is_lost.any():
        what = "The large numbers are right, small ones are lost"
    question = "an approximation, or a difference of numbers that are nearly equal?"
    return Mistake("imprecise", f"{what}: {question}")


CASES: dict[str, Callable[[Tensor], Tensor]] = {
    "negative": lambda x: x < 0,
    "0": lambda x: x == 0,
    "positive": lambda x: x > 0,
    "0 or negative": lambda x: x <= 0,
    "0 or positive": lambda x: x >= 0,
}
VALUE_KINDS: tuple[Callable[[_Pair], Mistake | None], ...] = (
    _negated,
    _scaled,
    _shifted,
    _transposed,
    _reversed,
    _rounded,
    _squared,
)
# what everybody can see, where nothing explains it
FACTS: tuple[Callable[[_Pair], Mistake | None], ...] = (_one_case, _zero, _imprecise)


def of_numbers(got: Any, wanted: Any) -> Mistake | None:
    """The one kind that explains every number; else what everybody can see; else nothing."""
    pair = _pair(got, wanted)
    if pair is None:
        return None
    found = [mistake for kind in VALUE_KINDS if (mistake := kind(pair))]
    if found:
        return found[0] if len(found) == 1 else None
    return None if is_whole(wanted) else _fact(pair)  # 0 is a count like any other


def _fact(pair: _Pair) -> Mistake | None:
    facts = (kind(pair) for kind in FACTS)
    return next((fact for fact in facts if fact is not None), None)
