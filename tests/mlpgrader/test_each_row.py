"""Nothing of one student ends a run: whatever happens with a row, the others come through.

Each step is made to fail for one student with an error that nobody has foreseen.
"""

import errno
import json
import os

import pytest
from click.testing import CliRunner
from sqlalchemy.exc import OperationalError

from mlpgrader import cli
from mlpgrader.course import autograded, gradebook, marks
from mlpgrader.errors import MachineError
from mlpgrader.reports import export, feedback
from mlpgrader.runner import grade, worker
from mlpgrader.runner.store import save_summary
from tests.support import mini, toy

STUDENTS = ("ann", "bad", "cem")


def failing_for(step, is_bad):
    """A function that raises for some calls, and is as before for all others."""

    def failing(*args, **kwargs):
        if is_bad(*args):
            raise RecursionError("nobody has foreseen this")
        return step(*args, **kwargs)

    return failing


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    books = {name: mini.submission() for name in STUDENTS}
    books["bad"] = mini.submission({"double": "# the bad one\n" + mini.RIGHT["double"]})
    return mini.course(tmp_path_factory.mktemp("rows"), books)


def statuses(course):
    options = grade.GradeOptions(jobs=1, unsafe=True, force=True)
    result = grade.grade_set(course, "mini", options)
    return {row.student: (row.status, row.score, row.message) for row in result.submissions}


def test_reading(course, monkeypatch):
    step = failing_for(grade.read_notebook, lambda course, student, *_: student == "bad")
    monkeypatch.setattr(grade, "read_notebook", step)
    rows = statuses(course)
    assert rows["bad"][:2] == ("review", 0.0)
    assert "not judged, RecursionError: nobody has foreseen this" in rows["bad"][2]
    assert rows["ann"][:2] == rows["cem"][:2] == ("graded", 6.0)


@pytest.mark.parametrize("lost", [False, True])
def test_judging(course, monkeypatch, lost):
    def bad(self, text, *_):
        if "the bad one" in text and lost:
            raise worker.WorkerLostError("a grading process ended unexpectedly")
        return "the bad one" in text

    monkeypatch.setattr(worker.Worker, "grade", failing_for(worker.Worker.grade, bad))
    rows = statuses(course)
    assert rows["bad"][:2] == ("review", 0.0)
    assert rows["ann"][:2] == rows["cem"][:2] == ("graded", 6.0)
    monkeypatch.undo()
    assert grade_again(course)["bad"] == "graded"  # what was not judged is not kept


def grade_again(course):
    result = grade.grade_set(course, "mini", grade.GradeOptions(jobs=1, unsafe=True))
    return {row.student: row.status for row in result.submissions}


def test_a_run_that_was_stopped_is_no_fault_of_a_row(course, monkeypatch):
    def stopped(self, *_, **__):
        self.closed = True
        raise worker.WorkerLostError("the run was stopped")

    monkeypatch.setattr(worker.Worker, "grade", stopped)
    with pytest.raises(MachineError, match="the run was stopped"):
        statuses(course)


@pytest.fixture
def recorded(tmp_path):
    course = toy.make_course(tmp_path)
    for name in STUDENTS:
        toy.submit(course, name, {})
    result = toy.of_set(*map(toy.graded, STUDENTS))
    assert gradebook.record(course, result) == []
    save_summary(course, result)
    return course


@pytest.mark.parametrize("error", [ValueError("odd"), PermissionError(errno.EACCES, "no")])
def test_recording(tmp_path, monkeypatch, error):
    course = toy.make_course(tmp_path)
    monkeypatch.setattr(autograded, "autograded", raising_for("bad", autograded.autograded, error))
    problems = gradebook.record(course, toy.of_set(*map(toy.graded, STUDENTS)))
    assert [line.partition(" ")[0] for line in problems] == ["bad"]
    assert set(marks.stored_marks(course, "toy")) == {"ann", "cem"}


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "full"), OperationalError("", {}, Exception())]
)
def test_what_would_come_again_for_the_next_student_ends_it(tmp_path, monkeypatch, error):
    course = toy.make_course(tmp_path)
    monkeypatch.setattr(autograded, "autograded", raising_for("bad", autograded.autograded, error))
    with pytest.raises(type(error)):
        gradebook.record(course, toy.of_set(*map(toy.graded, STUDENTS)))


def raising_for(student, step, error):
    def raising(master, submission, cells):
        if submission.student == student:
            raise error
        return step(master, submission, cells)

    return raising


def test_penalties(recorded, monkeypatch):
    step = failing_for(gradebook._penalize, lambda row, penalties: row.student_id == "bad")
    monkeypatch.setattr(gradebook, "_penalize", step)
    problems = gradebook.record(recorded, toy.of_set(*map(toy.graded, STUDENTS)))
    assert [line.partition(":")[0] for line in problems] == ["bad"]


def test_rows_of_the_gradebook(recorded, monkeypatch):
    step = failing_for(marks._marks, lambda row, penalties: row.student_id == "bad")
    monkeypatch.setattr(marks, "_marks", step)
    found = marks.stored_set(recorded, "toy")
    assert set(found.marks) == {"ann", "cem"}
    assert "bad: the gradebook's rows cannot be used: RecursionError" in found.problems[0]


def test_feedback(recorded, monkeypatch):
    monkeypatch.setattr(feedback, "page", failing_for(feedback.page, lambda *a: bad_page(*a)))
    problems: list[str] = []
    paths = feedback.write_feedback(recorded, "toy", problems=problems)
    assert {path.parts[-3] for path in paths} == {"ann", "cem"}
    assert [line.partition(" ")[0] for line in problems] == ["bad"]


def bad_page(name, submission, *_):
    return submission.student == "bad"


def test_export(recorded, monkeypatch):
    step = failing_for(export.standing_of, lambda course, name, student, *_: student == "bad")
    monkeypatch.setattr(export, "standing_of", step)
    done = CliRunner().invoke(cli.main, ["export", "toy", "--course", str(recorded), "--json"])
    rows = {row["student"]: row for row in json.loads(done.stdout)["grades"]}
    assert rows["bad"]["status"] == "review"
    assert rows["ann"]["status"] == rows["cem"]["status"] == "graded"
    assert done.exit_code == 1
    assert "bad: RecursionError" in done.stderr


def test_a_name_that_is_no_text_costs_nobody_else_anything(course):
    odd = os.path.join(os.fsencode(course), b"submitted", b"\xff\x1b[2J", b"mini")
    os.makedirs(odd)
    rows = statuses(course)
    assert rows["\\udcff\x1b[2J"][0] == "unreadable"
    assert rows["ann"][:2] == ("graded", 6.0)


def test_no_name_sends_codes_to_a_terminal(tmp_path):
    course = toy.make_course(tmp_path)
    name = "eve\x1b]0;gained\x07"
    toy.submit(course, name, {})
    gradebook.record(course, toy.of_set(toy.graded(name)))
    run = CliRunner().invoke
    for words in (
        ["export", "toy"],
        ["feedback", "toy"],
        ["grade", "toy", "--student", name + "x"],
    ):
        done = run(cli.main, [*words, "--course", str(course)], color=True)
        assert r"eve\x1b]0;gained\x07" in done.output
        assert "\x1b" not in done.output
