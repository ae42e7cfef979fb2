"""Says of each test that it ended in a number, of its own choice.

That is in its reach, as in stock nbgrader; but no number is more than the test is worth, and a test
apart is out of its reach.
"""

BOX = """
import msgpack
from mlpgrader.inside import messages
messages.Ending.plain = lambda self: ["ended", '1e9', "", "", 0, False]
class Box:
    value = 0
"""
HALF = "def half(x):\n    return x"
POINTS = 5.0
LEAST = 0.0


def check(seen):
    assert seen.test("box-points")["points"] <= 1.0
    assert seen.test("half-value")["points"] == 0.0
