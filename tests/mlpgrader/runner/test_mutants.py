"""Mutants are judged as submissions are: what a test misses is listed, and nothing else."""

import json

import pytest

from mlpgrader.course.folders import Course
from mlpgrader.errors import UsageError
from mlpgrader.runner.mutants import JudgeOptions, judge_answers, judge_mutants
from mlpgrader.variants import Variant
from tests.support import toy
from tests.support.course import CONFIG, cell, notebook

ONE_JOB = JudgeOptions(jobs=1)
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
    options = JudgeOptions(jobs=1, progress=lambda *step: steps.append(step))
    result = judge_mutants(Course(toy_course), "toy", options)
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
    result = judge_mutants(course, "one", JudgeOptions(timeout=0.2, jobs=1))
    assert [survivor.after for survivor in result.survivors] == []
    assert result.mutants > 15


def test_another_exercise_may_catch_it(tmp_path):
    cells = [
        *exercise("helper", HELPER, "_ = helper(1)"),
        *exercise("twice", TWICE, "assert twice(2) == -4"),
    ]
    both = judge_mutants(course_of(tmp_path / "both", *cells), "one", ONE_JOB)
    assert both.survivors == []
    one = judge_mutants(course_of(tmp_path / "one", *cells[:2]), "one", ONE_JOB)
    assert [survivor.after for survivor in one.survivors] == ["", "return x"]  # it says nothing


def test_a_reference_that_fails_proves_nothing(tmp_path):
    course = course_of(tmp_path, *exercise("twice", "twice = 3", "assert twice == 4"))
    with pytest.raises(UsageError, match=r"one do not get full marks: twice-values: error"):
        judge_mutants(course, "one", ONE_JOB)


def answer(source, *fails, file="double.py"):
    return Variant(source, source, frozenset(fails), file=file)


def test_an_answer_is_held_to_every_test_of_the_set(toy_course):
    answers = [
        answer("double = lambda x: x + x"),
        answer("def double(x):\n    return 2", "double-values"),
        answer("def double(x):\n    return 3 * x"),
        answer("def double(x):\n    while True:\n        pass", "double-values"),
        answer("def half(x):\n    return x / 2\ndouble = half", "half-values", file="half.py"),
    ]
    options = JudgeOptions(timeout=0.5, jobs=1)
    matrix = judge_answers(Course(toy_course), "toy", answers, options)
    assert matrix.tests == {"double": ["double-values"], "half": ["half-values"]}
    assert [row.how for row in matrix.answers] == [each.how for each in answers]
    assert [row.cell for row in matrix.answers] == ["double"] * 4 + ["half"]
    failed = ["double-values"]
    assert [row.failed for row in matrix.answers] == [[], failed, failed, failed, []]
    assert matrix.surprises == 2


def test_an_answer_to_no_exercise_is_refused(toy_course):
    with pytest.raises(UsageError, match=r"triple\.py: toy has no exercise of that name"):
        judge_answers(Course(toy_course), "toy", [answer("", file="triple.py")], ONE_JOB)
