"""The visible tests of one notebook, for its author: the grader's own run, without hidden parts."""

from pathlib import Path

import click
from rich.markup import escape
from rich.table import Table

from mlpgrader.assignment.plan import read_plan
from mlpgrader.clean import plain
from mlpgrader.course.folders import Course
from mlpgrader.errors import MachineError, UsageError
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
    released = Course.open(course).release_folder(notebook.stem) / notebook.name
    try:
        text = notebook.read_text(encoding="utf-8")
        tests = released.read_text(encoding="utf-8") if released.is_file() else text
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{notebook} cannot be read: {error}") from error
    plan = read_plan(tests, notebook.stem)
    try:
        return grade_notebook(plan, text)
    except MachineError as problem:
        click.echo(f"mlpkit: {problem}; your code runs without a sandbox", err=True)
        return grade_notebook(plan, text, unsafe=True)


def table(result: SubmissionResult) -> Table:
    """Each visible test with its status, and why it failed."""
    tests = Table(show_edge=False, pad_edge=False)
    for column in ("visible test", "status", "message"):
        tests.add_column(column)
    for test in result.tests:
        tests.add_row(test.grade_id, test.status, escape(plain(test.message)))
    return tests
