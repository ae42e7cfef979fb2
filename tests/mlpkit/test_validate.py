"""Validate: one entry for each exercise that fails, and none is lost to one answer.

What JupyterLab's button and `nbgrader validate` have in common runs here, with the settings that
`make lab` gives to a student's JupyterLab.
"""

import copy
import json
import os

import nbformat
import pytest
from nbgrader.utils import compute_checksum

from mlpkit import _validate
from tests.support import lesson, stock
from tests.support.variants import ROOT

SCREEN = 50  # lines
WRONG = "def larger(x):\n    return x"
DEEP = "def larger(x):\n    return larger(x)"
SOLVED = lesson.SOLVED
STOPPED = "def slope(x:\n    return x"


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return lesson.make_course(tmp_path_factory.mktemp("lesson"))


@pytest.fixture
def validate(course, monkeypatch):
    """Validate a notebook with some answers, and give what nbgrader prints, in lines."""
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(ROOT / "lab"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))

    def run(student, answers):
        path = lesson.hand_in(course, student, answers)
        # not in the course's folder, whose own settings are those of an instructor
        done = stock.nbgrader(path.parent, "validate", path.name)
        assert done.returncode == 0, done.stderr
        return [line.strip() for line in done.stdout.splitlines() if line.strip()]

    return run


@pytest.mark.slow
def test_a_right_notebook_passes(validate):
    assert validate("right", SOLVED) == ["Success! Your notebook passes all the tests."]


@pytest.mark.slow
def test_what_nobody_wrote_is_listed_by_its_title(validate):
    lines = validate("blank", {})
    assert "VALIDATION FAILED ON 1 CELL(S)!" in lines[0]
    titles = ["1 · The larger one", "2 · A slope", "3 · One question"]
    assert [line.partition(" (")[0] for line in lines[-3:]] == titles
    assert "Not written yet" in lines


@pytest.mark.slow
def test_a_half_written_notebook_fits_a_screen(validate):
    lines = validate("half", {"larger": WRONG, "slope": STOPPED})
    assert len(lines) < SCREEN
    text = "\n".join(lines)
    assert "VALIDATION FAILED ON 3 CELL(S)!" in text
    assert "1 · The larger one (1.5 points, 4 minutes): 1 of 2 tests fail" in text
    assert "CheckError: larger([-2, 3]) is wrong\nexpected [0, 3]\ngot      [-2, 3]" in text
    assert "slope is not defined: its cell stopped with SyntaxError" in text
    assert "2 · A slope" in text
    assert "checks.expect" not in text


@pytest.mark.slow
def test_a_recursion_costs_its_own_exercise(validate):
    lines = validate("deep", SOLVED | {"larger": DEEP})
    assert len(lines) < SCREEN
    assert "VALIDATION FAILED ON 1 CELL(S)!" in lines[0]
    assert "✗ RecursionError: maximum recursion depth exceeded" not in lines
    assert any(line.startswith("RecursionError") for line in lines)
    assert any("2 of 2 tests fail" in line for line in lines)


# --- the list itself, without a kernel -----------------------------------------------------


def error(text):
    return {"output_type": "error", "ename": "E", "evalue": "", "traceback": [text]}


@pytest.fixture
def executed(course, monkeypatch):
    """The student version, as after a run in which all tests passed."""
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    book = lesson.released(course)
    for cell in book.cells:
        cell.outputs = []
    return book


def cell_of(book, grade_id):
    return next(cell for cell in book.cells if cell.id == grade_id)


def fail(book, grade_id, text):
    cell_of(book, grade_id).outputs = [nbformat.from_dict(error(text))]


def failed(book):
    return {cell.source: cell.outputs[0].traceback for cell in book.cells if cell.outputs}


def test_where_nothing_fails_nothing_changes(executed):
    before = copy.deepcopy(executed)
    _validate.shorten(executed)
    assert executed == before


def test_the_first_failure_of_an_exercise_speaks_for_all(executed):
    fail(executed, "larger-values", "\x1b[31mTypeError\x1b[0m: one\n  two")
    fail(executed, "larger-zero", "TypeError: three")
    _validate.shorten(executed)
    assert failed(executed) == {
        "1 · The larger one (1.5 points, 4 minutes): 2 of 2 tests fail": [
            "✗ the larger one of x and 0, for any sign",
            "  TypeError: one",
            "    two",
            "✗ 0 stays 0",
        ]
    }
    cell = cell_of(executed, "larger-values")
    assert cell.metadata.nbgrader.checksum == compute_checksum(cell)


def test_a_warning_fails_too_as_nbgrader_has_it(executed):
    output = {"output_type": "stream", "name": "stderr", "text": "careful\n"}
    cell_of(executed, "slope-values").outputs = [nbformat.from_dict(output)]
    _validate.shorten(executed)
    assert list(failed(executed).values()) == [["✗ the derivative of tanh", "  careful"]]


def test_a_cell_that_was_changed_is_left_to_nbgrader(executed):
    cell_of(executed, "larger-zero").source = "pass"
    fail(executed, "larger-zero", "TypeError: one")
    _validate.shorten(executed)
    assert failed(executed) == {"pass": ["TypeError: one"]}


def test_an_exercise_that_is_partly_untouched_is_not_called_unwritten(executed):
    fail(executed, "larger-values", "NotImplementedError: not written yet")
    fail(executed, "larger-zero", "TypeError: one")
    fail(executed, "slope-values", "NotImplementedError: not written yet")
    _validate.shorten(executed)
    assert failed(executed)["Not written yet"] == ["2 · A slope (2 points, 8 minutes)"]
    assert len(failed(executed)) == 2


@pytest.mark.parametrize(("execution", "count"), [("validate", 1), ("autograde", 2), ("", 2)])
def test_the_hooks_shorten_under_validate_alone(executed, monkeypatch, execution, count):
    monkeypatch.setitem(os.environ, "NBGRADER_EXECUTION", execution)
    fail(executed, "larger-values", "TypeError: one")
    fail(executed, "larger-zero", "TypeError: two")
    length = len(executed.cells)
    on_notebook_start, on_cell_start = _validate.hooks()
    on_notebook_start(notebook=executed)
    for number, cell in enumerate(executed.cells):
        on_cell_start(cell=cell, cell_index=number)
    assert len(executed.cells) == length
    assert len(failed(executed)) == count


def test_nbgrader_waits_longest_for_the_first_cells(executed):
    waits = [
        _validate.patience(json.loads(json.dumps(cell_of(executed, name))))
        for name in ("larger-values", "progress", "setup")
    ]
    assert waits == sorted(set(waits))
