"""Answers with half a character.

It is an answer like others, and wrong.
"""

DOUBLE = r"""
def double(x):
    return '\ud800'
"""
