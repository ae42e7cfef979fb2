"""nbgrader's own notebooks, cell by cell: stock's points, or refused before a student sees them.

What differs is a page of the guide, `book/differences.md`. A run that finds something else writes
the page that it would be to `_build/differences.md`.
"""

import re
import shutil
from collections import Counter
from dataclasses import dataclass

import pytest

from mlpgrader.runner.grade import GradeOptions, grade_set
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
WHY_REFUSED = {  # what is in a message, and what the page says of it
    "has no test cell": "nothing in it is graded",
    "nbgrader update": "metadata of an older nbgrader; `nbgrader update` raises it",
    "newer nbgrader": "metadata of a newer nbgrader",
    "cannot be made tests": "`### AUTOTEST` in a cell that is no test",
    "two cells are called": "two cells have one `grade_id`",
    "grade_id": "a cell has no `grade_id`",
    "is not Python": "a locked code cell holds no Python",
    "failed to validate": "its metadata is not valid: nbgrader refuses it, too",
}
FAILS = re.compile(r"the reference solution fails the test cell ([\w-]+)")
LOST = "gives up on it"


@dataclass
class Found:
    """What became of nbgrader's notebooks.

    Attributes:
        same: of each notebook, how many cells of all that was handed in have stock's points.
        ways: how the cells of a notebook are judged.
        refused: why a notebook is not released.
        differences: by notebook and student, what each cell got in stock nbgrader and here.
    """

    same: Counter[str]
    ways: dict[str, str]
    refused: dict[str, str]
    differences: dict[tuple[str, str], list[tuple[str, str, str]]]


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What becomes of all of them."""
    theirs = nbgraders.fetched()
    if theirs is None:
        pytest.skip("nbgrader's own notebooks need a package index, once")
    folder = tmp_path_factory.mktemp("differences")
    refused = nbgraders.released_each(folder / "one", theirs)
    names = [name for name in nbgraders.sources(theirs) if name not in refused]
    return compared(folder, theirs, names, refused)


def compared(folder, theirs, names, refused):
    """Grade all that was released, here and in stock nbgrader."""
    one, ours, plain = folder / "one", folder / "ours", folder / "stock"
    for course, config in ((ours, CONFIG), (plain, CONFIG + FAST)):
        nbgraders.write_course(course, theirs, config)
        sources = {name: one / "solutions" / name / f"{name}.ipynb" for name in names}
        nbgraders.add(course / "solutions" / ALL, theirs, sources)
        stubs = {name: one / "exercises" / name / f"{name}.ipynb" for name in names}
        nbgraders.add(course / "submitted" / nbgraders.SOLUTION / ALL, theirs, sources)
        nbgraders.add(course / "submitted" / nbgraders.NOTHING / ALL, theirs, stubs)
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
    found = Found(Counter(), {}, refused, {})
    ways = {}
    for row, test in [(each, test) for each in rows for test in each.tests]:
        if not (ours / "submitted" / row.student / ALL / f"{test.notebook}.ipynb").exists():
            continue
        if row.student == nbgraders.SOLUTION:
            ways.setdefault(test.notebook, []).append(test.judged)
        given = points_of(theirs.points.get(row.student), test)
        if given == test.points:
            found.same[test.notebook] += 1
            continue
        stocks = LOST if given is None else f"{given:g}"
        is_open = test.status in ("error", "pending")
        here = (test.grade_id, stocks, test.status if is_open else f"{test.points:g}")
        found.differences.setdefault((test.notebook, row.student), []).append(here)
    found.ways = {name: counted(each) for name, each in ways.items()}
    return found


def points_of(marks, test):
    """The points that stock nbgrader gave for a cell; None if it graded nothing of the student."""
    if marks is None:
        return None
    return marks.get(f"{test.notebook}/{test.grade_id}", marks.get(test.grade_id))


def counted(ways):
    """How many cells are judged in which way."""
    names = {"apart": "apart", "inside": "inside", "by-hand": "by hand"}
    return ", ".join(f"{ways.count(way)} {name}" for way, name in names.items() if way in ways)


# --- the page ------------------------------------------------------------------------------

TEXT = """(differences)=
# nbgrader's own notebooks, graded

Do the same notebooks get the same points here as in stock nbgrader? For this course they do
({{ref}}`instructors`). This page takes notebooks that nobody wrote for it: those of nbgrader's
quickstart course, and those that nbgrader {version} is tested with. Each was released, and its
solution, its student version and whatever nbgrader has of answers to it were graded by both. The
tests of this repository make this page, and fail when it is no longer true.

## Graded as in stock

Every cell that is compared here has the same points in both.

| notebook | cells compared | how its cells are judged |
| --- | --- | --- |
{same}

## Graded otherwise

{lost}
| handed in | stock nbgrader | here |
| --- | --- | --- |
{differences}

## Refused before a student sees it

`mlpgrader release` refuses these, and names the cell.

| notebook | why |
| --- | --- |
{refused}
"""
ALL_LOST = """A changed cell type makes nbgrader give up on a whole submission. Here types come from
the source, and the answers count.
"""


def page_of(found):
    """The page of the guide."""
    return TEXT.format(
        version=nbgraders.VERSION,
        same=lines((name, found.same[name], found.ways[name]) for name in sorted(found.same)),
        lost=ALL_LOST if all_lost(found) else "",
        differences=lines(map(difference_of, found.differences.items())),
        refused=lines((name, reason(why)) for name, why in sorted(found.refused.items())),
    )


def lines(rows):
    """The lines of a table."""
    return "\n".join("| " + " | ".join(map(str, [f"`{row[0]}`", *row[1:]])) + " |" for row in rows)


def all_lost(found):
    """Whether all that differs is what stock nbgrader gives up on."""
    return all(cell[1] == LOST for cells in found.differences.values() for cell in cells)


def difference_of(item):
    """A row for what was handed in, with all its cells that differ."""
    (notebook, student), cells = item
    theirs = ", ".join(dict.fromkeys(each[1] for each in cells))
    return f"{notebook}: {student}", theirs, ", ".join(f"`{c[0]}` {c[2]}" for c in cells)


def reason(message):
    """Why a notebook is refused, in the page's words."""
    cells = FAILS.findall(message)
    if cells:
        return "its solution fails " + ", ".join(f"`{cell}`" for cell in cells)
    return next(words for part, words in WHY_REFUSED.items() if part in message)


def test_every_cell_has_stocks_points_or_stock_gives_up(found):
    assert all_lost(found)
    assert found.same.total() > 150 and len(found.same) > 12


def test_what_is_not_graded_is_refused_with_its_name_and_a_reason(found):
    for name, message in found.refused.items():
        assert "Traceback" not in message
        assert name in message or "grade_id" in message
        reason(message)


def test_the_page_of_the_guide_is_true(found):
    made = ROOT / "_build" / PAGE.name
    made.write_text(page_of(found))
    assert PAGE.read_text() == made.read_text(), f"copy {made} to {PAGE}"
