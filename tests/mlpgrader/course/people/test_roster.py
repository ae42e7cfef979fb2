"""A sheet of students into the gradebook: any platform's columns, and no row guessed."""

from contextlib import closing

import pytest
from click.testing import CliRunner

from mlpgrader import cli
from mlpgrader.course.folders import Course
from mlpgrader.course.gradebook import open_gradebook
from mlpgrader.course.people.names import Directory, Person, people_of
from mlpgrader.course.people.roster import update_roster
from mlpgrader.errors import UsageError
from tests.support import toy

ANN = Person("ann", "Ann", "Lee", "ann@x.org")


@pytest.fixture
def course(tmp_path):
    return toy.make_course(tmp_path)


def put(course, text, encoding="utf-8", **options):
    (course / "list.csv").write_bytes(text.encode(encoding))
    return update_roster(course, course / "list.csv", **options)


def people(course):
    return people_of(Course.open(course))


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("id,first_name,last_name,email\nann,Ann,Lee,ann@x.org\n", ANN),
        ("First name;Last name;Username;Email address\nAnn;Lee;ann;ann@x.org\n", ANN),
        (
            'Student,ID,SIS Login ID,Section\n    Points Possible,,,\n"Lee, Ann",77,ann,A\n',
            Person("ann", "Ann", "Lee", "", "77"),
        ),
        ('sep=;\nName;Login\n"Ann van Lee";ann\n', Person("ann", "Ann van", "Lee")),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_columns_are_found_by_their_usual_names(course, text, person, encoding):
    assert put(course, text, encoding).added == ["ann"]
    assert people(course) == {"ann": person}


def test_what_is_new_is_updated_and_an_empty_cell_takes_nothing_away(course):
    put(course, "id,first name,email\nann,Ann,ann@x.org\nbob,Bob,\n")
    done = put(course, "id,first name,email\nANN,Anna,\nbob,Bob,\n")
    assert (done.added, done.updated, done.unchanged) == ([], ["ann"], ["bob"])
    assert people(course)["ann"] == Person("ann", "Anna", "", "ann@x.org")
    assert put(course, "id\nbob\n").not_listed == ["ann"]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (",Ann", "no id"),
        ("../ann,Ann", "name of a folder"),
        (".ann,Ann", "name of a folder"),
        ("an\x1b[2Jn,Ann", "name of a folder"),
        (f"{'n' * 129},Ann", "128 characters"),
        ("ann,Ann\nANN,Eve", "earlier row"),
    ],
)
def test_a_row_that_is_not_clear_is_named_and_not_used(course, rows, reason):
    done = put(course, f"id,first name\nzoë,Zoë\n{rows}\n\n")
    assert len(done.unclear) == 1 and reason in done.unclear[0] and "zoë" in done.added
    assert "../ann" not in people(course) and len(people(course)) == len(done.added)


@pytest.mark.parametrize(
    ("text", "options"),
    [("", {}), ("email,name\na@x,Ann\n", {}), ("id\nann\n", {"id_column": "x"}), ("id,id\n", {})],
)
def test_a_sheet_without_ids_is_refused(course, text, options):
    with pytest.raises(UsageError, match="column"):
        put(course, text, **options)
    assert people(course) == {}


def test_the_column_of_ids_can_be_named(course):
    put(course, "Matrikel,ID,Name\n4711,9,Ann Lee\n", id_column="matrikel")
    assert people(course) == {"4711": Person("4711", "Ann", "Lee", "", "9")}


def test_an_address_of_two_is_named(course):
    done = put(course, "id,email\nann,a@x.org\nbob,A@x.org\n")
    assert done.unclear == ["a@x.org is that of ann, bob"]


def test_a_name_means_one_student_or_is_refused(course):
    put(
        course, "id,name,email\nann,Ann Lee,a.lee@x.org\nbob,Ann Lee,b@x.org\nann2,Ann Li,c@x.org\n"
    )
    found = Directory(people(course).values())
    assert found.the_one("A.LEE").id == "ann" and found.the_one("li, ann").id == "ann2"
    for text, reason in [("ann lee", "ann, bob"), ("eve", "no student"), ("", "no student")]:
        with pytest.raises(UsageError, match=reason):
            found.the_one(text)


def test_the_command(course):
    (course / "list.csv").write_text("id,email\nann,a@x.org\n,b@x.org\n")
    done = CliRunner().invoke(
        cli.main, ["roster", str(course / "list.csv"), "--course", str(course)], prog_name="x"
    )
    assert done.exit_code == 1 and "1 added" in done.stdout and "row 3" in done.stderr
    with closing(open_gradebook(course)) as gradebook:
        assert gradebook.find_student("ann").email == "a@x.org"
