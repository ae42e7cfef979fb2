"""Shows HTML that is opened again in each block, 20 times.

Nobody waits for it: what is shown has a size.
"""

ADDED = """
tags = "".join(f"<b q{n}>" for n in range(640))
for _ in range(20):
    display({"text/html": "<p>" + tags + "<p>x" * 3000}, raw=True)
"""
POINTS = 6.0


def check(seen):
    assert len(seen.autograded()) < 2_000_000
