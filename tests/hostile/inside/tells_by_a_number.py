"""Says of tests that end in no number that they ended in one, whose digits tell a hidden line.

Only a cell that ends in a value has a number of points.
"""

BOX = """
from mlpgrader.inside import messages
messages.Ending.plain = lambda self: ["ended", "0.3579", "", "", 0, False]
class Box:
    value = 0
"""
POINTS = 6.0
LEAST = 0.0


def check(seen):
    points = [test["points"] for test in seen.row["tests"] if test["grade_id"] != "box-points"]
    assert 0.3579 not in points
