"""`nbgrader autograde` and formgrader's Autograde button, with the sandbox in place of a kernel.

A course names `SandboxedExecute` in its nbgrader_config.py where nbgrader has `Execute`. It gives
each cell the outputs that nbgrader's later steps expect; what they do with them is unchanged.
"""

import weakref
from pathlib import Path

import nbformat
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Float, Integer

from mlpgrader.assignment.plan import Plan, read_plan
from mlpgrader.course.gradebook import cell_outputs
from mlpgrader.runner.grade import result_of
from mlpgrader.runner.pool import LocalPool
from mlpgrader.runner.worker import MEMORY_MB, WorkerOptions


class SandboxedExecute(NbGraderPreprocessor):
    """Grades a notebook apart from its code, and writes the verdicts as outputs of its tests."""

    timeout = Float(10, help="CPU seconds for each cell and call.").tag(config=True)
    memory_mb = Integer(MEMORY_MB, help="Memory of a student's process, MB.").tag(config=True)

    def preprocess(self, nb, resources):
        """Fill in the outputs of all code cells."""
        student, name = (resources["nbgrader"][key] for key in ("student", "notebook"))
        plan = self._plan(resources["nbgrader"]["assignment"], name)
        examined = dict(self._pool(plan).examine_all({"": nbformat.writes(nb)}))[""]
        result = result_of(plan, student, examined)
        for number, cell in enumerate(nb.cells):
            if cell.cell_type == "code":
                cell.outputs = cell_outputs(cell, result, f"+{number}")
        if result.status != "graded":
            self.log.error("%s of %s: %s, look at it", name, student, result.status)
        return nb, resources

    def _plan(self, assignment: str, name: str) -> Plan:
        """The plan from the course's source folder; the exporter's parent runs in its root."""
        folders = self.parent.parent.coursedir
        path = Path(folders.format_path(folders.source_directory, ".", assignment))
        return read_plan((path / f"{name}.ipynb").read_text(encoding="utf-8"), name)

    def _pool(self, plan: Plan) -> LocalPool:
        """One pool for a whole run of `nbgrader autograde`, which is the exporter's parent."""
        run = self.parent.parent
        if getattr(run, "sandboxed_plan", None) != plan:
            options = WorkerOptions(self.timeout, self.memory_mb, hide=(str(Path.cwd()),))
            run.sandboxed_plan, run.sandboxed_pool = plan, LocalPool(plan, options)
            weakref.finalize(run, run.sandboxed_pool.close)
        return run.sandboxed_pool
