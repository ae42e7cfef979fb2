"""The stub of a set is what nbgrader makes of its source."""

import json

import nbformat
import pytest
from nbgrader.preprocessors import ClearSolutions
from traitlets.config import Config

from mlpgrader.assignment.plan import Settings, read_plan
from mlpgrader.assignment.stub import stub_of
from tests.support import idioms, mini
from tests.support.course import cell, notebook
from tests.support.variants import ROOT, sets

INDENTED = (
    "def f(x):\n    if x:\n        # BEGIN SOLUTION\n        return 1\n        # END SOLUTION"
)
TWO = "### BEGIN SOLUTION\na = 1\n### END SOLUTION\nb = 2\n### BEGIN SOLUTION\n### END SOLUTION\n"
SOURCES = {name: (ROOT / "solutions" / name / f"{name}.ipynb").read_text() for name in sets()}
SOURCES |= {name: json.dumps(idioms.source(name)) for name in idioms.groups()}
SOURCES["odd"] = json.dumps(
    notebook([cell(INDENTED, "a", solution=True), cell(TWO, "b", solution=True)])
)


def texts(notebook_text):
    return ["".join(each["source"]) for each in json.loads(notebook_text)["cells"]]


@pytest.mark.parametrize("name", SOURCES)
def test_the_stub_is_that_of_nbgrader(name):
    theirs, _ = ClearSolutions().preprocess(nbformat.reads(SOURCES[name], as_version=4), {})
    ours = texts(stub_of(SOURCES[name], Settings()))
    code = [each.cell_type == "code" for each in theirs.cells]
    for is_code, mine, other in zip(code, ours, theirs.cells, strict=True):
        assert not is_code or mine == other.source


def test_a_courses_own_markers_and_stub_are_used():
    config = Config()
    config.ClearSolutions.begin_solution_delimeter = "ANSWER ON"
    config.ClearSolutions.end_solution_delimeter = "ANSWER OFF"
    config.ClearSolutions.code_stub = {"python": "..."}
    source = json.dumps(
        notebook(
            [cell("def f():\n    # ANSWER ON\n    return 1\n    # ANSWER OFF", "f", solution=True)]
        )
    )
    theirs, _ = ClearSolutions(config=config).preprocess(nbformat.reads(source, as_version=4), {})
    settings = Settings(solution=("ANSWER ON", "ANSWER OFF"), stub="...")
    assert texts(stub_of(source, settings)) == [theirs.cells[0].source] == ["def f():\n    ..."]


def test_a_plan_reads_hidden_lines_by_the_courses_markers():
    book = mini.source(tests={"double": {"t": ("a = 1\n# SECRET ON\nb = 2\n# SECRET OFF", 1.0)}})
    settings = Settings(hidden=("SECRET ON", "SECRET OFF"))
    [test] = read_plan(json.dumps(book), "mini", settings).tests
    assert test.hidden == {2, 3, 4} and test.visible_source == "a = 1"
