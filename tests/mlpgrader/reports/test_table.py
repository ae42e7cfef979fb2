"""The table of a run: how late in words, mean and spread of the class."""

from mlpgrader.reports import table
from tests.support import toy


def test_lateness_reads_as_people_say_it():
    row = toy.graded("ann")
    row.late_seconds = 237600
    assert table.late_text(row) == "2 days 18 h"
    row.late_seconds = 86400 + 59
    assert table.late_text(row) == "1 day"
    row.late_seconds = 0
    assert table.late_text(row) == ""


def test_mean_and_spread_are_of_those_that_could_be_read():
    ann, bob = toy.graded("ann"), toy.graded("bob", double="failed")
    cem = toy.unreadable("cem", "it is not JSON")
    made = table.submissions_table(toy.of_set(ann, bob, cem))
    assert made.caption == "mean 2 of 3, standard deviation 1.41"
    assert table.submissions_table(toy.of_set(ann, cem)).caption is None
