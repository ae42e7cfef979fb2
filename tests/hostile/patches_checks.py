"""Puts what always says yes in place of the course's checks.

The checks that count run elsewhere; it can only spoil its own.
"""

DOUBLE = """
from mlpkit import checks as c
for n in dir(c):
    if callable(getattr(c, n)):
        setattr(c, n, lambda *a, **k: True)
def double(x):
    return 3 * x
"""
LEAST = 0.0
