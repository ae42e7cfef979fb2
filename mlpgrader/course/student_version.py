"""What a student version has that stock nbgrader would not put there.

Three steps of `nbgrader generate_assignment`, which a course names in its nbgrader_config.py, so
that `mlpgrader release` and formgrader's *Generate* button run them, too. A set that has neither a
question nor a cell `<set>-exercises` is released as before.

- `Stubs`, in place of nbgrader's `ClearSolutions`: where a solution is a value, as in
  `choice = "C"`, the stub is `choice = None`. It raises nothing, so all cells of the notebook can
  be run, and whoever reads the notebook sees which name is asked for.
- `AddExercises`, after all that is hidden has gone: the cell `<set>-exercises`, in which a notebook
  tells its kernel what it asks by `checks.register(…)`, gets title, minutes and visible tests of
  each exercise. A kernel does not know its notebook.
- `Stamp`: the set and the release of the course, in the notebook's metadata, by which
  ``mlpkit start`` and ``check`` know a copy that is older than the course.
"""

import ast
import json
import re
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import ClearSolutions, NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution
from traitlets import Bool, Unicode

from mlpgrader.assignment.plan import Cell, kind_of
from mlpgrader.assignment.syntax import parse
from mlpgrader.course.autograded import grade_id

Resources = dict[str, Any]
Exercises = dict[str, dict[str, Any]]

HEADING = re.compile(
    r"^## (?P<title>.+?)(?: \([\d.]+ points?(?:, (?P<minutes>\d+) minutes?)?\))?\s*$", re.MULTILINE
)
EXERCISES = "-exercises"  # how the name of the cell ends that registers them
CHOICE = "-choice"


class Stubs(ClearSolutions):
    """nbgrader's `ClearSolutions`, with another stub where a solution is a value."""

    def preprocess_cell(
        self, cell: NotebookNode, resources: Resources, cell_index: int
    ) -> tuple[NotebookNode, Resources]:
        """Put a stub in place of the solution of a cell."""
        names = asked_values(cell)
        if not names:
            return super().preprocess_cell(cell, resources, cell_index)
        stub = "\n".join(f"{name} = None" for name in names)
        step = ClearSolutions(config=self.config, code_stub={"python": stub})
        return step.preprocess_cell(cell, resources, cell_index)


class AddExercises(NbGraderPreprocessor):
    """Tells the cell `<set>-exercises` what the notebook asks, and collapses it."""

    hints = Bool(True, help="Whether students can ask for the hints of the set.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Add the exercises of a notebook to its call of `checks.register`."""
        for cell in nb.cells:
            if registers_exercises(cell):
                cell.source = with_exercises(cell.source, exercises(nb), hints=self.hints)
                cell.metadata["jupyter"] = {"source_hidden": True}
        return nb, resources


class Stamp(NbGraderPreprocessor):
    """Writes into a notebook's metadata which set it is, and of which release of the course."""

    release = Unicode("", help="The release; a notebook gets no stamp without one.").tag(
        config=True
    )

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Stamp a notebook."""
        if self.release:
            name = resources["nbgrader"]["assignment"]
            nb.metadata["mlpkit"] = {"set": name, "release": self.release}
        return nb, resources


def registers_exercises(cell: NotebookNode) -> bool:
    """Whether a cell is the one that tells the kernel what the notebook asks."""
    is_code = cell.cell_type == "code"
    return is_code and (grade_id(cell) or "").endswith(EXERCISES) and kind_of(cell) == "setup"


def asked_values(cell: NotebookNode) -> list[str]:
    """The names that a solution cell binds, if it does nothing but assign to names."""
    if cell.cell_type != "code" or not is_solution(cell) or is_grade(cell):
        return []
    names = []
    for statement in parse(cell.source).body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)]):
                names.append(name)
            case _:
                return []
    return names


def exercises(notebook: NotebookNode) -> Exercises:
    """The exercises of a notebook by their function's name, with what students see of each test.

    The name of a question is `choice`.
    """
    found: Exercises = {}
    title, minutes = "", 0
    tests: dict[str, Any] = {}
    for cell in notebook.cells:
        name = grade_id(cell) or ""
        if cell.cell_type == "markdown":
            title, minutes = _heading(cell.source) or (title, minutes)
        elif is_solution(cell):
            tests = {}
            found[_name(name)] = {"title": title or name, "minutes": minutes, "tests": tests}
        elif is_grade(cell):
            tests[name] = _visible_test(cell)
    return {name: exercise for name, exercise in found.items() if exercise["tests"]}


def _heading(text: str) -> tuple[str, int] | None:
    """Title and minutes of the last heading of a Markdown cell."""
    headings = list(HEADING.finditer(text))
    if not headings:
        return None
    return headings[-1]["title"], int(headings[-1]["minutes"] or 0)


def _name(solution: str) -> str:
    if solution.endswith(CHOICE):
        return "choice"
    return solution.replace("-", "_")


def _visible_test(cell: NotebookNode) -> dict[str, Any]:
    source = cell.source.rstrip() + "\n"
    test = Cell("test", grade_id(cell) or "", source)
    about = " ".join(test.about.split())
    if cell.metadata.nbgrader.grade_id.endswith(f"{CHOICE}-answer"):
        about = "one of the letters; whether it is the right one, your feedback says"
    return {"about": about, "points": cell.metadata.nbgrader.points, "source": source}


def with_exercises(source: str, found: Exercises, *, hints: bool = True) -> str:
    """Add exercises to the call of `checks.register` in a cell's source.

    Args:
        source: the text of the cell.
        found: the exercises.
        hints: whether to keep the hints.

    Examples:
        >>> print(with_exercises('checks.register("a", hints={})', {}, hints=False))
        checks.register(
            "a",
            exercises={},
        )
    """
    call = _call_of_register(source)
    before, after = _around(source, call)
    arguments = [ast.get_source_segment(source, node) or "" for node in call.args]
    for keyword in call.keywords:
        if keyword.arg not in ("exercises", "hints") or (keyword.arg == "hints" and hints):
            arguments.append(ast.get_source_segment(source, keyword) or "")
    # of texts and numbers alone, so JSON is Python
    literal = json.dumps(found, indent=4, ensure_ascii=False)
    arguments.append(f"exercises={literal}".replace("\n", "\n    "))
    lines = "".join(f"    {argument},\n" for argument in arguments)
    return f"{before}checks.register(\n{lines}){after}"


def _call_of_register(source: str) -> ast.Call:
    for node in ast.walk(parse(source)):
        match node:
            case ast.Call(func=ast.Attribute(attr="register")):
                return node
    raise ValueError("the cell of the exercises does not call checks.register")


def _around(source: str, node: ast.expr) -> tuple[str, str]:
    """The text before an expression, and the text after it."""
    segment = ast.get_source_segment(source, node) or ""
    before, _, after = source.partition(segment)
    return before, after
