"""Kills its own process.

It starts anew without that cell.
"""

DOUBLE = """
def double(x):
    return 3 * x
import os, signal
os.kill(os.getpid(), signal.SIGKILL)
os._exit(1)
"""
