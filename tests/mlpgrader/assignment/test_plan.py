"""The plan: cells, tests and points come from the source, only text from a submission."""

import json

import pytest

from mlpgrader.assignment.plan import defined_names, read_plan, written
from mlpgrader.errors import UnreadableError, UsageError
from tests.support import mini


@pytest.fixture
def plan():
    return read_plan(json.dumps(mini.source()), "mini")


def test_it_reads_kinds_points_and_names(plan):
    assert [cell.kind for cell in plan.cells][:4] == ["setup", "solution", "test", "test"]
    assert plan.max_score == 6.0
    assert plan.names == {"double": "function", "slope": "function", "choice": "value"}
    assert plan.tests[0].solution == "double" and plan.tests[2].solution == "slope"


def test_hidden_lines_are_those_between_the_marks(plan):
    cell = plan.tests[0]
    lines = cell.source.splitlines()
    assert [lines[n - 1] for n in sorted(cell.hidden)] == lines[2:]
    assert cell.about == "right for numbers of any sign"


def test_given_cells_count_as_the_students():
    book = mini.source()
    book["cells"].insert(2, mini.cell("def helper(): pass", "given-1", locked=True, tags=["given"]))
    plan = read_plan(json.dumps(book), "mini")
    assert plan.cells[2].kind == "given" and plan.names["helper"] == "function"


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import math\nfrom torch import nn as n", {}),
        ("def f(): g = 1\nclass C: pass", {"f": "function", "C": "function"}),
        ("a, (b, *c) = 1, (2, 3)\nd: int = 4\ne += 1", dict.fromkeys("abcde", "value")),
        ("x.y = 1\nz[0] = 2\nif 1:\n    w = 3", {}),
    ],
)
def test_a_cell_defines_what_it_binds_at_top_level(source, names):
    assert defined_names(source) == names


def test_the_key_changes_with_any_test(plan):
    book = mini.source()
    book["cells"][2]["source"] += "\n"
    assert read_plan(json.dumps(book), "mini").key != plan.key


def change(book, index, **settings):
    book["cells"][index]["metadata"]["nbgrader"] |= settings
    return book


@pytest.mark.parametrize(
    "book",
    [
        {"cells": [{}]},
        [],
        mini.notebook([mini.cell("x = 1")]),
        change(mini.source(), 1, grade=True),
        change(mini.source(), 2, grade_id="double"),
        mini.source(right={"double": "def double(x:"}),
        mini.source(tests={"double": {"t": (mini.HIDE, 1.0)}}),
    ],
)
def test_a_source_that_cannot_be_graded_is_refused(book):
    with pytest.raises(UsageError):
        read_plan(json.dumps(book), "mini")


@pytest.mark.parametrize(
    "text", ["", "{", "3", "[]", "{}", '{"cells": 3}', '{"cells": [3]}', "[" * 99999]
)
def test_a_submission_that_is_no_notebook_is_unreadable(plan, text):
    with pytest.raises(UnreadableError):
        written(plan, text)


def test_too_many_cells_are_unreadable(plan):
    with pytest.raises(UnreadableError, match="more than"):
        written(plan, json.dumps(mini.notebook([mini.cell("")] * 2001)))


def test_half_a_surrogate_is_replaced(plan):
    text = '{"cells": [{"cell_type": "code", "source": "x = \'\\ud800\'"}]}'
    assert written(plan, text)[0].text == "x = '?'"
