"""Writes to whatever it can see from a test that is judged inside.

Nothing outside its folder changes.
"""

BOX = """
import os, sys
class Box:
    def __init__(self, value):
        self.value = value
        for folder in ("/", sys.prefix, "/usr", "/etc", "/beside", "/proc/sys/kernel"):
            try:
                open(os.path.join(folder, "gained"), "w").close()
            except OSError:
                continue
            self.value = None
"""
POINTS = 6.0
