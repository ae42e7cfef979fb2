"""Holds a byte that Python's parser stops at.

That cell alone is lost.
"""

DOUBLE = "def double(x):\n    return '\x00'"
