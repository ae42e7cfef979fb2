"""The zygote: a process that has loaded torch once and forks checkers and students' processes.

It is executed with a fixed environment and no descriptors but its control socket, goes into its
namespaces first and imports afterwards, so what it can load is what a sandbox shows. It has one
thread, runs no tensor operation, and never reads a plan or a submission: these go from the runner
to the checker on a socket that it only hands on.

Its memory lies in huge pages, as its environment asks for (`launch.environment`): a fork copies
one entry of a page table for 2 MB instead of 512, which makes it three times as fast.
"""

import ast
import contextlib
import gc
import importlib
import os
import select
import shutil
import signal
import socket
import subprocess
import tempfile

from mlpgrader.inside import launch, messages
from mlpgrader.inside.messages import START_STUDENT, ZygoteSettings, ZygoteStarted
from mlpgrader.inside.walls import sandbox

SECONDS = 600  # CPU time after which the kernel ends any process of a student's


def main(control: int, examiner: int) -> None:
    """Serve the runner, which holds the other ends of two descriptors, until it hangs up."""
    runner = socket.socket(fileno=control)
    settings = messages.load(runner.recv(1 << 20))
    try:
        if settings.tier == "namespaces":
            sandbox.enter(settings.hide)
        zygote = Zygote(runner, examiner, settings)
    except BaseException as error:
        runner.send(messages.dump(ZygoteStarted(f"{type(error).__name__}: {error}")))
        os._exit(1)
    runner.send(messages.dump(ZygoteStarted()))
    zygote.work()


def preload(modules: list[str]) -> None:
    """Import what the plan imports, as far as a sandbox shows it."""
    for name in modules:
        with contextlib.suppress(Exception):
            importlib.import_module(name)


def imported(source: str) -> list[str]:
    r"""The modules that a cell imports at top level, those of `mlpkit` left out.

    Example:
        >>> imported("import math, torch\nfrom torch import nn\nfrom mlpkit import mlp")
        ['math', 'torch', 'torch']
    """
    found = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.append(node.module)
    return [name for name in found if name.partition(".")[0] != "mlpkit"]


class Zygote:
    """Forks one examiner, and students' processes on demand; one of these lives at a time."""

    def __init__(self, runner: socket.socket, examiner: int, settings: ZygoteSettings):
        from mlpgrader.inside.checker import examiner as checker
        from mlpgrader.inside.student import server as student

        self.student = student
        preload(settings.modules)
        self.runner, self.settings = runner, settings
        self.tier, self.memory = settings.tier, settings.memory_mb
        self.shell = student.make_shell()
        self.ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.pupil, self.folder = 0, ""
        gc.freeze()
        with socket.socket(fileno=examiner) as sock, theirs:
            # hidden tests will be in the examiner's memory, and never in this process
            self.examiner = sandbox.fork(lambda: self._examine(checker.examine_set, sock, theirs))

    def _examine(self, examine, *socks: socket.socket) -> None:
        self.runner.close()
        self.ours.close()
        examine(*socks)

    def work(self) -> None:
        """Serve the checkers until the runner hangs up."""
        poller = select.poll()
        for sock in (self.runner, self.ours):
            poller.register(sock, select.POLLIN)
        while [number for number, _ in poller.poll()] == [self.ours.fileno()]:
            self._serve_checker()
        self._kill_student()
        self._bury_student()
        os.kill(self.examiner, signal.SIGKILL)
        os._exit(0)

    def _serve_checker(self) -> None:
        message, handles, *_ = socket.recv_fds(self.ours, 64, 250)
        if not message:
            os._exit(1)
        self._kill_student()
        if message == START_STUDENT:
            self._bury_student()
            self.pupil = self._start_student(handles)
        for handle in handles:
            os.close(handle)
        with contextlib.suppress(OSError):
            self.ours.send(str(self.pupil).encode())

    def _start_student(self, handles: list[int]) -> int:
        if self.tier == "bwrap":
            command = sandbox.bubblewrap(self.settings.hide)
            command += launch.command("student", self.memory, SECONDS, *handles)
            return subprocess.Popen(command, pass_fds=handles, env=launch.environment()).pid
        if self.tier == "unsafe":
            self.folder = tempfile.mkdtemp(prefix="mlpkit-")
        process = sandbox.fork_apart() if self.tier == "namespaces" else os.fork()
        if process:
            return process
        try:
            self._shut_in(handles)
            self.student.live(self.shell, socket.socket(fileno=handles[0]), handles[1:])
        finally:
            os._exit(1)

    def _shut_in(self, handles: list[int]) -> None:
        if self.tier == "namespaces":
            sandbox.confine(self.memory, handles, SECONDS)
        else:
            sandbox.restrict(self.memory, handles, SECONDS, self.folder)

    def _kill_student(self) -> None:
        if not self.pupil:
            return
        # namespaces end with their process 1; elsewhere each process is ended by itself
        alone = self.tier == "namespaces"
        for process in [self.pupil] if alone else sandbox.family(self.pupil):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            self.tier == "unsafe" and os.killpg(self.pupil, signal.SIGKILL)

    def _bury_student(self) -> None:
        """Wait until it is gone, which takes the kernel a while; meanwhile others can work."""
        if self.pupil:
            os.waitpid(self.pupil, 0)
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)
        self.pupil, self.folder = 0, ""
