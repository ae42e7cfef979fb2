"""Has numbers where cells should be.

It is unreadable.
"""

NOTEBOOK = '{"cells": [1, 2]}'
POINTS = 0.0
STATUS = "unreadable"
