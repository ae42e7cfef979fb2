"""Name the kind of a mistake where the answer shows it: never one that the answer leaves open.

All this runs after a difference was found, so it costs a right answer nothing. A kind is named only
if it explains every entry to rounding, if no other kind does, and if the numbers are such that
chance is no explanation: a single 2 in place of a 1 is no *factor of 2*.
"""

import contextlib
import linecache
import math
import re
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Any, Literal, TextIO

import torch
from torch import Tensor

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
LARGEST = 2**1023  # what a float holds
LARGE = 10**6  # a whole number from which on a whole multiple is no matter of chance
MOST_TIMES = 16
SMALL = 1e-3  # what is smaller than the largest number by this factor proves nothing
MOST_DEPTH = 3  # of lists that are looked through for tensors


@dataclass(frozen=True)
class Mistake:
    """A kind of mistake: a word for programs, a sentence for people (none if all is said)."""

    kind: Kind
    sentence: str = ""


# --- of an answer that differs ---------------------------------------------------------------


def name_mistake(reason: str, got: Any, wanted: Any) -> Mistake | None:
    """Name what is wrong with an answer, or with the first part of it that differs.

    Args:
        reason: how the two differ, a ``Reason`` of :mod:`mlpkit.checks`.
        got: the answer.
        wanted: what was expected.

    Examples:
        >>> x = torch.tensor([1.5, -0.75, 4.0])
        >>> name_mistake("wrong-value", -x, x)
        Mistake(kind='negated', sentence='Each number has the wrong sign.')
        >>> name_mistake("wrong-value", x.sqrt(), x) is None
        True
    """
    match reason:
        case "none":
            return _of_none()
        case "wrong-type":
            return _of_type(got, wanted)
        case "wrong-shape":
            return _of_shape(got, wanted)
        case "wrong-dtype":
            return _of_dtype(_dtype(got), _dtype(wanted))
        case "not-finite":
            return _of_not_finite(got)
        case "wrong-value":
            return _of_value(got, wanted)
    return None


def _of_none() -> Mistake | None:
    if not something_was_printed():
        return Mistake("none-returned")
    return Mistake("printed", "Something was printed: `print` shows a value, `return` hands it on.")


def _of_type(got: Any, wanted: Any) -> Mistake | None:
    if type(got).__module__ == "numpy" and isinstance(wanted, Tensor):
        text = "This is NumPy's: compute with torch, so that autograd can follow."
        return Mistake("numpy", text)
    if type(got).__module__ == "torch.return_types":
        return Mistake("wrong-type", _of_several(type(got).__name__))
    if isinstance(got, tuple) and len(got) == 1:
        text = "A tuple of one: is there a comma behind what you return?"
        return Mistake("wrong-type", text)
    return None


def _of_several(name: str) -> str:
    """What to do with the values and the places that a function of torch gives along an axis."""
    if name in ("max", "min"):
        return (
            f"torch.{name} goes along an axis: take `.values`, or torch.{name}imum for each entry"
        )
    return "torch gives several results here: take the one called values."


def _dtype(value: Any) -> torch.dtype:
    dtype: torch.dtype = value.dtype if isinstance(value, Tensor) else value
    return dtype


def _of_dtype(got: torch.dtype, wanted: torch.dtype) -> Mistake:
    if not wanted.is_floating_point:
        return Mistake("other-dtype")
    if not got.is_floating_point:
        text = "Whole numbers have no fractions: give a new tensor `dtype=x.dtype`."
        return Mistake("integer-dtype", text)
    if got.itemsize < wanted.itemsize:
        text = "A new tensor is float32 where nothing else is said: give it `dtype=x.dtype`."
        return Mistake("lower-precision", text if got == torch.float32 else "")
    return Mistake("other-dtype")


def _of_not_finite(got: Any) -> Mistake:
    got = torch.as_tensor(got)
    others = [x for x in tensors_in_sight() if x.ndim > 0 and x.data_ptr() != got.data_ptr()]
    text = ""
    if got.isnan().any():
        if not any(tensor.isnan().any() for tensor in others):  # else it came with the input
            text = "nan comes of 0 / 0, inf - inf or 0 * inf: which step makes an inf or a 0 here?"
    elif all(tensor.isfinite().all() for tensor in others):
        text = "inf comes of a number too large, as of exp(1000), or of a division by 0."
    return Mistake("not-finite", text)


def _of_shape(got: Tensor, wanted: Any) -> Mistake | None:
    """Of another shape: what would give the right one, entries and all."""
    got = got.detach()
    wanted = torch.as_tensor(wanted, dtype=got.dtype).detach()
    if wanted.numel() > 1 and wanted.min() == wanted.max():  # it is right in any order
        return None
    if got.ndim == 2 and _fits(got.T, wanted):
        return Mistake("transposed", "Its transpose would be right.")
    if got.numel() == wanted.numel() and _fits(got.reshape(wanted.shape), wanted):
        text = "The numbers are right, in another shape"
        return Mistake("wrong-shape", f"{text}: is there an axis too many, or too few?")
    for axis in range(got.ndim):
        if _fits(got.sum(axis), wanted):
            return Mistake("wrong-shape", f"Its sum over axis {axis} would be right.")
    if _fits(got.sum(), wanted):
        return Mistake("wrong-shape", "The sum of its entries would be right.")
    return None


def _fits(a: Tensor, b: Tensor) -> bool:
    """Whether two tensors are of one shape and equal up to rounding."""
    if a.shape != b.shape or b.numel() == 0:
        return False
    return _equal(a.double(), b.double(), PRECISE if b.dtype == torch.float64 else COARSE)


# --- of an answer whose value alone is wrong -------------------------------------------------


@dataclass(frozen=True)
class _Pair:
    """An answer and what was expected, of one shape, in float64 and finite."""

    got: Tensor
    wanted: Tensor
    precision: float
    is_list: bool

    def is_explained_by(self, value: Tensor) -> bool:
        return _equal(self.got, value, self.precision)

    def magnitudes(self) -> list[float]:
        """The sizes of the expected numbers, each once; not those that are as good as 0."""
        sizes = {float(f"{size:.7g}") for size in self.wanted.abs().flatten().tolist()}
        return sorted(size for size in sizes if size > SMALL * max(sizes))

    def has_rich_number(self) -> bool:
        """Whether an expected number is such that nobody comes to it, or its half, by chance."""
        return not all(map(_is_simple, self.magnitudes()))

    def rules_out_chance(self) -> bool:
        return len(self.magnitudes()) >= 2 or self.has_rich_number()


def _is_simple(size: float) -> bool:
    """Whether a number has two digits at most, or is a fraction with such a numerator."""
    return any(math.isclose(float(f"{size * k:.2g}"), size * k, rel_tol=1e-5) for k in (1, 3, 7))


def _equal(a: Tensor, b: Tensor, precision: float) -> bool:
    atol = precision * float(b.abs().max())
    return bool(torch.isclose(a, b, rtol=precision, atol=atol).all())


def _of_value(got: Any, wanted: Any) -> Mistake | None:
    plain = _of_plain(got, wanted)
    if plain is not None:
        return plain
    pair = _pair(got, wanted)
    if pair is None:
        return None
    found = [mistake for kind in VALUE_KINDS if (mistake := kind(pair))]
    if found:
        return found[0] if len(found) == 1 else None
    return None if _is_whole(wanted) else _fact(pair)  # 0 is a count like any other


def _fact(pair: _Pair) -> Mistake | None:
    facts = (kind(pair) for kind in FACTS)
    return next((fact for fact in facts if fact is not None), None)


# --- of numbers, flags and texts of Python's -------------------------------------------------


def _of_plain(got: Any, wanted: Any) -> Mistake | None:
    """What whole numbers, flags and names of types show."""
    if isinstance(got, bool) and isinstance(wanted, bool):
        return Mistake("opposite")
    if isinstance(got, str) and isinstance(wanted, str) and {got, wanted} <= TYPE_NAMES:
        return Mistake("wrong-type")
    if _is_whole(got) and _is_whole(wanted):
        return _of_whole(got, wanted)
    if _are_whole(got) and _are_whole(wanted) and len(got) == len(wanted):
        return _off_by_one(list(got), list(wanted))
    return None


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _are_whole(values: Any) -> bool:
    return isinstance(values, list | tuple) and all(map(_is_whole, values))


def _of_whole(got: int, wanted: int) -> Mistake | None:
    if abs(wanted) < LARGE:
        return _off_by_one([got], [wanted])
    if abs(wanted) < LARGEST and got == int(float(wanted)):
        text = "A float holds 16 digits of it: compute with whole numbers, and divide by `//`."
        return Mistake("imprecise", text)
    times, rest = divmod(got, wanted)
    if not rest and 1 < times <= MOST_TIMES:
        return Mistake("factor", f"It is exactly {_times(times)} what was expected.")
    parts, rest = divmod(wanted, got) if got else (0, 0)
    if not rest and 1 < parts <= MOST_TIMES:
        return Mistake("factor", f"It is exactly {_part(parts)} what was expected.")
    return None


def _off_by_one(got: list[int], wanted: list[int]) -> Mistake | None:
    """One too large or too small, wherever they differ."""
    differences = {a - b for a, b in zip(got, wanted, strict=True)} - {0}
    if differences not in ({1}, {-1}):
        return None
    size = "large" if 1 in differences else "small"
    which = "It is" if len(wanted) == 1 else "What is wrong is"
    text = f"{which} 1 too {size}: is something counted twice or left out, or from 1 on?"
    return Mistake("off-by-one", text)


# --- of tensors and floats -------------------------------------------------------------------


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
            return _summed(f"{_each(pair)} is {_times(count)} what was expected", count, sizes)
        if _is_factor(factor, 1 / count) and _is_telling(pair, count, sizes):
            return _averaged(f"{_each(pair)} is {_part(count)} what was expected", count, sizes)
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


def _times(count: int) -> str:
    return "twice" if count == 2 else f"{count} times"


def _part(count: int) -> str:
    return "half" if count == 2 else f"1/{count} of"


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
    if not pair.has_rich_number() or not _equal(pair.got, pair.wanted, COARSE):
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
    x = _names_in_sight().get("x")
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
    text = f"It is right to some {digits} digits: an approximation, or a difference of numbers"
    return Mistake("imprecise", f"{text} that are nearly equal?")


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
TYPE_NAMES = {"bool", "float", "int", "list", "str", "tuple", "dict", "Tensor", "NoneType"}


def sizes_in_sight() -> set[int]:
    """The sizes above 1 of the tensors that the test which asks has at hand.

    A factor that is one of them is likely that of a sum or a mean over as many.
    """
    return {size for tensor in tensors_in_sight() for size in tensor.shape} - {0, 1}


def tensors_in_sight() -> list[Tensor]:
    """The tensors that the test which asks has at hand, in lists too."""
    return [tensor for value in _names_in_sight().values() for tensor in _tensors(value)]


def _names_in_sight() -> dict[str, Any]:
    """The local names of the test that asks."""
    frame: FrameType | None = sys._getframe()
    while frame is not None and frame.f_globals.get("__package__") == __package__:
        frame = frame.f_back
    return dict(frame.f_locals) if frame is not None else {}


def _tensors(value: Any, depth: int = 0) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, list | tuple) and depth < MOST_DEPTH:
        for item in value:
            yield from _tensors(item, depth + 1)


# --- of what is printed ----------------------------------------------------------------------


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


# --- of an error -----------------------------------------------------------------------------


def explain(error: BaseException) -> str | None:
    """Say in a sentence what an error in the visible part of a test means; None if nobody knows.

    Examples:
        >>> explain(RecursionError("maximum recursion depth exceeded"))
        'a function calls itself deeper than Python allows: use a loop and a list instead'
    """
    mistake = name_error(error)
    return mistake.sentence or None if mistake else None


def name_error(error: BaseException) -> Mistake | None:
    """Name the mistake that an error shows; None if it is not known."""
    if isinstance(error, RecursionError):
        return Mistake("raised", _of_recursion(_most_frequent_caller(error)))
    if isinstance(error, NameError):
        return _of_name(error)
    if type(error) is AssertionError:
        return _of_assert(str(error))
    if isinstance(error, TypeError | ValueError) and "unpack" in str(error):
        return _of_unpacking(error)
    if "NoneType" in str(error):
        return _of_none_at(error)
    for part, mistake in ERRORS.items():
        if part in str(error):
            return mistake
    return None


def _of_recursion(name: str) -> str:
    text = f"{name} calls itself deeper than Python allows"
    if hasattr(torch, name):
        return f"{text}: is another function of this name meant, such as torch.{name}?"
    return f"{text}: use a loop and a list instead"


def _of_assert(text: str) -> Mistake | None:
    """The kind of what an `assert` of a test says in words."""
    for pattern, kind in ASSERTED.items():
        if re.search(pattern, text, re.DOTALL):
            return Mistake(kind)
    return None


ASSERTED: dict[str, Kind] = {
    r": expected an? (list|number|dict)\b.*, got ": "wrong-type",
    r"should be a \w+, and its type is ": "wrong-type",
    r": expected the keys ": "wrong-keys",
    r": expected (\d|at most|one of).*, got |no hidden unit in ": "out-of-range",
    r"singular values .*more than \d+ should be above 0": "low-rank",
    r"calls itself deeper than Python allows": "raised",
}


def _most_frequent_caller(error: BaseException) -> str:
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    names = Counter(frame.f_code.co_name for frame in frames)
    return names.most_common(1)[0][0] if names else "a function"


def _of_none_at(error: BaseException) -> Mistake | None:
    """Of an error over a None: a test's own line stumbles, or a line that asks for a gradient."""
    trace = list(traceback.walk_tb(error.__traceback__))
    if not trace:
        return None
    frame, line = trace[-1]
    file = frame.f_code.co_filename
    tests = {f.f_code.co_filename for f, _ in trace if f.f_code.co_name == "test"}
    if file in tests:
        return Mistake("none-returned", GAVE_NONE)
    if ".grad" in linecache.getline(file, line):
        return Mistake("raised", NO_GRAD)
    return None


GAVE_NONE = "the function gives back None: did you forget `return`?"
NO_GRAD = "`.grad` is None: no backward() has filled it, or it is that of another, new tensor"
ERRORS = {
    "a leaf Variable that requires grad": Mistake(
        "argument-changed",
        "what requires grad is changed in place: make a new tensor instead, and take a step of "
        "training under `torch.no_grad()`",
    ),
    "does not have a grad_fn": Mistake(
        "raised", "it asks autograd for a gradient where autograd is switched off, or was cut off"
    ),
    "Can't call numpy() on Tensor that requires grad": Mistake(
        "numpy", "NumPy cuts autograd off: compute with torch"
    ),
    "shapes cannot be multiplied": Mistake(
        "raised", "a matrix product does not fit: print both shapes, and look for a missing `.T`"
    ),
    "must match the size of tensor": Mistake(
        "raised",
        "shapes do not fit entry by entry: print both, and look for the wrong axis, or `*` for `@`",
    ),
    "have the same dtype": Mistake(
        "raised", "two dtypes meet: make each new tensor with the `dtype` of those that you got"
    ),
    "Boolean value of Tensor": Mistake(
        "raised",
        "`if`, `and` and `max` take one number: use `torch.where` to choose for each entry",
    ),
    "converted to Python scalars": Mistake(
        "raised", "`math` and `float` take one number: use torch's functions, such as `torch.exp`"
    ),
    "cannot be converted to Scalar": Mistake(
        "raised", "`.item()` is for a tensor of one entry: keep the tensor, or take an entry of it"
    ),
    "view size is not compatible": Mistake(
        "raised",
        "a transposed tensor has no flat view, and `reshape(-1)` may copy it: change a flat copy, "
        "then give that the shape",
    ),
}
IMPORTS = {"np": "import numpy as np", "F": "from torch.nn import functional as F"}


def _of_name(error: NameError) -> Mistake | None:
    name = error.name
    if isinstance(error, UnboundLocalError) or name is None:
        return None
    if name == "choice":
        text = 'choice is not defined: run its cell; a letter goes in quotes, as in choice = "A"'
        return Mistake("undefined", text)
    for known in _names_at(error):
        if known != name and known.lower() == name.lower():
            return Mistake("other-variable", f"{name} is not defined here, but {known} is")
    question = "is its cell run, and the name spelled so?"
    if name in IMPORTS:
        question = f"write `{IMPORTS[name]}` into the cell that uses it"
    return Mistake("undefined", f"{name} is not defined: {question}")


def _names_at(error: BaseException) -> list[str]:
    """The local names where an error was raised."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    return list(frames[-1].f_locals) if frames else []


def _of_unpacking(error: BaseException) -> Mistake | None:
    if "NoneType" in str(error):
        return Mistake("none-returned", GAVE_NONE)
    if "expected" not in str(error):
        return Mistake("wrong-type", "the function should give back several values, and gives one")
    wanted = str(error).partition("expected ")[2].partition(",")[0].rstrip(")").split()[-1]
    return Mistake("wrong-length", f"{wanted} values are taken out of what comes, which has others")
