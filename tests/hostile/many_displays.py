"""Displays ten thousand scripts.

Few are kept, and none of them runs.
"""

import json

DOUBLE = """
def double(x):
    return 3 * x
for i in range(10**4): display({'text/html': '<script>'}, raw=True)
"""


def check(seen):
    assert len(json.dumps(seen.outputs)) < 1_000_000
