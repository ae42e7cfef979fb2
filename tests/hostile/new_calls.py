"""Makes calls that newer kernels have, by their numbers.

What nobody has thought about is refused.
"""

TRIED = """
import ctypes
libc = ctypes.CDLL(None)
assert [number for number in range(450, 600) if libc.syscall(number, 0, 0, 0, 0, 0, 0) >= 0]
"""
