"""A student is gone from rows, results and pages, nobody else is, and what remains is said."""

import json
import shutil
from contextlib import closing
from datetime import timedelta

import pytest
from click.testing import CliRunner

from mlpgrader import cli
from mlpgrader.course import gradebook as record
from mlpgrader.course.copies import keep_copy, restore
from mlpgrader.course.folders import Course
from mlpgrader.course.marks import stored_marks
from mlpgrader.course.people.extensions import extend
from mlpgrader.course.people.forgetting import forget, traces_of
from mlpgrader.reports.class_page import class_report, write_class_page
from mlpgrader.reports.feedback import write_feedback
from mlpgrader.runner.store import load_summary, save_summary
from tests.support import toy

ANN, ADDRESS = "ann o'lee", "very.rare.address@example.org"


@pytest.fixture
def course(tmp_path):
    """A toy course with all that is written of `ann o'lee`, `bob` and `ann`."""
    course = toy.make_course(tmp_path)
    result = toy.of_set(*(toy.graded(student) for student in (ANN, "bob", "ann")))
    for submission, receipt in zip(result.submissions, ["r1", "r2", "r2"], strict=True):
        toy.submit(course, submission.student, {})
        submission.receipt = receipt
    assert record.record(course, result) == []
    save_summary(course, result)
    for receipt in ("r1", "r2"):
        (course / "results" / "toy").mkdir(exist_ok=True)
        (course / "results" / "toy" / f"{receipt}.json").write_text("{}")
    with closing(record.open_gradebook(course)) as gradebook:
        gradebook.update_or_create_student(ANN, email=ADDRESS, first_name="Ann", last_name="O'Lee")
        gradebook.add_assignment("later", duedate="2026-03-06 18:00")
    write_feedback(course, "toy")
    write_class_page(course, class_report(course, "toy"))
    extend(course, "later", [ANN, "bob"], by=timedelta(hours=1))
    return course


def mlpgrader(*words, typed=""):
    return CliRunner().invoke(cli.main, [*map(str, words)], prog_name="mlpgrader", input=typed)


def everything(course):
    return {path: path.read_bytes() for path in course.rglob("*") if path.is_file()}


def test_nothing_of_the_student_is_left_but_the_hand_in(course):
    left = forget(course, traces_of(course, ANN))
    assert left == [course / "submitted" / ANN]
    for path, content in everything(course).items():
        if "submitted" not in path.parts:
            for trace in (ANN, ADDRESS, "O&#39;Lee"):
                assert trace.encode() not in content, path
    assert not (course / "results" / "toy" / "r1.json").exists()
    assert not (course / "autograded" / ANN).exists() and not (course / "feedback" / ANN).exists()
    assert forget(course, traces_of(course, ANN), handed_in=True) == []
    assert traces_of(course, ANN).is_nothing


def test_the_others_keep_all_they_have(course):
    before = stored_marks(course, "toy")
    forget(course, traces_of(course, ANN), handed_in=True)
    after = stored_marks(course, "toy")
    assert after == {student: before[student] for student in ("ann", "bob")}
    assert [row.student for row in load_summary(course, "toy").submissions] == ["ann", "bob"]
    for student in ("ann", "bob"):
        assert (course / "submitted" / student / "toy" / "toy.ipynb").exists()
        assert (course / "feedback" / student / "toy" / "toy.html").exists()
    assert (course / "results" / "toy" / "r2.json").exists()
    assert "bob" in (course / "results" / ".extensions" / "later.json").read_text()
    # a receipt that two share is kept until the last of them is gone
    forget(course, traces_of(course, "ann"))
    assert (course / "results" / "toy" / "r2.json").exists()
    forget(course, traces_of(course, "bob"))
    assert not (course / "results" / "toy" / "r2.json").exists()


def test_the_command_asks_first(course):
    before = everything(course)
    done = mlpgrader("forget", ANN, "--course", course, typed="n\n")
    assert done.exit_code == 1 and "toy" in done.stderr and everything(course) == before
    assert mlpgrader("forget", ANN, "--course", course).exit_code == 1  # nobody to ask
    assert everything(course) == before
    done = mlpgrader("forget", "O'LEE, Ann", "--course", course, "--yes", "--hand-ins", "--json")
    data = json.loads(done.stdout)
    assert done.exit_code == 0 and (data["student"], data["sets"]) == (ANN, ["toy"])
    assert "exports, returned pages" in done.stderr


def test_copies_of_the_gradebook_lose_the_student_and_nobody_else(course):
    opened = Course.open(course)
    copy = keep_copy(opened, "toy")
    before = stored_marks(course, "toy")
    forget(course, traces_of(course, ANN), handed_in=True)
    assert [*(course / "results").rglob("copies/*/gradebook.db")] == [copy.folder / "gradebook.db"]
    for path, content in everything(course).items():
        for trace in (ANN, ADDRESS, "O&#39;Lee"):
            assert trace.encode() not in content, path
    restore(opened, copy.name)
    assert stored_marks(course, "toy") == {name: before[name] for name in ("ann", "bob")}
    assert (course / "autograded" / "bob" / "toy" / "toy.ipynb").exists()
    assert not (course / "autograded" / ANN).exists()
    assert [row.student for row in load_summary(course, "toy").submissions] == ["ann", "bob"]


def test_who_is_in_a_copy_alone_is_found_there(course):
    keep_copy(Course.open(course), "toy")
    with closing(record.open_gradebook(course)) as gradebook:
        gradebook.remove_student(ANN)
    for path in ("autograded", "feedback", "submitted"):
        shutil.rmtree(course / path / ANN)
    assert len(traces_of(course, ANN).copies) == 1
    done = mlpgrader("forget", ANN, "--course", course, "--yes")
    assert done.exit_code == 0, done.stderr
    assert traces_of(course, ANN).is_nothing


@pytest.mark.parametrize("name", ["gradebook.db", "contents.json"])
def test_a_copy_that_cannot_be_read_is_named(course, name):
    copy = keep_copy(Course.open(course), "toy")
    (copy.folder / name).unlink()
    (copy.folder / name).write_text("[damaged")
    left = forget(course, traces_of(course, ANN), handed_in=True)
    assert copy.folder in left
    assert traces_of(course, "ghost").is_nothing


def test_what_remains_is_named(course):
    (course / "gradebook.db.2026-03-01").write_bytes((course / "gradebook.db").read_bytes())
    (course / "results" / "old.csv").write_text(f"{ANN},3\n")
    done = mlpgrader("forget", ANN, "--course", course, "--yes")
    for name in ("gradebook.db.2026-03-01", "old.csv", f"submitted/{ANN}"):
        assert any(name in line for line in done.stderr.splitlines()), name
    assert done.exit_code == 1


@pytest.mark.parametrize("name", ["", "..", ".", "../ann", "/etc", "submitted/bob", "ghost", "bo"])
def test_no_name_reaches_anything_else(course, name):
    before = everything(course)
    done = mlpgrader("forget", name, "--course", course, "--yes", "--hand-ins")
    assert done.exit_code == 2 and len(done.stderr.splitlines()) == 1
    assert everything(course) == before


def test_a_link_is_removed_and_what_it_leads_to_stays(course, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "file").write_text("stays")
    (course / "feedback" / "eve").symlink_to(elsewhere)
    (elsewhere / "toy").mkdir()
    forget(course, traces_of(course, "eve"))
    assert not (course / "feedback" / "eve").exists() and (elsewhere / "file").exists()
