"""Hostile, broken and honest submissions graded together: none gains, none is lost."""

import json
import os

import pytest

from mlpgrader.runner import worker
from mlpgrader.runner.grade import GradeOptions, grade_set
from tests.support import corpus, mini
from tests.support.waiting import until
from tests.support.zygotes import children

pytestmark = pytest.mark.slow

SECRETS = ("secret_input", "-17.25", "4321", "BEGIN HIDDEN", "GAINED")
# these break their own process for the honest part too
HURT_THEMSELVES = ("patches-checks", "patches-wire", "ipython-hooks", "closes-descriptors")
SUBMISSIONS = corpus.submissions()


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The corpus graded in one run, the processes and files around it before and after."""
    folder = tmp_path_factory.mktemp("hostile")
    books = {name: book for name, (book, _) in SUBMISSIONS.items()}
    course = mini.course(folder, books)
    (course / "gradebook.db").write_text("rows")
    odd_files(course)
    before = tree(course)
    with pytest.MonkeyPatch.context() as patch:
        # 12 s by the clock: honest neighbours on a busy machine are not to pass it
        patch.setattr(worker, "PATIENCE", 6)
        result = grade_set(course, "mini", GradeOptions(timeout=2, jobs=2))
    after = {path: size for path, size in tree(course).items() if "/results/" not in path}
    rows = {row.student: row for row in result.submissions}
    return {"rows": rows, "before": before, "after": after, "result": result, "course": course}


def odd_files(course):
    place = course / "submitted" / "zz-link" / "mini"
    place.mkdir(parents=True)
    (place / "mini.ipynb").symlink_to(course / "solutions" / "mini" / "mini.ipynb")
    (course / "submitted" / "zz-folder-link").symlink_to(course / "submitted" / "honest")
    pipe = course / "submitted" / "zz-pipe" / "mini"
    pipe.mkdir(parents=True)
    os.mkfifo(pipe / "mini.ipynb")
    (course / "submitted" / "zz-nested" / "mini" / "mini.ipynb" / "mini.ipynb").mkdir(parents=True)
    big = course / "submitted" / "zz-big" / "mini"
    big.mkdir(parents=True)
    with open(big / "mini.ipynb", "wb") as file:
        file.truncate(30 << 20)


def tree(folder):
    return {str(path): path.lstat().st_mtime_ns for path in folder.rglob("*") if not path.is_dir()}


# an answer that is an object of a class of its own earns nothing, and a person looks at it
STATUSES = {"equal-to-all": "review", "pickle-bomb": "review"}
STATUSES |= dict.fromkeys(corpus.BROKEN, "unreadable")


def test_there_are_enough_of_them():
    assert len(SUBMISSIONS) >= 40


@pytest.mark.parametrize("name", SUBMISSIONS)
def test_each_gets_what_its_honest_part_is_worth(graded, name):
    row = graded["rows"][name]
    assert row.max_score == corpus.FULL
    assert row.score == SUBMISSIONS[name][1] or name in HURT_THEMSELVES, row
    assert row.score <= SUBMISSIONS[name][1], row
    assert row.status == STATUSES.get(name, "graded"), row


@pytest.mark.parametrize("name", SUBMISSIONS)
def test_nothing_hidden_shows_and_no_wall_gave_way(graded, name):
    row = graded["rows"][name]
    said = json.dumps([row.message, [vars(test) for test in row.tests], row.outputs])
    assert not [secret for secret in SECRETS if secret in said]


@pytest.mark.parametrize("name", ["zz-link", "zz-folder-link", "zz-pipe", "zz-nested", "zz-big"])
def test_a_submission_is_a_regular_file(graded, name):
    row = graded["rows"][name]
    assert (row.status, row.score, row.tests) == ("unreadable", 0.0, [])
    assert row.message and "\n" not in row.message


def test_no_file_changes(graded):
    assert graded["after"] == graded["before"]


def test_no_process_is_left(graded):
    until(lambda: not children())


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("exit-in-call", "crashed"),
        ("segfault", "crashed"),
        ("loops", "timeout"),
        ("fork-bomb", "timeout"),
        ("memory-bomb", "limit timeout"),
        ("huge-answer", "failed"),
        ("nested-answer", "failed"),
    ],
)
def test_how_it_ended_is_told(graded, name, status):
    tests = {test.grade_id: test for test in graded["rows"][name].tests}
    assert tests["double-values"].status in status.split()
    assert tests["double-values"].message


def test_outputs_are_bounded(graded):
    assert len(json.dumps(graded["rows"]["stdout-flood"].outputs)) < 100_000
    assert len(json.dumps(graded["rows"]["many-displays"].outputs)) < 1_000_000


def test_the_sandbox_is_the_strongest(graded):
    assert graded["result"].sandbox.startswith("namespaces")
