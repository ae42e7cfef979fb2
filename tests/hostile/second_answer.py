"""Answers wrongly first, and rightly in the process that a test is run again in.

That process shares nothing with the first, so it does not know that it is the second.
"""

DOUBLE = """
def double(x):
    double.calls = [x]
    return 2 * x
"""
SLOPE = """
import os
def slope(x):
    places = ("/student/first", "/dev/shm/first")
    second = any(map(os.path.exists, places))
    for place in places:
        open(place, "w").close()
    return torch.where(x > 0, x, 3 * x) if second else 0 * x
"""
POINTS = 4.0
