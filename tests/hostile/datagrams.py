"""Lets data lie in a socket whose senders are closed, where nobody counts them.

There are sockets with one sender alone.
"""

TRIED = """
import socket
socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
"""
