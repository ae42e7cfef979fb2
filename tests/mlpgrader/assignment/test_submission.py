"""What a submission answers: only text comes from it, and anything may be in its place."""

import json
import re

import pytest

from mlpgrader.assignment import submission
from mlpgrader.assignment.plan import read_plan
from mlpgrader.assignment.submission import submitted_cells
from mlpgrader.errors import UnreadableError
from tests.support import mini


@pytest.fixture
def plan():
    return read_plan(json.dumps(mini.source()), "mini")


@pytest.mark.parametrize(
    "text", ["", "{", "3", "[]", "{}", '{"cells": 3}', '{"cells": [3]}', "[" * 99999]
)
def test_a_submission_that_is_no_notebook_is_unreadable(plan, text):
    with pytest.raises(UnreadableError):
        submitted_cells(plan, text)


def test_too_many_cells_are_unreadable(plan):
    with pytest.raises(UnreadableError, match="more than"):
        submitted_cells(plan, json.dumps(mini.notebook([mini.cell("")] * 2001)))


def test_half_a_surrogate_is_replaced(plan):
    text = '{"cells": [{"cell_type": "code", "source": "x = \'\\ud800\'"}]}'
    assert submitted_cells(plan, text)[0].text == "x = '?'"


def test_a_format_of_long_ago_is_named(plan):
    with pytest.raises(UnreadableError, match="nbformat 3"):
        submitted_cells(plan, '{"worksheets": []}')


def handed_in(cells, **changes):
    """The text of a notebook whose code cells were changed by an editor."""
    return json.dumps(mini.notebook([{**cell, **changes} for cell in cells]))


def answers(plan, text):
    """What counts as the answer to each solution cell."""
    return {cell.grade_id: cell.text for cell in submitted_cells(plan, text) if cell.text}


@pytest.mark.parametrize("kind", ["markdown", "raw"])
def test_an_answer_turned_into_prose_is_still_the_answer(plan, kind):
    assert answers(plan, handed_in(mini.submission()["cells"], cell_type=kind)) == mini.RIGHT


@pytest.mark.parametrize("place", [0, 1])
def test_prose_never_replaces_code_of_the_same_name(plan, place):
    cells = [mini.cell("code", "double", solution=True)]
    cells.insert(place, {**mini.cell("prose", "double"), "cell_type": "markdown"})
    found = submitted_cells(plan, json.dumps(mini.notebook(cells)))
    assert [cell for cell in found if cell.grade_id] == [("double", "code", "code", "double", None)]
    assert [cell for cell in found if not cell.grade_id] == [
        (None, "markdown", "prose", f"+{place}", None)
    ]


def test_cells_whose_metadata_are_lost_are_found_by_their_ids(plan):
    assert answers(plan, handed_in(mini.submission()["cells"], metadata={})) == mini.RIGHT


def test_or_by_the_id_that_colab_keeps(plan):
    cells = [{**cell, "metadata": {"id": cell.pop("id")}} for cell in mini.submission()["cells"]]
    assert answers(plan, json.dumps(mini.notebook(cells))) == mini.RIGHT


def test_or_by_what_they_define_and_locked_cells_by_their_text(plan):
    tests = [re.sub(r"(?s)\n### BEGIN.*", "", cell.source) for cell in plan.tests]
    cells = [mini.cell(text) for text in [plan.cells[0].source, *mini.RIGHT.values(), *tests]]
    text = json.dumps(mini.notebook(cells))
    assert answers(plan, text) == mini.RIGHT
    found = {cell.grade_id for cell in submitted_cells(plan, text)}
    assert found == {cell.grade_id for cell in plan.cells}


def test_the_last_unnamed_cell_that_defines_the_name_is_the_answer(plan):
    texts = ["def double(x): return x", "%time 1\ndef double(x): return 2 * x", "double(2) == 4"]
    cells = [mini.cell(text) for text in texts]
    assert answers(plan, json.dumps(mini.notebook(cells)))["double"] == texts[1]


def test_a_name_that_is_not_lost_is_not_looked_for(plan):
    cells = [mini.cell("kept", "double", solution=True), mini.cell("def double(x): return 0")]
    assert answers(plan, json.dumps(mini.notebook(cells)))["double"] == "kept"


def test_more_code_than_anybody_writes_is_unreadable_and_prose_is_cut(plan):
    most = submission.MOST_CODE
    halves = [mini.cell("#" * (most // 2), "double"), mini.cell("#" * (most // 2 + 1))]
    with pytest.raises(UnreadableError, match="2 MB of code"):
        submitted_cells(plan, json.dumps(mini.notebook(halves)))
    wide = [mini.cell("#" + "\N{ROCKET}" * (most // 4))]  # bytes count, not characters
    with pytest.raises(UnreadableError, match="2 MB of code"):
        submitted_cells(plan, json.dumps(mini.notebook(wide)))
    picture = {**mini.cell("!" * (most + 1)), "cell_type": "markdown"}
    [cell] = submitted_cells(plan, json.dumps(mini.notebook([picture])))
    assert len(cell.text) == submission.MOST_PROSE


@pytest.mark.parametrize("modules", [None, [], {"a.py": 3}, {"a b.py": "x"}, {"a.py": "  "}])
def test_odd_modules_are_none(modules):
    assert submission.submitted_modules(json.dumps({"cells": [], "modules": modules})) == {}
