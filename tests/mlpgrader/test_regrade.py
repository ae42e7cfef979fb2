"""A mended test: who gains and who loses is shown, recorded when accepted, and can be put back."""

import json
from dataclasses import replace

import pytest

from mlpgrader.course import copies
from mlpgrader.course.folders import Course
from mlpgrader.course.regrade import regrade_of
from tests.support import toy
from tests.support.made_up import FAILED, PASSED, Class, sha256


@pytest.fixture
def course(tmp_path):
    made = toy.make_course(tmp_path)
    for student in ("ann", "bob", "cem"):
        toy.submit(made, student, {"double": f"def double(x):\n    return 2 * x  # {student}"})
    return made


@pytest.fixture
def toys(course, monkeypatch):
    """A class that is graded: Ann passes, Bob and Cem fail one test."""
    made = Class(course, monkeypatch)
    assert made.grade(ann=PASSED, bob=FAILED, cem=FAILED).exit_code == 0
    return made


BEFORE = {"ann": 3.0, "bob": 2.0, "cem": 2.0}
MENDED = {"ann": {"double": "failed"}, "bob": PASSED, "cem": FAILED}
AFTER = {"ann": 1.0, "bob": 3.0, "cem": 2.0}


def test_who_gains_and_who_loses_is_shown_before_it_is_recorded(toys):
    kept = (toys.course / "results" / "toy.json").read_text()
    done = toys.grade(plan="mended", **MENDED)
    assert done.exit_code == 1
    assert "mlpgrader grade toy --accept" in done.stderr
    ann, bob = [line for line in done.stdout.splitlines() if " → " in line]
    assert "ann" in ann and "-2" in ann and "double-values 2 → 0" in ann
    assert "bob" in bob and "+1" in bob and "half-values 0 → 1" in bob
    assert "toy: 1 gain, 1 lose, 1 keep their points" in done.stdout
    assert toys.scores() == BEFORE
    assert (toys.course / "results" / "toy.json").read_text() == kept
    assert toys.grade("--accept", plan="mended", **MENDED).exit_code == 0
    assert toys.scores() == AFTER
    assert toys.grade(plan="mended", **MENDED).exit_code == 0  # it is settled


def test_a_diff_records_nothing_though_nobody_has_to_look(toys):
    assert toys.grade("--diff", plan="mended", **MENDED).exit_code == 1
    done = toys.grade("--diff", plan="mended", ann=PASSED, bob=FAILED, cem=FAILED)
    assert (done.exit_code, done.stdout) == (0, "toy: 0 gain, 0 lose, 3 keep their points\n")
    toys.grade("--diff", ann=FAILED)
    assert toys.scores() == BEFORE
    data = json.loads(toys.grade("--diff", "--json", plan="mended", **MENDED).stdout)["regrade"]
    assert [row["student"] for row in data["changes"]] == ["ann", "bob"]
    assert data["unchanged"] == 1
    assert "regrade" not in json.loads(toys.grade("--json", plan="mended", cem=FAILED).stdout)


@pytest.mark.parametrize("what", ["plan", "versions"])
def test_all_that_judges_counts(toys, what):
    assert toys.grade(**{what: "2"}, **MENDED).exit_code == 1
    assert toys.scores() == BEFORE


def test_other_hand_ins_and_new_ones_are_recorded_at_once(toys):
    toy.submit(toys.course, "eve", {})
    for student in ("ann", "bob"):
        path = toys.course / "submitted" / student / "toy" / "toy.ipynb"
        path.write_text(path.read_text().replace(student, "better"))
    done = toys.grade(plan="mended", eve=PASSED, **MENDED)
    assert done.exit_code == 0, done.stdout
    assert toys.scores() == {**AFTER, "eve": 3.0}
    assert [copy.set for copy in copies.copies_of(Course.open(toys.course))] == ["toy"]


def test_the_same_judge_may_think_again(toys):
    assert toys.grade("--force", **MENDED).exit_code == 0  # such as with more time
    assert toys.scores() == AFTER


def test_who_is_new_waits_with_those_whose_grades_would_change(toys):
    toy.submit(toys.course, "eve", {})
    assert toys.grade(plan="mended", eve=PASSED, **MENDED).exit_code == 1
    assert toys.scores() == BEFORE


def test_what_a_person_gave_is_no_change_and_stays(toys):
    with toys.gradebook() as book:
        grade = book.find_grade("double-values", "toy", "toy", "ann")
        grade.manual_score, grade.needs_manual_grade = 1.5, False
        book.db.commit()
    done = toys.grade(plan="mended", **MENDED)
    assert "ann" not in done.stdout and "1 gain, 0 lose, 2 keep" in done.stdout
    assert toys.grade("--accept", plan="mended", **MENDED).exit_code == 0
    assert toys.scores() == {**AFTER, "ann": 2.5}


def test_other_points_of_a_cell_have_to_be_accepted(toys):
    source = toys.course / "solutions" / "toy" / "toy.ipynb"
    source.write_text(source.read_text().replace('"points": 1.0', '"points": 4.0'))
    worth = toy.graded

    def worth_four(student, **how):
        row = worth(student, **how)
        row.tests[1] = replace(row.tests[1], points=4 * row.tests[1].points, max_points=4.0)
        return row

    toys.monkeypatch.setattr(toy, "graded", worth_four)
    done = toys.grade(plan="mended", ann=FAILED | {"double": "passed"}, bob=FAILED, cem=FAILED)
    assert done.exit_code == 1 and "1 → 4" in done.stdout
    assert json.loads(toys.run("export", "toy", "--json").stdout)["grades"][0]["max_score"] == "3"
    assert toys.grade("--accept", plan="mended", ann=PASSED, bob=FAILED, cem=FAILED).exit_code == 0
    assert json.loads(toys.run("export", "toy", "--json").stdout)["grades"][0]["max_score"] == "6"
    assert toys.scores()["ann"] == 6.0


def test_points_that_wait_for_a_person_are_a_loss_that_is_said(toys):
    done = toys.grade(plan="broken", ann={"half": "error"}, bob=FAILED, cem=FAILED)
    assert done.exit_code == 1 and "half-values 1 → open" in done.stdout


def test_what_can_no_longer_be_read_is_a_loss_that_is_said(toys):
    row = toy.unreadable("ann", "odd")
    row.hand_in, row.plan = sha256(toys.hand_in("ann")), "mended"
    found = regrade_of(Course.open(toys.course), toy.of_set(row))
    assert [(change.before, change.after) for change in found.regraded] == [
        (2.0, None),
        (1.0, None),
    ]


def test_a_notebook_that_the_set_no_longer_has_is_compared_with_nothing(toys):
    row = toy.graded("ann", "failed", "failed")
    row.notebooks = {"another": row}
    assert not regrade_of(Course.open(toys.course), toy.of_set(row)).changes


@pytest.mark.parametrize("other", ["--diff", "--no-record"])
def test_to_accept_is_to_record(toys, other):
    done = toys.grade("--accept", other, **MENDED)
    assert done.exit_code == 2 and "--accept records" in done.stderr


# --- copies --------------------------------------------------------------------------------


def test_what_was_recorded_can_be_put_back_and_that_undone(toys):
    before = toys.page("ann")
    toys.grade("--accept", plan="mended", **MENDED)
    after = toys.page("ann")
    assert after != before
    done = toys.run("restore")
    assert done.exit_code == 0 and "before grades of toy changed" in done.stdout
    assert toys.scores() == BEFORE
    assert toys.page("ann") == before
    assert toys.grade(plan="mended", **MENDED).exit_code == 1  # it is to be accepted again
    undo = done.stderr.split()[-1]
    assert toys.run("restore", undo).exit_code == 0
    assert toys.scores() == AFTER
    assert toys.page("ann") == after


def test_a_run_that_changes_no_grade_keeps_no_copy(toys):
    toys.grade(plan="mended", ann=PASSED, bob=FAILED, cem=FAILED)
    assert toys.run("restore", "--list").stdout == ""
    done = toys.run("restore")
    assert done.exit_code == 2 and "no copy" in done.stderr


@pytest.mark.parametrize("name", ["", "../../gradebook.db", "/etc/passwd", "2026", "\x1b[31m"])
def test_no_other_name_is_a_copy(toys, name):
    toys.grade("--accept", plan="mended", **MENDED)
    done = toys.run("restore", name)
    assert done.exit_code == 2 and "there is no copy" in done.stderr and "\x1b" not in done.stderr
    assert toys.scores() == AFTER


def test_in_a_course_that_was_moved_files_go_where_it_is_now(toys):
    toys.grade("--accept", plan="mended", **MENDED)
    old = toys.course
    toys.course = old.rename(old.with_name("moved"))
    assert toys.run("restore").exit_code == 0
    assert not old.exists()
    assert toys.scores() == BEFORE
    summary = json.loads((toys.course / "results" / "toy.json").read_text())
    assert {row["student"]: row["score"] for row in summary["submissions"]} == BEFORE


def test_copies_are_few(toys, monkeypatch):
    monkeypatch.setattr(copies, "MOST_DAYS", 1)
    course = Course.open(toys.course)
    made = [copies.keep_copy(course, "toy") for _ in range(8)]
    kept = copies.copies_of(course)
    assert kept == [*reversed(made[3:]), made[0]]  # the newest, and the first of the day
    assert all((copy.folder / "gradebook.db").is_file() for copy in kept)
    assert len([*(toys.course / "results" / "copies").iterdir()]) == 6


def test_where_no_copy_can_be_kept_it_is_said(toys, monkeypatch):
    monkeypatch.setattr(copies, "_file_of", lambda course: None)
    done = toys.grade("--accept", plan="mended", **MENDED)
    assert done.exit_code == 0 and "no copy is kept" in done.stderr
    done = toys.run("restore")
    assert done.exit_code == 2 and "no SQLite file" in done.stderr


# --- receipts ------------------------------------------------------------------------------


def test_a_receipt_is_on_the_page_for_student_and_teacher_to_compare(toys):
    page = toys.page("ann")
    assert sha256(toys.hand_in("ann")) in page  # what sha256sum says of the student's file
    assert "torch 1" in page and "<dd>first</dd>" in page
    toys.grade("--accept", plan="mended", **MENDED)
    assert "<dd>mended</dd>" in toys.page("ann")
    with toys.gradebook() as book:  # somebody else's points have no receipt of ours
        book.find_grade("half-values", "toy", "toy", "ann").auto_score = 0.0
        book.db.commit()
    assert "Receipt" not in toys.page("ann")
