"""Is a file of 30 MB with nothing in it.

It is refused for its size.
"""

POINTS = 0.0
STATUS = "unreadable"


def hand_in(folder):
    with open(folder / "mini.ipynb", "wb") as file:
        file.truncate(30 << 20)


def check(seen):
    assert seen.row["tests"] == []
    assert seen.row["message"] and "\n" not in seen.row["message"]
