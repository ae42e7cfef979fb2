"""Is a pipe, and whoever opens it waits for ever.

It is not opened.
"""

import os

POINTS = 0.0
STATUS = "unreadable"


def hand_in(folder):
    os.mkfifo(folder / "mini.ipynb")


def check(seen):
    assert seen.row["tests"] == []
    assert seen.row["message"] and "\n" not in seen.row["message"]
