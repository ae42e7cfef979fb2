"""Prints 100 MB.

What is kept of outputs is bounded.
"""

import json

DOUBLE = """
def double(x):
    return 3 * x
for _ in range(10**5): print('x' * 1000)
"""


def check(seen):
    assert len(json.dumps(seen.outputs)) < 100_000
