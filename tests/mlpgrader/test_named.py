"""Known mistakes of a made-up set: found once, kept, named in results, on pages and in tables."""

import json
from contextlib import closing

import pytest
from click.testing import CliRunner

from mlpgrader import cli, named
from mlpgrader.course import gradebook
from mlpgrader.course.folders import Course
from mlpgrader.reports.class_page import class_report, write_class_page
from mlpgrader.reports.feedback import write_feedback
from mlpgrader.runner.known import NOTHING_KNOWN
from mlpgrader.runner.store import load_summary
from tests.support import toy

VARIANTS = """
from mlpgrader.variants import right, wrong

@right("added to itself")
def double(x):
    return x + x

@wrong(
    "thrice",
    fails=["double-values"],
    says="You take it `3` times: once <too> often.",
    read="Twice is enough",
)
def double(x):
    return 3 * x

@wrong("the square", fails=["double-values"])
def double(x):
    return x * x + 0 * 21
"""
THRICE = "def double(number):\n    # three times\n    return 3 * number"
SQUARE = "def double(z):\n    return z * z + 0 * 21"
OTHER = "def double(x):\n    return -x"


def mlpgrader(*words):
    return CliRunner().invoke(cli.main, [*map(str, words)])


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A course of five: two make a mistake with words, one without, one another, one none."""
    course = toy.make_course(tmp_path_factory.mktemp("named"))
    folder = course / "variants" / "toy"
    folder.mkdir(parents=True)
    (folder / "double.py").write_text(VARIANTS)
    for student, text in {"ann": THRICE, "bob": THRICE, "cem": SQUARE, "dia": OTHER}.items():
        toy.submit(course, student, {"double": text})
    toy.submit(course, "eve", {"double": "def double(x):\n    return x + x"})
    done = mlpgrader("grade", "toy", "--course", course)
    assert done.exit_code == 0, done.output
    return course, done.output


def mistakes(course):
    return {
        row.student: [(m.mistake, m.says) for m in row.mistakes]
        for row in load_summary(course, "toy").submissions
    }


SAYS = "You take it `3` times: once <too> often."


def test_each_mistake_is_named_and_nothing_else(graded):
    course, _ = graded
    assert mistakes(course) == {
        "ann": [("thrice", SAYS)],
        "bob": [("thrice", SAYS)],
        "cem": [("the square", "")],
        "dia": [],
        "eve": [],
    }


def test_the_table_counts_them(graded):
    _, output = graded
    table = output.partition("known mistakes")[2]
    rows = [line.split("│")[1:4] for line in table.splitlines() if "double" in line]
    assert [[cell.strip() for cell in row] for row in rows] == [
        ["double", "thrice", "2"],
        ["double", "the square", "1"],
    ]


def test_feedback_says_which_mistake_it_is_and_what_to_read(graded):
    course, _ = graded
    pages = {path.parent.parent.name: path.read_text() for path in write_feedback(course, "toy")}
    words = "You take it <code>3</code> times: once &lt;too&gt; often."
    assert words in pages["ann"] and "“Twice is enough”" in pages["ann"]
    for student in ("cem", "dia", "eve"):
        assert "A known mistake" not in pages[student]
    assert "the square" not in pages["cem"]  # it has no words for students


def test_the_report_on_the_class_counts_them_too(graded):
    course, _ = graded
    report = class_report(course, "toy")
    counts = [(m.exercise, m.mistake, bool(m.says), m.count) for m in report.mistakes]
    assert counts == [("double", "thrice", True, 2), ("double", "the square", False, 1)]
    assert report.to_json()["known_mistakes"][1]["mistake"] == "the square"
    assert "<td>thrice</td>" in write_class_page(course, report).read_text()


def test_what_was_found_is_kept_until_an_answer_changes(graded, monkeypatch):
    course = Course.open(graded[0])
    read = []
    monkeypatch.setattr(named, "read_variants", lambda folder: read.append(folder) or [])
    assert named.known_mistakes(course, "toy", print).by_cell["double"][0].mistake == "thrice"
    assert not read
    (course.root / "variants" / "toy" / "half.py").write_text("# none yet\n")
    named.known_mistakes(course, "toy", print)
    assert len(read) == 1


@pytest.mark.parametrize(
    ("setting", "is_on"),
    [("False", False), ("['other']", False), ("['toy']", True), ("True", True)],
)
def test_a_course_can_switch_it_off(tmp_path, monkeypatch, setting, is_on):
    folder = toy.make_course(tmp_path)
    (folder / "variants" / "toy").mkdir(parents=True)
    (folder / "variants" / "toy" / "double.py").write_text(VARIANTS)
    with (folder / "nbgrader_config.py").open("a") as config:
        config.write(f"\nc.Mlpgrader.name_mistakes = {setting}\n")
    assert (named.known_mistakes(Course.open(folder), "toy", print) != NOTHING_KNOWN) == is_on


def test_where_an_answer_cannot_be_read_the_class_is_graded_all_the_same(tmp_path):
    course = toy.make_course(tmp_path)
    (course / "variants" / "toy").mkdir(parents=True)
    (course / "variants" / "toy" / "double.py").write_text("1 / 0")
    toy.submit(course, "ann", {"double": THRICE})
    done = mlpgrader("grade", "toy", "--course", course, "--no-record", "--json")
    assert done.exit_code == 0
    assert "no mistakes are named" in done.stderr and "line 1: ZeroDivisionError" in done.stderr
    assert json.loads(done.stdout)["submissions"][0]["mistakes"] == []


def test_points_of_another_run_take_the_name_away(graded):
    """What the gradebook has now is not what the mistake was named for."""

    course, _ = graded
    with closing(gradebook.open_gradebook(course)) as opened:
        opened.find_grade("double-values", "toy", "toy", "bob").auto_score = 2.0
        opened.db.commit()
    pages = {path.parent.parent.name: path.read_text() for path in write_feedback(course, "toy")}
    assert "A known mistake" in pages["ann"] and "A known mistake" not in pages["bob"]
