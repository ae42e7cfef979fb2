"""Looks into another process with ptrace.

The call is refused.
"""

TRIED = """
import ctypes
assert ctypes.CDLL(None).ptrace(0, 0, 0, 0) >= 0
"""
