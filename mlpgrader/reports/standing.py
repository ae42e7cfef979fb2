"""Where a student stands in a set: the gradebook's points, and what the autograded notebook shows.

Whoever graded it last wrote both. The summary of our own last run only adds what it knew besides,
such as that a file was renamed, and only where its points are still those of the gradebook.
"""

from typing import Any, NamedTuple, get_args

from mlpgrader.course.folders import Course
from mlpgrader.course.marks import Marks
from mlpgrader.course.shown import NOT_GRADED, read_shown
from mlpgrader.errors import UsageError
from mlpgrader.inside.messages import Status
from mlpgrader.results import NamedMistake, SubmissionResult, SubmissionStatus, TestResult
from mlpgrader.runner.store import load_summary

NAMES_OF_STATUS = {status.capitalize(): status for status in get_args(Status)}


class Standing(NamedTuple):
    """How a submission was graded, and what is to be said of it."""

    status: SubmissionStatus
    message: str


def last_run(course: Course, set_name: str) -> dict[str, SubmissionResult]:
    """What our own runs said of each student; nothing where that cannot be read."""
    try:
        return {row.student: row for row in load_summary(course, set_name).submissions}
    except UsageError:
        return {}


def standing_of(
    course: Course, set_name: str, student: str, marks: Marks, row: SubmissionResult | None
) -> Standing:
    """How a submission stands.

    Args:
        course: the course.
        set_name: the set.
        student: whose it is.
        marks: what the gradebook says.
        row: what our own last run said, if there was one.
    """
    if not any(marks.automatic.values()):
        reason = _why_unreadable(course, set_name, student, marks)
        if reason is not None:
            return Standing("unreadable", row.message if row and row.message else reason)
    if row is not None and _is_current(row, marks):
        return Standing(row.status, row.message)
    return Standing("graded", "")


def mistakes_of(row: SubmissionResult | None, marks: Marks) -> list[NamedMistake]:
    """The mistakes that our last run named, if its points still stand."""
    return row.mistakes if row is not None and _is_current(row, marks) else []


def autograded_notebook(
    course: Course, set_name: str, student: str, notebook: str
) -> dict[str, Any]:
    """What the last recording wrote for a student, the text of each cell in one piece.

    Raises:
        OSError: if there is none.
        ValueError: if it is no notebook.
    """
    return read_shown(course.autograded_folder(student, set_name) / f"{notebook}.ipynb")


def test_results(notebook: dict[str, Any], marks: Marks) -> list[TestResult]:
    """A result for each graded cell of an autograded notebook, by the points of the gradebook."""
    settings = [(cell, cell["metadata"].get("nbgrader", {})) for cell in notebook["cells"]]
    return [
        _test_result(cell, mark["grade_id"], marks)
        for cell, mark in settings
        if (mark.get("grade") or mark.get("task")) and mark["grade_id"] in marks.points
    ]


def why_not_graded(notebook: dict[str, Any]) -> str | None:
    """Why an autograded notebook shows no verdicts; None if it shows some."""
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            if _is_ours(output) and output["ename"] == NOT_GRADED:
                return str(output["evalue"])
    return None


def _why_unreadable(course: Course, set_name: str, student: str, marks: Marks) -> str | None:
    reasons = []
    for name in marks.notebooks:
        try:
            reasons.append(why_not_graded(autograded_notebook(course, set_name, student, name)))
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            return None
    return reasons[0] if reasons and None not in reasons else None


def _is_current(row: SubmissionResult, marks: Marks) -> bool:
    """Whether the gradebook still has the points that a run gave."""
    names = [f"{test.notebook}/{test.grade_id}" for test in row.tests]
    given = [
        marks.automatic.get(name, marks.automatic.get(test.grade_id))
        for name, test in zip(names, row.tests, strict=True)
    ]
    return row.status != "unreadable" and all(
        points is None or points == test.points
        for points, test in zip(given, row.tests, strict=True)
    )


def _test_result(cell: dict[str, Any], name: str, marks: Marks) -> TestResult:
    outputs = [output for output in cell.get("outputs", []) if _is_ours(output)]
    said = NAMES_OF_STATUS.get(outputs[0]["ename"]) if outputs else None
    most = marks.most.get(name, 0.0)
    points = marks.automatic.get(name)
    status = _status_of(name, marks, said)
    message = outputs[0]["evalue"] if outputs and status == said else ""
    return TestResult(name, points or 0.0, most, status, message=message)


def _status_of(name: str, marks: Marks, said: Status | None) -> Status:
    """How a test stands in the gradebook; `said` is what its cell's output tells."""
    if name in marks.pending:
        return "error" if said == "error" else "pending"
    points = marks.automatic.get(name)
    if points is None:
        points = marks.points[name]
    return _status(points, marks.most.get(name, 0.0), said)


def _status(points: float, most: float, said: Status | None) -> Status:
    if points >= most:
        return "passed"
    return "partial" if points > 0 else said or "failed"


def _is_ours(output: dict[str, Any]) -> bool:
    """Whether an output is a verdict of ours: what a kernel raised could tell a hidden test."""
    name, value = output.get("ename"), output.get("evalue")
    is_known = name == NOT_GRADED or name in NAMES_OF_STATUS
    return is_known and output.get("traceback") == [f"{name}: {value}"]
