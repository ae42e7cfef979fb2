"""Points by the number that a test cell ends in, with what nbgrader gives for comparison."""

import pytest
from nbformat import from_dict
from nbgrader.utils import determine_grade

from mlpgrader.assignment.plan import Cell
from mlpgrader.course.autograded import number_output
from mlpgrader.inside.messages import Verdict
from mlpgrader.runner.points import test_result as result_of_test

CELL = Cell("test", "t", "", points=2.0)


def result(value, status="passed"):
    return result_of_test(CELL, Verdict(0, "t", status, None, "", value))


@pytest.mark.parametrize("value", ["0", "0.5", "2", "2.0", "1e-3", "True", "'1'", "[1]", ""])
def test_a_number_gives_what_nbgrader_gives(value):
    output = {**number_output(0.0), "data": {"text/plain": value}}
    metadata = {"nbgrader": {"grade": True, "solution": False, "points": 2.0}}
    outputs = [output] if value else []
    cell = from_dict({"cell_type": "code", "metadata": metadata, "outputs": outputs})
    assert result(value).points == pytest.approx(determine_grade(cell)[0], abs=1e-4)


@pytest.mark.parametrize(
    ("value", "points", "status"),
    [
        ("1.5", 1.5, "partial"),
        ("2", 2.0, "passed"),
        ("0", 0.0, "failed"),
        ("1e9", 2.0, "passed"),
        ("inf", 2.0, "passed"),
        ("-1", 0.0, "failed"),
        ("nan", 0.0, "error"),
    ],
)
def test_a_number_is_kept_within_the_points_of_its_cell(value, points, status):
    made = result(value)
    assert (made.points, made.status) == (points, status)


def test_no_number_gives_points_to_a_test_that_failed():
    assert result("2", status="failed").points == 0.0


def test_a_cell_without_a_verdict_waits_for_a_person():
    made = result_of_test(CELL, None)
    assert (made.status, made.judged, made.points) == ("pending", "by-hand", 0.0)
