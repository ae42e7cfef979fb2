"""The student version: stubs of values, and what the notebook tells its kernel it asks."""

import ast
import json

import nbformat
import pytest

from mlpgrader.assignment.plan import read_plan
from mlpgrader.course import student_version
from mlpgrader.course.release import canonical_text, release
from tests.support import lesson, stock


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return lesson.make_course(tmp_path_factory.mktemp("lesson"))


def cells(course):
    return {cell.id: cell for cell in lesson.released(course).cells}


def registered(source):
    """The arguments of the call of `register` in a cell, by name."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    call = next(node for node in calls if ast.unparse(node.func) == "checks.register")
    assert ast.unparse(call.args[0]) == "'lesson'"
    return {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}


def test_a_value_is_asked_for_by_a_stub_that_raises_nothing(course):
    source = cells(course)["lesson-choice"].source
    assert source == "# one capital letter in quotes\nchoice = None"
    assert "NotImplementedError" in cells(course)["larger"].source


def test_a_plan_of_the_student_version_knows_all_names(course):
    plans = [
        read_plan((course / folder / "lesson" / "lesson.ipynb").read_text(), "lesson")
        for folder in ("solutions", "exercises")
    ]
    assert (
        plans[0].names
        == plans[1].names
        == {**dict.fromkeys(["larger", "slope"], "function"), "choice": "value"}
    )


def test_the_notebook_tells_what_it_asks(course):
    arguments = registered(cells(course)["lesson-exercises"].source)
    assert list(arguments["hints"]) == ["larger"]
    exercises = arguments["exercises"]
    assert list(exercises) == ["larger", "slope", "choice"]
    assert exercises["larger"]["title"] == "1 · The larger one"
    assert exercises["larger"]["minutes"] == 4
    test = exercises["larger"]["tests"]["larger-values"]
    assert test["about"] == "the larger one of x and 0, for any sign"
    assert test["points"] == 1.0
    assert test["source"].strip() == cells(course)["larger-values"].source.strip()
    answer = exercises["choice"]["tests"]["lesson-choice-answer"]
    assert "feedback" in answer["about"], "a letter that passes is not yet the right one"


def test_nothing_hidden_is_told(course):
    text = (course / "exercises" / "lesson" / "lesson.ipynb").read_text()
    for secret in ("secret", "HIDDEN", "REASONS", "limit", "clamp"):
        assert secret not in text


def test_the_cell_is_collapsed_and_stays_so_in_canonical_form(course):
    path = course / "exercises" / "lesson" / "lesson.ipynb"
    assert cells(course)["lesson-exercises"].metadata["jupyter"] == {"source_hidden": True}
    assert path.read_text() == canonical_text(path)


def test_a_release_is_stamped_and_stays_so_in_canonical_form(tmp_path):
    course = lesson.make_course(tmp_path)
    with (course / "nbgrader_config.py").open("a") as file:
        file.write('\nc.Stamp.release = "2.1"\n')
    release(course, "lesson")
    path = course / "exercises" / "lesson" / "lesson.ipynb"
    assert nbformat.read(path, 4).metadata["mlpkit"] == {"set": "lesson", "release": "2.1"}
    assert path.read_text() == canonical_text(path)


def test_no_other_cell_stays_collapsed(course, tmp_path):
    book = lesson.released(course)
    for cell in book.cells:
        cell.metadata["jupyter"] = {"source_hidden": True}
    nbformat.write(book, tmp_path / "a.ipynb")
    kept = json.loads(canonical_text(tmp_path / "a.ipynb"))["cells"]
    assert [cell["id"] for cell in kept if "jupyter" in cell["metadata"]] == ["lesson-exercises"]


@pytest.mark.slow
def test_stock_nbgrader_makes_the_same(course, tmp_path):
    other = lesson.make_course(tmp_path / "other")
    made = stock.nbgrader(other, "generate_assignment", "lesson", "--force")
    assert made.returncode == 0, made.stderr
    assert {cell.id: cell.source for cell in lesson.released(other).cells} == {
        name: cell.source for name, cell in cells(course).items()
    }


def test_a_course_can_switch_hints_off(course, tmp_path):
    other = lesson.make_course(tmp_path / "other")
    with (other / "nbgrader_config.py").open("a") as file:
        file.write("\nc.AddExercises.hints = False\n")
    lesson.release(other, "lesson")
    arguments = registered(cells(other)["lesson-exercises"].source)
    assert list(arguments) == ["exercises"]
    assert (
        arguments["exercises"] == registered(cells(course)["lesson-exercises"].source)["exercises"]
    )


def test_a_cell_that_registers_nothing_is_a_fault():
    with pytest.raises(ValueError, match="does not call checks"):
        student_version.with_exercises("pass", {})


@pytest.mark.parametrize(
    ("text", "title", "minutes"),
    [
        ("## 3 · Tanh (2 points, 8 minutes)", "3 · Tanh", 8),
        ("## 3 · Tanh (0.5 points)", "3 · Tanh", 0),
        ("## 9 · One question (1 point, 1 minute)\n\ntext", "9 · One question", 1),
        ("## Tanh (near 0)", "Tanh (near 0)", 0),
        ("# Not an exercise", None, None),
    ],
)
def test_headings(text, title, minutes):
    found = student_version._heading(text)
    assert found == (None if title is None else (title, minutes))
