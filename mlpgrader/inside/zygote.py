"""The zygote: a process that has loaded torch once and forks an examiner and students' processes.

It is executed with a fixed environment and no descriptors but its control socket, goes into its
namespaces first and imports afterwards, so what it can load is what a sandbox shows. It has one
thread, runs no tensor operation, and never reads a plan or a submission: these go from the runner
to the examiner, and on to its checkers, on a socket that the zygote only hands on.

Its memory lies in huge pages, as its environment asks for (`launch.environment`): a fork copies
one entry of a page table for 2 MB instead of 512, which makes it three times as fast.
"""

import contextlib
import gc
import importlib
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

from mlpgrader.inside import launch, messages
from mlpgrader.inside.messages import (
    KEEP_PARKED,
    KEPT,
    START_PARKING,
    START_STUDENT,
    ZygoteSettings,
    ZygoteStarted,
)
from mlpgrader.inside.processes import at_rest, fork, has_gone, link_files, process_tree
from mlpgrader.inside.walls import bubblewrap, limits, namespaces
from mlpgrader.inside.walls.view import BESIDE

Examine = Callable[[socket.socket, socket.socket], None]

CPU_SECONDS = 600  # after which the kernel ends any process of a student's
MOST_SETTINGS = 1 << 20  # bytes
MOST_ORDER = 4096  # bytes
MOST_SECONDS = 5  # for processes that were stopped or killed to stand still or be gone
MOST_DESCRIPTORS = 250  # of one student's process; Linux passes no more than 253 at a time


def main(control: int, examiner: int) -> None:
    """Serve the runner until it hangs up.

    Args:
        control: the descriptor of the socket on which the runner gives settings.
        examiner: the descriptor of the one on which it talks with the examiner.
    """
    runner = socket.socket(fileno=control)
    try:
        zygote = _start(runner, examiner)
    except BaseException as error:
        runner.send(messages.dump(ZygoteStarted(f"{type(error).__name__}: {error}")))
        os._exit(1)
    runner.send(messages.dump(ZygoteStarted()))
    zygote.serve()


def _start(runner: socket.socket, examiner: int) -> "Zygote":
    settings = messages.load(runner.recv(MOST_SETTINGS))
    if settings.tier == "namespaces":
        namespaces.enter(settings.hide, settings.folder, settings.files)
    return Zygote(runner, socket.socket(fileno=examiner), settings)


def preload(modules: list[str]) -> None:
    """Import what the plan imports, as far as a sandbox shows it."""
    for name in modules:
        with contextlib.suppress(Exception):
            importlib.import_module(name)


def _send_signal(process: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, number)


def _end_others(ancestor: int, kept: set[int]) -> bool:
    """Kill what descends from a process, and not what is to be kept.

    First all of it stands still, the kept as well: whoever runs may start another process, or
    have one that was stopped go on.
    """
    stopped, are_calm = _stop_all_below(ancestor)
    others = stopped - kept
    for process in others:
        _send_signal(process, signal.SIGKILL)
    is_done = are_calm and _wait_for_all(has_gone, others)
    for process in kept:
        _send_signal(process, signal.SIGCONT)
    return is_done


def _stop_all_below(ancestor: int) -> tuple[set[int], bool]:
    """Stop all that descends from a process; give these, and whether they all stand still.

    They do if none of them ran between two looks, and no other is seen in the meantime.
    """
    stopped: set[int] = set()
    end = time.monotonic() + MOST_SECONDS
    while time.monotonic() < end:
        before = [*map(at_rest, stopped)]
        there = {*process_tree(ancestor)[1:]}
        if there <= stopped and None not in before and before == [*map(at_rest, stopped)]:
            return stopped, True
        for process in there:
            _send_signal(process, signal.SIGSTOP)
        stopped |= there
        time.sleep(0.0005)
    return stopped, False


def _wait_for_all(condition: Callable[[int], bool], processes: set[int]) -> bool:
    """Wait until a condition holds for each, but not for ever: a busy machine takes its time."""
    end = time.monotonic() + MOST_SECONDS
    while not all(map(condition, processes)):
        if time.monotonic() > end:
            return False
        time.sleep(0.001)
    return True


class Zygote:
    """Forks one examiner, and students' processes on demand; one of these lives at a time.

    Attributes:
        runner: where the runner hangs up when all is done.
        checkers: where checkers ask for a student's process, and for its end.
        examiner_pid: the examiner, which forks the checkers.
        student_pid: the first process of the submission at work, 0 if there is none.
        unsafe_folder: where it works if there are no walls.
    """

    def __init__(
        self, runner: socket.socket, examiner: socket.socket, settings: ZygoteSettings
    ) -> None:
        # here and not above: these load torch, out of what the sandbox shows
        from mlpgrader.inside.checker.examiner import examine_set
        from mlpgrader.inside.student import server
        from mlpgrader.inside.student.shell import make_shell

        preload(settings.modules)
        self.runner = runner
        self.settings = settings
        self.shell = make_shell()
        self.live = server.live
        self.checkers, checkers_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.student_pid = 0
        self.unsafe_folder = ""
        gc.freeze()  # a collection would write to pages that forks share
        with examiner, checkers_end:
            # hidden tests will be in the examiner's memory, and never in this process
            self.examiner_pid = fork(lambda: self._examine(examine_set, examiner, checkers_end))

    def _examine(self, examine: Examine, examiner: socket.socket, zygote: socket.socket) -> None:
        self.runner.close()
        self.checkers.close()
        if self.settings.files:  # tests find them as in a notebook
            os.chdir(BESIDE if self.settings.tier == "namespaces" else self.settings.folder)
            sys.path.insert(0, "")
        if self.settings.tier == "namespaces":
            namespaces.confine_checker()
        elif self.settings.tier == "bwrap":
            limits.give_up_rights()
        examine(examiner, zygote)

    def serve(self) -> None:
        """Serve the checkers until the runner hangs up, which is all that it does from now on."""
        poller = select.poll()
        poller.register(self.runner, select.POLLIN)
        poller.register(self.checkers, select.POLLIN)
        while True:
            ready = [descriptor for descriptor, _ in poller.poll()]
            if self.runner.fileno() in ready:
                break
            self._serve_checker()
        self._kill_student()
        self._reap_student()
        os.kill(self.examiner_pid, signal.SIGKILL)
        os._exit(0)

    def _serve_checker(self) -> None:
        order, descriptors, *_ = socket.recv_fds(self.checkers, MOST_ORDER, MOST_DESCRIPTORS)
        if not order:
            os._exit(1)
        if order.startswith(KEEP_PARKED):
            self._keep_parked([*map(int, order.split()[1:])])
            return
        self._kill_student()
        if order in (START_STUDENT, START_PARKING):
            self._reap_student()
            self.student_pid = self._start_student(descriptors, order == START_PARKING)
        for descriptor in descriptors:
            os.close(descriptor)
        with contextlib.suppress(OSError):  # the checker has ended meanwhile
            self.checkers.send(str(self.student_pid).encode())

    def _start_student(self, descriptors: list[int], is_parking: bool) -> int:
        if self.settings.tier == "bwrap":
            return self._execute_student(descriptors, is_parking)
        if self.settings.tier == "unsafe":
            self.unsafe_folder = tempfile.mkdtemp(prefix="mlpkit-")
            process = os.fork()
        else:
            process = namespaces.fork_apart()
        if process:
            return process
        try:
            self._shut_in(descriptors)
            if self.settings.tier == "unsafe":
                link_files(self.settings.folder, self.settings.files)
            live, shell = self.live, self.shell
            vars(self).clear()  # the student's code can walk up to this frame
            live(shell, socket.socket(fileno=descriptors[0]), descriptors[1:], is_parking)
        finally:
            os._exit(1)

    def _execute_student(self, descriptors: list[int], is_parking: bool) -> int:
        settings = self.settings
        command = bubblewrap.command(settings.hide, settings.folder, settings.files)
        numbers = [settings.memory_mb, CPU_SECONDS, int(is_parking), *descriptors]
        command += launch.command("student", *numbers)
        environment = launch.environment()
        return subprocess.Popen(command, pass_fds=descriptors, env=environment).pid

    def _shut_in(self, descriptors: list[int]) -> None:
        memory_mb = self.settings.memory_mb
        if self.settings.tier == "namespaces":
            namespaces.confine(memory_mb, descriptors, CPU_SECONDS)
        else:
            limits.restrict(memory_mb, descriptors, CPU_SECONDS, self.unsafe_folder)

    def _kill_student(self) -> None:
        if not self.student_pid:
            return
        processes = [self.student_pid]  # a process namespace ends with its process 1
        if self.settings.tier != "namespaces":
            processes = process_tree(self.student_pid)
        for process in processes:
            _send_signal(process, signal.SIGKILL)
        if self.settings.tier == "unsafe":
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.student_pid, signal.SIGKILL)

    def _keep_parked(self, kept: list[int]) -> None:
        """Kill every process of the student's but some: these, and the one they descend from."""
        is_done = _end_others(kept[0], {*kept})
        self.checkers.send(KEPT if is_done else b"not kept")

    def _reap_student(self) -> None:
        """Wait until it is gone, which takes the kernel a while; meanwhile others can work."""
        if self.student_pid:
            os.waitpid(self.student_pid, 0)
        if self.unsafe_folder:
            shutil.rmtree(self.unsafe_folder, ignore_errors=True)
        self.student_pid = 0
        self.unsafe_folder = ""
