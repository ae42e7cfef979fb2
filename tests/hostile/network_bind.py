"""Makes a socket to the machine that hosts this one.

There are no such sockets.
"""

TRIED = """
import socket
s = socket.socket(socket.AF_VSOCK)
"""
