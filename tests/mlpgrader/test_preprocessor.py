"""`nbgrader autograde` with our preprocessor: the grader's verdicts in nbgrader's own pipeline."""

import shutil
from pathlib import Path

import pytest

from mlpgrader.course.marks import stored_marks
from mlpgrader.runner.grade import GradeOptions, grade_set
from tests.support import stock, toy

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
FORGER = (
    "import os\nfrom IPython.core.interactiveshell import InteractiveShell\n"
    "InteractiveShell.run_cell = lambda *a, **k: None\ndef double(x): return 0"
)


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
    done = stock.grade(course, "toy")
    return course, done


def test_it_gives_the_points_that_the_grader_gives(graded):
    course, done = graded
    marks = stored_marks(course, "toy")
    scores = {student: row.score for student, row in marks.items()}
    assert scores == {"ann": 3.0, "bob": 1.0, "cem": 2.0, "dee": 1.0, "eve": 3.0}, done.log
    ours = grade_set(course, "toy", GradeOptions(jobs=1))
    assert scores == {row.student: row.score for row in ours.submissions}


def test_the_autograded_notebooks_hold_outputs_and_no_hidden_failure(graded):
    course, _ = graded
    texts = {path.parts[-3]: path.read_text() for path in course.glob("autograded/*/toy/*.ipynb")}
    assert "hello from eve" in texts["eve"]
    assert "two numbers are doubled: in a check that you did not see, " in texts["bob"]
    assert not done_in_a_kernel(texts["ann"])


def done_in_a_kernel(text):
    """Whether nbclient ran the notebook, which notes when each cell began."""
    return "iopub.execute_input" in text
