"""Changes `isinstance`, `abs`, `all` and `any` for whoever comes after.

Nobody who judges comes after, in that process.
"""

DOUBLE = """
def double(x):
    return 3 * x
import builtins
builtins.isinstance = lambda *a: True
builtins.abs = builtins.all = builtins.any = lambda *a: True
"""
