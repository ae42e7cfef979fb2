"""Has code of which each character takes twelve when it is sent on.

A submission has a size in bytes: nobody waits for what ends in it.
"""

ADDED = "# " + "\U0001f600" * 1_500_000
POINTS = 0.0
STATUS = "unreadable"
