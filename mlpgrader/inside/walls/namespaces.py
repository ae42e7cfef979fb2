"""Namespaces: those that a zygote goes into once, and those of each student's process.

`__init__.py` tells how they work together.
"""

import contextlib
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from mlpgrader.inside.processes import die_with_parent, fork
from mlpgrader.inside.walls import libc, limits, seccomp, view
from mlpgrader.inside.walls.view import HOME, SHARED_MEMORY, Place

STAGE = "/tmp"  # where the new root is put together
NOBODY = 65534  # on every Linux, user and group alike
NOBODY_INSIDE = 1  # what a zygote of root's calls it
STUDENT = 1000  # what a student's process calls itself
MAX_PROCESS_ID = 301  # the least that Linux takes
OWN_MAX_PROCESS_ID = (6, 14)  # the Linux since which each process namespace has its own
# no program gains rights by its file, and no file is a device
SAFE = libc.MS_NOSUID | libc.MS_NODEV
READ_ONLY = libc.MS_REMOUNT | libc.MS_BIND | libc.MS_RDONLY | SAFE

# --- the zygote's --------------------------------------------------------------------------


def enter(hide: Iterable[str] = (), folder: str = "", files: Iterable[str] = ()) -> None:
    """Go into namespaces of this process's own; return as process 1 of them.

    Args:
        hide: folders that must not be seen even where they lie inside a visible one.
        folder: where the files beside the notebook lie.
        files: their names, and those of folders among them.

    Raises:
        OSError: if the system does not allow it.
    """
    places = view.layout(hide, folder, files)
    seccomp.prepare()
    spaces = (
        libc.CLONE_NEWUSER
        | libc.CLONE_NEWNS
        | libc.CLONE_NEWPID
        | libc.CLONE_NEWIPC
        | libc.CLONE_NEWUTS
    )
    user = os.geteuid()
    group = os.getegid()
    if user == 0:
        with _mapped_from_outside():
            libc.unshare(spaces)
    else:
        libc.unshare(spaces)
        _map_this_process(inside=0, user=user, group=group)
    _continue_as_child()
    _build_root(places)


def _map_this_process(inside: int, user: int, group: int) -> None:
    """Say in its new user namespace who this process is there."""
    Path("/proc/self/setgroups").write_text("deny")  # the kernel's condition for the last line
    Path("/proc/self/uid_map").write_text(f"{inside} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{inside} {group} 1")


@contextlib.contextmanager
def _mapped_from_outside() -> Iterator[None]:
    """Map root and nobody for the user namespace that is made meanwhile.

    A process may map only itself, so a child that stays outside maps the two for it.
    """
    this_process = os.getpid()
    waits, wakes = os.pipe()

    def map_two() -> None:
        os.close(wakes)
        os.read(waits, 1)
        for name in ("uid_map", "gid_map"):
            lines = f"0 0 1\n{NOBODY_INSIDE} {NOBODY} 1"
            Path(f"/proc/{this_process}/{name}").write_text(lines)

    helper = fork(map_two)
    os.close(waits)
    try:
        yield
    finally:
        os.close(wakes)
    if os.waitpid(helper, 0)[1]:
        raise OSError("the user namespace cannot be mapped")


def _continue_as_child() -> None:
    """Fork into the new process namespace; the old process waits and ends as its child does."""
    child = os.fork()
    if child:
        with contextlib.suppress(KeyboardInterrupt):
            status = os.waitpid(child, 0)[1]
            os._exit(min(255, abs(os.waitstatus_to_exitcode(status))))
        os._exit(1)
    die_with_parent()


def _build_root(places: list[Place]) -> None:
    """Build a root folder of these places and move into it.

    The old root lies at /old meanwhile, so that places of it can be bound; then it is gone.
    """
    libc.mount("none", "/", None, libc.MS_REC | libc.MS_PRIVATE)
    libc.mount("tmpfs", STAGE, "tmpfs", SAFE, "mode=755")
    for name in ("new", "old"):
        os.mkdir(f"{STAGE}/{name}")
    libc.mount(f"{STAGE}/new", f"{STAGE}/new", None, libc.MS_BIND)
    libc.pivot_root(STAGE, f"{STAGE}/old")
    for place in places:
        _make(place)
    _make_small_folders()
    libc.pivot_root("/new", "/new/old")
    libc.detach("/old")
    os.rmdir("/old")
    for path in ["/", *(place.path for place in places if place.how == "tmpfs")]:
        libc.mount("none", path, None, READ_ONLY)


def _make(place: Place) -> None:
    target = "/new" + place.path
    if place.how == "symlink":
        os.symlink(place.source, target)
    elif place.how == "tmpfs":
        os.makedirs(target, exist_ok=True)
        libc.mount("tmpfs", target, "tmpfs", SAFE, "mode=755")
    elif not os.path.lexists(target):  # else part of a folder that is there already
        _bind("/old" + place.source, target)


def _bind(source: str, target: str) -> None:
    """Show a file or folder of the old root, read-only, with all that is mounted in it."""
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        Path(target).touch()
    libc.mount(source, target, None, libc.MS_BIND | libc.MS_REC)
    libc.set_mount_attributes(target, libc.MS_RDONLY | SAFE)


def _make_small_folders() -> None:
    for name in ("dev", SHARED_MEMORY, "proc", "old", HOME):
        os.makedirs(f"/new/{name}", exist_ok=True)
    for name in view.DEVICES:
        Path(f"/new/dev/{name}").touch()
        libc.mount(f"/old/dev/{name}", f"/new/dev/{name}", None, libc.MS_BIND)
    _mount_proc("/new/proc")
    options = f"size={limits.DISK_MB}m,mode=1777"
    libc.mount("tmpfs", f"/new{HOME}", "tmpfs", SAFE, options)


def _mount_proc(target: str) -> None:
    libc.mount("proc", target, "proc", SAFE | libc.MS_NOEXEC)


# --- a student's process -------------------------------------------------------------------


def fork_apart() -> int:
    """Fork; the child is process 1 of a new process namespace."""
    own = os.open("/proc/self/ns/pid", os.O_RDONLY)
    try:
        libc.unshare(libc.CLONE_NEWPID)
        process = os.fork()
        if process:
            libc.setns(own, libc.CLONE_NEWPID)  # later children belong here again
    finally:
        os.close(own)
    return process


def confine(memory_mb: int, keep: Iterable[int], seconds: int) -> None:
    """Shut this process, forked by `fork_apart`, in for good.

    Args:
        memory_mb: how much address space it may take beyond what it has.
        keep: the descriptors it may keep, besides 0, 1 and 2, which lead to /dev/null.
        seconds: CPU time after which the kernel ends any process of it.
    """
    libc.unshare(libc.CLONE_NEWNS | libc.CLONE_NEWNET | libc.CLONE_NEWIPC | libc.CLONE_NEWUTS)
    _mount_proc("/proc")
    if _kernel_release() >= OWN_MAX_PROCESS_ID:  # before, the number is the whole machine's
        with contextlib.suppress(OSError):
            Path("/proc/sys/kernel/pid_max").write_text(str(MAX_PROCESS_ID))
    # a user who is not root owns the settings of a namespace that is theirs
    libc.mount("/proc/sys", "/proc/sys", None, libc.MS_BIND)
    libc.mount("none", "/proc/sys", None, READ_ONLY)
    _mount_own_folders()
    _become_nobody()
    _map_student()
    limits.restrict(memory_mb, keep, seconds)


def confine_checker() -> None:
    """Shut this process, which judges, in for good; it sees what a zygote of this kind sees.

    No line of a student's runs here, but what comes of them is read here, and test cells are
    somebody else's: it needs no network, no privilege, and no file but those of a folder of its
    own. It stays the owner of the students' user namespaces, and so may look at what they use.
    """
    libc.unshare(libc.CLONE_NEWNS | libc.CLONE_NEWNET | libc.CLONE_NEWIPC | libc.CLONE_NEWUTS)
    _mount_own_folders()
    _become_nobody()
    limits.give_up_rights()


def _mount_own_folders() -> None:
    options = f"size={limits.DISK_MB}m,nr_inodes=4096,mode=1777"
    for folder in (HOME, SHARED_MEMORY):
        libc.mount("tmpfs", folder, "tmpfs", SAFE | libc.MS_NOEXEC, options)


def _kernel_release() -> tuple[int, ...]:
    """The version of the kernel, such as (6, 18)."""
    release = os.uname().release
    return tuple(int(number) for number in re.findall(r"\d+", release)[:2])


def _become_nobody() -> None:
    mapped = Path("/proc/self/uid_map").read_text().split()
    if len(mapped) > 3:  # two lines of three numbers: the zygote is root's
        os.setgroups([])
        os.setresgid(NOBODY_INSIDE, NOBODY_INSIDE, NOBODY_INSIDE)
        os.setresuid(NOBODY_INSIDE, NOBODY_INSIDE, NOBODY_INSIDE)
        # a process that changed its user is not dumpable, and its /proc/self would be root's
        libc.prctl(libc.PR_SET_DUMPABLE, 1)


def _map_student() -> None:
    user = os.getuid()
    group = os.getgid()
    libc.unshare(libc.CLONE_NEWUSER)
    _map_this_process(inside=STUDENT, user=user, group=group)
