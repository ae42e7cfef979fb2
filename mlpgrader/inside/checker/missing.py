"""Why a name that a student's cell should define is not there.

It is said by what is known before any test runs: the text of the cell, and with what it stopped.
"""

import platform
import re
from typing import Any, NamedTuple, Protocol

from mlpgrader.inside.messages import Reason

UNDEFINED = re.compile(r"name '(\w+)' is not defined")
IN_FILE = re.compile(r"\([^()]*, line (\d+)\)$")  # as a SyntaxError ends
READ_BY = rf"(line \1, read by Python {platform.python_version()})"
MOST_TEXT = 300  # characters of what a cell stopped with
NOT_WRITTEN = "not written yet"


class RunCells(Protocol):
    """A student's cells, once they have run."""

    outputs: dict[str, list[Any]]  # what each printed and showed, by its key
    cells_may_end_better: bool  # whether one was ended that might not be in a second try

    def is_written(self, key: str) -> bool:
        """Whether there is code in a cell."""


class Missing(NamedTuple):
    """Why a name is missing.

    Attributes:
        cell: the key of the cell that should define it.
        reason: why a test fails that needs it.
        message: the same for people.
        retry: whether it may be there in a second try.
    """

    cell: str
    reason: Reason
    message: str
    retry: bool = False


def why_missing(name: str, key: str, cells: RunCells) -> Missing:
    """Say why a name is missing.

    Args:
        name: the name.
        key: the key of the cell that should define it.
        cells: the student's cells.
    """
    if not cells.is_written(key):
        return Missing(key, "not-implemented", f"{name} is {NOT_WRITTEN}")
    stopped = _stopped_with(cells.outputs.get(key, []))
    why = f"its cell stopped with {stopped}" if stopped else f"its cell ran, and defines no {name}"
    text = f"{name} is not defined: {why}"
    return Missing(key, "raised", text, cells.cells_may_end_better)


def _stopped_with(outputs: list[Any]) -> str:
    """The error that ended a cell; nothing if it ran to its end.

    The outputs come from the student's process, and may hold anything.
    """
    for output in outputs:
        if type(output) is dict and output.get("output_type") == "error":
            text = IN_FILE.sub(READ_BY, str(output.get("evalue", "")))
            return f"{output.get('ename')}: {text}{_advice(text)}"[:MOST_TEXT]
    return ""


def _advice(text: str) -> str:
    undefined = UNDEFINED.search(text)
    if undefined is not None and len(undefined[1]) == 1 and undefined[1].isupper():
        return f'; a letter is an answer in quotes: "{undefined[1]}"'
    return ""
