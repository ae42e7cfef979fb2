"""A parked process: it stays in the state of a notebook after a cell, and runs test cells there.

Test cells that are judged inside ask for more than plain data: an object of the student's class, a
figure, what was printed. So they run where the student's code ran, unchanged and in order, as in a
notebook. Nothing that is said here is trusted: whoever wrote the cells before may have put anything
in place of this file. What keeps hidden tests secret is the order of things outside
(`checker/inside_tests.py`), and the walls.

Files are as they were, too: a parked process has a copy of the folder, so that a test does not see
what later cells write.
"""

import contextlib
import os
import shutil
import socket
from types import CodeType
from typing import Any

from mlpgrader.inside import frame, wire
from mlpgrader.inside.messages import Ending
from mlpgrader.inside.student.shell import Shell

MOST_TEXT = 2000  # characters of a message
MOST_VALUE = 100  # characters of a number
STATES = ".states"  # where copies of the folder lie


def serve_tests(shell: Shell, sock: socket.socket) -> None:
    """Run one test cell after the other until the checker hangs up."""
    keep_files()
    frame.send(sock, wire.encode("parked"))
    while True:
        text = wire.decode(frame.receive(sock))
        frame.send(sock, wire.encode(run_test(shell, text).plain()))


def keep_files() -> None:
    """Go on in a copy of the current folder."""
    copy = os.path.abspath(os.path.join(STATES, str(os.getpid())))
    with contextlib.suppress(OSError, shutil.Error):  # such as no room for it
        shutil.copytree(".", copy, symlinks=True, ignore=shutil.ignore_patterns(".*"))
        os.chdir(copy)


def run_test(shell: Shell, text: str) -> Ending:
    """Run a test cell and say how it ended."""
    outputs = shell.collect()
    name = shell.compile.cache(text, shell.execution_count)
    code = shell.plain_code(text, name)
    error = _raised_by(shell, code) if code is not None else _raised_in_cell(shell, text)
    if error is not None:
        return _ending_of(error, name)
    results = [output for output in outputs if output["output_type"] == "execute_result"]
    value = results[0]["data"].get("text/plain", "") if results else ""
    return Ending(value=value[:MOST_VALUE])


def _raised_by(shell: Shell, code: CodeType) -> BaseException | None:
    """What code raises that needs nothing of the shell: a fifth of the time."""
    try:
        exec(code, shell.user_ns)
    except BaseException as error:
        return error
    return None


def _raised_in_cell(shell: Shell, text: str) -> BaseException | None:
    result = shell.run_cell(text, store_history=False)
    error: BaseException | None = result.error_in_exec or result.error_before_exec
    return error


def _ending_of(error: BaseException, name: str) -> Ending:
    trace: Any = error.__traceback__
    line = 0
    is_tests = False
    while trace is not None:
        is_tests = trace.tb_frame.f_code.co_filename == name
        line = trace.tb_lineno if is_tests else line
        trace = trace.tb_next
    try:
        text = str(error)[:MOST_TEXT]
    except Exception:  # of the student's own making
        text = ""
    return Ending(kind=type(error).__name__, text=text, line=line, is_tests=is_tests)
