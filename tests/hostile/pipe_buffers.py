"""Has a pipe hold a megabyte.

It keeps the size that the kernel gave it.
"""

TRIED = """
import fcntl, os
fcntl.fcntl(os.pipe()[1], 1031, 1 << 20)
"""
