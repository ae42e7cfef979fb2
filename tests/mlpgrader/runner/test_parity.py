"""The same marks as stock nbgrader, test by test, but for the exceptions that the guide lists.

Stock grades the reference solution and the student version of every set, and the whole sample
class of two sets.
"""

import shutil

import pytest

from mlpgrader.runner.grade import grade_set
from tests.support import sample_class, stock, toy
from tests.support.variants import EXERCISES, ROOT, sets

pytestmark = pytest.mark.slow
SAMPLED = ("activations", "hidden-layers")
REFERENCE, STUDENT_VERSION, LATE = "amara.okafor", "eoin.gallagher", "kwame.mensah"
RELEASED = [name for name in sets() if (EXERCISES / name).exists()]
# students whom stock does not grade, or grades otherwise: a row of the table in the guide each
LOST = {
    "fatima.elsayed": "a cell ends Python",
    "noor.rahman": "not a notebook",
    "leila.haddad": "changed cell flags or types",
}
OTHERWISE = {"ivana.petrovic": "code that writes to stderr while a test runs"}


def graded(folder, name):
    """A set graded by both: (our results by student, what stock made of it)."""
    ours = {row.student: row for row in grade_set(folder / "ours", name).submissions}
    theirs = stock.recall(stock.copy_course(folder / "ours", folder / "stock", name), name)
    return ours, theirs


@pytest.fixture(scope="module", params=SAMPLED)
def sample(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("parity")
    sample_class.build(folder / "ours", only=[request.param])
    # the notebook of somebody else, only late: stock would run it a second time for nothing
    shutil.rmtree(folder / "ours" / "submitted" / LATE)
    return graded(folder, request.param)


def points(result):
    return {test.grade_id: test.points for test in result.tests}


def test_stock_loses_those_it_is_known_to_lose(sample):
    _, theirs = sample
    assert set(theirs.dropped) == set(LOST), theirs.log


def test_both_give_the_same_points_test_by_test(sample):
    ours, theirs = sample
    for student in set(theirs.points) - set(OTHERWISE):
        assert points(ours[student]) == theirs.points[student], student


def test_stderr_costs_points_only_in_stock(sample):
    ours, theirs = sample
    for student in OTHERWISE:
        assert sum(theirs.points[student].values()) < ours[student].score
        assert ours[student].score == ours[student].max_score


def test_what_stock_loses_counts_here_but_for_what_is_broken(sample):
    ours, _ = sample
    assert ours["leila.haddad"].score == ours["leila.haddad"].max_score
    assert 0 < ours["fatima.elsayed"].score < ours["fatima.elsayed"].max_score
    assert ours["noor.rahman"].status == "unreadable"


@pytest.mark.parametrize("name", [name for name in RELEASED if name not in SAMPLED])
def test_reference_and_student_version_grade_the_same(name, tmp_path):
    sample_class.build(tmp_path / "ours", only=[name])
    for student in sample_class.STUDENTS:
        if student not in (REFERENCE, STUDENT_VERSION):
            shutil.rmtree(tmp_path / "ours" / "submitted" / student)
    ours, theirs = graded(tmp_path, name)
    assert theirs.dropped == []
    for student in (REFERENCE, STUDENT_VERSION):
        assert points(ours[student]) == theirs.points[student]
    assert ours[REFERENCE].score == ours[REFERENCE].max_score
    assert ours[STUDENT_VERSION].score == 0


def test_the_guide_lists_every_exception():
    table = (ROOT / "book" / "instructors.md").read_text()
    for what in [*LOST.values(), *OTHERWISE.values()]:
        assert f"| {what}" in table


@pytest.mark.parametrize("file", ["solutions/toy/toy.ipynb", "submitted/ann/toy/toy.ipynb"])
def test_stock_runs_again_where_a_file_changed(tmp_path, file):
    course = toy.make_course(tmp_path)
    toy.submit(course, "ann", {})
    before = stock.key_of(course, "toy")
    assert stock.key_of(course, "toy") == before
    (course / file).write_text((course / file).read_text() + " ")
    assert stock.key_of(course, "toy") != before
