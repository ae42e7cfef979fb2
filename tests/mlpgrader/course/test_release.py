"""A source that was edited in JupyterLab becomes canonical again, and no text of it changes."""

import json

import nbformat
import pytest
from click.testing import CliRunner

from mlpgrader import cli
from mlpgrader.course.release import release, tidy_source
from mlpgrader.errors import UsageError
from tests.support import toy
from tests.support.course import CONFIG


@pytest.fixture
def course(tmp_path):
    folder = toy.make_course(tmp_path)
    tidy_source(folder, "toy")
    return folder


def source_of(course):
    return course / "solutions" / "toy" / "toy.ipynb"


def edit(course, change):
    notebook = json.loads(source_of(course).read_text())
    change(notebook)
    source_of(course).write_text(json.dumps(notebook))


def as_jupyterlab_saves(notebook):
    """What running and saving in JupyterLab adds to a notebook."""
    notebook["metadata"]["language_info"] = {"name": "python", "version": "3.11.7"}
    notebook["metadata"]["widgets"] = {}
    for number, cell in enumerate(notebook["cells"]):
        cell["id"] = f"0b3c6dd6-3d0e-4c2a-8c4c-{number:012}"
        cell["metadata"]["jp-MarkdownHeadingCollapsed"] = True
        cell["metadata"]["tags"] = []
        if cell["cell_type"] == "code":
            cell["metadata"]["collapsed"] = False
            cell["metadata"]["execution"] = {"iopub.execute_input": "2026-03-06T18:00:00Z"}
            cell["execution_count"] = number
            stream = {"output_type": "stream", "name": "stdout", "text": ["hello\n"]}
            cell["outputs"] = [stream]
    notebook["cells"][0]["id"] = "title"


def test_what_jupyterlab_adds_goes_and_a_second_run_changes_nothing(course):
    before = source_of(course).read_bytes()
    edit(course, as_jupyterlab_saves)
    assert source_of(course).read_bytes() != before
    assert tidy_source(course, "toy") == [source_of(course)]
    assert source_of(course).read_bytes() == before
    assert tidy_source(course, "toy") == []


def test_nothing_is_written_where_nothing_changes(course):
    before = source_of(course).stat()
    assert tidy_source(course, "toy") == []
    assert source_of(course).stat() == before


def test_ids_are_names_and_new_cells_keep_theirs(course):
    def add_cells(notebook):
        notebook["cells"].append(toy.prose("More.", "f00d"))
        notebook["cells"].append(toy.prose("An id that belongs to another cell.", "double"))

    edit(course, add_cells)
    tidy_source(course, "toy")
    cells = json.loads(source_of(course).read_text())["cells"]
    names = ["title", "setup", "double", "double-values", "half", "half-values"]
    assert [cell["id"] for cell in cells] == [*names, "f00d", "double-2"]


def test_a_notebook_from_before_cells_had_ids_gets_the_same_ones_each_time(course):
    def make_old(notebook):
        notebook["nbformat_minor"] = 4
        for cell in notebook["cells"]:
            del cell["id"]

    texts = []
    for _ in range(2):
        edit(course, make_old)
        tidy_source(course, "toy")
        texts.append(source_of(course).read_text())
    assert texts[0] == texts[1]
    nbformat.validate(json.loads(texts[0]))


def test_texts_tags_and_what_nbgrader_needs_stay(course):
    odd = "  # spaces, a tab\t, U+2028 \u2028 and an emoji 🙂  \n\n\n"

    def change(notebook):
        as_jupyterlab_saves(notebook)
        notebook["cells"][1]["source"] = odd
        notebook["cells"][1]["metadata"] |= {"tags": ["given"], "editable": False}

    edit(course, change)
    before = json.loads(source_of(course).read_text())["cells"]
    tidy_source(course, "toy")
    after = nbformat.read(source_of(course), as_version=4).cells
    assert [cell.source for cell in after] == ["".join(cell["source"]) for cell in before]
    assert after[1].metadata.tags == ["given"]
    assert after[1].metadata.editable is False
    marks = [cell["metadata"].get("nbgrader") for cell in before]
    assert [cell.metadata.get("nbgrader") for cell in after] == marks


def test_permissions_and_links_stay(course, tmp_path):
    real = tmp_path / "real.ipynb"
    source_of(course).rename(real)
    real.chmod(0o640)
    source_of(course).symlink_to(real)
    edit(course, as_jupyterlab_saves)
    tidy_source(course, "toy")
    assert source_of(course).is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert "hello" not in real.read_text()


@pytest.mark.parametrize(
    ("text", "words"),
    [("{", "toy.ipynb cannot be used"), ("[]", "cannot be used"), ('{"a": 1}', "cannot be used")],
)
def test_a_source_that_is_no_notebook_stays_as_it_is(course, text, words):
    source_of(course).write_text(text)
    with pytest.raises(UsageError, match=words):
        tidy_source(course, "toy")
    assert source_of(course).read_text() == text


def test_two_cells_of_one_name_are_named(course):
    edit(course, lambda notebook: notebook["cells"].append(notebook["cells"][2]))
    before = source_of(course).read_text()
    with pytest.raises(UsageError, match="two cells are called double"):
        tidy_source(course, "toy")
    assert source_of(course).read_text() == before


def test_the_verb_says_what_it_changed(course):
    words = ["release", "toy", "--course", str(course)]
    quiet = CliRunner().invoke(cli.main, words)
    assert (quiet.exit_code, quiet.stderr) == (0, "")
    assert quiet.stdout.strip() == str(course / "exercises" / "toy")
    edit(course, as_jupyterlab_saves)
    done = CliRunner().invoke(cli.main, words)
    assert done.stdout == quiet.stdout
    assert "toy.ipynb is now in canonical form" in done.stderr
    edit(course, as_jupyterlab_saves)
    done = CliRunner().invoke(cli.main, [*words, "--json"])
    assert json.loads(done.stdout)["tidied"] == [str(source_of(course))]


def test_the_student_version_is_the_same_after_an_edit_without_change(course):
    first = (release(course, "toy") / "toy.ipynb").read_bytes()
    edit(course, as_jupyterlab_saves)
    tidy_source(course, "toy")
    assert (release(course, "toy") / "toy.ipynb").read_bytes() == first


def test_a_source_is_only_read_in_a_course_that_does_not_ask_for_more(course):
    """And the student version keeps what nbgrader leaves in it, its cells named."""
    (course / "nbgrader_config.py").write_text(CONFIG)
    edit(course, as_jupyterlab_saves)
    before = source_of(course).read_bytes(), source_of(course).stat().st_mtime_ns
    done = CliRunner().invoke(cli.main, ["release", "toy", "--course", str(course)])
    assert (done.exit_code, done.stderr) == (0, "")
    assert (source_of(course).read_bytes(), source_of(course).stat().st_mtime_ns) == before
    made = json.loads((course / "exercises" / "toy" / "toy.ipynb").read_text())
    named = {c["metadata"].get("nbgrader", {}).get("grade_id", c["id"]): c for c in made["cells"]}
    assert named["double"]["id"] == "double"
    assert named["double"]["metadata"]["jp-MarkdownHeadingCollapsed"] is True


def test_a_set_that_is_refused_is_not_stored_anew(course):
    edit(course, lambda notebook: notebook["cells"][3].update(source="assert double(1) == 3"))
    before = source_of(course).read_bytes()
    done = CliRunner().invoke(cli.main, ["release", "toy", "--course", str(course)])
    assert done.exit_code == 2 and "double-values" in done.stderr
    assert source_of(course).read_bytes() == before


def test_a_release_to_another_folder_leaves_the_course_alone(course, tmp_path):
    edit(course, as_jupyterlab_saves)
    before = source_of(course).read_bytes()
    assert release(course, "toy", tmp_path / "trial") == tmp_path / "trial" / "toy"
    assert source_of(course).read_bytes() == before
    assert not (course / "exercises").exists()
