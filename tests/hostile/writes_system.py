"""Writes a file beside Python's own.

All that is not its folder is read-only.
"""

TRIED = """
import sys
open(sys.prefix + '/x', 'w')
"""
