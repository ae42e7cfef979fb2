"""Calls its processes what is no text, with one that is there when tests inside begin.

Whoever ends them does not mind how they are called.
"""

ADDED = """
import os
import time
with open("/proc/self/comm", "wb") as name:
    name.write(b"\\xff) R \\xfe")
if os.fork() == 0:
    time.sleep(60)
"""
POINTS = 6.0
