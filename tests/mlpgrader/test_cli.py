"""The command line: data on stdout, one clear line on stderr for bad input, exit codes."""

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from click.testing import CliRunner

from mlpgrader import cli
from mlpgrader.course.gradebook import open_gradebook
from mlpgrader.course.marks import stored_marks
from mlpgrader.errors import MachineError
from mlpgrader.runner import grade as run
from mlpgrader.runner.store import load_summary
from tests.support import toy
from tests.support.variants import ROOT

HALVES = "def half(x):\n    return 2 * x"


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A course graded once: `ann` is right, `bob` wrong in one function, `cem` unreadable."""
    course = toy.make_course(tmp_path_factory.mktemp("course"))
    toy.submit(course, "ann", {})
    toy.submit(course, "bob", {"half": HALVES})
    toy.submit(course, "cem", {}).write_text("no notebook")
    done = mlpgrader("grade", "toy", "--course", course, "--json")
    return course, done


@pytest.fixture
def course(graded, tmp_path):
    """A copy of the graded course that a test may spoil."""
    return shutil.copytree(graded[0], tmp_path / "course")


def mlpgrader(*words):
    if words[0] == "grade" and "--jobs" not in words:
        words = (*words, "--jobs", 1)  # one zygote to start instead of two
    return CliRunner().invoke(cli.main, [*map(str, words)], prog_name="mlpgrader")


def one_line(done, code, *words):
    """The command ended with a code and one line on stderr, no traceback."""
    assert done.exit_code == code
    assert isinstance(done.exception, SystemExit)
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert all(word in lines[0] for word in words), lines[0]


def test_grade_prints_one_json_object(graded):
    _, done = graded
    data = json.loads(done.stdout)
    assert (data["schema_version"], data["set"], data["max_score"]) == (2, "toy", 3.0)
    rows = {each["student"]: each for each in data["submissions"]}
    assert [rows[name]["score"] for name in ("ann", "bob", "cem")] == [3.0, 2.0, 0.0]
    assert rows["cem"]["status"] == "unreadable"
    assert rows["cem"]["tests"] == []
    wrong = rows["bob"]["tests"][1]
    assert (wrong["grade_id"], wrong["status"]) == ("half-values", "failed")
    assert "expected 2" in wrong["message"]
    assert {"late_seconds", "seconds", "message", "max_score"} <= set(rows["ann"])


def test_grade_exits_1_for_an_unreadable_submission(graded):
    assert graded[1].exit_code == 1


def test_grade_shows_students_and_the_tests_most_failed(course):
    done = mlpgrader("grade", "toy", "--course", course)
    assert "not graded: the file is not a notebook" in done.stdout
    assert "3 / 3" in done.stdout
    assert "failed most often" in done.stdout
    assert "half-values" in done.stdout
    shutil.rmtree(course / "submitted" / "cem")
    assert mlpgrader("grade", "toy", "--course", course).exit_code == 0


def test_no_record_leaves_gradebook_and_autograded_alone(tmp_path):
    course = toy.make_course(tmp_path)
    toy.submit(course, "ann", {})
    assert mlpgrader("grade", "toy", "--course", course, "--no-record").exit_code == 0
    assert not (course / "gradebook.db").exists()
    assert not (course / "autograded").exists()
    assert (course / "results" / "toy.json").exists()


def test_one_student_is_graded_and_the_others_stay_as_they_were(course):
    for student in ("ann", "bob"):
        shutil.rmtree(course / "submitted" / student)
    toy.submit(course, "ann", {"half": HALVES})
    toy.submit(course, "bob", {})
    kept = written(course / "autograded" / "ann")
    done = mlpgrader("grade", "toy", "--student", "bob", "--course", course, "--json")
    assert done.exit_code == 0, done.stderr
    assert [row["student"] for row in json.loads(done.stdout)["submissions"]] == ["bob"]
    assert {name: marks.score for name, marks in stored_marks(course, "toy").items()} == {
        "ann": 3.0,
        "bob": 3.0,
        "cem": 0.0,
    }
    rows = {row.student: row for row in load_summary(course, "toy").submissions}
    assert (rows["ann"].score, rows["bob"].score, rows["cem"].status) == (3.0, 3.0, "unreadable")
    assert written(course / "autograded" / "ann") == kept
    one_line(mlpgrader("grade", "toy", "--student", "eve", "--course", course), 2, "eve", "toy")


def written(folder):
    """When each file of a course that holds a verdict was written."""
    kinds = (".ipynb", ".html", ".json", ".db")
    files = [path for path in folder.rglob("*") if path.suffix in kinds]
    assert files
    return {path: path.stat().st_mtime_ns for path in files}


def test_a_second_run_on_the_same_hand_ins_writes_nothing(course):
    (course / "submitted" / "ann" / "toy" / "timestamp.txt").write_text("2026-03-06 18:00 UTC")
    with closing(open_gradebook(course)) as gradebook:
        gradebook.update_or_create_assignment("toy", duedate="2026-03-05 18:00 UTC")
    times = []
    for _ in range(2):
        assert mlpgrader("grade", "toy", "--course", course).exit_code == 1  # of cem's
        assert mlpgrader("feedback", "toy", "--course", course).exit_code == 0
        times.append(written(course))
    assert load_summary(course, "toy").submissions[0].late_seconds == 24 * 3600
    assert times[1] == times[0]


def test_where_the_gradebook_is_locked_verdicts_are_shown(course):
    with closing(sqlite3.connect(course / "gradebook.db")) as other:
        other.execute("BEGIN EXCLUSIVE")
        done = mlpgrader("grade", "toy", "--course", course)
    one_line(done, 3, "gradebook", "database is locked")
    assert "ann" in done.stdout and "half-values" in done.stdout
    assert mlpgrader("grade", "toy", "--course", course).exit_code == 1  # of cem's


@pytest.mark.slow
def test_two_first_runs_at_once_both_end_well(tmp_path):
    course = toy.make_course(tmp_path)
    for student in ("ann", "bob"):
        toy.submit(course, student, {})
    words = ["grade", "toy", "--jobs", "1", "--json", "--course", str(course)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    code = "from mlpgrader.cli import main; main(prog_name='mlpgrader')"
    command = [sys.executable, "-c", code, *words]
    runs = [subprocess.Popen(command, cwd=ROOT, **pipes) for _ in range(2)]
    for each in runs:
        stdout, stderr = each.communicate()
        assert each.returncode == 0, stderr
        assert [row["score"] for row in json.loads(stdout)["submissions"]] == [3.0, 3.0]
    assert {marks.score for marks in stored_marks(course, "toy").values()} == {3.0}
    with closing(open_gradebook(course)) as gradebook:
        assert len(gradebook.assignment_submissions("toy")) == 2


def test_extra_credit_counts_in_exports_and_stays(course):
    with closing(open_gradebook(course)) as gradebook:
        grade = gradebook.find_grade("double-values", "toy", "toy", "ann")
        grade.extra_credit = 0.5
        gradebook.db.commit()
    for _ in range(2):
        done = mlpgrader("export", "toy", "--course", course, "--json")
        rows = {row["student"]: row for row in json.loads(done.stdout)["grades"]}
        assert (rows["ann"]["score"], rows["ann"]["max_score"]) == ("3.5", "3")
        assert rows["bob"]["score"] == "2"
        assert mlpgrader("grade", "toy", "--course", course).exit_code == 1  # of cem's
    assert mlpgrader("feedback", "toy", "--course", course).exit_code == 0
    page = (course / "feedback" / "ann" / "toy" / "toy.html").read_text()
    assert "<b>3.5</b> of 3 points" in page


def test_an_export_as_json_goes_to_the_file_that_is_named(course, tmp_path):
    file = tmp_path / "grades.json"
    printed = mlpgrader("export", "toy", "--course", course, "--json").stdout
    done = mlpgrader("export", "toy", "--course", course, "--json", "--to", file)
    assert done.stdout == "" and file.read_text() == printed
    words = ("export", "toy", "--course", course, "--json", "--gradescope", tmp_path)
    one_line(mlpgrader(*words), 2, "leave out --fill and --gradescope")


@pytest.mark.parametrize("name", ["nosuchset", "../toy", "", "toy/toy"])
def test_an_unknown_set(course, name):
    one_line(mlpgrader("grade", name, "--course", course), 2, "there is no set")


def test_missing_submissions(course):
    shutil.rmtree(course / "submitted")
    one_line(mlpgrader("grade", "toy", "--course", course), 2, "submitted is missing")


def test_a_corrupt_source_notebook(course):
    (course / "solutions" / "toy" / "toy.ipynb").write_text("{")
    one_line(mlpgrader("grade", "toy", "--course", course), 2, "toy", "cannot be read")


def test_a_results_folder_that_cannot_be_written(course):
    shutil.rmtree(course / "results")
    (course / "results").write_text("a file")
    one_line(mlpgrader("grade", "toy", "--course", course), 3, "results")


def test_a_gradebook_that_is_none(course):
    (course / "gradebook.db").write_text("no database " * 100)
    one_line(mlpgrader("grade", "toy", "--course", course), 3, "gradebook", "not a database")


def test_a_machine_without_a_sandbox(course, monkeypatch):
    def refuse(*_, **__):
        raise MachineError("no sandbox can be made here")

    monkeypatch.setattr(run, "grade_set", refuse)
    one_line(mlpgrader("grade", "toy", "--course", course), 3, "no sandbox")


def test_a_console_that_lacks_a_character_shows_another(course):
    (course / "submitted" / "bob").rename(course / "submitted" / "Łukasz")
    words = ["grade", "toy", "--course", str(course), "--jobs", "1"]
    done = CliRunner(charset="latin-1").invoke(cli.main, words, prog_name="mlpgrader")
    assert done.exit_code == 1 and "?ukasz" in done.stdout


@pytest.mark.parametrize(
    "other_system",
    [
        "del os.sched_getaffinity, socket.MSG_NOSIGNAL",
        "socket.socketpair = fail",
        "sys.modules['resource'] = None",
    ],
)
def test_another_system_than_linux_is_told_in_one_line(course, other_system):
    code = f"""import os, socket, sys
def fail(*arguments): raise OSError("Protocol not supported")
{other_system}
from mlpgrader.cli import main
main(["grade", "toy", "--course", {str(course)!r}, "--force"], prog_name="mlpgrader")"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    [line] = done.stderr.splitlines()
    assert done.returncode == 3 and "needs Linux" in line


def test_ctrl_c_says_that_nothing_is_lost(course, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "grade_set", stop)
    one_line(mlpgrader("grade", "toy", "--course", course), 130, "finished results are kept")


def test_options_reach_the_grader(course, monkeypatch):
    seen = []

    def note(course, name, options, *, progress):
        seen.append(options)
        return run.SetResult(name, 3.0, "none", [])

    monkeypatch.setattr(run, "grade_set", note)
    words = ["--jobs", 3, "--timeout", 2, "--memory", 512, "--force", "--unsafe", "--no-record"]
    assert mlpgrader("grade", "toy", "--course", course, *words).exit_code == 0
    assert seen == [run.GradeOptions(jobs=3, timeout=2.0, memory_mb=512, force=True, unsafe=True)]


def test_feedback_writes_a_page_for_each_student(course):
    done = mlpgrader("feedback", "toy", "--course", course, "--json")
    assert done.exit_code == 0
    pages = json.loads(done.stdout)["pages"]
    assert [page.split("/")[-3] for page in pages] == ["ann", "bob", "cem"]


def test_feedback_and_export_before_grading(course):
    shutil.rmtree(course / "results")
    (course / "gradebook.db").unlink()
    one_line(mlpgrader("feedback", "toy", "--course", course), 2, "mlpgrader grade toy")
    one_line(mlpgrader("export", "toy", "--course", course), 2, "mlpgrader grade toy")


def test_export_prints_or_writes_csv(course):
    text = mlpgrader("export", "toy", "--course", course).stdout
    assert text.splitlines()[0].startswith("student,set,score,max_score,late,status")
    mlpgrader("export", "toy", "--course", course, "--to", course / "grades.csv")
    assert (course / "grades.csv").read_text() == text
    one_line(mlpgrader("export", "toy", "--course", course, "--fill", "x.csv"), 2, "--key")


def test_help_names_every_command():
    text = mlpgrader("--help").stdout
    assert all(verb in text for verb in ("release", "grade", "feedback", "export"))


def test_mutants_lists_what_gets_full_marks(course):
    done = mlpgrader("mutants", "toy", "--course", course, "--jobs", 1)
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [
        "half, line 3",
        "- return x / 2",
        "+ return x // 2",
        "",
        "half, line 3",
        "- return x / 2",
        "+ return 2",
        "",
        "toy: 14 mutants, 2 with full marks, 2 of them without a reason",
    ]


REASONS = """
from mlpgrader.variants import equivalent

equivalent("whole numbers, says the book", "return x/2", "return x//2", "return 2")
equivalent("it was once", "return x / 2", "return x / 3")
"""


def test_mutants_takes_reasons_from_the_variants(course):
    folder = course / "variants" / "toy"
    folder.mkdir(parents=True)
    (folder / "half.py").write_text(REASONS)
    done = mlpgrader("mutants", "toy", "--course", course, "--jobs", 1, "--json")
    assert done.exit_code == 0
    data = json.loads(done.stdout)
    reasons = {row["after"]: row["reason"] for row in data["survivors"]}
    assert reasons == dict.fromkeys(["return x // 2", "return 2"], "whole numbers, says the book")
    assert data["unused"] == [["half.py", "return x / 2", "return x / 3"]]
    (folder / "half.py").rename(folder / "double.py")  # of another exercise
    done = mlpgrader("mutants", "toy", "--course", course, "--jobs", 1)
    assert done.exit_code == 1
    assert "2 of them without a reason" in done.stdout
    assert "double.py: no test lets this pass any more: return x / 2 → return x / 3" in done.stderr


ANSWERS = """
from mlpgrader.variants import right, wrong

right("halved")("half = lambda x: x / 2")
wrong("twice", fails=["half-values"])("half = lambda x: 2 * x")
"""


def test_the_matrix_shows_which_answer_fails_which_test(course):
    folder = course / "variants" / "toy"
    folder.mkdir(parents=True)
    (folder / "half.py").write_text(ANSWERS)
    words = ["mutants", "toy", "--matrix", "--course", course, "--jobs", 1]
    done = mlpgrader(*words)
    assert done.exit_code == 0
    assert done.stdout.splitlines()[:4] == ["half", "┌ values", "· halved", "✗ twice"]
    (folder / "half.py").write_text(ANSWERS.replace("2 * x", "x / 2"))
    done = mlpgrader(*words, "--json")
    assert done.exit_code == 1
    rows = json.loads(done.stdout)["answers"]
    assert [(row["how"], row["fails"], row["failed"]) for row in rows] == [
        ("halved", [], []),
        ("twice", ["half-values"], []),
    ]


def test_mutants_says_what_is_wrong_with_a_set_or_its_reasons(course):
    one_line(mlpgrader("mutants", "nosuchset", "--course", course), 2, "there is no set")
    folder = course / "variants" / "toy"
    folder.mkdir(parents=True)
    (folder / "half.py").write_text(REASONS.replace("x//2", "x//"))
    one_line(mlpgrader("mutants", "toy", "--course", course), 2, "half.py, line 4", "statement")
