"""Answers with code that is nested so deep that a parser ends in it.

That is no answer, and nobody else is concerned.
"""

DOUBLE = "def double(x):\n    return " + "-" * 100_000 + "x"
