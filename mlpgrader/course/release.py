"""Make the student version of a problem set, the same bytes each time.

`release` runs nbgrader's own `generate_assignment` on ``solutions/<set>/`` with the settings of
the course's ``nbgrader_config.py``: solutions become stubs, hidden tests go, cells get their
checksums. No gradebook is read or written. What nbgrader makes is then put into canonical form:
no outputs and no execution counts, the id of a graded cell is its ``grade_id``, and no metadata
but what nbgrader, a tag or the kernel needs.
"""

import copy
import logging.handlers
import re
import shutil
import tempfile
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory

from mlpgrader.course.gradebook import course_directory
from mlpgrader.errors import UsageError

# deletable and editable keep students from changing a test cell by accident
CELL_METADATA = ("deletable", "editable", "nbgrader", "tags")
CAUSE = re.compile(r"[\w.]*(Error|Exception|Entry)\b.*: ")


def release(course_dir: Path | str, set_name: str, to: Path | str | None = None) -> Path:
    """Write the student version of one problem set.

    Args:
        course_dir: a folder laid out as nbgrader lays it out.
        set_name: the problem set, such as ``"activations"``.
        to: the folder to write ``<set>/`` into; the course's ``exercises/`` when ``None``.

    Returns:
        The folder of the student version.

    Raises:
        UsageError: if there is no such problem set, or nbgrader cannot make its student version.
    """
    folders = course_directory(Path(course_dir))
    release_directory = folders.release_directory
    source = Path(folders.format_path(folders.source_directory, ".", set_name))
    if not list(source.glob("*.ipynb")):
        raise UsageError(f"there is no problem set {set_name!r} in {source.parent}")
    with tempfile.TemporaryDirectory() as made:
        folders.assignment_id, folders.release_directory = set_name, made
        _generate(folders, set_name)
        for path in Path(made).glob("**/*.ipynb"):
            nbformat.write(canonical(nbformat.read(path, as_version=4)), path)
        to = Path(to) if to else Path(folders.root, release_directory)
        shutil.copytree(Path(made, set_name), to / set_name, dirs_exist_ok=True)
    return to / set_name


def _generate(folders: CourseDirectory, set_name: str) -> None:
    config = copy.deepcopy(folders.config)
    config.SaveCells.enabled = False  # what `nbgrader generate_assignment --no-db` sets
    said = logging.handlers.BufferingHandler(capacity=1000)
    log = logging.Logger("release", logging.ERROR)
    log.addHandler(said)
    try:
        GenerateAssignment(folders, no_database=True, config=config, log=log).start()
    except (NbGraderException, SystemExit) as error:
        # the log ends with advice; the fault is the last line of the traceback in it
        lines = [line for record in said.buffer for line in record.getMessage().splitlines()]
        cause = next((line for line in reversed(lines) if CAUSE.match(line)), "see its source")
        raise UsageError(f"nbgrader cannot release {set_name}: {cause}") from error


def canonical(notebook: NotebookNode) -> NotebookNode:
    """Put a notebook into the form in which problem sets are stored; changes and returns it."""
    kernel = notebook.metadata.kernelspec
    notebook.metadata = NotebookNode(kernelspec=kernel)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for cell in notebook.cells:
        kept = {k: v for k, v in cell.metadata.items() if k in CELL_METADATA and v != []}
        cell.metadata = NotebookNode(kept)
        cell.id = cell.metadata.get("nbgrader", {}).get("grade_id", cell.id)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook
