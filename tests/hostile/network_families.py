"""Makes sockets of all kinds of networks, by another protocol of the internet among them.

There are sockets within the machine alone.
"""

TRIED = """
import itertools, socket
made = []
for family, kind, protocol in itertools.product(range(2, 46), (1, 2, 3, 5), (0, 132, 262)):
    try:
        made.append(socket.socket(family, kind, protocol))
    except OSError:
        pass
assert made
"""
