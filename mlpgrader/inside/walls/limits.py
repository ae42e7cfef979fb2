"""What a process may use up, and the rest of its walls that needs no namespace."""

import contextlib
import os
import resource
from collections.abc import Iterable
from pathlib import Path

from mlpgrader.inside.processes import die_with_parent
from mlpgrader.inside.walls import libc, seccomp
from mlpgrader.inside.walls.view import HOME

# beyond those that serve tests; a thread counts as one, and a worker process often has two
PROCESSES = 32
FILES = 64  # beyond those that are open
DISK_MB = 64
SIGNALS = 1000
MOST_DESCRIPTORS = 1 << 20
KILLED_FIRST = "1000"  # when the machine's memory is out


def kernel_counts_processes() -> bool:
    """Whether the kernel counts the processes of who runs this; it does not for real root."""
    return os.getuid() != 0


def restrict(memory_mb: int, keep: Iterable[int], seconds: int, unsafe_folder: str = "") -> None:
    """Limit this process, and take from it every descriptor and privilege that it need not have.

    Args:
        memory_mb: how much address space it may take beyond what it has.
        keep: the descriptors it may keep, besides 0, 1 and 2, which lead to /dev/null.
        seconds: CPU time after which the kernel ends any process of it.
        unsafe_folder: where it is to work if there are no walls; then nothing is done that only
            makes sense behind them.
    """
    with contextlib.suppress(OSError):  # bubblewrap has done it
        os.setsid()
    own = sorted(keep)
    _drop_descriptors(own)
    os.chdir(unsafe_folder or HOME)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(KILLED_FIRST)
    serving = len(own)
    limit(
        memory_mb,
        NPROC=PROCESSES + serving,
        NOFILE=FILES + max([2, *own]),
        FSIZE=DISK_MB << 20,
        MEMLOCK=0,
        MSGQUEUE=0,
        SIGPENDING=SIGNALS,
        CPU=seconds,
    )
    die_with_parent()
    if unsafe_folder:
        libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
    else:
        give_up_rights()


def give_up_rights() -> None:
    """Give up all capabilities, any way to new ones, and all system calls but a list of them."""
    libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
    libc.drop_capabilities()
    seccomp.install()


def _drop_descriptors(keep: list[int]) -> None:
    null = os.open("/dev/null", os.O_RDWR)
    for stream in range(3):
        os.dup2(null, stream)
    for low, high in zip([2, *keep], [*keep, MOST_DESCRIPTORS], strict=True):
        os.closerange(low + 1, high)


def limit(memory_mb: int, **limits: int) -> None:
    """Limit this process for good.

    Args:
        memory_mb: how much address space it may take beyond what it has.
        limits: what it may use of other resources, by the names of `resource`, without `RLIMIT_`.
    """
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    space = pages * resource.getpagesize() + (memory_mb << 20)
    for name, value in {"AS": space, "CORE": 0, **limits}.items():
        kind: int = getattr(resource, f"RLIMIT_{name}")
        hard = resource.getrlimit(kind)[1]
        if hard != resource.RLIM_INFINITY:
            value = min(value, hard)
        resource.setrlimit(kind, (value, value))
