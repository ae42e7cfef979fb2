"""Zygotes with a fault of a test's choice, and the processes of a run."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from mlpgrader.inside import launch
from tests.support.variants import ROOT

NO_NAMESPACES = "def no(*_): raise OSError('not permitted')\nnamespaces.enter = no"


def injected(code: str, folder: Path) -> Callable[..., list[str]]:
    """`launch.command` with a change to the zygote's copy of the grader."""
    real = launch.command
    program = folder / "changed_zygote.py"
    program.write_text(
        "import sys\n"
        f"sys.path.append({str(ROOT)!r})\n"
        "from mlpgrader.inside import __main__ as start\n"
        "start.prepare()\n"
        "from mlpgrader.inside import zygote\n"
        "from mlpgrader.inside.checker import examination\n"
        "from mlpgrader.inside.walls import limits, namespaces, seccomp\n"
        f"{code}\n"
        "start.main(sys.argv[1:])\n"
    )

    def command(role: str, *numbers: int) -> list[str]:
        line = real(role, *numbers)
        if role == "zygote":
            line[line.index(str(launch.PROGRAM))] = str(program)
        return line

    return command


def zygotes() -> set[int]:
    """The process ids of all zygotes, checkers and students' processes of this machine."""
    listing = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True).stdout
    lines = [line.split(maxsplit=1) for line in listing.splitlines()]
    return {int(pid) for pid, command in lines if str(launch.PROGRAM) in command}


def children() -> list[str]:
    """The command lines of this process's own children that belong to the grader."""
    listing = subprocess.run(["ps", "-eo", "ppid,args"], capture_output=True, text=True).stdout
    lines = [line.split(maxsplit=1) for line in listing.splitlines()]
    return [
        command for ppid, command in lines if ppid == str(os.getpid()) and "mlpgrader" in command
    ]
