"""Call the function under test: on copies, by autograd, and with a look at what it left changed."""

import sys
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from .compare import EXACT, CheckError, Difference, find_difference, note, wrong_type


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
            f"autograd finds no path from the result of {name_of(f)} back to argument {wrt}: is it "
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
        note("argument-changed", sys._getframe(1))
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
        note("generator-moved", sys._getframe(1))
    return kept


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
