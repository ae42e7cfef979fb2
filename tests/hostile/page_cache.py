"""Reads what the machine keeps of files, where one submission can leave word for another.

The calls that tell what is kept, or change it, are refused.
"""

TRIED = """
import ctypes, mmap, os
libc = ctypes.CDLL(None)
file = os.open(torch.__file__, os.O_RDONLY)
page = mmap.mmap(file, 4096, prot=mmap.PROT_READ)
gained = 0
for call in (
    lambda: os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED),
    lambda: os.preadv(file, [bytearray(8)], 0, os.RWF_NOWAIT),
    lambda: 1 / (libc.readahead(file, 0, 4096) + 1),
    lambda: 1 / (libc.syscall(27, 0, 4096, 0) + 1),
    lambda: 1 / (libc.syscall(451, file, 0, 0, 0) + 1),
    lambda: page.madvise(21),
):
    try:
        call()
        gained += 1
    except (OSError, ZeroDivisionError):
        pass
assert gained
"""
