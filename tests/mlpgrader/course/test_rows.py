"""The rows of a set, read and written in bulk: the same as nbgrader's own classes make of them."""

import subprocess
import sys
from contextlib import closing
from datetime import datetime, timedelta

import pytest
from nbgrader.api import Base, Gradebook

from mlpgrader.course import gradebook
from mlpgrader.course.folders import Course
from mlpgrader.course.marks import marked_otherwise, stored_set
from mlpgrader.course.rows import TABLES, StoredRows, connected
from mlpgrader.runner.store import save_summary
from tests.support import toy


@pytest.fixture
def course(tmp_path):
    made = toy.make_course(tmp_path)
    toy.submit(made, "ann", {}, late="2026-03-06 18:00:00 UTC")
    toy.submit(made, "bob", {})
    gradebook.record(made, class_of_two())
    return made


def class_of_two():
    found = toy.of_set(toy.graded("ann"), toy.graded("bob", half="failed"))
    for row in found.submissions:
        row.receipt = row.student
    return found


def nbgraders(course):
    return closing(Gradebook(f"sqlite:///{course}/gradebook.db", "toy"))


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_columns_are_nbgraders(table):
    theirs = Base.metadata.tables[table.name].columns
    kinds = {column.name: type(column.type).__visit_name__ for column in table.columns}
    assert (
        kinds.items()
        <= {column.name: type(column.type).__visit_name__ for column in theirs}.items()
    )
    needed = {column.name for column in theirs if not column.nullable and column.default is None}
    assert needed - {"max_score", "cell_type", "course_id"} <= kinds.keys()


def test_each_row_is_as_nbgrader_itself_would_make_it(course):
    with nbgraders(course) as book:
        book.add_student("cem")
        with book.db.no_autoflush:
            theirs = book.add_submission("toy", "cem")
        [notebook] = theirs.notebooks
        made = {"grades": len(notebook.grades), "comments": len(notebook.comments)}
        fresh = {grade.name: vars(grade) for grade in notebook.grades}
        [ours] = book.find_submission("toy", "ann").notebooks
        assert made == {"grades": len(ours.grades), "comments": len(ours.comments)}
        assert (notebook.flagged, ours.flagged) == (False, False)
        for grade in ours.grades:
            their = fresh[grade.name]
            assert (grade.extra_credit, grade.manual_score) == (None, None)
            assert (grade.cell_id, len(grade.id)) == (their["cell_id"], len(their["id"]))


def test_what_was_read_is_what_nbgrader_says(course):
    with nbgraders(course) as book:
        book.find_assignment("toy").duedate = datetime(2026, 3, 5, 12)
        book.find_submission("toy", "ann").extension = timedelta(days=1, hours=1)
        grade = book.find_grade("half-values", "toy", "toy", "bob")
        grade.manual_score, grade.extra_credit = 0.5, 0.25
        book.find_comment("half", "toy", "toy", "bob").manual_comment = "nearly"
        book.db.commit()
        late = {
            row.student_id: row.total_seconds_late for row in book.assignment_submissions("toy")
        }
        scores = {row["student"]: row["score"] for row in book.submission_dicts("toy")}
    stored = stored_set(course, "toy")
    assert {student: marks.late_seconds for student, marks in stored.marks.items()} == late
    assert late == {"ann": 5 * 3600.0, "bob": 0.0}
    assert {student: marks.score for student, marks in stored.marks.items()} == scores
    assert stored.marks["bob"].comments["half"] == "nearly"


@pytest.mark.parametrize("what", ["manual_score", "extra_credit", "late_submission_penalty"])
def test_who_has_other_points_than_the_tests_gave_is_known(course, what):
    opened = Course.open(course)
    assert marked_otherwise(opened, "toy") == []
    with nbgraders(course) as book:
        row = book.find_grade("half-values", "toy", "toy", "bob")
        row = row.notebook if what == "late_submission_penalty" else row
        setattr(row, what, 0.0 if what == "manual_score" else 0.5)
        book.db.commit()
    assert marked_otherwise(opened, "toy") == ["bob"]
    assert marked_otherwise(opened, "other") == []


def test_a_person_s_part_of_a_row_is_never_written(course):
    with connected(Course.open(course)) as connection:
        rows = StoredRows(connection, "toy")
        with nbgraders(course) as book:  # somebody grades in formgrader meanwhile
            book.find_grade("half-values", "toy", "toy", "bob").manual_score = 0.5
            book.db.commit()
        for grade in rows.submissions["bob"].notebooks[0].grades:
            grade.auto_score, grade.manual_score = 0.0, 7.0
        rows.save()
    with nbgraders(course) as book:
        grade = book.find_grade("half-values", "toy", "toy", "bob")
        assert (grade.auto_score, grade.manual_score) == (0.0, 0.5)


def test_what_is_as_it_was_is_not_written_and_an_error_leaves_nothing(course):
    before = (course / "gradebook.db").read_bytes()
    with connected(Course.open(course)) as connection:
        StoredRows(connection, "toy").save()
    assert (course / "gradebook.db").read_bytes() == before
    with pytest.raises(LookupError), connected(Course.open(course)) as connection:
        rows = StoredRows(connection, "toy")
        rows.add("eve")
        rows.save()
        raise LookupError
    assert "eve" not in stored_set(course, "toy").people


@pytest.mark.parametrize("step", ["record", "feedback"])
def test_where_nothing_is_new_nbgrader_is_not_imported(course, step):
    save_summary(course, class_of_two())
    code = {
        "record": "from mlpgrader.course.gradebook import record\n"
        "from mlpgrader.runner.store import load_summary\n"
        "assert record('.', load_summary('.', 'toy')) == []\n",
        "feedback": "from mlpgrader.reports.feedback import write_feedback\n"
        "assert len(write_feedback('.', 'toy')) == 2\n",
    }[step]
    code = f"import sys\n{code}slow = {{'nbgrader', 'nbformat'}} & {{*sys.modules}}\n"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}sys.exit(', '.join(slow) or None)"],
        cwd=course,
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
