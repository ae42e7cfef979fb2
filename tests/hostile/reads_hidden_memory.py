"""Looks for hidden lines among all objects of its process.

Its process never held them.
"""

TRIED = """
import gc
wanted = '_'.join(['secret', 'input'])
small = [o for o in gc.get_objects() if type(o) in (dict, list, tuple) and len(o) < 200]
assert any(wanted in repr(o) for o in small)
"""
