"""Is an object that is no notebook.

It is unreadable.
"""

NOTEBOOK = '{"cells": 3}'
POINTS = 0.0
STATUS = "unreadable"
