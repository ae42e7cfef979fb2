"""Is a folder of the notebook's name.

It is unreadable.
"""

POINTS = 0.0
STATUS = "unreadable"


def hand_in(folder):
    (folder / "mini.ipynb" / "mini.ipynb").mkdir(parents=True)


def check(seen):
    assert seen.row["tests"] == []
    assert seen.row["message"] and "\n" not in seen.row["message"]
