"""`nbgrader autograde` and formgrader's Autograde button, with the sandbox in place of a kernel.

A course names `SandboxedExecute` in its nbgrader_config.py where nbgrader has `Execute`. It gives
each cell the outputs that nbgrader's later steps expect; what they do with them is unchanged.
"""

import weakref
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.converters import Autograde
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Float, Integer

from mlpgrader.course.autograded import cell_outputs
from mlpgrader.course.folders import Course
from mlpgrader.course.sources import plans_of, reference_of
from mlpgrader.runner.grade import result_of
from mlpgrader.runner.pool import LocalPool
from mlpgrader.runner.ways import settle
from mlpgrader.runner.worker import MEMORY_MB, WorkerOptions

Resources = dict[str, Any]

# one for a whole run of `nbgrader autograde`
POOLS: weakref.WeakKeyDictionary[Autograde, LocalPool] = weakref.WeakKeyDictionary()


class SandboxedExecute(NbGraderPreprocessor):
    """Grades a notebook in the sandbox, and writes the verdicts as outputs of its tests."""

    timeout = Float(10, help="CPU seconds for each cell and call.").tag(config=True)
    memory_mb = Integer(MEMORY_MB, help="Memory of a student's process, MB.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Fill in the outputs of all code cells."""
        student = resources["nbgrader"]["student"]
        name = resources["nbgrader"]["notebook"]
        pool = self._pool(resources["nbgrader"]["assignment"], name)
        if pool is None:
            return nb, resources  # a notebook of the set with nothing to grade
        [(_, examined)] = pool.examine_all({"": nbformat.writes(nb)})
        result = result_of(pool.plan, student, examined)
        for number, cell in enumerate(nb.cells):
            if cell.cell_type == "code":
                cell.outputs = cell_outputs(cell, result, f"+{number}")
        if result.status != "graded":
            self.log.error("%s of %s: %s, look at it", name, student, result.status)
        return nb, resources

    @property
    def _run(self) -> Autograde:
        """The run of `nbgrader autograde`: it owns the exporter, which owns this."""
        return self.parent.parent

    def _pool(self, assignment: str, name: str) -> LocalPool | None:
        """The pool of this run; nbgrader makes a new preprocessor for each submission."""
        course = Course.open(self._run.coursedir.root)
        plan = next((p for p in plans_of(course, assignment) if p.set_name == name), None)
        if plan is None:
            return None
        pool = POOLS.get(self._run)
        if pool is None or pool.plan.key != plan.key:
            hide = tuple(map(str, course.places()))
            options = WorkerOptions(timeout=self.timeout, memory_mb=self.memory_mb, hide=hide)
            pool = LocalPool(plan, options)
            settle(course, plan, reference_of(course, assignment, plan), pool)
            weakref.finalize(self._run, pool.close)
            POOLS[self._run] = pool
        return pool
