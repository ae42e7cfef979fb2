"""`nbgrader autograde` with our preprocessor: the grader's verdicts in nbgrader's own pipeline."""

import json
import re
import shutil
from pathlib import Path

import pytest

from mlpgrader.course.gradebook import record
from mlpgrader.course.marks import stored_marks
from mlpgrader.runner.grade import GradeOptions, grade_set
from tests.support import browser, stock, toy
from tests.support.pages import dangers, nbgrader_page

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
FORGER = (
    "import os\nfrom IPython.core.interactiveshell import InteractiveShell\n"
    "InteractiveShell.run_cell = lambda *a, **k: None\ndef double(x): return 0"
)
X = '<img src=x onerror="window.pwned = 1"><script>window.pwned = 1</script>'
PROSE = [
    X,
    f"$${X}$$",
    f"$$\n{X}\n$$",
    f"\\begin{{align}}{X}\\end{{align}}",
    f"a\n\n{X}",
    f"\n   \n\r{X}",
    f"```html\n{X}\n```\n{X}",
    f"- a\n\n\t{X}",
    "[a](javascript:window.pwned=1) ![b](https://example.org/b.png)",
    '<a id="cell" name="body" href="//example.org">x</a><style>*{display:none}</style>',
]
SHOWN = [
    {"text/html": X},
    {"text/html": f"<table><b><td>{X}<style>@import 'https://example.org';</style>"},
    {"text/html": "<noscript><p title=\"</noscript><img src=x onerror='window.pwned=1'>\">"},
    {"text/html": "<math><mtext><table><mglyph><style><img src=x onerror='window.pwned=1'>"},
    {"text/html": '<form id="x"><input name="y" autofocus onfocus="window.pwned=1"></form>'},
    {"text/html": '<div style="background: url(https://example.org/c)">c</div>'},
    {"image/svg+xml": f'<svg xmlns="http://www.w3.org/2000/svg" onload="window.pwned=1">{X}</svg>'},
    {"image/svg+xml": '"><script>window.pwned = 1</script>'},
    {"image/png": '"><script>window.pwned = 1</script>'},
    {"application/javascript": "window.pwned = 1"},
    {"application/vnd.jupyter.widget-view+json": "{}"},
    {"text/markdown": X},
    {"text/latex": X},
    {"text/vnd.mermaid": X},
]


def hostile_submission(course, student):
    """A notebook in which all that can hold HTML does, and the cells' metadata as well."""
    shows = f"for data in {SHOWN!r}:\n    display(data, raw=True)\nraise ValueError({X!r})"
    added = [(text, "markdown") for text in PROSE]
    path = toy.submit(course, student, {}, added=[*added, *added, (shows, "code")])
    book = json.loads(path.read_text())
    cells = book["cells"]
    for cell in cells[-len(PROSE) - 1 : -1]:
        cell["cell_type"] = "raw"
    cells[0]["attachments"] = {"a.png": {'image/png" onerror="window.pwned=1': "AAAA"}}
    cells[0]["metadata"] = {"tags": [X]}
    for cell in cells[-3:]:
        cell["metadata"] = {"raw_mimetype": "text/html", "magics_language": "html", "tags": [X]}
    book["metadata"] |= {"title": X, "widgets": {"application/vnd.jupyter.widget-state+json": {}}}
    path.write_text(json.dumps(book))


def old_metadata(path):
    """Give each cell of a notebook metadata of an older nbgrader, or none that it would take."""
    book = json.loads(path.read_text())
    for cell in book["cells"][1:]:
        cell["metadata"]["nbgrader"]["schema_version"] = 1
    book["cells"][0]["metadata"]["nbgrader"] = {"schema_version": 9, "grade_id": X}
    path.write_text(json.dumps(book))


def linked_submission(course, student, folder):
    """A submission with links out of it, one of them in a folder, beside a file of its own."""
    hidden = course / "solutions" / "toy" / "toy.ipynb"
    folder.joinpath("sub").mkdir(parents=True)
    for name in ("notes.txt", "sub/notes.txt"):
        folder.joinpath(name).symlink_to(hidden)
    folder.joinpath("other").symlink_to(hidden.parent, target_is_directory=True)
    folder.joinpath("mine.txt").write_text("mine")


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A course after `nbgrader autograde`, and what that said."""
    course = toy.make_course(tmp_path_factory.mktemp("autograde"))
    shutil.copy(ROOT / "nbgrader_config.py", course)
    toy.submit(course, "ann", {})
    toy.submit(course, "bob", {"double": "def double(x): return 2 if x == 1 else 0"})
    toy.submit(course, "cem", {"half": "import os\nos._exit(0)"})
    toy.submit(course, "dee", {"double": FORGER})
    toy.submit(course, "eve", {}, added=[("print('hello from eve')", "code")])
    hostile_submission(course, "fay")
    old_metadata(toy.submit(course, "ida", {}))
    toy.submit(course, "gus", {})
    linked_submission(course, "gus", course / "submitted" / "gus" / "toy")
    toy.submit(course, "hal", {}).unlink()
    solution = course / "solutions" / "toy" / "toy.ipynb"
    (course / "submitted" / "hal" / "toy" / "toy.ipynb").symlink_to(solution)
    done = stock.grade(course, "toy")
    return course, done


def test_it_gives_the_points_that_the_grader_gives(graded):
    course, done = graded
    marks = stored_marks(course, "toy")
    scores = {student: row.score for student, row in marks.items()}
    honest = {"ann": 3.0, "bob": 1.0, "cem": 2.0, "dee": 1.0, "eve": 3.0, "fay": 3.0, "gus": 3.0}
    assert scores == honest | {"hal": 0.0, "ida": 3.0}, done.log
    ours = grade_set(course, "toy", GradeOptions(jobs=1))
    assert scores == {row.student: row.score for row in ours.submissions}


def test_a_renamed_notebook_waits_by_this_door_and_is_graded_by_the_other(tmp_path):
    course = toy.make_course(tmp_path)
    shutil.copy(ROOT / "nbgrader_config.py", course)
    path = toy.submit(course, "ann", {})
    path.rename(path.with_name("toy (1).ipynb"))
    done = stock.grade(course, "toy")
    assert done.dropped == ["ann"] and "Skipping unknown notebook" in done.log
    assert stored_marks(course, "toy")["ann"].pending == {"double-values", "half-values"}
    result = grade_set(course, "toy", GradeOptions(jobs=1))
    assert "toy (1).ipynb" in result.submissions[0].message
    assert record(course, result) == []
    marks = stored_marks(course, "toy")["ann"]
    assert (marks.score, marks.pending) == (3.0, set())


def test_the_autograded_notebooks_hold_outputs_and_no_hidden_failure(graded):
    course, _ = graded
    texts = {path.parts[-3]: path.read_text() for path in course.glob("autograded/*/toy/*.ipynb")}
    assert "hello from eve" in texts["eve"]
    assert "two numbers are doubled: in a check that you did not see, " in texts["bob"]
    assert not done_in_a_kernel(texts["ann"])


@pytest.mark.parametrize("template", ["formgrade", "feedback"])
@pytest.mark.parametrize("door", ["nbgrader", "mlpgrader"])
def test_what_people_open_runs_and_loads_nothing(graded, door, template, tmp_path):
    course, _ = graded
    if door == "mlpgrader":
        course = shutil.copytree(course, tmp_path / "course", symlinks=True)
        (course / "autograded" / "fay").rename(tmp_path / "before")
        (course / "gradebook.db").unlink()
        record(course, grade_set(course, "toy", GradeOptions(jobs=1, students=("fay",))))
    page = nbgrader_page(course / "autograded" / "fay" / "toy" / "toy.ipynb", template)
    assert dangers(page) == []
    text = re.sub(r"<[^>]*>", "", page)
    assert text.count("window.pwned = 1") > len(PROSE)  # it is all there, as text


def test_the_page_in_formgrader_does_nothing_in_a_browser(graded):
    course, _ = graded
    text = nbgrader_page(course / "autograded" / "fay" / "toy" / "toy.ipynb", "formgrade")
    with browser.browser() as started:
        page = started.new_page()
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        page.set_content(text, wait_until="load")
        assert page.evaluate("window.pwned") is None
    assert not [url for url in asked if "example.org" in url or url.endswith("/x")]


def test_nothing_comes_in_by_a_link(graded):
    course, _ = graded
    copied = {path.name for path in (course / "autograded" / "gus").rglob("*") if path.is_file()}
    assert copied == {"toy.ipynb", "mine.txt"}
    text = (course / "autograded" / "hal" / "toy" / "toy.ipynb").read_text()
    assert "toy.ipynb cannot be opened" in text
    assert "return 2 * x" not in text


def done_in_a_kernel(text):
    """Whether nbclient ran the notebook, which notes when each cell began."""
    return "iopub.execute_input" in text
