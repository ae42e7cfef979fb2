"""Displays two million empty lists: eight megabytes of text, and a hundred and fifty of memory.

What is kept of outputs has a size, and each part has one.
"""

ADDED = """
for _ in range(38):
    get_ipython().outputs.append([[]] * 49_999)
"""
POINTS = 6.0


def check(seen):
    assert len(str(seen.outputs)) < 10_000
