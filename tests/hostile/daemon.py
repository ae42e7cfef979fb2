"""Leaves a process behind that belongs to no session of its own.

It ends with the submission.
"""

DOUBLE = """
def double(x):
    return 3 * x
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(1e6)
    os._exit(0)
"""
