"""Takes memory until there is none.

It reaches its own limit, and nothing else does.
"""

DOUBLE = """
def double(x):
    y = []
    while True: y.append(bytearray(1 << 26))
"""


def check(seen):
    assert seen.status_of("double-values") in ("limit", "timeout")
    assert seen.test("double-values")["message"]
