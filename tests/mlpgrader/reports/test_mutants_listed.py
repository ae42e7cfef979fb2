"""What the terminal shows of mutants and answers."""

from mlpgrader.reports.mutants import matrix_listed, survivors_listed
from mlpgrader.results import JudgedAnswer, Matrix, MutantsResult, Survivor


def test_a_survivor_is_a_diff_that_can_be_copied():
    left_out = Survivor("value", 7, "Value.backward", "x" * 200 + " += 1", "")
    explained = Survivor("mean", 2, "mean", "a", "b", "a is b")
    text = survivors_listed(MutantsResult("means", 9, [left_out, explained])).plain
    assert text.splitlines() == ["value, Value.backward, line 7", "- " + "x" * 200 + " += 1"]


def test_a_row_marks_what_fails_and_what_is_otherwise_than_it_says():
    tests = {"mean": ["mean-values", "mean-empty"], "mean-choice": ["mean-choice-answer"]}
    answers = [
        JudgedAnswer("mean", "[built] in", [], []),
        JudgedAnswer("mean", "the sum", ["mean-empty"], ["mean-empty"]),
        JudgedAnswer("mean", "n - 1", ["mean-empty"], ["mean-choice-answer", "mean-values"]),
    ]
    text = matrix_listed(Matrix("means", tests, answers)).plain
    assert text.splitlines()[:7] == [
        "mean",
        "┌ values",
        "│ ┌ empty",
        "· · [built] in",
        "· ✗ the sum",
        "F P n - 1 (fails mean-choice-answer as well)",
        "",
    ]
    assert text.splitlines()[-1] == "means: 3 answers, 1 otherwise than they say"
    assert "mean-choice\n" not in text  # it has no answers
