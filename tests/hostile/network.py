"""Connects to a port of this machine.

There are no sockets of the network.
"""

TRIED = """
import socket
socket.create_connection(('127.0.0.1', 22), 1)
"""
