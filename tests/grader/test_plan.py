"""The plan: cells, tests and points come from the source, only text from a submission."""

import json

import pytest

from mlpkit.grader.errors import Unreadable, UsageError
from mlpkit.grader.plan import defined_names, read_plan, steps, written
from mlpkit.grader.workers import Options, job_of
from tests.grader import mini


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


def test_an_added_cell_cannot_put_its_own_in_place_of_a_given_one():
    book = mini.source()
    given = mini.cell("def helper(): pass", "given-1", locked=True, tags=["given"])
    book["cells"].insert(2, given)
    handed_in = mini.submission()
    handed_in["cells"][2:2] = [given, mini.cell("def helper(): return 1")]
    plan = read_plan(json.dumps(book), "mini")
    todo = job_of(plan, json.dumps(handed_in), Options())["steps"]
    kinds = [kind for kind, *_ in todo]
    first = kinds.index("fork")
    assert kinds[:first] == ["setup", "solution", "given", "added", "given"]
    assert kinds.count("given") == 2  # the next solution cell has none


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
    with pytest.raises(Unreadable):
        written(plan, text)


def test_too_many_cells_are_unreadable(plan):
    with pytest.raises(Unreadable, match="more than"):
        written(plan, json.dumps(mini.notebook([mini.cell("")] * 2001)))


def todo(plan, cells):
    found = steps(plan, written(plan, json.dumps(mini.notebook(cells))))
    return [(kind, key, text) for kind, key, text in found if kind != "test"]


def test_locked_text_comes_from_the_plan(plan):
    book = mini.submission()
    book["cells"][0]["source"] = "import os"
    book["cells"].append(mini.cell("assert True", "double-values", grade=True))
    found = steps(plan, written(plan, json.dumps(book)))
    assert found[0] == ("setup", "mini-setup", plan.cells[0].source)
    assert not [text for kind, _, text in found if kind == "test" and text]


def test_of_duplicates_the_last_counts_and_a_missing_cell_is_empty(plan):
    cells = [mini.cell("first", "double"), mini.cell("last", "double")]
    found = {key: text for _, key, text in todo(plan, cells)}
    assert found["double"] == "last" and found["slope"] == ""


def test_added_cells_run_after_the_plan_cell_before_them(plan):
    cells = [
        mini.cell("start"),
        mini.cell("two", "slope", solution=True),
        mini.cell("after slope"),
        mini.cell("one", "double", solution=True),
        mini.cell("after test", "double-values", grade=True),
        mini.cell("between tests"),
    ]
    found = steps(plan, written(plan, json.dumps(mini.notebook(cells))))
    texts = [text for kind, _, text in found if kind in ("solution", "added")]
    assert texts == ["start", "one", "between tests", "two", "after slope", ""]
    assert [key for _, key, _ in found].index("+5") == 4  # right after the test double-values


def test_types_of_cells_are_not_trusted(plan):
    prose = {**mini.cell("text", "double", solution=True), "cell_type": "markdown"}
    assert {key: text for _, key, text in todo(plan, [prose])}["double"] == ""


@pytest.mark.parametrize("metadata", [None, 3, {"nbgrader": 3}, {"nbgrader": {"grade_id": [1]}}])
def test_strange_metadata_make_an_added_cell(plan, metadata):
    cell = {"cell_type": "code", "metadata": metadata, "source": ["a\n", "b", 3]}
    assert ("added", "+0", "a\nb") in todo(plan, [cell])


def test_half_a_surrogate_is_replaced(plan):
    text = '{"cells": [{"cell_type": "code", "source": "x = \'\\ud800\'"}]}'
    assert written(plan, text)[0].text == "x = '?'"
