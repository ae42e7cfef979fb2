"""`nbgrader autograde` and formgrader's Autograde button, with the sandbox in place of a kernel.

A course names `SandboxedExecute` in its nbgrader_config.py where nbgrader has `Execute`. It makes
the notebook that `mlpgrader grade` would make; what nbgrader's later steps do is unchanged.
"""

import copy
import weakref
from pathlib import PurePosixPath
from typing import Any, NamedTuple

import nbformat
from nbformat import NotebookNode
from nbgrader.converters import Autograde
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Float, Integer

from mlpgrader.assignment.plan import Plan
from mlpgrader.assignment.submission import SubmittedCell, submitted_cells
from mlpgrader.course.autograded import autograded, ungraded
from mlpgrader.course.folders import Course, is_own_file
from mlpgrader.course.gradebook import make_master
from mlpgrader.course.sources import plans_of, reference_of
from mlpgrader.errors import UnreadableError
from mlpgrader.runner.grade import result_of
from mlpgrader.runner.pool import LocalPool
from mlpgrader.runner.ways import settle
from mlpgrader.runner.worker import MEMORY_MB, WorkerOptions

Resources = dict[str, Any]


class Grading(NamedTuple):
    """What a run of `nbgrader autograde` keeps from one submission to the next."""

    pool: LocalPool
    master: NotebookNode


GRADINGS: weakref.WeakKeyDictionary[Autograde, Grading] = weakref.WeakKeyDictionary()


class SandboxedExecute(NbGraderPreprocessor):
    """Grades a notebook in the sandbox, and writes the verdicts as outputs of its tests.

    Of the student's notebook nothing is kept but the text of cells, and prose is never rendered:
    formgrader would run what is in it. Files that lie in `autograded/` because nbgrader followed a
    link out of the submission are removed.
    """

    timeout = Float(10, help="CPU seconds for each cell and call.").tag(config=True)
    memory_mb = Integer(MEMORY_MB, help="Memory of a student's process, MB.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Give the notebook with verdicts in place of the one that was handed in."""
        course = Course.open(self._run.coursedir.root)
        names = resources["nbgrader"]
        student, set_name, name = names["student"], names["assignment"], names["notebook"]
        refuse_linked(course, student, set_name, f"{name}.ipynb")
        remove_linked(course, student, set_name)
        plan = next((p for p in plans_of(course, set_name) if p.set_name == name), None)
        if plan is None:
            return ungraded(source_notebook(course, set_name, name), nb), resources
        pool, master = self._grading(course, set_name, plan)
        text = nbformat.writes(nb)
        [(_, examined)] = pool.examine_all({"": text})
        result = result_of(pool.plan, student, examined)
        if result.status != "graded":
            self.log.error("%s of %s: %s, look at it", name, student, result.status)
        made = autograded(master, result, cells_in(pool.plan, text))
        return copy.deepcopy(made), resources

    @property
    def _run(self) -> Autograde:
        """The run of `nbgrader autograde`: it owns the exporter, which owns this."""
        return self.parent.parent

    def _grading(self, course: Course, set_name: str, plan: Plan) -> Grading:
        """What this run grades with; nbgrader makes a new preprocessor for each submission."""
        grading = GRADINGS.get(self._run)
        if grading is None or grading.pool.plan.key != plan.key:
            hide = tuple(map(str, course.places()))
            options = WorkerOptions(timeout=self.timeout, memory_mb=self.memory_mb, hide=hide)
            pool = LocalPool(plan, options)
            settle(course, plan, reference_of(course, set_name, plan), pool)
            weakref.finalize(self._run, pool.close)
            grading = Grading(pool, make_master(course, set_name, plan))
            GRADINGS[self._run] = grading
        return grading


def cells_in(plan: Plan, text: str) -> list[SubmittedCell]:
    """The cells of a submission that count; none where it cannot be read."""
    try:
        return submitted_cells(plan, text)
    except UnreadableError:
        return []


def source_notebook(course: Course, set_name: str, name: str) -> NotebookNode:
    """A notebook of a set's source; an empty one where there is none of that name."""
    path = course.source_folder(set_name) / f"{name}.ipynb"
    if not path.is_file():
        return nbformat.v4.new_notebook()
    return nbformat.read(path, as_version=4)


def refuse_linked(course: Course, student: str, set_name: str, name: str) -> None:
    """Raise UnreadableError where a student's notebook is no file of the student's own."""
    if not is_own_file(course, student, set_name, PurePosixPath(name)):
        raise UnreadableError(f"{name} of {student} is not a regular file, or lies behind a link")


def remove_linked(course: Course, student: str, set_name: str) -> None:
    """Remove from `autograded/` what nbgrader copied there through a link of the student's.

    It could be anything on the machine, and `nbgrader generate_feedback` would hand it out.
    """
    folder = course.autograded_folder(student, set_name)
    for path in folder.rglob("*"):
        file = PurePosixPath(path.relative_to(folder))
        is_ours = file.suffix == ".ipynb" or (course.source_folder(set_name) / file).is_file()
        if path.is_file() and not is_ours and not is_own_file(course, student, set_name, file):
            path.unlink()
