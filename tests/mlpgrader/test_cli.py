"""The command line: data on stdout, one clear line on stderr for bad input, exit codes."""

import json
import shutil

import pytest
from click.testing import CliRunner

from mlpgrader import cli
from mlpgrader.errors import MachineError
from mlpgrader.runner import grade as run
from tests.support import toy

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
