"""Ends its process in the first run, and answers in the second.

It had no answer before, so this one counts; nothing that people read comes from the second run.
"""

DOUBLE = """
import time
print("run at", time.time_ns())
def double(x):
    import os
    os.abort()
"""


def check(seen):
    assert seen.test("double-values")["message"].endswith("the process ended during the call")
