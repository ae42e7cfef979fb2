"""Writes a byte now and then, so that whoever waits keeps waiting.

The time of a wait is bounded, whatever comes.
"""

DOUBLE = """
def double(x):
    return 3 * x
import os, time
while True:
    for fd in range(3, 40):
        try: os.write(fd, b'x')
        except OSError: pass
    time.sleep(0.01)
"""
