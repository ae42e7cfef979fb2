"""What a student's processes use up, read from `/proc`."""

import contextlib
import os
from pathlib import Path
from typing import NamedTuple

from mlpgrader.inside.processes import process_tree

# where the kernel's stat(5) has a process's CPU time, counted from behind its name: its own in
# user and system mode, then that of children who have ended
_CPU_FIELDS = slice(11, 15)
# memory that is no file's, shared pages in proportion
_MEMORY_KINDS = (b"Pss_Anon:", b"Pss_Shmem:", b"SwapPss:")


class Usage(NamedTuple):
    """What a process and all that descend from it use.

    Attributes:
        cpu_seconds: CPU time, that of ended children included.
        memory: bytes.
        processes: how many they are.
    """

    cpu_seconds: float
    memory: int
    processes: int


def usage_of(pid: int, most: int) -> Usage:
    """Look at a process and at what descends from it, at `most` processes in all."""
    ticks = 0
    memory = 0
    members = process_tree(pid, most)
    for member in members:
        with contextlib.suppress(OSError, ValueError, IndexError):  # it may have just ended
            ticks += _cpu_ticks(member)
            memory += _memory(member)
    return Usage(ticks / os.sysconf("SC_CLK_TCK"), memory, len(members))


def _cpu_ticks(pid: int) -> int:
    # bytes: a process may call itself what is no text
    stat = Path(f"/proc/{pid}/stat").read_bytes()
    fields = stat.rpartition(b")")[2].split()
    return sum(map(int, fields[_CPU_FIELDS]))


def _memory(pid: int) -> int:
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_bytes()
    except PermissionError:  # it called prctl(PR_SET_DUMPABLE, 0)
        return _resident_memory(pid)
    kilobytes = 0
    for line in rollup.splitlines()[1:]:
        kind, amount, *_ = line.split()
        if kind in _MEMORY_KINDS:
            kilobytes += int(amount)
    return kilobytes << 10


def _resident_memory(pid: int) -> int:
    """All that a process has in memory, files included; everybody may read this."""
    resident_pages = Path(f"/proc/{pid}/statm").read_text().split()[1]
    return int(resident_pages) * os.sysconf("SC_PAGESIZE")
