"""Puts other functions in place of those with which a test compares tensors.

A test runs in a process of its own: nothing changes there.
"""

DOUBLE = """
def double(x):
    return 3 * x
torch.allclose = torch.equal = torch.isclose = lambda *a, **k: torch.tensor(True)
"""
