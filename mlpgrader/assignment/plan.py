"""What a problem set asks, read from the text of its source notebook.

The plan is the only source of cells, tests, points and their order. Nothing of it is run here.
"""

import ast
import functools
import hashlib
import json
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from mlpgrader.assignment.syntax import parse
from mlpgrader.errors import UsageError

BEGIN = "### BEGIN HIDDEN TESTS"
END = "### END HIDDEN TESTS"

CellKind = Literal["setup", "given", "solution", "test"]
NameKind = Literal["function", "value"]


@dataclass(frozen=True)
class Cell:
    """One code cell of the plan.

    Attributes:
        kind: which role it has in the set.
        grade_id: nbgrader's name of the cell.
        source: its text; of a solution cell, the reference solution.
        points: what a test cell is worth.
        function: the `grade_id` of the solution cell that it is, or that it follows.
    """

    kind: CellKind
    grade_id: str
    source: str
    points: float = 0.0
    function: str = ""

    @functools.cached_property
    def hidden(self) -> frozenset[int]:
        """The numbers of the lines (from 1) that students never see, the marks included."""
        numbers = set()
        is_hidden = False
        for number, line in enumerate(self.source.splitlines(), 1):
            if line.strip() == BEGIN:
                is_hidden = True
            if is_hidden:
                numbers.add(number)
            if line.strip() == END:
                is_hidden = False
        return frozenset(numbers)

    @functools.cached_property
    def about(self) -> str:
        """The property a test cell names in its docstring, else its `grade_id`."""
        return ast.get_docstring(parse(self.source)) or self.grade_id


@dataclass(frozen=True)
class Plan:
    """What a set asks: its code cells in order."""

    set_name: str
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
    def names(self) -> dict[str, NameKind]:
        """What solution and given cells define at top level."""
        names: dict[str, NameKind] = {}
        for cell in self.cells:
            if cell.kind in ("solution", "given"):
                names |= defined_names(cell.source)
        return names

    @functools.cached_property
    def cell_of_name(self) -> dict[str, str]:
        """For each of these names, the `grade_id` of the last cell that defines it."""
        return {
            name: cell.grade_id
            for cell in self.cells
            if cell.kind in ("solution", "given")
            for name in defined_names(cell.source)
        }

    @functools.cached_property
    def imported_modules(self) -> frozenset[str]:
        """The modules that its cells import at top level, those of `mlpkit` left out."""
        modules: set[str] = set()
        for cell in self.cells:
            modules |= imported_modules(cell.source)
        return frozenset(name for name in modules if name.split(".")[0] != "mlpkit")

    @functools.cached_property
    def key(self) -> str:
        """A hash of all that the plan asks."""
        content = [self.set_name, [asdict(cell) for cell in self.cells]]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def read_plan(text: str, set_name: str) -> Plan:
    """Read the plan of a set from the text of its source notebook.

    Raises:
        UsageError: if the notebook cannot be graded; the message names the cell.
    """
    try:
        notebook = json.loads(text)
        read = [_read_cell(cell) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"the source notebook of {set_name} cannot be read: {error!r}") from None
    cells = []
    function = ""
    for cell in read:
        if cell is None:
            continue
        if cell.kind == "solution":
            function = cell.grade_id
        cells.append(replace(cell, function=function))
    _refuse_unfit(cells, set_name)
    return Plan(set_name, tuple(cells))


def _read_cell(cell: dict[str, Any]) -> Cell | None:
    """A code cell of the source; None if nbgrader has no name for it."""
    settings = cell["metadata"].get("nbgrader")
    if not settings:
        return None
    name = settings["grade_id"]
    kind = kind_of(cell)
    if kind != "test":
        return Cell(kind, name, text_of(cell))
    if settings.get("solution"):
        raise UsageError(f"cell {name} is graded by hand: the grader knows only tested cells")
    return Cell(kind, name, text_of(cell), float(settings.get("points", 0)))


def kind_of(cell: dict[str, Any]) -> CellKind:
    """Which role one of nbgrader's code cells has in the set.

    Example:
        >>> kind_of({"metadata": {"nbgrader": {"grade": True}}})
        'test'
        >>> kind_of({"metadata": {"nbgrader": {"locked": True}, "tags": ["given"]}})
        'given'
    """
    settings = cell["metadata"]["nbgrader"]
    if settings.get("grade"):
        return "test"
    if settings.get("solution"):
        return "solution"
    if "given" in cell["metadata"].get("tags", ()):
        return "given"
    return "setup"


def _refuse_unfit(cells: list[Cell], set_name: str) -> None:
    names = [cell.grade_id for cell in cells]
    for cell in cells:
        if names.count(cell.grade_id) > 1:
            raise UsageError(f"{set_name}: two cells are called {cell.grade_id}")
        try:
            parse(cell.source)
        except SyntaxError as error:
            raise UsageError(f"{set_name}: cell {cell.grade_id} is not Python: {error}") from None
        if cell.source.count(BEGIN) != cell.source.count(END):
            raise UsageError(f"{set_name}: cell {cell.grade_id} does not end its hidden part")
    if not any(cell.kind == "test" for cell in cells):
        raise UsageError(f"{set_name} has no test cell")


def file_of(set_name: str, grade_id: str) -> str:
    """The name of the file with right and wrong answers to an exercise.

    Example:
        >>> file_of("means", "trimmed-mean"), file_of("means", "means-choice")
        ('trimmed_mean.py', 'choice.py')
    """
    return grade_id.removeprefix(f"{set_name}-").replace("-", "_") + ".py"


def defined_names(source: str) -> dict[str, NameKind]:
    r"""The names a cell defines by a top-level `def`, `class` or assignment, not by an import.

    Example:
        >>> defined_names("import math\ndef f(x): return x\na, b = 1, 2")
        {'f': 'function', 'a': 'value', 'b': 'value'}
    """
    names: dict[str, NameKind] = {}
    for statement in parse(source).body:
        match statement:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                names[statement.name] = "function"
            case ast.Assign():
                for target in statement.targets:
                    names |= _assigned_names(target)
            case ast.AnnAssign() | ast.AugAssign():
                names |= _assigned_names(statement.target)
    return names


def _assigned_names(target: ast.expr) -> dict[str, NameKind]:
    """The names that an assignment to a target binds: not `x` of `x.y = 1` or `x[0] = 1`."""
    names: dict[str, NameKind] = {}
    for node in ast.walk(target):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names[node.id] = "value"
    return names


def imported_modules(source: str) -> set[str]:
    r"""The modules that a cell imports at top level.

    Example:
        >>> sorted(imported_modules("import math, torch.fx\nfrom torch import nn"))
        ['math', 'torch', 'torch.fx']
    """
    modules: set[str] = set()
    for statement in parse(source).body:
        match statement:
            case ast.Import():
                modules.update(alias.name for alias in statement.names)
            case ast.ImportFrom(module=str(module), level=0):
                modules.add(module)
    return modules


def text_of(cell: dict[str, Any]) -> str:
    """The text of a notebook's cell, fit to be written as UTF-8."""
    return joined(cell.get("source")).encode("utf-8", "replace").decode()


def joined(value: Any) -> str:
    """The text that a notebook stores as a string or as a list of lines; anything else is none."""
    lines = value if isinstance(value, list) else [value]
    return "".join(line for line in lines if isinstance(line, str))
