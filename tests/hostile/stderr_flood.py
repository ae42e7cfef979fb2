"""Writes 100 MB to stderr while it is called.

Nobody reads it.
"""

DOUBLE = """
import sys
def double(x):
    sys.stderr.write('y' * 10**8)
    return 3 * x
"""
