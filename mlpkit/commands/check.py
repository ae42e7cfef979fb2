"""Run the visible tests of a problem set on what a student wrote.

The answers are those of the student's notebook, and they run in a fresh kernel, with the student's
own rights, as they do when the notebook is opened. The tests are those that the course handed out:
a test cell in the notebook itself is never run.

Cells run in the order of the problem set: cells that the student added stay behind the cell that
they follow, and the tests of an exercise come right after it. A test runs on a copy of the names,
so it leaves none behind.
"""

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from mlpkit.commands.errors import CommandError
from mlpkit.commands.kernel import Kernel, Reply
from mlpkit.commands.notebooks import (
    Notebook,
    defined_functions,
    grade_id_of,
    settings_of,
    text_of,
)
from mlpkit.commands.sets import PlanCell, ProblemSet

LIMIT = 10.0  # seconds for one cell
SETUP_LIMIT = 120.0  # importing torch for the first time can take long
LETTER = re.compile(r"name '[A-Za-z]' is not defined")  # as of choice = B
ENDINGS = {
    "timeout": f"did not end within {LIMIT:.0f} s: is there a loop that never ends?",
    "died": "ended Python itself",
}

Status = Literal["passed", "failed", "unwritten", "timeout", "died", "not-run"]


@dataclass(frozen=True)
class Checked:
    """How one visible test ended.

    Attributes:
        grade_id: the test cell.
        about: the property that it tests.
        points: what the test is worth when hidden inputs pass as well.
        status: how it ended; ``not-run`` after an answer that took too long or ended Python.
        message: what was wrong; "" if it passed.
    """

    grade_id: str
    about: str
    points: float
    status: Status
    message: str = ""


@dataclass(frozen=True)
class Exercise:
    """The visible tests of one exercise.

    Attributes:
        grade_id: that of its solution cell.
        title: the heading over it.
        tests: its tests in order.
    """

    grade_id: str
    title: str
    tests: list[Checked]

    @property
    def points(self) -> float:
        """What all its tests are worth."""
        return sum(test.points for test in self.tests)

    @property
    def in_reach(self) -> float:
        """What the tests that passed are worth, when hidden inputs pass as well."""
        return sum(test.points for test in self.tests if test.status == "passed")

    @property
    def passed(self) -> bool:
        """Whether all its visible tests pass."""
        return all(test.status == "passed" for test in self.tests)

    @property
    def untouched(self) -> bool:
        """Whether nothing was written."""
        return all(test.status == "unwritten" for test in self.tests)


@dataclass(frozen=True)
class Step:
    """A piece of code to run: a cell of the notebook, or a test of the problem set."""

    code: str
    cell: PlanCell | None  # None for a cell that the student added


def check(
    notebook: Notebook,
    problem_set: ProblemSet,
    *,
    exercises: list[str] | None = None,
    advance: Callable[[int, int], None] = lambda done, total: None,
) -> list[Exercise]:
    """Run the visible tests on a student's notebook.

    Args:
        notebook: what the student wrote.
        problem_set: the problem set as it was handed out.
        exercises: the solution cells to be tested; all of them when None.
        advance: called with the number of pieces run, and of all.

    Returns:
        The exercises in order, with their tests.

    Raises:
        InstallationError: if no kernel starts.
    """
    wanted = problem_set.exercises if exercises is None else exercises
    steps = schedule(notebook, problem_set, wanted)
    run = _Run(notebook.path.resolve().parent)
    try:
        for number, step in enumerate(steps):
            advance(number, len(steps))
            run.take(step)
        advance(len(steps), len(steps))
    finally:
        run.close()
    return [
        Exercise(name, problem_set.titles.get(name, name), run.checked[name]) for name in wanted
    ]


def schedule(notebook: Notebook, problem_set: ProblemSet, wanted: list[str]) -> list[Step]:
    """What is run, in order."""
    answers, added = sort_cells(notebook, problem_set)
    steps = [Step(text, None) for text in added.get("", [])]
    for cell in problem_set.cells:
        if cell.kind != "test":
            code = answers.get(cell.grade_id, "") if cell.kind == "solution" else cell.source
            steps.append(Step(code, cell))
        elif cell.exercise in wanted:
            steps.append(Step(cell.source, cell))
        steps.extend(Step(text, None) for text in added.get(cell.grade_id, []))
    return steps


def sort_cells(
    notebook: Notebook, problem_set: ProblemSet
) -> tuple[dict[str, str], dict[str, list[str]]]:
    """The answers by `grade_id`, and the added cells by the named cell that they follow.

    An answer in parts is put together; one whose cell lost its name is found by what it defines.
    """
    solutions = {cell.grade_id for cell in problem_set.cells if cell.kind == "solution"}
    name_of = _Names(notebook, problem_set)
    answers: dict[str, list[str]] = {}
    added: dict[str, list[str]] = {}
    last = ""
    for cell in notebook.cells:
        name = name_of(cell)
        last = name or last
        if name in solutions:
            answers.setdefault(last, []).append(text_of(cell))
        elif name is None and cell["cell_type"] == "code" and not settings_of(cell).get("grade"):
            added.setdefault(last, []).append(text_of(cell))
    return {name: "\n".join(parts) for name, parts in answers.items()}, added


class _Names:
    """Finds the name that a cell has in a problem set: its own, or by text, or what it defines."""

    def __init__(self, notebook: Notebook, problem_set: ProblemSet) -> None:
        present = {grade_id_of(cell) for cell in notebook.cells}
        self._known = {cell.grade_id for cell in problem_set.cells}
        self._by_text = {cell.source.strip(): cell.grade_id for cell in problem_set.cells}
        self._by_function = {
            function: cell.grade_id
            for cell in problem_set.cells
            if cell.kind == "solution" and cell.grade_id not in present
            for function in defined_functions(cell.source)
        }

    def __call__(self, cell: dict[str, Any]) -> str | None:
        """The name; None if the cell is not one of the set's."""
        text = text_of(cell)
        name = grade_id_of(cell) or self._by_text.get(text.strip())
        if name in self._known:
            return name
        if cell["cell_type"] != "code":
            return None
        functions = defined_functions(text) & self._by_function.keys()
        return self._by_function[min(functions)] if functions else None


class _Run:
    """One kernel's way through the steps, and what came of it."""

    def __init__(self, folder: Path) -> None:
        self.checked: dict[str, list[Checked]] = {}
        self._kernel = Kernel(folder)
        self._done: list[str] = []  # what a new kernel has to run again
        self._stopped: dict[str, str] = {}  # why the answer to an exercise is not there
        self._unwritten: set[str] = set()  # exercises whose cell is as it was handed out
        self._ended: dict[str, Status] = {}  # exercises of which a test hung, or ended Python

    def close(self) -> None:
        self._kernel.close()

    def take(self, step: Step) -> None:
        """Run one step."""
        if step.cell is not None and step.cell.kind == "test":
            checked = self._test(step.cell)
            self.checked.setdefault(step.cell.exercise, []).append(checked)
        else:
            self._cell(step)

    def _cell(self, step: Step) -> None:
        if step.cell is not None and step.cell.kind == "solution" and _is_stub(step):
            self._unwritten.add(step.cell.grade_id)
        is_setup = step.cell is not None and step.cell.kind == "setup"
        reply = self._run(step.code, SETUP_LIMIT if is_setup else LIMIT)
        if reply.status in ("ok", "error"):
            self._done.append(step.code)  # an error may come after the definition that counts
        if reply.status != "ok" and step.cell is not None:
            self._stopped[step.cell.grade_id] = _why(reply, step.code)

    def _test(self, cell: PlanCell) -> Checked:
        def checked(status: Status, message: str = "") -> Checked:
            return Checked(cell.grade_id, cell.about, cell.points, status, message)

        if cell.exercise in self._unwritten:
            return checked("unwritten", "not written yet")
        if cell.exercise in self._ended:
            return checked("not-run", f"another test {ENDINGS[self._ended[cell.exercise]]}")
        reply = self._run(_code_of_test(cell), LIMIT)
        match reply.status:
            case "ok":
                return checked("passed")
            case "timeout" | "died":
                self._ended[cell.exercise] = reply.status
                return checked(reply.status, ENDINGS[reply.status])
        stopped = self._stopped.get(cell.exercise)
        if reply.kind == "NameError" and stopped:
            return checked("failed", stopped)
        if reply.kind == "NotImplementedError":
            return checked("unwritten", "not written yet")
        return checked("failed", _what_failed(reply))

    def _run(self, code: str, limit: float) -> Reply:
        starts = self._kernel.starts
        reply = self._kernel.run(code, limit)
        if self._kernel.starts > starts:
            for earlier in self._done:
                self._kernel.run(earlier, SETUP_LIMIT)
        return reply


def _code_of_test(cell: PlanCell) -> str:
    """What runs a test on a copy of the names, so that nothing of it stays.

    Python is told of the test's text, so that an error can show a line of it.
    """
    name, text = cell.grade_id, cell.source
    entry = f"(len({text!r}), None, {text!r}.splitlines(True), {name!r})"
    return (
        f"__import__('linecache').cache[{name!r}] = {entry}\n"
        f"exec(compile({text!r}, {name!r}, 'exec'), dict(get_ipython().user_ns))"
    )


def _what_failed(reply: Reply) -> str:
    """What a failed test says: as in the notebook, where `mlpkit.checks` has made that short."""
    text = reply.shown
    if not re.match(rf"{re.escape(reply.kind)}(: |$)", text, re.MULTILINE):
        text = f"{reply.kind}: {reply.message}"
    for kind in ("CheckError", "AssertionError"):
        text = text.removeprefix(f"{kind}: ")
    return text.strip()


def _is_stub(step: Step) -> bool:
    """Whether nothing was written into the cell of an exercise."""
    handed_out = step.cell.source if step.cell else ""
    return step.code.strip() in ("", handed_out.strip())


def _why(reply: Reply, code: str) -> str:
    """Why a cell did not get to its end, in one sentence."""
    if reply.status in ENDINGS:
        return f"its cell {ENDINGS[reply.status]}"
    try:
        ast.parse(code)
    except SyntaxError as error:
        return f"its cell is no Python: {error.msg} (line {error.lineno})"
    except (ValueError, RecursionError, MemoryError):
        pass  # the kernel has said what it is
    advice = ", put the letter in quotes" if LETTER.fullmatch(reply.message) else ""
    return f"its cell stopped with {reply.kind}: {reply.message}{advice}"


# --- which notebook, and of which problem set ------------------------------------------------


def find_notebook(name: str, start: Path) -> Path:
    """A student's notebook of a problem set, searched upwards from a folder.

    Raises:
        CommandError: if there is none.
    """
    for folder in (start, *start.parents):
        for place in (f"{name}.ipynb", f"{name}/{name}.ipynb", f"work/{name}/{name}.ipynb"):
            path = folder / place
            if path.is_file() and folder.name != "exercises":
                return path
    raise CommandError(f"there is no {name}.ipynb here or above: `mlpkit start {name}` makes one")


def set_of(notebook: Notebook, sets: dict[str, ProblemSet]) -> ProblemSet:
    """The problem set that a notebook belongs to: the one with which it shares most cells.

    Raises:
        CommandError: if it belongs to none.
    """
    names = {grade_id_of(cell) for cell in notebook.cells}

    def shared(problem_set: ProblemSet) -> int:
        return sum(cell.grade_id in names for cell in problem_set.cells if cell.kind == "solution")

    best = max(sets.values(), key=shared)
    if shared(best) > 0:
        return best
    if notebook.path.stem in sets:
        return sets[notebook.path.stem]
    known = ", ".join(sets)
    raise CommandError(f"{notebook.path} is no problem set of this course (they are: {known})")
