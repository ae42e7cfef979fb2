"""Reads what no process may read.

The tests of that function have failed, and no other.
"""

DOUBLE = """
def double(x):
    import ctypes
    ctypes.string_at(0)
"""


def check(seen):
    assert seen.status_of("double-values") == "crashed"
    assert seen.test("double-values")["message"]
