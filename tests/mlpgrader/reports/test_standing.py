"""The gradebook, not a file of a run, says what a student has; feedback goes back by nbgrader."""

import csv
import io
import json
import shutil
from contextlib import closing
from datetime import datetime

import pytest

from mlpgrader.course import gradebook as record
from mlpgrader.reports import export, feedback
from mlpgrader.runner.store import load_summary, save_summary
from tests.support import toy


@pytest.fixture
def course(tmp_path):
    return toy.make_course(tmp_path)


def run(course, *submissions):
    result = toy.of_set(*submissions)
    assert record.record(course, result) == []
    save_summary(course, result)


def rows(course):
    text = export.grades_csv(course, ["toy"])
    return {row["student"]: row for row in csv.DictReader(io.StringIO(text))}


def test_a_run_over_others_loses_nobody(course):
    toy.submit(course, "ann", {})
    run(course, toy.graded("ann"))
    shutil.rmtree(course / "submitted" / "ann")
    toy.submit(course, "cem", {})
    run(course, toy.graded("cem", "failed"))
    assert (rows(course)["ann"]["final"], rows(course)["cem"]["final"]) == ("3", "1")
    assert [path.parts[-3] for path in feedback.write_feedback(course, "toy")] == ["ann", "cem"]
    assert [row.student for row in load_summary(course, "toy").submissions] == ["ann", "cem"]


def test_grades_need_no_summary_and_sources_may_be_lists_of_lines(course):
    toy.submit(course, "ann", {})
    run(course, toy.graded("ann", half="failed", messages=("", "half(4): expected 2")))
    (course / "results" / "toy.json").unlink()
    path = course / "autograded" / "ann" / "toy" / "toy.ipynb"
    notebook = json.loads(path.read_text())
    for cell in notebook["cells"]:
        cell["source"] = cell["source"].splitlines(keepends=True)
    path.unlink()
    path.write_text(json.dumps(notebook))
    assert (rows(course)["ann"]["status"], rows(course)["ann"]["score"]) == ("graded", "2")
    [page] = feedback.write_feedback(course, "toy")
    assert "half(4): expected 2" in page.read_text()


def test_a_page_has_beside_it_what_nbgrader_releases_it_by(course):
    for student in ("ann", "bob"):
        path = toy.submit(course, student, {}, late="2026-03-02 00:01:00 UTC")
    (course / "submitted/ann/toy/submission_secret.txt").write_text("s3cret")
    (path.parent / "timestamp.txt").write_text("24:009999999999999999999912345678901234")
    run(course, toy.graded("ann"), toy.graded("bob"))
    feedback.write_feedback(course, "toy")
    folder = course / "feedback"
    assert (folder / "ann/toy/timestamp.txt").read_text() == "2026-03-02 00:01:00 UTC"
    assert (folder / "ann/toy/submission_secret.txt").read_text() == "s3cret"
    assert (folder / "bob/toy/timestamp.txt").read_text() == ""
    secret = (folder / "bob/toy/submission_secret.txt").read_text()
    assert len(secret) == 64
    feedback.write_feedback(course, "toy")
    assert (folder / "bob/toy/submission_secret.txt").read_text() == secret
    assert "no time for certain" in rows(course)["bob"]["message"]


def test_an_extension_shows_at_once(course):
    config = toy.CONFIG + 'c.LateSubmissionPlugin.penalty_method = "zero"\n'
    (course / "nbgrader_config.py").write_text(config)
    with closing(record.open_gradebook(course)) as book:
        book.update_or_create_assignment("toy", duedate=datetime(2026, 3, 2))
    toy.submit(course, "ann", {}, late="2026-03-02 00:01:00 UTC")
    run(course, toy.graded("ann"))
    assert (rows(course)["ann"]["late"], rows(course)["ann"]["final"]) == ("60", "0")
    with closing(record.open_gradebook(course)) as book:
        book.grant_extension("toy", "ann", hours=1)
    assert (rows(course)["ann"]["late"], rows(course)["ann"]["final"]) == ("0", "3")


def test_one_student_s_lost_notebook_keeps_no_page_from_another(course):
    for student in ("ann", "bob"):
        toy.submit(course, student, {})
    run(course, toy.graded("ann"), toy.graded("bob"))
    shutil.rmtree(course / "autograded" / "ann")
    problems = []
    [page] = feedback.write_feedback(course, "toy", problems=problems)
    assert "bob" in str(page)
    assert len(problems) == 1
    assert problems[0].startswith("ann ")
