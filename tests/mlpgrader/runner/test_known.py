"""Known mistakes: what is named, and what is not."""

import dataclasses
import json

import pytest

from mlpgrader.assignment.plan import read_plan
from mlpgrader.inside.messages import UNSEEN, Verdict
from mlpgrader.runner.known import (
    Failure,
    KnownMistake,
    KnownMistakes,
    failing_cells,
    failures_of,
    form_of,
    forms_of,
)
from tests.support import toy

WRONG = "def double(x):\n    y = 3 * x  # thrice\n    return y"
RICH = [[["float64 [3]", [0.123456, 2.345678, -1.987654], [], 3.07]], [["2 calls", [], [], 0.0]]]


@pytest.fixture(scope="module")
def plan():
    return read_plan(json.dumps(toy.source()), "toy")


def verdict(name, status="failed", *, message="it is wrong", answers=RICH, **more):
    reason = "wrong-value" if status == "failed" else None
    return Verdict(0, name, status, reason, message, answers=answers, **more)


def known(plan, *, says="", mistake="thrice", failure=None, source=WRONG):
    failures = {"double-values": failure or Failure("wrong-value", False, RICH)}
    return KnownMistake("double", mistake, form_of(plan, source), failures, says)


def test_a_text_of_the_same_form_is_named(plan):
    text = toy_text({"double": "def double(number):\n    z = (3 * number)\n    return z"})
    forms = forms_of(plan, text, ["double"])
    mistakes = KnownMistakes.of([known(plan, says="Thrice!")])
    verdicts = [verdict("double-values", answers=[])]
    [named] = mistakes.named(plan, verdicts, forms)
    assert (named.exercise, named.mistake, named.says) == ("double", "thrice", "Thrice!")


def test_nothing_is_named_where_nothing_failed(plan):
    forms = {"double": form_of(plan, WRONG)}
    verdicts = [verdict("double-values", "passed"), verdict("half-values")]
    assert KnownMistakes.of([known(plan)]).named(plan, verdicts, forms) == []
    assert failing_cells(plan, verdicts) == ["half"]


def moved(answers, by):
    """The same answers, with each first number moved."""
    [[[kind, numbers, sums, size]], *rest] = answers
    return [[[kind, [numbers[0] * (1 + by), *numbers[1:]], sums, size]], *rest]


@pytest.mark.parametrize(
    ("changed", "is_named"),
    [
        ({}, True),
        ({"answers": moved(RICH, 1e-8)}, True),
        ({"answers": moved(RICH, 1e-4)}, False),
        ({"answers": [RICH[0], [["3 calls", [], [], 0.0]]]}, False),
        ({"answers": [[["float32 [3]", *RICH[0][0][1:]]], RICH[1]]}, False),
        ({"message": f"doubled: {UNSEEN}, it gave a wrong value"}, False),
        ({"judged": "inside"}, False),
    ],
)
def test_the_same_answers_to_the_same_calls_are_named(plan, changed, is_named):
    verdicts = [verdict("double-values", **changed)]
    found = KnownMistakes.of([known(plan, source="x = 1")]).named(plan, verdicts, {})
    assert bool(found) == is_named


def test_another_test_that_failed_is_another_mistake(plan):
    both = [verdict("double-values"), dataclasses.replace(verdict("half-values"))]
    mistake = known(plan)
    assert KnownMistakes.of([mistake]).named(plan, both, {})  # of another function
    more = dataclasses.replace(
        mistake, failures={**mistake.failures, "other": Failure("", True, [])}
    )
    assert not KnownMistakes.of([more]).named(plan, both, {})


@pytest.mark.parametrize(
    "answers",
    [
        [[["bool", [0.0], [], 0.0]], RICH[1]],
        [[["raised", [], [], 0.0]], RICH[1]],
        [[["float64 [2]", [0.5, 1.0], [], 1.1]], RICH[1]],
        [[["float64 [9]", [2.5] * 9, [], 7.5]], RICH[1]],
        [],
    ],
    ids=["a flag", "an error", "two numbers", "one number nine times", "none"],
)
def test_answers_that_say_little_name_nothing(plan, answers):
    mistake = known(plan, failure=Failure("wrong-value", False, answers))
    verdicts = [verdict("double-values", answers=answers)]
    assert failures_of(plan, "double", verdicts) == mistake.failures
    assert KnownMistakes.of([mistake]).named(plan, verdicts, {}) == []


def test_where_two_fit_words_are_said_if_both_have_them(plan):
    one, other = known(plan, says="Thrice!"), known(plan, says="Thrice!", mistake="x + x + x")
    verdicts = [verdict("double-values")]
    [named] = KnownMistakes.of([one, other]).named(plan, verdicts, {})
    assert (named.mistake, named.says) == ("thrice", "Thrice!")
    silent = dataclasses.replace(other, says="")
    [named] = KnownMistakes.of([one, silent]).named(plan, verdicts, {})
    assert (named.mistake, named.says) == ("thrice", "")


def toy_text(texts):
    cells = toy.source()["cells"]
    for part in cells:
        part["source"] = texts.get(part["id"], part["source"])
    return json.dumps({"cells": cells})
