"""Verdicts before the due date: what counts as a try, and that no fault of ours is one."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import asdict

import pytest
from click.testing import CliRunner

from mlpgrader import cli
from mlpgrader.course.copies import copies_of
from mlpgrader.course.folders import Course, one_at_a_time
from mlpgrader.course.marks import stored_marks
from mlpgrader.course.people.forgetting import forget, traces_of
from mlpgrader.errors import UsageError
from mlpgrader.runner.grade import GradeOptions
from mlpgrader.runner.store import load_summary
from mlpgrader.watch import Graded, Watch, grader, watch
from tests.support import mini, toy
from tests.support.variants import ROOT


class Stub:
    """Stands in for grading: every text gets full marks, or what it is told to give."""

    def __init__(self):
        self.students = []
        self.fault = None
        self.rows = {}
        self.held = {}

    def __call__(self, names):
        if self.fault is not None:
            raise self.fault
        self.students += names
        result = toy.of_set(*(self.rows.get(name, toy.graded(name)) for name in names))
        return Graded(result, held=self.held)


@pytest.fixture
def course(tmp_path):
    return mini.course(tmp_path, {})


@pytest.fixture
def graded():
    return Stub()


def seen(one):
    """What two rounds tell: the first looks, the second deals with what is still the same."""
    return [(event.student, event.what, event.tries) for _ in range(2) for event in one.round()]


def watching(course, graded, tries=2):
    return Watch(Course.open(course), "mini", tries, graded)


def answer(text, **more):
    return mini.submission({"double": f"def double(x):\n    return {text}"}, **more)


def test_each_text_is_a_try_until_none_is_left(course, graded):
    one = watching(course, graded)
    for text, expected in [("1", ("graded", 1)), ("2", ("graded", 2)), ("3", ("no tries left", 2))]:
        mini.hand_in(course, "ann", answer(text))
        assert seen(one) == [("ann", *expected)]
        assert seen(one) == []
    assert graded.students == ["ann", "ann"]
    # an earlier text is graded again, for the gradebook, and costs nothing
    mini.hand_in(course, "ann", answer("1"))
    assert seen(one) == [("ann", "graded", 2)]


def test_outputs_and_times_are_no_try(course, graded):
    one = watching(course, graded)
    book = answer("1")
    mini.hand_in(course, "ann", book)
    assert seen(one) == [("ann", "graded", 1)]
    book["cells"][0]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "hello"}]
    mini.hand_in(course, "ann", book)
    (course / "submitted" / "ann" / "mini" / "timestamp.txt").write_text("2026-03-06 18:00")
    assert seen(one) == []
    (course / "submitted" / "ann" / "mini" / "helper.py").write_text("x = 1")
    assert seen(one) == [("ann", "graded", 2)]


def test_what_is_still_being_written_is_left_alone(course, graded):
    one = watching(course, graded)
    for text in ("1", "22", "333"):
        mini.hand_in(course, "ann", answer(text))
        assert list(one.round()) == []
    assert [event.what for event in one.round()] == ["graded"]


@pytest.mark.parametrize("fault", [OSError("the disk is full"), ValueError("?"), UsageError("x")])
def test_a_failure_of_ours_costs_no_try_and_is_tried_again(course, graded, fault):
    one = watching(course, graded)
    mini.hand_in(course, "ann", answer("1"))
    graded.fault = fault
    assert seen(one) == [("", "failed", 0)]
    graded.fault = None
    assert seen(one)[0] == ("ann", "graded", 1)


def test_unreadable_and_review_cost_no_try(course, graded):
    one = watching(course, graded, tries=1)
    mini.hand_in(course, "ann", "no notebook")
    mini.hand_in(course, "bob", answer("1"))
    graded.rows = {
        "ann": toy.unreadable("ann", "no notebook"),
        "bob": toy.graded("bob", half="error"),
    }
    assert seen(one) == [("ann", "unreadable", 0), ("bob", "review", 0)]
    assert seen(one) == []


def test_who_is_held_back_is_said_once_and_loses_no_try(course, graded):
    one = watching(course, graded, tries=1)
    mini.hand_in(course, "ann", answer("1"))
    graded.held = {"ann": "the hand-in is as it was"}
    assert seen(one) == [("ann", "held back", 0)]
    assert seen(one) == []
    mini.hand_in(course, "ann", answer("2"))
    graded.held = {}
    assert seen(one) == [("ann", "graded", 1)]


# --- what is recorded of a round -----------------------------------------------------------


class Toys:
    """A toy course that is watched, with verdicts that are made up."""

    def __init__(self, course, monkeypatch):
        self.folder, self.monkeypatch = course, monkeypatch
        self.course = Course.open(course)

    def hand_in(self, student, text=""):
        shutil.rmtree(self.folder / "submitted" / student, ignore_errors=True)
        toy.submit(self.folder, student, {"half": f"def half(x):\n    return x / 2  # {text}"})

    def grade(self, plan="first", worth=None, **verdicts):
        rows = [toy.graded(name, **how) for name, how in verdicts.items()]
        for row in rows:
            path = self.folder / "submitted" / row.student / "toy" / "toy.ipynb"
            row.hand_in, row.plan = hashlib.sha256(path.read_bytes()).hexdigest(), plan
            row.receipt = hashlib.sha256(f"{row.hand_in}{plan}".encode()).hexdigest()
            row.tests[1].max_points = worth or row.tests[1].max_points
        made = toy.of_set(*rows)
        self.monkeypatch.setattr("mlpgrader.watch.grade_set", lambda *_, **__: made)
        return grader(self.course, "toy", GradeOptions())(tuple(verdicts))

    def scores(self):
        return {name: marks.score for name, marks in stored_marks(self.course, "toy").items()}

    def page(self, student):
        return (self.folder / "feedback" / student / "toy" / "toy.html").read_text()


@pytest.fixture
def toys(tmp_path, monkeypatch):
    made = Toys(toy.make_course(tmp_path), monkeypatch)
    for student in ("ann", "bob"):
        made.hand_in(student)
    assert made.grade(ann={}, bob={"half": "failed"}).held == {}
    return made


FIRST = {"ann": 3.0, "bob": 2.0}
MENDED = {"ann": {"half": "failed"}, "bob": {"half": "failed"}}


def test_a_grade_that_changes_though_the_hand_in_did_not_is_not_recorded(toys):
    page = toys.page("ann")
    done = toys.grade(plan="mended", **MENDED)
    assert [*done.held] == ["ann"] and "half-values 1 → 0" in done.held["ann"]
    assert "mlpgrader grade toy --accept" in done.held["ann"]
    assert toys.scores() == FIRST and toys.page("ann") == page
    assert load_summary(toys.course, "toy").submissions[0].score == 3.0
    assert not copies_of(toys.course)


def test_who_handed_in_anew_is_recorded_beside_one_who_is_held_back_and_a_copy_kept(toys):
    toys.hand_in("bob", "better")
    toys.hand_in("eve")
    done = toys.grade(plan="mended", ann={"half": "failed"}, bob={}, eve={})
    assert [*done.held] == ["ann"]
    assert toys.scores() == {"ann": 3.0, "bob": 3.0, "eve": 3.0}
    assert [copy.set for copy in copies_of(toys.course)] == ["toy"]


def test_where_a_cell_is_worth_other_points_all_wait(toys):
    toys.hand_in("eve")
    done = toys.grade(plan="mended", worth=4.0, ann={"half": "failed"}, eve={})
    assert [*done.held] == ["ann", "eve"]
    assert "other points are given for half-values" in done.held["eve"]
    assert toys.scores() == FIRST


def test_where_no_copy_can_be_kept_it_is_said(toys, monkeypatch):
    monkeypatch.setattr("mlpgrader.course.copies._file_of", lambda course: None)
    toys.hand_in("bob", "better")
    assert any("no copy is kept" in line for line in toys.grade(bob={}).problems)
    assert toys.scores()["bob"] == 3.0


def test_a_source_that_is_half_written_ends_nothing(course, graded):
    one = watching(course, graded)
    source = course / "solutions" / "mini" / "mini.ipynb"
    text = source.read_text()
    source.write_text(text[:100])
    mini.hand_in(course, "ann", answer("1"))
    assert {event[1] for event in seen(one)} == {"failed"}
    source.write_text(text)
    assert seen(one)[0] == ("ann", "graded", 1)


def test_no_state_no_results_and_no_restart_give_a_try_back(course, graded):
    mini.hand_in(course, "ann", answer("1"))
    assert seen(watching(course, graded, tries=1)) == [("ann", "graded", 1)]
    assert seen(watching(course, graded, tries=1)) == []
    mini.hand_in(course, "ann", answer("2"))
    assert seen(watching(course, graded, tries=1)) == [("ann", "no tries left", 1)]
    state = course / "results" / ".watch" / "mini.json"
    for text in ("", "{", "[]", '{"ann": {}}'):
        state.write_text(text)
        with pytest.raises(UsageError, match="cannot be read"):
            watching(course, graded)


def test_odd_names_and_links_are_graded_as_any(course, graded, tmp_path):
    (course / "submitted" / "link").symlink_to(tmp_path)
    mini.hand_in(course, "=cmd\x1b[2J", answer("1"))
    assert [event[0] for event in seen(watching(course, graded))] == ["=cmd\x1b[2J"]


def test_a_second_watch_is_refused(course):
    with (
        one_at_a_time(Course.open(course), "watching-mini"),
        pytest.raises(UsageError, match="watching-mini here already"),
    ):
        list(watch(course, "mini", GradeOptions(), rounds=1))


def test_who_is_forgotten_has_no_tries_kept(course, graded):
    for student in ("ann", "bob"):
        mini.hand_in(course, student, answer("1"))
    seen(watching(course, graded))
    forget(course, traces_of(course, "ann"))
    assert [*json.loads((course / "results" / ".watch" / "mini.json").read_text())] == ["bob"]


KILLED = """
import sys, time
from mlpgrader.course.folders import Course
from mlpgrader.watch import Graded, Watch
from tests.support import toy

def grade(names):
    time.sleep(0.02)
    return Graded(toy.of_set(*map(toy.graded, names)))

one = Watch(Course.open(sys.argv[1]), "mini", 3, grade)
while True:
    for event in one.round():
        print(event.student, event.tries, flush=True)
"""


@pytest.mark.slow
def test_it_survives_to_be_killed_while_fifty_arrive(course, graded):
    command = [sys.executable, "-c", KILLED, str(course)]
    for number in range(50):
        mini.hand_in(course, f"s{number % 10}", answer(str(number)))
        if number % 5 == 4:
            with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as run:
                run.stdout.readline()  # it has begun to count
                time.sleep(0.01 * number % 0.07)
                os.kill(run.pid, signal.SIGKILL)
    one = watching(course, graded, tries=3)
    seen(one)
    rows = {name: asdict(row) for name, row in one._rows.items()}
    assert {*rows} == {f"s{number}" for number in range(10)}
    for row in rows.values():
        assert 1 <= len(row["used"]) <= 3 and len({*row["used"]}) == len(row["used"])


@pytest.mark.slow
def test_the_command_grades_records_and_returns(tmp_path):
    course = toy.make_course(tmp_path)
    toy.submit(course, "ann", {})
    toy.submit(course, "bob", {}).write_text("no notebook")
    words = ["watch", "toy", "--tries", "1", "--once", "--every", "0.1", "--jobs", "1"]
    words += ["--course", str(course)]
    done = CliRunner().invoke(cli.main, words, prog_name="mlpgrader")
    assert done.exit_code == 1  # of bob's
    assert "ann: graded, 3 points, 1 of 1 tries" in done.stdout and "bob: unreadable" in done.stdout
    assert (course / "feedback" / "ann" / "toy" / "toy.html").exists()
    again = CliRunner().invoke(cli.main, [*words, "--json"], prog_name="mlpgrader")
    assert (again.exit_code, again.stdout) == (0, "")


@pytest.mark.parametrize("words", [["nosuch"], ["../mini"], ["mini", "--tries", "0"]])
def test_bad_input(course, words):
    done = CliRunner().invoke(cli.main, ["watch", *words, "--course", str(course)])
    assert done.exit_code == 2 and "Traceback" not in done.stderr
