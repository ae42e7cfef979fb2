"""Through nbgrader's exchange and back: what a student fetches, whoever graded the class."""

import json
import re

import pytest

from mlpgrader.course.gradebook import record
from mlpgrader.course.marks import stored_marks
from mlpgrader.reports.export import grades_csv
from mlpgrader.reports.feedback import write_feedback
from mlpgrader.runner.grade import GradeOptions, grade_set
from tests.support import toy
from tests.support.course import CONFIG
from tests.support.exchange import STUDENT, Exchange
from tests.support.variants import ROOT

pytestmark = pytest.mark.slow
OURS = (ROOT / "nbgrader_config.py").read_text()
WRONG = "def double(x):\n    return 2 if x == 1 else 0"
SECRETS = re.compile(r"secret|HIDDEN|(?<![\w:.])42(?!\w)")  # no 42 of a receipt's hash or time


def by_command(exchange, course):
    record(course, grade_set(course, "toy", GradeOptions(jobs=1)))
    write_feedback(course, "toy")


def by_buttons(exchange, course):
    exchange.press("autograde", "toy", STUDENT)
    exchange.press("generate_feedback", "toy")


def by_button_and_command(exchange, course):
    exchange.press("autograde", "toy", STUDENT)
    write_feedback(course, "toy")


def by_command_and_button(exchange, course):
    record(course, grade_set(course, "toy", GradeOptions(jobs=1)))
    exchange.press("generate_feedback", "toy", STUDENT)


@pytest.fixture
def handed_in(tmp_path):
    """Give a course whose one student has handed in an answer, half of it right."""

    def make(config):
        course = toy.make_course(tmp_path / "course")
        exchange = Exchange(course, config)
        path = exchange.hand_out("toy")
        book = json.loads(path.read_text())
        for cell in book["cells"]:
            cell["source"] = {"double": WRONG, "half": "def half(x):\n    return x / 2"}.get(
                cell["id"], cell["source"]
            )
        path.write_text(json.dumps(book))
        exchange.hand_in("toy")
        return exchange, course

    return make


@pytest.mark.parametrize(
    "grade", [by_command, by_buttons, by_button_and_command, by_command_and_button]
)
def test_whoever_grades_our_page_reaches_the_student(handed_in, grade):
    exchange, course = handed_in(OURS)
    grade(exchange, course)
    [page] = exchange.returned("toy")
    text = page.read_text()
    assert "<b>1</b> of 3 points" in text and "check that you did not see" in text
    assert not SECRETS.findall(text)
    assert f"{STUDENT},toy,1,3" in grades_csv(course, ["toy"])


def test_a_class_that_stock_nbgrader_graded_gets_our_page_as_well(handed_in):
    exchange, course = handed_in(CONFIG)
    by_button_and_command(exchange, course)
    [page] = exchange.returned("toy")
    assert "<b>1</b> of 3 points" in page.read_text()
    assert not SECRETS.findall(page.read_text())


def test_stock_pages_are_released_after_our_grading(handed_in):
    exchange, course = handed_in(CONFIG)
    by_command_and_button(exchange, course)
    [page] = exchange.returned("toy")
    assert "nbgrader" in page.read_text() and stored_marks(course, "toy")[STUDENT].score == 1.0


def test_by_turns_nothing_is_lost(handed_in):
    exchange, course = handed_in(OURS)
    for grade in (by_command, by_buttons, by_command_and_button, by_command):
        grade(exchange, course)
        assert stored_marks(course, "toy")[STUDENT].points == {
            "double-values": 0.0,
            "half-values": 1.0,
        }
    [page] = exchange.returned("toy")
    assert "<b>1</b> of 3 points" in page.read_text()
