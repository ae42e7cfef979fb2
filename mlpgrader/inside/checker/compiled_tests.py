"""The tests of a set as an examiner keeps them: compiled, with the setup cells run once."""

from dataclasses import dataclass
from types import CodeType
from typing import Any

from mlpgrader.inside.messages import TestCell, TestPlan

TEST_FILE = "<test cell>"  # the file name of all that test cells define


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
    """

    number: int
    grade_id: str
    about: str
    source: str
    visible: CodeType
    hidden: CodeType | None
    function: str


class CompiledTests:
    """All tests of a set, and what they have in common.

    Attributes:
        names: what the student's cells define: name to `function` or `value`.
        cells: for each of these names, the `grade_id` of the cell that defines it.
        tests: the tests in the plan's order.
        setup_names: what the setup cells define; each test starts from a copy.
    """

    def __init__(self, plan: TestPlan):
        self.names = plan.names
        self.cells = plan.cells
        self.tests = [_compile_test(number, cell) for number, cell in enumerate(plan.tests)]
        self.setup_names: dict[str, Any] = {"__name__": "__main__"}
        for source in plan.setup:
            exec(compile(source, "<setup>", "exec"), self.setup_names)


def _compile_test(number: int, cell: TestCell) -> Test:
    visible, hidden = _compile_parts(cell.source, cell.hidden)
    return Test(
        number=number,
        grade_id=cell.grade_id,
        about=cell.about,
        source=cell.source,
        visible=visible,
        hidden=hidden,
        function=cell.function,
    )


def _compile_parts(source: str, hidden_lines: list[int]) -> tuple[CodeType, CodeType | None]:
    """Compile the lines before the first hidden one, and the others.

    Where a test cannot be cut there, all of it is the hidden part: nothing of it is shown.
    """
    if not hidden_lines:
        return _compile(source), None
    lines = source.splitlines()
    count = min(hidden_lines) - 1
    visible = "\n".join(lines[:count])
    hidden = "\n" * count + "\n".join(lines[count:])  # its lines keep their numbers
    try:
        return _compile(visible), _compile(hidden)
    except SyntaxError:
        return _compile(""), _compile(source)


def _compile(source: str) -> CodeType:
    return compile(source, TEST_FILE, "exec")
