"""Talks to whoever listens on a socket of the machine that has no file.

Its network namespace has none but its own.
"""

TRIED = """
import socket
sock = socket.socket(socket.AF_UNIX)
sock.connect("\\0/tmp/.X11-unix/X0")
"""
