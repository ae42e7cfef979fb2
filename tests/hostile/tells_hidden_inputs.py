"""Tells what it was called with in the message of an exception.

What a hidden part makes it say is told to nobody.
"""

DOUBLE = """
SEEN = []
def double(x):
    SEEN.append(x)
    if isinstance(x, torch.Tensor): raise ValueError(str(SEEN))
    return 2 * x if x == 1.5 else 0
"""
