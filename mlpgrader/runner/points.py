"""From a verdict to points: all, none, or as many as the number says that a test cell ends in."""

import math

from mlpgrader.assignment.plan import Cell
from mlpgrader.inside.messages import Verdict
from mlpgrader.results import TestResult


def test_result(cell: Cell, verdict: Verdict | None) -> TestResult:
    """The result of a cell from its verdict; where there is none, a person grades it."""
    if verdict is None:
        return TestResult(cell.grade_id, 0.0, cell.points, "pending", judged="by-hand")
    result = TestResult(
        grade_id=cell.grade_id,
        points=cell.points if verdict.status == "passed" else 0.0,
        max_points=cell.points,
        status=verdict.status,
        reason=verdict.reason,
        judged=verdict.judged,
        message=verdict.message,
    )
    if verdict.status == "passed" and verdict.value:
        _give_part(result, cell, verdict.value)
    return result


def _give_part(result: TestResult, cell: Cell, value: str) -> None:
    """Give as many points as the number says that a test cell ends in, as nbgrader does.

    nbgrader takes what is no number, or one below zero, for full marks, and raises above them.
    """
    try:
        points = float(value)
    except ValueError:
        return
    if math.isnan(points):
        result.points = 0.0
        result.status = "error"
        result.message = f"{cell.about}: the test ends in no number of points: {value}"
        return
    result.points = round(min(max(points, 0.0), cell.points), 4)
    if result.points < cell.points:
        result.status = "partial" if result.points > 0 else "failed"
        result.reason = "property"
        result.message = f"{cell.about}: {result.points:g} of {cell.points:g} points"
