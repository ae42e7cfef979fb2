"""How a grading process is started: its command line and its whole environment."""

import sys
from pathlib import Path

from mlpgrader.inside.walls.view import HOME

PROGRAM = Path(__file__).resolve().with_name("__main__.py")

ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "TERM": "dumb",
    # places that a sandbox has
    "HOME": HOME,
    "TMPDIR": HOME,
    "IPYTHONDIR": f"{HOME}/.ipython",
    "MPLCONFIGDIR": HOME,
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",  # as in a Jupyter kernel
    # the same run each time
    "PYTHONHASHSEED": "0",
    "PYTHONUTF8": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    # what nbgrader sets while it grades
    "NBGRADER_EXECUTION": "autograde",
    # one thread: processes run side by side, and a process with threads must not fork
    "OMP_NUM_THREADS": "1",
    "OMP_THREAD_LIMIT": "1",  # where a cell asks for two, a fork of it would wait for the second
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    # huge pages: a fork copies one entry of a page table for 2 MB instead of 512
    "PYTHONMALLOC": "malloc",
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
}


def environment() -> dict[str, str]:
    """The whole environment of a grading process; nothing is inherited."""
    return dict(ENVIRONMENT)


def command(role: str, *numbers: int) -> list[str]:
    """The command line of a grading process.

    Args:
        role: a key of `__main__.ROLES`.
        numbers: what the `main` of that role takes.
    """
    # -P, -s: neither the current folder nor the user's own packages
    return [sys.executable, "-P", "-s", str(PROGRAM), role, *map(str, numbers)]
