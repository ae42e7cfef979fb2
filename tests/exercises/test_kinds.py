"""Failures of visible tests name the true kind of a mistake, and never a false one."""

from collections import Counter

import pytest

from mlpkit.checks import CheckError
from mlpkit.checks.mistakes import name_error
from tests.support import variants
from tests.support.variants import CourseVariant

WRONG = [variant for variant in variants.variants() if variant.fails and not variant.unseen]
# the sets whose variants say their kinds
SETS = sorted({variant.set for variant in WRONG if variant.kind})
SHARE = 0.6  # of the mistakes with a kind, those whose kind is named

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


def kinds_named(variant: CourseVariant) -> set[str]:
    """The kinds that a wrong answer's failures of visible tests name."""
    seen = variants.visible_failures(variant.set, variant.grade_id, variant.source)
    return {kind_of(error) for error in seen.values()} - {""}


@pytest.mark.parametrize("set_name", SETS)
def test_kinds_of_mistakes_are_named_and_none_falsely(set_name, record_property):
    counts: Counter[str] = Counter()
    false = []
    for variant in WRONG:
        if variant.set != set_name:
            continue
        named = kinds_named(variant)
        true = {variant.kind} | ALSO_TRUE.get(variant.kind, set())
        row = f"{variant.kind}: {'named' if named & true else 'not named'}"
        counts[
            row if variant.kind else f"without a kind: {', '.join(sorted(named)) or 'none'}"
        ] += 1
        false += [f"{variant.grade_id}: {variant.how}: {kind}" for kind in named & OF_VALUES - true]
    rows = [f"{row}: {count}" for row, count in sorted(counts.items())]
    record_property("kinds of mistakes", [set_name, *rows])
    assert not false
    with_kind = [row for row in counts.elements() if not row.startswith("without a kind")]
    named_kinds = [row for row in with_kind if row.endswith(": named")]
    assert len(named_kinds) >= SHARE * len(with_kind)
