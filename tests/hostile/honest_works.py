"""Computes for a second of CPU time, half of what a cell may use here.

It has full marks, whoever its neighbors are.
"""

ADDED = """
import time
end = time.process_time() + 1
while time.process_time() < end:
    pass
"""
POINTS = 6.0
