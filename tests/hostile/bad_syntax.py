"""Is no Python.

That cell alone is lost.
"""

DOUBLE = """
def double(x:
  return
"""
