"""Leaves processes behind that start others for ever.

They are killed before the first hidden line is there; what else it wrote is right.
"""

ADDED = """
import os, time
def breed():
    while True:
        try:
            if os.fork() == 0:
                os.setsid()
        except OSError:
            time.sleep(0.001)
if os.fork() == 0:
    breed()
"""
POINTS = 6.0


def check(seen):
    assert seen.status_of("alone-here") == "passed"
