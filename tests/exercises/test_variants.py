"""Every wrong solution falls, every right one stands, and no test cell is idle.

Each variant is run once, by the test of its own, so these tests may run in any worker.
"""

import pytest

from tests.support import variants
from tests.support.variants import CourseVariant

ALL = variants.variants()
RIGHT = [variant for variant in ALL if not variant.fails]
WRONG = [variant for variant in ALL if variant.fails]
EXERCISES = [(s, i) for s in variants.sets() for i in variants.solutions(s)]
TESTS = [(s, t) for s in variants.sets() for t in variants.tests(s)]
SLIPS = [variant for variant in WRONG if variant.is_slip]


def name(variant: CourseVariant) -> str:
    return f"{variant.set}/{variant.grade_id}: {variant.how}"


def kills(set_name: str, test: str) -> list[str]:
    """The wrong solutions that a test cell fails; each is held to that by the test of its own."""
    return [v.how for v in WRONG if v.set == set_name and test in v.fails]


@pytest.mark.parametrize("variant", RIGHT, ids=name)
def test_a_right_solution_passes(variant):
    assert variants.failures(variant.set, variant.grade_id, variant.source) == {}


@pytest.mark.parametrize("variant", WRONG, ids=name)
def test_a_wrong_solution_fails_the_tests_meant_for_it(variant):
    failed = variants.failures(variant.set, variant.grade_id, variant.source)
    assert sorted(failed) == sorted(variant.fails)


@pytest.mark.parametrize("variant", SLIPS, ids=name)
def test_a_slip_costs_its_own_test_and_at_most_one_more(variant):
    assert len(variant.fails) <= 2


@pytest.mark.parametrize("variant", WRONG, ids=name)
def test_a_mistake_is_visible_or_says_why_it_is_not(variant):
    seen = variants.visible_failures(variant.set, variant.grade_id, variant.source)
    assert seen.keys() <= variant.fails
    assert bool(seen) != bool(variant.unseen), f"visible tests that fail: {sorted(seen)}"


@pytest.mark.parametrize("set_name, test", TESTS)
def test_a_test_cell_kills(set_name, test, record_property):
    record_property("kill table", [f"{set_name} / {test}", *kills(set_name, test)])
    assert kills(set_name, test), "no wrong solution fails this cell"


@pytest.mark.parametrize("set_name, grade_id", EXERCISES)
def test_the_reference_passes_and_nothing_else_does(set_name, grade_id):
    source = variants.solutions(set_name)[grade_id]
    assert variants.failures(set_name, grade_id, source) == {}
    assert set(variants.failures(set_name, grade_id, "")) == set(
        variants.tests_of(set_name, grade_id)
    )


@pytest.mark.parametrize("set_name, grade_id", EXERCISES)
def test_a_function_has_another_right_solution(set_name, grade_id):
    if not grade_id.endswith("-choice"):  # one letter is right
        assert any(v.set == set_name and v.grade_id == grade_id for v in RIGHT)


@pytest.mark.parametrize("set_name, grade_id", EXERCISES)
def test_a_file_of_variants_has_the_name_of_its_exercise(set_name, grade_id):
    files = {v.file for v in variants.variants_of(set_name) if v.grade_id == grade_id}
    assert files == {grade_id.removeprefix(f"{set_name}-").replace("-", "_") + ".py"}


def test_each_folder_of_variants_belongs_to_a_set():
    folders = {path.name for path in variants.VARIANTS.iterdir() if path.is_dir()}
    assert folders == set(variants.sets())


def test_a_submission_is_the_released_notebook_with_answers():
    notebook = variants.submission("activations", {"relu": "relu = abs"})
    sources = {cell.id: cell.source for cell in notebook.cells}
    assert sources["relu"] == "relu = abs"
    assert sources["tanh-grad"] == variants.solutions("activations")["tanh-grad"]
    assert "HIDDEN" not in sources["relu-values"]
    stubs = variants.submission("activations", rest="stub").cells
    assert "raise NotImplementedError()" in next(c.source for c in stubs if c.id == "relu")
    with pytest.raises(KeyError, match="rleu"):
        variants.submission("activations", {"rleu": "relu = abs"})


def test_the_tests_of_a_cell_are_not_those_of_a_longer_name():
    assert set(variants.tests_of("activations", "relu")).isdisjoint(
        variants.tests_of("activations", "prelu-grad")
    )
    assert "relu-kink" in variants.tests_of("activations", "relu")
