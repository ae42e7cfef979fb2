"""Is right.

It has full marks, of both ways to judge.
"""

POINTS = 6.0


def check(seen):
    ways = {test["grade_id"]: test["judged"] for test in seen.row["tests"]}
    assert ways.pop("half-value") == "apart"
    assert set(ways.values()) == {"inside"}
