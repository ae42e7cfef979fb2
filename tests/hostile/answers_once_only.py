"""Ends its process whenever it is asked for its letter before any call, to choose it later.

What was not answered then is not asked for again.
"""

MINI_CHOICE = """
import os
from mlpgrader.inside.student import server
answer = server._answer
calls = []
def later(look_up, call):
    if call.operation == "get" and not calls:
        os._exit(0)
    calls.append(call)
    return answer(look_up, call)
server._answer = later
choice = "b"
"""
POINTS = 5.0


def check(seen):
    assert seen.status_of("mini-choice-answer") == "crashed"
