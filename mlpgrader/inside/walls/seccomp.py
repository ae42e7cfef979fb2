"""The filter of system calls: the program that the kernel runs to refuse all but a list of them.

`calls.py` has the list, and that of calls which are refused by name: these fail as not permitted,
whatever is on neither list as a call that this kernel does not have.

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
from collections.abc import Iterable
from typing import NamedTuple

from mlpgrader.inside.walls import libc
from mlpgrader.inside.walls.calls import ALLOWED, REFUSED, Call

# these depend on an argument
CLONE = Call("clone", 56, 220)
CLONE3 = Call("clone3", 435, 435)
SOCKET = Call("socket", 41, 198)
SOCKETPAIR = Call("socketpair", 53, 199)
SETSOCKOPT = Call("setsockopt", 54, 208)
FCNTL = Call("fcntl", 72, 25)
MADVISE = Call("madvise", 28, 233)
PRCTL = Call("prctl", 157, 167)

# what is refused of these: buffers beyond what the kernel gives to each socket, which no limit
# counts; and to put a file's pages out of memory
SOCKET_BUFFERS = (7, 8, 32, 33)  # SO_SNDBUF, SO_RCVBUF, and the two that root may force
ADVICE = (20, 21)  # MADV_COLD, MADV_PAGEOUT
# what is allowed of these. Of sockets those with one sender: of any other, what closed senders left
# in it lies in no socket that could be counted
SOCKET_KINDS = (socket.SOCK_STREAM, socket.SOCK_SEQPACKET)
SOCKET_KIND = 0xF  # the bits of a socket's type that are no flags
# of a descriptor no word of who else has a file (locks that others see, leases, hints), and no
# larger pipes: F_DUPFD to F_SETFL, F_SETLK, F_SETLKW, F_SETOWN, F_GETOWN, F_SETSIG, F_GETSIG,
# F_DUPFD_CLOEXEC, F_GETPIPE_SZ, and whether a file is sealed
FILE_COMMANDS = (*range(5), *range(6, 12), 1030, 1032, 1034)
# of a process no say in who runs beside it and whose pages are shared: PR_SET_PDEATHSIG to
# PR_SET_DUMPABLE, names, whether it is filtered, timers, no new rights, subreapers, huge pages, the
# names of its memory, and who may look into it
PROCESS_OPTIONS = (*range(1, 5), 15, 16, 21, 23, 29, 30, *range(36, 43), 0x53564D41, 0x59616D61)

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
SECOND_ARGUMENT = 24
THIRD_ARGUMENT = 32

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
BPF_ALU_AND_K = 0x04 | 0x50
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


def keep_bits(bits: int) -> Instruction:
    """Keep these bits of the word that was read."""
    return Instruction(BPF_ALU_AND_K, 0, 0, bits)


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
        *_if_call(SOCKET, machine, _if_unix()),
        *_if_call(SOCKETPAIR, machine, _if_unix()),
        *_if_call(SETSOCKOPT, machine, _unless_one_of(THIRD_ARGUMENT, SOCKET_BUFFERS)),
        *_if_call(FCNTL, machine, _if_one_of([load(SECOND_ARGUMENT)], FILE_COMMANDS)),
        *_if_call(PRCTL, machine, _if_one_of([load(FIRST_ARGUMENT)], PROCESS_OPTIONS)),
        *_if_call(MADVISE, machine, _unless_one_of(THIRD_ARGUMENT, ADVICE)),
    ]
    for call in ALLOWED:
        instructions += _if_call(call, machine, [ALLOW])
    for call in REFUSED:
        instructions += _if_call(call, machine, [refuse(errno.EPERM)])
    instructions.append(refuse(errno.ENOSYS))
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


def _if_unix() -> list[Instruction]:
    """Sockets within the machine, through which worker processes talk; none of any network."""
    return [
        load(FIRST_ARGUMENT),
        jump_if_equal(socket.AF_UNIX, yes=1, no=0),
        refuse(errno.EAFNOSUPPORT),
        *_if_one_of([load(SECOND_ARGUMENT), keep_bits(SOCKET_KIND)], SOCKET_KINDS),
    ]


def _if_one_of(read: list[Instruction], values: Iterable[int]) -> list[Instruction]:
    instructions = [*read]
    for value in values:
        instructions += [jump_if_equal(value, yes=0, no=1), ALLOW]
    return [*instructions, refuse(errno.EPERM)]


def _unless_one_of(argument: int, values: Iterable[int]) -> list[Instruction]:
    instructions = [load(argument)]
    for value in values:
        instructions += [jump_if_equal(value, yes=0, no=1), refuse(errno.EPERM)]
    return [*instructions, ALLOW]


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
