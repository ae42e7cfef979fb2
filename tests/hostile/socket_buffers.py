"""Lets data lie in sockets, which no limit of a process counts.

No buffer grows, and what sockets may hold counts as memory.
"""

TRIED = """
import socket
mine, other = socket.socketpair()
for option in (7, 8, 32, 33):
    try:
        mine.setsockopt(socket.SOL_SOCKET, option, 1 << 24)
        break
    except OSError:
        pass
else:
    raise OSError
"""
