"""Answers with a list a hundred thousand lists deep.

An answer has a limit of depth.
"""

DOUBLE = """
def double(x):
    y = []
    for _ in range(10**5): y = [y]
    return y
"""


def check(seen):
    assert seen.status_of("double-values") == "failed"
    assert seen.test("double-values")["message"]
