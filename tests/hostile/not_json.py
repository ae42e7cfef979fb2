"""Is no JSON.

It is unreadable, and no neighbor is touched.
"""

NOTEBOOK = "{"
POINTS = 0.0
STATUS = "unreadable"
