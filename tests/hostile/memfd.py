"""Makes a file in memory that no limit counts.

The call is refused.
"""

TRIED = """
import os
os.memfd_create('x')
"""
