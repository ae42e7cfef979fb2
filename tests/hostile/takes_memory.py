"""Takes more memory than it may have.

The kernel refuses.
"""

TRIED = """
x = bytearray(3 << 30)
"""
