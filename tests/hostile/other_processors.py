"""Goes to all processors, and takes its children along.

It stays on the one that it was given.
"""

TRIED = """
import os
os.sched_setaffinity(0, range(os.cpu_count()))
"""
