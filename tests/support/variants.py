"""The course's problem sets and their variants, and what it takes to run them in one process.

A set is a folder of `solutions/` with its notebook; its variants are the files of the folder of
that name in `variants/`. Whoever adds a set adds those, and all that is tested follows.
"""

import contextlib
import copy
import functools
import io
import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Literal

import nbformat
import torch

from mlpgrader.assignment.plan import defined_names
from mlpgrader.variants import read_variants

ROOT = Path(__file__).resolve().parents[2]
SOLUTIONS = ROOT / "solutions"
EXERCISES = ROOT / "exercises"
VARIANTS = ROOT / "variants"
BEGIN_HIDDEN = "### BEGIN HIDDEN TESTS\n"
MARKER = re.compile(r"^ *### (BEGIN|END) SOLUTION\n?", re.MULTILINE)

Role = Literal["solution", "test", "given", "setup"]


@dataclass(frozen=True)
class CourseVariant:
    """One answer to an exercise of one set.

    Attributes:
        set: the problem set.
        grade_id: the solution cell that this one stands in for.
        how: how a right answer goes about it, or the mistake of a wrong one.
        source: the text of the cell.
        fails: the test cells that it is meant to fail; none if it is right.
        kind: the kind of mistake that the message of a visible test names.
        is_slip: whether it is one slip, which costs its own test and at most one more.
        unseen: why only hidden tests can catch it.
        file: the name of the file that registers it.
    """

    set: str
    grade_id: str
    how: str
    source: str
    fails: frozenset[str]
    kind: str
    is_slip: bool
    unseen: str
    file: str


@functools.cache
def variants() -> tuple[CourseVariant, ...]:
    """All variants of all sets."""
    return tuple(variant for set_name in sets() for variant in variants_of(set_name))


@functools.cache
def variants_of(set_name: str) -> tuple[CourseVariant, ...]:
    """All variants of a set."""
    return tuple(
        CourseVariant(
            set=set_name,
            grade_id=answered(set_name, answer.source),
            how=answer.how,
            source=answer.source,
            fails=answer.fails,
            kind=answer.kind,
            is_slip=answer.is_slip,
            unseen=answer.unseen,
            file=answer.file,
        )
        for answer in read_variants(VARIANTS / set_name)
    )


def answered(set_name: str, source: str) -> str:
    """The solution cell that defines a name which this text defines, too."""
    names = defined_names(source).keys()
    ids = [grade_id for grade_id, theirs in names_of_cells(set_name).items() if names & theirs]
    if len(ids) != 1:
        raise ValueError(f"{set_name}: {sorted(names)} answers {ids or 'no solution cell'}")
    return ids[0]


@functools.cache
def names_of_cells(set_name: str) -> dict[str, frozenset[str]]:
    """What each solution cell of a set defines, by ``grade_id``."""
    return {
        grade_id: frozenset(defined_names(source))
        for grade_id, source in solutions(set_name).items()
    }


def sets() -> list[str]:
    """The problem sets that have a source notebook."""
    return sorted(path.parent.name for path in SOLUTIONS.glob("*/*.ipynb"))


@functools.cache
def read_notebook(path: Path) -> nbformat.NotebookNode:
    """The notebook of a file, shared by all who ask for it."""
    return nbformat.read(path, as_version=4)


@functools.cache
def cells(set_name: str) -> list[nbformat.NotebookNode]:
    """The graded, solution and locked code cells of a set's source, in their order."""
    notebook = read_notebook(SOLUTIONS / set_name / f"{set_name}.ipynb")
    return [c for c in notebook.cells if c.cell_type == "code" and "nbgrader" in c.metadata]


def role(cell: nbformat.NotebookNode) -> Role:
    """What a cell is for."""
    settings = cell.metadata.nbgrader
    if settings.solution:
        return "solution"
    if settings.grade:
        return "test"
    if "given" in cell.metadata.get("tags", []):
        return "given"
    return "setup"


@functools.cache
def solutions(set_name: str) -> dict[str, str]:
    """The reference solutions of a set, by ``grade_id`` and without their markers."""
    return {
        cell.metadata.nbgrader.grade_id: MARKER.sub("", cell.source)
        for cell in cells(set_name)
        if role(cell) == "solution"
    }


@functools.cache
def tests(set_name: str) -> dict[str, str]:
    """The test cells of a set, hidden part included, by ``grade_id``."""
    return {
        cell.metadata.nbgrader.grade_id: cell.source
        for cell in cells(set_name)
        if role(cell) == "test"
    }


def tests_of(set_name: str, grade_id: str) -> dict[str, str]:
    """The test cells of one solution cell: those whose ids start with its own, and go on."""
    return {
        test: source
        for test, source in tests(set_name).items()
        if solution_of(set_name, test) == grade_id
    }


@functools.cache
def solution_of(set_name: str, test: str) -> str:
    """The solution cell of a test cell: of all ids that the test's begins with, the longest."""
    ids = sorted(solutions(set_name), key=len, reverse=True)
    return next(grade_id for grade_id in ids if test.startswith(f"{grade_id}-"))


def failures(set_name: str, grade_id: str, source: str, **names: object) -> dict[str, Exception]:
    """Run one solution cell among reference solutions, then its tests.

    All cells share a namespace, as in a notebook.

    Args:
        set_name: the problem set.
        grade_id: the solution cell.
        source: the text that stands in for it.
        names: what the namespace holds at the start.

    Returns:
        What each test cell that failed raised, by ``grade_id``.
    """
    return _failures(set_name, grade_id, source, tests_of(set_name, grade_id), names)


def visible_failures(set_name: str, grade_id: str, source: str) -> dict[str, Exception]:
    """Do what `failures` does with what a student sees of each test cell."""
    visible = {
        test: text.partition(BEGIN_HIDDEN)[0] for test, text in tests_of(set_name, grade_id).items()
    }
    return _failures(set_name, grade_id, source, visible, {})


def _failures(
    set_name: str, grade_id: str, source: str, own_tests: dict[str, str], names: dict[str, object]
) -> dict[str, Exception]:
    namespace = {"__name__": "__main__", **names}
    raised: dict[str, Exception] = {}
    silent = contextlib.redirect_stdout(io.StringIO())
    # some wrong answers leave gradients off, which would reach whatever runs next
    with warnings.catch_warnings(), torch.enable_grad(), silent:
        warnings.simplefilter("ignore")
        for cell in cells(set_name):
            name = cell.metadata.nbgrader.grade_id
            if role(cell) == "test" and name not in own_tests:
                continue
            text = own_tests.get(name, MARKER.sub("", cell.source))
            if name == grade_id:
                text = source
            error = _run(text, name, namespace)
            if error is not None and name in own_tests:
                raised[name] = error
    return raised


def _run(text: str, name: str, namespace: dict[str, object]) -> Exception | None:
    try:
        exec(_compiled(text, name), namespace)
    except Exception as error:
        return error
    return None


@functools.cache
def _compiled(text: str, name: str) -> CodeType:
    return compile(text, f"<{name}>", "exec")


def submission(
    set_name: str,
    replacements: dict[str, str] | None = None,
    *,
    rest: Literal["reference", "stub"] = "reference",
) -> nbformat.NotebookNode:
    """Build the notebook of a student.

    Args:
        set_name: the problem set, such as ``"activations"``.
        replacements: the text of solution cells, by ``grade_id``.
        rest: what the other solution cells hold.

    Returns:
        The released notebook with its solution cells filled in.
    """
    answers = dict(solutions(set_name)) if rest == "reference" else {}
    answers.update(replacements or {})
    notebook = copy.deepcopy(read_notebook(EXERCISES / set_name / f"{set_name}.ipynb"))
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if cell.cell_type == "code" and name in answers:
            cell.source = answers.pop(name)
    if answers:
        raise KeyError(f"{set_name} has no solution cell {sorted(answers)}")
    return notebook
