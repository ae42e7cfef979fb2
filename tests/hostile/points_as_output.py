"""Ends its cell in a number, as a test with partial points does.

Only test cells give points.
"""

DOUBLE = """
def double(x):
    return 3 * x
6.0
"""
