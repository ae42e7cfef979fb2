"""What a submission answers, read as text: its solution cells and the cells a student added.

Nothing else of a submission counts. Solution cells are matched by `grade_id`.
"""

import json
from typing import Any, Literal, NamedTuple

from mlpgrader.assignment.plan import STUDENTS, CellKind, Plan, text_of
from mlpgrader.errors import UnreadableError

MOST_CELLS = 2000
CellType = Literal["code", "markdown"]


class SubmittedCell(NamedTuple):
    """One cell of a submission that counts: a cell of the plan, or one that the student added.

    Attributes:
        grade_id: nbgrader's name of the cell; None if the plan has no such cell.
        cell_type: how it is shown.
        text: what the student wrote; nothing where the text is the plan's.
        key: names the cell's outputs in a result.
    """

    grade_id: str | None
    cell_type: CellType
    text: str
    key: str


def submitted_cells(plan: Plan, text: str) -> list[SubmittedCell]:
    """The cells of a submission that count, in its order; of duplicates the last alone.

    A cell that carries the id of a locked cell of the plan leaves only its place: an entry with
    that id and no text.

    Raises:
        UnreadableError: if the text is not a notebook; the message says why.
    """
    kinds = {cell.grade_id: cell.kind for cell in plan.cells}
    cells = [_read_cell(cell, number, kinds) for number, cell in enumerate(_cells(text))]
    last = {cell.key: number for number, cell in enumerate(cells)}
    return [cell for number, cell in enumerate(cells) if last[cell.key] == number]


def _read_cell(cell: dict[str, Any], number: int, kinds: dict[str, CellKind]) -> SubmittedCell:
    """A cell of a submission as it counts; its `grade_id` decides what it is, if the plan has it.

    Args:
        cell: the cell as the notebook has it.
        number: its place in the submission.
        kinds: the kinds of the plan's cells by `grade_id`.
    """
    name = _grade_id(cell)
    cell_type: CellType = "code" if cell.get("cell_type") == "code" else "markdown"
    if name is None or name not in kinds:
        return SubmittedCell(None, cell_type, text_of(cell), f"+{number}")
    if kinds[name] == "answer" or (kinds[name] in STUDENTS and cell_type == "code"):
        return SubmittedCell(name, cell_type, text_of(cell), name)
    return SubmittedCell(name, "code", "", name)


def _cells(text: str) -> list[dict[str, Any]]:
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError):
        raise UnreadableError("the file is not a notebook: it is not JSON") from None
    if not isinstance(notebook, dict):
        notebook = {}
    cells = notebook.get("cells")
    if cells is None and "worksheets" in notebook:
        raise UnreadableError("the notebook is in the format of before 2015 (nbformat 3)")
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        raise UnreadableError("the file is not a notebook: it has no list of cells")
    if len(cells) > MOST_CELLS:
        raise UnreadableError(f"the notebook has more than {MOST_CELLS} cells")
    return cells


def _grade_id(cell: dict[str, Any]) -> str | None:
    """The name that a cell claims to have; a student may have put anything in its place."""
    metadata = cell.get("metadata")
    settings = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    name = settings.get("grade_id") if isinstance(settings, dict) else None
    return name if isinstance(name, str) else None
