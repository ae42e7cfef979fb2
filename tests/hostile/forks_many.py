"""Starts more processes than it may have.

The kernel refuses.
"""

TRIED = """
import os, time
pids = []
for _ in range(150):
    p = os.fork()
    if p == 0:
        time.sleep(30)
        os._exit(0)
    pids.append(p)
"""
