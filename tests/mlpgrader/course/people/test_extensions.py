"""More time for some: lateness, penalties and points follow at once, whoever handed in when."""

import json
from contextlib import closing
from datetime import datetime, timedelta

import pytest
from click.testing import CliRunner

from mlpgrader import cli
from mlpgrader.course import gradebook as record
from mlpgrader.course.folders import Course
from mlpgrader.course.marks import stored_marks
from mlpgrader.course.people.extensions import Pending, apply_pending, extend, read_duration
from mlpgrader.errors import UsageError
from mlpgrader.reports.export import grades
from tests.support import toy

DUE = datetime(2026, 3, 6, 18)
ZERO = 'c.LateSubmissionPlugin.penalty_method = "zero"\n'


@pytest.fixture
def course(tmp_path):
    """A toy course in which late work gets nothing; `ann` is two hours late, `bob` in time."""
    course = toy.make_course(tmp_path)
    with open(course / "nbgrader_config.py", "a") as config:
        config.write(ZERO)
    with closing(record.open_gradebook(course)) as gradebook:
        gradebook.add_assignment("toy", duedate=DUE)
        gradebook.add_student("cem", first_name="Cem", last_name="Ak")
    hand_in(course, "ann", "2026-03-06 20:00")
    hand_in(course, "bob", "2026-03-06 17:00")
    return course


def hand_in(course, student, time):
    toy.submit(course, student, {}, late=time)
    result = toy.of_set(toy.graded(student))
    assert record.record(course, result) == []
    apply_pending(course, result)
    return result.submissions[0]


def mlpgrader(*words):
    return CliRunner().invoke(cli.main, [*map(str, words)], prog_name="mlpgrader")


def stored_penalty(course, student):
    with closing(record.open_gradebook(course)) as gradebook:
        return gradebook.find_submission_notebook("toy", "toy", student).late_submission_penalty


def test_lateness_and_points_follow_at_once(course):
    assert stored_penalty(course, "ann") == 3.0
    [changed] = extend(course, "toy", ["ann"], by=timedelta(hours=1))
    assert (changed.late_before, changed.late) == (7200, 3600)
    [changed] = extend(course, "toy", ["ann"], by=timedelta(hours=2))
    assert (changed.late, changed.final_before, changed.final) == (0, 0.0, 3.0)
    assert changed.until == DUE + timedelta(hours=2)
    assert not stored_penalty(course, "ann")
    assert next(row for row in grades(course, "toy") if row["student"] == "ann")["final"] == "3"
    [changed] = extend(course, "toy", ["ann"], by=timedelta(0))
    assert changed.final == 0.0 and stored_penalty(course, "ann") == 3.0


def test_who_has_handed_nothing_in_gets_it_with_the_hand_in(course):
    [changed] = extend(course, "toy", ["cem"], until=DUE + timedelta(days=1))
    assert changed.final is None and "cem" not in stored_marks(course, "toy")
    late = hand_in(course, "cem", "2026-03-07 19:00")
    assert late.late_seconds == 3600
    assert stored_marks(course, "toy")["cem"].late_seconds == 3600
    assert Pending.of(Course.open(course), "toy").seconds == {}
    # what formgrader says from now on holds
    with closing(record.open_gradebook(course)) as gradebook:
        gradebook.find_submission("toy", "cem").extension = timedelta(days=2)
        gradebook.db.commit()
    apply_pending(course, toy.of_set(toy.graded("cem")))
    assert stored_marks(course, "toy")["cem"].late_seconds == 0


def test_an_extension_that_waits_can_be_taken_away(course):
    extend(course, "toy", ["cem"], by=timedelta(days=1))
    extend(course, "toy", ["cem"], by=timedelta(0))
    assert hand_in(course, "cem", "2026-03-07 17:00").late_seconds == 23 * 3600


@pytest.mark.parametrize(
    ("text", "hours"),
    [("2 days", 48), ("1d 12h", 36), ("1 week", 168), ("90 MIN", 1.5), ("0", 0), ("0 h", 0)],
)
def test_durations(text, hours):
    assert read_duration(text) == timedelta(hours=hours)


@pytest.mark.parametrize("text", ["", "2", "two days", "-2 days", "2 days ago", "1.5 h", "9" * 30])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(UsageError, match="no time such as"):
        read_duration(text)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["toy", "ann"], "--by"),
        (["toy", "ann", "--by", "1 h", "--until", "2026-03-08 18:00"], "--by"),
        (["toy", "ann", "--until", "03/04/2026 18:00"], "no time for certain"),
        (["toy", "ann", "--until", "2026-03-06 18:00"], "not before"),
        (["toy", "ann", "--by", "99999 weeks " * 5], "calendar"),
        (["toy", "ghost", "--by", "1 h"], "no student 'ghost'"),
        (["toy", "--by", "1 h"], "which students"),
        (["other", "ann", "--by", "1 h"], "no due date"),
        (["../toy", "ann", "--by", "1 h"], "no due date"),
        (["toy", "ann", "--by", "1 h", "--group", "nofile"], "no file"),
    ],
)
def test_bad_input_is_one_line_and_changes_nothing(course, words, reason):
    done = mlpgrader("extend", *words, "--course", course)
    assert done.exit_code == 2 and reason in done.stderr and len(done.stderr.splitlines()) == 1
    assert stored_marks(course, "toy")["ann"].late_seconds == 7200


def test_the_command_takes_names_groups_and_everybody(course):
    done = mlpgrader("extend", "toy", "ANN", "--by", "2 h", "--course", course)
    assert done.stdout == "ann: until 2026-03-06 20:00 UTC; late by 2 h → 0 s; 0 → 3 points\n"
    (course / "group").write_text("cem ak\n\nbob\nann\n")
    words = ["--until", "Sunday, 8 March 2026, 6:00 PM", "--group", course / "group", "--json"]
    data = json.loads(mlpgrader("extend", "toy", *words, "--course", course).stdout)
    assert [row["student"] for row in data["students"]] == ["cem", "bob", "ann"]
    assert {row["until"] for row in data["students"]} == {"2026-03-08 18:00:00 UTC"}
    done = mlpgrader("extend", "toy", "--all", "--by", "0", "--course", course)
    assert len(done.stdout.splitlines()) == 3
