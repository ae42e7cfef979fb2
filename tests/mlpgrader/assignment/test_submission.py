"""What a submission answers: only text comes from it, and anything may be in its place."""

import json

import pytest

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
