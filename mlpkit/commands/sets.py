"""The problem sets of the course, as students get them.

They are part of the package, in ``mlpkit/exercises/`` of a wheel and in ``exercises/`` of a copy
of the repository. A folder ``exercises/`` at or above the place where a command is run comes
first, so that another course can use the same commands.
"""

import ast
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from packaging.version import InvalidVersion, Version

from mlpkit.commands.errors import InstallationError
from mlpkit.commands.notebooks import Notebook, grade_id_of, read_notebook, settings_of, text_of

# the order in which the chapters need them
ORDER = (
    "hidden-layers",
    "activations",
    "forward-propagation",
    "backpropagation",
    "initialization",
    "training",
)
HEADING = re.compile(r"## (.+)")
CHOICE_TEST = "-choice-answer"  # the end of the name of a question's test
# what its visible part finds out, which knows no more than the student
LETTERS = "one of the letters; your feedback will say whether it is the right one"
REMARK = re.compile(r" \([^()]*(?:point|minute)[^()]*\)$")

Kind = Literal["setup", "given", "solution", "test"]


@dataclass(frozen=True)
class PlanCell:
    """A cell of a problem set that its author named.

    Attributes:
        kind: which role it has.
        grade_id: its name.
        source: its text, as it was handed out.
        points: what a test cell is worth.
        exercise: the `grade_id` of the solution cell that it is, or that it follows.
    """

    kind: Kind
    grade_id: str
    source: str
    points: float
    exercise: str

    @property
    def about(self) -> str:
        """The property that a test cell names, as far as a student can see it; else its name."""
        if self.grade_id.endswith(CHOICE_TEST):
            return LETTERS
        try:
            return ast.get_docstring(ast.parse(self.source)) or self.grade_id
        except SyntaxError:
            return self.grade_id


@dataclass(frozen=True)
class ProblemSet:
    """A problem set as it was handed out.

    Attributes:
        name: such as ``"activations"``.
        path: its notebook.
    """

    name: str
    path: Path

    @cached_property
    def notebook(self) -> Notebook:
        """What is in its notebook."""
        return read_notebook(self.path)

    @property
    def release(self) -> str:
        """The release of the course that it belongs to; "" if it does not say."""
        return release_of(self.notebook)

    @cached_property
    def cells(self) -> list[PlanCell]:
        """Its named code cells in order."""
        cells = []
        exercise = ""
        for cell in self.notebook.cells:
            name = grade_id_of(cell)
            if name is None or cell["cell_type"] != "code":
                continue
            kind = kind_of(cell)
            if kind == "solution":
                exercise = name
            points = float(settings_of(cell).get("points", 0))
            cells.append(PlanCell(kind, name, text_of(cell), points, exercise))
        return cells

    @cached_property
    def titles(self) -> dict[str, str]:
        """The heading over each exercise, by the `grade_id` of its solution cell."""
        titles = {}
        heading = ""
        for cell in self.notebook.cells:
            if cell["cell_type"] == "markdown":
                found = HEADING.match(text_of(cell))
                if found:
                    heading = REMARK.sub("", found[1].strip())
            elif settings_of(cell).get("solution"):
                titles[str(grade_id_of(cell))] = heading
        return titles

    @property
    def exercises(self) -> list[str]:
        """The `grade_id` of each solution cell that a test belongs to."""
        return list(dict.fromkeys(cell.exercise for cell in self.cells if cell.kind == "test"))


def kind_of(cell: dict[str, Any]) -> Kind:
    """Which role a named code cell has."""
    settings = settings_of(cell)
    if settings.get("grade"):
        return "test"
    if settings.get("solution"):
        return "solution"
    if "given" in cell["metadata"].get("tags", ()):
        return "given"
    return "setup"


def release_of(notebook: Notebook) -> str:
    """The release of the course that a notebook comes from; "" if it does not say."""
    stamp = notebook.metadata.get("mlpkit")
    release = stamp.get("release") if isinstance(stamp, dict) else ""
    return release if isinstance(release, str) else ""


def other_release(notebook: Notebook, problem_set: ProblemSet) -> str:
    """What is to be said of a notebook that is of another release than its set; "" if nothing is.

    A notebook or a set that does not say its release is none of another.
    """
    theirs, ours = release_of(notebook), problem_set.release
    if not theirs or not ours or theirs == ours:
        return ""
    releases = f"of release {theirs}, and the course here is at {ours}"
    if _is_newer(theirs, ours):
        return f"{releases}: install the newer course, or its tests are not those of yours"
    return f"{releases}: `mlpkit start {problem_set.name} --update` takes your answers over"


def _is_newer(theirs: str, ours: str) -> bool:
    try:
        return Version(theirs) > Version(ours)
    except InvalidVersion:
        return False


def find_sets(start: Path) -> dict[str, ProblemSet]:
    """All problem sets, in the order in which the chapters need them.

    Args:
        start: the folder where the command runs; the first ``exercises/`` at or above it is used.

    Raises:
        InstallationError: if there are none, neither there nor in the package.
    """
    package = Path(__file__).resolve().parents[1]
    folders = [folder / "exercises" for folder in (start, *start.parents)]
    for folder in [*folders, package / "exercises", package.parent / "exercises"]:
        paths = {path.stem: path for path in folder.glob("*/*.ipynb") if is_named_as_folder(path)}
        if paths:
            return {name: ProblemSet(name, paths[name]) for name in sorted(paths, key=_place)}
    raise InstallationError("the exercises are missing from this installation: install it again")


def is_named_as_folder(path: Path) -> bool:
    """Whether a notebook is the one that its folder is named for."""
    return path.stem == path.parent.name


def _place(name: str) -> tuple[int, str]:
    return (ORDER.index(name) if name in ORDER else len(ORDER), name)
