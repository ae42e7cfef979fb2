"""Says of each test that it ended in what is no number.

A person looks at it.
"""

BOX = """
import msgpack
from mlpgrader.inside import messages
messages.Ending.plain = lambda self: ["ended", 'nan', "", "", 0, False]
class Box:
    value = 0
"""
HALF = "def half(x):\n    return x"
POINTS = 5.0
LEAST = 0.0
STATUS = "review"


def check(seen):
    points = seen.test("box-points")
    assert points["status"] == "error" and points["points"] == 0.0
