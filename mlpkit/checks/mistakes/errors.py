"""Name what an error means that a visible test has met."""

import linecache
import re
import traceback
from collections import Counter

import torch

from .kinds import Kind, Mistake


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
