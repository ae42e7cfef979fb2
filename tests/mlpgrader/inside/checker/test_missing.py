"""A name that is not there: what is said follows from its cell, whatever the cell shows."""

import pytest

from mlpgrader.inside.checker.missing import why_missing


class Cells:
    """Cells of a test's own; `cell` is one with code, `stub` has none."""

    cells_may_end_better = False

    def __init__(self, *outputs):
        self.outputs = {"cell": list(outputs)}

    def is_written(self, key):
        return key == "cell"


def stopped(name, text):
    return {"output_type": "error", "ename": name, "evalue": text, "traceback": []}


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        (
            "SyntaxError",
            "expected ':' (1234567.py, line 1)",
            "SyntaxError: expected ':' (line 1, read by Python",
        ),
        (
            "IndentationError",
            "unexpected indent (<ipython-input-1-a>, line 3)",
            "IndentationError: unexpected indent (line 3, read by Python",
        ),
        ("ModuleNotFoundError", "No module named 'numpyy'", "No module named 'numpyy'"),
        ("Timeout", "it took more than 10 s", "Timeout: it took more than 10 s"),
        ("ValueError", "not (a, line)", "ValueError: not (a, line)"),
        ("NameError", "name 'C' is not defined", "NameError: name 'C' is not defined; a letter is"),
    ],
)
def test_a_cell_that_stopped_says_with_what(name, text, told):
    why = why_missing("f", "cell", Cells({"output_type": "stream"}, stopped(name, text)))
    assert (why.cell, why.reason) == ("cell", "raised")
    assert why.message.startswith("f is not defined: its cell stopped with ")
    assert told in why.message


def test_only_a_letter_is_told_to_be_in_quotes():
    for name in ("x", "CC", "numpy"):
        error = stopped("NameError", f"name '{name}' is not defined")
        assert "quotes" not in why_missing("f", "cell", Cells(error)).message


def test_a_cell_without_code_is_not_written():
    assert why_missing("f", "stub", Cells())[:3] == (
        "stub",
        "not-implemented",
        "f is not written yet",
    )


def test_a_cell_that_ran_defines_another_name():
    why = why_missing("f", "cell", Cells({"output_type": "stream"}))
    assert why.message == "f is not defined: its cell ran, and defines no f"


@pytest.mark.parametrize(
    "outputs", [[3], [None], [{}], [{"output_type": "error"}], [stopped(["a"], {"b": 1})]]
)
def test_outputs_may_hold_anything(outputs):
    assert why_missing("f", "cell", Cells(*outputs)).reason == "raised"


def test_what_a_cell_stopped_with_is_cut():
    assert len(why_missing("f", "cell", Cells(stopped("E", "x" * 10_000))).message) < 400
