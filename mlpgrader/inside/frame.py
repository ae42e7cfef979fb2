"""The frame of a message: eight bytes of length, then that many bytes. It needs no torch."""

import socket
import struct
import time
from collections.abc import Callable

MOST_BYTES = 16 << 20
LENGTH = struct.Struct("<Q")
_QUIET = int(socket.MSG_NOSIGNAL)


class WireError(Exception):
    """Bytes that are no message, or a value that is no plain data."""


class ClosedError(WireError):
    """The other side ended."""


def patience(sock: socket.socket, seconds: float) -> socket.socket:
    """Have `send` and `receive` call their `wait` whenever this much time has passed.

    The option is of this end of the socket: the other end cannot make a call block.
    """
    pause = struct.pack("@ll", int(seconds), int(seconds % 1 * 1e6))
    for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
        sock.setsockopt(socket.SOL_SOCKET, option, pause)
    return sock


def send(sock: socket.socket, content: bytes, wait: Callable[[], None] | None = None) -> None:
    """Send one frame. `wait` is called when nothing moves for a while; it may raise."""
    view = memoryview(LENGTH.pack(len(content)) + content)
    while view:
        try:
            view = view[sock.send(view, _QUIET) :]
        except BlockingIOError:
            pass
        except OSError:
            raise ClosedError("the other side ended") from None
        wait and view and wait()  # after a part, too: what trickles is watched like what stands


def receive(
    sock: socket.socket, wait: Callable[[], None] | None = None, most: int = MOST_BYTES
) -> bytes:
    """Receive the content of one frame of at most `most` bytes; `wait` as in `send`."""
    size = LENGTH.unpack(_read(sock, 8, wait))[0]
    if size > most:
        raise WireError(f"a message larger than {most >> 20} MB")
    return _read(sock, size, wait)


def _read(sock: socket.socket, size: int, wait: Callable[[], None] | None) -> bytes:
    parts = []
    while size:
        try:
            part = sock.recv(min(size, 1 << 20))
            if not part:
                raise ClosedError("the other side ended")
            size -= len(part)
            parts.append(part)
        except BlockingIOError:
            pass
        except OSError:
            raise ClosedError("the other side ended") from None
        wait and size and wait()
    return b"".join(parts)


def deadline(seconds: float) -> Callable[[], None]:
    """A `wait` for `send` and `receive` that raises TimeoutError after some seconds."""
    end = time.monotonic() + seconds

    def wait() -> None:
        if time.monotonic() > end:
            raise TimeoutError

    return wait
