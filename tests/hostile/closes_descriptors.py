"""Closes all descriptors, those of its tests among them.

It can no longer answer; it harms itself alone.
"""

DOUBLE = """
def double(x):
    return 3 * x
import os
os.closerange(0, 1000)
"""
LEAST = 0.0
