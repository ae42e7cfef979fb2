"""The codec: what travels, and that no bytes whatever do harm."""

import contextlib
import socket
import struct
import threading
import tracemalloc

import msgpack
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mlpgrader.inside import frame, wire

NUMBERS = st.integers() | st.floats(allow_nan=False) | st.booleans() | st.none()
VALUES = st.recursive(
    NUMBERS | st.text() | st.complex_numbers(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=5) | st.integers(-9, 9), inner, max_size=4)
    ),
    max_leaves=30,
)


def replaced(value):
    """A value as it arrives: half surrogates become question marks."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list | tuple):
        return type(value)(map(replaced, value))
    if isinstance(value, dict):
        return {replaced(k): replaced(v) for k, v in value.items()}
    return value


@given(VALUES)
def test_a_value_arrives_as_it_was_sent(value):
    arrived = wire.decode(wire.encode(value))
    assert repr(arrived) == repr(replaced(value))


@pytest.mark.parametrize("dtype", wire.DTYPES)
@pytest.mark.parametrize("shape", [(), (0,), (3, 0, 2), (7,), (2, 3)])
def test_a_tensor_arrives_as_it_was_sent(dtype, shape):
    tensor = (torch.randn(shape) * 9).to(dtype)
    arrived = wire.decode(wire.encode(tensor))
    assert arrived.dtype == dtype and arrived.shape == tensor.shape and torch.equal(arrived, tensor)


@pytest.mark.parametrize("flag", [False, True])
def test_the_flag_of_a_tensor_travels(flag):
    assert wire.decode(wire.encode(torch.ones(2, requires_grad=flag))).requires_grad is flag


def test_views_travel_by_value():
    x = torch.arange(12.0).reshape(3, 4)
    for view in (x.t(), x[:, 1], x[::2], x.expand(2, 3, 4), torch.tensor([1j, 2]).conj().imag):
        assert torch.equal(wire.decode(wire.encode(view)), view)


@pytest.mark.parametrize("flag", [False, True])
@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_what_is_not_contiguous_arrives_so(dtype, flag):
    x = torch.randn(3, 4, 2).to(dtype)
    views = [x.transpose(0, 1), x.permute(2, 0, 1), x[:, 1:3], x[::2, :, 0], x[:1].expand(3, 4, 2)]
    for view in views:
        arrived = wire.decode(wire.encode(view.detach().requires_grad_(flag)))
        assert torch.equal(arrived, view)
        assert not arrived.is_contiguous()
        assert arrived.is_leaf and arrived.requires_grad is flag
    for view in views[:2]:
        assert wire.decode(wire.encode(view)).stride() == view.stride()
    assert wire.decode(wire.encode(x)).is_contiguous()


@pytest.mark.parametrize("kind", wire.ARRAYS)
def test_an_array_arrives_as_it_was_sent(kind):
    array = np.arange(6).reshape(2, 3).astype(kind)
    arrived = wire.decode(wire.encode(array))
    assert arrived.dtype == array.dtype and np.array_equal(arrived, array)


def test_subclasses_travel_as_their_base():
    class Liar(float):
        def __eq__(self, other):
            return True

        __hash__ = float.__hash__

    class Twice(list):
        def __iter__(self):
            return iter([9, 9])

    class Tricky(torch.Tensor):
        @classmethod
        def __torch_function__(cls, *args, **kwargs):
            return super().__torch_function__(*args, **kwargs)

    sent = [Liar(2.0), Twice([1]), torch.ones(2).as_subclass(Tricky), np.float64(3), np.int8(4)]
    arrived = wire.decode(wire.encode(sent))
    assert [type(part) for part in arrived] == [float, list, torch.Tensor, float, int]
    assert arrived[0] != 3.0 and arrived[1] == [1]


@pytest.mark.parametrize("value", [np.complex128(1 + 2j), np.complex64(1 + 2j)])
def test_a_complex_number_of_numpys_travels(value):
    arrived = wire.decode(wire.encode(value))
    assert type(arrived) is complex and arrived == 1 + 2j


@pytest.mark.parametrize(
    "value",
    [object(), {1, 2}, b"x", torch.nn.Linear(1, 1), len, torch.ones(2).to_sparse(), {(1,): 2}],
)
def test_what_is_no_plain_data_does_not_travel(value):
    with pytest.raises(frame.WireError):
        wire.decode(wire.encode(value))


def test_nesting_and_cycles_end():
    cycle = []
    cycle.append(cycle)
    with pytest.raises(frame.WireError, match="nested"):
        wire.encode(cycle)
    for depth in (40, 1000, 5000):
        with pytest.raises(frame.WireError):
            wire.decode(b"\x91" * depth + b"\xc0")
    assert wire.decode(b"\x91" * 3 + b"\xc0") == [[[None]]]


def test_a_huge_tensor_is_refused_before_it_is_copied():
    with pytest.raises(frame.WireError, match="MB"):
        wire.encode(torch.zeros(1).expand(1 << 40))


def claim(shape, content=b"", dtype=0, kind=1, flag=0, layout=0):
    head = struct.pack("<BBBB", dtype, flag, layout, len(shape))
    head += struct.pack(f"<{len(shape)}Q", *shape)
    return msgpack.packb(msgpack.ExtType(kind, head + content))


FORGED = {
    "more entries than bytes": claim([1 << 20]),
    "fewer entries than bytes": claim([1], bytes(16)),
    "overflowing shape": claim([1 << 63, 2]),
    "zero times huge": claim([0, 1 << 62]),
    "an endless axis without entries": claim([0, 1 << 26]),
    "unknown dtype": claim([1], bytes(8), dtype=200),
    "too many dimensions": claim([1] * 60, bytes(8)),
    "a bool of seven": claim([1], b"\x07", dtype=wire.DTYPES.index(torch.bool)),
    "an array's bool of seven": claim([1], b"\x07", dtype=wire.ARRAYS.index("b1"), kind=2),
    "integers that require grad": claim([1], bytes(8), dtype=6, flag=1),
    "a flag of two": claim([1], bytes(8), flag=2),
    "a layout of two": claim([1], bytes(8), layout=2),
    "an axis twice": claim([1, 1], b"\x00\x00\x00" + bytes(8), layout=1),
    "an axis too many": claim([1, 1], b"\x00\x00\x02" + bytes(8), layout=1),
    "gaps of two": claim([1, 1], b"\x02\x00\x01" + bytes(8), layout=1),
    "no order of axes": claim([1, 1], b"\x00", layout=1),
    "half a head": msgpack.packb(msgpack.ExtType(1, b"\x00")),
    "a list of a billion": b"\xdd" + struct.pack(">I", 1 << 30),
    "a string longer than the message": b"\xdb" + struct.pack(">I", 1 << 31),
    "an endless integer": msgpack.packb(msgpack.ExtType(3, bytes(1 << 20))),
    "half a complex number": msgpack.packb(msgpack.ExtType(4, bytes(8))),
    "a callable": msgpack.packb(msgpack.ExtType(6, b"x")),
    "an extension of nobody's": msgpack.packb(msgpack.ExtType(99, b"x")),
    "a time": msgpack.packb(msgpack.Timestamp(1)),
    "bytes": msgpack.packb(b"x"),
    "the mark of a tuple": msgpack.packb(msgpack.ExtType(5, b"")),
    "the mark within a list": msgpack.packb([1, msgpack.ExtType(5, b"")]),
    "the mark as a key": msgpack.packb({msgpack.ExtType(5, b""): 1}),
    "a dict with a large integer as key": b"\x81" + wire.encode(1 << 64) + b"\xc0",
    "a dict with a list as key": b"\x81\x90\xc0",
    "a dict with a tensor as key": b"\x81" + wire.encode(torch.ones(1)) + b"\xc0",
    "half a dict": b"\x81\xc0",
    "bytes after it": b"\xc0\xc0",
    "nothing": b"",
}


@pytest.mark.parametrize("data", FORGED.values(), ids=FORGED)
def test_forged_bytes_are_refused_at_no_cost(data):
    tracemalloc.start()
    try:
        with pytest.raises(frame.WireError):
            wire.decode(data)
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


def test_lists_that_claim_many_parts_have_their_claims_bounded():
    tracemalloc.start()
    try:
        with pytest.raises(frame.WireError):
            wire.decode((b"\xdd" + struct.pack(">I", wire.MOST_VALUES)) * 100_000)
        assert tracemalloc.get_traced_memory()[1] < 100 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("part", [{}, [], (), torch.tensor(1)], ids=repr)
def test_parts_are_counted_before_they_take_room(part):
    row = [part] * 40_000
    assert len(wire.decode(wire.encode([row, row]))) == 2
    with pytest.raises(frame.WireError, match="too many parts"):
        wire.decode(wire.encode([row, row, row]))


@settings(max_examples=400)
@given(st.binary(max_size=200))
def test_any_bytes_are_a_value_or_refused(data):
    with contextlib.suppress(frame.WireError):
        wire.encode(wire.decode(data))


@settings(max_examples=400)
@given(VALUES, st.data())
def test_damaged_messages_are_a_value_or_refused(value, data):
    content = bytearray(wire.encode([value, torch.ones(2, 2), np.zeros(3)]))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(frame.WireError):
        wire.decode(bytes(content))


def test_errors_travel_as_their_nearest_base():
    class OwnError(ZeroDivisionError):
        pass

    for error, kind in [
        (OwnError("a"), ZeroDivisionError),
        (ValueError("b"), ValueError),
        (NotImplementedError("c"), wire.StudentError),
        (SystemExit(0), wire.StudentError),
        (UnicodeDecodeError("utf8", b"x", 0, 1, "d"), UnicodeError),
    ]:
        assert type(wire.raised(*wire.error_of(error))) is kind


@pytest.mark.parametrize("index", [99, -2, True, "0", None, 1.0, []])
def test_an_unknown_error_is_a_protocol_error(index):
    assert type(wire.raised(index, "x")) is frame.WireError


def test_only_what_came_over_the_wire_is_the_students():
    assert wire.is_students(wire.raised(*wire.error_of(NameError("x"))))
    assert wire.is_students(wire.raised(-1, "OwnError: x"))
    assert not wire.is_students(NameError("x"))


def test_no_stub_passes_for_a_runtime_error():
    assert not isinstance(wire.raised(*wire.error_of(NotImplementedError())), RuntimeError)


def test_frames_cross_a_socket_whole():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        content = bytes(range(256)) * 10_000
        thread = threading.Thread(target=frame.send, args=(theirs, content))
        thread.start()
        assert frame.receive(ours) == content
        thread.join()


def test_a_frame_too_large_is_refused_from_its_length():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.send(struct.pack("<Q", 1 << 60))
        with pytest.raises(frame.WireError, match="larger"):
            frame.receive(ours)


def test_a_silent_or_closed_end_is_noticed():
    ours, theirs = socket.socketpair()
    with frame.set_poll_interval(ours, 0.05):
        theirs.send(b"\x01")
        with pytest.raises(TimeoutError):
            frame.receive(ours, frame.deadline(0.2))
        theirs.close()
        with pytest.raises(frame.ClosedError):
            frame.receive(ours, frame.deadline(5))


def test_a_trickle_does_not_outlast_the_wait():
    ours, theirs = socket.socketpair()
    done = threading.Event()

    def trickle():
        theirs.send(struct.pack("<Q", 1000))
        while not done.wait(0.01):
            with contextlib.suppress(OSError):
                theirs.send(b"x")

    thread = threading.Thread(target=trickle)
    thread.start()
    try:
        with pytest.raises(TimeoutError):
            frame.receive(frame.set_poll_interval(ours, 0.05), frame.deadline(0.3))
    finally:
        done.set()
        thread.join()
        ours.close()
        theirs.close()


def test_an_endless_axis_without_entries_is_refused():
    with pytest.raises(frame.WireError):
        wire.decode(wire.encode(torch.empty(1 << 26, 0)))
    assert wire.decode(wire.encode(torch.empty(0, 7))).shape == (0, 7)
