"""What the test cells of the exercises call: say what was expected and what came.

The visible part of a test cell calls an ``expect_…`` function, which raises a
:class:`CheckError` that teaches. The hidden part writes ``assert checks.is_close(…)``, whose
message names the property alone. The function under test may be an ordinary one or a stand-in
for one that runs in another process. A stand-in brings its own ``value_and_grad``,
``keeps_arguments`` and ``keeps_generator``, and those are used.

Each refusal also has a :data:`Reason`, one word that a program can count. A
:class:`CheckError` carries it. A plain ``assert`` has no room for it, so where ``is_close`` and
its like answer False, :func:`last_difference` tells the reason and the line that asked.
"""

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from types import FrameType
from typing import Any, Literal

import torch
from torch import Tensor

SHOWN = 12  # a tensor with at most this many entries is shown whole

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
]
"""Why an answer was refused, in one word."""


@dataclass(frozen=True)
class Difference:
    """How an answer differs from what was expected: a word for programs, a text for people."""

    reason: Reason
    text: str


class CheckError(AssertionError):
    """An answer is not the expected one; the message says what was expected and what came."""

    def __init__(self, difference: Difference) -> None:
        super().__init__(difference)
        self.difference = difference

    @property
    def reason(self) -> Reason:
        """Why, in one word."""
        return self.difference.reason

    def __str__(self) -> str:
        return self.difference.text


@dataclass(frozen=True)
class Noted:
    """Why a check answered False, and the line of the program that asked it."""

    reason: Reason
    filename: str
    line: int


def example(grade_id: str) -> Callable[[Callable[[], None]], None]:
    """Run the visible part of a test cell at once, so that nothing of it stays as a global.

    Args:
        grade_id: the name of the test cell.

    Examples:
        >>> @example("mean-values")
        ... def test():
        ...     expect_close(torch.ones(3).mean(), 1.0)
    """

    def run(test: Callable[[], None]) -> None:
        test()

    return run


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
    _raise_if(_difference(actual, expected, what, _Rule(rtol, atol, any_dtype=any_dtype)))


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
    _raise_if(_difference(actual, expected, what, _EXACT))


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
    difference = _difference(actual, expected, "", _Rule(rtol, atol, any_dtype=any_dtype))
    if difference is None:
        return True
    _note(difference.reason, sys._getframe(1))
    return False


def is_equal(actual: Any, expected: Any) -> bool:
    """Whether :func:`expect_equal` would pass.

    Examples:
        >>> is_equal(3, 3), is_equal(torch.tensor(3), 3)
        (True, False)
    """
    difference = _difference(actual, expected, "", _EXACT)
    if difference is None:
        return True
    _note(difference.reason, sys._getframe(1))
    return False


def expect_raises(exception_type: type[BaseException], f: Callable[..., Any], *args: Any) -> None:
    """Raise unless ``f(*args)`` raises ``exception_type``.

    Raises:
        CheckError: if the call returns, or raises something else.

    Examples:
        >>> expect_raises(ValueError, int, "seven")
    """
    what = f"{_name(f)} should raise {exception_type.__name__}"
    try:
        f(*_copy(args))
    except exception_type:
        return
    except Exception as error:
        text = f"{what}, and raised {type(error).__name__}"
        raise CheckError(Difference("raised", text)) from error
    raise CheckError(Difference("not-raised", f"{what}, and raised nothing"))


def expect_derivative(
    f: Callable[[Tensor], Tensor],
    grad: Callable[[Tensor], Tensor],
    x: Tensor,
    what: str | None = None,
    *,
    rtol: float = 1e-6,
    atol: float = 1e-9,
    any_dtype: bool = False,
) -> None:
    """Raise unless ``grad(x)`` is the derivative of the elementwise function ``f`` at ``x``.

    In a Jupyter kernel a wrong derivative is also drawn beside the right one.

    Args:
        f: a differentiable elementwise function.
        grad: the claimed derivative.
        x: where the two are compared, a tensor of any shape.
        what: the name in the message; ``grad``'s own when ``None``.
        rtol: allowed relative error.
        atol: allowed absolute error.
        any_dtype: as for `expect_close`.

    Raises:
        CheckError: if they differ.

    Examples:
        >>> expect_derivative(torch.sin, torch.cos, torch.linspace(-2, 2, 5), "sin'")
    """
    expected = _derivative(f, x)
    claimed = grad(x.clone())
    name = what or f"{_name(grad)}(x)"
    rule = _Rule(rtol, atol, any_dtype=any_dtype)
    difference = _difference(claimed, expected, name, rule)
    if difference is not None and _in_kernel():
        _draw_difference(x, claimed, expected)
    _raise_if(difference)


def value_and_grad(f: Callable[..., Any], *args: Any, wrt: int = 0) -> tuple[Tensor, Any]:
    """Compute ``f(*args)`` and the gradient of its sum, both detached.

    Args:
        f: a function that returns a tensor of any shape.
        args: what it is given; ``f`` meets copies.
        wrt: the position of the argument to differentiate by: a tensor, or a list of tensors.

    Returns:
        The value, and the gradient as a tensor shaped like the argument, or a list of such.

    Raises:
        CheckError: if ``f`` does not return a tensor, or its result does not depend on
            the argument as far as autograd can see.

    Examples:
        >>> value_and_grad(torch.square, torch.tensor([1.0, 3.0]))
        (tensor([1., 9.]), tensor([2., 6.]))
    """
    if hasattr(f, "value_and_grad"):
        answer: tuple[Tensor, Any] = f.value_and_grad(*args, wrt=wrt)
        return answer
    copies = list(_copy(args))
    target = copies[wrt]
    several = isinstance(target, list | tuple)
    tensors = target if several else [target]
    leaves = [t.detach().requires_grad_() for t in tensors]
    copies[wrt] = type(target)(leaves) if several else leaves[0]
    with torch.enable_grad():
        value = f(*copies)
        if not isinstance(value, Tensor):
            raise CheckError(_wrong_type(value, "a tensor", f"the result of {_name(f)}"))
        gradients = _gradients(value, leaves)
    if any(gradient is None for gradient in gradients):
        text = (
            f"autograd finds no path from the result of {_name(f)} back to argument {wrt}: is it "
            "detached, built by `torch.tensor(…)`, or computed through `.item()` or NumPy?"
        )
        raise CheckError(Difference("no-gradient", text))
    if several:
        return value.detach(), gradients
    return value.detach(), gradients[0]


def _gradients(value: Tensor, leaves: list[Tensor]) -> list[Tensor | None]:
    """Differentiate the sum of ``value``; None stands where autograd finds no path."""
    if not value.requires_grad:
        return [None] * len(leaves)
    return list(torch.autograd.grad(value.sum(), leaves, allow_unused=True))


def keeps_arguments(f: Callable[..., Any], *args: Any) -> bool:
    """Call ``f`` on copies of ``args`` and say whether it left them as they were.

    Values, shapes, dtypes and ``requires_grad`` flags of tensors count, and the items of lists
    and dicts. ``args`` themselves are never handed over.

    Examples:
        >>> keeps_arguments(torch.relu, torch.ones(2)), keeps_arguments(list.pop, [1, 2])
        (True, False)
    """
    if hasattr(f, "keeps_arguments"):
        kept: bool = f.keeps_arguments(*args)
    else:
        copies = _copy(args)
        f(*copies)
        kept = _same(copies, args)
    if not kept:
        _note("argument-changed", sys._getframe(1))
    return kept


def keeps_generator(f: Callable[..., Any], *args: Any) -> bool:
    """Call ``f(*args)`` and say whether torch's global generator stood still.

    Examples:
        >>> keeps_generator(torch.ones, 2), keeps_generator(torch.rand, 2)
        (True, False)
    """
    if hasattr(f, "keeps_generator"):
        kept: bool = f.keeps_generator(*args)
    else:
        torch.rand(1)  # off the start of its seed, where seeding it anew would not show
        before = torch.get_rng_state()
        f(*_copy(args))
        kept = torch.equal(before, torch.get_rng_state())
    if not kept:
        _note("generator-moved", sys._getframe(1))
    return kept


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


def _note(reason: Reason, asker: FrameType) -> None:
    """Remember why a check answers False, and the line in which it was asked."""
    global _noted
    _noted = Noted(reason, asker.f_code.co_filename, asker.f_lineno)


def _raise_if(difference: Difference | None) -> None:
    if difference is not None:
        raise CheckError(difference)


@dataclass(frozen=True)
class _Rule:
    """How near an answer must come, and what else counts.

    If ``whole``, a whole number must be an ``int``; if ``any_dtype``, real tensors of two dtypes
    are compared as float64.
    """

    rtol: float
    atol: float
    whole: bool = False
    any_dtype: bool = False


_EXACT = _Rule(0.0, 0.0, whole=True)


def _difference(actual: Any, expected: Any, what: str, rule: _Rule) -> Difference | None:
    if actual is None and expected is not None:
        return _missing(what)
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
    actual: Any, expected: Sequence[Any], what: str, rule: _Rule
) -> Difference | None:
    if not isinstance(actual, list | tuple):
        return _wrong_type(actual, "a list or tuple", what)
    if len(actual) != len(expected):
        text = _both(f"{what} has the wrong length", len(actual), len(expected))
        return Difference("wrong-length", text)
    return _item_difference(actual, expected, range(len(expected)), what, rule)


def _dict_difference(
    actual: Any, expected: dict[Any, Any], what: str, rule: _Rule
) -> Difference | None:
    if not isinstance(actual, dict):
        return _wrong_type(actual, "a dict", what)
    if set(actual) != set(expected):
        text = _both(f"{what} has the wrong keys", list(actual), list(expected))
        return Difference("wrong-keys", text)
    return _item_difference(actual, expected, expected, what, rule)


def _item_difference(
    actual: Any, expected: Any, keys: Iterable[Any], what: str, rule: _Rule
) -> Difference | None:
    """Compare item by item; the first difference counts."""
    for key in keys:
        difference = _difference(actual[key], expected[key], f"{what}[{key!r}]", rule)
        if difference is not None:
            return difference
    return None


def _tensor_difference(actual: Any, expected: Tensor, what: str, rule: _Rule) -> Difference | None:
    if not isinstance(actual, Tensor):
        return _wrong_type(actual, "a tensor", what)
    if actual.shape != expected.shape:
        return _wrong_shape(actual, tuple(expected.shape), what)
    if rule.any_dtype and not actual.is_complex():
        actual, expected = actual.double(), expected.double()
    if actual.dtype != expected.dtype:
        text = _both(f"{what} has the wrong dtype", actual.dtype, expected.dtype)
        return Difference("wrong-dtype", text)
    if torch.equal(actual, expected):
        return None
    return _entry_difference(actual.detach(), expected.detach(), what, rule)


def _entry_difference(
    actual: Tensor, expected: Tensor, what: str, rule: _Rule
) -> Difference | None:
    """Compare tensors of the same shape and dtype."""
    differs = ~_close(actual, expected, rule)
    if not differs.any():
        return None
    reason: Reason = "wrong-value"
    if (differs & ~actual.isfinite() & expected.isfinite()).any():
        reason = "not-finite"
    if actual.numel() <= SHOWN:
        text = _both(f"{what} is wrong", actual.tolist(), expected.tolist())
        return Difference(reason, text)
    at = tuple(differs.nonzero()[0].tolist())
    count = int(differs.sum())
    where = f"{what} is wrong at {count} of {actual.numel()} entries, first at {at}"
    return Difference(reason, _both(where, actual[at].item(), expected[at].item()))


def _number_difference(actual: Any, expected: Any, what: str, rule: _Rule) -> Difference | None:
    if isinstance(actual, Tensor) and not rule.whole and actual.dtype != torch.bool:
        if actual.ndim > 0:
            return _wrong_shape(actual, (), what)
        actual = actual.item()
    if rule.whole and isinstance(expected, Integral):
        kind = "an int"
        fits = isinstance(actual, Integral)
    else:
        kind = "a number"
        fits = isinstance(actual, Real)
    if not fits or isinstance(actual, bool):
        return _wrong_type(actual, kind, what)
    return _value_difference(actual, expected, what, rule)


def _value_difference(actual: Any, expected: Any, what: str, rule: _Rule) -> Difference | None:
    """Compare numbers."""
    got = torch.tensor(float(actual), dtype=torch.float64)
    wanted = torch.tensor(float(expected), dtype=torch.float64)
    equal = actual == expected if rule.whole else _close(got, wanted, rule)
    if equal:
        return None
    reason: Reason = "wrong-value"
    if wanted.isfinite() and not got.isfinite():
        reason = "not-finite"
    return Difference(reason, _both(f"{what} is wrong", actual, expected))


def _other_difference(actual: Any, expected: Any, what: str) -> Difference | None:
    """Compare texts, flags and whatever else is neither a number nor made of numbers."""
    reason: Reason = "wrong-type"
    if type(actual) is type(expected):
        if actual == expected:
            return None
        reason = "wrong-value"
    return Difference(reason, _both(f"{what} is wrong", repr(actual), repr(expected)))


def _missing(what: str) -> Difference:
    return Difference("none", f"{what} is None: did you forget `return`?")


def _wrong_type(actual: Any, expected: str, what: str) -> Difference:
    if actual is None:
        return _missing(what)
    text = _both(f"{what} has the wrong type", type(actual).__name__, expected)
    return Difference("wrong-type", text)


def _wrong_shape(actual: Tensor, expected: tuple[int, ...], what: str) -> Difference:
    text = _both(f"{what} has the wrong shape", tuple(actual.shape), expected)
    return Difference("wrong-shape", text)


def _close(actual: Tensor, expected: Tensor, rule: _Rule) -> Tensor:
    return torch.isclose(actual, expected, rtol=rule.rtol, atol=rule.atol, equal_nan=True)


def _both(what: str, actual: Any, expected: Any) -> str:
    return f"{what}\n  expected {_shown(expected)}\n  got      {_shown(actual)}"


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_shown, value))}]"
    return f"{value:.7g}" if isinstance(value, float) else str(value)


def _copy(value: Any) -> Any:
    """Copy tensors and the containers that hold them; anything else is passed on."""
    if isinstance(value, Tensor):
        return value.detach().clone().requires_grad_(value.requires_grad)
    if isinstance(value, list | tuple):
        copies = [_copy(item) for item in value]
        if hasattr(value, "_fields"):  # a named tuple takes its items one by one
            return type(value)(*copies)
        return type(value)(copies)
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    return value


def _same(a: Any, b: Any) -> bool:
    if isinstance(b, Tensor):
        return _difference(a, b, "", _EXACT) is None and a.requires_grad == b.requires_grad
    if isinstance(b, list | tuple):
        return type(a) is type(b) and len(a) == len(b) and all(map(_same, a, b))
    if isinstance(b, dict):
        return list(a) == list(b) and all(_same(a[key], b[key]) for key in b)
    return a is b or bool(a == b)


def _name(f: Callable[..., Any]) -> str:
    name: str = getattr(f, "__name__", "the function")
    return name


def _derivative(f: Callable[[Tensor], Tensor], x: Tensor, step: float = 1e-6) -> Tensor:
    """Differentiate by autograd, or by centred differences where autograd finds no path."""
    try:
        gradient: Tensor = value_and_grad(f, x)[1]
        return gradient
    except AssertionError:
        z = x.double()
        return ((f(z + step) - f(z - step)) / (2 * step)).to(x.dtype)


def _in_kernel() -> bool:
    ipython = sys.modules.get("IPython")
    return ipython is not None and type(ipython.get_ipython()).__name__ == "ZMQInteractiveShell"


def _draw_difference(x: Tensor, claimed: Any, expected: Tensor) -> None:
    """Plot the claimed derivative over the right one, in a Jupyter kernel alone."""
    if not isinstance(claimed, Tensor) or claimed.shape != x.shape or x.numel() < 2:
        return
    from IPython.display import display
    from matplotlib import pyplot as plt

    show: Callable[..., object] = display  # which has no annotations
    order = x.flatten().argsort()
    figure, ax = plt.subplots(figsize=(5, 3))
    for values, style, label in ((expected, "o-", "expected"), (claimed, "x--", "got")):
        ax.plot(x.flatten()[order], values.detach().flatten()[order], style, label=label)
    ax.set(xlabel="x", ylabel="derivative")
    ax.legend()
    show(figure)
    plt.close(figure)
