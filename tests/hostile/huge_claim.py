"""Announces an answer of 2**60 bytes.

Nothing is allocated for it.
"""

DOUBLE = """
import os
from mlpgrader.inside import wire
def double(x):
    for fd in range(3, 40):
        try: os.write(fd, (1 << 60).to_bytes(8, 'little'))
        except OSError: pass
    return 1
"""
