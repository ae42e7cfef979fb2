"""Failures of visible tests name the true kind of a mistake, and never a false one."""

import itertools

import pytest

from mlpkit.checks import CheckError
from mlpkit.checks.mistakes import name_error
from tests.support import variants
from tests.support.variants import CourseVariant

WRONG = [variant for variant in variants.variants() if variant.fails and not variant.unseen]
# the sets whose variants say their kinds
SETS = sorted({variant.set for variant in WRONG if variant.kind})
MOST_UNNAMED = 8  # answers whose kind is known, and shows in no value of a visible test
SHARE = 0.6  # of all that fail a visible test, those whose true kind is named

# what is said of a value, which could be false; the others state what everybody can see
OF_VALUES = {
    "averaged",
    "factor",
    "lower-precision",
    "negated",
    "offset",
    "other-variable",
    "printed",
    "reversed",
    "square",
    "summed",
    "transposed",
}
# what is true of a mistake besides its own kind
ALSO_TRUE = {
    "offset": {"off-by-one"},
    "averaged": {"factor"},
    "summed": {"factor"},
    "reversed": {"wrong-shape"},
    "none-returned": {"printed"},
    "printed": {"none-returned"},
    "wrong-shape": {"factor", "summed"},  # the losses of each example, which autograd sums
}


def kind_of(error: Exception) -> str:
    """The kind of mistake that an error in a visible test names; nothing if it names none."""
    if isinstance(error, CheckError):
        return error.kind or ""
    mistake = name_error(error)
    if mistake:
        return mistake.kind
    return "" if isinstance(error, AssertionError) else "raised"


def kinds_named(variant: CourseVariant) -> set[str] | None:
    """The kinds that a wrong answer's failures of visible tests name; None if it fails none."""
    seen = variants.visible_failures(variant.set, variant.grade_id, variant.source)
    return {kind_of(error) for error in seen.values()} - {""} if seen else None


@pytest.fixture(scope="module")
def named():
    """By set, the wrong answers that fail a visible test, with the kinds that are named."""
    found: dict[str, list[tuple[CourseVariant, set[str]]]] = {set_name: [] for set_name in SETS}
    for variant in WRONG:
        kinds = kinds_named(variant)
        if variant.file != "choice.py" and kinds is not None:
            found[variant.set].append((variant, kinds))
    return found


def is_named(variant: CourseVariant, kinds: set[str]) -> bool:
    return bool(kinds & ({variant.kind} | ALSO_TRUE.get(variant.kind, set())))


def test_no_kind_is_named_falsely(named):
    false = []
    for variant, kinds in itertools.chain(*named.values()):
        true = {variant.kind} | ALSO_TRUE.get(variant.kind, set())
        false += [f"{variant.grade_id}: {variant.how}: {kind}" for kind in kinds & OF_VALUES - true]
    assert not false


def test_most_answers_that_fail_a_visible_test_get_their_true_kind(named, record_property):
    count = {set_name: sum(itertools.starmap(is_named, rows)) for set_name, rows in named.items()}
    of = {set_name: len(rows) for set_name, rows in named.items()}
    lines = [f"{set_name}: {count[set_name]} of {of[set_name]}" for set_name in named]
    record_property("kinds of mistakes", ["that fail a visible test", *lines])
    assert sum(count.values()) >= SHARE * sum(of.values()), lines


def test_each_kind_that_an_answer_says_is_named(named):
    missing = [
        f"{variant.grade_id}: {variant.how}: {variant.kind}"
        for variant, kinds in itertools.chain(*named.values())
        if variant.kind and not is_named(variant, kinds)
    ]
    assert len(missing) <= MOST_UNNAMED, missing
