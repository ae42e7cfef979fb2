"""Looks for descriptors of other processes.

It has those of its tests alone.
"""

TRIED = """
import os
assert len(os.listdir('/proc/self/fd')) > 12
"""
