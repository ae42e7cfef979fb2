"""Leaves threads behind that sleep.

They end with the submission.
"""

DOUBLE = """
def double(x):
    return 3 * x
import threading, time
for _ in range(5):
    threading.Thread(target=time.sleep, args=(1e6,), daemon=True).start()
"""
