"""The plain-data codec between the checker and a student's process.

Theory of operation. A message is a frame (`frame.py`) that holds one encoded value. A value
is a tag byte and its content; containers hold their number of items, then the items. There is a
tag for None, True, False, integers, floats, complex numbers, strings, tensors, arrays, lists,
tuples and dicts, and for nothing else: a subclass travels as its base, and an object of any other
class cannot be encoded. So what a student's process sends is data that the checker builds itself.
It is never a pickle, and no object of it can answer for itself.

The bytes may come from code that wants to break the reader. `decode` therefore counts values and
depth, reads a length only if that many bytes are there, takes dtypes from a list by number, and
compares a tensor's bytes with its shape before it allocates. Whatever it gets, it returns a value
or raises `WireError`, in time and memory proportional to the length of the bytes.

One more tag exists in the trusted direction alone: a callable, as bytes that `decode` hands to
the function it was given for them. The checker gives none.
"""

import math
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from mlpkit.grader.frame import (
    LENGTH,
    MOST_BYTES,
    Closed,
    WireError,
    deadline,
    patience,
    receive,
    send,
)

__all__ = ["Closed", "WireError", "deadline", "decode", "encode", "patience", "receive", "send"]
MOST_VALUES = 200_000
MOST_DEPTH = 32
MOST_DIMENSIONS = 16
MOST_INTEGER = 1024  # bytes
# bool is the last of both lists: `entries` looks at its bytes
DTYPES = (
    *(torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.complex128),
    *(torch.complex64, torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool),
)
ARRAYS = tuple("f8 f4 f2 c16 c8 i8 i4 i2 i1 u1 u2 u4 u8 b1".split())  # noqa: SIM905
# an exception travels as an index into this tuple, the nearest base first; NotImplementedError
# is left out, so that a stub never passes for code that raises RuntimeError
ERRORS = (
    *(ZeroDivisionError, OverflowError, FloatingPointError, ArithmeticError, AssertionError),
    *(AttributeError, BufferError, EOFError, ModuleNotFoundError, ImportError, IndexError),
    *(KeyError, LookupError, MemoryError, UnboundLocalError, NameError, OSError, RecursionError),
    *(RuntimeError, TypeError, UnicodeError, ValueError),
)
_CONSTANTS = {b"N": None, b"T": True, b"F": False}
_NUMBERS = {dtype: number for number, dtype in enumerate(DTYPES)}
_ARRAY_DTYPES = tuple(np.dtype("<" + kind) for kind in ARRAYS)
_HEAD = struct.Struct("<BBB")
_SHAPES = [struct.Struct(f"<{dimensions}Q") for dimensions in range(MOST_DIMENSIONS + 1)]
_FLOAT = struct.Struct("<d")
_COMPLEX = struct.Struct("<dd")


class StudentError(Exception):
    """An exception of the student's code that is none of `ERRORS`."""


def encode(value: Any, callables: Callable[[Any], bytes] | None = None) -> bytes:
    """Encode a value.

    Args:
        value: plain data.
        callables: turns anything that is no plain data into bytes, or raises.

    Raises:
        WireError: if the value is no plain data, or too large.

    Example:
        >>> decode(encode({"a": [1, 2.5, None]}))
        {'a': [1, 2.5, None]}
    """
    parts: list[bytes] = []
    _put(parts, value, callables, 0)
    content = b"".join(parts)
    if len(content) > MOST_BYTES:
        raise WireError(f"the value is larger than {MOST_BYTES >> 20} MB")
    return content


def _put(parts: list, value: Any, callables: Callable | None, depth: int) -> None:
    if depth > MOST_DEPTH or len(parts) > MOST_VALUES:
        raise WireError("the value holds too many parts or is nested too deeply")
    if isinstance(value, torch.Tensor):
        parts.append(_tensor(value))
    elif isinstance(value, list | tuple | dict):
        tag, items = _items(value)
        parts.append(tag + LENGTH.pack(len(items)))
        for item in items:
            _put(parts, item, callables, depth + 1)
    elif isinstance(value, np.ndarray):
        parts.append(_array(value))
    else:
        parts.append(_scalar(value.item() if isinstance(value, np.generic) else value, callables))


def _items(value: list | tuple | dict) -> tuple[bytes, list]:
    """The tag and the items; a subclass is not asked for them, it could say anything."""
    if isinstance(value, dict):
        return b"M", [part for pair in dict.items(value) for part in pair]
    kind = list if isinstance(value, list) else tuple
    return (b"L" if kind is list else b"U"), [*kind.__iter__(value)]


def _scalar(value: Any, callables: Callable | None) -> bytes:
    if value is None:
        return b"N"
    if isinstance(value, bool):
        return b"T" if value else b"F"
    if isinstance(value, str):
        return _sized(b"S", str.encode(value, "utf-8", "replace"))
    if isinstance(value, float):
        return b"D" + _FLOAT.pack(float.__float__(value))
    if isinstance(value, int):
        content = int.__index__(value)
        return _sized(b"I", content.to_bytes(content.bit_length() // 8 + 1, "little", signed=True))
    if isinstance(value, complex):
        return b"C" + _COMPLEX.pack(value.real, value.imag)
    if callables is None:
        raise WireError(f"{type(value).__name__} is no plain data")
    return _sized(b"X", callables(value))


def _sized(tag: bytes, content: bytes) -> bytes:
    return tag + LENGTH.pack(len(content)) + content


def _tensor(value: torch.Tensor) -> bytes:
    plain = value.detach()
    if type(plain) is not torch.Tensor:
        plain = plain.as_subclass(torch.Tensor)
    kind = _NUMBERS.get(plain.dtype)
    if kind is None or plain.layout != torch.strided or not plain.is_cpu:
        raise WireError(f"a tensor of {value.dtype}, {value.layout}, {value.device} cannot travel")
    if plain.nbytes > MOST_BYTES:
        raise WireError(f"a tensor larger than {MOST_BYTES >> 20} MB")
    head = _head(kind, value.requires_grad, plain.shape)
    if plain.dtype == torch.bfloat16:  # NumPy has no such type
        plain = plain.contiguous().view(torch.int16)
    elif plain.is_neg() or plain.is_conj():  # nor marks of operations still to be done
        plain = plain.resolve_neg().resolve_conj()
    return b"Z" + head + plain.numpy().tobytes()


def _head(kind: int, flag: bool, shape: tuple[int, ...]) -> bytes:
    if len(shape) > MOST_DIMENSIONS:
        raise WireError("a value of too many dimensions")
    return _HEAD.pack(kind, flag, len(shape)) + _SHAPES[len(shape)].pack(*shape)


def _array(value: np.ndarray) -> bytes:
    kind, shape = value.dtype.str[1:], value.shape
    if kind not in ARRAYS:
        raise WireError(f"an array of {value.dtype} cannot travel")
    if value.size * value.itemsize > MOST_BYTES:
        raise WireError(f"an array larger than {MOST_BYTES >> 20} MB")
    head = _head(ARRAYS.index(kind), False, shape)
    return b"A" + head + np.ascontiguousarray(value, dtype="<" + kind).tobytes()


def decode(data: bytes, callables: Callable[[bytes], Any] | None = None) -> Any:
    """Decode one value from bytes that may be hostile.

    Args:
        data: the bytes of one value.
        callables: turns the bytes of a callable into it; None refuses callables.

    Raises:
        WireError: if the bytes are not one plain value.
    """
    reader = _Reader(data, callables)
    try:
        value = reader.value(0)
    except (struct.error, IndexError):
        raise WireError("the message is cut short") from None
    if reader.at != len(data):
        raise WireError("bytes after the value")
    return value


class _Reader:
    """Reads value after value; past the end, `struct` and indexing raise."""

    def __init__(self, data: bytes, callables: Callable | None):
        self.data, self.callables, self.at, self.count = data, callables, 0, 0

    def unpack(self, form: struct.Struct) -> tuple:
        found = form.unpack_from(self.data, self.at)
        self.at += form.size
        return found

    def take(self, size: int) -> bytes:
        start, self.at = self.at, self.at + size
        if self.at > len(self.data):
            raise WireError("the message is cut short")
        return self.data[start : self.at]

    def value(self, depth: int) -> Any:
        self.count += 1
        if self.count > MOST_VALUES or depth > MOST_DEPTH:
            raise WireError("the message holds too many parts or is nested too deeply")
        tag = self.data[self.at : self.at + 1]
        self.at += 1
        if tag == b"Z" or tag == b"A":
            return self.tensor() if tag == b"Z" else self.array()
        if tag in _CONSTANTS:
            return _CONSTANTS[tag]
        if tag == b"L" or tag == b"U" or tag == b"M":
            return self.container(tag, depth + 1)
        return self.scalar(tag)

    def container(self, tag: bytes, depth: int) -> Any:
        (size,) = self.unpack(LENGTH)
        if size > MOST_VALUES:
            raise WireError("the message holds too many parts")
        items = [self.value(depth) for _ in range(size)]
        if tag != b"M":
            return items if tag == b"L" else tuple(items)
        keys, values = items[::2], items[1::2]
        if len(keys) != len(values) or not all(isinstance(k, _KEYS) for k in keys):
            raise WireError("a dict with a key that is no number or string")
        return dict(zip(keys, values, strict=True))

    def scalar(self, tag: bytes) -> Any:
        if tag == b"D":
            return self.unpack(_FLOAT)[0]
        if tag == b"C":
            return complex(*self.unpack(_COMPLEX))
        (size,) = self.unpack(LENGTH)
        if tag == b"S":
            return self.take(size).decode("utf-8", "replace")
        if tag == b"I" and size <= MOST_INTEGER:
            return int.from_bytes(self.take(size), "little", signed=True)
        if tag == b"X" and self.callables is not None:
            return self.callables(self.take(size))
        raise WireError("an unknown kind of value, or an integer too large")

    def entries(self, dtypes: tuple) -> tuple[Any, int, tuple[int, ...], bytearray]:
        """The dtype, the flag, the shape and the bytes of a tensor or an array."""
        kind, flag, dimensions = self.unpack(_HEAD)
        if kind >= len(dtypes) or flag > 1 or dimensions > MOST_DIMENSIONS:
            raise WireError("a tensor of an unknown dtype or of too many dimensions")
        shape = self.unpack(_SHAPES[dimensions])
        # without entries, too, a long axis is long to walk along
        if math.prod(n or 1 for n in shape) > (MOST_VALUES if 0 in shape else MOST_BYTES):
            raise WireError("a tensor larger than a message")
        content = bytearray(self.take(math.prod(shape) * dtypes[kind].itemsize))
        if kind == len(dtypes) - 1 and content and max(content) > 1:
            raise WireError("a bool that is neither 0 nor 1")
        return dtypes[kind], flag, shape, content

    def tensor(self) -> torch.Tensor:
        dtype, flag, shape, content = self.entries(DTYPES)
        if flag and not (dtype.is_floating_point or dtype.is_complex):
            raise WireError("a tensor of integers that requires grad")
        flat = torch.frombuffer(content, dtype=dtype) if content else torch.empty(0, dtype=dtype)
        shaped = flat if len(shape) == 1 else flat.reshape(shape)
        return shaped.requires_grad_() if flag else shaped

    def array(self) -> np.ndarray:
        dtype, _, shape, content = self.entries(_ARRAY_DTYPES)
        return np.frombuffer(content, dtype=dtype).reshape(shape)


_KEYS = (type(None), bool, int, float, str)


def error_of(error: BaseException) -> tuple[int, str]:
    """An exception as the index of its nearest base in `ERRORS` (-1: none) and its text."""
    kinds = () if isinstance(error, NotImplementedError) else type(error).__mro__
    index = next((ERRORS.index(kind) for kind in kinds if kind in ERRORS), -1)
    try:
        text = str(error)[:2000]
    except Exception:
        text = ""
    return index, text if index >= 0 else f"{type(error).__name__}: {text}"


def raised(index: Any, text: Any) -> Exception:
    """The exception that `error_of` described, as far as it is one."""
    if type(index) is int and type(text) is str and -1 <= index < len(ERRORS):
        error = ERRORS[index](text[:3000]) if index >= 0 else StudentError(text[:3000])
        error.from_student = True
        return error
    return WireError("an answer of the wrong form")
