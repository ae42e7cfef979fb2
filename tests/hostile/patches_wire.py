"""Has its process answer every call with bytes of its own.

They are no answer to what was asked: it can only lose its own points.
"""

DOUBLE = r"""
from mlpgrader.inside import wire
wire.encode = lambda *a, **k: b'\x92\xc3\xc3'
def double(x):
    return 3 * x
"""
LEAST = 0.0
