"""Writes right answers to all descriptors beside its wrong one.

The order of messages is broken, and its tests fail.
"""

DOUBLE = """
import os
from mlpgrader.inside import wire
REPLY = wire.encode(['value', True])
REPLY = len(REPLY).to_bytes(8, 'little') + REPLY
def double(x):
    for fd in range(3, 40):
        try: os.write(fd, REPLY * 3)
        except OSError: pass
    return 3 * x
"""
