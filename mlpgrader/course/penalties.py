"""What lateness costs: the course's own plugin, asked as nbgrader asks it, student by student.

How many points that is, is no matter of code here: a course's ``nbgrader_config.py`` says it, by
``c.LateSubmissionPlugin.penalty_method`` or a plugin in ``c.AssignLatePenalties.plugin_class``.
"""

import contextlib
import math
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from mlpgrader.course.folders import Course
from mlpgrader.course.rows import Grade, SubmittedNotebook

if TYPE_CHECKING:
    from nbgrader.preprocessors import AssignLatePenalties

SETTING = "c.AssignLatePenalties.plugin_class"
# of nbgrader's classes that have a say, all parents included: without these lateness costs nothing
SECTIONS = (
    "AssignLatePenalties",
    "LateSubmissionPlugin",
    "NbGraderPreprocessor",
    "Preprocessor",
    "NbConvertBase",
    "BasePlugin",
)


class Penalties:
    """The late penalties of a course; a plugin that fails ends nothing, and is named.

    Attributes:
        problems: what went wrong so far, a line each.
    """

    def __init__(self, course: Course):
        self.problems: list[str] = []
        self._assigner: AssignLatePenalties | None = None
        self._cost_nothing = not any(course.config[section] for section in SECTIONS)
        if self._cost_nothing:
            return
        from nbgrader.preprocessors import AssignLatePenalties as Assigner  # slow to import

        try:
            with _modules_of(course):
                assigner = Assigner(config=course.config)
                assigner.init_plugin()
            self._assigner = assigner
        except Exception as error:  # the plugin is a program, so it may raise anything
            self.problems.append(f"{SETTING} cannot be used: {_text(error)}")

    def of(self, notebook: SubmittedNotebook, late_seconds: float) -> float | None:
        """The points that lateness takes off a notebook; None if it takes none.

        Where the plugin fails, it is what the gradebook has.
        """
        if late_seconds <= 0 or self._cost_nothing:
            return None
        stored: float | None = notebook.late_submission_penalty
        if self._assigner is None:
            return stored
        student = notebook.student_id
        score = sum(map(points_of, notebook.grades))
        try:
            plugin = self._assigner.plugin_inst
            points = plugin.late_submission_penalty(student, score, late_seconds)
            return None if points is None else _bounded(float(points), score)
        except Exception as error:
            self._name(student, f"fails: {_text(error)}")
            return stored

    def _name(self, student: str, what: str) -> None:
        plugin = type(self._assigner.plugin_inst).__name__ if self._assigner else ""
        self.problems.append(f"{student}: the late penalty {plugin} ({SETTING}) {what}")


def points_of(grade: Grade) -> float:
    """The points of a cell: a person's before the grader's; none yet is zero, as in nbgrader."""
    given = grade.auto_score if grade.manual_score is None else grade.manual_score
    return (given or 0.0) + (grade.extra_credit or 0.0)


def _bounded(points: float, score: float) -> float:
    if math.isnan(points):
        raise ValueError("it gives no number")
    return min(max(points, 0.0), score)


@contextlib.contextmanager
def _modules_of(course: Course) -> Iterator[None]:
    """A plugin may lie in the course folder, from wherever a command is run."""
    place = str(course.root)
    sys.path.append(place)
    try:
        yield
    finally:
        sys.path.remove(place)


def _text(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
