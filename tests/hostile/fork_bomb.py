"""Starts processes that start processes.

There is a limit, and they all end with the submission.
"""

DOUBLE = """
import os
def double(x):
    while True:
        try: os.fork()
        except OSError: pass
"""


def check(seen):
    assert seen.status_of("double-values") == "timeout"
    assert seen.test("double-values")["message"]
