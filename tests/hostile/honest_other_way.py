"""Binds its function to a name without `def`.

It has full marks.
"""

DOUBLE = "double = lambda x: x + x"
POINTS = 6.0
