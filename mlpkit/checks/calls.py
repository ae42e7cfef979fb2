"""Call the function under test: on copies, by autograd, and with a look at what it left changed."""

import inspect
import sys
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from .compare import (
    EXACT,
    SHOWN,
    CheckError,
    Difference,
    find_difference,
    missing,
    note,
    shown,
    wrong_type,
)


def expect_raises(exception_type: type[BaseException], f: Callable[..., Any], *args: Any) -> None:
    """Raise unless ``f(*args)`` raises ``exception_type``.

    Raises:
        CheckError: if the call returns, or raises something else.

    Examples:
        >>> expect_raises(ValueError, int, "seven")
    """
    what = f"{name_of(f)} should raise {exception_type.__name__}"
    try:
        f(*_copy(args))
    except exception_type:
        return
    except Exception as error:
        text = f"{what}, and raised {type(error).__name__}"
        raise CheckError(Difference("raised", text)) from error
    raise CheckError(Difference("not-raised", f"{what}, and raised nothing"))


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
            raise CheckError(wrong_type(value, "a tensor", f"the result of {name_of(f)}"))
        gradients = _gradients(value, leaves)
    if any(gradient is None for gradient in gradients):
        text = (
            f"autograd finds no path from the result of {name_of(f)} back to its argument "
            f"{_name_of_argument(f, wrt)}: is it left out, or the result detached, built by "
            "`torch.tensor(…)`, or computed through `.item()` or NumPy?"
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


def by_hand(f: Callable[..., Any], *args: Any) -> Any:
    """Call ``f`` on copies of ``args`` where autograd is switched off for good.

    ``torch.inference_mode`` stops ``torch.enable_grad``, too, so ``f`` has to work out gradients by
    itself.

    Returns:
        A copy of what ``f`` gives back.

    Raises:
        CheckError: if ``f`` stops because it asks autograd.

    Examples:
        >>> by_hand(torch.square, torch.tensor([1.0, 3.0]))
        tensor([1., 9.])
    """
    copies = _copy(args)
    try:
        with torch.inference_mode():
            result = f(*copies)
    except RuntimeError as error:
        if not _blames_autograd(error):
            raise
        text = f"{name_of(f)} asks autograd, which is switched off here: work it out by hand"
        raise CheckError(Difference("raised", text)) from error
    return _copy(result)


def _blames_autograd(error: RuntimeError) -> bool:
    return any(word in str(error) for word in ("does not require grad", "nference tensor"))


def expect_parts(result: Any, *names: str) -> tuple[Any, ...]:
    """Take apart what a function gives back; raise unless it has one part for each name.

    Args:
        result: what the function under test returned, a tuple or a list.
        names: what the parts are called.

    Raises:
        CheckError: if it is no tuple or list, or has another number of parts.

    Examples:
        >>> dx, dalpha = expect_parts((2.0, 3.0), "dx", "dalpha")
        >>> expect_parts((2.0,), "dx", "dalpha")
        Traceback (most recent call last):
        mlpkit.checks.CheckError: the function should give back (dx, dalpha)
          and gave back a tuple of 1
    """
    what = f"the function should give back ({', '.join(names)})"
    if result is None:
        raise CheckError(missing(f"{what}; its result"))
    if isinstance(result, list | tuple) and len(result) == len(names):
        return tuple(result)
    is_sequence = isinstance(result, list | tuple)
    text = f"{what}\n  and gave back {_in_words(result)}"
    raise CheckError(Difference("wrong-length" if is_sequence else "wrong-type", text))


def _in_words(value: Any) -> str:
    if isinstance(value, Tensor):
        return f"one tensor of shape {tuple(value.shape)}"
    if isinstance(value, list | tuple):
        return f"a {'list' if isinstance(value, list) else 'tuple'} of {len(value)}"
    return f"a value of type {type(value).__name__}"


def keeps_arguments(f: Callable[..., Any], *args: Any) -> bool:
    """Call ``f`` on copies of ``args`` and say whether it left them as they were.

    Values, shapes, dtypes and ``requires_grad`` flags of tensors count, and the items of lists
    and dicts. ``args`` themselves are never handed over.

    Examples:
        >>> keeps_arguments(torch.relu, torch.ones(2)), keeps_arguments(list.pop, [1, 2])
        (True, False)
    """
    kept = not changed_argument(f, *args)
    if not kept:
        note("argument-changed", sys._getframe(1))
    return kept


def expect_keeps_arguments(f: Callable[..., Any], *args: Any) -> None:
    """Raise unless :func:`keeps_arguments` is true.

    Raises:
        CheckError: if ``f`` changes an argument; the message says which, from what to what.

    Examples:
        >>> expect_keeps_arguments(torch.Tensor.add, torch.ones(2), 1.0)
        >>> expect_keeps_arguments(lambda x: x.mul_(3), torch.ones(2))
        Traceback (most recent call last):
        mlpkit.checks.CheckError: <lambda> changed its argument x
          it was    [1, 1]
          it is now [3, 3]
    """
    change = changed_argument(f, *args)
    if change:
        text = f"{name_of(f)} changed its argument {change}"
        raise CheckError(Difference("argument-changed", text))


def changed_argument(f: Callable[..., Any], *args: Any) -> str:
    """Call ``f`` on copies of ``args`` and say which of them it changed; ``""`` if none.

    Examples:
        >>> print(changed_argument(lambda items: items.append(3), [1, 2]))
        items
          it was    [1, 2]
          it is now [1, 2, 3]
    """
    if hasattr(f, "changed_argument"):
        answer: str = f.changed_argument(*args)
        return answer
    copies = _copy(args)
    f(*copies)
    for place, (now, was) in enumerate(zip(copies, args, strict=True)):
        if not _same(now, was):
            return _change(now, was, _name_of_argument(f, place))
    return ""


def _change(now: Any, was: Any, name: str) -> str:
    """Say where an argument differs from what it was, and how."""
    for key in _changed_keys(now, was):
        return _change(now[key], was[key], f"{name}[{key!r}]")
    if isinstance(was, Tensor) and find_difference(now, was, "", EXACT) is None:
        return f"{name}\n  its `requires_grad` is now {now.requires_grad}"
    before, after = _briefly(was, now), _briefly(now, was)
    if before == after:  # they differ in digits that are not shown
        after = f"{after}, but not bit for bit"
    return f"{name}\n  it was    {before}\n  it is now {after}"


def _changed_keys(now: Any, was: Any) -> list[Any]:
    """Which items of a list, tuple or dict are others; none where it is not even as long."""
    if not isinstance(was, list | tuple | dict) or type(now) is not type(was):
        return []
    if len(now) != len(was):
        return []
    keys = was if isinstance(was, dict) else range(len(was))
    return [key for key in keys if not _same(now[key], was[key])]


def _briefly(value: Any, other: Any) -> str:
    """A value in one line: all of it, or what tells it from the other one."""
    if not isinstance(value, Tensor) or value.numel() <= SHOWN:
        return shown(value)
    if isinstance(other, Tensor) and (other.shape, other.dtype) == (value.shape, value.dtype):
        at = tuple((value != other).nonzero()[0].tolist())
        return f"{shown(value[at])} at {at}"
    return f"a tensor of shape {tuple(value.shape)} and {value.dtype}"


def _name_of_argument(f: Callable[..., Any], place: int) -> str:
    try:
        names = list(inspect.signature(f).parameters)
    except (TypeError, ValueError):  # such as a function written in C
        names = []
    return names[place] if place < len(names) else f"number {place + 1}"


def keeps_generator(f: Callable[..., Any], *args: Any) -> bool:
    """Call ``f(*args)`` and say whether torch's global generator stood still.

    Examples:
        >>> keeps_generator(torch.ones, 2), keeps_generator(torch.rand, 2)
        (True, False)
    """
    kept = _keeps_generator(f, *args)
    if not kept:
        note("generator-moved", sys._getframe(1))
    return kept


def expect_keeps_generator(f: Callable[..., Any], *args: Any) -> None:
    """Raise unless :func:`keeps_generator` is true.

    Raises:
        CheckError: if ``f`` draws from torch's global generator, or seeds it.

    Examples:
        >>> expect_keeps_generator(torch.ones, 2)
    """
    if not _keeps_generator(f, *args):
        text = (
            f"{name_of(f)} drew from torch's global generator, or seeded it: "
            "draw from one of its own, `torch.Generator()`"
        )
        raise CheckError(Difference("generator-moved", text))


def _keeps_generator(f: Callable[..., Any], *args: Any) -> bool:
    if hasattr(f, "keeps_generator"):
        kept: bool = f.keeps_generator(*args)
        return kept
    torch.rand(1)  # off the start of its seed, where seeding it anew would not show
    before = torch.get_rng_state()
    f(*_copy(args))
    return torch.equal(before, torch.get_rng_state())


def keeps_grad_mode(f: Callable[..., Any], *args: Any) -> bool:
    """Call ``f(*args)`` and say whether gradients are on or off afterwards as they were before.

    Examples:
        >>> keeps_grad_mode(torch.relu, torch.ones(2))
        True
    """
    kept = _keeps_grad_mode(f, *args)
    if not kept:
        note("grad-mode-changed", sys._getframe(1))
    return kept


def expect_keeps_grad_mode(f: Callable[..., Any], *args: Any) -> None:
    """Raise unless :func:`keeps_grad_mode` is true.

    Raises:
        CheckError: if ``f`` leaves gradients switched on or off otherwise than it found them.

    Examples:
        >>> expect_keeps_grad_mode(torch.relu, torch.ones(2))
    """
    if not _keeps_grad_mode(f, *args):
        on, off = ("on", "off") if torch.is_grad_enabled() else ("off", "on")
        text = f"gradients were {on} before {name_of(f)}, and are {off} after it"
        raise CheckError(Difference("grad-mode-changed", text))


def _keeps_grad_mode(f: Callable[..., Any], *args: Any) -> bool:
    if hasattr(f, "keeps_grad_mode"):
        kept: bool = f.keeps_grad_mode(*args)
        return kept
    before = torch.is_grad_enabled()
    try:
        f(*_copy(args))
        return torch.is_grad_enabled() == before
    finally:
        torch.set_grad_enabled(before)


def _copy(value: Any) -> Any:
    """Copy tensors and the containers that hold them; anything else is passed on."""
    if isinstance(value, Tensor):
        return _copy_tensor(value).requires_grad_(value.requires_grad)
    if isinstance(value, list | tuple):
        copies = [_copy(item) for item in value]
        if hasattr(value, "_fields"):  # a named tuple takes its items one by one
            return type(value)(*copies)
        return type(value)(copies)
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    return value


def _copy_tensor(value: Tensor) -> Tensor:
    """Copy a tensor; one that is not contiguous has a copy with the same strides."""
    if value.is_contiguous() or _overlaps(value):
        return value.detach().clone()
    copy = torch.empty_strided(value.shape, value.stride(), dtype=value.dtype)
    return copy.copy_(value.detach())


def _overlaps(value: Tensor) -> bool:
    """Whether entries may share their place in memory, as those of an expanded tensor do."""
    reach = 0
    for stride, size in sorted(zip(value.stride(), value.shape, strict=True)):
        if size > 1 and stride <= reach:
            return True
        reach += stride * (size - 1)
    return False


def _same(a: Any, b: Any) -> bool:
    if isinstance(b, Tensor):
        return find_difference(a, b, "", EXACT) is None and a.requires_grad == b.requires_grad
    if isinstance(b, list | tuple):
        return type(a) is type(b) and len(a) == len(b) and all(map(_same, a, b))
    if isinstance(b, dict):
        return list(a) == list(b) and all(_same(a[key], b[key]) for key in b)
    return a is b or bool(a == b)


def name_of(f: Callable[..., Any]) -> str:
    """The name of a function in messages."""
    name: str = getattr(f, "__name__", "the function")
    return name
