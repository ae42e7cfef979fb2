"""Answers with an object that is equal to everything.

It is no plain data: a person looks at it, and it earns nothing.
"""

DOUBLE = """
class Yes:
    def __eq__(self, other): return True
    def __getattr__(self, name): return self
    def __call__(self, *a): return self
    __bool__ = __eq__
    def __float__(self): return 3.0
def double(x): return Yes()
"""
STATUS = "review"
