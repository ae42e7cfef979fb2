"""What a problem set asks, read from the text of its source notebook.

The plan is the only source of cells, tests, points and their order. Nothing of it is run here.
"""

import ast
import functools
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from mlpgrader.assignment.names import (
    NOT_PYTHON,
    NameKind,
    bound_names,
    defined_names,
    imported_modules,
    imported_names,
    only_imports,
    used_names,
)
from mlpgrader.assignment.syntax import parse_cell
from mlpgrader.errors import UsageError

CellKind = Literal["setup", "given", "free", "solution", "test", "answer", "task"]
STUDENTS: tuple[CellKind, ...] = ("solution", "answer")  # whose text is the student's
BY_HAND: tuple[CellKind, ...] = ("answer", "task")


@dataclass(frozen=True)
class Settings:
    """What a course's configuration says of the text of its sources, and of judging it.

    Attributes:
        hidden: what a line contains that begins, and that ends, a hidden part.
        solution: the same of a solution.
        stub: what students get in place of a solution.
        apart_only: whether a test cell that cannot be judged apart is refused.
        inside_fallback: whether an answer that is no plain data has its test judged inside.
    """

    hidden: tuple[str, str] = ("BEGIN HIDDEN TESTS", "END HIDDEN TESTS")
    solution: tuple[str, str] = ("BEGIN SOLUTION", "END SOLUTION")
    stub: str = "# YOUR CODE HERE\nraise NotImplementedError()"
    apart_only: bool = False
    inside_fallback: bool = False


DEFAULTS = Settings()


@dataclass(frozen=True)
class Cell:
    """One cell of the plan: code, or what a person grades.

    Attributes:
        kind: which role it has in the set.
        grade_id: nbgrader's name of the cell; none of a free cell.
        source: its text; of a solution cell, the reference solution.
        points: what a test cell, or one that a person grades, is worth.
        function: the `grade_id` of the solution cell that it is, or that it follows.
        markers: what the first and the last line of a hidden part contain.
        is_code: whether it is a code cell.
    """

    kind: CellKind
    grade_id: str
    source: str
    points: float = 0.0
    function: str = ""
    markers: tuple[str, str] = DEFAULTS.hidden
    is_code: bool = True

    @functools.cached_property
    def hidden(self) -> frozenset[int]:
        """The numbers of the lines (from 1) that students never see, the marks included."""
        begin, end = self.markers
        numbers = set()
        is_hidden = False
        for number, line in enumerate(self.source.splitlines(), 1):
            if begin in line:
                is_hidden = True
            if is_hidden:
                numbers.add(number)
            if end in line:
                is_hidden = False
        return frozenset(numbers)

    @functools.cached_property
    def visible_source(self) -> str:
        """The lines before the first hidden one."""
        if not self.hidden:
            return self.source
        return "\n".join(self.source.splitlines()[: min(self.hidden) - 1])

    @functools.cached_property
    def about(self) -> str:
        """The property a test cell names in its docstring, else its `grade_id`."""
        try:
            return ast.get_docstring(parse_cell(self.source)) or self.grade_id
        except NOT_PYTHON:
            return self.grade_id


@dataclass(frozen=True)
class Plan:
    """What a notebook of a set asks: its cells in order.

    Attributes:
        set_name: the name of the notebook.
        cells: its cells that nbgrader has a name for.
        free: its other code cells, each after the number of `cells` that come before it. Students
            have them as cells of their own.
        settings: how the course wants it read and judged.
        files: what lies beside the notebook, by a hash of its content.
        folder: where that lies.
        inside: the test cells to judge inside; found by running the reference.
        refused: the test cells that the reference fails, and why.
        is_settled: whether it is known how each test cell is to be judged.
    """

    set_name: str
    cells: tuple[Cell, ...]
    free: tuple[tuple[int, Cell], ...] = ()
    settings: Settings = DEFAULTS
    files: tuple[tuple[str, str], ...] = ()
    folder: str = ""
    inside: frozenset[str] = frozenset()
    refused: Mapping[str, str] = field(default_factory=dict)
    is_settled: bool = True

    @functools.cached_property
    def tests(self) -> list[Cell]:
        """The test cells in order."""
        return [cell for cell in self.cells if cell.kind == "test"]

    @property
    def graded(self) -> list[Cell]:
        """The cells that are worth points, in order: tests, and what a person grades."""
        return [cell for cell in self.cells if cell.kind in ("test", *BY_HAND)]

    @property
    def max_score(self) -> float:
        """The points of all graded cells."""
        return float(sum(cell.points for cell in self.graded))

    @property
    def forgeable_points(self) -> float:
        """The points of the tests that are judged inside."""
        return float(sum(cell.points for cell in self.tests if cell.grade_id in self.inside))

    @functools.cached_property
    def code(self) -> list[Cell]:
        """All code cells in order, the free ones among them."""
        code = []
        for number in range(len(self.cells) + 1):
            code += [cell for place, cell in self.free if place == number]
            code += [cell for cell in self.cells[number : number + 1] if cell.is_code]
        return code

    @functools.cached_property
    def names(self) -> dict[str, NameKind]:
        """What the cells that a student may write, and given ones, define at top level."""
        names: dict[str, NameKind] = {}
        for cell in self.code:
            if cell.kind in ("solution", "answer", "given", "free"):
                names |= defined_names(cell.source)
        return names

    @functools.cached_property
    def setup(self) -> list[Cell]:
        """What a checker runs before the tests: setup cells, and free ones that only import."""
        return [
            cell
            for cell in self.code
            if cell.kind == "setup" or (cell.kind == "free" and only_imports(cell.source))
        ]

    @functools.cached_property
    def cell_of_name(self) -> dict[str, str]:
        """For each name that a named cell defines, the `grade_id` of the last that does."""
        return {
            name: cell.grade_id
            for cell in self.cells
            if cell.is_code and cell.kind in (*STUDENTS, "given")
            for name in defined_names(cell.source)
        }

    @functools.cached_property
    def imported_modules(self) -> frozenset[str]:
        """The modules that its cells import at top level, those of `mlpkit` left out."""
        modules: set[str] = set()
        for cell in self.code:
            modules |= imported_modules(cell.source)
        return frozenset(name for name in modules if name.split(".")[0] != "mlpkit")

    @functools.cached_property
    def earlier_tests(self) -> dict[str, list[str]]:
        """For each test the earlier ones that bind names which it uses, theirs among them."""
        needed: dict[str, list[str]] = {}
        binder: dict[str, str] = {}  # of a name: the test that bound it last
        known: set[str] = set()  # what cells that are no tests have bound
        for cell in self.code:
            bound = bound_names(cell.source)
            if cell.kind != "test":
                known |= bound
                binder = {name: test for name, test in binder.items() if name not in bound}
                continue
            direct = _binders(cell, binder)
            every = direct.union(*(needed[test] for test in direct))
            needed[cell.grade_id] = [test for test in needed if test in every]
            binder |= dict.fromkeys(_new_names(cell.source, known), cell.grade_id)
        return needed

    @functools.cached_property
    def carried_tests(self) -> frozenset[str]:
        """The tests whose visible part a later cell that is no test relies on."""
        binder: dict[str, str] = {}
        known: set[str] = set()
        carried = set()
        for cell in self.code:
            if cell.kind == "test":
                binder |= dict.fromkeys(_new_names(cell.visible_source, known), cell.grade_id)
                continue
            bound = bound_names(cell.source)
            known |= bound
            wanted = used_names(cell.source) - bound
            carried |= {binder[name] for name in wanted if name in binder}
            for name in bound:
                binder.pop(name, None)
        return frozenset(carried)

    @functools.cached_property
    def seeding_tests(self) -> frozenset[str]:
        """The tests whose visible part sets a generator for all: a later cell may draw from it."""
        return frozenset(cell.grade_id for cell in self.tests if SEED.search(cell.visible_source))

    @functools.cached_property
    def key(self) -> str:
        """A hash of all that the plan asks."""
        cells = [asdict(cell) for cell in (*self.code, *self.graded)]
        content = [self.set_name, cells, asdict(self.settings), self.files]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

    @functools.cached_property
    def judging(self) -> str:
        """A hash of which test cell is judged how."""
        content = [self.key, sorted(self.inside), dict(self.refused)]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()


SEED = re.compile(r"\b(?:random|torch)\.(?:manual_)?seed\(")


def read_plan(text: str, set_name: str, settings: Settings = DEFAULTS) -> Plan:
    """Read the plan of a set from the text of its source notebook.

    Args:
        text: the notebook.
        set_name: the name of the notebook.
        settings: how the course wants it read and judged.

    Raises:
        UsageError: if the notebook cannot be graded; the message names the cell.
    """
    try:
        notebook = json.loads(text)
        read = [_read_cell(cell, settings) for cell in notebook["cells"]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UsageError(f"the source notebook of {set_name} cannot be read: {error!r}") from None
    cells: list[Cell] = []
    free = []
    function = ""
    for cell in read:
        if cell is None:
            continue
        if cell.kind == "free":
            free.append((len(cells), cell))
            continue
        if cell.is_code and cell.kind in STUDENTS:
            function = cell.grade_id
        cells.append(replace(cell, function=function))
    _refuse_unfit(cells, set_name)
    return Plan(set_name, tuple(cells), tuple(free), settings)


def _read_cell(cell: dict[str, Any], settings: Settings) -> Cell | None:
    """A cell of the source; None if it is prose."""
    is_code = cell["cell_type"] == "code"
    kind = kind_of(cell)
    if kind == "free":
        return Cell(kind, "", text_of(cell)) if is_code else None
    if not is_code and kind not in (*STUDENTS, *BY_HAND):
        return None
    marks = cell["metadata"]["nbgrader"]
    name = _grade_id(marks)
    points = _points(marks, name) if kind in ("test", *BY_HAND) else 0.0
    return Cell(kind, name, text_of(cell), points, markers=settings.hidden, is_code=is_code)


def _grade_id(marks: dict[str, Any]) -> str:
    name = marks["grade_id"]
    if not isinstance(name, str) or not name:
        raise UsageError("one of nbgrader's cells has no grade_id: give it one in JupyterLab")
    return name


def _points(marks: dict[str, Any], name: str) -> float:
    try:
        return float(marks.get("points", 0))
    except (TypeError, ValueError):
        raise UsageError(f"cell {name} has no number of points: {marks['points']!r}") from None


def kind_of(cell: dict[str, Any]) -> CellKind:
    """Which role a cell of a source notebook has in the set.

    Example:
        >>> kind_of({"cell_type": "code", "metadata": {"nbgrader": {"grade": True}}})
        'test'
        >>> kind_of({"metadata": {"nbgrader": {"locked": True}, "tags": ["given"]}})
        'given'
        >>> kind_of({"metadata": {}})
        'free'
    """
    marks = cell["metadata"].get("nbgrader") or {}
    if marks.get("task"):
        return "task"
    if marks.get("grade"):
        is_code = cell.get("cell_type", "code") == "code"
        return "test" if is_code and not marks.get("solution") else "answer"
    if marks.get("solution"):
        return "solution"
    if not marks.get("locked"):
        return "free"
    if "given" in cell["metadata"].get("tags", ()):
        return "given"
    return "setup"


def _binders(cell: Cell, binder: Mapping[str, str]) -> set[str]:
    """The tests that bind names which another uses, and does not bind itself as a loop does."""
    wanted = used_names(cell.source) - bound_names(cell.source)
    return {binder[name] for name in wanted & binder.keys()}


def _new_names(source: str, known: set[str]) -> frozenset[str]:
    """What a test binds, but for what it only imports once more."""
    return bound_names(source) - (imported_names(source) & known)


def _refuse_unfit(cells: list[Cell], set_name: str) -> None:
    names = [cell.grade_id for cell in cells]
    for cell in cells:
        if names.count(cell.grade_id) > 1:
            raise UsageError(f"{set_name}: two cells are called {cell.grade_id}")
        if cell.kind in ("setup", "given", "test"):
            _refuse_no_python(cell, set_name)
        _refuse_open_hidden_part(cell, set_name)
    if not any(cell.kind in ("test", *BY_HAND) for cell in cells):
        raise UsageError(f"{set_name} has no test cell, and none that a person grades")
    _refuse_shadows(cells, set_name)


def _refuse_no_python(cell: Cell, set_name: str) -> None:
    try:
        parse_cell(cell.source)
    except NOT_PYTHON as error:
        raise UsageError(f"{set_name}: cell {cell.grade_id} is not Python: {error}") from None


def _refuse_open_hidden_part(cell: Cell, set_name: str) -> None:
    begin, end = cell.markers
    if cell.kind == "test" and cell.source.count(begin) != cell.source.count(end):
        raise UsageError(f"{set_name}: cell {cell.grade_id} does not end its hidden part")


def _refuse_shadows(cells: list[Cell], set_name: str) -> None:
    """Refuse a setup cell that binds the name of a function that a student is to write.

    The student who writes nothing would pass, with what the setup cell has.
    """
    bound: dict[str, str] = {}
    for cell in cells:
        if cell.kind == "setup":
            names = imported_names(cell.source).union(defined_names(cell.source))
            bound |= dict.fromkeys(names, cell.grade_id)
    solutions = [cell for cell in cells if cell.kind == "solution" and cell.is_code]
    for cell in solutions:
        for name in _functions(cell).intersection(bound):
            raise UsageError(
                f"{set_name}: setup cell {bound[name]} binds the name {name}, which students "
                f"are to define in cell {cell.grade_id}: who writes nothing would pass"
            )


def _functions(cell: Cell) -> set[str]:
    return {name for name, kind in defined_names(cell.source).items() if kind == "function"}


def file_of(set_name: str, grade_id: str) -> str:
    """The name of the file with right and wrong answers to an exercise.

    Example:
        >>> file_of("means", "trimmed-mean"), file_of("means", "means-choice")
        ('trimmed_mean.py', 'choice.py')
    """
    return grade_id.removeprefix(f"{set_name}-").replace("-", "_") + ".py"


def text_of(cell: dict[str, Any]) -> str:
    """The text of a notebook's cell, fit to be written as UTF-8."""
    return joined(cell.get("source")).encode("utf-8", "replace").decode()


def joined(value: Any) -> str:
    """The text that a notebook stores as a string or as a list of lines; anything else is none."""
    lines = value if isinstance(value, list) else [value]
    return "".join(line for line in lines if isinstance(line, str))
