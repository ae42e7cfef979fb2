"""Keeps in a file what it was called with, and tells it in a later call.

No message of a later visible part can hold it.
"""

DOUBLE = """
import os
def double(x):
    with open('seen', 'a+') as file:
        print(x, file=file)
        file.seek(0)
        seen = file.read()
    if isinstance(x, torch.Tensor): raise ValueError(seen)
    return 2 * x if x == 1.5 else 0
"""
