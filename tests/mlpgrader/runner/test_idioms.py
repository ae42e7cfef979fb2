"""How other courses write their tests: stock's points, and the way in which each is judged."""

import json

import pytest

from mlpgrader.runner.grade import grade_set
from tests.support import idioms, stock
from tests.support.mini import write

pytestmark = pytest.mark.slow
ANSWERS = {"right": "solution", "stub": "stub", "wrong": "wrong"}


@pytest.fixture(scope="module", params=idioms.groups())
def group(request, tmp_path_factory):
    """A group of idioms: its name, our results by student, and what stock made of it."""
    name = request.param
    folder = tmp_path_factory.mktemp("idioms")
    course = folder / "ours"
    write(course / "solutions" / name / f"{name}.ipynb", idioms.source(name))
    for file, content in idioms.FILES_OF[name].items():
        write(course / "solutions" / name / file, content)
    for student, answer in ANSWERS.items():
        book = idioms.source(name, answer)
        write(course / "submitted" / student / name / f"{name}.ipynb", json.dumps(book))
    theirs = stock.recall(stock.copy_course(course, folder / "stock", name), name)
    ours = {row.student: row for row in grade_set(course, name).submissions}
    return name, ours, theirs


def test_each_idiom_has_stocks_points(group):
    _, ours, theirs = group
    for student in ANSWERS:
        points = {test.grade_id: test.points for test in ours[student].tests}
        assert points == theirs.points[student], student


def test_each_is_judged_in_the_way_it_has_to_be(group):
    name, ours, _ = group
    for row in ours.values():
        assert {test.grade_id: test.judged for test in row.tests} == idioms.ways(name)


def test_there_are_as_many_as_courses_are_known_to_use():
    assert len(idioms.IDIOMS) >= 30
    names = [idioms.key(idiom) for idiom in idioms.IDIOMS]
    assert len(set(names)) == len(names)
