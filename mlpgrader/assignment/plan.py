"""What a problem set asks, read from its source notebook, and what a submission answers.

The plan is the only source of cells, tests, points and their order. From a submission comes
nothing but text: of its solution cells, matched by `grade_id`, and of the cells a student added.
"""

import ast
import functools
import hashlib
import json
from dataclasses import asdict, dataclass
from typing import NamedTuple

from mlpgrader.errors import UnreadableError, UsageError

BEGIN, END = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
MOST_CELLS = 2000


@dataclass(frozen=True)
class Cell:
    """One code cell of the plan.

    Attributes:
        kind: `setup`, `given`, `solution` or `test`.
        grade_id: nbgrader's name of the cell.
        source: its text; of a solution cell, the reference solution.
        points: what a test cell is worth.
        solution: the `grade_id` of the solution cell that a test or given cell follows.
    """

    kind: str
    grade_id: str
    source: str
    points: float = 0.0
    solution: str = ""

    @functools.cached_property
    def hidden(self) -> frozenset[int]:
        """The numbers of the lines (from 1) that students never see."""
        inside, lines = False, set()
        for number, line in enumerate(self.source.splitlines(), 1):
            inside = inside or line.strip() == BEGIN
            if inside:
                lines.add(number)
            inside = inside and line.strip() != END
        return frozenset(lines)

    @functools.cached_property
    def about(self) -> str:
        """The property a test cell names in its docstring, else its `grade_id`."""
        return ast.get_docstring(ast.parse(self.source)) or self.grade_id


@dataclass(frozen=True)
class Plan:
    """What a set asks: its code cells in order."""

    set: str
    cells: tuple[Cell, ...]

    @property
    def tests(self) -> list[Cell]:
        """The test cells in order."""
        return [cell for cell in self.cells if cell.kind == "test"]

    @property
    def max_score(self) -> float:
        """The points of all tests."""
        return float(sum(cell.points for cell in self.tests))

    @functools.cached_property
    def names(self) -> dict[str, str]:
        """What solution and given cells define at top level: name to `function` or `value`."""
        found: dict[str, str] = {}
        for cell in self.cells:
            if cell.kind in ("solution", "given"):
                found |= defined_names(cell.source)
        return found

    @functools.cached_property
    def key(self) -> str:
        """A hash of all that the plan asks."""
        content = [self.set, [asdict(cell) for cell in self.cells]]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()


class Written(NamedTuple):
    """One cell of a submission that counts: a solution cell of the plan or an added cell."""

    grade_id: str | None
    cell_type: str
    text: str
    key: str  # names its outputs in a result


def read_plan(text: str, set_name: str) -> Plan:
    """Read the plan of a set from the text of its source notebook.

    Raises:
        UsageError: if the notebook cannot be graded; the message names the cell.
    """
    try:
        notebook = json.loads(text)
        cells = [_plan_cell(cell) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"the source notebook of {set_name} cannot be read: {error!r}") from None
    kept, solution = [], ""
    for cell in filter(None, cells):
        solution = cell.grade_id if cell.kind == "solution" else solution
        kept.append(Cell(cell.kind, cell.grade_id, cell.source, cell.points, solution))
    _check(kept, set_name)
    return Plan(set_name, tuple(kept))


def _plan_cell(cell: dict) -> Cell | None:
    settings = cell["metadata"].get("nbgrader")
    if not settings:
        return None
    name, grade = settings["grade_id"], settings.get("grade")
    if settings.get("solution") and grade:
        raise UsageError(f"cell {name} is graded by hand: the grader knows only tested cells")
    given = "given" in cell["metadata"].get("tags", ())
    kind = "test" if grade else "solution" if settings.get("solution") else "setup"
    kind = "given" if kind == "setup" and given else kind
    points = float(settings.get("points", 0)) if grade else 0.0
    return Cell(kind, name, _text(cell), points)


def _check(cells: list[Cell], set_name: str) -> None:
    names = [cell.grade_id for cell in cells]
    for cell in cells:
        if names.count(cell.grade_id) > 1:
            raise UsageError(f"{set_name}: two cells are called {cell.grade_id}")
        try:
            ast.parse(cell.source)
        except SyntaxError as error:
            raise UsageError(f"{set_name}: cell {cell.grade_id} is not Python: {error}") from None
        if cell.source.count(BEGIN) != cell.source.count(END):
            raise UsageError(f"{set_name}: cell {cell.grade_id} does not end its hidden part")
    if not any(cell.kind == "test" for cell in cells):
        raise UsageError(f"{set_name} has no test cell")


def defined_names(source: str) -> dict[str, str]:
    r"""The names a cell defines by a top-level `def`, `class` or assignment, not by an import.

    Example:
        >>> defined_names("import math\ndef f(x): return x\na, b = 1, 2")
        {'f': 'function', 'a': 'value', 'b': 'value'}
    """
    found = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found[node.name] = "function"
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            leaves = (leaf for target in targets for leaf in ast.walk(target))
            stored = (leaf for leaf in leaves if isinstance(leaf, ast.Name))
            found |= {leaf.id: "value" for leaf in stored if isinstance(leaf.ctx, ast.Store)}
    return found


def written(plan: Plan, text: str) -> list[Written]:
    """The cells of a submission that count, in its order; of duplicates the last alone.

    A cell that carries the id of a locked cell of the plan leaves only its place: an entry with
    that id and no text.

    Raises:
        UnreadableError: if the text is not a notebook; the message says why.
    """
    kinds = {cell.grade_id: cell.kind for cell in plan.cells}
    entries = []
    for number, cell in enumerate(_cells(text)):
        name, cell_type, source = _grade_id(cell), cell.get("cell_type"), _text(cell)
        if name not in kinds:
            entries.append(
                Written(None, "code" if cell_type == "code" else "markdown", source, f"+{number}")
            )
        elif kinds[name] == "solution" and cell_type == "code":
            entries.append(Written(name, "code", source, name))
        else:
            entries.append(Written(name, "code", "", name))
    last = {entry.key: number for number, entry in enumerate(entries)}
    return [entry for number, entry in enumerate(entries) if last[entry.key] == number]


def _cells(text: str) -> list[dict]:
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError):
        raise UnreadableError("the file is not a notebook: it is not JSON") from None
    notebook = notebook if isinstance(notebook, dict) else {}
    cells = notebook.get("cells")
    if cells is None and "worksheets" in notebook:
        raise UnreadableError("the notebook is in the format of before 2015 (nbformat 3)")
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        raise UnreadableError("the file is not a notebook: it has no list of cells")
    if len(cells) > MOST_CELLS:
        raise UnreadableError(f"the notebook has more than {MOST_CELLS} cells")
    return cells


def _grade_id(cell: dict) -> str | None:
    metadata = cell.get("metadata")
    settings = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    name = settings.get("grade_id") if isinstance(settings, dict) else None
    return name if isinstance(name, str) else None


def _text(cell: dict) -> str:
    return joined(cell.get("source")).encode("utf-8", "replace").decode()


def joined(value) -> str:
    """The text that a notebook stores as a string or as a list of lines; anything else is none."""
    lines = value if isinstance(value, list) else [value]
    return "".join(line for line in lines if isinstance(line, str))
