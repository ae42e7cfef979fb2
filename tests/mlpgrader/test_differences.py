"""nbgrader's own notebooks, cell by cell: stock's points, or refused before a student sees them.

What differs is a page of the guide, `book/differences.md`. A run that finds something else writes
the page that it would be to `_build/differences.md`.
"""

import re
import shutil
from dataclasses import dataclass

import pytest

from mlpgrader.course.folders import Course
from mlpgrader.course.release import release, tidy_source
from mlpgrader.errors import UsageError
from mlpgrader.runner.grade import GradeOptions, grade_set
from mlpgrader.runner.ways import refuse_failing, settled_plans
from tests.support import nbgraders, stock
from tests.support.course import CONFIG
from tests.support.variants import ROOT

pytestmark = pytest.mark.slow

PAGE = ROOT / "book" / "differences.md"
ALL = "theirs"  # the set of all that are released
# without the command that stock nbgrader runs at each opening of its gradebook
FAST = (
    "from mlpgrader.course.nbgrader_private import speed_up_gradebook\n"
    "speed_up_gradebook()\nc.Execute.timeout = 15\n"
)
WHY_REFUSED = {  # the beginning of a message, or what is in it, and what the page says of it
    "has no test cell": "nothing in it is graded",
    "nbgrader update": "metadata of an older nbgrader: run `nbgrader update`",
    "newer nbgrader": "metadata of a newer nbgrader",
    "cannot be made tests": "AUTOTEST lines in a cell that is no test",
    "two cells are called": "two cells have the same `grade_id`",
    "has no grade_id": "a cell has no `grade_id`",
    "is not Python": "a locked code cell holds no Python",
    "failed to validate": "nbgrader refuses it, too: its metadata is not valid",
}
FAILS = re.compile(r"the reference solution fails the test cell ([\w-]+)")
LOST = "not graded: nbgrader gives up on the whole submission"


@dataclass
class Difference:
    """A cell that has other points than in stock nbgrader.

    Attributes:
        notebook: the notebook that it is in.
        student: who handed in what has them.
        cell: its `grade_id`.
        stock: what stock nbgrader gives.
        here: what it gets here.
        why: what is said of it here.
    """

    notebook: str
    student: str
    cell: str
    stock: str
    here: str
    why: str


@dataclass
class Found:
    """What became of nbgrader's notebooks.

    Attributes:
        same: how many cells of how many submissions got stock's points, by notebook.
        ways: how the cells of a notebook are judged.
        refused: why a notebook is not released.
        differences: what is graded otherwise.
    """

    same: dict[str, tuple[int, int]]
    ways: dict[str, str]
    refused: dict[str, str]
    differences: list[Difference]


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What becomes of all of them."""
    theirs = nbgraders.fetched()
    if theirs is None:
        pytest.skip("nbgrader's own notebooks need a package index, once")
    one = tmp_path_factory.mktemp("one")
    write_course(one, theirs, CONFIG)
    refused = {}
    for name, path in nbgraders.sources(theirs).items():
        add(one / "solutions" / name, theirs, {name: path})
        try:
            released(one, name)
        except UsageError as error:
            refused[name] = str(error)
    good = [name for name in nbgraders.sources(theirs) if name not in refused]
    return compared(tmp_path_factory.mktemp("all"), one, theirs, good, refused)


def write_course(folder, theirs, config):
    """Write the settings of a course, and the templates of AUTOTEST."""
    folder.mkdir(exist_ok=True)
    (folder / "nbgrader_config.py").write_text(config)
    shutil.copy(theirs / nbgraders.TEMPLATES, folder)


def add(folder, theirs, notebooks):
    """Write notebooks into a folder, with the files that some of them open."""
    folder.mkdir(parents=True)
    for name, path in notebooks.items():
        shutil.copy(path, folder / f"{name}.ipynb")
    for file in nbgraders.BESIDE:
        shutil.copy(theirs / file, folder)


def released(folder, name):
    """Make a student version as `mlpgrader release` does."""
    course = Course.open(folder)
    tidy_source(course, name)
    for plan in settled_plans(course, name):
        refuse_failing(plan)
    release(course, name)


def compared(folder, one, theirs, names, refused):
    """Grade all that was released, here and in stock nbgrader."""
    ours, plain = folder / "ours", folder / "stock"
    for course, config in ((ours, CONFIG), (plain, CONFIG + FAST)):
        write_course(course, theirs, config)
        sources = {name: one / "solutions" / name / f"{name}.ipynb" for name in names}
        add(course / "solutions" / ALL, theirs, sources)
        stubs = {name: one / "exercises" / name / f"{name}.ipynb" for name in names}
        add(course / "submitted" / nbgraders.SOLUTION / ALL, theirs, sources)
        add(course / "submitted" / nbgraders.NOTHING / ALL, theirs, stubs)
        for name in names:
            for student, path in nbgraders.handed_in(theirs, name).items():
                target = course / "submitted" / student / ALL
                target.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, target / f"{name}.ipynb")
    shutil.copytree(one / "results", ours / "results")  # what AUTOTEST lines become takes long
    rows = grade_set(ours, ALL, GradeOptions(jobs=1)).submissions
    return judged(rows, stock.recall(plain, ALL), ours, refused)


def judged(rows, theirs, ours, refused):
    """What is the same, and what differs."""
    found = Found({}, {}, refused, [])
    ways: dict[str, list[str]] = {}
    for row in rows:
        for test in row.tests:
            if not (ours / "submitted" / row.student / ALL / f"{test.notebook}.ipynb").exists():
                continue
            if row.student == nbgraders.SOLUTION:
                ways.setdefault(test.notebook, []).append(test.judged)
            given = points_of(theirs.points.get(row.student), test)
            if given == test.points:
                cells, who = found.same.get(test.notebook, (0, 0))
                found.same[test.notebook] = (cells + 1, who)
                continue
            said = LOST if given is None else f"{given:g}"
            here = test.status if test.status in ("error", "pending") else f"{test.points:g}"
            why = " ".join(test.message.split())
            found.differences.append(
                Difference(test.notebook, row.student, test.grade_id, said, here, why)
            )
    found.ways = {name: counted(each) for name, each in ways.items()}
    return found


def points_of(marks, test):
    """The points that stock nbgrader gave for a cell; None if it graded nothing of the student."""
    if marks is None:
        return None
    return marks.get(f"{test.notebook}/{test.grade_id}", marks.get(test.grade_id))


def counted(ways):
    """How many cells are judged in which way."""
    names = ("apart", "inside", "by-hand")
    return ", ".join(f"{ways.count(name)} {name}" for name in names if name in ways)


def test_explore(found):
    for d in found.differences:
        print(d)
    print(found.same, found.ways)
    for name, why in found.refused.items():
        print(name, why[:300])
