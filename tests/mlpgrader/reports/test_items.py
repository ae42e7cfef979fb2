"""Item analysis, on classes whose answers are known and against NumPy's."""

import numpy as np
import pytest

from mlpgrader.reports import items

MOST = {"easy": 1.0, "hard": 2.0, "odd": 1.0}


def made_class(n=12):
    """A class of which the first ones know more: `hard` is for the best, `odd` for the worst."""
    return {
        f"s{i:02}": {
            "easy": float(i < n - 1),
            "hard": 2.0 * (i < 4) + 1.0 * (i == 4),
            "odd": float(i >= 6),
        }
        for i in range(n)
    }


def test_shares_count_full_points_alone():
    found = {item.name: item for item in items.items(made_class(), MOST)}
    assert (found["easy"].passed, found["hard"].passed, found["odd"].passed) == (11, 4, 6)
    assert found["hard"].share == pytest.approx(1 / 3)
    assert found["hard"].mean == pytest.approx((4 * 2 + 1) / (12 * 2))


def test_discrimination_is_the_correlation_with_the_rest():
    scores = made_class()
    table = np.array([[row[name] for name in MOST] for row in scores.values()])
    for column, item in enumerate(items.items(scores, MOST)):
        rest = np.delete(table, column, axis=1).sum(axis=1)
        expected = np.corrcoef(table[:, column], rest)[0, 1]
        assert item.discrimination == pytest.approx(expected, rel=1e-12)


def test_a_test_that_the_better_half_fails_is_said_so():
    found = {item.name: item for item in items.items(made_class(), MOST)}
    assert found["odd"].discrimination < 0
    assert "those who did well" in found["odd"].advice


def test_a_test_that_nobody_passes_asks_for_a_look_at_the_text():
    scores = {f"s{i}": {"a": 0.0, "b": float(i)} for i in range(12)}
    nobody = items.items(scores, {"a": 1.0, "b": 11.0})[0]
    assert nobody.discrimination is None
    assert nobody.advice.startswith("nobody passes")


def test_of_a_small_class_nothing_is_claimed():
    scores = made_class(n=9)
    assert all(item.discrimination is None for item in items.items(scores, MOST))
    assert not any(item.advice for item in items.items(scores, MOST))
    assert items.failing_together(scores, MOST, {}) == []


def test_a_test_without_points_is_left_out():
    assert [item.name for item in items.items({"s": {"a": 0.0}}, {"a": 1.0, "b": 0.0})] == ["a"]


def test_tests_that_the_same_students_fail_are_paired_but_not_within_an_exercise():
    scores = {
        f"s{i:02}": {
            "x-1": float(i > 3),
            "x-2": float(i > 3),
            "y-1": float(i > 4),
            "z-1": float(i % 2),
        }
        for i in range(12)
    }
    most = dict.fromkeys(scores["s00"], 1.0)
    pairs = items.failing_together(scores, most, {name: name[0] for name in most})
    assert [pair.tests for pair in pairs] == [("x-1", "y-1"), ("x-2", "y-1")]
    assert (pairs[0].both, pairs[0].either) == (4, 5)


def test_scores_fall_into_tenths_and_the_full_score_into_the_last():
    found = items.summary([0.0, 0.99, 1.0, 9.9, 10.0, 11.0], 10.0)
    assert found.bins == (2, 1, 0, 0, 0, 0, 0, 0, 0, 3)


def test_quartiles_and_spread_are_numpys():
    scores = [3.0, 8.5, 1.0, 7.0, 4.0, 10.0, 2.5]
    found = items.summary(scores, 10.0)
    assert found.quartiles == pytest.approx(np.quantile(scores, [0.25, 0.5, 0.75]))
    assert found.spread == pytest.approx(np.std(scores, ddof=1))


def test_one_score_has_no_spread():
    found = items.summary([2.0], 4.0)
    assert (found.spread, found.quartiles) == (0.0, (2.0, 2.0, 2.0))


def test_two_students_make_no_pattern():
    scores = {f"s{i:02}": {"x": float(i > 1), "y": float(i > 1)} for i in range(12)}
    assert items.failing_together(scores, {"x": 1.0, "y": 1.0}, {}) == []
    scores["s02"] = {"x": 0.0, "y": 0.0}
    assert len(items.failing_together(scores, {"x": 1.0, "y": 1.0}, {})) == 1


def test_advice_waits_for_more_than_chance():
    weak = items.Item("t", passed=8, count=12, mean=0.7, discrimination=-0.2)
    assert "those who did well" not in weak.advice
    clear = items.Item("t", passed=60, count=100, mean=0.7, discrimination=-0.2)
    assert "those who did well" in clear.advice
