"""Has a time of hand-in whose number a date parser stumbles over.

It is graded as what it is, its row says that the time is none, and the run goes on.
"""

FILES = {"timestamp.txt": "24:009999999999999999999912345678901234"}
ADDED = "pass"
POINTS = 6.0


def check(seen):
    assert "timestamp.txt says no time for certain" in seen.row["message"]
