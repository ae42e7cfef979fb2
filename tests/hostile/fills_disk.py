"""Writes more than its folder may hold.

There is no more room.
"""

TRIED = """
open('/student/x', 'wb').write(bytes(70_000_000))
"""
