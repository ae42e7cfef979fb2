"""Goes into a user namespace, where it would be root.

The call is refused.
"""

TRIED = """
import ctypes
assert ctypes.CDLL(None).unshare(0x10000000) == 0
"""
