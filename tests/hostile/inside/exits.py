"""Ends its process in a test.

It costs the tests that it touches, and no other.
"""

BOX = """
class Box:
    def __init__(self, value):
        import os, signal
        os._exit(0)
"""
POINTS = 2.0


def check(seen):
    assert {test["status"] for test in seen.row["tests"][:3]} == {"crashed"}
    assert seen.status_of("half-value") == "passed"
