"""Answers with millions of empty dicts, each of a byte on its way.

They are counted before they take room and time: what else it has is judged.
"""

DOUBLE = """
def double(x):
    return [[{}] * 40_000] * 390
"""


def check(seen):
    assert "too many parts" in seen.test("double-values")["message"]
