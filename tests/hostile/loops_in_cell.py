"""Never comes back from a cell, and catches whatever should end it.

It is killed, and starts anew without that cell.
"""

DOUBLE = """
while True:
    try:
        while True: pass
    except BaseException: pass
"""
