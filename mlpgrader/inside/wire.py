"""The plain-data codec between the checker and a student's process.

Theory of operation. A message is a frame (`frame.py`) that holds one value as MessagePack. What
MessagePack has (None, bools, numbers, strings, lists, dicts) travels as it is; tensors, arrays,
complex numbers and large integers are extension types of ours (`EXTENSIONS`, at the end); a tuple
is a list whose first item is a mark. A subclass travels as its base, and an object of any other
class cannot be encoded. So what a student's process sends is data that the checker builds itself:
never a pickle, and no object of it can answer for itself.

The bytes may come from code that wants to break the reader. The unpacker is told how long a list
may be, and lists, dicts and tensors are counted as they come, since an empty one of a byte takes
many in memory; a tensor's dtype is taken from a list by number and its bytes are compared with its
shape before anything is allocated; what was read is then walked once, with its depth counted, and
anything but plain data is refused. Whatever `decode` gets, it returns a value or raises
`WireError`, in time and memory proportional to the length of the bytes.

One more extension exists in the trusted direction alone: a callable, as bytes that `decode` hands
to the function it was given for them. The checker gives none.
"""

import itertools
import math
import struct
from collections.abc import Callable, Mapping, Sequence
from types import UnionType
from typing import Any, NamedTuple

import msgpack
import numpy as np
import torch

from mlpgrader.inside.frame import MOST_BYTES, WireError

MOST_VALUES = 50_000  # of one list or dict
MOST_PARTS = 100_000  # lists, dicts and tensors: an empty one of a byte takes sixty in memory
MOST_DEPTH = 32
MOST_DIMENSIONS = 16
MOST_INTEGER = 1024  # bytes
MOST_TEXT = 2000  # characters of an exception
# dtypes travel as numbers: the places in these two lists
DTYPES = (
    torch.float64,
    torch.float32,
    torch.float16,
    torch.bfloat16,
    torch.complex128,
    torch.complex64,
    torch.int64,
    torch.int32,
    torch.int16,
    torch.int8,
    torch.uint8,
    torch.bool,
)
ARRAYS = (
    "f8",
    "f4",
    "f2",
    "c16",
    "c8",
    "i8",
    "i4",
    "i2",
    "i1",
    "u1",
    "u2",
    "u4",
    "u8",
    "b1",
)
# an exception travels as its place in this list, the nearest base first; NotImplementedError
# is left out, so that a stub never passes for code that raises RuntimeError
ERRORS: tuple[type[Exception], ...] = (
    ZeroDivisionError,
    OverflowError,
    FloatingPointError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    BufferError,
    EOFError,
    ModuleNotFoundError,
    ImportError,
    IndexError,
    KeyError,
    LookupError,
    MemoryError,
    UnboundLocalError,
    NameError,
    OSError,
    RecursionError,
    RuntimeError,
    TypeError,
    UnicodeError,
    ValueError,
)
NO_PLAIN_DATA = " is no plain data"  # how the message ends that refuses an object
STUDENT_MARK = "from_student"  # the attribute of an exception that came over the wire

# extension types beside those of `EXTENSIONS`
TUPLE_CODE = 5
CALLABLE_CODE = 6

_TUPLE_MARK = msgpack.ExtType(TUPLE_CODE, b"")
_KEY_TYPES = {type(None), bool, int, float, str}
_LEAF_TYPES = {*_KEY_TYPES, complex, torch.Tensor, np.ndarray}
_SMALLEST, _LARGEST = -(1 << 63), (1 << 63) - 1  # of MessagePack's integers


class StudentError(Exception):
    """An exception of the student's code that is none of `ERRORS`."""


# --- from values to bytes ------------------------------------------------------------------


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

    def substitute(part: Any) -> Any:
        return _substitute(part, callables)

    try:
        content: bytes = msgpack.packb(
            value,
            default=substitute,
            strict_types=True,
            unicode_errors="replace",
            buf_size=1 << 12,
        )
    except ValueError as error:
        raise WireError(f"the value is nested too deeply or too large: {error}") from None
    if len(content) > MOST_BYTES:
        raise WireError(f"the value is larger than {MOST_BYTES >> 20} MB")
    return content


def _substitute(value: Any, callables: Callable[[Any], bytes] | None) -> Any:
    """What travels in place of a value that MessagePack does not know.

    A subclass could lie about what it holds, so the method of its base class is called.
    """
    if isinstance(value, int) and _SMALLEST <= int.__index__(value) <= _LARGEST:
        return int.__index__(value)
    for code, extension in EXTENSIONS.items():
        if isinstance(value, extension.type):
            return msgpack.ExtType(code, extension.pack(value))
    for base, as_base in _BASES.items():
        if isinstance(value, base):
            return as_base(value)
    if callables is None:
        raise WireError(f"{type(value).__name__}{NO_PLAIN_DATA}")
    return msgpack.ExtType(CALLABLE_CODE, callables(value))


def _tuple_as_list(value: tuple[Any, ...]) -> list[Any]:
    return [_TUPLE_MARK, *tuple.__iter__(value)]


def _as_list(value: list[Any]) -> list[Any]:
    return list(list.__iter__(value))


def _as_dict(value: dict[Any, Any]) -> dict[Any, Any]:
    return dict(dict.items(value))


# converters for subclasses of these; the first that fits is used
_BASES: dict[type[Any], Callable[[Any], Any]] = {
    tuple: _tuple_as_list,
    float: float.__float__,
    str: str.__str__,
    list: _as_list,
    dict: _as_dict,
    np.generic: np.generic.item,
}


# --- from bytes to values ------------------------------------------------------------------


def decode(data: bytes, callables: Callable[[bytes], Any] | None = None) -> Any:
    """Decode one value from bytes that may be hostile.

    Args:
        data: the bytes of one value.
        callables: turns the bytes of a callable into it; None refuses callables.

    Raises:
        WireError: if the bytes are not one plain value.
    """
    hooks = _Hooks(callables)
    try:
        value = msgpack.unpackb(
            data,
            ext_hook=hooks.extension,
            list_hook=hooks.list,
            object_pairs_hook=hooks.dict,
            strict_map_key=False,
            max_array_len=MOST_VALUES,
            max_map_len=MOST_VALUES,
        )
    except WireError:
        raise
    except Exception as error:  # whatever a reader of such bytes may come to
        raise WireError(f"no message: {type(error).__name__}") from None
    return _plain(value, callables is not None, 0)


class _Hooks:
    """What the unpacker calls for each part of a value: parts are counted as they come."""

    def __init__(self, callables: Callable[[bytes], Any] | None) -> None:
        self._callables = callables
        self._parts = itertools.count(1)

    def _count(self) -> None:
        if next(self._parts) > MOST_PARTS:
            raise WireError("a value of too many parts")

    def list(self, items: Sequence[Any]) -> Sequence[Any]:
        self._count()
        return items

    def dict(self, pairs: Sequence[tuple[Any, Any]]) -> Mapping[Any, Any]:
        self._count()
        return _dict(pairs)

    def extension(self, code: int, content: bytes) -> Any:
        if code in EXTENSIONS:
            self._count()
            return EXTENSIONS[code].unpack(content)
        if code == TUPLE_CODE:
            return _TUPLE_MARK
        if code == CALLABLE_CODE and self._callables is not None:
            return self._callables(content)
        raise WireError("an unknown kind of value")


def _dict(pairs: Sequence[tuple[Any, Any]]) -> dict[Any, Any]:
    """A dict of plain keys, none of a kind that could be forged to collide and make it slow."""
    for key, _ in pairs:
        is_large = type(key) is int and not _SMALLEST <= key <= _LARGEST
        if type(key) not in _KEY_TYPES or is_large:
            raise WireError("a dict with a key that is no string and no number of 64 bits")
    return dict(pairs)


def _plain(value: Any, trusted: bool, depth: int) -> Any:
    """The value with its tuples made, if all of it is plain data."""
    kind = type(value)
    if kind in _LEAF_TYPES:
        return value
    if depth > MOST_DEPTH:
        raise WireError("the message is nested too deeply")
    if kind is list:
        return _list_or_tuple(value, trusted, depth + 1)
    if kind is dict:
        return {key: _plain(item, trusted, depth + 1) for key, item in value.items()}
    if trusted and callable(value):
        return value
    raise WireError(f"a {kind.__name__} is no plain data")


def _list_or_tuple(items: list[Any], trusted: bool, depth: int) -> list[Any] | tuple[Any, ...]:
    if items and items[0] is _TUPLE_MARK:
        return tuple([_plain(item, trusted, depth) for item in items[1:]])
    return [_plain(item, trusted, depth) for item in items]


# --- the extensions ------------------------------------------------------------------------

# tensors and arrays have the same form: a head, the shape, for some a layout, then the entries
_HEAD = struct.Struct("<BBBB")  # number of the dtype, requires_grad, has a layout, dimensions
_SHAPES = [struct.Struct(f"<{dimensions}Q") for dimensions in range(MOST_DIMENSIONS + 1)]
_COMPLEX = struct.Struct("<dd")


def _pack_head(
    dtype: int, requires_grad: bool, shape: tuple[int, ...], layout: bytes = b""
) -> bytes:
    if len(shape) > MOST_DIMENSIONS:
        raise WireError("a value of too many dimensions")
    head = _HEAD.pack(dtype, requires_grad, bool(layout), len(shape))
    return head + _SHAPES[len(shape)].pack(*shape) + layout


class _Parts(NamedTuple):
    """What the bytes of a tensor or an array say of it; the entries may be written to."""

    dtype: int
    requires_grad: bool
    shape: tuple[int, ...]
    layout: bytes
    entries: bytearray


def _unpack_parts(content: bytes, num_dtypes: int) -> _Parts:
    dtype, requires_grad, has_layout, dimensions = _HEAD.unpack_from(content)
    if dtype >= num_dtypes or max(requires_grad, has_layout) > 1 or dimensions > MOST_DIMENSIONS:
        raise WireError("a tensor of an unknown dtype or of too many dimensions")
    shape = _SHAPES[dimensions].unpack_from(content, _HEAD.size)
    # a shape such as (0, 10**12) has no entries, and yet to walk along its axis takes for ever
    if 0 in shape and math.prod(length or 1 for length in shape) > MOST_VALUES:
        raise WireError("a tensor with an endless axis")
    start = _HEAD.size + _SHAPES[dimensions].size
    end = start + has_layout * (1 + dimensions)
    entries = bytearray(memoryview(content)[end:])
    return _Parts(dtype, bool(requires_grad), shape, content[start:end], entries)


def _check_entries(parts: _Parts, itemsize: int, is_bool: bool) -> None:
    if math.prod(parts.shape) * itemsize != len(parts.entries):
        raise WireError("a tensor whose bytes do not fit its shape")
    if is_bool and parts.entries and max(parts.entries) > 1:
        raise WireError("a bool that is neither 0 nor 1")


_NUMBER_OF_DTYPE = {dtype: number for number, dtype in enumerate(DTYPES)}


def _pack_tensor(value: torch.Tensor) -> bytes:
    plain = value.detach()
    if type(plain) is not torch.Tensor:
        plain = plain.as_subclass(torch.Tensor)
    number = _NUMBER_OF_DTYPE.get(plain.dtype)
    if number is None or plain.layout != torch.strided or not plain.is_cpu:
        raise WireError(f"a tensor of {value.dtype}, {value.layout}, {value.device} cannot travel")
    if plain.nbytes > MOST_BYTES:
        raise WireError(f"a tensor larger than {MOST_BYTES >> 20} MB")
    head = _pack_head(number, value.requires_grad, plain.shape, _layout(plain))
    if plain.dtype == torch.bfloat16:  # NumPy has no such type
        plain = plain.contiguous().view(torch.int16)
    elif plain.is_neg() or plain.is_conj():  # nor negation and conjugation put off until later
        plain = plain.resolve_neg().resolve_conj()
    return head + plain.numpy().tobytes()


def _unpack_tensor(content: bytes) -> torch.Tensor:
    parts = _unpack_parts(content, len(DTYPES))
    dtype = DTYPES[parts.dtype]
    _check_entries(parts, dtype.itemsize, is_bool=dtype == torch.bool)
    if parts.requires_grad and not (dtype.is_floating_point or dtype.is_complex):
        raise WireError("a tensor of integers that requires grad")
    if parts.entries:
        tensor = torch.frombuffer(parts.entries, dtype=dtype)
    else:
        tensor = torch.empty(0, dtype=dtype)
    if len(parts.shape) != 1:
        tensor = tensor.reshape(parts.shape)
    if parts.layout:
        tensor = _laid_out(tensor, parts.layout)
    return tensor.requires_grad_() if parts.requires_grad else tensor


def _layout(tensor: torch.Tensor) -> bytes:
    """How a tensor that is not contiguous lies in memory; nothing for one that is.

    Whether there are gaps between its entries, then its axes, that of the longest steps first.
    """
    if tensor.is_contiguous():
        return b""
    axes = sorted(range(tensor.ndim), key=tensor.stride, reverse=True)
    return bytes([not tensor.permute(axes).is_contiguous(), *axes])


def _laid_out(tensor: torch.Tensor, layout: bytes) -> torch.Tensor:
    """The tensor as one that is not contiguous; a gap has the size of an entry."""
    has_gaps, *axes = layout
    if has_gaps > 1 or sorted(axes) != list(range(tensor.ndim)):
        raise WireError("a tensor whose axes have no order")
    places = [axes.index(axis) for axis in range(tensor.ndim)]
    ordered = tensor.permute(axes)
    if has_gaps:
        return torch.stack([ordered, ordered], dim=-1)[..., 0].permute(places)
    return ordered.contiguous().permute(places)


_DTYPE_OF_ARRAY = tuple(np.dtype(f"<{kind}") for kind in ARRAYS)


def _pack_array(value: np.ndarray[Any, Any]) -> bytes:
    kind = value.dtype.str[1:]  # without its byte order
    if kind not in ARRAYS:
        raise WireError(f"an array of {value.dtype} cannot travel")
    if value.size * value.itemsize > MOST_BYTES:
        raise WireError(f"an array larger than {MOST_BYTES >> 20} MB")
    head = _pack_head(ARRAYS.index(kind), False, value.shape)
    return head + np.ascontiguousarray(value, dtype=f"<{kind}").tobytes()


def _unpack_array(content: bytes) -> np.ndarray[Any, Any]:
    parts = _unpack_parts(content, len(ARRAYS))
    dtype = _DTYPE_OF_ARRAY[parts.dtype]
    _check_entries(parts, dtype.itemsize, is_bool=dtype.kind == "b")
    return np.frombuffer(parts.entries, dtype=dtype).reshape(parts.shape)


def _pack_integer(value: int) -> bytes:
    number = int.__index__(value)
    size = number.bit_length() // 8 + 1
    return number.to_bytes(size, "little", signed=True)


def _unpack_integer(content: bytes) -> int:
    if len(content) > MOST_INTEGER:
        raise WireError("an integer too large")
    return int.from_bytes(content, "little", signed=True)


def _pack_complex(value: complex | np.complexfloating[Any, Any]) -> bytes:
    if isinstance(value, np.complexfloating):
        value = complex(value)
    number = complex.__complex__(value)
    return _COMPLEX.pack(number.real, number.imag)


def _unpack_complex(content: bytes) -> complex:
    return complex(*_COMPLEX.unpack(content))


class Extension(NamedTuple):
    """How values of a type travel that MessagePack does not know."""

    type: type[Any] | UnionType
    pack: Callable[[Any], bytes]
    unpack: Callable[[bytes], Any]


EXTENSIONS = {
    1: Extension(torch.Tensor, _pack_tensor, _unpack_tensor),
    2: Extension(np.ndarray, _pack_array, _unpack_array),
    3: Extension(int, _pack_integer, _unpack_integer),
    4: Extension(complex | np.complexfloating, _pack_complex, _unpack_complex),
}

# --- exceptions ----------------------------------------------------------------------------


def error_of(error: BaseException) -> tuple[int, str]:
    """An exception as the place of its nearest base in `ERRORS` (-1: none) and its text."""
    index = _nearest(error)
    try:
        text = str(error)[:MOST_TEXT]
    except Exception:
        text = ""
    if index < 0:
        text = f"{type(error).__name__}: {text}"
    return index, text


def _nearest(error: BaseException) -> int:
    if not isinstance(error, NotImplementedError):
        for kind in type(error).__mro__:
            if kind in ERRORS:
                return ERRORS.index(kind)
    return -1


def raised(index: int, text: str) -> Exception:
    """The exception that `error_of` described, as far as it is one; `is_students` knows it."""
    if type(index) is not int or type(text) is not str or not -1 <= index < len(ERRORS):
        return WireError("an answer of the wrong form")
    kind = ERRORS[index] if index >= 0 else StudentError
    error = kind(text[: MOST_TEXT + 1000])  # the name of its class may come first
    setattr(error, STUDENT_MARK, True)
    return error


def is_students(error: BaseException) -> bool:
    """Whether an exception came over the wire."""
    return getattr(error, STUDENT_MARK, False) is True
