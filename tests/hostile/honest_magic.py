"""Uses a magic and a command of the shell.

It has full marks.
"""

ADDED = """
%timeit -n1 -r1 1 + 1
!echo hi
"""
POINTS = 6.0
