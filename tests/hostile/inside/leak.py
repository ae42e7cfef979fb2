"""Tells whatever it is given: prints it, writes it to a file, raises it.

Of a hidden part nothing is told but that it failed.
"""

BOX = """
class Box:
    def __init__(self, value):
        self.value = value
        print("LEAK", value)
        open("/student/found", "a").write(str(value))
        if value != 3:
            raise ValueError(f"LEAK {value}")
"""
POINTS = 2.0


def check(seen):
    assert seen.test("box-value")["message"] == "a box keeps what it is given: failed"
    assert "LEAK 0.5" in seen.test("box-points")["message"]  # every line of it is visible
