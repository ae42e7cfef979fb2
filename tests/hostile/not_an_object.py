"""Is a list.

It is unreadable.
"""

NOTEBOOK = "[1, 2]"
POINTS = 0.0
STATUS = "unreadable"
