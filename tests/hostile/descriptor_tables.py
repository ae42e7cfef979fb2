"""Puts a segment into the table of its processor (modify_ldt), an old way into the kernel.

The call is refused.
"""

TRIED = """
import ctypes
assert ctypes.CDLL(None).syscall(154, 0, ctypes.create_string_buffer(64), 64) >= 0
"""
