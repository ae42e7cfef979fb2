"""`nbgrader autograde` and formgrader's Autograde button, with the sandbox in place of a kernel.

A course names `SandboxedExecute` in its nbgrader_config.py where nbgrader has `Execute`, and
`SaveVerdicts` where it has `SaveAutoGrades`. The first puts the notebook there that `mlpgrader
grade` would have written, and removes what nbgrader copied through links; the second leaves to a
person what a person has to decide.
"""

import contextlib
import weakref
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.converters import Autograde
from nbgrader.preprocessors import NbGraderPreprocessor, SaveAutoGrades
from traitlets import Float, Integer

from mlpgrader.assignment.plan import Plan
from mlpgrader.course.autograded import autograded, is_open, ungraded
from mlpgrader.course.folders import Course, is_own_file
from mlpgrader.course.gradebook import cells_of, open_gradebook
from mlpgrader.course.preprocessing import save_master
from mlpgrader.course.sources import plans_of, reference_of
from mlpgrader.course.submitted import read_notebook
from mlpgrader.errors import UnreadableError
from mlpgrader.results import SubmissionResult
from mlpgrader.runner.examined import Examined
from mlpgrader.runner.grade import result_of
from mlpgrader.runner.pool import LocalPool
from mlpgrader.runner.ways import settle
from mlpgrader.runner.worker import MEMORY_MB, TIMEOUT, WorkerOptions

Resources = dict[str, Any]


@dataclass
class Graded:
    """A notebook of a set, while a class is graded.

    Attributes:
        course: the course.
        set_name: the set.
        plan: what the notebook asks, and how that is judged.
        master: what a submission is written into.
        pool: what examines submissions.
    """

    course: Course
    set_name: str
    plan: Plan
    master: NotebookNode
    pool: LocalPool

    def of(self, student: str) -> tuple[SubmissionResult, NotebookNode]:
        """The result of a student, and the notebook for people that goes with it."""
        notice = ""
        try:
            text, notice, _ = read_notebook(self.course, student, self.set_name, self.plan.set_name)
            [(_, examined)] = self.pool.examine_all({"": text})
        except UnreadableError as reason:
            examined = Examined("unreadable", str(reason))
        result = result_of(self.plan, student, examined, notice=notice)
        cells = cells_of(self.course, self.set_name, self.plan, student)
        return result, autograded(self.master, result, cells)


# the notebooks of a whole run of `nbgrader autograde`, by name
RUNS: weakref.WeakKeyDictionary[Autograde, dict[str, Graded]] = weakref.WeakKeyDictionary()


class SandboxedExecute(NbGraderPreprocessor):
    """Grades what a student handed in behind the walls, in place of running it in a kernel."""

    timeout = Float(TIMEOUT, help="CPU seconds for each cell and call.").tag(config=True)
    memory_mb = Integer(MEMORY_MB, help="Memory of a student's process, MB.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Give the notebook with its verdicts in place of the one that was handed in."""
        names = resources["nbgrader"]
        student, set_name, name = names["student"], names["assignment"], names["notebook"]
        course = Course.open(self._run.coursedir.root)
        remove_linked(course, student, set_name)
        graded = self._graded(set_name).get(name)
        if graded is None:  # a notebook of the set with nothing to grade
            return ungraded(source_notebook(course, set_name, name), nb), resources
        result, notebook = graded.of(student)
        if result.status != "graded":
            self.log.error("%s of %s: %s, look at it", name, student, result.status)
        return notebook, resources

    @property
    def _run(self) -> Autograde:
        """The run of `nbgrader autograde`: it owns the exporter, which owns this."""
        return self.parent.parent

    def _graded(self, set_name: str) -> dict[str, Graded]:
        """The notebooks of this run; nbgrader makes a new preprocessor for each submission."""
        if self._run not in RUNS:
            course = Course.open(self._run.coursedir.root)
            RUNS[self._run] = {
                plan.set_name: self._prepared(course, set_name, plan)
                for plan in plans_of(course, set_name)
            }
        return RUNS[self._run]

    def _prepared(self, course: Course, set_name: str, plan: Plan) -> Graded:
        hide = tuple(map(str, course.places()))
        options = WorkerOptions(timeout=self.timeout, memory_mb=self.memory_mb, hide=hide)
        pool = LocalPool(plan, options)
        weakref.finalize(self._run, pool.close)
        plan = settle(course, plan, reference_of(course, set_name, plan), pool)
        with contextlib.closing(open_gradebook(course)) as gradebook:
            master = save_master(gradebook, course, set_name, plan)
        return Graded(course, set_name, plan, master, pool)


def source_notebook(course: Course, set_name: str, name: str) -> NotebookNode:
    """A notebook of a set's source; an empty one where there is none of that name."""
    path = course.source_folder(set_name) / f"{name}.ipynb"
    if not path.is_file():
        return nbformat.v4.new_notebook()
    return nbformat.read(path, as_version=4)


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


class SaveVerdicts(SaveAutoGrades):
    """Stores the points of an autograded notebook; what a person has to decide waits for one."""

    def _add_score(self, cell: NotebookNode, resources: Resources) -> None:
        super()._add_score(cell, resources)
        if is_open(cell):
            grade_id = cell.metadata.nbgrader.grade_id
            names = (self.notebook_id, self.assignment_id, self.student_id)
            grade = self.gradebook.find_grade(grade_id, *names)
            grade.auto_score = None
            grade.needs_manual_grade = True
            self.gradebook.db.commit()
