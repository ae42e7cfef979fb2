"""Answers with an object that runs code where it is unpickled.

Nothing of a student's is unpickled: a person looks at it.
"""

DOUBLE = """
class P:
    def __reduce__(self): return (print, ('GAINED',))
def double(x): return P()
"""
STATUS = "review"
