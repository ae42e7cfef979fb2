"""Starts processes in a test that is judged inside, which look at whoever comes after.

They end with the submission, and cost it its own tests at most.
"""

BOX = """
import os, time
class Box:
    def __init__(self, value):
        self.value = value
        for _ in range(20):
            try:
                if os.fork() == 0:
                    os.setsid()
                    time.sleep(1e6)
            except OSError:
                pass
"""
POINTS = 6.0
LEAST = 2.0
