"""The variants of the course's sets, and what it takes to run them in one process."""

import ast
import contextlib
import copy
import functools
import io
import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from types import CodeType

import nbformat

from mlpgrader.variants import read_variants

ROOT = Path(__file__).resolve().parents[2]
SOLUTIONS = ROOT / "solutions"
EXERCISES = ROOT / "exercises"
VARIANTS = ROOT / "variants"
MARKER = re.compile(r"^ *### (BEGIN|END) SOLUTION\n?", re.MULTILINE)


@dataclass(frozen=True)
class Variant:
    """One answer to an exercise of one set, and the test cells it fails."""

    set: str
    how: str
    source: str
    fails: frozenset[str]

    @property
    def grade_id(self) -> str:
        """The solution cell that this one stands in for."""
        names = defined_names(self.source)
        ids = [i for i, source in solutions(self.set).items() if defined_names(source) & names]
        if len(ids) != 1:
            raise ValueError(f"{self.set}, {self.how!r} answers {ids or 'no solution cell'}")
        return ids[0]


@functools.cache
def variants() -> tuple[Variant, ...]:
    """All variants of the sets that exist."""
    return tuple(
        Variant(name, found.how, found.source, found.fails)
        for name in sets()
        for found in read_variants(VARIANTS / name)
    )


def sets() -> list[str]:
    """The problem sets that have a source notebook."""
    return sorted(path.parent.name for path in SOLUTIONS.glob("*/*.ipynb"))


@functools.cache
def _read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


@functools.cache
def cells(set_name: str) -> list[nbformat.NotebookNode]:
    """The graded, solution and locked code cells of a set's source, in their order."""
    notebook = _read(SOLUTIONS / set_name / f"{set_name}.ipynb")
    return [c for c in notebook.cells if c.cell_type == "code" and "nbgrader" in c.metadata]


def role(cell: nbformat.NotebookNode) -> str:
    """Say what a cell is: ``solution``, ``test``, ``given`` or ``setup``."""
    data = cell.metadata.nbgrader
    if data.solution:
        return "solution"
    if data.grade:
        return "test"
    return "given" if "given" in cell.metadata.get("tags", []) else "setup"


@functools.cache
def solutions(set_name: str) -> dict[str, str]:
    """The reference solutions of a set, by ``grade_id`` and without their markers."""
    found = (c for c in cells(set_name) if role(c) == "solution")
    return {c.metadata.nbgrader.grade_id: MARKER.sub("", c.source) for c in found}


@functools.cache
def tests(set_name: str) -> dict[str, str]:
    """The test cells of a set, hidden part included, by ``grade_id``."""
    return {c.metadata.nbgrader.grade_id: c.source for c in cells(set_name) if role(c) == "test"}


def tests_of(set_name: str, grade_id: str) -> dict[str, str]:
    """The test cells of one solution cell: those whose ids start with its own, and go on."""
    ids = sorted(solutions(set_name), key=len, reverse=True)
    owner = {t: next(i for i in ids if t.startswith(f"{i}-")) for t in tests(set_name)}
    return {t: source for t, source in tests(set_name).items() if owner[t] == grade_id}


@functools.cache
def defined_names(source: str) -> frozenset[str]:
    """The names that a cell defines by a top-level ``def``, ``class`` or assignment."""
    names: set[str] = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found = (n for t in targets for n in ast.walk(t) if isinstance(n, ast.Name))
            names.update(n.id for n in found)
    return frozenset(names)


def failures(set_name: str, grade_id: str, source: str) -> dict[str, Exception]:
    """Run one solution cell among reference solutions, then its tests; what each failed one raised.

    All cells share a namespace, as in a notebook.
    """
    namespace: dict = {"__name__": "__main__"}
    raised = {}
    mine = tests_of(set_name, grade_id)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        for cell in cells(set_name):
            name, text = cell.metadata.nbgrader.grade_id, MARKER.sub("", cell.source)
            if role(cell) != "test":
                _run(source if name == grade_id else text, name, namespace)
            elif name in mine and (error := _run(text, name, namespace)):
                raised[name] = error
    return raised


def _run(text: str, name: str, namespace: dict) -> Exception | None:
    try:
        exec(_compiled(text, name), namespace)
    except Exception as error:
        return error
    return None


@functools.cache
def _compiled(text: str, name: str) -> CodeType:
    return compile(text, f"<{name}>", "exec")


@functools.cache
def failed(variant: Variant) -> frozenset[str]:
    """The test cells that a variant fails."""
    return frozenset(failures(variant.set, variant.grade_id, variant.source))


def submission(
    set_name: str, replacements: dict[str, str] | None = None, *, rest: str = "reference"
) -> nbformat.NotebookNode:
    """Build the notebook of a student.

    Args:
        set_name: the problem set, such as ``"activations"``.
        replacements: the text of solution cells, by ``grade_id``.
        rest: what the other solution cells hold: ``"reference"`` or ``"stub"``.

    Returns:
        The released notebook with its solution cells filled in.
    """
    answers = solutions(set_name) if rest == "reference" else {}
    answers = {**answers, **(replacements or {})}
    notebook = copy.deepcopy(_read(EXERCISES / set_name / f"{set_name}.ipynb"))
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if cell.cell_type == "code" and name in answers:
            cell.source = answers.pop(name)
    if answers:
        raise KeyError(f"{set_name} has no solution cell {sorted(answers)}")
    return notebook
