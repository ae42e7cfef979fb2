"""Make the student version of a problem set, the same bytes each time.

`release` runs nbgrader's own `generate_assignment` on the source of a set, with the settings of
the course's ``nbgrader_config.py``: solutions become stubs, hidden tests go, cells get their
checksums. No gradebook is read or written. (What nbgrader calls *release* is handing out what this
makes.)

The id of one of nbgrader's cells becomes its ``grade_id``, so that an editor that drops metadata
does not lose the name. Else the student version is as nbgrader makes it, and a source is only read.

A course may ask for more, ``c.Mlpgrader.canonical = True``: source and student version are put into
*canonical form*, so that an exercise can be edited in JupyterLab and a change reads as a change: no
outputs and no execution counts, ids as above, and no metadata but what nbgrader, a tag or the
kernel needs. The stamp of the release stays, and so does that JupyterLab shows the cell collapsed
that registers the exercises. No cell's text is touched.
"""

import copy
import itertools
import logging.handlers
import re
import shutil
import stat
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory

from mlpgrader.course.autograded import grade_id
from mlpgrader.course.folders import Course, write
from mlpgrader.course.sources import is_canonical, source_notebooks
from mlpgrader.course.student_version import registers_exercises
from mlpgrader.errors import UsageError

# deletable and editable keep students from changing a test cell by accident
CELL_METADATA = ("deletable", "editable", "nbgrader", "tags")
NOTEBOOK_METADATA = ("kernelspec", "mlpkit")
CELL_ID = re.compile(r"[\w-]{1,64}", re.ASCII)  # what nbformat allows
CAUSE = re.compile(r"[\w.]*(Error|Exception|Entry)\b.*: ")


def release(course: Course | Path | str, set_name: str, to: Path | str | None = None) -> Path:
    """Write the student version of one problem set.

    Args:
        course: the course, or its folder.
        set_name: the problem set, such as ``"activations"``.
        to: the folder to write ``<set>/`` into; the course's own place for it when ``None``.

    Returns:
        The folder of the student version.

    Raises:
        UsageError: if there is no such problem set, or nbgrader cannot make its student version.
    """
    course = Course.open(course)
    source_notebooks(course, set_name)  # there is at least one
    target = Path(to, set_name) if to else course.release_folder(set_name)
    text_of = canonical_text if is_canonical(course, set_name) else named_text
    with tempfile.TemporaryDirectory() as folder:
        directory = course.directory()
        directory.assignment_id = set_name
        directory.release_directory = folder
        generated = Path(directory.format_path(folder, ".", set_name))
        if not generated.is_relative_to(folder):
            raise UsageError("directory_structure has to begin with {nbgrader_step}")
        _generate(directory, course, set_name)
        for path in generated.glob("**/*.ipynb"):
            path.write_text(text_of(path), encoding="utf-8")
        shutil.copytree(generated, target, dirs_exist_ok=True)
    return target


def tidy_source(course: Course | Path | str, set_name: str) -> list[Path]:
    """Put the source of a set into canonical form; gives the notebooks that this changed.

    Raises:
        UsageError: if there is no such set, or a source is no notebook.
    """
    course = Course.open(course)
    changed = []
    for path in source_notebooks(course, set_name):
        text = canonical_text(path)
        if text != path.read_text(encoding="utf-8"):
            mode = stat.S_IMODE(path.stat().st_mode)
            write(path.resolve(), text, mode=mode)
            changed.append(path)
    return changed


def _generate(directory: CourseDirectory, course: Course, set_name: str) -> None:
    config = copy.deepcopy(course.config)
    config.SaveCells.enabled = False  # what `nbgrader generate_assignment --no-db` sets
    messages = logging.handlers.BufferingHandler(capacity=1000)
    log = logging.Logger("release", logging.ERROR)
    log.addHandler(messages)
    try:
        GenerateAssignment(directory, no_database=True, config=config, log=log).start()
    except (NbGraderException, SystemExit) as error:
        # the log ends with advice; the fault is the last line of the traceback in it
        lines = [line for record in messages.buffer for line in record.getMessage().splitlines()]
        cause = next((line for line in reversed(lines) if CAUSE.match(line)), "see its source")
        raise UsageError(f"nbgrader cannot release {set_name}: {cause}") from error


def canonical_text(path: Path) -> str:
    """The text of a notebook's file in canonical form.

    Raises:
        UsageError: if the file is no notebook, or two of its cells have one name.
    """
    return _text_of(path, canonical)


def named_text(path: Path) -> str:
    """The text of a notebook's file with its cells named, and everything else as it is.

    Raises:
        UsageError: if the file is no notebook, or two of its cells have one name.
    """
    return _text_of(path, named)


def _text_of(path: Path, form: Callable[[NotebookNode], NotebookNode]) -> str:
    try:
        # not nbformat.read: that gives cells other ids where two have one, at random
        notebook = nbformat.reader.reads(path.read_text(encoding="utf-8-sig"))
        return nbformat.writes(form(nbformat.convert(notebook, 4))) + "\n"
    except (ValueError, LookupError, AttributeError, nbformat.ValidationError) as error:
        raise UsageError(f"{path} cannot be used: {error}") from error


def canonical(notebook: NotebookNode) -> NotebookNode:
    """Put a notebook into the form in which problem sets are stored; changes and returns it.

    Raises:
        ValueError: if two of nbgrader's cells have one name.
    """
    notebook.metadata = _needed(notebook.metadata, NOTEBOOK_METADATA)
    for cell in notebook.cells:
        cell.metadata = _needed(cell.metadata, CELL_METADATA + _shown_as(cell))
        if cell.cell_type == "code":
            cell.outputs = []
            cell.execution_count = None
    return named(notebook)


def named(notebook: NotebookNode) -> NotebookNode:
    """Give nbgrader's cells their names for ids; changes and returns the notebook.

    Raises:
        ValueError: if two of nbgrader's cells have one name.
    """
    notebook.nbformat = 4
    notebook.nbformat_minor = 5
    _name_cells(notebook.cells)
    return notebook


def _shown_as(cell: NotebookNode) -> tuple[str, ...]:
    """The metadata by which JupyterLab collapses a cell that nobody needs to read."""
    return ("jupyter",) if registers_exercises(cell) else ()


def _needed(metadata: NotebookNode, names: Sequence[str]) -> NotebookNode:
    """The part of metadata that is needed; an empty list of tags is not."""
    present = [name for name in names if metadata.get(name, []) != []]
    return NotebookNode({name: metadata[name] for name in present})


def _name_cells(cells: list[NotebookNode]) -> None:
    """Make `grade_id` the id of each of nbgrader's cells; other cells keep theirs if it is free."""
    counts = Counter(name for name in map(grade_id, cells) if name)
    for name, count in counts.items():
        if count > 1:
            raise ValueError(f"two cells are called {name}")
    taken = set(counts)
    for number, cell in enumerate(cells):
        name = grade_id(cell) or ""
        if CELL_ID.fullmatch(name):
            cell.id = name
        else:
            cell.id = _free_id(cell.get("id", f"cell-{number}"), taken)
            taken.add(cell.id)


def _free_id(cell_id: str, taken: set[str]) -> str:
    if cell_id not in taken:
        return cell_id
    numbered = (f"{cell_id}-{number}" for number in itertools.count(2))
    return next(name for name in numbered if name not in taken)
