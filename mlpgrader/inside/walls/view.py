"""What a sandbox shows: a list of files and folders, and nothing else."""

import os
import site
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, NamedTuple

PACKAGES = str(Path(__file__).resolve().parents[3])  # the folder of our two packages
# all of ours that a sandbox shows
SHOWN = (
    "mlpgrader/__init__.py",
    "mlpgrader/inside",
    "mlpkit/__init__.py",
    "mlpkit/checks",
)
SYSTEM = (
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/nix/store",
    "/etc/ld.so.cache",
    "/etc/alternatives",
    "/etc/fonts",
    "/etc/localtime",
)
DEVICES = ("null", "zero", "full", "random", "urandom")
# where a student's process works; as /tmp or /home it could lie over an interpreter
HOME = "/student"
BESIDE = "/beside"  # what lies beside the notebook in the course
# through which worker processes pass on tensors
SHARED_MEMORY = "/dev/shm"


class Place(NamedTuple):
    """One place of a sandbox's root.

    Attributes:
        path: where it is.
        how: the way it is made, called as bubblewrap's option is: `symlink`, a link; `ro-bind`, a
            view of a file or folder; `tmpfs`, a folder that shows only what is put into it later.
        source: the text of the link, or the path of what is viewed.
    """

    path: str
    how: Literal["symlink", "ro-bind", "tmpfs"]
    source: str


def layout(hide: Iterable[str], folder: str = "", files: Iterable[str] = ()) -> list[Place]:
    """All places of a sandbox's root, outer folders first.

    Args:
        hide: folders that must not be seen even where they lie inside a visible one.
        folder: where the files beside the notebook lie.
        files: their names, and those of folders among them.
    """
    places = {path: _place(path) for path in visible()}
    for path in map(os.path.realpath, hide):
        if any(_is_within(path, shown) for shown in places):
            places[path] = Place(path, "tmpfs", "")
    outer_first = sorted(places.values(), key=lambda place: place.path.count("/"))
    beside = [Place(f"{BESIDE}/{name}", "ro-bind", os.path.join(folder, name)) for name in files]
    return [*outer_first, *beside, *_our_places()]


def _place(path: str) -> Place:
    if os.path.islink(path) and path.count("/") == 1:  # such as /lib, a link to usr/lib
        return Place(path, "symlink", os.readlink(path))
    return Place(path, "ro-bind", os.path.realpath(path))


def _our_places() -> list[Place]:
    """Our two packages: empty folders, and in them what is shown."""
    packages = [Place(f"{PACKAGES}/{name}", "tmpfs", "") for name in ("mlpgrader", "mlpkit")]
    parts = [f"{PACKAGES}/{name}" for name in SHOWN]
    return [*packages, *(Place(part, "ro-bind", part) for part in parts)]


def visible() -> list[str]:
    """The files and folders that a sandbox shows, apart from ours."""
    paths = sysconfig.get_paths()
    # the interpreter itself as well: worker processes may be started by it
    wanted = [*SYSTEM, sys.base_prefix, f"{sys.prefix}/pyvenv.cfg", sys.executable]
    wanted += site.getsitepackages()
    wanted += [paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    wanted += [path for path in sys.path if os.path.isabs(path)]
    wanted += [os.path.realpath(path) for path in wanted]
    once = dict.fromkeys(wanted)
    return [path for path in once if os.path.exists(path) and not _shows_source(path)]


def _shows_source(folder: str) -> bool:
    """Whether showing a folder would show our source tree, solutions and all.

    Packages may be installed as files among others in site-packages: that is no source tree.
    """
    real = os.path.realpath(folder)
    is_python = real.endswith(("-packages", "/usr")) or real == os.path.realpath(sys.base_prefix)
    return _is_within(PACKAGES, real) and not is_python


def _is_within(path: str, folder: str) -> bool:
    return f"{path}/".startswith(folder.rstrip("/") + "/")
