"""What a submission answers, read as text: its solution cells and the cells a student added.

Nothing else of a submission counts. Solution cells are matched by `grade_id`. An editor may lose
it, or give it to two cells, and an honest answer must not go missing for that:

- *A cell that was split or copied* leaves two of one name. The last is the solution cell, and those
  before it run right before it: both halves run, and of two versions the later one holds.
- *A cell that was turned into prose by a key press* is still the answer, if no code has its name.
- *A cell that lost its name* is found again by its cell id, which a release makes equal to the
  `grade_id`; else a locked cell by its text, and a solution cell by a name that it defines.
"""

import itertools
import json
import re
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from mlpgrader.assignment.names import defined_names
from mlpgrader.assignment.plan import STUDENTS, Cell, Plan, text_of
from mlpgrader.errors import UnreadableError

MOST_CELLS = 2000
MOST_CODE = 2 << 20  # bytes of all code cells
MOST_PROSE = 100_000  # characters of a cell that does not run; the rest is cut off
MOST_KEPT_PROSE = 1 << 20  # characters of all of them, where a large notebook is cut down
MOST_NAME = 1000  # characters; what is longer names no cell of a plan
MODULES = "modules"  # where a submission's text has the modules beside the notebook, by file name
MOST_MODULES = 20
MOST_MODULE = 200_000  # bytes
MODULE_NAME = re.compile(r"[^\W\d]\w{0,99}\.py")
# what a line binds, told without a parser: the rest of the cell need not be Python
DEFINITION = re.compile(
    r"^(?:(?:async[ \t]+)?def|class)[ \t]+(\w+)|^(\w+)[ \t]*(?::[^=\n]*)?=(?!=)", re.MULTILINE
)
NOT_JSON = {
    "<!doctype html": "it is a web page",
    "<html": "it is a web page",
    "version https://git-lfs": "it is a pointer of Git LFS, without the file",
    "# %%": "it is a script",
}
MERGE = re.compile(r"^(?:<{7}|>{7}) ", re.MULTILINE)
CellType = Literal["code", "markdown"]


class SubmittedCell(NamedTuple):
    """One cell of a submission that counts: a cell of the plan, or one that the student added.

    Attributes:
        grade_id: nbgrader's name of the cell; None if the plan has no such cell.
        cell_type: how it is shown.
        text: what the student wrote; nothing where the text is the plan's.
        key: names the cell's outputs in a result.
        part_of: the solution cell of which it is an earlier part, or an earlier version.
    """

    grade_id: str | None
    cell_type: CellType
    text: str
    key: str
    part_of: str | None = None


class _Found(NamedTuple):
    """A cell as the notebook has it, under the `grade_id` and the id that it claims to have."""

    grade_id: str | None
    cell_id: str | None
    is_code: bool
    text: str


def submitted_cells(plan: Plan, text: str) -> list[SubmittedCell]:
    """The cells of a submission that count, in its order.

    A cell that carries the name of a locked cell of the plan leaves only its place: an entry with
    that name and no text. Of several that do, the last alone counts.

    Raises:
        UnreadableError: if the text is not a notebook; the message says why.
    """
    found = [_read_cell(cell) for cell in _cells(text)]
    _refuse_much_code(found)
    by_name = {cell.grade_id: cell for cell in plan.cells}
    names = _with_lost_names(plan, found)
    the_one = _the_one_of_each(names, found, by_name)
    cells = [
        _counted(cell, number, by_name.get(name or ""), the_one)
        for number, (name, cell) in enumerate(zip(names, found, strict=True))
    ]
    return [cell for cell in cells if cell is not None]


def _counted(
    cell: _Found, number: int, planned: Cell | None, the_one: Mapping[str, int]
) -> SubmittedCell | None:
    """A cell as it counts; None for one in whose place another locked cell of its name counts.

    Args:
        cell: the cell as the notebook has it.
        number: its place in the notebook.
        planned: the cell of the plan whose name it has.
        the_one: for each name the place of the cell that counts.
    """
    if planned is None:
        return _added(cell, number)
    name = planned.grade_id
    is_students = planned.kind in STUDENTS
    if the_one[name] == number:
        cell_type: CellType = "code" if planned.is_code or cell.is_code else "markdown"
        return SubmittedCell(name, cell_type, cell.text if is_students else "", name)
    return _added(cell, number, part_of=name) if is_students else None


def slim(text: str) -> str:
    """A large notebook with nothing in it but what counts: no more of each student is kept.

    Raises:
        UnreadableError: if it is no notebook, or has too much in it.
    """
    found = [_read_cell(cell) for cell in _cells(text)]
    _refuse_much_code(found)
    left = MOST_KEPT_PROSE
    cells = []
    for cell in found:
        source = cell.text
        if not cell.is_code:
            source = source[: min(left, MOST_PROSE)]
            left -= len(source)
        cells.append(_slim_cell(cell, source))
    return json.dumps({"cells": cells}, ensure_ascii=False)


def _slim_cell(cell: _Found, source: str) -> dict[str, Any]:
    grade_id = {"grade_id": cell.grade_id} if _is_short(cell.grade_id) else {}
    cell_id = {"id": cell.cell_id} if _is_short(cell.cell_id) else {}
    cell_type = "code" if cell.is_code else "markdown"
    about = {"cell_type": cell_type, "metadata": {"nbgrader": grade_id}}
    return {**cell_id, **about, "source": source}


def _is_short(name: str | None) -> bool:
    return name is not None and len(name) <= MOST_NAME


def refuse_other_notebook(plan: Plan, cells: list[SubmittedCell]) -> None:
    """Raise UnreadableError where no cell is one of the set's: it is another notebook."""
    if not any(cell.grade_id for cell in cells):
        raise UnreadableError(
            f"this is not the problem set: the notebook has no cell of {plan.set_name} "
            "(is it the chapter of that name?)"
        )


def _added(cell: _Found, number: int, part_of: str | None = None) -> SubmittedCell:
    """A cell of the student's own, by its place in the notebook."""
    if cell.is_code:
        return SubmittedCell(None, "code", cell.text, f"+{number}", part_of)
    return SubmittedCell(None, "markdown", cell.text[:MOST_PROSE], f"+{number}")


def _the_one_of_each(
    names: list[str | None], found: list[_Found], by_name: Mapping[str, Cell]
) -> dict[str, int]:
    """For each cell of the plan the place of the one that counts: the last, code before prose."""
    the_one: dict[str, int] = {}
    for number, name in enumerate(names):
        if name is None or name not in by_name:
            continue
        before = the_one.get(name)
        if before is None or found[number].is_code or not found[before].is_code:
            the_one[name] = number
    return the_one


# --- names that an editor lost -------------------------------------------------------------


def _with_lost_names(plan: Plan, found: list[_Found]) -> list[str | None]:
    """The `grade_id` of each cell, those that were lost among them as far as they are found."""
    known = {cell.grade_id for cell in plan.cells}
    names = [cell.grade_id if cell.grade_id in known else None for cell in found]
    if known.difference(names):
        _find_by_id(known.difference(names), names, found)
        _find_by_content([cell for cell in plan.cells if cell.grade_id not in names], names, found)
    return names


def _find_by_id(lost: set[str], names: list[str | None], found: list[_Found]) -> None:
    """Give lost names to the last unnamed cells that have them for ids."""
    by_id = {cell.cell_id: number for number, cell in enumerate(found) if not names[number]}
    for name in lost & by_id.keys():
        names[by_id[name]] = name


def _find_by_content(lost: list[Cell], names: list[str | None], found: list[_Found]) -> None:
    """Give each lost cell's name to the last unnamed cell that can be it."""
    unnamed = [number for number, cell in enumerate(found) if names[number] is None]
    looks = {number: _Look.at(found[number].text) for number in unnamed if found[number].is_code}
    for cell in lost:
        places = [number for number, look in looks.items() if look.fits(cell)]
        if places:
            names[places[-1]] = cell.grade_id
            del looks[places[-1]]


class _Look(NamedTuple):
    """What an unnamed cell can be told by: its text, and the names that it defines."""

    text: str
    defines: frozenset[str]

    @classmethod
    def at(cls, text: str) -> "_Look":
        names = {name for pair in DEFINITION.findall(text) for name in pair}
        return cls(text.strip(), frozenset(names - {""}))

    def fits(self, cell: Cell) -> bool:
        """Whether it can be a cell of the plan."""
        if cell.kind in STUDENTS and cell.is_code:
            return not self.defines.isdisjoint(_names_to_find(cell))
        return self.text == _as_released(cell)


def _names_to_find(cell: Cell) -> set[str]:
    """What a solution cell defines: its functions, else its values."""
    names = defined_names(cell.source)
    functions = {name for name, kind in names.items() if kind == "function"}
    return functions or set(names)


def _as_released(cell: Cell) -> str:
    """The text of a locked cell as students have it."""
    lines = enumerate(cell.source.splitlines(), 1)
    return "\n".join(line for number, line in lines if number not in cell.hidden).strip()


# --- modules beside it ---------------------------------------------------------------------


def submitted_modules(text: str) -> dict[str, str]:
    """The modules that a student handed in beside a notebook: their texts by file name."""
    if f'"{MODULES}"' not in text:
        return {}
    modules = json.loads(text).get(MODULES)
    if not isinstance(modules, dict):
        return {}
    return {
        name: content
        for name, content in itertools.islice(modules.items(), MOST_MODULES)
        if MODULE_NAME.fullmatch(name) and _is_module(content)
    }


def _is_module(content: Any) -> bool:
    is_text = isinstance(content, str) and bool(content.strip())
    return is_text and len(_as_bytes(content)) <= MOST_MODULE


# --- the file ------------------------------------------------------------------------------


def _read_cell(cell: dict[str, Any]) -> _Found:
    """A cell as it is; a student may have put anything in the place of anything."""
    metadata = cell.get("metadata")
    if not isinstance(metadata, dict):
        metadata = {}
    settings = metadata.get("nbgrader")
    name = settings.get("grade_id") if isinstance(settings, dict) else None
    cell_id = cell.get("id", metadata.get("id"))  # Colab keeps it among the metadata
    is_code = cell.get("cell_type") == "code"
    return _Found(_text_or_none(name), _text_or_none(cell_id), is_code, text_of(cell))


def _text_or_none(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _refuse_much_code(found: list[_Found]) -> None:
    if sum(len(_as_bytes(cell.text)) for cell in found if cell.is_code) > MOST_CODE:
        raise UnreadableError(f"the notebook has more than {MOST_CODE >> 20} MB of code")


def _as_bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _cells(text: str) -> list[dict[str, Any]]:
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError):
        raise UnreadableError(f"the file is not a notebook: {_what_it_is(text)}") from None
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


def _what_it_is(text: str) -> str:
    """What a text is that is not JSON."""
    for begins, kind in NOT_JSON.items():
        if text.lstrip()[:100].lower().startswith(begins):
            return kind
    if not text.strip():
        return "it is empty"
    if MERGE.search(text):
        return "it has marks of a git merge"
    return "it is not JSON"
