"""What a student's processes use up, read from `/proc`.

CPU time is the sum of what each process adds from one look to the next. The kernel adds a child's
time to its parent's when the parent has waited for it, and forgets it where the parent does not
care (SIGCHLD ignored). So each process counts for itself for as long as it is there, and what a
parent gets of its ended children counts as far as it was not seen before.
"""

import contextlib
import os
from pathlib import Path
from typing import NamedTuple

from mlpgrader.inside.processes import process_tree

# where the kernel's stat(5) has a process's times, counted from behind its name: its own in user
# and system mode, then those of children that have ended; and when it started
_OWN_FIELDS = slice(11, 13)
_ENDED_FIELDS = slice(13, 15)
_STARTED_FIELD = 19
# memory that is no file's, shared pages in proportion
_MEMORY_KINDS = (b"Pss_Anon:", b"Pss_Shmem:", b"SwapPss:")
# what the kernel lets lie in a socket before the other side has read it
SOCKET_BYTES = 212_992


class Times(NamedTuple):
    """The CPU times of a process, in ticks of the clock: its own, and that of ended children."""

    own: int
    ended: int


class Usage(NamedTuple):
    """What a process and all that descend from it use.

    Attributes:
        times: of each process, by its number and when it started.
        memory: bytes, with what sockets may hold.
        processes: how many they are.
    """

    times: dict[tuple[int, int], Times]
    memory: int
    processes: int

    def cpu_since(self, earlier: "Usage") -> float:
        """CPU seconds that were used since an earlier look.

        Example:
            >>> before = Usage({(1, 0): Times(50, 0), (2, 5): Times(20, 0)}, 0, 2)
            >>> now = Usage({(1, 0): Times(60, 30), (3, 9): Times(5, 0)}, 0, 2)
            >>> round(now.cpu_since(before) * os.sysconf("SC_CLK_TCK"))  # 10 + 5, and 30 less 20
            25
        """
        own = 0
        ended = 0
        for key, times in self.times.items():
            before = earlier.times.get(key, Times(0, 0))
            own += times.own - before.own
            ended += times.ended - before.ended
        gone = earlier.times.keys() - self.times.keys()
        seen = sum(sum(earlier.times[key]) for key in gone)
        return (own + max(0, ended - seen)) / os.sysconf("SC_CLK_TCK")


def usage_of(pid: int, most: int) -> Usage:
    """Look at a process and at what descends from it, at `most` processes in all."""
    times = {}
    memory = _socket_memory(pid)
    members = process_tree(pid, most)
    for member in members:
        with contextlib.suppress(OSError, ValueError, IndexError):  # it may have just ended
            key, value = _times(member)
            times[key] = value
            memory += _memory(member)
    return Usage(times, memory, len(members))


def _times(pid: int) -> tuple[tuple[int, int], Times]:
    # bytes: a process may call itself what is no text
    stat = Path(f"/proc/{pid}/stat").read_bytes()
    fields = stat.rpartition(b")")[2].split()
    own = sum(map(int, fields[_OWN_FIELDS]))
    ended = sum(map(int, fields[_ENDED_FIELDS]))
    return (pid, int(fields[_STARTED_FIELD])), Times(own, ended)


def _socket_memory(pid: int) -> int:
    """What its sockets may hold, which counts for no process; 0 where it has no network apart."""
    with contextlib.suppress(OSError):
        if _network(str(pid)) == _network("self"):
            return 0
    with contextlib.suppress(OSError):
        sockets = Path(f"/proc/{pid}/net/unix").read_bytes().count(b"\n") - 1
        return sockets * SOCKET_BYTES
    return 0


def _network(process: str) -> str:
    return os.readlink(f"/proc/{process}/ns/net")


def _memory(pid: int) -> int:
    memory = _memory_at(f"/proc/{pid}")
    if memory:
        return memory
    # its first thread has ended, after which the kernel shows memory at the others alone
    threads = os.listdir(f"/proc/{pid}/task")
    return max(_memory_at(f"/proc/{pid}/task/{thread}") for thread in threads)


def _memory_at(place: str) -> int:
    try:
        rollup = Path(f"{place}/smaps_rollup").read_bytes()
    except PermissionError:  # it called prctl(PR_SET_DUMPABLE, 0)
        return _resident_memory(place)
    except (ProcessLookupError, FileNotFoundError):  # it has ended
        return 0
    kilobytes = 0
    for line in rollup.splitlines()[1:]:
        kind, amount, *_ = line.split()
        if kind in _MEMORY_KINDS:
            kilobytes += int(amount)
    return kilobytes << 10


def _resident_memory(place: str) -> int:
    """All that a process has in memory, files included; everybody may read this."""
    resident_pages = Path(f"{place}/statm").read_text().split()[1]
    return int(resident_pages) * os.sysconf("SC_PAGESIZE")
