"""Is a hundred thousand brackets.

It is unreadable, and costs nothing.
"""

NOTEBOOK = "[" * 10**5
POINTS = 0.0
STATUS = "unreadable"
