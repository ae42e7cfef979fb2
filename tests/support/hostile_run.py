"""Grade a course of hostile submissions, in a kind of sandbox of one's choice, and say what came.

    python -m tests.support.hostile_run COURSE TIER USER

It runs the instructor's commands in a process of its own, as the user that is asked for, and
prints as JSON what each of them said, and which processes were left.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from mlpgrader import cli
from mlpgrader.inside import launch
from mlpgrader.inside.processes import process_tree
from mlpgrader.inside.walls import libc
from mlpgrader.runner import worker
from tests.support.hostile import SETS
from tests.support.waiting import until
from tests.support.zygotes import NO_NAMESPACES, injected

VERBS = {
    "grade": ["--timeout", "2", "--jobs", "2"],
    "feedback": [],
    "export": [],
    "report": [],
}
PATIENCE = 6  # 12 s by the clock: honest neighbors on a busy machine are not to pass it
OTHER_USER = 1000


def main() -> None:
    """Run all commands on all sets."""
    course, tier = sys.argv[1:3]
    if sys.argv[3:4] == ["other"]:
        become(OTHER_USER)
    libc.prctl(libc.PR_SET_CHILD_SUBREAPER, 1)  # what is left behind becomes this process's child
    said = {}
    for verb in VERBS:
        for set_name in SETS:
            command = [sys.executable, "-m", __spec__.name, "run", tier, verb, set_name]
            command += ["--course", course, *VERBS[verb]]
            done = subprocess.run(command, capture_output=True, text=True)
            said[f"{verb} {set_name}"] = [done.returncode, done.stdout + done.stderr]
    print(json.dumps({"said": said, "left": left_processes()}))


def left_processes() -> list[int]:
    """The processes that are left alive after a while."""

    def only_this_one() -> bool:
        take_leave_of_the_dead()
        return len(process_tree(os.getpid())) == 1

    try:
        until(only_this_one, 10)
    except AssertionError:
        return process_tree(os.getpid())[1:]
    return []


def take_leave_of_the_dead() -> None:
    """Wait for children that have ended, as the first process of a machine does for orphans."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def run() -> None:
    """Run one command with the sandbox that is asked for."""
    tier, *arguments = sys.argv[2:]
    worker.PATIENCE = PATIENCE
    with tempfile.TemporaryDirectory() as folder:
        if tier == "bwrap":
            launch.command = injected(NO_NAMESPACES, Path(folder))
        cli.main(arguments, prog_name="mlpgrader")


# --- another user --------------------------------------------------------------------------


def become(user: int) -> None:
    """Go on as another user, to whom root's own folder is shown as far as Python lies in it."""
    libc.unshare(libc.CLONE_NEWNS)
    libc.mount("none", "/", None, libc.MS_REC | libc.MS_PRIVATE)
    for needed in (sys.base_prefix, str(Path(__file__).resolve().parents[2])):
        closed = closed_folder(needed)
        if closed:
            show_through(closed, needed)
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    libc.prctl(libc.PR_SET_DUMPABLE, 1)
    os.environ.update(HOME="/nonexistent", USER="other")


def closed_folder(path: str) -> str:
    """The outermost folder on a path that others may not enter; empty if there is none."""
    parents = [*reversed(Path(path).parents), Path(path)]
    return next((str(folder) for folder in parents if not folder.stat().st_mode & 1), "")


def show_through(closed: str, path: str) -> None:
    """Put an empty folder that others may enter over a closed one, and show one path in it."""
    aside = tempfile.mkdtemp()
    libc.mount(path, aside, None, libc.MS_BIND | libc.MS_REC)
    libc.mount("tmpfs", closed, "tmpfs", 0, "mode=755")
    os.makedirs(path)
    libc.mount(aside, path, None, libc.MS_BIND | libc.MS_REC)


if __name__ == "__main__":
    run() if sys.argv[1:2] == ["run"] else main()
