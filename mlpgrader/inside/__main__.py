"""Start of a grading process: `python .../inside/__main__.py ROLE DESCRIPTOR …`.

`launch.command` gives the command line. This file is executed by its path, with a fixed
environment, before anything else of ours is loaded; a role is a module with a function `main`
that takes whole numbers.
"""

import gc
import importlib
import os
import sys
from collections.abc import Sequence

ROLES = {
    "zygote": "mlpgrader.inside.zygote",
    "student": "mlpgrader.inside.student.server",  # in bubblewrap alone: else the zygote forks it
}
PACKAGES = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))


def prepare() -> None:
    """Set this process up to load much and fork often."""
    # what modules want done after a fork is for programs with threads, and costs a fork its speed
    os.register_at_fork = lambda **_: None
    # full passes over what torch loads take a quarter of the time of loading it
    gc.set_threshold(700, 10, 1_000_000)
    sys.path.append(PACKAGES)  # last: it must not hide a module of Python's own


def main(arguments: Sequence[str]) -> None:
    """Be a process of this role until the other side hangs up."""
    role, *numbers = arguments
    module = importlib.import_module(ROLES[role])
    module.main(*map(int, numbers))


if __name__ == "__main__":
    prepare()
    main(sys.argv[1:])
