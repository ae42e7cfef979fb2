"""Calls itself without end.

Its test has failed.
"""

DOUBLE = """
def double(x): return double(x)
"""
