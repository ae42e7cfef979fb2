"""Sleeps in a cell.

Its time by the clock ends; it starts anew without that cell.
"""

DOUBLE = """
import time
time.sleep(1e6)
"""
