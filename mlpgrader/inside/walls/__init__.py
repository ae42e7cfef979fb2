"""The walls around student code: what its processes see, may call and may use up.

Theory of operation. A wall is built twice: once around a zygote, and once more around each
student's process that it forks.

1. `namespaces.enter` is called once by a zygote, before it imports anything heavy. It makes a user,
   a mount and a process namespace, builds a root folder out of read-only views of a short list
   (`view.py`: system libraries, the interpreter, site-packages, `mlpgrader/inside` and the one
   module of `mlpkit` that exercises may import) and leaves every other file behind. The zygote
   becomes process 1 of its process namespace: when it ends, for whatever reason, the kernel ends
   all that it started.
2. `namespaces.confine` is called in the process of each submission, before a line of the student's
   runs. It adds a process, network (without loopback), ipc and mount namespace, with a `/proc` and
   a small tmpfs of its own, and a user namespace on top, so that nothing of one submission reaches
   the next. Then it gives up all capabilities, sets limits (`limits.py`), and installs a filter of
   system calls (`seccomp.py`).

Where a machine allows no such namespaces, `bubblewrap.command` has another program give one process
the same view, and `limits.restrict` does the rest. The caller chooses which; nothing here falls
back to less.

No wall stands alone. The filter refuses what would open a way round a limit or around another
wall: `memfd_create` and `shmget` (memory that the address-space limit does not see), new
namespaces, mounts, ptrace, keys, bpf, io_uring. And where the grader is run by root, the student
becomes `nobody`: the owner of the machine's files has no limit on processes and may write to
`/proc/sys`.
"""
