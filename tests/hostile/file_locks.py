"""Locks a part of a file that another submission sees, which may look for the lock.

Who locks what can neither be asked nor read.
"""

TRIED = """
import fcntl, os, struct, torch
lock = struct.pack("hhqqi4x", fcntl.F_RDLCK, 0, 12345, 1, 0)
library = os.open(torch.__file__, os.O_RDONLY)
seen = 0
for command in (5, 36, 37, 38):
    try:
        fcntl.fcntl(library, command, lock)
        seen += 1
    except OSError:
        pass
assert seen
"""
