"""The visible tests of one notebook, for its author: the grader's own run, without hidden parts."""

from dataclasses import replace
from pathlib import Path

import click
from rich.markup import escape
from rich.table import Table

from mlpgrader.assignment.plan import Cell, Plan, read_plan
from mlpgrader.assignment.submission import submitted_cells
from mlpgrader.assignment.syntax import parse
from mlpgrader.clean import plain
from mlpgrader.course.folders import Course
from mlpgrader.course.submitted import decoded, original_name
from mlpgrader.errors import MachineError, UnreadableError, UsageError
from mlpgrader.results import SubmissionResult
from mlpgrader.runner.grade import grade_notebook


def only_notebook() -> Path:
    """The one notebook of the current folder.

    Raises:
        UsageError: if there is none, or more than one.
    """
    notebooks = sorted(Path().glob("*.ipynb"))
    if len(notebooks) != 1:
        names = ", ".join(path.name for path in notebooks) or "none"
        raise UsageError(f"say which notebook to check (in this folder: {names})")
    return notebooks[0]


def check_notebook(notebook: Path, course: Course | Path) -> SubmissionResult:
    """Run the visible tests: those of the course's student version, else the notebook's own.

    It is the author's code on the author's machine, so where no sandbox can be had it runs as in
    JupyterLab, and that is said.
    """
    released = _released(Course.open(course), notebook)
    try:
        text = decoded(notebook.read_bytes())
        tests = decoded(released.read_bytes())
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{notebook} cannot be read: {error}") from error
    plan = _with_names_of_answers(read_plan(tests, released.stem), text)
    try:
        return grade_notebook(plan, text)
    except MachineError as problem:
        click.echo(f"mlpkit: {problem}; your code runs without a sandbox", err=True)
        return grade_notebook(plan, text, unsafe=True)


def _released(course: Course, notebook: Path) -> Path:
    """The student version of the notebook's set; where there is none, the notebook itself."""
    for name in (notebook.stem, original_name(notebook.stem)):
        released = course.release_folder(name) / f"{name}.ipynb"
        if released.is_file():
            return released
    return notebook


def _with_names_of_answers(plan: Plan, text: str) -> Plan:
    """The plan of a student version, in which a stub need not define what its tests ask for."""
    try:
        answers = {cell.grade_id: cell.text for cell in submitted_cells(plan, text)}
    except UnreadableError:  # grading says why
        return plan
    cells = [_with_names_of_answer(cell, answers.get(cell.grade_id, "")) for cell in plan.cells]
    return replace(plan, cells=tuple(cells))


def _with_names_of_answer(cell: Cell, answer: str) -> Cell:
    if cell.kind != "solution":
        return cell
    both = f"{cell.source}\n{answer}"
    try:
        parse(both)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return cell
    return replace(cell, source=both)


def table(result: SubmissionResult) -> Table:
    """Each visible test with its status, and why it failed."""
    tests = Table(show_edge=False, pad_edge=False)
    for column in ("visible test", "status", "message"):
        tests.add_column(column)
    for test in result.tests:
        tests.add_row(test.grade_id, test.status, escape(plain(test.message)))
    return tests
