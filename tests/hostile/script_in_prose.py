"""Has prose with a script, which formgrader would run.

It is shown as it was typed.
"""

import json

PROSE = "$$\n<img src=x onerror=alert(1)>\n$$\n\n<script>alert(1)</script>"
POINTS = 6.0


def check(seen):
    cells = json.loads(seen.autograded())["cells"]
    shown = [cell["source"] for cell in cells if "alert(1)" in cell["source"]]
    assert shown and all(line.startswith("    ") for line in shown[0].split("\n"))
