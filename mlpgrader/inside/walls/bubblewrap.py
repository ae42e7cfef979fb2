"""The walls by bubblewrap, for machines on which only that program may make namespaces.

It runs one process, so each submission has to load torch anew: slower, and no weaker.
"""

from collections.abc import Iterable

from mlpgrader.inside.walls import limits, view


def command(hide: Iterable[str] = (), folder: str = "", files: Iterable[str] = ()) -> list[str]:
    """The command that gives the program named after it what `enter` and `confine` give.

    Args:
        hide: folders that must not be seen even where they lie inside a visible one.
        folder: where the files beside the notebook lie.
        files: their names, and those of folders among them.
    """
    places = view.layout(hide, folder, files)
    line = ["bwrap"]
    line += ["--unshare-all"]
    # a first process of bubblewrap's own could be read, its command line above all
    line += ["--as-pid-1"]
    line += ["--die-with-parent"]
    line += ["--new-session"]
    line += ["--cap-drop", "ALL"]
    line += ["--proc", "/proc"]
    line += ["--ro-bind", "/proc/sys", "/proc/sys"]  # settings of the kernel
    line += ["--dev", "/dev"]
    for folder in (view.HOME, view.SHARED_MEMORY):
        line += ["--size", str(limits.DISK_MB << 20), "--tmpfs", folder]
    for place in places:
        line += [f"--{place.how}"]
        if place.source:
            line += [place.source]
        line += [place.path]
    for place in places:
        if place.how == "tmpfs":
            line += ["--remount-ro", place.path]
    line += ["--remount-ro", "/dev"]
    line += ["--remount-ro", "/"]
    line += ["--chdir", view.HOME]
    return [*line, "--"]
