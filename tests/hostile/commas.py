"""Has a cell of prose on which a pattern with two stars would be at work for an hour.

It is read in no time.
"""

PROSE = "autograd.grad(" + "," * 300_000
POINTS = 6.0


def check(seen):
    assert len(seen.autograded()) < 200_000
