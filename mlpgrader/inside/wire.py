"""The plain-data codec between the checker and a student's process.

Theory of operation. A message is a frame (`frame.py`) that holds one value as MessagePack. What
MessagePack has (None, bools, numbers, strings, lists, dicts) travels as it is; tensors, arrays,
complex numbers and large integers are extension types of ours; a tuple is a list behind a mark.
A subclass travels as its base, and an object of any other class cannot be encoded. So what a
student's process sends is data that the checker builds itself: never a pickle, and no object of it
can answer for itself.

The bytes may come from code that wants to break the reader. The unpacker is told how long a list
may be; a tensor's dtype is taken from a list by number and its bytes are compared with its shape
before anything is allocated; what was read is then walked once, with its depth counted, and
anything but plain data is refused. Whatever `decode` gets, it returns a value or raises
`WireError`, in time and memory proportional to the length of the bytes.

One more extension exists in the trusted direction alone: a callable, as bytes that `decode` hands
to the function it was given for them. The checker gives none.
"""

import math
import struct
from collections.abc import Callable
from typing import Any

import msgpack
import numpy as np
import torch

from mlpgrader.inside.frame import (
    MOST_BYTES,
    ClosedError,
    WireError,
    deadline,
    patience,
    receive,
    send,
)

__all__ = [
    "ClosedError",
    "WireError",
    "deadline",
    "decode",
    "encode",
    "patience",
    "receive",
    "send",
]
MOST_VALUES = 50_000  # of one list or dict
MOST_DEPTH = 32
MOST_DIMENSIONS = 16
MOST_INTEGER = 1024  # bytes
# bool is the last of both lists: `_entries` looks at its bytes
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
_NUMBERS = {dtype: number for number, dtype in enumerate(DTYPES)}
_ARRAY_DTYPES = tuple(np.dtype("<" + kind) for kind in ARRAYS)
_HEAD = struct.Struct("<BBB")
_SHAPES = [struct.Struct(f"<{dimensions}Q") for dimensions in range(MOST_DIMENSIONS + 1)]
_COMPLEX = struct.Struct("<dd")
_TENSOR, _ARRAY, _INTEGER, _PAIR, _MARK, _CALLABLE = range(1, 7)  # extension types
_TUPLE = msgpack.ExtType(_MARK, b"")
_KEYS = {type(None), bool, int, float, str}
_PLAIN = {*_KEYS, complex, torch.Tensor, np.ndarray}


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

    def extra(part: Any) -> Any:
        return _extra(part, callables)

    try:
        content = msgpack.packb(
            value, default=extra, strict_types=True, unicode_errors="replace", buf_size=1 << 12
        )
    except ValueError as error:
        raise WireError(f"the value is nested too deeply or too large: {error}") from None
    if len(content) > MOST_BYTES:
        raise WireError(f"the value is larger than {MOST_BYTES >> 20} MB")
    return content


def _extra(value: Any, callables: Callable | None) -> Any:
    """What travels in place of a value that MessagePack does not know.

    A subclass is not asked for what it holds: it could say anything.
    """
    if isinstance(value, torch.Tensor):
        return msgpack.ExtType(_TENSOR, _tensor(value))
    if isinstance(value, tuple):
        return [_TUPLE, *tuple.__iter__(value)]
    if isinstance(value, np.ndarray):
        return msgpack.ExtType(_ARRAY, _array(value))
    if isinstance(value, float):
        return float.__float__(value)
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, complex):
        return msgpack.ExtType(_PAIR, _COMPLEX.pack(value.real, value.imag))
    if isinstance(value, int):
        number = int.__index__(value)
        if -(1 << 63) <= number < 1 << 63:
            return number
        size = number.bit_length() // 8 + 1
        return msgpack.ExtType(_INTEGER, number.to_bytes(size, "little", signed=True))
    for kind, parts in ((str, str.__str__), (list, list.__iter__), (dict, dict.items)):
        if isinstance(value, kind):
            return kind(parts(value))
    if callables is None:
        raise WireError(f"{type(value).__name__} is no plain data")
    return msgpack.ExtType(_CALLABLE, callables(value))


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
    return head + plain.numpy().tobytes()


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
    return head + np.ascontiguousarray(value, dtype="<" + kind).tobytes()


def decode(data: bytes, callables: Callable[[bytes], Any] | None = None) -> Any:
    """Decode one value from bytes that may be hostile.

    Args:
        data: the bytes of one value.
        callables: turns the bytes of a callable into it; None refuses callables.

    Raises:
        WireError: if the bytes are not one plain value.
    """

    def extension(kind: int, content: bytes) -> Any:
        return _extension(kind, content, callables)

    try:
        most = {"max_array_len": MOST_VALUES, "max_map_len": MOST_VALUES}
        hooks = {"ext_hook": extension, "object_pairs_hook": _dict}
        value = msgpack.unpackb(data, strict_map_key=False, **hooks, **most)
    except WireError:
        raise
    except Exception as error:  # whatever a reader of such bytes may come to
        raise WireError(f"no message: {type(error).__name__}") from None
    return _plain(value, callables is not None, 0)


def _dict(pairs: list[tuple]) -> dict:
    """A dict, unless a key is one of which many can have the same hash, or is no key at all."""
    for key, _ in pairs:
        if type(key) not in _KEYS or (type(key) is int and not -(1 << 63) <= key < 1 << 63):
            raise WireError("a dict with a key that is no string and no number of 64 bits")
    return dict(pairs)


def _plain(value: Any, trusted: bool, depth: int) -> Any:
    """The value with its tuples made, if all of it is plain data."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if depth > MOST_DEPTH:
        raise WireError("the message is nested too deeply")
    if kind is list:
        first = len(value) > 0 and value[0] is _TUPLE
        items = [_plain(item, trusted, depth + 1) for item in (value[1:] if first else value)]
        return tuple(items) if first else items
    if kind is dict:
        return {key: _plain(item, trusted, depth + 1) for key, item in value.items()}
    if trusted and callable(value):
        return value
    raise WireError(f"a {kind.__name__} is no plain data")


def _extension(kind: int, content: bytes, callables: Callable | None) -> Any:
    if kind == _TENSOR:
        dtype, flag, shape, entries = _entries(content, DTYPES)
        if flag and not (dtype.is_floating_point or dtype.is_complex):
            raise WireError("a tensor of integers that requires grad")
        flat = torch.frombuffer(entries, dtype=dtype) if entries else torch.empty(0, dtype=dtype)
        shaped = flat if len(shape) == 1 else flat.reshape(shape)
        return shaped.requires_grad_() if flag else shaped
    if kind == _ARRAY:
        dtype, _, shape, entries = _entries(content, _ARRAY_DTYPES)
        return np.frombuffer(entries, dtype=dtype).reshape(shape)
    if kind == _MARK:
        return _TUPLE
    if kind == _PAIR:
        return complex(*_COMPLEX.unpack(content))
    if kind == _INTEGER and len(content) <= MOST_INTEGER:
        return int.from_bytes(content, "little", signed=True)
    if kind == _CALLABLE and callables is not None:
        return callables(content)
    raise WireError("an unknown kind of value, or an integer too large")


def _entries(content: bytes, dtypes: tuple) -> tuple[Any, bool, tuple[int, ...], bytearray]:
    """The dtype, the flag, the shape and the bytes of a tensor or an array."""
    kind, flag, dimensions = _HEAD.unpack_from(content)
    if kind >= len(dtypes) or flag > 1 or dimensions > MOST_DIMENSIONS:
        raise WireError("a tensor of an unknown dtype or of too many dimensions")
    shape = _SHAPES[dimensions].unpack_from(content, _HEAD.size)
    entries = bytearray(memoryview(content)[_HEAD.size + 8 * dimensions :])
    # without entries, too, a long axis is long to walk along
    if 0 in shape and math.prod(n or 1 for n in shape) > MOST_VALUES:
        raise WireError("a tensor with an endless axis")
    if math.prod(shape) * dtypes[kind].itemsize != len(entries):
        raise WireError("a tensor whose bytes do not fit its shape")
    if kind == len(dtypes) - 1 and entries and max(entries) > 1:
        raise WireError("a bool that is neither 0 nor 1")
    return dtypes[kind], bool(flag), shape, entries


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
        mark_as_students(error)
        return error
    return WireError("an answer of the wrong form")


def mark_as_students(error: Exception) -> None:
    """Remember that an exception came over the wire."""
    vars(error)["from_student"] = True


def is_students(error: BaseException) -> bool:
    """Whether an exception came over the wire."""
    return "from_student" in vars(error)
