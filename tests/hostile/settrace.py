"""Has each line of Python after it end the process.

It ends its own.
"""

DOUBLE = """
def double(x):
    return 3 * x
import sys
sys.settrace(lambda *a: (_ for _ in ()).throw(SystemExit))
"""
