"""The filter of system calls: which are refused, and the program that the kernel runs to do so.

The program is one for Berkeley packet filters: the kernel runs it at each system call of a process
that has installed it, and of all that the process starts. It reads the call's number, the kind of
processor that the number is for and the call's arguments, and ends with what is to happen.
Instructions run in order; a jump says how many to leave out.
"""

import ctypes
import errno
import functools
import platform
import socket
import struct
from typing import NamedTuple

from mlpgrader.inside.walls import libc


class Call(NamedTuple):
    """A system call and its number on each machine; None where there is no such call."""

    name: str
    x86_64: int | None
    aarch64: int | None

    def number(self, machine: str) -> int | None:
        """Its number on a machine of `ARCHITECTURES`."""
        return self.x86_64 if machine == "x86_64" else self.aarch64


REFUSED = (
    # memory and queues that no limit of a process counts
    Call("memfd_create", 319, 279),
    Call("shmget", 29, 194),
    Call("msgget", 68, 186),
    Call("semget", 64, 190),
    Call("mq_open", 240, 180),
    # the insides of other processes
    Call("ptrace", 101, 117),
    Call("process_vm_readv", 310, 270),
    Call("process_vm_writev", 311, 271),
    Call("kcmp", 312, 272),
    Call("pidfd_getfd", 438, 438),
    # parts of the kernel that nobody here needs
    Call("add_key", 248, 217),
    Call("request_key", 249, 218),
    Call("keyctl", 250, 219),
    Call("bpf", 321, 280),
    Call("userfaultfd", 323, 282),
    Call("perf_event_open", 298, 241),
    # mounts and namespaces
    Call("mount", 165, 40),
    Call("umount2", 166, 39),
    Call("pivot_root", 155, 41),
    Call("chroot", 161, 51),
    Call("open_tree", 428, 428),
    Call("move_mount", 429, 429),
    Call("fsopen", 430, 430),
    Call("fsconfig", 431, 431),
    Call("fsmount", 432, 432),
    Call("fspick", 433, 433),
    Call("mount_setattr", 442, 442),
    Call("unshare", 272, 97),
    Call("setns", 308, 268),
    # system calls that no filter sees
    Call("io_uring_setup", 425, 425),
    Call("io_uring_enter", 426, 426),
    Call("io_uring_register", 427, 427),
    # others that no exercise asks for
    Call("memfd_secret", 447, 447),
    Call("name_to_handle_at", 303, 264),
    Call("quotactl", 179, 60),
    Call("open_by_handle_at", 304, 265),
    Call("personality", 135, 92),
    Call("swapon", 167, 224),
    Call("fanotify_init", 300, 262),
    Call("inotify_init", 253, None),
    Call("inotify_init1", 294, 26),
)
# these depend on an argument
CLONE = Call("clone", 56, 220)
CLONE3 = Call("clone3", 435, 435)
SOCKET = Call("socket", 41, 198)

NAMESPACES = (
    libc.CLONE_NEWTIME
    | libc.CLONE_NEWNS
    | libc.CLONE_NEWCGROUP
    | libc.CLONE_NEWUTS
    | libc.CLONE_NEWIPC
    | libc.CLONE_NEWUSER
    | libc.CLONE_NEWPID
    | libc.CLONE_NEWNET
)

# linux/audit.h
AUDIT_ARCH_X86_64 = 0xC000003E
AUDIT_ARCH_AARCH64 = 0xC00000B7
ARCHITECTURES = {"x86_64": AUDIT_ARCH_X86_64, "aarch64": AUDIT_ARCH_AARCH64}
X32_SYSCALL_BIT = 0x40000000  # in the numbers of the second way to call the kernel of x86_64

# what the program reads: `struct seccomp_data` (linux/seccomp.h)
NUMBER = 0
ARCHITECTURE = 4
FIRST_ARGUMENT = 16

# what it ends with (linux/seccomp.h); an error number is added to the second
SECCOMP_RET_KILL_PROCESS = 0x80000000
SECCOMP_RET_ERRNO = 0x50000
SECCOMP_RET_ALLOW = 0x7FFF0000
SECCOMP_MODE_FILTER = 2

# linux/bpf_common.h: load a word from a place; jump by comparing it with a constant; end
BPF_LD_W_ABS = 0x00 | 0x00 | 0x20
BPF_JMP_JEQ_K = 0x05 | 0x10
BPF_JMP_JGE_K = 0x05 | 0x30
BPF_JMP_JSET_K = 0x05 | 0x40
BPF_RET_K = 0x06
INSTRUCTION = struct.Struct("<HBBI")  # `struct sock_filter`
PROGRAM = struct.Struct("@HP")  # `struct sock_fprog`


class Instruction(NamedTuple):
    """One instruction: its code, how many to leave out if it says yes or no, its constant."""

    code: int
    yes: int
    no: int
    value: int


def load(offset: int) -> Instruction:
    """Read a word of what is known of the call."""
    return Instruction(BPF_LD_W_ABS, 0, 0, offset)


def jump_if_equal(value: int, yes: int, no: int) -> Instruction:
    """Leave out `yes` instructions if the word that was read is this value, else `no`."""
    return Instruction(BPF_JMP_JEQ_K, yes, no, value)


def jump_if_at_least(value: int, yes: int, no: int) -> Instruction:
    """Leave out `yes` instructions if the word that was read is this value or more, else `no`."""
    return Instruction(BPF_JMP_JGE_K, yes, no, value)


def jump_if_any_bit(bits: int, yes: int, no: int) -> Instruction:
    """Leave out `yes` instructions if the word that was read has one of these bits, else `no`."""
    return Instruction(BPF_JMP_JSET_K, yes, no, bits)


def ret(action: int) -> Instruction:
    """End."""
    return Instruction(BPF_RET_K, 0, 0, action)


def refuse(error: int) -> Instruction:
    """End; the call fails with this error."""
    return ret(SECCOMP_RET_ERRNO | error)


ALLOW = ret(SECCOMP_RET_ALLOW)


def can_filter() -> bool:
    """Whether this machine's system calls are known here."""
    return platform.machine() in ARCHITECTURES


@functools.cache
def filter_program(machine: str) -> bytes:
    """The filter as bytes for the kernel.

    Args:
        machine: a key of `ARCHITECTURES`.

    Example:
        >>> len(filter_program("x86_64")) % INSTRUCTION.size
        0
    """
    instructions = [
        load(ARCHITECTURE),
        jump_if_equal(ARCHITECTURES[machine], yes=1, no=0),
        ret(SECCOMP_RET_KILL_PROCESS),
        load(NUMBER),
        jump_if_at_least(X32_SYSCALL_BIT, yes=0, no=1),
        refuse(errno.ENOSYS),
        # its flags lie in memory, which a filter cannot read; without it, glibc calls clone
        *_if_call(CLONE3, machine, [refuse(errno.ENOSYS)]),
        *_if_call(CLONE, machine, _unless_new_namespace()),
        *_if_call(SOCKET, machine, _if_ordinary_family()),
    ]
    for call in REFUSED:
        instructions += _if_call(call, machine, [refuse(errno.EPERM)])
    instructions.append(ALLOW)
    return b"".join(INSTRUCTION.pack(*instruction) for instruction in instructions)


def _if_call(call: Call, machine: str, then: list[Instruction]) -> list[Instruction]:
    """What is to be done if it is this call; `then` has to end the program."""
    number = call.number(machine)
    if number is None:
        return []
    return [jump_if_equal(number, yes=0, no=len(then)), *then]


def _unless_new_namespace() -> list[Instruction]:
    return [
        load(FIRST_ARGUMENT),
        jump_if_any_bit(NAMESPACES, yes=0, no=1),
        refuse(errno.EPERM),
        ALLOW,
    ]


def _if_ordinary_family() -> list[Instruction]:
    """Sockets of Unix and of the internet, which has no network here; other kinds are refused."""
    return [
        load(FIRST_ARGUMENT),
        jump_if_equal(socket.AF_UNIX, yes=3, no=0),
        jump_if_equal(socket.AF_INET, yes=2, no=0),
        jump_if_equal(socket.AF_INET6, yes=1, no=0),
        refuse(errno.EAFNOSUPPORT),
        ALLOW,
    ]


def prepare() -> None:
    """Make the program of this machine once for all processes that are forked from this one."""
    if can_filter():
        filter_program(platform.machine())


def install() -> None:
    """Have the kernel filter the calls of this process and of all that it starts, for good."""
    if not can_filter():
        return
    program = filter_program(platform.machine())
    buffer = ctypes.create_string_buffer(program)
    count = len(program) // INSTRUCTION.size
    described = PROGRAM.pack(count, ctypes.addressof(buffer))
    libc.prctl(libc.PR_SET_SECCOMP, SECCOMP_MODE_FILTER, described)
