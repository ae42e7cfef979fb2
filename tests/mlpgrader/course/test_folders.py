"""The folders of a course are those that nbgrader_config.py names, for all verbs, from anywhere."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

from mlpgrader import cli
from mlpgrader.course import folders
from mlpgrader.course.folders import Course, read_submitted, students, write
from mlpgrader.course.sources import files_beside, plan_of, settings_of
from mlpgrader.errors import UnreadableError, UsageError
from tests.support import toy

# of a course that nbgrader's own quickstart makes
QUICKSTART = """c = get_config()
c.CourseDirectory.course_id = "toy"
c.IncludeHeaderFooter.header = "source/header.ipynb"
"""
OTHER = """c = get_config()
c.CourseDirectory.source_directory = "masters"
c.CourseDirectory.release_directory = "handouts/{place}"
c.CourseDirectory.submitted_directory = "collected"
c.CourseDirectory.autograded_directory = "marked"
c.CourseDirectory.feedback_directory = "returned"
c.CourseDirectory.db_url = "sqlite:///grades.sqlite"
"""


def with_config(folder, text):
    (folder / "nbgrader_config.py").write_text(text)
    return Course.open(folder)


def run(verb, course):
    done = CliRunner().invoke(
        cli.main, [verb, "toy", "--course", str(course)], prog_name="mlpgrader"
    )
    assert done.exit_code == 0, (verb, done.output, done.exception)
    return done.stdout


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """The current folder is another one than the course's."""
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")


@pytest.fixture
def course(tmp_path):
    folder = toy.make_course(tmp_path / "course")
    toy.submit(folder, "ann", {})
    return folder


@pytest.mark.slow
def test_every_verb_follows_other_names_from_anywhere(course, elsewhere):
    (course / "solutions").rename(course / "masters")
    (course / "submitted").rename(course / "collected")
    with_config(course, OTHER.format(place="term"))
    for verb in ("release", "grade", "feedback"):
        run(verb, course)
    assert "ann,toy,3,3" in run("export", course)
    assert (course / "handouts" / "term" / "toy" / "toy.ipynb").is_file()
    assert (course / "marked" / "ann" / "toy" / "toy.ipynb").is_file()
    assert (course / "returned" / "ann" / "toy" / "toy.html").is_file()
    names = {path.name for path in course.iterdir()} - {"nbgrader_config.py"}
    assert names == {
        "masters",
        "handouts",
        "collected",
        "marked",
        "returned",
        "grades.sqlite",
        "results",
    }


@pytest.mark.slow
def test_every_verb_works_in_a_course_as_nbgrader_lays_it_out(course, elsewhere):
    (course / "solutions").rename(course / "source")
    header = toy.notebook([toy.prose("Write your name first.", "header")])
    (course / "source" / "header.ipynb").write_text(toy.json.dumps(header))
    with_config(course, QUICKSTART)
    for verb in ("release", "grade", "feedback", "export"):
        run(verb, course)
    assert "Write your name first." in (course / "release" / "toy" / "toy.ipynb").read_text()
    assert (
        "Write your name first."
        in (course / "autograded" / "ann" / "toy" / "toy.ipynb").read_text()
    )
    assert not (course / "exercises").exists()


def test_without_a_setting_the_folders_that_are_there_decide(tmp_path):
    assert Course.open(tmp_path).source_folder("toy") == tmp_path / "solutions" / "toy"
    assert Course.open(tmp_path).release_folder("toy") == tmp_path / "exercises" / "toy"
    (tmp_path / "source").mkdir()
    assert Course.open(tmp_path).source_folder("toy") == tmp_path / "source" / "toy"
    assert Course.open(tmp_path).release_folder("toy") == tmp_path / "release" / "toy"
    (tmp_path / "solutions").mkdir()
    assert Course.open(tmp_path).source_folder("toy") == tmp_path / "solutions" / "toy"


def test_folders_may_be_absolute_and_the_root_another(tmp_path):
    (tmp_path / "far").mkdir()
    config = f'c = get_config()\nc.CourseDirectory.submitted_directory = "{tmp_path}/far/in"\n'
    course = with_config(tmp_path, config + 'c.CourseDirectory.root = "far"\n')
    assert course.root == tmp_path / "far"
    assert course.submitted_folder("ann", "toy") == tmp_path / "far" / "in" / "ann" / "toy"
    assert course.places() == [tmp_path / "far", tmp_path / "far" / "in"]
    assert course.db_url == f"sqlite:///{tmp_path}/far/gradebook.db"


def test_nbgrader_s_own_object_has_the_same_folders(course):
    opened = with_config(course, OTHER.format(place="term"))
    directory = opened.directory()
    assert directory.db_url == opened.db_url
    for step in ("source", "release", "submitted", "autograded", "feedback"):
        name = getattr(directory, f"{step}_directory")
        ours = getattr(opened, f"{step}_folder")
        theirs = directory.format_path(name, ".", "toy")
        names = ("toy",) if step in ("source", "release") else (".", "toy")
        assert opened.root / theirs == ours(*names)


@pytest.mark.parametrize(
    "structure",
    [
        "{nbgrader_step}/{assignment_id}/{student_id}",
        "{nbgrader_step}/{assignment_id}-of-{student_id}",
        "{nbgrader_step}/group/{student_id}/{assignment_id}/{student_id}",
        "{student_id}/{nbgrader_step}/{assignment_id}",
    ],
)
def test_submissions_are_found_in_any_structure(tmp_path, structure):
    config = f'c = get_config()\nc.CourseDirectory.directory_structure = "{structure}"\n'
    course = with_config(tmp_path, config)
    for name in ("ann", "bob"):
        write(course.submitted_folder(name, "toy") / "toy.ipynb", name)
    write(course.submitted_folder("cem", "other") / "other.ipynb", "cem")
    assert students(course, "toy") == ["ann", "bob"]
    assert read_submitted(course, "bob", "toy", "toy.ipynb") == "bob"


def test_no_link_is_followed_below_the_folder_of_submissions(course, tmp_path):
    write(tmp_path / "secret" / "toy" / "toy.ipynb", "secret")
    (course / "submitted" / "eve").symlink_to(tmp_path / "secret")
    (course / "submitted" / "dan").mkdir()
    (course / "submitted" / "dan" / "toy").symlink_to(tmp_path / "secret" / "toy")
    opened = Course.open(course)
    assert students(opened, "toy") == ["ann", "dan", "eve"]
    for name in ("eve", "dan"):
        with pytest.raises(UnreadableError, match="cannot be opened"):
            read_submitted(opened, name, "toy", "toy.ipynb")


def test_the_folder_of_submissions_itself_may_be_a_link(course, tmp_path):
    (course / "submitted").rename(tmp_path / "upload")
    (course / "submitted").symlink_to(tmp_path / "upload")
    opened = Course.open(course)
    assert students(opened, "toy") == ["ann"]
    assert "double" in read_submitted(opened, "ann", "toy", "toy.ipynb")


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("syntax error(", "nbgrader_config.py cannot be used"),
        ("raise SystemError('no')", "nbgrader_config.py cannot be used: no"),
        ("c.CourseDirectory.source_directory = 3", "source_directory is no text: 3"),
        ("c.CourseDirectory.root = None", "root is no text"),
        ("c.IncludeHeaderFooter.footer = 1", "IncludeHeaderFooter.footer is no text: 1"),
        ("c.CourseDirectory.directory_structure = '{step}'", "directory_structure cannot be used"),
        ("c.CourseDirectory.directory_structure = '{nbgrader_step}'", "needs {student_id}"),
    ],
)
def test_a_bad_configuration_is_one_line(course, setting, words):
    (course / "nbgrader_config.py").write_text(f"c = get_config()\n{setting}\n")
    done = CliRunner().invoke(cli.main, ["grade", "toy", "--course", str(course)])
    assert done.exit_code == 2
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_what_nbgrader_refuses_is_a_usage_error(course):
    opened = with_config(course, "c = get_config()\nc.CourseDirectory.ignore = 3\n")
    with pytest.raises(UsageError, match="nbgrader_config"):
        opened.directory()


def test_a_missing_set_is_named_with_its_place(course):
    with pytest.raises(UsageError, match=r"no set 'tay': .*solutions/tay holds no notebook"):
        plan_of(Course.open(course), "tay")


def test_few_of_many_folders_are_looked_into(tmp_path, monkeypatch):
    course = Course.open(toy.make_course(tmp_path))
    for name in range(144):
        (course.submitted_folder("ann", "toy") / str(name // 12) / str(name % 12)).mkdir(
            parents=True
        )
    seen = []
    walk = folders._walk

    def noted(folder):
        for place in walk(folder):
            seen.append(place)
            yield place

    monkeypatch.setattr(folders, "MOST_FILES", 12)
    monkeypatch.setattr(folders, "_walk", noted)
    assert folders.files_of(course, "ann", "toy") == [] and 12 < len(seen) < 40


def test_opening_a_course_imports_no_nbgrader():
    code = (
        "import sys\n"
        "import mlpgrader.cli, mlpgrader.runner.grade, mlpgrader.runner.store\n"
        "from mlpgrader.course.folders import Course\n"
        "Course.open('.')\n"
        "slow = {'nbgrader', 'nbformat', 'sqlalchemy', 'torch'} & set(sys.modules)\n"
        "sys.exit(', '.join(slow) or None)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_settings_are_read_in_each_of_their_forms(tmp_path):
    """Also those that change nbgrader's defaults, or are JSON, or lie in a file of their own."""
    folder = toy.make_course(tmp_path)
    more = "get_config().ClearSolutions.begin_solution_delimeter = 'BEGIN ANSWER'\n"
    (folder / "base.py").write_text(more)
    (folder / "nbgrader_config.json").write_text(
        '{"ClearHiddenTests": {"end_test_delimeter": "X"}}'
    )
    course = with_config(
        folder,
        "c = get_config()\nload_subconfig('base.py')\n"
        "c.CourseDirectory.ignore.append('key*.csv')\nc.CourseDirectory.include = ['*.csv']\n"
        "c.ClearSolutions.code_stub.update({'python': 'pass'})\n",
    )
    settings = settings_of(course, "toy")
    assert (settings.stub, settings.hidden[1], settings.solution[0]) == (
        "pass",
        "X",
        "BEGIN ANSWER",
    )
    for name in ("data.csv", "key-1.csv", "notes.txt", ".env", "a.pyc"):
        (course.source_folder("toy") / name).write_text("x")
    assert [name for name, _ in files_beside(course, "toy")] == ["data.csv"]


@pytest.mark.parametrize("name", ["nbgrader_config.py", "nbgrader_config.json"])
def test_a_broken_configuration_is_named(tmp_path, name):
    (tmp_path / name).write_text("{,")
    with pytest.raises(UsageError, match=name):
        Course.open(tmp_path)
