"""Processes: children that end with their parent, and who descends from whom."""

import contextlib
import glob
import os
import signal
from collections.abc import Callable, Iterable
from pathlib import Path

from mlpgrader.inside.walls import libc

MOST_DESCRIPTORS = 1 << 12


def fork(work: Callable[[], int | None]) -> int:
    """Fork a child that works and ends, with what the work returns or with 1 if it raises.

    The child does not outlive its parent.
    """
    process = os.fork()
    if process == 0:
        try:
            die_with_parent()
            os._exit(work() or 0)
        finally:
            os._exit(1)
    return process


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent ends."""
    libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)


def link_files(folder: str, files: Iterable[str]) -> None:
    """Show files of a folder in the current one."""
    for name in files:
        with contextlib.suppress(OSError):
            os.symlink(os.path.join(folder, name), name)


def leave_ancestor() -> None:
    """Go on as a child of this process, which stays behind and does nothing but bury the dead.

    Whoever loses its parent among its descendants becomes its child.
    """
    libc.prctl(libc.PR_SET_CHILD_SUBREAPER, 1)
    if os.fork() == 0:
        return
    libc.prctl(libc.PR_SET_DUMPABLE, 0)  # nobody may look into it, or change it
    os.closerange(0, MOST_DESCRIPTORS)
    while True:
        try:
            os.wait()
        except ChildProcessError:
            os._exit(0)


def process_tree(pid: int, most: int = 1000) -> list[int]:
    """A process and all that descend from it, as far as they are still there; itself first."""
    tree: list[int] = []
    to_visit = [pid]
    while to_visit and len(tree) < most:
        process = to_visit.pop()
        tree.append(process)
        with contextlib.suppress(OSError):  # it has ended meanwhile
            for thread in os.listdir(f"/proc/{process}/task"):
                children = Path(f"/proc/{process}/task/{thread}/children").read_text()
                to_visit += map(int, children.split())
    return tree


def has_gone(pid: int) -> bool:
    """Whether there is no process of that number, not even one that ended and is not buried."""
    return not os.path.exists(f"/proc/{pid}")


def at_rest(pid: int) -> list[bytes] | None:
    """How often each thread of a process was scheduled; None while one of them runs.

    Two such looks that are equal say that it ran at no time between them. One look at a time says
    less: a signal that stops a process is only on its way when `kill` returns, and a thread on
    another processor still finishes its system call, which may be a fork, or have another process
    go on.
    """
    counts: list[bytes] = []
    for status in sorted(glob.glob(f"/proc/{pid}/task/*/status")):
        try:
            lines = Path(status).read_bytes().splitlines()  # a name need not be text
        except OSError:  # it has ended meanwhile
            continue
        fields = dict(line.split(b":\t", 1) for line in lines if b":\t" in line)
        if fields[b"State"][:1] not in b"TtZX":
            return None
        counts += [fields[b"voluntary_ctxt_switches"], fields[b"nonvoluntary_ctxt_switches"]]
    return counts
