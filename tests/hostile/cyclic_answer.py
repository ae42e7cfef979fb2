"""Answers with a list that holds itself.

An answer has a limit of depth.
"""

DOUBLE = """
def double(x):
    y = []
    y.append(y)
    return y
"""
