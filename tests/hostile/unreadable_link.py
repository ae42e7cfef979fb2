"""Is a link to the solutions.

No link is followed.
"""

POINTS = 0.0
STATUS = "unreadable"


def hand_in(folder):
    solutions = folder.parents[2] / "solutions" / "mini"
    (folder / "mini.ipynb").symlink_to(solutions / "mini.ipynb")


def check(seen):
    assert seen.row["tests"] == []
    assert seen.row["message"] and "\n" not in seen.row["message"]
