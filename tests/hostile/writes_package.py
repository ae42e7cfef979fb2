"""Appends to the code of the course's checks.

All that is not its folder is read-only.
"""

TRIED = """
from mlpkit import checks
open(checks.__file__, 'a')
"""
