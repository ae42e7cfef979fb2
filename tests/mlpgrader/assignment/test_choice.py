"""Questions: what was chosen, and why it is wrong, read as text."""

import pytest

from mlpgrader.assignment.choice import chosen, reasons_of


def test_reasons_are_read_from_the_hidden_part_of_a_test():
    source = '"the right letter"\n### BEGIN HIDDEN TESTS\nREASONS = {"A": "too " "slow"}\nassert 1'
    assert reasons_of(source) == {"A": "too slow"}


@pytest.mark.parametrize(
    "source",
    ["", "REASONS = None", "REASONS = dict(A=1)", "REASONS", "def (", "def f():\n  REASONS = {}"],
)
def test_a_test_without_reasons_has_none(source):
    assert reasons_of(source) == {}


@pytest.mark.parametrize(
    ("source", "letter"),
    [
        ('choice = "B"', "B"),
        ('choice = "A"\n\nchoice = " b "  # better', "B"),
        ("choice = None", ""),
        ("choice = B", ""),
        ("choice = 'B", ""),
        ('print("B")', ""),
        ('choice = "A" + "B"', ""),
        ("choice = 2", ""),
    ],
)
def test_the_letter_that_was_chosen_last_counts(source, letter):
    assert chosen(source) == letter
