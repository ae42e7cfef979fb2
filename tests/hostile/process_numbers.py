"""Sets how many process numbers its namespace has.

Settings of the kernel are read-only.
"""

TRIED = """
import glob
written = 0
for path in glob.glob("/proc/sys/**/*", recursive=True):
    try:
        open(path, "r+").close()
        written += 1
    except OSError:
        pass
assert written
"""
