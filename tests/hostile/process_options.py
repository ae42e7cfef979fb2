"""Says who may run on the same core, and has equal pages of several processes kept once.

Neighbors would wait for it, or tell each other what they hold. The call is refused.
"""

TRIED = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
refused = [libc.prctl(62, 1, 0, 0, 0), libc.prctl(67, 1, 0, 0, 0)]
assert 0 in refused or ctypes.get_errno() != 1
"""
