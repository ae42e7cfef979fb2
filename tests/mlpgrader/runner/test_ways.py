"""How it is found which way a test is judged, and what is refused before a student sees it."""

import json
import shutil
from contextlib import closing
from dataclasses import replace

import pytest

from mlpgrader.assignment.plan import read_plan
from mlpgrader.course.folders import Course
from mlpgrader.errors import UsageError
from mlpgrader.inside.messages import Tier
from mlpgrader.runner.grade import GradeOptions, grade_set
from mlpgrader.runner.worker import Worker, WorkerOptions
from mlpgrader.verify import advice_before_release
from tests.support import mini
from tests.support.course import CONFIG, prose
from tests.support.programs import path_of
from tests.support.settled import settled_plans
from tests.support.variants import ROOT, sets

pytestmark = pytest.mark.slow
OPTIONS = GradeOptions(jobs=1, timeout=5)
LISTED = {"evens": "def evens(n):\n    return [i for i in range(n) if i % 2 == 0]"}
LAZY = "def evens(n):\n    return (i for i in range(n) if i % 2 == 0)"
EVENS = {"evens": {"evens-values": ("assert sorted(evens(5)) == [0, 2, 4]", 1.0)}}


def course(folder, tests, right, *, submissions=None, setup=mini.SETUP, config="", free=()):
    book = mini.source(tests=tests, right=right, setup=setup)
    book["cells"] += free
    mini.course(folder, submissions or {}, book)
    (folder / "nbgrader_config.py").write_text(CONFIG + config)
    return Course.open(folder)


def handed_in(answer, right=LISTED):
    name = next(iter(right))
    return mini.source(tests={}, right={name: answer})


def row(course):
    [only] = grade_set(course, "mini", OPTIONS).submissions
    return only


def test_a_test_that_the_reference_fails_is_refused_at_release_and_an_error_when_graded(tmp_path):
    tests = {
        "double": {
            "double-typo": ("assert doubel(1) == 2", 1.0),
            "double-wrong": ('"""it doubles"""\nassert double(1) == 3, "not three"', 1.0),
            "double-right": ("assert double(1) == 2", 1.0),
        }
    }
    right = {"double": mini.RIGHT["double"]}
    made = course(tmp_path, tests, right, submissions={"ann": handed_in(right["double"], right)})
    with pytest.raises(UsageError, match=r"double-typo.*double-wrong .not three"):
        advice_before_release(made, "mini")
    result = row(made)
    statuses = {test.grade_id: test.status for test in result.tests}
    assert statuses.pop("double-right") == "passed" and set(statuses.values()) == {"error"}
    assert result.status == "review" and "double-typo" in result.message


@pytest.mark.parametrize("tier", ["namespaces", "bwrap"])
def test_in_each_sandbox_tests_inside_give_points_and_tell_nothing_hidden(tier: Tier):
    if tier == "bwrap":
        path_of("bwrap", package="bubblewrap")
    plan = read_plan(json.dumps(mini.source()), "mini")
    plan = replace(plan, inside=frozenset(test.grade_id for test in plan.tests))
    wrong = {"double": "def double(x):\n    return 2 * x if abs(x) < 9 else x"}
    with closing(Worker(plan, WorkerOptions(timeout=5), tier)) as worker:
        right = worker.grade(json.dumps(mini.submission())).verdicts
        [first, *_] = worker.grade(json.dumps(mini.submission(wrong))).verdicts
    assert {(verdict.status, verdict.judged) for verdict in right} == {("passed", "inside")}
    assert (first.status, first.judged) == ("failed", "inside")
    assert first.message == "right for numbers of any sign: failed"


def test_what_was_found_is_kept_until_the_source_changes(tmp_path, monkeypatch):
    made = course(tmp_path, EVENS, LISTED)
    [plan] = settled_plans(made, "mini")
    kept = list(made.plans_folder().iterdir())
    assert [path.stem for path in kept] == [plan.key]
    kept[0].write_text(json.dumps(json.loads(kept[0].read_text()) | {"inside": ["evens-values"]}))
    assert settled_plans(made, "mini")[0].inside == {"evens-values"}
    kept[0].write_text("{")
    assert settled_plans(made, "mini")[0].inside == frozenset()


def test_a_setup_cell_that_binds_a_students_function_is_refused_with_both_names(tmp_path):
    right = {"sqrt": "def sqrt(x):\n    return x**0.5"}
    tests = {"sqrt": {"sqrt-values": ("assert sqrt(4) == 2", 1.0)}}
    made = course(tmp_path, tests, right, setup="from math import sqrt")
    with pytest.raises(UsageError, match=r"mini-setup binds the name sqrt.*cell sqrt"):
        settled_plans(made, "mini")
    with pytest.raises(UsageError, match="mini-setup"):
        grade_set(made, "mini", OPTIONS)


def test_a_setup_cell_that_does_not_run_is_named_with_its_error(tmp_path):
    made = course(tmp_path, EVENS, LISTED, setup="import seabornn")
    with pytest.raises(UsageError, match=r"'mini-setup' of mini .*No module named 'seabornn'"):
        settled_plans(made, "mini")


def test_an_answer_that_is_no_plain_data_is_for_review_or_judged_inside(tmp_path):
    submissions = {"ann": handed_in(LAZY)}
    careful = row(course(tmp_path / "a", EVENS, LISTED, submissions=submissions))
    assert careful.status == "review" and careful.score == 0.0
    assert "generator" in careful.tests[0].message and careful.tests[0].judged == "apart"
    config = "c.Mlpgrader.inside_fallback = ['mini']\n"
    trusting = row(course(tmp_path / "b", EVENS, LISTED, submissions=submissions, config=config))
    assert trusting.status == "graded" and trusting.score == 1.0
    assert trusting.tests[0].judged == "inside"


def test_a_set_can_demand_that_all_is_judged_apart(tmp_path):
    right = {"box": "class Box:\n    size = 1"}
    tests = {"box": {"box-size": ("assert Box().size == 1", 1.0)}}
    config = "c.Mlpgrader.apart_only = True\n"
    with pytest.raises(UsageError, match=r"apart_only.*box-size"):
        settled_plans(course(tmp_path / "a", tests, right, config=config), "mini")
    settled_plans(course(tmp_path / "b", EVENS, LISTED, config=config), "mini")


def test_a_placeholder_is_not_written_yet_and_nothing_to_review(tmp_path):
    right = {"answer": "answer = 3"}
    tests = {"answer": {"answer-value": ("assert answer == 3", 1.0)}}
    submissions = {"ann": handed_in("answer = ...", right)}
    result = row(course(tmp_path, tests, right, submissions=submissions))
    assert result.status == "graded" and result.tests[0].reason == "not-implemented"


def test_what_a_person_grades_is_pending_and_counts_in_the_maximum(tmp_path):
    marks = {"grade": True, "solution": True, "locked": False, "points": 4, "grade_id": "essay"}
    essay = {**prose("Why?", "essay"), "metadata": {"nbgrader": {**marks, "schema_version": 3}}}
    by_hand = mini.cell("x = 1", "code-by-hand", grade=True, solution=True, points=2.0)
    made = course(
        tmp_path,
        EVENS,
        LISTED,
        submissions={"ann": handed_in(LISTED["evens"])},
        free=(essay, by_hand),
    )
    result = row(made)
    assert (result.status, result.score, result.max_score) == ("graded", 1.0, 7.0)
    pending = {test.grade_id: (test.judged, test.points) for test in result.tests[1:]}
    assert pending == {"essay": ("by-hand", 0.0), "code-by-hand": ("by-hand", 0.0)}
    assert {test.status for test in result.tests[1:]} == {"pending"}


def test_a_set_of_essays_alone_is_graded(tmp_path):
    marks = {"grade": True, "solution": True, "locked": False, "points": 4, "grade_id": "essay"}
    essay = {**prose("Why?", "essay"), "metadata": {"nbgrader": {**marks, "schema_version": 3}}}
    book = mini.notebook([essay])
    made = Course.open(mini.course(tmp_path, {"ann": book}, book))
    result = row(made)
    assert [test.status for test in result.tests] == ["pending"] and result.max_score == 4.0


def test_several_notebooks_are_one_set_and_a_missing_one_is_for_review(tmp_path):
    made = mini.course(tmp_path, {"ann": mini.submission(), "bob": mini.submission()})
    other = mini.source(tests=EVENS, right=LISTED)
    mini.write(made / "solutions" / "mini" / "other.ipynb", other)
    mini.write(made / "submitted" / "ann" / "mini" / "other.ipynb", handed_in(LISTED["evens"]))
    ann, bob = grade_set(Course.open(made), "mini", OPTIONS).submissions
    assert (ann.status, ann.score, ann.max_score) == ("graded", 7.0, 7.0)
    assert {test.notebook for test in ann.tests} == {"mini", "other"}
    assert bob.status == "review" and bob.score == 6.0 and "other.ipynb" in bob.message


@pytest.mark.parametrize("name", sets())
def test_every_test_of_our_own_sets_is_judged_apart(name, tmp_path):
    shutil.copytree(ROOT / "solutions" / name, tmp_path / "solutions" / name)
    (tmp_path / "nbgrader_config.py").write_text(CONFIG + "c.Mlpgrader.apart_only = True\n")
    [plan] = settled_plans(Course.open(tmp_path), name)
    assert plan.inside == frozenset() and not plan.refused
