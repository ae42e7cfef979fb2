"""Mounts a file system.

The call is refused.
"""

TRIED = """
import ctypes
assert ctypes.CDLL(None).mount(b'x', b'/student', b'tmpfs', 0, None) == 0
"""
