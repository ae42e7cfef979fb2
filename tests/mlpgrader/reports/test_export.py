"""CSV exports: quoted, guarded, and honest about who handed nothing in."""

import csv
import io
import re
from contextlib import closing
from pathlib import Path

import pytest

from mlpgrader.course import gradebook as record
from mlpgrader.reports import export
from mlpgrader.runner.store import save_summary
from tests.support import toy

GUIDE = Path(__file__).parents[3] / "book" / "instructors.md"
NAMES = ["=cmd()", "ann, the 2nd", 'bob "b"', "-dora", "+eve", "@finn", "gus\nnl"]


@pytest.fixture
def course(tmp_path):
    """A toy course in which `ann` has partial marks, `bob` is unreadable and `cem` is missing."""
    course = toy.make_course(tmp_path)
    toy.submit(course, "ann", {})
    toy.submit(course, "bob", {}).write_text("{")
    result = toy.of_set(toy.graded("ann", half="failed"), toy.unreadable("bob", "=not a notebook"))
    record.record(course, result)
    save_summary(course, result)
    with closing(record.open_gradebook(course)) as gradebook:
        gradebook.update_or_create_student("cem")
    return course


def rows(text):
    return {row["student"]: row for row in csv.DictReader(io.StringIO(text))}


def test_a_row_has_points_status_and_each_test(course):
    found = rows(export.grades_csv(course, ["toy"]))
    assert list(found["ann"]) == [*export.COLUMNS, "double-values", "half-values"]
    assert found["ann"]["score"] == "2"
    assert (found["ann"]["double-values"], found["ann"]["half-values"]) == ("2", "0")
    assert (found["bob"]["status"], found["bob"]["score"]) == ("unreadable", "0")
    assert found["bob"]["message"] == "'=not a notebook"


def test_the_guide_lists_the_columns():
    assert f"`{', '.join(export.COLUMNS)}`" in GUIDE.read_text(encoding="utf-8")


def test_a_student_without_a_submission_is_missing_and_has_no_zero(course):
    found = rows(export.grades_csv(course, ["toy"]))
    assert (found["cem"]["status"], found["cem"]["score"], found["cem"]["final"]) == (
        "missing",
        "",
        "",
    )


def test_points_given_by_a_person_count(course):
    with closing(record.open_gradebook(course)) as gradebook:
        gradebook.find_grade("half-values", "toy", "toy", "ann").manual_score = 0.75
        gradebook.db.commit()
    assert rows(export.grades_csv(course, ["toy"]))["ann"]["score"] == "2.75"


@pytest.mark.parametrize("name", NAMES)
def test_every_name_survives_and_none_is_a_formula(name):
    text = export.as_csv([{"student": name}], ["student"])
    [[_], [cell]] = csv.reader(io.StringIO(text))
    assert cell.removeprefix("'") == name
    assert cell[0] not in "=+-@"


@pytest.mark.parametrize(
    "name", ["a;=1+1;b", 'a;"=1+1"', "a\t=1+1", "a\n =1+1\nb", "a|@b", "\t=1+1", ";-a"]
)
def test_no_formula_begins_where_another_country_parts_cells(name):
    text = export.as_csv([{"student": name}], ["student"])
    parts = re.split(r"[;|\t\r\n]", text.replace('"', ""))
    assert not [part for part in parts if part.strip()[:1] in ("=", "+", "-", "@")]
    assert text.count("'") == 1
