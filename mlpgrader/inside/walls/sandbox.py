"""The walls around student code: what its processes see, may call and may use up.

Theory of operation. `enter` is called once by a zygote, before it imports anything heavy. It makes
a user, a mount and a process namespace, builds a root folder out of read-only views of a short
list (system libraries, the interpreter, site-packages, `mlpgrader/inside` and the one module of
`mlpkit` that exercises may import) and leaves every other file behind. The zygote becomes process
1 of its process namespace: when it ends, for whatever reason, the kernel ends all that it started.

`confine` is called in the process of each submission, before a line of the student's runs. It adds
a process, network (without loopback), ipc and mount namespace with a `/proc` and a small tmpfs of
its own and a user namespace on top, so that nothing of one submission reaches the next; then it
drops all capabilities, sets the limits, and installs a seccomp filter. The filter forbids what
would open a way round a limit or a wall: `memfd_create` and `shmget` (memory that the
address-space limit does not see), new namespaces, mounts, ptrace, keys, bpf, io_uring.

Real root maps the student to `nobody`: the owner of the machine's files has no limit on processes
and may write to `/proc/sys`. The tier is chosen by the caller and never lowered here.
"""

import contextlib
import ctypes
import functools
import os
import platform
import re
import resource
import signal
import site
import struct
import sys
import sysconfig
from collections.abc import Callable, Iterable
from pathlib import Path

PACKAGES = str(Path(__file__).resolve().parents[3])  # the folder of our two packages
# all of ours that a sandbox shows
SHOWN = ("mlpgrader/__init__.py", "mlpgrader/inside", "mlpkit/__init__.py", "mlpkit/checks.py")
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store", "/etc/ld.so.cache")
SYSTEM += ("/etc/alternatives", "/etc/fonts", "/etc/localtime")
DEVICES = ("null", "zero", "full", "random", "urandom")
# a name of its own: over /tmp or /home it could hide an interpreter that lies there
HOME = "/student"
STAGE = "/tmp"  # where the new root is put together
PROCESSES, FILES = 100, 128
DISK_MB = 64
NOBODY = 65534

NEWNS, NEWUTS, NEWIPC = 0x20000, 0x4000000, 0x8000000
NEWUSER, NEWPID, NEWNET = 0x10000000, 0x20000000, 0x40000000
_RDONLY, _NOSUID, _NODEV, _NOEXEC, _REMOUNT, _BIND, _REC = 1, 2, 4, 8, 32, 4096, 16384
_PRIVATE, _DETACH = 1 << 18, 2
_libc = ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments) -> int:
    """Call a function of libc; a negative answer raises OSError."""
    result = getattr(_libc, name)(*arguments)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result


# --- the zygote's namespaces ---------------------------------------------------------------


def enter(hide: Iterable[str] = ()) -> None:
    """Go into namespaces of this process's own; return as process 1 of them.

    Args:
        hide: folders that must not be seen even where they lie inside a visible one.

    Raises:
        OSError: if the system does not allow it.
    """
    places, user, group = layout(hide), os.geteuid(), os.getegid()
    can_filter() and filter_program(platform.machine())  # once for all who fork from here
    with _mapped_from_outside() if user == 0 else contextlib.nullcontext():
        _call("unshare", NEWUSER | NEWNS | NEWPID | NEWIPC | NEWUTS)
    if user:
        _write_maps("self", f"0 {user} 1", f"0 {group} 1")
    _become_child()
    _build_root(places)


def _write_maps(pid: int | str, users: str, groups: str) -> None:
    if pid == "self":  # who maps only itself has to give up setgroups
        Path("/proc/self/setgroups").write_text("deny")
    Path(f"/proc/{pid}/uid_map").write_text(users)
    Path(f"/proc/{pid}/gid_map").write_text(groups)


@contextlib.contextmanager
def _mapped_from_outside():
    """Map root and nobody for the user namespace made meanwhile; only an outsider may map two."""
    me, (ours, theirs) = os.getpid(), os.pipe()

    def help_out() -> None:
        os.close(theirs)
        os.read(ours, 1)
        lines = f"0 0 1\n1 {NOBODY} 1"
        _write_maps(me, lines, lines)

    helper = fork(help_out)
    os.close(ours)
    try:
        yield
    finally:
        os.close(theirs)  # this wakes the helper
    if os.waitpid(helper, 0)[1]:
        raise OSError("the user namespace cannot be mapped")


def _become_child() -> None:
    """Fork into the new process namespace; the old process waits and ends as its child does."""
    child = os.fork()
    if child:
        with contextlib.suppress(KeyboardInterrupt):
            status = os.waitpid(child, 0)[1]
            os._exit(min(255, abs(os.waitstatus_to_exitcode(status))))
        os._exit(1)
    die_with_parent()


def fork(work: Callable[[], int | None]) -> int:
    """Fork a child that works, ends with what that gives (1 if it raises) or with its parent."""
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
    _call("prctl", 1, signal.SIGKILL, 0, 0, 0)


def family(pid: int, most: int = 1000) -> list[int]:
    """A process and all that descend from it, as far as they are still there."""
    found, todo = [], [pid]
    while todo and len(found) < most:
        found.append(todo.pop())
        with contextlib.suppress(OSError):
            for thread in os.listdir(f"/proc/{found[-1]}/task"):
                children = Path(f"/proc/{found[-1]}/task/{thread}/children").read_text()
                todo += map(int, children.split())
    return found


def visible() -> list[str]:
    """The files and folders that a sandbox shows, apart from those of `mlpkit`."""
    paths = sysconfig.get_paths()
    found = [*SYSTEM, sys.base_prefix, f"{sys.prefix}/pyvenv.cfg", *site.getsitepackages()]
    found += [paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    found += [path for path in sys.path if os.path.isabs(path)]
    found += [os.path.realpath(path) for path in found]
    return [p for p in dict.fromkeys(found) if os.path.exists(p) and not _inside(PACKAGES, p)]


def _inside(path: str, folder: str) -> bool:
    """Whether showing `folder` would show the source tree at `path`; site-packages may hold it."""
    real, prefix = map(os.path.realpath, (folder, sys.base_prefix))
    holds_tree = f"{path}/".startswith(real.rstrip("/") + "/")
    return holds_tree and not real.endswith(("-packages", "/usr")) and real != prefix


def layout(hide: Iterable[str]) -> list[tuple[str, str, str]]:
    """What a sandbox shows, outer folders first: each place with how it is made, and of what.

    The ways are called as bubblewrap's options are: `symlink` and the text of a link, `ro-bind` and
    the path of a file or folder, `tmpfs` for a folder that shows only what comes later in the list.
    """
    found = {path: ("ro-bind", os.path.realpath(path)) for path in visible()}
    for path in found:
        if os.path.islink(path) and path.count("/") == 1:
            found[path] = ("symlink", os.readlink(path))
    for path in map(os.path.realpath, hide):
        if any(f"{path}/".startswith(f"{shown}/") for shown in found):
            found[path] = ("tmpfs", "")
    made = [
        (path, *how) for path, how in sorted(found.items(), key=lambda item: item[0].count("/"))
    ]
    own = [(f"{PACKAGES}/{name}", "tmpfs", "") for name in ("mlpgrader", "mlpkit")]
    parts = [f"{PACKAGES}/{name}" for name in SHOWN]
    return [*made, *own, *((part, "ro-bind", part) for part in parts)]


def _build_root(places: list[tuple[str, str, str]]) -> None:
    _mount("none", "/", None, _REC | _PRIVATE)
    _mount("tmpfs", STAGE, "tmpfs", _NOSUID | _NODEV, "mode=755")
    for name in ("new", "old"):
        os.mkdir(f"{STAGE}/{name}")
    _mount(f"{STAGE}/new", f"{STAGE}/new", None, _BIND)
    os.chdir(STAGE)
    _pivot_root(b".", b"old")
    for path, how, what in places:
        if how == "symlink":
            os.symlink(what, "/new" + path)
        elif how == "tmpfs":
            os.makedirs("/new" + path, exist_ok=True)
            _mount("tmpfs", "/new" + path, "tmpfs", _NOSUID | _NODEV, "mode=755")
        elif not os.path.lexists("/new" + path):  # else part of a folder that is there already
            _bind("/old" + what, "/new" + path)
    _small_folders()
    _pivot_root(b"/new", b"/new/old")
    _call("umount2", b"/old", _DETACH)
    os.rmdir("/old")
    for path in ["/", *(path for path, how, _ in places if how == "tmpfs")]:
        _mount("none", path, None, _REMOUNT | _BIND | _RDONLY | _NOSUID | _NODEV)


def _mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    kind_bytes = kind.encode() if kind else None
    flags_value = ctypes.c_ulong(flags)
    _call("mount", source.encode(), target.encode(), kind_bytes, flags_value, options.encode())


def _pivot_root(new: bytes, old: bytes) -> None:
    column = _ARCHITECTURES.get(platform.machine(), (0,))[0]
    _call("syscall", _CALLS["pivot_root"][column], new, old)
    os.chdir("/")


def _bind(source: str, target: str) -> None:
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        Path(target).touch()
    _mount(source, target, None, _BIND | _REC)
    # read-only, and all below it: mount_setattr, recursive
    attributes = struct.pack("<QQQQ", _RDONLY | _NOSUID | _NODEV, 0, 0, 0)
    _call("syscall", 442, -100, target.encode(), 0x8000, attributes, ctypes.c_size_t(32))


def _small_folders() -> None:
    for name in ("dev", "proc", "old", HOME):
        os.makedirs(f"/new/{name}", exist_ok=True)
    for name in DEVICES:
        Path(f"/new/dev/{name}").touch()
        _mount(f"/old/dev/{name}", f"/new/dev/{name}", None, _BIND)
    _mount("proc", "/new/proc", "proc", _NOSUID | _NODEV | _NOEXEC)
    _mount("tmpfs", f"/new{HOME}", "tmpfs", _NOSUID | _NODEV, f"size={DISK_MB}m,mode=1777")


def limits_processes() -> bool:
    """Say whether the kernel counts the processes of who runs this; it does not for real root."""
    return os.getuid() != 0


def bubblewrap(hide: Iterable[str] = ()) -> list[str]:
    """The command that gives one process what `enter` and `confine` give, by bubblewrap."""
    command = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    command += ["--proc", "/proc", "--dev", "/dev", "--size", str(DISK_MB << 20), "--tmpfs", HOME]
    places = layout(hide)
    for path, how, what in places:
        command += [f"--{how}", *filter(None, [what]), path]
    command += ["--ro-bind", sys.executable, sys.executable]
    for path, how, _ in places:
        command += ["--remount-ro", path] if how == "tmpfs" else []
    return [*command, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", HOME, "--"]


# --- one student's process -----------------------------------------------------------------


def fork_apart() -> int:
    """Fork; the child is process 1 of a new process namespace."""
    own = os.open("/proc/self/ns/pid", os.O_RDONLY)
    try:
        _call("unshare", NEWPID)
        process = os.fork()
        if process:
            _call("setns", own, NEWPID)  # later children belong here again
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
    _call("unshare", NEWNS | NEWNET | NEWIPC | NEWUTS)
    _mount("proc", "/proc", "proc", _NOSUID | _NODEV | _NOEXEC)
    if _release() >= (6, 14):  # before, the number is the whole machine's
        with contextlib.suppress(OSError):
            Path("/proc/sys/kernel/pid_max").write_text("301")
    size = f"size={DISK_MB}m,nr_inodes=4096,mode=1777"
    _mount("tmpfs", HOME, "tmpfs", _NOSUID | _NODEV | _NOEXEC, size)
    _become_nobody()
    restrict(memory_mb, keep, seconds)


def _release() -> tuple[int, ...]:
    """The version of the kernel, such as (6, 18)."""
    return tuple(map(int, re.match(r"(\d+)\.(\d+)", os.uname().release).groups()))


def _become_nobody() -> None:
    mapped = Path("/proc/self/uid_map").read_text().split()
    if len(mapped) > 3:  # real root has mapped nobody to 1
        os.setgroups([])
        os.setresgid(1, 1, 1)
        os.setresuid(1, 1, 1)
        _call("prctl", 4, 1, 0, 0, 0)  # dumpable again, or /proc/self would be root's
    user, group = os.getuid(), os.getgid()
    _call("unshare", NEWUSER)
    _write_maps("self", f"1000 {user} 1", f"1000 {group} 1")


def restrict(memory_mb: int, keep: Iterable[int], seconds: int, folder: str = "") -> None:
    """The part of `confine` that needs no namespace: descriptors, limits, capabilities, seccomp.

    With a folder to work in, nothing is done that only makes sense behind walls.
    """
    with contextlib.suppress(OSError):  # bubblewrap has done it
        os.setsid()
    _drop_descriptors(sorted(keep))
    os.chdir(folder or HOME)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
    more = {"MEMLOCK": 0, "MSGQUEUE": 0, "SIGPENDING": 1000, "CPU": seconds}
    limit(memory_mb, NPROC=PROCESSES, NOFILE=FILES, FSIZE=DISK_MB << 20, **more)
    die_with_parent()
    _call("prctl", 38, 1, 0, 0, 0)  # no new privileges
    if not folder:
        _call("capset", struct.pack("<Ii", 0x20080522, 0), bytes(24))  # no capabilities
        _filter()


def _drop_descriptors(keep: list[int]) -> None:
    null = os.open("/dev/null", os.O_RDWR)
    for number in range(3):
        os.dup2(null, number)
    for low, high in zip([2, *keep], [*keep, 1 << 20], strict=True):
        os.closerange(low + 1, high)


def limit(memory_mb: int, **limits: int) -> None:
    """Limit this process for good: address space beyond what it has, and resources by name."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    space = pages * resource.getpagesize() + (memory_mb << 20)
    for name, value in {"AS": space, "CORE": 0, **limits}.items():
        kind = getattr(resource, f"RLIMIT_{name}")
        hard = resource.getrlimit(kind)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (value, value))


# the numbers on x86_64 and aarch64; None where there is no such call
_CALLS = {
    **{"memfd_create": (319, 279), "shmget": (29, 194), "msgget": (68, 186), "semget": (64, 190)},
    **{"mq_open": (240, 180), "ptrace": (101, 117), "process_vm_readv": (310, 270)},
    **{"process_vm_writev": (311, 271), "kcmp": (312, 272), "pidfd_getfd": (438, 438)},
    **{"add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219), "bpf": (321, 280)},
    **{"userfaultfd": (323, 282), "perf_event_open": (298, 241), "mount": (165, 40)},
    **{"umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51)},
    **{"open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430)},
    **{"fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433)},
    **{"mount_setattr": (442, 442), "unshare": (272, 97), "setns": (308, 268)},
    **{"io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427)},
    **{"memfd_secret": (447, 447), "name_to_handle_at": (303, 264), "quotactl": (179, 60)},
    **{"open_by_handle_at": (304, 265), "personality": (135, 92), "swapon": (167, 224)},
    **{"fanotify_init": (300, 262), "inotify_init": (253, None), "inotify_init1": (294, 26)},
}
_CLONE, _CLONE3, _SOCKET = (56, 220), (435, 435), (41, 198)
_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_NAMESPACES = 0x7E020080  # every CLONE_NEW… flag, time and cgroup included
_EPERM, _ENOSYS, _EAFNOSUPPORT = 1, 38, 97


def can_filter() -> bool:
    """Whether the seccomp filter knows this machine's system calls."""
    return platform.machine() in _ARCHITECTURES


@functools.cache
def filter_program(machine: str) -> bytes:
    """The seccomp filter as instructions of Berkeley packet filters.

    Example:
        >>> len(filter_program("x86_64")) % 8
        0
    """
    column, architecture = _ARCHITECTURES[machine]

    def refuse(error: int) -> list:
        return [(0x06, 0, 0, 0x50000 | error)]

    def when(number: int | None, then: list) -> list:  # skip `then` unless it is this call
        return [(0x15, 0, len(then), number), *then] if number is not None else []

    load_call, load_argument, allow = (0x20, 0, 0, 0), (0x20, 0, 0, 16), (0x06, 0, 0, 0x7FFF0000)
    program = [(0x20, 0, 0, 4), (0x15, 1, 0, architecture), (0x06, 0, 0, 0x80000000), load_call]
    program += [(0x35, 0, 1, 0x40000000), *refuse(_ENOSYS)]  # the second ABI of x86_64
    program += when(_CLONE3[column], refuse(_ENOSYS))  # flags in memory: glibc falls back to clone
    new_namespace = [load_argument, (0x45, 0, 1, _NAMESPACES), *refuse(_EPERM), allow]
    program += when(_CLONE[column], new_namespace)
    family = [load_argument, (0x15, 3, 0, 1), (0x15, 2, 0, 2), (0x15, 1, 0, 10)]
    program += when(_SOCKET[column], [*family, *refuse(_EAFNOSUPPORT), allow])
    for numbers in _CALLS.values():
        program += when(numbers[column], refuse(_EPERM))
    return b"".join(struct.pack("<HBBI", *line) for line in [*program, allow])


def _filter() -> None:
    if not can_filter():
        return
    program = filter_program(platform.machine())
    buffer = ctypes.create_string_buffer(program)
    head = struct.pack("@HP", len(program) // 8, ctypes.addressof(buffer))
    _call("prctl", 22, 2, head, 0, 0)
