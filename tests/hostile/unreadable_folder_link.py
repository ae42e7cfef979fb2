"""Is a link to another student's folder.

No link is followed.
"""

POINTS = 0.0
STATUS = "unreadable"


def hand_in(folder):
    folder.rmdir()
    folder.parent.rmdir()
    folder.parent.symlink_to(folder.parents[1] / "honest")


def check(seen):
    assert seen.row["tests"] == []
    assert seen.row["message"] and "\n" not in seen.row["message"]
