"""What *Validate* shows of a notebook: an entry for each exercise that fails, on one screen.

nbgrader lists every test cell that fails, with its whole text. On a notebook that is half written
that is a window of forty pages. `shorten` puts one entry for each exercise in place of those, in
nbgrader's copy of the notebook; `lab/nbgrader_config.py` sets it. No test is passed by
it: an exercise with a test that fails keeps an entry.
"""

import ast
import os
import re
from collections.abc import Callable, Sequence
from typing import Any

Cell = dict[str, Any]

HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
COLORS = re.compile(r"\x1b\[[0-9;]*m")
UNTOUCHED = ("not written yet", "not answered yet")
MOST_LINES = 6  # of one error
# seconds: the first cells load torch, and a test's own code takes a few; an endless loop costs this
# long once, since later tests of the same function are not run
PATIENCE = {"setup": 180, "test": 30, "other": 60}


def hooks() -> tuple[Callable[..., None], Callable[..., None]]:
    """Give nbgrader hooks for the start of a run and of each cell; there is none for its end.

    They are functions, since a configuration copies objects.
    """
    running: list[Any] = []

    def on_notebook_start(notebook: Any) -> None:
        """Add a cell of text, which is not run: when its turn comes, all others have ended."""
        from nbformat.v4 import new_markdown_cell

        if os.environ.get("NBGRADER_EXECUTION") == "validate":
            running[:] = [notebook]
            notebook["cells"].append(new_markdown_cell())

    def on_cell_start(cell: Any, cell_index: int) -> None:
        """Shorten what there is to show when the turn of the added cell has come."""
        if running and cell is running[0]["cells"][-1]:
            notebook = running.pop()
            notebook["cells"].pop()
            shorten(notebook)

    return on_notebook_start, on_cell_start


def patience(cell: Any) -> int:
    """How long nbgrader waits for a cell, in seconds."""
    settings = cell["metadata"].get("nbgrader", {})
    if settings.get("grade"):
        return PATIENCE["test"]
    return PATIENCE["setup" if settings.get("locked") else "other"]


def shorten(notebook: Any) -> None:
    """Put one entry for each exercise in place of all its tests that fail.

    Args:
        notebook: nbgrader's copy, after all cells have run; it is changed.
    """
    untouched: list[tuple[str, Cell]] = []
    for title, cells in _exercises(notebook["cells"]):
        failed = [cell for cell in cells if _failure(cell)]
        if failed and all(map(_is_untouched, failed)):
            untouched.append((title, failed[0]))
            _pass(failed[1:])
        elif failed:
            _merge(title, cells, failed)
    _list_untouched(untouched)


def _list_untouched(untouched: list[tuple[str, Cell]]) -> None:
    """Let the first of the exercises that are as they were handed out speak for all."""
    if not untouched:
        return
    titles, cells = zip(*untouched, strict=True)
    _show(cells[0], "Not written yet", list(titles))
    _pass(cells[1:])


def _is_untouched(cell: Cell) -> bool:
    """Whether a test cell fails because nothing is there to be tested."""
    return _failure(cell)[0].endswith(UNTOUCHED)


def _exercises(cells: list[Cell]) -> list[tuple[str, list[Cell]]]:
    """The exercises of a notebook: title, and test cells that nobody has changed."""
    title = ""
    found: list[tuple[str, list[Cell]]] = []
    for cell in cells:
        settings = cell["metadata"].get("nbgrader", {})
        if cell["cell_type"] == "markdown":
            title = [title, *HEADING.findall(cell["source"])][-1]
        elif settings.get("solution"):
            found.append((title, []))
        elif settings.get("grade") and found and _is_unchanged(cell):
            found[-1][1].append(cell)
    return found


def _is_unchanged(cell: Cell) -> bool:
    """Whether a cell is as it was handed out; nbgrader tells of others itself."""
    from nbgrader.utils import compute_checksum

    checksum: bool = cell["metadata"]["nbgrader"].get("checksum") == compute_checksum(cell)
    return checksum


def _failure(cell: Cell) -> list[str]:
    """What a test cell that fails says, in lines; nothing if it passes."""
    for output in cell["outputs"]:
        if output["output_type"] == "error":
            text = "\n".join(output["traceback"]) or output["ename"]
            return COLORS.sub("", text).splitlines()
        if output["output_type"] == "stream" and output["name"] == "stderr":
            return str(output["text"]).splitlines() or ["it wrote to stderr"]
    return []


def _merge(title: str, cells: list[Cell], failed: list[Cell]) -> None:
    """Let the first of the failed tests of an exercise speak for all."""
    first, *others = failed
    lines = [f"✗ {_about(first)}", *(f"  {line}" for line in _failure(first)[:MOST_LINES])]
    lines += [f"✗ {_about(cell)}" for cell in others]
    _show(first, f"{title}: {len(failed)} of {len(cells)} tests fail", lines)
    _pass(others)


def _about(cell: Cell) -> str:
    """The property that a test cell names, in one line."""
    text = ast.get_docstring(ast.parse(cell["source"])) or ""
    return " ".join(text.split())


def _show(cell: Cell, source: str, error: list[str]) -> None:
    """Let nbgrader show a cell as another text with another error."""
    from nbgrader.utils import compute_checksum

    cell["source"] = source
    cell["outputs"] = [_error(error)]
    cell["metadata"]["nbgrader"]["checksum"] = compute_checksum(cell)


def _error(lines: list[str]) -> Any:
    from nbformat.v4 import new_output

    return new_output("error", ename="", evalue="", traceback=lines)


def _pass(cells: Sequence[Cell]) -> None:
    """Leave out cells of which another one tells."""
    for cell in cells:
        cell["outputs"] = []
