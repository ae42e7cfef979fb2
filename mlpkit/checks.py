"""What the test cells of the exercises call: say what was expected and what came.

The visible part of a test cell calls an ``expect_…`` function, which raises an
``AssertionError`` that teaches. The hidden part writes ``assert checks.is_close(…)``, whose
message names the property alone. The function under test may be an ordinary one or a stand-in
for one that runs in another process. A stand-in brings its own ``value_and_grad``,
``keeps_arguments`` and ``keeps_generator``, and those are used.
"""

import sys
from collections.abc import Callable
from numbers import Integral, Real
from typing import Any

import torch
from torch import Tensor

SHOWN = 12  # a tensor with at most this many entries is shown whole


def expect_close(
    actual: Any, expected: Any, what: str = "result", *, rtol: float = 1e-6, atol: float = 1e-9
) -> None:
    """Raise unless ``actual`` is ``expected`` up to rounding.

    Args:
        actual: what the function under test returned.
        expected: a number (a 0-d tensor may answer it), a tensor (shape and dtype count), or
            a list, tuple or dict of these. A list may answer a tuple and the other way round.
        what: the name of the value in the message.
        rtol: allowed error relative to the expected entry.
        atol: allowed absolute error; nan equals nan, and inf equals inf.

    Raises:
        AssertionError: if they differ; the message says what was expected and what came.

    Examples:
        >>> expect_close(torch.tensor(0.5), 0.5)
        >>> expect_close(torch.zeros(2, 3), torch.zeros(3, 2), "dW")
        Traceback (most recent call last):
        AssertionError: dW has the wrong shape
          expected (3, 2)
          got      (2, 3)
    """
    _raise_if(_difference(actual, expected, what, rtol, atol))


def expect_equal(actual: Any, expected: Any, what: str = "result") -> None:
    """Raise unless ``actual`` equals ``expected`` exactly; a whole number must be an ``int``.

    Raises:
        AssertionError: if they differ; the message says what was expected and what came.

    Examples:
        >>> expect_equal([0, 2], [0, 2])
        >>> expect_equal(None, 3, "count")
        Traceback (most recent call last):
        AssertionError: count is None: did you forget `return`?
    """
    _raise_if(_difference(actual, expected, what, 0.0, 0.0, whole=True))


def is_close(actual: Any, expected: Any, *, rtol: float = 1e-6, atol: float = 1e-9) -> bool:
    """Whether :func:`expect_close` would pass: the form for the hidden part of a test.

    Examples:
        >>> is_close(torch.ones(2), torch.ones(2, dtype=torch.float64))  # another dtype
        False
    """
    return not _difference(actual, expected, "", rtol, atol)


def is_equal(actual: Any, expected: Any) -> bool:
    """Whether :func:`expect_equal` would pass.

    Examples:
        >>> is_equal(3, 3), is_equal(torch.tensor(3), 3)
        (True, False)
    """
    return not _difference(actual, expected, "", 0.0, 0.0, whole=True)


def expect_raises(exception_type: type[BaseException], f: Callable, *args: Any) -> None:
    """Raise unless ``f(*args)`` raises ``exception_type``.

    Raises:
        AssertionError: if the call returns, or raises something else.

    Examples:
        >>> expect_raises(ValueError, int, "seven")
    """
    what = f"{_name(f)} should raise {exception_type.__name__}"
    try:
        f(*(_copy(a) for a in args))
    except exception_type:
        return
    except Exception as error:
        raise AssertionError(f"{what}, and raised {type(error).__name__}") from error
    raise AssertionError(f"{what}, and raised nothing")


def expect_derivative(
    f: Callable[[Tensor], Tensor],
    grad: Callable[[Tensor], Tensor],
    x: Tensor,
    what: str | None = None,
    *,
    rtol: float = 1e-6,
    atol: float = 1e-9,
) -> None:
    """Raise unless ``grad(x)`` is the derivative of the elementwise function ``f`` at ``x``.

    In a Jupyter kernel a wrong derivative is also drawn beside the right one.

    Args:
        f: a differentiable elementwise function.
        grad: the claimed derivative.
        x: where the two are compared.
        what: the name in the message; ``grad``'s own when ``None``.
        rtol: allowed relative error.
        atol: allowed absolute error.

    Shape:
        - x: any.

    Raises:
        AssertionError: if they differ.

    Examples:
        >>> expect_derivative(torch.sin, torch.cos, torch.linspace(-2, 2, 5), "sin'")
    """
    expected = _derivative(f, x)
    claimed = grad(x.clone())
    problem = _difference(claimed, expected, what or f"{_name(grad)}(x)", rtol, atol)
    if problem and _in_kernel():
        _draw_difference(x, claimed, expected)
    _raise_if(problem)


def value_and_grad(f: Callable, *args: Any, wrt: int = 0) -> tuple[Tensor, Any]:
    """Compute ``f(*args)`` and the gradient of its sum, both detached.

    Args:
        f: a function that returns a tensor of any shape.
        args: what it is given; ``f`` meets copies.
        wrt: the position of the argument to differentiate by: a tensor, or a list of tensors.

    Returns:
        The value, and the gradient as a tensor shaped like the argument, or a list of such.

    Raises:
        AssertionError: if ``f`` does not return a tensor, or its result does not depend on
            the argument as far as autograd can see.

    Examples:
        >>> value_and_grad(torch.square, torch.tensor([1.0, 3.0]))
        (tensor([1., 9.]), tensor([2., 6.]))
    """
    if hasattr(f, "value_and_grad"):
        return f.value_and_grad(*args, wrt=wrt)
    copies = [_copy(a) for a in args]
    several = isinstance(copies[wrt], list | tuple)
    leaves = [t.detach().requires_grad_() for t in (copies[wrt] if several else [copies[wrt]])]
    copies[wrt] = type(copies[wrt])(leaves) if several else leaves[0]
    with torch.enable_grad():
        value = f(*copies)
        _raise_if(_type_difference(value, Tensor, f"the result of {_name(f)}"))
        grads = [None] * len(leaves)
        if value.requires_grad:
            grads = torch.autograd.grad(value.sum(), leaves, allow_unused=True)
    if any(g is None for g in grads):
        raise AssertionError(
            f"autograd finds no path from the result of {_name(f)} back to argument {wrt}: is it "
            "detached, built by `torch.tensor(…)`, or computed through `.item()` or NumPy?"
        )
    return value.detach(), list(grads) if several else grads[0]


def keeps_arguments(f: Callable, *args: Any) -> bool:
    """Call ``f`` on copies of ``args`` and say whether it left them as they were.

    Values, shapes, dtypes and ``requires_grad`` flags of tensors count, and the items of lists
    and dicts. ``args`` themselves are never handed over.

    Examples:
        >>> keeps_arguments(torch.relu, torch.ones(2)), keeps_arguments(list.pop, [1, 2])
        (True, False)
    """
    if hasattr(f, "keeps_arguments"):
        return f.keeps_arguments(*args)
    copies = [_copy(a) for a in args]
    f(*copies)
    return _same(copies, list(args))


def keeps_generator(f: Callable, *args: Any) -> bool:
    """Call ``f(*args)`` and say whether torch's global generator stood still.

    Examples:
        >>> keeps_generator(torch.ones, 2), keeps_generator(torch.rand, 2)
        (True, False)
    """
    if hasattr(f, "keeps_generator"):
        return f.keeps_generator(*args)
    torch.rand(1)  # off the start of its seed, where seeding it anew would not show
    before = torch.get_rng_state()
    f(*(_copy(a) for a in args))
    return torch.equal(before, torch.get_rng_state())


def _raise_if(problem: str) -> None:
    if problem:
        raise AssertionError(problem)


def _difference(
    actual: Any, expected: Any, what: str, rtol: float, atol: float, whole: bool = False
) -> str:
    """Say how ``actual`` differs from ``expected``; an empty string when it does not."""
    if actual is None and expected is not None:
        return f"{what} is None: did you forget `return`?"
    if isinstance(expected, Tensor):
        return _tensor_difference(actual, expected, what, rtol, atol)
    if isinstance(expected, list | tuple):
        problem = _type_difference(actual, list | tuple, what)
        problem = problem or _unequal(f"{what} has the wrong length", len(actual), len(expected))
        parts = ((f"{what}[{i}]", i) for i in range(len(expected)))
    elif isinstance(expected, dict):
        problem = _type_difference(actual, dict, what)
        problem = problem or _unequal(f"{what} has the wrong keys", [*actual], [*expected], set)
        parts = ((f"{what}[{k!r}]", k) for k in expected)
    else:
        return _scalar_difference(actual, expected, what, rtol, atol, whole)
    if problem:
        return problem
    found = (_difference(actual[k], expected[k], name, rtol, atol, whole) for name, k in parts)
    return next(filter(None, found), "")


def _unequal(what: str, actual: Any, expected: Any, key: Callable = lambda a: a) -> str:
    return "" if key(actual) == key(expected) else _both(what, actual, expected)


def _both(what: str, actual: Any, expected: Any) -> str:
    return f"{what}\n  expected {_shown(expected)}\n  got      {_shown(actual)}"


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_shown, value))}]"
    return f"{value:.7g}" if isinstance(value, float) else str(value)


def _type_difference(actual: Any, wanted: Any, what: str, but: Any = ()) -> str:
    if isinstance(actual, wanted) and not isinstance(actual, but):
        return ""
    if actual is None:
        return f"{what} is None: did you forget `return`?"
    name = {Tensor: "a tensor", dict: "a dict", Integral: "an int", Real: "a number"}
    expected = name.get(wanted, "a list or tuple")
    return _both(f"{what} has the wrong type", type(actual).__name__, expected)


def _scalar_difference(
    actual: Any, expected: Any, what: str, rtol: float, atol: float, whole: bool
) -> str:
    if not isinstance(expected, Real) or isinstance(expected, bool):
        equal = type(actual) is type(expected) and actual == expected
        return "" if equal else _both(f"{what} is wrong", repr(actual), repr(expected))
    if isinstance(actual, Tensor) and not whole and actual.dtype != torch.bool:
        if problem := _unequal(f"{what} has the wrong shape", tuple(actual.shape), ()):
            return problem
        actual = actual.item()
    wanted = Integral if whole and isinstance(expected, Integral) else Real
    if problem := _type_difference(actual, wanted, what, but=bool):
        return problem
    pair = torch.tensor([float(actual), float(expected)], dtype=torch.float64)
    equal = actual == expected if whole else _close(pair[0], pair[1], rtol, atol)
    return "" if equal else _both(f"{what} is wrong", actual, expected)


def _close(actual: Tensor, expected: Tensor, rtol: float, atol: float) -> Tensor:
    return torch.isclose(actual, expected, rtol=rtol, atol=atol, equal_nan=True)


def _tensor_difference(actual: Any, expected: Tensor, what: str, rtol: float, atol: float) -> str:
    problem = (
        _type_difference(actual, Tensor, what)
        or _unequal(f"{what} has the wrong shape", tuple(actual.shape), tuple(expected.shape))
        or _unequal(f"{what} has the wrong dtype", actual.dtype, expected.dtype)
    )
    if problem:
        return problem
    if torch.equal(actual, expected):
        return ""
    actual, expected = actual.detach(), expected.detach()
    differs = ~_close(actual, expected, rtol, atol)
    if not differs.any():
        return ""
    if actual.numel() <= SHOWN:
        return _both(f"{what} is wrong", actual.tolist(), expected.tolist())
    at = tuple(differs.nonzero()[0].tolist())
    where = f"{what} is wrong at {int(differs.sum())} of {actual.numel()} entries, first at {at}"
    return _both(where, actual[at].item(), expected[at].item())


def _copy(value: Any) -> Any:
    """Copy tensors and the containers that hold them; anything else is passed on."""
    if isinstance(value, Tensor):
        return value.detach().clone().requires_grad_(value.requires_grad)
    if isinstance(value, list | tuple):
        copies = [_copy(v) for v in value]
        return type(value)(*copies) if hasattr(value, "_fields") else type(value)(copies)
    if isinstance(value, dict):
        return {k: _copy(v) for k, v in value.items()}
    return value


def _same(a: Any, b: Any) -> bool:
    if isinstance(b, Tensor):
        return is_equal(a, b) and a.requires_grad == b.requires_grad
    if isinstance(b, list | tuple):
        return type(a) is type(b) and len(a) == len(b) and all(map(_same, a, b))
    if isinstance(b, dict):
        return [*a] == [*b] and all(_same(a[k], b[k]) for k in b)
    return a is b or a == b


def _name(f: Callable) -> str:
    return getattr(f, "__name__", "the function")


def _derivative(f: Callable[[Tensor], Tensor], x: Tensor, step: float = 1e-6) -> Tensor:
    """Differentiate by autograd, or by centred differences where autograd finds no path."""
    try:
        return value_and_grad(f, x)[1]
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

    order = x.flatten().argsort()
    figure, ax = plt.subplots(figsize=(5, 3))
    for values, style, label in ((expected, "o-", "expected"), (claimed, "x--", "got")):
        ax.plot(x.flatten()[order], values.detach().flatten()[order], style, label=label)
    ax.set(xlabel="x", ylabel="derivative")
    ax.legend()
    display(figure)
    plt.close(figure)
