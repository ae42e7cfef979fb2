"""The plan: cells, tests and points come from the source notebook."""

import json

import pytest

from mlpgrader.assignment.plan import defined_names, imported_modules, read_plan
from mlpgrader.errors import UsageError
from tests.support import mini


@pytest.fixture
def plan():
    return read_plan(json.dumps(mini.source()), "mini")


def test_it_reads_kinds_points_and_names(plan):
    assert [cell.kind for cell in plan.cells][:4] == ["setup", "solution", "test", "test"]
    assert plan.max_score == 6.0
    assert plan.names == {"double": "function", "slope": "function", "choice": "value"}
    assert plan.tests[0].function == "double" and plan.tests[2].function == "slope"


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


def test_what_is_imported_is_known_from_the_text_and_nothing_of_mlpkit():
    setup = "import math, numpy as np\nfrom torch.nn import functional\nfrom mlpkit import checks"
    setup += "\nimport mlpkit.mlp\nfrom . import local\ndef f():\n    import late"
    book = mini.source(setup=setup)
    book["cells"][1]["source"] = "import sklearn.datasets\n" + mini.RIGHT["double"]
    plan = read_plan(json.dumps(book), "mini")
    assert plan.imported_modules == {"math", "numpy", "torch.nn", "sklearn.datasets"}


def test_importing_a_part_of_a_package_names_the_part():
    assert imported_modules("import torch.fx as fx\nfrom ..up import x") == {"torch.fx"}


def test_the_key_changes_with_any_test(plan):
    book = mini.source()
    book["cells"][2]["source"] += "\n"
    assert read_plan(json.dumps(book), "mini").key != plan.key


def test_each_kind_of_cell_is_known_by_its_settings():
    book = mini.source()
    book["cells"].insert(2, mini.cell("k = 1", "given-1", locked=True, tags=["given"]))
    # nbgrader's other flags are without meaning here
    book["cells"].insert(3, mini.cell("k = 2", "more", solution=True, tags=["given"]))
    book["cells"].append(mini.cell("nobody's = cell"))
    plan = read_plan(json.dumps(book), "mini")
    kinds = {cell.grade_id: cell.kind for cell in plan.cells}
    assert kinds["mini-setup"] == "setup" and kinds["double-values"] == "test"
    assert kinds["given-1"] == "given" and kinds["more"] == "solution"
    assert len(kinds) == 10
    assert [cell.source for _, cell in plan.free] == ["nobody's = cell"]


def change(book, index, **settings):
    book["cells"][index]["metadata"]["nbgrader"] |= settings
    return book


@pytest.mark.parametrize(
    "book",
    [
        {"cells": [{}]},
        [],
        mini.notebook([mini.cell("x = 1")]),
        change(mini.source(), 2, grade_id=""),
        change(mini.source(), 2, grade_id="double"),
        change(mini.source(), 2, points="many"),
        mini.source(tests={"double": {"t": (mini.HIDE, 1.0)}}),
    ],
)
def test_a_source_that_cannot_be_graded_is_refused(book):
    with pytest.raises(UsageError):
        read_plan(json.dumps(book), "mini")
