"""A fresh Jupyter kernel, and running code in it under a limit of time."""

import queue
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from mlpkit.commands.errors import InstallationError

START = 120.0  # seconds until a kernel must have answered for the first time
PATIENCE = 2.0  # seconds that a kernel has to obey an interrupt
GLANCE = 0.2  # seconds between two looks whether it is still alive

# `exit()` ends a kernel a moment later, in the midst of another cell; so it ends its own cell
PRELUDE = """
import sys as _sys
def _leave(*args):
    raise SystemExit("exit() was called")
get_ipython().ask_exit = _leave
get_ipython().user_ns["exit"] = get_ipython().user_ns["quit"] = _leave
del _sys, _leave
"""


@dataclass(frozen=True)
class Reply:
    """How a piece of code ended.

    Attributes:
        status: ``ok``, ``error`` (it raised), ``timeout``, or ``died`` (the kernel did).
        kind: the name of the exception's type.
        message: the exception's text.
        shown: the exception as a notebook shows it.
    """

    status: Literal["ok", "error", "timeout", "died"]
    kind: str = ""
    message: str = ""
    shown: str = ""


class Kernel:
    """A kernel of the Python that runs this command, in the folder of a notebook.

    It must be closed.

    Attributes:
        starts: how often it has been started: a new one knows nothing of what was run before.
    """

    def __init__(self, folder: Path) -> None:
        """Start it.

        Raises:
            InstallationError: if it does not start.
        """
        try:
            from jupyter_client.blocking.client import BlockingKernelClient
            from jupyter_client.kernelspec import KernelSpec
            from jupyter_client.manager import KernelManager
        except ImportError as error:
            raise InstallationError("Jupyter is not installed here: run mlpkit doctor") from error
        launch = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        launch.append("--HistoryManager.enabled=False")  # what is checked is no history of theirs
        self._manager: Any = KernelManager()
        # a kernel of the user's own that is called python3 too may be another Python
        self._manager._kernel_spec = KernelSpec(argv=launch, display_name="", language="python")
        self._client_class = BlockingKernelClient
        self._folder = folder
        self.starts = 0
        self._start()

    def close(self) -> None:
        """End it."""
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)
        self._manager.cleanup_resources()

    def run(self, code: str, limit: float) -> Reply:
        """Run a piece of code.

        Args:
            code: what a cell may hold.
            limit: seconds after which it is interrupted.
        """
        # without the last setting, the kernel skips what comes soon after an error
        sent = self._client.execute(
            code, store_history=False, allow_stdin=False, stop_on_error=False
        )
        reply = self._wait(sent, limit)
        if reply.status == "timeout":
            self._manager.interrupt_kernel()
            # what it answers after an interrupt says no more than that it was one
            if self._wait(sent, PATIENCE).status in ("timeout", "died"):
                self._restart()
            else:
                return reply
        if reply.status == "died":
            self._restart()
        return reply

    def _start(self) -> None:
        quiet = subprocess.DEVNULL  # warnings of a kernel are no news for a student
        self._manager.start_kernel(cwd=str(self._folder), stdout=quiet, stderr=quiet)
        self._connect()

    def _connect(self) -> None:
        self.starts += 1
        self._client = self._client_class()
        self._client.load_connection_info(self._manager.get_connection_info())
        # nobody listens to what is printed, so no flood of it can hold this process up
        self._client.start_channels(iopub=False, stdin=False, hb=False, control=False)
        sent = self._client.execute(PRELUDE, silent=True, store_history=False, allow_stdin=False)
        if self._wait(sent, START).status != "ok":
            self.close()
            raise InstallationError("the Jupyter kernel does not start: run mlpkit doctor")

    def _restart(self) -> None:
        self._client.stop_channels()
        self._manager.restart_kernel(now=True)
        self._connect()

    def _wait(self, sent: str, limit: float) -> Reply:
        deadline = time.monotonic() + limit
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                return Reply("timeout")
            try:
                answer = self._client.get_shell_msg(timeout=min(left, GLANCE))
            except queue.Empty:
                if not self._manager.is_alive():
                    return Reply("died")
                continue
            if answer["parent_header"].get("msg_id") == sent:
                return _reply(answer["content"])


def _reply(content: dict[str, Any]) -> Reply:
    if content["status"] == "ok":
        return Reply("ok")
    kind, message = str(content.get("ename", "")), str(content.get("evalue", ""))
    return Reply("error", kind, message, "\n".join(map(str, content.get("traceback", ()))))
