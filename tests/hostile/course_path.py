"""Looks in the frames that called it for where the course lies.

The zygote's settings are gone before it runs.
"""

TRIED = """
import sys
frame, found = sys._getframe(), []
while frame:
    for value in list(frame.f_locals.values()):
        held = getattr(value, "__dict__", {})
        found += [value] * ("settings" in held or "hide" in held)
    frame = frame.f_back
assert found
"""
