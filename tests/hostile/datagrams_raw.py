"""Asks for a socket of many senders by another name, and for a pair of them.

There are none.
"""

TRIED = """
import itertools, socket
made = []
for make, kind in itertools.product((socket.socket, socket.socketpair), (2, 3, 10)):
    try:
        made.append(make(socket.AF_UNIX, kind))
    except OSError:
        pass
assert made
"""
