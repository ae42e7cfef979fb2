"""The page on results says what the dataclasses hold: every field and word, and nothing else."""

import dataclasses
import json
import re
from typing import get_args

import pytest

from mlpgrader import results
from mlpgrader.course.regrade import Change, Regrade, Worth
from mlpgrader.inside.checker.verdict import CATEGORIES
from mlpgrader.inside.messages import Reason, Status, Tier
from mlpgrader.results import SCHEMA_VERSION, Judged, SetResult, SubmissionResult, SubmissionStatus
from tests.support.variants import ROOT

PAGE = (ROOT / "book" / "results.md").read_text(encoding="utf-8")
EXAMPLE = json.loads(re.search(r"^```json\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)[1])
ROW = re.compile(r"^\| `?([\w-]+)`? \| (.*?) \| ?(.*?) ?\|?$", re.MULTILINE)


def table(title):
    """The rows of the first table below a heading: first column to the others."""
    below = re.split(rf"^##+ {re.escape(title)}$", PAGE, flags=re.MULTILINE)[1]
    first = re.search(r"^\|.*?(?=\n\n)", below, re.MULTILINE | re.DOTALL)[0]
    rows = first.splitlines()[2:]  # below the head
    return {row[1]: row.groups()[1:] for row in map(ROW.match, rows)}


def example(kind):
    """A JSON object of a kind, as the dataclasses make it."""
    test = results.TestResult("t", 1.0, 1.0, "failed", "property")
    mistake = results.NamedMistake("e", "m")
    submission = SubmissionResult("s", "graded", "", 1.0, 1.0, tests=[test], mistakes=[mistake])
    whole = SetResult("set", 1.0, "unsafe: none", [submission]).to_json()
    return {
        "The set": whole,
        "A submission": whole["submissions"][0],
        "A test": whole["submissions"][0]["tests"][0],
        "A named mistake": whole["submissions"][0]["mistakes"][0],
    }[kind]


OBJECTS = ["The set", "A submission", "A test", "A named mistake"]


@pytest.mark.parametrize("kind", OBJECTS)
def test_every_field_is_on_the_page_in_order_and_no_other(kind):
    assert [*table(kind)] == [*example(kind)]


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("The set", {*dataclasses.fields(SetResult)}),
        ("A submission", {*dataclasses.fields(SubmissionResult)}),
        ("A test", {*dataclasses.fields(results.TestResult)}),
        ("A named mistake", {*dataclasses.fields(results.NamedMistake)}),
    ],
)
def test_the_json_has_the_fields_of_the_dataclass(kind, fields):
    names = {field.name for field in fields} - {
        "outputs",  # these are not for a program
        "notebooks",
        "notebook",  # only where a set has several
    }
    assert names == {*example(kind)} - {"schema_version"}


TYPES = {
    "integer": int,
    "number": int | float,
    "string": str,
    "string or null": str | None,
    "list of objects": list,
    "object": dict,
}


def all_objects(whole):
    """Each object of the JSON with its kind."""
    yield "The set", whole
    for submission in whole["submissions"]:
        yield "A submission", submission
        for test in submission["tests"]:
            yield "A test", test
        for mistake in submission["mistakes"]:
            yield "A named mistake", mistake


@pytest.mark.parametrize("kind", OBJECTS)
def test_types_are_as_the_page_says(kind):
    types = {field: TYPES[cells[0]] for field, cells in table(kind).items()}
    for other, data in [(kind, example(kind)), *all_objects(EXAMPLE)]:
        if other == kind:
            assert all(isinstance(data[field], type_) for field, type_ in types.items())


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("What became of a submission", SubmissionStatus),
        ("How a test ended", Status),
        ("Why a test failed", Reason),
    ],
)
def test_every_word_is_on_the_page_once_with_its_meaning_and_no_other(title, words):
    assert sorted(table(title)) == sorted(get_args(words))
    assert all(meaning for meaning, _ in table(title).values())


def test_what_a_hidden_part_says_is_on_the_page():
    told = {word: cells[1].replace("`", "") for word, cells in table("Why a test failed").items()}
    assert told == CATEGORIES


def test_the_words_within_tables_are_those_of_the_code():
    assert set(re.findall("`(.*?)`", table("A test")["judged"][1])) == set(get_args(Judged))
    assert set(re.findall("`(.*?)`", table("The set")["sandbox"][1])) == set(get_args(Tier))
    assert table("The set")["schema_version"][1].endswith(f": {SCHEMA_VERSION}")


def test_what_is_said_of_grades_that_would_change_is_on_the_page():
    change = Change("s", "t", "n", 1.0, None, True)
    data = Regrade("set", changes=[change], worth=[Worth("t", "n", 1.0, 2.0)]).to_json()
    said = table("Grades that would change")
    assert [*said] == [*data]
    for name in ("changes", "worth"):
        assert re.findall("`(.*?)`", said[name][1]) == [*data[name][0]]


def test_the_exit_codes_are_those_of_the_command():
    assert [*table("Exit codes")] == ["0", "1", "2", "3", "130"]


def read(whole):
    """The dataclasses of a JSON object."""
    submissions = []
    for row in whole["submissions"]:
        tests = [results.TestResult(**test) for test in row["tests"]]
        mistakes = [results.NamedMistake(**mistake) for mistake in row["mistakes"]]
        submissions.append(SubmissionResult(**{**row, "tests": tests, "mistakes": mistakes}))
    rest = {name: value for name, value in whole.items() if name != "schema_version"}
    return SetResult(**{**rest, "submissions": submissions})


def test_the_example_is_what_the_grader_would_print():
    assert json.dumps(read(EXAMPLE).to_json()) == json.dumps(EXAMPLE)


def test_the_example_keeps_the_rules_of_the_page():
    whole = read(EXAMPLE)
    for submission in whole.submissions:
        assert submission.status in get_args(SubmissionStatus)
        assert submission.max_score == whole.max_score
        assert submission.score == sum(test.points for test in submission.tests)
        assert bool(submission.message) == (submission.status != "graded")
        for digest in (submission.receipt, submission.hand_in, submission.plan):
            assert re.fullmatch("[0-9a-f]{64}", digest)
    for test in (test for submission in whole.submissions for test in submission.tests):
        assert test.status in get_args(Status) and test.judged in get_args(Judged)
        assert (test.reason in get_args(Reason)) == (test.status == "failed")
        assert test.points == (test.max_points if test.status == "passed" else 0)
        assert bool(test.message) == (test.status != "passed")


def test_the_guide_leads_there():
    assert "{ref}`results`" in (ROOT / "book" / "instructors.md").read_text(encoding="utf-8")
