"""The walls around student code: what its processes see, may call and may use up.

Theory of operation. A wall is built twice: once around a zygote, and once more around each
student's process that it forks.

1. `namespaces.enter` is called once by a zygote, before it imports anything heavy. It makes a user,
   a mount and a process namespace, builds a root folder out of read-only views of a short list
   (`view.py`: system libraries, the interpreter, site-packages, `mlpgrader/inside` and the one
   module of `mlpkit` that exercises may import) and leaves every other file behind. The zygote
   becomes process 1 of its process namespace: when it ends, for whatever reason, the kernel ends
   all that it started.
2. Each submission's process is forked into a process namespace (`namespaces.fork_apart`) and shut
   in by `namespaces.confine`, before a line of the student's runs: a network (without loopback),
   ipc, host-name and mount namespace, with a `/proc` and two small tmpfs of its own, and a user
   namespace on top, so that nothing of one submission reaches the next. Then it gives up all
   capabilities, sets limits (`limits.py`), and installs a filter of system calls (`seccomp.py`).

Where a machine allows no such namespaces, `bubblewrap.command` has another program give one process
the same view, and `limits.restrict` does the rest. The caller chooses which; nothing here falls
back to less. What Python 3.11 has no function for is called through `libc.py`.

No wall stands alone. The filter allows the calls that Python, torch, worker processes and the
shell's programs make (`calls.py`), and no others. What it refuses by name would open a way round a
limit or around another wall: memory that no limit sees, sockets of a network, the buffers of
sockets and pipes, other processors, new namespaces, mounts, ptrace, io_uring; and word of which
pages of a file the machine keeps and who has locked them, by which one submission could tell
another what it saw. Calls that are many in one (`fcntl`, `prctl`) have a list of their own. And
where the grader is run by root, the student becomes `nobody`: the owner of the machine's files has
no limit on processes and may write to `/proc/sys`.

Who judges is walled as well (`namespaces.confine_checker`): no line of a student's runs there, but
what comes of them is read there. Once torch is loaded, the examiner and its checkers have no
network, no capabilities, no way to new ones, the same filter, and no file to write to but in a
folder of their own. Under bubblewrap, where a zygote has no namespaces, they have all of this but
that last: the filter leaves no network, and files are those of the user who grades.

What a submission may use up
----------------------------

| what                            | how much             | where                                |
| ------------------------------- | -------------------- | ------------------------------------ |
| CPU time of a cell or call      | `--timeout`, 10 s    | `checker/watch.py` looks on          |
| a cell or call, by the clock    | 3 times `--timeout`  | `PATIENCE` in `runner/worker.py`     |
| a submission, by the clock      | 20 times `--timeout` | `BUDGET` there                       |
| CPU time of any process         | 600 s                | `CPU_SECONDS` in `zygote.py`         |
| memory of all its processes     | `--memory`, 2,048 MB | `watch.py`; `limits.py` for each     |
| processes and threads           | 32, and those that   | `PROCESSES` in `limits.py`           |
|                                 | serve tests          |                                      |
| process numbers of a namespace  | 301                  | `MAX_PROCESS_ID` in `namespaces.py`  |
| processes that are looked after | 320                  | `MOST_PROCESSES` in `watch.py`       |
| open descriptors                | 64 more              | `FILES` in `limits.py`               |
| what lies in sockets            | counts as memory     | `SOCKET_BYTES` in `checker/usage.py` |
| files in memory                 | 64 MB, 4,096 of them | `DISK_MB` in `limits.py`             |
| memory shared by its processes  | the same             | a folder of its own, `/dev/shm`      |
| outputs                         | by cell and in all   | `student/shell.py`, `MOST_OUTPUTS`   |
|                                 |                      | in `checker/student_process.py`      |
| a message, all answers          | 16 MB, 64 MB         | `frame.py`, `MOST_ANSWERS` there     |
| lists and tensors of a message  | 100,000              | `MOST_PARTS` in `wire.py`            |

Three counts of processes, because none works everywhere: the kernel keeps the first only for users
that are not root, the second since Linux 6.14, and the third catches what passes both.
"""
