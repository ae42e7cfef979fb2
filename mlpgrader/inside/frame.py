"""The frame of a message: eight bytes of length, then that many bytes. It needs no torch."""

import socket
import struct
import time
from collections.abc import Callable

MOST_BYTES = 16 << 20
LENGTH = struct.Struct("<Q")
TIME = struct.Struct("@ll")  # `struct timeval`: seconds and microseconds
CHUNK = 1 << 20
# who sent what arrives (unix(7)); `socket` has no names for them
SO_PASSCRED = 16
SCM_CREDENTIALS = 2
CREDENTIALS = struct.Struct("@iII")  # `struct ucred`: process, user, group
# an end that hung up is an error here, not a signal that ends the process
NO_SIGNAL = int(getattr(socket, "MSG_NOSIGNAL", 0))  # not on every system


class WireError(Exception):
    """Bytes that are no message, or a value that is no plain data."""


class ClosedError(WireError):
    """The other side ended."""


def set_poll_interval(sock: socket.socket, seconds: float) -> socket.socket:
    """Have `send` and `receive` call their `on_idle` whenever this much time has passed.

    The option is of this end of the socket: the other end cannot make a call block.
    """
    interval = TIME.pack(int(seconds), int(seconds % 1 * 1e6))
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, interval)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, interval)
    return sock


def send(sock: socket.socket, content: bytes, on_idle: Callable[[], None] | None = None) -> None:
    """Send one frame.

    Args:
        sock: where to.
        content: what is in the frame.
        on_idle: called after each interval and each part, as long as some of it is left; it may
            raise to give up.

    Raises:
        ClosedError: if the other side ended.
    """
    rest = memoryview(LENGTH.pack(len(content)) + content)
    while rest:
        try:
            rest = rest[sock.send(rest, NO_SIGNAL) :]
        except BlockingIOError:
            pass  # nothing moved for an interval
        except OSError:
            raise ClosedError("the other side ended") from None
        # also when a part has gone: who takes a byte at a time must not get round a limit
        if on_idle is not None and rest:
            on_idle()


def receive(
    sock: socket.socket, on_idle: Callable[[], None] | None = None, most: int = MOST_BYTES
) -> bytes:
    """Receive the content of one frame.

    Args:
        sock: where from.
        on_idle: as in `send`.
        most: how many bytes it may have.

    Raises:
        WireError: if the frame is larger.
        ClosedError: if the other side ended.
    """
    size = LENGTH.unpack(_read(sock, LENGTH.size, on_idle))[0]
    if size > most:
        raise WireError(f"a message larger than {most >> 20} MB")
    return _read(sock, size, on_idle)


def receive_from(
    sock: socket.socket, on_idle: Callable[[], None] | None = None, most: int = MOST_BYTES
) -> tuple[bytes, int]:
    """Receive the content of one frame, and the number of the process that sent it.

    The kernel says who sent it; `ask_senders` has to be called before it is sent.
    """
    head = b""
    process = 0
    while len(head) < LENGTH.size:
        part, sender = _read_with_sender(sock, LENGTH.size - len(head))
        head += part
        process = sender or process
        if on_idle is not None and len(head) < LENGTH.size:
            on_idle()
    size = LENGTH.unpack(head)[0]
    if size > most:
        raise WireError(f"a message larger than {most >> 20} MB")
    return _read(sock, size, on_idle), process


def ask_senders(sock: socket.socket) -> None:
    """Have the kernel tell who sends what arrives here."""
    sock.setsockopt(socket.SOL_SOCKET, SO_PASSCRED, 1)


def _read_with_sender(sock: socket.socket, most: int) -> tuple[bytes, int]:
    """Some bytes and who sent them; none if none came for an interval."""
    try:
        part, ancillary, _, _ = sock.recvmsg(most, socket.CMSG_SPACE(CREDENTIALS.size))
    except BlockingIOError:
        return b"", 0
    except OSError:
        raise ClosedError("the other side ended") from None
    if not part:
        raise ClosedError("the other side ended")
    for level, kind, content in ancillary:
        if level == socket.SOL_SOCKET and kind == SCM_CREDENTIALS:
            return part, CREDENTIALS.unpack(content[: CREDENTIALS.size])[0]
    return part, 0


def _read(sock: socket.socket, size: int, on_idle: Callable[[], None] | None) -> bytes:
    parts = []
    left = size
    while left:
        part = _read_part(sock, min(left, CHUNK))
        left -= len(part)
        parts.append(part)
        if on_idle is not None and left:
            on_idle()
    return b"".join(parts)


def _read_part(sock: socket.socket, most: int) -> bytes:
    """Some bytes, or none if none came for an interval."""
    try:
        part = sock.recv(most)
    except BlockingIOError:
        return b""
    except OSError:
        raise ClosedError("the other side ended") from None
    if not part:
        raise ClosedError("the other side ended")
    return part


def deadline(seconds: float) -> Callable[[], None]:
    """An `on_idle` for `send` and `receive` that raises TimeoutError after some seconds."""
    end = time.monotonic() + seconds

    def give_up_when_late() -> None:
        if time.monotonic() > end:
            raise TimeoutError

    return give_up_when_late
