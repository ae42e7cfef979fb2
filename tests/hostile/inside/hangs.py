"""Never comes back from a test.

It costs the tests that it touches, and no other.
"""

BOX = """
class Box:
    def __init__(self, value):
        import os, signal
        while True: pass
"""
POINTS = 2.0


def check(seen):
    assert {test["status"] for test in seen.row["tests"][:3]} == {"timeout"}
    assert seen.status_of("half-value") == "passed"
