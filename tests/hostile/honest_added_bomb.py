"""Ends its process in a cell after its answers.

It has full marks.
"""

from tests.support import mini

NOTEBOOK = mini.submission(added="import os\nos._exit(3)", after="mini-choice")
POINTS = 6.0
