"""Has a name of thousands of accents, which a parser puts in order by the square of their number.

It is not looked at, and runs as any other cell.
"""

ADDED = "\n".join(f"x{n}" + "\u0301\u0316" * 2000 + " = 1" for n in range(4))
POINTS = 6.0
