"""Locks a file of the machine that graders read.

The call is refused.
"""

TRIED = """
import fcntl, os
fcntl.flock(os.open(torch.__file__, os.O_RDONLY), fcntl.LOCK_EX)
"""
