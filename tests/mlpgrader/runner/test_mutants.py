"""Mutants are judged as submissions are: what a test misses is listed, and nothing else."""

import json

import pytest

from mlpgrader.course.folders import Course
from mlpgrader.errors import UsageError
from mlpgrader.runner.mutants import judge_mutants
from tests.support import toy
from tests.support.course import CONFIG, cell, notebook

COUNTDOWN = """
def countdown(n):
    ### BEGIN SOLUTION
    steps = 0
    while n > 0:
        n -= 1
        steps += 1
    return steps
    ### END SOLUTION"""
TWICE = (
    "def twice(x):\n    ### BEGIN SOLUTION\n    return helper(x) + helper(x)\n    ### END SOLUTION"
)
HELPER = "def helper(x):\n    ### BEGIN SOLUTION\n    return -x\n    ### END SOLUTION"


@pytest.fixture(scope="module")
def toy_course(tmp_path_factory):
    return toy.make_course(tmp_path_factory.mktemp("toy"))


def course_of(folder, *cells):
    """A course with one set, `one`."""
    (folder / "solutions" / "one").mkdir(parents=True)
    (folder / "solutions" / "one" / "one.ipynb").write_text(json.dumps(notebook(cells)))
    (folder / "nbgrader_config.py").write_text(CONFIG)
    return Course(folder)


def exercise(name, text, test):
    """A solution cell with its test."""
    yield cell(text, name, solution=True)
    yield cell(f'"""a property"""\n{test}', f"{name}-values", grade=True, points=1.0, locked=True)


def test_what_a_test_misses_survives_and_nothing_else(toy_course):
    steps = []
    result = judge_mutants(
        Course(toy_course), "toy", jobs=1, progress=lambda *step: steps.append(step)
    )
    assert [(s.cell, s.line, s.after) for s in result.survivors] == [
        ("half", 3, "return x // 2"),  # tested with a whole number alone
        ("half", 3, "return 2"),  # tested with one number alone
    ]
    assert all(survivor.before == "return x / 2" for survivor in result.survivors)
    assert steps[-1] == (result.mutants, result.mutants)
    assert result.mutants == len(steps) > 10


def test_a_mutant_that_never_ends_is_killed_and_costs_no_other(tmp_path):
    test = "assert countdown(3) == 3\nassert countdown(0) == 0\nassert countdown(-2) == 0"
    course = course_of(tmp_path, *exercise("countdown", COUNTDOWN, test))
    result = judge_mutants(course, "one", jobs=1, timeout=0.2)
    assert [survivor.after for survivor in result.survivors] == []
    assert result.mutants > 15


def test_another_exercise_may_catch_it(tmp_path):
    cells = [
        *exercise("helper", HELPER, "helper(1)"),
        *exercise("twice", TWICE, "assert twice(2) == -4"),
    ]
    both = judge_mutants(course_of(tmp_path / "both", *cells), "one", jobs=1)
    assert both.survivors == []
    one = judge_mutants(course_of(tmp_path / "one", *cells[:2]), "one", jobs=1)
    assert [survivor.after for survivor in one.survivors] == ["", "return x"]  # it says nothing


def test_a_reference_that_fails_proves_nothing(tmp_path):
    course = course_of(tmp_path, *exercise("twice", "twice = 3", "assert twice == 4"))
    with pytest.raises(UsageError, match=r"one do not get full marks: twice-values: failed"):
        judge_mutants(course, "one", jobs=1)
