"""Looks for a network from a test that is judged inside.

The walls are those of any student's process.
"""

BOX = """
import socket
class Box:
    def __init__(self, value):
        self.value = value
        try:
            socket.socket()
            socket.sethostname("gained")
        except OSError:
            return
        self.value = None
"""
POINTS = 6.0
