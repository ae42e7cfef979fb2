"""Breaks torch for its other functions when it is called.

A function does not fail for another: full marks.
"""

DOUBLE = """
def double(x):
    torch.where = None
    return 2 * x
"""
POINTS = 6.0
