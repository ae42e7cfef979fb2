"""Has cells duplicated, reordered, retagged and left out; the answers are right.

It has full marks: points and order are the plan's.
"""

import json

from tests.support import mini

double, slope, choice = mini.submission()["cells"][1:]
wrong = json.loads(json.dumps(double)) | {"source": "def double(x):\n    return 3 * x\n"}
forged = mini.cell("assert True", "double-values", grade=True, points=100, locked=False)
slope["metadata"]["nbgrader"] |= {"points": 50, "grade": True, "locked": "yes"}

NOTEBOOK = mini.notebook([choice, forged, wrong, slope, double])
POINTS = 6.0
