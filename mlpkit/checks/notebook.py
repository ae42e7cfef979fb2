"""The Jupyter kernel that a notebook runs in: who sits at it, and how an error reads there.

Everywhere else, in a grader's processes above all, `kernel_shell` finds none, and what it costs is
one look into a dict.
"""

import linecache
import os
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

from .compare import wrapped
from .mistakes import explain

MOST_LINES = 5  # of the student's code in one error


def kernel_shell() -> Any:
    """The shell of the Jupyter kernel that this runs in; None anywhere else.

    Examples:
        >>> kernel_shell() is None
        True
    """
    ipython = sys.modules.get("IPython")
    if ipython is None:
        return None
    shell = ipython.get_ipython()
    return shell if type(shell).__name__ == "ZMQInteractiveShell" else None


def has_person(shell: Any) -> bool:
    """Whether a person runs the cell, and neither nbgrader nor another program.

    There are two locks, because a student's code can open one: a program gives a kernel nobody
    to ask for input, and nbgrader sets a variable.
    """
    if "NBGRADER_EXECUTION" in os.environ:
        return False
    request = shell.kernel.get_parent("shell")
    return bool(request.get("content", {}).get("allow_stdin", False))


def before_next_cell(shell: Any, action: Callable[[], None]) -> None:
    """Do something once, when the cell that runs has ended."""

    def act(_: Any) -> None:
        shell.events.unregister("post_run_cell", act)
        action()

    shell.events.register("post_run_cell", act)


def shorten(error: BaseException, shell: Any, test_file: str, message: str | None) -> None:
    """Let a notebook show of an error what happened and the student's own lines, no more.

    Args:
        error: what the visible part of a test raised.
        shell: the kernel's shell.
        test_file: the name of the file that the test was compiled as.
        message: what to say in place of the error's own message, if anything.
    """

    def lines() -> list[str]:
        try:
            return error_lines(error, shell.user_ns, test_file, message)
        except Exception:  # no message at all would be worse than a long one
            long: list[str] = shell.InteractiveTB.structured_traceback(
                type(error), error, error.__traceback__, tb_offset=1
            )
            return long

    # IPython asks an exception for this before it formats one itself
    error._render_traceback_ = lines  # type: ignore[attr-defined]


def error_lines(
    error: BaseException, names: dict[str, Any], test_file: str, message: str | None = None
) -> list[str]:
    """The type and the message of an error, then the lines that it came through.

    Args:
        error: what the visible part of a test raised.
        names: the notebook's names: what has them as globals is the student's own code.
        test_file: the name of the file that the test was compiled as.
        message: what to say in place of the error's own message, if anything.
    """
    text = message or str(error)
    lines = [f"{type(error).__name__}: {text}" if text else type(error).__name__]
    meaning = explain(error) if isinstance(error, Exception) and not message else None
    if meaning:
        lines.append(f"  {meaning}")
    is_bare = not message or _arose_behind_cells(error, names, test_file)
    if is_bare and not _says_what_failed(error):
        lines += _lines_of_test(error, test_file)
    return [wrapped(line) for line in [*lines, *_lines_of_cells(error, names, test_file)]]


def _says_what_failed(error: BaseException) -> bool:
    """Whether an error's message says which check it comes from."""
    return isinstance(error, AssertionError) and bool(str(error))


def _arose_behind_cells(error: BaseException, names: dict[str, Any], test_file: str) -> bool:
    """Whether a function of the test's raised it that the student's code had called."""
    is_cells = [
        _is_of_cells(frame, names, test_file)
        for frame, _ in traceback.walk_tb(error.__traceback__)
        if _file(frame) == test_file or _is_of_cells(frame, names, test_file)
    ]
    return True in is_cells and not is_cells[-1]


def _lines_of_test(error: BaseException, test_file: str) -> list[str]:
    """The innermost line of the test that an error came through."""
    places = [
        place
        for frame, place in _frames(error)
        if _file(frame) == test_file and frame.f_code.co_name != "<module>"
    ]
    return [f"  in the test, {place}" for place in places[-1:]]


def _lines_of_cells(error: BaseException, names: dict[str, Any], test_file: str) -> list[str]:
    """The lines of the student's code that an error came through, outermost first."""
    places = Counter(
        f"  in {frame.f_code.co_name}, {place}"
        for frame, place in _frames(error)
        if _is_of_cells(frame, names, test_file)
    )
    return [
        place if count == 1 else f"{place} ({count} times)"
        for place, count in list(places.items())[:MOST_LINES]
    ]


def _is_of_cells(frame: FrameType, names: dict[str, Any], test_file: str) -> bool:
    """Whether a frame runs a function of the student's; what starts a test is none."""
    is_function = frame.f_code.co_name != "<module>"
    return is_function and frame.f_globals is names and _file(frame) != test_file


def _frames(error: BaseException) -> Iterator[tuple[FrameType, str]]:
    """The frames of an error and of what caused it, each with its line."""
    for frame, line in traceback.walk_tb(error.__traceback__):
        yield frame, f"line {line}: {linecache.getline(_file(frame), line).strip()}"
    if error.__cause__ is not None:
        yield from _frames(error.__cause__)


def _file(frame: FrameType) -> str:
    return frame.f_code.co_filename
