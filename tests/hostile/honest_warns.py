"""Warns.

It has full marks.
"""

DOUBLE = """
import warnings
warnings.warn('w')
def double(x):
    return 2 * x
"""
POINTS = 6.0
