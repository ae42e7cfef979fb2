"""Ends its process while a cell runs.

The cell counts as one that raised, the others run again.
"""

DOUBLE = """
import os
os._exit(0)
"""
