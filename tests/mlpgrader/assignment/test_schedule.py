"""The schedule: which cells run in which order, and which process serves which tests."""

import json

import pytest

from mlpgrader.assignment.plan import read_plan
from mlpgrader.assignment.schedule import cells_to_run, schedule_of
from mlpgrader.assignment.submission import submitted_cells
from mlpgrader.errors import UnreadableError
from mlpgrader.inside.messages import Step
from tests.support import mini

FORK = "fork"
GIVEN = mini.cell("def helper(): pass", "given-1", locked=True, tags=["given"])


@pytest.fixture
def plan():
    return read_plan(json.dumps(mini.source()), "mini")


def in_order(plan, cells):
    """The cells to run for a notebook: (kind, key, text)."""
    return cells_to_run(plan, submitted_cells(plan, json.dumps(mini.notebook(cells))))


def without_tests(plan, cells):
    return [cell for cell in in_order(plan, cells) if cell.kind != "test"]


def test_locked_text_comes_from_the_plan(plan):
    book = mini.submission()
    book["cells"][0]["source"] = "import os"
    book["cells"].append(mini.cell("assert True", "double-values", grade=True))
    found = in_order(plan, book["cells"])
    assert found[0] == ("setup", "mini-setup", plan.cells[0].source)
    assert [text for kind, _, text in found if kind == "test"] == [t.source for t in plan.tests]


def test_of_duplicates_the_last_counts_and_a_missing_cell_is_empty(plan):
    cells = [mini.cell("first", "double"), mini.cell("last", "double")]
    found = {key: text for _, key, text in without_tests(plan, cells)}
    assert found["double"] == "last" and found["slope"] == ""


def test_of_locked_duplicates_the_last_alone_is_a_place(plan):
    cells = [mini.cell("a", "mini-setup"), mini.cell("b", "mini-setup"), mini.cell("after")]
    found = without_tests(plan, cells)
    assert [text for kind, _, text in found if kind == "added"] == ["after"]
    assert [kind for kind, *_ in found].count("setup") == 1


def test_added_cells_run_after_the_plan_cell_before_them(plan):
    cells = [
        mini.cell("start"),
        mini.cell("two", "slope", solution=True),
        mini.cell("after slope"),
        mini.cell("one", "double", solution=True),
        mini.cell("after test", "double-values", grade=True),
        mini.cell("between tests"),
    ]
    found = in_order(plan, cells)
    texts = [text for kind, _, text in found if kind in ("solution", "added")]
    assert texts == ["start", "one", "between tests", "two", "after slope", ""]
    assert [key for _, key, _ in found].index("+5") == 4  # right after the test double-values


def test_both_halves_of_a_split_cell_run_in_their_order(plan):
    halves = [mini.cell(text, "double", solution=True) for text in ("one", "two", "three")]
    found = [cell for cell in without_tests(plan, halves) if cell.kind != "setup"]
    assert found[:3] == [
        ("added", "+0", "one"),
        ("added", "+1", "two"),
        ("solution", "double", "three"),
    ]


def test_an_earlier_version_of_a_cell_runs_before_it_wherever_it_stands(plan):
    last = mini.cell("last", "double", solution=True)
    first = mini.cell("first", "double", solution=True)
    cells = [mini.cell("", "double-values", grade=True), first, last]
    found = [text for kind, _, text in in_order(plan, cells) if kind in ("added", "solution")]
    assert found[:2] == ["first", "last"]


def test_modules_beside_the_notebook_are_written_before_the_first_cell(plan):
    book = mini.submission() | {"modules": {"helpers.py": "x = 1\n", "no.txt": "y", "../a.py": "z"}}
    first, second, *_ = schedule_of(plan, json.dumps(book)).steps
    assert first == Step("cell", "helpers.py", "%%writefile helpers.py\nx = 1\n")
    assert second.key == "mini-setup"


def test_another_notebook_is_called_that(plan):
    chapter = mini.notebook([mini.cell("from mlpkit import plotting")])
    with pytest.raises(UnreadableError, match=r"not the problem set.*chapter"):
        schedule_of(plan, json.dumps(chapter))


@pytest.mark.parametrize("metadata", [None, 3, {"nbgrader": 3}, {"nbgrader": {"grade_id": [1]}}])
def test_strange_metadata_make_an_added_cell(plan, metadata):
    cell = {"cell_type": "code", "metadata": metadata, "source": ["a\n", "b", 3]}
    assert ("added", "+0", "a\nb") in without_tests(plan, [cell])


def job(plan, book):
    """The steps as one word each, and for each test the number of its fork."""
    schedule = schedule_of(plan, json.dumps(book))
    words = [FORK if step.kind == FORK else step.key for step in schedule.steps]
    return words, schedule.fork_of_test


def test_one_process_serves_the_tests_of_cells_that_only_define(plan):
    order = ["mini-setup", "double", "slope", "mini-choice", FORK]
    assert job(plan, mini.submission()) == (order, [0, 0, 0, 0])


def test_before_a_cell_that_does_more_a_process_stays_behind(plan):
    found = job(plan, mini.submission({"slope": mini.RIGHT["slope"] + "\nprint(slope)"}))
    assert found == (["mini-setup", "double", FORK, "slope", "mini-choice", FORK], [0, 0, 1, 1])


def test_the_last_cell_that_does_more_is_to_blame_for_a_fork(plan):
    book = mini.submission({"double": "print()\n" + mini.RIGHT["double"]})
    assert schedule_of(plan, json.dumps(book)).steps[-1] == Step(FORK, "double", "")


@pytest.mark.parametrize(
    ("first", "later", "forks"),
    [
        ("def double(x):\n    return helper(x)", "def helper(x): return x", 2),
        ("def double(x):\n    return sum([x, x])", "def sum(x): return x", 2),
        ("k = 2\ndef double(x): return k * x", "k = 3", 2),
        ("import math\ndef double(x): return 2 * x", "import math", 1),
        ("import math\ndef double(x): return 2 * x", "import cmath as math", 2),
        ("math = 3\ndef double(x): return 2 * x", "import math", 2),
        ("def double(x): return 2 * x", "def other(x): return x", 1),
        ("def double(x): return 2 * x", "def checks(x): return x", 2),  # the tests use it
        ("def double(x): return 2 * x", "%time\ndef other(x): return x", 2),
        ("def double(x):\n    return globals()['k'] * x", "k = 2", 3),
        ("%time\ndef double(x): return 2 * y", "y = 2", 2),
    ],
)
def test_a_name_bound_again_ends_what_a_process_can_serve(plan, first, later, forks):
    book = mini.submission({"double": first, "slope": later + "\n" + mini.RIGHT["slope"]})
    assert job(plan, book)[0].count(FORK) == forks


def test_an_added_cell_cannot_put_its_own_in_place_of_a_given_one():
    book = mini.source()
    book["cells"].insert(2, GIVEN)
    handed_in = mini.submission()
    handed_in["cells"][2:2] = [GIVEN, mini.cell("def helper(): return 1")]
    handed_in["cells"][4:4] = [mini.cell("def helper(): return 2", "")]
    plan = read_plan(json.dumps(book), "mini")
    steps, forks = job(plan, handed_in)
    assert steps[:6] == ["mini-setup", "double", "given-1", "+3", "+4", "given-1"]
    assert steps.count("given-1") == 2  # the next solution cell has none
    assert forks == [0, 0, 0, 0]


def test_an_added_cell_behind_the_tests_cannot_either():
    book = mini.source()
    book["cells"].insert(2, GIVEN)
    handed_in = mini.submission()
    handed_in["cells"][2:2] = [GIVEN, mini.cell("", "double-values", grade=True)]
    handed_in["cells"][4:4] = [mini.cell("", "double-tensors", grade=True)]
    handed_in["cells"][5:5] = [mini.cell("def helper(): return 1")]
    plan = read_plan(json.dumps(book), "mini")
    assert job(plan, handed_in)[0][2:6] == ["given-1", FORK, "+5", "slope"]
