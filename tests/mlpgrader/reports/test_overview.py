"""All sets at a glance, and Gradescope's files: the gradebook's points, nothing for a zero."""

import json
from contextlib import closing

import pytest
from click.testing import CliRunner

from mlpgrader import cli
from mlpgrader.course import gradebook as record
from mlpgrader.reports.gradescope import write_gradescope
from mlpgrader.reports.overview import overview
from mlpgrader.reports.table import submissions_table
from mlpgrader.runner.store import save_summary
from tests.support import toy

ZERO = 'c.LateSubmissionPlugin.penalty_method = "zero"\n'


@pytest.fixture
def course(tmp_path):
    """`ann` has 2 of 3, `bob` is unreadable, `cem` missing, `dan` late, `eve` is pending."""
    course = toy.make_course(tmp_path)
    with open(course / "nbgrader_config.py", "a") as config:
        config.write(ZERO)
    with closing(record.open_gradebook(course)) as gradebook:
        gradebook.add_assignment("toy", duedate="2026-03-06 18:00")
        gradebook.add_assignment("later", duedate="2026-03-16 18:00")
        gradebook.add_student("cem")
        gradebook.add_student("ann", first_name="Ann", last_name="O'Lee [red]", email="a@x.org")
    for student in ("ann", "dan", "eve"):
        toy.submit(course, student, {}, late="2026-03-06 19:00" if student == "dan" else "")
    toy.submit(course, "bob", {}).write_text("{")
    wrong = toy.graded("ann", half="failed", messages=("", "half(4): expected 2 <b>&"))
    result = toy.of_set(
        wrong, toy.unreadable("bob", "no notebook"), toy.graded("dan"), toy.graded("eve")
    )
    assert record.record(course, result) == []
    with closing(record.open_gradebook(course)) as gradebook:
        gradebook.find_grade("half-values", "toy", "toy", "eve").needs_manual_grade = True
        gradebook.db.commit()
    save_summary(course, result)
    return course


def mlpgrader(*words):
    return CliRunner().invoke(cli.main, [*map(str, words)], prog_name="mlpgrader")


def test_the_class_has_a_row_for_each_and_a_mean(course):
    done = mlpgrader("class", "--course", course)
    rows = {line.split()[1]: line for line in done.stdout.splitlines() if "│" in line}
    assert done.exit_code == 0 and "toy (3)" in done.stdout and "later" not in done.stdout
    ends = {name: row.replace("│", " ").split()[-2:] for name, row in rows.items()}
    assert ends["ann"] == ["2", "2"] and ends["bob"] == ["?", "0"] and ends["cem"] == ["–", "0"]
    assert ends["dan"] == ["0", "0"] and ends["eve"] == ["3*", "3"]
    assert "Ann O'Lee [red]" in rows["ann"]
    assert rows["mean"].replace("│", " ").split()[-1] == "1.67"  # of ann, dan and eve


def test_the_class_as_json(course):
    data = json.loads(mlpgrader("class", "--course", course, "--json").stdout)
    assert data["sets"] == [{"set": "toy", "max_score": 3.0}]
    rows = {row["student"]: row["sets"][0] for row in data["students"]}
    assert (rows["dan"]["score"], rows["dan"]["penalty"], rows["dan"]["final"]) == (3.0, 3.0, 0.0)
    assert "final" not in rows["cem"] and rows["bob"]["status"] == "unreadable"
    assert rows["eve"]["pending"] == 1


def test_one_student_is_found_by_any_name(course):
    done = mlpgrader("student", "o'lee [red], ann", "--course", course)
    assert done.exit_code == 0 and "2 / 3" in done.stdout and "Ann O'Lee [red]" in done.stdout
    assert "1 h" in mlpgrader("student", "dan", "--course", course).stdout
    data = json.loads(mlpgrader("student", "A@X.ORG", "--course", course, "--json").stdout)
    assert (data["student"], data["total"], data["max_score"]) == ("ann", 2.0, 3.0)
    done = mlpgrader("student", "ghost", "--course", course)
    assert done.exit_code == 2 and "no student 'ghost'" in done.stderr


def test_a_course_without_grades_is_told_in_one_line(tmp_path):
    done = mlpgrader("class", "--course", toy.make_course(tmp_path))
    assert done.exit_code == 2 and "no set is graded yet" in done.stderr
    assert not (tmp_path / "gradebook.db").exists()


def test_a_table_of_a_set_has_names_where_there_are_some():
    result = toy.of_set(toy.graded("ann"), toy.graded("bob"))
    columns = [column.header for column in submissions_table(result, {"ann": "Ann Lee"}).columns]
    assert columns == ["student", "name", "score", "late", "status"]
    assert len(submissions_table(result, {"ann": ""}).columns) == 4


# --- Gradescope ----------------------------------------------------------------------------


def test_gradescope_gets_a_file_for_each_who_could_be_read(course, tmp_path):
    done = mlpgrader("export", "toy", "--gradescope", tmp_path / "out", "--course", course)
    assert done.exit_code == 1 and "bob: no file, since" in done.stderr
    files = {path.stem: json.loads(path.read_text()) for path in (tmp_path / "out").iterdir()}
    assert {*files} == {"ann", "dan", "eve"} and "3 files" in done.stdout
    ann = files["ann"]
    assert ann["score"] == 2.0 and [test["score"] for test in ann["tests"]] == [2.0, 0.0]
    assert [test["status"] for test in ann["tests"]] == ["passed", "failed"]
    assert ann["tests"][0]["name"] == "two numbers are doubled"
    assert ann["tests"][1]["output"] == "half(4): expected 2 <b>&"
    assert {ann["output_format"], ann["test_output_format"], ann["test_name_format"]} == {"text"}
    assert files["dan"]["score"] == 0.0 and "the late penalty takes 3" in files["dan"]["output"]
    assert "status" not in files["eve"]["tests"][1]
    assert files["eve"]["tests"][1]["output"] == "A person grades this."


def test_gradescope_gets_a_persons_points_and_nothing_hidden(course, tmp_path):
    with closing(record.open_gradebook(course)) as gradebook:
        gradebook.find_grade("half-values", "toy", "toy", "ann").manual_score = 0.5
        gradebook.db.commit()
    paths, _ = write_gradescope(course, "toy", tmp_path / "out")
    data = json.loads(paths[0].read_text())
    assert data["score"] == 2.5 and data["tests"][1]["score"] == 0.5
    assert not any("secret" in path.read_text() for path in paths)


@pytest.mark.parametrize("words", [["toy", "later"], ["later"], ["nosuch"]])
def test_gradescope_needs_one_set_that_is_graded(course, tmp_path, words):
    done = mlpgrader("export", *words, "--gradescope", tmp_path / "out", "--course", course)
    assert done.exit_code == 2 and len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_what_cannot_be_worked_out_of_one_student_is_named(course, tmp_path):
    autograded = course / "autograded" / "ann" / "toy" / "toy.ipynb"
    autograded.unlink()
    paths, problems = write_gradescope(course, "toy", tmp_path / "out")
    assert [path.stem for path in paths] == ["dan", "eve"]
    assert any(line.startswith("ann: no file") for line in problems)
    assert overview(course).rows["ann"]["toy"]["score"] == "2"
