"""checks/mistakes: it names the kind that an answer shows, and none where that is left open."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from mlpkit import checks
from mlpkit.checks import mistakes

DRAWS = torch.Generator().manual_seed(7)
A = torch.randn(4, 4, generator=DRAWS, dtype=torch.float64)
V = torch.randn(5, generator=DRAWS, dtype=torch.float64)
WHOLE = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
UNSEEN = 1.0 - V.abs() * math.e  # tells no kind
SMALL = torch.tensor([0.07065082, 4.501406e-07, 3.743049e-13])
SMALL_LOST = torch.tensor([0.07065082, 4.768372e-07, 0.0])


def refused(actual, expected, **options) -> checks.CheckError:
    with pytest.raises(checks.CheckError) as raised:
        checks.expect_close(actual, expected, **options)
    return raised.value


def kind(actual, expected, **options) -> str | None:
    return refused(actual, expected, **options).kind


@pytest.mark.parametrize(
    ("actual", "expected", "named", "said"),
    [
        (A.T, A, "transposed", "Its transpose would be right."),
        (A[:3].T, A[:3], "transposed", "Its transpose would be right."),
        (WHOLE.T, WHOLE, "transposed", "Its transpose would be right."),
        (-A, A, "negated", "Each number has the wrong sign."),
        (-A.float(), A.float(), "negated", "Each number has the wrong sign."),
        (14, -14.0, "negated", "It has the wrong sign."),
        (-math.log(3), math.log(3), "negated", "It has the wrong sign."),
        (torch.tensor([-2.0, 5.0]), torch.tensor([2.0, 5.0]), "negated", "the sign alone is"),
        (2 * A, A, "factor", "Each number is twice what was expected."),
        (A / 2, A, "factor", "Each number is half what was expected."),
        (4 * V.float(), V.float(), "factor", "Each number is 4 times what was expected."),
        (V / 4, V, "factor", "Each number is 1/4 of what was expected."),
        (66.66666667, 2 / 3, "factor", "in percent?"),
        (72.5, 0.725, "factor", "in percent?"),
        (1536, 192, "factor", "in bits?"),
        (math.log2(10), math.log(10), "factor", "a logarithm of base 2?"),
        (V + 1, V, "offset", "Each number is 1 too large."),
        (V - 0.25, V, "offset", "Each number is 0.25 too small."),
        ([0, 1, 2, 1.5, 1], [1, 2, 3, 2.5, 2], "offset", "Each number is 1 too small."),
        (V.flip(0), V, None, ""),  # as of a function that mirrors
        (V.flip(0).tolist(), V.tolist(), "reversed", "In reverse order it would be right."),
        ([3, 0, 1], [1, 0, 3], None, ""),  # two magnitudes alone
        ([3, 1, 2], [2, 1, 3], "reversed", "In reverse order it would be right."),
        (V.square(), V, "square", "Each number is the square of what was expected."),
        (V.abs().sqrt(), V.abs(), "square", "the square root of what was expected."),
        (V.float().double(), V, "lower-precision", "is a step of it computed in float32?"),
    ],
)
def test_a_wrong_value_shows_its_kind(actual, expected, named, said):
    error = refused(actual, expected, rtol=1e-9)
    assert error.kind == named
    assert said in str(error).replace("\n  ", " ")


@pytest.mark.parametrize(
    ("actual", "expected", "named", "said"),
    [
        (torch.zeros(5, dtype=torch.float64), V, "zero", "Each number is 0"),
        (0.0, 2.5, "zero", "It is 0"),
        (V * (1 + 2e-4), V, "imprecise", "right to some 3 digits"),
        (V * (1 + 3e-6), V, "imprecise", "right to some 5 digits"),
        (SMALL_LOST, SMALL, "imprecise", "The large numbers are right, small ones are lost"),
        (torch.tensor([0.0, 1.00003]), torch.tensor([0.0, 1.0]), "imprecise", "some 4 digits"),
        (0.0004, 0.0, "imprecise", "what is left is small"),
        (3, 2, "off-by-one", "It is 1 too large"),
        ([4, 2], [5, 2], "off-by-one", "What is wrong is 1 too small"),
        (3 * (10**7 + 1), 10**7 + 1, "factor", "exactly 3 times what was expected"),
        (10**7 + 1, 8 * (10**7 + 1), "factor", "exactly 1/8 of what was expected"),
        (False, True, "opposite", ""),
        ("float", "int", "wrong-type", ""),
    ],
)
def test_where_nothing_explains_a_value_its_message_states_what_is_seen(
    actual, expected, named, said
):
    error = refused(actual, expected, rtol=1e-9)
    assert error.kind == named
    assert said in str(error).replace("\n  ", " ")


def test_a_whole_number_that_went_through_a_float_is_told_so():
    with pytest.raises(checks.CheckError) as raised:
        checks.expect_equal(int(float(10**17 + 1)), 10**17 + 1)
    assert raised.value.kind == "imprecise"
    assert "A float holds 16 digits of it" in str(raised.value)


@pytest.mark.parametrize(
    ("message", "named"),
    [
        ("epochs: expected 1 to 100, got 101", "out-of-range"),
        ("hidden_sizes: no hidden unit in []", "out-of-range"),
        ("hidden_sizes: expected a list, got 13", "wrong-type"),
        ("data should be a float, and its type is int", "wrong-type"),
        ("of its singular values [1, 0]\nmore than 1 should be above 0", "low-rank"),
        ("double(1): expected 2", None),
        ("(0, 1) against (1, 1): expected a gap, got 0.0", None),
    ],
)
def test_what_an_assert_says_in_words_has_a_kind_and_no_more_to_say(message, named):
    found = mistakes.name_error(AssertionError(message))
    assert (found and found.kind) == named
    assert mistakes.explain(AssertionError(message)) is None


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (UNSEEN, V),
        (2.0, 1.0),  # too many a number is twice another one
        (2.828427, 1.414214),
        (-1.0, 1.0),
        (torch.tensor([-1.0, -1.0]), torch.tensor([1.0, 1.0])),
        (torch.tensor([0.0, 2.0]), torch.tensor([0.0, 1.0])),
        (torch.tensor([1.0, 2.0]), torch.tensor([2.0, 1.0])),  # the slopes of a max
        (torch.tensor([1.0, 2.0]), torch.tensor([0.0, 1.0])),  # an offset, or else
        (torch.tensor([[0.0, -2.0], [2.0, 0.0]]), torch.tensor([[0.0, 2.0], [-2.0, 0.0]])),
        (torch.tensor([0.5, 1.0]), torch.tensor([0.0, 1.0])),
        (1.3 * V, V),  # no factor that anybody would lose
        (-2 * V, V),
        (V.square() + 1e-4, V),
        (A.T + 1e-3, A),
        (V, torch.zeros(5, dtype=torch.float64)),
        (2.0, 2.0**0.5),
        (torch.tensor([0.42, 0.42]), torch.tensor([4.5e-7, 3.7e-13])),
        (torch.tensor([1.0, 2.0, 0.42]), torch.tensor([2.0, 4.0, 0.43])),
        (torch.tensor([1.5, 1e-4]), torch.tensor([3.0, 2e-4])),
        ([2.0, 1.0], [1.0, 2.0]),
        ("tanh", "relu"),
        (4, 2),  # of whole numbers two are often near
        (0, 7),
        ([2, 0], [1, 1]),
        (2 * 10**7 + 3, 10**7 + 1),
        (40 * (10**7 + 1), 10**7 + 1),
        (1.01, 1.0),  # so near many a wrong number comes by chance
        ([1, "a"], [2, "a"]),
        (torch.tensor([True, False]), torch.tensor([False, True])),
    ],
)
def test_a_wrong_value_that_may_be_anything_shows_none(actual, expected):
    error = refused(actual, expected)
    assert error.kind is None
    assert len(str(error).splitlines()) <= 3


def test_two_kinds_that_explain_the_same_name_none():
    odd = torch.tensor([[0.0, 1.23], [-1.23, 0.0]])
    assert kind(odd.T, odd) is None  # its transpose is its negative


@pytest.mark.parametrize(
    ("actual", "expected", "named", "said"),
    [
        (7 * A, A, "summed", "a sum over 7, where their mean is asked for?"),
        (A / 7, A, "averaged", "a mean over 7, where their sum is asked for?"),
        (5 * A, A, "summed", "a sum over 5"),
        (3 * A, A, None, ""),
        (-7 * A, A, None, ""),
        (2.0, 14.0, "averaged", "a mean over 7"),
        (14.0, 2.0, None, ""),
        (2 * A, A, "factor", "a factor 2 too many, or a sum over 2 for their mean?"),
        (A / 2, A, "factor", "a factor 2 lost, or a mean over 2 for their sum?"),
        (2 * math.pi, math.pi, "factor", "a sum over 2 for their mean?"),
        (28.0, 14.0, None, ""),
    ],
)
def test_a_factor_that_is_a_size_in_sight_is_a_sum_or_a_mean(actual, expected, named, said):
    X, y = torch.ones(7, 5), [torch.ones(2)]
    with pytest.raises(checks.CheckError) as raised:
        checks.expect_close(actual, expected)
    assert raised.value.kind == named
    assert said in " ".join(str(raised.value).split())
    assert X.shape and y


def test_sizes_are_in_sight_in_lists_and_of_the_test_alone():
    batches = [(torch.ones(6, 3), torch.ones(6))]  # noqa: F841

    def asks():
        other = torch.ones(9)  # noqa: F841
        return mistakes.sizes_in_sight()

    assert mistakes.sizes_in_sight() == {6, 3}
    assert asks() == {9}


@pytest.mark.parametrize(
    ("actual", "expected", "named", "said"),
    [
        (torch.ones(2, dtype=torch.int64), torch.ones(2), "integer-dtype", "`dtype=x.dtype`"),
        (torch.ones(2, dtype=torch.bool), torch.ones(2), "integer-dtype", "`dtype=x.dtype`"),
        (V.float(), V, "lower-precision", "A new tensor is float32"),
        (V.half(), V, "lower-precision", "wrong dtype"),
        (V, V.float(), "other-dtype", "wrong dtype"),
        (torch.ones(2), torch.ones(2, dtype=torch.int64), "other-dtype", "wrong dtype"),
        (torch.float32, torch.float64, "lower-precision", "expected torch.float64"),
        (torch.float64, torch.float32, "other-dtype", "got      torch.float64"),
        (V.shape, (5, 1), "wrong-shape", "expected (5, 1)\n  got      (5,)"),
        (V.bfloat16(), V.half(), "other-dtype", "wrong dtype"),
        (V.numpy(), V, "numpy", "This is NumPy's"),
        (np.float64(1.0), torch.tensor(1.0), "numpy", "This is NumPy's"),
        (V.tolist(), V, "wrong-type", "got      list"),
        ((V,), V, "wrong-type", "is there a comma behind what you return?"),
        (torch.sort(A, 0), V, "wrong-type", "take the one called values"),
        (torch.max(A, 0), V, "wrong-type", "or torch.maximum for each entry"),
        (None, V, "none-returned", "did you forget `return`?"),
        (V * math.nan, V, "not-finite", "nan comes of"),
        (math.inf, 1.0, "not-finite", "inf comes of"),
        (-torch.zeros(1).log(), torch.ones(1), "not-finite", "of log(0)"),
        (V[None], V, "wrong-shape", "is there an axis too many"),
        (V[:4], V, "wrong-shape", "got      (4,)"),
        (V[:1], float(V[0]), "wrong-shape", "is there an axis too many"),
        (A, A.sum(0), "wrong-shape", "Its sum over axis 0 would be right."),
        (A, A.sum(1), "wrong-shape", "Its sum over axis 1 would be right."),
        (V, float(V.sum()), "wrong-shape", "Its sum over axis 0 would be right."),
        (A, float(A.sum()), "wrong-shape", "The sum of its entries would be right."),
        (V, float(V.mean()), "wrong-shape", "Its mean over axis 0 would be right."),
        (A, A.mean(1), "wrong-shape", "Its mean over axis 1 would be right."),
        (A, float(A.mean()), "wrong-shape", "The mean of its entries would be right."),
        (nn.ReLU(), V, "wrong-type", "A class of nn, such as nn.ReLU, makes a layer"),
        (A < 1, True, "wrong-type", "expected a bool\n  got      Tensor"),
        (torch.zeros(2, 3), torch.zeros(3, 2), "wrong-shape", "got      (2, 3)"),
        ([A], [A, A], "wrong-length", "expected 2\n  got      1"),
        ({"V": A}, {"W": A}, "wrong-keys", "expected ['W']\n  got      ['V']"),
        ((A, V), (V, A), "reversed", "The parts are right, in reverse order."),
        ([V, -V, A], [A, -V, V], "reversed", "The parts are right, in reverse order."),
        ([V, A, V], [A, V, V], "wrong-shape", "wrong shape"),
    ],
)
def test_another_difference_shows_its_kind(actual, expected, named, said):
    error = refused(actual, expected)
    assert error.kind == named
    assert said in str(error)


def test_detached_and_what_calls_show_have_kinds():
    with pytest.raises(checks.CheckError) as raised:
        checks.value_and_grad(torch.Tensor.detach, V)
    assert raised.value.kind == "detached"
    with pytest.raises(checks.CheckError) as raised:
        checks.expect_keeps_arguments(torch.Tensor.neg_, V)
    assert raised.value.kind == "argument-changed"


def test_an_error_carries_no_values():
    error = refused(-A, A)
    assert type(error.difference) is checks.Difference
    assert error.difference == checks.Difference("wrong-value", error.difference.text, "negated")


def printing(x):
    print("value:", x)


def test_what_is_printed_and_not_returned_is_named(capsys):
    def fails(f):
        with pytest.raises(checks.CheckError) as raised, mistakes.watched_prints():
            checks.expect_close(f(1.0), 1.0, "f(1)")
        return raised.value

    error = fails(printing)
    assert error.kind == "printed"
    assert "f(1) is None" in str(error) and "`print` shows a value" in str(error)
    assert capsys.readouterr().out == "value: 1.0\n"
    assert fails(lambda x: print()).kind == "none-returned"
    assert fails(lambda x: None).kind == "none-returned"
    printing(1.0)
    assert not mistakes.something_was_printed()


# --- how messages look

SHORT = [
    ((2,), (2, 1), "expected (2, 1)\n  got      (2,)"),
    (torch.ones(2).shape, (2, 1), "expected (2, 1)\n  got      (2,)"),
    ([[0], [1, 2]], [[0, 2], [1]], "expected [[0, 2], [1]]\n  got      [[0], [1, 2]]"),
    ([0, 1], [0, 1, 2], "expected [0, 1, 2]\n  got      [0, 1]"),
    (["relu"], ["tanh"], "expected ['tanh']\n  got      ['relu']"),
    ((1.0, None), (1.0, 2.0), "result[1] is None"),
]


@pytest.mark.parametrize(("actual", "expected", "said"), SHORT)
def test_shapes_and_short_lists_are_shown_whole(actual, expected, said):
    assert said in str(refused(actual, expected))


def test_a_long_list_shows_its_first_difference():
    error = refused([*range(90)], [*range(89), 7])
    assert str(error) == "result[89] is wrong\n  expected 7\n  got      89"


def test_one_wrong_tensor_in_a_list_of_right_ones_is_told_so():
    wanted = [A, V, V + A[0, 0]]
    wrong = V.roll(1)
    said = str(refused([A, wrong, wanted[2]], wanted, what="dweights"))
    assert said.splitlines()[-1] == "  The other parts are right."
    said = str(refused([wrong, wanted[2]], wanted[1:], what="dweights"))
    assert said.splitlines()[-1] == "  dweights[1] is right."
    assert "right" not in str(refused([wrong, wrong, V], [*wanted[1:], V], what="dweights"))
    assert "is right" not in str(refused([-V, A], [V, A], what="dweights"))  # a mistake is named
    assert "is right" not in str(refused([wrong], [V], what="dweights"))


def test_messages_break_at_80_columns():
    wanted = torch.linspace(-1 / 3, 7 / 9, 12).reshape(2, 6)
    what = "the gradient of a function whose name is long with respect to its second argument"
    text = str(refused(UNSEEN[0] * wanted.cos(), wanted, what=what))
    lines = text.splitlines()
    assert max(map(len, lines)) <= 80
    assert [line for line in lines if line.startswith(" " * 11)]
    assert " ".join(text.split()).startswith(f"{what} is wrong expected [[-0.3333333, -0.2")
    assert checks.compare.wrapped("x" * 100) == "x" * 100


# --- errors


def raised_by(f, *args) -> BaseException:
    with pytest.raises(Exception) as raised:
        f(*args)
    return raised.value


def deeper(n):
    return deeper(n + 1)


def relu(x):  # and meant to call torch's
    return relu(x)


def cross_entropy(x):
    return cross_entropy(x)


def without_import(x):
    return F.relu(x)  # noqa: F821


def one_by_one(x):
    return max(x, 0)


def never_backward(x):
    x = x.clone().requires_grad_()
    return x - 0.1 * x.grad


def other_variable(x):
    return X.sum() + x  # noqa: F821


def misspelt(x):
    return rleu(x)  # noqa: F821


def misspelt_local(x):
    dweights = [x]
    return dweight[0], dweights  # noqa: F821


def twice_backward(x):
    y = x.clone().requires_grad_().exp().sum()
    y.backward()
    y.backward()


def without_parentheses(x):
    with torch.no_grad:
        return x


def local_too_late(x):
    y = y + x  # noqa: F821, F841


def grads_of(steps):
    return [step.grad for step in steps]


def unpacks(value):
    dx, dalpha = value
    return dx, dalpha


LEAF = torch.ones(2, requires_grad=True)


@pytest.mark.parametrize(
    ("f", "arguments", "named", "said"),
    [
        (deeper, (0,), "raised", "deeper calls itself deeper than Python allows"),
        (relu, (V,), "raised", "is another function of this name meant, such as torch.relu?"),
        (without_import, (V,), "undefined", "write `from torch.nn import functional as F`"),
        (one_by_one, (V,), "raised", "`torch.where`"),
        (math.exp, (V,), "raised", "such as `torch.exp`"),
        (never_backward, (V,), "raised", "no backward() has filled it"),
        (torch.add, (V, V[:3]), "raised", "the wrong axis"),
        (torch.mm, (A, A.float()), "raised", "two dtypes meet"),
        (V.item, (), "raised", "a tensor of one entry"),
        (A.T.view, (-1,), "raised", "change a flat copy"),
        (other_variable, (V,), "other-variable", "X is not defined here, but x is"),
        (misspelt, (V,), "undefined", "rleu is not defined"),
        (unpacks, (None,), "none-returned", "did you forget `return`?"),
        (unpacks, (2.0,), "wrong-type", "several values, and gives one"),
        (unpacks, (V,), "wrong-length", "2 values are taken out"),
        (unpacks, ([V],), "wrong-length", "2 values are taken out"),
        (LEAF.mul_, (2,), "argument-changed", "in place"),
        (LEAF[:1].mul_, (2,), "argument-changed", "under `torch.no_grad()`"),
        (LEAF.numpy, (), "numpy", "NumPy cuts autograd off"),
        (torch.ones(1).sum().backward, (), "raised", "autograd"),
        (torch.mm, (A, A[:3]), "raised", "product of (4, 4) and (3, 4) does not fit: is a `.T`"),
        (torch.add, (V, V[:3]), "raised", "entry by entry, 5 and 3 along axis 0"),
        (cross_entropy, (V,), "raised", "such as nn.functional.cross_entropy?"),
        (misspelt_local, (V,), "other-variable", "dweight is not defined here, but dweights is"),
        (twice_backward, (V,), "raised", "`retain_graph=True`"),
        (LEAF.backward, (), "raised", "starts from one number"),
        (torch.ones(1).sum().backward, (), "raised", "cut off, or a constant"),
        (nn.functional.cross_entropy, (WHOLE[0].long(), V), "raised", "arguments exchanged?"),
        (lambda a, b: (a,) == (b,), (A, -A), "raised", "the `==` of tuples"),
        (lambda a: (torch.max(a, 1) == V).sum(), (A,), "raised", "`argmax` the places"),
        (lambda a: a - a.max(1), (A,), "wrong-type", "take `.values`"),
        (nn.CrossEntropyLoss, (A, V), "raised", "makes a layer and computes nothing yet"),
        (lambda a: nn.ReLU(a) @ a, (A,), "wrong-type", "makes a layer and computes nothing yet"),
        (lambda pair: pair["loss"], ((1, 2),), "wrong-type", "a dict is due here"),
        (without_parentheses, (V,), "raised", "with its parentheses"),
        (V[:0].max, (), "raised", "in which case is nothing left?"),
        (A.gather, (1, torch.tensor([0, 1])), "raised", "as many axes as its tensor"),
        (unpacks, ([1, 2, 3],), "wrong-length", "out of something that has "),
        (unpacks, ([1],), "wrong-length", "something that has 1"),
    ],
)
def test_an_error_is_explained(f, arguments, named, said):
    error = raised_by(f, *arguments)
    assert mistakes.name_error(error).kind == named
    assert said in mistakes.explain(error)


@pytest.mark.parametrize(
    "error",
    [
        ValueError("no"),
        KeyError("unpack"),
        NameError("no name"),
        raised_by(local_too_late, 1),
        raised_by(grads_of, [None]),
    ],
)
def test_an_error_that_may_mean_anything_is_not_explained(error):
    assert mistakes.explain(error) is None


def test_a_choice_that_is_not_defined_says_what_to_do():
    error = NameError("name 'choice' is not defined", name="choice")
    assert 'a letter goes in quotes, as in choice = "A"' in mistakes.explain(error)


def test_none_where_a_dict_is_due_is_a_lost_return():
    error = AssertionError("small_network: expected a dict, got NoneType")
    assert mistakes.name_error(error).kind == "none-returned"
    assert "did you forget `return`?" in mistakes.explain(error)


def test_what_is_not_finite_in_the_input_explains_itself():
    x = torch.tensor([math.inf, 1.0])
    with pytest.raises(checks.CheckError) as raised:
        checks.expect_close(-x, torch.zeros(2))
    assert (raised.value.kind, len(str(raised.value).splitlines())) == ("not-finite", 3)
    with pytest.raises(checks.CheckError) as raised:
        checks.expect_close(x * math.nan, torch.zeros(2))
    assert "0 * inf" in str(raised.value)  # for the input has no nan of its own
    x = torch.tensor([math.nan, 1.0])
    with pytest.raises(checks.CheckError) as raised:
        checks.expect_close(-x, torch.zeros(2))
    assert len(str(raised.value).splitlines()) == 3


def test_a_test_that_stumbles_over_none_says_so():
    def test():
        return printing(1.0)["key"]

    def other():
        return None + 1

    assert mistakes.name_error(raised_by(test)).kind == "none-returned"

    def test():  # which hands a function of its own over
        return (lambda x: printing(x) + 1)(1.0)

    assert mistakes.name_error(raised_by(test)).kind == "none-returned"
    assert mistakes.name_error(raised_by(other)) is None


@pytest.mark.parametrize(
    ("wrong", "case"),
    [
        ([1, 1, 0, 0, 0], "negative"),
        ([0, 0, 1, 0, 0], "0"),
        ([0, 0, 0, 1, 1], "positive"),
        ([1, 1, 1, 0, 0], "0 or negative"),
        ([0, 0, 1, 1, 1], "0 or positive"),
        ([1, 0, 0, 0, 0], None),
        ([1, 1, 0, 1, 1], None),
        ([1, 1, 1, 1, 1], None),
    ],
)
def test_a_case_of_x_that_alone_is_wrong_is_named(wrong, case):
    x = torch.tensor([-2.0, -0.5, 0.0, 0.5, 2.0])
    wanted = torch.tensor([0.3, 0.7, 1.1, 1.7, 1.9])
    with pytest.raises(checks.CheckError) as raised:
        checks.expect_close(wanted + torch.tensor(wrong) * (1 + x.square()), wanted)
    assert raised.value.kind == (case and "one-case")
    assert case is None or str(raised.value).endswith(f"\n  Right, except where x is {case}.")


def test_one_right_number_makes_no_case():
    x = torch.tensor([-2.0, 0.5])
    with pytest.raises(checks.CheckError) as raised:
        checks.expect_close(x + torch.tensor([1.0, 0.0]), x)
    assert raised.value.kind is None
    with pytest.raises(checks.CheckError) as raised:
        checks.expect_close(x * (1 + 3e-6), x)  # no case where x is 0, either
    assert raised.value.kind == "imprecise"


def test_the_shape_of_something_is_a_shape():
    with pytest.raises(checks.CheckError) as raised:
        checks.expect_equal((1, 6), (1, 3), "the shape of W")
    assert raised.value.kind == "wrong-shape"


@pytest.mark.parametrize(
    ("got", "wanted"),
    [([1], "float32"), (3, [1, 2]), ({}, "int"), ([1], [1, 2]), (None, [1]), (1.5, 10**400)],
    ids=range(6),
)
def test_answers_of_another_kind_show_none(got, wanted):
    assert mistakes.name_mistake("wrong-value", got, wanted) is None
