"""System calls that Python 3.11 has no function for, made through libc.

Python 3.12 brings `os.unshare` and `os.setns`: take those when 3.11 goes.
"""

import ctypes
import os
import struct

# namespaces, for `unshare` and `setns` (linux/sched.h)
CLONE_NEWTIME = 0x80
CLONE_NEWNS = 0x20000
CLONE_NEWCGROUP = 0x2000000
CLONE_NEWUTS = 0x4000000
CLONE_NEWIPC = 0x8000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

# flags of a mount (linux/mount.h)
MS_RDONLY = 1
MS_NOSUID = 2
MS_NODEV = 4
MS_NOEXEC = 8
MS_REMOUNT = 32
MS_BIND = 4096
MS_REC = 16384
MS_PRIVATE = 1 << 18
MNT_DETACH = 2

# options of `prctl` (linux/prctl.h)
PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_SET_NO_NEW_PRIVS = 38
PR_SET_CHILD_SUBREAPER = 36

# glibc has a function for this call since 2.36 alone; its number is that of every machine
SYS_MOUNT_SETATTR = 442
AT_FDCWD = -100
AT_RECURSIVE = 0x8000
MOUNT_ATTRIBUTES = struct.Struct("<QQQQ")  # to set, to clear, propagation, user namespace

LINUX_CAPABILITY_VERSION_3 = 0x20080522
CAPABILITY_HEADER = struct.Struct("<Ii")  # version, process (0: this one)
NO_CAPABILITIES = bytes(24)  # two times: effective, permitted, inheritable

_libc = ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments: int | bytes | ctypes.c_ulong | ctypes.c_size_t | None) -> None:
    """Call a function of libc; a negative answer raises OSError."""
    if getattr(_libc, name)(*arguments) < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def unshare(namespaces: int) -> None:
    """Go into new namespaces; into a new process namespace only with the next child."""
    _call("unshare", namespaces)


def setns(descriptor: int, namespace: int) -> None:
    """Go into the namespace that a descriptor stands for."""
    _call("setns", descriptor, namespace)


def mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    """Mount a file system, or change a mount, as the flags say."""
    _call(
        "mount",
        source.encode(),
        target.encode(),
        kind.encode() if kind else None,
        ctypes.c_ulong(flags),
        options.encode(),
    )


def set_mount_attributes(target: str, attributes: int) -> None:
    """Set attributes (flags of a mount) of a mount and of all mounts below it."""
    _call(
        "syscall",
        SYS_MOUNT_SETATTR,
        AT_FDCWD,
        target.encode(),
        AT_RECURSIVE,
        MOUNT_ATTRIBUTES.pack(attributes, 0, 0, 0),
        ctypes.c_size_t(MOUNT_ATTRIBUTES.size),
    )


def detach(target: str) -> None:
    """Take a mount away, with all below it, even while it is in use."""
    _call("umount2", target.encode(), MNT_DETACH)


def pivot_root(new: str, old: str) -> None:
    """Make `new` the root folder, put the old one at `old`, and go to the new one."""
    _call("pivot_root", new.encode(), old.encode())
    os.chdir("/")


def prctl(option: int, argument: int, more: int | bytes = 0) -> None:
    """Set something of this process."""
    _call("prctl", option, argument, more, 0, 0)


def drop_capabilities() -> None:
    """Give up every privilege of root, for good where no new privileges can come."""
    _call("capset", CAPABILITY_HEADER.pack(LINUX_CAPABILITY_VERSION_3, 0), NO_CAPABILITIES)
