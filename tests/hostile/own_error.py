"""Raises an AssertionError of a class of its own that says `passed`.

The test has failed.
"""

DOUBLE = """
class E(AssertionError):
    pass
def double(x): raise E('passed')
"""
