"""Prints codes for terminals and a script.

It has full marks, and both are shown as text.
"""

ADDED = r"""
print('\x1b[31m' + '<script>alert(1)</script>')
"""
POINTS = 6.0
