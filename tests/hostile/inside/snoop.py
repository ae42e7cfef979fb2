"""Leaves a process behind that reads the memory of all others, for a rerun to tell.

It is killed before the first hidden line is there.
"""

BOX = """
class Box:
    def __init__(self, value):
        self.value = value
        print("LEAK", value)
        open("/student/found", "a").write(str(value))
        if value != 3:
            raise ValueError(f"LEAK {value}")
"""
ADDED = """
import os, time
def look():
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb") as memory:
                for line in maps:
                    start, end = (int(x, 16) for x in line.split()[0].split("-"))
                    if "rw" in line and end - start < 1 << 26:
                        memory.seek(start)
                        if b"xyz" + b"zy-" in memory.read(end - start):
                            open("/student/found", "w").write("seen")
        except OSError:
            pass
if os.fork() == 0:
    os.setsid()
    for _ in range(200):
        look()
        time.sleep(0.01)
    os._exit(0)
try:
    print(open("/student/found").read())
except OSError:
    pass
"""
POINTS = 2.0


def check(seen):
    assert "seen" not in str(seen.outputs)
    assert seen.status_of("alone-here") == "passed"
