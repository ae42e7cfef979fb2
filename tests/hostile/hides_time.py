"""Has children that nobody waits for use CPU time.

Each counts for as long as it is there: the call ends by its CPU time.
"""

DOUBLE = """
def double(x):
    import os, signal, time
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        if os.fork() == 0:
            end = time.process_time() + 0.3
            while time.process_time() < end:
                pass
            os._exit(0)
        time.sleep(0.3)
"""


def check(seen):
    assert seen.status_of("double-values") == "timeout"
