"""Kills all processes that it can see in a test, and lives on.

It costs the tests that it touches, and no other.
"""

BOX = """
class Box:
    def __init__(self, value):
        import os, signal
        os.kill(-1, signal.SIGKILL)
"""
POINTS = 2.0


def check(seen):
    assert {test["status"] for test in seen.row["tests"][:3]} == {"failed"}
    assert seen.status_of("half-value") == "passed"
