"""Has forty processes compute on all processors, with children that nobody waits for.

It stays on one processor, with few processes: its neighbors lose nothing.
"""

DOUBLE = """
import os, signal, time
def child():
    try:
        os.setsid()
        os.sched_setaffinity(0, range(os.cpu_count()))
    except OSError:
        pass
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while time.monotonic() < end:
        try:
            if os.fork() == 0:
                short = time.process_time() + 0.05
                while time.process_time() < short:
                    pass
                os._exit(0)
        except OSError:
            pass
    os._exit(0)
end = time.monotonic() + 8
for _ in range(40):
    try:
        if os.fork() == 0:
            child()
    except OSError:
        break
def double(x):
    return 3 * x
"""
