"""Raises KeyboardInterrupt, which most code lets through.

The test has failed.
"""

DOUBLE = """
def double(x): raise KeyboardInterrupt
"""
