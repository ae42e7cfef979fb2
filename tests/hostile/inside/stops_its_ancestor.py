"""Kills and stops the process below which it is parked, and that of its tests.

It hurts its own tests alone.
"""

BOX = """
import os, signal
class Box:
    def __init__(self, value):
        self.value = value
        for pid in (1, os.getppid()):
            for number in (signal.SIGSTOP, signal.SIGKILL):
                try:
                    os.kill(pid, number)
                except OSError:
                    pass
"""
POINTS = 6.0
LEAST = 1.0
