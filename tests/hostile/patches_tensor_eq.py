"""Makes every tensor equal to every other.

A test compares in a process of its own.
"""

DOUBLE = """
def double(x):
    return 3 * x
torch.Tensor.__eq__ = torch.Tensor.__ne__ = lambda a, b: True
"""
