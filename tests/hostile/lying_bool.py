"""Answers with bytes that are no truth values, as truth values.

A bool is 0 or 1 on the wire, all else is refused.
"""

DOUBLE = """
def double(x):
    import torch
    t = torch.zeros(1, dtype=torch.uint8) + 7
    return t.view(torch.bool)
"""
