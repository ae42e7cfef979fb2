"""Calls its process what is no text, and may not be looked into.

It is watched all the same.
"""

DOUBLE = r"""
def double(x):
    return 3 * x
import ctypes
ctypes.CDLL(None).prctl(15, b'\xff\xfe)', 0, 0, 0)
ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
while True: pass
"""
