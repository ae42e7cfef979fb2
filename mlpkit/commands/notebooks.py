"""Notebooks as students have them: read with patience, whatever an editor or a person did to them.

A notebook is JSON, and only a little of it matters here: the text of its cells, and the names that
nbgrader keeps in their metadata. So it is read without `nbformat`, which refuses many a notebook
that can be read well enough.
"""

import ast
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlpkit.commands.errors import CommandError

MOST_BYTES = 50_000_000


@dataclass(frozen=True)
class Notebook:
    """The cells of a notebook, each a dict with ``cell_type``, ``metadata`` and ``source``."""

    path: Path
    metadata: dict[str, Any]
    cells: list[dict[str, Any]]


def read_notebook(path: Path) -> Notebook:
    """Read a notebook's file.

    Raises:
        CommandError: if it is missing or no notebook; the message says why.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise CommandError(f"{path} is too large: clear its outputs and save it again")
        content = json.loads(path.read_bytes())  # which finds out the encoding
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise CommandError(f"{path} is not a notebook: {error}") from error
    cells = content.get("cells") if isinstance(content, dict) else None
    if not isinstance(cells, list):
        raise CommandError(f"{path} is not a notebook: it has no list of cells")
    metadata = content.get("metadata")
    return Notebook(
        path=path,
        metadata=metadata if isinstance(metadata, dict) else {},
        cells=[_tidy(cell) for cell in cells if isinstance(cell, dict)],
    )


def _tidy(cell: dict[str, Any]) -> dict[str, Any]:
    """A cell in which the three keys are there and of their types."""
    metadata = cell.get("metadata")
    kind = cell.get("cell_type")
    tidy = {**cell, "metadata": metadata if isinstance(metadata, dict) else {}}
    tidy["cell_type"] = kind if isinstance(kind, str) else "raw"
    return tidy


def settings_of(cell: dict[str, Any]) -> dict[str, Any]:
    """What nbgrader keeps in a cell's metadata; empty if nothing."""
    settings = cell["metadata"].get("nbgrader")
    return settings if isinstance(settings, dict) else {}


def grade_id_of(cell: dict[str, Any]) -> str | None:
    """Nbgrader's name of a cell; None if it has none."""
    name = settings_of(cell).get("grade_id")
    return name if isinstance(name, str) else None


def text_of(cell: dict[str, Any]) -> str:
    """The text of a cell, which a notebook stores as a string or as a list of lines."""
    source = cell.get("source")
    lines = source if isinstance(source, list) else [source]
    text = "".join(line for line in lines if isinstance(line, str))
    return text.replace("\r\n", "\n").encode("utf-8", "replace").decode()


def defined_functions(source: str) -> set[str]:
    """The functions and classes that a text defines at top level; none if it is no Python.

    Examples:
        >>> defined_functions("def f(x): return x")
        {'f'}
    """
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return {statement.name for statement in body if isinstance(statement, kinds)}
