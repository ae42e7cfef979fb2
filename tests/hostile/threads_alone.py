"""Has the first thread of each process end, while another goes on and takes memory.

It counts all the same: all its processes together have one limit.
"""

DOUBLE = """
import ctypes, os, threading, time
def double(x):
    def eat():
        held = bytearray(b'x') * (200 << 20)
        time.sleep(1e6)
    for _ in range(12):
        if os.fork() == 0:
            threading.Thread(target=eat).start()
            ctypes.CDLL(None).syscall(60 if os.uname().machine == 'x86_64' else 93, 0)
    time.sleep(1e6)
"""


def check(seen):
    assert seen.status_of("double-values") in ("limit", "timeout")  # where memory comes slowly
