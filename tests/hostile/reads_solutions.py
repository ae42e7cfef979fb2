"""Looks for the solutions among all files.

They are not there.
"""

TRIED = """
import glob
assert glob.glob('/**/solutions/**', recursive=True)
"""
