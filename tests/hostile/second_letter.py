"""Has a function change an answer in one letter, so that two letters are tried.

The letter is taken once, before any call.
"""

DOUBLE = """
def double(x):
    double.__globals__["choice"] = "b"
    return 2 * x
"""
MINI_CHOICE = """
choice = "c"
"""
POINTS = 5.0
