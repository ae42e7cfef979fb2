"""Grading a set: rows as promised, results that stay, runs that stop and go on."""

import json
import signal
import subprocess
import sys
from dataclasses import replace

import pytest

from mlpgrader.assignment.plan import read_plan
from mlpgrader.errors import UsageError
from mlpgrader.runner import worker as workers
from mlpgrader.runner.examined import Examined
from mlpgrader.runner.grade import GradeOptions, grade_set, result_of
from tests.support import mini
from tests.support.waiting import until
from tests.support.zygotes import zygotes

pytestmark = pytest.mark.slow

OPTIONS = GradeOptions(timeout=5, jobs=1)
FORCED = replace(OPTIONS, force=True)


def score(result):
    return {row.student: row.score for row in result.submissions}


@pytest.fixture(scope="module")
def class_of_three(tmp_path_factory):
    """A graded course, with what `progress` was called with."""
    wrong = mini.submission({"double": "def double(x):\n    return 3 * x"})
    books = {"ann": mini.submission(), "bob": wrong, "eve": "{"}
    course = mini.course(tmp_path_factory.mktemp("three"), books)
    rows = []
    return course, grade_set(course, "mini", OPTIONS, progress=rows.append), rows


@pytest.fixture
def graded_texts(monkeypatch):
    """The texts that workers really grade."""
    texts = []
    grade = workers.Worker.grade

    def noting(worker, text, tests=None, **options):
        if worker.plan.is_settled:  # else it is the reference or the stub
            texts.append(text)
        return grade(worker, text, tests, **options)

    monkeypatch.setattr(workers.Worker, "grade", noting)
    return texts


def test_the_rows_are_in_the_promised_form(class_of_three):
    _, result, rows = class_of_three
    content = json.loads(json.dumps(result.to_json()))
    assert [content[key] for key in ("schema_version", "set", "max_score")] == [2, "mini", 6.0]
    ann, bob, eve = content["submissions"]
    assert (ann["status"], ann["score"]) == ("graded", 6.0)
    assert (eve["status"], eve["score"], eve["tests"]) == ("unreadable", 0.0, [])
    assert " ".join(bob) == (
        "student status message score max_score late_seconds seconds receipt hand_in plan tests "
        "mistakes"
    )
    assert " ".join(bob["tests"][0]) == ("grade_id points max_points status reason judged message")
    assert {row.student for row in rows} >= {"ann", "bob"}


def test_a_visible_failure_says_what_was_expected(class_of_three):
    bob = class_of_three[1].submissions[1]
    assert "expected 3" in bob.tests[0].message and "got      4.5" in bob.tests[0].message


def test_a_second_run_starts_no_process(class_of_three, monkeypatch):
    course, first, _ = class_of_three
    monkeypatch.setattr(workers.Worker, "start", None)
    second = grade_set(course, "mini", OPTIONS)
    assert second.to_json() == first.to_json()
    assert [row.outputs for row in second.submissions] == [row.outputs for row in first.submissions]


def test_where_the_sandbox_has_changed_all_are_graded_anew(class_of_three, graded_texts):
    course, first, _ = class_of_three
    [file] = (course / "results" / "plans").glob("*.json")
    file.write_text(json.dumps(json.loads(file.read_text()) | {"tier": "bwrap"}))
    assert score(grade_set(course, "mini", OPTIONS)) == score(first)
    assert not graded_texts  # what was kept of the sandbox that there is
    for name in ("unsafe", "none"):  # not asked for, and no kind of sandbox
        file.write_text(json.dumps(json.loads(file.read_text()) | {"tier": name}))
        assert grade_set(course, "mini", OPTIONS).to_json() == first.to_json()


def test_force_grades_anew_and_what_changed_is_graded(class_of_three, graded_texts):
    course, *_ = class_of_three
    grade_set(course, "mini", FORCED)
    assert len(graded_texts) == 3
    mini.hand_in(course, "bob", mini.submission(added="1"))
    assert score(grade_set(course, "mini", OPTIONS))["bob"] == 6.0
    assert len(graded_texts) == 4


def test_damaged_results_are_graded_anew(class_of_three):
    course, *_ = class_of_three
    kept = course / "results" / "mini"
    for path in kept.glob("*.json"):
        path.write_text(path.read_text()[:20])
    assert score(grade_set(course, "mini", OPTIONS))["ann"] == 6.0
    assert not [path for path in kept.iterdir() if "part" in path.name]


@pytest.mark.parametrize(("name", "text"), [("nothing", "no set"), ("../mini", "no set")])
def test_a_set_that_is_not_there(class_of_three, name, text):
    with pytest.raises(UsageError, match=text):
        grade_set(class_of_three[0], name)


def test_equal_submissions_are_graded_once_and_have_one_receipt(tmp_path, graded_texts):
    books = {"ann": mini.submission(), "bob": mini.submission(), "eve": "{", "ian": "{"}
    course = mini.course(tmp_path, books)
    (course / "submitted" / "kim" / "mini").mkdir(parents=True)
    ann, bob, eve, ian, kim = grade_set(course, "mini", OPTIONS).submissions
    assert len(graded_texts) == 2
    assert ann.receipt == bob.receipt and eve.receipt == ian.receipt != ann.receipt
    assert kim.status == "unreadable" and kim.receipt == ""  # there is no text
    files = {path.stem for path in (course / "results" / "mini").iterdir()}
    assert files == {ann.receipt, eve.receipt}


@pytest.mark.parametrize("kill", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_stopped_leaves_no_process_and_resumes(tmp_path, kill):
    sleeper = mini.submission(added="import time\ntime.sleep(99)")
    course = mini.course(tmp_path, {"ann": mini.submission(), "sleeper": sleeper})
    code = (
        "import signal\n"
        # what was started in the background would ignore it
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from mlpgrader.runner.grade import GradeOptions, grade_set\n"
        f"grade_set({str(course)!r}, 'mini', GradeOptions(jobs=1, timeout=30))"
    )
    before = zygotes()
    process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
    until(lambda: list((course / "results").rglob("*.json")))
    process.send_signal(kill)
    process.wait(60)
    until(lambda: zygotes() <= before)
    mini.hand_in(course, "sleeper", mini.submission(added="2"))
    assert score(grade_set(course, "mini", OPTIONS)) == {"ann": 6.0, "sleeper": 6.0}


def test_a_submission_that_cannot_be_read_has_no_tests_and_no_points():
    plan = read_plan(json.dumps(mini.source()), "mini")
    row = result_of(plan, "eve", Examined("unreadable", "no notebook"))
    assert (row.score, row.max_score, row.tests, row.message) == (0.0, 6.0, [], "no notebook")
