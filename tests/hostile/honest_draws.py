"""Shows HTML with a script.

It has full marks, and the script is gone.
"""

ADDED = """
from IPython.display import HTML
HTML('<script>alert(1)</script><b>b</b>')
"""
POINTS = 6.0
