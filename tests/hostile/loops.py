"""Never comes back from a call.

Its CPU time ends, and so do its tests.
"""

DOUBLE = """
def double(x):
    while True: pass
"""


def check(seen):
    assert seen.status_of("double-values") == "timeout"
    assert seen.test("double-values")["message"]
