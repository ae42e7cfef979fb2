"""Writes answers to all descriptors before it is asked anything.

They are no messages, or come when nobody waits: the tests fail.
"""

DOUBLE = """
def double(x):
    return 3 * x
import os
for fd in range(3, 40):
    try: os.write(fd, bytes(9) + b'T' * 50)
    except OSError: pass
"""
