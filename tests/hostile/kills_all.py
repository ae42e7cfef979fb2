"""Kills all processes that it can see.

These are its own: it starts anew without that cell.
"""

DOUBLE = """
def double(x):
    return 3 * x
import os, signal
os.kill(-1, signal.SIGKILL)
"""
