"""Is not written.

A visible failure inside is told.
"""

BOX = "raise NotImplementedError()"
HALF = "raise NotImplementedError()"
POINTS = 1.0


def check(seen):
    message = seen.row["tests"][0]["message"]
    assert "NotImplementedError" in message or "Box" in message
