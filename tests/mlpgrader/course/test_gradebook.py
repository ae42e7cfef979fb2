"""The gradebook and autograded/ after a recording: what nbgrader itself would have written."""

import json
from contextlib import closing, nullcontext
from datetime import datetime

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.utils import determine_grade

from mlpgrader.course import gradebook as record
from mlpgrader.course.folders import Course
from mlpgrader.errors import MachineError, UsageError
from tests.support import toy

DOUBLE = "def double(x):\n    return x + x"


@pytest.fixture
def course(tmp_path):
    return toy.make_course(tmp_path)


def gradebook(course):
    return closing(Gradebook(f"sqlite:///{course}/gradebook.db", "toy"))


def page(course, student="ann"):
    return nbformat.read(course / "autograded" / student / "toy" / "toy.ipynb", as_version=4)


def cell(notebook, grade_id):
    return next(
        each
        for each in notebook.cells
        if each.metadata.get("nbgrader", {}).get("grade_id") == grade_id
    )


def test_scores_reach_the_gradebook(course):
    toy.submit(course, "ann", {"double": DOUBLE})
    toy.submit(course, "bob", {"double": DOUBLE})
    record.record(course, toy.of_set(toy.graded("ann"), toy.graded("bob", half="timeout")))
    with gradebook(course) as book:
        assert {row["student"]: row["score"] for row in book.submission_dicts("toy")} == {
            "ann": 3.0,
            "bob": 2.0,
        }
        assert book.find_assignment("toy").max_score == 3.0
        assert not any(row["needs_manual_grade"] for row in book.submission_dicts("toy"))
        assert book.find_grade("half-values", "toy", "toy", "bob").failed_tests


def test_untouched_cells_are_said_to_hold_no_response(course):
    path = toy.submit(course, "ann", {})
    result = toy.of_set(toy.graded("ann", "failed", "failed"))
    record.record(course, result)
    notebook = json.loads(path.read_text())
    with gradebook(course) as book:
        assert book.find_comment("double", "toy", "toy", "ann").comment is None
        notebook["cells"][2]["source"] = book.find_source_cell("double", "toy", "toy").source
    path.write_text(json.dumps(notebook))
    record.record(course, result)
    with gradebook(course) as book:
        assert book.find_comment("double", "toy", "toy", "ann").comment == "No response."
        assert book.find_comment("half", "toy", "toy", "ann").comment is None


def test_a_second_recording_adds_no_row_and_keeps_what_a_person_gave(course):
    toy.submit(course, "ann", {})
    result = toy.of_set(toy.graded("ann", half="failed"))
    record.record(course, result)
    with gradebook(course) as book:
        grade = book.find_grade("half-values", "toy", "toy", "ann")
        grade.manual_score, grade.needs_manual_grade = 0.5, False
        book.find_comment("half", "toy", "toy", "ann").manual_comment = "nearly"
        book.db.commit()
        before = book.find_submission("toy", "ann").id
    record.record(course, result)
    with gradebook(course) as book:
        submission = book.find_submission("toy", "ann")
        assert (submission.id, submission.score) == (before, 2.5)
        assert not submission.needs_manual_grade
        assert book.find_comment("half", "toy", "toy", "ann").comment == "nearly"
        assert len(book.assignment_submissions("toy")) == 1
    record.record(course, toy.of_set(toy.graded("ann")))
    with gradebook(course) as book:
        grade = book.find_grade("half-values", "toy", "toy", "ann")
        assert (grade.auto_score, grade.score, grade.needs_manual_grade) == (1.0, 0.5, True)


def test_a_test_at_fault_waits_for_a_person(course):
    toy.submit(course, "ann", {})
    record.record(course, toy.of_set(toy.graded("ann", half="error")))
    with gradebook(course) as book:
        grade = book.find_grade("half-values", "toy", "toy", "ann")
        assert grade.auto_score is None
        assert grade.needs_manual_grade


def test_an_unreadable_submission_waits_for_a_person_and_says_why(course):
    toy.submit(course, "ann", {}).write_text("not a notebook")
    record.record(course, toy.of_set(toy.unreadable("ann", "it is not JSON")))
    with gradebook(course) as book:
        assert book.find_submission("toy", "ann").score == 0
        assert book.find_submission("toy", "ann").needs_manual_grade
    assert "it is not JSON" in cell(page(course), "half-values").outputs[0].evalue


def test_lateness_comes_from_the_timestamp_and_the_due_date(course):
    toy.submit(course, "ann", {}, late="2026-03-02 00:01:00 UTC")
    toy.submit(course, "bob", {}, late="no date at all")
    with gradebook(course) as book:
        book.update_or_create_assignment("toy", duedate=datetime(2026, 3, 2))
    (course / "nbgrader_config.py").write_text(
        toy.CONFIG + 'c.LateSubmissionPlugin.penalty_method = "zero"\n'
    )
    result = toy.of_set(toy.graded("ann"), toy.graded("bob"))
    record.record(course, result)
    assert [each.late_seconds for each in result.submissions] == [60, 0]
    with gradebook(course) as book:
        assert book.find_submission("toy", "ann").late_submission_penalty == 3.0
        assert not book.find_submission("toy", "bob").late_submission_penalty
        book.grant_extension("toy", "ann", hours=1)
    record.record(course, result)
    with gradebook(course) as book:
        assert not book.find_submission("toy", "ann").late_submission_penalty
    assert result.submissions[0].late_seconds == 0


def test_a_linked_timestamp_is_not_followed(course, tmp_path):
    path = toy.submit(course, "ann", {})
    (tmp_path / "elsewhere").write_text("2026-03-02 00:01:00 UTC")
    (path.parent / "timestamp.txt").symlink_to(tmp_path / "elsewhere")
    record.record(course, toy.of_set(toy.graded("ann")))
    with gradebook(course) as book:
        assert book.find_submission("toy", "ann").timestamp is None


def test_autograded_notebooks_are_valid_and_give_nbgrader_the_same_points(course):
    toy.submit(course, "ann", {"double": DOUBLE, "half": None})
    result = toy.graded("ann", double="passed", half="failed", messages=("", "half is not defined"))
    result.tests[0].points = 1.5
    record.record(course, toy.of_set(result))
    notebook = page(course)
    nbformat.validate(notebook)
    assert cell(notebook, "double").source == DOUBLE
    assert cell(notebook, "half").source == ""
    assert determine_grade(cell(notebook, "double-values")) == (1.5, 2.0)
    assert determine_grade(cell(notebook, "half-values")) == (0, 1.0)


def test_added_cells_stand_where_they_stood_and_prose_is_never_rendered(course):
    added = [("print(1)", "code"), ("<script>alert(1)</script>", "markdown")]
    toy.submit(course, "ann", {}, added=added)
    outputs = {"+6": [{"output_type": "stream", "name": "stdout", "text": "1\n"}]}
    record.record(course, toy.of_set(toy.graded("ann", outputs=outputs)))
    cells = page(course).cells
    assert [each.cell_type for each in cells].count("markdown") == 2  # the title and the added one
    assert cells[-2].source == "print(1)"
    assert cells[-2].outputs[0].text == "1\n"
    assert cells[-1].source == "    <script>alert(1)</script>"


def test_changed_points_are_taken_over_and_changed_cells_are_refused(course):
    toy.submit(course, "ann", {})
    record.record(course, toy.of_set(toy.graded("ann")))
    path = course / "solutions" / "toy" / "toy.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[3].metadata.nbgrader.points = 5.0
    nbformat.write(notebook, path)
    record.record(course, toy.of_set(toy.graded("ann")))
    with gradebook(course) as book:
        assert book.find_assignment("toy").max_score == 6.0
        assert book.find_submission("toy", "ann").max_score == 6.0
    del notebook.cells[-1]
    nbformat.write(notebook, path)
    with pytest.raises(UsageError, match="Cannot add or remove cells"):
        record.record(course, toy.of_set(toy.graded("ann")))


def test_a_gradebook_that_cannot_be_made_is_named_without_its_password(course, monkeypatch):
    opened = Course.open(course)
    monkeypatch.setattr(Course, "db_url", "postgresql://ann:pass-word@host/course")
    monkeypatch.setattr(record, "masters_of", lambda *_: {})
    monkeypatch.setattr(record, "connected", lambda _: nullcontext(None))
    with pytest.raises(MachineError, match=r"ann:\*\*\*@host/course cannot be made"):
        record.record(opened, toy.of_set())


def test_a_broken_configuration_is_named(course):
    (course / "nbgrader_config.py").write_text("c = get_config(")
    with pytest.raises(UsageError, match="nbgrader_config"):
        Course.open(course)
