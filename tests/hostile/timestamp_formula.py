"""Has a formula for a time, behind what parts cells in the sheets of many countries.

It is graded, and no cell begins with it, whichever way the sheet is read.
"""

FILES = {"timestamp.txt": ";=HYPERLINK(A1);1"}
ADDED = "kept = 1"
POINTS = 6.0


def check(seen):
    assert ";'=HYPERLINK" in seen.said  # which has the sheet, too
