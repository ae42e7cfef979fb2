"""Compare an answer with what was expected, and say how the two differ."""

import re
import sys
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from numbers import Integral, Real
from types import FrameType
from typing import Any, Literal

import torch
from torch import Tensor

from .mistakes import Kind, name_mistake

SHOWN = 12  # a tensor with at most this many entries is shown whole
WIDTH = 80  # columns of a message, since an error does not wrap by itself in JupyterLab
VALUE = re.compile("  (expected|got|it was|it is now) ")  # the lines of a message with a value
INDENT = 11  # columns before the value

Reason = Literal[
    "none",
    "wrong-type",
    "wrong-shape",
    "wrong-dtype",
    "wrong-length",
    "wrong-keys",
    "not-finite",
    "wrong-value",
    "no-gradient",
    "raised",
    "not-raised",
    "argument-changed",
    "generator-moved",
    "grad-mode-changed",
]
"""Why an answer was refused, in one word."""


# the kind of mistake that a reason is already
KINDS: dict[Reason, Kind] = {
    "none": "none-returned",
    "wrong-type": "wrong-type",
    "wrong-shape": "wrong-shape",
    "wrong-dtype": "other-dtype",
    "wrong-length": "wrong-length",
    "wrong-keys": "wrong-keys",
    "not-finite": "not-finite",
    "no-gradient": "detached",
    "raised": "raised",
    "not-raised": "not-raised",
    "argument-changed": "argument-changed",
    "generator-moved": "generator-moved",
    "grad-mode-changed": "grad-mode-changed",
}


@dataclass(frozen=True)
class Difference:
    """How an answer differs from what was expected: words for programs, a text for people.

    Attributes:
        reason: why it is refused.
        text: the message.
        named: the kind of mistake, where the answer shows more of it than the reason says.
    """

    reason: Reason
    text: str
    named: Kind | None = None

    @property
    def kind(self) -> Kind | None:
        """The kind of mistake; None for a wrong value that nothing known explains."""
        return self.named or KINDS.get(self.reason)


@dataclass(frozen=True)
class Found(Difference):
    """A difference with the two values, or the parts of them, in which it shows."""

    got: Any = None
    wanted: Any = None
    beside: str = ""  # what is right all the same, to be said where no mistake is named


class CheckError(AssertionError):
    """An answer is not the expected one; the message says what was expected and what came."""

    __module__ = "mlpkit.checks"  # the name that people meet

    def __init__(self, difference: Difference) -> None:
        super().__init__(difference)
        self.difference = difference

    @property
    def reason(self) -> Reason:
        """Why, in one word."""
        return self.difference.reason

    @property
    def kind(self) -> Kind | None:
        """The kind of mistake, in one word; None if the answer does not show it."""
        return self.difference.kind

    def __str__(self) -> str:
        return wrapped(self.difference.text, ahead=len("CheckError: "))


@dataclass(frozen=True)
class Noted:
    """Why a check answered False, and the line of the program that asked it."""

    reason: Reason
    filename: str
    line: int


def expect_close(
    actual: Any,
    expected: Any,
    what: str = "result",
    *,
    rtol: float = 1e-6,
    atol: float = 1e-9,
    any_dtype: bool = False,
) -> None:
    """Raise unless ``actual`` is ``expected`` up to rounding.

    Args:
        actual: what the function under test returned.
        expected: a number (a 0-d tensor may answer it), a tensor (shape and dtype count), or
            a list, tuple or dict of these. A list may answer a tuple and the other way round.
        what: the name of the value in the message.
        rtol: allowed error relative to the expected entry.
        atol: allowed absolute error; nan equals nan, and inf equals inf.
        any_dtype: whether a tensor of another real dtype will do, for a test of values beside
            one of dtypes.

    Raises:
        CheckError: if they differ; the message says what was expected and what came.

    Examples:
        >>> expect_close(torch.tensor(0.5), 0.5)
        >>> expect_close(torch.zeros(2, 3), torch.zeros(3, 2), "dW")
        Traceback (most recent call last):
        mlpkit.checks.CheckError: dW has the wrong shape
          expected (3, 2)
          got      (2, 3)
    """
    rule = Rule(rtol, atol, any_dtype=any_dtype)
    difference = find_difference(actual, expected, what, rule)
    raise_if(_or_reversed(difference, actual, expected, rule))


def expect_equal(actual: Any, expected: Any, what: str = "result") -> None:
    """Raise unless ``actual`` equals ``expected`` exactly; a whole number must be an ``int``.

    Raises:
        CheckError: if they differ; the message says what was expected and what came.

    Examples:
        >>> expect_equal([0, 2], [0, 2])
        >>> expect_equal(None, 3, "count")
        Traceback (most recent call last):
        mlpkit.checks.CheckError: count is None: did you forget `return`?
    """
    difference = find_difference(actual, expected, what, EXACT)
    raise_if(_or_reversed(difference, actual, expected, EXACT))


def expect_letter(choice: Any, letters: str) -> None:
    """Raise unless ``choice`` is one of ``letters``: the visible part of a question's test.

    A small letter and blanks around it do not matter, as they do not in the hidden part.

    Raises:
        CheckError: if it is something else; the message says which letters there are.

    Examples:
        >>> expect_letter(" b", "ABCD")
        >>> expect_letter("E", "ABCD")
        Traceback (most recent call last):
        mlpkit.checks.CheckError: choice: expected a letter from A to D, got 'E'
    """
    if isinstance(choice, str):
        letter = choice.strip().upper()
        if len(letter) == 1 and letter in letters:
            return
        reason: Reason = "wrong-value"
        got = repr(choice)
    elif choice is None:
        reason, got = "none", "None"
    else:
        reason = "wrong-type"
        got = f'no text\n  put the letter in quotes, as in choice = "{letters[0]}"'
    text = f"choice: expected a letter from {letters[0]} to {letters[-1]}, got {got}"
    raise CheckError(Difference(reason, text))


def is_close(
    actual: Any,
    expected: Any,
    *,
    rtol: float = 1e-6,
    atol: float = 1e-9,
    any_dtype: bool = False,
) -> bool:
    """Whether :func:`expect_close` would pass: the form for the hidden part of a test.

    Examples:
        >>> wide = torch.ones(2, dtype=torch.float64)
        >>> is_close(torch.ones(2), wide), is_close(torch.ones(2), wide, any_dtype=True)
        (False, True)
    """
    difference = find_difference(actual, expected, "", Rule(rtol, atol, any_dtype=any_dtype))
    if difference is None:
        return True
    note(difference.reason, sys._getframe(1))
    return False


def is_equal(actual: Any, expected: Any) -> bool:
    """Whether :func:`expect_equal` would pass.

    Examples:
        >>> is_equal(3, 3), is_equal(torch.tensor(3), 3)
        (True, False)
    """
    difference = find_difference(actual, expected, "", EXACT)
    if difference is None:
        return True
    note(difference.reason, sys._getframe(1))
    return False


_noted: Noted | None = None


def last_difference() -> Noted | None:
    """Return the reason of the last check that answered False, or None if none did.

    Examples:
        >>> is_close(2.0, 3.0), last_difference().reason
        (False, 'wrong-value')
    """
    return _noted


def forget_difference() -> None:
    """Let :func:`last_difference` return None until a check answers False again."""
    global _noted
    _noted = None


def note(reason: Reason, asker: FrameType) -> None:
    """Remember why a check answers False, and the line in which it was asked."""
    global _noted
    _noted = Noted(reason, asker.f_code.co_filename, asker.f_lineno)


@dataclass(frozen=True)
class Rule:
    """How near an answer must come, and what else counts.

    If ``whole``, a whole number must be an ``int``; if ``any_dtype``, real tensors of two dtypes
    are compared as float64.
    """

    rtol: float
    atol: float
    whole: bool = False
    any_dtype: bool = False


EXACT = Rule(0.0, 0.0, whole=True)


def raise_if(difference: Difference | None) -> None:
    """Raise what differs, if anything does, with the kind of mistake that it shows."""
    if difference is not None:
        raise CheckError(_named(difference))


def _or_reversed(
    difference: Difference | None, actual: Any, expected: Any, rule: Rule
) -> Difference | None:
    """The same difference, or that the parts of a list are right and in reverse order."""
    if difference is None or not isinstance(expected, list | tuple) or _is_plain(expected):
        return difference
    if type(actual) is not type(expected) or len(expected) < 2:
        return difference
    if find_difference(actual[::-1], expected, "", rule) is not None:
        return difference
    text = f"{difference.text}\n  The parts are right, in reverse order."
    return Difference(difference.reason, text, "reversed")


def _named(difference: Difference) -> Difference:
    """The difference with the kind of mistake in its message, and without values."""
    if not isinstance(difference, Found):
        return difference
    mistake = name_mistake(difference.reason, difference.got, difference.wanted)
    if mistake is None:
        text = "\n  ".join(filter(None, [difference.text, difference.beside]))
        return Difference(difference.reason, text)
    text = "\n  ".join(filter(None, [difference.text, mistake.sentence]))
    return Difference(difference.reason, text, mistake.kind)


def find_difference(actual: Any, expected: Any, what: str, rule: Rule) -> Difference | None:
    """The first way in which an answer differs from what was expected; None if it does not."""
    if actual is None and expected is not None:
        return missing(what)
    if isinstance(expected, Tensor):
        return _tensor_difference(actual, expected, what, rule)
    if isinstance(expected, list | tuple):
        return _sequence_difference(actual, expected, what, rule)
    if isinstance(expected, dict):
        return _dict_difference(actual, expected, what, rule)
    if isinstance(expected, bool) or not isinstance(expected, Real):
        return _other_difference(actual, expected, what)
    return _number_difference(actual, expected, what, rule)


def _sequence_difference(
    actual: Any, expected: Sequence[Any], what: str, rule: Rule
) -> Difference | None:
    if not isinstance(actual, list | tuple):
        return wrong_type(actual, "a list or tuple", what, expected)
    difference: Difference | None
    if len(actual) != len(expected):
        text = _both(f"{what} has the wrong length", len(actual), len(expected))
        difference = Found("wrong-length", text)
    else:
        difference = _item_difference(actual, expected, range(len(expected)), what, rule)
    if difference is None:
        return None
    if not (_is_short(actual) and _is_short(expected)):
        return _with_right_parts(difference, actual, expected, what, rule)
    text = _both(f"{what} is wrong", actual, expected)
    if isinstance(actual, torch.Size) or what.startswith("the shape of "):
        return Difference("wrong-shape", text)
    return Found(difference.reason, text, got=actual, wanted=expected)


def _with_right_parts(
    difference: Difference, actual: Any, expected: Sequence[Any], what: str, rule: Rule
) -> Difference:
    """The same difference of one tensor in a list, and that the others are right, if they are."""
    if not isinstance(difference, Found) or not all(isinstance(e, Tensor) for e in expected):
        return difference
    pairs = enumerate(zip(actual, expected, strict=False))
    right = [n for n, (a, e) in pairs if find_difference(a, e, "", rule) is None]
    if len(right) != len(expected) - 1 or not right:
        return difference
    beside = "The other parts are right." if right[1:] else f"{what}[{right[0]}] is right."
    return replace(difference, beside=beside)


def _is_short(value: Any) -> bool:
    """Whether a list is of plain data and fits in a line, so that it is shown whole."""
    return _is_plain(value) and len(shown(value)) <= WIDTH - INDENT


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return isinstance(value, Real | str)


def _dict_difference(
    actual: Any, expected: dict[Any, Any], what: str, rule: Rule
) -> Difference | None:
    if not isinstance(actual, dict):
        return wrong_type(actual, "a dict", what)
    if set(actual) != set(expected):
        text = _both(f"{what} has the wrong keys", list(actual), list(expected))
        return Difference("wrong-keys", text)
    return _item_difference(actual, expected, expected, what, rule)


def _item_difference(
    actual: Any, expected: Any, keys: Iterable[Any], what: str, rule: Rule
) -> Difference | None:
    """Compare item by item; the first difference counts."""
    for key in keys:
        difference = find_difference(actual[key], expected[key], f"{what}[{key!r}]", rule)
        if difference is not None:
            return difference
    return None


def _tensor_difference(actual: Any, expected: Tensor, what: str, rule: Rule) -> Difference | None:
    if not isinstance(actual, Tensor):
        return wrong_type(actual, "a tensor", what, expected)
    if actual.shape != expected.shape:
        return _wrong_shape(actual, expected, what)
    if rule.any_dtype and not actual.is_complex():
        actual, expected = actual.double(), expected.double()
    if actual.dtype != expected.dtype:
        text = _both(f"{what} has the wrong dtype", actual.dtype, expected.dtype)
        return Found("wrong-dtype", text, got=actual, wanted=expected)
    if torch.equal(actual, expected):
        return None
    return _entry_difference(actual.detach(), expected.detach(), what, rule)


def _entry_difference(actual: Tensor, expected: Tensor, what: str, rule: Rule) -> Difference | None:
    """Compare tensors of the same shape and dtype."""
    differs = ~_close(actual, expected, rule)
    if not differs.any():
        return None
    reason: Reason = "wrong-value"
    if (differs & ~actual.isfinite() & expected.isfinite()).any():
        reason = "not-finite"
    if actual.numel() <= SHOWN:
        text = _both(f"{what} is wrong", actual.tolist(), expected.tolist())
        return Found(reason, text, got=actual, wanted=expected)
    at = tuple(differs.nonzero()[0].tolist())
    count = int(differs.sum())
    where = f"{what} is wrong at {count} of {actual.numel()} entries, first at {at}"
    text = _both(where, actual[at].item(), expected[at].item())
    return Found(reason, text, got=actual, wanted=expected)


def _number_difference(actual: Any, expected: Any, what: str, rule: Rule) -> Difference | None:
    if isinstance(actual, Tensor) and not rule.whole and actual.dtype != torch.bool:
        if actual.ndim > 0:
            return _wrong_shape(actual, torch.tensor(expected, dtype=torch.float64), what)
        actual = actual.item()
    if rule.whole and isinstance(expected, Integral):
        kind = "an int"
        fits = isinstance(actual, Integral)
    else:
        kind = "a number"
        fits = isinstance(actual, Real)
    if not fits or isinstance(actual, bool):
        return wrong_type(actual, kind, what, expected)
    return _value_difference(actual, expected, what, rule)


def _value_difference(actual: Any, expected: Any, what: str, rule: Rule) -> Difference | None:
    """Compare numbers."""
    got = torch.tensor(float(actual), dtype=torch.float64)
    wanted = torch.tensor(float(expected), dtype=torch.float64)
    equal = actual == expected if rule.whole else _close(got, wanted, rule)
    if equal:
        return None
    reason: Reason = "wrong-value"
    if wanted.isfinite() and not got.isfinite():
        reason = "not-finite"
    text = _both(f"{what} is wrong", actual, expected)
    if isinstance(actual, Integral) and isinstance(expected, Integral):
        return Found(reason, text, got=actual, wanted=expected)
    return Found(reason, text, got=got, wanted=wanted)


def _other_difference(actual: Any, expected: Any, what: str) -> Difference | None:
    """Compare texts, flags and whatever else is neither a number nor made of numbers."""
    reason: Reason = "wrong-type"
    if isinstance(actual, Tensor):
        return wrong_type(actual, f"a {type(expected).__name__}", what)
    if type(actual) is type(expected):
        if actual == expected:
            return None
        reason = "wrong-dtype" if isinstance(expected, torch.dtype) else "wrong-value"
    text = _both(f"{what} is wrong", repr(actual), repr(expected))
    return Found(reason, text, got=actual, wanted=expected)


def missing(what: str) -> Difference:
    """That there is no answer."""
    return Found("none", f"{what} is None: did you forget `return`?")


def wrong_type(actual: Any, expected: str, what: str, wanted: Any = None) -> Difference:
    """That an answer is of another type than expected, which is told in words."""
    if actual is None:
        return missing(what)
    text = _both(f"{what} has the wrong type", type(actual).__name__, expected)
    return Found("wrong-type", text, got=actual, wanted=wanted)


def _wrong_shape(actual: Tensor, expected: Tensor, what: str) -> Difference:
    text = _both(f"{what} has the wrong shape", tuple(actual.shape), tuple(expected.shape))
    return Found("wrong-shape", text, got=actual, wanted=expected)


def _close(actual: Tensor, expected: Tensor, rule: Rule) -> Tensor:
    return torch.isclose(actual, expected, rtol=rule.rtol, atol=rule.atol, equal_nan=True)


def _both(what: str, actual: Any, expected: Any) -> str:
    return f"{what}\n  expected {shown(expected)}\n  got      {shown(actual)}"


def shown(value: Any) -> str:
    """A value as messages show it: floats short, tensors as lists.

    Examples:
        >>> shown(torch.tensor([[0.5, 2.0]])), shown((2, 1)), shown([1 / 3])
        ('[[0.5, 2]]', '(2, 1)', '[0.3333333]')
    """
    if isinstance(value, Tensor):
        return shown(value.tolist())
    if isinstance(value, tuple):
        return repr(tuple(value)) if len(value) < 2 else f"({', '.join(map(_item, value))})"
    if isinstance(value, list):
        return f"[{', '.join(map(_item, value))}]"
    return f"{value:.7g}" if isinstance(value, float) else str(value)


def _item(value: Any) -> str:
    return repr(value) if isinstance(value, str) else shown(value)


def wrapped(text: str, ahead: int = 0) -> str:
    r"""Break lines that are longer than a notebook's window; what goes on is indented further.

    Args:
        text: the lines.
        ahead: columns that something else takes before the first of them.

    Examples:
        >>> print(wrapped("  got      " + "1.234567, " * 9))
          got      1.234567, 1.234567, 1.234567, 1.234567, 1.234567, 1.234567, 1.234567,
                   1.234567, 1.234567,
    """
    lines = ("." * ahead + text).splitlines()
    return "\n".join(map(_wrapped_line, lines))[ahead:]


def _wrapped_line(line: str) -> str:
    if len(line) <= WIDTH:
        return line
    is_value = VALUE.match(line) is not None
    indent = INDENT if is_value else _indent(line) + 2
    return textwrap.fill(
        line,
        WIDTH,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
