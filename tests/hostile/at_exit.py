"""Has something raise at the end of its process.

Nothing waits for that.
"""

DOUBLE = """
def double(x):
    return 3 * x
import atexit
atexit.register(lambda: (_ for _ in ()).throw(SystemExit))
"""
