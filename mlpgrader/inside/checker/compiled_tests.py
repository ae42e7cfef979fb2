"""The tests of a set as an examiner keeps them: compiled, with the setup cells run once.

A test cell that no checker can run is kept all the same: it may be judged inside.
"""

import ast
import functools
from dataclasses import dataclass
from types import CodeType
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager
from IPython.core.interactiveshell import InteractiveShell

from mlpgrader.inside.messages import TestCell, TestPlan

TEST_FILE = "<test cell>"  # the file name of all that test cells define
VALUE = "_value_of_the_cell"  # the name that the value of a test cell's last line gets


@dataclass(frozen=True)
class Test:
    """One test cell, compiled.

    Attributes:
        number: its place in the plan.
        grade_id: nbgrader's name of the cell.
        about: the property that it tests, in words.
        source: its text, hidden part included.
        visible: what runs first, and what a student is told about when it fails.
        hidden: what runs after it in the same names; None if nothing is hidden.
        function: the `grade_id` of the solution cell that it tests.
        hidden_lines: the numbers of its hidden lines.
        earlier: the numbers of earlier tests that bind names which it uses.
        fault: why no checker can run it; nothing if one can.
        has_value: whether it ends in an expression, and so may end in a number of points.
    """

    number: int
    grade_id: str
    about: str
    source: str
    visible: CodeType
    hidden: CodeType | None
    function: str
    hidden_lines: frozenset[int] = frozenset()
    earlier: tuple[int, ...] = ()
    fault: str = ""
    has_value: bool = True

    @functools.cached_property
    def names(self) -> set[str]:
        """The names that it may look up."""
        return names_in(self.visible) | (names_in(self.hidden) if self.hidden else set())

    @property
    def visible_source(self) -> str:
        """The lines before the first hidden one."""
        if not self.hidden_lines:
            return self.source
        return "\n".join(self.source.splitlines()[: min(self.hidden_lines) - 1])


class CompiledTests:
    """All tests of a set, and what they have in common.

    Attributes:
        names: what the student's cells define: name to `function` or `value`.
        cells: for each of these names, the `grade_id` of the cell that defines it.
        tests: the tests in the plan's order.
        setup_names: what the setup cells define; each test starts from a copy.
        failed_setup: the number of the setup cell that raised, -1 if none did, and what it raised.
    """

    def __init__(self, plan: TestPlan):
        self.names = plan.names
        self.cells = plan.cells
        self.tests = [_compile_test(number, cell) for number, cell in enumerate(plan.tests)]
        self.setup_names: dict[str, Any] = {"__name__": "__main__"}
        self.failed_setup = self._run_setup(plan.setup)

    def _run_setup(self, cells: list[str]) -> tuple[int, str]:
        shell = InteractiveShell.instance() if InteractiveShell.initialized() else None
        for number, source in enumerate(cells):
            try:
                code = compile(_as_python(source), "<setup>", "exec")
                if shell is not None:  # of a magic, which becomes a call of it
                    self.setup_names["get_ipython"] = lambda: shell
                exec(code, self.setup_names)
            except BaseException as error:
                return number, f"{type(error).__name__}: {error}"
            finally:
                self.setup_names.pop("get_ipython", None)
        return -1, ""


def names_in(code: CodeType) -> set[str]:
    """The names that code looks up, that of functions in it included; attributes are among them."""
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            names |= names_in(constant)
    return names


def _compile_test(number: int, cell: TestCell) -> Test:
    fault = ""
    try:
        visible, hidden = _compile_parts(cell.source, cell.hidden)
    except (SyntaxError, ValueError) as error:
        visible, hidden = _compile(""), None
        fault = f"no checker can run it: {error}"
    return Test(
        number=number,
        grade_id=cell.grade_id,
        about=cell.about,
        source=cell.source,
        visible=visible,
        hidden=hidden,
        function=cell.function,
        hidden_lines=frozenset(cell.hidden),
        earlier=tuple(cell.earlier),
        fault=fault,
        has_value=_may_have_value(cell.source),
    )


def _compile_parts(source: str, hidden_lines: list[int]) -> tuple[CodeType, CodeType | None]:
    """Compile the lines before the first hidden one, and the others.

    Where a test cannot be cut there, all of it is the hidden part: nothing of it is shown.
    """
    if not hidden_lines:
        return _compile_last(source), None
    lines = source.splitlines()
    count = min(hidden_lines) - 1
    visible = "\n".join(lines[:count])
    hidden = "\n" * count + "\n".join(lines[count:])  # its lines keep their numbers
    try:
        return _compile(visible), _compile_last(hidden)
    except SyntaxError:
        return _compile(""), _compile_last(source)


def _compile(source: str) -> CodeType:
    return compile(source, TEST_FILE, "exec")


def _compile_last(source: str) -> CodeType:
    """Compile the end of a test; a value that a notebook would show gets the name `VALUE`."""
    tree = ast.parse(source)
    last = _last_expression(tree, source)
    if last is not None and not isinstance(last.value, ast.Constant | ast.Await):
        name = ast.copy_location(ast.Name(VALUE, ast.Store()), last)
        tree.body[-1] = ast.copy_location(ast.Assign([name], last.value), last)
    return compile(tree, TEST_FILE, "exec")


def _last_expression(tree: ast.Module, source: str) -> ast.Expr | None:
    """The expression that a cell ends in, whose value a notebook would show."""
    if not tree.body or source.rstrip().endswith(";"):
        return None
    last = tree.body[-1]
    return last if isinstance(last, ast.Expr) else None


def _may_have_value(source: str) -> bool:
    """Whether a cell may end in a value; one with a magic may."""
    try:
        return _last_expression(ast.parse(source), source) is not None
    except (SyntaxError, ValueError):
        return True


def _as_python(source: str) -> str:
    """A cell's text with its magics as calls."""
    try:
        ast.parse(source)
    except SyntaxError:
        text: str = TransformerManager().transform_cell(source)  # type: ignore[no-untyped-call]
        return text
    return source
