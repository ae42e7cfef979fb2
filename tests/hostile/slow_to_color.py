"""Is much code on which a lexer and a parser are slow.

Its page shows most of it without colors.
"""

DOUBLE = "def double(x):\n    return 2 * x\n# " + "@(" * 9000
ADDED = "'" + "%s" * 9000 + "'\n" + "a = " * 900 + "1"
POINTS = 6.0


def check(seen):
    assert seen.page().count("<span") < 30_000
