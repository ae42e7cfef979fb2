"""A made-up class, to grade and to look at: `python -m tests.support.sample_class FOLDER [SET …]`.

Fourteen students per problem set, each with one way in which submissions come out in practice.
The folder is a course of its own: solutions/, submitted/, nbgrader_config.py and a gradebook that
knows the students' names and the due dates.

`make sample` runs this, and so does `make course`, yet it lies with what tests share: its students
hand in reference solutions and variants, which no installed package holds, and the tests of the
grader grade the same class.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import nbformat
from nbformat import NotebookNode

from mlpgrader.course.gradebook import open_gradebook
from tests.support.variants import EXERCISES, ROOT, sets, solutions, submission, variants_of

DUE = datetime(2026, 3, 6, 18)
IN_TIME = -timedelta(hours=5)
MARKER = "sample.txt"
NOTHING_HANDED_IN = "yuki.tanaka"

MakeSubmission = Callable[[str], NotebookNode | str]


class Student(NamedTuple):
    """How a student's notebook of a set is made, from the name of the set, and when it comes."""

    make: MakeSubmission
    handed_in: datetime


STUDENTS: dict[str, Student] = {}


def student(
    name: str, *, after_due: timedelta = IN_TIME
) -> Callable[[MakeSubmission], MakeSubmission]:
    """Register how a student's notebook of a set is made, and when it is handed in."""

    def register(make: MakeSubmission) -> MakeSubmission:
        STUDENTS[name] = Student(make, DUE + after_due)
        return make

    return register


def functions(set_name: str) -> dict[str, str]:
    """The reference solutions that define a function, by grade_id."""
    answers = solutions(set_name)
    return {name: text for name, text in answers.items() if "def " in text.split("class ")[0]}


def first_function(set_name: str) -> tuple[str, str, str]:
    """The first exercise of a set: grade_id, function name, reference solution."""
    grade_id, text = next(iter(functions(set_name).items()))
    return grade_id, grade_id.replace("-", "_"), text


def cell_of(notebook: NotebookNode, grade_id: str) -> NotebookNode:
    """The cell of a notebook with this id."""
    return next(cell for cell in notebook.cells if cell["id"] == grade_id)


@student("amara.okafor")
def full_marks(set_name: str) -> NotebookNode:
    return submission(set_name)


@student("benedikt.lindgren")
def full_marks_in_another_style(set_name: str) -> NotebookNode:
    right = {v.grade_id: v.source for v in variants_of(set_name) if not v.fails}
    return submission(set_name, right)


@student("carmen.ibanez")
def the_first_half_only(set_name: str) -> NotebookNode:
    answers = list(solutions(set_name).items())
    return submission(set_name, dict(answers[: len(answers) // 2]), rest="stub")


@student("dilnoza.yusupova")
def usual_mistakes(set_name: str) -> NotebookNode:
    wrong = {v.grade_id: v.source for v in variants_of(set_name) if v.fails}
    return submission(set_name, wrong)


@student("eoin.gallagher")
def blank(set_name: str) -> NotebookNode:
    return submission(set_name, rest="stub")


@student("fatima.elsayed")
def ends_python(set_name: str) -> NotebookNode:
    grade_id, _, text = first_function(set_name)
    return submission(set_name, {grade_id: f"{text}\n\nimport os\n\nos._exit(0)"})


@student("giulia.ferrari")
def syntax_error(set_name: str) -> NotebookNode:
    grade_id, _, text = first_function(set_name)
    return submission(set_name, {grade_id: text.replace(":", "", 1)})


@student("henrik.sorensen")
def endless_loop(set_name: str) -> NotebookNode:
    grade_id, _, text = first_function(set_name)
    return submission(set_name, {grade_id: f"n = 1\nwhile n > 0:\n    n += 1\n\n{text}"})


@student("ivana.petrovic")
def writes_to_stderr(set_name: str) -> NotebookNode:
    grade_id, name, text = first_function(set_name)
    noisy = f"""

import sys

exact_{name} = {name}


def {name}(*args):
    print("{name} is called", file=sys.stderr)
    return exact_{name}(*args)"""
    return submission(set_name, {grade_id: text + noisy})


@student("jakub.nowak")
def deleted_cells(set_name: str) -> NotebookNode:
    notebook = submission(set_name)
    grade_id, _, _ = first_function(set_name)
    tests = [cell for cell in notebook.cells if cell["id"].startswith(f"{grade_id}-")]
    notebook.cells.remove(next(cell for cell in tests if "nbgrader" in cell.metadata))
    notebook.cells.remove(cell_of(notebook, list(functions(set_name))[-1]))
    return notebook


@student("kwame.mensah", after_due=timedelta(hours=2, minutes=10))
def late(set_name: str) -> NotebookNode:
    return submission(set_name)


@student("leila.haddad")
def changed_flags(set_name: str) -> NotebookNode:
    notebook = submission(set_name)
    grade_id, _, _ = first_function(set_name)
    cell_of(notebook, grade_id).metadata.nbgrader |= {"grade": True, "points": 20, "locked": True}
    return notebook


@student("mateus.oliveira")
def cells_of_their_own(set_name: str) -> NotebookNode:
    notebook = submission(set_name)
    grade_id, name, _ = first_function(set_name)
    place = notebook.cells.index(cell_of(notebook, grade_id)) + 1
    trial = nbformat.v4.new_code_cell(f'print("trying", {name}.__name__)\n{name}', id="trial")
    notes = nbformat.v4.new_markdown_cell(
        "To do: read *section 2* again <b>slowly</b>.", id="notes"
    )
    notebook.cells[place:place] = [trial, notes]
    return notebook


@student("noor.rahman")
def cut_off_upload(set_name: str) -> str:
    return json.dumps(submission(set_name))[:2000]


def build(folder: Path, *, only: list[str] | None = None) -> Path:
    """Make the sample class; what was graded there is kept unless the exercises changed.

    Args:
        folder: where to, a new folder or one that this function made.
        only: the problem sets, by default all.
    """
    set_names = only or sets()
    for set_name in set_names:
        if not (EXERCISES / set_name / f"{set_name}.ipynb").exists():
            sys.exit(f"exercises/{set_name} is missing: run make exercises first")
    prepare(folder, set_names)
    for set_name in set_names:
        source = ROOT / "solutions" / set_name
        shutil.copytree(source, folder / "solutions" / set_name, dirs_exist_ok=True)
        for name, who in STUDENTS.items():
            hand_in(folder / "submitted" / name / set_name, who.make(set_name), who.handed_in)
    enroll(folder, set_names)
    return folder


def prepare(folder: Path, set_names: list[str]) -> None:
    """Make the course folder, anew if the source of a set has changed."""
    if folder.exists() and not (folder / MARKER).exists():
        sys.exit(f"{folder} exists and is not a sample class: choose another folder")
    if folder.exists() and not all(same_source(folder, name) for name in set_names):
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARKER).write_text("A made-up class; make sample writes it anew.\n")
    shutil.copy(ROOT / "nbgrader_config.py", folder)


def same_source(folder: Path, set_name: str) -> bool:
    """Whether the folder's copy of a set's source is the one of today."""
    path = Path("solutions", set_name, f"{set_name}.ipynb")
    copy = folder / path
    return copy.exists() and copy.read_bytes() == (ROOT / path).read_bytes()


def hand_in(folder: Path, notebook: NotebookNode | str, when: datetime) -> None:
    """Write one submission as nbgrader's collection does."""
    folder.mkdir(parents=True, exist_ok=True)
    text = notebook if isinstance(notebook, str) else json.dumps(notebook, indent=1)
    (folder / f"{folder.name}.ipynb").write_text(text)
    (folder / "timestamp.txt").write_text(f"{when:%Y-%m-%d %H:%M:%S} UTC")


def enroll(folder: Path, set_names: list[str]) -> None:
    """Put students and due dates into the gradebook."""
    with closing(open_gradebook(folder)) as gradebook:
        for set_name in set_names:
            gradebook.update_or_create_assignment(set_name, duedate=DUE)
        for name in [*STUDENTS, NOTHING_HANDED_IN]:
            first, last = name.title().split(".")
            email = f"{name}@example.edu"
            gradebook.update_or_create_student(name, first_name=first, last_name=last, email=email)


def main() -> None:
    """Build the class that the command line asks for."""
    parser = argparse.ArgumentParser(description="Make a class of submissions to grade.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("sets", nargs="*", metavar="set", help="by default all")
    options = parser.parse_args()
    set_names = options.sets or sets()
    folder = build(options.folder, only=set_names)
    print(f"{len(STUDENTS)} students for each of {', '.join(set_names)} in {folder}/submitted")


if __name__ == "__main__":
    main()
