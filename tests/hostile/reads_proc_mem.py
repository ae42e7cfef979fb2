"""Reads the environment and the memory of other processes.

There are none but its own.
"""

TRIED = """
import glob
for m in glob.glob('/proc/[0-9]*/environ'):
    assert 'PYTHONHASHSEED' in open(m).read()
    open(m.replace('environ', 'mem'), 'rb')
assert len(glob.glob('/proc/[0-9]*')) > 1
"""
