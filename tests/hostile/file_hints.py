"""Leaves word in a file of the machine: how long what is written to it will stay.

The call is refused, and so is the question.
"""

TRIED = """
import fcntl, os, torch
library = os.open(torch.__file__, os.O_RDONLY)
fcntl.fcntl(library, 1035, bytes(8))
"""
