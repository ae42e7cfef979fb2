"""Says of itself that a hundred thousand modules lie beside it.

It has as many as a folder may have.
"""

from tests.support import mini

NOTEBOOK = mini.submission() | {"modules": {f"m{n}.py": "x = 1" for n in range(100_000)}}
POINTS = 6.0


def check(seen):
    assert len(seen.outputs) < 30
