"""Looks for the answer in the frames that called it, and changes it.

What it can change are its own process's frames.
"""

DOUBLE = """
import sys
def double(x):
    frame = sys._getframe()
    while frame:
        for name, value in list(frame.f_locals.items()):
            if 'reply' in name or 'answer' in name:
                frame.f_locals[name] = ['value', 3.0]
        frame = frame.f_back
    return 3 * x
"""
