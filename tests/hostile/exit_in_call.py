"""Ends its process while it is called.

The tests of that function have failed, and no other.
"""

DOUBLE = """
def double(x):
    import os
    os._exit(0)
"""


def check(seen):
    assert seen.status_of("double-values") == "crashed"
    assert seen.test("double-values")["message"]
