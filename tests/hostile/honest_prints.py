"""Prints to stdout and stderr.

It has full marks.
"""

ADDED = """
print('hello')
import sys
print('x', file=sys.stderr)
"""
POINTS = 6.0
