"""Has a time of hand-in whose time zone is a path out of the folder of time zones.

No such file is opened, and the row says that the time is none.
"""

FILES = {"timestamp.txt": "2026-03-06 18:00 ../../etc/passwd"}
ADDED = "pass"
POINTS = 6.0


def check(seen):
    assert "timestamp.txt says no time for certain" in seen.row["message"]
