"""The autograded notebook of one submission: notebooks in, a notebook out; no file, no database.

It is the *master* of the set (what a student gets, hidden tests still in) with the student's text
in the solution cells, the cells that the student added, what those cells printed, and for each
test cell an output from which nbgrader's `determine_grade` reads the points of its verdict.
"""

import hashlib
import textwrap
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode, from_dict
from nbgrader.utils import compute_checksum, determine_grade, is_grade, is_solution

from mlpgrader.assignment.submission import SubmittedCell
from mlpgrader.clean import Room, clean_outputs, plain
from mlpgrader.course.shown import NOT_GRADED
from mlpgrader.results import SubmissionResult, TestResult


@dataclass(frozen=True)
class Place:
    """Where an added cell stands: right after a cell of the master, or at the start.

    Attributes:
        grade_id: nbgrader's name of that cell.
        text: its text, if it has no name.
    """

    grade_id: str = ""
    text: str = ""


START = Place()
OPEN = (NOT_GRADED, "Error")  # what a test shows whose points nobody has decided


def autograded(
    master: NotebookNode, submission: SubmissionResult, submitted_cells: Sequence[SubmittedCell]
) -> NotebookNode:
    """The master filled with what one student wrote, with outputs that carry the verdicts.

    Args:
        master: the source as nbgrader's own preprocessors leave it for grading.
        submission: how the submission was graded.
        submitted_cells: the student's cells that count.
    """
    texts = {cell.grade_id: cell.text for cell in submitted_cells if cell.grade_id}
    room = Room()
    added = added_cells(master, submitted_cells, submission.outputs, room)
    cells = added.pop(START, [])
    for cell in master.cells:
        # code of the master that has no name is the student's own, and comes as an added cell
        if grade_id(cell) or cell.cell_type != "code":
            cells.append(filled(cell, texts, submission, room))
        cells += added.pop(place_after(cell), [])
    return NotebookNode({**master, "cells": cells})


def ungraded(source: NotebookNode, submitted: NotebookNode) -> NotebookNode:
    """A notebook in which nothing is graded: its text as a student handed it in, none rendered.

    Args:
        source: the instructor's version; its own prose stays as it is.
        submitted: the student's.
    """
    prose = {cell.source: cell for cell in source.cells if cell.cell_type == "markdown"}
    cells = []
    for number, cell in enumerate(submitted.cells):
        made = added_cell(cell.cell_type, cell.source, [], number)
        if cell.cell_type == "markdown" and cell.source in prose:
            made = from_dict({**prose[cell.source], "id": made.id})
        cells.append(made)
    return NotebookNode({**source, "nbformat_minor": 5, "cells": cells})


def grade_id(cell: NotebookNode) -> str | None:
    """The name nbgrader has for a cell, None if it has none."""
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def is_untouched(cell: NotebookNode) -> bool:
    """Whether a solution cell of an autograded notebook is as it was handed out."""
    untouched: bool = cell.metadata.nbgrader.checksum == compute_checksum(cell)
    return untouched


def is_open(cell: NotebookNode) -> bool:
    """Whether a person has to grade a cell of an autograded notebook.

    It is a task, its test is at fault, or what was handed in cannot be read.
    """
    shown = [output.get("ename") for output in cell.get("outputs", [])]
    return not is_grade(cell) or any(name in OPEN for name in shown)


def place_after(cell: NotebookNode) -> Place:
    """The place right after a cell of the master."""
    name = grade_id(cell)
    return Place(grade_id=name) if name else Place(text=cell.source)


def added_cells(
    master: NotebookNode,
    submitted_cells: Sequence[SubmittedCell],
    outputs: dict[str, list[Any]],
    room: Room,
) -> dict[Place, list[NotebookNode]]:
    """The cells a student added, by their place in the master.

    The master's own prose comes back with each submission; it only marks a place.
    """
    unnamed = {cell.source: cell.cell_type for cell in master.cells if not grade_id(cell)}
    added: dict[Place, list[NotebookNode]] = defaultdict(list)
    place = START
    for number, cell in enumerate(submitted_cells):
        if cell.grade_id:
            place = Place(grade_id=cell.grade_id)
            continue
        if cell.text in unnamed:
            place = Place(text=cell.text)
        if unnamed.get(cell.text) != "markdown":
            shown = clean_outputs(outputs.get(cell.key), room)
            added[place].append(added_cell(cell.cell_type, cell.text, shown, number))
    return added


def filled(
    cell: NotebookNode, texts: dict[str, str], submission: SubmissionResult, room: Room
) -> NotebookNode:
    """A cell of the master with the student's text and outputs, or with a test's verdict."""
    source = cell.source
    if is_solution(cell):
        source = texts.get(cell.metadata.nbgrader.grade_id, "")
    if cell.cell_type != "code":
        # what nobody touched stays as it is, and nbgrader knows it by its checksum
        return NotebookNode(cell | {"source": as_prose(source)}) if source != cell.source else cell
    outputs = cell_outputs(cell, submission, room)
    return NotebookNode({**cell, "source": source, "outputs": outputs})


def cell_outputs(
    cell: NotebookNode, submission: SubmissionResult, room: Room
) -> list[NotebookNode]:
    """What a code cell printed, made safe, or the verdict of a test cell.

    Args:
        cell: a code cell of the master.
        submission: how the submission was graded.
        room: what is left of the submission's room.
    """
    name = grade_id(cell)
    if is_grade(cell) and not is_solution(cell):
        test = next((test for test in submission.tests if test.grade_id == name), None)
        max_points = cell.metadata.nbgrader.points
        return from_dict(verdict_outputs(test, max_points, submission.message))
    return from_dict(clean_outputs(submission.outputs.get(name or ""), room))


def added_cell(cell_type: str, text: str, outputs: list[Any], number: int) -> NotebookNode:
    """A cell that a student added; prose is shown as it was typed, never rendered.

    Its id is the same in every run, so that a file in which nothing changed is not written again.

    Args:
        cell_type: what is no code is shown as prose.
        text: what the student wrote.
        outputs: what it printed, made safe.
        number: its place in the notebook.
    """
    name = hashlib.sha256(f"{number} {text}".encode("utf-8", "replace")).hexdigest()[:8]
    # nbformat's own functions validate each new cell, which took longer than all the rest
    cell: dict[str, Any] = {"id": name, "cell_type": cell_type, "metadata": {}}
    if cell_type == "code":
        cell["source"] = text
        cell["outputs"] = outputs
        cell["execution_count"] = None
    else:
        cell["source"] = as_prose(text)
    return from_dict(cell)


def as_prose(text: str) -> str:
    """What a student wrote in a cell of prose, shown as it was typed, never rendered."""
    return textwrap.indent(text, "    ", lambda line: True)


def verdict_outputs(
    test: TestResult | None, max_points: float, message: str
) -> list[dict[str, Any]]:
    """Outputs for a test cell from which nbgrader's determine_grade reads the points given.

    No output means full marks, a number is partial credit, an error is zero.

    Args:
        test: the verdict; None if the submission was not graded.
        max_points: what the test cell is worth.
        message: why the submission was not graded.
    """
    if test is None:
        return [error_output(NOT_GRADED, message)]
    if test.points >= max_points:
        return []
    if test.points > 0:
        return [number_output(test.points)]
    return [error_output(test.status.capitalize(), test.message)]


def number_output(points: float) -> dict[str, Any]:
    """A number as the value of a cell, as a notebook stores it."""
    return {
        "output_type": "execute_result",
        "data": {"text/plain": repr(float(points))},
        "execution_count": None,
        "metadata": {},
    }


def error_output(name: str, message: str) -> dict[str, Any]:
    """An error as a notebook stores it."""
    message = plain(message)
    return {
        "output_type": "error",
        "ename": name,
        "evalue": message,
        "traceback": [f"{name}: {message}"],
    }


def scores_of(notebook: NotebookNode) -> dict[str, float | None]:
    """The points of each graded cell of an autograded notebook; None waits for a person."""
    scores: dict[str, float | None] = {}
    for cell in notebook.cells:
        settings = cell.metadata.get("nbgrader", {})
        if settings.get("grade") or settings.get("task"):
            scores[settings["grade_id"]] = None if is_open(cell) else determine_grade(cell)[0]
    return scores


def untouched_of(notebook: NotebookNode) -> list[str]:
    """The cells for a student's answer that are as they were handed out."""
    marks = [(cell, cell.metadata.get("nbgrader", {})) for cell in notebook.cells]
    return [
        settings["grade_id"]
        for cell, settings in marks
        if (settings.get("solution") or settings.get("task")) and is_untouched(cell)
    ]
