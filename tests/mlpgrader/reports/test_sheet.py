"""Grade sheets of course platforms: one column filled, every other byte as it came."""

from contextlib import closing

import pytest

from mlpgrader.course import gradebook as record
from mlpgrader.errors import UsageError
from mlpgrader.reports.sheet import filled_sheet
from tests.support import toy


@pytest.fixture
def course(tmp_path):
    """A toy course: `ann` has half a point, `zoé` has all, `bob` is unreadable, `cem` missing."""
    course = toy.make_course(tmp_path)
    ann = toy.graded("ann", "failed", "partial")
    ann.tests[1].points = 0.5
    for student in ("ann", "zoé", "bob"):
        toy.submit(course, student, {})
    result = toy.of_set(ann, toy.graded("zoé"), toy.unreadable("bob", "not a notebook"))
    assert record.record(course, result) == []
    with closing(record.open_gradebook(course)) as gradebook:
        gradebook.update_or_create_student("cem")
        gradebook.update_or_create_student("ann", email="Ann.A@x.org", lms_user_id="4711")
    return course


def fill(course, content, encoding="utf-8", key="User", column="Toy"):
    sheet = course / "sheet.csv"
    sheet.write_bytes(content.encode(encoding))
    filled = filled_sheet(course, "toy", sheet, key, column)
    return filled.content.decode(encoding), filled.notices


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encoding_and_line_ends_stay(course, encoding, end):
    text = end.join(["User,Name,Toy", 'zoé,"A, ""b""\n c",', "ann,x,", ""])
    filled, _ = fill(course, text, encoding)
    assert filled == end.join(["User,Name,Toy", 'zoé,"A, ""b""\n c",3', "ann,x,0.5", ""])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("User;Quiz;Toy\nann;7,5;\n", "User;Quiz;Toy\nann;7,5;0,5\n"),
        ("User;Quiz;Toy\nann;7.5;\n", "User;Quiz;Toy\nann;7.5;0.5\n"),
        ("sep=;\nUser;Toy\nann;\n", "sep=;\nUser;Toy\nann;0.5\n"),
        ("User\tQuiz\tToy\nann\t7,5\t", "User\tQuiz\tToy\nann\t7,5\t0,5"),
        ('"User","Quiz","Toy"\n"ann","7,5",""\n', '"User","Quiz","Toy"\n"ann","7,5","0,5"\n'),
        ('User,Quiz,Toy\nann,"7,5",\n', 'User,Quiz,Toy\nann,"7,5","0,5"\n'),
        ("User,x,x,Toy\nann,1,2,\n", "User,x,x,Toy\nann,1,2,0.5\n"),
        ("User,x,Toy\nann\n", "User,x,Toy\nann,,0.5\n"),
        ("User,Toy\nann,,more,and more\n", "User,Toy\nann,0.5,more,and more\n"),
        (
            "User,Toy\nPoints Possible,3\n,7\n\nann,\n",
            "User,Toy\nPoints Possible,3\n,7\n\nann,0.5\n",
        ),
    ],
)
def test_separator_quotes_and_numbers_are_those_of_the_sheet(course, before, after):
    assert fill(course, before)[0] == after


@pytest.mark.parametrize("key", ["ANN", "ann.a@X.ORG", "4711", "ann.a", "ann@other.org", " ann "])
def test_a_student_is_found_by_other_names(course, key):
    assert fill(course, f"User,Toy\n{key},\n")[0] == f"User,Toy\n{key},0.5\n"


def test_two_rows_that_may_be_one_student_stay_empty(course):
    text = "User,Toy\nann@x.org,\nann@y.org,\n"
    filled, notices = fill(course, text)
    assert filled == text
    assert any("ann@x.org, ann@y.org" in line for line in notices)
    assert fill(course, "User,Toy\nANN,\nann,\n")[0] == "User,Toy\nANN,\nann,0.5\n"


def test_missing_unreadable_and_zero_are_three_things(course):
    filled, notices = fill(course, "User,Toy\nann,\nzoé,\nbob,\ncem,\nghost,1\n")
    assert filled == "User,Toy\nann,0.5\nzoé,3\nbob,\ncem,\nghost,1\n"
    assert any("ghost" in line for line in notices)
    assert any("nothing could be read: bob" in line for line in notices)
    assert not any("cem" in line for line in notices)


def test_a_graded_student_without_a_row_is_named(course):
    _, notices = fill(course, "User,Toy\nann,\n")
    assert any("in no row" in line and "zoé" in line for line in notices)


@pytest.mark.parametrize("header", ["User,Other\n", "Login;Toy\n", "User,Toy,Toy\n", ""])
def test_a_sheet_without_the_columns_is_refused(course, header):
    with pytest.raises(UsageError, match=r"column"):
        fill(course, header)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04\x14\x00", "a workbook of Excel or LibreOffice: save it as CSV"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "a workbook of Excel: save it as CSV"),
        (b"\n<html><table>", "a table in HTML"),
    ],
)
def test_what_is_no_csv_is_called_what_it_is(course, content, words):
    sheet = course / "sheet.csv"
    sheet.write_bytes(content)
    with pytest.raises(UsageError, match=words):
        filled_sheet(course, "toy", sheet, "User", "Toy")
