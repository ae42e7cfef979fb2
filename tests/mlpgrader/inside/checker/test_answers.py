"""Outlines of answers: what is kept of them, and what they tell apart."""

import json

import numpy as np
import pytest
import torch

from mlpgrader.inside.checker.answers import MOST_ANSWERS, MOST_PARTS, Answers, outline


def test_small_tensors_are_kept_whole_with_dtype_and_shape():
    [part] = outline(torch.tensor([[1.5, -2.0]], dtype=torch.float64))
    assert part == ["float64 [1, 2]", [1.5, -2.0], [], 2.5]


@pytest.mark.parametrize("place", [0, 11, 12, 500, 999])
def test_a_large_tensor_differs_wherever_an_entry_does(place):
    x = torch.randn(1000, generator=torch.Generator().manual_seed(1))
    changed = x.clone()
    changed[place] += 1
    [one], [other] = outline(x), outline(changed)
    assert len(one[1]) == 12
    assert all(abs(a - b) > 0.1 for a, b in zip(one[2], other[2], strict=True))


def test_two_entries_exchanged_make_a_difference():
    x = torch.arange(100.0)
    [one], [other] = outline(x), outline(x.flip(0))
    assert one[2] != other[2]


def test_lists_and_dicts_are_told_with_their_parts():
    kinds = [part[0] for part in outline({"a": (1, 2.0), "b": [True, None, "text"]})]
    expected = ["dict 2 a, b", "tuple 2", "int", "float", "list 3", "bool", "NoneType None"]
    assert kinds == [*expected, "str text"]


@pytest.mark.parametrize(
    "answer",
    [
        [0] * 10_000,
        {number: number for number in range(10_000)},
        10**400,
        {10**5000: 1},
        [{f"{number:>40}": -1.2345678901234567e-100 for number in range(20)}] * 20,
        [torch.rand(20, dtype=torch.float64)] * 50,
        "x" * 10_000,
        [[[[[[[[[[[[]]]]]]]]]]]],
        torch.tensor([float("nan"), float("inf")] * 50),
        torch.ones(3, dtype=torch.bfloat16),
        torch.ones(3, dtype=torch.complex64),
        torch.zeros(0),
        torch.tensor(True),
        torch.zeros(2_000_000),
        np.arange(5),
        np.array(["a"]),
    ],
    ids=lambda answer: type(answer).__name__,
)
def test_any_answer_leaves_little(answer):
    parts = outline(answer)
    assert len(parts) <= MOST_PARTS
    assert len(json.dumps(parts)) < 10_000


def test_the_last_answers_come_first_and_all_calls_are_counted():
    answers = Answers()
    for number in range(10):
        answers.begin()
        answers.end(number)
    answers.begin()  # it raises
    kinds = answers.outlines()
    assert kinds[0] == [["raised", [], [], 0.0]]
    assert [answer[0][1] for answer in kinds[1:MOST_ANSWERS]] == [[9.0], [8.0], [7.0], [6.0], [5.0]]
    assert kinds[-1][0][0] == "11 calls"
