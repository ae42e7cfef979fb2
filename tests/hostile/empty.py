"""Is empty.

It is unreadable.
"""

NOTEBOOK = ""
POINTS = 0.0
STATUS = "unreadable"
