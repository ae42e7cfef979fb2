"""Ends in SystemExit where a test may take that for its own end.

The test has failed.
"""

DOUBLE = """
def double(x): raise SystemExit(0)
"""
