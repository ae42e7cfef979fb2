"""Makes shared memory that no limit counts.

The call is refused.
"""

TRIED = """
import ctypes
assert ctypes.CDLL(None).shmget(0, 4096, 0o1600) >= 0
"""
