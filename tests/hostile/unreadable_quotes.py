"""Is thirty megabytes of quotes in a text that does not end.

It is read once, and not again from each of them.
"""

POINTS = 0.0
STATUS = "unreadable"


def hand_in(folder):
    (folder / "mini.ipynb").write_text('"' + '\\"' * 15_000_000)
