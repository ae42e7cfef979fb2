"""Has eight processes fill memory that each shares with nobody.

All its processes together have one limit.
"""

DOUBLE = """
import mmap, os
def double(x):
    for _ in range(8):
        if os.fork() == 0:
            m = mmap.mmap(-1, 1 << 30)
            for i in range(0, 1 << 30, 4096):
                m[i] = 1
            while True: pass
    while True: pass
"""
