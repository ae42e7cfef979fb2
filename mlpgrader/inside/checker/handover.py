"""What a test may hand to the student's process, which must not learn an answer from it.

A test's own callable travels as a pickle: it is loaded where the student's code runs. What is
handed over, and all that a test's own function uses, closes over or has for a default, is checked
by this table before anything is pickled; lists, tuples and dicts by their items.

| may travel                           | why                               | else refused          |
|--------------------------------------|-----------------------------------|-----------------------|
| None, a number, a dtype              | it says how to compute            | texts, sets, bytes    |
| a function of the student's          | its name alone travels            |                       |
| a function of the test cell          | stripped of docstring, names and  | a function of `mlpkit`|
|                                      | file; what it holds is checked by | or of a setup cell    |
|                                      | this same table                   |                       |
| a tensor, an array, a module or a    | Python's, NumPy's and torch's own | classes of the test   |
| callable of the public packages      | hold no answer of the course's    | cell, their objects   |

While it is pickled, each object inside is looked at once more: what is no part of the public
packages (`PUBLIC`), and not made of their classes, is refused wherever it hides, in an attribute
of an `nn.Module`, say.
"""

import builtins
import contextlib
import io
from collections.abc import Iterator
from numbers import Number
from types import CodeType, FunctionType, ModuleType
from typing import Any

import cloudpickle
import numpy as np
import torch

from mlpgrader.inside.checker.compiled_tests import TEST_FILE, names_in
from mlpgrader.inside.checker.remote import RemoteFunction

PUBLIC = frozenset(
    {
        "builtins",
        "collections",
        "copyreg",
        "itertools",
        "math",
        "numpy",
        "torch",
        "operator",
        "_operator",
        "types",
        "cloudpickle",
        "_codecs",
    }
)


class HandoverError(BaseException):  # so that a test's `except Exception` does not swallow it
    """A test hands over something that may carry an answer."""


def serialize_callable(value: Any) -> bytes:
    """A callable of a test as bytes for the student's process.

    Raises:
        HandoverError: if it holds something that could be an answer.
    """
    _refuse_secrets(value)
    file = io.BytesIO()
    _HandoverPickler(file).dump(value)
    return file.getvalue()


class _HandoverPickler(cloudpickle.Pickler):  # type: ignore[misc]  # it has no annotations
    """Pickles what may travel; a student's function goes as its name."""

    def persistent_id(self, value: Any) -> str | None:
        if type(value) is RemoteFunction:
            return value.__name__
        return None

    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, FunctionType) and _is_of_test_cell(value):
            return super().reducer_override(_strip(value))
        if not _is_public(value):
            raise _refusal(value)
        return super().reducer_override(value)


# --- the table -----------------------------------------------------------------------------


def _refuse_secrets(value: Any) -> None:
    for item in _items(value):
        if not is_allowed(item):
            raise _refusal(item)


def _items(value: Any) -> Iterator[Any]:
    """A value, or what a container of values holds, however deep."""
    if isinstance(value, dict):
        for item in value.values():
            yield from _items(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _items(item)
    else:
        yield value


def is_allowed(value: Any) -> bool:
    """Whether a value that is no container may travel: one line per row of the table."""
    return (
        _is_plain(value)
        or isinstance(value, RemoteFunction)
        or _is_of_test_cell(value)
        or _is_public_tool(value)
    )


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, Number | torch.dtype)


def _is_of_test_cell(value: Any) -> bool:
    return isinstance(value, FunctionType) and value.__code__.co_filename == TEST_FILE


def _is_public_tool(value: Any) -> bool:
    is_tool = callable(value) or isinstance(value, ModuleType | torch.Tensor | np.ndarray)
    return is_tool and _is_public(value)


def _is_public(value: Any) -> bool:
    """Whether a value is a part of Python, NumPy or torch, or made of their classes alone."""
    if isinstance(value, ModuleType):
        module = value.__name__
    elif isinstance(value, type | FunctionType):
        module = value.__module__
    else:
        module = type(value).__module__
    return module.partition(".")[0] in PUBLIC


def _refusal(value: Any) -> HandoverError:
    return HandoverError(f"a test hands over a {type(value).__name__}")


# --- a function of a test cell -------------------------------------------------------------


def _strip(function: FunctionType) -> FunctionType:
    """The function without docstring, annotations, names and file, if what it holds may travel."""
    used = {name: function.__globals__[name] for name in _used_names(function)}
    for value in _held_values(function, used):
        _refuse_secrets(value)
    code = _strip_code(function.__code__)
    bare = FunctionType(code, used, "f", function.__defaults__, function.__closure__)
    bare.__kwdefaults__ = function.__kwdefaults__
    bare.__module__ = "__main__"
    return bare


def _held_values(function: FunctionType, used: dict[str, Any]) -> Iterator[Any]:
    yield from used.values()
    for cell in function.__closure__ or ():
        yield cell.cell_contents
    yield from function.__defaults__ or ()
    yield from (function.__kwdefaults__ or {}).values()


def _strip_code(code: CodeType) -> CodeType:
    constants = [_strip_constant(constant) for constant in code.co_consts]
    if constants and isinstance(constants[0], str):
        constants[0] = None  # where a docstring is kept
    return code.replace(
        co_consts=tuple(constants),
        co_filename="",
        co_name="f",
        co_qualname="f",
        co_firstlineno=1,
        co_linetable=b"",
    )


def _strip_constant(constant: Any) -> Any:
    if isinstance(constant, CodeType):
        return _strip_code(constant)
    return constant


def _used_names(function: FunctionType) -> set[str]:
    """The global names that a function uses, those of builtins left out."""
    names = names_in(function.__code__)
    return {name for name in names if _is_global(name, function.__globals__)}


def _is_global(name: str, namespace: dict[str, Any]) -> bool:
    """Whether a name is to be looked up there and is not the namespace itself."""
    if hasattr(builtins, name):
        return False
    with contextlib.suppress(KeyError):
        return namespace[name] is not namespace
    return False
