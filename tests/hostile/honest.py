"""Does nothing of the kind.

It has full marks, whoever its neighbors are.
"""

POINTS = 6.0
