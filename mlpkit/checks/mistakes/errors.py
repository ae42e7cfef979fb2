"""Name what an error means that a visible test has met."""

import difflib
import linecache
import re
import traceback
from collections import Counter
from dataclasses import replace

import torch
from torch import nn

from .kinds import MAKES_A_LAYER, Kind, Mistake


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
    if _arose_in_a_layer_s_init(error):
        return Mistake("raised", MAKES_A_LAYER)
    for pattern, mistake in ERRORS.items():
        if found := re.search(pattern, str(error)):
            return replace(mistake, sentence=mistake.sentence.format(*found.groups()))
    return None


def _of_recursion(name: str) -> str:
    text = f"{name} calls itself deeper than Python allows"
    for place, functions in (("torch", torch), ("nn.functional", nn.functional)):
        if hasattr(functions, name):
            return f"{text}: is another function of this name meant, such as {place}.{name}?"
    return f"{text}: use a loop and a list instead"


def _arose_in_a_layer_s_init(error: BaseException) -> bool:
    """Whether a class of `torch.nn` was given what its function should have been given."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    return any(
        frame.f_code.co_name == "__init__" and isinstance(frame.f_locals.get("self"), nn.Module)
        for frame in frames
        if str(frame.f_globals.get("__name__", "")).startswith("torch.nn.")
    )


def _of_assert(text: str) -> Mistake | None:
    """The kind of what an `assert` of a test says in words."""
    if text.endswith(", got NoneType"):
        return Mistake("none-returned", GAVE_NONE)
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
    if str(error).endswith("no attribute 'grad'"):  # what should have one is None itself
        return None
    if ".grad" in linecache.getline(file, line):
        return Mistake("raised", NO_GRAD)
    return None


GAVE_NONE = "the function gives back None: did you forget `return`?"
NO_GRAD = "`.grad` is None: no backward() has filled it, or it is that of another, new tensor"
# what an error's text has to match, and what to say; the sentence may use what the text says
ERRORS = {
    r"a leaf Variable that requires grad": Mistake(
        "argument-changed",
        "what requires grad is changed in place: make a new tensor instead, and take a step of "
        "training under `torch.no_grad()`",
    ),
    r"does not have a grad_fn": Mistake(
        "raised",
        "autograd is asked for the gradient of something that depends on no tensor that requires "
        "grad: switched off, cut off, or a constant",
    ),
    r"backward through the graph a second time": Mistake(
        "raised",
        "a backward pass frees its graph: give the first one `retain_graph=True`, or `detach()` "
        "what the second one should not reach back to",
    ),
    r"grad can be implicitly created only for scalar": Mistake(
        "raised", "a backward pass starts from one number: take an entry of the tensor, or a sum"
    ),
    r"Can't call numpy\(\) on Tensor that requires grad": Mistake(
        "numpy", "NumPy cuts autograd off: compute with torch"
    ),
    r"shapes cannot be multiplied \((\d+)x(\d+) and (\d+)x(\d+)\)": Mistake(
        "raised",
        "a matrix product of ({}, {}) and ({}, {}) does not fit: is a `.T` missing, or the order "
        "wrong?",
    ),
    r"\((\d+)\) must match the size of tensor b \((\d+)\) at .*dimension (\d+)": Mistake(
        "raised",
        "shapes do not fit entry by entry, {} and {} along axis {}: the wrong axis, a lost "
        "`keepdim=True`, or `*` for `@`?",
    ),
    r"have the same dtype": Mistake(
        "raised", "two dtypes meet: make each new tensor with the `dtype` of those that you got"
    ),
    r"not implemented for '(?:Long|Int)'": Mistake(
        "raised", "whole numbers came where floats are due: are two arguments exchanged?"
    ),
    r"Boolean value of Tensor": Mistake(
        "raised",
        "`if`, `and`, `max` and the `==` of tuples want one yes or no: use `torch.where`, or "
        "`torch.equal`",
    ),
    r"'bool' object has no attribute": Mistake(
        "raised",
        "`==` gives a single bool unless both sides are tensors: `max` along an axis gives values "
        "and places, `argmax` the places",
    ),
    r"torch\.return_types\.(\w+)": Mistake(
        "wrong-type",
        "torch.{} along an axis gives values and places: take `.values` or `.indices`",
    ),
    r"unsupported operand .*'(?:\w*ReLU|Tanh|Sigmoid|SiLU|\w*Softmax)'": Mistake(
        "wrong-type", MAKES_A_LAYER
    ),
    r"^(tuple|list) indices must be integers or slices, not str": Mistake(
        "wrong-type", "a {} is asked for an entry by its name: a dict is due here"
    ),
    r"'type' object does not support the context manager": Mistake(
        "raised", "`with` wants what a call gives: `torch.no_grad()`, with its parentheses"
    ),
    r"converted to Python scalars": Mistake(
        "raised", "`math` and `float` take one number: use torch's functions, such as `torch.exp`"
    ),
    r"cannot be converted to Scalar": Mistake(
        "raised", "`.item()` is for a tensor of one entry: keep the tensor, or take an entry of it"
    ),
    r"reduction dim .* input\.numel\(\) == 0": Mistake(
        "raised", "the largest or smallest of no entries: in which case is nothing left?"
    ),
    r"Index tensor must have the same number of dimensions": Mistake(
        "raised", "gather wants an index with as many axes as its tensor: `y[:, None]` has two"
    ),
    r"view size is not compatible": Mistake(
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
    for known in _names_like(name, _names_at(error)):
        return Mistake("other-variable", f"{name} is not defined here, but {known} is")
    question = "is its cell run, and the name spelled so?"
    if name in IMPORTS:
        question = f"write `{IMPORTS[name]}` into the cell that uses it"
    return Mistake("undefined", f"{name} is not defined: {question}")


def _names_like(name: str, known: list[str]) -> list[str]:
    """Those that differ in case alone, then the one that is spelled much like it."""
    same = [other for other in known if other != name and other.lower() == name.lower()]
    return same or difflib.get_close_matches(name, known, n=1, cutoff=0.8)


def _names_at(error: BaseException) -> list[str]:
    """The local names where an error was raised."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    return list(frames[-1].f_locals) if frames else []


def _of_unpacking(error: BaseException) -> Mistake | None:
    if "NoneType" in str(error):
        return Mistake("none-returned", GAVE_NONE)
    if "expected" not in str(error):
        return Mistake("wrong-type", "the function should give back several values, and gives one")
    text = str(error)
    wanted = text.partition("expected ")[2].partition(",")[0].rstrip(")").split()[-1]
    got = re.search(r"got (\d+)", text)
    has = got[1] if got else ("more" if "too many" in text else "fewer")
    return Mistake("wrong-length", f"{wanted} values are taken out of something that has {has}")
